//! Restore: recorded events are written where they were, and nothing is written where something else is.

use ledger_core::{Draft, Error, Event, LedgerExt, Offset, Query, Result, Timestamp};

use crate::backend::Backend;
use crate::support::{all, append, draft, drafts, duplicate, new, offset, soon};

fn recorded(at: u64, draft: Draft) -> Result<Event> {
    Ok(Event { offset: offset(at), recorded_at: Timestamp::from_micros(1_600_000_000_000_000 + at as i64)?, draft })
}

fn with_gaps() -> Result<Vec<Event>> {
    [2, 3, 7, 11].into_iter().map(|at| recorded(at, draft(&format!("e-{at}")).lamport(at))).collect()
}

/// Restored events keep offsets, gaps and times of recording, and the head goes where it was.
pub async fn restore_keeps_offsets_and_gaps_and_raises_the_head(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    let mut events = with_gaps()?;
    // Any time is one, the beginning of the count too.
    events[0].recorded_at = Timestamp::EPOCH;
    events[1].recorded_at = Timestamp::from_micros(-1)?;
    here.restore(&events[..2], offset(3)).await?;
    here.restore(&events[2..], offset(20)).await?;
    for ledger in [&here, &there] {
        assert_eq!(all(ledger).await?, events, "restored events read otherwise");
        assert_eq!(ledger.head().await?.get(), 20);
    }
    assert_eq!(there.append_one(draft("next")).await?, new(21), "an offset up to the restored head was given again");
    assert_eq!(here.append_one(draft("e-7").lamport(7)).await?, duplicate(7));
    let other = here.append_one(draft("e-7").turn(1)).await;
    assert!(matches!(other, Err(Error::IdConflict { .. })), "a restored id was taken again: {other:?}");
    Ok(())
}

/// The same restore again changes nothing, whole or in part, and with a head that lies behind.
pub async fn restore_again_changes_nothing(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let events = with_gaps()?;
    ledger.restore(&events, offset(12)).await?;
    ledger.restore(&events, offset(12)).await?;
    ledger.restore(&events[1..3], offset(7)).await?;
    ledger.restore(&[], Offset::START).await?;
    assert_eq!((all(&ledger).await?, ledger.head().await?.get()), (events.clone(), 12));
    let more = recorded(13, draft("more"))?;
    ledger.restore(&[events[3].clone(), more.clone()], offset(13)).await?;
    assert_eq!(all(&ledger).await?.last(), Some(&more), "a restore that overlaps does not go on");
    ledger.restore(&[], offset(30)).await?;
    assert_eq!(ledger.append_one(draft("next")).await?, new(31));
    Ok(())
}

/// A restore that does not fit what is there is `NotEmpty`, and nothing of it is written.
pub async fn restore_refuses_other_content_and_touches_nothing(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    here.restore(&with_gaps()?, offset(12)).await?;
    let before = all(&here).await?;
    let fits = recorded(13, draft("fits"))?;
    for (why, at, held) in [
        ("other content at an offset", 3, draft("e-3").turn(1).lamport(3)),
        ("another clock at an offset", 3, draft("e-3").lamport(4)),
        ("another event at an offset", 3, draft("else")),
        ("an event in a gap", 5, draft("else")),
        ("an event between the last and the head", 12, draft("else")),
        ("an id that is taken elsewhere", 14, draft("e-3").lamport(3)),
    ] {
        let mut events = vec![recorded(at, held)?, fits.clone()];
        events.sort_by_key(|event| event.offset);
        let outcome = there.restore(&events, offset(20)).await;
        assert!(matches!(outcome, Err(Error::NotEmpty { .. })), "{why} was answered {outcome:?}");
        assert_eq!((all(&here).await?, here.head().await?.get()), (before.clone(), 12), "{why}: something was touched");
    }
    let stamped = Event { recorded_at: Timestamp::from_micros(5)?, ..before[0].clone() };
    let outcome = here.restore(&[stamped], offset(12)).await;
    assert!(matches!(outcome, Err(Error::NotEmpty { .. })), "another time of recording was answered {outcome:?}");
    let twice = [recorded(13, draft("twin"))?, recorded(14, draft("twin"))?];
    assert!(here.restore(&twice, offset(14)).await.is_err(), "one id was restored to two offsets");
    assert_eq!(here.head().await?.get(), 12);
    soon("append after a refused restore", here.append_one(draft("after"))).await?;
    Ok(())
}

/// A restore out of order, of offset 0, or past its own head is `Invalid`, and nothing is written.
pub async fn restore_refuses_events_out_of_order(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let at = |offset: u64| recorded(offset, draft(&format!("e-{offset}")));
    for (events, head) in [
        (vec![at(2)?, at(1)?], 2),
        (vec![at(1)?, recorded(1, draft("other"))?], 1),
        (vec![at(0)?], 1),
        (vec![at(1)?, at(5)?], 4),
    ] {
        let outcome = ledger.restore(&events, offset(head)).await;
        assert!(matches!(outcome, Err(Error::Invalid { .. })), "{outcome:?}");
    }
    assert_eq!((all(&ledger).await?.len(), ledger.head().await?.get()), (0, 0));
    Ok(())
}

/// Waiters and followers hear of restored events as of appended ones.
pub async fn restore_wakes_those_who_wait(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    let waiter = tokio::spawn({
        let ledger = there.clone();
        async move { ledger.wait(offset(5)).await }
    });
    here.restore(&with_gaps()?, offset(12)).await?;
    let head = soon("waking after a restore", waiter).await.expect("wait does not panic")?;
    assert_eq!(head.get(), 12);
    let found = there.read(&Query::after(offset(3))).await?.events;
    assert_eq!(found.iter().map(|event| event.offset.get()).collect::<Vec<_>>(), [7, 11]);
    Ok(())
}

/// Ten thousand events in one call are restored as they were.
pub async fn restore_takes_a_full_batch(backend: &dyn Backend) -> Result<()> {
    let (home, place) = (backend.fresh().await, backend.fresh().await);
    let (source, target, again) = (home.open().await?, place.open().await?, place.open().await?);
    append(&source, &drafts("e", 0..10_000)).await?;
    let events = all(&source).await?;
    target.restore(&events, offset(10_000)).await?;
    again.restore(&events, offset(10_000)).await?;
    assert_eq!(all(&again).await?, events);
    let mut more = events;
    more.push(recorded(10_001, draft("one more"))?);
    let outcome = target.restore(&more, offset(10_001)).await;
    assert!(matches!(&outcome, Err(Error::Invalid { why, .. }) if why.contains("10001")), "{outcome:?}");
    Ok(())
}

/// At the largest offset the ledger is full: the last append is taken, the next refused, and all stays readable.
pub async fn restore_to_the_largest_offset_leaves_a_full_ledger(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    here.restore(&[], Offset::MAX.before()).await?;
    let last = here.append_one(draft("last")).await?;
    assert_eq!(last.offset, Offset::MAX);
    for ledger in [&here, &there] {
        let outcome = soon("an append to a full ledger", ledger.append_one(draft("one more"))).await;
        assert!(outcome.is_err(), "past the largest offset it answered {outcome:?}");
        assert_eq!(ledger.append_one(draft("last")).await?.offset, Offset::MAX, "a repeat is still known");
    }
    assert_eq!(all(&there).await?.len(), 1);
    assert_eq!(there.head().await?, Offset::MAX);
    Ok(())
}
