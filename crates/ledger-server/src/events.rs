//! Events over HTTP: append, read, one by one or as lines, and what is known of the whole.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode, Version};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use ledger_core::{
    Condition, Draft, Error, Ledger, Limit, Line, MAX_BATCH_EVENTS, Offset, Query, Receipt, Status, verify,
};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::Desk;
use crate::parameters::Parameters;
use crate::problem::Problem;

const NDJSON: &str = "application/x-ndjson";

/// Where an event stands.
#[derive(Serialize)]
struct Stands {
    offset: Offset,
    id: String,
    status: &'static str,
}

/// Whether one event was sent, or several, which are answered so.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    One,
    Several,
}

/// Appends an event, an array of them, or lines; all or none, and if the query string says so, under a condition.
pub(crate) async fn append(
    State(desk): State<Desk>,
    RawQuery(text): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    let asked = Parameters::read(text.as_deref())?;
    if let Some(name) = asked.any_of(&["after", "up_to", "cursor", "limit", "order"]) {
        return Err(Problem::invalid(name, "a condition has no range: it is about all that came after `none_after`"));
    }
    let condition = match asked.none_after {
        Some(after) => Condition::none_after(asked.query, after),
        None if text.is_some_and(|text| !text.is_empty()) => {
            return Err(Problem::invalid("none_after", "filters are for the condition `none_after=OFFSET`"));
        }
        None => Condition::None,
    };
    let (drafts, sent) = drafts(&desk, request).await?;
    let receipts = desk.soon(desk.ledger.append(&drafts, &condition)).await?;
    let stands = |(draft, receipt): (&Draft, &Receipt)| Stands {
        offset: receipt.offset,
        id: draft.id.to_string(),
        status: receipt.status.as_str(),
    };
    let mut stands: Vec<_> = drafts.iter().zip(&receipts).map(stands).collect();
    let any_new = receipts.iter().any(|receipt| receipt.status == Status::New);
    let status = if any_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(match sent {
        Sent::One => (status, Json(stands.remove(0))).into_response(),
        Sent::Several => (status, Json(serde_json::json!({"receipts": stands}))).into_response(),
    })
}

/// Reads the events of a body.
async fn drafts(desk: &Desk, request: Request) -> Result<(Vec<Draft>, Sent), Problem> {
    let is_lines = match media_type(request.headers()).as_deref() {
        Some("application/json") => false,
        Some(NDJSON | "application/jsonl") => true,
        _ => {
            let why = format!("send application/json or {NDJSON}");
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", why));
        }
    };
    let limit = desk.options.body_limit;
    let body = tokio::time::timeout(10 * desk.options.timeout, to_bytes(request.into_body(), limit)).await;
    let late =
        |_| Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "the body took too long to arrive: send it in parts");
    let body = body.map_err(late)?.map_err(|error| unreadable(&error, limit))?;
    let text = std::str::from_utf8(&body)
        .map_err(|error| bad_body(format!("the body is not UTF-8 from byte {} on", error.valid_up_to() + 1)))?;
    if is_lines {
        let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        return Ok((several("line", lines)?, Sent::Several));
    }
    if text.trim_start().starts_with('[') {
        let all: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| bad_body(error.to_string()))?;
        return Ok((several("event", (0..).zip(all.iter().map(|one| one.get())))?, Sent::Several));
    }
    serde_json::from_str::<&RawValue>(text).map_err(|error| bad_body(error.to_string()))?;
    Ok((vec![draft(text)?], Sent::One))
}

