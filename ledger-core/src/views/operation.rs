//! Operations: the events that say what ran, what it read and what it made.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, Shown};
use crate::event::{Draft, Event};
use crate::payload::Payload;
use crate::text::{Artifact, EventId, Job, Kind, Tag, Task};
use crate::time::Timestamp;

use super::artifact::owner_tags;
use super::input::{Input, Inputs};
use super::lineage::is_column;
use super::named::Named;

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

impl Outcome {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Success, Self::Error, Self::Timeout];

    /// Returns its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
            Self::Timeout => "timeout",
        }
    }
}

impl std::str::FromStr for Outcome {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let known = Self::ALL.into_iter().find(|outcome| outcome.as_str() == text);
        known.ok_or_else(|| {
            Error::invalid("status", format!("{} is none: write `success`, `error` or `timeout`", Shown(text)))
        })
    }
}

/// An operation: what ran, what it read, and what it made, up to about 50 artifacts: each takes a tag. It is the payload of `operation.started`, which knows no
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
    /// The columns of what it makes, each with the columns of its inputs that it is made of, as `artifact.column`.
    #[serde(default, skip_serializing_if = "Named::is_empty")]
    pub columns: Named<Vec<Artifact>>,
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
    /// How long it took, in microseconds, if it has ended: what its times say, for those who have only SQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_us: Option<u64>,
    /// How it ended, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Outcome>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What went wrong, in a word that programs know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The project it ran in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The branch of the project; [`DEFAULT_BRANCH`](Self::DEFAULT_BRANCH) when it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The bucket of the table that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// The table that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// How long it waited before it began, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_wait_us: Option<u64>,
    /// How many rows it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_affected: Option<u64>,
    /// How many bytes it took in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_in: Option<u64>,
    /// How many bytes it gave out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_out: Option<u64>,
    /// The request that it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The job of the connection that it ran on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_job_id: Option<String>,
    /// The run of the connection that it ran on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_run_id: Option<String>,
    /// Whatever else there is to say of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Payload>,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, value: impl Into<$type>) -> Self {
            self.$name = Some(value.into());
            self
        }
    )*};
}

/// What the operation log asks for.
impl Operation {
    setters! {
        /// Sets the project it ran in.
        project: String;
        /// Sets the branch of the project.
        branch: String;
        /// Sets the bucket of the table that it is about.
        bucket: String;
        /// Sets the table that it is about.
        table: String;
        /// Sets how many rows it changed.
        rows_affected: u64;
        /// Sets how many bytes it took in.
        bytes_in: u64;
        /// Sets how many bytes it gave out.
        bytes_out: u64;
        /// Sets the request that it answered.
        request_id: String;
        /// Sets the job of the connection that it ran on.
        connection_job_id: String;
        /// Sets the run of the connection that it ran on.
        connection_run_id: String;
        /// Sets what went wrong, in a word that programs know.
        error_code: String;
        /// Sets whatever else there is to say of it.
        metadata: Payload;
    }

    /// Sets how long it waited before it began.
    #[must_use]
    pub fn queue_wait(mut self, wait: Duration) -> Self {
        self.queue_wait_us = Some(u64::try_from(wait.as_micros()).unwrap_or(u64::MAX));
        self
    }

    /// Returns how long it took, if it has ended.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        let micros = self.finished_at?.as_micros() - self.started_at.as_micros();
        Some(Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
    }

    /// Returns the table that it is about with its bucket, as `bucket/table`.
    #[must_use]
    pub fn full_table(&self) -> Option<String> {
        let table = self.table.as_ref()?;
        Some(self.bucket.as_ref().map_or_else(|| table.clone(), |bucket| format!("{bucket}/{table}")))
    }

    /// Returns the tags by which the operation log finds it.
    fn log_tags(&self) -> Result<Vec<Tag>> {
        let table = self.full_table();
        let status = match self.status {
            // Nearly all end well, and a tag that nearly all have finds nothing.
            None | Some(Outcome::Success) => None,
            Some(status) => Some(status.as_str()),
        };
        let pairs = [
            ("command", Some(self.name.as_str())),
            ("status", status),
            ("project", self.project.as_deref()),
            ("branch", self.branch.as_deref().filter(|branch| *branch != Self::DEFAULT_BRANCH)),
            ("table", table.as_deref()),
            ("request", self.request_id.as_deref()),
            ("connection_job", self.connection_job_id.as_deref()),
            ("connection_run", self.connection_run_id.as_deref()),
        ];
        pairs.iter().filter_map(|&(key, value)| Some(Tag::pair(key, value?))).collect()
    }

    /// Says whether it has nothing but what most have: a name that makes a tag, and none of what only the log asks for.
    pub(crate) fn is_plain(&self) -> bool {
        const LONGEST: usize = 1_000;
        let Self { project, branch, bucket, table, error_code, request_id, metadata, columns, .. } = self;
        let texts =
            [project, branch, bucket, table, error_code, request_id, &self.connection_job_id, &self.connection_run_id];
        let name = self.name.len() <= LONGEST && !self.name.contains('\0');
        name && texts.iter().all(|text| text.is_none()) && metadata.is_none() && columns.is_empty()
    }
}

