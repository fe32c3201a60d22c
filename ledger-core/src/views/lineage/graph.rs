//! What a walk has found: artifacts, operations, and which led to which.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use serde::Serialize;

use crate::event::Offset;
use crate::text::Artifact;
use crate::views::Operation;

use super::walk::{Found, Front};
use super::{Direction, Reach};

/// The part that an artifact has in a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Operations of the graph read it and none writes it.
    Input,
    /// They do both.
    Intermediate,
    /// None reads it.
    Target,
}

/// An artifact in a graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Which artifact.
    pub artifact: Artifact,
    /// Its part.
    pub class: Class,
    /// Whether it is still there: it was not dropped since it was last written or created.
    pub live: bool,
    /// How many operations away it is; nothing for what an operation read beside the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance: Option<usize>,
    /// The operations of the graph that wrote it, oldest first.
    pub written: Vec<Offset>,
    /// Whether the walk looked no further here, because of its depth or its size.
    pub open: bool,
}

/// What one operation made of what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Edge {
    /// The operation that did it.
    pub offset: Offset,
    /// What it read.
    pub from: Artifact,
    /// What it wrote.
    pub to: Artifact,
    /// The name of the operation.
    pub operation: String,
}

/// The lineage of an artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Graph {
    /// Where the walk began.
    pub artifact: Artifact,
    /// Which way it went.
    pub direction: Direction,
    /// How many operations far at most.
    pub depth: usize,
    /// Whether there were more operations than it takes.
    pub cut: bool,
    /// The artifacts, the nearest first.
    pub nodes: Vec<Node>,
    /// The operations, in the order they ended.
    pub operations: Vec<Found>,
    /// What led to what, in the order of the operations.
    pub edges: Vec<Edge>,
    /// Events that the look-up came by, which call themselves operations and are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Offset>,
}

impl Graph {
    pub(super) fn empty(artifact: Artifact, reach: Reach) -> Self {
        Self {
            artifact,
            direction: reach.direction,
            depth: reach.depth,
            cut: false,
            nodes: Vec::new(),
            operations: Vec::new(),
            edges: Vec::new(),
            unread: Vec::new(),
        }
    }

    pub(super) fn new(
        root: Artifact,
        reach: Reach,
        backward: &Front,
        forward: &Front,
        operations: BTreeMap<Offset, Operation>,
        cut: bool,
    ) -> Self {
        let mut graph = Self { cut, ..Self::empty(root, reach) };
        let mut parts: HashMap<Artifact, Parts> = HashMap::from([(graph.artifact.clone(), Parts::default())]);
        let open: HashSet<&Artifact> = backward.next.iter().chain(&forward.next).collect();
        for (offset, operation) in operations {
            // Looking back, an operation matters for what it made on the way; looking ahead, for all that it made.
            let ahead = operation.inputs.artifacts().any(|read| forward.expanded(read, reach.depth));
            let mut once = HashSet::new();
            let made = operation.outputs.iter().filter(|made| once.insert(*made));
            let mut read = HashSet::new();
            let reads: Vec<_> = operation.inputs.artifacts().filter(|from| read.insert(*from)).collect();
            reads.iter().for_each(|from| parts.entry((*from).clone()).or_default().read = true);
            for made in made.filter(|made| ahead || backward.distances.contains_key(*made)) {
                parts.entry(made.clone()).or_default().written.push(offset);
                for &from in &reads {
                    let (from, to, operation) = (from.clone(), made.clone(), operation.name.clone());
                    graph.edges.push(Edge { offset, from, to, operation });
                }
            }
            graph.operations.push(Found { offset, operation });
        }
        let distance = |artifact: &Artifact| {
            [backward, forward].iter().filter_map(|front| front.distances.get(artifact).copied()).min()
        };
        graph.nodes = parts
            .into_iter()
            .map(|(artifact, parts)| Node {
                class: parts.class(),
                live: true,
                distance: distance(&artifact),
                open: open.contains(&artifact),
                written: parts.written,
                artifact,
            })
            .collect();
        graph.nodes.sort_unstable_by(|one, other| one.order().cmp(&other.order()));
        graph
    }

    /// Says whether there is nothing: no operation and no note names the artifact.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Returns the node of an artifact.
    #[must_use]
    pub fn node(&self, artifact: &Artifact) -> Option<&Node> {
        self.nodes.iter().find(|node| node.artifact == *artifact)
    }

    /// Returns a shortest way along the edges from one artifact to another, or nothing when there is none.
    #[must_use]
    pub fn path(&self, from: &Artifact, to: &Artifact) -> Option<Vec<Edge>> {
        let mut onward: HashMap<&Artifact, Vec<&Edge>> = HashMap::new();
        self.edges.iter().for_each(|edge| onward.entry(&edge.from).or_default().push(edge));
        let mut came: HashMap<&Artifact, &Edge> = HashMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(at) = queue.pop_front() {
            if at == to {
                let mut path = Vec::new();
                let mut at = to;
                while at != from
                    && let Some(edge) = came.get(at)
                {
                    path.push((*edge).clone());
                    at = &edge.from;
                }
                path.reverse();
                return Some(path);
            }
            for edge in onward.get(at).into_iter().flatten() {
                if edge.to != *from && !came.contains_key(&edge.to) {
                    came.insert(&edge.to, edge);
                    queue.push_back(&edge.to);
                }
            }
        }
        None
    }
}

impl Front {
    /// Says whether the walk went on from here.
    fn expanded(&self, artifact: &Artifact, depth: usize) -> bool {
        self.distances.get(artifact).is_some_and(|&distance| distance < depth)
    }
}

impl Node {
    /// The nearest first, then by name; what was read beside the way comes last.
    fn order(&self) -> (usize, &Artifact) {
        (self.distance.unwrap_or(usize::MAX), &self.artifact)
    }
}

#[derive(Default)]
struct Parts {
    written: Vec<Offset>,
    read: bool,
}

impl Parts {
    fn class(&self) -> Class {
        match (self.read, self.written.is_empty()) {
            (true, true) => Class::Input,
            (true, false) => Class::Intermediate,
            (false, _) => Class::Target,
        }
    }
}
