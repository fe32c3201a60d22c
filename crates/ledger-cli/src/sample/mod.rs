//! A sample: the week of a small warehouse, made of a seed, and what goes on there now. It shows what a ledger is
//! for to those who have none yet.

mod agents;
mod chance;
mod pipelines;
mod queries;
mod run;
mod sessions;
#[cfg(test)]
mod tests;
mod traffic;
mod warehouse;

use std::time::Duration;

use ledger_core::views::{ArtifactNote, JobNote, Operation, Outcome, Scope};
use ledger_core::{Artifact, Draft, Event, Job, Ledger, LedgerExt, Offset, Payload, Result, Timestamp};
use serde_json::json;

use chance::Chance;
use pipelines::{Failed, Pipeline, ran};
use run::{DAY, HOUR, MINUTE, SECOND, day_of, event, later, seconds_later};
pub(crate) use traffic::Traffic;
use warehouse::{Rhythm, TABLES, Table, made};

/// The seed of the sample that is served.
pub(crate) const SEED: u64 = 1;
/// How many days it looks back.
const DAYS: i64 = 7;
/// When the slow day began, in hours before now, and when it ended.
const SLOW: (i64, i64) = (3 * 24, 2 * 24 + 6);
/// The most events that are recorded once it is live, which is about half a day: they are all in memory.
const MOST_LIVE: usize = 100_000;
/// How far what is live may be behind before it is left out: the machine slept.
const LATE: i64 = MINUTE;

/// A week that has gone by, and what goes on from there.
#[derive(Debug)]
pub(crate) struct Sample {
    /// The events of the week, as they were recorded.
    pub(crate) events: Vec<Event>,
    /// What comes now.
    pub(crate) traffic: Traffic,
}

/// Makes the sample of a seed, that ends now. The same seed and the same time make the same events.
pub(crate) fn sample(seed: u64, now: Timestamp) -> Result<Sample> {
    let from = later(now, -DAYS * DAY);
    let mut drafts = beginnings(from)?;
    let failed = scheduled(seed, (from, now), &mut drafts)?;
    questions(seed, (from, now), &mut drafts)?;
    helped(seed, &failed, (from, now), &mut drafts)?;
    drafts.extend(sessions::all(now, &mut Chance::new(seed, "sessions"))?);
    let mut traffic = Traffic::new(seed, now);
    let mut rest = None;
    for draft in &mut traffic {
        let draft = draft?;
        if draft.created_at > now {
            rest = Some(draft);
            break;
        }
        drafts.push(draft);
    }
    rest.into_iter().for_each(|draft| traffic.put_back(draft));
    drafts.retain(|draft| draft.created_at <= now);
    Ok(Sample { events: recorded(drafts, seed, now)?, traffic })
}

/// Loads a week into an empty ledger.
pub(crate) async fn fill(ledger: &dyn Ledger, events: &[Event]) -> Result<()> {
    // Less than a ledger takes at once, by their number and by their size.
    const CHUNK: usize = 2_000;
    for events in events.chunks(CHUNK) {
        let last = events.last().map_or(Offset::START, |event| event.offset);
        ledger.restore(events, last).await?;
    }
    Ok(())
}

/// Records what goes on when its time comes, until that is enough for one sitting. Fails when the ledger does.
pub(crate) async fn live(ledger: &dyn Ledger, mut traffic: Traffic) -> Result<()> {
    for _ in 0..MOST_LIVE {
        let Some(draft) = traffic.next() else { break };
        let (draft, now) = (draft?, Timestamp::now());
        let early = draft.created_at.as_micros() - now.as_micros();
        if early < -LATE {
            traffic.skip_to(now);
            continue;
        }
        tokio::time::sleep(Duration::from_micros(u64::try_from(early).unwrap_or(0))).await;
        ledger.append_one(draft).await?;
    }
    Ok(())
}

