//! The operation log of a month: lists, one by its id, and statistics, from a log that is kept and from one that is read for
//! the question.

use std::time::{Duration, Instant};

use ledger_core::operations::{Selection, get, list, log};
use ledger_core::views::operations::{OperationLog, Period, Slice};
use ledger_core::views::{Operation, Outcome};
use ledger_core::{Condition, Draft, Ledger, MAX_BATCH_EVENTS, Query, Timestamp, fold};

use crate::Result;
use crate::bare;
use crate::bench::Bench;
use crate::measure::{micros, repeat};
use crate::report::{Target, Unit};

const DAY: Duration = Duration::from_secs(86_400);
const MONTH: Duration = Duration::from_secs(30 * 86_400);
/// What each answer has to stay below.
const TARGET: Target = Target::Below(1e5);

/// Runs the cases of this file.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    let case = "sqlite/operations";
    if bench.wants(case) {
        let path = bench.fresh_path();
        fill(&*backends::open(&path.to_string_lossy()).await?, bench.sizes.operations).await?;
        space(bench, case, std::fs::metadata(&path)?.len() as f64, Target::Below(350.0));
        ask(bench, case, &*backends::open(&path.to_string_lossy()).await?).await?;
    }
    let case = "postgres/operations";
    if bench.wants(case)
        && let Some(schema) = bench.fresh_schema().await
    {
        let ledger = schema.open().await?;
        fill(&*ledger, bench.sizes.operations).await?;
        let mut bare = bare::postgres::connect(&schema.server).await?;
        bare::postgres::vacuum(&mut bare, &schema.name).await?;
        let bytes = bare::postgres::bytes(&mut bare, &schema.name).await?;
        space(bench, case, bytes, Target::Below(350.0));
        ask(bench, case, &*ledger).await?;
    }
    let case = "clickhouse/operations";
    if bench.wants(case)
        && let Some(database) = bench.fresh_database().await?
    {
        let ledger = database.open().await?;
        fill(&*ledger, bench.sizes.operations).await?;
        let bytes = bare::clickhouse::bytes(&database.client()?).await?;
        space(bench, case, bytes, Target::Below(100.0));
        ask(bench, case, &*ledger).await?;
    }
    Ok(())
}

fn space(bench: &mut Bench, case: &str, bytes: f64, target: Target) {
    let name = format!("{case}/bytes-an-operation");
    bench.report.figure(&name, Unit::Bytes, bytes / bench.sizes.operations as f64, target);
}

pub(super) async fn fill(ledger: &dyn Ledger, operations: usize) -> Result<()> {
    let now = Timestamp::now();
    for first in (0..operations).step_by(MAX_BATCH_EVENTS) {
        let last = operations.min(first + MAX_BATCH_EVENTS);
        let drafts: Vec<Draft> = (first..last).map(|n| draft(n, operations, now)).collect::<Result<_>>()?;
        ledger.append(&drafts, &Condition::None).await?;
    }
    Ok(())
}

