//! A dashboard for Grafana, made of a table of panels, because its own form says everything twelve times.

use serde_json::{Value, json};

/// The version of Grafana's form: that of release 10.0. Later ones lift it.
const SCHEMA: u32 = 38;
/// How wide a row is, as Grafana counts.
const WIDTH: usize = 24;

/// Which servers are meant: those that are chosen above the panels.
const CHOSEN: &str = r#"{instance=~"$instance"}"#;

/// A panel.
struct Panel {
    title: &'static str,
    look: Look,
    unit: &'static str,
    /// What it asks, each with how the answer is called.
    queries: Vec<(String, &'static str)>,
}

/// How a panel shows what it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// As the newest number.
    Number,
    /// As lines over time.
    Lines,
}

fn numbers() -> [Panel; 3] {
    let number = |title, unit, metric: &str| {
        let queries = vec![(format!("{metric}{CHOSEN}"), "{{instance}}")];
        Panel { title, look: Look::Number, unit, queries }
    };
    [
        number("Head", "none", "ledger_head_offset"),
        number("Size of the store (SQLite)", "bytes", "ledger_store_size_bytes"),
        number("Behind the head", "s", "ledger_projection_lag_seconds"),
    ]
}

fn lines() -> [Panel; 10] {
    let lines = |title, unit, queries| Panel { title, look: Look::Lines, unit, queries };
    let failed = r#"ledger_backend_calls_total{instance=~"$instance", outcome!="ok"}"#;
    let appends = "ledger_append_duration_seconds";
    // Each server of a ledger counts all of its operations, so the sum would count them once for each server.
    let operations = format!("max by (command, status) (rate(ledger_operations_total{CHOSEN}[$__rate_interval]))");
    [
        lines("Events appended", "eps", vec![(rate("status", "ledger_appended_events_total"), "{{status}}")]),
        lines(
            "How long appends take",
            "s",
            vec![
                (quantile(0.5, "", appends), "half"),
                (quantile(0.95, "", appends), "95 %"),
                (quantile(0.99, "", appends), "99 %"),
            ],
        ),
        lines(
            "How long 95 % of the calls to the engine take",
            "s",
            vec![(quantile(0.95, "call", "ledger_backend_call_duration_seconds"), "{{call}}")],
        ),
        lines(
            "Calls to the engine that did not end well",
            "ops",
            vec![(format!("sum by (call, outcome) (rate({failed}[$__rate_interval])) > 0"), "{{call}}: {{outcome}}")],
        ),
        lines("Requests", "reqps", vec![(rate("status", "ledger_http_requests_total"), "{{status}}")]),
        lines(
            "How long 95 % of the requests take",
            "s",
            vec![(quantile(0.95, "route", "ledger_http_request_duration_seconds"), "{{route}}")],
        ),
        lines(
            "Listeners, and those who are told to come again",
            "short",
            vec![
                (format!("sum by (stream) (ledger_sse_clients{CHOSEN})"), "{{stream}}"),
                (
                    format!("sum by (reason) (increase(ledger_sse_drops_total{CHOSEN}[$__rate_interval]))"),
                    "told: {{reason}}",
                ),
            ],
        ),
        lines(
            "How far replicas are behind",
            "s",
            vec![(format!("max by (replica) (ledger_replica_lag_seconds{CHOSEN})"), "{{replica}}")],
        ),
        lines("Operations that ended", "ops", vec![(operations, "{{command}}: {{status}}")]),
        lines(
            "How long 95 % of the operations take, and wait before",
            "s",
            vec![
                (quantile(0.95, "command", "ledger_operation_duration_seconds"), "{{command}}"),
                (quantile(0.95, "command", "ledger_operation_queue_wait_seconds"), "{{command}} waits"),
            ],
        ),
    ]
}

/// Asks how fast a counter rises, by a label.
fn rate(by: &str, counter: &str) -> String {
    format!("sum by ({by}) (rate({counter}{CHOSEN}[$__rate_interval]))")
}

/// Asks what a part of all observations stays below, by a label if one is named.
fn quantile(part: f64, by: &str, histogram: &str) -> String {
    let by = if by.is_empty() { "le".to_owned() } else { format!("{by}, le") };
    format!("histogram_quantile({part}, sum by ({by}) (rate({histogram}_bucket{CHOSEN}[$__rate_interval])))")
}

/// Returns the dashboard in Grafana's own form.
pub(super) fn dashboard() -> Value {
    let (mut panels, mut left, mut top) = (Vec::new(), 0, 0);
    for (id, panel) in (1..).zip(numbers().iter().chain(&lines())) {
        let (width, height) = panel.look.size();
        panels.push(panel.form(id, &json!({"x": left, "y": top, "w": width, "h": height})));
        left += width;
        if left + width > WIDTH {
            (left, top) = (0, top + height);
        }
    }
    json!({
        "uid": "ledger",
        "title": "Ledger",
        "tags": ["ledger"],
        "schemaVersion": SCHEMA,
        "version": 1,
        "editable": true,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "",
        "graphTooltip": 1,
        "annotations": {"list": []},
        "links": [],
        "templating": {"list": variables()},
        "panels": panels,
    })
}

/// Returns what is chosen above the panels: where the figures come from, and which servers are meant.
fn variables() -> Value {
    let query = "label_values(ledger_build_info, instance)";
    json!([
        {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
        {
            "name": "instance",
            "label": "Server",
            "type": "query",
            "datasource": source(),
            "query": {"query": query, "refId": "instance"},
            "refresh": 2,
            "includeAll": true,
            "multi": true,
            "allValue": ".*",
            "current": {"selected": true, "text": ["All"], "value": ["$__all"]},
        },
    ])
}

fn source() -> Value {
    json!({"type": "prometheus", "uid": "${datasource}"})
}

impl Look {
    /// Returns its width and height.
    fn size(self) -> (usize, usize) {
        match self {
            Self::Number => (8, 4),
            Self::Lines => (12, 8),
        }
    }

    /// Returns its name and its options.
    fn form(self) -> (&'static str, Value) {
        let newest = json!({"calcs": ["lastNotNull"], "fields": "", "values": false});
        match self {
            Self::Number => ("stat", json!({"reduceOptions": newest, "colorMode": "none", "graphMode": "area"})),
            Self::Lines => {
                let legend = json!({"displayMode": "list", "placement": "bottom", "showLegend": true});
                ("timeseries", json!({"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}))
            }
        }
    }
}

impl Panel {
    fn form(&self, id: usize, place: &Value) -> Value {
        let (kind, options) = self.look.form();
        let target = |(name, (query, legend)): (char, &(String, &str))| {
            let name = name.to_string();
            json!({"refId": name, "datasource": source(), "editorMode": "code", "expr": query, "legendFormat": legend})
        };
        let targets: Vec<_> = ('A'..).zip(&self.queries).map(target).collect();
        json!({
            "id": id,
            "type": kind,
            "title": self.title,
            "datasource": source(),
            "gridPos": place,
            "fieldConfig": {"defaults": {"unit": self.unit, "min": 0}, "overrides": []},
            "options": options,
            "targets": targets,
        })
    }
}
