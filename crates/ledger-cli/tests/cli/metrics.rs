//! `/metrics` and `generate`: what Prometheus sees of a server, which its own tool reads here.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ledger_testkit::engines::promtool;
use serde_json::{Value, json};

use crate::live::Stream;
use crate::serve::Server;
use crate::support::{Done, Shell, text};

type Samples = BTreeMap<String, f64>;

/// Reads what a server tells of itself.
#[track_caller]
fn scrape(server: &Server) -> Samples {
    let answer = server.get("/metrics").is(200);
    let sample = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse().unwrap())
    };
    answer.text().lines().filter(|line| !line.starts_with('#')).map(sample).collect()
}

/// Scrapes until a sample has a value, and not for ever.
#[track_caller]
fn until(server: &Server, name: &str, value: f64) -> Samples {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let samples = scrape(server);
        if samples.get(name) == Some(&value) {
            return samples;
        }
        assert!(Instant::now() < end, "{name} does not come to {value}: {samples:#?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[track_caller]
fn are(samples: &Samples, expected: &[(&str, f64)]) {
    for (name, value) in expected {
        assert_eq!(samples.get(*name), Some(value), "{name}: {samples:#?}");
    }
}

/// Does a little of everything and looks whether it was counted: the same on every engine.
pub(crate) fn counts(shell: &Shell) -> Samples {
    let server = Server::start(shell, None);
    // Whoever is answered knows that what is recorded from here on counts.
    server.get("/health").is(200);
    let order = r#"{"kind":"order.placed","id":"o-1","payload":1}"#;
    server.append(order).is(201);
    server.append(order).is(200);
    server.append(r#"{"kind":"order.placed","id":"o-1","payload":2}"#).tells(409, "id_conflict");
    server.append(r#"[{"kind":"a.b","id":"o-2","payload":2},{"kind":"a.b","id":"o-3","payload":3}]"#).is(201);
    let late = r#"{"kind":"a.b","payload":4}"#;
    server.post("/api/v1/events?none_after=0", "application/json", late).tells(409, "condition_failed");
    // Another process records, and it counts all the same.
    shell.ok(&["record", "--operation", "load", "--reads", "raw.csv", "--writes", "t_1"]);
    shell.run(&["record", "--operation", "fail", "--", "false"]).exits(1);
    server.get("/api/v1/lineage/t_1").is(200);
    server.get("/api/v1/path?from=raw.csv&to=t_1").is(200);
    server.get("/api/v1/no/such/path").tells(404, "not_found");
    let mut stream = Stream::open(server.address(), "/api/v1/events/stream", None);
    stream.next().expect("there are events");

    until(&server, r#"ledger_operations_total{command="load",status="success"}"#, 1.0);
    until(&server, r#"ledger_operations_total{command="fail",status="error"}"#, 1.0);
    let samples = until(&server, "ledger_projection_lag_offsets", 0.0);
    are(
        &samples,
        &[
            (r#"ledger_appended_events_total{status="new"}"#, 3.0),
            (r#"ledger_appended_events_total{status="duplicate"}"#, 1.0),
            ("ledger_append_duration_seconds_count", 3.0),
            ("ledger_append_batch_events_count", 3.0),
            ("ledger_append_batch_events_sum", 4.0),
            (r#"ledger_backend_calls_total{call="append",outcome="ok"}"#, 3.0),
            (r#"ledger_backend_calls_total{call="append",outcome="id_conflict"}"#, 1.0),
            (r#"ledger_backend_calls_total{call="append",outcome="condition_failed"}"#, 1.0),
            (r#"ledger_backend_call_duration_seconds_count{call="append"}"#, 5.0),
            (r#"ledger_backend_calls_in_flight{call="append"}"#, 0.0),
            (r#"ledger_http_requests_total{method="POST",route="/api/v1/events",status="201"}"#, 2.0),
            (r#"ledger_http_requests_total{method="POST",route="/api/v1/events",status="409"}"#, 2.0),
            (r#"ledger_http_request_duration_seconds_count{method="POST",route="/api/v1/events"}"#, 5.0),
            (r#"ledger_http_requests_total{method="GET",route="/api/v1/lineage/{*artifact}",status="200"}"#, 1.0),
            (r#"ledger_http_requests_total{method="GET",route="unmatched",status="404"}"#, 1.0),
            (r#"ledger_lineage_query_duration_seconds_count{query="graph"}"#, 1.0),
            (r#"ledger_lineage_query_duration_seconds_count{query="path"}"#, 1.0),
            (r#"ledger_operation_duration_seconds_count{command="fail"}"#, 1.0),
            (r#"ledger_sse_clients{stream="events"}"#, 1.0),
            (r#"ledger_sse_drops_total{reason="slow"}"#, 0.0),
            ("ledger_head_offset", shell.head() as f64),
            ("ledger_projection_lag_seconds", 0.0),
        ],
    );
    assert!(samples["ledger_sse_events_total"] >= 1.0, "{samples:#?}");
    drop(stream);
    until(&server, r#"ledger_sse_clients{stream="events"}"#, 0.0);

    // Until all of it is old enough to go.
    std::thread::sleep(Duration::from_millis(1_100));
    let swept = server.post("/api/v1/retention/apply?success=1s&failed=1s", "application/json", "").is(200).json();
    let removed = swept["events"].as_f64().unwrap();
    assert!(removed > 0.0, "{swept}");
    let samples = until(&server, "ledger_pruned_events_total", removed);
    are(&samples, &[("ledger_retention_removed_events_total", removed)]);
    are(&samples, &[(r#"ledger_retention_sweeps_total{outcome="ok"}"#, 1.0)]);
    assert!(samples["ledger_retention_removed_bytes_total"] > 0.0, "{samples:#?}");
    samples
}

#[test]
fn what_a_server_does_is_counted() {
    let shell = Shell::new();
    let samples = counts(&shell);
    assert!(samples["ledger_store_size_bytes"] > 0.0, "{samples:#?}");
}

/// Records sixty operations of as many commands, each of which waited a quarter of a second and took two.
fn sixty_commands(server: &Server) -> Samples {
    let finished = |n: usize| {
        let operation = json!({
            "id": format!("op-{n}"),
            "operation": format!("command \"{n}\""),
            "started_at": "2026-01-31T12:00:00Z",
            "finished_at": "2026-01-31T12:00:02Z",
            "queue_wait_us": 250_000,
            "status": "success",
        });
        json!({"kind": "operation.finished", "id": format!("op-{n}"), "payload": operation})
    };
    let all: Vec<_> = (0..60).map(finished).collect();
    server.append(Value::from(all).to_string()).is(201);
    until(server, r#"ledger_operations_total{command="other",status="success"}"#, 10.0)
}

#[test]
fn sixty_commands_have_fifty_one_labels() {
    let shell = Shell::new();
    let server = Server::start(&shell, None);
    let samples = sixty_commands(&server);
    for metric in ["ledger_operations_total{", "ledger_operation_duration_seconds_count{"] {
        assert_eq!(samples.keys().filter(|name| name.starts_with(metric)).count(), 51, "{metric} {samples:#?}");
    }
    are(
        &samples,
        &[
            (r#"ledger_operations_total{command="command \"7\"",status="success"}"#, 1.0),
            (r#"ledger_operation_duration_seconds_sum{command="other"}"#, 20.0),
            (r#"ledger_operation_queue_wait_seconds_sum{command="other"}"#, 2.5),
        ],
    );
    assert!(samples.len() < 2_000, "{} samples", samples.len());
}

#[test]
fn metrics_come_as_open_metrics_or_as_the_older_text() {
    let shell = Shell::new();
    let server = Server::start(&shell, None);
    let plain = server.get("/metrics").is(200).says("content-type: text/plain; version=0.0.4; charset=utf-8");
    assert!(plain.text().contains("\n# TYPE ledger_appended_events_total counter\n"), "{}", plain.text());
    assert!(!plain.text().contains("# EOF"));
    let accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    let open = server.accepting("/metrics", accept).is(200);
    let open = open.says("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(open.text().contains("\n# TYPE ledger_appended_events counter\n"), "{}", open.text());
    assert!(open.text().contains("\n# UNIT ledger_append_duration_seconds seconds\n"), "{}", open.text());
    assert!(open.text().ends_with("\n# EOF\n"), "{}", open.text());
}

#[test]
fn what_watches_a_server_is_generated_without_a_ledger() {
    let shell = Shell::new();
    assert!(shell.ok(&["generate", "prometheus-rules"]).contains("alert: LedgerDown"));
    assert!(shell.ok(&["generate", "scrape-config"]).contains("credentials_file: "));
    let dashboard: Value = serde_json::from_str(&shell.ok(&["generate", "grafana-dashboard"])).unwrap();
    assert_eq!(dashboard["templating"]["list"][0]["type"], "datasource");
    shell.run(&["generate"]).exits(2);
    shell.run(&["generate", "alerts"]).exits(2).says("alerts");
    assert!(shell.names().is_empty());
}

/// Lets promtool read something, which it must be content with.
#[track_caller]
fn checked(promtool: &Path, args: &[&str], input: &[u8]) {
    let mut command = Command::new(promtool);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // What it says of the rest is shown below, if it reads no further.
    let _ = child.stdin.take().unwrap().write_all(input);
    let done: Done = child.wait_with_output().unwrap().into();
    assert_eq!(done.code, 0, "{args:?}: {}{}", done.stdout, done.stderr);
}

/// Writes what the panels of a dashboard ask as rules, which promtool reads; JSON is YAML.
fn asked(dashboard: &Value) -> String {
    let targets = dashboard["panels"].as_array().unwrap().iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    let rule = |(n, target): (usize, &Value)| {
        let query = target["expr"].as_str().unwrap().replace("$__rate_interval", "5m");
        json!({"record": format!("dashboard:query_{n}"), "expr": query})
    };
    let rules: Vec<_> = targets.enumerate().map(rule).collect();
    json!({"groups": [{"name": "dashboard", "rules": rules}]}).to_string()
}

#[test]
fn promtool_takes_the_metrics_and_what_is_generated_for_them() {
    let Some(promtool) = promtool().unwrap_or_else(|error| panic!("{error}")) else { return };
    let shell = Shell::new();
    let server = Server::start(&shell, None);
    checked(&promtool, &["check", "metrics"], server.get("/metrics").is(200).bytes());
    sixty_commands(&server);
    server.get("/api/v1/lineage/t_1").tells(404, "not_found");
    checked(&promtool, &["check", "metrics"], server.get("/metrics").is(200).bytes());

    let dashboard: Value = serde_json::from_str(&shell.ok(&["generate", "grafana-dashboard"])).unwrap();
    shell.file("rules.yml", shell.ok(&["generate", "prometheus-rules"]));
    shell.file("dashboard.yml", asked(&dashboard));
    shell.file("scrape.yml", shell.ok(&["generate", "scrape-config"]));
    checked(&promtool, &["check", "rules", text(&shell.path("rules.yml"))], b"");
    checked(&promtool, &["check", "rules", text(&shell.path("dashboard.yml"))], b"");
    // The files that it names are on another machine.
    checked(&promtool, &["check", "config", "--syntax-only", text(&shell.path("scrape.yml"))], b"");
}
