//! What comes in with a request and goes on with its events: the trace that it is a part of.

use std::borrow::Cow;
use std::collections::HashMap;

use axum::http::HeaderMap;
use futures::TryStreamExt;
use ledger_core::{Condition, Draft, Error, EventId, LedgerExt, Query, Receipt, Result, Tag, check_batch};

use crate::Desk;

const KEY: &str = "trace:";

/// Returns the tag of the trace that a request is a part of, by W3C's `traceparent`; nothing when it names none.
pub(crate) fn tag_of(headers: &HeaderMap) -> Option<Tag> {
    let mut parts = headers.get("traceparent")?.to_str().ok()?.split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    let is_hex =
        |text: &str, length| text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_one = is_hex(version, 2) && version != "ff" && is_hex(trace, 32) && trace.bytes().any(|byte| byte != b'0');
    let is_whole = is_hex(parts.next()?, 16) && is_hex(parts.next()?, 2);
    (is_one && is_whole).then(|| format!("{KEY}{trace}").parse().ok()).flatten()
}

/// Appends events with the tag of a trace. One that was recorded in another trace is the same all the same, when nothing but
/// the trace differs: who tries again is often traced anew.
pub(crate) async fn append(
    desk: &Desk,
    drafts: &[Draft],
    condition: &Condition,
    trace: Option<&Tag>,
) -> Result<Vec<Receipt>> {
    let mut traced = Cow::Borrowed(drafts);
    if let Some(trace) = trace {
        let tagged: Vec<_> = drafts.iter().map(|draft| tagged(draft, trace)).collect::<Result<_>>()?;
        // A batch that is just small enough stays so.
        if check_batch(&tagged, condition).is_ok() {
            traced = tagged.into();
        }
    }
    let outcome = desk.ledger.append(&traced, condition).await;
    match outcome {
        // It is rare, and would make the state of every append larger.
        Err(Error::IdConflict { .. }) => Box::pin(as_before(desk, drafts, &traced, condition, outcome)).await,
        _ => outcome,
    }
}

/// Appends what was in conflict with each event as it was traced before, if it was otherwise.
async fn as_before(
    desk: &Desk,
    drafts: &[Draft],
    traced: &[Draft],
    condition: &Condition,
    outcome: Result<Vec<Receipt>>,
) -> Result<Vec<Receipt>> {
    let before = recorded(desk, drafts).await?;
    let as_before: Vec<Draft> = drafts
        .iter()
        .zip(traced)
        .map(|(draft, traced)| match before.get(&draft.id) {
            Some(Some(trace)) => tagged(draft, trace),
            Some(None) => Ok(draft.clone()),
            None => Ok(traced.clone()),
        })
        .collect::<Result<_>>()?;
    if as_before == traced { outcome } else { desk.ledger.append(&as_before, condition).await }
}

/// Adds a tag, unless the draft names a trace itself, or has no room for it.
fn tagged(draft: &Draft, trace: &Tag) -> Result<Draft> {
    let is_traced = draft.tags().iter().any(|tag| tag.as_str().starts_with(KEY));
    if is_traced || draft.tags().len() >= Draft::MAX_TAGS { Ok(draft.clone()) } else { draft.clone().tag(trace) }
}

/// Finds the traces of those drafts that are recorded.
async fn recorded(desk: &Desk, drafts: &[Draft]) -> Result<HashMap<EventId, Option<Tag>>> {
    let mut found = HashMap::new();
    for drafts in drafts.chunks(Query::MAX_IDS) {
        let query = Query { ids: drafts.iter().map(|draft| draft.id.clone()).collect(), ..Query::all() };
        let mut pages = desk.ledger.pages(query);
        while let Some(page) = pages.try_next().await? {
            let trace = |tags: &[Tag]| tags.iter().find(|tag| tag.as_str().starts_with(KEY)).cloned();
            found.extend(page.into_iter().map(|event| (event.draft.id.clone(), trace(event.draft.tags()))));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_named_by_its_header_and_by_nothing_that_is_none() {
        let tag = |text: &str| tag_of(&HeaderMap::from_iter([("traceparent".parse().unwrap(), text.parse().unwrap())]));
        let whole = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(tag(whole).unwrap().as_str(), "trace:4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(tag("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more").is_some());
        for bad in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736",
        ] {
            assert_eq!(tag(bad), None, "{bad}");
        }
    }
}
