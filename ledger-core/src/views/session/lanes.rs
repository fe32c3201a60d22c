//! A session as a picture: a lane for each actor, an edit a row, and what led to what across them.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use super::edited::Edited;
use crate::text::{Actor, EventId};
use crate::views::escape::{mermaid_text, plain, xml_text};

/// The most of an edit that is shown beside the lanes, in letters.
const SHOWN: usize = 60;
/// From lane to lane and from row to row of a picture.
const LANE: usize = 90;
const ROW: usize = 26;
const MARGIN: usize = 30;
const COLOURS: [&str; 8] = ["#0969da", "#1a7f37", "#bc4c00", "#8250df", "#bf3989", "#9a6700", "#1b7c83", "#cf222e"];

/// Edits in causal order, each in the lane of its actor.
#[derive(Clone, Debug)]
pub struct Lanes {
    edits: Vec<Edited>,
    actors: Vec<Actor>,
    lanes: Vec<usize>,
    /// Of each edit, the rows of the edits that led to it, and how many are not among these.
    causes: Vec<(Vec<usize>, usize)>,
}

impl Lanes {
    /// Takes edits that are in causal order. Lanes are in the order of the actors' first edits.
    #[must_use]
    pub fn of(edits: Vec<Edited>) -> Self {
        let mut actors: Vec<Actor> = Vec::new();
        let mut places: BTreeMap<Actor, usize> = BTreeMap::new();
        let lane = |edited: &Edited| {
            *places.entry(edited.actor().clone()).or_insert_with(|| {
                actors.push(edited.actor().clone());
                actors.len() - 1
            })
        };
        let lanes = edits.iter().map(lane).collect();
        let rows: HashMap<&EventId, usize> = edits.iter().map(Edited::id).zip(0..).collect();
        let causes = edits.iter().map(|edited| {
            let known: Vec<_> = edited.link.parents.iter().filter_map(|parent| rows.get(parent).copied()).collect();
            let unknown = edited.link.parents.len() - known.len();
            (known, unknown)
        });
        let causes = causes.collect();
        Self { edits, actors, lanes, causes }
    }

