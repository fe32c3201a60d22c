//! Sessions as files: written and read, they are the same, past whatever in them is broken.

use std::collections::BTreeSet;

use ledger_core::lineage::AsOf;
use ledger_core::session::{self, NewEdit, Session};
use ledger_core::views::session::{Action, Edit, Edited};
use ledger_core::{Domain, Draft, Error, LedgerExt, Payload, Result, SessionId};

use super::sessions::{edit, edits, insert};
use crate::backend::Backend;

/// A session that is written into files and read into another ledger is the same there, with its checkpoint, however often.
pub async fn sessions_are_exchanged_by_files(backend: &dyn Backend) -> Result<()> {
    let (home, away) = (backend.fresh().await, backend.fresh().await);
    let (here, there) = (home.open().await?, away.open().await?);
    let root = tempfile::tempdir().expect("a directory for the test");
    let id = SessionId::new("draft 7")?;
    let ann = Session::open(here.clone(), &id, "ann").await?;
    let payload = Payload::from_json(r#"{"b": 1.50, "a": 9007199254740993}"#)?;
    let first = NewEdit::new("doc", Edit::insert("p")?.at(3)?.payload(&payload)?)?.intent("i")?.reservation("r")?;
    let first = ann.record(first.parent("gone")?).await?;
    here.append_one(Draft::new("other.noted", &1)?).await?;
    ann.observe(40).await?;
    ann.record(insert("q")?.parent(&first.id)?).await?;
    let none = session::export(&*here, &id, root.path()).await?;
    assert_eq!((none.operations, &none.checkpoint), (2, &None));
    let taken = ann.checkpoint("v1").await?;
    ann.record(edit("doc", Action::Delete, "q")?).await?;
    let at_once = (0..4).map(|_| session::export(&*here, &id, root.path()));
    let exported = futures::future::try_join_all(at_once).await?.remove(0);
    assert_eq!((exported.operations, exported.checkpoint.as_ref()), (3, Some(&taken)));
    let names: BTreeSet<_> = std::fs::read_dir(&exported.directory)
        .expect("it is there")
        .map(|entry| entry.expect("a name").file_name())
        .collect();
    assert_eq!(names, ["checkpoint.json", "ops.jsonl"].map(Into::into).into(), "something half written was left");

    there.append_one(Draft::new("other.noted", &2)?).await?;
    let imported = session::import(&*there, &id, root.path()).await?;
    assert_eq!((imported.edits.new, imported.corrupt, imported.torn), (3, 0, false));
    let theirs = imported.checkpoint.expect("it parts the edits there too");
    assert_eq!((&theirs.snapshot, theirs.operations, theirs.lamport), (&taken.snapshot, 2, taken.lamport));
    let (ours, _) = session::union(&*here, &id).await?;
    let (copied, _) = session::union(&*there, &id).await?;
    let without_offset = |merge: ledger_core::views::session::Merge| -> Vec<Edited> {
        let offset = |mut edited: Edited| {
            edited.link.offset = ledger_core::Offset::START;
            edited
        };
        merge.edits().into_iter().map(offset).collect()
    };
    assert_eq!(without_offset(copied), without_offset(ours), "an edit came back otherwise");
    let delta =
        session::delta(&*there, &id, &Domain::new("doc")?, &ledger_core::views::session::Compact, AsOf::Now).await?;
    assert_eq!((delta.summary().as_str(), delta.snapshot.as_deref()), ("1 delete", Some("v1")));
    let again = session::import(&*there, &id, root.path()).await?;
    assert_eq!((again.edits.new, again.edits.there, again.checkpoint), (0, 3, None));
    assert_eq!(session::newest_checkpoint(&*there, &id).await?, Some(theirs));
    Ok(())
}

/// Lines that are no edits are passed over and counted, a cut last line is, and a checkpoint that does not part the edits.
pub async fn sessions_are_imported_past_what_is_broken(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let root = tempfile::tempdir().expect("a directory for the test");
    let write = |session: &str, name: &str, text: &[u8]| {
        let directory = root.path().join(session);
        std::fs::create_dir_all(&directory)
            .and_then(|()| std::fs::write(directory.join(name), text))
            .expect("it is written");
    };
    let line = |id: &str, lamport: u64, at: &str| {
        let op = r#"{"type":"insert","target":"p","style":[1.50]}"#;
        format!(
            r#"{{"op_id":"{id}","actor_id":"ann","lamport_ts":{lamport},"domain":"doc","domain_op":{op},"created_at":{at}}}"#
        )
    };
    let good = line("a", 4, "1767225600.25");
    let lines = [
        good.clone(),
        "{not json".into(),
        String::new(),
        line("b", 9, r#""2026-01-01T02:00:00+02:00""#),
        r#"{"op_id":"x"}"#.into(),
        line("a", 5, "null"),
        line("a", 6, "1").replace("insert", "delete"),
    ];
    let mut text = lines.join("\n").into_bytes();
    text.extend(b"\n\xff\xfe\n");
    text.extend(&line("c", 10, "1").as_bytes()[..40]);
    write("s", "ops.jsonl", &text);
    write("s", "checkpoint.json", br#"{"snapshot_id":"v1","lamport_ts":4}"#);
    let id = SessionId::new("s")?;
    let imported = session::import(&*ledger, &id, root.path()).await?;
    assert_eq!((imported.edits.new, imported.edits.there, imported.edits.clashes.len()), (2, 1, 1), "{imported:?}");
    let first = imported.first_corrupt.clone();
    assert_eq!((imported.corrupt, first.map(|(line, _)| line), imported.torn), (3, Some(2), true));
    assert_eq!(imported.checkpoint.map(|taken| (taken.operations, taken.lamport)), Some((1, 4)));
    let found = edits(&ledger).await?;
    assert_eq!(found[0].at.to_string(), "2026-01-01T00:00:00.250000Z");
    assert_eq!(found[1].at.to_string(), "2026-01-01T00:00:00.000000Z");
    let text = serde_json::to_string(&found[1].edit).expect("it has a form");
    assert_eq!(text, r#"{"type":"insert","target":"p","style":[1.50]}"#);

    // A last line that is whole counts, whatever its end; a low stamp stands behind a high one, so no offset parts them.
    let lines = [line("m", 9, "1"), line("n", 2, "1"), line("o", 12, "1")];
    write("t", "ops.jsonl", lines.join("\n").as_bytes());
    for (text, says) in [
        (r#"{"snapshot_id":"v1","lamport_ts":2}"#, "includes 1 edits, and 2 stand"),
        (r#"{"snapshot_id":"v1"}"#, "neither `op_count` nor"),
        (r#"{"snapshot_id":7}"#, "checkpoint.json"),
    ] {
        write("t", "checkpoint.json", text.as_bytes());
        let imported = session::import(&*ledger, &SessionId::new("t")?, root.path()).await?;
        assert_eq!((imported.corrupt, imported.torn, imported.checkpoint), (0, false, None));
        assert!(imported.no_checkpoint.as_ref().is_some_and(|why| why.contains(says)), "{:?}", imported.no_checkpoint);
    }
    assert_eq!(edits(&ledger).await?.len(), 5);

    let before = ledger.head().await?;
    for bad in ["../../evil", "/etc", "..", ".", r"a\b", "c:d"] {
        let bad = SessionId::new(bad)?;
        for outcome in [
            session::import(&*ledger, &bad, root.path()).await.map(drop),
            session::export(&*ledger, &bad, root.path()).await.map(drop),
        ] {
            assert!(matches!(&outcome, Err(Error::Invalid { what: "session id", .. })), "{bad}: {outcome:?}");
        }
    }
    let outcome = session::import(&*ledger, &SessionId::new("none")?, root.path()).await;
    assert!(matches!(&outcome, Err(Error::Backend { why, .. }) if why.contains("none")), "{outcome:?}");
    assert_eq!(ledger.head().await?, before);
    Ok(())
}
