//! The content digest and the checks built on it: two ledgers with the same digest hold the same events.

use std::fmt;

use futures::TryStreamExt;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::event::{Event, Offset};
use crate::ext::LedgerExt;
use crate::ledger::Ledger;
use crate::query::{Limit, Query};
use crate::retention::{Pruned, RUN, overlap};

/// SHA-256 over the events' lines of JSON in offset order, each ended by a newline: the digest of what `ledger export` prints.
#[derive(Clone, Default)]
pub struct ContentHasher {
    hash: Sha256,
    line: Vec<u8>,
    /// How many events went in.
    pub count: u64,
}

impl ContentHasher {
    /// Adds the next event. Fails with `Corrupt` when its payload was damaged where it was stored.
    pub fn add(&mut self, event: &Event) -> Result<()> {
        self.line.clear();
        event.write_json(&mut self.line)?;
        self.line.push(b'\n');
        self.hash.update(&self.line);
        self.count += 1;
        Ok(())
    }

    /// Returns the digest of what went in so far.
    #[must_use]
    pub fn digest(&self) -> ContentDigest {
        ContentDigest(self.hash.clone().finalize().into())
    }
}

impl fmt::Debug for ContentHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentHasher").field("count", &self.count).finish_non_exhaustive()
    }
}

/// A digest, shown as `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentDigest([u8; 32]);

impl fmt::Display for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a ledger holds, read from end to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verification {
    /// How many events.
    pub count: u64,
    /// The last offset ever given.
    pub head: Offset,
    /// How many offsets up to the head have no event.
    pub gaps: u64,
    /// How many of those were removed, as an event of `ledger.pruned` tells. What is left was lost, or never copied.
    pub pruned: u64,
    /// The digest of the content.
    pub digest: ContentDigest,
}

/// Reads a ledger from end to end. `progress` hears the count so far, and the head.
pub async fn verify(ledger: &dyn Ledger, mut progress: impl FnMut(u64, Offset)) -> Result<Verification> {
    let head = ledger.head().await?;
    let (mut hasher, mut last) = (ContentHasher::default(), Offset::START);
    let (mut gaps, mut pruned) = (Vec::new(), Vec::new());
    let mut pages = ledger.pages(Query { up_to: Some(head), limit: Limit::MAX, ..Query::all() });
    while let Some(page) = pages.try_next().await? {
        for event in &page {
            if event.offset <= last {
                let why = format!("offset {} comes after {last}: two writers were not kept apart", event.offset);
                return Err(Error::Corrupt { why });
            }
            if last.plus(1) < event.offset {
                gaps.push((last.plus(1), event.offset.before()));
            }
            last = event.offset;
            hasher.add(event)?;
            pruned.extend(Pruned::of_event(event).into_iter().flat_map(|record| record.ranges));
        }
        progress(hasher.count, head);
    }
    if last < head {
        gaps.push((last.plus(1), head));
    }
    // What went while this was reading is recorded past the head.
    let mut records = ledger.tail(Query::after(head).run(RUN)?.kind(Pruned::KIND)?);
    while let Some(event) = records.try_next().await? {
        pruned.extend(Pruned::of_event(&event).into_iter().flat_map(|record| record.ranges));
    }
    Ok(Verification {
        count: hasher.count,
        head,
        gaps: head.get().saturating_sub(hasher.count),
        pruned: overlap(&gaps, pruned),
        digest: hasher.digest(),
    })
}

/// The first place where two ledgers differ: what each holds there, if anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The offset.
    pub offset: Offset,
    /// What the first ledger holds there.
    pub left: Option<Event>,
    /// What the second ledger holds there.
    pub right: Option<Event>,
}

/// Walks two ledgers side by side and returns the first difference in their events.
pub async fn first_difference(left: &dyn Ledger, right: &dyn Ledger) -> Result<Option<Difference>> {
    let (mut lefts, mut rights) = (left.tail(Query::all()), right.tail(Query::all()));
    loop {
        let (l, r) = futures::future::try_join(lefts.try_next(), rights.try_next()).await?;
        let (l, r) = match (l, r) {
            (None, None) => return Ok(None),
            (l, r) if l == r => continue,
            pair => pair,
        };
        let offset = [&l, &r].into_iter().flatten().map(|event| event.offset).min().unwrap_or_default();
        let at = |event: Option<Event>| event.filter(|event| event.offset == offset);
        return Ok(Some(Difference { offset, left: at(l), right: at(r) }));
    }
}
