//! Which runs there were: their span, their actors, and whether and why they ended.

use std::collections::HashMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, Shown};
use crate::event::{Event, Offset};
use crate::text::{Actor, Kind, RunId};
use crate::time::Timestamp;
use crate::views::{NamePart, View};

/// Whether a run goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum RunState {
    /// No `run.finished` so far.
    Open,
    /// The first `run.finished`, with the `reason` its payload gives.
    Finished {
        /// Why it ended, when it says.
        reason: Option<String>,
    },
}

impl RunState {
    /// Returns why it ended, when it did and says so.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Open => None,
            Self::Finished { reason } => reason.as_deref(),
        }
    }

    /// Returns the same without a reason.
    #[must_use]
    pub fn phase(&self) -> RunPhase {
        match self {
            Self::Open => RunPhase::Open,
            Self::Finished { .. } => RunPhase::Finished,
        }
    }
}

/// Whether a run goes on, as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunPhase {
    /// It goes on.
    Open,
    /// It has ended.
    Finished,
}

impl FromStr for RunPhase {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "open" => Ok(Self::Open),
            "finished" => Ok(Self::Finished),
            other => Err(Error::invalid("state", format!("{} is none: write `open` or `finished`", Shown(other)))),
        }
    }
}

/// Which runs: all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhichRuns {
    /// Only those whose id has this part.
    pub name: Option<NamePart>,
    /// Only those that go on, or that have ended.
    pub phase: Option<RunPhase>,
    /// Only those that have ended for a reason with this part.
    pub reason: Option<NamePart>,
    /// Only those whose last event happened at this time or later.
    pub since: Option<Timestamp>,
    /// Only those whose first event happened before this time.
    pub until: Option<Timestamp>,
}

impl WhichRuns {
    /// Says whether a run is one of them.
    #[must_use]
    pub fn matches(&self, run: &RunSummary) -> bool {
        self.phase.is_none_or(|phase| phase == run.state.phase())
            && self.name.as_ref().is_none_or(|part| part.is_in(run.run_id.as_str()))
            && self.reason.as_ref().is_none_or(|part| run.state.reason().is_some_and(|reason| part.is_in(reason)))
            && self.since.is_none_or(|since| run.last_at >= since)
            && self.until.is_none_or(|until| run.first_at < until)
    }
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunSummary {
    /// Its id.
    pub run_id: RunId,
    /// How many events it has.
    pub events: u64,
    /// Its first event.
    pub first_offset: Offset,
    /// Its last event.
    pub last_offset: Offset,
    /// When the first event happened.
    pub first_at: Timestamp,
    /// When the last event happened.
    pub last_at: Timestamp,
    /// Who acted, in the order of their first act.
    pub actors: Vec<Actor>,
    /// The kind of the last event.
    pub last_kind: Kind,
    /// Whether it goes on.
    #[serde(flatten)]
    pub state: RunState,
}

/// All runs, in the order in which they were first seen.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    runs: Vec<RunSummary>,
    places: HashMap<RunId, usize>,
}

impl Runs {
    /// Returns the runs in the order in which they were first seen.
    #[must_use]
    pub fn all(&self) -> &[RunSummary] {
        &self.runs
    }

    /// Returns some runs, those with the newest events first.
    #[must_use]
    pub fn newest(&self, which: &WhichRuns) -> Vec<&RunSummary> {
        let mut runs: Vec<_> = self.runs.iter().filter(|run| which.matches(run)).collect();
        runs.sort_by_key(|run| std::cmp::Reverse(run.last_offset));
        runs
    }

    /// Returns one run.
    #[must_use]
    pub fn get(&self, run: &RunId) -> Option<&RunSummary> {
        self.places.get(run).map(|&place| &self.runs[place])
    }
}

#[derive(Deserialize)]
struct Finish {
    reason: Option<String>,
}

