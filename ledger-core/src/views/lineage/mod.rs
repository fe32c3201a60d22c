//! Lineage: which operations made an artifact, from what, and what was made from it.
//!
//! The answer is a [`Graph`]. [`Walk`] finds it step by step, whoever looks up the operations of a step: [`Lineage`], the
//! view over all events, or a ledger by its tags ([`crate::lineage`]).

mod beyond;
mod diagram;
mod flow;
mod graph;
mod layout;
mod prompt;
mod svg;
mod tree;
mod walk;

use std::collections::HashMap;

use serde::Serialize;

pub use beyond::Beyond;
pub use flow::Level;
pub(crate) use flow::{is_column, mentioned, tables};
pub use graph::{Class, Edge, Graph, Node};
pub use layout::{Layout, Link, Place, Placed, PlacedEnd, Via};
pub use prompt::{Labels, Prompt};
pub use walk::{Found, Step, Walk};

use crate::error::{Error, Result, Shown};
use crate::event::{Event, Offset};
use crate::text::Artifact;
use crate::views::{ArtifactNote, Operation, Remains, View};

/// Which way to look from an artifact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// To what it was made from.
    #[default]
    Backward,
    /// To what was made from it.
    Forward,
    /// To both.
    Both,
}

impl std::str::FromStr for Direction {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "backward" => Ok(Self::Backward),
            "forward" => Ok(Self::Forward),
            "both" => Ok(Self::Both),
            other => {
                let why = format!("{} is none: write `backward`, `forward` or `both`", Shown(other));
                Err(Error::invalid("direction", why))
            }
        }
    }
}

/// How far to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Which way.
    pub direction: Direction,
    /// How many operations away at most; with 0, the artifact alone.
    pub depth: usize,
    /// How many operations at most: the nearest, and of those that are as near, the newest.
    pub most: usize,
    /// What the nodes are: artifacts, or their columns.
    pub level: Level,
}

impl Reach {
    /// The depth unless somebody says another.
    pub const DEPTH: usize = 10;
    /// The most operations unless somebody says otherwise.
    pub const MOST: usize = 10_000;

    /// Looks one way, as far as lineage looks unless somebody says otherwise.
    #[must_use]
    pub fn new(direction: Direction) -> Self {
        Self { direction, depth: Self::DEPTH, most: Self::MOST, level: Level::default() }
    }

    /// Looks one way for everything.
    #[must_use]
    pub fn everything(direction: Direction) -> Self {
        Self { depth: usize::MAX, most: usize::MAX, ..Self::new(direction) }
    }

    /// Sets how many operations away to look at most.
    #[must_use]
    pub fn depth(mut self, depth: usize) -> Self {
        self.depth = depth;
        self
    }

    /// Sets what the nodes are.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }
}

impl Default for Reach {
    fn default() -> Self {
        Self::new(Direction::default())
    }
}

/// Every operation and artifact of a ledger: what lineage means, and what answers found by look-up are compared with.
#[derive(Clone, Debug, Default)]
pub struct Lineage {
    operations: Vec<Found>,
    reads: HashMap<Artifact, Vec<usize>>,
    writes: HashMap<Artifact, Vec<usize>>,
    /// When an artifact was last there, and when it was last dropped.
    lives: HashMap<Artifact, (Offset, Offset)>,
    unread: Vec<Offset>,
}

impl Lineage {
    /// Returns the lineage of an artifact; an empty graph when no operation and no note names it.
    #[must_use]
    pub fn graph(&self, artifact: &Artifact, reach: Reach) -> Graph {
        self.graph_of(self.walk(artifact, reach), artifact, reach.level)
    }

    /// Returns the same, and what lies next to where it was left open.
    #[must_use]
    pub fn looking_beyond(&self, artifact: &Artifact, reach: Reach) -> (Graph, Beyond) {
        let walk = self.walk(artifact, reach);
        let (further, rest) = walk.further(Beyond::MOST_PLACES, Beyond::MOST_OPERATIONS);
        let (graph, mut beyond) = (self.graph_of(walk, artifact, reach.level), Beyond::unseen(rest));
        for mut walk in further {
            self.go(&mut walk);
            beyond.add(&graph, &walk);
        }
        (graph, beyond)
    }

