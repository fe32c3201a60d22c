//! Prune: removes what matches for good; offsets stay used and ids become free.

use ledger_core::{LedgerExt, Query, Result};

use crate::backend::Backend;
use crate::support::{all, append, append_all, draft, drafts, duplicate, new, offset};

/// Prune removes exactly what matches, whatever the query's limit and order, and says how many that were.
pub async fn prune_removes_what_matches_and_nothing_else(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    let batch: Vec<_> = drafts("e", 0..2_500)
        .into_iter()
        .enumerate()
        .map(|(n, draft)| draft.tag(if n % 2 == 0 { "keep:no" } else { "keep:yes" }))
        .collect::<Result<_>>()?;
    append_all(&here, &batch).await?;
    let before = all(&here).await?;
    let query = Query::all().tag("keep:no")?.from(offset(10)).up_to(offset(2_400)).descending().limit(7)?;
    let expected: Vec<_> = before.into_iter().filter(|event| !query.matches(event)).collect();
    assert_eq!(there.prune(&query).await?, 2_500 - expected.len() as u64);
    assert_eq!(all(&here).await?, expected, "prune removed something else or too little");
    assert_eq!(all(&there).await?, expected);
    assert_eq!(here.prune(&query).await?, 0, "what was pruned was there again");
    assert_eq!((here.head().await?.get(), there.head().await?.get()), (2_500, 2_500), "prune moved the head");
    Ok(())
}

/// An offset is not given twice, not even when everything was pruned.
pub async fn prune_never_frees_an_offset(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    append(&here, &drafts("e", 0..3)).await?;
    assert_eq!(there.prune(&Query::all()).await?, 3);
    assert_eq!(here.head().await?.get(), 3);
    assert_eq!(here.append_one(draft("x")).await?, new(4));
    assert_eq!(there.append_one(draft("y")).await?, new(5));
    assert_eq!(there.prune(&Query::after(offset(4))).await?, 1, "the last event alone");
    assert_eq!(here.append_one(draft("z")).await?, new(6));
    assert_eq!(all(&here).await?.iter().map(|event| event.offset.get()).collect::<Vec<_>>(), [4, 6]);
    Ok(())
}

/// The id of a pruned event is free again, on every handle; the ids of the others are not.
pub async fn prune_frees_the_ids(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    append(&here, &[draft("a"), draft("b")]).await?;
    append(&there, &[draft("a")]).await?;
    assert_eq!(here.prune(&Query::all().id("a")?).await?, 1);
    assert_eq!(there.append_one(draft("a").turn(5)).await?, new(3));
    assert_eq!(here.append_one(draft("a").turn(5)).await?, duplicate(3));
    assert_eq!(here.append_one(draft("b")).await?, duplicate(2));
    Ok(())
}

/// Prune of what is not there removes nothing, also on an empty ledger.
pub async fn prune_of_nothing_removes_nothing(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    assert_eq!(ledger.prune(&Query::all()).await?, 0);
    append(&ledger, &drafts("e", 0..3)).await?;
    assert_eq!(ledger.prune(&Query::all().run("none")?).await?, 0);
    assert_eq!(ledger.prune(&Query::after(offset(3))).await?, 0);
    assert_eq!(all(&ledger).await?.len(), 3);
    Ok(())
}

/// Appends go on while prune runs, and lose nothing by it.
pub async fn prune_lets_appends_through(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    append_all(&here, &drafts("old", 0..6_000)).await?;
    let query = Query::all().up_to(offset(5_000));
    let pruning = tokio::spawn(async move { there.prune(&query).await });
    let mut appended = 0;
    loop {
        let done = pruning.is_finished();
        here.append_one(draft(&format!("new-{appended}"))).await?;
        appended += 1;
        if done {
            break;
        }
    }
    assert_eq!(pruning.await.expect("prune does not panic")?, 5_000);
    let events = all(&here).await?;
    assert!(events.iter().map(|event| event.offset.get()).eq(5_001..=6_000 + appended), "an append was lost or pruned");
    Ok(())
}
