//! Events over HTTP: append, read, one by one or as lines, and what is known of the whole.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode, Version};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use ledger_core::{
    Condition, Draft, Error, Event, Ledger, LedgerExt, Limit, Line, MAX_BATCH_EVENTS, Offset, Page, Query, Receipt,
    Status, verify,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use crate::Desk;
use crate::openapi::{answers, parameters, problems, requests, words};
use crate::parameters::Fields;
use crate::problem::Problem;
use crate::trace;

const NDJSON: &str = "application/x-ndjson";

/// Where an event stands.
#[derive(Serialize)]
struct Stands {
    offset: Offset,
    id: String,
    status: &'static str,
}

/// Appends an event, an array of them, or lines; all or none, and if the query string or the body says so, under a condition.
#[utoipa::path(
    post,
    path = "/events",
    tag = "events",
    operation_id = "append",
    description = "It takes the scope `append`. Give each event an `id`, and the request may be sent again: what was there \
                   already is answered with its first offset. The condition is `none_after` with filters, or `condition` \
                   in the body; 10,000 events and 8 MiB are the most.",
    params(parameters::NoneAfter, parameters::Filters),
    request_body(
        description = "An event, an array of them, or an envelope with a condition; or an event a line.",
        content(
            (
                requests::Appended = "application/json",
                example = json!({"kind": "order.placed", "id": "order-17", "payload": {"total": 12}})
            ),
            (
                String = "application/x-ndjson",
                example = "{\"kind\":\"order.placed\",\"id\":\"order-17\",\"payload\":{\"total\":12}}\n"
            ),
        )
    ),
    responses(
        (status = 200, description = "All of it was there already.", body = answers::Recorded),
        (status = 201, description = "Something of it is new.", body = answers::Recorded),
        (
            status = 409,
            description = "An id is taken by other content (`id_conflict`), or the condition does not hold \
                           (`condition_failed`); nothing was recorded. `offset` is the event in the way.",
            body = answers::Problem,
            content_type = problems::PROBLEM
        ),
        problems::Call,
        problems::Body,
    )
)]
pub(crate) async fn append(
    State(desk): State<Desk>,
    RawQuery(text): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    let mut asked = Fields::read(text.as_deref())?;
    if let Some(name) = ["after", "up_to", "cursor", "limit", "order"].into_iter().find(|name| asked.has(name)) {
        return Err(Problem::invalid(name, "a condition has no range: it is about all that came after `none_after`"));
    }
    let (query, none_after) = (asked.query()?, asked.one("none_after")?);
    asked.end()?;
    if none_after.is_none() && query != Query::all() {
        return Err(Problem::invalid("none_after", "filters are for the condition `none_after=OFFSET`"));
    }
    let trace = trace::tag_of(request.headers());
    let sent = sent(&body_of(&desk, request).await?)?;
    let condition = match (none_after, sent.condition) {
        (Some(_), Condition::NoneAfter { .. }) => {
            return Err(Problem::invalid("none_after", "the body has a condition of its own: give one of the two"));
        }
        (Some(after), Condition::None) => Condition::none_after(query, after),
        (None, condition) => condition,
    };
    let receipts = desk.soon(trace::append(&desk, &sent.drafts, &condition, trace.as_ref())).await?;
    let stands = |(draft, receipt): (&Draft, &Receipt)| Stands {
        offset: receipt.offset,
        id: draft.id.to_string(),
        status: receipt.status.as_str(),
    };
    let mut stands: Vec<_> = sent.drafts.iter().zip(&receipts).map(stands).collect();
    let any_new = receipts.iter().any(|receipt| receipt.status == Status::New);
    let status = if any_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(match sent.is_one {
        true => (status, Json(stands.remove(0))).into_response(),
        false => (status, Json(serde_json::json!({"receipts": stands}))).into_response(),
    })
}

/// A body that was read.
pub(crate) struct Read {
    bytes: Bytes,
    /// Whether it is a value a line.
    pub(crate) is_lines: bool,
}

