//! Retention: what its policy names goes and is recorded, and all that anything there was made by way of can still be told.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures::StreamExt;
use ledger_core::lineage::{AsOf, lineage};
use ledger_core::retention::{Policy, Pruned, apply, plan};
use ledger_core::views::lineage::{Direction, Found, Graph, Level, Reach};
use ledger_core::views::{ArtifactNote, Artifacts, JobNote, Operation, Outcome, Remains, Rules, Scope};
use ledger_core::{
    Artifact, ContentHasher, Draft, Event, Job, Ledger, LedgerExt, Limit, Offset, Query, Result, Timestamp, fold,
    verify,
};
use proptest::collection::vec;
use proptest::strategy::ValueTree;
use serde_json::json;

use super::lineage::{artifact, folded, happening};
use super::random::{drawn, runner};
use crate::backend::Backend;
use crate::support::{all, append, append_all, draft, offset, soon};

/// How many operations are removed while others append: more than one batch takes.
const OLD: u64 = 12_000;
/// How long others append while they go.
const LOAD: Duration = Duration::from_secs(20);
const DAY: i64 = 86_400_000_000;
/// Names of which none may be that of a column of another.
const NAMES: [&str; 8] = ["t_1", "t_10", "t_2", "a b", "' OR true --", "\"quoted\"", "ünïcode/表", "a:b:c"];

/// Keeps the newest so many operations, however old.
fn newest(most: u64) -> Policy {
    Policy { success: None, failed: None, unfinished: None, most: Some(most), most_bytes: None }
}

/// What ended so many days ago: an operation in three of its forms, one after the other.
fn of_days_ago(days: i64, place: u64, ends: Option<Outcome>) -> Result<Vec<Event>> {
    let at = Timestamp::from_micros(Timestamp::now().as_micros() - days * DAY)?;
    let operation = Operation::new("load")?.id(format!("op-{days}-{place}"))?.started_at(at);
    let mut drafts = vec![operation.started()?];
    drafts.extend(ends.map(|status| operation.ended(status, None, at)).transpose()?);
    let events = (place..).zip(drafts);
    Ok(events.map(|(place, draft)| Event { offset: offset(place), recorded_at: at, draft }).collect())
}

