//! Prune: removes what matches for good; offsets stay used and ids become free.

use ledger_core::retention::{self, Pruned};
use ledger_core::{ContentHasher, Error, Ledger, LedgerExt, Query, Result, verify};

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

/// Erase removes what is at its offsets and says how many were; a head that goes is not given again.
pub async fn erase_removes_what_is_at_its_offsets(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    append_all(&here, &drafts("e", 0..2_000)).await?;
    assert_eq!(there.erase(&[]).await?, 0);
    let every_third: Vec<_> = (1..=2_500).step_by(3).map(offset).collect();
    assert_eq!(there.erase(&every_third).await?, 667, "offsets past the head have no events");
    let left: Vec<_> = all(&here).await?.iter().map(|event| event.offset.get()).collect();
    assert!(
        left.iter().copied().eq((1..=2_000).filter(|offset| offset % 3 != 1)),
        "something else went, or too little"
    );
    assert_eq!(there.erase(&every_third).await?, 0);
    assert_eq!(there.erase(&[offset(2_000), offset(1_998)]).await?, 2);
    assert_eq!(here.append_one(draft("e-1999")).await?, new(2_001), "an offset was given again, or an id was not free");
    let many: Vec<_> = (1..=10_001).map(offset).collect();
    let error = here.erase(&many).await.expect_err("more than one call takes");
    assert!(matches!(error, Error::Invalid { .. }) && error.to_string().contains("`10001`"), "{error}");
    assert_eq!(all(&here).await?.len(), 2_000 - 667 - 2 + 1);
    Ok(())
}

/// What is removed by way of retention is recorded, and told from what is not there without a word of why.
pub async fn prune_that_is_told_of_is_told_from_loss(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    append_all(&ledger, &drafts("e", 0..300)).await?;
    let query = Query::after(offset(100)).up_to(offset(200)).id("e-150")?.id("e-151")?.id("e-160")?;
    let mut hasher = ContentHasher::default();
    let goes: Vec<_> = all(&ledger).await?.into_iter().filter(|event| query.matches(event)).collect();
    goes.iter().try_for_each(|event| hasher.add(event))?;
    assert_eq!(retention::prune(&ledger, &query, "by hand", |_| ()).await?, 3);
    let events = all(&ledger).await?;
    let record: Pruned = events.last().expect("there are events").payload_as()?;
    assert_eq!((record.policy.as_str(), record.count), ("by hand", 3));
    assert_eq!(record.ranges, [(offset(151), offset(152)), (offset(161), offset(161))]);
    assert_eq!(record.digest, Some(hasher.digest().to_string()), "the digest is not that of what went");
    let found = verify(&ledger, |_, _| ()).await?;
    assert_eq!((found.count, found.head.get(), found.gaps, found.pruned), (298, 301, 3, 3));

    ledger.prune(&Query::after(offset(140)).up_to(offset(155))).await?;
    let found = verify(&ledger, |_, _| ()).await?;
    assert_eq!((found.gaps, found.pruned), (16, 3), "what nobody recorded is told of");
    assert_eq!(retention::prune(&ledger, &Query::all().up_to(offset(301)), "all", |_| ()).await?, 284);
    let found = verify(&ledger, |_, _| ()).await?;
    assert_eq!((found.count, found.gaps, found.pruned), (2, 300, 287), "a record went, or one too many is believed");

    assert_eq!(retention::clear(&ledger, offset(302), "reset", |_| ()).await?, 2);
    let found = verify(&ledger, |_, _| ()).await?;
    assert_eq!((found.count, found.head.get(), found.gaps, found.pruned), (1, 303, 302, 302));
    Ok(())
}
