//! Memory: what the contract itself costs, when no engine is behind it.

use std::time::Instant;

use ledger_core::Condition;

use crate::Result;
use crate::bench::Bench;
use crate::corpus::{Corpus, Shape};
use crate::measure::{rate, repeat};
use crate::report::{Target, Unit};

/// Appends a second in batches of 1,000, the drafts prepared.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    const EVENTS: usize = 100_000;
    const BATCH: usize = 1_000;
    for (shape, target) in [(Shape::Plain, Target::Rate(1e6)), (Shape::Tagged, Target::None)] {
        let case = format!("memory/append/{BATCH}/{}", shape.name());
        if !bench.wants(&case) {
            continue;
        }
        let batches = Corpus::new(shape, 1)?.batches(EVENTS, BATCH)?;
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
