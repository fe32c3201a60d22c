//! The hunt for lost events on every backend, with kills wherever somebody can be killed: what anybody can run, but short.

use std::time::Duration;

use ledger_testkit::hunt::{Ground, Hunt, Killed, Kills, Program, Report};
use tokio::sync::Mutex;

const WORKER: &str = env!("CARGO_BIN_EXE_worker");

fn duration() -> Duration {
    let seconds = std::env::var("LEDGER_TEST_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(5);
    Duration::from_secs(seconds)
}

/// Holds a hunt. Panics when it cannot be held, or finds something.
async fn nothing_is_lost(ground: Ground, kills: Kills) -> Report {
    // One at a time: each keeps the whole machine at work.
    static TURN: Mutex<()> = Mutex::const_new(());
    let _turn = TURN.lock().await;
    let hunt = Hunt {
        ground,
        writers: 4,
        tailers: 2,
        duration: duration(),
        most: (kills == Kills::None).then_some(100_000),
        kills,
        seed: 7,
        program: Program { path: WORKER.into(), words: vec!["hunt".to_owned()] },
    };
    let report = hunt.run().await.unwrap_or_else(|error| panic!("{error}"));
    println!("{}", report.table());
    assert_eq!(report.exit_code(), 0, "{}", report.table());
    let verdict = &report.verdict;
    assert!(verdict.appended >= verdict.acknowledged && verdict.repeated > 0, "{}", report.table());
    report
}

/// Panics unless writers were killed, and the engine if there is one.
fn was_bloody(killed: Killed, has_engine: bool) {
    assert!(killed.writers > 0 && killed.tailers > 0, "the hunt was too tame to mean anything: {killed:?}");
    assert_eq!(killed.engines > 0, has_engine, "{killed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hunt_in_memory_finds_nothing() {
    let report = nothing_is_lost(Ground::Memory, Kills::None).await;
    assert_eq!(report.killed, Killed::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hunt_with_kills_on_sqlite_finds_nothing() {
    was_bloody(nothing_is_lost(Ground::Sqlite, Kills::Random).await.killed, false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hunt_with_kills_on_postgres_finds_nothing() {
    was_bloody(nothing_is_lost(Ground::Postgres, Kills::Random).await.killed, true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hunt_with_kills_on_clickhouse_finds_nothing() {
    was_bloody(nothing_is_lost(Ground::ClickHouse, Kills::Random).await.killed, true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hunt_with_kills_over_http_finds_nothing() {
    was_bloody(nothing_is_lost(Ground::Http, Kills::Random).await.killed, true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_holds_something_is_not_hunted_on() {
    let place = tests::places::UrlPlace::sqlite();
    let ledger = place.open_url().await;
    ledger_core::LedgerExt::append_one(&ledger, ledger_testkit::draft("here")).await.unwrap_or_else(|e| panic!("{e}"));
    let hunt = Hunt {
        ground: Ground::Url(place.url.clone()),
        writers: 1,
        tailers: 0,
        duration: Duration::from_secs(1),
        most: None,
        kills: Kills::None,
        seed: 7,
        program: Program { path: WORKER.into(), words: vec!["hunt".to_owned()] },
    };
    let error = hunt.run().await.expect_err("the ledger holds an event");
    assert!(error.exit_code() == 2 && error.to_string().contains("is not empty"), "{error}");
}
