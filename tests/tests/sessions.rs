//! Eight processes that edit one session: stamps rise, causes come first, nothing is lost, and checkpoints part the edits.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ledger_core::session::Session;
use ledger_core::views::session::{Checkpoint, Edited};
use ledger_core::{Event, Ledger};
use ledger_testkit::{Place, all};
use tests::places::UrlPlace;
use tests::workers::Worker;

const WORKER: &str = env!("CARGO_BIN_EXE_worker");
/// The first two processes are one actor.
const ACTORS: [&str; 8] = ["ann", "ann", "bob", "cy", "dee", "eve", "fay", "gil"];
const SECONDS: u64 = 20;

/// Panics unless the stamps of each actor rise in the order of the ledger and are past those of every parent.
fn stamps_rise(edits: &[Edited]) -> usize {
    let mut last = BTreeMap::new();
    let stamps: BTreeMap<_, _> = edits.iter().map(|edited| (edited.id(), edited.link.stamp.lamport)).collect();
    let mut links = 0;
    for edited in edits {
        let lamport = edited.link.stamp.lamport;
        assert!(last.insert(edited.actor(), lamport).flatten() < lamport, "{edited:?} does not rise");
        for parent in &edited.link.parents {
            assert!(stamps[parent] < lamport, "{edited:?} is not past its cause");
            links += 1;
        }
    }
    links
}

/// Panics unless the checkpoint counted exactly the edits up to its offset.
fn parts(checkpoint: &Checkpoint, events: &[Event], edits: &[Edited]) {
    let before = edits.iter().take_while(|edited| edited.link.offset <= checkpoint.offset).count() as u64;
    let stamps = events.iter().take_while(|event| event.offset <= checkpoint.offset).filter_map(|event| event.lamport);
    assert_eq!((checkpoint.operations, checkpoint.lamport), (before, stamps.max().unwrap_or(0)), "{checkpoint:?}");
}

async fn eight_processes_edit_one_session(place: &UrlPlace, least: usize) {
    let ledger = place.open().await.expect("the test's own set-up works");
    let seconds = SECONDS.to_string();
    let workers = ACTORS.map(|actor| Worker::start(WORKER, &["edit", &place.url, actor, &seconds]));
    let keeper = Session::open(ledger.clone(), "shared", "keeper").await.expect("a session opens");
    let mut taken = Vec::new();
    for n in 0..SECONDS {
        // The load is the point here; what is in the middle of it only has to differ.
        tokio::time::sleep(Duration::from_millis(700 + n * 13)).await;
        taken.push(keeper.checkpoint(&format!("v{n}")).await.expect("a checkpoint is taken"));
    }
    let mut told = BTreeSet::new();
    for worker in workers {
        told.extend(worker.finish().await);
    }
    let events = all(&ledger).await.expect("the test's own set-up works");
    let edits: Vec<_> = events.iter().filter_map(Edited::read).map(|edited| edited.expect("it can be read")).collect();
    let there = edits.iter().map(|one| {
        format!("{} {} {}", one.id(), one.link.offset, one.link.stamp.lamport.expect("an edit has a stamp"))
    });
    assert_eq!(told, there.collect(), "an edit was lost, or is not what its maker was told");
    let links = stamps_rise(&edits);
    let stored: Vec<_> =
        events.iter().filter_map(Checkpoint::read).map(|found| found.expect("it can be read")).collect();
    assert_eq!(stored, taken);
    taken.iter().for_each(|checkpoint| parts(checkpoint, &events, &edits));
    let inner = taken.iter().filter(|found| (1..edits.len() as u64).contains(&found.operations)).count();
    println!("{}: {} edits, {links} causes, {inner} checkpoints in their midst", ledger.backend(), edits.len());
    assert!(edits.len() >= least && links >= least / 2 && inner > 3, "the load was too small to mean anything");
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_processes_edit_one_session_in_sqlite() {
    eight_processes_edit_one_session(&UrlPlace::sqlite(), 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_processes_edit_one_session_in_postgres() {
    eight_processes_edit_one_session(&UrlPlace::postgres().await, 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_processes_edit_one_session_in_clickhouse() {
    eight_processes_edit_one_session(&UrlPlace::clickhouse().await, 20).await;
}
