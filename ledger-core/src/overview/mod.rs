//! A ledger at a glance: how fast it grows, how operations go, which runs there are, and what failed. It takes a
//! bounded part of the newest events, so that it can be asked for again and again, however much is recorded; and it says
//! where that part is not all.

mod rate;

use std::ops::ControlFlow;
use std::time::Duration;

use futures::future::try_join_all;
use futures::try_join;
use serde::Serialize;

use crate::error::Result;
use crate::event::{Event, Offset};
use crate::ext::newest;
use crate::ledger::Ledger;
use crate::lineage::{AsOf, Moment};
use crate::operations::Selection;
use crate::query::Query;
use crate::time::Timestamp;
use crate::views::lineage::Found;
use crate::views::operations::{Bucket, OperationLog, Percentiles, Period, Slice};
use crate::views::{Operation, Outcome, RunState, RunSummary, Runs, View};

use rate::Counter;
pub use rate::{Minute, Rate};

/// How many of the newest events are read for runs and for the rate, …
const RECENT: usize = 10_000;
/// … and about how many bytes of them.
const RECENT_BYTES: usize = 32 << 20;
/// How many of the newest operations are counted.
const OPERATIONS: usize = 20_000;
/// How many runs, and how many failures, are shown.
const SHOWN: usize = 8;
/// Of how many runs one looks for that at once.
const RUNS_AT_ONCE: usize = 4;
/// How many events of a run are counted before those.
const OF_RUN: usize = 1_000;
const DAY: Duration = Duration::from_secs(86_400);
const HOURS: usize = 24;

/// A ledger at a glance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overview {
    /// The last offset that is in it.
    pub head: Offset,
    /// When this is: the present, or when the last event was recorded that is in it.
    pub now: Timestamp,
    /// How many events were recorded in the last hour.
    #[serde(flatten)]
    pub rate: Rate,
    /// How operations went in the last day.
    pub operations: RecentOperations,
    /// Which runs have the newest events.
    pub runs: RecentRuns,
    /// The operations that failed last.
    pub failures: Vec<Found>,
}

/// The operations of a day in numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecentOperations {
    /// How many ended.
    pub total: u64,
    /// How many of them with an error.
    pub failed: u64,
    /// How many took too long.
    pub timed_out: u64,
    /// The part that ended well, from 0 to 1; nothing when none ended.
    pub success_rate: Option<f64>,
    /// How long they took.
    #[serde(flatten)]
    pub took: Percentiles,
    /// The day in hours.
    pub series: Vec<Bucket>,
    /// Whether these are all, and not the newest.
    pub whole: bool,
}

/// The runs of the newest events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecentRuns {
    /// How many of them go on.
    pub open: usize,
    /// How many have ended.
    pub finished: usize,
    /// Those with the newest events, these first.
    pub newest: Vec<RecentRun>,
    /// Whether these are all runs that there are.
    pub whole: bool,
}

/// A run, as far as one looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecentRun {
    /// The run.
    #[serde(flatten)]
    pub run: RunSummary,
    /// Whether that is all of it. Otherwise it may have begun earlier, and have more events.
    pub whole: bool,
}

/// Looks at a ledger as it is, or as it was.
pub async fn overview(ledger: &(impl Ledger + ?Sized), as_of: AsOf) -> Result<Overview> {
    let Moment { up_to, now } = as_of.moment(ledger).await?;
    let head = match up_to {
        Some(offset) => offset,
        None => ledger.head().await?,
    };
    let ((rate, runs), operations, failures) =
        try_join!(recent(ledger, head, now), operations(ledger, head, now), failures(ledger, head))?;
    Ok(Overview { head, now, rate, operations, runs, failures })
}

