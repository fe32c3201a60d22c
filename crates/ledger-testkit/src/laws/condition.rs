//! Conditions: an append that would come too late stores nothing, also when many race.

use ledger_core::{Condition, Error, LedgerExt, Offset, Query, Result, Status};
use serde_json::json;
use tokio::task::JoinSet;

use crate::backend::Backend;
use crate::support::{all, append, dense, draft, drafts, duplicate, joined, new, offset, soon};

/// A condition that fails stores nothing and says which event broke it; the ledger is free at once.
pub async fn condition_that_fails_stores_nothing_and_names_the_event(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    append(&here, &[draft("a"), draft("b").tag("table:t")?, draft("c"), draft("d").tag("table:t")?]).await?;
    let query = Query::all().tag("table:t")?;
    for (after, broken) in [(0, 2), (1, 2), (2, 4), (3, 4)] {
        let condition = Condition::none_after(query.clone(), offset(after));
        match there.append(&drafts("x", 0..3), &condition).await {
            Err(Error::ConditionFailed { offset, after: seen }) => {
                assert_eq!((offset.get(), seen.get()), (broken, after));
            }
            outcome => panic!("after {after} it answered {outcome:?}"),
        }
    }
    assert_eq!(here.head().await?.get(), 4, "a failed condition stored something");
    soon("append after a failed condition", here.append_one(draft("e"))).await?;
    let holds = Condition::none_after(query, offset(4));
    assert_eq!(there.append(&drafts("x", 0..2), &holds).await?, [new(6), new(7)]);
    Ok(())
}

/// The query's own range, order and limit do not count, and neither does the batch itself.
pub async fn condition_counts_only_what_lies_past_its_offset(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    append(&ledger, &drafts("e", 0..5)).await?;
    let narrowed = Query::after(offset(4)).up_to(offset(4)).descending().limit(1)?;
    let outcome = ledger.append(&[draft("x")], &Condition::none_after(narrowed.clone(), offset(1))).await;
    assert!(matches!(outcome, Err(Error::ConditionFailed { offset, .. }) if offset.get() == 2), "{outcome:?}");
    let receipts = ledger.append(&[draft("x"), draft("y")], &Condition::none_after(narrowed, offset(5))).await?;
    assert_eq!(receipts, [new(6), new(7)], "a batch broke its own condition");
    Ok(())
}

/// A batch that is stored already is answered with its offsets though its condition no longer holds.
pub async fn condition_does_not_stand_in_the_way_of_a_retry(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let condition = Condition::none_after(Query::all(), Offset::START);
    let batch = drafts("e", 0..2);
    assert_eq!(ledger.append(&batch, &condition).await?, [new(1), new(2)]);
    assert_eq!(ledger.append(&batch, &condition).await?, [duplicate(1), duplicate(2)]);
    let half = [batch[1].clone(), draft("other")];
    let outcome = ledger.append(&half, &condition).await;
    assert!(matches!(outcome, Err(Error::ConditionFailed { .. })), "a half-new batch slipped past: {outcome:?}");
    assert_eq!(ledger.head().await?.get(), 2);
    Ok(())
}

/// Of many that race for one seat under one condition, exactly one wins and all others learn of it.
pub async fn condition_lets_exactly_one_of_many_win(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let handles = [place.open().await?, place.open().await?];
    for round in 0..5 {
        let head = handles[0].head().await?;
        let mut tasks = JoinSet::new();
        for racer in 0..24 {
            let ledger = handles[racer % 2].clone();
            tasks.spawn(async move {
                let seat =
                    ledger_core::Draft::new("seat.taken", &json!({"by": racer}))?.id(format!("{round}-{racer}"))?;
                let condition = Condition::none_after(Query::all().kind("seat.taken")?, head);
                Ok(ledger.append(&[seat], &condition).await)
            });
        }
        let outcomes = joined(tasks).await?;
        let won: Vec<_> = outcomes.iter().flatten().collect();
        assert_eq!(won.len(), 1, "round {round}: so many got the one seat");
        for lost in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
            let broken = matches!(lost, Error::ConditionFailed { offset, .. } if *offset == won[0][0].offset);
            assert!(broken, "round {round}: a loser was told: {lost}");
        }
    }
    let events = all(&handles[0]).await?;
    assert_eq!(events.len(), 5);
    dense(&events);
    Ok(())
}

/// Writers that read, decide and append under a condition lose no update, however they interleave.
pub async fn condition_loses_no_update(backend: &dyn Backend) -> Result<()> {
    const WRITERS: usize = 6;
    const EACH: usize = 8;
    let place = backend.fresh().await;
    let handles = [place.open().await?, place.open().await?];
    let mut tasks = JoinSet::new();
    for writer in 0..WRITERS {
        let ledger = handles[writer % 2].clone();
        tasks.spawn(async move {
            for step in 0..EACH {
                loop {
                    let seen = ledger.head().await?;
                    let last =
                        ledger.read(&Query::all().kind("counter.raised")?.up_to(seen).descending().limit(1)?).await?;
                    let value: u64 = last.events.first().map_or(Ok(0), |event| event.payload_as())?;
                    let next =
                        ledger_core::Draft::new("counter.raised", &(value + 1))?.id(format!("{writer}-{step}"))?;
                    let condition = Condition::none_after(Query::all().kind("counter.raised")?, seen);
                    match ledger.append(&[next], &condition).await {
                        Ok(receipts) => {
                            assert_eq!(receipts[0].status, Status::New);
                            break;
                        }
                        Err(Error::ConditionFailed { .. }) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
            Ok(())
        });
    }
    joined(tasks).await?;
    let values: Vec<u64> = all(&handles[0]).await?.iter().map(|event| event.payload_as()).collect::<Result<_>>()?;
    assert!(values.iter().copied().eq(1..=(WRITERS * EACH) as u64), "updates were lost: {values:?}");
    Ok(())
}
