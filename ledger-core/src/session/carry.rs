//! Carries a session from one ledger into another: all of it that is not there, stamps preserved.

use std::collections::{BTreeSet, HashMap};

use futures::TryStreamExt;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::event::{Draft, Offset};
use crate::ext::{LedgerExt, by_ids};
use crate::ledger::{Ledger, Receipt, Status};
use crate::query::{Condition, Query};
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
    pub clashes: BTreeSet<EventId>,
}

/// Carries the events of a session into another ledger, and those only that are not there. If it was interrupted, call it again:
/// it continues.
///
/// Stamps are those that were given. Two ledgers that are carried into each other have the same edits, and so the same conflicts
/// and the same order of all, but for an edit that a retry recorded in both with two stamps. Offsets are each ledger's own; so
/// checkpoints, which go by them, stay where they are.
///
/// Fails with `SameLedger` when there is only one.
pub async fn carry(from: &dyn Ledger, into: &dyn Ledger, session: &SessionId) -> Result<Carried> {
    if from.identity().await? == into.identity().await? {
        return Err(Error::SameLedger);
    }
    let head = from.head().await?;
    let query = Query::all().session(session)?.up_to(head);
    let (mut pages, mut carried) = (from.pages(query), Carried::default());
    while let Some(page) = pages.try_next().await? {
        let carries = |draft: &Draft| draft.kind.as_str() != CHECKPOINT;
        let drafts: Vec<_> = page.into_iter().map(|event| event.draft).filter(carries).collect();
        append_new(into, drafts, &mut carried).await?;
    }
    Ok(carried)
}

/// Appends what is not there, and counts it. Returns where each is that does not clash.
pub(super) async fn append_new(
    into: &dyn Ledger,
    mut drafts: Vec<Draft>,
    carried: &mut Carried,
) -> Result<Vec<(EventId, Offset)>> {
    while !drafts.is_empty() {
        match into.append(&drafts, &Condition::None).await {
            Ok(receipts) => {
                let new = receipts.iter().filter(|receipt| receipt.status == Status::New).count() as u64;
                carried.new += new;
                carried.there += drafts.len() as u64 - new;
                let pair = |(draft, receipt): (Draft, &Receipt)| (draft.id, receipt.offset);
                return Ok(drafts.into_iter().zip(&receipts).map(pair).collect());
            }
            // One of them is taken, and so may others be.
            Err(Error::IdConflict { id, .. }) => {
                let there: Vec<_> = by_ids(into, drafts.iter().map(|draft| &draft.id)).await?;
                let mut taken: HashMap<_, _> =
                    there.into_iter().map(|event| (event.draft.id.clone(), event.draft)).collect();
                if !taken.contains_key(&id) {
                    // Two of them have one id: the first is meant.
                    taken.extend(drafts.iter().find(|draft| draft.id == id).map(|draft| (id, draft.clone())));
                }
                drafts.retain(|draft| {
                    let same = taken.get(&draft.id).is_none_or(|there| there.same_content(draft));
                    if !same {
                        carried.clashes.insert(draft.id.clone());
                    }
                    same
                });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Vec::new())
}