/// Reads the newest events once, for all that is made of them.
async fn recent(ledger: &(impl Ledger + ?Sized), head: Offset, now: Timestamp) -> Result<(Rate, RecentRuns)> {
    let (mut events, mut bytes, mut counter) = (Vec::new(), 0, Counter::new(now));
    let take = |event: Event| {
        bytes += event.size();
        counter.add(event.recorded_at);
        events.push(event);
        if bytes > RECENT_BYTES { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let whole = newest(ledger, Query::all().up_to(head), RECENT, take).await?;
    events.reverse();
    let older = events.first().filter(|first| !whole && counter.covers(first.recorded_at));
    let before = async {
        match older {
            Some(first) => counter.add_before(ledger, first.offset, first.recorded_at).await,
            None => Ok(()),
        }
    };
    let ((), runs) = try_join!(before, runs(ledger, &events, whole))?;
    Ok((counter.rate(older.is_none()), runs))
}

/// Summarises the runs of some events, which are all, or the newest.
async fn runs(ledger: &(impl Ledger + ?Sized), events: &[Event], whole: bool) -> Result<RecentRuns> {
    let mut runs = Runs::default();
    events.iter().for_each(|event| runs.apply(event));
    let open = runs.all().iter().filter(|run| run.state == RunState::Open).count();
    let mut all: Vec<_> = runs.all().iter().collect();
    all.sort_by_key(|run| std::cmp::Reverse(run.last_offset));
    all.truncate(SHOWN);
    let mut newest = Vec::new();
    for some in all.chunks(RUNS_AT_ONCE) {
        let found = some.iter().map(async |run| match whole {
            true => Ok(RecentRun { run: (*run).clone(), whole }),
            false => recent_run(ledger, events, run).await,
        });
        newest.extend(try_join_all(found).await?);
    }
    Ok(RecentRuns { open, finished: runs.all().len() - open, newest, whole })
}

/// Adds to a run what it has before some events.
async fn recent_run(ledger: &(impl Ledger + ?Sized), events: &[Event], run: &RunSummary) -> Result<RecentRun> {
    let Some(first) = events.first() else { return Ok(RecentRun { run: run.clone(), whole: true }) };
    let query = Query { run: Some(run.run_id.clone()), ..Query::all() }.up_to(first.offset.before()).descending();
    let page = ledger.read(&query.limit(OF_RUN)?).await?;
    let mut runs = Runs::default();
    let its = events.iter().filter(|event| event.run_id == run.run_id);
    page.events.iter().rev().chain(its).for_each(|event| runs.apply(event));
    let found = runs.get(&run.run_id).unwrap_or(run).clone();
    Ok(RecentRun { run: found, whole: page.more_past.is_none() })
}

async fn operations(ledger: &(impl Ledger + ?Sized), head: Offset, now: Timestamp) -> Result<RecentOperations> {
    let period = Period::last(DAY, now);
    let query = Selection { period: Some(period), ..Selection::default() }.query()?.up_to(head);
    let mut log = OperationLog::default();
    let take = |event| {
        log.apply(&event);
        ControlFlow::Continue(())
    };
    let whole = newest(ledger, query, OPERATIONS, take).await?;
    let stats = log.stats(period, &Slice::default(), HOURS);
    Ok(RecentOperations {
        total: stats.total,
        failed: stats.failed,
        timed_out: stats.timed_out,
        success_rate: stats.success_rate,
        took: stats.took,
        series: stats.series,
        whole,
    })
}

/// Returns the operations that failed or took too long last, the newest first.
async fn failures(ledger: &(impl Ledger + ?Sized), head: Offset) -> Result<Vec<Found>> {
    let (mut failures, mut after) = (Vec::new(), Offset::START);
    // One after the other: a page by one tag costs what it holds, and by one of several all that have any.
    for status in [Outcome::Error, Outcome::Timeout] {
        let query = Selection { status: Some(status), ..Selection::default() }.query()?.from(after).up_to(head);
        let page = ledger.read(&query.limit(2 * SHOWN)?).await?;
        // A tag only points: how an operation ended is what it says.
        let found = page.events.iter().filter_map(|event| {
            let operation = Operation::of(event).ok().flatten()?;
            (operation.status == Some(status)).then_some(Found { offset: event.offset, operation })
        });
        failures.extend(found);
        // What is older than enough others is not looked for.
        after = failures.get(SHOWN - 1).map_or(Offset::START, |last| last.offset);
    }
    failures.sort_by_key(|found| std::cmp::Reverse(found.offset));
    failures.truncate(SHOWN);
    Ok(failures)
}
