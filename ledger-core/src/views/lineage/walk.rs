//! The walk from an artifact, one operation at a time in every direction asked for.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use crate::event::Offset;
use crate::text::Artifact;
use crate::views::Operation;

use super::flow::{Flow, Level, flows, tables, untold};
use super::graph::Graph;
use super::{Direction, Reach};

/// An operation that has ended well, and where its end is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The event of its end.
    pub offset: Offset,
    /// What it was.
    #[serde(flatten)]
    pub operation: Operation,
}

/// What a walk has to look up next: the operations that write (backward) or read (forward) one of the artifacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Backward or forward.
    pub direction: Direction,
    /// From where; in a walk over columns, from the artifacts that they may belong to.
    pub artifacts: Vec<Artifact>,
}

/// An operation that a walk came by.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub operation: Operation,
    pub flows: Vec<Flow>,
    /// Whether it leaves open what it did with a column that the walk came by.
    pub untold: bool,
}

/// A walk that asks for one step after the other.
#[derive(Clone, Debug)]
pub struct Walk {
    root: Artifact,
    reach: Reach,
    backward: Front,
    forward: Front,
    operations: BTreeMap<Offset, Taken>,
    /// What the step under way looks from, and whether it looks ahead.
    asked: HashSet<Artifact>,
    ahead: bool,
    cut: bool,
}

/// How far a walk has come in one direction.
#[derive(Clone, Debug, Default)]
pub(super) struct Front {
    /// How many operations away each artifact is.
    pub distances: HashMap<Artifact, usize>,
    /// What was reached last and not looked at yet.
    pub next: Vec<Artifact>,
    depth: usize,
}

impl Front {
    fn new(root: &Artifact, goes: bool) -> Self {
        let distances = if goes { HashMap::from([(root.clone(), 0)]) } else { HashMap::new() };
        Self { next: distances.keys().cloned().collect(), distances, depth: 0 }
    }

    fn reach<'a>(&mut self, artifacts: impl Iterator<Item = &'a Artifact>) {
        for artifact in artifacts {
            if !self.distances.contains_key(artifact) {
                self.distances.insert(artifact.clone(), self.depth);
                self.next.push(artifact.clone());
            }
        }
    }
}

impl Walk {
    /// Starts at an artifact.
    #[must_use]
    pub fn new(root: Artifact, reach: Reach) -> Self {
        let backward = Front::new(&root, reach.direction != Direction::Forward);
        let forward = Front::new(&root, reach.direction != Direction::Backward);
        Self {
            root,
            reach,
            backward,
            forward,
            operations: BTreeMap::new(),
            asked: HashSet::new(),
            ahead: false,
            cut: false,
        }
    }

    /// Returns what to look up next, or nothing when the walk has ended. What is found goes to [`take`](Self::take).
    pub fn step(&mut self) -> Option<Step> {
        if self.cut {
            return None;
        }
        let fronts = [(Direction::Backward, &mut self.backward), (Direction::Forward, &mut self.forward)];
        let goes_on = fronts.into_iter().filter(|(_, front)| front.depth < self.reach.depth && !front.next.is_empty());
        // The nearer first, because a walk that is cut shows what is near.
        let (direction, front) = goes_on.min_by_key(|(_, front)| front.depth)?;
        front.depth += 1;
        self.ahead = direction == Direction::Forward;
        self.asked = front.next.drain(..).collect();
        let artifacts = match self.reach.level {
            Level::Artifacts => self.asked.iter().cloned().collect(),
            Level::Columns => {
                let tables: HashSet<_> = self.asked.iter().flat_map(tables).collect();
                tables.into_iter().collect()
            }
        };
        Some(Step { direction, artifacts })
    }

    /// Takes an operation that was looked up; a step gives the newest first. What did not end well, and what has nothing to
    /// do with the step, adds nothing. Says whether the walk takes more.
    pub fn take(&mut self, Found { offset, operation }: Found) -> bool {
        if !operation.succeeded() {
            return true;
        }
        let told = flows(&operation, self.reach.level);
        let untold = match self.reach.level {
            Level::Artifacts => Vec::new(),
            Level::Columns => untold(&operation, self.asked.iter(), self.ahead),
        };
        let (asked, ahead) = (&self.asked, self.ahead);
        let meets = |flow: &&Flow| {
            let mut near = if ahead { flow.of.iter() } else { flow.made.as_slice().iter() };
            near.any(|artifact| asked.contains(artifact))
        };
        let mut met = told.iter().chain(&untold).filter(meets).peekable();
        if met.peek().is_none() {
            return true;
        }
        let front = if ahead { &mut self.forward } else { &mut self.backward };
        if !self.operations.contains_key(&offset) && self.operations.len() >= self.reach.most {
            self.cut = true;
            // Not all that leads on from these was seen.
            front.next.extend(self.asked.drain());
            return false;
        }
        for flow in met {
            front.reach(if ahead { flow.made.as_slice() } else { &flow.of }.iter());
        }
        let taken = self.operations.entry(offset);
        let taken = taken.or_insert_with(|| Taken { operation, flows: told, untold: false });
        taken.untold |= !untold.is_empty();
        taken.flows.extend(untold);
        true
    }

    /// Says whether the walk came by an artifact.
    #[must_use]
    pub fn reached(&self, artifact: &Artifact) -> bool {
        self.backward.distances.contains_key(artifact) || self.forward.distances.contains_key(artifact)
    }

    /// Returns what the walk has found; nothing when the artifact it began at is not known to be one.
    #[must_use]
    pub fn graph(self, known: bool) -> Graph {
        if !known && self.operations.is_empty() {
            return Graph::empty(self.root, self.reach);
        }
        Graph::new(self.root, self.reach, &self.backward, &self.forward, self.operations, self.cut)
    }
}
