//! Lineage: it must take the same time however much a ledger holds beside the answer.

use std::time::Instant;

use ledger_core::lineage::{AsOf, lineage};
use ledger_core::views::Operation;
use ledger_core::views::lineage::Reach;
use ledger_core::{Artifact, Condition, Draft, Ledger, MAX_BATCH_EVENTS};

use crate::Result;
use crate::bench::{Backend, Bench};
use crate::measure::{micros, repeat};
use crate::report::{Target, Unit};

/// How many operations the smaller ledger holds.
const SMALL: usize = 10_000;
/// How many operations the answer has: a tree, each made from two others, ten deep.
const ANSWER: usize = 1_000;

/// Runs the cases of this file.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    let mut sizes = vec![SMALL, bench.sizes.operations];
    sizes.dedup();
    for operations in sizes {
        for backend in Backend::DURABLE {
            let case = format!("{}/lineage/{operations}", backend.name());
            if let Some(ledger) = bench.create(backend, &case).await? {
                let target = if backend == Backend::ClickHouse { Target::None } else { Target::Below(1e5) };
                walk(bench, &case, &*ledger, operations, target).await?;
            }
        }
    }
    Ok(())
}

/// Asks where an artifact came from that a thousand operations led to, among many that did not.
async fn walk(bench: &mut Bench, case: &str, ledger: &dyn Ledger, operations: usize, target: Target) -> Result<()> {
    for first in (0..operations).step_by(MAX_BATCH_EVENTS) {
        let last = operations.min(first + MAX_BATCH_EVENTS);
        let drafts: Vec<Draft> = (first..last).map(|n| draft(n, operations)).collect::<Result<_>>()?;
        ledger.append(&drafts, &Condition::None).await?;
    }
    let root = Artifact::new("answer_0")?;
    let median = repeat(bench.rounds, async |_| {
        let start = Instant::now();
        let graph = lineage(ledger, &root, Reach::default(), AsOf::Now).await?;
        let took = micros(start);
        if graph.operations.len() != ANSWER {
            return Err(format!("{} operations were found, not {ANSWER}", graph.operations.len()).into());
        }
        Ok(took)
    });
    bench.report.figure(case, Unit::Micros, median.await?, target);
    Ok(())
}

/// Returns one of the operations; those of the answer stand evenly among the others.
fn draft(n: usize, operations: usize) -> Result<Draft> {
    let apart = operations / ANSWER;
    let (place, answer) = (n / apart, n.is_multiple_of(apart));
    let names = if answer && place < ANSWER {
        // The tree's leaves are made first.
        let node = ANSWER - 1 - place;
        [format!("answer_{}", 2 * node + 1), format!("answer_{}", 2 * node + 2), format!("answer_{node}")]
    } else {
        [format!("table_{}", n / 2), format!("table_{}", n / 3), format!("table_{n}")]
    };
    let [one, other, made] = names.map(Artifact::new);
    let operation = Operation::new("join")?.input("source_0", one?)?.input("source_1", other?)?.output(made?)?;
    Ok(operation.sql("SELECT * FROM source_0 JOIN source_1 USING (id)").finished()?)
}
