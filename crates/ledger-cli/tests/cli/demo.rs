//! `demo`: it runs, again too, and leaves other people's ledgers alone.

use serde_json::json;

use crate::support::{Shell, text};

#[test]
fn demo_tells_its_story_and_leaves_two_equal_ledgers() {
    let shell = Shell::new();
    let story = shell.ok(&["demo"]);
    for word in [
        "nothing was added",
        "refused: id",
        "condition failed",
        "sha256:",
        "Try next:",
        "ledger tail",
        "finished: done",
    ] {
        assert!(story.contains(word), "{word}: {story}");
    }
    let export = story.lines().find_map(|line| line.trim().strip_prefix("export DATABASE_URL=")).unwrap();
    let url = export.trim_matches('\'');
    assert_eq!(shell.verify(url)["count"], 7);
    let copy = story.lines().find_map(|line| line.trim().strip_prefix("ledger verify ")).unwrap();
    let equal = shell.run(&["--url", url, "verify", copy.trim_matches('\''), "--json"]).exits(0).json();
    assert_eq!(equal[0]["equal"], true);
}

#[test]
fn demo_runs_again_on_its_own_file() {
    let shell = Shell::new();
    let path = shell.path("a 100% demo?.db");
    for (count, head) in [(7, 7), (14, 14)] {
        let done = shell.run(&["demo", "--json", "--path", text(&path)]).exits(0).json().remove(0);
        assert_eq!((&done["count"], &done["head"]), (&json!(count), &json!(head)));
        assert!(path.exists() && done["path"] == text(&path), "{done}");
    }
}

#[test]
fn demo_leaves_another_ledger_alone() {
    let shell = Shell::new();
    shell.append(&[]);
    let before = shell.verify("ledger.db");
    shell.run(&["demo", "--path", "ledger.db"]).exits(2).says("not from a demo");
    assert_eq!(shell.verify("ledger.db"), before);
    shell.run(&["demo", "--path", "no/such/dir/demo.db"]).exits(1);
}
