//! Appends, one by one and in batches, against bare inserts; and appends that find their events there, or that have a condition.

use std::time::Instant;

use ledger_core::{Condition, Draft, Ledger, Query};

use crate::Result;
use crate::bare::{self, List};
use crate::bench::{Backend, Bench};
use crate::corpus::{Corpus, Shape};
use crate::measure::{Side, duel, rate, repeat};
use crate::report::{Target, Unit};

const LEAST_RATIO: f64 = 0.9;
const LEAST_RATIO_CLICKHOUSE: f64 = 0.6;
/// How large a batch is; of one event, it is one task that appends one after the other.
const SIZES: [usize; 4] = [1, 100, 1_000, 10_000];

/// Runs the cases of this file.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    for size in SIZES {
        for shape in [Shape::Plain, Shape::Tagged] {
            // One event waits for the disk, whatever is in it.
            if size == 1 && shape == Shape::Tagged {
                continue;
            }
            sqlite(bench, shape, size, events(Backend::Sqlite, size)).await?;
            postgres(bench, shape, size, events(Backend::Postgres, size)).await?;
            clickhouse(bench, shape, size, events(Backend::ClickHouse, size)).await?;
        }
    }
    let case = "sqlite/append/1000/plain-seven-indexes";
    if bench.wants(case) {
        seven_indexes(bench, case).await?;
    }
    for backend in Backend::ALL {
        let case = format!("{}/append-again/1000", backend.name());
        if let Some(ledger) = bench.create(backend, &case).await? {
            again(bench, &case, &*ledger).await?;
        }
        for (size, count) in [(1, 100), (1_000, 10_000)] {
            let case = format!("{}/append-if/{size}", backend.name());
            // A commit takes it ten milliseconds or more.
            let count = if (backend, size) == (Backend::ClickHouse, 1) { 20 } else { count };
            if let Some(ledger) = bench.create(backend, &case).await? {
                conditional(bench, &case, (size, count), &*ledger).await?;
            }
        }
    }
    Ok(())
}

/// Returns how many events one side writes in a round: for some tenths of a second.
fn events(backend: Backend, size: usize) -> usize {
    match (backend, size) {
        (Backend::ClickHouse, 1) => 30,
        (Backend::ClickHouse, 100) => 2_000,
        (_, 1) => 500,
        (_, 100) => 5_000,
        (_, 1_000) => 20_000,
        _ => 40_000,
    }
}

async fn sqlite(bench: &mut Bench, shape: Shape, size: usize, events: usize) -> Result<()> {
    let case = format!("sqlite/append/{size}/{}", shape.name());
    if !bench.wants(&case) {
        return Ok(());
    }
    let (path, other) = (bench.fresh_path(), bench.fresh_path());
    drop(backends::open(&other.to_string_lossy()).await?);
    let mut corpora = both(shape)?;
    let outcome = duel(bench.rounds, async |side, round| {
        let batches = corpora[side as usize].batches(events, size)?;
        // Opened for the round alone: this build of SQLite shares one budget of cached pages among all connections of a
        // process, and whoever is open beside the other makes both slower.
        match side {
            Side::Ledger => append(&*backends::open(&path.to_string_lossy()).await?, &batches).await,
            Side::Other => {
                let inserts = inserts(&batches, round * events, List::Json);
                bare::sqlite::insert(&mut bare::sqlite::writer(&other)?, &inserts)
            }
        }
    });
    let target = if size == 1 { Target::None } else { Target::Ratio(LEAST_RATIO) };
    bench.report.duel(&case, "rusqlite", outcome.await?, target);
    Ok(())
}

/// Appends beside bare inserts into a table that is indexed as such tables usually are.
async fn seven_indexes(bench: &mut Bench, case: &str) -> Result<()> {
    const LEAST_RATIO: f64 = 1.8;
    let (path, other) = (bench.fresh_path(), bench.fresh_path());
    drop(backends::open(&other.to_string_lossy()).await?);
    bare::sqlite::index_as_usual(&other)?;
    let mut corpora = both(Shape::Plain)?;
    let outcome = duel(bench.rounds, async |side, round| {
        let batches = corpora[side as usize].batches(20_000, 1_000)?;
        match side {
            Side::Ledger => append(&*backends::open(&path.to_string_lossy()).await?, &batches).await,
            Side::Other => {
                let inserts = inserts(&batches, round * 20_000, List::Json);
                bare::sqlite::insert(&mut bare::sqlite::writer(&other)?, &inserts)
            }
        }
    });
    bench.report.duel(case, "rusqlite, seven indexes", outcome.await?, Target::Ratio(LEAST_RATIO));
    Ok(())
}

