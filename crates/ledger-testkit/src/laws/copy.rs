//! Copy: the same events, offsets and digest, or a refusal that touches nothing.

use ledger_core::{Copied, Draft, Error, Ledger, LedgerExt, Query, Result, copy, first_difference, verify};
use tokio::sync::oneshot;

use crate::backend::Backend;
use crate::support::{all, append, append_all, draft, drafts, joined, offset, writers};

async fn copied(source: &dyn Ledger, target: &dyn Ledger) -> Result<Copied> {
    copy(source, target, &mut |_| ()).await
}

async fn same(source: &dyn Ledger, target: &dyn Ledger) -> Result<()> {
    let (ours, theirs) = (verify(source, |_, _| ()).await?, verify(target, |_, _| ()).await?);
    assert_eq!(ours, theirs, "the copy is not what was copied");
    assert_eq!(first_difference(source, target).await?, None);
    Ok(())
}

/// A copy has the same count, head, offsets and digest, gaps included.
pub async fn copy_has_the_same_events_offsets_and_digest(backend: &dyn Backend) -> Result<()> {
    let (home, copy_home) = (backend.fresh().await, backend.fresh().await);
    let (source, target) = (home.open().await?, copy_home.open().await?);
    append_all(&source, &drafts("e", 0..2_500)).await?;
    source.prune(&Query::after(offset(100)).up_to(offset(150))).await?;
    source.prune(&Query::after(offset(2_490))).await?;
    let result = copied(&source, &target).await?;
    same(&source, &target).await?;
    assert_eq!((result.count, result.written, result.head.get()), (2_440, 2_440, 2_500));
    assert_eq!(result.digest, verify(&source, |_, _| ()).await?.digest);
    assert_eq!(target.append_one(draft("next")).await?.offset.get(), 2_501, "the copy gives a used offset again");
    Ok(())
}

/// A copy of nothing is empty and not an error; so is a copy of a ledger whose events are all pruned.
pub async fn copy_of_nothing_is_empty(backend: &dyn Backend) -> Result<()> {
    let (home, copy_home) = (backend.fresh().await, backend.fresh().await);
    let (source, target) = (home.open().await?, copy_home.open().await?);
    assert_eq!(copied(&source, &target).await?.count, 0);
    append(&source, &drafts("e", 0..5)).await?;
    source.prune(&Query::all()).await?;
    assert_eq!(copied(&source, &target).await?.head.get(), 5);
    same(&source, &target).await
}

/// A copy that is taken while others append is a prefix of the ledger, and nothing of it is missing.
pub async fn copy_while_others_append_is_a_prefix(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let handles = [place.open().await?, place.open().await?];
    append_all(&handles[0], &drafts("old", 0..3_000)).await?;
    let (stop, mut stopped) = oneshot::channel::<()>();
    let load = tokio::spawn({
        let handles = handles.clone();
        async move {
            let mut round = 0;
            while stopped.try_recv().is_err_and(|e| e == oneshot::error::TryRecvError::Empty) {
                joined(writers(&handles, &format!("new-{round}"), 4, 10)).await?;
                round += 1;
            }
            Ok::<_, Error>(())
        }
    });
    let mut copies = Vec::new();
    for _ in 0..3 {
        let home = backend.fresh().await;
        let target = home.open().await?;
        let result = copied(&handles[1], &target).await?;
        copies.push((home, target, result));
    }
    drop(stop);
    load.await.expect("the writers do not panic")?;
    let whole = all(&handles[0]).await?;
    for (_home, target, result) in copies {
        let held = all(&target).await?;
        assert!(held.len() >= 3_000 && held.len() as u64 == result.head.get(), "{} events, {result:?}", held.len());
        assert_eq!(held, whole[..held.len()], "the copy is no prefix");
    }
    Ok(())
}

