//! `import` of lines that are wrong: each is named with its number, and nothing before it is lost.

use crate::support::{LINE, Shell, drafts};

/// Returns two good lines with another between them.
fn around(bad: &[u8]) -> Vec<u8> {
    [drafts(1, 1).as_bytes(), bad, b"\n", drafts(2, 1).as_bytes()].concat()
}

/// Bad lines, and what is said of each.
fn bad_lines() -> Vec<(Vec<u8>, &'static str)> {
    let payload = |payload: &str| format!("{{\"id\":\"x\",\"kind\":\"a.b\",\"payload\":{payload}}}").into_bytes();
    let kind = |kind: &str| format!("{{\"id\":\"x\",\"kind\":\"{kind}\",\"payload\":1}}").into_bytes();
    let id = |id: &str| format!("{{\"id\":\"{id}\",\"kind\":\"a.b\",\"payload\":1}}").into_bytes();
    vec![
        (kind("nodot"), "`nodot` is not dotted lower case"),
        (kind("Bad.Kind"), "`Bad.Kind` is not dotted lower case"),
        (kind("trailing."), "`trailing.` is not dotted lower case"),
        (id(&"x".repeat(65)), "has 65 bytes: 64 are the most"),
        (id(r"a\u0000b"), "control character"),
        (payload(&format!("\"{}\"", "x".repeat(1 << 20))), "1048578 bytes: 1048576 are the most"),
        (payload(r#""\ud800""#), "lone surrogate"),
        (payload("\"a\0b\""), "is NUL"),
        (payload("NaN"), "invalid event"),
        (br#"{"id":"x","kind":"a.b","payload":1,"tags":["nocolon"]}"#.to_vec(), "`nocolon` has no colon"),
        (br#"{"id":"x","kind":"a.b","payload":1,"colour":1}"#.to_vec(), "colour"),
        (br#"{"id":"x","kind":"a.b"}"#.to_vec(), "payload"),
        (b"\xEF\xBB\xBF{}".to_vec(), "byte order mark"),
        (b"{\"\xFF\"}".to_vec(), "not UTF-8 from byte 3"),
        (b"not json".to_vec(), "`not json`"),
        (vec![b'x'; 10 << 20], "10,485,760 bytes: 4,194,304 are the most"),
        (LINE.as_bytes().to_vec(), "this is a recorded event"),
    ]
}

#[test]
fn a_bad_line_stops_the_import_with_its_number_and_what_is_wrong() {
    for (bad, says) in bad_lines() {
        let shell = Shell::new();
        let done = shell.feed(&["import"], around(&bad)).exits(2).says(says).says("error: line 2: ");
        assert!(done.stderr.contains("1 event recorded before it"), "{done:?}");
        assert!(done.stdout.is_empty() && done.stderr.len() < 1_000, "{done:?}");
        assert_eq!(shell.ok(&["head"]), "1\n", "{says}");
    }
}

#[test]
fn skip_bad_collects_the_bad_lines_and_records_the_others() {
    let shell = Shell::new();
    let bad = bad_lines();
    let mut input = drafts(1, 1).into_bytes();
    for (line, _) in &bad {
        input.extend_from_slice(line);
        input.push(b'\n');
    }
    input.extend_from_slice(drafts(2, 1).as_bytes());
    let done = shell.feed(&["import", "--skip-bad", "bad.jsonl"], input).exits(0);
    assert_eq!(done.stdout, "2 events recorded, 0 already there, 17 lines skipped to `bad.jsonl`; head 2\n");
    let collected = std::fs::read(shell.path("bad.jsonl")).unwrap();
    let expected: Vec<u8> = bad.iter().flat_map(|(line, _)| [line, &b"\n"[..]].concat()).collect();
    assert!(collected == expected, "{} bytes, not {}", collected.len(), expected.len());
    for (number, (_, says)) in (2..).zip(&bad) {
        let explained = |line: &str| line.starts_with(&format!("skipped line {number}: ")) && line.contains(says);
        assert!(done.stderr.lines().any(explained), "{number} {says}: {}", done.stderr);
    }
    let machine = shell.feed(&["import", "--json", "--skip-bad", "bad.jsonl"], around(b"x")).exits(0);
    assert_eq!(machine.stdout, "{\"new\":0,\"duplicate\":2,\"skipped\":1,\"head\":2}\n");
    assert_eq!(std::fs::read(shell.path("bad.jsonl")).unwrap(), b"x\n");
}

#[test]
fn many_bad_lines_are_counted_and_not_all_explained() {
    let shell = Shell::new();
    let done = shell.feed(&["import", "--skip-bad", "bad.jsonl"], "x\n".repeat(3_000)).exits(0);
    assert!(done.stderr.lines().count() == 21 && done.stderr.ends_with("… and 2980 more\n"), "{}", done.stderr);
    assert!(done.stdout.contains("3,000 lines skipped"), "{done:?}");
}

#[test]
fn a_conflicting_id_stops_the_import_at_its_line_with_exit_code_3() {
    let shell = Shell::new();
    shell.append(&["--id", "e-700", "--payload", "0"]);
    let done = shell.feed(&["import"], drafts(1, 900)).exits(3);
    let done = done.says("error: line 700: id `e-700` is already at offset 1 with other content");
    assert!(done.stderr.contains("699 events recorded before it"), "{done:?}");
    assert_eq!(shell.head(), 700);
    let skipping = ["import", "--json", "--skip-bad", "bad.jsonl"];
    let done = shell.feed(&skipping, drafts(1, 900)).exits(0);
    assert_eq!(done.stdout, "{\"new\":200,\"duplicate\":699,\"skipped\":1,\"head\":900}\n");
    assert_eq!(std::fs::read_to_string(shell.path("bad.jsonl")).unwrap(), drafts(700, 1));
}

#[test]
fn an_id_that_conflicts_within_the_file_stops_at_the_second_line_that_has_it() {
    let shell = Shell::new();
    let other = "{\"id\":\"e-1\",\"kind\":\"a.b\",\"payload\":0}\n";
    let input = format!("{}{}{other}{}", drafts(1, 3), drafts(1, 1), drafts(4, 1));
    shell.feed(&["import"], &input).exits(3).says("line 5: id `e-1`");
    assert_eq!(shell.head(), 3);
    let done = shell.feed(&["import", "--skip-bad", "bad.jsonl", "--json"], &input).exits(0);
    assert_eq!(done.stdout, "{\"new\":1,\"duplicate\":4,\"skipped\":1,\"head\":4}\n");
}

#[test]
fn drafts_and_recorded_events_do_not_mix_unless_all_become_drafts() {
    let shell = Shell::new();
    let mixed = format!("{LINE}\n{}", drafts(1, 1));
    let done = shell.feed(&["import"], &mixed).exits(2).says("line 2: invalid event: this is a draft");
    assert!(done.stderr.contains("--as-drafts"), "{done:?}");
    assert_eq!(shell.head(), 3);
    shell.feed(&["import", "--as-drafts", "--url", "other.db"], &mixed).exits(0);
    assert_eq!(shell.verify("other.db")["count"], 2);
}

#[test]
fn recorded_events_out_of_order_are_refused_with_their_line() {
    let shell = Shell::new();
    let input = format!("{LINE}\n{LINE}\n");
    shell.feed(&["import"], input).exits(2).says("line 2: invalid offset: `3` after 3");
    let half = LINE.replace("\"recorded_at\":\"2026-01-31T12:00:01.000000Z\",", "");
    shell.feed(&["import"], half).exits(2).says("line 1: ").says("go together");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let shell = Shell::new();
    shell.run(&["import", "none.jsonl"]).exits(1).says("cannot read `none.jsonl`");
    shell.run(&["import", "."]).exits(2).says("`.` is a directory");
    assert!(shell.names().is_empty(), "no ledger is created for a file that is not there: {:?}", shell.names());
}