async fn postgres(bench: &mut Bench, shape: Shape, size: usize, events: usize) -> Result<()> {
    let case = format!("postgres/append/{size}/{}", shape.name());
    if !bench.wants(&case) {
        return Ok(());
    }
    let (Some(schema), Some(other)) = (bench.fresh_schema().await, bench.fresh_schema().await) else { return Ok(()) };
    let ledger = schema.open().await?;
    drop(other.open().await?);
    let mut bare = bare::postgres::connect(&other.server).await?;
    let mut corpora = both(shape)?;
    let outcome = duel(bench.rounds, async |side, round| {
        let batches = corpora[side as usize].batches(events, size)?;
        match side {
            Side::Ledger => append(&*ledger, &batches).await,
            Side::Other => {
                let inserts = inserts(&batches, round * events, List::Literal);
                bare::postgres::insert(&mut bare, &other.name, &inserts).await
            }
        }
    });
    // Small commits cost the disk's wait and little else, on both sides.
    let target = if size <= 100 { Target::None } else { Target::Ratio(LEAST_RATIO) };
    bench.report.duel(&case, "sqlx unnest", outcome.await?, target);
    Ok(())
}

async fn clickhouse(bench: &mut Bench, shape: Shape, size: usize, events: usize) -> Result<()> {
    let case = format!("clickhouse/append/{size}/{}", shape.name());
    if !bench.wants(&case) {
        return Ok(());
    }
    let (Some(database), Some(other)) = (bench.fresh_database().await?, bench.fresh_database().await?) else {
        return Ok(());
    };
    let ledger = database.open().await?;
    drop(other.open().await?);
    let bare = other.client()?;
    let mut corpora = both(shape)?;
    let outcome = duel(bench.rounds, async |side, round| {
        let batches = corpora[side as usize].batches(events, size)?;
        match side {
            Side::Ledger => append(&*ledger, &batches).await,
            Side::Other => {
                let mut lines = Vec::with_capacity(batches.len());
                for batch in inserts(&batches, round * events, List::Json) {
                    lines.push(batch.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?);
                }
                bare::clickhouse::insert(&bare, &lines).await
            }
        }
    });
    let target = if size == 10_000 { Target::Ratio(LEAST_RATIO_CLICKHOUSE) } else { Target::None };
    bench.report.duel(&case, "RowBinary insert", outcome.await?, target);
    Ok(())
}

/// Both sides write the same events; time goes on from round to round, as it does for an application.
fn both(shape: Shape) -> Result<[Corpus; 2]> {
    Ok([Corpus::new(shape, 1)?, Corpus::new(shape, 1)?])
}

fn inserts(batches: &[Vec<Draft>], before: usize, list: List) -> Vec<Vec<bare::Insert>> {
    let mut head = before;
    let mut inserts = Vec::with_capacity(batches.len());
    for batch in batches {
        inserts.push(bare::rows(batch, head, list));
        head += batch.len();
    }
    inserts
}

/// Appends batch after batch, and returns the events a second.
async fn append(ledger: &dyn Ledger, batches: &[Vec<Draft>]) -> Result<f64> {
    let start = Instant::now();
    for batch in batches {
        ledger.append(batch, &Condition::None).await?;
    }
    Ok(rate(batches.iter().map(Vec::len).sum(), start))
}

/// Appends what is there already: what a retry costs.
async fn again(bench: &mut Bench, case: &str, ledger: &dyn Ledger) -> Result<()> {
    let batches = Corpus::new(Shape::Plain, 1)?.batches(20_000, 1_000)?;
    append(ledger, &batches).await?;
    let median = repeat(bench.rounds, async |_| append(ledger, &batches).await).await?;
    bench.report.figure(case, Unit::PerSecond, median, Target::None);
    Ok(())
}

/// Appends on the condition that nobody wrote to the run since: what optimistic concurrency costs.
async fn conditional(bench: &mut Bench, case: &str, (size, count): (usize, usize), ledger: &dyn Ledger) -> Result<()> {
    let mut corpus = Corpus::new(Shape::Plain, 1)?;
    let median = repeat(bench.rounds, async |_| {
        let batches = corpus.batches(count, size)?;
        let mut head = ledger.head().await?;
        let start = Instant::now();
        for batch in &batches {
            let condition = Condition::none_after(Query::all().run(&batch[0].run_id)?, head);
            head = ledger.append(batch, &condition).await?.last().map_or(head, |receipt| receipt.offset);
        }
        Ok(rate(count, start))
    });
    bench.report.figure(case, Unit::PerSecond, median.await?, Target::None);
    Ok(())
}
