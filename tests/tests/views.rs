//! The views for those who have only SQL: plain queries run as they stand, say what the library says, and outlive events
//! that are not what they call themselves.

#![expect(clippy::unwrap_used, reason = "what cannot be done in a test fails it")]

use std::time::Duration;

use ledger_core::operations::{Selection, log};
use ledger_core::retention::{Policy, apply};
use ledger_core::views::operations::{Period, Slice};
use ledger_core::views::{Operation, Outcome, Remains};
use ledger_core::{Artifact, Condition, Draft, Ledger, LedgerExt, Payload, Timestamp};
use ledger_testkit::all;
use serde_json::json;
use tests::places::UrlPlace;
use tests::sql::query;

const HOUR: i64 = 3_600_000_000;

/// Twenty imports and four exports within the last hour, and an import of yesterday that took longest.
fn drafts() -> Vec<Draft> {
    let now = Timestamp::now().as_micros();
    let ended = |id: String, command: &str, ago: i64, millis: i64, status| {
        let at = Timestamp::from_micros(now - ago).unwrap();
        let begun = Timestamp::from_micros(now - ago - millis * 1_000).unwrap();
        let operation = Operation::new(command).unwrap().id(id).unwrap().started_at(begun);
        let operation = operation.input("source", Artifact::new("it's \"raw\"\\\n").unwrap()).unwrap();
        let operation = operation.input("n", 7).unwrap().output("t_1").unwrap().output("t_2").unwrap();
        let operation = operation.project("p").bucket("in").table(if millis % 2 == 0 { "orders" } else { "people" });
        let operation = operation.request_id("r-1").connection_job_id("cj-1").queue_wait(Duration::from_micros(1_500));
        let operation = operation.rows_affected(10_u64).metadata(Payload::from_json(r#"{"k":"\u0000"}"#).unwrap());
        let code = (status != Outcome::Success).then(|| "a\u{0}b".to_owned());
        Operation { error_code: code.clone(), ..operation }.ended(status, code, at).unwrap()
    };
    let mut drafts: Vec<_> = (1..=20)
        .map(|n| {
            ended(
                format!("op-{n:02}"),
                "import",
                n * 1_000_000,
                n,
                if n % 5 == 0 { Outcome::Error } else { Outcome::Success },
            )
        })
        .collect();
    drafts.extend((1..=4).map(|n| ended(format!("ex-{n}"), "export", n * 1_000_000, 2 * n, Outcome::Success)));
    drafts.push(ended("old".to_owned(), "import", 25 * HOUR, 9_000, Outcome::Timeout));
    // Events of this kind that are no operations.
    let odd = [
        json!(1),
        json!([]),
        json!("text"),
        json!({"status": "success", "rows_affected": "many", "duration_us": [], "inputs": 1, "outputs": {}}),
        json!({"status": "success", "bytes_in": i64::MAX, "bytes_out": -1, "inputs": [{"artifact": "a"}], "outputs": ["b"]}),
        json!({"status": "success", "inputs": {"x": {"artifact": 1}, "y": "z", "n": null}, "outputs": [1, null, "b"]}),
    ];
    drafts.extend(odd.iter().map(|odd| Draft::new(Operation::FINISHED, odd).unwrap()));
    drafts.push(Draft::new("run.finished", &json!({})).unwrap().run("r-9").unwrap());
    drafts
}

async fn plain_queries_run_as_they_stand(place: &UrlPlace, hour: &str) {
    let ledger = place.open_url().await;
    ledger.append(&drafts(), &Condition::None).await.unwrap();
    // Every engine writes a value in its own way: what is asked for is text, or a number that is rounded.
    let ask = async |sql: &str| {
        let text = query(&place.url, sql).await;
        text.replace("Text(\"", "").replace("\")", "").replace("Integer(", "").replace("Real(", "").replace(')', "")
    };
    let slowest = format!(
        "SELECT id FROM operation_log WHERE command = 'import' AND timestamp > {hour} ORDER BY duration_ms DESC LIMIT 3"
    );
    assert_eq!(ask(&slowest).await, "op-20\nop-19\nop-18");
    let rate = "SELECT command FROM operation_log WHERE command IN ('import', 'export') GROUP BY command \
                HAVING 100 * sum(CASE WHEN status <> 'success' THEN 1 ELSE 0 END) / count(*) > 20";
    assert_eq!(ask(rate).await, "import");
    assert_eq!(
        ask("SELECT id FROM operation_log WHERE connection_job_id = 'cj-1' AND status = 'timeout'").await,
        "old"
    );
    let busy = "SELECT table_name FROM operation_log WHERE bucket_name = 'in' GROUP BY table_name \
                HAVING count(*) > 10 ORDER BY table_name";
    assert_eq!(ask(busy).await, "orders");
    let all = "SELECT id FROM operation_log WHERE project_id = 'p' AND branch_id = 'default' AND request_id = 'r-1' \
               AND rows_affected = 10 AND queue_wait_ms = 1.5 AND bytes_in IS NULL AND connection_run_id IS NULL \
               AND metadata IS NOT NULL AND duration_ms = 9000 AND error_code IS NOT NULL AND error_message IS NOT NULL";
    assert_eq!(ask(all).await, "old");
    let held: u64 = ask("SELECT count(*) FROM operation_log").await.trim().parse::<f64>().unwrap() as u64;
    assert_eq!(held, 31, "what is no operation is a row without values, and no error");

    let numbers = "SELECT count(*) FROM operation_log WHERE project_id IS NULL AND (duration_ms IS NOT NULL \
                   OR rows_affected IS NOT NULL OR bytes_out IS NOT NULL)";
    assert_eq!(ask(numbers).await, "0", "what is no number is none");
    let edges = "SELECT DISTINCT target FROM lineage_edges WHERE operation_id = 'op-01' ORDER BY target";
    assert_eq!(ask(edges).await, "t_1\nt_2");
    assert_eq!(
        ask("SELECT count(*) FROM lineage_edges").await,
        (2 * 20).to_string(),
        "literals make none, nor failures"
    );
    let named = "SELECT count(*) FROM lineage_edges WHERE source LIKE 'it''s \"raw\"%'";
    assert_eq!(ask(named).await, "40");
    assert_eq!(ask("SELECT state FROM runs WHERE run_id = 'r-9'").await, "finished");
    assert_eq!(ask("SELECT events FROM runs WHERE run_id = 'default'").await, "31");

    let hour = Period::last(Duration::from_secs(3_600), Timestamp::now());
    let library = log(&*ledger, &Selection { period: Some(hour), ..Selection::default() }).await.unwrap();
    assert_eq!(library.stats(hour, &Slice::default(), 0).total, 24);
    assert_eq!(ledger.read(&ledger_core::Query::all()).await.unwrap().events.len(), 32);
    let head = ledger.append_one(ledger_testkit::draft("after").run("r-10").unwrap()).await.unwrap().offset;
    ledger.prune(&ledger_core::Query::after(head.before())).await.unwrap();
    assert_eq!(ask("SELECT count(*) FROM runs").await, "2", "what is pruned is no run");
}

#[tokio::test]
async fn plain_queries_run_as_they_stand_on_sqlite() {
    plain_queries_run_as_they_stand(&UrlPlace::sqlite(), "datetime('now', '-1 hour')").await;
}

#[tokio::test]
async fn plain_queries_run_as_they_stand_on_postgres() {
    plain_queries_run_as_they_stand(&UrlPlace::postgres().await, "now() - interval '1 hour'").await;
}

#[tokio::test]
async fn plain_queries_run_as_they_stand_on_clickhouse() {
    plain_queries_run_as_they_stand(&UrlPlace::clickhouse().await, "now() - INTERVAL 1 HOUR").await;
}

/// What was removed and is kept for lineage is in the view as before; once, while both are there.
async fn edges_stay_when_operations_go(place: &UrlPlace, copy: &UrlPlace) {
    let ledger = place.open_url().await;
    ledger.append(&drafts(), &Condition::None).await.unwrap();
    let whole = all(&*ledger).await.unwrap();
    let edges = "SELECT source, target, operation, operation_id, event_offset, timestamp FROM lineage_edges \
                 ORDER BY 5, 1, 2, 4";
    let before = query(&place.url, edges).await;
    assert_eq!(before.lines().count(), 20 * 2 * if before.contains("\\\n") { 2 } else { 1 });
    for odd in [json!(1), json!({"ends": 1}), json!({"inputs": {"a": 1}, "outputs": ["x"], "ends": [1, ["x"], [[]]]})] {
        ledger.append_one(Draft::new(Remains::KEPT, &odd).unwrap()).await.unwrap();
    }
    let all_go = Policy { success: Some(Duration::ZERO), ..Policy::default() };
    assert_eq!(apply(&ledger, &all_go, |_| ()).await.unwrap().lineage_kept, 20);
    assert_eq!(query(&place.url, edges).await, before);

    let (head, last) = (ledger.head().await.unwrap(), whole[whole.len() - 1].offset);
    let later = all(&*ledger).await.unwrap().into_iter().filter(|event| event.offset > last);
    let both: Vec<_> = whole.iter().cloned().chain(later).collect();
    copy.open_url().await.restore(&both, head).await.unwrap();
    assert_eq!(query(&copy.url, edges).await, before);
}

#[tokio::test]
async fn edges_stay_when_operations_go_on_sqlite() {
    edges_stay_when_operations_go(&UrlPlace::sqlite(), &UrlPlace::sqlite()).await;
}

#[tokio::test]
async fn edges_stay_when_operations_go_on_postgres() {
    edges_stay_when_operations_go(&UrlPlace::postgres().await, &UrlPlace::postgres().await).await;
}

#[tokio::test]
async fn edges_stay_when_operations_go_on_clickhouse() {
    edges_stay_when_operations_go(&UrlPlace::clickhouse().await, &UrlPlace::clickhouse().await).await;
}

/// A table of another application beside the ledger's keeps its name, and the ledger works beside it.
#[tokio::test]
async fn a_table_of_another_application_keeps_its_name() {
    for place in [UrlPlace::sqlite(), UrlPlace::postgres().await] {
        if place.url.starts_with("postgres") {
            query(&place.url, "CREATE SCHEMA IF NOT EXISTS ledger").await;
        }
        query(&place.url, "CREATE TABLE runs (mine TEXT)").await;
        let ledger = place.open_url().await;
        ledger.append_one(ledger_testkit::draft("a")).await.unwrap();
        assert!(query(&place.url, "SELECT count(*) FROM runs WHERE mine = 'x'").await.contains('0'));
        assert!(query(&place.url, "SELECT count(*) FROM operation_log").await.contains('0'));
    }
}
