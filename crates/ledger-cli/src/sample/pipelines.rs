//! The pipelines of the sample: runs that make the tables, each as soon as there is what it is made of, and some in
//! vain.

use std::collections::HashMap;
use std::time::Duration;

use ledger_core::views::{Operation, Outcome};
use ledger_core::{Artifact, Draft, EventId, Result, Timestamp};
use serde_json::json;

use super::chance::Chance;
use super::run::{Run, event, seconds_later};
use super::warehouse::Table;

/// What goes wrong: a word for programs, and words for people.
const FAILURES: [(&str, &str); 5] = [
    ("source_unreachable", "the source closed the connection while rows were read"),
    ("schema_changed", "the source has no column `vat_rate` any more"),
    ("out_of_memory", "the sort takes more than the 4 GiB that it has"),
    ("lock_timeout", "waited 30 s for a lock on the table"),
    ("permission_denied", "the role `loader` may not read this table"),
];

/// How much longer than all others the operations take that are stopped in the end.
const TOO_LONG: f64 = 9.0;

/// A pipeline that is to run.
pub(super) struct Pipeline<'p> {
    /// What it is called, and by which id this run of it.
    pub(super) name: &'p str,
    pub(super) id: &'p str,
    pub(super) at: Timestamp,
    /// The tables that it makes, each behind those that it is made of.
    pub(super) tables: Vec<&'static Table>,
    /// How long it takes, and how many rows it handles, compared with a whole night's.
    pub(super) took: f64,
    pub(super) rows: f64,
    /// How many of a hundred operations fail.
    pub(super) failing: f64,
    /// How much slower things go than they should: 1 on a good day.
    pub(super) slow: f64,
}

/// What came of it.
pub(super) struct Ran {
    pub(super) drafts: Vec<Draft>,
    pub(super) failed: Vec<Failed>,
    pub(super) ended_at: Timestamp,
}

/// An operation that failed.
pub(super) struct Failed {
    pub(super) id: EventId,
    pub(super) at: Timestamp,
    pub(super) table: &'static str,
}

/// How the making of a table went: by which event, when, and whether the table is there.
#[derive(Clone)]
struct Made {
    id: EventId,
    at: Timestamp,
    is_there: bool,
}

/// Runs a pipeline.
pub(super) fn ran(pipeline: &Pipeline<'_>, chance: &mut Chance) -> Result<Ran> {
    let mut run = Run::new(pipeline.id)?;
    let goal = json!({
        "pipeline": pipeline.name,
        "goal": format!("make {} tables", pipeline.tables.len()),
        "scheduled_for": pipeline.at,
    });
    let started = run.starts(pipeline.at, "scheduler", &goal, &[])?;
    let mut made: HashMap<&str, Made> = HashMap::new();
    let (mut failed, mut last) = (Vec::new(), Vec::new());
    for table in &pipeline.tables {
        let before: Vec<Made> = table.reads.iter().filter_map(|read| made.get(read)).cloned().collect();
        let from = before.iter().map(|made| made.at).max().unwrap_or(pipeline.at);
        let outcome = if before.iter().all(|made| made.is_there) {
            let mut causes: Vec<&EventId> = before.iter().map(|made| &made.id).collect();
            if causes.is_empty() {
                causes.push(&started);
            }
            tries(pipeline, &mut run, table, (from, &causes), &mut failed, chance)?
        } else {
            let missing: Vec<&EventId> = before.iter().filter(|made| !made.is_there).map(|made| &made.id).collect();
            let id = format!("{}.{}.skipped", pipeline.id, short(table));
            let why = json!({"table": table.name, "why": "what it is made of is missing"});
            let draft =
                event("step.skipped", &id, seconds_later(from, 0.02), &why)?.tag(format!("table:{}", table.name))?;
            Made { id: run.tell(draft, "scheduler", &missing)?, at: seconds_later(from, 0.02), is_there: false }
        };
        last.push(outcome.clone());
        made.insert(table.name, outcome);
    }
    let ended_at = seconds_later(last.iter().map(|made| made.at).max().unwrap_or(pipeline.at), 0.15);
    let missing = last.iter().filter(|made| !made.is_there).count();
    let reason = match missing {
        0 => "done".to_owned(),
        missing => format!("failed: {missing} of {} tables are missing", pipeline.tables.len()),
    };
    // The last of all that it waited for; an event names 64 causes at most.
    let causes: Vec<&EventId> = last.iter().rev().take(8).map(|made| &made.id).collect();
    run.ends(ended_at, "scheduler", &reason, &causes)?;
    Ok(Ran { drafts: run.told(), failed, ended_at })
}

