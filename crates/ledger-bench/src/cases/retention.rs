//! Retention: appends must hardly notice that old operations are removed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger_core::retention::{Policy, apply, plan};
use ledger_core::{Draft, Ledger, LedgerExt};
use serde_json::json;
use tokio::sync::watch;

use crate::Result;
use crate::bench::{Backend, Bench};
use crate::measure::{Outcome, micros, percentile, rate};
use crate::report::{Target, Unit};

use super::operations::fill;

/// How long appends are measured alone.
const ALONE: Duration = Duration::from_secs(3);
/// How often they are measured alone, and while it is planned what goes.
const ROUNDS: usize = 3;
/// How long an appender rests between two appends: as many as fit would measure their queue.
const REST: Duration = Duration::from_millis(5);

/// Runs the cases of this file.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    for backend in Backend::DURABLE {
        let case = format!("{}/retention", backend.name());
        if let Some(ledger) = bench.create(backend, &case).await? {
            measure(bench, &case, ledger).await?;
        }
    }
    Ok(())
}

/// Measures appends alone, and while all operations go: both through one handle, as in a server.
async fn measure(bench: &mut Bench, case: &str, ledger: Arc<dyn Ledger>) -> Result<()> {
    let events = bench.sizes.retention;
    fill(&*ledger, events).await?;
    let policy = Policy { success: Some(Duration::ZERO), failed: Some(Duration::ZERO), ..Policy::default() };
    let rest = async |_| {
        tokio::time::sleep(ALONE).await;
        Ok(())
    };
    // What filled it reaches the disk first, and not in the middle of something.
    std::process::Command::new("sync").status()?;
    let (mut alone, mut planning, mut planned) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let (took, ()) = beside(&ledger, rest).await?;
        alone.extend(took);
        let (took, sweep) = beside(&ledger, async |ledger| Ok(plan(&ledger, &policy).await?)).await?;
        planning.extend(took);
        planned = sweep.events;
    }
    let start = Instant::now();
    let (removing, removed) = beside(&ledger, async |ledger| Ok(apply(&ledger, &policy, |_| ()).await?)).await?;
    let rate = rate(events, start);
    if (planned, removed.events) != (events as u64, events as u64) {
        return Err(format!("{} of {events} went, and {planned} were planned", removed.events).into());
    }
    bench.report.figure(&format!("{case}/removed"), Unit::PerSecond, rate, Target::None);
    for (doing, mut meanwhile) in [("planning", planning), ("removing", removing)] {
        for (name, permille, target) in
            [("p50", 500, Target::None), ("p99", 990, Target::AtMost(2.0)), ("max", 1_000, Target::None)]
        {
            let (ledger, other) = (percentile(&mut meanwhile, permille), percentile(&mut alone, permille));
            let outcome = Outcome { ledger: ledger.into(), other: other.into(), ratio: (ledger / other).into() };
            bench.report.comparison(&format!("{case}/append-{name}-{doing}"), Unit::Micros, "alone", outcome, target);
        }
    }
    Ok(())
}

/// Does something beside appends, and returns how long each of these took.
async fn beside<T: Send + 'static>(
    ledger: &Arc<dyn Ledger>,
    work: impl AsyncFnOnce(Arc<dyn Ledger>) -> Result<T>,
) -> Result<(Vec<f64>, T)> {
    let (stop, stopped) = watch::channel(false);
    let appending = tokio::spawn(appends(Arc::clone(ledger), stopped));
    let done = work(Arc::clone(ledger)).await;
    let _ = stop.send(true);
    Ok((appending.await??, done?))
}

/// Appends one event after the other until it is told to stop, and returns how long each took.
async fn appends(ledger: Arc<dyn Ledger>, stopped: watch::Receiver<bool>) -> Result<Vec<f64>> {
    let mut took = Vec::new();
    while !*stopped.borrow() {
        let draft = Draft::new("bench.happened", &json!({"n": took.len(), "text": "x".repeat(200)}))?;
        let start = Instant::now();
        ledger.append_one(draft).await?;
        took.push(micros(start));
        tokio::time::sleep(REST).await;
    }
    Ok(took)
}