/// Asks as operators do.
async fn ask(bench: &mut Bench, case: &str, ledger: &dyn Ledger) -> Result<()> {
    let (now, rounds) = (Timestamp::now(), bench.rounds);
    let selections = [
        ("list", Selection::default()),
        ("list-table", Selection { table: Some("in/orders_7".to_owned()), ..Selection::default() }),
        (
            "list-failed",
            Selection { status: Some(Outcome::Error), period: Some(Period::last(DAY, now)), ..Selection::default() },
        ),
        ("list-request", Selection { request: Some("request-77".to_owned()), ..Selection::default() }),
        (
            "list-slow",
            Selection {
                at_least: Some(Duration::from_millis(990)),
                period: Some(Period::last(DAY, now)),
                ..Selection::default()
            },
        ),
    ];
    for (name, selection) in selections {
        let median = repeat(rounds, async |_| {
            let start = Instant::now();
            let page = list(ledger, &selection, None, 0, 50).await?;
            if page.operations.is_empty() { Err("nothing was listed".into()) } else { Ok(micros(start)) }
        });
        bench.report.figure(&format!("{case}/{name}"), Unit::Micros, median.await?, TARGET);
    }
    let middle = Query::after((bench.sizes.operations as u64 / 2).to_string().parse()?).limit(1)?;
    let id = ledger.read(&middle).await?.events.pop().ok_or("the ledger is empty")?.id.clone();
    let median = repeat(rounds, async |_| {
        let start = Instant::now();
        get(ledger, &id, None).await?.ok_or("it is not there")?;
        Ok(micros(start))
    });
    bench.report.figure(&format!("{case}/get"), Unit::Micros, median.await?, TARGET);
    let day = Period::last(DAY, now);
    let median = repeat(rounds.min(3), async |_| {
        let start = Instant::now();
        let read = log(ledger, &Selection { period: Some(day), ..Selection::default() }).await?;
        std::hint::black_box(read.stats(day, &Slice::default(), 24));
        Ok(micros(start))
    });
    bench.report.figure(&format!("{case}/stats-24h-read-anew"), Unit::Micros, median.await?, Target::None);

    let (mut kept, start) = (OperationLog::default(), Instant::now());
    fold(ledger, Query::all(), &mut kept).await?;
    bench.report.figure(&format!("{case}/log-read-whole"), Unit::Micros, micros(start), Target::None);
    let whole = Slice::default();
    let timed = |work: &dyn Fn()| {
        let start = Instant::now();
        work();
        micros(start)
    };
    let asked: [(&str, &dyn Fn()); 4] = [
        ("stats-24h", &|| drop(kept.stats(day, &whole, 24))),
        ("stats-30d", &|| drop(kept.stats(Period::last(MONTH, now), &whole, 30))),
        ("tables-30d", &|| drop(kept.by_table(Period::last(MONTH, now), &whole, 10))),
        ("slow-30d", &|| drop(kept.slowest(Period::last(MONTH, now), &whole, 20))),
    ];
    for (name, work) in asked {
        let median = repeat(rounds, async |_| Ok(timed(work))).await?;
        bench.report.figure(&format!("{case}/{name}"), Unit::Micros, median, TARGET);
    }
    Ok(())
}

/// Returns one of the operations of a month, the newest a moment ago.
fn draft(n: usize, operations: usize, now: Timestamp) -> Result<Draft> {
    const COMMANDS: [&str; 8] =
        ["import", "export", "transform", "preview", "snapshot", "truncate", "profile", "share"];
    let dice =
        (n as u64).wrapping_mul(6_364_136_223_846_793_005).rotate_left(29).wrapping_mul(1_442_695_040_888_963_407);
    let ago = MONTH.as_micros() as i64 / operations as i64 * (operations - n) as i64;
    let at = Timestamp::from_micros(now.as_micros() - ago)?;
    let took = Duration::from_micros((dice >> 40) % 1_000_000);
    let started = Timestamp::from_micros(at.as_micros() - took.as_micros() as i64)?;
    let operation = Operation::new(COMMANDS[(dice >> 8) as usize % COMMANDS.len()])?;
    let operation = operation.started_at(started).project(format!("project-{}", (dice >> 16) % 20)).bucket("in");
    let operation = operation.table(format!("orders_{}", (dice >> 24) % 200)).request_id(format!("request-{}", n / 3));
    let operation = operation.rows_affected(dice % 100_000).bytes_in(dice % 9_999_999);
    Ok(match dice % 50 {
        0 => operation.error_code("DISK_FULL").ended(Outcome::Error, Some("no space left on device".to_owned()), at)?,
        1 => operation.ended(Outcome::Timeout, Some("after 60 s".to_owned()), at)?,
        _ => operation.ended(Outcome::Success, None, at)?,
    })
}