/// Tries to make a table, once more when that fails.
fn tries(
    pipeline: &Pipeline<'_>,
    run: &mut Run,
    table: &'static Table,
    (mut from, causes): (Timestamp, &[&EventId]),
    failed: &mut Vec<Failed>,
    chance: &mut Chance,
) -> Result<Made> {
    const TRIES: u32 = 2;
    let mut causes: Vec<EventId> = causes.iter().map(|&cause| cause.clone()).collect();
    for attempt in 1..=TRIES {
        let made = attempted(pipeline, run, table, (from, &causes), attempt, chance)?;
        if made.is_there {
            checked(pipeline, run, table, &made, chance)?;
            return Ok(made);
        }
        failed.push(Failed { id: made.id.clone(), at: made.at, table: table.name });
        if attempt == TRIES {
            return Ok(made);
        }
        from = seconds_later(made.at, 20.0 * pipeline.took.max(0.05) + 0.5);
        causes = vec![made.id];
    }
    unreachable!("the last try is answered")
}

fn attempted(
    pipeline: &Pipeline<'_>,
    run: &mut Run,
    table: &'static Table,
    (from, causes): (Timestamp, &[EventId]),
    attempt: u32,
    chance: &mut Chance,
) -> Result<Made> {
    let [_, actor, _] = table.maker();
    let waited = chance.spread(0.12, 0.9) * pipeline.slow * pipeline.slow;
    let began = seconds_later(from, waited);
    let id = match attempt {
        1 => format!("{}.{}", pipeline.id, short(table)),
        attempt => format!("{}.{}.{attempt}", pipeline.id, short(table)),
    };
    let operation = operation(table, &id)?.started_at(began).queue_wait(Duration::from_secs_f64(waited));
    let operation = operation.job(pipeline.id)?.task(short(table))?.attempt(attempt);
    let causes: Vec<&EventId> = causes.iter().collect();
    let started = run.tell(operation.started()?, actor, &causes)?;
    let took = chance.spread(table.took_s * pipeline.took, 0.35) * pipeline.slow;
    // Who tries again does so for a reason that has often gone by.
    let odds = pipeline.failing / 100.0 * if attempt > 1 { 8.0 } else { 1.0 };
    if !chance.happens(odds) {
        let rows = chance.spread(table.rows * pipeline.rows, 0.2) as u64;
        let operation = operation.rows_affected(rows).bytes_in(rows * 96).bytes_out(rows * 41);
        let at = seconds_later(began, took);
        let id = run.tell(operation.ended(Outcome::Success, None, at)?, actor, &[&started])?;
        return Ok(Made { id, at, is_there: true });
    }
    let (outcome, code, why, at) = if chance.happens(0.3) {
        let why = "it was stopped at its deadline".to_owned();
        (Outcome::Timeout, "deadline", why, seconds_later(began, table.took_s * pipeline.took * TOO_LONG))
    } else {
        let (code, why) = *chance.pick(&FAILURES);
        (Outcome::Error, code, why.to_owned(), seconds_later(began, took * chance.between(0.05, 0.9)))
    };
    let id = run.tell(operation.error_code(code).ended(outcome, Some(why), at)?, actor, &[&started])?;
    Ok(Made { id, at, is_there: false })
}

/// Tells what a check found, of what others build on.
fn checked(pipeline: &Pipeline<'_>, run: &mut Run, table: &Table, made: &Made, chance: &mut Chance) -> Result<()> {
    let (bucket, _) = table.parts();
    if bucket != "mart" && bucket != "model" {
        return Ok(());
    }
    let is_well = !chance.happens(0.04);
    let kind = if is_well { "check.passed" } else { "check.failed" };
    let rate = if is_well { chance.between(0.96, 1.04) } else { chance.between(0.6, 0.88) };
    let found = json!({"table": table.name, "check": "rows_as_the_day_before", "rate": rounded(rate)});
    let id = format!("{}.{}.checked", pipeline.id, short(table));
    let draft = event(kind, &id, seconds_later(made.at, 0.2), &found)?.tag(format!("table:{}", table.name))?;
    run.tell(draft, "checker", &[&made.id]).map(drop)
}

/// Returns the operation that makes a table.
fn operation(table: &Table, id: &str) -> Result<Operation> {
    let ([command, _, project], (bucket, name)) = (table.maker(), table.parts());
    let mut operation = Operation::new(command)?.id(id)?.output(table.name)?;
    operation = operation.project(project).bucket(bucket).table(name);
    for read in table.reads {
        operation = operation.input(read.replace('/', "_"), Artifact::new(read)?)?;
    }
    for column in table.columns {
        operation = operation.column(column.0, column.2.iter().copied())?;
    }
    Ok(match table.sql {
        Some(sql) => operation.sql(sql),
        None => operation,
    })
}

/// Returns a number with two decimals.
pub(super) fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// Returns a table's name as a part of an id.
fn short(table: &Table) -> String {
    table.name.replace('/', "-")
}
