//! Reads a session: what came since a checkpoint, as it is, collapsed or merged with another, and who has reserved what.

use std::collections::HashMap;

use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::event::Offset;
use crate::ext::{LedgerExt, by_ids, fold};
use crate::ledger::{Ledger, MAX_BATCH_BYTES};
use crate::lineage::{AsOf, Moment};
use crate::query::Query;
use crate::text::{Domain, EventId, SessionId, Tag};
use crate::views::session::{
    CHECKPOINT, Change, Checkpoint, Claim, Collapse, Coordination, Delta, Edited, Merge, OPERATION, SessionSummary,
    Sessions, checkpoint_tag, in_causal_order,
};

/// The edits of a session since its newest checkpoint.
pub struct Replay<'l> {
    /// The checkpoint; nothing before the first, when all edits follow.
    pub checkpoint: Option<Checkpoint>,
    /// The edits that it does not include, in the order of the ledger. One that cannot be read is an error in its place, after
    /// which the stream goes on.
    pub edits: BoxStream<'l, Result<Edited>>,
}

impl std::fmt::Debug for Replay<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Replay").field("checkpoint", &self.checkpoint).finish_non_exhaustive()
    }
}

/// Returns the newest checkpoint of a session. Those that cannot be read are passed over.
pub async fn newest_checkpoint(ledger: &dyn Ledger, session: &SessionId) -> Result<Option<Checkpoint>> {
    checkpoint_by(ledger, session, None).await
}

/// Returns the newest checkpoint that was recorded up to an offset.
async fn checkpoint_by(ledger: &dyn Ledger, session: &SessionId, up_to: Option<Offset>) -> Result<Option<Checkpoint>> {
    let query =
        Query::all().session(session)?.kind(CHECKPOINT)?.tag(checkpoint_tag(session)?)?.descending().limit(4)?;
    let mut newest = ledger.tail(Query { up_to, ..query });
    while let Some(event) = newest.try_next().await? {
        if let Some(Ok(checkpoint)) = Checkpoint::read(&event) {
            return Ok(Some(checkpoint));
        }
    }
    Ok(None)
}

/// Streams the edits of a session since its newest checkpoint, and ends at the present head.
///
/// It goes by offset and not by stamp: an edit that came late with a low stamp is after the checkpoint.
pub async fn replay<'l>(ledger: &'l dyn Ledger, session: &SessionId) -> Result<Replay<'l>> {
    let checkpoint = newest_checkpoint(ledger, session).await?;
    let after = checkpoint.as_ref().map_or(Offset::START, |checkpoint| checkpoint.offset);
    let head = ledger.head().await?;
    Ok(Replay { checkpoint, edits: edits(ledger, session, after, head)? })
}

/// Streams the edits of a session that lie in a range.
pub(super) fn edits<'l>(
    ledger: &'l dyn Ledger,
    session: &SessionId,
    after: Offset,
    up_to: Offset,
) -> Result<BoxStream<'l, Result<Edited>>> {
    let query = Query::all().session(session)?.kind(OPERATION)?.from(after).up_to(up_to);
    let read = |page: Result<Vec<_>>| match page {
        Ok(page) => stream::iter(page.iter().filter_map(Edited::read).collect::<Vec<_>>()),
        Err(error) => stream::iter(vec![Err(error)]),
    };
    Ok(ledger.pages(query).map(read).flatten().boxed())
}

/// Collapses the edits of a domain since the newest checkpoint, in causal order: what led to what by way of edits of the session
/// since then, as that was at a time. It holds these in memory.
pub async fn delta(
    ledger: &dyn Ledger,
    session: &SessionId,
    domain: &Domain,
    collapse: &dyn Collapse,
    as_of: AsOf,
) -> Result<Delta> {
    let up_to = as_of.up_to(ledger).await?;
    let checkpoint = checkpoint_by(ledger, session, Some(up_to)).await?;
    let after = checkpoint.as_ref().map_or(Offset::START, |checkpoint| checkpoint.offset);
    // Those of other domains as well: they may have led to one of these, and that to another.
    let (all, malformed) = readable(edits(ledger, session, after, up_to)?).await?;
    let edits = in_causal_order(all).into_iter().filter(|edited| edited.domain == *domain);
    let changes: Vec<_> = edits.map(|edited| Change { of: vec![edited.link.stamp.id], edit: edited.edit }).collect();
    Ok(Delta {
        session: session.clone(),
        domain: domain.clone(),
        snapshot: checkpoint.map(|checkpoint| checkpoint.snapshot),
        after,
        up_to,
        operations: changes.len() as u64,
        malformed,
        changes: collapse.collapse(changes)?,
    })
}

