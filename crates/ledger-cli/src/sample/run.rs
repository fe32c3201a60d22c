//! A run that is told: its events get their run, their turn and what caused them, in the order in which they happened.

use ledger_core::{Draft, EventId, Result, RunId, Timestamp};
use serde_json::{Value, json};

/// Microseconds of a second, and of what is longer.
pub(super) const SECOND: i64 = 1_000_000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// Returns the time so many microseconds after another, or before it.
pub(super) fn later(time: Timestamp, micros: i64) -> Timestamp {
    Timestamp::from_micros(time.as_micros().saturating_add(micros)).unwrap_or(time)
}

/// Returns the time so many seconds after another.
pub(super) fn seconds_later(time: Timestamp, seconds: f64) -> Timestamp {
    later(time, (seconds * SECOND as f64) as i64)
}

/// Returns the day of a time, as `2026-01-31`.
pub(super) fn day_of(time: Timestamp) -> String {
    time.to_string().chars().take(10).collect()
}

/// Starts an event of a kind. Everything that would be drawn at random is set, so that a sample is the same each time.
pub(super) fn event(kind: &str, id: &str, at: Timestamp, payload: &Value) -> Result<Draft> {
    Ok(Draft::new(kind, payload)?.id(id)?.at(at))
}

/// A run.
pub(super) struct Run {
    pub(super) id: RunId,
    drafts: Vec<Draft>,
}

impl Run {
    pub(super) fn new(id: &str) -> Result<Self> {
        Ok(Self { id: RunId::new(id)?, drafts: Vec::new() })
    }

    /// Adds an event, which some others caused. Returns its id, by which it may be named as a cause.
    pub(super) fn tell(&mut self, draft: Draft, actor: &str, causes: &[&EventId]) -> Result<EventId> {
        let draft = causes.iter().try_fold(draft.run(&self.id)?.actor(actor)?, |draft, cause| draft.parent(*cause))?;
        let id = draft.id.clone();
        self.drafts.push(draft);
        Ok(id)
    }

    /// Tells that it began, for a reason.
    pub(super) fn starts(
        &mut self,
        at: Timestamp,
        actor: &str,
        payload: &Value,
        causes: &[&EventId],
    ) -> Result<EventId> {
        let draft = event("run.started", &format!("{}.started", self.id), at, payload)?;
        self.tell(draft, actor, causes)
    }

    /// Tells that it ended, and why.
    pub(super) fn ends(&mut self, at: Timestamp, actor: &str, reason: &str, causes: &[&EventId]) -> Result<EventId> {
        let draft = event("run.finished", &format!("{}.finished", self.id), at, &json!({"reason": reason}))?;
        self.tell(draft, actor, causes)
    }

    /// Returns its events in the order in which they happened.
    pub(super) fn told(self) -> Vec<Draft> {
        let mut drafts = self.drafts;
        // What came first at one time stays first: causes are told before what they led to.
        drafts.sort_by_key(|draft| draft.created_at);
        drafts.into_iter().zip(0..).map(|(draft, turn)| draft.turn(turn)).collect()
    }
}
