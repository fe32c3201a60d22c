//! Limits: the same on every backend, and past them an error that names the value.

use ledger_core::{
    Condition, Draft, Error, EventId, KindPattern, MAX_BATCH_BYTES, MAX_BATCH_EVENTS, Offset, Payload, Query, Result,
    Status, Tag,
};

use crate::backend::Backend;
use crate::support::{all, append, dense, draft, drafts, with};

fn big(id: &str, bytes: usize) -> Draft {
    let text = format!("\"{}\"", "x".repeat(bytes - 2));
    with(draft(id), |draft| draft.payload = Payload::from_json(&text).expect("it is within the limit"))
}

fn refused(outcome: Result<impl std::fmt::Debug>, value: &str) {
    match outcome {
        Err(error @ Error::Invalid { .. }) => {
            assert!(error.to_string().contains(value), "the message does not name `{value}`: {error}");
        }
        other => panic!("past a limit ({value}) it answered {other:?}"),
    }
}

/// A batch of 10,000 drafts is recorded and recognised again; one draft more is refused with the number.
pub async fn limits_take_ten_thousand_drafts_and_no_more(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let batch = drafts("e", 0..MAX_BATCH_EVENTS + 1);
    refused(append(&ledger, &batch).await, "10001");
    assert_eq!(ledger.head().await?.get(), 0, "a refused batch was stored");
    let receipts = append(&ledger, &batch[..MAX_BATCH_EVENTS]).await?;
    assert!(receipts.iter().all(|receipt| receipt.status == Status::New));
    assert!(receipts.iter().map(|receipt| receipt.offset.get()).eq(1..=10_000), "offsets are not in the batch's order");
    let again = append(&ledger, &batch[..MAX_BATCH_EVENTS]).await?;
    assert!(again.iter().all(|receipt| receipt.status == Status::Duplicate));
    let events = all(&ledger).await?;
    dense(&events);
    assert!(events.iter().map(|event| &event.id).eq(batch[..MAX_BATCH_EVENTS].iter().map(|draft| &draft.id)));
    Ok(())
}

/// A batch just below 8 MiB is recorded; one past it is refused with its size.
pub async fn limits_take_eight_mebibytes_and_no_more(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let mut batch: Vec<_> = (0..7).map(|n| big(&format!("e-{n}"), Payload::MAX_BYTES)).collect();
    let rest = MAX_BATCH_BYTES - batch.iter().map(Draft::size).sum::<usize>();
    let fixed = big("last", 2).size() - 2;
    batch.push(big("last", rest - fixed));
    assert_eq!(batch.iter().map(Draft::size).sum::<usize>(), MAX_BATCH_BYTES);
    append(&ledger, &batch).await?;
    assert!(all(&ledger).await?.iter().map(|event| &event.draft).eq(&batch));
    batch.iter_mut().for_each(|draft| draft.id = EventId::fresh());
    batch.push(draft("one more"));
    let size = batch.iter().map(Draft::size).sum::<usize>();
    refused(append(&ledger, &batch).await, &format!("`{size}`"));
    assert_eq!(ledger.head().await?.get(), 8, "a refused batch was stored");
    Ok(())
}

/// 64 tags and 64 parents are recorded; one more, or a logical clock past 2^63 - 1, is refused with the number.
pub async fn limits_bound_tags_parents_and_clock(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let tag = |n: usize| Tag::pair("k", &format!("{n}{}", "v".repeat(1_000)));
    let mut full = draft("full").tagged((0..64).map(tag).collect::<Result<Vec<_>>>()?);
    full.parents = (0..64).map(|n| EventId::new(format!("{n}{}", "p".repeat(60)))).collect::<Result<_>>()?;
    append(&ledger, std::slice::from_ref(&full)).await?;
    assert_eq!(all(&ledger).await?[0].draft, full);
    let tags = with(full.clone(), |draft| draft.id = EventId::fresh()).tag("one:more")?;
    refused(append(&ledger, &[draft("x"), tags]).await, "65");
    let parents = with(full, |draft| draft.id = EventId::fresh()).parent("one more")?;
    refused(append(&ledger, &[draft("x"), parents]).await, "65");
    refused(append(&ledger, &[draft("x"), draft("y").lamport(1 << 63)]).await, "9223372036854775808");
    assert_eq!(ledger.head().await?.get(), 1, "something of a refused batch was stored");
    Ok(())
}

/// A query or condition may name 1,000 ids, 64 kinds, 64 tags that must all be there and 1,000 of which one is enough,
/// each of them as long as a tag may be; one more of any is refused with the number.
pub async fn limits_bound_the_terms_of_a_query(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let (most_ids, most) = (Query::MAX_IDS, Query::MAX_TERMS);
    append(&ledger, &drafts("e", 0..most_ids + 1)).await?;
    let ids: Vec<EventId> = drafts("e", 0..most_ids + 1).into_iter().map(|draft| draft.id).collect();
    let kind = |n: usize| format!("k{n}.*").parse::<KindPattern>();
    let kinds = (0..=most).map(kind).collect::<Result<Vec<_>>>()?;
    let tags = (0..=most).map(|n| Tag::pair("k", &n.to_string())).collect::<Result<Vec<_>>>()?;
    let any_tags = (0..=most_ids).map(|n| Tag::pair("k", &format!("{n:04}{}", "\\".repeat(1_018))));
    let any_tags = any_tags.collect::<Result<Vec<_>>>()?;
    let within = Query { ids: ids[..most_ids].to_vec(), limit: ledger_core::Limit::MAX, ..Query::all() };
    assert_eq!(ledger.read(&within).await?.events.len(), most_ids);
    let full = Query { kinds: kinds[..most].to_vec(), tags: tags[..most].to_vec(), ..within };
    assert_eq!(ledger.read(&full).await?.events.len(), 0);
    ledger.append(&[draft("x")], &Condition::none_after(full, Offset::START)).await?;
    let any = Query { any_tags: any_tags[..most_ids].to_vec(), ..Query::all() };
    assert_eq!(ledger.read(&any).await?.events.len(), 0);
    let tagged = draft("t").tagged([any_tags[most_ids - 1].clone()]);
    ledger.append(&[tagged], &Condition::none_after(any.clone(), Offset::START)).await?;
    assert_eq!(ledger.read(&any).await?.events.len(), 1);
    for (past, value) in [
        (Query { ids, ..Query::all() }, "`1001` ids"),
        (Query { kinds, ..Query::all() }, "`65` kinds"),
        (Query { tags, ..Query::all() }, "`65` tags"),
        (Query { any_tags, ..Query::all() }, "`1001` any_tags"),
    ] {
        refused(ledger.read(&past).await, value);
        refused(ledger.prune(&past).await, value);
        refused(ledger.append(&[draft("y")], &Condition::none_after(past, Offset::START)).await, value);
    }
    assert_eq!(ledger.head().await?.get(), most_ids as u64 + 3, "something refused was stored");
    Ok(())
}
