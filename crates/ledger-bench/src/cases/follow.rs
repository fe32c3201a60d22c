//! Following: how long it takes until who follows has an event, from when its append began.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::TryStreamExt;
use ledger_core::{Ledger, LedgerExt, Query};
use tokio::time::timeout;

use crate::Result;
use crate::bench::{Backend, Bench};
use crate::corpus::{Corpus, Shape};
use crate::measure::{Sample, micros, percentile};
use crate::report::{Target, Unit};

const EVENTS: usize = 2_000;
/// So long is nothing appended in between.
const REST: Duration = Duration::from_millis(2);
/// Who follows and hears nothing for so long will hear nothing any more.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs the cases of this file: one handle for both, and one for each, which hears of it from the engine alone.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    for backend in Backend::ALL {
        let case = format!("{}/follow", backend.name());
        let target = if backend == Backend::Sqlite { Target::Below(2_000.0) } else { Target::None };
        if let Some(ledger) = bench.create(backend, &case).await? {
            follow(bench, &case, [&ledger, &ledger], events(backend), target).await?;
        }
    }
    for backend in Backend::DURABLE {
        let case = format!("{}/follow-across", backend.name());
        let target = if backend == Backend::Postgres { Target::Below(20_000.0) } else { Target::None };
        if bench.wants(&case)
            && let Some(url) = bench.fresh(backend).await?
        {
            let (ledger, other) = (backends::open(&url).await?, backends::open(&url).await?);
            follow(bench, &case, [&ledger, &other], events(backend), target).await?;
        }
    }
    Ok(())
}

fn events(backend: Backend) -> usize {
    // There an append takes ten milliseconds or more.
    if backend == Backend::ClickHouse { EVENTS / 10 } else { EVENTS }
}

/// Appends through one handle, and follows through the other.
async fn follow(
    bench: &mut Bench,
    case: &str,
    [ledger, other]: [&Arc<dyn Ledger>; 2],
    events: usize,
    target: Target,
) -> Result<()> {
    let drafts = Corpus::new(Shape::Plain, 1)?.take(events)?;
    let heard = tokio::spawn(hear(Arc::clone(other), events));
    let mut began = Vec::with_capacity(events);
    let mut acknowledged = Vec::with_capacity(events);
    for draft in drafts {
        let start = Instant::now();
        ledger.append_one(draft).await?;
        began.push(start);
        acknowledged.push(micros(start));
        tokio::time::sleep(REST).await;
    }
    let heard = heard.await?.map_err(|error| format!("{case}: {error}"))?;
    let took = |(began, heard): (&Instant, &Instant)| heard.duration_since(*began).as_secs_f64() * 1e6;
    let mut took: Vec<f64> = began.iter().zip(&heard).map(took).collect();
    let p99 = percentile(&mut took, 990);
    bench.report.figure(&format!("{case}/append-p50"), Unit::Micros, Sample::of(acknowledged), Target::None);
    bench.report.figure(&format!("{case}/p50"), Unit::Micros, Sample::of(took), Target::None);
    bench.report.figure(&format!("{case}/p99"), Unit::Micros, p99, target);
    Ok(())
}

/// Follows until so many events have come, and returns when each did. Fails when they cease to come.
async fn hear(ledger: Arc<dyn Ledger>, events: usize) -> Result<Vec<Instant>> {
    let (mut follows, mut at) = (ledger.follow(Query::all()), Vec::with_capacity(events));
    while at.len() < events {
        let count = at.len();
        let silence = |_| format!("who follows heard {count} of {events} events, and nothing for {PATIENCE:?}");
        timeout(PATIENCE, follows.try_next()).await.map_err(silence)??.ok_or("following came to an end")?;
        at.push(Instant::now());
    }
    Ok(at)
}
