//! What lies next to where a walk ended: counted, because who is shown that there is more asks how much.

use std::collections::{HashMap, HashSet};

use crate::text::Artifact;

use super::graph::Graph;
use super::walk::Walk;

/// What lies next to the places at which a graph was left open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beyond {
    /// The artifacts next to each that the graph does not have.
    hidden: HashMap<Artifact, HashSet<Artifact>>,
    /// Those that lead on for sure, or where nobody looked.
    open: HashSet<Artifact>,
}

impl Beyond {
    /// From how many places one looks further at most.
    pub const MOST_PLACES: usize = 200;
    /// How many operations one looks at for all of them in one direction: what is more is not counted.
    pub const MOST_OPERATIONS: usize = 2_000;

    /// Returns how many artifacts next to a place the graph does not have: at least 1 where there is an operation more,
    /// and where nobody looked.
    #[must_use]
    pub fn hidden(&self, place: &Artifact) -> usize {
        let found = self.hidden.get(place).map_or(0, HashSet::len);
        found.max(usize::from(self.open.contains(place)))
    }

    /// Starts with the places that nobody looks from.
    pub(crate) fn unseen(places: Vec<Artifact>) -> Self {
        Self { hidden: HashMap::new(), open: places.into_iter().collect() }
    }

    /// Adds what a walk has found that went one operation on from the open places of a graph.
    pub(crate) fn add(&mut self, graph: &Graph, walk: &Walk) {
        let known: HashSet<&Artifact> = graph.nodes.iter().map(|node| &node.artifact).collect();
        walk.beside(|place, offset, artifacts| {
            let hidden = artifacts.iter().filter(|artifact| !known.contains(artifact));
            self.hidden.entry(place.clone()).or_default().extend(hidden.cloned());
            if graph.operation(offset).is_none() {
                self.open.insert(place.clone());
            }
        });
        if walk.is_cut() {
            self.open.extend(walk.starts().cloned());
        }
    }
}