/// A copy onto itself is `SameLedger`, through the same handle and another, and nothing is touched.
pub async fn copy_onto_itself_is_refused(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    append(&here, &drafts("e", 0..50)).await?;
    let before = all(&here).await?;
    for (source, target) in [(&here, &here), (&here, &there), (&there, &here)] {
        let outcome = copied(source, target).await;
        assert!(matches!(outcome, Err(Error::SameLedger)), "{outcome:?}");
    }
    assert_eq!(all(&there).await?, before);
    Ok(())
}

/// A copy onto a ledger that holds something else is `NotEmpty`, and nothing is touched.
pub async fn copy_onto_other_events_is_refused(backend: &dyn Backend) -> Result<()> {
    let (home, copy_home) = (backend.fresh().await, backend.fresh().await);
    let (source, target) = (home.open().await?, copy_home.open().await?);
    append(&source, &drafts("e", 0..50)).await?;
    append(&target, &drafts("other", 0..3)).await?;
    let before = all(&target).await?;
    let outcome = copied(&source, &target).await;
    assert!(matches!(outcome, Err(Error::NotEmpty { .. })), "{outcome:?}");
    assert_eq!((all(&target).await?, target.head().await?.get()), (before, 3), "a refused copy touched the target");
    Ok(())
}

/// A copy onto an older copy of the same ledger writes only what is new.
pub async fn copy_goes_on_where_an_older_copy_ended(backend: &dyn Backend) -> Result<()> {
    let (home, copy_home) = (backend.fresh().await, backend.fresh().await);
    let (source, target) = (home.open().await?, copy_home.open().await?);
    append_all(&source, &drafts("e", 0..1_500)).await?;
    copied(&source, &target).await?;
    append(&source, &drafts("more", 0..40)).await?;
    let result = copied(&source, &target).await?;
    assert_eq!((result.count, result.written), (1_540, 40));
    same(&source, &target).await?;
    assert_eq!(copied(&source, &target).await?.written, 0);
    Ok(())
}

/// A copy onto one that went its own way since is `NotEmpty`, and nothing is touched.
pub async fn copy_onto_a_diverged_copy_is_refused(backend: &dyn Backend) -> Result<()> {
    let (home, copy_home) = (backend.fresh().await, backend.fresh().await);
    let (source, target) = (home.open().await?, copy_home.open().await?);
    append(&source, &drafts("e", 0..20)).await?;
    copied(&source, &target).await?;
    target.append_one(draft("its own")).await?;
    let before = all(&target).await?;
    let shorter = copied(&source, &target).await;
    assert!(matches!(shorter, Err(Error::NotEmpty { .. })), "onto one that is longer: {shorter:?}");
    append(&source, &drafts("more", 0..5)).await?;
    let diverged = copied(&source, &target).await;
    assert!(matches!(diverged, Err(Error::NotEmpty { .. })), "onto one that differs: {diverged:?}");
    assert_eq!(all(&target).await?, before, "a refused copy touched the target");
    Ok(())
}

/// A page that is full in bytes goes into the copy as one that is full in number does.
pub async fn copy_takes_events_of_any_size(backend: &dyn Backend) -> Result<()> {
    let (home, copy_home) = (backend.fresh().await, backend.fresh().await);
    let (source, target) = (home.open().await?, copy_home.open().await?);
    let sized = |id: String, bytes: usize| Draft::new("size.made", &"x".repeat(bytes))?.id(id);
    let middling: Vec<Draft> = (0..14_000).map(|n| sized(format!("m-{n}"), 1_000)).collect::<Result<_>>()?;
    for some in middling.chunks(5_000) {
        append_all(&source, some).await?;
    }
    let largest: Vec<Draft> = (0..12).map(|n| sized(format!("l-{n}"), (1 << 20) - 2)).collect::<Result<_>>()?;
    for some in largest.chunks(4) {
        append_all(&source, some).await?;
    }
    let result = copied(&source, &target).await?;
    assert_eq!(result.count, 14_012);
    same(&source, &target).await
}
