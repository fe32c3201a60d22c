//! Where everything stands in a picture of lineage: worked out once, for the SVG that is drawn here and for whoever
//! draws it elsewhere, so that both look the same.

use serde::Serialize;

use crate::event::Offset;
use crate::text::Artifact;

use super::Direction;
use super::beyond::Beyond;
use super::flow::Level;
use super::graph::{Class, Edge, Graph, Node};

/// How often the columns are put in order, there and back. More changes little.
const SWEEPS: usize = 4;

/// A graph, laid out in columns from left to right and rows from top to bottom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layout {
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
    /// How many columns there are.
    pub columns: usize,
    /// How many rows the longest column has.
    pub rows: usize,
    /// The artifacts, the nearest first.
    pub nodes: Vec<Placed>,
    /// What leads straight from one to another.
    pub links: Vec<Link>,
    /// The operations at which the graph ends: they take places like nodes.
    pub ends: Vec<PlacedEnd>,
}

/// Where something stands, counted from the top left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// How many columns are to its left.
    pub column: usize,
    /// How many rows are above it.
    pub row: usize,
}

/// A node, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Placed {
    /// Which artifact, or which column, as `artifact.column`.
    pub artifact: Artifact,
    /// The artifact that the column belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<Artifact>,
    /// Its part.
    pub class: Class,
    /// Whether it is still there.
    pub live: bool,
    /// Whether there is more next to it than the graph has.
    pub open: bool,
    /// How many operations away it is; nothing for what an operation read beside the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance: Option<usize>,
    /// How many artifacts next to it the graph does not have: 0 unless it is open, and at least 1 if it is.
    pub hidden: usize,
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
}

/// All that leads straight from one node to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The place among the nodes of what was read.
    pub from: usize,
    /// That of what was made of it.
    pub to: usize,
    /// The operations that did it, in the order they ended.
    pub operations: Vec<Via>,
}

/// An operation by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Via {
    /// The event of its end.
    pub offset: Offset,
    /// What it does.
    pub name: String,
}

/// An operation at which a graph ends, because it made nothing or does not say what of what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlacedEnd {
    /// Which operation; of several of one name that did the same, the newest.
    #[serde(flatten)]
    pub operation: Via,
    /// How many did the same.
    pub times: usize,
    /// The places among the nodes of those that it read.
    pub read: Vec<usize>,
    /// The places of those that it does not say of what it made.
    pub made: Vec<usize>,
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
}

impl Graph {
    /// Lays the graph out, from left to right. The same graph is laid out the same.
    #[must_use]
    pub fn layout(&self) -> Layout {
        let (links, ends) = (links(self), self.ends(&self.alike()));
        let mut ways: Vec<_> = links.iter().map(|link| (link.from, link.to)).collect();
        for (place, end) in (self.nodes.len()..).zip(&ends) {
            ways.extend(end.read.iter().map(|&from| (from, place)));
            ways.extend(end.made.iter().map(|&to| (place, to)));
        }
        let grid = Grid::new(self.nodes.len() + ends.len(), ways);
        let of_ends = grid.places[self.nodes.len()..].iter().copied();
        let ends = ends.into_iter().zip(of_ends).map(|(end, place)| {
            let operation = Via { offset: end.found.offset, name: end.found.operation.name.clone() };
            PlacedEnd { operation, times: end.times, read: end.read, made: end.made, place }
        });
        Layout {
            artifact: self.artifact.clone(),
            level: self.level,
            direction: self.direction,
            depth: self.depth,
            cut: self.cut,
            columns: grid.columns,
            rows: grid.rows,
            ends: ends.collect(),
            nodes: self.nodes.iter().zip(&grid.places).map(|(node, &place)| Placed::new(node, place)).collect(),
            links,
        }
    }
}

impl Layout {
    /// Says how much lies next to each node, and that those are open which anything lies next to.
    #[must_use]
    pub fn looking(mut self, beyond: &Beyond) -> Self {
        for node in &mut self.nodes {
            node.hidden = beyond.hidden(&node.artifact);
            node.open = node.hidden > 0;
        }
        self
    }

    /// Returns where everything stands: the nodes, and after them the ends.
    pub(super) fn places(&self) -> Vec<Place> {
        let ends = self.ends.iter().map(|end| end.place);
        self.nodes.iter().map(|node| node.place).chain(ends).collect()
    }
}

impl Placed {
    fn new(node: &Node, place: Place) -> Self {
        Self {
            artifact: node.artifact.clone(),
            table: node.table.clone(),
            class: node.class,
            live: node.live,
            open: node.open,
            distance: node.distance,
            hidden: usize::from(node.open),
            place,
        }
    }
}

