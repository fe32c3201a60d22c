//! Snapshots and replication: how fast a ledger is copied.

use std::sync::Arc;
use std::time::Instant;

use ledger_core::{Ledger, Until, replicate};

use crate::Result;
use crate::bench::{Backend, Bench, fill};
use crate::corpus::Shape;
use crate::measure::{rate, repeat};
use crate::report::{Target, Unit};

/// Runs the cases of this file.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    for backend in Backend::ALL {
        let case = format!("{}/snapshot-to-sqlite/plain", backend.name());
        if let Some(ledger) = bench.create(backend, &case).await? {
            snapshot(bench, &case, ledger).await?;
        }
    }
    let case = "postgres/replicate-to-clickhouse/plain";
    if bench.wants(case)
        && let Some(schema) = bench.fresh_schema().await
    {
        replicated(bench, case, &*schema.open().await?).await?;
    }
    Ok(())
}

async fn replicated(bench: &mut Bench, case: &str, source: &dyn Ledger) -> Result<()> {
    fill(source, Shape::Plain, bench.sizes.events).await?;
    let (rounds, events) = (bench.rounds.min(3), bench.sizes.events);
    let mut targets = Vec::new();
    for _ in 0..=rounds {
        let Some(database) = bench.fresh_database().await? else { return Ok(()) };
        targets.push(database.open().await?);
    }
    let median = repeat(rounds, async |round| {
        let start = Instant::now();
        replicate(source, &*targets[round], Until::CaughtUp, &mut |_| ()).await?;
        Ok(rate(events, start))
    });
    bench.report.figure(case, Unit::PerSecond, median.await?, Target::None);
    Ok(())
}

async fn snapshot(bench: &mut Bench, case: &str, ledger: Arc<dyn Ledger>) -> Result<()> {
    fill(&*ledger, Shape::Plain, bench.sizes.events).await?;
    let (rounds, events) = (bench.rounds.min(3), bench.sizes.events);
    let median = repeat(rounds, async |_| {
        let path = bench.fresh_path();
        let start = Instant::now();
        backends::snapshot_to(&*ledger, &path.to_string_lossy(), &mut |_| ()).await?;
        let rate = rate(events, start);
        std::fs::remove_file(&path)?;
        Ok(rate)
    })
    .await?;
    bench.report.figure(case, Unit::PerSecond, median, Target::None);
    Ok(())
}
