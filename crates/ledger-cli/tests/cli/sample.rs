//! `serve --demo`: a sample that is there at once and goes on, and that touches no ledger of anybody's.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::live::Stream;
use crate::serve::Server;
use crate::support::Shell;

fn demo(shell: &Shell) -> Command {
    let mut command = shell.command(&["serve", "--demo", "--listen", "127.0.0.1:0", "--log", "off"]);
    command.stderr(Stdio::piped());
    command
}

#[test]
fn a_sample_is_there_at_once_and_goes_on() {
    let shell = Shell::new();
    let server = Server::run(demo(&shell));
    let mut signals = Stream::open(server.address(), "/api/v1/changes?interval_ms=0", None);
    let mut head = || signals.next().unwrap().data["head"].as_u64().unwrap();
    let first = head();
    assert!(first > 12_000, "{first}");
    let runs = server.get("/api/v1/runs?limit=1000").is(200).json();
    assert!(runs["total"].as_u64().unwrap() > 200, "{}", runs["total"]);
    let artifacts = server.get("/api/v1/artifacts").is(200).json();
    assert!(artifacts["total"].as_u64().unwrap() >= 27 && artifacts["unread"] == json!([]), "{}", artifacts["total"]);
    let lineage = server.get("/api/v1/lineage/dashboard/revenue").is(200).text().to_owned();
    assert!(lineage.contains("\"shop/orders\"") && lineage.contains("\"crm/accounts\""), "{lineage}");
    assert_eq!(server.get("/api/v1/sessions").is(200).json()["total"], 3);
    assert_eq!(server.get("/api/v1/migrations").is(200).json(), json!({"migrations": []}));
    let second = head();
    assert!(second > first && head() > second, "nothing goes on");
    let said = server.stop();
    assert!(said.contains("warning: everybody") && !said.contains("DATABASE_URL"), "{said}");
    assert!(shell.names().is_empty(), "{:?}", shell.names());
}

#[test]
fn a_sample_takes_no_url_and_says_which_one_it_does_not_use() {
    let shell = Shell::on("sqlite:mine.db");
    for args in [["serve", "--demo", "--url", "other.db"], ["--url", "other.db", "serve", "--demo"]] {
        shell.run(&args).exits(2).says("--demo serves a sample in memory, and --url names a ledger");
    }
    let server = Server::run(demo(&shell));
    assert_eq!(server.get("/api/v1/ledger").is(200).json()["backend"], "memory");
    let said = server.stop();
    assert!(said.contains("DATABASE_URL is set, and not used"), "{said}");
    assert!(shell.names().is_empty(), "{:?}", shell.names());
}
