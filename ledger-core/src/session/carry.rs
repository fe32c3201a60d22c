//! Carries a session from one ledger into another: all of it that is not there, stamps preserved.

use futures::TryStreamExt;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::event::Draft;
use crate::ext::LedgerExt;
use crate::ledger::{Ledger, Status};
use crate::query::{Condition, Limit, Query};
use crate::text::{EventId, SessionId};
use crate::views::session::CHECKPOINT;

/// What was carried over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Carried {
    /// How many events were not there before.
    pub new: u64,
    /// How many were.
    pub there: u64,
    /// The ids that stand for something else there, which was left as it is.
    pub clashes: Vec<EventId>,
}

/// Carries the events of a session into another ledger, and those only that are not there. What it ends in the middle of, it
/// goes on with when it is called again.
///
/// Two ledgers that are carried into each other have the same edits, with the same stamps, and so everything that is derived
/// from these: orders, deltas of all edits, conflicts. Offsets are each ledger's own; so checkpoints, which go by them, stay.
pub async fn carry(from: &dyn Ledger, into: &dyn Ledger, session: &SessionId) -> Result<Carried> {
    if from.identity().await? == into.identity().await? {
        return Err(Error::SameLedger);
    }
    let head = from.head().await?;
    let query = Query { limit: Limit::new(1_000)?, ..Query::all().session(session)?.up_to(head) };
    let (mut pages, mut carried) = (from.pages(query), Carried::default());
    while let Some(page) = pages.try_next().await? {
        let carries = |draft: &Draft| draft.kind.as_str() != CHECKPOINT;
        let mut drafts: Vec<_> = page.into_iter().map(|event| event.draft).filter(carries).collect();
        while !drafts.is_empty() {
            match into.append(&drafts, &Condition::None).await {
                Ok(receipts) => {
                    let new = receipts.iter().filter(|receipt| receipt.status == Status::New).count() as u64;
                    carried.new += new;
                    carried.there += drafts.len() as u64 - new;
                    break;
                }
                Err(Error::IdConflict { id, .. }) => {
                    drafts.retain(|draft| draft.id != id);
                    carried.clashes.push(id);
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(carried)
}
