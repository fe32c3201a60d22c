//! Carries a ledger into another one and goes on as it grows: each event once, at its offset, resumable at any point.

use futures::TryStreamExt;

use crate::copy::range;
use crate::error::{Error, Result};
use crate::event::Offset;
use crate::ext::LedgerExt;
use crate::ledger::Ledger;
use crate::patience::Patience;
use crate::query::Query;

/// When a replication ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// When the target has all that the source had at the start.
    CaughtUp,
    /// Never: it waits for what comes next.
    Stopped,
}

/// How far a replication is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replicated {
    /// The offset up to which the target has everything.
    pub at: Offset,
    /// The source's head when it was last looked at.
    pub head: Offset,
    /// How many events were written since the start.
    pub written: u64,
}

impl Replicated {
    /// Returns how many offsets the target is behind.
    #[must_use]
    pub fn lag(&self) -> u64 {
        self.head.get().saturating_sub(self.at.get())
    }
}

/// Writes what the target lacks, with the offsets of the source, and hears of every step. Stop it at any point, and start
/// it again: it goes on after the target's head.
///
/// The target is empty, or was replicated or copied from the same source. Whether it is, is checked for its newest event,
/// and for each event that is written; `verify` compares everything. What the source prunes later stays in the target. While one of the two is away, a replication without end
/// tries again for [`crate::FOLLOW_PATIENCE`].
///
/// Fails with `SameLedger` or `NotEmpty` before anything is written, and with `NotEmpty` when somebody else writes to the
/// target.
pub async fn replicate(
    source: &dyn Ledger,
    target: &dyn Ledger,
    until: Until,
    progress: &mut (dyn FnMut(Replicated) + Send),
) -> Result<Replicated> {
    let mut patience = Patience::default();
    let mut state = loop {
        match begin(source, target).await {
            Err(error) if error.is_unavailable() && until == Until::Stopped => patience.wait(error).await?,
            begun => break begun?,
        }
    };
    let goal = state.head;
    progress(state);
    loop {
        if until == Until::CaughtUp && state.at >= goal {
            return Ok(state);
        }
        let before = state.at;
        match advance(source, target, until, &mut state, progress).await {
            Ok(()) => patience = Patience::default(),
            Err(error) if error.is_unavailable() && until == Until::Stopped => {
                if state.at > before {
                    patience = Patience::default();
                }
                // What was sent last may have been written although no answer came; sent again, it changes nothing.
                patience.wait(error).await?;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Refuses a target that does not fit, and says where the two are.
async fn begin(source: &dyn Ledger, target: &dyn Ledger) -> Result<Replicated> {
    if source.identity().await? == target.identity().await? {
        return Err(Error::SameLedger);
    }
    let (head, at) = (source.head().await?, target.head().await?);
    let refuse = |why: String| Err(Error::NotEmpty { at: target.backend().to_owned(), why });
    if at > head {
        return refuse(format!("its head is {at}, the source's {head}"));
    }
    // The source may have pruned what was carried on before; what both still have has to be the same.
    let newest = target.read(&Query::all().descending().limit(1)?).await?.events;
    if let Some(newest) = newest.first() {
        let there = source.read(&Query::after(newest.offset.before()).up_to(newest.offset)).await?.events;
        if there.first().is_some_and(|there| there != newest) {
            return refuse(format!("its event at {} is not the source's", newest.offset));
        }
    }
    Ok(Replicated { at, head, written: 0 })
}

/// Writes up to the source's head, waiting for it to move first.
async fn advance(
    source: &dyn Ledger,
    target: &dyn Ledger,
    until: Until,
    state: &mut Replicated,
    progress: &mut (dyn FnMut(Replicated) + Send),
) -> Result<()> {
    if until == Until::Stopped {
        state.head = source.wait(state.at).await?;
    }
    let head = state.head;
    let mut pages = source.pages(range(state.at, head));
    let mut page = pages.try_next().await?;
    while let Some(events) = page {
        let last = events.last().map_or(head, |event| event.offset);
        // The next page is read while this one is written.
        let ((), next) = futures::future::try_join(target.restore(&events, last), pages.try_next()).await?;
        *state = Replicated { at: last, head, written: state.written + events.len() as u64 };
        progress(*state);
        page = next;
    }
    if state.at < head {
        // The last offsets have no events any more, and must not be given again.
        target.restore(&[], head).await?;
        state.at = head;
        progress(*state);
    }
    Ok(())
}
