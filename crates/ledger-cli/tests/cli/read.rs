//! `tail`, `show`, `runs`, `run`, `head`, and what all reading has in common: it creates nothing and bears a closed pipe.

use serde_json::json;

use crate::support::{EMPTY_DIGEST, Shell, drafts, interrupt, lines};

fn story(shell: &Shell) {
    for (run, kind, actor, tag, at, payload) in [
        ("r-1", "run.started", "ann", "job:1", "2026-01-01T00:00:00Z", "{}"),
        ("r-2", "run.started", "bob", "job:2", "2026-01-02T00:00:00Z", "{}"),
        ("r-1", "step.done", "bob", "job:1", "2026-01-03T00:00:00Z", "{\"n\":1}"),
        ("r-1", "run.finished", "ann", "job:1", "2026-01-04T00:00:00Z", "{\"reason\":\"done\"}"),
    ] {
        let args = ["--run", run, "--actor", actor, "--tag", tag, "--tag", "all:x", "--at", at, "--payload", payload];
        let args = [&["append", "--kind", kind, "--session", run], &args[..]].concat();
        shell.ok(&args);
    }
}

#[test]
fn tail_filters_by_everything_it_offers() {
    let shell = Shell::new();
    story(&shell);
    for (args, offsets) in [
        (&[][..], vec![1, 2, 3, 4]),
        (&["--from", "3"], vec![3, 4]),
        (&["--from", "0"], vec![1, 2, 3, 4]),
        (&["--after", "3"], vec![4]),
        (&["--run", "r-1"], vec![1, 3, 4]),
        (&["--kind", "run.*"], vec![1, 2, 4]),
        (&["--kind", "run.finished", "--kind", "step.*"], vec![3, 4]),
        (&["--actor", "bob"], vec![2, 3]),
        (&["--session", "r-2"], vec![2]),
        (&["--tag", "job:1", "--tag", "all:x"], vec![1, 3, 4]),
        (&["--any-tag", "job:2", "--any-tag", "job:3", "--tag", "all:x"], vec![2]),
        (&["--any-tag", "job:2", "--any-tag", "job:1", "--kind", "run.*"], vec![1, 2, 4]),
        (&["--since", "2026-01-02T01:00:00+01:00"], vec![2, 3, 4]),
        (&["--until", "2026-01-02T00:00:00Z"], vec![1]),
        (&["--limit", "2"], vec![1, 2]),
        (&["--desc", "--limit", "3"], vec![4, 3, 2]),
        (&["--from", "9"], vec![]),
    ] {
        let done = shell.run(&[&["tail", "--json"], args].concat()).exits(0);
        let found: Vec<u64> = done.json().iter().map(|event| event["offset"].as_u64().unwrap()).collect();
        assert_eq!(found, offsets, "{args:?}");
        assert_eq!(done.stdout, shell.ok(&[&["export"], args].concat()), "export takes the same filters: {args:?}");
    }
    for (args, says) in [
        (&["--kind", "run*"][..], "`run*` is no pattern"),
        (&["--limit", "0"], "0"),
        (&["--since", "5 minutes"], "`5 minutes`"),
        (&["--from", "x"], "`x`"),
        (&["--any-tag", "nocolon"], "`nocolon` has no colon"),
        (&["--from", "1", "--after", "1"], "cannot be used with"),
        (&["--follow", "--desc"], "cannot be used with"),
    ] {
        shell.run(&[&["tail"], args].concat()).exits(2).says(says);
    }
}

#[test]
fn tail_understands_how_long_ago() {
    let shell = Shell::new();
    story(&shell);
    shell.append(&["--at", "30m"]);
    assert_eq!(shell.run(&["tail", "--json", "--since", "1h"]).json().len(), 1);
    assert_eq!(shell.run(&["tail", "--json", "--since", "15m"]).json().len(), 0);
    assert_eq!(shell.run(&["tail", "--json", "--until", "15m"]).json().len(), 5);
}

