//! Sessions: no stamp is given twice and no edit is lost, checkpoints part the edits exactly, and ledgers that grew apart agree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures::{FutureExt, StreamExt, TryStreamExt};
use ledger_core::lineage::AsOf;
use ledger_core::session::{self, NewEdit, Recorded, Session};
use ledger_core::views::Causality;
use ledger_core::views::session::{
    Action, CHECKPOINT, Checkpoint, Compact, Edit, Edited, Firmness, OPERATION, Sessions, Wish,
};
use ledger_core::{
    Actor, Domain, Draft, Error, Event, EventId, Ledger, LedgerExt, Payload, Query, Result, SessionId, Timestamp, fold,
};
use serde_json::json;
use tokio::task::JoinSet;

use crate::backend::Backend;
use crate::support::{all, joined, offset, soon};

const SESSION: &str = "s/1: live";

fn id() -> SessionId {
    SessionId::new(SESSION).expect("the word keeps the rule")
}

async fn opened(ledger: &Arc<dyn Ledger>, actor: &str) -> Result<Session> {
    Session::open(ledger.clone(), SESSION, actor).await
}

pub(super) fn edit(domain: &str, action: Action, target: &str) -> Result<NewEdit> {
    NewEdit::new(domain, Edit::new(action).target(target)?.payload(&json!({"n": 1.50}))?)
}

pub(super) fn insert(target: &str) -> Result<NewEdit> {
    edit("doc", Action::Insert, target)
}

pub(super) async fn edits(ledger: &dyn Ledger) -> Result<Vec<Edited>> {
    let events = all(ledger).await?;
    events.iter().filter_map(Edited::read).collect()
}

/// Panics unless the stamps of each actor rise with the offsets, and each edit's stamp is past those of its parents.
fn stamps_rise(edits: &[Edited]) {
    let mut last: BTreeMap<&Actor, u64> = BTreeMap::new();
    let stamps: BTreeMap<_, _> = edits.iter().map(|edited| (edited.id(), edited.link.stamp.lamport)).collect();
    for edited in edits {
        let lamport = edited.link.stamp.lamport.expect("an edit has a stamp");
        let before = last.insert(edited.actor(), lamport);
        assert!(before < Some(lamport), "{} has {lamport} after {before:?}", edited.id());
        for parent in &edited.link.parents {
            assert!(
                stamps.get(parent).is_none_or(|parent| *parent < Some(lamport)),
                "{} is not past {parent}",
                edited.id()
            );
        }
    }
}

/// A clock goes on past what the ledger holds, what it is told of, and the parents of an edit, of any session.
pub async fn session_stamps_go_on_past_all_that_is_known(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let ann = opened(&ledger, "ann").await?;
    assert_eq!((ann.lamport().await, ann.record(insert("a")?).await?.lamport), (0, 1));
    let old = Draft::new("note.taken", &1)?.session(SESSION)?.actor("bob")?.lamport(5);
    ledger.append_one(old).await?;
    drop(ann);
    let again = place.open().await?;
    let ann = opened(&again, "ann").await?;
    let sixth = ann.record(insert("b")?).await?;
    assert_eq!(sixth.lamport, 6, "a handle that was opened after 5 goes on past it");
    assert_eq!((ann.observe(20).await?, ann.observe(3).await?), (21, 22));
    assert_eq!(ann.record(insert("c")?).await?.lamport, 23);

    let elsewhere = Draft::new("note.taken", &1)?.session("other")?.id("far")?.lamport(100);
    ledger.append_one(elsewhere).await?;
    let child = insert("d")?.parent("far")?.parent("gone")?.parent(&sixth.id)?;
    assert_eq!(ann.record(child.clone()).await?.lamport, 101);
    let bob = opened(&ledger, "bob").await?;
    assert_eq!(bob.record(insert("e")?).await?.lamport, 102);
    assert!(bob.observe(i64::MAX as u64).await.is_err());
    let end = Draft::new("note.taken", &1)?.id("end")?.lamport(i64::MAX as u64);
    ledger.append_one(end).await?;
    let outcome = bob.record(insert("f")?.parent("end")?).await;
    assert!(matches!(&outcome, Err(Error::Invalid { what: "lamport", .. })), "{outcome:?}");
    assert_eq!(bob.record(insert("g")?).await?.lamport, 103, "an edit that was refused moved the clock");

    let events = all(&ledger).await?;
    let mut causality = Causality::default();
    events.iter().for_each(|event| ledger_core::View::apply(&mut causality, event));
    assert!(causality.happened_before(&"far".try_into()?, &child.id));
    assert_eq!(causality.dangling().len(), 1);
    stamps_rise(&edits(&ledger).await?);
    Ok(())
}

