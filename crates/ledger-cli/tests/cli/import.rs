//! `import` and `export`: what goes out comes in again to the byte, and a repeat completes what was interrupted.

use std::io::Write;

use serde_json::json;

use crate::support::{LINE, LINE_DIGEST, Shell, drafts, interrupt, lines};

/// Fills the default ledger with events that are easy to damage.
fn fill(shell: &Shell) {
    shell.append(&["--payload", "{\n  \"b\": 1.50,\r\n  \"a\": 9007199254740993\n}", "--tag", "k:line\nbreak"]);
    shell.append(&["--payload", r#""\u0000 \ud83d\ude00 é""#, "--run", "run with blanks", "--parent", "p"]);
    shell.append(&["--payload", "1e400", "--at", "2026-03-01T02:00:00.123456789+02:00", "--lamport", "9"]);
    shell.append(&["--payload", "{\"a\":1,\"a\":2}", "--session", "s", "--model-id", "m", "--model-profile", "p"]);
}

#[test]
fn export_piped_into_import_is_lossless() {
    let shell = Shell::new();
    fill(&shell);
    let exported = shell.ok(&["export"]);
    assert_eq!(exported.lines().count(), 4);
    let copy = ["--url", "copy.db"];
    let done = shell.feed(&[&["import"], &copy[..]].concat(), &exported).exits(0);
    assert_eq!(done.stdout, "4 events recorded, 0 already there; head 4\n");
    assert_eq!(shell.verify("copy.db"), shell.verify("ledger.db"));
    assert_eq!(shell.ok(&[&["export"], &copy[..]].concat()), exported);
    let equal = shell.ok(&["verify", "copy.db"]);
    assert!(equal.contains("equal: both hold the same events"), "{equal}");
}

#[test]
fn importing_an_export_again_resumes() {
    let shell = Shell::new();
    fill(&shell);
    let exported = shell.ok(&["export"]);
    let first: String = exported.lines().take(2).map(|line| format!("{line}\n")).collect();
    shell.feed(&["import", "--url", "copy.db"], first).exits(0);
    let import = ["import", "--json", "--url", "copy.db"];
    let done = shell.feed(&import, &exported).exits(0);
    assert_eq!(done.stdout, "{\"new\":2,\"duplicate\":2,\"skipped\":0,\"head\":4}\n");
    let done = shell.feed(&import, &exported).exits(0);
    assert_eq!(done.stdout, "{\"new\":0,\"duplicate\":4,\"skipped\":0,\"head\":4}\n");
    assert_eq!(shell.verify("copy.db"), shell.verify("ledger.db"));
}

#[test]
fn an_event_keeps_every_byte_of_its_line() {
    let shell = Shell::new();
    shell.feed(&["import"], LINE).exits(0);
    let expected = format!("{LINE}\n");
    for args in [&["export"][..], &["tail", "--json"], &["show", "3", "--json"], &["show", "e-3", "--json"]] {
        assert_eq!(shell.ok(args), expected, "{args:?}");
    }
    let verified = format!("{{\"count\":1,\"head\":3,\"gaps\":2,\"pruned\":0,\"digest\":\"{LINE_DIGEST}\"}}\n");
    let done = shell.run(&["verify", "--json"]).exits(1).says("2 offsets without an event, and nothing says why");
    assert_eq!(done.stdout, verified);
}

#[test]
fn import_into_a_ledger_that_holds_something_else_is_refused_unless_as_drafts() {
    let shell = Shell::new();
    shell.append(&["--id", "mine"]);
    shell.append(&[]);
    shell.append(&[]);
    let before = shell.verify("ledger.db");
    let done = shell.feed(&["import"], LINE).exits(3).says("holds other events");
    assert!(done.stderr.contains("--as-drafts"), "{done:?}");
    assert_eq!(shell.verify("ledger.db"), before);
    let import = ["import", "--as-drafts", "--json"];
    let done = shell.feed(&import, LINE).exits(0);
    assert_eq!(done.stdout, "{\"new\":1,\"duplicate\":0,\"skipped\":0,\"head\":4}\n");
    let done = shell.feed(&import, LINE).exits(0);
    assert_eq!(done.json()[0]["duplicate"], 1);
    assert_eq!(shell.run(&["show", "e-3", "--json"]).json()[0]["offset"], 4);
}

#[test]
fn a_pruned_ledger_goes_through_export_and_import() {
    let shell = Shell::new();
    shell.feed(&["import"], drafts(1, 10)).exits(0);
    shell.ok(&["prune", "--from", "3", "--before", "5", "--yes"]);
    let exported = shell.ok(&["export"]);
    shell.feed(&["import", "--url", "copy.db"], exported).exits(0);
    let copy = shell.verify("copy.db");
    assert_eq!((&copy["count"], &copy["gaps"], &copy["head"]), (&json!(9), &json!(2), &json!(11)));
    assert_eq!(copy, shell.verify("ledger.db"));
}

#[test]
fn drafts_are_recorded_once_however_often_they_are_imported() {
    let shell = Shell::new();
    shell.file("events.jsonl", drafts(1, 2_500));
    assert_eq!(shell.ok(&["import", "events.jsonl"]), "2,500 events recorded, 0 already there; head 2500\n");
    let again = shell.ok(&["import", "events.jsonl", "--json"]);
    assert_eq!(again, "{\"new\":0,\"duplicate\":2500,\"skipped\":0,\"head\":2500}\n");
    assert_eq!(shell.run(&["show", "2500", "--json"]).json()[0]["id"], "e-2500");
}

#[test]
fn a_draft_without_an_id_is_recorded_with_one_warning() {
    let shell = Shell::new();
    let done = shell.feed(&["import"], "{\"kind\":\"a.b\",\"payload\":1}\n{\"kind\":\"a.b\",\"payload\":2}\n").exits(0);
    assert_eq!(done.stderr.matches("warning:").count(), 1, "{done:?}");
    assert!(done.stderr.contains("line 1 has no `id`"), "{done:?}");
    let escaped = shell.feed(&["import"], r#"{"id":"\u0061","kind":"a.b","payload":1}"#).exits(0);
    assert!(escaped.stderr.is_empty(), "{escaped:?}");
    assert_eq!(shell.head(), 3);
}

#[test]
fn empty_lines_and_line_ends_of_other_systems_are_fine() {
    let shell = Shell::new();
    let input =
        "\n{\"id\":\"a\",\"kind\":\"a.b\",\"payload\":1}\r\n  \r\n\n{\"id\":\"b\",\"kind\":\"a.b\",\"payload\":2}";
    shell.feed(&["import", "-"], input).exits(0);
    assert_eq!(shell.head(), 2);
    shell.feed(&["import"], "").exits(0);
}

#[test]
fn ctrl_c_keeps_what_was_recorded_and_a_repeat_completes_it() {
    let shell = Shell::new();
    shell.ok(&["migrate"]);
    let mut import = shell.start(&["import"]);
    let mut follower = shell.start(&["tail", "--follow", "--json", "--limit", "1500"]);
    // The pipe stays open, so the lines are recorded because they wait, and not because the input ended.
    let mut pipe = import.stdin.take().unwrap();
    pipe.write_all(drafts(1, 1_500).as_bytes()).unwrap();
    pipe.write_all(b"{\"id\":\"half").unwrap();
    assert_eq!(lines(&mut follower).count(), 1_500);
    assert!(follower.wait().unwrap().success());
    interrupt(&import);
    let done: crate::support::Done = import.wait_with_output().unwrap().into();
    drop(pipe);
    let done = done.exits(130).says("interrupted: 1,500 events recorded");
    assert!(done.stdout.is_empty());
    assert_eq!(shell.head(), 1_500);
    let again = shell.feed(&["import", "--json"], drafts(1, 2_000)).exits(0);
    assert_eq!(again.stdout, "{\"new\":500,\"duplicate\":1500,\"skipped\":0,\"head\":2000}\n");
}

#[test]
fn an_export_holds_what_was_there_at_an_offset_or_a_time() {
    let shell = Shell::new();
    shell.feed(&["import"], drafts(1, 4)).exits(0);
    let offsets = |as_of: &str| {
        let lines = shell.run(&["export", "--as-of", as_of]).exits(0).json();
        lines.iter().map(|line| line["offset"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((offsets("2"), offsets("99"), offsets("0")), (vec![1, 2], vec![1, 2, 3, 4], vec![]));
    assert_eq!((offsets("2001-01-01T00:00:00Z"), offsets("0s")), (vec![], vec![1, 2, 3, 4]));
    shell.run(&["export", "--as-of", "never"]).exits(2).says("`never`");
    let session = ["export", "--format", "session", "--session", "s", "--output", "out", "--as-of", "2"];
    shell.run(&session).exits(2).says("exported whole");
}

#[test]
fn export_writes_a_file_that_appears_when_it_is_whole() {
    let shell = Shell::new();
    fill(&shell);
    shell.file("out.jsonl", "older");
    assert_eq!(shell.ok(&["export", "--output", "out.jsonl"]), "4 events written to `out.jsonl`\n");
    assert_eq!(std::fs::read_to_string(shell.path("out.jsonl")).unwrap(), shell.ok(&["export"]));
    assert!(!shell.names().iter().any(|name| name.ends_with(".part")), "{:?}", shell.names());
    shell.run(&["export", "--output", "no/such/dir.jsonl"]).exits(1).says("cannot write `no/such/dir.jsonl`");
}

#[test]
fn export_and_import_refuse_to_write_over_the_ledger_or_the_input() {
    let shell = Shell::new();
    shell.append(&["--id", "x"]);
    shell.run(&["export", "--output", "./ledger.db"]).exits(2).says("is the ledger");
    shell.file("in.jsonl", drafts(1, 1));
    shell.run(&["import", "in.jsonl", "--skip-bad", "./in.jsonl"]).exits(2).says("is the file to import");
    shell.run(&["import", "in.jsonl", "--skip-bad", "ledger.db"]).exits(2).says("is the ledger");
    assert_eq!(std::fs::read_to_string(shell.path("in.jsonl")).unwrap(), drafts(1, 1));
    assert_eq!(shell.head(), 1);
}
