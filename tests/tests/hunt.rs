//! The hunt for lost events on every backend, with kills wherever somebody can be killed: what anybody can run, but short.
//! And on ledgers that are broken on purpose, where it has to find what is wrong.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger_server::Options;
use ledger_testkit::hunt::{FaultKind, Ground, Hunt, Killed, Kills, Program, Report};
use tests::faulty::{Fault, Faulty};
use tests::places::{UrlPlace, serve};
use tokio::sync::Mutex;

const WORKER: &str = env!("CARGO_BIN_EXE_worker");

/// Returns a hunt with kills.
fn hunt(ground: Ground) -> Hunt {
    let seconds = std::env::var("LEDGER_TEST_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    Hunt {
        ground,
        writers: 4,
        tailers: 2,
        duration: Duration::from_secs(seconds),
        most: None,
        kills: Kills::Random,
        seed: 7,
        program: Program { path: WORKER.into(), words: vec!["hunt".to_owned()] },
    }
}

/// Holds a hunt. Panics when it cannot be held.
async fn hold(hunt: Hunt) -> Report {
    // One at a time: each keeps the whole machine at work.
    static TURN: Mutex<()> = Mutex::const_new(());
    let _turn = TURN.lock().await;
    hunt.run().await.unwrap_or_else(|error| panic!("{error}"))
}

/// Holds a hunt. Panics when it finds something, or when what it has done is too little to mean anything.
async fn nothing_is_lost(hunt: Hunt) -> Report {
    let report = hold(hunt).await;
    println!("{}", report.table());
    assert_eq!(report.exit_code(), 0, "{}", report.table());
    let verdict = &report.verdict;
    assert!(verdict.appended >= verdict.acknowledged && verdict.appended > 100, "{}", report.table());
    assert!(verdict.repeated > 0 && verdict.refused > 0 && verdict.delivered_meanwhile > 0, "{}", report.table());
    report
}

/// Panics unless writers were killed, and the engine if there is one.
fn was_bloody(killed: Killed, has_engine: bool) {
    assert!(killed.writers > 0 && killed.tailers > 0, "the hunt was too tame to mean anything: {killed:?}");
    assert_eq!(killed.engines > 0, has_engine, "{killed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hunt_in_memory_finds_nothing() {
    let hunt = Hunt { kills: Kills::None, most: Some(100_000), ..hunt(Ground::Memory) };
    assert_eq!(nothing_is_lost(hunt).await.killed, Killed::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hunt_with_kills_on_sqlite_finds_nothing() {
    was_bloody(nothing_is_lost(hunt(Ground::Sqlite)).await.killed, false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hunt_with_kills_on_postgres_finds_nothing() {
    was_bloody(nothing_is_lost(hunt(Ground::Postgres)).await.killed, true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hunt_with_kills_on_clickhouse_finds_nothing() {
    was_bloody(nothing_is_lost(hunt(Ground::ClickHouse)).await.killed, true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hunt_with_kills_over_http_finds_nothing() {
    was_bloody(nothing_is_lost(hunt(Ground::Http)).await.killed, true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_is_broken_is_found_out_by_what_is_wrong_with_it() {
    let cases: [(Fault, &[FaultKind]); 13] = [
        (Fault::Drops, &[FaultKind::Lost]),
        (Fault::Tears, &[FaultKind::Torn]),
        (Fault::Misplaces, &[FaultKind::Misplaced]),
        (Fault::Refuses, &[FaultKind::Wronged]),
        (Fault::Accepts, &[FaultKind::Accepted]),
        (Fault::Keeps, &[FaultKind::Stray]),
        (Fault::Swallows, &[FaultKind::Lost, FaultKind::Hole]),
        (Fault::Hides, &[FaultKind::Skipped]),
        (Fault::Doubles, &[FaultKind::Doubled]),
        (Fault::Invents, &[FaultKind::Phantom]),
        (Fault::Alters, &[FaultKind::Altered]),
        (Fault::Swaps, &[FaultKind::Unordered]),
        (Fault::Corrupts, &[FaultKind::Damaged]),
    ];
    for (fault, kinds) in cases {
        is_found(fault, kinds).await;
    }
}

/// Panics unless a hunt finds what a fault leads to; where much else is going on, a second of it may be too short.
async fn is_found(fault: Fault, kinds: &[FaultKind]) {
    for seconds in [1, 5, 20] {
        let (url, _stop) = serve(Arc::new(Faulty::new(fault)), Options::default()).await;
        let duration = Duration::from_secs(seconds);
        let report = hold(Hunt { kills: Kills::None, duration, ..hunt(Ground::Url(url)) }).await;
        let faults = &report.verdict.faults;
        println!("{fault:?} in {seconds} s: {} faults, first {:?}", faults.total(), faults.first().first());
        if kinds.iter().all(|kind| faults.count(*kind) > 0) {
            assert_eq!(report.exit_code(), 1, "{}", report.table());
            return;
        }
    }
    panic!("{fault:?} was not found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_holds_something_is_not_hunted_on() {
    let place = UrlPlace::sqlite();
    let ledger = place.open_url().await;
    ledger_core::LedgerExt::append_one(&ledger, ledger_testkit::draft("here")).await.unwrap_or_else(|e| panic!("{e}"));
    let error = hunt(Ground::Url(place.url.clone())).run().await.expect_err("the ledger holds an event");
    assert!(error.exit_code() == 2 && error.to_string().contains("is not empty"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_cannot_be_reached_is_told_of_at_once_and_in_one_line() {
    // Nobody listens on port 1.
    for url in
        ["/nonexistent/dir", "http://127.0.0.1:1", "postgres://127.0.0.1:1/shop", "clickhouse://127.0.0.1:1/shop"]
    {
        let begun = Instant::now();
        let error = hunt(Ground::Url(url.to_owned())).run().await.expect_err("nothing is there");
        assert!(error.exit_code() == 2 && error.to_string().lines().count() == 1, "{url}: {error}");
        assert!(begun.elapsed() < Duration::from_secs(8), "{url}: only after {:?}", begun.elapsed());
    }
}
