//! A million events: opening takes the time and memory it takes with a thousand.

use std::process::Command;

use ledger_core::{Condition, Draft, Ledger};
use ledger_testkit::Place;
use tests::places::UrlPlace;

const WORKER: &str = env!("CARGO_BIN_EXE_worker");
const SMALL: usize = 1_000;
const LARGE: usize = 1_000_000;

async fn filled(place: &UrlPlace, count: usize) {
    let ledger = place.open().await.expect("the test's own set-up works");
    let draft = |n: usize| {
        Draft::new("load.written", &n)
            .and_then(|draft| draft.id(format!("e-{n:07}")))
            .expect("the test's own set-up works")
    };
    for start in (0..count).step_by(10_000) {
        let batch: Vec<_> = (start..count.min(start + 10_000)).map(draft).collect();
        ledger.append(&batch, &Condition::None).await.expect("the test's own set-up works");
    }
    assert_eq!(ledger.head().await.expect("the test's own set-up works").get(), count as u64);
}

/// Opens in a process of its own, several times, and returns the least microseconds and kilobytes.
fn opened(url: &str, count: usize) -> (u64, u64) {
    let mut least = (u64::MAX, u64::MAX);
    for _ in 0..5 {
        let output = Command::new(WORKER).args(["open", url]).output().expect("the test's own set-up works");
        let line = String::from_utf8_lossy(&output.stdout).into_owned();
        let words: Vec<u64> = line.split(' ').map_while(|word| word.trim().parse().ok()).collect();
        let [head, micros, peak] = words[..] else {
            panic!("{line}{}", String::from_utf8_lossy(&output.stderr));
        };
        assert_eq!(head, count as u64);
        least = (least.0.min(micros), least.1.min(peak));
    }
    least
}

async fn opening_is_constant(name: &str, small: UrlPlace, large: UrlPlace) {
    filled(&small, SMALL).await;
    filled(&large, LARGE).await;
    let (small, large) = (opened(&small.url, SMALL), opened(&large.url, LARGE));
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
