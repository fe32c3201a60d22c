//! Lineage: what a ledger finds by look-up is what the fold over all its events says, and that is what a plain look
//! through the operations says.

use std::collections::BTreeSet;

use ledger_core::lineage::{AsOf, impact, lineage, looking_beyond, path};
use ledger_core::views::lineage::{Class, Direction, Graph, Level, Lineage, Reach};
use ledger_core::views::{ArtifactNote, Operation, Outcome};
use ledger_core::{Artifact, Draft, Event, Ledger, LedgerExt, Query, Result, View};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::sample::select;
use proptest::strategy::ValueTree;

use super::random::{drawn, runner};
use crate::backend::Backend;
use crate::support::{all, append, append_all};

/// Names that mean something to some language that they pass through, and nothing here.
const NAMES: [&str; 15] = [
    "t_1",
    "t_1.x",
    "t_10",
    "t_2",
    "T_1",
    "a b",
    "' OR true --",
    "\"quoted\"",
    "back\\slash",
    "line\nbreak",
    "{x,\"y\"}",
    "ünïcode/表",
    "a:b:c",
    "%_*?",
    "$1",
];

/// Names of columns. One makes the name of an artifact of that of another, and one the name of a column of both.
const COLUMNS: [&str; 3] = ["x", "x.y", "y"];

pub(super) fn artifact(name: &str) -> Artifact {
    Artifact::new(name).expect("the name keeps the rule")
}

/// What happens next in a random ledger.
pub(super) fn happening(names: &'static [&'static str]) -> impl Strategy<Value = Draft> {
    let name = move || select(names);
    let column = || select(COLUMNS.as_slice());
    let columns = vec((0..3_usize, column(), vec((0..4_usize, column()), 0..4)), 0..10);
    let parts = (vec(name(), 0..4), vec(name(), 0..3), columns, name(), 0..10_u8, any::<u64>());
    parts.prop_map(|(reads, writes, columns, other, dice, id)| {
        let build = || {
            let note = ArtifactNote::new(artifact(other));
            let draft = match dice {
                0 => note.dropped()?,
                1 => note.created()?,
                _ => {
                    let mut operation = Operation::new(format!("make {other}"))?.id(format!("op-{id}"))?;
                    for (place, read) in reads.iter().enumerate() {
                        operation = operation.input(format!("source_{place}"), artifact(read))?;
                    }
                    // A plain value that reads like an artifact.
                    operation = operation.input("text", other)?;
                    operation =
                        writes.iter().try_fold(operation, |operation, write| operation.output(artifact(write)))?;
                    for (made, name, of) in &columns {
                        let Some(made) = writes.get(*made).map(|made| format!("{made}.{name}")) else { continue };
                        let of = of.iter().filter_map(|(read, name)| Some(format!("{}.{name}", reads.get(*read)?)));
                        if operation.columns.get(&made).is_none() {
                            operation = operation.column(made, of)?;
                        }
                    }
                    let at = operation.started_at;
                    match dice {
                        2 => operation.started()?,
                        3 => operation.ended(Outcome::Error, Some("no".to_owned()), at)?,
                        _ => operation.finished()?,
                    }
                }
            };
            match dice {
                // Tags alone make no operation, and add nothing to what one says of itself.
                4 => Draft::new("other.kind", &1)?.tag(format!("writes:{other}")),
                5 => draft.tag(format!("writes:{other}"))?.tag(format!("reads:{other}")),
                _ => Ok(draft),
            }
        };
        let draft: Result<Draft> = build();
        draft.expect("the strategies make valid parts")
    })
}

pub(super) fn folded(events: &[Event]) -> Lineage {
    let mut view = Lineage::default();
    events.iter().for_each(|event| view.apply(event));
    assert!(view.unread().is_empty(), "an operation came back otherwise");
    view
}

