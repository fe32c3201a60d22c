//! Small things the laws say again and again.

use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt;
use ledger_core::{Condition, Draft, Event, Ledger, LedgerExt, Limit, Offset, Payload, Query, Receipt, Result, Status};
use serde_json::json;
use tokio::task::JoinSet;

/// How long anything may take that happens "at once" or "soon" on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// Returns a plain draft that two calls with the same id make equal.
#[must_use]
pub fn draft(id: &str) -> Draft {
    let draft = Draft::new("test.happened", &json!({"id": id, "text": "plain"})).and_then(|draft| draft.id(id));
    draft.and_then(|draft| draft.run("run-1")?.actor("tester")).expect("the parts keep their rules")
}

/// Returns plain drafts `PREFIX-FROM` to before `PREFIX-TO`.
pub(crate) fn drafts(prefix: &str, range: std::ops::Range<usize>) -> Vec<Draft> {
    range.map(|n| draft(&format!("{prefix}-{n}"))).collect()
}

/// Reads all events, oldest first. Fails when the ledger does.
pub async fn all(ledger: &dyn Ledger) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    let mut pages = ledger.pages(Query { limit: Limit::MAX, ..Query::all() });
    while let Some(page) = pages.try_next().await? {
        events.extend(page);
    }
    Ok(events)
}

/// Panics unless the events have the offsets 1, 2, 3 and on, each id once.
pub fn dense(events: &[Event]) {
    for (place, event) in events.iter().enumerate() {
        assert_eq!(event.offset.get(), place as u64 + 1, "event `{}` is not where a gapless ledger has it", event.id);
    }
    let ids: std::collections::HashSet<_> = events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids.len(), events.len(), "an id is stored twice");
}

pub(crate) fn offset(value: u64) -> Offset {
    Offset::new(value).expect("tests use small offsets")
}

pub(crate) fn new(value: u64) -> Receipt {
    Receipt { offset: offset(value), status: Status::New }
}

pub(crate) fn duplicate(value: u64) -> Receipt {
    Receipt { offset: offset(value), status: Status::Duplicate }
}

/// Appends without a condition.
pub(crate) async fn append(ledger: &dyn Ledger, drafts: &[Draft]) -> Result<Vec<Receipt>> {
    ledger.append(drafts, &Condition::None).await
}

/// Appends in batches as large as are allowed.
pub(crate) async fn append_all(ledger: &dyn Ledger, drafts: &[Draft]) -> Result<()> {
    for batch in drafts.chunks(1_000) {
        append(ledger, batch).await?;
    }
    Ok(())
}

/// Waits for tasks that all return a result. Panics when one panicked; fails when one failed.
pub(crate) async fn joined<T: 'static>(mut tasks: JoinSet<Result<T>>) -> Result<Vec<T>> {
    let mut results = Vec::new();
    while let Some(task) = tasks.join_next().await {
        match task {
            Ok(result) => results.push(result?),
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
    Ok(results)
}

/// Panics when a future is not done soon.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(SOON, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: not within {SOON:?}"),
    }
}

/// Starts writers that append singles, taking turns on the handles, until they have made `each` events each.
pub(crate) fn writers(
    handles: &[Arc<dyn Ledger>],
    prefix: &str,
    writers: usize,
    each: usize,
) -> JoinSet<Result<Vec<(String, Receipt)>>> {
    let mut tasks = JoinSet::new();
    for writer in 0..writers {
        let ledger = handles[writer % handles.len()].clone();
        let prefix = format!("{prefix}-{writer}");
        tasks.spawn(async move {
            let mut receipts = Vec::with_capacity(each);
            for draft in drafts(&prefix, 0..each) {
                receipts.push((draft.id.as_str().to_owned(), ledger.append_one(draft).await?));
            }
            Ok(receipts)
        });
    }
    tasks
}

/// Returns a draft with one thing changed.
pub(crate) fn with(mut draft: Draft, change: impl FnOnce(&mut Draft)) -> Draft {
    change(&mut draft);
    draft
}

/// Returns a draft with another payload. Fails when the text is no payload.
pub(crate) fn saying(draft: Draft, payload: &str) -> Result<Draft> {
    let payload = Payload::from_json(payload)?;
    Ok(with(draft, |draft| draft.payload = payload))
}

/// Returns a draft of another kind. Fails when the text is no kind.
pub(crate) fn kind_of(draft: Draft, kind: &str) -> Result<Draft> {
    let kind = kind.parse()?;
    Ok(with(draft, |draft| draft.kind = kind))
}