impl Operation {
    /// The kind of an operation's start.
    pub const STARTED: &str = "operation.started";
    /// The kind of an operation's end.
    pub const FINISHED: &str = "operation.finished";
    /// The version of the payload's shape.
    pub const VERSION: u32 = 1;
    /// The branch of operations that name none.
    pub const DEFAULT_BRANCH: &str = "default";

    /// Begins an operation, now. Fails when the name is empty.
    pub fn new(name: impl Into<String>) -> Result<Self> {
        let name = name.into();
        if name.trim().is_empty() {
            return Err(Error::invalid("operation", "its name is empty: say what it does, such as `concat`"));
        }
        Ok(Self::bare(EventId::fresh(), name, Timestamp::now()))
    }

    /// Returns an operation of which no more is known.
    pub(crate) fn bare(id: EventId, name: String, started_at: Timestamp) -> Self {
        Self {
            id,
            name,
            inputs: Inputs::default(),
            outputs: Vec::new(),
            columns: Named::default(),
            sql: None,
            job: None,
            task: None,
            attempt: None,
            started_at,
            finished_at: None,
            duration_us: None,
            status: None,
            error: None,
            error_code: None,
            project: None,
            branch: None,
            bucket: None,
            table: None,
            queue_wait_us: None,
            rows_affected: None,
            bytes_in: None,
            bytes_out: None,
            request_id: None,
            connection_job_id: None,
            connection_run_id: None,
            metadata: None,
        }
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
        let refused = format!("`{}` has two inputs named `{name}`", self.name);
        let input = input.try_into().map_err(Into::into)?;
        if self.inputs.add(name, input) { Ok(self) } else { Err(Error::invalid("operation", refused)) }
    }

    /// Adds what it makes or changes. Fails when it breaks the rule of [`Artifact`].
    pub fn output<A: TryInto<Artifact, Error: Into<Error>>>(mut self, artifact: A) -> Result<Self> {
        let artifact = artifact.try_into().map_err(Into::into)?;
        if !self.outputs.contains(&artifact) {
            self.outputs.push(artifact);
        }
        Ok(self)
    }

    /// Says of which columns of its inputs, each as `artifact.column`, it makes a column of its output; of none, when that
    /// holds plain values. Where it has several outputs, the column is named `artifact.column`, too.
    ///
    /// Fails when the column is there already. Whether its inputs and outputs have such columns is said when it ends.
    pub fn column<A: TryInto<Artifact, Error: Into<Error>>>(
        mut self,
        name: impl Into<String>,
        of: impl IntoIterator<Item = A>,
    ) -> Result<Self> {
        let name = name.into();
        let refused = format!("`{}` has two columns named `{name}`", self.name);
        let of = of.into_iter().map(TryInto::try_into).collect::<Result<_, _>>().map_err(Into::into)?;
        if self.columns.add(name, of) { Ok(self) } else { Err(Error::invalid("operation", refused)) }
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
        Self::start_id_of(&self.id)
    }

    /// Returns the id of the event of the start of an operation. Fails when it would be too long.
    pub(crate) fn start_id_of(id: &EventId) -> Result<EventId> {
        EventId::new(format!("{id}.started"))
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
        self.end_as(status, error, at);
        self.end()
    }

    /// Notes how and when it ended.
    pub(crate) fn end_as(&mut self, status: Outcome, error: Option<String>, at: Timestamp) {
        (self.status, self.error, self.finished_at) = (Some(status), error, Some(at));
        self.duration_us = u64::try_from(at.as_micros() - self.started_at.as_micros()).ok();
    }

    /// Returns the event of its end, which it knows already. Fails as [`ended`](Self::ended) does.
    pub(crate) fn end(&self) -> Result<Draft> {
        let at = self.finished_at.unwrap_or(self.started_at);
        if at < self.started_at {
            let why = format!("`{}` ended at {at}, before it began at {}", self.name, self.started_at);
            return Err(Error::invalid("operation", why));
        }
        self.check_columns()?;
        self.draft(self.id.clone(), Self::FINISHED, at)
    }

    /// Fails unless its columns are those of its outputs, made of those of its inputs. What did not end well made none.
    pub(crate) fn check_columns(&self) -> Result<()> {
        if !self.succeeded() {
            return Ok(());
        }
        for (name, of) in self.columns.iter() {
            if self.output_column(name).is_none() {
                let (shown, all) = (Shown(name), &self.outputs);
                let why = format!(
                    "{shown} is no column of what it writes, {all:?}: name it, as `artifact.column` if those are several"
                );
                return Err(Error::invalid("column", why));
            }
            if let Some(source) = of.iter().find(|source| !self.reads_column(source)) {
                let all: Vec<_> = self.inputs.artifacts().collect();
                let (shown, name) = (Shown(source.as_str()), Shown(name));
                let why = format!(
                    "{shown}, of which {name} is made, is none of what it reads, {all:?}: write `artifact.column`"
                );
                return Err(Error::invalid("column", why));
            }
        }
        Ok(())
    }

