//! Append: a repeated id is answered and not stored, other content is refused, and a batch is whole or absent.

use std::collections::HashMap;

use ledger_core::{Condition, Draft, Error, LedgerExt, Result, Status, Timestamp};
use tokio::task::JoinSet;

use crate::backend::Backend;
use crate::support::{all, append, dense, draft, drafts, duplicate, joined, kind_of, new, saying, soon, with};

/// Appending an event again, through any handle and in any batch, answers its first offset and adds nothing.
pub async fn append_answers_a_repeated_id_with_its_first_offset(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    let batch = drafts("e", 0..3);
    assert_eq!(append(&here, &batch).await?, [new(1), new(2), new(3)]);
    assert_eq!(append(&here, &batch).await?, [duplicate(1), duplicate(2), duplicate(3)]);
    assert_eq!(append(&there, &batch[1..2]).await?, [duplicate(2)]);
    let mixed = [draft("e-3"), batch[0].clone(), draft("e-4")];
    assert_eq!(append(&there, &mixed).await?, [new(4), duplicate(1), new(5)]);
    assert_eq!(append(&here, &mixed).await?, [duplicate(4), duplicate(1), duplicate(5)]);
    assert_eq!(here.head().await?.get(), 5, "repeats moved the head");
    dense(&all(&here).await?);
    Ok(())
}

