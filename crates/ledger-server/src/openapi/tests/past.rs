//! What is answered of the past is what the ledger held then, by whatever path it is asked for.

use std::sync::Arc;

use ledger_core::views::{ArtifactNote, Outcome};
use ledger_core::{Draft, Event, Ledger, Offset, Timestamp};

use super::*;

/// The first event is recorded on this day, in microseconds, …
const BEGIN: i64 = 1_740_787_200_000_000;
const HOUR: i64 = 3_600_000_000;
/// … and the last offset has no event any more.
const HEAD: u64 = 14;

fn at(hours: i64) -> Timestamp {
    Timestamp::from_micros(BEGIN + hours * HOUR).unwrap()
}

/// An operation that ended a second before it was recorded.
fn operation(hours: i64, id: &str, command: &str, project: Option<&str>, outcome: Outcome) -> Draft {
    let ended = Timestamp::from_micros(at(hours).as_micros() - 1_000_000).unwrap();
    let began = Timestamp::from_micros(ended.as_micros() - 7_000).unwrap();
    let operation = Operation::new(command).unwrap().id(id).unwrap().started_at(began);
    let operation = Operation { project: project.map(str::to_owned), ..operation };
    let draft = operation.ended(outcome, None, ended).unwrap();
    draft.run("Load-1").unwrap()
}

fn of_session(kind: &str, payload: &Value) -> Draft {
    let draft = Draft::new(kind, payload).unwrap().session("s").unwrap().actor("ann").unwrap();
    draft.tag("coordination:s").unwrap()
}

/// Offsets, after how many hours each was recorded, and what.
fn happened() -> Vec<(u64, i64, Draft)> {
    let run = |kind: &str| Draft::new(kind, &json!({})).unwrap().run("Load-1").unwrap();
    let note = json!({"artifact": "T_9", "scope": "job", "job": "99"});
    let created: ArtifactNote = serde_json::from_value(note).unwrap();
    let edit = json!({"domain": "doc", "op": {"op": "insert", "target": "p"}});
    let taken = json!({"snapshot": "v1", "lamport": 0, "operations": 1, "offset": 8});
    let taken = of_session("session.checkpoint", &taken);
    let wish = json!({"domain": "doc", "targets": ["p"], "expires_at": at(72)});
    vec![
        (1, 0, run("run.started")),
        (2, 12, operation(12, "op-1", "load", Some("p"), Outcome::Success)),
        (3, 36, operation(36, "op-2", "load", Some("q"), Outcome::Success)),
        (4, 60, operation(60, "op-3", "clean", None, Outcome::Error)),
        (7, 61, created.created().unwrap()),
        (8, 62, of_session("session.operation", &edit)),
        (9, 63, of_session("session.reservation", &wish)),
        (10, 84, operation(84, "op-4", "load", Some("p"), Outcome::Success)),
        (11, 85, run("run.finished")),
        (12, 86, taken.run("Load-1").unwrap().tag("checkpoint:s").unwrap()),
    ]
}

/// A server of all that.
struct Past {
    server: Server,
    document: Value,
}

impl Past {
    async fn new() -> Self {
        let ledger: Arc<dyn Ledger> = backends::open("memory:").await.unwrap();
        let event =
            |(offset, hours, draft)| Event { offset: Offset::new(offset).unwrap(), recorded_at: at(hours), draft };
        let events: Vec<_> = happened().into_iter().map(event).collect();
        ledger.restore(&events, Offset::new(HEAD).unwrap()).await.unwrap();
        let server = Server::new(ledger, Options { hosts: Hosts::Any, ..Options::default() });
        Self { server, document: document(false) }
    }

    /// Returns what is answered, which has to be what the document says of a path.
    async fn tells(&self, path: &str, asked: &str, status: u16) -> Value {
        let answer = ask(&self.server, "get", &format!("/api/v1{asked}"), None).await;
        fits(&self.document, "get", &format!("/api/v1{path}"), &answer, status);
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// Returns what is answered at a path that is itself the document's.
    async fn get(&self, asked: &str) -> Value {
        self.tells(asked.split('?').next().unwrap(), asked, 200).await
    }
}

/// Returns one member of each of some objects.
fn each<'v>(all: &'v Value, member: &str) -> Vec<&'v Value> {
    all.as_array().unwrap().iter().map(|one| &one[member]).collect()
}