impl Read {
    pub(crate) fn text(&self) -> Result<&str, Problem> {
        std::str::from_utf8(&self.bytes)
            .map_err(|error| bad_body(format!("the body is not UTF-8 from byte {} on", error.valid_up_to() + 1)))
    }
}

/// Reads a body of JSON, or of lines of it.
pub(crate) async fn body_of(desk: &Desk, request: Request) -> Result<Read, Problem> {
    body_within(request, desk.options.body_limit, desk.options.timeout.saturating_mul(10)).await
}

/// Reads a body of so many bytes at most, within a time.
pub(crate) async fn body_within(request: Request, limit: usize, time: Duration) -> Result<Read, Problem> {
    let is_lines = match media_type(request.headers()).as_deref() {
        Some("application/json") => false,
        Some(NDJSON | "application/jsonl") => true,
        _ => {
            let why = format!("send application/json or {NDJSON}");
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", why));
        }
    };
    let body = tokio::time::timeout(time, to_bytes(request.into_body(), limit)).await;
    let late =
        |_| Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "the body took too long to arrive: send it in parts");
    let bytes = body.map_err(late)?.map_err(|error| unreadable(&error, limit))?;
    Ok(Read { bytes, is_lines })
}

/// What was sent to be appended.
struct Sent {
    drafts: Vec<Draft>,
    condition: Condition,
    /// Whether it was one event by itself, which is answered so.
    is_one: bool,
}

/// Reads what is to be appended.
fn sent(body: &Read) -> Result<Sent, Problem> {
    let text = body.text()?;
    let all = |drafts| Sent { drafts, condition: Condition::None, is_one: false };
    if body.is_lines {
        let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        return Ok(all(several("line", lines, draft)?));
    }
    let json = |error: serde_json::Error| bad_body(error.to_string());
    if text.trim_start().starts_with('[') {
        let events: Vec<&RawValue> = serde_json::from_str(text).map_err(json)?;
        return Ok(all(listed(&events)?));
    }
    // What is the case nearly always is tried first. No event has a field of the name `events`.
    let one = draft(text);
    if let Ok(draft) = one {
        return Ok(Sent { is_one: true, ..all(vec![draft]) });
    }
    #[derive(Deserialize)]
    struct Look<'b> {
        #[serde(borrow)]
        events: Option<&'b RawValue>,
    }
    serde_json::from_str::<&RawValue>(text).map_err(json)?;
    if !serde_json::from_str::<Look<'_>>(text).is_ok_and(|look| look.events.is_some()) {
        return one.map(|draft| Sent { is_one: true, ..all(vec![draft]) });
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Whole<'b> {
        #[serde(borrow)]
        events: Vec<&'b RawValue>,
        condition: Option<NoneAfter>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct NoneAfter {
        none_after: Offset,
        #[serde(default)]
        query: Query,
    }
    let whole: Whole<'_> =
        serde_json::from_str(text).map_err(|error| Problem::invalid("condition", error.to_string()))?;
    let condition = whole.condition.map(|NoneAfter { none_after, query }| Condition::none_after(query, none_after));
    Ok(Sent { condition: condition.unwrap_or_default(), ..all(listed(&whole.events)?) })
}

fn listed(events: &[&RawValue]) -> Result<Vec<Draft>, Problem> {
    several("event", (0..).zip(events.iter().map(|one| one.get())), draft)
}

/// Reads events, and no more than one call takes.
pub(crate) fn several<'t, T>(
    what: &str,
    texts: impl Iterator<Item = (u64, &'t str)>,
    read: impl Fn(&str) -> Result<T, Problem>,
) -> Result<Vec<T>, Problem> {
    let mut events = Vec::new();
    for (number, text) in texts {
        if events.len() == MAX_BATCH_EVENTS {
            let why = format!("{MAX_BATCH_EVENTS} events are the most: send the rest by itself");
            return Err(Problem::invalid("batch", why));
        }
        events.push(read(text).map_err(|problem| problem.prefixed(&format!("{what} {number}")))?);
    }
    Ok(events)
}

