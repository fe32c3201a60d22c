//! The same commands on Postgres and ClickHouse: nothing about them depends on the engine beneath.

use ledger_testkit::engines::{clickhouse, postgres};
use serde_json::json;

use crate::serve::Server;
use crate::support::{LINE, LINE_DIGEST, Shell, drafts, lines};

/// Returns a shell on a fresh database of each server.
fn shells() -> [Shell; 2] {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let urls = runtime.block_on(async {
        let (postgres, clickhouse) = (postgres().await.unwrap(), clickhouse().await.unwrap());
        [postgres.fresh_database().await.unwrap(), clickhouse.fresh_database().await.unwrap()]
    });
    urls.map(Shell::on)
}

#[test]
fn a_server_is_migrated_appended_to_and_answers_conflicts() {
    for shell in shells() {
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
}

#[test]
fn a_server_takes_an_export_to_the_byte_and_is_snapshotted_into_a_file() {
    for shell in shells() {
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
}

#[test]
fn a_server_is_served_over_http() {
    shells().iter().for_each(crate::serve::answers);
    shells().iter().for_each(crate::views::answers);
}

#[test]
fn a_server_tells_prometheus_of_itself() {
    for shell in &shells() {
        let samples = crate::metrics::counts(shell);
        assert!(!samples.contains_key("ledger_store_size_bytes"), "{samples:#?}");
    }
}

#[test]
fn what_a_server_is_asked_is_traced() {
    let [postgres, clickhouse] = shells();
    crate::traces::traced(&postgres, "postgresql");
    crate::traces::traced(&clickhouse, "clickhouse");
}

#[test]
fn servers_of_one_ledger_reach_the_listeners_of_each_other() {
    for shell in &shells() {
        crate::live::reaches_across(shell);
    }
}

#[test]
fn a_session_on_a_server_is_merged_with_one_in_a_file_and_exchanged() {
    for shell in shells() {
        crate::sessions::edited(&shell);
        assert_eq!(shell.ok(&["delta", "draft-7", "doc"]), "1 replace  (of 3 edits since v1)\nreplace p-1\n");
        let url = shell.url().to_owned();
        let file = ["--url", "laptop.db"];
        shell.ok(&[&file[..], &["merge", "draft-7", "--from", &url]].concat());
        let delete = r#"{"op":"delete","target":"p-1"}"#;
        shell.ok(&[&file[..], &["edit", "draft-7", "doc", delete, "--actor", "cy", "--id", "c-1"]].concat());
        let merged = &shell.run(&["merge", "draft-7", "--from", "laptop.db", "--json"]).exits(0).json()[0];
        assert_eq!((&merged["operations"], &merged["carried"]["new"]), (&json!(6), &json!(1)));
        let file_merged = &shell.run(&[&file[..], &["merge", "draft-7", "--json"]].concat()).exits(0).json()[0];
        assert_eq!(file_merged["conflicts"], merged["conflicts"], "who merges what makes a difference");
        let lanes = shell.ok(&["session", "draft-7", "--graph"]);
        assert!(lanes.contains("doc: delete p-1") && lanes.contains("┌ cy"), "{lanes}");
        shell.ok(&["export", "--format", "session", "--session", "draft-7", "-o", "out"]);
        let again = shell.run(&["import", "--format", "session", "out/draft-7", "--json"]).exits(0).json();
        assert_eq!((&again[0]["new"], &again[0]["there"]), (&json!(0), &json!(6)));
    }
}

#[test]
fn a_server_answers_where_a_table_came_from() {
    for shell in shells() {
        shell.ok(&["record", "--operation", "load", "--reads", "day=1/raw", "--writes", "t_1", "--", "true"]);
        shell.ok(&["record", "--operation", "' OR true --", "--reads", "t_1", "--writes", "line\nbreak"]);
        let tree = "line\\nbreak  ← ' OR true -- @3\n└─ t_1  ← load @2\n   └─ day=1/raw\n";
        assert_eq!(shell.ok(&["lineage", "line\nbreak"]), tree);
        assert!(shell.ok(&["path", "day=1/raw", "line\nbreak"]).starts_with("day=1/raw\n→ t_1  via load @2\n"));
        assert_eq!(shell.ok(&["lineage", "t_1", "--as-of", "1", "--json"]).matches("\"nodes\":[]").count(), 1);
    }
}

#[test]
fn a_server_lets_operations_go_and_keeps_their_lineage() {
    for shell in shells() {
        shell.ok(&["record", "--operation", "load", "--reads", "raw", "--writes", "t_1", "--", "true"]);
        shell.ok(&["record", "--operation", "clean", "--reads", "t_1", "--writes", "t_2"]);
        shell.run(&["record", "--operation", "fail", "--reads", "t_1", "--writes", "t_3", "--", "false"]).exits(1);
        let tree = shell.ok(&["lineage", "t_2"]);
        assert!(shell.ok(&["retention", "plan"]).contains("nothing is old enough to go"));
        let swept = shell.run(&["retention", "apply", "--success", "0s", "--yes", "--json"]).exits(0).json().remove(0);
        assert_eq!((&swept["success"]["operations"], &swept["lineage_kept"]), (&json!(2), &json!(2)));
        assert_eq!(shell.ok(&["lineage", "t_2"]), tree);
        assert_eq!(shell.run(&["ops", "list", "--json"]).json()[0]["operation"], "fail");
        shell.run(&["verify"]).exits(0);
        shell.ok(&["note", "dropped", "t_2"]);
        shell.ok(&["note", "dropped", "t_1"]);
        let swept = shell.run(&["retention", "apply", "--yes", "--json"]).exits(0).json().remove(0);
        assert_eq!(swept["lineage_dropped"], 2);
        shell.run(&["lineage", "t_2"]).exits(0);
        shell.run(&["verify"]).exits(0);
    }
}

#[test]
fn a_server_is_imported_into_resumed_and_pruned() {
    for shell in shells() {
        shell.feed(&["import"], drafts(1, 1_500)).exits(0);
        let again = shell.feed(&["import", "--json"], drafts(1, 2_500)).exits(0);
        assert_eq!(again.stdout, "{\"new\":1000,\"duplicate\":1500,\"skipped\":0,\"head\":2500}\n");
        assert_eq!(shell.ok(&["prune", "--before", "11", "--yes", "--json"]), "{\"removed\":10,\"head\":2501}\n");
        assert_eq!(shell.ok(&["reset", "--yes", "--json"]), "{\"removed\":2491,\"head\":2502}\n");
        assert_eq!(shell.append(&[])["offset"], 2503);
    }
}

#[test]
fn a_server_wakes_a_follower_in_another_process() {
    for shell in shells() {
        shell.append(&["--id", "first"]);
        let mut follower = shell.start(&["tail", "--follow", "--json", "--limit", "2"]);
        let mut lines = lines(&mut follower);
        assert!(lines.next().unwrap().unwrap().contains("\"id\":\"first\""));
        shell.append(&["--id", "second"]);
        assert!(lines.next().unwrap().unwrap().contains("\"id\":\"second\""));
        assert!(follower.wait().unwrap().success());
    }
}

#[test]
fn a_replica_says_how_far_it_is_and_goes_on_where_it_was() {
    for shell in shells() {
        let url = shell.url().to_owned();
        let from = shell.path("from.db");
        let from = crate::support::text(&from);
        shell.feed(&["import", "--url", from], drafts(1, 30)).exits(0);
        let done = shell.run(&["replicate", "--from", from, "--to", &url, "--json"]).exits(0);
        let last = done.json().pop().unwrap();
        assert_eq!(last, json!({"at": 30, "head": 30, "lag": 0, "written": 30}));
        shell.feed(&["import", "--url", from], drafts(31, 10)).exits(0);
        let text = shell.ok(&["replicate", "--from", from, "--to", &url]);
        assert!(text.ends_with(" has everything up to 40 of 40, 10 events of it new\n"), "{text}");
        let equal = shell.run(&["verify", from, "--json"]).exits(0).json().remove(0);
        assert_eq!(equal["equal"], true);
        shell.run(&["replicate", "--from", &url, "--to", &url]).exits(3).says("same ledger");
        shell.run(&["replicate", "--to", "memory:"]).exits(2).says("in memory");
        let mut follower = shell.start(&["replicate", "--from", from, "--to", &url, "--follow", "--json"]);
        let mut lines = lines(&mut follower);
        assert!(lines.next().unwrap().unwrap().contains("\"at\":40"));
        shell.feed(&["import", "--url", from], drafts(41, 5)).exits(0);
        let mut at = String::new();
        while !at.contains("\"at\":45,") {
            at = lines.next().unwrap().unwrap();
        }
        assert!(at.contains("\"lag\":0"), "{at}");
        follower.kill().unwrap();
        follower.wait().unwrap();
    }
}

#[test]
fn a_server_says_how_far_its_replicas_are_whatever_became_of_who_carries_them() {
    for shell in shells() {
        let url = shell.url().to_owned();
        let [from, away] = ["from.db", "away.db"].map(|name| crate::support::text(&shell.path(name)).to_owned());
        shell.feed(&["import", "--url", &from], drafts(1, 30)).exits(0);
        shell.run(&["replicate", "--from", &from, "--to", &url]).exits(0);
        let named = format!("warehouse={url}");
        let serve = ["serve", "--url", &from, "--listen", "127.0.0.1:0", "--log", "off", "--replica", &named];
        let server = Server::run(shell.command(&[&serve[..], &["--replica", &format!("away={away}")]].concat()));
        let standing = |place: usize| {
            let told = server.get("/api/v1/replicas").is(200).json();
            assert_eq!(told["replicas"].as_array().unwrap().len(), 2);
            told["replicas"][place].clone()
        };
        let expected = json!({"name": "warehouse", "position": 30, "behind": 0, "lag_seconds": 0.0, "problem": null});
        assert_eq!(standing(0), expected);
        let missing = standing(1);
        assert_eq!((missing["name"].as_str().unwrap(), &missing["behind"]), ("away", &json!(null)));
        let why = "it cannot be read; the log of the server says why";
        assert_eq!((&missing["problem"], shell.path("away.db").exists()), (&json!(why), false));

        shell.feed(&["import", "--url", &from], drafts(31, 10)).exits(0);
        let behind = standing(0);
        assert_eq!((&behind["position"], &behind["behind"]), (&json!(30), &json!(10)));
        assert!((0.0..600.0).contains(&behind["lag_seconds"].as_f64().unwrap()), "{behind}");
        let told = server.get("/metrics").is(200);
        let metrics = String::from_utf8_lossy(told.bytes());
        let up = [("warehouse", 1), ("away", 0)]
            .map(|(name, up)| metrics.contains(&format!("ledger_replica_up{{replica=\"{name}\"}} {up}\n")));
        assert_eq!(up, [true, true], "{metrics}");
        assert!(metrics.contains("ledger_replica_lag_offsets{replica=\"warehouse\"} 10\n"), "{metrics}");
        assert_eq!(metrics.matches("\nledger_replica_lag_seconds{").count(), 1, "{metrics}");

        shell.run(&["replicate", "--from", &from, "--to", &url]).exits(0);
        shell.run(&["replicate", "--from", &from, "--to", &away]).exits(0);
        assert_eq!([standing(0), standing(1)].map(|standing| standing["behind"].clone()), [0, 0]);
        shell.append(&[]);
        let why = standing(0)["problem"].as_str().unwrap().to_owned();
        assert_eq!(why, "its head 41 is past 40 here: it is no replica of this ledger");
    }
}

#[test]
fn what_is_no_replica_is_refused_when_it_is_named() {
    let shell = Shell::new();
    let refused = |args: &[&str], why: &str| {
        shell.run(&[&["serve", "--listen", "127.0.0.1:0"], args].concat()).exits(2).says(why);
    };
    refused(&["--replica", "a=memory:"], "within one process");
    refused(&["--replica", "a.db"], "write NAME=URL");
    refused(&["--replica", "=a.db"], "1 to 200 bytes");
    refused(&["--replica", "a=oracle://h/x"], "oracle");
    refused(&["--replica", "x=a.db", "--replica", "x=b.db"], "two replicas are called `x`");
    refused(&["--replica", "x=ledger.db"], "the replica `x` is the ledger itself");
    refused(&["--replica", "a=a.db?mode=rwc"], "leave out `mode=`");
    let mut command = shell.command(&["serve", "--listen", "127.0.0.1:0", "--replica", "a=http://127.0.0.1:9"]);
    let refusal = command.env("LEDGER_API_TOKEN", "a-token-of-some-length").output().unwrap();
    let told = String::from_utf8_lossy(&refusal.stderr);
    assert!(refusal.status.code() == Some(2) && told.contains("give the replica one of its own"), "{told}");
    refused(&["--replica", "a=postgres://me:s3cret@h:x/db"], "me:***@");
}