#[test]
fn people_get_one_line_an_event_without_control_characters() {
    let shell = Shell::new();
    shell.append(&["--tag", "k:\u{1b}[2J", "--run", "r", "--at", "2026-01-31T12:00:00Z", "--payload", "{\n}"]);
    let line = "     1  2026-01-31 12:00:00.000  a.b                 r/0  unknown  {\\n} k:\\u{1b}[2J\n";
    assert_eq!(shell.ok(&["tail"]), line);
}

#[test]
fn show_takes_a_number_as_an_offset_first_and_then_as_an_id() {
    let shell = Shell::new();
    shell.append(&["--id", "7"]);
    shell.append(&["--id", "1"]);
    let id = |which: &str| shell.run(&["show", which, "--json"]).exits(0).json()[0]["id"].clone();
    assert_eq!((id("1"), id("2"), id("7")), (json!("7"), json!("1"), json!("7")));
    let page = shell.ok(&["show", "1"]);
    assert!(
        page.starts_with("offset    1\nid        7\nkind      a.b\n") && page.ends_with("payload\n  {}\n"),
        "{page}"
    );
    for which in ["3", "0", "nobody"] {
        let done = shell.run(&["show", which]).exits(1);
        done.says(&format!("error: no event `{which}` in sqlite:ledger.db\n"));
    }
    shell.run(&["show", &"x".repeat(65)]).exits(2).says("65 bytes");
}

#[test]
fn runs_and_run_tell_the_story() {
    let shell = Shell::new();
    shell.ok(&["migrate"]);
    assert_eq!(shell.ok(&["runs"]), "no runs yet\n");
    assert_eq!(shell.ok(&["runs", "--json"]), "");
    story(&shell);
    let table = shell.ok(&["runs"]);
    assert!(table.contains("finished: done") && table.contains("ann, bob") && table.contains("1–4"), "{table}");
    let found = |asked: &[&str]| shell.ok(&[&["runs"], asked].concat()).contains("r-1");
    let asked = [
        "--name R-",
        "--state finished",
        "--reason DON",
        "--since 2026-01-04T00:00:00Z",
        "--until 2026-01-02T00:00:00Z",
    ];
    asked.iter().for_each(|one| assert!(found(&one.split(' ').collect::<Vec<_>>()), "{one}"));
    for none in ["--name r-9", "--reason fail", "--since 2026-01-05T00:00:00Z", "--until 2026-01-01T00:00:00Z"] {
        assert_eq!(shell.ok(&[&["runs"], &*none.split(' ').collect::<Vec<_>>()].concat()), "no run fits\n", "{none}");
    }
    shell.run(&["runs", "--state", "running"]).exits(2).says("`open` or `finished`");
    let first = shell.ok(&["runs", "--json"]).lines().next().unwrap().to_owned();
    let expected = concat!(
        r#"{"run_id":"r-1","events":3,"first_offset":1,"last_offset":4,"first_at":"2026-01-01T00:00:00.000000Z","#,
        r#""last_at":"2026-01-04T00:00:00.000000Z","actors":["ann","bob"],"last_kind":"run.finished","#,
        r#""state":"finished","reason":"done"}"#
    );
    assert_eq!(first, expected);
    let run = shell.run(&["run", "r-1", "--json"]).json().remove(0);
    assert_eq!((&run["run"]["events"], run["events"].as_array().unwrap().len()), (&json!(3), 3));
    assert_eq!(run["events"][2]["kind"], "run.finished");
    assert_eq!(shell.ok(&["run", "r-1"]).lines().count(), 6);
    shell.run(&["run", "nobody"]).exits(1).says("no run `nobody`");
}

#[test]
fn head_and_verify_of_an_empty_ledger() {
    let shell = Shell::new();
    shell.ok(&["migrate"]);
    assert_eq!(shell.ok(&["head"]), "0\n");
    let expected = format!("{{\"count\":0,\"head\":0,\"gaps\":0,\"pruned\":0,\"digest\":\"{EMPTY_DIGEST}\"}}\n");
    assert_eq!(shell.ok(&["verify", "--json"]), expected);
    assert_eq!(shell.ok(&["tail"]) + &shell.ok(&["export"]), "");
}

