//! What an operation makes of what: of artifacts, or of their columns.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::text::Artifact;
use crate::views::Operation;

/// What the nodes of a lineage are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Artifacts.
    #[default]
    Artifacts,
    /// Columns of artifacts, each named `artifact.column`.
    Columns,
}

/// One thing that an operation makes, and all that it makes it of; or what it reads, and makes nothing of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flow {
    pub made: Option<Artifact>,
    /// Each once, in the order it was named.
    pub of: Vec<Artifact>,
}

/// Says whether an operation says anything of an artifact, or of a column.
pub(crate) fn mentions(operation: &Operation, level: Level, name: &Artifact) -> bool {
    flows(operation, level).iter().any(|flow| flow.made.as_ref() == Some(name) || flow.of.contains(name))
}

/// Returns what an operation says it makes of what.
pub(super) fn flows(operation: &Operation, level: Level) -> Vec<Flow> {
    if level == Level::Columns {
        return column_flows(operation);
    }
    let of = distinct(operation.inputs.artifacts().cloned());
    if operation.outputs.is_empty() {
        return vec![Flow { made: None, of }];
    }
    let made = distinct(operation.outputs.iter().cloned());
    made.into_iter().map(|made| Flow { made: Some(made), of: of.clone() }).collect()
}

fn column_flows(operation: &Operation) -> Vec<Flow> {
    let mut flows: Vec<Flow> = Vec::new();
    let mut places: HashMap<Artifact, usize> = HashMap::new();
    for (name, of) in operation.columns.iter() {
        // What somebody wrote by hand, and what is a column of nothing, leads nowhere.
        let Some(made) = operation.output_column(name) else { continue };
        let of = of.iter().filter(|source| operation.reads_column(source)).cloned();
        let place = *places.entry(made.clone()).or_insert(flows.len());
        match flows.get_mut(place) {
            Some(flow) => flow.of = distinct(flow.of.drain(..).chain(of)),
            None => flows.push(Flow { made: Some(made), of: distinct(of) }),
        }
    }
    flows
}

/// Returns what an operation, which does not say of what columns it makes its own, does with columns of what it reads or
/// writes: it may have made those, or read those, and more is not known.
pub(super) fn untold<'a>(
    operation: &Operation,
    columns: impl Iterator<Item = &'a Artifact>,
    forward: bool,
) -> Vec<Flow> {
    let silent = |output: &&Artifact| {
        let told = |name: &str| operation.output_column(name).is_some_and(|column| is_column(column.as_str(), output));
        !operation.columns.iter().any(|(name, _)| told(name))
    };
    let silent: Vec<&Artifact> = operation.outputs.iter().filter(silent).collect();
    if forward {
        if silent.is_empty() && !operation.outputs.is_empty() {
            return Vec::new();
        }
        let read = columns.filter(|column| operation.reads_column(column));
        read.map(|column| Flow { made: None, of: vec![column.clone()] }).collect()
    } else {
        let made = columns.filter(|column| silent.iter().any(|output| is_column(column.as_str(), output)));
        made.map(|column| Flow { made: Some(column.clone()), of: Vec::new() }).collect()
    }
}

/// Says whether a name is that of a column of an artifact.
pub(crate) fn is_column(name: &str, artifact: &Artifact) -> bool {
    let rest = name.strip_prefix(artifact.as_str()).and_then(|rest| rest.strip_prefix('.'));
    rest.is_some_and(|column| !column.is_empty())
}

/// Returns the artifacts that a name may be a column of, the longest first: what stands before one of its dots.
pub(crate) fn tables(column: &Artifact) -> impl Iterator<Item = Artifact> {
    let name = column.as_str();
    let ends = name.rmatch_indices('.').map(|(at, _)| at).filter(move |at| at + 1 < name.len());
    ends.filter_map(move |at| Artifact::new(&name[..at]).ok())
}

fn distinct(artifacts: impl Iterator<Item = Artifact>) -> Vec<Artifact> {
    let mut seen = HashSet::new();
    artifacts.filter(|artifact| seen.insert(artifact.clone())).collect()
}