/// A sweep removes what its policy says and nothing else, tells of it beforehand, and records what went.
pub async fn retention_removes_what_its_policy_says_and_tells_what_went(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let mut events: Vec<Event> = Vec::new();
    let mut expected = BTreeSet::new();
    for days in [100, 91, 89, 40, 31, 29, 8, 6, 1] {
        for ends in [Some(Outcome::Success), Some(Outcome::Error), Some(Outcome::Timeout), None] {
            let next = of_days_ago(days, events.len() as u64 + 1, ends)?;
            let most = match ends {
                Some(Outcome::Success) => 7,
                Some(_) => 30,
                None => 90,
            };
            if days > most {
                expected.extend(next.iter().map(|event| event.offset));
            }
            events.extend(next);
        }
        // What is no operation stays, whatever it calls itself.
        for other in [draft(&format!("other-{days}")), Draft::new(Operation::FINISHED, &days)?] {
            let (offset, recorded_at) = (offset(events.len() as u64 + 1), events[events.len() - 1].recorded_at);
            events.push(Event { offset, recorded_at, draft: other });
        }
    }
    let head = offset(events.len() as u64);
    ledger.restore(&events, head).await?;
    let policy = Policy::default();
    let planned = plan(&ledger, &policy).await?;
    assert_eq!(all(&ledger).await?, events, "a plan changed something");
    let counts = [planned.success, planned.failed, planned.unfinished].map(|share| share.operations);
    assert_eq!((counts, planned.events, planned.held), ([7, 10, 2], expected.len() as u64, 0));
    assert_eq!((planned.first, planned.last), (expected.first().copied(), expected.last().copied()));
    let goes = || events.iter().filter(|event| expected.contains(&event.offset));
    let bytes: usize = goes().map(|event| event.size()).sum();
    assert_eq!(planned.success.bytes + planned.failed.bytes + planned.unfinished.bytes, bytes as u64);

    let mut heard = 0;
    let applied = apply(&ledger, &policy, |sweep| heard = sweep.events).await?;
    assert_eq!((&applied, heard), (&planned, planned.events), "what was done is not what was planned");
    let left = all(&ledger).await?;
    let (records, rest): (Vec<_>, Vec<_>) = left.iter().cloned().partition(|event| event.offset > head);
    assert!(rest.iter().eq(events.iter().filter(|event| !expected.contains(&event.offset))), "others went, or too few");
    let [record] = &records[..] else { panic!("one batch has one record, not {records:?}") };
    let told: Pruned = record.payload_as()?;
    let mut hasher = ContentHasher::default();
    goes().try_for_each(|event| hasher.add(event))?;
    assert_eq!((told.count, told.digest), (expected.len() as u64, Some(hasher.digest().to_string())));
    assert_eq!((told.policy, record.actor.as_str()), (policy.to_string(), "retention"));
    let gone = told.ranges.iter().flat_map(|(from, to)| from.get()..=to.get()).map(offset);
    assert!(gone.eq(expected.iter().copied()), "the record names other offsets");
    let found = verify(&ledger, |_, _| ()).await?;
    assert_eq!((found.gaps, found.pruned), (expected.len() as u64, expected.len() as u64));

    let again = apply(&ledger, &policy, |_| ()).await?;
    assert_eq!(
        (again.events, ledger.head().await?),
        (0, record.offset),
        "a sweep with nothing to do recorded something"
    );

    // By number and by bytes the oldest go, whatever their age.
    let ends = |events: &[Event]| {
        let ended = events.iter().filter(|event| event.kind.as_str() == Operation::FINISHED);
        let ended: Vec<_> = ended.filter(|event| event.payload_as::<Operation>().is_ok()).map(|e| e.offset).collect();
        ended
    };
    let before = ends(&rest);
    apply(&ledger, &newest(5), |_| ()).await?;
    assert_eq!(ends(&all(&ledger).await?), before[before.len() - 5..]);
    let bytes = Policy { most: None, most_bytes: Some(1), ..newest(0) };
    apply(&ledger, &bytes, |_| ()).await?;
    let left = all(&ledger).await?;
    assert_eq!(ends(&left), []);
    let started = left.iter().filter(|event| event.kind.as_str() == Operation::STARTED).count();
    assert_eq!(started, 7, "what has not ended is counted as ended");
    Ok(())
}

/// Returns a graph without what is gone of its operations.
fn bare(mut graph: Graph) -> Result<Graph> {
    for Found { operation, .. } in &mut graph.operations {
        let mut inputs = Operation::new("x")?;
        for (name, input) in operation.inputs.iter() {
            if let Some(read) = input.artifact() {
                inputs = inputs.input(name, read)?;
            }
        }
        operation.inputs = inputs.inputs;
        (operation.sql, operation.duration_us) = (None, None);
    }
    Ok(graph)
}

