//! Order: offsets are given without gaps, in commit order, and never twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::StreamExt;
use ledger_core::{Ledger, LedgerExt, Offset, Order, Query, Result};
use tokio::task::JoinSet;

use crate::backend::Backend;
use crate::support::{all, append, dense, draft, drafts, joined, new, writers};

/// An empty ledger has the head 0 and no events; the first event has offset 1.
pub async fn order_starts_at_one(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    assert_eq!((here.head().await?, there.head().await?), (Offset::START, Offset::START));
    assert_eq!(here.read(&Query::all()).await?, ledger_core::Page::default());
    assert_eq!(there.append_one(draft("a")).await?, new(1));
    assert_eq!(here.head().await?.get(), 1, "another handle does not see what was committed");
    assert_eq!(here.read(&Query::all()).await?.events.len(), 1);
    Ok(())
}

/// What one handle committed, another sees at once: head, events and ids.
pub async fn order_shows_a_commit_to_every_handle_at_once(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let handles = [place.open().await?, place.open().await?, place.open().await?];
    for round in 0..30_usize {
        let writer = &handles[round % 3];
        let receipts = append(writer, &drafts(&format!("r{round}"), 0..3)).await?;
        let last = receipts[2].offset;
        for reader in &handles {
            assert_eq!(reader.head().await?, last, "round {round}: the head lags behind a commit");
            let newest = reader.read(&Query::all().descending().limit(1)?).await?;
            assert_eq!(newest.events[0].offset, last, "round {round}: the read lags behind a commit");
        }
    }
    Ok(())
}

/// Two handles on one ledger share an identity; two ledgers do not.
pub async fn identity_tells_ledgers_apart_and_handles_together(backend: &dyn Backend) -> Result<()> {
    let (place, other) = (backend.fresh().await, backend.fresh().await);
    let (here, there, elsewhere) = (place.open().await?, place.open().await?, other.open().await?);
    assert_eq!(here.identity().await?, there.identity().await?);
    assert_ne!(here.identity().await?, elsewhere.identity().await?);
    assert_eq!(here.backend(), backend.name());
    Ok(())
}

/// With many writers on two handles, no reader ever sees n + 1 before n, and in the end nothing is missing.
pub async fn order_never_shows_an_event_before_the_one_it_follows(backend: &dyn Backend) -> Result<()> {
    const WRITERS: usize = 16;
    const EACH: usize = 40;
    let place = backend.fresh().await;
    let handles = [place.open().await?, place.open().await?];
    let total = (WRITERS * EACH) as u64;
    let mut tailers = JoinSet::new();
    for tailer in 0..3_usize {
        let ledger = handles[tailer % 2].clone();
        tailers.spawn(async move { tail_without_gaps(ledger, total).await });
    }
    let mut watchers = JoinSet::new();
    for handle in &handles {
        let ledger = handle.clone();
        watchers.spawn(async move { head_is_always_readable(ledger, total).await });
    }
    let receipts = joined(writers(&handles, "w", WRITERS, EACH)).await?;
    joined(tailers).await?;
    joined(watchers).await?;
    let events = all(&handles[0]).await?;
    dense(&events);
    assert_eq!(events.len() as u64, total);
    for (id, receipt) in receipts.into_iter().flatten() {
        assert_eq!(events[receipt.offset.get() as usize - 1].id.as_str(), id, "a receipt points at another event");
    }
    Ok(())
}

/// Reads on from the last offset seen, again and again, and demands that each next event is the next offset.
async fn tail_without_gaps(ledger: Arc<dyn Ledger>, total: u64) -> Result<()> {
    let mut seen = Offset::START;
    while seen.get() < total {
        let page = ledger.read(&Query::after(seen)).await?;
        for event in page.events {
            assert_eq!(event.offset.get(), seen.get() + 1, "a tailer saw it before the one it follows");
            seen = event.offset;
        }
        // A backend that never waits would keep its thread for this loop alone.
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// Whatever head is shown, everything up to it is there to read.
async fn head_is_always_readable(ledger: Arc<dyn Ledger>, total: u64) -> Result<()> {
    loop {
        let head = ledger.head().await?;
        if head > Offset::START {
            let newest = ledger.read(&Query { order: Order::Descending, ..Query::all().up_to(head).limit(1)? }).await?;
            assert_eq!(newest.events.first().map(|event| event.offset), Some(head), "the head is not there to read");
        }
        if head.get() >= total {
            return Ok(());
        }
        tokio::task::yield_now().await;
    }
}

/// The count of events equals the head at every moment, also across batches and conflicts: a gap would show a loss.
pub async fn order_leaves_no_gap_after_failures(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let handles = [place.open().await?, place.open().await?];
    append(&handles[0], &[draft("taken")]).await?;
    let failures = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    for task in 0..12_usize {
        let (ledger, failures) = (handles[task % 2].clone(), failures.clone());
        tasks.spawn(async move {
            for step in 0..15 {
                let mut batch = drafts(&format!("t{task}-{step}"), 0..3);
                if step % 3 == 0 {
                    batch.push(draft("taken").turn(1));
                }
                match append(&ledger, &batch).await {
                    Err(ledger_core::Error::IdConflict { .. }) => {
                        failures.fetch_add(1, Ordering::Relaxed);
                    }
                    other => assert_eq!(other?.len(), 3),
                }
            }
            Ok(())
        });
    }
    joined(tasks).await?;
    assert_eq!(failures.load(Ordering::Relaxed), 60);
    let events = all(&handles[1]).await?;
    dense(&events);
    assert_eq!(events.len() as u64, handles[0].head().await?.get(), "count and head differ");
    assert_eq!(events.len(), 1 + 12 * 10 * 3);
    Ok(())
}

/// The times of recording are the ledger's own and never lie before the appends that caused them.
pub async fn order_stamps_when_it_recorded(backend: &dyn Backend) -> Result<()> {
    // Clocks of two machines differ a little; a stamp in another time zone or unit differs by far more.
    const SKEW_MICROS: i64 = 60_000_000;
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let before = ledger_core::Timestamp::now().as_micros() - SKEW_MICROS;
    append(&ledger, &[draft("a").at(ledger_core::Timestamp::from_micros(0)?)]).await?;
    let after = ledger_core::Timestamp::now().as_micros() + SKEW_MICROS;
    let event = ledger.tail(Query::all()).next().await.expect("one event was recorded")?;
    assert!((before..after).contains(&event.recorded_at.as_micros()), "recorded at {}", event.recorded_at);
    assert_eq!(event.created_at.as_micros(), 0);
    Ok(())
}
