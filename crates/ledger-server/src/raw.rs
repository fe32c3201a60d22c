//! The ledger itself, for those who keep its contract from afar: what other paths have no need of.

use axum::Json;
use axum::extract::{RawQuery, Request, State};
use axum::response::Response;
use ledger_core::{Event, Line, Offset, Query};
use opentelemetry::trace::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Desk;
use crate::events::{bad_body, body_of, page, several};
use crate::openapi::{answers, parameters, problems, requests};
use crate::parameters::Fields;
use crate::problem::Problem;

/// Answers what tells this ledger from others, and where its head is.
#[utoipa::path(
    get,
    path = "/ledger",
    tag = "ledger",
    operation_id = "ledger",
    description = "Any token will do.",
    responses((status = 200, description = "The ledger.", body = answers::LedgerInfo), problems::Call)
)]
pub(crate) async fn ledger(State(desk): State<Desk>) -> Result<Json<Value>, Problem> {
    let (identity, head) = desk.soon(async { Ok((desk.ledger.identity().await?, desk.ledger.head().await?)) }).await?;
    Ok(Json(json!({"backend": desk.ledger.backend(), "identity": identity, "head": head})))
}

/// Answers a page of events, asked for by a body: what is too long for a path.
#[utoipa::path(
    post,
    path = "/events/query",
    tag = "events",
    operation_id = "query",
    request_body(content((requests::Query = "application/json", example = json!({"kinds": ["order.*"], "limit": 100})))),
    responses(
        (status = 200, description = "The events.", body = answers::EventsPage),
        problems::Call,
        problems::Body,
    )
)]
pub(crate) async fn query(State(desk): State<Desk>, request: Request) -> Result<Response, Problem> {
    let query: Query = json_of(&desk, request).await?;
    page(&desk.soon(desk.ledger.read(&query)).await?)
}

/// Writes recorded events with the offsets they have.
#[utoipa::path(
    post,
    path = "/restore",
    tag = "ledger",
    operation_id = "restore",
    description = "It takes the scope `admin`. Events past the head are written; one at or before it has to be there \
                   already, to the byte. 10,000 events and 8 MiB are the most.",
    params(parameters::RestoredHead),
    request_body(
        description = "A recorded event a line, as they are exported, in rising order of offsets.",
        content((
            String = "application/x-ndjson",
            example = "{\"offset\":1,\"id\":\"order-17\",\"kind\":\"order.placed\",\"payload\":{\"total\":12},\
                       \"created_at\":\"2026-01-31T12:00:00Z\",\"recorded_at\":\"2026-01-31T12:00:00Z\"}\n"
        ))
    ),
    responses(
        (status = 200, description = "The head that was asked for.", body = answers::Head),
        (
            status = 409,
            description = "The ledger holds other events there (`not_empty`); nothing was written.",
            body = answers::Problem,
            content_type = problems::PROBLEM
        ),
        problems::Call,
        problems::Body,
    )
)]
pub(crate) async fn restore(
    State(desk): State<Desk>,
    RawQuery(text): RawQuery,
    request: Request,
) -> Result<Json<Value>, Problem> {
    let mut asked = Fields::read(text.as_deref())?;
    let head: Option<Offset> = asked.one("head")?;
    asked.end()?;
    let body = body_of(&desk, request).await?;
    if !body.is_lines {
        return Err(bad_body("send a recorded event a line, as they are exported".to_owned()));
    }
    let lines = (1..).zip(body.text()?.lines()).filter(|(_, line)| !line.trim().is_empty());
    let events: Vec<Event> = several("line", lines, |text| match Line::parse(text)? {
        Line::Event(event) => Ok(event),
        Line::Draft(_) => Err(Problem::invalid("offset", "it is missing: what is not recorded yet is appended")),
    })?;
    let last = events.last().map_or(Offset::START, |event| event.offset);
    let head = head.unwrap_or(last);
    desk.soon(desk.ledger.restore(&events, head)).await?;
    Ok(Json(json!({"head": head})))
}

/// Removes what matches.
#[utoipa::path(
    post,
    path = "/prune",
    tag = "ledger",
    operation_id = "prune",
    description = "It takes the scope `admin`. What it removes is gone for good, and it goes on when its caller goes away; \
                   an empty query is about everything.",
    request_body(content((requests::Query = "application/json", example = json!({"run": "a-run-of-no-use"})))),
    responses(
        (status = 200, description = "How many went.", body = answers::Removed),
        problems::Call,
        problems::Body,
    )
)]
pub(crate) async fn prune(State(desk): State<Desk>, request: Request) -> Result<Json<Value>, Problem> {
    let query: Query = json_of(&desk, request).await?;
    Ok(Json(json!({"removed": in_a_task(async move { desk.ledger.prune(&query).await }).await?})))
}

/// Removes the events at some offsets.
#[utoipa::path(
    post,
    path = "/erase",
    tag = "ledger",
    operation_id = "erase",
    description = "It takes the scope `admin`. What it removes is gone for good, and it goes on when its caller goes away.",
    request_body(content((requests::Erase = "application/json", example = json!({"offsets": [17, 18]})))),
    responses(
        (status = 200, description = "How many were there.", body = answers::Removed),
        problems::Call,
        problems::Body,
    )
)]
pub(crate) async fn erase(State(desk): State<Desk>, request: Request) -> Result<Json<Value>, Problem> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Asked {
        offsets: Vec<Offset>,
    }
    let asked: Asked = json_of(&desk, request).await?;
    Ok(Json(json!({"removed": in_a_task(async move { desk.ledger.erase(&asked.offsets).await }).await?})))
}

/// Goes on when the caller goes away, however long it takes.
pub(crate) async fn in_a_task<T: Send + 'static>(
    work: impl Future<Output = ledger_core::Result<T>> + Send + 'static,
) -> Result<T, Problem> {
    // In the trace of the request, though it may outlast that.
    match tokio::spawn(work.with_current_context()).await {
        Ok(outcome) => Ok(outcome?),
        Err(error) => Err(Problem::broken(error.to_string())),
    }
}

/// Reads a body that is JSON.
pub(crate) async fn json_of<T: serde::de::DeserializeOwned>(desk: &Desk, request: Request) -> Result<T, Problem> {
    let body = body_of(desk, request).await?;
    serde_json::from_str(body.text()?).map_err(|error| {
        let why = error.to_string();
        if error.is_data() { Problem::invalid("body", why) } else { bad_body(why) }
    })
}
