//! What agents do in the sample: they look into what failed, and answer questions; each step names the model that
//! took it.

use ledger_core::views::{Operation, Outcome};
use ledger_core::{Artifact, Draft, EventId, Result, Timestamp};
use serde_json::json;

use super::chance::Chance;
use super::pipelines::{Failed, rounded};
use super::run::{Run, event, seconds_later};
use super::warehouse::table as table_of;

/// Models, each with the profile that it runs under, and how many seconds it thinks.
const MODELS: [(&str, &str, f64); 3] =
    [("claude-sonnet-4-5", "careful", 6.5), ("gpt-5-mini", "fast", 2.2), ("qwen3-32b", "local", 4.1)];

/// What people ask: the question, and the table that answers it.
const QUESTIONS: [(&str, &str); 6] = [
    ("which category lost margin this week", "mart/sales"),
    ("why did the conversion drop on Tuesday", "mart/funnel"),
    ("how long do tickets of the plan `team` stay open", "mart/support"),
    ("which customers are likely to leave", "model/churn"),
    ("do new cohorts buy as often as those of last year", "mart/cohorts"),
    ("who are the ten best customers of each country", "mart/customers"),
];

const PEOPLE: [&str; 3] = ["mia", "jonas", "priya"];

/// An agent at work: its run, the model behind it, and where it is in time.
struct Agent<'c> {
    run: Run,
    name: &'static str,
    model: (&'static str, &'static str, f64),
    at: Timestamp,
    last: EventId,
    steps: u32,
    chance: &'c mut Chance,
}

impl<'c> Agent<'c> {
    /// Starts a run at a time, of which something may have been the cause.
    fn starts(
        id: &str,
        name: &'static str,
        (at, cause): (Timestamp, Option<&EventId>),
        (by, goal): (&str, &str),
        chance: &'c mut Chance,
    ) -> Result<Self> {
        let (mut run, model) = (Run::new(id)?, *chance.pick(&MODELS));
        let last = run.starts(at, by, &json!({"goal": goal, "agent": name}), cause.as_slice())?;
        Ok(Self { run, name, model, at, last, steps: 0, chance })
    }

    /// Says something by its model, about a second or more after its last step.
    fn says(&mut self, kind: &str, payload: &serde_json::Value) -> Result<()> {
        self.at = seconds_later(self.at, self.chance.spread(self.model.2, 0.5));
        let draft = event(kind, &self.next_id(), self.at, payload)?;
        self.tell(draft)
    }

    /// Thinks: a call of its model, with what it costs.
    fn thinks(&mut self) -> Result<()> {
        let read = self.chance.spread(5_200.0, 0.7) as u64;
        let wrote = self.chance.spread(340.0, 0.6) as u64;
        let cost = (read * 3 + wrote * 15) as f64 / 1e6;
        self.says("model.called", &json!({"tokens_in": read, "tokens_out": wrote, "cost_usd": cost}))
    }

    /// Asks a table, as an operation that begins and ends.
    fn asks(&mut self, table: &str) -> Result<()> {
        let (bucket, name) = table.split_once('/').expect("each has a bucket");
        let id = self.next_id();
        let operation = Operation::new("query")?.id(&*id)?.started_at(seconds_later(self.at, 0.2));
        let operation = operation.project("assistant").bucket(bucket).table(name);
        let operation = operation.input("table", Artifact::new(table)?)?;
        let took = self.chance.spread(0.7, 0.7);
        self.tell(operation.started()?)?;
        self.at = seconds_later(operation.started_at, took);
        let ended = if self.chance.happens(0.06) {
            let why = "the query names a column that the table does not have".to_owned();
            operation.error_code("no_such_column").ended(Outcome::Error, Some(why), self.at)?
        } else {
            let rows = self.chance.spread(60.0, 1.0) as u64;
            operation.bytes_out(rows * 44).ended(Outcome::Success, None, self.at)?
        };
        self.tell(ended)
    }

    fn next_id(&mut self) -> String {
        self.steps += 1;
        format!("{}.{:02}", self.run.id, self.steps)
    }

    /// Adds an event that its last one caused.
    fn tell(&mut self, draft: Draft) -> Result<()> {
        let (model, profile, _) = self.model;
        let draft = draft.model_id(model)?.model_profile(profile)?;
        self.last = self.run.tell(draft, self.name, &[&self.last])?;
        Ok(())
    }

    fn sureness(&mut self) -> f64 {
        rounded(self.chance.between(0.55, 0.98))
    }

    fn ends(mut self, reason: &str) -> Result<Vec<Draft>> {
        self.at = seconds_later(self.at, 0.4);
        self.run.ends(self.at, self.name, reason, &[&self.last])?;
        Ok(self.run.told())
    }
}

/// Looks into what failed.
pub(super) fn looks_into(failed: &Failed, number: usize, chance: &mut Chance) -> Result<Vec<Draft>> {
    let (id, goal) = (format!("triage-{number:03}"), format!("find out why {} was not made", failed.table));
    let at = seconds_later(failed.at, chance.between(2.0, 9.0));
    let mut agent = Agent::starts(&id, "triage-agent", (at, Some(&failed.id)), ("pager", &goal), chance)?;
    agent.says("plan.made", &json!({"steps": ["read the error", "look at the inputs", "say what to do"]}))?;
    for table in table_of(failed.table).reads {
        agent.thinks()?;
        agent.asks(table)?;
    }
    agent.thinks()?;
    let cause = *agent.chance.pick(&["the source", "a lock that a backup held", "a day with twice the rows"]);
    let sure = agent.sureness();
    agent.says("finding.noted", &json!({"table": failed.table, "cause": cause, "confidence": sure}))?;
    if agent.chance.happens(0.3) {
        agent.says("help.asked", &json!({"of": "mia", "why": "it needs a right that I lack"}))?;
        return agent.ends("handed over");
    }
    agent.ends("done")
}

/// Answers a question. One in twelve agents gives up, and says so.
pub(super) fn answers(number: usize, at: Timestamp, chance: &mut Chance) -> Result<Vec<Draft>> {
    let (question, table) = *chance.pick(&QUESTIONS);
    let by = *chance.pick(&PEOPLE);
    let mut agent = Agent::starts(&format!("answer-{number:03}"), "analyst-agent", (at, None), (by, question), chance)?;
    agent.says("plan.made", &json!({"steps": ["find the table", "ask it", "check", "answer"]}))?;
    let rounds = 2 + agent.chance.below(4);
    for _ in 0..rounds {
        agent.thinks()?;
        agent.asks(table)?;
    }
    agent.thinks()?;
    if agent.chance.happens(0.08) {
        return agent.ends("gave up: the numbers contradict each other");
    }
    let sure = agent.sureness();
    agent.says("answer.given", &json!({"question": question, "confidence": sure}))?;
    agent.ends("done")
}

/// Begins to answer a question, and is not done yet.
pub(super) fn is_at_it(at: Timestamp, chance: &mut Chance) -> Result<Vec<Draft>> {
    let (question, table) = QUESTIONS[0];
    let mut agent = Agent::starts("answer-open", "analyst-agent", (at, None), (PEOPLE[0], question), chance)?;
    agent.says("plan.made", &json!({"steps": ["find the table", "ask it", "check", "answer"]}))?;
    agent.thinks()?;
    agent.asks(table)?;
    agent.thinks()?;
    Ok(agent.run.told())
}