    fn walk(&self, artifact: &Artifact, reach: Reach) -> Walk {
        let mut walk = Walk::new(artifact.clone(), reach);
        self.go(&mut walk);
        walk
    }

    /// Goes on with a walk until it ends.
    fn go(&self, walk: &mut Walk) {
        while let Some(step) = walk.step() {
            let named = if step.direction == Direction::Forward { &self.reads } else { &self.writes };
            let mut places: Vec<_> =
                step.artifacts.iter().filter_map(|artifact| named.get(artifact)).flatten().collect();
            // What remains of an operation may stand beside it, and comes after it.
            places.sort_unstable_by_key(|&&place| (self.operations[place].offset, place));
            places.dedup_by_key(|place| self.operations[**place].offset);
            let _ = places.into_iter().rev().all(|&place| walk.take(self.operations[place].clone()));
        }
    }

    fn graph_of(&self, walk: Walk, artifact: &Artifact, level: Level) -> Graph {
        let mut graph = walk.graph(self.home(artifact, level));
        for node in &mut graph.nodes {
            node.live = self.lives.get(node.home()).is_none_or(|(there, dropped)| there >= dropped);
        }
        graph
    }

    /// Returns an artifact that something names, or the one of a column that something names.
    fn home(&self, name: &Artifact, level: Level) -> Option<Artifact> {
        let places = |artifact: &Artifact| {
            let (reads, writes) = (self.reads.get(artifact), self.writes.get(artifact));
            reads.into_iter().chain(writes).flatten().copied().collect::<Vec<_>>()
        };
        if level == Level::Artifacts {
            let named = self.lives.contains_key(name) || !places(name).is_empty();
            return named.then(|| name.clone());
        }
        let mut near: Vec<usize> = tables(name).flat_map(|table| places(&table)).collect();
        near.sort_unstable_by_key(|&place| (self.operations[place].offset, place));
        near.into_iter().find_map(|place| mentioned(&self.operations[place].operation, level, name))
    }

    /// Returns the events that call themselves operations and are none.
    #[must_use]
    pub fn unread(&self) -> &[Offset] {
        &self.unread
    }

    fn add(&mut self, event: &Event) -> Result<()> {
        match event.kind.as_str() {
            Operation::FINISHED => {
                let operation: Operation = event.payload_as()?;
                if operation.succeeded() {
                    self.found(Found { offset: event.offset, operation });
                }
            }
            Remains::KEPT => {
                let remains = Remains::of_event(event)?;
                remains.ends.iter().for_each(|end| self.found(remains.found(end)));
            }
            ArtifactNote::CREATED => {
                self.lives.entry(event.payload_as::<ArtifactNote>()?.artifact).or_default().0 = event.offset;
            }
            ArtifactNote::DROPPED => {
                self.lives.entry(event.payload_as::<ArtifactNote>()?.artifact).or_default().1 = event.offset;
            }
            _ => {}
        }
        Ok(())
    }
}

impl Lineage {
    fn found(&mut self, found: Found) {
        let (place, operation) = (self.operations.len(), &found.operation);
        operation.inputs.artifacts().for_each(|read| self.reads.entry(read.clone()).or_default().push(place));
        for made in &operation.outputs {
            self.writes.entry(made.clone()).or_default().push(place);
            let (there, _) = self.lives.entry(made.clone()).or_default();
            *there = found.offset.max(*there);
        }
        self.operations.push(found);
    }
}

impl View for Lineage {
    fn apply(&mut self, event: &Event) {
        if self.add(event).is_err() {
            self.unread.push(event.offset);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direction_is_one_of_three_words() {
        for (word, direction) in
            [("backward", Direction::Backward), ("forward", Direction::Forward), ("both", Direction::Both)]
        {
            assert_eq!(word.parse::<Direction>().ok(), Some(direction));
        }
        let error = "sideways".parse::<Direction>().unwrap_err().to_string();
        assert!(error.contains("`sideways`") && error.contains("`backward`, `forward` or `both`"), "{error}");
    }
}
