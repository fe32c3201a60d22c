//! Operations: the events that say what ran, what it read and what it made.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Result};
use crate::event::{Draft, Event};
use crate::payload::Payload;
use crate::text::{Artifact, EventId, Job, Kind, Tag, Task};
use crate::time::Timestamp;

use super::artifact::owner_tags;

/// What an operation was given under one name: something it read, or a plain value. One is never taken for the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Input {
    /// It read this.
    Artifact(Artifact),
    /// It was given this, which no lineage leads to.
    Value(Payload),
}

impl Input {
    /// Returns the artifact, unless it is a plain value.
    #[must_use]
    pub fn artifact(&self) -> Option<&Artifact> {
        match self {
            Self::Artifact(artifact) => Some(artifact),
            Self::Value(_) => None,
        }
    }

    /// Takes anything that has a JSON form as a plain value. Fails when it has none.
    pub fn value<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        Payload::new(value).map(Self::Value)
    }
}

impl From<Artifact> for Input {
    fn from(artifact: Artifact) -> Self {
        Self::Artifact(artifact)
    }
}

impl From<&Artifact> for Input {
    fn from(artifact: &Artifact) -> Self {
        Self::Artifact(artifact.clone())
    }
}

macro_rules! plain_values {
    ($($type:ty),*) => {$(
        impl TryFrom<$type> for Input {
            type Error = Error;
            /// Takes a plain value. Text is one, too: what was read has a type of its own.
            fn try_from(value: $type) -> Result<Self> {
                Self::value(&value)
            }
        }
    )*};
}

plain_values!(bool, i32, i64, u32, u64, usize, f64, &str, String);

/// Named inputs, in the order they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs(Vec<(String, Input)>);

impl Inputs {
    /// Returns names and inputs in the order they were given.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Input)> {
        self.0.iter().map(|(name, input)| (name.as_str(), input))
    }

    /// Returns what was read, in the order it was given; twice what has two names.
    pub fn artifacts(&self) -> impl Iterator<Item = &Artifact> {
        self.0.iter().filter_map(|(_, input)| input.artifact())
    }

    /// Sets an input, in the place of one of that name.
    #[cfg(feature = "tracing")]
    pub(crate) fn set(&mut self, name: String, input: Input) {
        match self.0.iter_mut().find(|(other, _)| *other == name) {
            Some((_, place)) => *place = input,
            None => self.0.push((name, input)),
        }
    }

    /// Says whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Inputs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Inputs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Named;
        impl<'de> Visitor<'de> for Named {
            type Value = Inputs;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("inputs by name, each `{\"artifact\": …}` or `{\"value\": …}`")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Inputs, M::Error> {
                let mut inputs = Vec::new();
                while let Some(named) = map.next_entry()? {
                    inputs.push(named);
                }
                Ok(Inputs(inputs))
            }
        }
        deserializer.deserialize_map(Named)
    }
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It did what it was to do.
    Success,
    /// It did not; what it may have made is no part of any lineage.
    Error,
    /// It took too long and was stopped; as after an error, lineage leaves it out.
    Timeout,
}

