//! What every ledger can do on top of the contract: streams, folds and single appends.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::maybe_done;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};

use crate::error::{Error, Result};
use crate::event::{Draft, Event, Offset};
use crate::ledger::{Ledger, Receipt};
use crate::patience::Patience;
use crate::query::{Condition, Limit, Order, Query};
use crate::text::{EventId, RunId};
use crate::views::View;

/// How long `follow` keeps trying while the engine behind the ledger is away.
pub const FOLLOW_PATIENCE: Duration = Duration::from_secs(600);

/// Conveniences over any [`Ledger`].
#[async_trait]
pub trait LedgerExt: Ledger {
    /// Records one draft.
    async fn append_one(&self, draft: Draft) -> Result<Receipt> {
        let receipts = self.append(&[draft], &Condition::None).await?;
        Ok(receipts[0])
    }

    /// Streams all matching events, page by page, and ends. The first page is as large as the query's limit at most, and
    /// where each costs a round trip, further ones grow up to [`Limit::MAX`].
    fn pages(&self, query: Query) -> BoxStream<'_, Result<Vec<Event>>> {
        self.scan(query)
    }

    /// Streams all matching events one by one, and ends; the query's limit sets the size of the first page beneath.
    fn tail(&self, query: Query) -> BoxStream<'_, Result<Event>> {
        one_by_one(self.pages(query))
    }

    /// Streams all matching events and goes on with those to come: each once, in order, through restarts of the engine.
    ///
    /// Fails when the query starts past the head (a position from another ledger, or from before a restore), when it
    /// asks for the newest first, and when the engine stays away for [`FOLLOW_PATIENCE`].
    fn follow(&self, query: Query) -> BoxStream<'_, Result<Event>> {
        let start = Following { first: query.limit, query, checked: false };
        let pages = stream::try_unfold(start, async move |mut following| {
            let events = following.next(self).await?;
            Ok(Some((events, following)))
        });
        one_by_one(pages.boxed())
    }

    /// Streams one run's events, oldest first.
    fn events_for_run(&self, run: RunId) -> BoxStream<'_, Result<Event>> {
        self.tail(Query { run: Some(run), ..Query::all() })
    }

    /// Feeds all matching events to a view and returns the position it has reached.
    async fn fold<V: View>(&self, query: Query, view: &mut V) -> Result<Offset>
    where
        Self: Sized,
    {
        fold(self, query, view).await
    }
}

impl<L: Ledger + ?Sized> LedgerExt for L {}

/// Feeds all matching events to a view and returns the position it has reached: start from there next time.
pub async fn fold<V: View>(ledger: &(impl Ledger + ?Sized), query: Query, view: &mut V) -> Result<Offset> {
    let head = ledger.head().await?;
    let last = query.up_to.map_or(head, |up_to| up_to.min(head));
    let mut pages = ledger.pages(Query { up_to: Some(last), order: Order::Ascending, ..query });
    while let Some(page) = pages.try_next().await? {
        page.iter().for_each(|event| view.apply(event));
    }
    Ok(last)
}

/// Reads the events of some ids, however many, of those that are there.
pub(crate) async fn by_ids<'i>(
    ledger: &(impl Ledger + ?Sized),
    ids: impl IntoIterator<Item = &'i EventId>,
) -> Result<Vec<Event>> {
    let ids: Vec<_> = ids.into_iter().cloned().collect();
    let mut found = Vec::new();
    for ids in ids.chunks(Query::MAX_IDS) {
        let mut pages = ledger.pages(Query { ids: ids.to_vec(), ..Query::all() });
        while let Some(page) = pages.try_next().await? {
            found.extend(page);
        }
    }
    Ok(found)
}

/// Streams the pages of a query: what a ledger does that has nothing better.
pub(crate) fn paging<L: Ledger + ?Sized>(ledger: &L, query: Query) -> BoxStream<'_, Result<Vec<Event>>> {
    let first = stream::once(async move {
        let (events, next) = page(ledger, query).await?;
        let rest = next.map(|next| if next.is_range() { ranges(ledger, next) } else { one_ahead(ledger, next) });
        Ok::<_, Error>(stream::once(async { Ok(events) }).chain(stream::iter(rest).flatten()))
    });
    first.try_flatten().boxed()
}

/// Streams pages, each asked for while the one before it is looked at.
fn one_ahead<L: Ledger + ?Sized>(ledger: &L, query: Query) -> BoxStream<'_, Result<Vec<Event>>> {
    let first = Box::pin(maybe_done(page(ledger, query)));
    stream::try_unfold(Some(first), async move |reading| {
        let Some(mut reading) = reading else { return Ok(None) };
        reading.as_mut().await;
        let (events, next) = reading.as_mut().take_output().expect("it was just waited for")?;
        let mut next = next.map(|next| Box::pin(maybe_done(page(ledger, next))));
        if let Some(next) = next.as_mut() {
            let _ = futures::poll!(next.as_mut());
        }
        Ok(Some((events, next)))
    })
    .boxed()
}

