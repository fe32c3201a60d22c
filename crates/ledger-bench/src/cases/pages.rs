//! How long one page takes that a filter picks out of a large ledger: what a person waits for.

use std::time::Instant;

use ledger_core::{Ledger, LedgerExt, Query, Timestamp};

use futures::TryStreamExt;

use crate::Result;
use crate::bare;
use crate::bench::{Bench, fill};
use crate::corpus::{Shape, frequent_tag, rare_tag, run as run_name};
use crate::measure::{Sample, micros};
use crate::report::{Target, Unit};

const PAGE: usize = 100;
const NAMES: [&str; 10] = [
    "first",
    "run",
    "run-latest",
    "tag-frequent",
    "tag-frequent-latest",
    "tag-rare",
    "tag-rare-latest",
    "last-hour",
    "kind-prefix",
    "id",
];

/// Runs the cases of this file.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    let events = bench.sizes.pages;
    // It looks at every event, so a larger one says nothing more, and would take the memory of the cases after it.
    let few = events.min(100_000);
    if any(bench, "memory", few) {
        let ledger = backends::open("memory:").await?;
        fill(&*ledger, Shape::Tagged, few).await?;
        pages(bench, "memory", &*ledger, few).await?;
    }
    if any(bench, "sqlite", events) {
        let path = bench.fresh_path();
        let ledger = backends::open(&path.to_string_lossy()).await?;
        fill(&*ledger, Shape::Tagged, events).await?;
        pages(bench, "sqlite", &*ledger, events).await?;
    }
    if any(bench, "postgres", events)
        && let Some(schema) = bench.fresh_schema().await
    {
        let ledger = schema.open().await?;
        fill(&*ledger, Shape::Tagged, events).await?;
        bare::postgres::vacuum(&mut bare::postgres::connect(&schema.server).await?, &schema.name).await?;
        pages(bench, "postgres", &*ledger, events).await?;
    }
    if any(bench, "clickhouse", events)
        && let Some(database) = bench.fresh_database().await?
    {
        let ledger = database.open().await?;
        fill(&*ledger, Shape::Tagged, events).await?;
        bare::clickhouse::optimize(&database.client()?).await?;
        pages(bench, "clickhouse", &*ledger, events).await?;
    }
    Ok(())
}

fn any(bench: &Bench, backend: &str, events: usize) -> bool {
    NAMES.iter().any(|name| bench.wants(&case(backend, name, events)))
}

fn case(backend: &str, name: &str, events: usize) -> String {
    format!("{backend}/page/{name}/{events}")
}

async fn pages(bench: &mut Bench, backend: &str, ledger: &dyn Ledger, events: usize) -> Result<()> {
    let newest = Query::all().descending().limit(1)?;
    let last = ledger.tail(newest).try_next().await?.ok_or("the fixture is empty")?;
    let middle = (events / 2) as u64;
    let hour_ago = Timestamp::from_micros(last.created_at.as_micros() - 3_600_000_000)?;
    let run = Query::all().run(run_name(7))?;
    let frequent = Query::all().tag(frequent_tag()?)?;
    let rare = Query::all().tag(rare_tag(middle)?)?;
    let queries = [
        Query::all(),
        run.clone(),
        run.descending(),
        frequent.clone(),
        frequent.descending(),
        rare.clone(),
        rare.descending(),
        Query::all().since(hour_ago),
        Query::all().kind("table.*")?,
        Query::all().id(&last.id)?,
    ];
    for (name, query) in NAMES.iter().zip(queries) {
        let case = case(backend, name, events);
        if bench.wants(&case) {
            let took = latency(ledger, &query.limit(PAGE)?).await?;
            bench.report.figure(&case, Unit::Micros, took, Target::None);
        }
    }
    Ok(())
}

/// Returns what one page takes, in microseconds.
async fn latency(ledger: &dyn Ledger, query: &Query) -> Result<Sample> {
    const TIMES: usize = 51;
    let mut times = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let start = Instant::now();
        let page = ledger.read(query).await?;
        times.push(micros(start));
        if page.events.is_empty() {
            return Err("a query of the bench finds nothing".into());
        }
    }
    Ok(Sample::of(times))
}