    /// Returns a column of what it makes as `artifact.column`, however it is named in its columns; nothing when it has none
    /// of that name.
    pub(crate) fn output_column(&self, name: &str) -> Option<Artifact> {
        match &self.outputs[..] {
            outputs if outputs.iter().any(|output| is_column(name, output)) => Artifact::new(name).ok(),
            [output] if !name.is_empty() => Artifact::new(format!("{output}.{name}")).ok(),
            _ => None,
        }
    }

    /// Says whether a column may be one of what it reads.
    pub(crate) fn reads_column(&self, column: &Artifact) -> bool {
        self.inputs.artifacts().any(|read| is_column(column.as_str(), read))
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
        let mut tags: Vec<Tag> = reads.chain(writes).chain(owner).collect::<Result<_>>()?;
        tags.extend(self.log_tags()?);
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
        assert_eq!(tags, ["command:concat", "job:j", "reads:t_1", "task:t:1", "writes:t_3"]);
        let back: Operation = draft.payload_as().unwrap();
        assert_eq!((&back.inputs, &back.outputs, back.attempt), (&operation.inputs, &operation.outputs, Some(2)));
        assert!(back.succeeded());
        assert_eq!((draft.id.as_str(), operation.started().unwrap().id.as_str()), ("op-1", "op-1.started"));
    }

    #[test]
    fn the_log_finds_an_operation_by_its_scope_and_by_what_it_belongs_to() {
        let whole = Operation::new("import").unwrap().project("p").bucket("in").table("orders").request_id("r-1");
        let whole = whole.connection_job_id("cj").connection_run_id("cr").branch("dev").error_code("E1");
        let whole = whole.rows_affected(7_u64).bytes_in(8_u64).queue_wait(Duration::from_millis(2));
        let whole = whole.metadata(Payload::from_json(r#"{"n":1.50}"#).unwrap());
        let tags = |draft: Draft| draft.tags().iter().map(|tag| tag.as_str().to_owned()).collect::<Vec<_>>();
        let draft = whole.clone().ended(Outcome::Timeout, None, whole.started_at).unwrap();
        assert_eq!(draft.payload_as::<Operation>().unwrap().metadata, whole.metadata);
        let expected = ["branch:dev", "command:import", "connection_job:cj", "connection_run:cr", "project:p"];
        assert_eq!(tags(draft)[..5], expected);
        let plain = whole.clone().branch(Operation::DEFAULT_BRANCH).finished().unwrap();
        let rest =
            ["command:import", "connection_job:cj", "connection_run:cr", "project:p", "request:r-1", "table:in/orders"];
        assert_eq!(tags(plain), rest, "what nearly all have takes no tag");
        assert!(!whole.is_plain() && Operation::new("import").unwrap().is_plain());
        assert!(Operation::new("x".repeat(2_000)).unwrap().finished().is_err());
        assert!("some".parse::<Outcome>().unwrap_err().to_string().contains("`success`, `error` or `timeout`"));
    }

    #[test]
    fn columns_are_those_of_its_outputs_made_of_those_of_its_inputs() {
        let read = || Operation::new("sum").unwrap().input("orders", artifact("raw.csv")).unwrap();
        let one = || read().output("t.1").unwrap();
        let two = one().output("t").unwrap();
        let whole = one().column("total", ["raw.csv.price", "raw.csv.vat"]).unwrap().column("n", [""; 0]).unwrap();
        let draft = whole.clone().finished().unwrap();
        let expected = r#""columns":{"total":["raw.csv.price","raw.csv.vat"],"n":[]}"#;
        assert!(draft.payload.as_str().contains(expected), "{}", draft.payload.as_str());
        assert_eq!(draft.payload_as::<Operation>().unwrap().columns, whole.columns);
        assert_eq!(whole.output_column("total").unwrap().as_str(), "t.1.total");
        assert_eq!(whole.output_column("t.1.total").unwrap().as_str(), "t.1.total");
        assert_eq!((two.output_column("total"), two.output_column("t.1.total").is_some()), (None, true));
        let says = |operation: Operation, words: [&str; 2]| {
            let failed = operation.clone().failed("no");
            assert!(failed.is_ok() && operation.started().is_ok(), "what failed is recorded all the same");
            let error = operation.finished().unwrap_err().to_string();
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        };
        says(two.clone().column("total", ["raw.csv.price"]).unwrap(), ["`total`", "\"t.1\", \"t\""]);
        says(one().column("total", ["raw.cs.price"]).unwrap(), ["`raw.cs.price`", "\"raw.csv\""]);
        says(one().column("total", ["raw.csv."]).unwrap(), ["`raw.csv.`", "`total`"]);
        says(one().column("", ["raw.csv.price"]).unwrap(), ["``", "no column"]);
        says(read().column("total", ["raw.csv.price"]).unwrap(), ["`total`", "[]"]);
        let twice = whole.column("n", [""; 0]).unwrap_err().to_string();
        assert!(twice.contains("`sum`") && twice.contains("`n`"), "{twice}");
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
