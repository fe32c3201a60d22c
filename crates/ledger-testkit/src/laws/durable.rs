//! Durable: what holds beyond one handle's life, for ledgers that outlive the process that wrote them.

use std::sync::Arc;

use ledger_core::{Error, LedgerExt, Query, Result, verify};
use tokio::task::JoinSet;

use crate::backend::Backend;
use crate::support::{all, append, dense, draft, drafts, duplicate, joined, new, offset, soon};

/// After all handles are gone and one comes back: the same events, head and digest, and repeats are still known.
pub async fn reopening_finds_what_was_there(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let first = place.open().await?;
    let batch = drafts("e", 0..500);
    append(&first, &batch).await?;
    let (before, events) = (verify(&first, |_, _| ()).await?, all(&first).await?);
    drop(first);
    for _ in 0..3 {
        let again = place.open().await?;
        assert_eq!(verify(&again, |_, _| ()).await?, before);
        assert_eq!(all(&again).await?, events);
        assert_eq!(append(&again, &batch[7..9]).await?, [duplicate(8), duplicate(9)]);
        let conflict = again.append_one(draft("e-7").turn(1)).await;
        assert!(matches!(conflict, Err(Error::IdConflict { .. })), "{conflict:?}");
    }
    Ok(())
}

/// An acknowledged append is there although its handle is dropped at once.
pub async fn reopening_finds_what_was_acknowledged_last(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    for round in 1..=15 {
        let ledger = place.open().await?;
        assert_eq!(ledger.append_one(draft(&format!("e-{round}"))).await?, new(round));
        drop(ledger);
    }
    let ledger = place.open().await?;
    assert_eq!(ledger.head().await?.get(), 15);
    dense(&all(&ledger).await?);
    Ok(())
}

/// Offsets stay used when everything was pruned and the ledger was opened anew.
pub async fn reopening_after_prune_reuses_no_offset(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let first = place.open().await?;
    append(&first, &drafts("e", 0..5)).await?;
    first.prune(&Query::all()).await?;
    drop(first);
    let again = place.open().await?;
    assert_eq!(again.head().await?.get(), 5, "the head fell back");
    assert_eq!(again.append_one(draft("x")).await?, new(6));
    again.prune(&Query::after(offset(5))).await?;
    drop(again);
    assert_eq!(place.open().await?.append_one(draft("y")).await?, new(7));
    Ok(())
}

/// A restored head survives, also where no event carries it.
pub async fn reopening_keeps_a_restored_head(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let first = place.open().await?;
    first.restore(&[], offset(41)).await?;
    drop(first);
    let again = place.open().await?;
    assert_eq!(again.head().await?.get(), 41);
    assert_eq!(again.append_one(draft("a")).await?, new(42));
    Ok(())
}

/// Many that open a place at once, where nothing is yet, get one ledger and not an error.
pub async fn opening_by_many_at_once_makes_one_ledger(backend: &dyn Backend) -> Result<()> {
    let place: Arc<dyn crate::Place> = backend.fresh().await.into();
    let mut tasks = JoinSet::new();
    for task in 0..12 {
        let place = place.clone();
        tasks.spawn(async move {
            let ledger = place.open().await?;
            ledger.append_one(draft(&format!("e-{task}"))).await?;
            ledger.identity().await
        });
    }
    let identities = soon("opening by many", joined(tasks)).await?;
    assert!(identities.iter().all(|identity| *identity == identities[0]), "{identities:?}");
    let events = all(&place.open().await?).await?;
    assert_eq!(events.len(), 12);
    dense(&events);
    Ok(())
}

/// Handles that come and go beside a writer change nothing for it.
pub async fn opening_and_closing_disturbs_nobody(backend: &dyn Backend) -> Result<()> {
    let place: Arc<dyn crate::Place> = backend.fresh().await.into();
    let ledger = place.open().await?;
    let mut visitors = JoinSet::new();
    for visitor in 0..3 {
        let place = place.clone();
        visitors.spawn(async move {
            for visit in 0..8 {
                let ledger = place.open().await?;
                ledger.append_one(draft(&format!("v-{visitor}-{visit}"))).await?;
            }
            Ok(())
        });
    }
    for n in 0..60 {
        ledger.append_one(draft(&format!("e-{n}"))).await?;
    }
    joined(visitors).await?;
    let events = all(&ledger).await?;
    assert_eq!(events.len(), 60 + 24);
    dense(&events);
    Ok(())
}
