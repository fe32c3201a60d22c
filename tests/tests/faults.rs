//! What goes wrong beneath an open ledger: damaged rows, locks that are held, a network that falls silent.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::TryStreamExt;
use ledger_core::{Condition, Error, Ledger, LedgerExt, Query, retention, verify};
use ledger_testkit::{all, draft};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tests::places::UrlPlace;
use tests::sql::query;
use tests::wire::wire;
use tokio::sync::watch;

const DAMAGE: &str = "UPDATE events SET payload = '{\"torn\":' WHERE \"offset\" = 2";

/// Payloads are not checked again when they are read, so what uses one has to notice.
async fn a_damaged_payload_is_noticed(ledger: &dyn Ledger) {
    let events = all(ledger).await.expect("damage does not keep the events around it from being read");
    assert_eq!(events.len(), 3, "the events around the damage cannot be read");
    assert!(matches!(events[1].payload_as::<serde_json::Value>(), Err(Error::Invalid { .. })));
    let mut line = b"kept".to_vec();
    let error = events[1].write_json(&mut line).expect_err("the damage was not noticed");
    assert!(matches!(error, Error::Corrupt { .. }) && error.to_string().contains("offset 2"), "{error}");
    assert_eq!(line, b"kept", "half a line was written");
    let error = verify(ledger, |_, _| ()).await.expect_err("the damage was not noticed");
    assert!(matches!(error, Error::Corrupt { .. }) && error.to_string().contains("{\"torn\":"), "{error}");
    let again = ledger.append_one(draft("1")).await.expect_err("the damage was not noticed");
    assert!(matches!(again, Error::IdConflict { .. }), "a damaged event passes for the one that was appended: {again}");
}

async fn three_events(place: &UrlPlace) -> Arc<dyn Ledger> {
    let ledger = backends::open(&place.url).await.expect("the test's own set-up works");
    for n in 0..3 {
        ledger.append_one(draft(&n.to_string())).await.expect("the test's own set-up works");
    }
    ledger
}

#[tokio::test]
async fn a_damaged_payload_in_a_file_is_noticed_by_all_that_use_it() {
    let place = UrlPlace::sqlite();
    let ledger = three_events(&place).await;
    let file = place.url.strip_prefix("sqlite://").unwrap();
    rusqlite::Connection::open(file).unwrap().execute_batch(DAMAGE).unwrap();
    a_damaged_payload_is_noticed(&*ledger).await;
}

/// Damage of any kind can be removed, and its record takes in nothing else.
#[tokio::test]
async fn what_cannot_be_read_can_be_removed() {
    let place = UrlPlace::sqlite();
    let ledger = three_events(&place).await;
    for n in 3..20 {
        ledger.append_one(draft(&n.to_string())).await.expect("the test's own set-up works");
    }
    query(&place.url, "UPDATE events SET kind = 'NO KIND' WHERE \"offset\" IN (7, 8)").await;
    query(&place.url, DAMAGE).await;
    let error = all(&*ledger).await.expect_err("the damage was not noticed");
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    let some = Query::all().up_to("9".parse().expect("it is an offset"));
    let removed = retention::prune(&ledger, &some, "damage", |_| ()).await.expect("damage does not keep it from going");
    assert_eq!(removed, 9);
    let left = all(&*ledger).await.expect("what is left can be read");
    assert!(left.iter().map(|event| event.offset.get()).take(11).eq(10..=20), "something else went, or too little");
    let found = verify(&*ledger, |_, _| ()).await.expect("what is left can be read");
    assert_eq!((found.gaps, found.pruned), (9, 9));
    let records: Vec<_> = left.iter().filter_map(retention::Pruned::of_event).collect();
    let counts: u64 = records.iter().map(|record| record.count).sum();
    assert_eq!((counts, records.iter().filter(|record| record.digest.is_none()).count() > 1), (9, true));

    query(&place.url, "UPDATE events SET kind = 'NO KIND' WHERE \"offset\" = 12").await;
    let head = ledger.head().await.expect("the head can be read");
    assert!(retention::clear(&ledger, head, "reset", |_| ()).await.is_ok_and(|removed| removed > 10));
    let found = verify(&*ledger, |_, _| ()).await.expect("what is left can be read");
    assert_eq!((found.count, found.gaps - found.pruned), (1, 0));
}

#[tokio::test]
async fn a_damaged_payload_in_a_schema_is_noticed_by_all_that_use_it() {
    let place = UrlPlace::postgres().await;
    let ledger = three_events(&place).await;
    let mut session = direct(&place).await;
    sqlx::raw_sql("SET search_path TO ledger").execute(&mut session).await.unwrap();
    sqlx::raw_sql(DAMAGE).execute(&mut session).await.unwrap();
    a_damaged_payload_is_noticed(&*ledger).await;
}

