//! `artifacts`, `note` and `reap`: what is known of artifacts, and how those that may go do.

use crate::support::{Shell, interrupt, lines};

/// A ledger with three tables of a job, one of them persistent, and files of their names.
fn noted() -> Shell {
    let shell = Shell::new();
    for (name, scope) in [("t_1", "temporary"), ("t_2", "job"), ("t_3", "persistent")] {
        shell.ok(&["note", "created", name, "--scope", scope, "--job", "99", "--task", "load", "--attempt", "1"]);
        shell.file(name, "");
    }
    shell
}

fn verdicts(shell: &Shell, more: &[&str]) -> Vec<String> {
    let lines = shell.run(&[&["artifacts", "--json"], more].concat()).exits(0).json();
    let verdict = |line: &serde_json::Value| {
        let because = line["because"].as_str().map_or_else(|| line["because"].to_string(), str::to_owned);
        format!("{} {} {because}", line["artifact"].as_str().unwrap(), line["verdict"].as_str().unwrap())
    };
    lines.iter().map(verdict).collect()
}

#[test]
fn artifacts_say_whose_they_are_and_whether_they_may_go() {
    let shell = noted();
    let runs = ["t_1 keep owner_runs", "t_2 keep owner_runs", "t_3 keep persistent"];
    assert_eq!(verdicts(&shell, &[]), runs);
    shell.ok(&["note", "task-finished", "load", "--job", "99", "--attempt", "1"]);
    shell.ok(&["note", "pinned", "t_2", "--reason", "audit"]);
    assert_eq!(verdicts(&shell, &["--droppable"]), ["t_1 drop task_ended"]);
    assert_eq!(verdicts(&shell, &["--live"])[1], "t_2 keep {\"pinned\":1}");
    assert!(verdicts(&shell, &["--preserve", "full"])[0].starts_with("t_1 keep {\"preserved\":"));
    assert!(verdicts(&shell, &["--job-ttl-days", "0"])[0].starts_with("t_1 drop {\"expired\":"));
    let table = shell.ok(&["artifacts"]);
    for word in ["99/load#1", "may go: its task has ended", "stays: a pin keeps it", "stays: it is persistent"] {
        assert!(table.contains(word), "{word}: {table}");
    }
    let mut full = shell.command(&["artifacts", "--droppable"]);
    let done = full.env("LEDGER_DEFAULT_PRESERVATION_MODE", "full").output().unwrap();
    assert_eq!(String::from_utf8(done.stdout).unwrap(), "nothing may be dropped\n");
    for (name, value) in [("LEDGER_DEFAULT_PRESERVATION_MODE", "some"), ("LEDGER_JOB_TTL_DAYS", "-1")] {
        let done = shell.command(&["artifacts"]).env(name, value).output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(done.status.code() == Some(2) && said.contains(name) && said.contains(value), "{said}");
    }
    assert_eq!(Shell::on("sqlite:new.db").run(&["artifacts"]).code, 1, "reading makes no ledger");
}

#[test]
fn reap_drops_by_a_command_what_may_go_and_records_it() {
    let shell = noted();
    shell.run(&["reap"]).exits(2);
    assert_eq!(shell.ok(&["reap", "--dry-run"]), "nothing may be dropped\n");
    shell.ok(&["note", "job-finished", "99"]);
    let would = "would drop t_2: its job has ended\nwould drop t_1: its job has ended\n";
    assert_eq!(shell.ok(&["reap", "--dry-run"]), would);
    let failed = shell.run(&["reap", "--", "false"]).exits(1).says("2 artifacts could not be dropped");
    assert!(failed.stderr.contains("t_1 could not be dropped: exit status: 1"), "{failed:?}");
    shell.run(&["reap", "--", "./no-such-program"]).exits(1).says("no-such-program");
    assert_eq!(
        shell.ok(&["reap", "--", "rm", "{}"]),
        "dropped t_2: its job has ended\ndropped t_1: its job has ended\n"
    );
    assert_eq!(shell.names().iter().filter(|name| name.starts_with("t_")).collect::<Vec<_>>(), ["t_3"]);
    assert_eq!(verdicts(&shell, &[]), ["t_1 keep gone", "t_2 keep gone", "t_3 keep persistent"]);
    assert_eq!(shell.ok(&["reap", "--json", "--", "rm"]), "");
}

#[test]
fn reap_sweeps_again_until_ctrl_c() {
    let shell = noted();
    shell.ok(&["note", "task-finished", "load", "--job", "99"]);
    let mut reaper = shell.start(&["reap", "--every", "1s", "--json", "--", "rm", "{}"]);
    let mut dropped = lines(&mut reaper);
    let mut next = || serde_json::from_str::<serde_json::Value>(&dropped.next().unwrap().unwrap()).unwrap();
    assert_eq!(next(), serde_json::json!({"artifact": "t_1", "because": "task_ended", "dropped": true}));
    shell.ok(&["note", "job-finished", "99"]);
    assert_eq!(next()["artifact"], "t_2");
    interrupt(&reaper);
    assert!(reaper.wait().unwrap().success());
}

#[test]
fn a_note_refuses_what_says_nothing_of_it() {
    let shell = Shell::new();
    shell.run(&["note", "pinned", "t", "--scope", "job"]).exits(2).says("--scope says nothing");
    shell.run(&["note", "job-finished", "9", "--task", "t"]).exits(2).says("--task says nothing");
    shell.run(&["note", "task-finished", "t"]).exits(2).says("--job");
    shell.run(&["note", "created", "t", "--scope", "forever"]).exits(2).says("`forever`");
    shell.run(&["note", "created", "t", "--schema", "{"]).exits(2).says("not JSON");
    assert_eq!(shell.names(), Vec::<String>::new(), "a note that is refused leaves a ledger behind");
    assert!(
        shell.ok(&["note", "created", "t", "--id", "n-1", "--schema", "{\"id\": 1}"]).starts_with("offset 1 new n-1")
    );
}

#[test]
fn reap_passes_names_on_as_they_are() {
    let shell = Shell::new();
    let names = ["-r", "{}", "a b", "'; touch gone", "\"$(touch gone)\""];
    for name in names {
        shell.ok(&["note", "created", "--scope", "job", "--job", "9", "--", name]);
        shell.file(name, "");
    }
    shell.ok(&["note", "job-finished", "9"]);
    shell.run(&["reap", "--", "{}"]).exits(2).says("{} must not name the program");
    shell.run(&["reap", "--", "./{}.sh", "x"]).exits(2);
    shell.ok(&["reap", "--", "sh", "-c", "rm -- \"$1\"", "sh", "{}"]);
    assert_eq!(
        shell.names().into_iter().filter(|name| !name.starts_with("ledger.db")).count(),
        0,
        "{:?}",
        shell.names()
    );
}

#[test]
fn what_cannot_be_read_keeps_an_artifact_and_is_told() {
    let shell = noted();
    shell.ok(&["append", "--kind", "artifact.pinned", "--payload", "{\"odd\":1}", "--tag", "artifact:t_2"]);
    shell.ok(&["note", "job-finished", "99"]);
    assert_eq!(verdicts(&shell, &[])[1], "t_2 keep {\"unclear\":4}");
    let plan = shell.run(&["reap", "--dry-run"]).exits(0);
    assert_eq!(plan.stdout, "would drop t_1: its job has ended\n");
    assert!(plan.stderr.contains("offset 4"), "{plan:?}");
    shell.run(&["note", "created", "t", "--task", "load"]).exits(2).says("`load`");
}
