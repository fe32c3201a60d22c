//! Live: a waiter is woken, and a follower gets everything once and in order, from the past into the present.

use std::sync::Arc;
use std::time::Instant;

use futures::{StreamExt, TryStreamExt};
use ledger_core::{Error, Event, Ledger, LedgerExt, Offset, Query, Result};
use tokio::task::JoinSet;

use crate::backend::Backend;
use crate::support::{SOON, all, append, append_all, draft, drafts, joined, offset, soon, writers};

/// A wait for what is there already returns at once, with the head.
pub async fn wait_returns_at_once_when_the_head_is_past(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    append(&here, &drafts("e", 0..3)).await?;
    for ledger in [&here, &there] {
        for after in 0..3 {
            let head = soon("a wait for the past", ledger.wait(offset(after))).await?;
            assert_eq!(head.get(), 3, "wait resolved with another head");
        }
    }
    Ok(())
}

/// A waiter wakes for an append through its own handle and through another, and not before.
pub async fn wait_wakes_for_an_append_through_any_handle(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    for round in 1..=6_u64 {
        let mut waiters = JoinSet::new();
        for ledger in [here.clone(), there.clone(), here.clone()] {
            waiters.spawn(async move { ledger.wait(offset(round - 1)).await });
        }
        let early = tokio::time::timeout(std::time::Duration::from_millis(30), waiters.join_next()).await;
        assert!(early.is_err(), "round {round}: a waiter woke before anything was appended: {early:?}");
        let writer = if round % 2 == 0 { &here } else { &there };
        writer.append_one(draft(&format!("e-{round}"))).await?;
        for head in soon("waking after an append", joined(waiters)).await? {
            assert!(head.get() >= round, "woken with the head {head}, not past {}", round - 1);
        }
    }
    Ok(())
}

/// A waiter for a far offset sleeps through appends before it.
pub async fn wait_sleeps_until_the_head_is_past(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    let waiter = tokio::spawn(async move { there.wait(offset(5)).await });
    for n in 0..5 {
        here.append_one(draft(&format!("e-{n}"))).await?;
        assert!(!waiter.is_finished(), "woken at {n} for an offset past 5");
    }
    here.append_one(draft("sixth")).await?;
    assert_eq!(soon("waking", waiter).await.expect("wait does not panic")?.get(), 6);
    Ok(())
}

async fn followed(ledger: Arc<dyn Ledger>, query: Query, count: usize) -> Result<Vec<Event>> {
    ledger.follow(query).take(count).try_collect().await
}

/// A follower gets everything once and in order, from the past over the seam into the present, with writers running.
pub async fn follow_goes_from_the_past_into_the_present(backend: &dyn Backend) -> Result<()> {
    const OLD: usize = 3_000;
    let place = backend.fresh().await;
    let handles = [place.open().await?, place.open().await?];
    append_all(&handles[0], &drafts("old", 0..OLD)).await?;
    let total = OLD + 8 * 60;
    let mut followers = JoinSet::new();
    for start in [0_u64, 0, 17, OLD as u64, 1_500] {
        let ledger = handles[start as usize % 2].clone();
        let count = total - start as usize;
        followers
            .spawn(async move { Ok((start, followed(ledger, Query::after(offset(start)).limit(100)?, count).await?)) });
    }
    joined(writers(&handles, "new", 8, 60)).await?;
    let stored = all(&handles[0]).await?;
    for (start, events) in soon("the end of following", joined(followers)).await? {
        assert!(
            events.iter().map(|event| event.offset.get()).eq(start + 1..=total as u64),
            "a follower from {start} lost or doubled events"
        );
        assert_eq!(events, stored[start as usize..], "a follower from {start} got other events");
    }
    Ok(())
}

/// A follower of a filter gets what matches, though most of what is appended does not.
pub async fn follow_of_a_filter_gets_what_matches(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    let follower = tokio::spawn(followed(there, Query::all().tag("pick:me")?, 20));
    for n in 0..200 {
        let one = draft(&format!("e-{n}"));
        here.append_one(if n % 10 == 9 { one.tag("pick:me")? } else { one }).await?;
    }
    let events = soon("following a filter", follower).await.expect("follow does not panic")?;
    assert!(events.iter().map(|event| event.offset.get()).eq((1..=20).map(|n| n * 10)));
    Ok(())
}

/// A follower that stands still slows nobody and, when it goes on, has lost nothing.
pub async fn follow_that_is_slow_slows_nobody_and_loses_nothing(backend: &dyn Backend) -> Result<()> {
    const EVENTS: usize = 3_000;
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    here.append_one(draft("first")).await?;
    let mut slow = there.follow(Query::all().limit(10)?);
    let first = soon("the first event", slow.next()).await.expect("following has no end")?;
    assert_eq!(first.offset.get(), 1);
    let start = Instant::now();
    for batch in drafts("e", 0..EVENTS).chunks(100) {
        append(&here, batch).await?;
    }
    assert!(start.elapsed() < SOON, "appends took {:?} beside a follower that stands still", start.elapsed());
    let quick = soon("a second follower", followed(there.clone(), Query::all(), EVENTS + 1)).await?;
    assert_eq!(quick.len(), EVENTS + 1);
    let rest: Vec<Event> = soon("the slow follower", slow.take(EVENTS).try_collect()).await?;
    assert!(rest.iter().map(|event| event.offset.get()).eq(2..=EVENTS as u64 + 1), "the slow follower lost events");
    Ok(())
}

/// Many followers on one ledger each get everything.
pub async fn follow_serves_many_at_once(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let handles = [place.open().await?, place.open().await?];
    let mut followers = JoinSet::new();
    for n in 0..40 {
        followers.spawn(followed(handles[n % 2].clone(), Query::all(), 100));
    }
    joined(writers(&handles, "w", 4, 25)).await?;
    for events in soon("forty followers", joined(followers)).await? {
        assert!(events.iter().map(|event| event.offset.get()).eq(1..=100));
    }
    Ok(())
}

/// A position past the head comes from somewhere else: following from there is refused.
pub async fn follow_refuses_a_position_past_the_head(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    append(&ledger, &drafts("e", 0..3)).await?;
    for query in
        [Query::after(offset(4)), Query::after(Offset::MAX), Query::all().descending(), Query::all().up_to(offset(2))]
    {
        let first = soon("a refusal", ledger.follow(query.clone()).next()).await.expect("an answer");
        assert!(matches!(first, Err(Error::Invalid { .. })), "{query:?} was followed: {first:?}");
    }
    let mut at_head = ledger.follow(Query::after(offset(3)));
    ledger.append_one(draft("next")).await?;
    assert_eq!(soon("the next event", at_head.next()).await.expect("an event")?.offset.get(), 4);
    Ok(())
}

/// A wait that nobody waits for any more leaves nothing behind that would stop others.
pub async fn wait_that_is_dropped_stops_nobody(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    for _ in 0..200 {
        let waiting = ledger.wait(offset(1_000));
        let _ = tokio::time::timeout(std::time::Duration::from_micros(200), waiting).await;
    }
    soon("append after dropped waits", ledger.append_one(draft("a"))).await?;
    assert_eq!(soon("a last wait", ledger.wait(Offset::START)).await?.get(), 1);
    Ok(())
}