/// Streams the pages of a range up to the head as it is now. Where one ends is known before it is read, so several are
/// read at a time.
fn ranges<L: Ledger + ?Sized>(ledger: &L, query: Query) -> BoxStream<'_, Result<Vec<Event>>> {
    /// How many pages are read at a time: with two, who reads waits for the engine or the engine for them.
    const AT_ONCE: usize = 4;
    /// Up to how many events further pages grow: four of these are read as fast as four of the largest, and hold less.
    const MOST: usize = 4_000;
    let pages = async move {
        let head = ledger.head().await?;
        let last = query.up_to.map_or(head, |up_to| up_to.min(head));
        let first = Query { up_to: Some(query.after.plus(query.limit.get()).min(last)), ..query };
        let cut = move |range: &Query| {
            let after = range.up_to?;
            let limit = if range.limit.get() < MOST { range.limit.doubled() } else { range.limit };
            let next = Query { after, up_to: Some(after.plus(limit.get()).min(last)), limit, ..Query::all() };
            (after < last).then_some(next)
        };
        let read = async move |range: Query| Ok::<_, Error>((ledger.read(&range).await?, range));
        let read = stream::iter(std::iter::successors(Some(first), cut)).map(read).buffered(AT_ONCE).boxed();
        // What is left of a range whose events are too large for one page; and all the rest, once there are gaps.
        let none = stream::empty().boxed();
        Ok::<_, Error>(stream::try_unfold((read, none), move |(mut read, mut left)| async move {
            loop {
                if let Some(events) = left.try_next().await? {
                    return Ok(Some((events, (read, left))));
                }
                let Some((page, range)) = read.try_next().await? else { return Ok(None) };
                let end = range.up_to.unwrap_or(last);
                if page.events.is_empty() {
                    left = one_ahead(ledger, Query { after: end, up_to: Some(last), ..range });
                    read = stream::empty().boxed();
                    continue;
                }
                if let Some(rest) = range.following(&page).filter(|rest| rest.after < end) {
                    left = one_ahead(ledger, rest);
                }
                return Ok(Some((page.events, (read, left))));
            }
        }))
    };
    stream::once(pages).try_flatten().boxed()
}

/// Takes pages apart. Each event moves once: the combinators of streams would move it at each of their layers.
fn one_by_one(mut pages: BoxStream<'_, Result<Vec<Event>>>) -> BoxStream<'_, Result<Event>> {
    let mut page = Vec::new().into_iter();
    let next = move |context: &mut Context<'_>| loop {
        if let Some(event) = page.next() {
            return Poll::Ready(Some(Ok(event)));
        }
        match ready!(pages.poll_next_unpin(context)) {
            Some(Ok(events)) => page = events.into_iter(),
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None => return Poll::Ready(None),
        }
    };
    stream::poll_fn(next).boxed()
}

/// Reads a page, and says what asks for the next one.
async fn page(ledger: &(impl Ledger + ?Sized), query: Query) -> Result<(Vec<Event>, Option<Query>)> {
    let page = ledger.read(&query).await?;
    let next = query.following(&page).map(|next| Query { limit: next.limit.doubled(), ..next });
    Ok((page.events, next))
}

struct Following {
    query: Query,
    first: Limit,
    checked: bool,
}

impl Following {
    /// Returns the next events, waiting for them when there are none, and trying again while the engine is away.
    async fn next(&mut self, ledger: &(impl Ledger + ?Sized)) -> Result<Vec<Event>> {
        let mut patience = Patience::default();
        loop {
            match self.try_next(ledger).await {
                Ok(events) if events.is_empty() => patience = Patience::default(),
                Err(error) if error.is_unavailable() => patience.wait(error).await?,
                other => return other,
            }
        }
    }

    /// Reads one page up to a head that is known to be visible; so the position may move to that head when the page ends there.
    async fn try_next(&mut self, ledger: &(impl Ledger + ?Sized)) -> Result<Vec<Event>> {
        if !self.checked {
            self.check(ledger.head().await?)?;
            self.checked = true;
        }
        let head = ledger.wait(self.query.after).await?;
        let query = Query { up_to: Some(head), ..self.query.clone() };
        let page = ledger.read(&query).await?;
        self.query.after = page.more_past.unwrap_or(head);
        // Who is behind catches up in larger steps, as a stream that ends does.
        self.query.limit = if page.more_past.is_some() { self.query.limit.doubled() } else { self.first };
        Ok(page.events)
    }

    fn check(&self, head: Offset) -> Result<()> {
        if self.query.order == Order::Descending || self.query.up_to.is_some() {
            return Err(Error::invalid(
                "query",
                "following goes on without end, oldest first: leave out `up_to` and `descending`",
            ));
        }
        if self.query.after > head {
            let why = format!(
                "`{}` is past the head, {head}: the position comes from another ledger or a later state",
                self.query.after
            );
            return Err(Error::invalid("offset", why));
        }
        Ok(())
    }
}
