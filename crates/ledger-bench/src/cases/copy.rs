//! Snapshots and replication: how fast a ledger is copied, and how much memory a snapshot takes.

use std::sync::Arc;
use std::time::Instant;

use ledger_core::{Ledger, Until, replicate};

use crate::Result;
use crate::bench::{Bench, fill};
use crate::corpus::Shape;
use crate::measure::{peak_bytes, rate, repeat, reset_peak};
use crate::report::{Target, Unit};

/// Runs the cases of this file.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    let case = "sqlite/snapshot-to-sqlite/plain";
    if bench.wants(case) {
        let path = bench.fresh_path();
        snapshot(bench, case, backends::open(&path.to_string_lossy()).await?).await?;
    }
    let case = "postgres/snapshot-to-sqlite/plain";
    if bench.wants(case)
        && let Some(schema) = bench.fresh_schema().await
    {
        snapshot(bench, case, schema.open().await?).await?;
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
    fill(source, Shape::Plain, bench.events).await?;
    let (rounds, events) = (bench.rounds.min(3), bench.events);
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
    fill(&*ledger, Shape::Plain, bench.events).await?;
    let (rounds, events) = (bench.rounds.min(3), bench.events);
    let known = reset_peak();
    let median = repeat(rounds, async |_| {
        let path = bench.fresh_path();
        let start = Instant::now();
        backends::snapshot_to(&*ledger, &path.to_string_lossy(), &mut |_| ()).await?;
        let rate = rate(events, start);
        std::fs::remove_file(&path)?;
        Ok(rate)
    });
    let median = median.await?;
    bench.report.figure(case, Unit::PerSecond, median, Target::None);
    if let Some(bytes) = peak_bytes().filter(|_| known) {
        bench.report.figure(&format!("{case}/peak"), Unit::Bytes, bytes, Target::None);
    }
    Ok(())
}
