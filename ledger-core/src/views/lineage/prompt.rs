//! Lineage as plain text for language models: stable, citable, and no longer than asked for.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use crate::event::Offset;
use crate::text::Artifact;
use crate::views::Input;
use crate::views::escape::plain;

use super::flow::Level;
use super::graph::{Alike, Edge, Graph};
use super::walk::Found;

/// Friendly names for artifacts. An id is replaced where it stands as a whole word, the longest that fits first; what has
/// no label stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Labels(BTreeMap<String, String>);

impl<I: Into<String>, L: Into<String>> FromIterator<(I, L)> for Labels {
    fn from_iter<T: IntoIterator<Item = (I, L)>>(labels: T) -> Self {
        let pairs = labels.into_iter().map(|(id, label)| (id.into(), label.into()));
        Self(pairs.filter(|(id, _)| !id.is_empty()).collect())
    }
}

impl Labels {
    /// Returns the label of an artifact, or its name.
    #[must_use]
    pub fn name<'a>(&'a self, artifact: &'a Artifact) -> &'a str {
        self.0.get(artifact.as_str()).map_or(artifact.as_str(), String::as_str)
    }

    /// Replaces ids that stand in a text as whole words.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let mut ids: Vec<_> = self.0.iter().collect();
        ids.sort_by_key(|(id, _)| std::cmp::Reverse(id.len()));
        let (mut replaced, mut rest, mut before) = (String::with_capacity(text.len()), text, None);
        while let Some(first) = rest.chars().next() {
            let starts = |id: &str| {
                let after = rest.strip_prefix(id).map(|after| after.chars().next());
                after.is_some_and(|after| !joins(id.chars().last(), after))
            };
            // In the middle of a word no id can begin.
            let ids = if joins(before, Some(first)) { &[] } else { &ids[..] };
            let (taken, written) = match ids.iter().find(|(id, _)| starts(id)) {
                Some((id, label)) => (id.len(), label.as_str()),
                None => (first.len_utf8(), &rest[..first.len_utf8()]),
            };
            replaced.push_str(written);
            before = rest[..taken].chars().last();
            rest = &rest[taken..];
        }
        replaced
    }
}

/// Says whether two neighbours are parts of one word.
fn joins(left: Option<char>, right: Option<char>) -> bool {
    let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    word(left) && word(right)
}

/// How to write a prompt.
#[derive(Clone, Debug, Default)]
pub struct Prompt {
    /// The most tokens, at about four bytes each; the nearest operations come first, and what is left out is said. Below
    /// about 60, only that is.
    pub budget: Option<usize>,
    /// Whether each operation names the offset of its event, so that an answer can cite it.
    pub citations: bool,
    /// Friendly names.
    pub labels: Labels,
}

impl Prompt {
    const BYTES_PER_TOKEN: usize = 4;
    const SAYING_WHAT_IS_LEFT_OUT: usize = 160;

    /// Writes a graph as text.
    #[must_use]
    pub fn write(&self, graph: &Graph) -> String {
        let alike = graph.alike();
        let sections = sections(graph, &alike);
        let edges: Vec<&Edge> = graph.edges.iter().filter(|edge| alike.times(edge.offset).is_some()).collect();
        let most = self.budget.map_or(usize::MAX, |tokens| {
            tokens.saturating_mul(Self::BYTES_PER_TOKEN).saturating_sub(Self::SAYING_WHAT_IS_LEFT_OUT)
        });
        let count = graph.operations.len();
        let title = format!("# Data Lineage Graph\n\n## Operations ({count})\n");
        let (mut bytes, mut text) = (title.len(), title);
        let mut fits = |part: &String| {
            bytes += part.len();
            bytes <= most
        };
        // One at a time: what does not fit is not written.
        let written = sections.iter().map(|section| self.section(section, graph.level));
        let shown = written.take_while(&mut fits).inspect(|section| text.push_str(section)).count();
        let heading = format!("\n## Data Flow ({} edges)\n", edges.len());
        let mut flowed = 0;
        if shown == sections.len() && !edges.is_empty() && fits(&heading) {
            text.push_str(&heading);
            let written = edges.iter().map(|edge| self.flow(edge));
            flowed = written.take_while(&mut fits).inspect(|flow| text.push_str(flow)).count();
        }
        let (cut_sections, cut_flows) = (sections.len() - shown, edges.len() - flowed);
        if cut_sections + cut_flows > 0 {
            let things = if graph.level == Level::Columns { "columns" } else { "tables" };
            let _ = write!(
                text,
                "\nLeft out, to stay within {} tokens: {cut_sections} of {} {things}, {cut_flows} of {} edges.\n",
                self.budget.unwrap_or_default(),
                sections.len(),
                edges.len()
            );
        }
        if graph.cut {
            text.push_str("\nThere are more operations than were looked at.\n");
        }
        text
    }

