//! Several processes on one ledger: writers that are killed and come back, and followers that must see it all in order.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures::TryStreamExt;
use ledger_core::{Ledger, LedgerExt, Query};
use ledger_testkit::{Place, dense};
use tests::places::UrlPlace;
use tests::workers::Worker;

const WORKER: &str = env!("CARGO_BIN_EXE_worker");
const WRITERS: usize = 4;
const TAILERS: usize = 2;
const ARRIVAL: Duration = Duration::from_secs(60);

fn duration() -> Duration {
    let seconds = std::env::var("LEDGER_TEST_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(20);
    Duration::from_secs(seconds)
}

struct Writer {
    name: String,
    worker: Worker,
    said: Vec<String>,
}

impl Writer {
    fn start(n: usize, url: &str) -> Self {
        let name = format!("w{n}");
        let worker = Worker::start(WORKER, &["write", url, &name, "0"]);
        Self { name, worker, said: Vec::new() }
    }

    /// Kills the writer in the middle of whatever it does, and starts it a few batches before where it was heard last.
    async fn kill_and_restart(&mut self, url: &str) {
        let from = self.said.last().map_or(0, |line| batch(line).saturating_sub(3)).to_string();
        let next = Worker::start(WORKER, &["write", url, &self.name, &from]);
        let killed = std::mem::replace(&mut self.worker, next);
        self.said.extend(killed.kill().await);
    }
}

fn batch(line: &str) -> usize {
    line.split(' ').next().and_then(|word| word.parse().ok()).expect("a line starts with its batch")
}

/// Adds receipts to what is known. Panics when one id was answered with two offsets.
fn take_receipts(known: &mut HashMap<String, u64>, lines: &[String]) -> usize {
    for line in lines {
        let words: Vec<_> = line.split(' ').collect();
        let [_, id, offset, _] = words[..] else { panic!("no receipt: {line}") };
        let offset = offset.parse().expect("an offset is a number");
        let first = *known.entry(id.to_owned()).or_insert(offset);
        assert_eq!(first, offset, "`{id}` was acknowledged at two offsets");
    }
    lines.len()
}

/// Panics when a kill left a part of a batch: of a writer's batch N, N modulo 5 events are its own.
fn batches_are_whole<'a>(ids: impl Iterator<Item = &'a str>) {
    let mut sizes = HashMap::<&str, usize>::new();
    for (batch, _) in ids.filter(|id| id.starts_with('w')).filter_map(|id| id.rsplit_once('-')) {
        *sizes.entry(batch).or_default() += 1;
    }
    for (batch, size) in sizes {
        let number: usize = batch.rsplit('-').next().and_then(|n| n.parse().ok()).expect("batches are numbered");
        assert_eq!(size, number % 5, "a part of batch `{batch}` was recorded");
    }
}

async fn writers_that_die_lose_and_double_nothing(place: &UrlPlace) {
    let url = place.url.as_str();
    let ledger = place.open().await.expect("the test's own set-up works");
    let mut writers: Vec<_> = (0..WRITERS).map(|n| Writer::start(n, url)).collect();
    let tailers: Vec<_> = (0..TAILERS).map(|_| Worker::start(WORKER, &["tail", url])).collect();
    let start = Instant::now();
    let mut kills = 0_usize;
    while start.elapsed() < duration() {
        // The load is the point here, and its length; the steps of this sequence only have to differ.
        tokio::time::sleep(Duration::from_millis(400 + (kills as u64 * 337) % 900)).await;
        writers[(kills * 7 + kills / 3) % WRITERS].kill_and_restart(url).await;
        kills += 1;
    }
    let (mut receipts, mut count) = (HashMap::new(), 0);
    for writer in writers {
        let mut said = writer.said;
        said.extend(writer.worker.kill().await);
        count += take_receipts(&mut receipts, &said);
    }
    // A server may still be at work for a writer that is dead; what it adds after this is not looked at.
    let head = ledger.head().await.expect("the test's own set-up works");
    let events: Vec<_> =
        ledger.tail(Query::all().up_to(head)).try_collect().await.expect("the test's own set-up works");
    assert_eq!(events.len() as u64, head.get(), "count and head differ");
    dense(&events);
    for (id, offset) in &receipts {
        let there = &events[usize::try_from(*offset).expect("the test's own set-up works") - 1];
        assert_eq!(there.id.as_str(), id, "an acknowledged event is not at its offset {offset}");
    }
    batches_are_whole(events.iter().map(|event| event.id.as_str()));
    for mut tailer in tailers {
        tailer.until(events.len(), ARRIVAL).await;
        let seen = tailer.kill().await;
        let expected = events.iter().map(|event| format!("{} {}", event.offset, event.id));
        assert!(seen.iter().take(events.len()).cloned().eq(expected), "a tailer saw gaps, repeats or another order");
    }
    assert!(kills > 3 && events.len() > 100, "the load was too small to mean anything: {kills} kills, {head} events");
    println!("{}: {head} events, {count} receipts, {kills} kills", ledger.backend());
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_on_one_sqlite_file_lose_and_double_nothing_when_killed() {
    writers_that_die_lose_and_double_nothing(&UrlPlace::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_on_one_postgres_schema_lose_and_double_nothing_when_killed() {
    writers_that_die_lose_and_double_nothing(&UrlPlace::postgres().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_on_one_clickhouse_database_lose_and_double_nothing_when_killed() {
    writers_that_die_lose_and_double_nothing(&UrlPlace::clickhouse().await).await;
}
