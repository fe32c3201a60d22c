//! What is derived from a ledger, over HTTP: the same as the commands say.

use serde_json::{Value, json};

use crate::serve::Server;
use crate::support::Shell;

fn record(shell: &Shell, operation: &str, reads: &str, writes: &str, more: &[&str]) -> i32 {
    let args = ["record", "--operation", operation, "--reads", reads, "--writes", writes, "--project", "shop"];
    shell.run(&[&args[..], more].concat()).code
}

/// Asks for everything that is derived, on whatever engine.
pub(crate) fn answers(shell: &Shell) {
    crate::sessions::edited(shell);
    assert_eq!(record(shell, "load", "day=1/raw", "t_1", &["--table", "in/orders"]), 0);
    assert_eq!(record(shell, "clean", "t_1", "t_2", &[]), 0);
    assert_eq!(record(shell, "clean", "t_1", "t_3", &["--", "false"]), 1);
    let server = Server::start(shell, None);
    let get = |path: &str| server.get(path).is(200).json();

    operations(shell, &server);
    let graph = get("/api/v1/lineage/t_2");
    assert_eq!(graph, shell.run(&["lineage", "t_2", "--json"]).json()[0]);
    let tree = server.get("/api/v1/lineage/t_2?format=tree").is(200);
    assert_eq!(tree.text(), shell.ok(&["lineage", "t_2"]));
    assert_eq!(get("/api/v1/lineage/day=1/raw?direction=forward&depth=1")["nodes"].as_array().unwrap().len(), 2);
    assert!(server.get("/api/v1/lineage/t_2?format=svg").is(200).text().starts_with("<svg"));
    for form in ["prompt", "mermaid", "dot"] {
        let said = shell.ok(&["lineage", "t_2", "--format", form, "--label", "t_1=first"]);
        assert_eq!(server.get(&format!("/api/v1/lineage/t_2?format={form}&label=t_1%3Dfirst")).is(200).text(), said);
    }
    server.get("/api/v1/lineage/nothing").tells(404, "not_found");
    server.get("/api/v1/lineage/t_2?as_of=1").tells(404, "not_found");
    assert_eq!(server.get("/api/v1/lineage/t_2?direction=up").tells(422, "invalid")["field"], "direction");
    let way = get("/api/v1/path?from=day%3D1%2Fraw&to=t_2");
    assert_eq!(way["edges"].as_array().unwrap().len(), 2, "{way}");
    assert_eq!(get("/api/v1/path?from=t_2&to=t_1")["edges"], json!(null));
    assert_eq!(server.get("/api/v1/path?from=t_1").tells(422, "invalid")["field"], "to");
    let artifacts = get("/api/v1/artifacts?live");
    assert_eq!(
        artifacts["artifacts"].as_array().unwrap().len(),
        shell.run(&["artifacts", "--live", "--json"]).json().len()
    );
    assert_eq!(artifacts["total"].as_u64().unwrap() as usize, artifacts["artifacts"].as_array().unwrap().len());

    let runs = get("/api/v1/runs?limit=1");
    assert_eq!(runs["runs"].as_array().unwrap().len(), 1);
    let run = runs["runs"][0]["run_id"].as_str().unwrap();
    assert_eq!(get(&format!("/api/v1/runs/{run}")), runs["runs"][0]);
    server.get("/api/v1/runs/none").tells(404, "not_found");

    sessions(shell, &server);
    let planned = get("/api/v1/retention/plan?success=1s&failed=never");
    assert!(planned["policy"].as_str().unwrap().starts_with("success 1s, failed never"), "{planned}");
    let swept = server.post("/api/v1/retention/apply?success=never&most=1", "application/json", "").is(200).json();
    assert_eq!(swept["success"]["operations"].as_u64().unwrap() + swept["failed"]["operations"].as_u64().unwrap(), 2);
    assert_eq!(get("/api/v1/lineage/t_2")["edges"], graph["edges"]);
    assert_eq!(server.get("/api/v1/retention/plan?success=soon").tells(422, "invalid")["field"], "success");

    let file = server.get("/api/v1/snapshot").is(200);
    shell.file("down.db", file.bytes());
    assert_eq!(shell.verify("down.db")["digest"], get("/api/v1/digest")["digest"]);
}

