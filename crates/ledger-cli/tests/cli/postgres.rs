//! The same commands on Postgres: nothing about them depends on the engine beneath.

use ledger_testkit::engines::postgres;
use serde_json::json;

use crate::support::{LINE, LINE_DIGEST, Shell, drafts, lines};

/// Returns a shell on a fresh database.
fn shell() -> Shell {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let url = runtime.block_on(async { postgres().await.unwrap().fresh_database().await.unwrap() });
    Shell::on(url)
}

#[test]
fn postgres_migrates_appends_and_answers_conflicts() {
    let shell = shell();
    shell.run(&["head"]).exits(1);
    assert!(shell.ok(&["migrate", "--dry-run"]).to_uppercase().contains("CREATE TABLE"));
    assert!(shell.ok(&["migrate"]).starts_with("applied 1 "));
    assert!(shell.ok(&["migrate"]).ends_with(" is up to date\n"));
    assert_eq!(shell.append(&["--id", "x"]), json!({"offset": 1, "id": "x", "status": "new"}));
    assert_eq!(shell.append(&["--id", "x"])["status"], "duplicate");
    shell.run(&["append", "--kind", "other.kind", "--id", "x"]).exits(3).says("`x` is already at offset 1");
    shell.run(&["append", "--kind", "a.b", "--if-head", "0"]).exits(3).says("condition failed");
    assert_eq!(shell.head(), 1);
}

#[test]
fn postgres_takes_an_export_to_the_byte_and_snapshots_into_a_file() {
    let shell = shell();
    shell.feed(&["import"], LINE).exits(0);
    assert_eq!(shell.ok(&["export"]), format!("{LINE}\n"));
    shell.append(&["--payload", "{\n  \"b\": 1.50,\n  \"a\": \"\\u0000\"\n}", "--tag", "k:line\nbreak"]);
    let file = shell.path("copy.db");
    let file = crate::support::text(&file);
    assert_eq!(shell.run(&["snapshot", file, "--json"]).exits(0).json()[0]["count"], 2);
    let equal = shell.run(&["verify", file, "--json"]).exits(0).json().remove(0);
    assert_eq!((&equal["equal"], &equal["left"]), (&json!(true), &equal["right"]));
    assert_ne!(equal["left"]["digest"], LINE_DIGEST);
}

#[test]
fn postgres_imports_resumes_and_prunes() {
    let shell = shell();
    shell.feed(&["import"], drafts(1, 1_500)).exits(0);
    let again = shell.feed(&["import", "--json"], drafts(1, 2_500)).exits(0);
    assert_eq!(again.stdout, "{\"new\":1000,\"duplicate\":1500,\"skipped\":0,\"head\":2500}\n");
    assert_eq!(shell.ok(&["prune", "--before", "11", "--yes", "--json"]), "{\"removed\":10,\"head\":2500}\n");
    assert_eq!(shell.ok(&["reset", "--yes", "--json"]), "{\"removed\":2490,\"head\":2500}\n");
    assert_eq!(shell.append(&[])["offset"], 2501);
}

#[test]
fn postgres_wakes_a_follower_in_another_process() {
    let shell = shell();
    shell.append(&["--id", "first"]);
    let mut follower = shell.start(&["tail", "--follow", "--json", "--limit", "2"]);
    let mut lines = lines(&mut follower);
    assert!(lines.next().unwrap().unwrap().contains("\"id\":\"first\""));
    shell.append(&["--id", "second"]);
    assert!(lines.next().unwrap().unwrap().contains("\"id\":\"second\""));
    assert!(follower.wait().unwrap().success());
}
