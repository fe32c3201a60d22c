//! What those ask for who run a server, of one over a ledger in a file: copies made aside, and the history of its
//! tables.

use serde_json::Value;

use crate::serve::Server;
use crate::support::{Shell, drafts};

#[test]
fn a_snapshot_is_made_aside_and_is_the_same_ledger() {
    let shell = Shell::new();
    shell.feed(&["import"], drafts(1, 3_000)).exits(0);
    let server = Server::start(&shell, None);
    let begin = || server.send("POST /api/v1/snapshots HTTP/1.1\r\ncontent-length: 0\r\n", b"").is(202).json();
    let begun = begin();
    let path = format!("/api/v1/snapshots/{}", begun["id"].as_str().unwrap());
    let ready = loop {
        let snapshot = server.get(&path).is(200).json();
        if snapshot["state"] != "copying" {
            break snapshot;
        }
        assert!(snapshot["events"].as_u64() <= snapshot["of"].as_u64(), "{snapshot}");
    };
    assert_eq!((&ready["state"], &ready["events"], &ready["of"]), (&"ready".into(), &3_000.into(), &3_000.into()));
    let file = server.get(&format!("{path}/file")).is(200).says("application/vnd.sqlite3");
    assert_eq!(ready["bytes"], file.bytes().len());
    shell.file("copy.db", file.bytes());
    assert_eq!(shell.verify("copy.db"), shell.verify("ledger.db"));
    // One more is under way, or done, when it ends.
    begin();
    server.stop();
    let left: Vec<_> = shell.names().into_iter().filter(|name| name.starts_with(".tmp")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_history_of_the_tables_is_told_unless_they_are_another_servers() {
    let shell = Shell::new();
    shell.append(&[]);
    let server = Server::start(&shell, None);
    let told = server.get("/api/v1/migrations").is(200).json();
    let steps = told["migrations"].as_array().unwrap();
    let listed = shell.run(&["migrate", "status", "--json"]).exits(0).json();
    let brief = |step: &Value| ["version", "name", "applied_at"].map(|name| step[name].clone());
    assert_eq!(steps.iter().map(brief).collect::<Vec<_>>(), listed.iter().map(brief).collect::<Vec<_>>());
    assert!(
        !steps.is_empty()
            && steps.iter().all(|step| step["applied_at"].is_string() && !step["statements"][0].is_null())
    );
    let before = Server::start(&Shell::on(format!("http://{}", server.address())), None);
    before.get("/api/v1/migrations").tells(501, "no_migrations");
}
