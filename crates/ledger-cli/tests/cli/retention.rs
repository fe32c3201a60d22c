//! `retention`: what goes by a policy, and that what is there keeps its lineage.

use std::fmt::Write as _;

use ledger_core::views::{ArtifactNote, Operation};
use ledger_core::{Artifact, Draft, Timestamp};
use serde_json::json;

use crate::support::Shell;

const DAY: i64 = 86_400_000_000;

/// A line of an event that the ledger recorded so many days ago.
fn line(offset: u64, days: i64, draft: &Draft) -> String {
    let at = Timestamp::from_micros(Timestamp::now().as_micros() - days * DAY).unwrap();
    let mut value = serde_json::to_value(draft).unwrap();
    value["offset"] = json!(offset);
    value["recorded_at"] = json!(at);
    value["created_at"] = json!(at);
    format!("{value}\n")
}

fn made(name: &str, from: &str, to: &str) -> Draft {
    let operation = Operation::new(name).unwrap().id(format!("{name}-{to}")).unwrap();
    let operation = operation.input("source", Artifact::new(from).unwrap()).unwrap().sql("SELECT 'long'");
    operation.output(to).unwrap().finished().unwrap()
}

/// A table that is there, made by way of two others a month ago; one that was dropped; a failure; and a load of today.
fn shell() -> Shell {
    let shell = Shell::new();
    let failed = Operation::new("load").unwrap().id("failed").unwrap().failed("no").unwrap();
    let dropped = ArtifactNote::new(Artifact::new("t_gone").unwrap()).dropped().unwrap();
    let drafts = [
        (29, made("load", "raw.csv", "t_1")),
        (28, made("clean", "t_1", "t_2")),
        (27, made("load", "raw.csv", "t_gone")),
        (26, dropped),
        (25, failed),
        (0, made("load", "new.csv", "t_new")),
    ];
    let mut lines = String::new();
    for (offset, (days, draft)) in (1..).zip(&drafts) {
        write!(lines, "{}", line(offset, *days, draft)).unwrap();
    }
    shell.feed(&["import"], lines).exits(0);
    shell
}

#[test]
fn old_operations_go_and_what_is_there_keeps_its_lineage() {
    let shell = shell();
    let (tree, graph) = (shell.ok(&["lineage", "t_2"]), shell.ok(&["lineage", "t_2", "--format", "mermaid"]));
    let before = shell.verify("ledger.db");
    let plan = shell.ok(&["retention", "plan"]);
    for part in [
        "success 7d, failed 30d, unfinished 90d",
        "success   3",
        "would remove 3 events: from offset 1 to 3",
        "2 operations: what is there was made by way of them, and their lineage stays",
    ] {
        assert!(plan.contains(part), "{part}: {plan}");
    }
    shell.run(&["retention", "apply"]).exits(2).says("--yes");
    assert_eq!(shell.verify("ledger.db"), before, "a plan, or an apply that nobody agreed to, changed something");

    let done = shell.run(&["retention", "apply", "--yes", "--json"]).exits(0).json();
    assert_eq!((&done[0]["events"], &done[0]["lineage_kept"]), (&json!(3), &json!(2)));
    assert_eq!(done[0]["success"]["operations"], 3);
    assert_eq!(shell.ok(&["lineage", "t_2"]), tree);
    assert_eq!(shell.ok(&["lineage", "t_2", "--format", "mermaid"]), graph);
    assert_eq!(shell.ok(&["path", "raw.csv", "t_2"]), "raw.csv\n→ t_1  via load @1\n→ t_2  via clean @2\n");
    let listed = shell.run(&["ops", "list", "--json"]).exits(0).json();
    assert_eq!(listed.iter().map(|one| &one["id"]).collect::<Vec<_>>(), [&json!("load-t_new"), &json!("failed")]);
    shell.run(&["verify"]).exits(0);
    let verified = shell.verify("ledger.db");
    assert_eq!((&verified["gaps"], &verified["pruned"]), (&json!(3), &json!(3)));
    let record = &shell.run(&["tail", "--kind", "ledger.pruned", "--json"]).json()[0];
    assert_eq!(record["payload"]["ranges"], json!([[1, 3]]));
    assert!(record["payload"]["digest"].as_str().unwrap().starts_with("sha256:"), "{record}");
    assert!(shell.ok(&["retention", "apply", "--yes"]).contains("nothing is old enough to go"));

    let failed = shell.ok(&["retention", "apply", "--failed", "3w", "--yes"]);
    assert!(failed.contains("failed   1") && failed.contains("removed 1 event:"), "{failed}");
    let most = shell.ok(&["retention", "apply", "--success", "never", "--most", "0", "--yes"]);
    assert!(most.contains("at most 0 operations") && most.contains("removed 1 event:"), "{most}");
    assert_eq!(shell.ok(&["lineage", "t_new"]), "t_new  ← load @6\n└─ new.csv\n");
}

#[test]
fn ages_and_sizes_are_checked() {
    let shell = shell();
    for (flag, bad) in [("--success", "soon"), ("--failed", "1y"), ("--unfinished", ""), ("--most-bytes", "1 PB")] {
        shell.run(&["retention", "plan", flag, bad]).exits(2).says(flag);
    }
    shell.run(&["retention", "plan", "--most", "-1"]).exits(2);
    shell.run(&["retention"]).exits(2);
    shell.run(&["retention", "plan", "--url", "mistyped.db"]).exits(1).says("mistyped.db");
    assert_eq!(shell.run(&["retention", "plan", "--most-bytes", "1B", "--json"]).json()[0]["failed"]["operations"], 1);
}
