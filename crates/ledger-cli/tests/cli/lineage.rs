//! `record`, `lineage`, `path`, and the history of a Git repository, whose ancestors Git itself knows.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::support::Shell;

/// A ledger in which t_3 was made from two tables, one of which came from a file.
fn recorded() -> Shell {
    let shell = Shell::new();
    shell.ok(&[
        "record",
        "--operation",
        "load",
        "--reads",
        "raw.csv",
        "--value",
        "n=2",
        "--writes",
        "t_1",
        "--",
        "true",
    ]);
    shell.ok(&["record", "--operation", "seed", "--writes", "t_2"]);
    let sql = "SELECT 1\nUNION ALL SELECT 2";
    shell.ok(&["record", "--operation", "concat", "--reads", "t_1", "t_2", "--writes", "t_3", "--sql", sql]);
    shell
}

#[test]
fn lineage_prints_a_tree_of_what_an_artifact_was_made_from() {
    let shell = recorded();
    let tree = "t_3  ← concat @4\n├─ t_1  ← load @2\n│  └─ raw.csv\n└─ t_2  ← seed @3\n";
    assert_eq!(shell.ok(&["lineage", "t_3"]), tree);
    let ahead = "raw.csv\n└─ t_1  via load @2\n   └─ t_3  via concat @4\n";
    assert_eq!(shell.ok(&["lineage", "raw.csv", "--forward"]), ahead);
    let both = shell.ok(&["lineage", "t_1", "--both"]);
    assert_eq!(both, "made from\nt_1  ← load @2\n└─ raw.csv\n\nused for\nt_1\n└─ t_3  via concat @4\n");
    assert_eq!(shell.ok(&["lineage", "t_3", "--depth", "0"]), "t_3  (not looked past)\n");
    assert_eq!(shell.ok(&["lineage", "t_3", "--as-of", "3"]), "nothing in sqlite:ledger.db names `t_3`\n");
    assert_eq!(shell.ok(&["lineage", "t_3", "--as-of", "2020-01-01T00:00:00Z", "--json"]).matches("t_3").count(), 1);
    let cut = shell.run(&["lineage", "t_3", "--most", "1"]).exits(0);
    assert!(cut.stderr.contains("shows only 1 operation:"), "{cut:?}");
}

#[test]
fn lineage_prints_the_prompt_to_the_byte() {
    let shell = recorded();
    let prompt = "# Data Lineage Graph\n\n## Operations (3)\n\n### Table: `orders`\n- Operation: `concat`\n\
                  - source_0: `t_1`\n- source_1: `t_2`\n- SQL: `SELECT 1\\nUNION ALL SELECT 2`\n- Event: 4\n\n\
                  ### Table: `t_1`\n- Operation: `load`\n- source_0: `raw.csv`\n- n: 2\n- Event: 2\n\n\
                  ### Table: `t_2`\n- Operation: `seed`\n- Event: 3\n\n## Data Flow (3 edges)\n\
                  - `raw.csv` → `t_1` (via `load`, event 2)\n- `t_1` → `orders` (via `concat`, event 4)\n\
                  - `t_2` → `orders` (via `concat`, event 4)\n";
    let prompt_of = ["lineage", "t_3", "--format", "prompt", "--cite", "--label", "t_3=orders"];
    assert_eq!(shell.ok(&prompt_of), prompt);
    let short = shell.ok(&[&prompt_of[..], &["--budget", "100"]].concat());
    assert!(short.contains("### Table: `orders`") && !short.contains("### Table: `t_1`"), "{short}");
    assert!(short.len() <= 4 * 100, "{short}");
    assert!(short.ends_with("Left out, to stay within 100 tokens: 2 of 3 tables, 3 of 3 edges.\n"), "{short}");
    shell.run(&["lineage", "t_3", "--cite"]).exits(2).says("--format prompt");
}

