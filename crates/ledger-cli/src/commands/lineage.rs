//! `ledger lineage` and `ledger path`: where an artifact came from, and what came of it.

use backends::Mode;
use ledger_core::lineage::{self, AsOf};
use ledger_core::views::lineage::{Direction, Graph, Labels, Level, Prompt, Reach};
use ledger_core::{Artifact, Offset};

use crate::cli::{Form, Lineage};
use crate::failure::{Failure, Result};
use crate::output::{Format, Out, counted, note, plain};
use crate::place::Target;

/// Prints the lineage of an artifact.
pub(super) async fn run(out: &mut Out, target: &Target, asked: Lineage) -> Result<()> {
    let form = if out.format == Format::Json { Form::Json } else { asked.format };
    if form != Form::Prompt && (asked.budget.is_some() || asked.cite) {
        return Err(Failure::Usage("--budget and --cite are for --format prompt".to_owned()));
    }
    let direction = match (asked.forward, asked.both) {
        (true, _) => Direction::Forward,
        (_, true) => Direction::Both,
        _ => Direction::Backward,
    };
    let level = if asked.columns { Level::Columns } else { Level::Artifacts };
    let reach = Reach { direction, depth: asked.depth, most: asked.most, level };
    let ledger = target.open(Mode::ReadOnly).await?;
    let as_of = asked.as_of.unwrap_or_default();
    let mut graph = lineage::lineage(&*ledger, &asked.artifact, reach, as_of).await?;
    if graph.is_empty() && !asked.columns {
        let reach = reach.level(Level::Columns);
        let columns = lineage::lineage(&*ledger, &asked.artifact, reach, as_of).await?;
        // Alone it is there when somebody says something of it. What merely may be a column, because those who wrote or
        // read the artifact say nothing of its columns, is none.
        let alone = lineage::lineage(&*ledger, &asked.artifact, reach.depth(0), as_of).await?;
        if !alone.is_empty() {
            graph = columns;
        } else if let Some(first) = columns.untold.first() {
            note(&format!(
                "it may be a column, but who made or read it gave none, such as at offset {first}: see --columns"
            ));
        }
    }
    let labels: Labels = asked.labels.into_iter().collect();
    match form {
        Form::Json => out.json(&graph)?,
        Form::Prompt => {
            let prompt = Prompt { budget: asked.budget, citations: asked.cite, labels };
            out.bytes(prompt.write(&graph).as_bytes())?;
        }
        Form::Mermaid => out.bytes(graph.mermaid(&labels).as_bytes())?,
        Form::Dot => out.bytes(graph.dot(&labels).as_bytes())?,
        Form::Svg => out.bytes(graph.svg(&labels).as_bytes())?,
        Form::Tree if graph.is_empty() => {
            out.line(format!("nothing in {} names `{}`", target.parsed, plain(asked.artifact.as_str())))?;
        }
        Form::Tree => out.bytes(graph.tree(&labels).as_bytes())?,
    }
    warn(&graph);
    Ok(())
}

/// Says beside the answer what it leaves out.
fn warn(graph: &Graph) {
    if graph.cut {
        note(&format!("shows only {}: --most takes more", counted(graph.operations.len() as u64, "operation")));
    }
    warn_of_unread(&graph.unread);
}

fn warn_of_unread(unread: &[Offset]) {
    if let Some(first) = unread.first() {
        let count = counted(unread.len() as u64, "event");
        note(&format!(
            "{count} of kind `operation.finished` could not be read as operations, such as that at offset {first}"
        ));
    }
}

/// Prints a shortest way from one artifact to another.
pub(super) async fn path(
    out: &mut Out,
    target: &Target,
    [from, to]: [&Artifact; 2],
    columns: bool,
    as_of: AsOf,
) -> Result<()> {
    let ledger = target.open(Mode::ReadOnly).await?;
    let level = if columns { Level::Columns } else { Level::Artifacts };
    let way = lineage::path(&*ledger, from, to, level, as_of).await?;
    warn_of_unread(&way.unread);
    if let (None, Some(first)) = (&way.edges, way.untold.first()) {
        let count = counted(way.untold.len() as u64, "operation");
        note(&format!("{count} on the way gave no columns, such as that at offset {first}"));
    }
    if out.format == Format::Json {
        out.json(&way.edges)?;
        return if way.edges.is_some() { Ok(()) } else { Err(Failure::Told) };
    }
    let (start, end) = (plain(from.as_str()), plain(to.as_str()));
    let Some(edges) = way.edges else {
        let is_way = async |from, to, level| {
            let way = lineage::path(&*ledger, from, to, level, as_of).await;
            way.map(|way| way.edges.is_some())
        };
        let hint = if is_way(to, from, level).await? {
            format!("; there is a way back, from `{end}`")
        } else if !columns && is_way(from, to, Level::Columns).await? {
            "; there is one between columns of these names: --columns shows it".to_owned()
        } else {
            String::new()
        };
        return Err(Failure::No(format!("no way leads from `{start}` to `{end}`{hint}")));
    };
    out.line(&*start)?;
    edges.iter().try_for_each(|edge| {
        let (operation, offset): (_, Offset) = (plain(&edge.operation), edge.offset);
        out.line(format!("→ {}  via {operation} @{offset}", plain(edge.to.as_str())))
    })
}