    /// Writes the lanes as text, an edit a line: its number, its lane, its stamp, what it does, and the numbers of its causes.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let width = self.edits.len().to_string().len() + 1;
        for (lane, actor) in self.actors.iter().enumerate() {
            let bars = "│ ".repeat(lane);
            let _ = writeln!(text, "{:width$}  {bars}┌ {}", "", plain(actor.as_str()));
        }
        let stamp =
            |edited: &Edited| edited.link.stamp.lamport.map_or_else(|| "-".to_owned(), |lamport| lamport.to_string());
        let stamps = self.edits.iter().map(|edited| stamp(edited).len()).max().unwrap_or(0);
        let last: Vec<_> = (0..self.actors.len()).map(|lane| self.lanes.iter().rposition(|&one| one == lane)).collect();
        for (row, edited) in self.edits.iter().enumerate() {
            let mark = |lane: usize| match lane {
                _ if lane == self.lanes[row] => "● ",
                _ if last[lane] > Some(row) => "│ ",
                _ => "  ",
            };
            let marks: String = (0..self.actors.len()).map(mark).collect();
            let (number, stamp) = (format!("#{}", row + 1), stamp(edited));
            let _ = write!(text, "{number:>width$}  {marks} {stamp:>stamps$}  {}", self.label(row));
            let (known, unknown) = &self.causes[row];
            let mut causes: Vec<_> = known.iter().map(|row| format!("#{}", row + 1)).collect();
            if *unknown > 0 {
                causes.push(format!("{unknown} not shown"));
            }
            let causes = causes.join(", ");
            let _ = if causes.is_empty() { writeln!(text) } else { writeln!(text, "  ← {causes}") };
        }
        text
    }

    /// Writes the lanes in the language of Mermaid.
    #[must_use]
    pub fn mermaid(&self) -> String {
        let mut text = String::from("flowchart TB\n");
        for (lane, actor) in self.actors.iter().enumerate() {
            let _ = writeln!(text, "  subgraph a{lane}[\"{}\"]\n    direction TB", mermaid_text(actor.as_str()));
            let rows: Vec<_> = self.rows(lane).collect();
            for &row in &rows {
                let _ = writeln!(text, "    e{row}[\"{}\"]", mermaid_text(&self.label(row)));
            }
            for pair in rows.windows(2).filter(|pair| !self.causes[pair[1]].0.contains(&pair[0])) {
                let _ = writeln!(text, "    e{} -.-> e{}", pair[0], pair[1]);
            }
            text.push_str("  end\n");
        }
        for (row, (known, _)) in self.causes.iter().enumerate() {
            known.iter().for_each(|cause| _ = writeln!(text, "  e{cause} --> e{row}"));
        }
        text
    }

    /// Draws the lanes as an SVG, from top to bottom. The same edits give the same bytes.
    #[must_use]
    pub fn svg(&self) -> String {
        let beside = MARGIN + self.actors.len() * LANE;
        let (width, height) = (beside + SHOWN * 8, 2 * MARGIN + (self.edits.len() + 1) * ROW);
        let x = |lane: usize| MARGIN + lane * LANE + LANE / 2;
        let y = |row: usize| MARGIN + (row + 1) * ROW;
        let mut text = format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">
<title>Session</title>
<rect width="{width}" height="{height}" fill="#ffffff"/>
<g font-family="monospace" font-size="12" fill="#1f2328">
"##
        );
        for (lane, actor) in self.actors.iter().enumerate() {
            let (x, colour) = (x(lane), COLOURS[lane % COLOURS.len()]);
            let (first, last) = (self.rows(lane).next().unwrap_or(0), self.rows(lane).last().unwrap_or(0));
            let (whole, shown) = (xml_text(actor.as_str()), xml_text(&cut(actor.as_str(), LANE / 8)));
            let _ = write!(
                text,
                r#"<g><title>{whole}</title><text x="{x}" y="{MARGIN}" text-anchor="middle">{shown}</text>"#
            );
            let (from, to) = (y(first), y(last));
            let _ = writeln!(text, r#"<path d="M{x} {from}V{to}" stroke="{colour}" stroke-width="2"/></g>"#);
        }
        for (row, (known, _)) in self.causes.iter().enumerate() {
            for &cause in known.iter().filter(|&&cause| self.lanes[cause] != self.lanes[row]) {
                let (x1, y1, x2, y2) = (x(self.lanes[cause]), y(cause), x(self.lanes[row]), y(row));
                let middle = y1.midpoint(y2);
                let way = format!("M{x1} {y1}C{x1} {middle} {x2} {middle} {x2} {y2}");
                let _ = writeln!(text, r##"<path d="{way}" fill="none" stroke="#6e7781"/>"##);
            }
        }
        for (row, edited) in self.edits.iter().enumerate() {
            let (lane, y) = (self.lanes[row], y(row));
            let (x, colour) = (x(lane), COLOURS[lane % COLOURS.len()]);
            let (id, label) = (xml_text(edited.id().as_str()), xml_text(&self.label(row)));
            let _ = write!(text, r#"<g><title>{id}</title><circle cx="{x}" cy="{y}" r="5" fill="{colour}"/>"#);
            let _ = writeln!(text, r#"<text x="{beside}" y="{}">{label}</text></g>"#, y + 4);
        }
        text.push_str("</g>\n</svg>\n");
        text
    }

    fn rows(&self, lane: usize) -> impl DoubleEndedIterator<Item = usize> {
        self.lanes.iter().enumerate().filter(move |(_, one)| **one == lane).map(|(row, _)| row)
    }

    fn label(&self, row: usize) -> String {
        let edited = &self.edits[row];
        plain(&cut(&format!("{}: {}", edited.domain, edited.edit), SHOWN))
    }
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Draft, Event, Offset};
    use crate::time::Timestamp;
    use crate::views::session::{Edit, in_causal_order};

    fn lanes() -> Lanes {
        let edited = |id: &str, lamport: u64, actor: &str, parents: &[&str], edit: Edit| {
            let payload = serde_json::json!({"domain": "doc", "op": edit});
            let draft = Draft::new("session.operation", &payload).unwrap().id(id).unwrap().actor(actor).unwrap();
            let draft = parents.iter().fold(draft.lamport(lamport), |draft, parent| draft.parent(*parent).unwrap());
            let event = Event { offset: Offset::START, recorded_at: Timestamp::EPOCH, draft };
            Edited::read(&event).unwrap().unwrap()
        };
        Lanes::of(in_causal_order(vec![
            edited("d", 10, "ann", &["b", "gone"], Edit::replace("p\"<\n").unwrap()),
            edited("a", 1, "ann", &[], Edit::insert("p").unwrap().at(3).unwrap()),
            edited("c", 2, "ann", &[], Edit::mutate("p").unwrap()),
            edited("b", 2, "bob", &["a"], Edit::delete("q").unwrap()),
        ]))
    }

    #[test]
    fn an_edit_is_a_line_in_the_lane_of_its_actor() {
        let expected = "    ┌ ann\n    │ ┌ bob\n\
                        #1  ● │   1  doc: insert p at 3\n\
                        #2  ● │   2  doc: mutate p\n\
                        #3  │ ●   2  doc: delete q  ← #1\n\
                        #4  ●    10  doc: replace p\"<\\n  ← #3, 1 not shown\n";
        assert_eq!(lanes().text(), expected);
    }

    #[test]
    fn names_in_diagrams_are_names_and_nothing_else() {
        let (mermaid, svg) = (lanes().mermaid(), lanes().svg());
        assert!(mermaid.contains("subgraph a1[\"bob\"]") && mermaid.contains("e0 --> e2"), "{mermaid}");
        assert!(mermaid.contains("e0 -.-> e1") && !mermaid.contains("p\"<"), "{mermaid}");
        assert!(svg.contains("replace p&quot;&lt;") && svg.contains("<title>d</title>"), "{svg}");
        assert_eq!(svg.matches("<circle").count(), 4);
    }
}