impl View for Runs {
    fn apply(&mut self, event: &Event) {
        let place = *self.places.entry(event.run_id.clone()).or_insert_with(|| {
            self.runs.push(RunSummary {
                run_id: event.run_id.clone(),
                events: 0,
                first_offset: event.offset,
                last_offset: event.offset,
                first_at: event.created_at,
                last_at: event.created_at,
                actors: Vec::new(),
                last_kind: event.kind.clone(),
                state: RunState::Open,
            });
            self.runs.len() - 1
        });
        let run = &mut self.runs[place];
        run.events += 1;
        run.last_offset = event.offset;
        run.last_at = event.created_at;
        run.last_kind = event.kind.clone();
        if !run.actors.contains(&event.actor) {
            run.actors.push(event.actor.clone());
        }
        if event.kind.as_str() == "run.finished" && run.state == RunState::Open {
            let reason = event.payload_as::<Finish>().ok().and_then(|finish| finish.reason);
            run.state = RunState::Finished { reason };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Draft;
    use serde_json::json;

    fn apply(runs: &mut Runs, offset: u64, run: &str, kind: &str, actor: &str, payload: &serde_json::Value) {
        let draft = Draft::new(kind, payload).unwrap().run(run).unwrap().actor(actor).unwrap();
        runs.apply(&Event { offset: Offset::new(offset).unwrap(), recorded_at: Timestamp::now(), draft });
    }

    #[test]
    fn interleaved_runs_are_isolated_and_the_first_finish_counts() {
        let mut runs = Runs::default();
        apply(&mut runs, 1, "b", "run.started", "x", &json!({}));
        apply(&mut runs, 2, "a", "run.started", "y", &json!({}));
        apply(&mut runs, 3, "b", "run.finished", "z", &json!({"reason": "done"}));
        apply(&mut runs, 4, "b", "run.finished", "x", &json!({"reason": "again"}));
        let ids: Vec<_> = runs.all().iter().map(|run| run.run_id.as_str()).collect();
        assert_eq!(ids, ["b", "a"]);
        let b = &runs.all()[0];
        assert_eq!(b.state, RunState::Finished { reason: Some("done".into()) });
        assert_eq!((b.events, b.first_offset.get(), b.last_offset.get()), (3, 1, 4));
        assert_eq!(b.actors.iter().map(Actor::as_str).collect::<Vec<_>>(), ["x", "z"]);
        assert_eq!(runs.all()[1].state, RunState::Open);
    }

    #[test]
    fn the_newest_runs_come_first_by_a_part_of_their_name_and_by_whether_they_go_on() {
        let mut runs = Runs::default();
        apply(&mut runs, 1, "Load-1", "run.started", "x", &json!({}));
        apply(&mut runs, 2, "load-2", "run.started", "x", &json!({}));
        apply(&mut runs, 3, "clean", "run.started", "x", &json!({}));
        apply(&mut runs, 4, "Load-1", "run.finished", "x", &json!({}));
        let newest = |name: Option<&str>, state: Option<&str>| {
            let name = name.map(|name| name.parse().unwrap());
            let which = WhichRuns { name, phase: state.map(|state| state.parse().unwrap()), ..WhichRuns::default() };
            runs.newest(&which).iter().map(|run| run.run_id.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(newest(None, None), ["Load-1", "clean", "load-2"]);
        assert_eq!(newest(Some("LOAD"), None), ["Load-1", "load-2"]);
        assert_eq!(newest(Some("load"), Some("open")), ["load-2"]);
        assert_eq!(newest(None, Some("finished")), ["Load-1"]);
        assert!("running".parse::<RunPhase>().is_err());
    }

    #[test]
    fn runs_are_found_by_why_they_ended_and_by_when_they_were() {
        let mut runs = Runs::default();
        let second = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000).unwrap();
        let events = [
            ("a", "run.started", 10, json!({})),
            ("b", "run.started", 20, json!({})),
            ("a", "run.finished", 30, json!({"reason": "Timed out"})),
            ("c", "run.finished", 40, json!({"reason": "done"})),
        ];
        for (offset, (run, kind, at, payload)) in (1..).zip(events) {
            let draft = Draft::new(kind, &payload).unwrap().run(run).unwrap().at(second(at));
            runs.apply(&Event { offset: Offset::new(offset).unwrap(), recorded_at: Timestamp::now(), draft });
        }
        let found = |which: WhichRuns| runs.newest(&which).iter().map(|run| run.run_id.to_string()).collect::<String>();
        let reason = |part: &str| WhichRuns { reason: Some(part.parse().unwrap()), ..WhichRuns::default() };
        assert_eq!([found(reason("time")), found(reason("")), found(reason("x"))], ["a", "ca", ""]);
        let between =
            |since, until| WhichRuns { since: Some(second(since)), until: Some(second(until)), ..WhichRuns::default() };
        assert_eq!([found(between(30, 40)), found(between(31, 41)), found(between(0, 20))], ["a", "c", "a"]);
    }
}