/// Tells of the sources, which were there before, and of what is kept of all other tables.
fn beginnings(from: Timestamp) -> Result<Vec<Draft>> {
    let created = |(table, number): (&Table, i64)| {
        let columns = table.columns.iter().map(|column| json!({"name": column.0, "type": column.1}));
        let schema = json!({"columns": columns.collect::<Vec<_>>()});
        let mut note = ArtifactNote::new(Artifact::new(table.name)?);
        (note.scope, note.schema) = (Some(Scope::Persistent), Some(Payload::new(&schema)?));
        let id = format!("{}.created", table.name);
        note.created()?.id(id)?.at(later(from, number * SECOND)).run("setup")?.actor("mia")
    };
    let mut drafts = TABLES.iter().zip(1..).map(created).collect::<Result<Vec<_>>>()?;
    for (name, at) in [("model/churn", 40), ("dashboard/revenue", 45)] {
        let mut note = ArtifactNote::new(Artifact::new(name)?);
        note.reason = Some("it was shown to the board".to_owned());
        let draft = note.pinned()?.id(format!("{name}.pinned"))?.at(later(from, at * SECOND));
        drafts.push(draft.run("setup")?.actor("mia")?);
    }
    let done = event("run.finished", "setup.finished", later(from, 50 * SECOND), &json!({"reason": "done"}))?;
    drafts.push(done.run("setup")?.actor("mia")?);
    Ok(drafts)
}

/// Returns how much slower things went at a time.
fn slow(at: Timestamp, now: Timestamp) -> f64 {
    let hours_ago = (now.as_micros() - at.as_micros()) / HOUR;
    if (SLOW.1..SLOW.0).contains(&hours_ago) { 3.4 } else { 1.0 }
}

/// Tells of the runs that come by the clock: one each hour, and a large one each night. Returns what failed in them.
fn scheduled(seed: u64, (from, now): (Timestamp, Timestamp), drafts: &mut Vec<Draft>) -> Result<Vec<Failed>> {
    let mut failed = Vec::new();
    let first = from.as_micros().div_euclid(HOUR) + 1;
    for hour in first..=now.as_micros().div_euclid(HOUR) {
        let hour = Timestamp::from_micros(hour * HOUR)?;
        let of_day = hour.as_micros().rem_euclid(DAY) / HOUR;
        let mut chance = Chance::new(seed, &hour.to_string());
        let at = seconds_later(later(hour, 5 * MINUTE), chance.between(0.0, 4.0));
        let slow = slow(at, now);
        let failing = if slow > 1.0 { 6.0 } else { 1.4 };
        let ids = [format!("hourly-{}-{of_day:02}", day_of(hour)), format!("nightly-{}", day_of(hour))];
        let pipeline =
            |name, id, at, tables, [took, rows]: [f64; 2]| Pipeline { name, id, at, tables, took, rows, failing, slow };
        let tables = made(&[Rhythm::Hourly]).collect();
        let mut runs = vec![pipeline("hourly", &ids[0], at, tables, [0.16, 0.012])];
        if of_day == 1 {
            let tables = made(&[Rhythm::Hourly, Rhythm::Nightly]).collect();
            runs.push(pipeline("nightly", &ids[1], later(at, 25 * MINUTE), tables, [1.0, 1.0]));
        }
        for run in &runs {
            let ran = ran(run, &mut chance)?;
            // What is not over would never end: nobody works on at it.
            if ran.ended_at <= now {
                if run.name == "nightly" {
                    scratch(run.id, (run.at, ran.ended_at), &mut chance, drafts)?;
                }
                drafts.extend(ran.drafts);
                failed.extend(ran.failed);
            }
        }
        if of_day == 3 {
            upkeep(hour, &mut chance, drafts)?;
        }
    }
    Ok(failed)
}