/// An operation: what ran, what it read, and what it made, up to about 60 artifacts: each takes a tag. It is the payload of `operation.started`, which knows no
/// outcome yet, and of `operation.finished`, which says all of it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Which operation: its start and its end have the same.
    pub id: EventId,
    /// What it does, such as `concat`.
    #[serde(rename = "operation")]
    pub name: String,
    /// What it was given.
    #[serde(default, skip_serializing_if = "Inputs::is_empty")]
    pub inputs: Inputs,
    /// What it makes or changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Artifact>,
    /// The SQL or other code that was run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// The job it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<Job>,
    /// The part of the job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// Which try of the task, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// How it ended, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Outcome>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Operation {
    /// The kind of an operation's start.
    pub const STARTED: &str = "operation.started";
    /// The kind of an operation's end.
    pub const FINISHED: &str = "operation.finished";
    /// The version of the payload's shape.
    pub const VERSION: u32 = 1;

    /// Begins an operation, now. Fails when the name is empty.
    pub fn new(name: impl Into<String>) -> Result<Self> {
        let name = name.into();
        if name.trim().is_empty() {
            return Err(Error::invalid("operation", "its name is empty: say what it does, such as `concat`"));
        }
        Ok(Self {
            id: EventId::fresh(),
            name,
            inputs: Inputs::default(),
            outputs: Vec::new(),
            sql: None,
            job: None,
            task: None,
            attempt: None,
            started_at: Timestamp::now(),
            finished_at: None,
            status: None,
            error: None,
        })
    }

    /// Sets its id. The same draft is recorded once however often it is sent; an id that runs again is a conflict, because
    /// its times differ. Fails when it breaks the rule of [`EventId`].
    pub fn id<I: TryInto<EventId, Error: Into<Error>>>(mut self, id: I) -> Result<Self> {
        self.id = id.try_into().map_err(Into::into)?;
        Ok(self)
    }

    /// Adds what it was given under a name: an [`Artifact`] that it read, or a plain value (numbers, text, …).
    ///
    /// Fails when there is an input of that name already.
    pub fn input<I: TryInto<Input, Error: Into<Error>>>(mut self, name: impl Into<String>, input: I) -> Result<Self> {
        let name = name.into();
        if self.inputs.iter().any(|(other, _)| other == name) {
            return Err(Error::invalid("operation", format!("`{}` has two inputs named `{name}`", self.name)));
        }
        self.inputs.0.push((name, input.try_into().map_err(Into::into)?));
        Ok(self)
    }

    /// Adds what it makes or changes. Fails when it breaks the rule of [`Artifact`].
    pub fn output<A: TryInto<Artifact, Error: Into<Error>>>(mut self, artifact: A) -> Result<Self> {
        let artifact = artifact.try_into().map_err(Into::into)?;
        if !self.outputs.contains(&artifact) {
            self.outputs.push(artifact);
        }
        Ok(self)
    }

    /// Sets the SQL or other code that was run.
    #[must_use]
    pub fn sql(mut self, text: impl Into<String>) -> Self {
        self.sql = Some(text.into());
        self
    }

    /// Sets the job. Fails when it breaks the rule of [`Job`].
    pub fn job<J: TryInto<Job, Error: Into<Error>>>(mut self, job: J) -> Result<Self> {
        self.job = Some(job.try_into().map_err(Into::into)?);
        Ok(self)
    }

    /// Sets the part of the job. Fails when it breaks the rule of [`Task`].
    pub fn task<T: TryInto<Task, Error: Into<Error>>>(mut self, task: T) -> Result<Self> {
        self.task = Some(task.try_into().map_err(Into::into)?);
        Ok(self)
    }

    /// Sets which try of the task it is, from 1.
    #[must_use]
    pub fn attempt(mut self, attempt: u32) -> Self {
        self.attempt = Some(attempt);
        self
    }

    /// Sets when it began.
    #[must_use]
    pub fn started_at(mut self, time: Timestamp) -> Self {
        self.started_at = time;
        self
    }

    /// Returns the event of its start. Fails past the limits of [`Draft`].
    pub fn started(&self) -> Result<Draft> {
        self.draft(self.start_id()?, Self::STARTED, self.started_at)
    }

    /// Returns the id of the event of its start. Fails when it would be too long.
    pub(crate) fn start_id(&self) -> Result<EventId> {
        EventId::new(format!("{}.started", self.id))
    }

    /// Ends it with success, now, and returns the event of its end. Fails past the limits of [`Draft`].
    pub fn finished(self) -> Result<Draft> {
        let at = self.now();
        self.ended(Outcome::Success, None, at)
    }

    /// Ends it with an error, now, and returns the event of its end. Fails past the limits of [`Draft`].
    pub fn failed(self, error: impl Into<String>) -> Result<Draft> {
        let at = self.now();
        self.ended(Outcome::Error, Some(error.into()), at)
    }

    /// Returns the present, or the start when the clock was set back since.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::now().max(self.started_at)
    }

    /// Ends it, and returns the event of its end. Fails past the limits of [`Draft`], and when it ended before it began.
    pub fn ended(mut self, status: Outcome, error: Option<String>, at: Timestamp) -> Result<Draft> {
        (self.status, self.error, self.finished_at) = (Some(status), error, Some(at));
        self.end()
    }

    /// Returns the event of its end, which it knows already. Fails as [`ended`](Self::ended) does.
    pub(crate) fn end(&self) -> Result<Draft> {
        let at = self.finished_at.unwrap_or(self.started_at);
        if at < self.started_at {
            let why = format!("`{}` ended at {at}, before it began at {}", self.name, self.started_at);
            return Err(Error::invalid("operation", why));
        }
        self.draft(self.id.clone(), Self::FINISHED, at)
    }

    /// Reads the operation out of an event, or nothing when the event is of another kind. Fails on a payload of another shape.
    pub fn of(event: &Event) -> Result<Option<Self>> {
        match event.kind.as_str() {
            Self::STARTED | Self::FINISHED => event.payload_as().map(Some),
            _ => Ok(None),
        }
    }

    /// Says whether lineage leads through it: it has ended, and nothing went wrong.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.status == Some(Outcome::Success)
    }

    fn draft(&self, id: EventId, kind: &'static str, at: Timestamp) -> Result<Draft> {
        let reads = self.inputs.artifacts().map(|artifact| Tag::pair("reads", artifact.as_str()));
        let writes = self.outputs.iter().map(|artifact| Tag::pair("writes", artifact.as_str()));
        let owner = owner_tags(self.job.as_ref(), self.task.as_ref());
        let tags: Vec<Tag> = reads.chain(writes).chain(owner).collect::<Result<_>>()?;
        let draft = Draft::from_parts(Kind::new(kind)?, Payload::new(self)?).id(id)?.at(at).tagged(tags);
        let draft = draft.schema_version(Self::VERSION);
        draft.check()?;
        Ok(draft)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(name: &str) -> Artifact {
        Artifact::new(name).unwrap()
    }

    #[test]
    fn an_operation_comes_back_as_it_was_with_its_inputs_in_order() {
        let operation = Operation::new("concat").unwrap().id("op-1").unwrap().job("j").unwrap().task("t:1").unwrap();
        let operation = operation.input("zeta", artifact("t_1")).unwrap().input("n", 2).unwrap();
        let operation = operation.input("text", "t_2").unwrap().output("t_3").unwrap().sql("SELECT 1").attempt(2);
        let draft = operation.clone().finished().unwrap();
        let text = draft.payload.as_str();
        assert!(
            text.contains(r#""inputs":{"zeta":{"artifact":"t_1"},"n":{"value":2},"text":{"value":"t_2"}}"#),
            "{text}"
        );
        let tags: Vec<_> = draft.tags().iter().map(Tag::as_str).collect();
        assert_eq!(tags, ["job:j", "reads:t_1", "task:t:1", "writes:t_3"]);
        let back: Operation = draft.payload_as().unwrap();
        assert_eq!((&back.inputs, &back.outputs, back.attempt), (&operation.inputs, &operation.outputs, Some(2)));
        assert!(back.succeeded());
        assert_eq!((draft.id.as_str(), operation.started().unwrap().id.as_str()), ("op-1", "op-1.started"));
    }

    #[test]
    fn an_operation_ends_though_the_clock_was_set_back() {
        let late = Timestamp::from_micros(Timestamp::now().as_micros() + 3_600_000_000).unwrap();
        let operation = Operation::new("a").unwrap().started_at(late);
        assert_eq!(operation.clone().finished().unwrap().created_at, late);
        assert_eq!(operation.failed("no").unwrap().created_at, late);
    }

    #[test]
    fn bad_operations_are_refused_by_name() {
        let operation = || Operation::new("concat").unwrap();
        assert!(Operation::new(" ").is_err());
        let twice = operation().input("n", 1).unwrap().input("n", 2).unwrap_err().to_string();
        assert!(twice.contains("`concat`") && twice.contains("`n`"), "{twice}");
        let early = operation().ended(Outcome::Success, None, Timestamp::EPOCH).unwrap_err().to_string();
        assert!(early.contains("before it began"), "{early}");
        assert!(operation().output("").is_err() && operation().output("x".repeat(1_001)).is_err());
    }

    #[test]
    fn an_input_that_is_neither_artifact_nor_value_is_an_error() {
        for bad in [r#"{"n":{"other":1}}"#, r#"{"n":2}"#, r#"{"n":{"artifact":""}}"#] {
            assert!(serde_json::from_str::<Inputs>(bad).is_err(), "{bad}");
        }
        let exact: Inputs = serde_json::from_str(r#"{"n":{"value":1.10000000000000000001}}"#).unwrap();
        assert_eq!(serde_json::to_string(&exact).unwrap(), r#"{"n":{"value":1.10000000000000000001}}"#);
    }
}
