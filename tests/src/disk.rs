//! A disk that is full and has room again; runs in a process of its own, in a mount namespace of its own.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ledger_core::{Draft, LedgerExt, Pace, Recorder, Result};
use ledger_testkit::engines::private_clickhouse;
use ledger_testkit::{all, dense};
use serde_json::json;

use crate::places::file_url;

/// How many different large texts there are.
const MOST_LARGE: usize = 40;
const MOST_EVENTS: usize = 20_000;

/// Fills a small disk with a SQLite ledger.
pub async fn fill_sqlite(folder: &Path) -> Result<()> {
    let filler = filler(folder, 1 << 20);
    let event = |n: usize| Draft::new("disk.filled", &json!({"text": "x".repeat(300)}))?.id(format!("e-{n}"));
    fill(&file_url(&folder.join("ledger.db")), &filler, event).await
}

/// Fills a small disk with the ledger of a ClickHouse server of its own, whose files lie in the temporary folder there.
pub async fn fill_clickhouse(folder: &Path) -> Result<()> {
    let filler = filler(folder, 24 << 20);
    let server = private_clickhouse().await.unwrap_or_else(|error| panic!("{error}"));
    let url = server.fresh_database().await.unwrap_or_else(|error| panic!("{error}"));
    // Texts that no codec makes much smaller.
    let noise = || (0..8_000).map(|_| uuid::Uuid::new_v4().simple().to_string()).collect::<String>();
    let texts: Vec<String> = (0..MOST_LARGE).map(|_| noise()).collect();
    let event =
        |n: usize| Draft::new("disk.filled", &json!({"text": texts[n % MOST_LARGE], "n": n}))?.id(format!("e-{n}"));
    fill(&url, &filler, event).await
}

/// Fills a small disk with what a recorder cannot deliver, which waits in its file and then in memory, makes room, and lets
/// the ledger take it all.
pub async fn fill_spill(folder: &Path) -> Result<()> {
    let filler = filler(folder, 5 << 20);
    let url = format!("{}?timeout_ms=20", file_url(&folder.join("ledger.db")));
    let ledger = backends::open(&url).await?;
    let holder = rusqlite::Connection::open(folder.join("ledger.db")).expect("the disk has room at first");
    holder.execute_batch("BEGIN IMMEDIATE").expect("nobody else writes");
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let mut pace = Pace::default();
    pace.patience = Duration::from_millis(10);
    pace.tell = {
        let told = Arc::clone(&told);
        Arc::new(move |error| told.lock().expect("nobody panics").push(error.to_string()))
    };
    let recorder = Recorder::open_with(Arc::clone(&ledger), folder.join("spill"), pace)?;
    let full = || {
        told.lock()
            .expect("nobody panics")
            .iter()
            .find(|error| error.starts_with("recorder") && error.contains("cannot be used"))
            .cloned()
    };
    let mut count = 0;
    let mut record = |events: usize| {
        for n in count..count + events {
            recorder.record(Draft::new("disk.filled", &json!({"text": "x".repeat(300)}))?.id(format!("e-{n}"))?)?;
        }
        count += events;
        Ok::<_, ledger_core::Error>(count as u64)
    };
    while full().is_none() {
        assert!(record(500)? < MOST_EVENTS as u64, "so small a disk is full before so many events");
        recorder.flush().await.expect_err("nothing can be delivered");
    }
    let failure = full().expect("it was told");
    let recorded = record(500)?;
    let error = recorder.flush().await.expect_err("nothing can be delivered").to_string();
    let standing = recorder.standing();
    assert!(standing.waiting >= 500 && standing.spilled > 500, "{standing:?}");
    assert_eq!((standing.waiting + standing.spilled, standing.lost), (recorded, 0), "{standing:?}");
    assert!(error.contains(&format!("{} in memory", standing.waiting)), "{error}");

    std::fs::remove_file(filler).expect("a file on a full disk can be removed");
    recorder.flush().await.expect_err("nothing can be delivered");
    assert_eq!((recorder.standing().waiting, recorder.standing().spilled), (0, recorded), "the file has room again");
    drop(holder);
    recorder.flush().await?;
    let ids: Vec<_> = all(&ledger).await?.iter().map(|event| event.id.to_string()).collect();
    assert_eq!(ids, (0..recorded).map(|n| format!("e-{n}")).collect::<Vec<_>>());
    println!("full after {} events with `{failure}`, and went on when there was room", standing.spilled);
    Ok(())
}

fn filler(folder: &Path, bytes: usize) -> PathBuf {
    let filler = folder.join("filler");
    std::fs::write(&filler, vec![0; bytes]).expect("the disk has room at first");
    filler
}

/// Fills a small disk by appending, makes room, and goes on. Panics unless exactly what was acknowledged is there.
async fn fill(url: &str, filler: &Path, event: impl Fn(usize) -> Result<Draft>) -> Result<()> {
    let ledger = backends::open(url).await?;
    let (mut acknowledged, mut failure) = (0, None);
    for n in 0..MOST_EVENTS {
        match ledger.append_one(event(n)?).await {
            Ok(receipt) => acknowledged = receipt.offset.get(),
            Err(error) => {
                failure = Some(error);
                break;
            }
        }
    }
    let failure = failure.expect("so small a disk is full before so many events");
    assert!(failure.to_string().contains("full"), "the reason is not told: {failure}");
    let held = all(&ledger).await?;
    assert_eq!(held.len() as u64, acknowledged, "after `{failure}` another number of events is there");
    dense(&held);
    std::fs::remove_file(filler).expect("a file on a full disk can be removed");
    let next = ledger.append_one(event(acknowledged as usize)?).await?;
    assert_eq!(next.offset.get(), acknowledged + 1, "the ledger did not go on where it was");
    drop(ledger);
    let again = backends::open(url).await?;
    let held = all(&again).await?;
    dense(&held);
    assert_eq!(held.len() as u64, acknowledged + 1, "another number of events is there after opening again");
    println!("full after {acknowledged} events with `{failure}`, and went on when there was room");
    Ok(())
}