/// An event that stands twice in one batch is recorded once.
pub async fn append_answers_a_repeat_within_one_batch(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let batch = [draft("a"), draft("b"), draft("a"), draft("c"), draft("b")];
    assert_eq!(append(&ledger, &batch).await?, [new(1), new(2), duplicate(1), new(3), duplicate(2)]);
    let ids: Vec<_> = all(&ledger).await?.iter().map(|event| event.id.to_string()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    Ok(())
}

/// An id with other content is `IdConflict`, nothing of its batch is stored, and the ledger is free for all at once.
pub async fn append_refuses_an_id_with_other_content(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    append(&here, &drafts("e", 0..3)).await?;
    let other = with(draft("e-1"), |draft| draft.turn = 9);
    for (place, batch) in
        [[draft("x"), other.clone(), draft("y")], [other.clone(), draft("x"), draft("y")]].iter().enumerate()
    {
        let error = append(&there, batch).await.expect_err("an id with other content was accepted");
        let Error::IdConflict { id, offset } = &error else { panic!("batch {place}: not a conflict but: {error}") };
        assert_eq!((id.as_str(), offset.get()), ("e-1", 2));
        assert!(error.to_string().contains("`e-1`"), "the message does not name the id: {error}");
    }
    assert_eq!(here.head().await?.get(), 3, "something of a refused batch was stored");
    // A transaction left open would lock the others out here.
    assert_eq!(soon("append after a conflict", here.append_one(draft("x"))).await?, new(4));
    assert_eq!(soon("append after a conflict", there.append_one(draft("y"))).await?, new(5));
    dense(&all(&there).await?);
    Ok(())
}

/// Two drafts of one batch with one id and two contents are a conflict too, and nothing is stored.
pub async fn append_refuses_one_id_with_two_contents_in_one_batch(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let batch = [draft("a"), with(draft("a"), |draft| draft.turn = 1)];
    let error = append(&ledger, &batch).await.expect_err("two contents for one id were accepted");
    assert!(matches!(error, Error::IdConflict { .. }), "not a conflict but: {error}");
    assert_eq!(ledger.head().await?.get(), 0);
    assert_eq!(append(&ledger, &batch[1..]).await?, [new(1)], "the refused id is not free");
    Ok(())
}

/// Every field that the caller gave counts as content: one alone that differs is a conflict.
pub async fn append_compares_every_field(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let full = || -> Result<Draft> {
        draft("full").session("s")?.model_profile("p")?.model_id("m")?.parent("a")?.parent("b")?.tag("k:1")?.tag("k:2")
    };
    append(&ledger, &[full()?]).await?;
    let bare = draft("full");
    let others = [
        ("run_id", full()?.run("run-2")?),
        ("turn", full()?.turn(1)),
        ("kind", kind_of(full()?, "test.other")?),
        ("actor", full()?.actor("other")?),
        ("payload", saying(full()?, r#"{"id":"full","text":"Plain"}"#)?),
        ("schema_version", full()?.schema_version(2)),
        ("session_id", full()?.session("S")?),
        ("session_id left out", with(full()?, |draft| draft.session_id = None)),
        ("model_profile", full()?.model_profile("p ")?),
        ("model_profile left out", with(full()?, |draft| draft.model_profile = None)),
        ("model_id", full()?.model_id("m2")?),
        ("model_id left out", with(full()?, |draft| draft.model_id = None)),
        ("parents", full()?.parent("c")?),
        (
            "parents in another order",
            bare.clone()
                .session("s")?
                .model_profile("p")?
                .model_id("m")?
                .parent("b")?
                .parent("a")?
                .tag("k:1")?
                .tag("k:2")?,
        ),
        ("parents left out", with(full()?, |draft| draft.parents = Vec::new())),
        ("tags", full()?.tag("k:3")?),
        ("tags left out", bare.session("s")?.model_profile("p")?.model_id("m")?.parent("a")?.parent("b")?),
    ];
    for (field, other) in others {
        match append(&ledger, &[other]).await {
            Err(Error::IdConflict { .. }) => {}
            outcome => panic!("`{field}` alone differs and is no conflict: {outcome:?}"),
        }
    }
    assert_eq!(append(&ledger, &[full()?]).await?, [duplicate(1)]);
    Ok(())
}

/// A retry may stamp `created_at` and `lamport` anew: it is a duplicate, and the first event stays as it was.
pub async fn append_lets_a_retry_restamp_times(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let first = draft("e").lamport(7).at(Timestamp::from_micros(1_000_000)?);
    append(&ledger, std::slice::from_ref(&first)).await?;
    for retry in [
        first.clone().lamport(8),
        with(first.clone(), |draft| draft.lamport = None),
        first.clone().at(Timestamp::from_micros(-5)?),
    ] {
        assert_eq!(append(&ledger, &[retry]).await?, [duplicate(1)]);
    }
    assert_eq!(all(&ledger).await?[0].draft, first, "a retry changed the first event");
    Ok(())
}

/// Payloads that are the same JSON in another spelling are the same content, and the first spelling stays.
pub async fn append_compares_payloads_by_meaning(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let with = |text: &str| saying(draft("e"), text);
    let first = r#"{"b": 1.0, "a": ["é", null]}"#;
    append(&ledger, &[with(first)?]).await?;
    for same in [r#"{"a":["\u00e9",null],"b":1.0}"#, "{\n\"b\":1.0,\"a\":[\"é\",null]}"] {
        assert_eq!(append(&ledger, &[with(same)?]).await?, [duplicate(1)], "{same}");
    }
    for other in
        [r#"{"b": 1, "a": ["é", null]}"#, r#"{"b": 1.0, "a": [null, "é"]}"#, r#"{"b": 1.00, "a": ["é", null]}"#]
    {
        let outcome = append(&ledger, &[with(other)?]).await;
        assert!(matches!(outcome, Err(Error::IdConflict { .. })), "`{other}` counts as `{first}`: {outcome:?}");
    }
    assert_eq!(all(&ledger).await?[0].payload.as_str(), first, "another spelling replaced the first");
    Ok(())
}

/// Ids are compared byte by byte: look-alikes, and UUIDs in several spellings, are different ids and come back as given.
pub async fn append_tells_ids_apart_that_look_alike(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let ids = [
        "a",
        "A",
        "a ",
        " a",
        "é",
        "e\u{301}",
        "ß",
        "ss",
        "ｋ",
        "k",
        "\u{feff}",
        "\u{200b}",
        "1",
        "01",
        "1.0",
        "null",
        "%",
        "_",
        "'",
        "\\",
        "01890a5d-ac96-774b-bcce-b302099a8057",
        "01890A5D-AC96-774B-BCCE-B302099A8057",
        "01890a5dac96774bbcceb302099a8057",
        "{01890a5d-ac96-774b-bcce-b302099a8057}",
        "urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057",
        "\\x01890a5dac96774bbcceb302099a8057",
        &"x".repeat(64),
        &"😀".repeat(16),
    ];
    let batch: Vec<_> = ids.iter().map(|id| draft(id)).collect();
    for (place, one) in batch.iter().enumerate() {
        let receipt = ledger.append_one(one.clone()).await?;
        assert_eq!(receipt, new(place as u64 + 1), "id {:?} was taken for another", ids[place]);
    }
    let stored = all(&ledger).await?;
    assert!(stored.iter().map(|event| event.id.as_str()).eq(ids), "an id came back otherwise: {stored:?}");
    let again = append(&ledger, &batch).await?;
    assert!(again.iter().all(|receipt| receipt.status == Status::Duplicate), "{again:?}");
    Ok(())
}

/// A reader meets a batch whole or not at all, whenever it looks.
pub async fn append_shows_a_batch_whole_or_not_at_all(backend: &dyn Backend) -> Result<()> {
    const BATCH: usize = 40;
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    let mut tasks = JoinSet::new();
    for writer in 0..4 {
        let ledger = if writer % 2 == 0 { here.clone() } else { there.clone() };
        tasks.spawn(async move {
            for round in 0..15 {
                append(&ledger, &drafts(&format!("w{writer}-{round}"), 0..BATCH)).await?;
            }
            Ok(())
        });
    }
    let writers = tokio::spawn(joined(tasks));
    loop {
        let done = writers.is_finished();
        let (head, count) = (there.head().await?.get(), all(&here).await?.len());
        assert_eq!(head % BATCH as u64, 0, "the head {head} lies within a batch");
        assert_eq!(count % BATCH, 0, "{count} events: a part of a batch was to be seen");
        if done {
            break;
        }
    }
    writers.await.expect("the writers do not panic")?;
    let events = all(&here).await?;
    assert_eq!(events.len(), 4 * 15 * BATCH);
    for batch in events.chunks(BATCH) {
        let batch_of = |id: &str| id.rsplit_once('-').map(|(batch, _)| batch.to_owned());
        let first = batch_of(batch[0].id.as_str());
        assert!(batch.iter().all(|event| batch_of(event.id.as_str()) == first), "two batches are mixed");
    }
    Ok(())
}

/// An append of nothing succeeds, answers nothing and adds nothing, whatever its condition.
pub async fn append_of_nothing_answers_nothing(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    assert_eq!(append(&ledger, &[]).await?, []);
    assert_eq!(ledger.head().await?.get(), 0);
    append(&ledger, &[draft("a")]).await?;
    let broken = Condition::none_after(ledger_core::Query::all(), ledger_core::Offset::START);
    assert_eq!(ledger.append(&[], &broken).await?, []);
    assert_eq!(ledger.head().await?.get(), 1);
    Ok(())
}

/// Many tasks that append overlapping ids through two handles get, for each id, one offset; one of them is told `New`.
pub async fn append_gives_each_id_one_offset_under_concurrency(backend: &dyn Backend) -> Result<()> {
    const IDS: usize = 120;
    let place = backend.fresh().await;
    let handles = [place.open().await?, place.open().await?];
    let mut tasks = JoinSet::new();
    for task in 0..32_usize {
        let ledger = handles[task % 2].clone();
        tasks.spawn(async move {
            let mut seen = Vec::new();
            for step in 0..20 {
                let start = (task * 7 + step * 5) % IDS;
                let batch: Vec<_> = (0..4).map(|n| draft(&format!("e-{}", (start + n * 3) % IDS))).collect();
                let receipts = append(&ledger, &batch).await?;
                seen.extend(batch.into_iter().map(|draft| draft.id).zip(receipts));
            }
            Ok(seen)
        });
    }
    let mut offsets = HashMap::new();
    let mut news = HashMap::new();
    for (id, receipt) in joined(tasks).await?.into_iter().flatten() {
        let first = *offsets.entry(id.clone()).or_insert(receipt.offset);
        assert_eq!(first, receipt.offset, "id `{id}` was answered with two offsets");
        *news.entry(id).or_insert(0) += usize::from(receipt.status == Status::New);
    }
    let events = all(&handles[1]).await?;
    dense(&events);
    assert_eq!(events.len(), offsets.len());
    for event in &events {
        assert_eq!(offsets.get(&event.id), Some(&event.offset), "the receipt of `{}` points elsewhere", event.id);
        assert_eq!(news.get(&event.id), Some(&1), "`{}` was `New` to so many callers", event.id);
    }
    Ok(())
}

/// Among callers that are committed together, one with a conflict fails alone.
pub async fn append_fails_only_the_caller_with_the_conflict(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    append(&ledger, &[draft("taken")]).await?;
    let mut tasks = JoinSet::new();
    for task in 0..60 {
        let ledger = ledger.clone();
        tasks.spawn(async move {
            let own = draft(&format!("t-{task}"));
            let conflict = with(draft("taken"), |draft| draft.turn = 1);
            let batch = if task % 6 == 0 { vec![own, conflict] } else { vec![own] };
            Ok((task, append(&ledger, &batch).await))
        });
    }
    for (task, outcome) in joined(tasks).await? {
        match outcome {
            Err(Error::IdConflict { ref id, .. }) if task % 6 == 0 => assert_eq!(id.as_str(), "taken"),
            Ok(receipts) if task % 6 != 0 => assert_eq!(receipts[0].status, Status::New),
            outcome => panic!("task {task} was answered {outcome:?}"),
        }
    }
    let events = all(&ledger).await?;
    assert_eq!(events.len(), 51);
    dense(&events);
    Ok(())
}

/// When a caller stops waiting, its batch is recorded whole or not at all, and the ledger goes on.
pub async fn append_is_whole_or_absent_when_its_caller_stops_waiting(backend: &dyn Backend) -> Result<()> {
    const BATCH: usize = 25;
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    for round in 0..60_u64 {
        let ledger = here.clone();
        let batch = drafts(&format!("r{round}"), 0..BATCH);
        let caller = tokio::spawn(async move { append(&ledger, &batch).await });
        // The delays spread the end of the caller over all stages of a commit; none is waited for to be right.
        tokio::time::sleep(std::time::Duration::from_micros(round * 97 % 5_000)).await;
        caller.abort();
        let _ = caller.await;
        soon("append after a caller left", there.append_one(draft(&format!("after-{round}")))).await?;
    }
    // What was accepted goes on: wait until the writer is idle by going through it.
    here.append_one(draft("last")).await?;
    let events = all(&there).await?;
    dense(&events);
    let mut sizes = HashMap::<String, usize>::new();
    for event in events.iter().filter(|event| event.id.as_str().starts_with('r')) {
        let batch = event.id.as_str().rsplit_once('-').expect("ids of batches have a dash").0;
        *sizes.entry(batch.to_owned()).or_default() += 1;
    }
    assert!(sizes.values().all(|&size| size == BATCH), "parts of batches were recorded: {sizes:?}");
    Ok(())
}
