//! `ops`: what the operation log says.

use std::time::Duration;

use ledger_core::views::{Operation, Outcome};
use ledger_core::{Draft, Timestamp};
use serde_json::Value;

use crate::support::Shell;

const DAY: i64 = 86_400_000_000;

fn ago(micros: i64) -> Timestamp {
    Timestamp::from_micros(Timestamp::now().as_micros() - micros).unwrap()
}

/// An operation that ended so long ago and took so many milliseconds.
fn ended(id: &str, command: &str, ended_ago: i64, millis: i64) -> (Operation, Timestamp) {
    let operation = Operation::new(command).unwrap().id(id).unwrap().project("p").bucket("in").table("orders");
    let at = ago(ended_ago);
    (operation.started_at(Timestamp::from_micros(at.as_micros() - millis * 1_000).unwrap()), at)
}

fn import(shell: &Shell, drafts: &[Draft]) {
    let lines: String = drafts.iter().map(|draft| serde_json::to_string(draft).unwrap() + "\n").collect();
    shell.feed(&["import", "-"], lines).exits(0);
}

/// A ledger with ten imports of 10 to 100 ms within the last hour, of which two went wrong, and an export of yesterday.
fn logged() -> Shell {
    let shell = Shell::new();
    let mut drafts = Vec::new();
    let (old, at) = ended("old", "export", DAY + DAY / 2, 5_000);
    drafts.push(old.ended(Outcome::Success, None, at).unwrap());
    for n in 1..=10 {
        let (one, at) = ended(&format!("op-{n}"), "import", (60 - n) * 1_000_000, n * 10);
        let one = one.rows_affected(1_000 * n as u64).queue_wait(Duration::from_millis(3)).job("j-1").unwrap();
        let draft = match n {
            5 => one.error_code("E42").ended(Outcome::Error, Some("disk full".to_owned()), at),
            6 => one.ended(Outcome::Timeout, Some("after 60 ms".to_owned()), at),
            _ => one.ended(Outcome::Success, None, at),
        };
        drafts.push(draft.unwrap());
    }
    import(&shell, &drafts);
    shell
}

fn ids(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["id"].as_str().unwrap()).collect()
}

