//! `snapshot` and `verify` of two ledgers: a copy is equal, a difference is shown, and nothing is overwritten.

use serde_json::json;

use crate::support::{EMPTY_DIGEST, LINE, LINE_DIGEST, Shell, drafts};

#[test]
fn a_snapshot_is_equal_and_a_later_one_continues_it() {
    let shell = Shell::new();
    shell.feed(&["import"], LINE).exits(0);
    let first = shell.ok(&["snapshot", "copy.db", "--json"]);
    assert_eq!(first, format!("{{\"count\":1,\"head\":3,\"digest\":\"{LINE_DIGEST}\",\"written\":1}}\n"));
    shell.append(&[]);
    let text = shell.ok(&["snapshot", "copy.db"]);
    assert!(text.starts_with("sqlite:copy.db holds 2 events up to head 4, 1 of them new\nsha256:"), "{text}");
    assert_eq!(shell.verify("copy.db"), shell.verify("ledger.db"));
    let equal = shell.run(&["verify", "copy.db", "--json"]).exits(0).json().remove(0);
    assert_eq!((&equal["equal"], &equal["first_difference"]), (&json!(true), &json!(null)));
    assert_eq!(equal["left"], equal["right"]);
}

#[test]
fn a_snapshot_onto_itself_or_onto_another_ledger_is_refused_with_exit_code_3() {
    let shell = Shell::new();
    shell.append(&[]);
    let before = shell.verify("ledger.db");
    for itself in ["ledger.db", "./ledger.db", "sqlite:ledger.db"] {
        shell.run(&["snapshot", itself]).exits(3).says("same ledger");
    }
    shell.feed(&["import", "--url", "other.db"], drafts(1, 2)).exits(0);
    let other = shell.verify("other.db");
    shell.run(&["snapshot", "other.db"]).exits(3).says("holds other events");
    assert_eq!((shell.verify("ledger.db"), shell.verify("other.db")), (before, other));
    shell.run(&["snapshot", "memory:"]).exits(2).says("in memory");
}

#[test]
fn verify_shows_the_first_difference_and_exits_with_1() {
    let shell = Shell::new();
    shell.feed(&["import"], LINE).exits(0);
    let changed = LINE.replace("1.50", "1.5");
    shell.feed(&["import", "--url", "other.db"], &changed).exits(0);
    let done = shell.run(&["verify", "other.db"]).exits(1);
    assert!(done.stderr.is_empty() && done.stdout.contains("different: first at offset 3"), "{done:?}");
    let machine = shell.run(&["verify", "other.db", "--json"]).exits(1);
    let digest = &machine.json()[0]["right"]["digest"];
    let values = |digest: &str| format!("{{\"count\":1,\"head\":3,\"gaps\":2,\"pruned\":0,\"digest\":\"{digest}\"}}");
    let expected = format!(
        "{{\"left\":{},\"right\":{},\"equal\":false,\"first_difference\":{{\"offset\":3,\"left\":{LINE},\"right\":{changed}}}}}\n",
        values(LINE_DIGEST),
        values(digest.as_str().unwrap())
    );
    assert_eq!(machine.stdout, expected);
    shell.ok(&["migrate", "--url", "empty.db"]);
    let missing = shell.run(&["verify", "empty.db", "--json"]).exits(1).json().remove(0);
    assert_eq!(missing["right"]["digest"], EMPTY_DIGEST);
    assert_eq!(missing["first_difference"]["right"], json!(null));
}

#[test]
fn verify_against_a_ledger_that_is_not_there_creates_nothing() {
    let shell = Shell::new();
    shell.append(&[]);
    shell.run(&["verify", "mistyped.db"]).exits(1).says("mistyped.db");
    assert!(!shell.path("mistyped.db").exists());
}
