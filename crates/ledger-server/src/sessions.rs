//! Causal sessions: their edits, what these come to, and who has reserved what.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use futures::TryStreamExt;
use ledger_core::lineage::{AsOf, Moment};
use ledger_core::session::{self, Overview};
use ledger_core::views::session::{
    CHECKPOINT, Checkpoint, Collapse, Compact, Delta, Lanes, SessionSummary, Sessions, Whole,
};
use ledger_core::{Domain, LedgerExt, Offset, Query, SessionId, fold};
use serde::Serialize;

use crate::Desk;
use crate::graphs::{SVG, TEXT, drawn};
use crate::openapi::{parameters, problems, views, words};
use crate::parameters::{Fields, Part, named};
use crate::problem::Problem;

/// How many of the newest edits are shown, unless a caller says.
const SHOWN: usize = 200;
/// How many at most.
const MOST: usize = 10_000;
/// How many are drawn at most.
const MOST_DRAWN: usize = 1_000;

/// A part of the sessions.
#[derive(Serialize)]
pub(crate) struct SessionsPart {
    sessions: Vec<SessionSummary>,
    total: usize,
}

/// Answers the sessions, those with the newest events first.
#[utoipa::path(
    get,
    path = "/sessions",
    tag = "sessions",
    operation_id = "sessions",
    params(parameters::AsOf, parameters::Part),
    responses(
        (status = 200, description = "A part of the sessions.", body = views::Sessions),
        problems::Call,
        problems::Parameters,
    )
)]
pub(crate) async fn list(State(desk): State<Desk>, RawQuery(text): RawQuery) -> Result<Json<SessionsPart>, Problem> {
    let mut asked = Fields::read(text.as_deref())?;
    let (as_of, part) = (asked.as_of()?, Part::of(&mut asked)?);
    asked.end()?;
    let Moment { up_to, .. } = desk.soon(as_of.moment(&*desk.ledger)).await?;
    let mut sessions = Sessions::default();
    desk.soon(fold(&*desk.ledger, Query { up_to, ..Query::all() }, &mut sessions)).await?;
    let mut all: Vec<_> = sessions.all().iter().collect();
    all.sort_by_key(|session| std::cmp::Reverse(session.last_offset));
    let total = all.len();
    Ok(Json(SessionsPart { sessions: part.take(all.into_iter().cloned()), total }))
}

fn unknown() -> Problem {
    Problem::not_found("no event names this session")
}

/// Looks at a session.
async fn look(desk: &Desk, session: &SessionId, mut asked: Fields, most: usize) -> Result<Overview, Problem> {
    let most = asked.number("most", 0..=most)?.unwrap_or(SHOWN);
    let as_of = asked.as_of()?;
    asked.end()?;
    desk.soon(session::overview(&*desk.ledger, session, most, as_of)).await?.ok_or_else(unknown)
}

/// Answers a session: what it is, its newest edits, and who has reserved what.
#[utoipa::path(
    get,
    path = "/sessions/{session}",
    tag = "sessions",
    operation_id = "session",
    params(
        ("session" = inline(words::SessionId), Path, description = "The session."),
        parameters::Edits,
        parameters::AsOf,
    ),
    responses(
        (status = 200, description = "The session.", body = views::Overview),
        problems::Call,
        problems::Named,
        problems::Parameters,
    )
)]
pub(crate) async fn one(
    State(desk): State<Desk>,
    session: Result<Path<String>, PathRejection>,
    RawQuery(text): RawQuery,
) -> Result<Json<Overview>, Problem> {
    let session: SessionId = named(session, "session")?;
    look(&desk, &session, Fields::read(text.as_deref())?, MOST).await.map(Json)
}