#[test]
fn operations_are_listed_by_what_is_asked_for() {
    let shell = logged();
    let list = |more: &[&str]| shell.run(&[&["ops", "list", "--json"], more].concat()).exits(0);
    assert_eq!(ids(&list(&[]).json()).len(), 11);
    assert_eq!(ids(&list(&["--status", "error"]).json()), ["op-5"]);
    assert_eq!(ids(&list(&["--command", "export", "--project", "p", "--table", "in/orders"]).json()), ["old"]);
    assert_eq!(ids(&list(&["--period", "1h", "--at-least", "90ms"]).json()), ["op-10", "op-9"]);
    assert_eq!(ids(&list(&["--job", "j-1", "--to", "1h"]).json()), Vec::<&str>::new());
    let first = list(&["--limit", "2", "--skip", "1"]);
    assert_eq!(ids(&first.json()), ["op-9", "op-8"]);
    let cursor = first.stderr.trim().strip_prefix("there are more: --cursor ").unwrap();
    assert_eq!(ids(&list(&["--limit", "2", "--cursor", cursor]).json()), ["op-7", "op-6"]);
    shell.run(&["ops", "list", "--cursor", "17"]).exits(2).says("`17`");
    shell.run(&["ops", "list", "--status", "good"]).exits(2).says("`success`, `error` or `timeout`");
    shell.run(&["ops", "list", "--at-least", "-2s"]).exits(2);
    let table = shell.ok(&["ops", "list"]);
    for word in ["in/orders", "timeout", "60.0 ms", "E42", "10,000", "5.0 s"] {
        assert!(table.contains(word), "{word}: {table}");
    }
    let shown = shell.ok(&["ops", "show", "op-5"]);
    for word in ["status         error", "error          disk full", "waited         3.0 ms", "took           50.0 ms"]
    {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    assert_eq!(shell.run(&["ops", "show", "op-5", "--json"]).exits(0).json()[0]["error_code"], "E42");
    shell.run(&["ops", "show", "op-99"]).exits(1).says("`op-99`");
}

#[test]
fn statistics_are_those_of_the_period_for_people_and_for_programs() {
    let shell = logged();
    let stats = shell.run(&["ops", "stats", "--json", "--parts", "4"]).exits(0).json().remove(0);
    assert_eq!(
        (&stats["total_operations"], &stats["succeeded"], &stats["timed_out"]),
        (&10.into(), &8.into(), &1.into())
    );
    assert_eq!((&stats["p50_duration_ms"], &stats["p95_duration_ms"]), (&55.0.into(), &95.5.into()));
    assert_eq!((&stats["success_rate"], &stats["by_command"][0]["command"]), (&0.8.into(), &"import".into()));
    assert_eq!(stats["errors"].as_array().unwrap().len(), 2);
    let counts: Vec<_> = stats["series"].as_array().unwrap().iter().map(|part| part["count"].clone()).collect();
    assert_eq!(counts, [0, 0, 0, 10]);
    assert_eq!(stats["histogram"][0], serde_json::json!({"from_ms": 10.0, "to_ms": 20.0, "count": 1}));
    let page = shell.ok(&["ops", "stats", "--period", "7d"]);
    for word in [
        "10.0 ms to 20.0 ms ██████",
        " 5\n",
        "11 operations, 81.8 % of them well; 1 error, 1 timeout",
        "p50 60.0 ms",
        "export",
        "E42",
    ] {
        assert!(page.contains(word), "{word}: {page}");
    }
    assert!(shell.ok(&["ops", "stats", "--command", "nothing"]).ends_with("no operations\n"));
    let slow = shell.run(&["ops", "slow", "--period", "7d", "--limit", "2", "--json"]).exits(0).json();
    assert_eq!(ids(&slow), ["old", "op-10"]);
    let errors = shell.run(&["ops", "errors", "--json"]).exits(0).json().remove(0);
    assert_eq!((&errors["by_command"][0]["error_rate"], &errors["errors"][0]["count"]), (&0.2.into(), &1.into()));
    assert!(shell.ok(&["ops", "errors"]).contains("20.0 %"));
    assert_eq!(
        shell.ok(&["ops", "errors", "--command", "export", "--period", "7d"]),
        "nothing went wrong in 1 operation\n"
    );
    shell.run(&["ops", "errors", "--status", "error"]).exits(2).says("--status");
    let tables = shell.run(&["ops", "tables", "--json"]).exits(0).json();
    assert_eq!((&tables[0]["table"], &tables[0]["count"]), (&"in/orders".into(), &10.into()));
    assert_eq!(shell.ok(&["ops", "tables", "--min-count", "11"]), "no table has 11 operations or more\n");
    shell.run(&["ops", "stats", "--parts", "0"]).exits(2);
    shell.run(&["ops", "list", "--limit", "0"]).exits(2).says("--limit");
    shell.run(&["ops", "stats", "--from", "1h", "--to", "2h"]).exits(2).says("is not before");
    shell.run(&["ops", "stats", "--period", "soon"]).exits(2).says("`soon`");
    assert_eq!(Shell::on("sqlite:new.db").run(&["ops", "stats"]).code, 1, "reading makes no ledger");
}

#[test]
fn capacity_looks_ahead_along_whole_days() {
    let shell = Shell::new();
    let mut drafts = Vec::new();
    for day in 1..=5 {
        for n in 0..10 * (6 - day) {
            let (one, at) = ended(&format!("op-{day}-{n}"), "import", day * DAY, 10);
            drafts.push(one.ended(Outcome::Success, None, at).unwrap());
        }
    }
    // The day on which it began is there in part, and counts for nothing.
    let (first, at) = ended("op-first", "import", 6 * DAY, 10);
    drafts.push(first.ended(Outcome::Success, None, at).unwrap());
    import(&shell, &drafts);
    let asked = ["ops", "capacity", "--days", "2", "--room", "1kB", "--json"];
    let found = shell.run(&asked).exits(0).json().remove(0);
    let days: Vec<_> = found["capacity"]["days"].as_array().unwrap().iter().map(|day| &day["operations"]).collect();
    assert_eq!(days, [10, 20, 30, 40, 50]);
    assert_eq!((found["forecast"]["operations"].as_f64().unwrap().round(), &found["full_in_days"]), (130.0, &1.into()));
    let page = shell.ok(&["ops", "capacity", "--room", "50GB"]);
    for word in [
        "5 days",
        "a day: 30 operations",
        "growth: +10 operations a day",
        "the next 30 days: ",
        "50.0 GB of such events are there in ",
    ] {
        assert!(page.contains(word), "{word}: {page}");
    }
    assert_eq!(shell.ok(&["ops", "capacity", "--command", "other"]), "no whole day has operations\n");
    shell.run(&["ops", "capacity", "--room", "much"]).exits(2).says("`much`");
    // The first day is there in part, and counts for nothing.
    assert_eq!(shell.ok(&["ops", "capacity", "--period", "24h"]), "no whole day has operations\n");
    let silent =
        shell.run(&["ops", "capacity", "--from", "5d", "--to", "2030-01-01T00:00:00Z", "--json"]).exits(0).json();
    assert!(silent[0]["capacity"]["days"].as_array().unwrap().len() <= 5, "{silent:?}");
}

#[test]
fn a_recorded_command_is_in_the_log_with_its_scope() {
    let shell = Shell::new();
    let scope =
        ["--project", "p", "--branch", "dev", "--table", "in/orders", "--request", "r-1", "--metadata", "{\"k\":1}"];
    let command = ["--", "sh", "-c", "exit 5"];
    shell.run(&[&["record", "--operation", "import"], &scope[..], &command].concat()).exits(5);
    let asked =
        ["ops", "list", "--json", "--project", "p", "--branch", "dev", "--table", "in/orders", "--request", "r-1"];
    let found = shell.run(&[&asked[..], &["--status", "error"]].concat()).exits(0).json().remove(0);
    assert_eq!(
        (&found["error_code"], &found["metadata"]["k"], &found["bucket"]),
        (&"exit 5".into(), &1.into(), &"in".into())
    );
    assert!(found["duration_us"].as_u64().unwrap() > 0);
    shell.run(&["record", "--operation", "import", "--metadata", "{"]).exits(2).says("not JSON");
}
