//! The contract every backend keeps; the laws behind each sentence are tests in `ledger-testkit`.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::BoxStream;

use crate::error::{Error, Result};
use crate::event::{Draft, Event, Offset};
use crate::query::{Condition, Query};

/// The most drafts or events in one call of `append` or `restore`.
pub const MAX_BATCH_EVENTS: usize = 10_000;
/// The most bytes in one call of `append` or `restore`, and about the most in one page.
pub const MAX_BATCH_BYTES: usize = 8 << 20;

/// Says whether an append recorded something or found it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// This call recorded the event.
    New,
    /// The same event was there already; nothing was added.
    Duplicate,
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Status {
    /// Returns the word machines read: `new` or `duplicate`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Duplicate => "duplicate",
        }
    }
}

/// Where one draft of a batch stands in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Receipt {
    /// Its offset; for a duplicate, the offset of the first.
    pub offset: Offset,
    /// Whether this call recorded it.
    pub status: Status,
}

/// Some of the events that match a query, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The events.
    pub events: Vec<Event>,
    /// The last offset of the page when more may follow, and nothing when the answer ends here.
    pub more_past: Option<Offset>,
}

/// Fills a page within its limits, so that what one `read` returns one `restore` takes.
#[derive(Debug)]
pub struct PageFiller {
    page: Page,
    bytes: usize,
    limit: usize,
}

/// Whether a page takes more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// It does.
    Left,
    /// It does not; an event that did not fit any more was not taken.
    None,
}

impl PageFiller {
    /// Starts a page for a query.
    #[must_use]
    pub fn new(query: &Query) -> Self {
        Self { page: Page::default(), bytes: 0, limit: query.limit.get() }
    }

    /// Adds the next event, unless the page would grow past 8 MiB by it; a page has one event at least.
    pub fn push(&mut self, event: Event) -> Room {
        let last = self.page.events.last().map(|last| last.offset);
        let size = event.size();
        if last.is_some() && self.bytes + size > MAX_BATCH_BYTES {
            self.page.more_past = last;
            return Room::None;
        }
        self.bytes += size;
        let offset = event.offset;
        self.page.events.push(event);
        if self.page.events.len() < self.limit {
            return Room::Left;
        }
        self.page.more_past = Some(offset);
        Room::None
    }

    /// Returns the page.
    #[must_use]
    pub fn finish(self) -> Page {
        self.page
    }

    /// Returns how many events the page holds.
    #[must_use]
    pub fn count(&self) -> usize {
        self.page.events.len()
    }

    /// Returns about how many bytes the page holds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

/// An append-only, totally ordered log of events.
///
/// All calls may be made from many tasks at once. A future that is dropped has either happened whole or not at all;
/// an append that was accepted goes on when its caller stops waiting.
#[async_trait]
pub trait Ledger: fmt::Debug + Send + Sync {
    /// Names the backend in logs and errors.
    fn backend(&self) -> &'static str;

    /// Returns a text that two handles share exactly when they are the same ledger, however their URLs were spelled.
    async fn identity(&self) -> Result<String>;

    /// Records a batch whole, or nothing of it. Answers, per draft, its offset and whether it was there already.
    ///
    /// When it returns, the events are durable and every reader sees them. A batch that is there already is answered
    /// with its first offsets whatever the condition says, so that a retry is safe.
    ///
    /// Fails with `IdConflict` when an id is taken by other content, with `ConditionFailed` when the condition does
    /// not hold, and with `Invalid` past a limit (10,000 drafts or 8 MiB); nothing is stored then.
    async fn append(&self, drafts: &[Draft], condition: &Condition) -> Result<Vec<Receipt>>;

    /// Returns one page of matching events, in the query's order.
    async fn read(&self, query: &Query) -> Result<Page>;

    /// Streams all matching events in pages, and ends; each fits one `restore`.
    ///
    /// It means reading page after page, or several ranges at a time, and does so unless an engine has a faster way. What is
    /// appended meanwhile may be in it or not.
    fn scan(&self, query: Query) -> BoxStream<'_, Result<Vec<Event>>> {
        crate::ext::paging(self, query)
    }

    /// Returns the last offset ever given; `Offset::START` before the first.
    async fn head(&self) -> Result<Offset>;

