//! A million events: opening takes the time and memory it takes with a thousand, and a session is replayed in as much memory
//! as a small one.

use std::process::Command;

use ledger_core::views::session::OPERATION;
use ledger_core::{Condition, Draft, Ledger, session};
use ledger_testkit::Place;
use tests::places::UrlPlace;

const WORKER: &str = env!("CARGO_BIN_EXE_worker");
const SMALL: usize = 1_000;
const LARGE: usize = 1_000_000;

async fn filled(place: &UrlPlace, count: usize) {
    let ledger = place.open().await.expect("the test's own set-up works");
    append(&*ledger, 0..count, |n| Draft::new("load.written", &n)?.id(format!("e-{n:07}"))).await;
    assert_eq!(ledger.head().await.expect("the test's own set-up works").get(), count as u64);
}

async fn append(
    ledger: &dyn Ledger,
    range: std::ops::Range<usize>,
    draft: impl Fn(usize) -> ledger_core::Result<Draft>,
) {
    let drafts: Result<Vec<_>, _> = range.map(draft).collect();
    for batch in drafts.expect("the test's own set-up works").chunks(10_000) {
        ledger.append(batch, &Condition::None).await.expect("the test's own set-up works");
    }
}

/// Does something in a process of its own, several times, and returns the least microseconds and kilobytes.
fn least(doing: &str, times: usize, url: &str, count: usize) -> (u64, u64) {
    let mut least = (u64::MAX, u64::MAX);
    for _ in 0..times {
        let output = Command::new(WORKER).args([doing, url]).output().expect("the test's own set-up works");
        let line = String::from_utf8_lossy(&output.stdout).into_owned();
        let words: Vec<u64> = line.split(' ').map_while(|word| word.trim().parse().ok()).collect();
        let [found, micros, peak] = words[..] else {
            panic!("{line}{}", String::from_utf8_lossy(&output.stderr));
        };
        assert_eq!(found, count as u64);
        least = (least.0.min(micros), least.1.min(peak));
    }
    least
}

async fn opening_is_constant(name: &str, small: UrlPlace, large: UrlPlace) {
    filled(&small, SMALL).await;
    filled(&large, LARGE).await;
    let (small, large) = (least("open", 5, &small.url, SMALL), least("open", 5, &large.url, LARGE));
    println!(
        "{name}: {} µs and {} kB for {SMALL} events, {} µs and {} kB for {LARGE}",
        small.0, small.1, large.0, large.1
    );
    // The machine may be busy with other tests; what grows with the events would be a thousand times as much.
    assert!(
        large.0 < small.0 * 10 + 50_000,
        "opening takes {} µs with a million events, {} µs with few",
        large.0,
        small.0
    );
    assert!(
        large.1 < small.1 + small.1 / 2 + 4_096,
        "opening takes {} kB with a million events, {} kB with few",
        large.1,
        small.1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_a_million_events_takes_no_more_than_a_thousand_in_sqlite() {
    opening_is_constant("sqlite", UrlPlace::sqlite(), UrlPlace::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_a_million_events_takes_no_more_than_a_thousand_in_postgres() {
    opening_is_constant("postgres", UrlPlace::postgres().await, UrlPlace::postgres().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_a_million_events_takes_no_more_than_a_thousand_in_clickhouse() {
    opening_is_constant("clickhouse", UrlPlace::clickhouse().await, UrlPlace::clickhouse().await).await;
}

/// How many edits make the pages of a replay as large as they get.
const PAGES: usize = 50_000;

async fn edited(place: &UrlPlace, count: usize) {
    let ledger = place.open().await.expect("the test's own set-up works");
    let edit = |n: usize| {
        let edit = serde_json::json!({"op": "replace", "target": format!("p-{}", n % 1_000), "payload": {"text": "x".repeat(60)}});
        let draft = Draft::new(OPERATION, &serde_json::json!({"domain": "doc", "op": edit}))?;
        Ok(draft.session("shared")?.actor(["ann", "bob"][n % 2])?.lamport(n as u64 + 1))
    };
    append(&*ledger, 0..1_000, edit).await;
    let (id, actor) = ("shared".try_into().expect("a word"), "ann".try_into().expect("a word"));
    let taken = session::checkpoint(&*ledger, &id, &actor, "v1", None).await.expect("the test's own set-up works");
    assert_eq!((taken.operations, taken.lamport), (1_000, 1_000));
    append(&*ledger, 1_000..1_000 + count, edit).await;
}

async fn replay_is_flat(name: &str, small: UrlPlace, large: UrlPlace) {
    edited(&small, PAGES).await;
    edited(&large, LARGE).await;
    let (small, large) = (least("replay", 2, &small.url, PAGES), least("replay", 2, &large.url, LARGE));
    println!(
        "{name}: replayed {LARGE} edits in {} ms with {} kB, {PAGES} with {} kB",
        large.0 / 1_000,
        large.1,
        small.1
    );
    assert!(
        large.1 < small.1 + small.1 / 2 + 4_096,
        "a replay takes {} kB with a million edits, {} kB with few",
        large.1,
        small.1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_edits_are_replayed_in_flat_memory_from_sqlite() {
    replay_is_flat("sqlite", UrlPlace::sqlite(), UrlPlace::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_edits_are_replayed_in_flat_memory_from_postgres() {
    replay_is_flat("postgres", UrlPlace::postgres().await, UrlPlace::postgres().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_edits_are_replayed_in_flat_memory_from_clickhouse() {
    replay_is_flat("clickhouse", UrlPlace::clickhouse().await, UrlPlace::clickhouse().await).await;
}