#[test]
fn names_stay_names_in_every_form() {
    let shell = Shell::new();
    let names = ["' OR true --", "\"; DROP", "back\\slash", "line\nbreak", "a]b|c#d;<e>&`f`", "ünï/表", "day=1/x=y"];
    for pair in names.windows(2) {
        shell.ok(&["record", "--operation", pair[0], "--reads", pair[0], "--writes", pair[1]]);
    }
    let last = names[names.len() - 1];
    let graph: Value = shell.run(&["lineage", last, "--json"]).exits(0).json().remove(0);
    let found: BTreeSet<_> =
        graph["nodes"].as_array().unwrap().iter().map(|node| node["artifact"].as_str().unwrap()).collect();
    assert_eq!(found, names.into_iter().collect());
    let dot = shell.ok(&["lineage", last, "--format", "dot"]);
    assert_eq!(dot.lines().count(), 3 + names.len() + (names.len() - 1) + 1, "{dot}");
    assert!(dot.contains(r#"label="\"; DROP""#) && dot.contains(r#"label="back\\slash""#), "{dot}");
    assert!(dot.contains(r#"label="line\nbreak""#) && dot.contains("&lt;e&gt;&amp;"), "{dot}");
    let mermaid = shell.ok(&["lineage", last, "--format", "mermaid"]);
    assert_eq!(mermaid.lines().count(), 1 + names.len() + (names.len() - 1), "{mermaid}");
    assert!(mermaid.contains("\"#34;#59; DROP\"") && mermaid.contains("line break"), "{mermaid}");
    let svg = shell.ok(&["lineage", last, "--format", "svg"]);
    assert_eq!(svg.matches("<text ").count(), names.len(), "{svg}");
    assert_eq!(svg.matches("<path ").count(), 1 + (names.len() - 1), "the arrowhead is one too: {svg}");
    assert!(svg.contains(">a]b|c#d;&lt;e&gt;&amp;`f`</text>") && svg.contains(">line break</text>"), "{svg}");
    assert!(svg.contains(">&#39; OR true --</text>") && svg.contains(">&quot;; DROP</text>"), "{svg}");
    let prompt = shell.ok(&["lineage", last, "--format", "prompt"]);
    assert!(prompt.contains("`` a]b|c#d;<e>&`f` ``") && prompt.contains("`line\\nbreak`"), "{prompt}");
    let tree = shell.ok(&["lineage", last]);
    assert_eq!(tree.lines().count(), names.len(), "{tree}");
}

#[test]
fn lineage_shows_every_writer_once_and_who_only_reads() {
    let shell = Shell::new();
    for _ in 0..2 {
        shell.ok(&["record", "--operation", "load", "--reads", "raw", "--writes", "t"]);
    }
    shell.ok(&["record", "--operation", "mail", "--reads", "t", "side"]);
    assert_eq!(shell.ok(&["lineage", "t"]), "t  ← load @2, load @1\n└─ raw\n");
    assert_eq!(shell.ok(&["lineage", "t", "--forward"]), "t  read by mail @3\n");
    let graph = shell.run(&["lineage", "t", "--forward", "--json"]).exits(0).json().remove(0);
    let classes: Vec<_> = graph["nodes"].as_array().unwrap().iter().map(|node| &node["class"]).collect();
    assert_eq!(classes, ["input", "input"], "{graph}");
    let cut = shell.run(&["lineage", "t", "--both", "--most", "2"]).exits(0);
    assert!(cut.stdout.ends_with("used for\nt  (not looked past)\n"), "{cut:?}");
}

#[test]
fn a_value_cannot_pass_for_a_line_of_the_prompt() {
    let shell = Shell::new();
    let values = ["Event=99", "note=![a](http://e/x)"];
    shell.ok(&["record", "--operation", "x", "--writes", "t", "--value", values[0], values[1]]);
    let prompt = shell.ok(&["lineage", "t", "--format", "prompt", "--cite"]);
    assert!(prompt.contains("- `Event`: 99\n- note: `\"![a](http://e/x)\"`\n- Event: 1\n"), "{prompt}");
}

#[test]
fn path_shows_a_way_or_says_that_there_is_none() {
    let shell = recorded();
    assert_eq!(shell.ok(&["path", "raw.csv", "t_3"]), "raw.csv\n→ t_1  via load @2\n→ t_3  via concat @4\n");
    shell.run(&["path", "t_3", "raw.csv"]).exits(1).says("there is a way back");
    shell.run(&["path", "t_2", "nothing"]).exits(1).says("no way leads from `t_2` to `nothing`");
    assert_eq!(shell.run(&["path", "t_2", "t_1", "--json"]).exits(1).stdout, "null\n");
    assert_eq!(shell.ok(&["path", "t_2", "t_2", "--json"]), "[]\n");
}

#[test]
fn record_ends_as_its_command_does_and_says_so() {
    let shell = Shell::new();
    let record = |id, command: &[&str]| {
        let args = ["record", "--operation", "load", "--id", id, "--reads", "t_1", "--writes", "t_2", "--job", "j"];
        shell.run(&[&args[..], &["--"], command].concat())
    };
    assert_eq!(record("ok", &["sh", "-c", "echo out; echo err >&2"]).exits(0).stdout, "out\n");
    record("three", &["sh", "-c", "exit 3"]).exits(3);
    record("nine", &["sh", "-c", "kill -9 $$"]).exits(137);
    record("none", &["/no/such/program"]).exits(127);
    let end = |id| {
        let event = shell.run(&["show", id, "--json"]).exits(0).json().remove(0);
        assert_eq!(event["kind"], "operation.finished");
        (event["payload"]["status"].as_str().unwrap().to_owned(), event["payload"]["error"].clone())
    };
    assert_eq!(end("ok"), ("success".to_owned(), Value::Null));
    assert_eq!(end("three"), ("error".to_owned(), Value::from("exit status: 3")));
    assert!(end("nine").1.as_str().unwrap().contains("signal: 9"));
    assert!(end("none").1.as_str().unwrap().contains("/no/such/program"));
    assert_eq!(shell.head(), 8, "each has a start and an end");
    assert!(shell.ok(&["lineage", "t_2"]).starts_with("t_2  ← load @2\n"), "what failed made nothing");
}

#[test]
fn record_refuses_what_cannot_be_recorded_before_it_runs() {
    let shell = Shell::new();
    let touch = ["--", "sh", "-c", "touch ran"];
    for (bad, says) in [
        (&["--operation", " "][..], "its name is empty"),
        (&["--operation", "x", "--input", "a=1", "a=2"], "two inputs named `a`"),
        (&["--operation", "x", "--sql", "@missing.sql"], "missing.sql"),
        (&["--operation", "x", "--writes", ""], "artifact"),
        (&["--operation", "x", "--value", "novalue"], "NAME=VALUE"),
    ] {
        let done = shell.run(&[&["record"], bad, &touch].concat());
        assert!(done.code != 0 && done.stderr.contains(says), "{done:?}");
    }
    shell.run(&[&["record", "--url", "sqlite:no/dir/x.db", "--operation", "x"], &touch[..]].concat()).says("no/dir");
    assert!(!shell.names().contains(&"ran".to_owned()));
}

/// A repository with a random history of merges, and Git's word on it.
struct Repository(tempfile::TempDir);

impl Repository {
    fn new(commits: u64) -> Self {
        let repository = Self(tempfile::TempDir::new().unwrap());
        assert!(repository.git(&["init", "-q"]).status.success());
        let mut dice: u64 = 7;
        let mut roll = |sides: u64| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (dice >> 33) % sides
        };
        let mut stream = String::new();
        for mark in 1..=commits {
            // Author and committer disagree, and a name has a quote in it.
            let (author, committer) = (1_700_000_000 + mark * 60 + roll(500), 1_700_000_000 + mark * 60);
            write!(stream, "commit refs/heads/b{mark}\nmark :{mark}\nauthor O'\"Hara <a@b> {author} +0200\n").unwrap();
            write!(stream, "committer c <c@d> {committer} +0000\ndata 1\nm\n").unwrap();
            let parents: BTreeSet<u64> =
                (0..roll(4)).map(|_| (mark - 1).saturating_sub(roll(12))).filter(|&p| p > 0).collect();
            for (place, parent) in parents.iter().enumerate() {
                writeln!(stream, "{} :{parent}", if place == 0 { "from" } else { "merge" }).unwrap();
            }
            stream.push('\n');
        }
        let mut import = repository.command(&["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut import.stdin.take().unwrap(), stream.as_bytes()).unwrap();
        assert!(import.wait().unwrap().success());
        repository
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut git = Command::new("git");
        git.arg("-C").arg(self.0.path()).args(args);
        git
    }

    fn git(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("`git` has to be installed")
    }

    fn commits(&self, args: &[&str]) -> BTreeSet<String> {
        let listed = self.git(&[&["rev-list"], args].concat());
        assert!(listed.status.success(), "{listed:?}");
        String::from_utf8(listed.stdout).unwrap().lines().map(str::to_owned).collect()
    }
}

#[test]
fn the_lineage_of_a_git_history_is_what_git_says() {
    let (repository, shell) = (Repository::new(300), Shell::new());
    let path = repository.0.path().to_str().unwrap();
    let imported = shell.ok(&["import", "--format", "git", path]);
    assert_eq!(imported, "300 events recorded, 0 already there; head 300\n");
    assert_eq!(shell.ok(&["import", "--format", "git", path]), "0 events recorded, 300 already there; head 300\n");
    let all: Vec<String> = repository.commits(&["--all"]).into_iter().collect();
    let nodes = |commit: &str, more: &[&str]| -> BTreeSet<String> {
        let graph =
            shell.run(&[&["lineage", commit, "--json", "--depth", "1000"], more].concat()).exits(0).json().remove(0);
        let nodes = graph["nodes"].as_array().unwrap().iter().filter(|node| node.get("distance").is_some());
        nodes.map(|node| node["artifact"].as_str().unwrap().to_owned()).collect()
    };
    for commit in all.iter().step_by(60) {
        assert_eq!(nodes(commit, &[]), repository.commits(&[commit]), "the ancestors of {commit}");
        let mut descendants = repository.commits(&["--all", "--ancestry-path", &format!("^{commit}")]);
        descendants.insert(commit.clone());
        assert_eq!(nodes(commit, &["--forward"]), descendants, "the descendants of {commit}");
    }
    for (one, other) in all.iter().step_by(23).zip(all.iter().rev().step_by(31)) {
        let reaches = repository.git(&["merge-base", "--is-ancestor", one, other]).status.success();
        assert_eq!(shell.run(&["path", one, other]).code == 0, reaches, "from {one} to {other}");
    }
}

#[test]
fn import_of_what_is_no_repository_says_what_git_says() {
    let shell = Shell::new();
    shell.run(&["import", "--format", "git", "missing"]).exits(1).says("missing");
    shell.file("file", "");
    shell.run(&["import", "--format", "git", "file"]).exits(1).says("file");
}

#[test]
fn columns_are_followed_where_operations_give_them() {
    let shell = Shell::new();
    let load = ["record", "--operation", "load", "--reads", "raw.csv", "--writes", "t_1", "--value", "n=2"];
    let columns = ["--column", "price=raw.csv.price", "--column", "vat=raw.csv.vat", "kind="];
    shell.ok(&[&load[..], &columns].concat());
    let sum = ["record", "--operation", "sum", "--reads", "t_1", "--writes", "t_2", "--sql", "SELECT price + vat"];
    shell.ok(&[&sum[..], &["--column", "total=t_1.price", "total=t_1.vat"]].concat());
    shell.ok(&["record", "--operation", "copy", "--reads", "t_2", "--writes", "t_3", "--", "true"]);
    let tree =
        "t_2.total  ← sum @2\n├─ t_1.price  ← load @1\n│  └─ raw.csv.price\n└─ t_1.vat  ← load @1\n   └─ raw.csv.vat\n";
    assert_eq!(shell.ok(&["lineage", "t_2.total", "--columns"]), tree);
    assert_eq!(shell.ok(&["lineage", "t_2.total"]), tree, "no artifact has that name");
    let ahead = "t_1.vat\n└─ t_2.total  via sum @2  read by copy @4 (columns not given)\n";
    assert_eq!(shell.ok(&["lineage", "t_1.vat", "--forward"]), ahead);
    assert_eq!(shell.ok(&["lineage", "t_3.total", "--columns"]), "t_3.total  ← copy @4 (columns not given)\n");
    let unknown = shell.run(&["lineage", "t_3.total"]).exits(0);
    assert!(unknown.stdout.starts_with("nothing in ") && unknown.stderr.contains("--columns"), "{unknown:?}");
    assert_eq!(shell.ok(&["lineage", "t_1.kind"]), "t_1.kind  ← load @1\n", "made of plain values");

    let prompt = "# Data Lineage Graph\n\n## Operations (2)\n\n### Column: `t_2.total`\n- Operation: `sum`\n\
                  - Columns: `t_1.price`, `t_1.vat`\n- SQL: `SELECT price + vat`\n\n### Column: `t_1.price`\n\
                  - Operation: `load`\n- Columns: `raw.csv.price`\n- n: 2\n\n### Column: `t_1.vat`\n\
                  - Operation: `load`\n- Columns: `raw.csv.vat`\n- n: 2\n\n## Data Flow (4 edges)\n\
                  - `raw.csv.price` → `t_1.price` (via `load`)\n- `raw.csv.vat` → `t_1.vat` (via `load`)\n\
                  - `t_1.price` → `t_2.total` (via `sum`)\n- `t_1.vat` → `t_2.total` (via `sum`)\n";
    assert_eq!(shell.ok(&["lineage", "t_2.total", "--format", "prompt"]), prompt);
    let untold = shell.ok(&["lineage", "t_2.total", "--both", "--format", "prompt", "--depth", "1"]);
    assert!(
        untold.contains("### No column\n- Operation: `copy`\n- Columns: `t_2.total` (of which it made what"),
        "{untold}"
    );
    let copied = shell.ok(&["lineage", "t_3.total", "--columns", "--format", "prompt"]);
    assert!(copied.contains("- Operation: `copy`\n- Columns: not given\n- source_0: `t_2`\n"), "{copied}");
    for (form, part) in [
        ("dot", "  r4 [label=\"copy (columns not given)\", shape=plaintext];\n  r4 -> n0;\n"),
        ("mermaid", "  r4>\"copy #40;columns not given#41;\"]\n  r4 --> n0\n"),
        ("svg", "<title>copy (columns not given)</title>"),
        ("json", "\"untold\":[4]"),
    ] {
        let drawn = shell.ok(&["lineage", "t_3.total", "--columns", "--format", form]);
        assert!(drawn.contains(part), "{form}: {drawn}");
    }
    assert_eq!(shell.ok(&["lineage", "raw.csv.price"]), "raw.csv.price\n", "it was read");
    let read = "t_2.total  read by copy @4 (columns not given)\n";
    assert_eq!(shell.ok(&["lineage", "t_2.total", "--forward"]), read, "it was made");
    assert_eq!(shell.ok(&["lineage", "t_2.total", "--depth", "0"]), "t_2.total  (not looked past)\n");
    assert!(shell.ok(&["lineage", "t_1.kind", "--format", "prompt"]).contains("- Columns: none\n"));

    assert_eq!(
        shell.ok(&["path", "raw.csv.vat", "t_2.total", "--columns"]),
        "raw.csv.vat\n→ t_1.vat  via load @1\n→ t_2.total  via sum @2\n"
    );
    shell.run(&["path", "raw.csv.vat", "t_2.total"]).exits(1).says("--columns");
    shell.run(&["path", "raw.csv.vat", "t_3.total", "--columns"]).exits(1).says("offset 4");
    let none = shell.run(&["path", "raw.csv.vat", "t_3.total", "--columns", "--json"]).exits(1);
    assert!(none.stdout == "null\n" && none.stderr.contains("offset 4"), "{none:?}");
    let wrong = ["record", "--operation", "sum", "--reads", "t_1", "--writes", "t_2"];
    let before = shell.ok(&["head"]);
    for (column, says) in [("total=t_9.price", "`t_9.price`"), ("total=price", "`price`"), ("total", "NAME=VALUE")] {
        shell.run(&[&wrong[..], &["--column", column, "--", "touch", "ran"]].concat()).exits(2).says(says);
    }
    assert_eq!(shell.ok(&["head"]), before);
    assert!(!shell.path("ran").exists(), "what cannot be recorded is not run");
}

#[test]
fn what_only_read_is_drawn_in_every_form() {
    let shell = recorded();
    shell.ok(&["record", "--operation", "re<port>", "--reads", "t_3", "t_9"]);
    let forms = [
        ("tree", "t_3  read by re<port> @5"),
        ("dot", "  r5 [label=\"re&lt;port&gt;\", shape=plaintext];\n  n0 -> r5;\n"),
        ("mermaid", "  r5>\"re#60;port#62;\"]\n  n0 --> r5\n"),
        ("svg", "font-style=\"italic\">re&lt;port&gt;</text>"),
        ("prompt", "### No output\n- Operation: `re<port>`\n- source_0: `t_3`"),
    ];
    for (form, part) in forms {
        let shown = shell.ok(&["lineage", "t_3", "--forward", "--format", form]);
        assert!(shown.contains(part), "{form}: {shown}");
    }
}

#[test]
fn an_end_that_cannot_be_recorded_is_kept_in_a_file() {
    let shell = Shell::new();
    let ledger = env!("CARGO_BIN_EXE_ledger");
    let record = ["record", "--operation", "load", "--id", "op-1", "--writes", "t_1", "--"];
    let taken = ["append", "--kind", "other.thing", "--id", "op-1", "--payload", "1"];
    let done = shell.run(&[&record[..], &[ledger], &taken].concat()).exits(3).says("`op-1`");
    let file = shell.names().into_iter().find(|name| name.starts_with("ledger-unrecorded-")).unwrap();
    assert!(done.stderr.contains(&format!("`ledger import {file}`")), "{done:?}");
    shell.ok(&["import", &file, "--url", "sqlite:other.db"]);
    assert_eq!(shell.ok(&["lineage", "t_1", "--url", "sqlite:other.db"]), "t_1  ← load @1\n");
}

#[cfg(unix)]
#[test]
fn a_command_that_is_asked_to_end_is_recorded() {
    let shell = Shell::new();
    let script = "trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done";
    let mut child = shell.start(&["record", "--operation", "load", "--writes", "t_1", "--", "sh", "-c", script]);
    assert_eq!(crate::support::lines(&mut child).next().unwrap().unwrap(), "ready");
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(7));
    let events = shell.run(&["tail", "--json"]).exits(0).json();
    assert_eq!(events[1]["payload"]["error"], "exit status: 7");
    shell.run(&["record", "--operation", "load", "--", "."]).exits(126);
}