/// A handle that is kept open hears of what others do, and says what names all of it.
pub async fn session_handles_hear_of_what_others_do(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let (here, there) = (place.open().await?, place.open().await?);
    let (ann, bob, cy) = (opened(&here, "ann").await?, opened(&there, "bob").await?, opened(&there, "cy").await?);
    ann.record(insert("a")?).await?;
    bob.observe(40).await?;
    let theirs = [bob.record(insert("b")?).await?.id, cy.record(insert("c")?).await?.id];
    // It may not know of these yet; but it forgets nothing because it goes on.
    ann.record(insert("d")?).await?;
    // Who looks away takes nothing along.
    drop(ann.frontier().now_or_never());
    assert_eq!(ann.frontier().await?, theirs);
    let known = ann.lamport().await;
    assert!(known > 40, "it has read what bob did");
    let child = theirs.iter().try_fold(insert("e")?, NewEdit::parent)?;
    let child = ann.record(child).await?;
    assert_eq!(child.lamport, known + 1);
    assert!(bob.record(insert("f")?.parent(&child.id)?).await?.lamport > child.lamport);
    let heard = async {
        // What others do is read after a second at the latest.
        while ann.record(insert("h")?).await?.lamport < 60 {
            bob.observe(60).await?;
            bob.record(insert("i")?).await?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok::<_, Error>(())
    };
    soon("a handle that goes on hears of another", heard).await?;
    stamps_rise(&edits(&*here).await?);
    Ok(())
}

/// An edit is recorded once, whole and as it was given; a repeat is answered with the first stamp.
pub async fn session_records_an_edit_once_and_as_it_was_given(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let ann = opened(&ledger, "ann").await?;
    let payload = Payload::from_json(r#"{"b": 1.50, "a": 9007199254740993, "text": "\u0000ä"}"#)?;
    let child = Edit::mutate("p")?.payload(&payload)?;
    let given = Edit::patch([child, Edit::delete("q")?])?.target("page")?.within("pages")?.at(3)?.payload(&payload)?;
    let first = NewEdit::new("doc", given.clone())?.id("e-1")?.intent("i-1")?.reservation("r-1")?.parent("gone")?;
    let recorded = ann.record(first.clone()).await?;
    ann.record(insert("x")?).await?;
    let other = place.open().await?;
    let again = opened(&other, "ann").await?;
    assert_eq!(again.record(first.clone()).await?, recorded, "a repeat was stamped anew");
    let batch = again.record_all([insert("y")?, first.clone(), insert("z")?]).await?;
    assert_eq!(batch.iter().map(|one| one.lamport).collect::<Vec<_>>(), [3, 1, 5]);

    let clash = NewEdit { edit: Edit::delete("q")?, ..first };
    let before = ledger.head().await?;
    let outcome = again.record_all([insert("v")?, clash]).await;
    assert!(matches!(&outcome, Err(Error::IdConflict { id, .. }) if id.as_str() == "e-1"), "{outcome:?}");
    assert_eq!(ledger.head().await?, before, "a part of a batch was recorded");
    assert!(again.record_all([]).await?.is_empty());
    let cause = insert("w")?;
    let outcome = again.record_all([insert("v")?.parent(&cause.id)?, cause]).await;
    assert!(matches!(&outcome, Err(Error::Invalid { what: "parents", .. })), "{outcome:?}");

    let found = edits(&ledger).await?;
    assert_eq!(
        (&found[0].edit, &found[0].domain, &found[0].link.parents),
        (&given, &Domain::new("doc")?, &vec!["gone".try_into()?])
    );
    assert_eq!(found[0].edit.content().map(Payload::as_str), Some(payload.as_str()));
    assert_eq!((&found[0].intent, &found[0].reservation), (&Some("i-1".try_into()?), &Some("r-1".try_into()?)));
    assert_eq!(found.len(), 4);
    Ok(())
}

/// Handles of one actor, on several handles of the ledger, give no stamp twice and lose nothing.
pub async fn session_handles_of_one_actor_give_no_stamp_twice(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledgers = [place.open().await?, place.open().await?, place.open().await?];
    let mut tasks = JoinSet::new();
    for task in 0..6 {
        let ledger = ledgers[task % 3].clone();
        tasks.spawn(async move {
            let session = opened(&ledger, if task < 4 { "ann" } else { "bob" }).await?;
            let mut recorded: Vec<Recorded> = Vec::new();
            for n in 0..8 {
                let edit = insert(&format!("{task}-{n}"))?;
                let edit = recorded.last().map_or(Ok(edit.clone()), |last| edit.parent(&last.id))?;
                if n % 3 == 0 {
                    recorded.extend(session.record_all([edit, insert("more")?]).await?);
                } else {
                    recorded.push(session.record(edit).await?);
                }
            }
            Ok(recorded)
        });
    }
    let recorded: Vec<_> = joined(tasks).await?.into_iter().flatten().collect();
    let found = edits(&ledgers[0]).await?;
    stamps_rise(&found);
    let told: BTreeSet<_> = recorded.iter().map(|one| (one.id.clone(), one.offset, Some(one.lamport))).collect();
    let there: BTreeSet<_> =
        found.iter().map(|one| (one.id().clone(), one.link.offset, one.link.stamp.lamport)).collect();
    assert_eq!(told, there, "an edit was lost, or is not where or as it was said to be");
    assert_eq!(found.len(), 6 * 11);
    Ok(())
}

/// Panics unless the checkpoint includes what lies up to its offset, and nothing else.
fn parts_exactly(checkpoint: &Checkpoint, events: &[Event]) {
    let before: Vec<_> = events.iter().filter(|event| event.offset <= checkpoint.offset).collect();
    let operations = before.iter().filter(|event| event.kind.as_str() == OPERATION).count();
    let lamport = before.iter().filter_map(|event| event.lamport).max().unwrap_or(0);
    assert_eq!((checkpoint.operations, checkpoint.lamport), (operations as u64, lamport), "{checkpoint:?}");
}

/// Checkpoints that are taken while others edit part the edits exactly; the newest includes most, and a handle that opens there
/// goes on past it.
pub async fn session_checkpoints_part_the_edits_exactly(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledgers = [place.open().await?, place.open().await?];
    let mut tasks: JoinSet<Result<Vec<Checkpoint>>> = JoinSet::new();
    for task in 0..4 {
        let session = opened(&ledgers[task % 2], &format!("actor-{task}")).await?;
        tasks.spawn(async move {
            let mut checkpoints = Vec::new();
            for n in 0..9 {
                session.record(insert(&format!("{task}-{n}"))?).await?;
                if n % 4 == 3 {
                    checkpoints.push(session.checkpoint(&format!("{task}-{n}")).await?);
                }
            }
            Ok(checkpoints)
        });
    }
    let mut taken: Vec<_> = joined(tasks).await?.into_iter().flatten().collect();
    let ledger = &*ledgers[0];
    let events = all(ledger).await?;
    let stored: Vec<Checkpoint> = events.iter().filter_map(Checkpoint::read).collect::<Result<_>>()?;
    stored.iter().for_each(|checkpoint| parts_exactly(checkpoint, &events));
    assert!(stored.is_sorted_by_key(|checkpoint| checkpoint.offset), "the newest does not include most");
    taken.sort_by_key(|checkpoint| stored.iter().position(|one| one == checkpoint));
    assert_eq!((taken.len(), &taken), (8, &stored));

    let replay = session::replay(ledger, &id()).await?;
    let newest = replay.checkpoint.clone().expect("there are checkpoints");
    assert_eq!(Some(&newest), stored.last());
    let replayed: Vec<_> = replay.edits.try_collect().await?;
    let after: Vec<_> = edits(ledger).await?.into_iter().filter(|one| one.link.offset > newest.offset).collect();
    assert_eq!(replayed, after);
    assert_eq!(newest.operations + replayed.len() as u64, 36);
    let late = opened(&ledgers[1], "late").await?;
    let highest = events.iter().filter_map(|event| event.lamport).max().unwrap_or(0);
    assert_eq!(late.lamport().await, highest);
    Ok(())
}

/// A late edit with a low stamp is replayed; one that cannot be read is told, and the rest is replayed.
pub async fn session_replay_goes_by_offset_and_not_by_stamp(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let ann = opened(&ledger, "ann").await?;
    let first = ann.record(insert("a")?).await?;
    ann.observe(50).await?;
    ann.record(insert("b")?).await?;
    assert_eq!(session::newest_checkpoint(&ledger, &id()).await?, None);
    let early = ann.checkpoint_at("early", first.offset).await?;
    assert_eq!((early.operations, early.lamport, early.offset), (1, 1, first.offset));
    let checkpoint = ann.checkpoint("v1").await?;
    assert_eq!((checkpoint.operations, checkpoint.lamport, checkpoint.offset.get()), (2, 52, 3));

    let late = Draft::new(OPERATION, &json!({"domain": "doc", "op": {"op": "delete", "target": "a"}}))?;
    let late = late.session(SESSION)?.actor("bob")?.lamport(2).id("late")?;
    let broken = Draft::new(OPERATION, &json!({"domain": "doc"}))?.session(SESSION)?.id("broken")?;
    let forged = json!({"snapshot": "x", "lamport": 1, "operations": 1, "offset": 4_000});
    let forged = Draft::new(CHECKPOINT, &forged)?.session(SESSION)?.tag(format!("checkpoint:{SESSION}"))?;
    ledger.append(&[late, broken, forged], &ledger_core::Condition::None).await?;
    ann.record(edit("doc", Action::Replace, "b")?).await?;

    let replay = ann.replay_since_checkpoint().await?;
    assert_eq!(replay.checkpoint, Some(checkpoint.clone()));
    let replayed: Vec<_> = replay.edits.collect().await;
    let told: Vec<_> =
        replayed.iter().map(|one| one.as_ref().map(|one| one.edit.to_string()).unwrap_or_default()).collect();
    assert_eq!(told, ["delete a", "", "replace b"]);
    assert!(matches!(&replayed[1], Err(Error::Invalid { why, .. }) if why.contains("`broken`")), "{:?}", replayed[1]);
    let delta = ann.to_delta("doc").await?;
    assert_eq!((delta.malformed, delta.operations, delta.summary().as_str()), (1, 2, "1 delete, 1 replace"));
    assert_eq!((delta.snapshot.as_deref(), delta.after), (Some("v1"), checkpoint.offset));

    for (up_to, says) in [(2, "before 3"), (9_000, "past the head")] {
        let outcome = ann.checkpoint_at("v0", offset(up_to)).await;
        assert!(matches!(&outcome, Err(Error::Invalid { why, .. }) if why.contains(says)), "{outcome:?}");
    }
    assert!(ann.checkpoint("").await.is_err());
    let mut sessions = Sessions::default();
    fold(&*ledger, Query::all(), &mut sessions).await?;
    let found = sessions.get(&id()).expect("it is there");
    assert_eq!((found.operations, found.checkpoints, found.malformed, found.lamport), (4, 2, 2, 53));
    Ok(())
}

/// A delta has the edits of its domain in causal order, also where another domain's edit stands between, and collapsed.
pub async fn session_deltas_are_in_causal_order_and_collapsed(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let (ann, bob) = (opened(&ledger, "ann").await?, opened(&ledger, "bob").await?);
    ann.record_all([insert("a")?, insert("gone")?, edit("doc", Action::Delete, "gone")?]).await?;
    assert_eq!(ann.to_delta("doc").await?.summary(), "1 insert");
    ann.checkpoint("v1").await?;
    assert_eq!(ann.to_delta("doc").await?.summary(), "no ops");
    // Stamps that do not fit what led to what, as another program may give them.
    let write = |name: &str, domain: &str, target: &str, lamport: u64, parent: &str| -> Result<Draft> {
        let payload = json!({"domain": domain, "op": {"op": "replace", "target": target}});
        Draft::new(OPERATION, &payload)?.session(SESSION)?.actor("eve")?.id(name)?.lamport(lamport).parent(parent)
    };
    let drafts = [
        write("third", "doc", "c", 2, "between")?,
        write("between", "sheet", "x", 9, "first")?,
        write("first", "doc", "b", 12, "gone")?,
    ];
    ledger.append(&drafts, &ledger_core::Condition::None).await?;
    bob.record(edit("doc", Action::Delete, "a")?).await?;
    let delta = bob.to_delta("doc").await?;
    let told: Vec<_> = delta.changes.iter().map(|change| change.edit.to_string()).collect();
    assert_eq!(told, ["delete a", "replace b", "replace c"]);
    assert_eq!((delta.summary().as_str(), delta.operations), ("1 delete, 2 replace", 3));
    assert_eq!(bob.to_delta("sheet").await?.summary(), "1 replace");
    assert_eq!(bob.to_delta("nothing").await?.summary(), "no ops");
    // As it was: a checkpoint counts from when it was recorded, though it includes what was before.
    for (last, summary, snapshot) in [
        (0, "no ops", None),
        (2, "2 insert", None),
        (3, "1 insert", None),
        (4, "no ops", Some("v1")),
        (5, "1 replace", Some("v1")),
    ] {
        let as_of = AsOf::Offset(offset(last));
        let delta = session::delta(&*ledger, &id(), &Domain::new("doc")?, &Compact, as_of).await?;
        assert_eq!((delta.summary().as_str(), delta.snapshot.as_deref()), (summary, snapshot), "as of {last}");
        assert_eq!(delta.up_to, offset(last));
    }
    Ok(())
}

/// Reservations are advice: those of others are told, and count until they expire or are released.
pub async fn session_reservations_are_told_until_they_end(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let (ann, bob) = (opened(&ledger, "ann").await?, opened(&ledger, "bob").await?);
    let hour = Duration::from_secs(3_600);
    let [first, second, intent] = ["first", "second", "intent"].map(|id| EventId::new(id).expect("a word"));
    let wish = Wish::of("doc", ["p"], hour)?;
    for _ in 0..2 {
        assert!(ann.reserve(&first, &wish).await?.is_empty());
    }
    let over = Wish { expires_at: Timestamp::EPOCH, ..wish };
    ann.reserve(&EventId::fresh(), &over).await?;
    ann.intend(&intent, &Wish::of("doc", [""; 0], hour)?).await?;
    let others = bob.reserve(&second, &Wish::of("doc", ["q", "p"], hour)?).await?;
    assert_eq!(others.iter().map(|claim| &claim.id).collect::<Vec<_>>(), [&first]);
    let broken = Draft::new("session.reservation", &json!({"domain": 7}))?.session(SESSION)?;
    ledger.append_one(broken.tag(format!("coordination:{SESSION}"))?).await?;

    let now = Timestamp::now();
    let found = bob.coordination().await?;
    let active: Vec<_> = found.active(now).map(|claim| (&claim.id, claim.firmness)).collect();
    let (reserved, meant) = (Firmness::Reservation, Firmness::Intent);
    assert_eq!(active, [(&first, reserved), (&intent, meant), (&second, reserved)]);
    assert_eq!((found.conflicts(now).len(), found.malformed().len()), (1, 1));
    assert!(!bob.release(&first).await?, "somebody else ended a reservation");
    let foreign = Draft::new("session.released", &json!({"id": first}))?.session(SESSION)?.actor("bob")?;
    ledger.append_one(foreign.tag(format!("coordination:{SESSION}"))?).await?;
    assert_eq!(ann.coordination().await?.active(now).count(), 3, "somebody else ended a reservation");
    assert!(ann.release(&first).await? && !ann.release(&first).await?);
    let found = ann.coordination().await?;
    assert_eq!((found.active(now).count(), found.conflicts(now).len()), (2, 0));
    assert!(Wish::of("doc", [""], hour).is_err());
    Ok(())
}

/// Ledgers that grew apart and are carried into each other, in whatever order and however often, hold the same edits.
pub async fn sessions_that_grew_apart_are_one_when_carried(backend: &dyn Backend) -> Result<()> {
    let (home, away) = (backend.fresh().await, backend.fresh().await);
    let (here, there) = (home.open().await?, away.open().await?);
    let ann = opened(&here, "ann").await?;
    let shared = ann.record(insert("p")?).await?;
    assert_eq!(session::carry(&*here, &*there, &id()).await?.new, 1);
    let bob = opened(&there, "bob").await?;
    for n in 0..5 {
        ann.record(edit("doc", Action::Replace, "p")?.parent(&shared.id)?.id(format!("a{n}"))?).await?;
        bob.record(edit("doc", Action::Mutate, if n == 0 { "p" } else { "q" })?.parent(&shared.id)?).await?;
    }
    ann.checkpoint("mine").await?;
    // One id for two things.
    let clash = Draft::new(OPERATION, &json!({"domain": "doc", "op": {"op": "delete", "target": "p"}}))?;
    there.append_one(clash.id("a3")?.session(SESSION)?.actor("eve")?.lamport(3)).await?;
    here.append_one(Draft::new("other.noted", &1)?.session("other")?).await?;

    let carried = session::carry(&*there, &*here, &id()).await?;
    assert_eq!((carried.new, carried.there, carried.clashes.len()), (5, 1, 1));
    let back = session::carry(&*here, &*there, &id()).await?;
    assert_eq!((back.new, back.there, back.clashes.len()), (4, 6, 1));
    for (from, into) in [(&here, &there), (&there, &here)] {
        let again = session::carry(&**from, &**into, &id()).await?;
        assert_eq!((again.new, again.clashes.len()), (0, 1), "it was carried twice");
    }
    // Late edits with low stamps are not the last that their actor made.
    let highest = edits(&*here).await?.into_iter().filter(|one| one.actor().as_str() == "bob");
    let highest = highest.max_by_key(|one| one.link.stamp.clone()).expect("bob made some");
    let low = Draft::new(OPERATION, &json!({"domain": "doc", "op": {"op": "delete", "target": "low"}}))?;
    let low = low.id("low")?.session(SESSION)?.actor("bob")?.lamport(1);
    here.append_one(low.clone()).await?;
    there.append_one(low).await?;
    assert!(ann.frontier().await?.contains(highest.id()));
    let (ours, _) = session::union(&*here, &id()).await?;
    let (theirs, _) = session::union(&*there, &id()).await?;
    let united = ours.clone().and(theirs.clone());
    assert_eq!(united, theirs.and(ours));
    assert_eq!((united.len(), united.clashes().len()), (12, 1));
    let report = united.report();
    let replaced = report.conflicts.iter().filter(|found| found.one.actor != found.other.actor).count();
    assert_eq!(replaced, report.conflicts.len());
    assert!(report.conflicts.len() >= 4, "{report:?}");
    assert!(all(&there).await?.iter().all(|event| event.session_id == Some(id())), "another session was carried along");
    let outcome = session::carry(&*here, &*here, &id()).await;
    assert!(matches!(outcome, Err(Error::SameLedger)), "{outcome:?}");
    assert_eq!(session::carry(&*here, &*there, &SessionId::new("none")?).await?.new, 0);
    Ok(())
}