/// However often operations are removed, what is there has the lineage that it had, now and in the past, at every level.
pub async fn retention_keeps_the_lineage_of_all_that_is_there(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (ledger, second) = (place.open().await?, place.open().await?);
    let mut runner = runner(61);
    let mut whole: Vec<Event> = Vec::new();
    let mut kept = 0;
    for round in 0..4 {
        let drafts: Vec<Draft> = drawn(&vec(happening(&NAMES), 120), &mut runner).current();
        append_all(&ledger, &drafts).await?;
        let last = whole.last().map_or(Offset::START, |event| event.offset);
        let new = all(&ledger).await?.into_iter().filter(|event| event.offset > last);
        whole.extend(new.filter(|event| ![Remains::KEPT, Pruned::KIND].contains(&event.kind.as_str())));
        // Two that sweep at once do no more than one.
        let policy = newest(if round == 3 { 0 } else { 30 });
        let (swept, other) = futures::join!(apply(&ledger, &policy, |_| ()), apply(&second, &policy, |_| ()));
        let (swept, other) = (swept?, other?);
        assert!(swept.events + other.events > 20, "hardly anything goes, which tells nothing: {swept:?}");
        kept += swept.lineage_kept + other.lineage_kept;
        let ends = Query { limit: Limit::MAX, ..Query::all().kind(Operation::FINISHED)? };
        let left = ledger.read(&ends).await?.events.len() as u64;
        assert_eq!(Some(left), policy.most, "two sweeps at once leave too few, or too many");

        let (before, after) = (folded(&whole), folded(&all(&ledger).await?));
        let past = whole[whole.len() / 2].offset;
        let then: Vec<_> = whole.iter().filter(|event| event.offset <= past).cloned().collect();
        let then = folded(&then);
        let reach = Reach::everything(Direction::Backward);
        let is_live =
            |name: &str| before.graph(&artifact(name), reach).node(&artifact(name)).is_some_and(|node| node.live);
        let live: Vec<_> = NAMES.iter().filter(|name| is_live(name)).collect();
        assert!(!live.is_empty(), "nothing is there, which tells nothing");
        for name in live {
            let columns = ["x", "y"].map(|column| (artifact(&format!("{name}.{column}")), Level::Columns));
            for (root, level) in columns.into_iter().chain([(artifact(name), Level::Artifacts)]) {
                for reach in [reach, reach.depth(1), Reach { most: 5, ..reach }].map(|reach| reach.level(level)) {
                    let expected = bare(before.graph(&root, reach))?;
                    assert_eq!(bare(after.graph(&root, reach))?, expected, "the fold has lost something of {root}");
                    let found = bare(lineage(&ledger, &root, reach, AsOf::Now).await?)?;
                    assert_eq!(found, expected, "the look-up has lost something of {root}");
                    let found = bare(lineage(&ledger, &root, reach, AsOf::Offset(past)).await?)?;
                    assert_eq!(found, bare(then.graph(&root, reach))?, "the past of {root} is another");
                }
            }
        }
    }
    assert!(kept > 20, "hardly any lineage had to be kept, which tells nothing: {kept}");
    let ends = Query::all().kind(Operation::FINISHED)?;
    assert_eq!(ledger.read(&ends).await?.events, [], "an operation stayed");
    Ok(())
}

/// Whether an artifact may be dropped, and when it expires, is the same with the operations and without them.
pub async fn retention_changes_no_verdict_on_what_is_there(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let scopes = [None, Some(Scope::Temporary), Some(Scope::Job), Some(Scope::Persistent)];
    for n in 0..24_usize {
        let (name, owner) = (artifact(&format!("t_{n}")), Job::new(format!("j-{}", n % 5))?);
        let note = ArtifactNote { job: Some(owner.clone()), scope: scopes[n % 4], ..ArtifactNote::new(name.clone()) };
        let by = |job: &Job| Operation::new("make")?.job(job.clone());
        let made = by(&owner)?.output(name.clone())?;
        let read = by(&Job::new("reader")?)?.input("source", &name)?;
        let mut drafts = vec![made.started()?, note.created()?, made.finished()?, read.finished()?];
        match n % 6 {
            0 => drafts.push(ArtifactNote::new(name.clone()).pinned()?),
            1 => drafts.push(ArtifactNote::new(name.clone()).dropped()?),
            2 => drafts.push(by(&owner)?.input("source", &name)?.started()?),
            3 => drafts.push(by(&owner)?.failed("no")?),
            _ => {}
        }
        append(&ledger, &drafts).await?;
    }
    append(&ledger, &[JobNote::new(Job::new("j-1")?).finished()?]).await?;
    let verdicts = async || {
        let mut registry = Artifacts::default();
        fold(&ledger, Artifacts::query(Offset::START), &mut registry).await?;
        let mut verdicts = Vec::new();
        for days in [0, 89, 91, 200] {
            let now = Timestamp::from_micros(Timestamp::now().as_micros() + days * DAY)?;
            let judged = registry.all().map(|one| {
                let verdict = registry.judge(&one.artifact, &Rules::default(), now);
                (one.artifact.clone(), one.live, verdict)
            });
            verdicts.extend(judged);
        }
        Ok::<Vec<(Artifact, bool, _)>, ledger_core::Error>(verdicts)
    };
    let before = verdicts().await?;
    let swept = apply(&ledger, &newest(0), |_| ()).await?;
    assert!(swept.held > 0 && swept.success.operations > 20 && swept.failed.operations > 0, "{swept:?}");
    assert_eq!(verdicts().await?, before, "a verdict is another without the operations that went");
    Ok(())
}

