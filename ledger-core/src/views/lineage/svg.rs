//! Lineage as a picture: an SVG that needs nothing beside it, laid out here so that nobody has to install Graphviz.

use std::fmt::Write;

use super::graph::{Class, End, Graph, Node};
use super::layout::{Layout, Place};
use super::prompt::Labels;
use crate::views::escape::xml_text;

/// From the left of one column to that of the next, and from row to row.
const COLUMN: usize = 264;
const ROW: usize = 48;
/// The size of a box. Between two rows, and between two columns, there is room for edges.
const WIDTH: usize = 204;
const HEIGHT: usize = 30;
const GAP: usize = COLUMN - WIDTH;
/// Around the picture: more than an edge takes that runs below the last row or turns left of the first column.
const MARGIN: usize = 40;
/// The most of a name that is shown, in the widths of a letter; it fills a box, with room for the mark of an open node.
const SHOWN: usize = 25;

const NOTHING: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" width="120" height="60" viewBox="0 0 120 60" role="img">
<title>Lineage</title>
<rect width="120" height="60" fill="#ffffff"/>
<text x="60" y="34" font-family="monospace" font-size="12" text-anchor="middle" fill="#57606a">nothing</text>
</svg>
"##;

impl Graph {
    /// Draws the graph as an SVG, from left to right. The same graph gives the same bytes.
    ///
    /// An input has round ends, a target a double border, what was dropped a dashed one, and the artifact that the walk
    /// began at a thick one. A trailing `…` says that the walk looked no further; a name too long for its box is cut in
    /// its middle. An operation at which it ends has no box, and its name in italics. The whole name, and the operations of an edge, show where the pointer rests.
    #[must_use]
    pub fn svg(&self, labels: &Labels) -> String {
        if self.is_empty() {
            return NOTHING.to_owned();
        }
        let (layout, ends) = (self.layout(), self.ends(&self.alike()));
        let (places, ways) = (layout.places(), ways(&layout, &ends));
        let width = 2 * MARGIN + layout.columns * COLUMN - GAP;
        let height = 2 * MARGIN + (layout.rows - 1) * ROW;
        // The background is part of the picture, or its dark text would be lost on a dark page.
        let mut text = format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">
<title>Lineage of {}</title>
<defs><marker id="ledger-arrow" viewBox="0 0 10 10" refX="10" refY="5" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0L10 5L0 10z" fill="#6e7781"/></marker></defs>
<rect width="{width}" height="{height}" fill="#ffffff"/>
<g fill="none" stroke="#6e7781" stroke-width="1.5" marker-end="url(#ledger-arrow)">
"##,
            xml_text(labels.name(&self.artifact))
        );
        for (from, to, operations) in &ways {
            let way = way(*from, places[*from], places[*to]);
            let _ = writeln!(text, r#"<path d="{way}"><title>{}</title></path>"#, xml_text(operations));
        }
        text.push_str("</g>\n<g font-family=\"monospace\" font-size=\"12\" text-anchor=\"middle\" fill=\"#1f2328\">\n");
        for (node, &place) in self.nodes.iter().zip(&places) {
            draw(&mut text, node, labels.name(&node.artifact), place, node.artifact == self.artifact);
        }
        for (end, &place) in ends.iter().zip(&places[self.nodes.len()..]) {
            let (x, y, label) = (left(place) + 6, middle(place) + 4, end.label());
            let (whole, shown) = (xml_text(&label), xml_text(&short(&label)));
            let text = &mut text;
            let _ = write!(text, "<g><title>{whole}</title>");
            let _ =
                writeln!(text, r#"<text x="{x}" y="{y}" text-anchor="start" font-style="italic">{shown}</text></g>"#);
        }
        text.push_str("</g>\n</svg>\n");
        text
    }
}

/// Returns all that is drawn between two places, each with the names of its operations.
fn ways(layout: &Layout, ends: &[End<'_>]) -> Vec<(usize, usize, String)> {
    let mut ways: Vec<_> = layout.links.iter().map(|link| (link.from, link.to, link.names())).collect();
    for (place, end) in (layout.nodes.len()..).zip(ends) {
        let label = end.label();
        ways.extend(end.read.iter().map(|&from| (from, place, label.clone())));
        ways.extend(end.made.iter().map(|&to| (place, to, label.clone())));
    }
    ways
}

/// Writes the box of a node.
fn draw(text: &mut String, node: &Node, name: &str, place: Place, root: bool) {
    let (x, y) = (left(place), middle(place) - HEIGHT / 2);
    let (fill, round) = match node.class {
        Class::Input => ("#dafbe1", HEIGHT / 2),
        Class::Intermediate => ("#f6f8fa", 5),
        Class::Target => ("#ddf4ff", 5),
    };
    let border =
        if root { r##"stroke="#bc4c00" stroke-width="3" font-weight="bold""## } else { r##"stroke="#57606a""## };
    let dashes = if node.live { "" } else { r#" stroke-dasharray="5 3""# };
    let _ = write!(text, "<g {border}{dashes}><title>{}</title>", xml_text(name));
    let _ = write!(text, r#"<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="{round}" fill="{fill}"/>"#);
    if node.class == Class::Target {
        let (x, y, width, height) = (x + 4, y + 4, WIDTH - 8, HEIGHT - 8);
        let inner = format!(r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="2""#);
        let _ = write!(text, r#"{inner} fill="none" stroke-width="1"/>"#);
    }
    let (x, y, open) = (x + WIDTH / 2, middle(place) + 4, if node.open { "…" } else { "" });
    let _ = writeln!(text, r#"<text x="{x}" y="{y}" stroke="none">{}{open}</text></g>"#, xml_text(&short(name)));
}

/// Returns the path of an edge, from the right of one box to the left of another.
fn way(from: usize, start: Place, end: Place) -> String {
    let (x1, y1, x2, y2) = (left(start) + WIDTH, middle(start), left(end), middle(end));
    const BEND: usize = GAP / 2;
    if end.column == start.column + 1 {
        return format!("M{x1} {y1}C{} {y1} {} {y2} {x2} {y2}", x1 + BEND, x2 - BEND);
    }
    // What passes a column, or leads back, runs between two rows, or it would be lost behind the boxes. The lanes there
    // keep apart what comes from different boxes.
    let lane = if y2 < y1 { y1 - ROW / 2 } else { y1 + ROW / 2 } + from % 5 * 3 - 6;
    let (out, back) = if start.column < end.column { (x1 + GAP, x2 - GAP) } else { (x1, x2) };
    let (leaves, arrives) = (x1 + BEND, x2 - BEND);
    format!("M{x1} {y1}C{leaves} {y1} {leaves} {lane} {out} {lane}H{back}C{arrives} {lane} {arrives} {y2} {x2} {y2}")
}

fn left(place: Place) -> usize {
    MARGIN + place.column * COLUMN
}

fn middle(place: Place) -> usize {
    MARGIN + place.row * ROW
}

/// Cuts a name that does not fit into a box in its middle: the end of a path says more than what lies before it.
fn short(name: &str) -> String {
    // Letters of East Asia are about twice as wide as others.
    let width = |c: char| if c < '\u{1100}' { 1 } else { 2 };
    let fits = |chars: &mut dyn Iterator<Item = char>, most: usize| {
        let widths = chars.scan(0, |sum, c| {
            *sum += width(c);
            Some((*sum, c.len_utf8()))
        });
        widths.take_while(|&(sum, _)| sum <= most).map(|(_, bytes)| bytes).sum::<usize>()
    };
    if fits(&mut name.chars(), SHOWN) == name.len() {
        return name.to_owned();
    }
    let (head, tail) = (fits(&mut name.chars(), SHOWN / 2), fits(&mut name.chars().rev(), SHOWN / 2));
    format!("{}…{}", &name[..head], &name[name.len() - tail..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Offset;
    use crate::text::Artifact;
    use crate::views::lineage::{Edge, Reach};

    /// A graph of these artifacts, the first of which is its root; each edge is numbered, and `load` made it.
    fn graph(names: &[String], edges: &[(usize, usize)]) -> Graph {
        let artifact = |place: usize| Artifact::new(names[place].as_str()).unwrap();
        let mut graph = Graph::empty(artifact(0), Reach::default());
        let (mut read, mut made) = (vec![false; names.len()], vec![false; names.len()]);
        edges.iter().for_each(|&(from, to)| (read[from], made[to]) = (true, true));
        for place in 0..names.len() {
            let class = match (read[place], made[place]) {
                (false, _) => Class::Target,
                (true, true) => Class::Intermediate,
                (true, false) => Class::Input,
            };
            let (written, artifact) = (Vec::new(), artifact(place));
            let (table, untold, read_by) = (None, Vec::new(), Vec::new());
            graph.nodes.push(Node {
                artifact,
                table,
                class,
                live: true,
                distance: None,
                written,
                untold,
                read_by,
                open: false,
            });
        }
        for (offset, &(from, to)) in (1..).zip(edges) {
            let (from, to, operation) = (artifact(from), artifact(to), "load".to_owned());
            graph.edges.push(Edge { offset: Offset::new(offset).unwrap(), from, to, operation });
        }
        graph
    }

    fn numbered(count: usize) -> Vec<String> {
        (0..count).map(|place| format!("t_{place}")).collect()
    }

    fn places(graph: &Graph) -> Vec<Place> {
        graph.layout().places()
    }

    /// Random numbers below what is asked for, the same each time.
    fn dice(mut seed: u64) -> impl FnMut(usize) -> usize {
        move |sides| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % sides
        }
    }

    /// Returns the texts of an element, and fails unless the tags are balanced and the text is text.
    fn texts(svg: &str, element: &str) -> Vec<String> {
        let (mut open, mut texts): (Vec<&str>, Vec<String>) = (Vec::new(), Vec::new());
        assert!(svg.starts_with("<svg "), "{svg}");
        for piece in svg.split('<').skip(1) {
            let (tag, text) = piece.split_once('>').expect("a tag ends");
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            assert!(!tag.contains('&') && !text.contains(['>', '"', '\'']), "{piece}");
            assert!(piece.chars().all(|c| c == '\n' || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))));
            let name = tag.split([' ', '/']).next().unwrap();
            if let Some(closed) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(closed), "{piece}");
            } else if !tag.ends_with('/') {
                open.push(name);
            }
            if name == element {
                let signs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'")];
                let plain = signs.iter().fold(text.to_owned(), |text, (sign, c)| text.replace(sign, c));
                assert_eq!(plain.matches('&').count(), plain.matches("&amp;").count(), "{plain}");
                texts.push(plain.replace("&amp;", "&"));
            }
        }
        assert!(open.is_empty(), "{open:?}");
        texts
    }

    #[test]
    fn edges_lead_to_the_right_and_boxes_stand_apart() {
        let mut roll = dice(7);
        for round in 0..200 {
            let count = 2 + roll(40);
            let edges: Vec<_> = (0..roll(80)).map(|_| (roll(count), roll(count))).filter(|(a, b)| a != b).collect();
            // Downwards by number there is no cycle, whatever the nodes are called.
            let edges: Vec<_> = edges.into_iter().map(|(a, b)| (a.max(b), a.min(b))).collect();
            let graph = graph(&numbered(count), &edges);
            let places = places(&graph);
            for &(from, to) in &edges {
                assert!(places[from].column < places[to].column, "round {round}: {from} to {to} of {edges:?}");
            }
            let mut apart: Vec<_> = places.iter().map(|place| (place.column, place.row)).collect();
            apart.sort_unstable();
            apart.dedup();
            assert_eq!(apart.len(), count, "round {round}");
            assert_eq!(texts(&graph.svg(&Labels::default()), "text").len(), count);
        }
    }

    #[test]
    fn an_input_stands_next_to_what_reads_it() {
        let graph = graph(&numbered(5), &[(3, 2), (2, 1), (1, 0), (4, 0)]);
        let columns: Vec<_> = places(&graph).iter().map(|place| place.column).collect();
        assert_eq!(columns, [3, 2, 1, 0, 2]);
    }

    #[test]
    fn cycles_end_and_each_of_their_edges_is_drawn() {
        let own = graph(&numbered(1), &[(0, 0)]).svg(&Labels::default());
        assert!(own.contains("<path d=\"M244 40C274 40 274 58 244 58H40C10 58 10 40 40 40\">"), "{own}");
        let ring: Vec<_> = (0..1000).map(|place| (place, (place + 1) % 1000)).chain([(5, 5), (9, 3)]).collect();
        let svg = graph(&numbered(1000), &ring).svg(&Labels::default());
        assert_eq!(texts(&svg, "path").len(), 1 + ring.len(), "the arrowhead is one too");
        let mut roll = dice(9);
        for _ in 0..200 {
            let count = 1 + roll(12);
            let edges: Vec<_> = (0..roll(40)).map(|_| (roll(count), roll(count))).collect();
            texts(&graph(&numbered(count), &edges).svg(&Labels::default()), "text");
        }
    }

    #[test]
    fn a_long_chain_with_many_inputs_is_drawn_and_the_same_each_time() {
        let count = 10_000;
        let chain = (1..count).map(|place| (place, place - 1));
        let edges: Vec<_> = chain.chain((0..count - 7).map(|place| (place + 7, place))).collect();
        let mut graph = graph(&numbered(count), &edges);
        let svg = graph.svg(&Labels::default());
        assert_eq!(texts(&svg, "text").len(), count);
        graph.edges.reverse();
        assert_eq!(graph.svg(&Labels::default()), svg, "whatever the order of its edges");
    }

    #[test]
    fn names_are_names_and_nothing_else() {
        let names = [
            "\"><script>alert(1)</script>",
            "' onload='x",
            "]]>",
            "<!--",
            "&amp;",
            "line\nbreak",
            "bell\u{7}\u{1b}[0m\u{85}\u{ffff}",
            "ünï/表😀",
        ]
        .map(str::to_owned);
        let mut graph = graph(&names, &[(1, 0), (2, 0), (3, 0), (4, 1), (5, 1), (6, 2), (7, 2)]);
        graph.edges.iter_mut().for_each(|edge| edge.operation = edge.from.as_str().to_owned());
        let svg = graph.svg(&Labels::default());
        let shown = names.map(|name| match name.as_str() {
            "line\nbreak" => "line break".to_owned(),
            name if name.starts_with("bell") => "bell\u{fffd}\u{fffd}[0m\u{fffd}\u{fffd}".to_owned(),
            name => name.to_owned(),
        });
        let titles = texts(&svg, "title");
        assert_eq!(titles[0], format!("Lineage of {}", shown[0]));
        assert_eq!(titles[1..8], shown[1..], "of the edges");
        assert_eq!(titles[8..], shown, "of the nodes");
        assert_eq!(texts(&svg, "text")[0], "\"><script>al…(1)</script>");
        assert_eq!(texts(&svg, "text")[1..], shown[1..]);
        let labels: Labels = [("]]>", "<b>")].into_iter().collect();
        assert!(texts(&graph.svg(&labels), "text").contains(&"<b>".to_owned()));
    }

    #[test]
    fn a_node_shows_what_it_is_and_an_edge_all_its_operations() {
        let mut graph = graph(&numbered(3), &[(1, 0), (1, 0), (1, 0), (2, 1)]);
        graph.edges[1].operation = "add".to_owned();
        graph.nodes[1].live = false;
        graph.nodes[2].open = true;
        let svg = graph.svg(&Labels::default());
        assert_eq!(texts(&svg, "title"), ["Lineage of t_0", "add, load", "load", "t_0", "t_1", "t_2"]);
        assert_eq!(texts(&svg, "text"), ["t_0", "t_1", "t_2…"]);
        let line = |name: &str| svg.lines().find(|line| line.contains(&format!("<title>{name}<"))).unwrap();
        let has = |what: &str| ["t_0", "t_1", "t_2"].map(|name| line(name).matches(what).count());
        assert_eq!(has("<rect"), [2, 1, 1], "a target has two borders");
        assert_eq!(has("rx=\"15\""), [0, 0, 1], "an input is round");
        assert_eq!(has("dasharray"), [0, 1, 0]);
        assert_eq!(has("bold"), [1, 0, 0]);
    }

    #[test]
    fn a_long_name_is_cut_in_its_middle() {
        assert_eq!(short("warehouse/2024/orders.csv"), "warehouse/2024/orders.csv");
        assert_eq!(short("warehouse/2024/07/orders.csv"), "warehouse/20…7/orders.csv");
        assert_eq!(short(&"表".repeat(12)), "表".repeat(12));
        assert_eq!(short(&"表".repeat(13)), "表表表表表表…表表表表表表");
    }

    #[test]
    fn nothing_is_drawn_as_nothing() {
        let graph = Graph::empty(Artifact::new("t").unwrap(), Reach::default());
        assert_eq!(texts(&graph.svg(&Labels::default()), "text"), ["nothing"]);
    }
}
