//! How long one page takes that a filter picks out of a large ledger: what a person waits for.

use std::time::Instant;

use ledger_core::{Ledger, LedgerExt, Query, Timestamp};

use futures::TryStreamExt;

use crate::Result;
use crate::bare;
use crate::bench::{Bench, fill};
use crate::corpus::{Shape, frequent_tag, rare_tag, run as run_name};
use crate::measure::{median, micros};
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
    if any(bench, "sqlite") {
        let path = bench.fresh_path();
        let ledger = backends::open(&path.to_string_lossy()).await?;
        fill(&*ledger, Shape::Tagged, bench.events).await?;
        pages(bench, "sqlite", &*ledger).await?;
    }
    if any(bench, "postgres")
        && let Some(schema) = bench.fresh_schema().await
    {
        let ledger = schema.open().await?;
        fill(&*ledger, Shape::Tagged, bench.events).await?;
        bare::postgres::vacuum(&mut bare::postgres::connect(&schema.server).await?, &schema.name).await?;
        pages(bench, "postgres", &*ledger).await?;
    }
    if any(bench, "clickhouse")
        && let Some(database) = bench.fresh_database().await?
    {
        let ledger = database.open().await?;
        fill(&*ledger, Shape::Tagged, bench.events).await?;
        bare::clickhouse::optimize(&database.client()?).await?;
        pages(bench, "clickhouse", &*ledger).await?;
    }
    Ok(())
}

fn any(bench: &Bench, backend: &str) -> bool {
    NAMES.iter().any(|name| bench.wants(&case(backend, name)))
}

fn case(backend: &str, name: &str) -> String {
    format!("{backend}/page/{name}")
}

async fn pages(bench: &mut Bench, backend: &str, ledger: &dyn Ledger) -> Result<()> {
    let newest = Query::all().descending().limit(1)?;
    let last = ledger.tail(newest).try_next().await?.ok_or("the fixture is empty")?;
    let middle = (bench.events / 2) as u64;
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
        let case = case(backend, name);
        if bench.wants(&case) {
            let micros = latency(ledger, &query.limit(PAGE)?).await?;
            bench.report.figure(&case, Unit::Micros, micros, Target::None);
        }
    }
    Ok(())
}

/// Returns the median time of one page, in microseconds.
async fn latency(ledger: &dyn Ledger, query: &Query) -> Result<f64> {
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
    Ok(median(times))
}