    fn section(&self, section: &Section<'_>, level: Level) -> String {
        let (operation, columns) = (&section.found.operation, level == Level::Columns);
        let mut text = match section.made {
            Some(made) => format!("\n### {}: {}\n", if columns { "Column" } else { "Table" }, self.named(made)),
            None => format!("\n### No {}\n", if columns { "column" } else { "output" }),
        };
        let _ = writeln!(text, "- Operation: {}", code(&operation.name));
        if section.times > 1 {
            let _ = writeln!(text, "- Times: {}, of which this is the newest", section.times);
        }
        if columns {
            let from: Vec<_> = section.from.iter().map(|column| self.named(column)).collect();
            let from = match (section.made, section.untold) {
                (Some(_), true) => "not given".to_owned(),
                (Some(_), false) if from.is_empty() => "none".to_owned(),
                (Some(_), false) => from.join(", "),
                (None, _) => format!("{} (of which it made what is not given)", from.join(", ")),
            };
            let _ = writeln!(text, "- Columns: {from}");
        }
        for (name, input) in operation.inputs.iter() {
            let shown = match input {
                // Of those that say which columns they read, the artifacts say nothing more.
                Input::Artifact(_) if columns && !section.untold => continue,
                Input::Artifact(artifact) => self.named(artifact),
                Input::Value(value) => word(value.as_str()),
            };
            // A name cannot pass for a line of the operation's own.
            let name = if OWN_LINES.contains(&name) { code(name) } else { word(name) };
            let _ = writeln!(text, "- {name}: {shown}");
        }
        if let Some(sql) = operation.sql.as_deref().filter(|sql| !sql.trim().is_empty()) {
            let _ = writeln!(text, "- SQL: {}", code(&self.labels.apply(sql.trim())));
        }
        if self.citations {
            let _ = writeln!(text, "- Event: {}", section.found.offset);
        }
        text
    }

    fn flow(&self, edge: &Edge) -> String {
        let cited = if self.citations { format!(", event {}", edge.offset) } else { String::new() };
        format!("- {} → {} (via {}{cited})\n", self.named(&edge.from), self.named(&edge.to), code(&edge.operation))
    }

    fn named(&self, artifact: &Artifact) -> String {
        code(self.labels.name(artifact))
    }
}

/// What one operation did to make one thing.
struct Section<'g> {
    /// Nothing when it only read.
    made: Option<&'g Artifact>,
    found: &'g Found,
    /// How many did the same.
    times: usize,
    /// The columns that it made it of, or that it read.
    from: Vec<&'g Artifact>,
    /// Whether it does not say which columns it made of which.
    untold: bool,
}

/// Returns each thing that was made with the operation that made it, the nearest first; of operations that did the same, the
/// newest.
fn sections<'g>(graph: &'g Graph, alike: &Alike) -> Vec<Section<'g>> {
    let mut from: HashMap<(Offset, &Artifact), Vec<&Artifact>> = HashMap::new();
    if graph.level == Level::Columns {
        graph.edges.iter().for_each(|edge| from.entry((edge.offset, &edge.to)).or_default().push(&edge.from));
    }
    let mut sections = Vec::new();
    for node in &graph.nodes {
        // Of several writers the last one made what is there now.
        for found in node.written.iter().rev().filter_map(|offset| graph.operation(*offset)) {
            let Some(times) = alike.times(found.offset) else { continue };
            let from = from.remove(&(found.offset, &node.artifact)).unwrap_or_default();
            let untold = node.untold.contains(&found.offset);
            sections.push(Section { made: Some(&node.artifact), found, times, from, untold });
        }
    }
    for end in graph.ends(alike).into_iter().filter(|end| !end.read.is_empty()) {
        let from = end.read.iter().map(|&place| &graph.nodes[place].artifact).collect();
        let (found, times) = (end.found, end.times);
        sections.push(Section { made: None, found, times, from, untold: graph.level == Level::Columns });
    }
    sections
}

/// The lines that stand for the operation and not for its inputs.
const OWN_LINES: [&str; 5] = ["Operation", "Times", "Columns", "SQL", "Event"];

/// Writes a plain word or number as it is, and all else as code.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+');
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { code(text) }
}

/// Writes text as code in one line: nothing in it can end the code, or start a line.
fn code(text: &str) -> String {
    let text = plain(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_replace_whole_words_and_the_longest_first() {
        let labels: Labels = [("t_1", "orders"), ("t_1.a", "orders.id"), ("t_2", "people")].into_iter().collect();
        assert_eq!(labels.apply("t_1 t_10 xt_1 t_1.a (t_2)"), "orders t_10 xt_1 orders.id (people)");
        assert_eq!(labels.apply("ünïcode t_1ü"), "ünïcode t_1ü");
    }

    #[test]
    fn a_name_cannot_leave_its_line_or_its_quotes() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(code("a\n## Operations"), "`a\\n## Operations`");
        assert_eq!(code(r#"' OR true -- "\"#), r#"`' OR true -- "\`"#);
    }
}
