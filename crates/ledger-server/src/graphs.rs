//! Lineage: where an artifact came from, and what came of it.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use ledger_core::Artifact;
use ledger_core::lineage::{self, Way};
use ledger_core::views::lineage::{Beyond, Graph, Labels, Level, Prompt, Reach};

use crate::openapi::{glances, parameters, problems, views, words};
use crate::parameters::{Fields, named};
use crate::problem::Problem;
use crate::{Desk, aside};

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
const JSON: &str = "application/json";

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
            description = "The lineage: as JSON, or laid out in columns and rows for whoever draws it (`layout`); as a \
                           picture (`svg`); or as text (`tree`, `prompt`, `mermaid`, `dot`).",
            content((glances::GraphOrLayout = "application/json"), (String = "text/plain"), ("image/svg+xml"))
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
    let format = asked.word("format", &["json", "layout", "tree", "prompt", "mermaid", "dot", "svg"])?;
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
    let look = async {
        match format {
            "layout" => lineage::looking_beyond(&*desk.ledger, &artifact, reach, as_of).await,
            _ => Ok((lineage::lineage(&*desk.ledger, &artifact, reach, as_of).await?, Beyond::default())),
        }
    };
    let (graph, beyond) = desk.metrics.lineage.timed("graph", desk.soon(look)).await?;
    if graph.is_empty() {
        return Err(Problem::not_found("nothing names this artifact"));
    }
    if format == "json" {
        return Ok(Json(graph).into_response());
    }
    let draw = move || match format {
        "layout" => (JSON, laid_out(&graph, &beyond)),
        "tree" => (TEXT, graph.tree(&prompt.labels)),
        "prompt" => (TEXT, prompt.write(&graph)),
        "mermaid" => (TEXT, graph.mermaid(&prompt.labels)),
        "dot" => (TEXT, graph.dot(&prompt.labels)),
        _ => (SVG, graph.svg(&prompt.labels)),
    };
    drawn(draw).await
}

fn laid_out(graph: &Graph, beyond: &Beyond) -> String {
    serde_json::to_string(&graph.layout().looking(beyond)).expect("names and numbers have a JSON form")
}

/// Draws off the threads that answer others.
pub(crate) async fn drawn(draw: impl FnOnce() -> (&'static str, String) + Send + 'static) -> Result<Response, Problem> {
    let (kind, drawn) = aside(draw).await?;
    Ok(([(CONTENT_TYPE, kind)], drawn).into_response())
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

#[cfg(test)]
mod tests {
    use ledger_core::views::Operation;
    use ledger_core::views::lineage::{Direction, Lineage};
    use ledger_core::{Ledger, LedgerExt, Query, fold};

    use super::*;

    async fn record(ledger: &dyn Ledger, reads: &[String], writes: &[String]) {
        let mut operation = Operation::new("make").unwrap();
        for (place, read) in reads.iter().enumerate() {
            operation = operation.input(format!("source_{place}"), Artifact::new(read).unwrap()).unwrap();
        }
        let operation = writes.iter().try_fold(operation, Operation::output).unwrap();
        ledger.append_one(operation.finished().unwrap()).await.unwrap();
    }

    #[tokio::test]
    async fn what_lies_beyond_is_looked_up_as_the_fold_says() {
        let ledger = backends::open("memory:").await.unwrap();
        let name = |place: usize| format!("t_{place}");
        for place in 0..300 {
            let reads = [place * 7 % 50, place * 3 % 40].map(name);
            record(&*ledger, &reads[..1 + place % 2], &[name(place * 11 % 50)]).await;
        }
        let mut view = Lineage::default();
        fold(&*ledger, Query::all(), &mut view).await.unwrap();
        let mut hidden = 0;
        for (place, direction) in [(1, Direction::Backward), (2, Direction::Forward), (3, Direction::Both)] {
            let artifact = Artifact::new(name(place)).unwrap();
            for (depth, most) in [(0, 10), (1, 10_000), (2, 4), (3, 10_000)] {
                let reach = Reach { direction, depth, most, level: Level::Artifacts };
                let found = lineage::looking_beyond(&*ledger, &artifact, reach, lineage::AsOf::Now).await.unwrap();
                assert_eq!(found, view.looking_beyond(&artifact, reach), "{place} {depth} {most}");
                let layout = found.0.layout().looking(&found.1);
                assert!(layout.nodes.iter().all(|node| node.open == (node.hidden > 0)));
                hidden += layout.nodes.iter().map(|node| node.hidden).sum::<usize>();
            }
        }
        assert!(hidden > 30, "{hidden}");
    }

    #[tokio::test]
    async fn nobody_looks_beyond_too_many_places() {
        let ledger = backends::open("memory:").await.unwrap();
        let name = |place: usize| format!("t_{place:03}");
        for place in 1..=250 {
            record(&*ledger, &[name(place)], &["target".to_owned()]).await;
            record(&*ledger, &["a", "b"].map(|source| format!("{source}_{place}")), &[name(place)]).await;
        }
        let (target, reach) = (Artifact::new("target").unwrap(), Reach::default().depth(1));
        let (graph, beyond) = lineage::looking_beyond(&*ledger, &target, reach, lineage::AsOf::Now).await.unwrap();
        let layout = graph.layout().looking(&beyond);
        let hidden: Vec<_> = layout.nodes.iter().map(|node| node.hidden).collect();
        let expected: Vec<_> =
            (0..251).map(|place| [0, 2, 1][usize::from(place > 0) + usize::from(place > 200)]).collect();
        assert_eq!(hidden, expected);
    }

    #[tokio::test]
    async fn what_is_open_is_looked_from_before_what_was_read_beside() {
        let ledger = backends::open("memory:").await.unwrap();
        for part in 0..5 {
            let beside = (0..50).map(|place| format!("b_{part}_{place}"));
            let reads: Vec<_> = std::iter::once("root".to_owned()).chain(beside).collect();
            record(&*ledger, &reads, &["made".to_owned()]).await;
        }
        record(&*ledger, &["made".to_owned()], &["one", "two"].map(str::to_owned)).await;
        let reach = Reach::new(Direction::Both).depth(1);
        let root = Artifact::new("root").unwrap();
        let (graph, beyond) = lineage::looking_beyond(&*ledger, &root, reach, lineage::AsOf::Now).await.unwrap();
        assert_eq!((graph.nodes.len(), beyond.hidden(&Artifact::new("made").unwrap())), (252, 2));
    }
}
