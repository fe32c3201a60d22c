//! Single appends, each durable when it returns: some tasks at once against one task alone.

use std::sync::Arc;
use std::time::Instant;

use ledger_core::{Condition, Draft, Ledger};

use crate::Result;
use crate::bench::Bench;
use crate::corpus::{Corpus, Shape};
use crate::measure::{Side, duel, rate};
use crate::report::Target;

/// How many tasks, and how many events each appends.
const TASKS: [(usize, usize); 3] = [(8, 100), (64, 40), (512, 10)];
const ALONE: usize = 150;

/// Runs the cases of this file.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    for (tasks, each) in TASKS {
        let target = if tasks == 64 { Target::Ratio(5.0) } else { Target::None };
        let case = format!("sqlite/append/1x{tasks}-tasks");
        if bench.wants(&case) {
            let path = bench.fresh_path();
            compare(bench, &case, backends::open(&path.to_string_lossy()).await?, (tasks, each), target).await?;
        }
        let case = format!("postgres/append/1x{tasks}-tasks");
        if bench.wants(&case)
            && let Some(schema) = bench.fresh_schema().await
        {
            compare(bench, &case, schema.open().await?, (tasks, each), target).await?;
        }
        let case = format!("clickhouse/append/1x{tasks}-tasks");
        if bench.wants(&case)
            && let Some(database) = bench.fresh_database().await?
        {
            compare(bench, &case, database.open().await?, (tasks, each), Target::None).await?;
        }
    }
    Ok(())
}

async fn compare(
    bench: &mut Bench,
    case: &str,
    ledger: Arc<dyn Ledger>,
    (tasks, each): (usize, usize),
    target: Target,
) -> Result<()> {
    let mut corpus = Corpus::new(Shape::Plain, 1)?;
    let outcome = duel(bench.rounds, async |side, _| match side {
        Side::Ledger => {
            let shares = corpus.batches(tasks * each, each)?;
            at_once(&ledger, shares).await
        }
        Side::Other => {
            let drafts = corpus.take(ALONE)?;
            let start = Instant::now();
            one_by_one(&*ledger, &drafts).await?;
            Ok(rate(drafts.len(), start))
        }
    });
    bench.report.duel(case, "one task", outcome.await?, target);
    Ok(())
}

async fn at_once(ledger: &Arc<dyn Ledger>, shares: Vec<Vec<Draft>>) -> Result<f64> {
    let count = shares.iter().map(Vec::len).sum();
    let start = Instant::now();
    let tasks: Vec<_> = shares
        .into_iter()
        .map(|share| {
            let ledger = Arc::clone(ledger);
            tokio::spawn(async move { one_by_one(&*ledger, &share).await })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(rate(count, start))
}

async fn one_by_one(ledger: &dyn Ledger, drafts: &[Draft]) -> ledger_core::Result<()> {
    for draft in drafts {
        ledger.append(std::slice::from_ref(draft), &Condition::None).await?;
    }
    Ok(())
}
