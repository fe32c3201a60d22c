//! Copies a ledger into another, offsets kept: refuses before it touches anything, and believes nothing it has not read back.

use futures::TryStreamExt;

use crate::digest::{ContentDigest, ContentHasher};
use crate::error::{Error, Result};
use crate::event::Offset;
use crate::ext::LedgerExt;
use crate::ledger::Ledger;
use crate::query::{Limit, Query};

/// How far a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Comparing what the target holds already; the offset compared up to, and the last one to compare.
    Comparing(Offset, Offset),
    /// Writing; the offset written up to, and the last one to write.
    Writing(Offset, Offset),
    /// Reading back; the offset read up to, and the last one to read.
    Verifying(Offset, Offset),
}

/// What a copy came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// How many events the target holds.
    pub count: u64,
    /// How many of them this copy wrote.
    pub written: u64,
    /// The head both share.
    pub head: Offset,
    /// The digest both share.
    pub digest: ContentDigest,
}

/// Copies everything up to the source's present head into a target that is empty, or holds an older copy of the same ledger.
///
/// Fails with `SameLedger` or `NotEmpty` before anything is written, and with `Corrupt` when the target reads back otherwise.
pub async fn copy(
    source: &dyn Ledger,
    target: &dyn Ledger,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Copied> {
    check_target(source, target).await?;
    let head = source.head().await?;
    let held = target.head().await?;
    let (mut ours, mut theirs) = compare(source, target, (head, held), progress).await?;
    let before = ours.count;
    write(source, target, (held, head), &mut ours, progress).await?;
    read_into(target, (held, head), &mut theirs, |at| progress(Progress::Verifying(at, head))).await?;
    let written = target.head().await?;
    if ours.digest() != theirs.digest() || written != head {
        let why = format!(
            "the copy holds {} events up to {written} with {}, the source {} up to {head} with {}",
            theirs.count,
            theirs.digest(),
            ours.count,
            ours.digest()
        );
        return Err(Error::Corrupt { why });
    }
    Ok(Copied { count: ours.count, written: ours.count - before, head, digest: ours.digest() })
}

/// Refuses a target that plainly holds something else, reading two of its events at most. A copy compares all of them.
pub async fn check_target(source: &dyn Ledger, target: &dyn Ledger) -> Result<()> {
    if source.identity().await? == target.identity().await? {
        return Err(Error::SameLedger);
    }
    let (head, held) = (source.head().await?, target.head().await?);
    let refuse = |why: String| Err(Error::NotEmpty { at: target.backend().to_owned(), why });
    if held > head {
        return refuse(format!("its head is {held}, the source's {head}"));
    }
    let ends = [range(Offset::START, held).limit(1)?, range(Offset::START, held).descending().limit(1)?];
    for query in &ends {
        let (ours, theirs) = (source.read(query).await?, target.read(query).await?);
        if ours.events == theirs.events {
            continue;
        }
        if let Some(theirs) = theirs.events.first()
            && source.read(&range(theirs.offset.before(), theirs.offset)).await?.events.is_empty()
        {
            let why = "has no event any more: what it removed since, only `replicate` goes past";
            return refuse(format!("it holds events where the source, such as at {}, {why}", theirs.offset));
        }
        return refuse(format!("its events up to {held} are not the source's"));
    }
    Ok(())
}

/// Hashes what the target holds beside the same range of the source. Fails with `NotEmpty` unless they are equal.
async fn compare(
    source: &dyn Ledger,
    target: &dyn Ledger,
    (head, held): (Offset, Offset),
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(ContentHasher, ContentHasher)> {
    let refuse = |why: String| Error::NotEmpty { at: target.backend().to_owned(), why };
    if held > head {
        return Err(refuse(format!("its head is {held}, the source's {head}")));
    }
    let (mut ours, mut theirs) = (ContentHasher::default(), ContentHasher::default());
    let range = (Offset::START, held);
    read_into(source, range, &mut ours, |at| progress(Progress::Comparing(at, held))).await?;
    read_into(target, range, &mut theirs, |_| ()).await?;
    if ours.digest() != theirs.digest() {
        return Err(refuse(format!("its {} events up to {held} are not the source's", theirs.count)));
    }
    Ok((ours, theirs))
}

async fn read_into(
    ledger: &dyn Ledger,
    (after, up_to): (Offset, Offset),
    hasher: &mut ContentHasher,
    mut at: impl FnMut(Offset),
) -> Result<()> {
    let mut pages = ledger.pages(range(after, up_to));
    while let Some(page) = pages.try_next().await? {
        page.iter().try_for_each(|event| hasher.add(event))?;
        at(page.last().map_or(up_to, |event| event.offset));
    }
    Ok(())
}

/// Writes page by page, reading the next while the last one is written; memory holds a few pages, whatever the length.
async fn write(
    source: &dyn Ledger,
    target: &dyn Ledger,
    (after, head): (Offset, Offset),
    hasher: &mut ContentHasher,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<()> {
    let mut pages = source.pages(range(after, head));
    let mut page = pages.try_next().await?;
    while let Some(events) = page {
        let last = events.last().map_or(head, |event| event.offset);
        let store = async {
            // First, because it finds what was damaged.
            events.iter().try_for_each(|event| hasher.add(event))?;
            target.restore(&events, last).await?;
            Ok(())
        };
        let next;
        ((), next) = futures::future::try_join(store, pages.try_next()).await?;
        page = next;
        progress(Progress::Writing(last, head));
    }
    target.restore(&[], head).await
}

pub(crate) fn range(after: Offset, up_to: Offset) -> Query {
    Query { up_to: Some(up_to), limit: Limit::MAX, ..Query::after(after) }
}