/// Returns all that an artifact or a column was made from, or that was made from it, by looking through the operations again
/// and again.
fn closure(events: &[Event], from: &Artifact, Reach { direction, level, .. }: Reach) -> BTreeSet<Artifact> {
    let operations = events.iter().filter(|event| event.kind.as_str() == Operation::FINISHED);
    let operations = operations.filter_map(|event| event.payload_as::<Operation>().ok());
    let flows = operations.filter(Operation::succeeded).flat_map(|operation| match level {
        Level::Artifacts => vec![(operation.inputs.artifacts().cloned().collect(), operation.outputs)],
        Level::Columns => {
            operation.columns.iter().map(|(made, of)| (of.clone(), vec![artifact(made)])).collect::<Vec<_>>()
        }
    });
    let flows: Vec<(Vec<Artifact>, Vec<Artifact>)> = flows.collect();
    let mut reached = BTreeSet::from([from.clone()]);
    loop {
        let before = reached.len();
        for (of, made) in &flows {
            let (near, far) = if direction == Direction::Forward { (of, made) } else { (made, of) };
            if near.iter().any(|artifact| reached.contains(artifact)) {
                reached.extend(far.iter().cloned());
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}

/// On random ledgers, the graphs and paths found by look-up are those of the fold, at every depth and every moment.
pub async fn lineage_by_look_up_is_what_the_fold_says(backend: &dyn Backend) -> Result<()> {
    for seed in [31, 32] {
        let (place, mut runner) = (backend.fresh().await, runner(seed));
        let ledger = place.open().await?;
        append_all(&ledger, &drawn(&vec(happening(&NAMES), 60), &mut runner).current()).await?;
        let events = all(&ledger).await?;
        let columns = (select(NAMES.as_slice()), select(COLUMNS.as_slice()));
        let name = (any::<bool>(), columns.clone(), columns).prop_map(|(columns, (one, column), (other, last))| {
            if columns {
                (Level::Columns, artifact(&format!("{one}.{column}")), artifact(&format!("{other}.{last}")))
            } else {
                (Level::Artifacts, artifact(one), artifact(other))
            }
        });
        let asking = (name, 0..3_u8, select([0, 1, 2, 10].as_slice()), select([1, 3, 10_000].as_slice()), 0..=60_usize);
        for _ in 0..40 {
            let ((level, from, to), way, depth, most, seen) = drawn(&asking, &mut runner).current();
            let direction = [Direction::Backward, Direction::Forward, Direction::Both][usize::from(way)];
            let reach = Reach { direction, depth, most, level };
            let past = &events[..seen];
            let view = folded(past);
            let as_of = past.last().map_or(AsOf::Offset(ledger_core::Offset::START), |last| AsOf::Offset(last.offset));
            let found = lineage(&ledger, &from, reach, as_of).await?;
            assert_eq!(found, view.graph(&from, reach), "the lineage of {from:?} at {seen} by {reach:?}");
            let found = looking_beyond(&ledger, &from, reach, as_of).await?;
            assert_eq!(found, view.looking_beyond(&from, reach), "what lies beyond {from:?} at {seen} by {reach:?}");
            let everything = Reach::everything(Direction::Backward).level(level);
            let expected = view.graph(&to, everything).path(&from, &to);
            let found = path(&ledger, &from, &to, level, as_of).await?.edges;
            assert_eq!(
                found.as_ref().map(Vec::len),
                expected.map(|path| path.len()),
                "from {from:?} to {to:?} at {seen}"
            );
            consistent(found.as_deref(), &from, &to);
        }
        let columns = NAMES.iter().flat_map(|name| COLUMNS.map(|column| format!("{name}.{column}")));
        let columns = columns.map(|column| (Level::Columns, artifact(&column)));
        let mut long = 0;
        for (level, from) in NAMES.iter().map(|name| (Level::Artifacts, artifact(name))).chain(columns) {
            let (back, ahead) = (Direction::Backward, Direction::Forward);
            let (back, ahead) = (Reach::everything(back).level(level), Reach::everything(ahead).level(level));
            let graph = folded(&events).graph(&from, back);
            if graph.is_empty() {
                assert_eq!(
                    closure(&events, &from, back),
                    BTreeSet::from([from.clone()]),
                    "nothing is known of {from:?}"
                );
            } else {
                let nodes: BTreeSet<_> = graph.nodes.iter().map(|node| node.artifact.clone()).collect();
                assert_eq!(nodes, closure(&events, &from, back));
                long += usize::from(level == Level::Columns && nodes.len() > 2);
                // Looking ahead, a graph also has what was read beside the way.
                let graph = impact(&ledger, &from, level, AsOf::Now).await?;
                let on_the_way = graph.nodes.iter().filter(|node| node.distance.is_some());
                let nodes: BTreeSet<_> = on_the_way.map(|node| node.artifact.clone()).collect();
                let nodes = if nodes.is_empty() { BTreeSet::from([from.clone()]) } else { nodes };
                assert_eq!(nodes, closure(&events, &from, ahead), "the impact of {from:?}");
            }
        }
        assert!(long > 5, "the random columns are hardly made of each other: {long}");
    }
    Ok(())
}

/// A path begins and ends where it should, and each edge goes on where the one before it ended.
fn consistent(path: Option<&[ledger_core::views::lineage::Edge]>, from: &Artifact, to: &Artifact) {
    let Some(path) = path else { return };
    let mut at = from;
    for edge in path {
        assert_eq!(&edge.from, at, "a path is broken");
        at = &edge.to;
    }
    assert_eq!(at, to, "a path ends elsewhere");
}

async fn run(ledger: &dyn Ledger, name: &str, reads: &[&str], writes: &[&str]) -> Result<()> {
    let mut operation = Operation::new(name)?;
    for (place, read) in reads.iter().enumerate() {
        operation = operation.input(format!("source_{place}"), artifact(read))?;
    }
    let operation = writes.iter().try_fold(operation, |operation, write| operation.output(artifact(write)))?;
    ledger.append_one(operation.finished()?).await.map(drop)
}

fn classes(graph: &Graph) -> Vec<(&str, Class, bool)> {
    graph.nodes.iter().map(|node| (node.artifact.as_str(), node.class, node.live)).collect()
}

/// A graph says which part each artifact has, what is gone, and what else an operation read.
pub async fn lineage_tells_parts_and_what_is_gone(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    run(&ledger, "load", &["raw"], &["t_1"]).await?;
    run(&ledger, "join", &["t_1", "side"], &["t_2"]).await?;
    run(&ledger, "again", &["t_2"], &["t_2"]).await?;
    let note = |name| ArtifactNote::new(artifact(name));
    append(&ledger, &[note("raw").dropped()?, note("t_1").dropped()?]).await?;
    run(&ledger, "load", &["raw"], &["t_1"]).await?;
    let (raw, t_2) = (artifact("raw"), artifact("t_2"));

    let back = lineage(&ledger, &t_2, Reach::default(), AsOf::Now).await?;
    let expected = [
        ("t_2", Class::Intermediate, true),
        ("side", Class::Input, true),
        ("t_1", Class::Intermediate, true),
        ("raw", Class::Input, false),
    ];
    assert_eq!(classes(&back), expected, "what reads itself is read, and what was written again is there");
    let t_1 = back.node(&artifact("t_1")).expect("it is in the graph");
    assert_eq!(t_1.written.iter().map(|offset| offset.get()).collect::<Vec<_>>(), [1, 6], "all writers are shown");

    let ahead = lineage(&ledger, &raw, Reach::new(Direction::Forward), AsOf::Now).await?;
    assert!(ahead.edges.iter().any(|edge| edge.from.as_str() == "side"), "a consumer is shown with all that it read");
    let alone = lineage(&ledger, &t_2, Reach::default().depth(0), AsOf::Now).await?;
    assert_eq!(classes(&alone), [("t_2", Class::Target, true)], "depth 0 is the artifact alone");
    assert!(lineage(&ledger, &artifact("t_"), Reach::default(), AsOf::Now).await?.is_empty(), "an unknown artifact");
    let two = Reach { most: 2, ..Reach::default() };
    let cut = lineage(&ledger, &t_2, two, AsOf::Now).await?;
    assert!(cut.cut && cut.operations.len() == 2, "a graph that is cut says so");
    assert_eq!(path(&ledger, &t_2, &raw, Level::Artifacts, AsOf::Now).await?.edges, None, "no way leads back");
    assert_eq!(path(&ledger, &raw, &raw, Level::Artifacts, AsOf::Now).await?.edges, Some(Vec::new()));
    Ok(())
}

/// Lineage at a time shows what had ended by then; an operation's payload that is none is told and stops nothing.
pub async fn lineage_of_the_past_and_of_what_is_no_operation(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let at = |second: i64| ledger_core::Timestamp::from_micros(1_700_000_000_000_000 + second * 1_000_000);
    for (second, read) in [(10, "old"), (20, "new")] {
        let operation = Operation::new("make")?.started_at(at(0)?).input("source", artifact(read))?.output("t")?;
        append(&ledger, &[operation.ended(Outcome::Success, None, at(second)?)?]).await?;
    }
    let odd = Draft::new(Operation::FINISHED, &serde_json::json!({"other": "shape"}))?.tag("writes:t")?;
    append(&ledger, &[odd]).await?;
    let made_from = async |as_of| {
        let graph = lineage(&ledger, &artifact("t"), Reach::default(), as_of).await?;
        let reads: Vec<_> = graph.edges.iter().map(|edge| edge.from.to_string()).collect();
        Ok::<_, ledger_core::Error>((reads, graph.unread.len()))
    };
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(made_from(AsOf::Time(at(9)?)).await?, (names(&[]), 0));
    assert_eq!(made_from(AsOf::Time(at(10)?)).await?, (names(&["old"]), 0));
    assert_eq!(made_from(AsOf::Now).await?, (names(&["old", "new"]), 1));
    let head = ledger.head().await?;
    let events: Vec<Event> = futures::TryStreamExt::try_collect(ledger.tail(Query::all().up_to(head))).await?;
    let mut view = Lineage::default();
    events.iter().for_each(|event| view.apply(event));
    assert_eq!(view.unread(), [head]);
    Ok(())
}

/// Columns have a lineage of their own, where operations give it; where one does not, the graph says so.
pub async fn columns_have_a_lineage_of_their_own(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let operation = |name: &str, reads: &[&str], writes: &[&str]| {
        let mut operation = Operation::new(name)?;
        for (place, read) in reads.iter().enumerate() {
            operation = operation.input(format!("source_{place}"), artifact(read))?;
        }
        writes.iter().try_fold(operation, |operation, write| operation.output(artifact(write)))
    };
    let load = operation("load", &["raw.csv"], &["t_1"])?;
    let load = load.column("price", ["raw.csv.price"])?.column("vat", ["raw.csv.vat"])?.column("n", [""; 0])?;
    let join = operation("join", &["t_1", "rates"], &["t_2", "log"])?;
    let join = join.column("t_2.total", ["t_1.price", "t_1.vat", "rates.rate"])?.column("t_2.name", [""; 0])?;
    let copy = operation("copy", &["t_2"], &["t_3"])?;
    let read = operation("report", &["t_2"], &[])?;
    for operation in [load, join, copy, read] {
        ledger.append_one(operation.finished()?).await?;
    }
    append(&ledger, &[ArtifactNote::new(artifact("raw.csv")).dropped()?]).await?;
    let of = async |name: &str, direction| {
        lineage(&ledger, &artifact(name), Reach::new(direction).level(Level::Columns), AsOf::Now).await
    };
    let untold = |graph: &Graph| graph.untold.iter().map(|offset| offset.get()).collect::<Vec<_>>();

    let back = of("t_2.total", Direction::Backward).await?;
    let expected = [
        ("t_2.total", Class::Target, true),
        ("rates.rate", Class::Input, true),
        ("t_1.price", Class::Intermediate, true),
        ("t_1.vat", Class::Intermediate, true),
        ("raw.csv.price", Class::Input, false),
        ("raw.csv.vat", Class::Input, false),
    ];
    assert_eq!(classes(&back), expected);
    assert_eq!(back.nodes[4].table, Some(artifact("raw.csv")), "the column of a table with a dot");
    assert_eq!(untold(&back), [0; 0]);
    let ahead = of("raw.csv.price", Direction::Forward).await?;
    let steps: Vec<_> = ahead.edges.iter().map(|edge| (edge.from.as_str(), edge.to.as_str())).collect();
    let total = |from| (from, "t_2.total");
    assert_eq!(steps, [("raw.csv.price", "t_1.price"), total("t_1.price"), total("t_1.vat"), total("rates.rate")]);
    assert_eq!(untold(&ahead), [2, 3, 4], "the other output of the join, the copy and the report say nothing of it");
    let total = ahead.node(&artifact("t_2.total")).expect("it is in the graph");
    assert_eq!(total.read_by.iter().map(|offset| offset.get()).collect::<Vec<_>>(), [3, 4]);

    assert_eq!(untold(&of("t_3.total", Direction::Backward).await?), [3], "it may have made it");
    let plain = of("t_2.name", Direction::Backward).await?;
    assert_eq!((classes(&plain), untold(&plain)), (vec![("t_2.name", Class::Target, true)], vec![]));
    assert!(of("t_2.nothing", Direction::Backward).await?.is_empty(), "who tells of some columns makes no others");
    for unknown in ["t_1", "raw.csv", "raw.id", "rates.", ".rate"] {
        assert!(of(unknown, Direction::Both).await?.nodes.is_empty(), "{unknown} is no column");
    }
    let way = path(&ledger, &artifact("raw.csv.vat"), &artifact("t_2.total"), Level::Columns, AsOf::Now).await?;
    assert_eq!(way.edges.map(|edges| edges.len()), Some(2));
    let way = path(&ledger, &artifact("t_2.total"), &artifact("t_3.total"), Level::Columns, AsOf::Now).await?;
    assert_eq!((way.edges, way.untold.len()), (None, 1));
    let known = lineage(&ledger, &artifact("rates.rate"), Reach::default().level(Level::Columns), AsOf::Now).await?;
    assert_eq!(classes(&known), [("rates.rate", Class::Target, true)], "a column that was only read");
    let twice = operation("twice", &["rates"], &["t_5", "t_5.x"])?.column("t_5.x.y", ["rates.rate"])?;
    ledger.append_one(twice.finished()?).await?;
    assert_eq!(untold(&of("t_5.z", Direction::Backward).await?), [6], "it told of another one's columns");
    let home = |graph: &Graph| graph.nodes[0].table.clone().map(|table| table.to_string());
    assert_eq!(home(&of("t_5.x.y", Direction::Backward).await?).as_deref(), Some("t_5.x"));
    append(&ledger, &[ArtifactNote::new(artifact("rates")).dropped()?]).await?;
    for depth in [0, 3] {
        let alone = Reach::default().level(Level::Columns).depth(depth);
        let alone = lineage(&ledger, &artifact("rates.rate"), alone, AsOf::Now).await?;
        assert_eq!((home(&alone).as_deref(), alone.nodes[0].live), (Some("rates"), false), "of what was dropped");
    }
    // Within its depth a graph has all edges, and none beyond.
    let loops = operation("loop", &["u"], &["u"])?.column("a", ["u.b"])?.column("b", ["u.c"])?;
    ledger.append_one(loops.finished()?).await?;
    let near = Reach::default().level(Level::Columns).depth(1);
    let near = lineage(&ledger, &artifact("u.a"), near, AsOf::Now).await?;
    assert_eq!((near.edges.len(), near.nodes[1].open, near.nodes[1].written.len()), (1, true, 0));
    Ok(())
}

/// A step over more artifacts than one query takes finds what the fold finds, each operation once and the newest first.
pub async fn lineage_steps_over_thousands_of_artifacts(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let table = |n: usize| artifact(&format!("t_{n:04}"));
    let mut drafts = Vec::new();
    for n in 0..1_500 {
        let make = Operation::new("make")?.id(format!("make-{n}"))?.input("key", artifact("keys"))?.output(table(n))?;
        drafts.push(make.column("key", ["keys.key"])?.finished()?);
    }
    for n in 0..20 {
        // Each reads of both ends of the step, and says nothing of columns.
        let report = Operation::new("report")?.id(format!("report-{n}"))?;
        drafts.push(report.input("one", table(n))?.input("two", table(1_499 - n))?.output("reports")?.finished()?);
    }
    append_all(&ledger, &drafts).await?;
    let view = folded(&all(&ledger).await?);
    for (name, level) in [("keys", Level::Artifacts), ("keys.key", Level::Columns)] {
        for most in [10_000, 1_510] {
            let reach = Reach { most, ..Reach::new(Direction::Forward).level(level) };
            let found = lineage(&ledger, &artifact(name), reach, AsOf::Now).await?;
            assert_eq!(found, view.graph(&artifact(name), reach), "{level:?} of {most}");
            assert_eq!((found.cut, found.operations.len()), (most < 1_520, most.min(1_520)));
            assert!(
                found.nodes.iter().all(|node| node.read_by.is_sorted_by(|one, other| one < other)),
                "one is told twice"
            );
        }
    }
    Ok(())
}
