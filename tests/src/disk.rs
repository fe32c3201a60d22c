//! A disk that is full and has room again; runs in a process of its own, in a mount namespace of its own.

use std::path::Path;

use ledger_core::{Draft, LedgerExt, Result};
use ledger_testkit::{all, dense};
use serde_json::json;

use crate::places::file_url;

const FILLER_BYTES: usize = 1 << 20;
const MOST_EVENTS: usize = 20_000;

/// Fills a small disk by appending, makes room, and goes on. Panics unless exactly what was acknowledged is there.
pub async fn fill(folder: &Path) -> Result<()> {
    let filler = folder.join("filler");
    std::fs::write(&filler, vec![0; FILLER_BYTES]).expect("the disk has room at first");
    let url = file_url(&folder.join("ledger.db"));
    let ledger = backends::open(&url).await?;
    let event = |n: usize| Draft::new("disk.filled", &json!({"text": "x".repeat(300)}))?.id(format!("e-{n}"));
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
    let failure = failure.expect("a disk of two megabytes is full before so many events");
    let held = all(&ledger).await?;
    assert_eq!(held.len() as u64, acknowledged, "after `{failure}` another number of events is there");
    dense(&held);
    std::fs::remove_file(&filler).expect("a file on a full disk can be removed");
    let next = ledger.append_one(event(acknowledged as usize)?).await?;
    assert_eq!(next.offset.get(), acknowledged + 1, "the ledger did not go on where it was");
    drop(ledger);
    let again = backends::open(&url).await?;
    let held = all(&again).await?;
    dense(&held);
    assert_eq!(held.len() as u64, acknowledged + 1, "another number of events is there after opening again");
    println!("full after {acknowledged} events with `{failure}`, and went on when there was room");
    Ok(())
}