/// Answers the newest edits as a picture, a lane for each actor.
#[utoipa::path(
    get,
    path = "/sessions/{session}/graph",
    tag = "sessions",
    operation_id = "session_graph",
    params(
        ("session" = inline(words::SessionId), Path, description = "The session."),
        parameters::EditsForm,
        parameters::AsOf,
    ),
    responses(
        (
            status = 200,
            description = "The picture; as text with `mermaid` and `text`.",
            content(("image/svg+xml"), (String = "text/plain"))
        ),
        problems::Call,
        problems::Named,
        problems::Parameters,
    )
)]
pub(crate) async fn graph(
    State(desk): State<Desk>,
    session: Result<Path<String>, PathRejection>,
    RawQuery(text): RawQuery,
) -> Result<Response, Problem> {
    let session: SessionId = named(session, "session")?;
    let mut asked = Fields::read(text.as_deref())?;
    let format = asked.word("format", &["svg", "mermaid", "text"])?;
    let edits = look(&desk, &session, asked, MOST_DRAWN).await?.edits;
    let draw = move || {
        let lanes = Lanes::of(edits);
        match format {
            "text" => (TEXT, lanes.text()),
            "mermaid" => (TEXT, lanes.mermaid()),
            _ => (SVG, lanes.svg()),
        }
    };
    drawn(draw).await
}

/// What was done to a domain, and that in a line.
#[derive(Serialize)]
pub(crate) struct Summed {
    summary: String,
    #[serde(flatten)]
    delta: Delta,
}

/// Answers what was done to a domain since the newest checkpoint.
#[utoipa::path(
    get,
    path = "/sessions/{session}/delta",
    tag = "sessions",
    operation_id = "session_delta",
    params(("session" = inline(words::SessionId), Path, description = "The session."), parameters::WhichDelta, parameters::AsOf),
    responses(
        (status = 200, description = "What was done.", body = views::Delta),
        problems::Call,
        problems::Named,
        problems::Parameters,
    )
)]
pub(crate) async fn delta(
    State(desk): State<Desk>,
    session: Result<Path<String>, PathRejection>,
    RawQuery(text): RawQuery,
) -> Result<Json<Summed>, Problem> {
    let session: SessionId = named(session, "session")?;
    let mut asked = Fields::read(text.as_deref())?;
    let domain: Domain = asked.needed("domain")?;
    let collapse: &dyn Collapse = if asked.switch("all")? { &Whole } else { &Compact };
    let as_of = asked.as_of()?;
    asked.end()?;
    let as_of = AsOf::Offset(there(&desk, &session, as_of).await?);
    let delta = desk.soon(session::delta(&*desk.ledger, &session, &domain, collapse, as_of)).await?;
    Ok(Json(Summed { summary: delta.summary(), delta }))
}

/// The checkpoints of a session.
#[derive(Serialize)]
pub(crate) struct Checkpoints {
    checkpoints: Vec<Checkpoint>,
}

/// Answers the checkpoints of a session, the newest first. Those that cannot be read are left out.
#[utoipa::path(
    get,
    path = "/sessions/{session}/checkpoints",
    tag = "sessions",
    operation_id = "session_checkpoints",
    params(("session" = inline(words::SessionId), Path, description = "The session."), parameters::Part, parameters::AsOf),
    responses(
        (status = 200, description = "A part of the checkpoints.", body = views::Checkpoints),
        problems::Call,
        problems::Named,
        problems::Parameters,
    )
)]
pub(crate) async fn checkpoints(
    State(desk): State<Desk>,
    session: Result<Path<String>, PathRejection>,
    RawQuery(text): RawQuery,
) -> Result<Json<Checkpoints>, Problem> {
    let session: SessionId = named(session, "session")?;
    let mut asked = Fields::read(text.as_deref())?;
    let (part, as_of) = (Part::of(&mut asked)?, asked.as_of()?);
    asked.end()?;
    let up_to = there(&desk, &session, as_of).await?;
    let query = Query::all().session(&session)?.kind(CHECKPOINT)?.up_to(up_to).descending();
    let readable =
        desk.ledger.tail(query).try_filter_map(async |event| Ok(Checkpoint::read(&event).and_then(Result::ok)));
    let checkpoints = desk.soon(part.take_of(readable)).await?;
    Ok(Json(Checkpoints { checkpoints }))
}

/// Returns the offset that is looked at. Fails when no event up to there names a session.
async fn there(desk: &Desk, session: &SessionId, as_of: AsOf) -> Result<Offset, Problem> {
    let up_to = desk.soon(as_of.up_to(&*desk.ledger)).await?;
    let any = desk.soon(desk.ledger.read(&Query::all().session(session)?.up_to(up_to).limit(1)?)).await?;
    if any.events.is_empty() { Err(unknown()) } else { Ok(up_to) }
}
