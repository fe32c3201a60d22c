//! The questions that dashboards and analysts ask of the sample's tables: many short operations, and a few that
//! take too long.

use std::time::Duration;

use ledger_core::views::{Operation, Outcome};
use ledger_core::{Artifact, Draft, Payload, Result, Timestamp};

use super::chance::Chance;
use super::run::{day_of, seconds_later};

/// Who asks, how often of a hundred times, and what.
const ASKED: [(&str, usize, &str, &str); 8] = [
    ("dashboards", 34, "mart/sales", "SELECT day, sum(revenue) FROM mart.sales WHERE day > $1 GROUP BY 1"),
    ("dashboards", 18, "mart/funnel", "SELECT day, visits, conversion FROM mart.funnel WHERE day > $1"),
    ("dashboards", 14, "mart/support", "SELECT plan, sum(tickets) FROM mart.support WHERE day > $1 GROUP BY 1"),
    ("dashboards", 8, "mart/cohorts", "SELECT cohort, month, active FROM mart.cohorts"),
    ("mia", 9, "mart/customers", "SELECT country, avg(lifetime_value) FROM mart.customers GROUP BY 1"),
    ("jonas", 7, "staging/orders", "SELECT status, count(*) FROM staging.orders WHERE placed_at > $1 GROUP BY 1"),
    ("priya", 6, "feature/customers", "SELECT * FROM feature.customers WHERE customer_id = ANY($1)"),
    ("priya", 4, "staging/page_views", "SELECT path, count(*) FROM staging.page_views WHERE at > $1 GROUP BY 1"),
];

/// After how many seconds a question is not answered any more.
const DEADLINE_S: f64 = 30.0;

/// Returns a question that comes at a time, as the event of its end. It names no event that caused it: people did.
pub(super) fn asked(id: &str, request: &str, at: Timestamp, slow: f64, chance: &mut Chance) -> Result<Draft> {
    let (actor, _, table, sql) = which(chance.below(100));
    let (bucket, name) = table.split_once('/').expect("each has a bucket");
    let waited = chance.spread(0.004, 1.0) * slow * slow;
    let operation = Operation::new("query")?.id(id)?.started_at(seconds_later(at, waited)).sql(sql);
    let operation = operation.project("analytics").bucket(bucket).table(name).request_id(request);
    let operation = operation.input(table.replace('/', "_"), Artifact::new(table)?)?;
    let operation = operation.queue_wait(Duration::from_secs_f64(waited));
    let began = operation.started_at;
    // What dashboards ask was often asked before; what people ask, seldom.
    let is_cached = chance.happens(if actor == "dashboards" { 0.7 } else { 0.1 });
    let took = if is_cached { chance.spread(0.028, 0.5) } else { chance.spread(0.9, 0.8) * slow };
    let draft = if took > DEADLINE_S || chance.happens(0.004 * slow) {
        let why = format!("it was stopped after {DEADLINE_S} s");
        let operation = operation.error_code("deadline");
        operation.ended(Outcome::Timeout, Some(why), seconds_later(began, DEADLINE_S))?
    } else if chance.happens(0.008) {
        let why = "the table is being replaced: ask again".to_owned();
        operation.error_code("table_replaced").ended(Outcome::Error, Some(why), seconds_later(began, 0.011))?
    } else {
        let rows = chance.spread(220.0, 1.1) as u64;
        let operation =
            operation.bytes_out(rows * 38).metadata(Payload::new(&serde_json::json!({"cached": is_cached}))?);
        operation.ended(Outcome::Success, None, seconds_later(began, took))?
    };
    draft.run(format!("queries-{}", day_of(at)))?.actor(actor)
}

fn which(hundredth: usize) -> (&'static str, usize, &'static str, &'static str) {
    let mut so_far = 0;
    let found = ASKED.iter().find(|(_, often, ..)| {
        so_far += often;
        hundredth < so_far
    });
    *found.unwrap_or(&ASKED[0])
}

/// Returns how many questions come in an hour of the day, in UTC, from 0 to 23.
pub(super) fn in_an_hour(hour: i64) -> f64 {
    const BY_HOUR: [f64; 24] = [
        6.0, 5.0, 4.0, 4.0, 5.0, 9.0, 18.0, 34.0, 52.0, 58.0, 55.0, 47.0, 41.0, 50.0, 56.0, 52.0, 43.0, 30.0, 21.0,
        15.0, 12.0, 10.0, 8.0, 7.0,
    ];
    BY_HOUR[usize::try_from(hour.rem_euclid(24)).unwrap_or_default()]
}
