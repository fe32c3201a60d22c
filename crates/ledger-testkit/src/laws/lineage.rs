//! Lineage: what a ledger finds by look-up is what the fold over all its events says, and that is what a plain look
//! through the operations says.

use std::collections::BTreeSet;

use ledger_core::lineage::{AsOf, impact, lineage, path};
use ledger_core::views::lineage::{Class, Direction, Graph, Lineage, Reach};
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
const NAMES: [&str; 14] = [
    "t_1",
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

fn artifact(name: &str) -> Artifact {
    Artifact::new(name).expect("the name keeps the rule")
}

/// What happens next in a random ledger.
fn happening() -> impl Strategy<Value = Draft> {
    let name = || select(NAMES.as_slice());
    let parts = (vec(name(), 0..4), vec(name(), 0..3), name(), 0..10_u8, any::<u64>());
    parts.prop_map(|(reads, writes, other, dice, id)| {
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

fn folded(events: &[Event]) -> Lineage {
    let mut view = Lineage::default();
    events.iter().for_each(|event| view.apply(event));
    assert!(view.unread().is_empty(), "an operation came back otherwise");
    view
}

/// Returns all that an artifact was made from, or that was made from it, by looking through the operations again and again.
fn closure(events: &[Event], from: &Artifact, direction: Direction) -> BTreeSet<Artifact> {
    let operations = events.iter().filter(|event| event.kind.as_str() == Operation::FINISHED);
    let operations: Vec<Operation> = operations.filter_map(|event| event.payload_as().ok()).collect();
    let mut reached = BTreeSet::from([from.clone()]);
    loop {
        let before = reached.len();
        for operation in operations.iter().filter(|operation| operation.succeeded()) {
            let reads: Vec<_> = operation.inputs.artifacts().cloned().collect();
            let (near, far) = match direction {
                Direction::Forward => (&reads, &operation.outputs),
                _ => (&operation.outputs, &reads),
            };
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
        append_all(&ledger, &drawn(&vec(happening(), 60), &mut runner).current()).await?;
        let events = all(&ledger).await?;
        let asking = (
            select(NAMES.as_slice()),
            select(NAMES.as_slice()),
            0..3_u8,
            (select([0, 1, 2, 10].as_slice()), select([1, 3, 10_000].as_slice())),
            0..=60_usize,
        );
        for _ in 0..25 {
            let (name, other, way, (depth, most), seen) = drawn(&asking, &mut runner).current();
            let direction = [Direction::Backward, Direction::Forward, Direction::Both][usize::from(way)];
            let (from, to, reach) =
                (artifact(name), artifact(other), Reach { most, ..Reach::new(direction).depth(depth) });
            let past = &events[..seen];
            let view = folded(past);
            let as_of = past.last().map_or(AsOf::Offset(ledger_core::Offset::START), |last| AsOf::Offset(last.offset));
            let found = lineage(&ledger, &from, reach, as_of).await?;
            assert_eq!(found, view.graph(&from, reach), "the lineage of {from:?} at {seen} by {reach:?}");
            let everything = Reach { direction: Direction::Backward, depth: usize::MAX, most: usize::MAX };
            let expected = view.graph(&to, everything).path(&from, &to);
            let found = path(&ledger, &from, &to, as_of).await?;
            assert_eq!(
                found.as_ref().map(Vec::len),
                expected.map(|path| path.len()),
                "from {from:?} to {to:?} at {seen}"
            );
            consistent(found.as_deref(), &from, &to);
        }
        for name in NAMES {
            let from = artifact(name);
            let back = Reach { depth: usize::MAX, ..Reach::new(Direction::Backward) };
            let (back, ahead) = (folded(&events).graph(&from, back), impact(&ledger, &from, AsOf::Now).await?);
            if !back.is_empty() {
                let expected = closure(&events, &from, Direction::Backward);
                assert_eq!(back.nodes.iter().map(|node| node.artifact.clone()).collect::<BTreeSet<_>>(), expected);
                // Looking ahead, a graph also has what was read beside the way.
                let on_the_way = ahead.nodes.iter().filter(|node| node.distance.is_some());
                let expected = closure(&events, &from, Direction::Forward);
                assert_eq!(on_the_way.map(|node| node.artifact.clone()).collect::<BTreeSet<_>>(), expected);
            }
        }
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
    assert_eq!(path(&ledger, &t_2, &raw, AsOf::Now).await?, None, "no way leads back");
    assert_eq!(path(&ledger, &raw, &raw, AsOf::Now).await?, Some(Vec::new()));
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
