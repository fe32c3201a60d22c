//! Runs and artifacts.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use ledger_core::lineage::Moment;
use ledger_core::views::{Artifacts, NamePart, Registered, Rules, RunSummary, Runs, Verdict, WhichRuns};
use ledger_core::{Offset, Query, RunId, fold};
use serde::Serialize;

use crate::Desk;
use crate::openapi::{parameters, problems, views, words};
use crate::parameters::{Fields, Part, named};
use crate::problem::Problem;

/// A part of the runs.
#[derive(Serialize)]
pub(crate) struct RunsPart {
    runs: Vec<RunSummary>,
    total: usize,
}

/// Answers the runs, those with the newest events first.
#[utoipa::path(
    get,
    path = "/runs",
    tag = "views",
    operation_id = "runs",
    params(parameters::WhichRuns, parameters::AsOf, parameters::Part),
    responses(
        (status = 200, description = "A part of the runs.", body = views::Runs),
        problems::Call,
        problems::Parameters,
    )
)]
pub(crate) async fn runs(State(desk): State<Desk>, RawQuery(text): RawQuery) -> Result<Json<RunsPart>, Problem> {
    let mut asked = Fields::read(text.as_deref())?;
    let which = WhichRuns {
        name: asked.one("q")?,
        phase: asked.one("state")?,
        reason: asked.one("reason")?,
        since: asked.one("since")?,
        until: asked.one("until")?,
    };
    let (as_of, part) = (asked.as_of()?, Part::of(&mut asked)?);
    asked.end()?;
    let Moment { up_to, .. } = desk.soon(as_of.moment(&*desk.ledger)).await?;
    let mut runs = Runs::default();
    desk.soon(fold(&*desk.ledger, Query { up_to, ..Query::all() }, &mut runs)).await?;
    let all = runs.newest(&which);
    let total = all.len();
    Ok(Json(RunsPart { runs: part.take(all.into_iter().cloned()), total }))
}

/// Answers one run.
#[utoipa::path(
    get,
    path = "/runs/{run}",
    tag = "views",
    operation_id = "run",
    params(("run" = inline(words::RunId), Path, description = "The run."), parameters::AsOf),
    responses(
        (status = 200, description = "The run.", body = views::Run),
        problems::Call,
        problems::Named,
        problems::Parameters,
    )
)]
pub(crate) async fn run(
    State(desk): State<Desk>,
    run: Result<Path<String>, PathRejection>,
    RawQuery(text): RawQuery,
) -> Result<Json<RunSummary>, Problem> {
    let run: RunId = named(run, "run")?;
    let mut asked = Fields::read(text.as_deref())?;
    let as_of = asked.as_of()?;
    asked.end()?;
    let Moment { up_to, .. } = desk.soon(as_of.moment(&*desk.ledger)).await?;
    let mut runs = Runs::default();
    desk.soon(fold(&*desk.ledger, Query { run: Some(run.clone()), up_to, ..Query::all() }, &mut runs)).await?;
    let found = runs.get(&run).cloned();
    found.map(Json).ok_or_else(|| Problem::not_found("no event names this run"))
}

/// A part of the artifacts.
#[derive(Serialize)]
pub(crate) struct ArtifactsPart {
    artifacts: Vec<Judged>,
    total: usize,
    /// Events that call themselves operations or notes, and are none.
    unread: Vec<Offset>,
}

#[derive(Serialize)]
struct Judged {
    #[serde(flatten)]
    registered: Registered,
    #[serde(flatten)]
    verdict: Verdict,
}

/// Answers what is known of artifacts, and whether they may be dropped by the rules of the server's environment.
#[utoipa::path(
    get,
    path = "/artifacts",
    tag = "views",
    operation_id = "artifacts",
    params(parameters::WhichArtifacts, parameters::AsOf, parameters::Part),
    responses(
        (status = 200, description = "A part of the artifacts.", body = views::Artifacts),
        problems::Call,
        problems::Parameters,
    )
)]
pub(crate) async fn artifacts(
    State(desk): State<Desk>,
    RawQuery(text): RawQuery,
) -> Result<Json<ArtifactsPart>, Problem> {
    let mut asked = Fields::read(text.as_deref())?;
    let (live, droppable) = (asked.switch("live")?, asked.switch("droppable")?);
    let (name, as_of): (Option<NamePart>, _) = (asked.one("q")?, asked.as_of()?);
    let part = Part::of(&mut asked)?;
    asked.end()?;
    let rules = Rules::from_env().map_err(|error| Problem::broken(error.to_string()))?;
    let Moment { up_to, now } = desk.soon(as_of.moment(&*desk.ledger)).await?;
    let mut artifacts = Artifacts::default();
    let query = Query { up_to, ..Artifacts::query(Offset::START) };
    desk.soon(fold(&*desk.ledger, query, &mut artifacts)).await?;
    let is_named = |found: &Registered| name.as_ref().is_none_or(|part| part.is_in(found.artifact.as_str()));
    let mut all: Vec<Judged> = if droppable {
        let droppable = artifacts.droppable(&rules, now).into_iter().filter(|(found, _)| is_named(found));
        droppable.map(|(found, over)| Judged { registered: found.clone(), verdict: Verdict::Drop(over) }).collect()
    } else {
        let judged = |found: &Registered| Judged {
            registered: found.clone(),
            verdict: artifacts.judge(&found.artifact, &rules, now),
        };
        artifacts.all().filter(|found| (found.live || !live) && is_named(found)).map(judged).collect()
    };
    let total = all.len();
    all = part.take(all.into_iter());
    Ok(Json(ArtifactsPart { artifacts: all, total, unread: artifacts.unread().to_vec() }))
}
