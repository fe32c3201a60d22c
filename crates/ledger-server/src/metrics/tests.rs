//! Asserts what a scrape is, and helps other tests to read one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use ledger_core::retention::Policy;
use ledger_core::views::Operation;
use ledger_core::{Event, Offset};

use super::requests::Route;
use super::*;

/// Returns the samples of a server in the older text.
pub(crate) fn samples(metrics: &Metrics) -> BTreeMap<String, f64> {
    read(&text::plain(&metrics.write().unwrap())).unwrap()
}

pub(crate) fn sample(samples: &BTreeMap<String, f64>, name: &str) -> Option<f64> {
    samples.get(name).copied()
}

/// Returns the names of all samples that there can be: of each metric one, at least.
pub(crate) async fn names() -> BTreeSet<String> {
    let metrics = Metrics::new("memory");
    let ledger = backends::open("memory:").await.unwrap();
    metrics.calls.timed("head", ledger.head()).await.unwrap();
    metrics.lineage.timed("graph", async {}).await;
    let swept = ledger_core::retention::apply(&*ledger, &Policy::default(), |_| ()).await;
    metrics.retention.swept(&swept, None);
    let draft = Operation::new("load").unwrap().queue_wait(Duration::from_millis(1)).finished().unwrap();
    metrics.operations.count(&Event { offset: Offset::new(1).unwrap(), recorded_at: Timestamp::now(), draft });
    metrics.requests.answered(Route::of(&Method::GET, None), StatusCode::OK, Duration::ZERO);
    metrics.found.head.set(Some(1));
    metrics.found.store_bytes.set(Some(1));
    metrics.found.lag_offsets.set(Some(1));
    metrics.found.lag_seconds.set(Some(1.0));
    metrics.replicas.found(&[crate::admin::replicas::Standing::of("replica.db", 1, 1.0)]);
    samples(&metrics).keys().map(|key| key.split('{').next().unwrap().to_owned()).collect()
}

/// Reads the older text. Fails with the line that is none of it.
fn read(text: &str) -> Result<BTreeMap<String, f64>, String> {
    let mut samples = BTreeMap::new();
    let mut kinds = BTreeMap::new();
    let mut family = ("", "");
    for line in text.lines() {
        let bad = || format!("`{line}`");
        if let Some(said) = line.strip_prefix("# HELP ") {
            family = (said.split_once(' ').ok_or_else(bad)?.0, "");
            continue;
        }
        if let Some(said) = line.strip_prefix("# TYPE ") {
            let (name, kind) = said.split_once(' ').ok_or_else(bad)?;
            let is_known = ["counter", "gauge", "histogram"].contains(&kind);
            if !is_known || name != family.0 || kinds.insert(name, kind).is_some() {
                return Err(bad());
            }
            family = (name, kind);
            continue;
        }
        let (key, value) = line.rsplit_once(' ').ok_or_else(bad)?;
        let (name, labels) = key.split_once('{').unwrap_or((key, "}"));
        let suffix = name.strip_prefix(family.0).ok_or_else(bad)?;
        let suffixes: &[&str] = if family.1 == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
        if !suffixes.contains(&suffix) || !are_labels(labels) {
            return Err(bad());
        }
        let value = value.parse().map_err(|_| bad())?;
        if samples.insert(key.to_owned(), value).is_some() {
            return Err(bad());
        }
    }
    Ok(samples)
}

/// Says whether a text is `name="value",…}`.
fn are_labels(text: &str) -> bool {
    let Some(mut rest) = text.strip_suffix('}') else { return false };
    while !rest.is_empty() {
        let Some((name, value)) = rest.split_once("=\"") else { return false };
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let mut is_escaped = false;
        let end = value.find(|c| {
            let is_end = c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            is_end
        });
        let Some(end) = end.filter(|_| is_name(name)) else { return false };
        rest = &value[end + 1..];
        let Some(next) = rest.strip_prefix(',') else { return rest.is_empty() };
        rest = next;
    }
    true
}

#[test]
fn a_scrape_of_a_new_server_is_text_that_prometheus_reads() {
    let metrics = Metrics::new("sqlite");
    let open = metrics.write().unwrap();
    assert!(open.ends_with("# EOF\n") && open.contains("# TYPE ledger_build info\n"), "{open}");
    let found = read(&text::plain(&open)).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(found[&format!("ledger_build_info{{version=\"{version}\",backend=\"sqlite\"}}")], 1.0);
    assert_eq!(found[r#"ledger_appended_events_total{status="new"}"#], 0.0);
    assert!(found["process_start_time_seconds"] > 1.7e9);
    // Nobody has looked, so nothing is claimed.
    assert!(!found.contains_key("ledger_head_offset") && !open.contains("ledger_store_size"), "{open}");
}

#[test]
fn a_name_with_quotes_and_line_breaks_stays_within_its_label() {
    let metrics = Metrics::new("memory");
    let draft = Operation::new("a\"} 1\nb\\").unwrap().finished().unwrap();
    metrics.operations.count(&Event { offset: Offset::new(1).unwrap(), recorded_at: Timestamp::now(), draft });
    let found = samples(&metrics);
    assert_eq!(found[r#"ledger_operations_total{command="a\"} 1\nb\\",status="success"}"#], 1.0);
}

#[test]
fn what_is_no_metric_is_refused() {
    for bad in ["a 1", "# TYPE a summary", "# HELP a b\n# TYPE a gauge\na x", "# HELP a b\n# TYPE a gauge\na{b=\"c} 1"]
    {
        assert!(read(bad).is_err(), "{bad}");
    }
}

#[tokio::test]
async fn labels_say_nothing_that_grows_with_a_ledger() {
    // What a label may be named, so that a new one is thought about.
    let known = [
        "backend", "call", "command", "le", "method", "outcome", "query", "reason", "replica", "route", "status",
        "stream", "version",
    ];
    let metrics = Metrics::new("memory");
    metrics.requests.answered(Route::of(&Method::GET, None), StatusCode::OK, Duration::ZERO);
    for key in samples(&metrics).keys() {
        let labels = key.split_once('{').map_or("", |(_, labels)| labels);
        let found = labels.split(',').filter_map(|label| label.split_once("=\"")).map(|(name, _)| name);
        found.for_each(|name| assert!(known.contains(&name), "{key}"));
    }
}
