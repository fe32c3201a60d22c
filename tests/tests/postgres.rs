//! What holds of Postgres alone: a page costs what it holds, also where the server has not counted yet what there is.

#![expect(clippy::unwrap_used, reason = "what cannot be done in a test fails it")]

use std::time::{Duration, Instant};

use futures::TryStreamExt;
use ledger_core::{Condition, Draft, Ledger, LedgerExt, Query};
use ledger_testkit::Place;
use tests::places::UrlPlace;
use tests::sql::query;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_run_or_a_session_costs_what_it_holds_before_the_server_has_counted() {
    const EVENTS: usize = 40_000;
    let place = UrlPlace::postgres().await;
    let ledger = place.open().await.unwrap();
    query(&place.url, "ALTER TABLE events SET (autovacuum_enabled = off)").await;
    let draft = |n: usize| Draft::new("load.written", &n).unwrap().run("one").unwrap().session("one").unwrap();
    for start in (0..EVENTS).step_by(10_000) {
        let batch: Vec<_> = (start..start + 10_000).map(draft).collect();
        ledger.append(&batch, &Condition::None).await.unwrap();
    }
    drop(ledger);
    for wanted in [Query::all().session("one").unwrap(), Query::all().run("one").unwrap()] {
        let before = fetched(&place.url).await;
        let ledger = place.open().await.unwrap();
        let mut next = Some(wanted.limit(500).unwrap());
        let mut count = 0;
        while let Some(query) = next {
            let page = ledger.read(&query).await.unwrap();
            count += page.events.len();
            next = query.following(&page);
        }
        assert_eq!(count, EVENTS);
        let scanned: Vec<_> = ledger.pages(Query::all().session("one").unwrap()).try_collect().await.unwrap();
        assert_eq!(scanned.iter().map(Vec::len).sum::<usize>(), EVENTS);
        drop(ledger);
        // The server tells what a connection did when that has ended.
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut cost = 0;
        while cost < 2 * EVENTS as u64 && Instant::now() < deadline {
            cost = fetched(&place.url).await - before;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(
            (2 * EVENTS as u64..4 * EVENTS as u64).contains(&cost),
            "{EVENTS} events were fetched twice by {cost} look-ups"
        );
    }
}

/// Returns how many rows were fetched by way of an index so far.
async fn fetched(url: &str) -> u64 {
    let sql = "SELECT coalesce(idx_tup_fetch, 0)::text FROM pg_stat_user_tables \
               WHERE relname = 'events' AND schemaname = current_schema()";
    query(url, sql).await.trim().parse().unwrap()
}
