//! The ledger itself, for those who keep its contract from afar: what other paths have no need of.

use axum::Json;
use axum::extract::{RawQuery, Request, State};
use axum::response::Response;
use ledger_core::{Event, Line, Offset, Query};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Desk;
use crate::events::{bad_body, body_of, page, several};
use crate::parameters::Fields;
use crate::problem::Problem;

/// Answers what tells this ledger from others, and where its head is.
pub(crate) async fn ledger(State(desk): State<Desk>) -> Result<Json<Value>, Problem> {
    let (identity, head) = desk.soon(async { Ok((desk.ledger.identity().await?, desk.ledger.head().await?)) }).await?;
    Ok(Json(json!({"backend": desk.ledger.backend(), "identity": identity, "head": head})))
}

/// Answers a page of events, asked for by a body: what is too long for a path.
pub(crate) async fn query(State(desk): State<Desk>, request: Request) -> Result<Response, Problem> {
    let query: Query = json_of(&desk, request).await?;
    page(&desk.soon(desk.ledger.read(&query)).await?)
}

/// Writes recorded events with the offsets they have.
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
pub(crate) async fn prune(State(desk): State<Desk>, request: Request) -> Result<Json<Value>, Problem> {
    let query: Query = json_of(&desk, request).await?;
    Ok(Json(json!({"removed": in_a_task(async move { desk.ledger.prune(&query).await }).await?})))
}

/// Removes the events at some offsets.
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
    match tokio::spawn(work).await {
        Ok(outcome) => Ok(outcome?),
        Err(error) => Err(Problem::broken(error.to_string())),
    }
}

/// Reads a body that is JSON.
async fn json_of<T: serde::de::DeserializeOwned>(desk: &Desk, request: Request) -> Result<T, Problem> {
    let body = body_of(desk, request).await?;
    serde_json::from_str(body.text()?).map_err(|error| {
        let why = error.to_string();
        if error.is_data() { Problem::invalid("body", why) } else { bad_body(why) }
    })
}