/// Reads drafts, and no more than one append takes.
fn several<'t>(what: &str, texts: impl Iterator<Item = (u64, &'t str)>) -> Result<Vec<Draft>, Problem> {
    let mut drafts = Vec::new();
    for (number, text) in texts {
        if drafts.len() == MAX_BATCH_EVENTS {
            return Err(Problem::invalid(
                "batch",
                format!("{MAX_BATCH_EVENTS} events are the most: send the rest by itself"),
            ));
        }
        drafts.push(draft(text).map_err(|problem| problem.prefixed(&format!("{what} {number}")))?);
    }
    Ok(drafts)
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

fn bad_body(why: String) -> Problem {
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
    bad_body("the body ended before its end".to_owned())
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// Answers a page of events, or all that match as lines to whoever accepts these.
pub(crate) async fn list(
    State(desk): State<Desk>,
    RawQuery(text): RawQuery,
    version: Version,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = Parameters::read(text.as_deref())?;
    if asked.none_after.is_some() {
        return Err(Problem::invalid("none_after", "it is for appends"));
    }
    let accepts = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepts.split(',').any(|one| one.split(';').next().is_some_and(|one| one.trim() == NDJSON)) {
        if asked.any_of(&["limit"]).is_some() {
            return Err(Problem::invalid("limit", "lines are all that fit: leave it out, or ask for a page"));
        }
        if version < Version::HTTP_11 {
            // There an answer that was cut off ends as a whole one does.
            let why = "lines are streamed over HTTP/1.1 and later";
            return Err(Problem::new(StatusCode::HTTP_VERSION_NOT_SUPPORTED, "http_version", why));
        }
        return lines(&desk, asked.query).await;
    }
    let page = desk.soon(desk.ledger.read(&asked.query)).await?;
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

/// Streams all events that match up to the present head, a page in memory at a time.
///
/// An error on the way cuts the answer off, so that nobody takes it for whole.
async fn lines(desk: &Desk, mut query: Query) -> Result<Response, Problem> {
    let ledger = Arc::clone(&desk.ledger);
    let head = desk.soon(ledger.head()).await?;
    query.up_to = Some(query.up_to.map_or(head, |up_to| up_to.min(head)));
    query.limit = Limit::default();
    // The first page before the answer begins, so that what is wrong can still be said.
    let first = desk.soon(ledger.read(&query)).await?;
    let following = query.following(&first);
    let state = (ledger, Some(first), following);
    let pages = stream::try_unfold(state, async |(ledger, page, next)| {
        let (page, next): (_, Option<Query>) = match (page, next) {
            (Some(page), next) => (page, next),
            (None, Some(query)) => {
                let page = ledger.read(&query).await?;
                let following = query.following(&page);
                (page, following)
            }
            (None, None) => return Ok::<_, Error>(None),
        };
        let mut chunk = Vec::new();
        for event in &page.events {
            event.write_json(&mut chunk)?;
            chunk.push(b'\n');
        }
        Ok(Some((Bytes::from(chunk), (ledger, None, next))))
    });
    Ok(([(CONTENT_TYPE, NDJSON)], Body::from_stream(pages)).into_response())
}

/// Answers one event, by offset, or by id when no event has that offset.
pub(crate) async fn one(
    State(desk): State<Desk>,
    which: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "not_found", "no event has this offset or id");
    let Path(which) = which.map_err(|_| unknown())?;
    // An id may have digits, but an offset has one spelling.
    let offset = which.parse::<Offset>().ok().filter(|offset| *offset > Offset::START && offset.to_string() == which);
    let by_offset = offset.map(|offset| Query::after(offset.before()).up_to(offset));
    for query in by_offset.into_iter().chain(Query::all().id(which.as_str()).ok()) {
        if let Some(event) = desk.soon(desk.ledger.read(&query)).await?.events.first() {
            let mut body = Vec::new();
            event.write_json(&mut body)?;
            return Ok(([(CONTENT_TYPE, "application/json")], body).into_response());
        }
    }
    Err(unknown())
}

/// Answers the last offset ever given.
pub(crate) async fn head(State(desk): State<Desk>) -> Result<Json<serde_json::Value>, Problem> {
    Ok(Json(serde_json::json!({"head": desk.soon(desk.ledger.head()).await?})))
}

/// Reads the ledger from end to end, and answers count, head, gaps and digest.
pub(crate) async fn digest(State(desk): State<Desk>) -> Result<Json<serde_json::Value>, Problem> {
    let found = verify(&*desk.ledger, |_, _| ()).await?;
    let (gaps, pruned) = (found.gaps, found.pruned);
    let digest = found.digest.to_string();
    Ok(Json(
        serde_json::json!({"count": found.count, "head": found.head, "gaps": gaps, "pruned": pruned, "digest": digest}),
    ))
}
