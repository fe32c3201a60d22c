//! What a walk has found: artifacts, operations, and which led to which.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use serde::Serialize;

use crate::event::Offset;
use crate::text::Artifact;

use super::flow::{Level, home, named};
use super::walk::{Found, Front, Taken};
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

/// An artifact in a graph, or a column of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Which artifact, or which column, as `artifact.column`.
    pub artifact: Artifact,
    /// The artifact that the column belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<Artifact>,
    /// Its part.
    pub class: Class,
    /// Whether it is still there: it was not dropped since it was last written or created.
    pub live: bool,
    /// How many operations away it is; nothing for what an operation read beside the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance: Option<usize>,
    /// The operations of the graph that wrote it, oldest first.
    pub written: Vec<Offset>,
    /// Those of them that do not say of which columns they made it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub untold: Vec<Offset>,
    /// The operations of the graph that read it, and of which the graph shows nothing that they made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub read_by: Vec<Offset>,
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
    /// What its nodes are.
    pub level: Level,
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
    /// The operations where a lineage of columns ends, because they do not say of which columns they make which.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub untold: Vec<Offset>,
    /// Events that the look-up came by, which call themselves operations and are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Offset>,
}

impl Graph {
    pub(super) fn empty(artifact: Artifact, reach: Reach) -> Self {
        Self {
            artifact,
            level: reach.level,
            direction: reach.direction,
            depth: reach.depth,
            cut: false,
            nodes: Vec::new(),
            operations: Vec::new(),
            edges: Vec::new(),
            untold: Vec::new(),
            unread: Vec::new(),
        }
    }

    pub(super) fn new(
        root: Artifact,
        reach: Reach,
        home_of_root: Option<Artifact>,
        [backward, forward]: [&Front; 2],
        operations: BTreeMap<Offset, Taken>,
        cut: bool,
    ) -> Self {
        let mut graph = Self { cut, ..Self::empty(root, reach) };
        let mut parts: HashMap<Artifact, Parts> = HashMap::new();
        let at_root = Parts { home: home_of_root.filter(|_| reach.level == Level::Columns), ..Parts::default() };
        parts.insert(graph.artifact.clone(), at_root);
        let open: HashSet<&Artifact> = backward.next.iter().chain(&forward.next).collect();
        for (offset, taken) in operations {
            for flow in taken.flows(reach.level) {
                // Looking back, an operation matters for what it made on the way; looking ahead, for all that it made.
                let ahead = flow.of.iter().any(|read| forward.expanded(read, reach.depth));
                let behind = flow.made.as_ref().is_some_and(|made| backward.expanded(made, reach.depth));
                if !ahead && !behind {
                    continue;
                }
                let mut part = |name: &Artifact, change: &dyn Fn(&mut Parts)| {
                    let part = parts.entry(name.clone()).or_default();
                    if reach.level == Level::Columns && part.home.is_none() {
                        part.home = home(named(&taken.operation), name).cloned();
                    }
                    change(part);
                };
                for from in &flow.of {
                    match &flow.made {
                        Some(to) => {
                            part(from, &|part| part.read = true);
                            let (from, to, operation) = (from.clone(), to.clone(), taken.operation.name.clone());
                            graph.edges.push(Edge { offset, from, to, operation });
                        }
                        None => part(from, &|part| {
                            part.read = true;
                            part.read_by.push(offset);
                        }),
                    }
                }
                if let Some(made) = &flow.made {
                    part(made, &|part| {
                        part.written.push(offset);
                        part.untold.extend(flow.untold.then_some(offset));
                    });
                }
                if flow.untold && graph.untold.last() != Some(&offset) {
                    graph.untold.push(offset);
                }
            }
            graph.operations.push(Found { offset, operation: taken.operation });
        }
        let distance = |artifact: &Artifact| {
            [backward, forward].iter().filter_map(|front| front.distances.get(artifact).copied()).min()
        };
        let nodes = parts.into_iter().map(|(artifact, parts)| Node {
            class: parts.class(),
            table: parts.home,
            live: true,
            distance: distance(&artifact),
            open: open.contains(&artifact),
            written: parts.written,
            untold: parts.untold,
            read_by: parts.read_by,
            artifact,
        });
        graph.nodes = nodes.collect();
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

    /// Returns the operations at which the graph ends, in their order: those that read something, and of which it shows
    /// nothing that they made, and those that made something, and do not say of what.
    pub(super) fn ends(&self, alike: &Alike) -> Vec<End<'_>> {
        let mut ends: BTreeMap<Offset, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (place, node) in self.nodes.iter().enumerate() {
            node.read_by.iter().for_each(|offset| ends.entry(*offset).or_default().0.push(place));
            node.untold.iter().for_each(|offset| ends.entry(*offset).or_default().1.push(place));
        }
        let end = |(offset, (read, made)): (Offset, _)| {
            let (found, times) = (self.operation(offset)?, alike.times(offset)?);
            Some(End { found, times, level: self.level, read, made })
        };
        ends.into_iter().filter_map(end).collect()
    }

