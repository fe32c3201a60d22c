//! What an operation makes of what: of artifacts, or of their columns.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::error::{Error, Result, Shown};
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

impl std::str::FromStr for Level {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "artifacts" => Ok(Self::Artifacts),
            "columns" => Ok(Self::Columns),
            other => Err(Error::invalid("level", format!("{} is none: write `artifacts` or `columns`", Shown(other)))),
        }
    }
}

/// One thing that an operation makes, and all that it makes it of; or what it reads, and makes nothing of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flow {
    pub made: Option<Artifact>,
    /// Each once, in the order it was named.
    pub of: Vec<Artifact>,
    /// Whether the operation leaves open what it made it of, or what it made of it.
    pub untold: bool,
}

/// Returns what an operation says it makes of what.
pub(super) fn flows(operation: &Operation, level: Level) -> Vec<Flow> {
    if level == Level::Columns {
        return column_flows(operation);
    }
    let of = distinct(operation.inputs.artifacts().cloned());
    if operation.outputs.is_empty() {
        return vec![Flow { made: None, of, untold: false }];
    }
    let made = distinct(operation.outputs.iter().cloned());
    made.into_iter().map(|made| Flow { made: Some(made), of: of.clone(), untold: false }).collect()
}

fn column_flows(operation: &Operation) -> Vec<Flow> {
    let mut flows: Vec<Flow> = Vec::new();
    let mut places: HashMap<Artifact, usize> = HashMap::new();
    for (name, given) in operation.columns.iter() {
        // What somebody wrote by hand, and what is a column of nothing, leads nowhere.
        let Some(made) = operation.output_column(name) else { continue };
        let of: Vec<_> = given.iter().filter(|source| operation.reads_column(source)).cloned().collect();
        let untold = of.is_empty() && !given.is_empty();
        let place = *places.entry(made.clone()).or_insert(flows.len());
        match flows.get_mut(place) {
            Some(flow) => {
                flow.of = distinct(flow.of.drain(..).chain(of));
                flow.untold = (flow.untold || untold) && flow.of.is_empty();
            }
            None => flows.push(Flow { made: Some(made), of: distinct(of.into_iter()), untold }),
        }
    }
    flows
}

/// Returns the outputs of an operation of whose columns it tells nothing.
pub(super) fn silent(operation: &Operation) -> Vec<&Artifact> {
    let told = operation.columns.iter().filter_map(|(name, _)| operation.output_column(name));
    let told: HashSet<_> = told.filter_map(|column| home(operation.outputs.iter(), &column).cloned()).collect();
    operation.outputs.iter().filter(|output| !told.contains(*output)).collect()
}

/// Says where a name is at home that an operation says something of: an artifact in itself, a column in its artifact.
/// Returns nothing when the operation says nothing of it.
pub(crate) fn mentioned(operation: &Operation, level: Level, name: &Artifact) -> Option<Artifact> {
    let mentions = |flow: &Flow| flow.made.as_ref() == Some(name) || flow.of.contains(name);
    if !flows(operation, level).iter().any(mentions) {
        return None;
    }
    match level {
        Level::Artifacts => Some(name.clone()),
        Level::Columns => home(named(operation), name).cloned(),
    }
}

/// Returns what an operation reads and writes.
pub(super) fn named(operation: &Operation) -> impl Iterator<Item = &Artifact> {
    operation.inputs.artifacts().chain(&operation.outputs)
}

/// Returns the one of some artifacts that a column belongs to: the longest, where several fit.
pub(crate) fn home<'a>(artifacts: impl Iterator<Item = &'a Artifact>, column: &Artifact) -> Option<&'a Artifact> {
    artifacts.filter(|artifact| is_column(column.as_str(), artifact)).max_by_key(|artifact| artifact.as_str().len())
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
