//! What every ledger can do on top of the contract: streams, folds and single appends.

use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::{BoxFuture, MaybeDone, maybe_done};
use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt, TryStreamExt};

use crate::error::{Error, Result};
use crate::event::{Draft, Event, Offset};
use crate::ledger::{Ledger, Page, Receipt};
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
    /// further ones grow, up to [`Limit::MAX`] at most.
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

/// How many offsets [`newest`] looks through: no index leads to nothing, which is what some filters find.
const LOOKED_THROUGH: u64 = 1_000_000;

/// Gives the newest matching events, the newest first, to whoever takes them: so many at most, and none once they have
/// enough or it has looked far. Says whether these were all.
pub(crate) async fn newest(
    ledger: &(impl Ledger + ?Sized),
    query: Query,
    most: usize,
    mut take: impl FnMut(Event) -> ControlFlow<()> + Send,
) -> Result<bool> {
    let last = match query.up_to {
        Some(up_to) => up_to,
        None => ledger.head().await?,
    };
    let furthest = Offset::new(last.get().saturating_sub(LOOKED_THROUGH))?;
    let far = furthest > query.after;
    let after = query.after.max(furthest);
    let (mut query, mut left) = (Query { order: Order::Descending, after, ..query }, most);
    loop {
        // With one more than is taken it is known whether there are more.
        query.limit = Limit::new(left.saturating_add(1).min(Limit::MAX.get()))?;
        let page = ledger.read(&query).await?;
        let next = query.following(&page);
        for event in page.events {
            if left == 0 || take(event).is_break() {
                return Ok(false);
            }
            left -= 1;
        }
        match next {
            Some(next) => query = next,
            None => return Ok(!far),
        }
    }
}

/// Streams the pages of a query: what a ledger does that has nothing better.
pub(crate) fn paging<L: Ledger + ?Sized>(ledger: &L, query: Query) -> BoxStream<'_, Result<Vec<Event>>> {
    let start = (Wide::of(query.limit), Some(Ahead::one(ledger, query)), false);
    stream::try_unfold(start, async move |(mut wide, mut ahead, goes_on)| {
        while let Some(now) = ahead {
            let events;
            (events, ahead) = now.next(ledger, &mut wide).await?;
            if let Some(Ahead::One(next)) = &mut ahead
                && goes_on
            {
                // Whoever came back for a second page will want a third: it is asked for while this one is looked at.
                let _ = futures::poll!(next);
            }
            if !events.is_empty() {
                return Ok(Some((events, (wide, ahead, true))));
            }
        }
        Ok(None)
    })
    .boxed()
}

/// How much is read by ranges: up to so many events in one, …
#[derive(Clone, Copy)]
struct Wide {
    most: Limit,
    /// … and so many ranges at a time. With fewer the engine waits for who reads, or they for it.
    at_once: usize,
}

impl Wide {
    /// Pages of 4,000 are read as fast as larger ones and hold less, so larger ones are read if they are asked for.
    fn of(limit: Limit) -> Self {
        let most = Limit::new(4_000).expect("a page holds that many");
        if limit > most { Self { most: limit, at_once: 2 } } else { Self { most, at_once: 4 } }
    }
}

/// A page that is asked for, and what for.
type Reading<'l> = BoxFuture<'l, Result<(Page, Query)>>;

/// What a stream of pages reads next.
enum Ahead<'l> {
    /// One page, from where the last one ended.
    One(Box<MaybeDone<Reading<'l>>>),
    /// Several ranges at a time: where events lie close together, it is known where a page will end before it is read.
    Ranges { pages: BoxStream<'l, (Result<Page>, Query)>, up_to: Option<Offset> },
}

impl<'l> Ahead<'l> {
    fn one<L: Ledger + ?Sized>(ledger: &'l L, query: Query) -> Self {
        let read = async move { Ok((ledger.read(&query).await?, query)) };
        Self::One(Box::new(maybe_done(read.boxed())))
    }

    /// Returns the next events, if there are any, and what is to be read after them.
    async fn next<L: Ledger + ?Sized>(self, ledger: &'l L, wide: &mut Wide) -> Result<(Vec<Event>, Option<Self>)> {
        match self {
            Self::One(mut reading) => {
                (&mut reading).await;
                let (page, query) = Pin::new(&mut *reading).take_output().expect("it was just waited for")?;
                let next = query.following(&page).map(|next| {
                    let by_ranges = wide.at_once > 1 && next.is_range() && is_dense(&query, &page);
                    let next = Query { limit: next.limit.doubled(), ..next };
                    if by_ranges { Self::ranges(ledger, next, *wide) } else { Self::one(ledger, next) }
                });
                Ok((page.events, next))
            }
            Self::Ranges { mut pages, up_to } => {
                let Some((page, range)) = pages.next().await else { return Ok((Vec::new(), None)) };
                match page {
                    Ok(page) if is_dense(&range, &page) => Ok((page.events, Some(Self::Ranges { pages, up_to }))),
                    Ok(page) => {
                        // There are gaps, or events too large for so many on a page.
                        let after = page.more_past.or(range.up_to).unwrap_or(range.after);
                        Ok((page.events, Some(Self::one(ledger, Query { after, up_to, ..range }))))
                    }
                    Err(error) if error.is_unavailable() => {
                        // Perhaps there were not so many connections: then fewer have to do.
                        wide.at_once /= 2;
                        Ok((Vec::new(), Some(Self::one(ledger, Query { up_to, ..range }))))
                    }
                    Err(error) => Err(error),
                }
            }
        }
    }

    /// Reads ranges up to the head as it will be when the first of them is asked for.
    fn ranges<L: Ledger + ?Sized>(ledger: &'l L, query: Query, wide: Wide) -> Self {
        let up_to = query.up_to;
        let head = stream::once(async move { (ledger.head().await, query) });
        let pages = head.flat_map(move |(head, query)| match head {
            Ok(head) => cut(ledger, &query, head, wide),
            Err(error) => stream::iter([(Err(error), query)]).boxed(),
        });
        Self::Ranges { pages: pages.boxed(), up_to }
    }
}

/// Reads a range in parts, several at a time.
fn cut<'l, L: Ledger + ?Sized>(
    ledger: &'l L,
    query: &Query,
    head: Offset,
    wide: Wide,
) -> BoxStream<'l, (Result<Page>, Query)> {
    let last = query.up_to.map_or(head, |up_to| up_to.min(head));
    let part = move |after: Offset, limit: Limit| {
        let limit = limit.min(wide.most);
        let up_to = Some(after.plus(limit.get()).min(last));
        (after < last).then(|| Query { after, up_to, limit, ..Query::all() })
    };
    let parts = std::iter::successors(part(query.after, query.limit), move |before| {
        part(before.up_to?, before.limit.doubled())
    });
    let read = async move |part: Query| {
        let page = ledger.read(&part).await;
        (page, part)
    };
    stream::iter(parts).map(read).buffered(wide.at_once).boxed()
}

/// Says whether a page holds an event for each offset that it was asked for.
fn is_dense(query: &Query, page: &Page) -> bool {
    let last = page.events.last().map(|event| event.offset);
    let whole = page.events.len() == query.limit.get() || last == query.up_to;
    whole && last == Some(query.after.plus(page.events.len()))
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
