//! The ledger at a glance: what its newest events come to, and what only its server knows.

use axum::Json;
use axum::extract::{RawQuery, State};
use ledger_core::overview::{self, Rate, RecentOperations, RecentRuns};
use ledger_core::{Offset, Timestamp};
use serde::Serialize;

use crate::Desk;
use crate::metrics::store_bytes_soon;
use crate::openapi::{glances, parameters, problems};
use crate::operations::Row;
use crate::parameters::Fields;
use crate::problem::Problem;

/// What one sees of a ledger at a glance.
#[derive(Serialize)]
pub(crate) struct Glance {
    head: Offset,
    backend: &'static str,
    identity: String,
    now: Timestamp,
    #[serde(flatten)]
    rate: Rate,
    operations: RecentOperations,
    runs: RecentRuns,
    failures: Vec<Row>,
    /// How many listen, …
    listeners: u64,
    /// … and how many bytes the ledger takes where it is kept, at present.
    store_bytes: Option<u64>,
}

/// Answers what one should know first: how fast the ledger grows, how operations go, which runs there are, what failed.
#[utoipa::path(
    get,
    path = "/overview",
    tag = "views",
    operation_id = "overview",
    description = "It reads a bounded part of the newest events, and `whole` says where that is not all. With `as_of`, \
                   `listeners` and `store_bytes` are those of the present all the same.",
    params(parameters::Moment),
    responses(
        (status = 200, description = "The ledger at a glance.", body = glances::LedgerOverview),
        problems::Call,
        problems::Parameters,
    )
)]
pub(crate) async fn overview(State(desk): State<Desk>, RawQuery(text): RawQuery) -> Result<Json<Glance>, Problem> {
    let mut asked = Fields::read(text.as_deref())?;
    let as_of = asked.as_of()?;
    asked.end()?;
    let seen = desk.soon(overview::overview(&*desk.ledger, as_of)).await?;
    let identity = desk.soon(desk.ledger.identity()).await?;
    Ok(Json(Glance {
        head: seen.head,
        backend: desk.ledger.backend(),
        identity,
        now: seen.now,
        rate: seen.rate,
        operations: seen.operations,
        runs: seen.runs,
        failures: seen.failures.into_iter().map(Row::from).collect(),
        listeners: desk.metrics.listeners.here(),
        store_bytes: store_bytes_soon(&desk).await,
    }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ledger_core::views::{Operation, Outcome};
    use ledger_core::{Draft, Event, Ledger, LedgerExt};

    use ledger_core::lineage::AsOf;

    use super::*;

    const MINUTE: i64 = 60_000_000;

    fn offset(number: u64) -> Offset {
        Offset::new(number).unwrap()
    }

    /// A ledger of events that were recorded at these times, in microseconds before now.
    async fn recorded(ages: impl Iterator<Item = i64>, draft: impl Fn(u64) -> Draft) -> Arc<dyn Ledger> {
        let (ledger, now) = (backends::open("memory:").await.unwrap(), Timestamp::now());
        let event = |(number, age): (u64, i64)| {
            let recorded_at = Timestamp::from_micros(now.as_micros() - age).unwrap();
            Event { offset: offset(number), recorded_at, draft: draft(number) }
        };
        let events: Vec<_> = (1..).zip(ages).map(event).collect();
        for events in events.chunks(10_000) {
            ledger.restore(events, events.last().unwrap().offset).await.unwrap();
        }
        ledger
    }

    async fn look(ledger: &dyn Ledger, as_of: AsOf) -> overview::Overview {
        overview::overview(ledger, as_of).await.unwrap()
    }

    #[tokio::test]
    async fn many_events_are_counted_by_their_offsets_as_few_are_one_by_one() {
        // 1,000 a minute for two hours; and for ten minutes of the second, none.
        let quiet = 20 * MINUTE..30 * MINUTE;
        let ages = (0..120_000).rev().map(|place| place * MINUTE / 1_000).filter(|age| !quiet.contains(age));
        let ledger = recorded(ages, |_| Draft::new("a.b", &1).unwrap()).await;
        let seen = look(&*ledger, AsOf::Offset(ledger.head().await.unwrap())).await;
        assert_eq!((seen.rate.minutes.len(), seen.rate.whole), (60, false));
        assert!(seen.rate.events_last_hour.abs_diff(50_000) < 3, "{}", seen.rate.events_last_hour);
        for (place, minute) in (0..).zip(&seen.rate.minutes) {
            let expected = if (31..39).contains(&place) { 0 } else { 1_000 };
            let is_edge = [30, 39, 40].contains(&place);
            assert!(is_edge || minute.events.abs_diff(expected) <= 450, "{place}: {minute:?}");
        }
        let few = look(&*ledger, AsOf::Offset(offset(500))).await;
        assert_eq!((few.rate.events_last_hour, few.rate.whole, few.head), (500, true, offset(500)));
    }

    #[tokio::test]
    async fn runs_are_those_of_the_newest_events_and_say_whether_that_is_all_of_them() {
        // Of 50,000 events: a run whose first event was long ago, one that began before what is read, one within it, and a long one.
        let kind = |number: u64| if [1, 19_000, 49_000].contains(&number) { "run.started" } else { "a.b" };
        let run = |number: u64| match number {
            1 | 49_999 => "old",
            19_000 | 50_000 => "middle",
            49_000 | 49_500 => "new",
            _ => "default",
        };
        let draft = |number| Draft::new(kind(number), &1).unwrap().run(run(number)).unwrap();
        let ledger = recorded((0..50_000).map(|_| 2 * 60 * MINUTE), draft).await;
        let seen = look(&*ledger, AsOf::Now).await;
        let runs: Vec<_> = seen
            .runs
            .newest
            .iter()
            .map(|found| (found.run.run_id.as_str(), found.run.events, found.run.first_offset.get(), found.whole))
            .collect();
        let expected = [
            ("middle", 2, 19_000, true),
            ("old", 2, 1, true),
            ("default", 10_996, 39_001, false),
            ("new", 2, 49_000, true),
        ];
        assert_eq!(runs, expected);
        assert_eq!((seen.runs.open, seen.runs.finished, seen.runs.whole), (4, 0, false));
        assert_eq!((seen.rate.events_last_hour, seen.rate.whole), (0, true), "they are older than an hour");
    }

    #[tokio::test]
    async fn operations_are_those_of_a_day_and_failures_the_newest_of_all() {
        let ledger = backends::open("memory:").await.unwrap();
        let at = |age: i64| Timestamp::from_micros(Timestamp::now().as_micros() - age * MINUTE).unwrap();
        let ended = |status, age| {
            let operation = Operation::new("load").unwrap().started_at(at(age + 1));
            operation.ended(status, None, at(age)).unwrap()
        };
        for age in [3_000, 30] {
            for status in [Outcome::Timeout, Outcome::Error, Outcome::Success] {
                ledger.append_one(ended(status, age)).await.unwrap();
            }
        }
        let seen = look(&*ledger, AsOf::Now).await;
        let counts = (seen.operations.total, seen.operations.failed, seen.operations.timed_out, seen.operations.whole);
        assert_eq!((counts, seen.operations.series.len()), ((3, 1, 1, true), 24));
        let failures: Vec<_> = seen.failures.iter().map(|found| found.offset.get()).collect();
        assert_eq!(failures, [5, 4, 2, 1]);
        let before = look(&*ledger, AsOf::Offset(offset(4))).await;
        let failures: Vec<_> = before.failures.iter().map(|found| found.offset.get()).collect();
        assert_eq!((before.operations.total, failures), (1, vec![4, 2, 1]));
        for status in [Outcome::Error; 8].into_iter().chain([Outcome::Timeout, Outcome::Error]) {
            ledger.append_one(ended(status, 1)).await.unwrap();
        }
        let seen = look(&*ledger, AsOf::Now).await;
        let failures: Vec<_> = seen.failures.iter().map(|found| found.offset.get()).collect();
        assert_eq!(failures, [16, 15, 14, 13, 12, 11, 10, 9]);
    }
}