/// While operations go, appends and followers go on, and what is appended meanwhile stays.
pub async fn retention_lets_appends_and_followers_through(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    let operation =
        |n: u64| Operation::new("load")?.id(format!("op-{n}"))?.input("source", artifact("raw"))?.output("t");
    let old: Vec<_> = (0..OLD).map(|n| operation(n)?.finished()).collect::<Result<_>>()?;
    append_all(&here, &old).await?;
    // It stands in the middle of what goes.
    let follower = place.open().await?;
    let query = Query::after(offset(1_500)).limit(10)?;
    let (told, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let following = tokio::spawn(async move {
        let mut events = follower.follow(query);
        while let Some(Ok(event)) = events.next().await {
            if told.send(event).is_err() {
                return;
            }
        }
    });
    let first = soon("the first event", hears.recv()).await.expect("it follows");
    assert_eq!(first.offset, offset(1_501));
    let all_go = Policy { success: Some(Duration::ZERO), ..newest(u64::MAX) };
    let sweeping = tokio::spawn(async move { apply(&there, &all_go, |_| ()).await });
    let mut appended = Vec::new();
    // For a while: a sweep gives way for as long as somebody appends, and on a slow disk that is longer than a test may take.
    let begun = Instant::now();
    let append = async |n: usize| here.append_one(draft(&format!("new-{n}"))).await;
    while !sweeping.is_finished() && begun.elapsed() < LOAD {
        appended.push(append(appended.len()).await?.offset);
    }
    let swept = sweeping.await.expect("a sweep does not panic")?;
    appended.push(append(appended.len()).await?.offset);
    assert_eq!((swept.success.operations, swept.lineage_kept), (OLD, OLD));
    assert!(appended.len() > 5, "only {} appends got through", appended.len());
    let last = appended[appended.len() - 1];
    let mut heard = vec![first.offset];
    while heard.last() < Some(&last) {
        heard.push(soon("what was appended last", hears.recv()).await.expect("it follows").offset);
    }
    following.abort();
    assert!(heard.is_sorted_by(|one, next| one < next), "the follower heard something twice, or out of order");
    assert!(appended.iter().all(|offset| heard.contains(offset)), "the follower missed something");
    let left: BTreeSet<_> = all(&here).await?.iter().map(|event| event.offset).collect();
    assert!(appended.iter().all(|offset| left.contains(offset)), "something went that was appended meanwhile");
    assert_eq!(left.first(), Some(&offset(OLD + 1)));
    let found = verify(&here, |_, _| ()).await?;
    assert_eq!((found.gaps, found.pruned), (OLD, OLD));
    let everything = Reach::everything(Direction::Backward);
    let graph = lineage(&here, &artifact("t"), everything, AsOf::Now).await?;
    let offsets = graph.operations.iter().map(|found| found.offset.get());
    assert!(offsets.eq(1..=OLD), "the lineage of what was written {OLD} times has lost something");
    let remains = all(&here).await?.iter().filter(|event| event.kind.as_str() == Remains::KEPT).count();
    assert!(remains <= OLD as usize / 500, "{remains} events keep the lineage of operations that are alike");
    Ok(())
}

/// What an operation reads that has not ended keeps its lineage, dropped or not; and what it may need is held.
pub async fn retention_waits_for_what_has_not_ended(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let from = |name: &str, read: &str| Operation::new(name)?.id(name)?.input("source", artifact(read));
    let making = from("make", "t_1")?.output("t_2")?;
    let owned = ArtifactNote { job: Some(Job::new("j")?), scope: Some(Scope::Job), ..ArtifactNote::new(artifact("o")) };
    let drafts = [
        from("load", "raw")?.output("t_1")?.finished()?,
        making.started()?,
        ArtifactNote::new(artifact("t_1")).dropped()?,
        owned.created()?,
        from("use", "o")?.started()?,
        from("lost", "t_1")?.started()?,
    ];
    append(&ledger, &drafts).await?;
    let swept = apply(&ledger, &newest(0), |_| ()).await?;
    assert_eq!((swept.success.operations, swept.lineage_kept, swept.events), (1, 1, 1));
    append(&ledger, &[making.finished()?]).await?;
    let graph = lineage(&ledger, &artifact("t_2"), Reach::default(), AsOf::Now).await?;
    let names: Vec<_> = graph.operations.iter().map(|found| found.operation.name.as_str()).collect();
    assert_eq!(names, ["load", "make"], "an operation that ran meanwhile has lost where it came from");
    let unfinished = Policy { unfinished: Some(Duration::ZERO), most: None, ..newest(0) };
    let swept = apply(&ledger, &unfinished, |_| ()).await?;
    assert_eq!((swept.unfinished.operations, swept.held), (1, 1), "{swept:?}");
    let starts = Query::all().kind(Operation::STARTED)?;
    let left: Vec<_> = ledger.read(&starts).await?.events.iter().map(|event| event.id.to_string()).collect();
    assert_eq!(left, ["make.started", "use.started"]);
    Ok(())
}

/// What only calls itself a record, or what remains of operations, is believed nothing that cannot be.
pub async fn retention_believes_no_record_of_what_is_to_come(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    append(&ledger, &[draft("a"), draft("b"), draft("c")]).await?;
    ledger.prune(&Query::all().id("b")?).await?;
    let record = |ranges| json!({"policy": "p", "count": 1, "ranges": ranges, "digest": null});
    for ranges in [json!([[1, 4]]), json!([[1, i64::MAX]]), json!([[3, 2]]), json!([[2]]), json!("all")] {
        append(&ledger, &[Draft::new(Pruned::KIND, &record(ranges))?.run("retention")?]).await?;
    }
    append(&ledger, &[Draft::new(Pruned::KIND, &record(json!([[2, 2]])))?]).await?;
    let found = verify(&ledger, |_, _| ()).await?;
    assert_eq!((found.gaps, found.pruned), (1, 0), "a record is believed that cannot be one");

    let forged = |end: serde_json::Value| {
        let payload = json!({"operation": "forge", "inputs": {"a": "raw"}, "outputs": ["t"], "ends": [end]});
        Draft::new(Remains::KEPT, &payload)?.tag("writes:t")?.tag("reads:raw")
    };
    let ends = [
        json!([9_000_000_000_000_000_000_u64, "x", 0, 0, null, null, null, null]),
        json!([1_000, "x", 0, 0, null, null, null, null]),
        json!([1, "x", i64::MAX, i64::MIN, i64::MAX, null, null, null]),
        json!([1, "x"]),
        json!(1),
    ];
    for end in ends {
        append(&ledger, &[forged(end)?]).await?;
    }
    let graph = lineage(&ledger, &artifact("t"), Reach::default(), AsOf::Now).await?;
    assert!(graph.is_empty(), "{graph:?}");
    let events = all(&ledger).await?;
    let mut fold = ledger_core::views::lineage::Lineage::default();
    events.iter().for_each(|event| ledger_core::View::apply(&mut fold, event));
    assert_eq!((fold.unread().len(), fold.graph(&artifact("t"), Reach::default()).is_empty()), (5, true));
    let swept = apply(&ledger, &Policy { unfinished: Some(Duration::ZERO), ..newest(0) }, |_| ()).await?;
    assert_eq!(swept.events, 0, "what cannot be read goes");
    Ok(())
}