    /// Puts together the operations of one name that did the same, as far as the graph shows it: a table that was made a hundred
    /// times, or that thousands of queries read, would be lost among them.
    pub(super) fn alike(&self) -> Alike {
        #[derive(Default, PartialEq, Eq, Hash)]
        struct Did<'g> {
            edges: Vec<(&'g Artifact, &'g Artifact)>,
            written: Vec<usize>,
            untold: Vec<usize>,
            read: Vec<usize>,
        }
        let mut did: BTreeMap<Offset, Did<'_>> = BTreeMap::new();
        self.edges.iter().for_each(|edge| did.entry(edge.offset).or_default().edges.push((&edge.from, &edge.to)));
        for (place, node) in self.nodes.iter().enumerate() {
            node.written.iter().for_each(|offset| did.entry(*offset).or_default().written.push(place));
            node.untold.iter().for_each(|offset| did.entry(*offset).or_default().untold.push(place));
            node.read_by.iter().for_each(|offset| did.entry(*offset).or_default().read.push(place));
        }
        let mut groups: HashMap<_, (Offset, usize)> = HashMap::new();
        for (offset, mut did) in did {
            did.edges.sort_unstable();
            let name = self.operation(offset).map(|found| found.operation.name.as_str());
            let (newest, times) = groups.entry((name, did)).or_insert((offset, 0));
            (*newest, *times) = (offset, *times + 1);
        }
        Alike(groups.into_values().collect())
    }

    /// Returns an operation of the graph.
    #[must_use]
    pub fn operation(&self, offset: Offset) -> Option<&Found> {
        let place = self.operations.binary_search_by_key(&offset, |found| found.offset);
        place.ok().map(|place| &self.operations[place])
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
    pub(super) fn expanded(&self, artifact: &Artifact, depth: usize) -> bool {
        self.distances.get(artifact).is_some_and(|&distance| distance < depth)
    }
}

/// The newest of each group of operations that did the same, and how many they are.
pub(super) struct Alike(HashMap<Offset, usize>);

impl Alike {
    /// Returns how many did the same as an operation; nothing unless it is the newest of them.
    pub(super) fn times(&self, offset: Offset) -> Option<usize> {
        self.0.get(&offset).copied()
    }

    /// Returns the name of an operation and how many did the same; nothing unless it is the newest of them.
    pub(super) fn label(&self, operation: &str, offset: Offset) -> Option<String> {
        self.times(offset).map(|times| format!("{operation}{}", counted(times)))
    }
}

/// Says how many, unless it is one.
fn counted(times: usize) -> String {
    if times > 1 { format!(" × {times}") } else { String::new() }
}

/// An operation at which a graph ends.
pub(super) struct End<'g> {
    /// The operation; of several, the newest.
    pub found: &'g Found,
    /// How many did the same.
    pub times: usize,
    level: Level,
    /// The places of the nodes that it read.
    pub read: Vec<usize>,
    /// The places of those that it made of it does not say what.
    pub made: Vec<usize>,
}

impl End<'_> {
    /// Returns the name of the operation, and why nothing leads on.
    pub(super) fn label(&self) -> String {
        let untold = if self.level == Level::Columns { UNTOLD } else { "" };
        format!("{}{}{untold}", self.found.operation.name, counted(self.times))
    }
}

/// Beside an operation that does not say which columns it makes of which.
pub(super) const UNTOLD: &str = " (columns not given)";

impl Node {
    /// Returns what is dropped when it is: the artifact, or that of the column.
    #[must_use]
    pub fn home(&self) -> &Artifact {
        self.table.as_ref().unwrap_or(&self.artifact)
    }

    /// The nearest first, then by name; what was read beside the way comes last.
    fn order(&self) -> (usize, &Artifact) {
        (self.distance.unwrap_or(usize::MAX), &self.artifact)
    }
}

#[derive(Default)]
struct Parts {
    home: Option<Artifact>,
    written: Vec<Offset>,
    untold: Vec<Offset>,
    read_by: Vec<Offset>,
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