    /// Resolves once the head is past `after`, with the head: a wake-up, never the data.
    async fn wait(&self, after: Offset) -> Result<Offset>;

    /// Writes recorded events with the offsets they have, and raises the head to at least `head`: restore, snapshot, replicate.
    ///
    /// The events come in rising order of offset, 10,000 or 8 MiB at most. Events past the head are written; an event
    /// at or before it must be there already, to the byte. Fails with `NotEmpty` otherwise, and nothing is written.
    async fn restore(&self, events: &[Event], head: Offset) -> Result<()>;

    /// Removes matching events for good and returns how many. Their offsets are never given again; their ids are free.
    ///
    /// It removes in steps that let appends through, so a crash in the middle leaves some of them; call it again.
    async fn prune(&self, query: &Query) -> Result<u64>;

    /// Removes the events at these offsets, 10,000 at most, as [`prune`](Self::prune) does, and returns how many were there.
    ///
    /// It records nothing: [`retention`](crate::retention) does that, so that what was removed can be told from what was lost.
    async fn erase(&self, offsets: &[Offset]) -> Result<u64>;
}

#[async_trait]
impl<L: Ledger + ?Sized> Ledger for Arc<L> {
    fn backend(&self) -> &'static str {
        (**self).backend()
    }
    async fn identity(&self) -> Result<String> {
        (**self).identity().await
    }
    async fn append(&self, drafts: &[Draft], condition: &Condition) -> Result<Vec<Receipt>> {
        (**self).append(drafts, condition).await
    }
    async fn read(&self, query: &Query) -> Result<Page> {
        (**self).read(query).await
    }
    fn scan(&self, query: Query) -> BoxStream<'_, Result<Vec<Event>>> {
        (**self).scan(query)
    }
    async fn head(&self) -> Result<Offset> {
        (**self).head().await
    }
    async fn wait(&self, after: Offset) -> Result<Offset> {
        (**self).wait(after).await
    }
    async fn restore(&self, events: &[Event], head: Offset) -> Result<()> {
        (**self).restore(events, head).await
    }
    async fn prune(&self, query: &Query) -> Result<u64> {
        (**self).prune(query).await
    }
    async fn erase(&self, offsets: &[Offset]) -> Result<u64> {
        (**self).erase(offsets).await
    }
}

/// Checks the limits of one append. Fails when a draft or the batch breaks one; every backend calls it first.
pub fn check_batch(drafts: &[Draft], condition: &Condition) -> Result<()> {
    if let Condition::NoneAfter { query, .. } = condition {
        query.check()?;
    }
    check_sizes(drafts.iter())
}

/// Checks the limits of one restore. Fails when the events are too many, too large or not in rising order.
pub fn check_restore(events: &[Event], head: Offset) -> Result<()> {
    check_sizes(events.iter().map(|event| &event.draft))?;
    let rising = events.is_sorted_by(|a, b| a.offset < b.offset);
    if !rising || events.first().is_some_and(|event| event.offset == Offset::START) {
        return Err(Error::invalid("events", "their offsets do not rise from 1: give them in the order of the ledger"));
    }
    match events.last() {
        Some(last) if last.offset > head => {
            Err(Error::invalid("head", format!("`{head}` is before the last event, {}", last.offset)))
        }
        _ => Ok(()),
    }
}

/// Checks the limit of one erase. Fails when the offsets are too many.
pub fn check_erase(offsets: &[Offset]) -> Result<()> {
    if offsets.len() > MAX_BATCH_EVENTS {
        let why = format!("`{}`: {MAX_BATCH_EVENTS} are the most; split them", offsets.len());
        return Err(Error::invalid("offsets", why));
    }
    Ok(())
}

fn check_sizes<'a>(drafts: impl ExactSizeIterator<Item = &'a Draft>) -> Result<()> {
    if drafts.len() > MAX_BATCH_EVENTS {
        return Err(Error::invalid(
            "batch",
            format!("`{}` events: {MAX_BATCH_EVENTS} are the most; split it", drafts.len()),
        ));
    }
    let mut bytes = 0;
    for draft in drafts {
        draft.check()?;
        bytes += draft.size();
    }
    if bytes > MAX_BATCH_BYTES {
        return Err(Error::invalid("batch", format!("`{bytes}` bytes: {MAX_BATCH_BYTES} are the most; split it")));
    }
    Ok(())
}
