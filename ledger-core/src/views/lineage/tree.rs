//! Lineage as a tree for a terminal.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use crate::event::Offset;
use crate::text::Artifact;
use crate::views::escape::plain;

use super::Direction;
use super::flow::Level;
use super::graph::{Alike, Edge, Graph, Node, UNTOLD};
use super::prompt::Labels;

impl Graph {
    /// Writes the graph as a tree, or as two when it leads both ways. What was shown already is not opened again, and
    /// operations that did the same are one, with their number.
    #[must_use]
    pub fn tree(&self, labels: &Labels) -> String {
        if self.is_empty() {
            return String::new();
        }
        let directions: &[_] = match self.direction {
            Direction::Both => &[Direction::Backward, Direction::Forward],
            Direction::Backward => &[Direction::Backward],
            Direction::Forward => &[Direction::Forward],
        };
        let (mut text, alike) = (String::new(), self.alike());
        for (place, &direction) in directions.iter().enumerate() {
            if directions.len() > 1 {
                let heading = if direction == Direction::Backward { "made from" } else { "used for" };
                let _ = writeln!(text, "{}{heading}", if place > 0 { "\n" } else { "" });
            }
            Tree::new(self, &alike, labels, direction).write(&mut text);
        }
        text
    }
}

struct Tree<'g> {
    labels: &'g Labels,
    direction: Direction,
    root: &'g Artifact,
    nodes: HashMap<&'g Artifact, &'g Node>,
    graph: &'g Graph,
    alike: &'g Alike,
    /// What lies next to an artifact, in the direction of the tree.
    next: HashMap<&'g Artifact, Vec<&'g Edge>>,
}

/// A line that is still to be written: what it stands for, how it was come by, and the lines drawn before it.
struct Line<'g> {
    artifact: &'g Artifact,
    via: Option<(String, Offset)>,
    before: String,
    last: bool,
}

impl<'g> Tree<'g> {
    fn new(graph: &'g Graph, alike: &'g Alike, labels: &'g Labels, direction: Direction) -> Self {
        let (mut next, mut pairs): (HashMap<&Artifact, Vec<&Edge>>, _) = (HashMap::new(), HashSet::new());
        for edge in &graph.edges {
            if direction == Direction::Forward {
                if alike.times(edge.offset).is_some() {
                    next.entry(&edge.from).or_default().push(edge);
                }
            } else if pairs.insert((&edge.from, &edge.to)) {
                // What was read again by each writer is one line: the writers stand beside what they made.
                next.entry(&edge.to).or_default().push(edge);
            }
        }
        let nodes = graph.nodes.iter().map(|node| (&node.artifact, node)).collect();
        Self { labels, direction, root: &graph.artifact, nodes, graph, alike, next }
    }

    fn write(&self, text: &mut String) {
        let mut shown = HashSet::new();
        // A stack and no recursion: a chain may be longer than a thread's stack is deep.
        let mut lines = vec![Line { artifact: self.root, via: None, before: String::new(), last: true }];
        while let Some(line) = lines.pop() {
            let branch = match (&line.via, line.last) {
                (None, _) => "",
                (_, true) => "└─ ",
                (_, false) => "├─ ",
            };
            let _ = write!(text, "{}{branch}{}", line.before, plain(self.labels.name(line.artifact)));
            match &line.via {
                Some((operation, offset)) if self.direction == Direction::Forward => {
                    let _ = write!(text, "  via {} @{offset}", plain(operation));
                }
                _ => self.write_makers(text, line.artifact),
            }
            self.write_readers(text, line.artifact);
            let again = !shown.insert(line.artifact);
            let next = self.next.get(line.artifact).map(Vec::as_slice).unwrap_or_default();
            if let Some(node) = self.nodes.get(line.artifact) {
                text.push_str(if node.live { "" } else { "  (dropped)" });
                text.push_str(if node.open { "  (not looked past)" } else { "" });
            }
            text.push_str(if again && !next.is_empty() { "  (shown above)\n" } else { "\n" });
            if again {
                continue;
            }
            let before = match (&line.via, line.last) {
                (None, _) => String::new(),
                (_, true) => line.before + "   ",
                (_, false) => line.before + "│  ",
            };
            for (place, edge) in next.iter().enumerate().rev() {
                let artifact = if self.direction == Direction::Forward { &edge.to } else { &edge.from };
                let label = self.alike.label(&edge.operation, edge.offset).unwrap_or_default();
                let via = Some((label, edge.offset));
                lines.push(Line { artifact, via, before: before.clone(), last: place + 1 == next.len() });
            }
        }
    }
}

impl Tree<'_> {
    /// Says which operations read an artifact and made nothing of it.
    fn write_readers(&self, text: &mut String, artifact: &Artifact) {
        let node = self.nodes.get(artifact).filter(|_| self.direction == Direction::Forward);
        for found in node.iter().flat_map(|node| &node.read_by).filter_map(|offset| self.graph.operation(*offset)) {
            let Some(label) = self.alike.label(&found.operation.name, found.offset) else { continue };
            let untold = if self.graph.level == Level::Columns { UNTOLD } else { "" };
            let _ = write!(text, "  read by {} @{}{untold}", plain(&label), found.offset);
        }
    }

    /// Says which operations made an artifact, the last of them first.
    fn write_makers(&self, text: &mut String, artifact: &Artifact) {
        const SHOWN: usize = 3;
        let Some(node) = self.nodes.get(artifact).filter(|_| self.direction == Direction::Backward) else { return };
        let makers = node.written.iter().rev().take(SHOWN).filter_map(|offset| self.graph.operation(*offset));
        for (place, found) in makers.enumerate() {
            let before = if place == 0 { "  ←" } else { "," };
            let untold = if node.untold.contains(&found.offset) { UNTOLD } else { "" };
            let _ = write!(text, "{before} {} @{}{untold}", plain(&found.operation.name), found.offset);
        }
        if node.written.len() > SHOWN {
            let _ = write!(text, " and {} more", node.written.len() - SHOWN);
        }
    }
}