/// Returns a session of its own, on the database that a place is in.
async fn direct(place: &UrlPlace) -> PgConnection {
    let (database, _) = place.url.split_once('?').expect("the test's own set-up works");
    PgConnection::connect(database).await.expect("the test's own set-up works")
}

#[tokio::test]
async fn a_copy_stops_before_an_event_whose_payload_was_damaged() {
    let (place, target) = (UrlPlace::sqlite(), UrlPlace::postgres().await);
    let ledger = three_events(&place).await;
    rusqlite::Connection::open(place.url.strip_prefix("sqlite://").unwrap()).unwrap().execute_batch(DAMAGE).unwrap();
    let error = backends::snapshot_to(&*ledger, &target.url, &mut |_| ()).await.unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    let target = backends::open(&target.url).await.unwrap();
    assert!(all(&*target).await.unwrap().is_empty(), "what was damaged was copied");
}

/// A stream reads ahead, and what it began must not keep the connection that somebody else waits for.
#[tokio::test]
async fn a_stream_that_nobody_looks_at_holds_no_connection() {
    for place in [UrlPlace::sqlite(), UrlPlace::postgres().await] {
        let apart = if place.url.contains('?') { "&" } else { "?" };
        let url = format!("{}{apart}pool=1&timeout_ms=2000", place.url.replace("pool=4&", "").replace("&pool=4", ""));
        let ledger = backends::open(&url).await.unwrap();
        let drafts: Vec<_> = (0..40).map(|n| draft(&n.to_string())).collect();
        ledger.append(&drafts, &Condition::None).await.unwrap();
        let mut pages = ledger.pages(Query::all().limit(1).unwrap());
        let mut seen = 0;
        while let Some(page) = pages.try_next().await.unwrap() {
            seen += page.len();
            assert_eq!(ledger.head().await.unwrap().get(), 40);
        }
        assert_eq!(seen, 40);
    }
}

#[tokio::test]
async fn an_append_waits_for_a_lock_as_long_as_it_was_told_and_goes_on_when_it_is_free() {
    let place = UrlPlace::postgres().await;
    drop(three_events(&place).await);
    let ledger = backends::open(&format!("{}&timeout_ms=200", place.url)).await.unwrap();
    let mut holder = direct(&place).await;
    sqlx::raw_sql("BEGIN; SELECT ledger.ledger_lock()").execute(&mut holder).await.unwrap();
    let start = Instant::now();
    let error = ledger.append_one(draft("late")).await.unwrap_err();
    assert!(error.is_unavailable() && error.to_string().contains("for too long"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(20), "it took {:?}", start.elapsed());
    assert_eq!(ledger.read(&Query::all()).await.unwrap().events.len(), 3, "the lock of a writer holds up a reader");
    sqlx::raw_sql("ROLLBACK").execute(&mut holder).await.unwrap();
    assert_eq!(ledger.append_one(draft("late")).await.unwrap().offset.get(), 4);
}

/// Opens a ledger over a wire that can be told to fall silent.
async fn over_a_wire(place: &UrlPlace, timeout_ms: u32) -> (Arc<dyn Ledger>, watch::Sender<bool>) {
    let (database, options) = place.url.split_once('?').expect("the URL names a schema");
    let server: PgConnectOptions = database.parse().expect("the test's own set-up works");
    let (port, silent) = wire((server.get_host().to_owned(), server.get_port())).await;
    let through = server.port(port).host("127.0.0.1").to_url_lossy();
    let url = format!("{through}&{options}&timeout_ms={timeout_ms}");
    (backends::open(&url).await.expect("the test's own set-up works"), silent)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_over_a_wire_that_falls_silent_ends() {
    let place = UrlPlace::postgres().await;
    drop(three_events(&place).await);
    let (ledger, silent) = over_a_wire(&place, 100).await;
    assert_eq!(ledger.read(&Query::all()).await.unwrap().events.len(), 3);
    silent.send(true).unwrap();
    let start = Instant::now();
    assert!(ledger.head().await.unwrap_err().is_unavailable());
    assert!(ledger.read(&Query::all()).await.unwrap_err().is_unavailable());
    assert!(start.elapsed() < Duration::from_secs(20), "it took {:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_over_a_wire_that_falls_silent_ends_and_what_it_did_is_found_again() {
    let place = UrlPlace::postgres().await;
    drop(three_events(&place).await);
    let (ledger, silent) = over_a_wire(&place, 200).await;
    ledger.append_one(draft("before")).await.unwrap();
    silent.send(true).unwrap();
    let start = Instant::now();
    let error = ledger.append_one(draft("during")).await.unwrap_err();
    assert!(error.is_unavailable() && error.to_string().contains("no answer"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(20), "it took {:?}", start.elapsed());
    let direct = backends::open(&place.url).await.unwrap();
    assert_eq!(direct.append_one(draft("during")).await.unwrap().offset.get(), 5);
    assert_eq!(all(&*direct).await.unwrap().len(), 5);
}
