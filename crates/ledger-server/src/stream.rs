//! Live events, and signals that there are any, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use ledger_core::{Error, Limit, Offset, Query};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::Desk;
use crate::admin::listeners::{Seat, about};
use crate::auth::{Caller, Known};
use crate::feed::{Batch, frame};
use crate::metrics::Present;
use crate::openapi::{parameters, problems};
use crate::parameters::Fields;
use crate::problem::Problem;

/// How long nothing may come before a sign of life does.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often is looked whether a token was revoked, or its caller signed out, since a stream began.
const RECHECK: Duration = Duration::from_secs(5);
/// The sign of life of signals.
const ALIVE: Bytes = Bytes::from_static(b":\n\n");
/// How many offsets are read through at once for a listener who wants some events only: a sign of life comes in between.
const STRETCH: usize = 1_000_000;
/// How long to wait before a page is asked for again when the engine is away.
const AWAY: Duration = Duration::from_secs(1);
/// How many events a listener who is behind is read at once.
const PAGE: usize = 500;
/// The least time between two signals, unless a listener asks for more or less.
const EVERY: Duration = Duration::from_millis(500);
/// The most.
const LONGEST_MS: u64 = 60_000;
/// How long a listener waits before it comes again, in milliseconds: the first that it is told.
const HELLO: &[u8] = b"retry: 1000\n\n";

/// Streams all events that match, and those to come.
#[utoipa::path(
    get,
    path = "/events/stream",
    tag = "live",
    operation_id = "stream",
    description = "Each event is a server-sent event with its offset as `id` and itself as `data`. When nothing else \
                   came for 15 seconds, the `id` comes alone: how far was looked. An event `resume`, with `after` and \
                   `why`, is the last before the stream ends: come again. A stream ends without it when its token is \
                   revoked, or its caller signs out.",
    params(parameters::Filters, parameters::Beginning),
    responses(
        (status = 200, description = "The events, without end.", content_type = "text/event-stream"),
        problems::Call,
        problems::Parameters,
    )
)]
pub(crate) async fn events(
    State(desk): State<Desk>,
    Extension(Known { caller, .. }): Extension<Known>,
    RawQuery(text): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut asked = Fields::read(text.as_deref())?;
    let mut query = asked.query()?;
    let from = asked.one::<Start>("after")?;
    asked.end()?;
    let head = desk.soon(desk.ledger.head()).await?;
    let resumed = headers.get(LAST_EVENT_ID).map(|value| {
        let last = value.to_str().ok().and_then(|text| text.parse().ok());
        last.ok_or_else(|| Problem::invalid("Last-Event-ID", "it is no offset, which the stream gives as `id`"))
    });
    query.after = match (resumed.transpose()?, from) {
        (Some(last), _) => last,
        (None, Some(Start::Offset(offset))) => offset,
        (None, Some(Start::Head)) => head,
        (None, None) => Offset::START,
    };
    if query.after > head {
        let why = format!("`{}` is past the head, {head}: is it another ledger's?", query.after);
        return Err(Problem::invalid(if resumed_by(&headers) { "Last-Event-ID" } else { "after" }, why));
    }
    query.limit = Limit::new(PAGE)?;
    let listener = Listener::new(Arc::clone(&desk), caller, query);
    Ok(stream_of(desk, &headers, stream::unfold(listener, Listener::next)))
}

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

fn resumed_by(headers: &HeaderMap) -> bool {
    headers.contains_key(LAST_EVENT_ID)
}

/// Where to start from.
enum Start {
    Offset(Offset),
    Head,
}

impl std::str::FromStr for Start {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        if text == "head" { Ok(Self::Head) } else { text.parse().map(Self::Offset) }
    }
}

