//! The walk from an artifact, one operation at a time in every direction asked for.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::Serialize;

use crate::event::Offset;
use crate::text::Artifact;
use crate::views::Operation;

use super::flow::{Flow, Level, flows, silent, tables};
use super::graph::Graph;
use super::{Direction, Reach};

/// An operation, and where it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The event of its end, or of its start when it has not ended.
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
    /// Columns that the walk came by which it may have made, and it does not say of what.
    pub may_make: BTreeSet<Artifact>,
    /// Those that it may have read, and it does not say what it made of them.
    pub may_read: BTreeSet<Artifact>,
}

impl Taken {
    /// Returns what it does, as far as it says so, and as far as it leaves that open.
    pub(super) fn flows(&self, level: Level) -> impl Iterator<Item = Flow> {
        let made = self.may_make.iter().cloned().map(|made| Flow { made: Some(made), of: Vec::new(), untold: true });
        let read = self.may_read.iter().cloned().map(|read| Flow { made: None, of: vec![read], untold: true });
        flows(&self.operation, level).into_iter().chain(made).chain(read)
    }
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
    /// The same by the artifacts that they may be columns of.
    columns: HashMap<Artifact, Vec<Artifact>>,
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
        Self::at(goes.then_some(root).into_iter())
    }

    fn at<'a>(starts: impl Iterator<Item = &'a Artifact>) -> Self {
        let distances: HashMap<_, _> = starts.map(|start| (start.clone(), 0)).collect();
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
            columns: HashMap::new(),
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
        self.columns.clear();
        if self.reach.level == Level::Columns {
            for column in &self.asked {
                tables(column).for_each(|table| self.columns.entry(table).or_default().push(column.clone()));
            }
        }
        let mut artifacts: Vec<_> = match self.reach.level {
            Level::Artifacts => self.asked.iter().cloned().collect(),
            Level::Columns => self.columns.keys().cloned().collect(),
        };
        artifacts.sort_unstable();
        Some(Step { direction, artifacts })
    }

    /// Takes an operation that was looked up; a step gives the newest first. What did not end well, and what has nothing to
    /// do with the step, adds nothing. Says whether the walk takes more.
    pub fn take(&mut self, Found { offset, operation }: Found) -> bool {
        if !operation.succeeded() {
            return true;
        }
        let flows = flows(&operation, self.reach.level);
        let (asked, ahead) = (&self.asked, self.ahead);
        let meets = |flow: &&Flow| {
            let mut near = if ahead { flow.of.iter() } else { flow.made.as_slice().iter() };
            near.any(|artifact| asked.contains(artifact))
        };
        let mut met = flows.iter().filter(meets).peekable();
        let open = self.left_open(&operation);
        if met.peek().is_none() && open.is_empty() {
            return true;
        }
        if !self.operations.contains_key(&offset) && self.operations.len() >= self.reach.most {
            self.cut = true;
            // Not all that leads on from these was seen.
            let front = if ahead { &mut self.forward } else { &mut self.backward };
            front.next.extend(self.asked.drain());
            return false;
        }
        let front = if ahead { &mut self.forward } else { &mut self.backward };
        met.for_each(|flow| front.reach(if ahead { flow.made.as_slice() } else { &flow.of }.iter()));
        let (may_make, may_read) = (BTreeSet::new(), BTreeSet::new());
        let taken = self.operations.entry(offset).or_insert(Taken { operation, may_make, may_read });
        if ahead { &mut taken.may_read } else { &mut taken.may_make }.extend(open);
        true
    }

    /// Returns the columns of the step with which an operation may have something to do that does not say so.
    fn left_open(&self, operation: &Operation) -> Vec<Artifact> {
        if self.reach.level == Level::Artifacts {
            return Vec::new();
        }
        let silent = silent(operation);
        let near: Vec<_> = match self.ahead {
            false => silent,
            true if silent.is_empty() && !operation.outputs.is_empty() => Vec::new(),
            true => operation.inputs.artifacts().collect(),
        };
        near.into_iter().filter_map(|artifact| self.columns.get(artifact)).flatten().cloned().collect()
    }

    /// Says whether the walk came by an artifact.
    #[must_use]
    pub fn reached(&self, artifact: &Artifact) -> bool {
        self.backward.distances.contains_key(artifact) || self.forward.distances.contains_key(artifact)
    }

    /// Says whether the walk came by no operation.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// Returns, of a walk that has ended, those that go one operation on from where it was left open: one for each
    /// direction, from so many places in all, the nearest first and what was read beside the way last; and the places that
    /// are left.
    pub(crate) fn further(&self, places: usize, most: usize) -> (Vec<Self>, Vec<Artifact>) {
        let (mut rest, mut room) = (Vec::new(), places);
        let mut take = |mut places: Vec<Artifact>| {
            rest.extend(places.split_off(room.min(places.len())));
            room -= places.len();
            places
        };
        let fronts = [(Direction::Backward, &self.backward), (Direction::Forward, &self.forward)];
        let open = fronts.map(|(_, front)| {
            let mut open = front.next.clone();
            open.sort_unstable_by(|one, other| {
                (front.distances.get(one), one).cmp(&(front.distances.get(other), other))
            });
            open.dedup();
            take(open)
        });
        let beside: Vec<_> = self.read_beside().into_iter().collect();
        let mut walks = Vec::new();
        for ((direction, _), mut near) in fronts.into_iter().zip(open) {
            if [direction, Direction::Both].contains(&self.reach.direction) {
                near.extend(take(beside.clone()));
            }
            let Some(first) = near.first() else { continue };
            let reach = Reach { direction, depth: 1, most, level: self.reach.level };
            let mut walk = Self::new(first.clone(), reach);
            *walk.front() = Front::at(near.iter());
            walks.push(walk);
        }
        (walks, rest)
    }

    /// Returns what operations on the way read that the walk did not come by.
    fn read_beside(&self) -> BTreeSet<Artifact> {
        let flows = self.operations.values().flat_map(|taken| taken.flows(self.reach.level));
        let onward = flows.filter(|flow| flow.of.iter().any(|read| self.forward.expanded(read, self.reach.depth)));
        onward.flat_map(|flow| flow.of).filter(|read| !self.reached(read)).collect()
    }

    /// Returns how far a walk has come that goes one way.
    fn front(&mut self) -> &mut Front {
        if self.reach.direction == Direction::Forward { &mut self.forward } else { &mut self.backward }
    }

    /// Returns what a walk began at that goes one way.
    pub(super) fn starts(&self) -> impl Iterator<Item = &Artifact> {
        let ahead = self.reach.direction == Direction::Forward;
        let front = if ahead { &self.forward } else { &self.backward };
        front.distances.iter().filter(|(_, distance)| **distance == 0).map(|(artifact, _)| artifact)
    }

    /// Visits what lies next to each of them, one operation at a time.
    pub(super) fn beside(&self, mut visit: impl FnMut(&Artifact, Offset, &[Artifact])) {
        let starts: HashSet<&Artifact> = self.starts().collect();
        for (&offset, taken) in &self.operations {
            for flow in taken.flows(self.reach.level) {
                let (near, far) = match self.reach.direction {
                    Direction::Forward => (&flow.of[..], flow.made.as_slice()),
                    _ => (flow.made.as_slice(), &flow.of[..]),
                };
                near.iter().filter(|place| starts.contains(place)).for_each(|place| visit(place, offset, far));
            }
        }
    }

    /// Says whether there were more operations than it takes.
    pub(super) fn is_cut(&self) -> bool {
        self.cut
    }

    /// Returns what the walk has found. When it came by nothing, that is the artifact it began at, if it is known to be one,
    /// or to be a column of one, which is its home.
    #[must_use]
    pub fn graph(self, home: Option<Artifact>) -> Graph {
        if self.is_empty() && home.is_none() {
            return Graph::empty(self.root, self.reach);
        }
        Graph::new(self.root, self.reach, home, [&self.backward, &self.forward], self.operations, self.cut)
    }
}
