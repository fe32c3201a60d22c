//! Single appends, each durable when it returns: some tasks at once against one task alone.

use std::sync::Arc;
use std::time::Instant;

use ledger_core::{Condition, Draft, Ledger};

use crate::Result;
use crate::bench::{Backend, Bench};
use crate::corpus::{Corpus, Shape};
use crate::measure::{Side, duel, rate};
use crate::report::Target;

/// How many tasks append at once.
const TASKS: [usize; 3] = [8, 64, 512];

/// Runs the cases of this file.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    for tasks in TASKS {
        for backend in Backend::ALL {
            let case = format!("{}/append/1x{tasks}-tasks", backend.name());
            let target = match backend {
                Backend::Sqlite | Backend::Postgres if tasks == 64 => Target::Ratio(5.0),
                _ => Target::None,
            };
            if let Some(ledger) = bench.create(backend, &case).await? {
                compare(bench, &case, ledger, Work::of(backend, tasks), target).await?;
            }
        }
    }
    Ok(())
}

/// What is done in a round: for some tenths of a second, where there is a disk to wait for.
#[derive(Clone, Copy, Debug)]
struct Work {
    tasks: usize,
    /// How many events each of them appends.
    each: usize,
    /// How many one task appends by itself.
    alone: usize,
}

impl Work {
    fn of(backend: Backend, tasks: usize) -> Self {
        let each = match tasks {
            8 => 100,
            64 => 40,
            _ => 10,
        };
        match backend {
            Backend::Memory => Self { tasks, each: each * 20, alone: 20_000 },
            Backend::Sqlite | Backend::Postgres => Self { tasks, each, alone: 150 },
            Backend::ClickHouse => Self { tasks, each: (each / 8).max(4), alone: 30 },
        }
    }
}

async fn compare(
    bench: &mut Bench,
    case: &str,
    ledger: Arc<dyn Ledger>,
    Work { tasks, each, alone }: Work,
    target: Target,
) -> Result<()> {
    let mut corpus = Corpus::new(Shape::Plain, 1)?;
    let outcome = duel(bench.rounds, async |side, _| match side {
        Side::Ledger => {
            let shares = corpus.batches(tasks * each, each)?;
            at_once(&ledger, shares).await
        }
        Side::Other => {
            let drafts = corpus.take(alone)?;
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