/// Tells of a table that a night needs for itself. Some nights nobody drops it, and it may go ever since.
fn scratch(job: &str, (from, to): (Timestamp, Timestamp), chance: &mut Chance, drafts: &mut Vec<Draft>) -> Result<()> {
    let mut note = ArtifactNote::new(Artifact::new(format!("scratch/{job}"))?);
    (note.job, note.scope) = (Some(Job::new(job)?), Some(Scope::Job));
    let ends = JobNote::new(Job::new(job)?).finished()?;
    let told = [(note.created()?, "scratch", from), (ends, "job", to), (note.dropped()?, "dropped", later(to, MINUTE))];
    let most = if chance.happens(0.3) { 2 } else { 3 };
    for (draft, word, at) in told.into_iter().take(most) {
        drafts.push(draft.id(format!("{job}.{word}"))?.at(later(at, SECOND)).run(job)?.actor("scheduler")?);
    }
    Ok(())
}

/// Tells of what is done at night to the store itself, for no project. One of it was killed, and never ended.
fn upkeep(hour: Timestamp, chance: &mut Chance, drafts: &mut Vec<Draft>) -> Result<()> {
    for (command, took) in [("compact", 420.0), ("back_up", 900.0), ("sweep", 35.0)] {
        let id = format!("{command}-{}", day_of(hour));
        let began = seconds_later(hour, chance.between(60.0, 600.0));
        let operation = Operation::new(command)?.id(&*id)?.started_at(began);
        let by = |draft: Draft| draft.run("upkeep")?.actor("keeper");
        drafts.push(by(operation.started()?)?);
        let operation = operation.bytes_out(chance.spread(8e9, 0.3) as u64);
        let at = seconds_later(began, chance.spread(took, 0.2));
        let ended = operation.ended(Outcome::Success, None, at)?;
        if command != "compact" || !chance.happens(0.15) {
            drafts.push(by(ended)?);
        }
    }
    Ok(())
}

/// Tells of the questions that were asked by day and by night, up to when the traffic of now begins.
fn questions(seed: u64, (from, now): (Timestamp, Timestamp), drafts: &mut Vec<Draft>) -> Result<()> {
    let mut chance = Chance::new(seed, "questions");
    let (mut at, mut number) = (from, 0);
    let until = later(now, -HOUR);
    loop {
        let an_hour = queries::in_an_hour(at.as_micros().div_euclid(HOUR));
        at = seconds_later(at, chance.wait(3_600.0 / an_hour));
        if at >= until {
            return Ok(());
        }
        number += 1;
        let (id, request) = (format!("query-{number:05}"), format!("request-{}", number / 3));
        drafts.push(queries::asked(&id, &request, at, slow(at, now), &mut chance)?);
    }
}

/// Tells of what agents did: about what failed, and what they were asked.
fn helped(seed: u64, failed: &[Failed], (from, now): (Timestamp, Timestamp), drafts: &mut Vec<Draft>) -> Result<()> {
    let mut chance = Chance::new(seed, "agents");
    for (failed, number) in failed.iter().zip(1..) {
        if chance.happens(0.5) {
            drafts.extend(agents::looks_into(failed, number, &mut chance)?);
        }
    }
    let (mut at, mut number) = (from, 0);
    loop {
        at = seconds_later(at, chance.wait(3.0 * 3_600.0));
        if at >= later(now, -10 * MINUTE) {
            break;
        }
        number += 1;
        drafts.extend(agents::answers(number, at, &mut chance)?);
    }
    drafts.extend(agents::is_at_it(later(now, -4 * MINUTE), &mut chance)?);
    Ok(())
}

/// Gives events their offsets and the times of their recording: soon after they happened, in that order.
fn recorded(mut drafts: Vec<Draft>, seed: u64, now: Timestamp) -> Result<Vec<Event>> {
    // What is told first of one time stays first.
    drafts.sort_by_key(|draft| draft.created_at);
    let mut chance = Chance::new(seed, "recorded");
    let (mut sums, mut recorded_at) = (sessions::Sums::default(), Timestamp::MIN);
    let record = |(draft, number): (Draft, u64)| {
        let offset = Offset::new(number)?;
        let soon = seconds_later(draft.created_at, chance.spread(0.006, 0.8));
        recorded_at = soon.min(now).max(recorded_at);
        Ok(Event { offset, recorded_at, draft: sums.complete(draft, offset)? })
    };
    drafts.into_iter().zip(1..).map(record).collect()
}
