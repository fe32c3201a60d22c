//! Lineage: where an artifact came from, and what came of it.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use ledger_core::Artifact;
use ledger_core::lineage::{self, Way};
use ledger_core::views::lineage::{Labels, Level, Prompt, Reach};

use crate::Desk;
use crate::openapi::{parameters, problems, views, words};
use crate::parameters::{Fields, named};
use crate::problem::Problem;

/// The most operations that an answer shows.
const MOST: usize = 100_000;
/// The most of one that is drawn or written out, …
const MOST_DRAWN: usize = 10_000;
/// … how deep it may be, …
const MOST_DEEP: usize = 1_000;
/// … and how many other names it takes.
const MOST_LABELS: usize = 100;
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";
pub(crate) const SVG: &str = "image/svg+xml";

/// Answers the lineage of an artifact, in the form that was asked for.
#[utoipa::path(
    get,
    path = "/lineage/{artifact}",
    tag = "lineage",
    operation_id = "lineage",
    params(
        ("artifact" = inline(words::Artifact), Path, description = "The artifact; it may have slashes."),
        parameters::Reach,
        parameters::Lineage,
        parameters::LineageForm,
    ),
    responses(
        (
            status = 200,
            description = "The lineage: as JSON; as a picture (`svg`); or as text (`tree`, `prompt`, `mermaid`, `dot`).",
            content((views::Graph = "application/json"), (String = "text/plain"), ("image/svg+xml"))
        ),
        problems::Call,
        problems::Named,
        problems::Parameters,
    )
)]
pub(crate) async fn lineage(
    State(desk): State<Desk>,
    artifact: Result<Path<String>, PathRejection>,
    RawQuery(text): RawQuery,
) -> Result<Response, Problem> {
    let artifact: Artifact = named(artifact, "artifact")?;
    let mut asked = Fields::read(text.as_deref())?;
    let reach = Reach {
        direction: asked.one("direction")?.unwrap_or_default(),
        depth: asked.number("depth", 0..=MOST)?.unwrap_or(Reach::DEPTH),
        most: asked.number("most", 1..=MOST)?.unwrap_or(Reach::MOST),
        level: asked.one("level")?.unwrap_or_default(),
    };
    let as_of = asked.as_of()?;
    let format = asked.word("format", &["json", "tree", "prompt", "mermaid", "dot", "svg"])?;
    let prompt = Prompt {
        budget: asked.number("budget", 1..=MOST * 100)?,
        citations: asked.switch("cite")?,
        labels: labels(&mut asked)?,
    };
    asked.end()?;
    if format != "json" && (reach.most > MOST_DRAWN || reach.depth > MOST_DEEP) {
        let why = format!("a form other than json has {MOST_DRAWN} operations and a depth of {MOST_DEEP} at most");
        return Err(Problem::invalid("format", why));
    }
    let graph = desk.soon(lineage::lineage(&*desk.ledger, &artifact, reach, as_of));
    let graph = desk.metrics.lineage.timed("graph", graph).await?;
    if graph.is_empty() {
        return Err(Problem::not_found("nothing names this artifact"));
    }
    if format == "json" {
        return Ok(Json(graph).into_response());
    }
    let draw = move || match format {
        "tree" => (TEXT, graph.tree(&prompt.labels)),
        "prompt" => (TEXT, prompt.write(&graph)),
        "mermaid" => (TEXT, graph.mermaid(&prompt.labels)),
        "dot" => (TEXT, graph.dot(&prompt.labels)),
        _ => (SVG, graph.svg(&prompt.labels)),
    };
    drawn(draw).await
}

/// Draws off the threads that answer others.
pub(crate) async fn drawn(draw: impl FnOnce() -> (&'static str, String) + Send + 'static) -> Result<Response, Problem> {
    match tokio::task::spawn_blocking(draw).await {
        Ok((kind, drawn)) => Ok(([(CONTENT_TYPE, kind)], drawn).into_response()),
        Err(error) => Err(Problem::broken(error.to_string())),
    }
}

/// Reads other names for artifacts, each `artifact=name`.
fn labels(asked: &mut Fields) -> Result<Labels, Problem> {
    let given: Vec<String> = asked.many("label")?;
    if given.len() > MOST_LABELS {
        return Err(Problem::invalid("label", format!("`{}` of them: {MOST_LABELS} are the most", given.len())));
    }
    let pairs = given.iter().map(|label| {
        // At the last sign, because artifacts such as `orders/day=1` have signs of their own.
        label.rsplit_once('=').ok_or_else(|| Problem::invalid("label", format!("`{label}`: write ARTIFACT=NAME")))
    });
    pairs.collect()
}

/// Answers a shortest way from one artifact to another.
#[utoipa::path(
    get,
    path = "/path",
    tag = "lineage",
    operation_id = "path",
    params(parameters::Ends, parameters::Lineage),
    responses(
        (status = 200, description = "A shortest way, if there is one.", body = views::Way),
        problems::Call,
        problems::Parameters,
    )
)]
pub(crate) async fn path(State(desk): State<Desk>, RawQuery(text): RawQuery) -> Result<Json<Way>, Problem> {
    let mut asked = Fields::read(text.as_deref())?;
    let (from, to) = (asked.needed::<Artifact>("from")?, asked.needed::<Artifact>("to")?);
    let level: Level = asked.one("level")?.unwrap_or_default();
    let as_of = asked.as_of()?;
    asked.end()?;
    let way = desk.soon(lineage::path(&*desk.ledger, &from, &to, level, as_of));
    Ok(Json(desk.metrics.lineage.timed("path", way).await?))
}