/// Signals that the head has moved, with the head; several moves are one signal. The first comes at once.
#[utoipa::path(
    get,
    path = "/changes",
    tag = "live",
    operation_id = "changes",
    description = "Each signal is a server-sent event `change` with `{\"head\": OFFSET}` as `data`.",
    params(parameters::Interval),
    responses(
        (status = 200, description = "The signals, without end.", content_type = "text/event-stream"),
        problems::Call,
        problems::Parameters,
    )
)]
pub(crate) async fn changes(
    State(desk): State<Desk>,
    Extension(Known { caller, .. }): Extension<Known>,
    RawQuery(text): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut asked = Fields::read(text.as_deref())?;
    let every = asked.one::<u64>("interval_ms")?;
    asked.end()?;
    if every.is_some_and(|every| every > LONGEST_MS) {
        return Err(Problem::invalid("interval_ms", format!("{LONGEST_MS} are the most")));
    }
    let every = every.map_or(EVERY, Duration::from_millis);
    let mut heads = desk.soon(desk.feed.heads()).await?;
    heads.mark_changed();
    let present = desk.metrics.listeners.come("changes");
    let about = format!("the head, every {} ms at most", every.as_millis());
    let seat = desk.listeners.come("changes", caller, about, *heads.borrow());
    let (stopping, pause) = (desk.stopping.clone(), Duration::ZERO);
    let watcher = Watcher { heads, stopping, every, pause, seat, _present: present };
    Ok(stream_of(desk, &headers, stream::unfold(watcher, Watcher::next)))
}

/// Somebody who wants to know when the head moves.
struct Watcher {
    heads: watch::Receiver<Offset>,
    stopping: watch::Receiver<bool>,
    every: Duration,
    /// How long to rest before the next signal.
    pause: Duration,
    seat: Seat,
    _present: Present,
}

impl Watcher {
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        let signal = async {
            tokio::time::sleep(self.pause).await;
            match tokio::time::timeout(HEARTBEAT, self.heads.changed()).await {
                Ok(Ok(())) => {
                    let head = *self.heads.borrow_and_update();
                    self.seat.reached(head);
                    self.seat.sent(1);
                    Some((Bytes::from(format!("event: change\ndata: {{\"head\":{head}}}\n\n")), self.every))
                }
                Ok(Err(_)) => None,
                Err(_) => Some((ALIVE, Duration::ZERO)),
            }
        };
        let (signal, pause) = tokio::select! {
            signal = signal => signal?,
            _ = self.stopping.wait_for(|stopping| *stopping) => return None,
        };
        self.pause = pause;
        Some((Ok(signal), self))
    }
}

/// Answers with frames, for as long as the caller may still ask for them.
fn stream_of(
    desk: Desk,
    headers: &HeaderMap,
    frames: impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static,
) -> Response {
    let shown = desk.revocable(headers);
    let frames = frames.take_until(async move {
        let Some(shown) = shown else { return std::future::pending().await };
        while desk.may_listen(shown) {
            tokio::time::sleep(RECHECK).await;
        }
        desk.metrics.listeners.dropped("revoked");
    });
    let hello = stream::once(std::future::ready(Ok(Bytes::from_static(HELLO))));
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-store"),
        // Proxies of one widespread make would keep them back otherwise.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(hello.chain(frames))).into_response()
}

/// Somebody who listens.
struct Listener {
    desk: Desk,
    /// What is to come: past its `after`, up to which all was sent.
    query: Query,
    is_filtered: bool,
    state: Standing,
    /// When something was last sent.
    sent: Instant,
    seat: Seat,
    _present: Present,
}

/// Why somebody has to come again: a word for who counts it, and words for who is told.
type Why = (&'static str, &'static str);

const STOPPING: Why = ("stopping", "the server is told to stop");
const SLOW: Why = ("slow", "you read more slowly than events come");
const FAILED: Why = ("failed", "the engine failed");
const UNREADABLE: Why = ("failed", "an event cannot be read");

/// How far a listener is.
enum Standing {
    /// Reads what is there; and with a receiver, up to where that begins.
    Behind(Option<(Receiver<Arc<Batch>>, Offset)>),
    Live(Receiver<Arc<Batch>>),
    Over,
}

