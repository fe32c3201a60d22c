//! Lineage as a diagram's source: Graphviz DOT and Mermaid. Names are escaped, so they are names and nothing else.

use std::collections::HashMap;
use std::fmt::Write;

use crate::text::Artifact;
use crate::views::escape::mermaid_text;

use super::graph::{Class, Graph};
use super::prompt::Labels;

impl Graph {
    /// Writes the graph in the language of Graphviz. Where it ends at an operation, because that made nothing or does not say
    /// what of what, its name stands without a box. Operations that did the same are one, with their number.
    #[must_use]
    pub fn dot(&self, labels: &Labels) -> String {
        let mut text = String::from("digraph lineage {\n  rankdir=LR;\n  node [shape=box];\n");
        let (places, alike) = (self.places(), self.alike());
        for (place, node) in self.nodes.iter().enumerate() {
            let shape = match node.class {
                Class::Input => "ellipse",
                Class::Intermediate => "box",
                Class::Target => "doubleoctagon",
            };
            let style = if node.live { "solid" } else { "dashed" };
            let label = dot_text(labels.name(&node.artifact));
            let _ = writeln!(text, "  n{place} [label=\"{label}\", shape={shape}, style={style}];");
        }
        for edge in &self.edges {
            let Some(label) = alike.label(&edge.operation, edge.offset) else { continue };
            let (from, to) = (places[&edge.from], places[&edge.to]);
            let _ = writeln!(text, "  n{from} -> n{to} [label=\"{}\"];", dot_text(&label));
        }
        for end in self.ends(&alike) {
            let (offset, label) = (end.found.offset, dot_text(&end.label()));
            let _ = writeln!(text, "  r{offset} [label=\"{label}\", shape=plaintext];");
            end.read.iter().for_each(|place| _ = writeln!(text, "  n{place} -> r{offset};"));
            end.made.iter().for_each(|place| _ = writeln!(text, "  r{offset} -> n{place};"));
        }
        text.push_str("}\n");
        text
    }

    /// Writes the graph in the language of Mermaid. Operations that did the same are one, with their number.
    #[must_use]
    pub fn mermaid(&self, labels: &Labels) -> String {
        let mut text = String::from("flowchart LR\n");
        let (places, alike) = (self.places(), self.alike());
        for (place, node) in self.nodes.iter().enumerate() {
            let (open, close) = match node.class {
                Class::Input => ("([", "])"),
                Class::Intermediate => ("[", "]"),
                Class::Target => ("[[", "]]"),
            };
            let _ = writeln!(text, "  n{place}{open}\"{}\"{close}", mermaid_text(labels.name(&node.artifact)));
        }
        for edge in &self.edges {
            let Some(label) = alike.label(&edge.operation, edge.offset) else { continue };
            let (from, to) = (places[&edge.from], places[&edge.to]);
            let _ = writeln!(text, "  n{from} -->|\"{}\"| n{to}", mermaid_text(&label));
        }
        for end in self.ends(&alike) {
            let (offset, label) = (end.found.offset, mermaid_text(&end.label()));
            let _ = writeln!(text, "  r{offset}>\"{label}\"]");
            end.read.iter().for_each(|place| _ = writeln!(text, "  n{place} --> r{offset}"));
            end.made.iter().for_each(|place| _ = writeln!(text, "  r{offset} --> n{place}"));
        }
        let dropped = self.nodes.iter().enumerate().filter(|(_, node)| !node.live);
        let dropped: Vec<_> = dropped.map(|(place, _)| format!("n{place}")).collect();
        if !dropped.is_empty() {
            let _ = writeln!(text, "  classDef dropped stroke-dasharray: 4\n  class {} dropped", dropped.join(","));
        }
        text
    }

    pub(super) fn places(&self) -> HashMap<&Artifact, usize> {
        self.nodes.iter().map(|node| &node.artifact).zip(0..).collect()
    }
}

/// Escapes what ends a quoted text in DOT or means something within it.
fn dot_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            // Graphviz reads entities in labels.
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