#[tokio::test]
async fn a_time_is_the_last_offset_that_was_recorded_by_then() {
    let past = Past::new().await;
    let head = async |as_of: &str| past.get(&format!("/head?as_of={as_of}")).await["head"].as_u64().unwrap();
    let mut before = 0;
    for (offset, hours, _) in happened() {
        let (time, earlier) = (at(hours), Timestamp::from_micros(at(hours).as_micros() - 1).unwrap());
        // Past the last event, offsets have none any more.
        let then = if offset == 12 { HEAD } else { offset };
        assert_eq!((head(&earlier.to_string()).await, head(&time.to_string()).await), (before, then));
        before = offset;
    }
    assert_eq!(past.get("/head").await["head"], HEAD);
    assert_eq!((head("0").await, head("5").await, head("99").await), (0, 5, HEAD));
    assert_eq!(past.tells("/head", "/head?as_of=soon", 422).await["field"], "as_of");
    assert_eq!(past.tells("/head", "/head?asof=1", 422).await["field"], "asof");
}

#[tokio::test]
async fn runs_are_those_of_then_and_found_by_a_part_of_their_name() {
    let past = Past::new().await;
    let runs = async |asked: &str| {
        let part = past.get(&format!("/runs?{asked}")).await;
        part["runs"].as_array().unwrap().iter().map(|run| run["run_id"].to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(runs("").await, "\"Load-1\" \"default\"");
    assert_eq!(runs("as_of=9").await, "\"default\" \"Load-1\"", "those with the newest events of then come first");
    assert_eq!(runs("q=LOAD").await, "\"Load-1\"");
    assert_eq!((runs("state=finished").await, runs("state=finished&as_of=10").await), ("\"Load-1\"".into(), "".into()));
    assert_eq!(runs("state=open&q=a").await, "\"default\"");
    assert_eq!(past.tells("/runs", "/runs?state=over", 422).await["field"], "state");
    let run = past.tells("/runs/{run}", "/runs/Load-1?as_of=3", 200).await;
    assert_eq!((&run["events"], &run["state"], &run["last_offset"]), (&json!(3), &json!("open"), &json!(3)));
    assert_eq!(past.tells("/runs/{run}", "/runs/Load-1", 200).await["state"], "finished");
    past.tells("/runs/{run}", "/runs/Load-1?as_of=0", 404).await;
}

#[tokio::test]
async fn artifacts_and_claims_count_by_the_time_of_then() {
    let past = Past::new().await;
    let then = past.get("/artifacts?as_of=11&q=t_").await["artifacts"][0].clone();
    assert_eq!([&then["artifact"], &then["verdict"], &then["because"]], ["T_9", "keep", "owner_runs"]);
    assert_eq!(past.get("/artifacts?droppable&q=T_9").await["artifacts"][0]["verdict"], "drop", "it has expired since");
    for none in ["as_of=4", "droppable&as_of=11", "q=t_99"] {
        assert_eq!(past.get(&format!("/artifacts?{none}")).await["total"], 0, "{none}");
    }
    assert_eq!(past.get("/sessions?as_of=7").await["total"], 0);
    assert_eq!(past.get("/sessions?as_of=8").await["sessions"][0]["events"], 1);
    let claims = async |asked: &str| {
        past.tells("/sessions/{session}", &format!("/sessions/s{asked}"), 200).await["claims"].as_array().unwrap().len()
    };
    assert_eq!((claims("?as_of=8").await, claims("?as_of=9").await, claims("").await), (0, 1, 0));
    past.tells("/sessions/{session}", "/sessions/s?as_of=7", 404).await;
}

#[tokio::test]
async fn checkpoints_and_what_came_since_are_those_of_then() {
    let past = Past::new().await;
    let (taken, since) = ("/sessions/{session}/checkpoints", "/sessions/{session}/delta");
    for (as_of, checkpoints, summary) in
        [("as_of=8", 0, "1 insert"), ("as_of=11", 0, "1 insert"), ("as_of=12", 1, "no ops")]
    {
        let found = past.tells(taken, &format!("/sessions/s/checkpoints?{as_of}"), 200).await;
        assert_eq!(found["checkpoints"].as_array().unwrap().len(), checkpoints, "{as_of}");
        let delta = past.tells(since, &format!("/sessions/s/delta?domain=doc&{as_of}"), 200).await;
        assert_eq!(delta["summary"], summary, "{as_of}");
    }
    past.tells(taken, "/sessions/s/checkpoints?as_of=7", 404).await;
    past.tells(since, "/sessions/s/delta?domain=doc&as_of=7", 404).await;
}

#[tokio::test]
async fn operations_of_all_projects_are_listed_as_of_then() {
    let past = Past::new().await;
    let ids = async |asked: &str| {
        let part = past.get(&format!("/operations?{asked}")).await;
        each(&part["operations"], "id").iter().map(ToString::to_string).collect::<String>()
    };
    assert_eq!(ids("").await, r#""op-4""op-3""op-2""op-1""#);
    assert_eq!(ids("as_of=4&command=load").await, r#""op-2""op-1""#);
    assert_eq!(ids("project=p&as_of=9").await, r#""op-1""#);
    assert_eq!(ids("as_of=10&period=24h").await, r#""op-4""#);
    assert_eq!(ids(&format!("as_of={}&period=25h", at(60))).await, r#""op-3""op-2""#);
    let part = past.get("/operations?as_of=4&limit=1").await;
    assert_eq!(ids(&format!("as_of=4&limit=1&cursor={}", part["next"].as_str().unwrap())).await, r#""op-2""#);
    let part = past.get("/operations?limit=1").await;
    assert_eq!(ids(&format!("as_of=3&limit=1&cursor={}", part["next"].as_str().unwrap())).await, r#""op-2""#);
    let of_project = "/projects/{project}/operations";
    let part = past.tells(of_project, "/projects/p/operations?as_of=9", 200).await;
    assert_eq!(each(&part["operations"], "id"), [&json!("op-1")]);
    let one = "/projects/{project}/operations/{operation}";
    past.tells(one, "/projects/p/operations/op-4?as_of=9", 404).await;
    past.tells(one, "/projects/p/operations/op-4?as_of=10", 200).await;
}

#[tokio::test]
async fn statistics_of_all_projects_add_up() {
    let past = Past::new().await;
    let of_project = "/projects/{project}/operations/stats";
    let stats = past.tells(of_project, "/projects/p/operations/stats?as_of=4&period=3d", 200).await;
    assert_eq!((&stats["project_id"], &stats["total_operations"]), (&json!("p"), &json!(1)));
    let day = past.get("/operations/stats?as_of=4").await;
    assert_eq!((&day["total_operations"], &day["failed"], &day["project_id"]), (&json!(1), &json!(1), &json!(null)));
    assert_eq!((day.get("heat"), day.get("by_command_series")), (None, None));
    let all = past.get("/operations/stats?as_of=10&period=4d&buckets=4&heat").await;
    assert_eq!(each(&all["by_project"], "project"), [&json!("p"), &json!(null), &json!("q")]);
    assert_eq!(each(&all["by_project"], "count"), [&json!(2), &json!(1), &json!(1)]);
    assert_eq!(each(&all["by_project"], "failed"), [&json!(0), &json!(1), &json!(0)]);
    assert_eq!(all["by_project"][0]["p95_duration_ms"], 7.0);
    assert_eq!(each(&all["heat"], "command"), [&json!("load"), &json!("load"), &json!("load"), &json!("clean")]);
    let bins = json!([{"from_ms": 5.0, "to_ms": 10.0, "count": 1}]);
    assert!(each(&all["heat"], "bins").iter().all(|other| **other == bins), "{}", all["heat"]);
    let series = &all["by_command_series"];
    assert_eq!(each(series, "command"), [&json!("load"), &json!("clean")]);
    let sum = |series: &Value| each(series, "count").iter().filter_map(|count| count.as_u64()).sum::<u64>();
    assert_eq!((sum(&series[0]["series"]), sum(&series[1]["series"]), sum(&all["series"])), (3, 1, 4));
    assert_eq!(each(&series[0]["series"], "from"), each(&all["series"], "from"));
    let one = past.get("/operations/stats?project=q&period=4d&as_of=10").await;
    assert_eq!((&one["project_id"], each(&one["by_project"], "project")), (&json!("q"), vec![&json!("q")]));
}

#[tokio::test]
async fn capacity_is_of_the_days_before_then() {
    let past = Past::new().await;
    let since = "from=2025-03-01T00:00:00Z";
    let outlook = past.get(&format!("/operations/capacity?as_of=10&days=7&{since}")).await;
    assert_eq!(each(&outlook["capacity"]["days"], "operations"), [&json!(1), &json!(1), &json!(1)]);
    let expected = &outlook["forecast"];
    assert_eq!((&expected["days"], &expected["operations"]), (&json!(7), &json!(7.0)));
    assert_eq!(past.get("/operations/capacity?as_of=10").await["forecast"], json!(null), "two days are too few");
    let begun = past.get("/operations/capacity?as_of=10").await;
    assert_eq!(each(&begun["capacity"]["days"], "operations"), [&json!(1), &json!(1)], "the first began at noon");
    let of_project = past.get(&format!("/operations/capacity?project=p&as_of=10&{since}")).await;
    assert_eq!(each(&of_project["capacity"]["days"], "operations"), [&json!(1), &json!(0), &json!(0)]);
    for (asked, field) in [("days=0", "days"), ("period=4000d", "period"), ("from=2000-01-01T00:00:00Z", "period")] {
        let path = "/operations/capacity";
        assert_eq!(past.tells(path, &format!("{path}?{asked}"), 422).await["field"], field);
    }
}