/// Reads a draft. What was recorded elsewhere is restored and not appended.
fn draft(text: &str) -> Result<Draft, Problem> {
    match Line::parse(text)? {
        Line::Draft(draft) => Ok(draft),
        Line::Event(_) => {
            Err(Problem::invalid("offset", "the ledger gives offsets: leave out `offset` and `recorded_at`"))
        }
    }
}

pub(crate) fn bad_body(why: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad_body", why)
}

/// Says why a body was not read: it is too long, or its sender went away.
fn unreadable(error: &axum::Error, limit: usize) -> Problem {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = source {
        if cause.to_string().contains("length limit exceeded") {
            let why = format!("the body has more than {limit} bytes: send it in parts");
            return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", why);
        }
        source = cause.source();
    }
    bad_body("the body cannot be read to its end".to_owned())
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// Answers a page of events, or all that match as lines to whoever accepts these.
#[utoipa::path(
    get,
    path = "/events",
    tag = "events",
    operation_id = "read",
    description = "With `Accept: application/x-ndjson`, all that match up to the present head are streamed as lines, as \
                   they are exported; an answer that is cut off is not whole.",
    params(parameters::Filters, parameters::Range),
    responses(
        (
            status = 200,
            description = "The events.",
            content((answers::EventsPage = "application/json"), (String = "application/x-ndjson"))
        ),
        (
            status = 505,
            description = "Lines are streamed over HTTP/1.1 and later.",
            body = answers::Problem,
            content_type = problems::PROBLEM
        ),
        problems::Call,
        problems::Parameters,
    )
)]
pub(crate) async fn list(
    State(desk): State<Desk>,
    RawQuery(text): RawQuery,
    version: Version,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut asked = Fields::read(text.as_deref())?;
    let is_limited = asked.has("limit");
    let query = asked.page()?;
    asked.end()?;
    let accepts = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepts.split(',').any(|one| one.split(';').next().is_some_and(|one| one.trim() == NDJSON)) {
        if is_limited {
            return Err(Problem::invalid("limit", "lines are all that fit: leave it out, or ask for a page"));
        }
        if version < Version::HTTP_11 {
            // There an answer that was cut off ends as a whole one does.
            let why = "lines are streamed over HTTP/1.1 and later";
            return Err(Problem::new(StatusCode::HTTP_VERSION_NOT_SUPPORTED, "http_version", why));
        }
        return lines(&desk, query).await;
    }
    page(&desk.soon(desk.ledger.read(&query)).await?)
}

/// Writes a page.
pub(crate) fn page(page: &Page) -> Result<Response, Problem> {
    let mut body = b"{\"events\":[".to_vec();
    for (place, event) in page.events.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        event.write_json(&mut body)?;
    }
    let next = page.more_past.map_or_else(|| "null".to_owned(), |past| format!("\"{past}\""));
    body.extend(format!("],\"next\":{next}}}").bytes());
    Ok(([(CONTENT_TYPE, "application/json")], body).into_response())
}

/// Streams all events that match up to the present head, a few pages in memory at a time.
///
/// An error on the way cuts the answer off, so that nobody takes it for whole.
async fn lines(desk: &Desk, mut query: Query) -> Result<Response, Problem> {
    let head = desk.soon(desk.ledger.head()).await?;
    query.up_to = Some(query.up_to.map_or(head, |up_to| up_to.min(head)));
    query.limit = Limit::default();
    let mut pages = pages(Arc::clone(&desk.ledger), query).boxed();
    // The first page before the answer begins, so that what is wrong can still be said.
    let first = desk.soon(async { pages.try_next().await }).await?;
    let pages = stream::iter(first.map(Ok)).chain(pages);
    let chunks = pages.inspect_err(|error| tracing::error!(%error, "an answer was broken off")).map(|page| {
        let mut chunk = Vec::new();
        page?.iter().try_for_each(|event| {
            event.write_json(&mut chunk)?;
            chunk.push(b'\n');
            Ok::<_, Error>(())
        })?;
        Ok::<_, Error>(Bytes::from(chunk))
    });
    Ok(([(CONTENT_TYPE, NDJSON)], Body::from_stream(chunks)).into_response())
}

