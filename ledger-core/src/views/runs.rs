//! Which runs there were: their span, their actors, and whether and why they ended.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::event::{Event, Offset};
use crate::text::{Actor, Kind, RunId};
use crate::time::Timestamp;
use crate::views::View;

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
}
