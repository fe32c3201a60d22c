//! `prune`, `reset` and `migrate`: what changes a ledger beside appending, and only when someone means it.

use serde_json::json;

use crate::support::{Shell, drafts};

#[test]
fn prune_and_reset_without_a_terminal_need_yes() {
    let shell = Shell::new();
    shell.feed(&["import"], drafts(1, 5)).exits(0);
    let before = shell.verify("ledger.db");
    for args in [&["prune", "--before", "3"][..], &["reset"]] {
        shell.run(args).exits(2).says("--yes");
        shell.feed(args, "y\n").exits(2).says("no terminal to ask");
    }
    assert_eq!(shell.verify("ledger.db"), before);
}

#[test]
fn prune_needs_a_filter() {
    let shell = Shell::new();
    shell.append(&[]);
    shell.run(&["prune", "--yes"]).exits(2).says("prune needs a filter");
    shell.run(&["prune", "--dry-run"]).exits(2).says("prune needs a filter");
}

#[test]
fn prune_removes_what_matches_after_a_dry_run_has_counted_it() {
    let shell = Shell::new();
    shell.feed(&["import"], drafts(1, 10)).exits(0);
    shell.append(&["--run", "r"]);
    let dry = ["prune", "--before", "4", "--dry-run"];
    assert_eq!(shell.ok(&dry), "would remove 3 events from sqlite:ledger.db\n");
    assert_eq!(shell.ok(&[&dry[..], &["--json"]].concat()), "{\"would_remove\":3}\n");
    assert_eq!(shell.head(), 11);
    let pruned = shell.ok(&["prune", "--before", "4", "--yes"]);
    assert_eq!(pruned, "removed 3 events from sqlite:ledger.db; the next offset is 13\n");
    assert_eq!(shell.ok(&["prune", "--run", "r", "--yes", "--json"]), "{\"removed\":1,\"head\":13}\n");
    let verified = shell.verify("ledger.db");
    assert_eq!((&verified["count"], &verified["gaps"], &verified["pruned"]), (&json!(9), &json!(4), &json!(4)));
    let records = shell.run(&["tail", "--kind", "ledger.pruned", "--json"]).json();
    assert_eq!(records[0]["payload"]["policy"], "ledger prune: up to 3");
    assert_eq!(records[1]["payload"]["policy"], "ledger prune: run r");
    assert_eq!(records[1]["payload"]["ranges"], json!([[11, 11]]));
    shell.run(&["show", "2"]).exits(1).says("it was removed: `ledger show 12` says by whose word");
    assert_eq!(shell.append(&[])["offset"], 14);
    let text = shell.ok(&["verify"]);
    assert!(text.contains("4: all of them pruned, by the ledger's own record"), "{text}");
}

#[test]
fn prune_before_the_first_offset_removes_nothing() {
    let shell = Shell::new();
    shell.append(&[]);
    for before in ["0", "1"] {
        assert_eq!(shell.ok(&["prune", "--before", before, "--yes", "--json"]), "{\"removed\":0,\"head\":1}\n");
    }
}

#[test]
fn reset_removes_all_and_offsets_go_on() {
    let shell = Shell::new();
    shell.feed(&["import"], drafts(1, 3)).exits(0);
    assert_eq!(shell.ok(&["reset", "--yes"]), "removed 3 events from sqlite:ledger.db; the next offset is 5\n");
    let left = shell.run(&["export"]).json();
    assert_eq!((left.len(), &left[0]["kind"], &left[0]["payload"]["count"]), (1, &json!("ledger.pruned"), &json!(3)));
    assert_eq!(shell.append(&["--id", "e-1"])["offset"], 5);
    shell.run(&["verify"]).exits(0);
}

#[test]
fn migrate_previews_applies_and_lists_its_steps() {
    let shell = Shell::new();
    let preview = shell.ok(&["migrate", "--dry-run"]);
    assert!(preview.starts_with("-- 1 ") && preview.to_uppercase().contains("CREATE TABLE"), "{preview}");
    let status = shell.ok(&["migrate", "status"]);
    assert!(status.contains("not yet"), "{status}");
    assert!(shell.names().is_empty(), "{:?}", shell.names());
    let applied = shell.ok(&["migrate"]);
    assert!(applied.starts_with("applied 1 "), "{applied}");
    assert_eq!(shell.ok(&["migrate"]), "sqlite:ledger.db is up to date\n");
    assert_eq!(shell.ok(&["migrate", "--dry-run"]), "-- sqlite:ledger.db is up to date\n");
    assert!(!shell.ok(&["migrate", "status"]).contains("not yet"));
    let machine = shell.run(&["migrate", "status", "--json"]).json();
    assert!(machine[0]["version"] == 1 && machine[0]["applied_at"].is_string(), "{machine:?}");
    shell.run(&["migrate", "status", "--dry-run"]).exits(2);
    assert_eq!(shell.ok(&["migrate", "confirm"]), "sqlite:ledger.db keeps no old tables\n");
    assert_eq!(shell.ok(&["--url", "memory:", "migrate", "status"]), "memory: has no tables\n");
}