/// Scans a ledger in a task of its own, ahead of whoever reads; it ends when nobody does any more.
fn pages(ledger: Arc<dyn Ledger>, query: Query) -> impl Stream<Item = Result<Vec<Event>, Error>> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut pages = ledger.pages(query).map_ok(Some).chain(stream::iter([Ok(None)]));
        while let Some(page) = pages.next().await {
            if sender.send(page).await.is_err() {
                return;
            }
        }
    });
    stream::try_unfold(receiver, async |mut receiver| {
        let page = receiver.recv().await.unwrap_or_else(|| {
            let why = "the scan broke off".to_owned();
            Err(Error::Backend { backend: "ledger-server", why, source: None })
        })?;
        Ok(page.map(|page| (page, receiver)))
    })
}

/// Answers one event, by offset, or by id when no event has that offset.
#[utoipa::path(
    get,
    path = "/events/{which}",
    tag = "events",
    operation_id = "read_one",
    params((
        "which" = inline(words::EventId),
        Path,
        description = "An offset; or an id, other than `facets`, `query` and `stream`."
    )),
    responses(
        (status = 200, description = "The event.", body = answers::Event),
        (
            status = 405,
            description = "At `query`, another method is taken; an event of this id is found by `GET /events?id=query`.",
            body = answers::Problem,
            content_type = problems::PROBLEM
        ),
        problems::Call,
        problems::Named,
    )
)]
pub(crate) async fn one(
    State(desk): State<Desk>,
    which: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let mut body = Vec::new();
    found(&desk, which, Offset::MAX).await?.write_json(&mut body)?;
    Ok(([(CONTENT_TYPE, "application/json")], body).into_response())
}

/// Finds an event up to an offset: by its own, or by its id when no event has that offset.
pub(crate) async fn found(
    desk: &Desk,
    which: Result<Path<String>, PathRejection>,
    up_to: Offset,
) -> Result<Event, Problem> {
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "not_found", "no event has this offset or id");
    let Path(which) = which.map_err(|_| unknown())?;
    // An id may have digits, but an offset has one spelling.
    let offset = which.parse::<Offset>().ok().filter(|offset| *offset > Offset::START && offset.to_string() == which);
    let by_offset = offset.map(|offset| Query::after(offset.before()).up_to(offset));
    for query in by_offset.into_iter().chain(Query::all().id(which.as_str()).ok()) {
        let event = desk.soon(desk.ledger.read(&query)).await?.events.pop();
        if let Some(event) = event.filter(|event| event.offset <= up_to) {
            return Ok(event);
        }
    }
    Err(unknown())
}

/// Answers the last offset ever given, or that up to which the ledger was recorded then.
#[utoipa::path(
    get,
    path = "/head",
    tag = "ledger",
    operation_id = "head",
    params(parameters::AsOf),
    responses(
        (status = 200, description = "The head.", body = answers::Head),
        problems::Call,
        problems::Parameters,
    )
)]
pub(crate) async fn head(
    State(desk): State<Desk>,
    RawQuery(text): RawQuery,
) -> Result<Json<serde_json::Value>, Problem> {
    let mut asked = Fields::read(text.as_deref())?;
    let as_of = asked.as_of()?;
    asked.end()?;
    Ok(Json(serde_json::json!({"head": desk.soon(as_of.up_to(&*desk.ledger)).await?})))
}

/// Reads the ledger from end to end, and answers count, head, gaps and digest.
#[utoipa::path(
    get,
    path = "/digest",
    tag = "ledger",
    operation_id = "digest",
    description = "It takes as long as reading all events does.",
    responses((status = 200, description = "What it holds.", body = answers::Digest), problems::Call)
)]
pub(crate) async fn digest(State(desk): State<Desk>) -> Result<Json<serde_json::Value>, Problem> {
    let found = verify(&*desk.ledger, |_, _| ()).await?;
    let (gaps, pruned) = (found.gaps, found.pruned);
    let digest = found.digest.to_string();
    Ok(Json(
        serde_json::json!({"count": found.count, "head": found.head, "gaps": gaps, "pruned": pruned, "digest": digest}),
    ))
}