fn operations(shell: &Shell, server: &Server) {
    for root in ["", "/api/v1"] {
        let get = |path: &str| server.get(&format!("{root}/projects/{path}")).is(200).json();
        let all = get("shop/operations");
        let commands: Vec<_> = all["operations"].as_array().unwrap().iter().map(|row| &row["command"]).collect();
        assert_eq!(commands, ["clean", "clean", "load"]);
        assert_eq!((&all["limit"], &all["offset"], &all["next"]), (&json!(50), &json!(0), &json!(null)));
        let load = &all["operations"][2];
        assert_eq!((&load["bucket_name"], &load["table_name"]), (&json!("in"), &json!("orders")));
        assert_eq!((&load["project_id"], &load["branch_id"]), (&json!("shop"), &json!("default")));
        assert_eq!(get("shop/operations?table=in/orders")["operations"][0], *load);
        let failed = get("shop/operations?status=error&command=clean&from=2020-01-01T00:00:00Z");
        assert_eq!((&failed["operations"][0]["status"], &failed["operations"][1]), (&json!("error"), &json!(null)));
        let id = load["id"].as_str().unwrap();
        assert_eq!(get(&format!("shop/operations/{id}")), *load);
        let second = get("shop/operations?limit=1&offset=1");
        let next = second["next"].as_str().unwrap();
        assert_eq!(get(&format!("shop/operations?limit=1&cursor={next}"))["operations"][0], *load);
        assert_eq!(get("other/operations")["operations"], json!([]));

        let stats = get("shop/operations/stats?period=24h");
        let said = &shell.run(&["ops", "stats", "--project", "shop", "--json"]).json()[0];
        assert_eq!(stats["total_operations"], 3);
        for same in ["success_rate", "avg_duration_ms", "p50_duration_ms", "p99_duration_ms", "by_command", "errors"] {
            assert_eq!(stats[same], said[same], "{same}");
        }
        for (query, field) in [
            ("limit=0", "limit"),
            ("offset=-1", "offset"),
            ("status=well", "status"),
            ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "from"),
            ("period=1h&from=2026-01-02T00:00:00Z", "period"),
            ("cursor=7", "cursor"),
        ] {
            let problem = server.get(&format!("{root}/projects/shop/operations?{query}")).tells(422, "invalid");
            assert_eq!(problem["field"], field);
        }
        server.get(&format!("{root}/projects/other/operations/{id}")).tells(404, "not_found");
        server.get(&format!("{root}/projects/shop/operations/none")).tells(404, "not_found");
        let problem = server.get(&format!("{root}/projects/shop/operations/stats?period=soon")).tells(422, "invalid");
        assert_eq!(problem["field"], "period");
    }
    let get = |path: &str| server.get(&format!("/api/v1{path}")).is(200).json();
    let of_project = get("/projects/shop/operations?period=24h");
    assert_eq!(get("/operations?project=shop&period=24h"), of_project);
    let all = get("/operations/stats?heat&buckets=2");
    assert_eq!((&all["by_project"][0]["project"], &all["by_project"][0]["count"]), (&json!("shop"), &json!(3)));
    assert_eq!(all["by_command_series"].as_array().unwrap().len(), all["by_command"].as_array().unwrap().len());
    let outlook = get("/operations/capacity?project=shop");
    let said = &shell.run(&["ops", "capacity", "--project", "shop", "--json"]).json()[0];
    assert_eq!((&outlook["capacity"], &outlook["forecast"]), (&said["capacity"], &said["forecast"]));
    let last = of_project["operations"][0]["offset"].as_u64().unwrap();
    let then = get(&format!("/operations?as_of={}", last - 1));
    assert_eq!(then["operations"][0], of_project["operations"][1]);
}

fn sessions(shell: &Shell, server: &Server) {
    let get = |path: &str| server.get(&format!("/api/v1/sessions{path}")).is(200).json();
    let said = |args: &[&str]| -> Value { shell.run(&[args, &["--json"]].concat()).json().remove(0) };
    assert_eq!(get("")["sessions"][0], said(&["sessions"]));
    assert_eq!(get("/draft-7"), said(&["session", "draft-7"]));
    assert_eq!(get("/draft-7?most=1")["edits"].as_array().unwrap().len(), 1);
    assert_eq!(get("/draft-7/delta?domain=doc"), said(&["delta", "draft-7", "doc"]));
    assert_eq!(get("/draft-7/delta?domain=doc&all"), said(&["delta", "draft-7", "doc", "--all"]));
    assert_eq!(get("/draft-7/checkpoints")["checkpoints"][0]["snapshot"], "v1");
    let lanes = server.get("/api/v1/sessions/draft-7/graph?format=text").is(200);
    assert_eq!(lanes.text(), shell.ok(&["session", "draft-7", "--graph"]));
    assert!(server.get("/api/v1/sessions/draft-7/graph").is(200).text().starts_with("<svg"));
    for path in ["none", "none/delta?domain=doc", "none/graph", "none/checkpoints"] {
        server.get(&format!("/api/v1/sessions/{path}")).tells(404, "not_found");
    }
    assert_eq!(server.get("/api/v1/sessions/draft-7/delta").tells(422, "invalid")["field"], "domain");
}

#[test]
fn what_is_derived_is_answered_as_the_commands_say_it() {
    answers(&Shell::new());
}
