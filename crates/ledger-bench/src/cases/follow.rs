//! Following: how long it takes until who follows has an event, from when its append began.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::TryStreamExt;
use ledger_core::{Ledger, LedgerExt, Query};
use tokio::task::JoinHandle;

use crate::Result;
use crate::bench::Bench;
use crate::corpus::{Corpus, Shape};
use crate::measure::{micros, percentile};
use crate::report::{Target, Unit};

const EVENTS: usize = 2_000;
/// So long is nothing appended in between.
const REST: Duration = Duration::from_millis(2);

/// Runs the cases of this file: one handle for both, and one for each, which hears of it from the engine alone.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    let case = "sqlite/follow";
    if bench.wants(case) {
        let ledger = backends::open(&bench.fresh_path().to_string_lossy()).await?;
        follow(bench, case, &ledger, &ledger, Target::Below(2_000.0)).await?;
    }
    for (case, target) in [("postgres/follow", Target::None), ("postgres/follow-across", Target::Below(20_000.0))] {
        if bench.wants(case)
            && let Some(schema) = bench.fresh_schema().await
        {
            let ledger = schema.open().await?;
            let other = if case.ends_with("across") { schema.open().await? } else { Arc::clone(&ledger) };
            follow(bench, case, &ledger, &other, target).await?;
        }
    }
    let case = "clickhouse/follow";
    if bench.wants(case)
        && let Some(database) = bench.fresh_database().await?
    {
        let ledger = database.open().await?;
        follow(bench, case, &ledger, &ledger, Target::None).await?;
    }
    Ok(())
}

async fn follow(
    bench: &mut Bench,
    case: &str,
    ledger: &Arc<dyn Ledger>,
    other: &Arc<dyn Ledger>,
    target: Target,
) -> Result<()> {
    let events = if case.starts_with("clickhouse") { EVENTS / 10 } else { EVENTS };
    let drafts = Corpus::new(Shape::Plain, 1)?.take(events)?;
    let follower = Arc::clone(other);
    let heard: JoinHandle<Result<Vec<Instant>>> = tokio::spawn(async move {
        let (mut follows, mut at) = (follower.follow(Query::all()), Vec::with_capacity(events));
        while at.len() < events && follows.try_next().await?.is_some() {
            at.push(Instant::now());
        }
        Ok(at)
    });
    let mut began = Vec::with_capacity(events);
    let mut acknowledged = Vec::with_capacity(events);
    for draft in drafts {
        let start = Instant::now();
        ledger.append_one(draft).await?;
        began.push(start);
        acknowledged.push(micros(start));
        tokio::time::sleep(REST).await;
    }
    let heard = heard.await??;
    let took = |(began, heard): (&Instant, &Instant)| heard.duration_since(*began).as_secs_f64() * 1e6;
    let mut took: Vec<f64> = began.iter().zip(&heard).map(took).collect();
    let appended = percentile(&mut acknowledged, 500);
    bench.report.figure(&format!("{case}/append-p50"), Unit::Micros, appended, Target::None);
    bench.report.figure(&format!("{case}/p50"), Unit::Micros, percentile(&mut took, 500), Target::None);
    bench.report.figure(&format!("{case}/p99"), Unit::Micros, percentile(&mut took, 990), target);
    Ok(())
}
