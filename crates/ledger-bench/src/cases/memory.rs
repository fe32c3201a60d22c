//! Memory: what the contract itself costs, when no engine is behind it.

use std::time::Instant;

use ledger_core::Condition;

use crate::Result;
use crate::bench::Bench;
use crate::corpus::{Corpus, Shape};
use crate::measure::{rate, repeat};
use crate::report::{Target, Unit};

const EVENTS: usize = 100_000;
const CASES: [(usize, Shape, Target); 5] = [
    (1, Shape::Plain, Target::None),
    (100, Shape::Plain, Target::None),
    (1_000, Shape::Plain, Target::Rate(1e6)),
    (1_000, Shape::Tagged, Target::None),
    (10_000, Shape::Plain, Target::None),
];

/// Appends a second, one by one and in batches, the drafts prepared.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    for (size, shape, target) in CASES {
        let case = format!("memory/append/{size}/{}", shape.name());
        if !bench.wants(&case) {
            continue;
        }
        let batches = Corpus::new(shape, 1)?.batches(EVENTS, size)?;
        let median = repeat(bench.rounds, async |_| {
            let ledger = backends::open("memory:").await?;
            let start = Instant::now();
            for batch in &batches {
                ledger.append(batch, &Condition::None).await?;
            }
            Ok(rate(EVENTS, start))
        });
        bench.report.figure(&case, Unit::PerSecond, median.await?, target);
    }
    Ok(())
}