/// Returns all edits of a session, to be merged with those of another; and how many cannot be read.
pub async fn union(ledger: &dyn Ledger, session: &SessionId) -> Result<(Merge, u64)> {
    let (edits, malformed) = readable(edits(ledger, session, Offset::START, ledger.head().await?)?).await?;
    Ok((edits.into_iter().collect(), malformed))
}

/// Collects what can be read, and counts what cannot.
async fn readable(mut edits: BoxStream<'_, Result<Edited>>) -> Result<(Vec<Edited>, u64)> {
    let (mut readable, mut malformed) = (Vec::new(), 0);
    while let Some(edited) = edits.next().await {
        match edited {
            Ok(edited) => readable.push(edited),
            // What is no edit is told as an event that it should not be.
            Err(Error::Invalid { what: "event", .. }) => malformed += 1,
            Err(error) => return Err(error),
        }
    }
    Ok((readable, malformed))
}

/// Returns the intents and reservations of a session.
pub async fn coordination(ledger: &dyn Ledger, session: &SessionId) -> Result<Coordination> {
    claimed(ledger, session, ledger.head().await?).await
}

async fn claimed(ledger: &dyn Ledger, session: &SessionId, up_to: Offset) -> Result<Coordination> {
    let mut coordination = Coordination::default();
    let query = Query::all().session(session)?.tag(coordination_tag(session)?)?.up_to(up_to);
    fold(ledger, query, &mut coordination).await?;
    Ok(coordination)
}

/// How many pairs of claims are told at most.
const MOST_CONFLICTS: usize = 1_000;

/// A session at a glance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overview {
    /// What it is.
    pub session: SessionSummary,
    /// Its newest edits, in causal order. Those that cannot be read are left out, and counted with what it is.
    pub edits: Vec<Edited>,
    /// The intents and reservations that count now, the oldest first.
    pub claims: Vec<Claim>,
    /// The reservations of different actors that ask for the same, each pair once; the first thousand.
    pub claims_in_conflict: Vec<[EventId; 2]>,
    /// How many claims cannot be read, and were passed over.
    pub malformed_claims: usize,
}

/// Looks at a session as it was then, and at so many of its newest edits at most, nor at many more than 8 MiB. Returns
/// nothing when no event names it. Claims count by the time of then.
pub async fn overview(ledger: &dyn Ledger, session: &SessionId, most: usize, as_of: AsOf) -> Result<Option<Overview>> {
    let mut sessions = Sessions::default();
    let Moment { up_to, now } = as_of.moment(ledger).await?;
    let last = fold(ledger, Query { up_to, ..Query::all().session(session)? }, &mut sessions).await?;
    let Some(summary) = sessions.get(session) else { return Ok(None) };
    let coordination = claimed(ledger, session, last).await?;
    let conflicts = coordination.pairs(now).map(|(one, other)| [one.id.clone(), other.id.clone()]);
    Ok(Some(Overview {
        session: summary.clone(),
        edits: in_causal_order(newest(ledger, session, last, most).await?),
        claims: coordination.active(now).cloned().collect(),
        claims_in_conflict: conflicts.take(MOST_CONFLICTS).collect(),
        malformed_claims: coordination.malformed().len(),
    }))
}

/// Reads the newest edits of a session up to an offset, so many at most, the newest first.
async fn newest(ledger: &dyn Ledger, session: &SessionId, up_to: Offset, most: usize) -> Result<Vec<Edited>> {
    let (mut edits, mut bytes) = (Vec::new(), 0);
    let mut events = ledger.tail(Query::all().session(session)?.kind(OPERATION)?.up_to(up_to).descending());
    while edits.len() < most
        && bytes <= MAX_BATCH_BYTES
        && let Some(event) = events.try_next().await?
    {
        bytes += event.size();
        edits.extend(Edited::read(&event).and_then(Result::ok));
    }
    Ok(edits)
}

/// Finds the stamps of some events, of those that are there.
pub(super) async fn stamps<'i>(
    ledger: &dyn Ledger,
    ids: impl IntoIterator<Item = &'i EventId>,
) -> Result<HashMap<EventId, u64>> {
    let found = by_ids(ledger, ids).await?;
    Ok(found.into_iter().map(|event| (event.draft.id, event.draft.lamport.unwrap_or_default())).collect())
}

/// Returns the tag that finds the intents and reservations of a session.
pub(super) fn coordination_tag(session: &SessionId) -> Result<Tag> {
    Tag::pair("coordination", session.as_str())
}
