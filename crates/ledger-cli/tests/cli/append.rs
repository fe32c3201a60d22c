//! `append`: what it prints, what it refuses, and how.

use serde_json::json;

use crate::support::Shell;

#[test]
fn append_prints_the_offset_the_status_and_the_id() {
    let shell = Shell::new();
    let args = ["append", "--kind", "order.placed", "--id", "o-1", "--payload", r#"{"total":12}"#];
    assert_eq!(shell.ok(&args), "offset 1 new o-1\n");
    assert_eq!(shell.ok(&args), "offset 1 duplicate o-1\n");
    let machine = [&args[..], &["--json"]].concat();
    assert_eq!(shell.ok(&machine), "{\"offset\":1,\"id\":\"o-1\",\"status\":\"duplicate\"}\n");
    let next = ["append", "--json", "--kind", "order.placed", "--id", "o-2"];
    assert_eq!(shell.ok(&next), "{\"offset\":2,\"id\":\"o-2\",\"status\":\"new\"}\n");
}

#[test]
fn append_records_every_flag() {
    let shell = Shell::new();
    shell.ok(&[
        "append",
        "--kind",
        "op.done",
        "--run",
        "r",
        "--actor",
        "me",
        "--id",
        "x",
        "--turn",
        "3",
        "--session",
        "s",
        "--model-profile",
        "fast",
        "--model-id",
        "m-1",
        "--tag",
        "job:99",
        "table:a/b",
        "--tag",
        "k:v",
        "--parent",
        "p1",
        "p2",
        "--at",
        "2026-01-31T14:00:00+02:00",
        "--schema-version",
        "2",
        "--lamport",
        "7",
        "--payload",
        "[1.50, 2]",
    ]);
    let mut event = shell.run(&["show", "x", "--json"]).exits(0).json().remove(0);
    assert!(event["recorded_at"].is_string());
    event.as_object_mut().unwrap().remove("recorded_at");
    let expected = json!({
        "offset": 1, "id": "x", "run_id": "r", "turn": 3, "kind": "op.done", "actor": "me", "payload": [1.5, 2],
        "created_at": "2026-01-31T12:00:00.000000Z", "schema_version": 2, "session_id": "s", "model_profile": "fast",
        "model_id": "m-1", "parents": ["p1", "p2"], "lamport": 7, "tags": ["job:99", "k:v", "table:a/b"],
    });
    assert_eq!(event, expected);
}

#[test]
fn append_takes_its_payload_from_a_file_or_from_standard_input() {
    let shell = Shell::new();
    shell.file("p.json", "{\n  \"from\": \"file\"\n}\n");
    shell.append(&["--payload", "@p.json"]);
    shell.feed(&["append", "--kind", "a.b", "--payload", "-"], "{\"from\":\"pipe\"}").exits(0);
    shell.append(&["--payload", "-17"]);
    let events = shell.run(&["tail", "--json"]).json();
    assert_eq!(events[0]["payload_text"], "{\n  \"from\": \"file\"\n}");
    assert_eq!((&events[1]["payload"]["from"], &events[2]["payload"]), (&json!("pipe"), &json!(-17)));
    shell.file("bom.json", b"\xEF\xBB\xBF{}");
    shell.run(&["append", "--kind", "a.b", "--payload", "@bom.json"]).exits(2).says("byte order mark");
    shell.run(&["append", "--kind", "a.b", "--payload", "@none.json"]).exits(1).says("`none.json`");
}

#[test]
fn append_refuses_bad_values_with_exit_code_2_and_the_value() {
    let shell = Shell::new();
    let long_id = "x".repeat(65);
    for (flag, value, says) in [
        ("--kind", "nodot", "`nodot` is not dotted lower case"),
        ("--kind", "Bad.Kind", "`Bad.Kind` is not dotted lower case"),
        ("--kind", "trailing.", "`trailing.` is not dotted lower case"),
        ("--id", long_id.as_str(), "has 65 bytes: 64 are the most"),
        ("--id", "", "is empty"),
        ("--tag", "nocolon", "`nocolon` has no colon"),
        ("--parent", long_id.as_str(), "has 65 bytes"),
        ("--payload", "{", "is not JSON"),
        ("--payload", r#""\ud800""#, "lone surrogate"),
        ("--at", "yesterday", "`yesterday`"),
        ("--lamport", "9223372036854775808", "`9223372036854775808` is past the largest"),
        ("--if-head", "-1", "-1"),
        ("--turn", "4294967296", "4294967296"),
    ] {
        let mut args = vec!["append", flag, value];
        if flag != "--kind" {
            args.extend(["--kind", "a.b"]);
        }
        shell.run(&args).exits(2).says(says);
    }
    let big = format!("\"{}\"", "x".repeat(1 << 20));
    shell
        .feed(&["append", "--kind", "a.b", "--payload", "-"], big)
        .exits(2)
        .says("1048578 bytes: 1048576 are the most");
    let tags: Vec<String> = (0..65).map(|n| format!("--tag=k:{n}")).collect();
    let mut args = vec!["append", "--kind", "a.b"];
    args.extend(tags.iter().map(String::as_str));
    shell.run(&args).exits(2).says("65 on event");
    assert!(shell.names().is_empty(), "a refused value creates no ledger: {:?}", shell.names());
}

#[test]
fn append_answers_a_conflicting_id_with_exit_code_3() {
    let shell = Shell::new();
    shell.append(&["--id", "x", "--payload", "1"]);
    let done = shell.run(&["append", "--kind", "a.b", "--id", "x", "--payload", "2"]).exits(3);
    let done = done.says("error: id `x` is already at offset 1 with other content\n");
    assert!(done.stderr.contains("hint: `ledger show x`") && done.stdout.is_empty(), "{done:?}");
    assert_eq!(shell.head(), 1);
}

#[test]
fn append_answers_a_failed_if_head_with_exit_code_3() {
    let shell = Shell::new();
    shell.append(&["--if-head", "0"]);
    let done = shell.run(&["append", "--kind", "a.b", "--if-head", "0"]).exits(3).says("condition failed");
    assert!(done.stderr.contains("ledger tail --from 1"), "{done:?}");
    shell.append(&["--if-head", "1"]);
    assert_eq!(shell.head(), 2);
}

#[test]
fn a_ledger_in_memory_takes_an_event_and_is_gone() {
    let shell = Shell::on("memory:");
    assert_eq!(shell.append(&["--id", "x"])["offset"], 1);
    assert_eq!(shell.head(), 0);
    assert!(shell.names().is_empty());
}