impl Link {
    /// Returns the names of its operations, each once.
    pub(super) fn names(&self) -> String {
        let mut names: Vec<_> = self.operations.iter().map(|operation| operation.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names.join(", ")
    }
}

/// Returns the edges of a graph, with one for all operations that lead from the same artifact to the same other.
fn links(graph: &Graph) -> Vec<Link> {
    let places = graph.places();
    let ends = |edge: &Edge| Some((*places.get(&edge.from)?, *places.get(&edge.to)?));
    let mut edges: Vec<_> = graph.edges.iter().filter_map(|edge| Some((ends(edge)?, edge))).collect();
    edges.sort_unstable_by_key(|&(ends, edge)| (ends, edge.offset, &edge.operation));
    let via = |edge: &Edge| Via { offset: edge.offset, name: edge.operation.clone() };
    let link = |same: &[((usize, usize), &Edge)]| {
        let ((from, to), _) = same[0];
        Link { from, to, operations: same.iter().map(|(_, edge)| via(edge)).collect() }
    };
    edges.chunk_by(|one, other| one.0 == other.0).map(link).collect()
}

/// Where all boxes stand.
struct Grid {
    places: Vec<Place>,
    columns: usize,
    rows: usize,
}

impl Grid {
    fn new(nodes: usize, all: Vec<(usize, usize)>) -> Self {
        let order = order(&followers(nodes, all.iter().copied()), &followers(nodes, turned(&all)));
        let mut turn = vec![0; nodes];
        order.iter().enumerate().for_each(|(at, &node)| turn[node] = at);
        // What leads back in this order closes a cycle: it is drawn, and places nothing.
        let ahead: Vec<_> = all.into_iter().filter(|&(from, to)| turn[from] < turn[to]).collect();
        let (after, before) = (followers(nodes, ahead.iter().copied()), followers(nodes, turned(&ahead)));
        let mut places: Vec<_> =
            columns(&order, &after, &before).into_iter().map(|column| Place { column, row: 0 }).collect();
        let mut columns = vec![Vec::new(); places.iter().map(|place| place.column + 1).max().unwrap_or_default()];
        order.iter().for_each(|&node| columns[places[node].column].push(node));
        let rows = columns.iter().map(Vec::len).max().unwrap_or_default();
        columns.iter().for_each(|column| stack(column, rows, &mut places));
        for _ in 0..SWEEPS {
            columns.iter_mut().for_each(|column| settle(column, rows, &before, &mut places));
            columns.iter_mut().rev().for_each(|column| settle(column, rows, &after, &mut places));
        }
        Self { places, columns: columns.len(), rows }
    }
}

fn turned(links: &[(usize, usize)]) -> impl Iterator<Item = (usize, usize)> {
    links.iter().map(|&(from, to)| (to, from))
}

/// Returns for each node those that follow it.
fn followers(nodes: usize, links: impl Iterator<Item = (usize, usize)>) -> Vec<Vec<usize>> {
    let mut followers = vec![Vec::new(); nodes];
    links.for_each(|(from, to)| followers[from].push(to));
    followers
}

/// Returns the nodes such that each stands before what follows it, but for what closes a cycle. The walk begins where
/// nothing leads to, so that a cycle is drawn from where the graph enters it.
fn order(after: &[Vec<usize>], before: &[Vec<usize>]) -> Vec<usize> {
    let nodes = 0..after.len();
    let starts = nodes.clone().filter(|&node| before[node].is_empty());
    let mut seen = vec![false; after.len()];
    let mut order = Vec::with_capacity(after.len());
    // A stack of its own: a chain of artifacts may be longer than calls can nest. All goes from the last to the first,
    // and is turned round at the end.
    let mut stack = Vec::new();
    for start in starts.rev().chain(nodes.rev()) {
        if !seen[start] {
            seen[start] = true;
            stack.push((start, after[start].iter().rev()));
        }
        while let Some((node, rest)) = stack.last_mut() {
            match rest.next() {
                Some(&next) if seen[next] => {}
                Some(&next) => {
                    seen[next] = true;
                    stack.push((next, after[next].iter().rev()));
                }
                None => {
                    order.push(*node);
                    stack.pop();
                }
            }
        }
    }
    order.reverse();
    order
}

/// Returns the column of each node: the length of the longest way to it. What nothing leads to stands next to the first
/// that it leads to, or all inputs of a long chain would crowd its beginning.
fn columns(order: &[usize], after: &[Vec<usize>], before: &[Vec<usize>]) -> Vec<usize> {
    let mut columns = vec![0; order.len()];
    for &node in order {
        columns[node] = before[node].iter().map(|&from| columns[from] + 1).max().unwrap_or_default();
    }
    for &node in order.iter().filter(|&&node| before[node].is_empty()) {
        columns[node] = after[node].iter().map(|&to| columns[to] - 1).min().unwrap_or_default();
    }
    columns
}

/// Orders a column by the mean row of each node's neighbours on one side; what has none there stays where it is.
fn settle(column: &mut [usize], rows: usize, neighbours: &[Vec<usize>], places: &mut [Place]) {
    let wanted = |&node: &usize| {
        let next = &neighbours[node];
        let sum: usize = next.iter().map(|&other| places[other].row).sum();
        if next.is_empty() { places[node].row as f64 } else { sum as f64 / next.len() as f64 }
    };
    let mut keyed: Vec<_> = column.iter().map(|node| (wanted(node), *node)).collect();
    keyed.sort_by(|one, other| one.0.total_cmp(&other.0));
    column.iter_mut().zip(keyed).for_each(|(place, (_, node))| *place = node);
    stack(column, rows, places);
}

/// Puts the nodes of a column below each other, half way down. Whole rows keep the room between rows free in all columns.
fn stack(column: &[usize], rows: usize, places: &mut [Place]) {
    let top = (rows - column.len()) / 2;
    column.iter().zip(top..).for_each(|(&node, row)| places[node].row = row);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::event::{Draft, Event};
    use crate::time::Timestamp;
    use crate::views::lineage::{Labels, Lineage, Prompt, Reach};
    use crate::views::{Operation, View};

    /// A ledger of operations: each has a name, what it reads and what it makes.
    fn lineage(operations: &[(&str, &[&str], &[&str])]) -> Lineage {
        let mut lineage = Lineage::default();
        for (offset, (name, reads, writes)) in (1..).zip(operations) {
            let mut operation = Operation::new(*name).unwrap();
            for (place, read) in reads.iter().enumerate() {
                operation = operation.input(format!("source_{place}"), Artifact::new(read).unwrap()).unwrap();
            }
            let operation = writes.iter().try_fold(operation, |operation, write| operation.output(*write)).unwrap();
            let (offset, draft): (_, Draft) = (Offset::new(offset).unwrap(), operation.finished().unwrap());
            lineage.apply(&Event { offset, recorded_at: Timestamp::EPOCH, draft });
        }
        lineage
    }

    fn laid_out(lineage: &Lineage, artifact: &str, direction: Direction, depth: usize) -> Value {
        let graph = lineage.graph(&Artifact::new(artifact).unwrap(), Reach::new(direction).depth(depth));
        serde_json::to_value(graph.layout()).unwrap()
    }

    #[test]
    fn a_layout_has_all_that_a_picture_shows_by_places() {
        let lineage = lineage(&[
            ("load", &["raw"], &["orders"]),
            ("load", &["raw"], &["orders"]),
            ("sum", &["orders", "people"], &["totals"]),
        ]);
        let layout = laid_out(&lineage, "totals", Direction::Backward, 1);
        assert_eq!((&layout["columns"], &layout["rows"], &layout["ends"]), (&json!(2), &json!(2), &json!([])));
        let node = |name: &str, class: &str, open: bool, column: usize, row: usize| {
            let (distance, hidden) = (1 - column, usize::from(open));
            json!({"artifact": name, "class": class, "live": true, "open": open, "distance": distance,
                "hidden": hidden, "column": column, "row": row})
        };
        let orders = node("orders", "input", true, 0, 0);
        assert_eq!(
            layout["nodes"],
            json!([node("totals", "target", false, 1, 0), orders, node("people", "input", true, 0, 1)])
        );
        let sum = json!([{"offset": 3, "name": "sum"}]);
        let links = json!([{"from": 1, "to": 0, "operations": sum}, {"from": 2, "to": 0, "operations": sum}]);
        assert_eq!(layout["links"], links);
        let whole = laid_out(&lineage, "totals", Direction::Backward, 9);
        let both = json!([{"offset": 1, "name": "load"}, {"offset": 2, "name": "load"}]);
        assert!(whole["links"].as_array().unwrap().iter().any(|link| link["operations"] == both), "{whole}");
    }

    #[test]
    fn an_operation_that_makes_nothing_has_a_place_of_its_own() {
        let layout = laid_out(&lineage(&[("report", &["totals"], &[])]), "totals", Direction::Forward, 9);
        let end = json!([{"offset": 1, "name": "report", "times": 1, "read": [0], "made": [], "column": 1, "row": 0}]);
        assert_eq!((&layout["ends"], &layout["links"]), (&end, &json!([])));
    }

    #[test]
    fn operations_that_make_nothing_and_do_the_same_are_one() {
        let lineage = lineage(&[
            ("report", &["totals"], &[]),
            ("report", &["totals"], &[]),
            ("report", &["totals", "people"], &[]),
            ("audit", &["totals"], &[]),
            ("report", &["totals"], &[]),
        ]);
        let ends = &laid_out(&lineage, "totals", Direction::Forward, 9)["ends"];
        let told: Vec<_> =
            ends.as_array().unwrap().iter().map(|end| [&end["offset"], &end["name"], &end["times"]]).collect();
        let one = |offset: u64, name: &str, times: u64| [json!(offset), json!(name), json!(times)];
        let all = [one(3, "report", 1), one(4, "audit", 1), one(5, "report", 3)];
        assert_eq!(told, all.each_ref().map(|[offset, name, times]| [offset, name, times]));
        let graph = lineage.graph(&Artifact::new("totals").unwrap(), Reach::new(Direction::Forward));
        assert_eq!(graph.ends(&graph.alike()).last().unwrap().label(), "report × 3");
    }

    #[test]
    fn operations_that_did_the_same_are_one_in_every_form() {
        let lineage = lineage(&[
            ("load", &["raw"], &["orders"]),
            ("sum", &["orders"], &["totals"]),
            ("load", &["raw"], &["orders"]),
            ("load", &["raw", "more"], &["orders"]),
            ("sum", &["orders"], &["totals"]),
            ("report", &["totals"], &[]),
            ("report", &["totals"], &[]),
            ("load", &["raw"], &["orders"]),
        ]);
        let graph = lineage.graph(&Artifact::new("orders").unwrap(), Reach::new(Direction::Both));
        let labels = Labels::default();
        let count = |text: &str, part: &str| text.matches(part).count();
        let (dot, mermaid) = (graph.dot(&labels), graph.mermaid(&labels).replace("#215;", "×"));
        for (text, sum) in [(&dot, "[label=\"sum × 2\"]"), (&mermaid, "|\"sum × 2\"|")] {
            let told = ["load × 3", "load", "sum", "report × 2", "report"].map(|part| count(text, part));
            assert_eq!((told, count(text, sum)), ([1, 3, 1, 1, 1], 1), "{text}");
        }
        let tree = graph.tree(&labels);
        assert_eq!(
            [count(&tree, "via sum × 2 @5"), count(&tree, "sum"), count(&tree, "read by report × 2 @7")],
            [1; 3],
            "{tree}"
        );
        let prompt = Prompt { citations: true, ..Prompt::default() }.write(&graph);
        let times = "- Operation: `load`\n- Times: 3, of which this is the newest\n- source_0: `raw`\n- Event: 8\n";
        assert_eq!([count(&prompt, times), count(&prompt, "### Table: `orders`")], [1, 2], "{prompt}");
        assert!(prompt.contains("## Data Flow (4 edges)\n"), "{prompt}");
    }

    #[test]
    fn what_lies_beyond_is_counted_and_what_has_nothing_beyond_is_not_open() {
        let lineage = lineage(&[
            ("load", &["raw", "more"], &["orders"]),
            ("load", &["other", "raw"], &["orders"]),
            ("touch", &[], &["people"]),
            ("sum", &["orders", "people", "end"], &["totals"]),
        ]);
        let (graph, beyond) = lineage.looking_beyond(&Artifact::new("totals").unwrap(), Reach::default().depth(1));
        let layout = graph.layout().looking(&beyond);
        let found: Vec<_> = layout.nodes.iter().map(|node| (node.artifact.as_str(), node.open, node.hidden)).collect();
        let expected = [("totals", false, 0), ("end", false, 0), ("orders", true, 3), ("people", true, 1)];
        assert_eq!(found, expected, "`people` came of an operation that read nothing");
    }

    #[test]
    fn what_was_read_beside_the_way_is_looked_beyond_in_the_directions_asked_for() {
        let lineage = lineage(&[
            ("load", &["files", "more"], &["rates"]),
            ("sum", &["orders", "rates", "end"], &["totals"]),
            ("read", &["rates"], &["prices"]),
            ("look", &["orders", "rates"], &[]),
        ]);
        let hidden = |direction, depth| {
            let reach = Reach::new(direction).depth(depth);
            let (graph, beyond) = lineage.looking_beyond(&Artifact::new("orders").unwrap(), reach);
            let layout = graph.layout().looking(&beyond);
            let node = |name: &str| layout.nodes.iter().find(|node| node.artifact.as_str() == name);
            assert!(node("end").is_none_or(|end| (end.open, end.hidden) == (false, 0)), "nothing else names it");
            node("rates").map(|rates| (rates.distance, rates.open, rates.hidden))
        };
        assert_eq!(hidden(Direction::Both, 1), Some((None, true, 3)), "two that it is made of, and what is made of it");
        assert_eq!(hidden(Direction::Forward, 1), Some((None, true, 1)));
        assert_eq!([hidden(Direction::Backward, 1), hidden(Direction::Both, 0)], [None, None]);
    }
}