#[test]
fn reading_a_mistyped_path_creates_nothing() {
    let shell = Shell::new();
    for args in [
        &["tail"][..],
        &["tail", "--follow"],
        &["show", "1"],
        &["runs"],
        &["run", "r"],
        &["head"],
        &["verify"],
        &["verify", "other.db"],
        &["export"],
        &["export", "--output", "out.jsonl"],
        &["snapshot", "copy.db"],
        &["prune", "--kind", "a.b", "--dry-run"],
        &["prune", "--kind", "a.b", "--yes"],
        &["reset", "--yes"],
    ] {
        let done = shell.run(&[args, &["--url", "mistyped.db"]].concat()).exits(1);
        let done = done.says("mistyped.db");
        assert!(done.stdout.is_empty(), "{args:?}: {done:?}");
        assert!(shell.names().is_empty(), "{args:?} left {:?}", shell.names());
    }
}

#[test]
fn a_reader_that_goes_away_ends_it_silently() {
    let shell = Shell::new();
    shell.feed(&["import"], drafts(1, 5_000)).exits(0);
    for args in [&["tail", "--json"][..], &["tail"], &["export"], &["run", "default"], &["tail", "--follow"]] {
        let mut child = shell.start(args);
        assert!(lines(&mut child).next().unwrap().is_ok());
        // The pipe is closed here with most of the lines unread.
        let done: crate::support::Done = child.wait_with_output().unwrap().into();
        assert!(done.exits(0).stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn follow_sees_what_another_process_appends_and_ends_with_ctrl_c() {
    let shell = Shell::new();
    shell.append(&["--id", "first"]);
    let mut follower = shell.start(&["tail", "--follow", "--json"]);
    let mut lines = lines(&mut follower);
    let mut next = || lines.next().unwrap().unwrap();
    assert!(next().contains("\"id\":\"first\""));
    shell.append(&["--id", "second"]);
    assert!(next().contains("\"id\":\"second\""));
    interrupt(&follower);
    let done: crate::support::Done = follower.wait_with_output().unwrap().into();
    assert!(done.exits(0).stderr.is_empty());
}

#[test]
fn follow_ends_at_its_limit_and_refuses_to_start_past_the_head() {
    let shell = Shell::new();
    story(&shell);
    assert_eq!(shell.run(&["tail", "--follow", "--json", "--limit", "2", "--run", "r-1"]).exits(0).json().len(), 2);
    shell.run(&["tail", "--follow", "--after", "9"]).exits(2).says("`9` is past the head");
}

#[test]
fn help_shows_every_command_and_the_exit_codes() {
    let shell = Shell::new();
    let help = shell.ok(&["--help"]);
    for word in [
        "append",
        "import",
        "export",
        "tail",
        "show",
        "runs",
        "run",
        "head",
        "snapshot",
        "verify",
        "migrate",
        "prune",
        "retention",
        "reset",
        "backends",
        "demo",
        "completions",
        "generate",
        "Exit codes:",
        "DATABASE_URL",
    ] {
        assert!(help.contains(word), "{word}");
    }
    assert!(help.contains("postgres://USER:PASSWORD@HOST"), "{help}");
    assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    shell.run(&[]).exits(2);
    shell.run(&["tial"]).exits(2).says("tial");
    for shell_name in ["bash", "zsh", "fish"] {
        assert!(shell.ok(&["completions", shell_name]).contains("ledger"));
    }
    assert!(shell.names().is_empty());
}

#[test]
fn backends_are_listed() {
    let shell = Shell::new();
    let names: Vec<_> = shell.run(&["backends", "--json"]).json().iter().map(|line| line["name"].clone()).collect();
    assert_eq!(names, ["memory", "sqlite", "postgres", "clickhouse", "http"]);
    let table = shell.ok(&["backends"]);
    assert!(table.contains("sqlite:PATH") && !table.contains('\x1b'), "{table}");
}
