//! Retention: appends must hardly notice that old operations are removed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger_core::retention::{Policy, apply};
use ledger_core::{Draft, Ledger, LedgerExt};
use serde_json::json;
use tokio::sync::watch;

use crate::Result;
use crate::bench::Bench;
use crate::measure::{Outcome, micros, rate};
use crate::report::{Target, Unit};

use super::operations::fill;

/// How long appends are measured alone.
const ALONE: Duration = Duration::from_secs(15);
/// How long an appender rests between two appends: as many as fit would measure their queue.
const REST: Duration = Duration::from_millis(5);

/// Runs the cases of this file.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    let case = "sqlite/retention";
    if bench.wants(case) {
        let path = bench.fresh_path();
        let url = path.to_string_lossy();
        measure(bench, case, backends::open(&url).await?).await?;
    }
    let case = "postgres/retention";
    if bench.wants(case)
        && let Some(schema) = bench.fresh_schema().await
    {
        measure(bench, case, schema.open().await?).await?;
    }
    let case = "clickhouse/retention";
    if bench.wants(case)
        && let Some(database) = bench.fresh_database().await?
    {
        measure(bench, case, database.open().await?).await?;
    }
    Ok(())
}

/// Measures appends alone, and while all operations go: both through one handle, as in a server.
async fn measure(bench: &mut Bench, case: &str, ledger: Arc<dyn Ledger>) -> Result<()> {
    fill(&*ledger, bench.events).await?;
    let (stop, stopped) = watch::channel(false);
    let appending = tokio::spawn(appends(Arc::clone(&ledger), stopped));
    tokio::time::sleep(ALONE).await;
    let _ = stop.send(true);
    let alone = appending.await??;
    let (stop, stopped) = watch::channel(false);
    let policy = Policy { success: Some(Duration::ZERO), failed: Some(Duration::ZERO), ..Policy::default() };
    let appending = tokio::spawn(appends(Arc::clone(&ledger), stopped));
    let start = Instant::now();
    let swept = tokio::spawn(async move { apply(&ledger, &policy, |_| ()).await }).await??;
    let removed = rate(usize::try_from(swept.events)?, start);
    let _ = stop.send(true);
    let meanwhile = appending.await??;
    bench.report.figure(&format!("{case}/removed"), Unit::PerSecond, removed, Target::None);
    for (name, permille, target) in
        [("p50", 500, Target::None), ("p99", 990, Target::Ratio(0.5)), ("max", 1_000, Target::None)]
    {
        let at = |sorted: &[f64]| sorted[(sorted.len() * permille / 1_000).min(sorted.len() - 1)];
        let (ours, other) = (at(&meanwhile), at(&alone));
        let outcome = Outcome { ledger: ours, other, ratio: other / ours };
        bench.report.comparison(&format!("{case}/append-{name}-meanwhile"), Unit::Micros, "alone", outcome, target);
    }
    Ok(())
}

/// Appends one event after the other until it is told to stop, and returns how long each took, the shortest first.
async fn appends(ledger: Arc<dyn Ledger>, stopped: watch::Receiver<bool>) -> Result<Vec<f64>> {
    let mut took = Vec::new();
    while !*stopped.borrow() {
        let draft = Draft::new("bench.happened", &json!({"n": took.len(), "text": "x".repeat(200)}))?;
        let start = Instant::now();
        ledger.append_one(draft).await?;
        took.push(micros(start));
        tokio::time::sleep(REST).await;
    }
    took.sort_unstable_by(f64::total_cmp);
    Ok(took)
}
