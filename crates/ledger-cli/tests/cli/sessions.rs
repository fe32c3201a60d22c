//! `sessions`, `session`, `edit`, `checkpoint`, `delta`, `merge`, and sessions as files.

use serde_json::json;

use crate::support::Shell;

/// Two actors who edit one session, of whom the second has seen what the first did; and a checkpoint in between.
pub(crate) fn edited(shell: &Shell) {
    let edit = |edit: &str, actor: &str, more: &[&str]| {
        let mut args = vec!["edit", "draft-7", "doc", edit, "--actor", actor];
        args.extend(more);
        shell.ok(&args)
    };
    let first = edit(r#"{"op":"insert","target":"p-1","position":3,"payload":{"t":1.50}}"#, "ann", &["--id", "e-1"]);
    assert_eq!(first, "offset 1 clock 1 e-1\n");
    edit(r#"{"op":"insert","target":"p-2","position":3}"#, "bob", &["--id", "e-2"]);
    assert_eq!(shell.ok(&["checkpoint", "draft-7", "v1"]), "v1 includes 2 edits up to offset 2, clock at 2\n");
    let args = ["edit", "draft-7", "doc", r#"{"op":"replace","target":"p-1"}"#, "--actor", "bob", "--id", "e-3"];
    let seen = shell.run(&[&args[..], &["--seen-all", "--json"]].concat()).exits(0).json();
    assert_eq!(seen[0], json!({"id": "e-3", "offset": 4, "lamport": 3}));
    // The same again is the same.
    edit(r#"{"op":"insert","target":"gone"}"#, "ann", &["--id", "e-4", "--intent", "i-1"]);
    // By then there is more to see.
    let again = shell.run(&[&args[..], &["--seen-all", "--json"]].concat()).exits(0).json();
    assert_eq!(again[0], seen[0]);
    edit(r#"{"op":"delete","target":"gone"}"#, "ann", &["--id", "e-5"]);
}

#[test]
fn a_session_is_edited_shown_and_collapsed() {
    let shell = Shell::new();
    edited(&shell);
    let listed = &shell.run(&["sessions", "--json"]).exits(0).json()[0];
    assert_eq!(
        (&listed["session_id"], &listed["operations"], &listed["lamport"]),
        (&json!("draft-7"), &json!(5), &json!(5))
    );
    assert_eq!((&listed["checkpoint"]["snapshot"], &listed["domains"]), (&json!("v1"), &json!({"doc": 5})));
    assert!(shell.ok(&["sessions"]).contains("draft-7   5"), "{}", shell.ok(&["sessions"]));

    let shown = shell.ok(&["session", "draft-7"]);
    for part in ["5 edits by ann, bob", "v1 includes 2 edits up to offset 2; 3 edits since", "insert p-1 at 3", "e-5"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let whole = &shell.run(&["session", "draft-7", "--json"]).exits(0).json()[0];
    assert_eq!(whole["edits"][2]["parents"], json!(["e-1"]), "who has seen all names the last edit of the other");
    assert_eq!(whole["edits"][0]["edit"]["payload"].to_string(), r#"{"t":1.5}"#);
    assert_eq!(whole["edits"][3]["intent"], "i-1");
    let graph = shell.ok(&["session", "--graph", "draft-7"]);
    assert!(graph.contains("#3  │ ●  3  doc: replace p-1  ← #1"), "{graph}");
    assert!(shell.ok(&["session", "draft-7", "--graph=mermaid"]).starts_with("flowchart TB\n"));
    let svg = shell.ok(&["session", "draft-7", "--graph=svg", "--most", "3"]);
    assert!(svg.starts_with("<svg ") && svg.matches("<circle").count() == 3, "{svg}");

    let delta = shell.ok(&["delta", "draft-7", "doc"]);
    assert_eq!(delta, "1 replace  (of 3 edits since v1)\nreplace p-1\n");
    let all = &shell.run(&["delta", "draft-7", "doc", "--all", "--json"]).exits(0).json()[0];
    assert_eq!((&all["summary"], &all["snapshot"]), (&json!("1 delete, 1 insert, 1 replace"), &json!("v1")));
    assert_eq!(all["changes"][0], json!({"edit": {"op": "replace", "target": "p-1"}, "of": ["e-3"]}));
    assert!(shell.ok(&["delta", "draft-7", "other"]).starts_with("no ops"));
}

#[test]
fn sessions_that_grew_apart_are_merged_and_conflicts_told() {
    let shell = Shell::new();
    edited(&shell);
    let there = ["--url", "laptop.db"];
    let dry = shell.run(&["merge", "draft-7", "--from", "laptop.db"]).exits(1).says("no ledger at");
    assert!(dry.stdout.is_empty());
    shell.ok(&[&there[..], &["merge", "draft-7", "--from", "ledger.db"]].concat());
    let delete = r#"{"op":"delete","target":"p-1"}"#;
    shell.ok(&[&there[..], &["edit", "draft-7", "doc", delete, "--actor", "cy", "--id", "c-1"]].concat());
    shell.ok(&["edit", "draft-7", "doc", r#"{"op":"mutate","target":"p-1"}"#, "--actor", "ann", "--id", "e-6"]);

    // A session that is not there makes no ledger to merge into.
    let new = ["--url", "new.db", "merge", "draft-8", "--from", "laptop.db"];
    shell.run(&new).exits(1).says("no session `draft-8` in sqlite:laptop.db");
    shell.run(&["--url", "new.db", "head"]).exits(1).says("no ledger at");

    let head = shell.ok(&["head"]);
    let dry = &shell.run(&["merge", "draft-7", "--from", "laptop.db", "--dry-run", "--json"]).exits(0).json()[0];
    assert_eq!((&dry["operations"], &dry["carried"]), (&json!(7), &json!(null)));
    assert_eq!(shell.ok(&["head"]), head, "a dry run recorded something");
    let merged = &shell.run(&["merge", "draft-7", "--from", "laptop.db", "--json"]).exits(0).json()[0];
    assert_eq!((&merged["carried"]["new"], &merged["conflicts"]), (&json!(1), &dry["conflicts"]));
    let conflict = merged["conflicts"].as_array().unwrap().iter().any(|found| {
        let ids = [&found["one"]["id"], &found["other"]["id"]];
        found["target"] == "p-1" && ids.contains(&&json!("c-1")) && ids.contains(&&json!("e-6"))
    });
    assert!(conflict, "{merged}");
    let told = shell.ok(&["merge", "draft-7", "--places", "doc"]);
    assert!(told.contains("doc/place 3: insert by ann (e-1), insert by bob (e-2)"), "{told}");
    assert!(told.contains("insert at 3  e-2"), "{told}");

    // What one made offline under another name is looked at as one with it.
    shell.ok(&["edit", "offline", "doc", delete, "--actor", "dee", "--id", "d-1"]);
    let both = &shell.run(&["merge", "draft-7", "offline", "--json"]).exits(0).json()[0];
    assert_eq!(both["operations"], 8);
    // An id that stands for two things is told, and nothing is written over.
    shell.ok(&[&there[..], &["edit", "draft-7", "doc", delete, "--actor", "cy", "--id", "e-9"]].concat());
    shell.ok(&["edit", "draft-7", "doc", delete, "--actor", "ann", "--id", "e-9"]);
    let clash = shell.run(&["merge", "draft-7", "--from", "laptop.db"]).exits(1);
    assert!(clash.stdout.contains("e-9 stands for two different edits"), "{clash:?}");
    shell.run(&["merge", "draft-7", "--from", "ledger.db"]).exits(3).says("same ledger");
    shell.run(&["merge", "draft-7", "ofline"]).exits(1).says("no session `ofline`");

    // An id that is something else here, outside of the session, loses its edit: that is told too.
    let shell = Shell::new();
    shell.append(&["--id", "x-1"]);
    shell.ok(&[&there[..], &["edit", "s", "doc", delete, "--actor", "cy", "--id", "x-1"]].concat());
    shell.ok(&[&there[..], &["edit", "s", "doc", delete, "--actor", "cy", "--id", "x-2"]].concat());
    let lost = shell.run(&["merge", "s", "--from", "laptop.db"]).exits(1);
    assert!(lost.stderr.contains("`x-1` stands for something else here"), "{lost:?}");
}

#[test]
fn reservations_are_told_until_they_end() {
    let shell = Shell::new();
    shell.ok(&["reserve", "draft-7", "doc", "p-1", "p-2", "--actor", "ann", "--for", "1h", "--id", "r-1"]);
    shell.ok(&["reserve", "draft-7", "doc", "p-1", "--actor", "bob", "--for", "1h", "--id", "i-1", "--intent"]);
    let told =
        shell.ok(&["reserve", "draft-7", "doc", "--actor", "bob", "--for", "1h", "--id", "r-2", "--note", "all"]);
    assert!(told.contains("ann has reserved the same") && told.contains("r-1"), "{told}");
    let shown = shell.ok(&["session", "draft-7"]);
    for part in
        ["reservation by ann: p-1, p-2 of doc", "intent by bob: p-1", "ann and bob have reserved the same: r-1 and r-2"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let whole = &shell.run(&["session", "draft-7", "--json"]).exits(0).json()[0];
    assert_eq!((&whole["claims_in_conflict"], &whole["claims"][2]["note"]), (&json!([["r-1", "r-2"]]), &json!("all")));
    let again = shell
        .run(&["reserve", "draft-7", "doc", "p-1", "p-2", "--actor", "ann", "--for", "2h", "--id", "r-1", "--json"]);
    assert_eq!(again.exits(0).json()[0]["expires_at"], whole["claims"][0]["expires_at"], "a repeat is the same");
    shell.run(&["release", "draft-7", "r-1", "--actor", "bob"]).exits(1).says("`r-1` of `bob`");
    shell.ok(&["release", "draft-7", "r-1", "--actor", "ann"]);
    shell.run(&["release", "draft-7", "r-1", "--actor", "ann"]).exits(1).says("not ended");
    assert!(!shell.ok(&["session", "draft-7"]).contains("have reserved the same"));
    shell.run(&["reserve", "draft-7", "doc", "", "--actor", "ann"]).exits(2).says("invalid targets");
}

#[test]
fn a_session_is_exchanged_as_files() {
    let shell = Shell::new();
    edited(&shell);
    let written = shell.ok(&["export", "--format", "session", "--session", "draft-7", "-o", "out"]);
    assert_eq!(written, "5 edits written to `out/draft-7`\n");
    let new = ["--url", "new.db"];
    let read = shell.ok(&[&new[..], &["import", "--format", "session", "out/draft-7"]].concat());
    assert_eq!(read, "5 edits recorded, 0 already there\ncheckpoint v1 includes 2 edits\n");
    assert_eq!(shell.ok(&[&new[..], &["delta", "draft-7", "doc"]].concat()), shell.ok(&["delta", "draft-7", "doc"]));
    let again = shell.run(&[&new[..], &["import", "--format", "session", "out/draft-7", "--json"]].concat()).exits(0);
    assert_eq!((&again.json()[0]["new"], &again.json()[0]["there"]), (&json!(0), &json!(5)));

    let text = std::fs::read_to_string(shell.path("out/draft-7/ops.jsonl")).unwrap();
    std::fs::create_dir(shell.path("torn")).unwrap();
    shell.file("torn/ops.jsonl", format!("no json\n{}", &text[..text.len() - 9]));
    let torn = shell.run(&[&new[..], &["import", "--format", "session", "torn"]].concat());
    assert!(
        torn.code == 1 && torn.stderr.contains("1 line passed over that are no edits, such as line 1: "),
        "{torn:?}"
    );
    assert!(
        torn.stderr.contains("the last line was cut") && torn.stderr.contains("stands for something else"),
        "{torn:?}"
    );
}

#[test]
fn a_checkpoint_counts_in_its_own_ledger_only_and_survives_what_it_includes() {
    let shell = Shell::new();
    edited(&shell);
    // Offsets are others in a ledger that holds something else.
    shell.feed(&["import"], r#"{"kind":"other.noted","payload":{}}"#).exits(0);
    let lines = shell.ok(&["export"]);
    let url = ["--url", "other.db"];
    for _ in 0..9 {
        shell.run(&[&url[..], &["append", "--kind", "other.noted"]].concat()).exits(0);
    }
    let told = shell.feed(&[&url[..], &["import", "--as-drafts"]].concat(), lines).exits(0);
    assert!(told.stderr.contains("checkpoints of sessions are left out"), "{told:?}");
    let delta = &shell.run(&[&url[..], &["delta", "draft-7", "doc", "--json"]].concat()).exits(0).json()[0];
    assert_eq!((&delta["snapshot"], &delta["operations"]), (&json!(null), &json!(5)));

    // What a snapshot includes may be pruned: it stands before the rest all the same, here and where it is imported.
    let third = shell.run(&["show", "e-3", "--json"]).exits(0).json();
    let until = third[0]["created_at"].as_str().unwrap();
    shell.ok(&["prune", "--session", "draft-7", "--kind", "session.operation", "--until", until, "--yes"]);
    let shown = shell.ok(&["session", "draft-7"]);
    assert!(
        shown.contains("3 edits by") && shown.contains("v1 includes 2 edits up to offset 2; 3 edits since"),
        "{shown}"
    );
    shell.ok(&["export", "--format", "session", "--session", "draft-7", "-o", "out"]);
    let read = shell.ok(&["--url", "third.db", "import", "--format", "session", "out/draft-7"]);
    assert_eq!(read, "3 edits recorded, 0 already there\ncheckpoint v1 includes 0 edits\n");
    let delta = ["delta", "draft-7", "doc"];
    assert_eq!(shell.ok(&[&["--url", "third.db"][..], &delta].concat()), shell.ok(&delta));
}

#[test]
fn what_is_wrong_is_said_and_nothing_recorded() {
    let shell = Shell::new();
    edited(&shell);
    let head = shell.ok(&["head"]);
    for (args, code, says) in [
        (&["session", "none"][..], 1, "no session `none`"),
        (&["delta", "none", "doc"], 1, "no session `none`"),
        (&["checkpoint", "none", "v1"], 1, "no session `none`"),
        (&["merge", "none"], 1, "no session `none`"),
        (&["checkpoint", "draft-7", "v0", "--at", "1"], 2, "`1` is before 2"),
        (&["checkpoint", "draft-7", "v0", "--at", "99"], 2, "past the head"),
        (&["checkpoint", "draft-7", ""], 2, "invalid snapshot"),
        (&["edit", "draft-7", "doc", r#"{"op":"drop"}"#, "--actor", "a"], 2, "`drop` is none of"),
        (&["edit", "draft-7", "doc", r#"{"op":"delete","target":"q"}"#, "--actor", "a", "--id", "e-1"], 3, "e-1"),
        (&["export", "--format", "session", "--session", "../../evil", "-o", "out"], 1, "no session"),
        (&["export", "--format", "session", "-o", "out"], 2, "--session ID and --output"),
        (&["export", "--format", "session", "--session", "draft-7", "-o", "out", "--desc"], 2, "whole"),
        (&["import", "--format", "session", "nowhere"], 1, "cannot read `nowhere`"),
        (&["import", "--format", "session"], 2, "give the directory"),
        (&["edit", "draft-7", "doc", "@nowhere", "--actor", "a"], 1, "cannot read `nowhere`"),
    ] {
        shell.run(args).exits(code).says(says);
    }
    assert_eq!(shell.ok(&["head"]), head);
    shell.ok(&["edit", "../../evil", "doc", r#"{"op":"delete"}"#, "--actor", "a"]);
    shell
        .run(&["export", "--format", "session", "--session", "../../evil", "-o", "out"])
        .exits(2)
        .says("directory's name");
    assert_eq!(shell.names(), ["ledger.db"]);
}
