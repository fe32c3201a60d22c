//! Reading everything, from the first event to the last: the ledger's stream against the drivers' rows.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use futures::TryStreamExt;
use ledger_core::{Ledger, LedgerExt, Limit, Query, verify};

use crate::Result;
use crate::bare;
use crate::bench::{Bench, Database, Schema, fill};
use crate::corpus::Shape;
use crate::measure::{Side, duel, rate, repeat};
use crate::report::{Target, Unit};

/// Runs the cases of this file.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    for shape in [Shape::Plain, Shape::Tagged] {
        let names = Names::new("memory", shape);
        if names.any(bench) {
            memory(bench, shape, &names).await?;
        }
        let names = Names::new("sqlite", shape);
        if names.any(bench) {
            let path = bench.fresh_path();
            sqlite(bench, shape, &names, &path).await?;
        }
        let names = Names::new("postgres", shape);
        if names.any(bench)
            && let Some(schema) = bench.fresh_schema().await
        {
            postgres(bench, shape, &names, &schema).await?;
        }
        let names = Names::new("clickhouse", shape);
        if names.any(bench)
            && let Some(database) = bench.fresh_database().await?
        {
            clickhouse(bench, shape, &names, &database).await?;
        }
    }
    Ok(())
}

/// The names of the cases that read one fixture.
struct Names {
    tail: String,
    stream: String,
    large: String,
    verify: String,
    space: String,
}

impl Names {
    fn new(backend: &str, shape: Shape) -> Self {
        let name = |work: &str| format!("{backend}/{work}/{}", shape.name());
        Self {
            tail: name("tail"),
            stream: name("tail-sqlx"),
            large: name("tail-10000"),
            verify: name("verify"),
            space: name("bytes-an-event"),
        }
    }

    fn any(&self, bench: &Bench) -> bool {
        [&self.tail, &self.stream, &self.large, &self.verify, &self.space].into_iter().any(|name| bench.wants(name))
    }
}

async fn memory(bench: &mut Bench, shape: Shape, names: &Names) -> Result<()> {
    let ledger = backends::open("memory:").await?;
    fill(&*ledger, shape, bench.sizes.events).await?;
    if bench.wants(&names.tail) {
        let figure = repeat(bench.rounds, async |_| tail(&*ledger, &Query::all()).await).await?;
        bench.report.figure(&names.tail, Unit::PerSecond, figure, Target::None);
    }
    verified(bench, &names.verify, &*ledger).await
}

async fn sqlite(bench: &mut Bench, shape: Shape, names: &Names, path: &Path) -> Result<()> {
    fill(&*backends::open(&path.to_string_lossy()).await?, shape, bench.sizes.events).await?;
    if bench.wants(&names.space) {
        let bytes = std::fs::metadata(path)?.len() as f64 / bench.sizes.events as f64;
        bench.report.figure(&names.space, Unit::Bytes, bytes, Target::None);
    }
    // Opened for the round alone, because connections of one process share a budget of cached pages.
    let open = async || backends::open(&path.to_string_lossy()).await;
    let cases = [(&names.tail, Query::all(), Target::Ratio(0.7)), (&names.large, large(), Target::None)];
    for (case, query, target) in cases {
        if bench.wants(case) {
            let outcome = duel(bench.rounds, async |side, _| match side {
                Side::Ledger => tail(&*open().await?, &query).await,
                Side::Other => bare::sqlite::read(path),
            });
            bench.report.duel(case, "rusqlite", outcome.await?, target);
        }
    }
    if bench.wants(&names.stream) {
        let outcome = duel(bench.rounds, async |side, _| match side {
            Side::Ledger => tail(&*open().await?, &Query::all()).await,
            Side::Other => bare::sqlite::stream(path).await,
        });
        bench.report.duel(&names.stream, "sqlx stream", outcome.await?, Target::Ratio(3.0));
    }
    verified(bench, &names.verify, &*open().await?).await
}

async fn postgres(bench: &mut Bench, shape: Shape, names: &Names, schema: &Schema) -> Result<()> {
    let ledger = schema.open().await?;
    fill(&*ledger, shape, bench.sizes.events).await?;
    let mut bare = bare::postgres::connect(&schema.server).await?;
    bare::postgres::vacuum(&mut bare, &schema.name).await?;
    if bench.wants(&names.space) {
        let bytes = bare::postgres::bytes(&mut bare, &schema.name).await? / bench.sizes.events as f64;
        bench.report.figure(&names.space, Unit::Bytes, bytes, Target::None);
    }
    let cases = [(&names.tail, Query::all(), Target::Ratio(1.0)), (&names.large, large(), Target::None)];
    for (case, query, target) in cases {
        if bench.wants(case) {
            let outcome = duel(bench.rounds, async |side, _| match side {
                Side::Ledger => tail(&*ledger, &query).await,
                Side::Other => bare::postgres::stream(&mut bare, &schema.name).await,
            });
            bench.report.duel(case, "sqlx stream", outcome.await?, target);
        }
    }
    verified(bench, &names.verify, &*ledger).await
}

async fn clickhouse(bench: &mut Bench, shape: Shape, names: &Names, database: &Database) -> Result<()> {
    let ledger = database.open().await?;
    fill(&*ledger, shape, bench.sizes.events).await?;
    let bare = database.client()?;
    bare::clickhouse::optimize(&bare).await?;
    if bench.wants(&names.space) {
        let bytes = bare::clickhouse::bytes(&bare).await? / bench.sizes.events as f64;
        let target = if shape == Shape::Tagged { Target::Below(130.0) } else { Target::None };
        bench.report.figure(&names.space, Unit::Bytes, bytes, target);
    }
    let cases = [(&names.tail, Query::all(), Target::Ratio(0.9)), (&names.large, large(), Target::None)];
    for (case, query, target) in cases {
        if bench.wants(case) {
            let outcome = duel(bench.rounds, async |side, _| match side {
                Side::Ledger => tail(&*ledger, &query).await,
                Side::Other => bare::clickhouse::read(&bare).await,
            });
            bench.report.duel(case, "one query", outcome.await?, target);
        }
    }
    verified(bench, &names.verify, &*ledger).await
}

fn large() -> Query {
    Query { limit: Limit::MAX, ..Query::all() }
}

/// Reads all events one by one, and returns the events a second.
async fn tail(ledger: &dyn Ledger, query: &Query) -> Result<f64> {
    let start = Instant::now();
    let mut events = ledger.tail(query.clone());
    let mut count = 0;
    while let Some(event) = events.try_next().await? {
        black_box(event);
        count += 1;
    }
    Ok(rate(count, start))
}

async fn verified(bench: &mut Bench, case: &str, ledger: &dyn Ledger) -> Result<()> {
    if bench.wants(case) {
        let median = repeat(bench.rounds.min(3), async |_| {
            let start = Instant::now();
            let found = verify(ledger, |_, _| ()).await?;
            Ok(rate(usize::try_from(found.count)?, start))
        });
        bench.report.figure(case, Unit::PerSecond, median.await?, Target::None);
    }
    Ok(())
}
