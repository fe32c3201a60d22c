//! Runs and artifacts.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use ledger_core::views::{Artifacts, Registered, Rules, RunSummary, Runs, Verdict};
use ledger_core::{Offset, Query, RunId, Timestamp, fold};
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
    params(parameters::Part),
    responses(
        (status = 200, description = "A part of the runs.", body = views::Runs),
        problems::Call,
        problems::Parameters,
    )
)]
pub(crate) async fn runs(State(desk): State<Desk>, RawQuery(text): RawQuery) -> Result<Json<RunsPart>, Problem> {
    let mut asked = Fields::read(text.as_deref())?;
    let part = Part::of(&mut asked)?;
    asked.end()?;
    let mut runs = Runs::default();
    desk.soon(fold(&*desk.ledger, Query::all(), &mut runs)).await?;
    let mut all: Vec<_> = runs.all().iter().collect();
    all.sort_by_key(|run| std::cmp::Reverse(run.last_offset));
    let total = all.len();
    Ok(Json(RunsPart { runs: part.take(all.into_iter().cloned()), total }))
}

/// Answers one run.
#[utoipa::path(
    get,
    path = "/runs/{run}",
    tag = "views",
    operation_id = "run",
    params(("run" = inline(words::RunId), Path, description = "The run.")),
    responses((status = 200, description = "The run.", body = views::Run), problems::Call, problems::Named)
)]
pub(crate) async fn run(
    State(desk): State<Desk>,
    run: Result<Path<String>, PathRejection>,
) -> Result<Json<RunSummary>, Problem> {
    let run: RunId = named(run, "run")?;
    let mut runs = Runs::default();
    desk.soon(fold(&*desk.ledger, Query { run: Some(run.clone()), ..Query::all() }, &mut runs)).await?;
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
    params(parameters::WhichArtifacts, parameters::Part),
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
    let part = Part::of(&mut asked)?;
    asked.end()?;
    let rules = Rules::from_env().map_err(|error| Problem::broken(error.to_string()))?;
    let mut artifacts = Artifacts::default();
    desk.soon(fold(&*desk.ledger, Artifacts::query(Offset::START), &mut artifacts)).await?;
    let now = Timestamp::now();
    let mut all: Vec<Judged> = if droppable {
        let droppable = artifacts.droppable(&rules, now).into_iter();
        droppable.map(|(found, over)| Judged { registered: found.clone(), verdict: Verdict::Drop(over) }).collect()
    } else {
        let judged = |found: &Registered| Judged {
            registered: found.clone(),
            verdict: artifacts.judge(&found.artifact, &rules, now),
        };
        artifacts.all().filter(|found| found.live || !live).map(judged).collect()
    };
    let total = all.len();
    all = part.take(all.into_iter());
    Ok(Json(ArtifactsPart { artifacts: all, total, unread: artifacts.unread().to_vec() }))
}