impl Listener {
    fn new(desk: Desk, caller: Caller, query: Query) -> Self {
        let filters = Query { after: Offset::START, limit: Limit::default(), ..query.clone() };
        let present = desk.metrics.listeners.come("events");
        let seat = desk.listeners.come("events", caller, about(&filters), query.after);
        let (is_filtered, state) = (filters != Query::all(), Standing::Behind(None));
        Self { desk, query, is_filtered, state, sent: Instant::now(), seat, _present: present }
    }

    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        let mut stopping = self.desk.stopping.clone();
        let frames = tokio::select! {
            frames = self.frames() => frames,
            _ = stopping.wait_for(|stopping| *stopping) => self.come_again(STOPPING),
        };
        frames.map(|frames| (Ok(frames), self))
    }

    async fn frames(&mut self) -> Option<Bytes> {
        loop {
            let frames = match &mut self.state {
                Standing::Over => return None,
                Standing::Behind(_) => match self.catch_up().await {
                    Ok(frames) => Some(frames.into()),
                    Err(error) if error.is_unavailable() => {
                        tokio::time::sleep(AWAY).await;
                        None
                    }
                    Err(error) => {
                        tracing::error!(%error, "a stream ended");
                        self.come_again(FAILED)
                    }
                },
                Standing::Live(receiver) => match timeout_at(self.sent + HEARTBEAT, receiver.recv()).await {
                    Err(_) => None,
                    Ok(Ok(batch)) => self.wanted(&batch),
                    Ok(Err(RecvError::Lagged(_))) => self.come_again(SLOW),
                    Ok(Err(RecvError::Closed)) => {
                        self.state = Standing::Behind(None);
                        tokio::time::sleep(AWAY).await;
                        None
                    }
                },
            };
            self.seat.reached(self.query.after);
            let frames = frames.filter(|frames| !frames.is_empty());
            // With the position, from which to come again: who wants few of many events would look through the others again.
            let alive = || format!("id: {}\n\n", self.query.after).into();
            if let Some(frames) = frames.or_else(|| (self.sent.elapsed() >= HEARTBEAT).then(alive)) {
                self.sent = Instant::now();
                return Some(frames);
            }
        }
    }

    /// Tells a listener to come again, from where it is.
    fn come_again(&mut self, (reason, why): Why) -> Option<Bytes> {
        if matches!(std::mem::replace(&mut self.state, Standing::Over), Standing::Over) {
            return None;
        }
        self.desk.metrics.listeners.dropped(reason);
        let after = self.query.after;
        Some(format!("id: {after}\nevent: resume\ndata: {{\"after\":{after},\"why\":\"{why}\"}}\n\n").into())
    }

    /// Reads a page of what is there. After the last, it is live.
    async fn catch_up(&mut self) -> ledger_core::Result<Vec<u8>> {
        let Standing::Behind(listening) = &mut self.state else { return Ok(Vec::new()) };
        let ledger = &self.desk.ledger;
        let up_to = match listening {
            Some((_, from)) => *from,
            None => ledger.head().await?,
        };
        let step = if self.is_filtered { self.query.after.plus(STRETCH).min(up_to) } else { up_to };
        let mut frames = Vec::new();
        if step > self.query.after {
            let page = ledger.read(&Query { up_to: Some(step), ..self.query.clone() }).await?;
            page.events.iter().try_for_each(|event| frame(event, &mut frames))?;
            self.desk.metrics.listeners.sent(page.events.len());
            self.seat.sent(page.events.len());
            let read = page.more_past.unwrap_or(step);
            if read < up_to {
                self.query.after = read;
                return Ok(frames);
            }
        }
        let (receiver, from) = match listening.take() {
            Some(listening) => listening,
            None => self.desk.feed.listen().await?,
        };
        // Not before: what was read and is not sent yet would be passed over when that fails.
        self.query.after = self.query.after.max(up_to);
        // What came between the two is read first.
        let is_behind = from > self.query.after;
        self.state = if is_behind { Standing::Behind(Some((receiver, from))) } else { Standing::Live(receiver) };
        Ok(frames)
    }

    /// Returns what the listener wants of a batch.
    fn wanted(&mut self, batch: &Batch) -> Option<Bytes> {
        let Some(first) = batch.events.first() else {
            self.state = Standing::Behind(None);
            return None;
        };
        let (frames, count) = if !self.is_filtered && first.offset > self.query.after {
            (batch.frames.clone(), batch.events.len())
        } else {
            let mut frames = Vec::new();
            let wanted: Vec<_> = batch.events.iter().filter(|event| self.query.matches(event)).collect();
            if wanted.iter().try_for_each(|event| frame(event, &mut frames)).is_err() {
                return self.come_again(UNREADABLE);
            }
            (frames.into(), wanted.len())
        };
        self.desk.metrics.listeners.sent(count);
        self.seat.sent(count);
        self.query.after = self.query.after.max(batch.last);
        Some(frames)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ledger_core::{Draft, LedgerExt};

    use super::*;
    use crate::{Options, Server};

    async fn next(listener: Listener) -> (String, Listener) {
        let (frames, listener) = listener.next().await.expect("it goes on");
        let Ok(frames) = frames;
        (String::from_utf8(frames.to_vec()).unwrap(), listener)
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_too_slowly_is_told_to_come_again_and_loses_nothing() {
        let ledger = backends::open("memory:").await.unwrap();
        let server = Server::new(Arc::clone(&ledger), Options::default());
        let append = async || ledger.append_one(Draft::new("a.b", &1).unwrap()).await.unwrap();
        append().await;
        let listener = Listener::new(server.desk.clone(), Caller::Anybody, Query::all());
        let (first, listener) = next(listener).await;
        assert!(first.starts_with("id: 1\ndata: {\"offset\":1,"), "{first}");
        append().await;
        let (second, mut listener) = next(listener).await;
        assert!(second.starts_with("id: 2\n"), "{second}");
        // Each is a batch of its own, because time passes in between.
        for _ in 0..300 {
            append().await;
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        let (told, ended) = next(listener).await;
        assert!(told.starts_with("id: 2\nevent: resume\ndata: {\"after\":2,"), "{told}");
        assert!(ended.next().await.is_none());

        listener = Listener::new(server.desk.clone(), Caller::Anybody, Query::after(Offset::new(2).unwrap()));
        let mut seen = String::new();
        while !seen.contains("id: 302\n") {
            let (frames, same) = next(listener).await;
            (seen, listener) = (seen + &frames, same);
        }
        let ids: Vec<_> = seen.lines().filter_map(|line| line.strip_prefix("id: ")?.parse::<u64>().ok()).collect();
        assert_eq!(ids, (3..=302).collect::<Vec<_>>());
        server.stop.send_replace(true);
        let (told, listener) = next(listener).await;
        assert!(told.starts_with("id: 302\nevent: resume\ndata: {\"after\":302,"), "{told}");
        assert!(listener.next().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_follower_ends_when_nobody_listens_and_starts_again() {
        let ledger = backends::open("memory:").await.unwrap();
        let server = Server::new(Arc::clone(&ledger), Options::default());
        for round in 1..=3 {
            let (receiver, from) = server.desk.feed.listen().await.unwrap();
            assert_eq!(from.get(), round - 1);
            ledger.append_one(Draft::new("a.b", &1).unwrap()).await.unwrap();
            let mut receiver = receiver;
            assert_eq!(receiver.recv().await.unwrap().last.get(), round);
            drop(receiver);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        // The server and its feed hold it, and no follower.
        assert_eq!(Arc::strong_count(&server.desk.ledger), 2);
    }
}
