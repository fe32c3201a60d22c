//! The registry of artifacts: whose they are, whether they are there, who uses them, and which may be dropped.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::event::{Event, Offset};
use crate::payload::Payload;
use crate::query::{KindPattern, Query};
use crate::text::{Artifact, EventId, Job, Kind, Tag, Task};
use crate::time::Timestamp;

use super::{ArtifactNote, JobDefinition, JobNote, Operation, Preservation, Remains, Scope, View};

/// An artifact, as the events so far have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Registered {
    /// Which artifact.
    pub artifact: Artifact,
    /// Whether it is there: it was created or written, and not dropped since.
    pub live: bool,
    /// How long it is kept; nothing when nobody said so.
    pub scope: Option<Scope>,
    /// The job that owns it.
    pub job: Option<Job>,
    /// The task that owns it.
    pub task: Option<Task>,
    /// The try of the task that owns it.
    pub attempt: Option<u32>,
    /// Its columns or other shape.
    pub schema: Option<Payload>,
    /// The event that created it: the first since it was last dropped, or since its last owner ended.
    pub created: Option<Offset>,
    /// When it was first heard of.
    pub first_at: Timestamp,
    /// When it was last created, written or read.
    pub last_at: Timestamp,
    /// When the ledger last took an event of that: what expires does so by its clock, whatever times events bring along.
    pub heard_at: Timestamp,
    /// How many operations wrote it, of those that the log still has.
    pub written: u64,
    /// How many operations read it, of those that the log still has.
    pub read: u64,
    /// How many pins keep it.
    pub pins: u64,
    /// The operations that have started with it and not ended.
    pub in_use: Vec<EventId>,
    /// The event that last dropped it.
    pub dropped: Option<Offset>,
}

impl Registered {
    fn new(artifact: Artifact, event: &Event) -> Self {
        Self {
            artifact,
            live: false,
            scope: None,
            job: None,
            task: None,
            attempt: None,
            schema: None,
            created: None,
            first_at: event.created_at,
            last_at: event.created_at,
            heard_at: event.recorded_at,
            written: 0,
            read: 0,
            pins: 0,
            in_use: Vec::new(),
            dropped: None,
        }
    }

    fn heard(&mut self, event: &Event) {
        self.last_at = self.last_at.max(event.created_at);
        self.heard_at = self.heard_at.max(event.recorded_at);
    }
}

/// What decides how long the artifacts of a job are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What is kept, whatever a job or its definition says.
    pub explicit: Option<Preservation>,
    /// What is kept of jobs that say nothing.
    pub default: Preservation,
    /// After how many days without a note or an operation of it a job has expired. What it made, except what is persistent,
    /// may go then.
    pub job_ttl_days: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self { explicit: None, default: Preservation::None, job_ttl_days: Self::JOB_TTL_DAYS }
    }
}

impl Rules {
    /// After how many days a job has expired unless somebody says otherwise.
    pub const JOB_TTL_DAYS: u32 = 90;
    /// The variable of the environment that names what is kept of jobs that say nothing.
    pub const DEFAULT_VARIABLE: &str = "LEDGER_DEFAULT_PRESERVATION_MODE";
    /// The variable of the environment that says after how many days a job has expired.
    pub const DAYS_VARIABLE: &str = "LEDGER_JOB_TTL_DAYS";

    /// Reads the rules from the two variables of the environment. Fails when one has a value that makes no sense.
    pub fn from_env() -> Result<Self> {
        let variable = |name: &'static str| match std::env::var(name) {
            Ok(text) if text.is_empty() => Ok(None),
            Ok(text) => Ok(Some(text)),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(error) => Err(Error::invalid(name, error.to_string())),
        };
        let mut rules = Self::default();
        if let Some(text) = variable(Self::DEFAULT_VARIABLE)? {
            rules.default =
                text.parse().map_err(|error: Error| Error::invalid(Self::DEFAULT_VARIABLE, error.to_string()))?;
        }
        if let Some(text) = variable(Self::DAYS_VARIABLE)? {
            let why = || format!("{} is no number of days from 0 on", crate::error::Shown(&text));
            rules.job_ttl_days = text.trim().parse().map_err(|_| Error::invalid(Self::DAYS_VARIABLE, why()))?;
        }
        Ok(rules)
    }

    /// Returns when what was last heard of at a time has expired.
    fn expiry(&self, last: Timestamp) -> Timestamp {
        later(last, self.job_ttl_days)
    }

    /// Returns when an operation that never ended no longer counts as one that runs: not sooner than others expire by
    /// default, because a short life of what jobs leave behind says nothing of how long they run.
    fn lost(&self, since: Timestamp) -> Timestamp {
        later(since, self.job_ttl_days.max(Self::JOB_TTL_DAYS))
    }
}

fn later(time: Timestamp, days: u32) -> Timestamp {
    const DAY_MICROS: i64 = 86_400_000_000;
    let micros = time.as_micros().saturating_add(i64::from(days).saturating_mul(DAY_MICROS));
    Timestamp::from_micros(micros).unwrap_or(Timestamp::MAX)
}

/// Whether an artifact may be dropped, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", content = "because", rename_all = "lowercase")]
pub enum Verdict {
    /// It may.
    Drop(Over),
    /// It may not.
    Keep(Kept),
}

/// Why an artifact may be dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// Its task has ended.
    TaskEnded,
    /// Its job has ended.
    JobEnded,
    /// Nothing was heard of its job, or of itself when it has none, for so long that it expired at this time.
    Expired(Timestamp),
}

/// Why an artifact may not be dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// It is not there: nobody made it, as far as is known, or it is gone already.
    Gone,
    /// It is persistent.
    Persistent,
    /// Nobody said how long it is kept.
    Undeclared,
    /// This event may say that it is kept, or in use, and could not be read.
    Unclear(Offset),
    /// So many pins keep it.
    Pinned(u64),
    /// These operations have started with it and not ended.
    InUse(Vec<EventId>),
    /// Its task, or its job, has not ended.
    OwnerRuns,
    /// All of its job is preserved until this time.
    Preserved(Timestamp),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drop(over) => write!(f, "may go: {over}"),
            Self::Keep(kept) => write!(f, "stays: {kept}"),
        }
    }
}

impl fmt::Display for Over {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TaskEnded => f.write_str("its task has ended"),
            Self::JobEnded => f.write_str("its job has ended"),
            Self::Expired(at) => write!(f, "expired at {at}"),
        }
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("it is not there"),
            Self::Persistent => f.write_str("it is persistent"),
            Self::Undeclared => f.write_str("nobody said how long it is kept"),
            Self::Unclear(offset) => write!(f, "the event at offset {offset} may keep it and could not be read"),
            Self::Pinned(1) => f.write_str("a pin keeps it"),
            Self::Pinned(pins) => write!(f, "{pins} pins keep it"),
            Self::InUse(operations) => match operations.as_slice() {
                [one] => write!(f, "operation `{one}` uses it"),
                [one, rest @ ..] => write!(f, "operation `{one}` and {} more use it", rest.len()),
                [] => f.write_str("an operation uses it"),
            },
            Self::OwnerRuns => f.write_str("its task or job has not ended"),
            Self::Preserved(until) => write!(f, "all of its job is preserved until {until}"),
        }
    }
}

#[derive(Clone, Debug, Default)]
struct JobState {
    definition: Option<Job>,
    preservation: Option<Preservation>,
    ended: Option<Offset>,
    /// When each try of each task was last said to have ended; the largest there is when the event names none.
    tasks_ended: HashMap<Task, BTreeMap<u32, Offset>>,
    heard_at: Option<Timestamp>,
}

impl JobState {
    /// Says whether it has ended since: what came after an end belongs to a job that runs again under its old name.
    fn ended(&self, since: Option<Offset>) -> bool {
        self.ended.is_some_and(|ended| Some(ended) > since)
    }

    /// Says whether a try of a task, or a later one, has ended since.
    fn task_ended(&self, task: Option<&Task>, attempt: Option<u32>, since: Option<Offset>) -> bool {
        let tries = task.and_then(|task| self.tasks_ended.get(task));
        let mut tries = tries.into_iter().flat_map(|tries| tries.range(attempt.unwrap_or(0)..));
        tries.any(|(_, &ended)| Some(ended) > since)
    }

    fn take(&mut self, note: JobNote) {
        self.definition = note.definition.or(self.definition.take());
        self.preservation = note.preservation.or(self.preservation);
    }
}

/// An operation that has started and not ended.
#[derive(Clone, Debug)]
struct Running {
    since: Timestamp,
    offset: Offset,
    job: Option<Job>,
    task: Option<Task>,
    attempt: Option<u32>,
    uses: Vec<Artifact>,
}

/// Every artifact that operations or notes name. It can rest and go on from its position, as a reaper does.
#[derive(Clone, Debug, Default)]
pub struct Artifacts {
    artifacts: BTreeMap<Artifact, Registered>,
    jobs: HashMap<Job, JobState>,
    definitions: HashMap<Job, Option<Preservation>>,
    running: HashMap<EventId, Running>,
    unread: Vec<Offset>,
    /// The tags of events that may keep something and could not be read.
    unclear: HashMap<Tag, Offset>,
    seen: Offset,
}

/// The kinds of events that can keep an artifact.
const KEEPING: [&str; 5] =
    [Operation::STARTED, ArtifactNote::CREATED, ArtifactNote::PINNED, JobNote::STARTED, JobDefinition::DEFINED];

impl Artifacts {
    /// Returns what asks a ledger for the events that matter to the registry, past an offset.
    #[must_use]
    pub fn query(after: Offset) -> Query {
        let kinds = [
            Operation::STARTED,
            Operation::FINISHED,
            Remains::KEPT,
            ArtifactNote::CREATED,
            ArtifactNote::PINNED,
            ArtifactNote::UNPINNED,
            ArtifactNote::DROPPED,
            JobNote::STARTED,
            JobNote::FINISHED,
            JobNote::TASK_FINISHED,
            JobDefinition::DEFINED,
        ];
        let kind = |kind| KindPattern::Exact(Kind::new(kind).expect("the kinds of notes keep the rule"));
        Query { kinds: kinds.into_iter().map(kind).collect(), ..Query::after(after) }
    }

    /// Returns all artifacts, by name.
    pub fn all(&self) -> impl Iterator<Item = &Registered> {
        self.artifacts.values()
    }

    /// Returns one artifact, unless nothing names it.
    #[must_use]
    pub fn get(&self, artifact: &Artifact) -> Option<&Registered> {
        self.artifacts.get(artifact)
    }

    /// Returns the events that call themselves notes or operations and are none.
    #[must_use]
    pub fn unread(&self) -> &[Offset] {
        &self.unread
    }

    /// Says whether an artifact may be dropped at a time, by the rules.
    #[must_use]
    pub fn judge(&self, artifact: &Artifact, rules: &Rules, now: Timestamp) -> Verdict {
        match self.artifacts.get(artifact) {
            Some(registered) => self.verdict(registered, rules, now),
            None => Verdict::Keep(Kept::Gone),
        }
    }

    /// Returns what may be dropped at a time, by the rules, and why: the newest first, so that what was made of something
    /// goes before it.
    #[must_use]
    pub fn droppable(&self, rules: &Rules, now: Timestamp) -> Vec<(&Registered, Over)> {
        let mut droppable: Vec<_> = self
            .all()
            .filter_map(|registered| match self.verdict(registered, rules, now) {
                Verdict::Drop(over) => Some((registered, over)),
                Verdict::Keep(_) => None,
            })
            .collect();
        droppable.sort_by_key(|(registered, _)| std::cmp::Reverse(registered.created));
        droppable
    }

    fn verdict(&self, registered: &Registered, rules: &Rules, now: Timestamp) -> Verdict {
        if !registered.live {
            return Verdict::Keep(Kept::Gone);
        }
        let scope = match registered.scope {
            None => return Verdict::Keep(Kept::Undeclared),
            Some(Scope::Persistent) => return Verdict::Keep(Kept::Persistent),
            Some(scope) => scope,
        };
        if registered.pins > 0 {
            return Verdict::Keep(Kept::Pinned(registered.pins));
        }
        let in_use: Vec<_> = registered.in_use.iter().filter(|id| self.runs(id, rules, now)).cloned().collect();
        if !in_use.is_empty() {
            return Verdict::Keep(Kept::InUse(in_use));
        }
        if let Some(offset) = self.unclear(registered) {
            return Verdict::Keep(Kept::Unclear(offset));
        }
        let job = self.owner(registered);
        let expiry = rules.expiry(job.and_then(|job| job.heard_at).unwrap_or(registered.heard_at));
        if expiry <= now {
            return Verdict::Drop(Over::Expired(expiry));
        }
        if self.preservation(job, rules) == Preservation::Full {
            return Verdict::Keep(Kept::Preserved(expiry));
        }
        if job.is_some_and(|job| job.ended(registered.created)) {
            Verdict::Drop(Over::JobEnded)
        } else if scope == Scope::Temporary && self.task_of_it_ended(registered) {
            Verdict::Drop(Over::TaskEnded)
        } else {
            Verdict::Keep(Kept::OwnerRuns)
        }
    }

    fn owner(&self, registered: &Registered) -> Option<&JobState> {
        self.jobs.get(registered.job.as_ref()?)
    }

    fn task_of_it_ended(&self, registered: &Registered) -> bool {
        let Registered { task, attempt, created, .. } = registered;
        self.owner(registered).is_some_and(|job| job.task_ended(task.as_ref(), *attempt, *created))
    }

    /// Returns an event that may keep an artifact and could not be read.
    fn unclear(&self, registered: &Registered) -> Option<Offset> {
        if self.unclear.is_empty() {
            return None;
        }
        let find = |key: &str, name: &str| self.unclear.get(&Tag::pair(key, name).ok()?).copied();
        let name = registered.artifact.as_str();
        let own = ["artifact", "reads", "writes"].into_iter().filter_map(|key| find(key, name)).max();
        // What was said of one that has gone is not said of the next of that name.
        let own = own.filter(|&offset| Some(offset) > registered.created);
        let job = || find("job", registered.job.as_ref()?.as_str());
        let definition = || find("definition", self.owner(registered)?.definition.as_ref()?.as_str());
        own.or_else(job).or_else(definition)
    }

    /// Says whether an operation that has not ended goes on: a process that died never says so, but its job may, or time.
    fn runs(&self, id: &EventId, rules: &Rules, now: Timestamp) -> bool {
        let Some(running) = self.running.get(id) else { return false };
        let (task, since) = (running.task.as_ref(), Some(running.offset));
        let over = |job: &JobState| job.ended(since) || job.task_ended(task, running.attempt, since);
        let job = running.job.as_ref().and_then(|job| self.jobs.get(job));
        !job.is_some_and(over) && rules.lost(running.since) > now
    }

    fn preservation(&self, job: Option<&JobState>, rules: &Rules) -> Preservation {
        let defined = || *self.definitions.get(job?.definition.as_ref()?)?;
        rules.explicit.or_else(|| job?.preservation).or_else(defined).unwrap_or(rules.default)
    }

    fn add(&mut self, event: &Event) -> Result<()> {
        match event.kind.as_str() {
            Operation::STARTED => self.start(event, event.payload_as()?),
            Operation::FINISHED => self.end(event, &event.payload_as()?),
            Remains::KEPT => self.keep(event, &Remains::of_event(event)?),
            ArtifactNote::CREATED => self.create(event, event.payload_as()?),
            ArtifactNote::PINNED => self.note(event)?.pins += 1,
            ArtifactNote::UNPINNED => {
                let registered = self.note(event)?;
                registered.pins = registered.pins.saturating_sub(1);
            }
            ArtifactNote::DROPPED => {
                let registered = self.note(event)?;
                // What comes after is another one of that name.
                (registered.live, registered.pins, registered.created, registered.scope) = (false, 0, None, None);
                registered.dropped = Some(event.offset);
            }
            JobNote::STARTED => {
                let note: JobNote = event.payload_as()?;
                let job = self.job(event, &note.job);
                job.ended = None;
                job.take(note);
            }
            JobNote::FINISHED => {
                let note: JobNote = event.payload_as()?;
                let job = self.job(event, &note.job);
                job.ended = Some(event.offset);
                job.take(note);
            }
            JobNote::TASK_FINISHED => {
                let note: JobNote = event.payload_as()?;
                let Some(task) = note.task else { return Err(Error::invalid("task", "the event names none")) };
                let tries = self.job(event, &note.job).tasks_ended.entry(task).or_default();
                tries.insert(note.attempt.unwrap_or(u32::MAX), event.offset);
            }
            JobDefinition::DEFINED => {
                let definition: JobDefinition = event.payload_as()?;
                self.definitions.insert(definition.definition, definition.preservation);
            }
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, event: &Event, operation: Operation) {
        if let Some(job) = &operation.job {
            self.job(event, job);
        }
        let uses = distinct(operation.inputs.artifacts().chain(&operation.outputs));
        for artifact in &uses {
            self.registered(artifact, event).in_use.push(operation.id.clone());
        }
        let Operation { id, job, task, attempt, .. } = operation;
        let (since, offset) = (event.recorded_at, event.offset);
        self.running.insert(id, Running { since, offset, job, task, attempt, uses });
    }

    fn end(&mut self, event: &Event, operation: &Operation) {
        if let Some(job) = &operation.job {
            self.job(event, job);
        }
        for artifact in self.running.remove(&operation.id).into_iter().flat_map(|running| running.uses) {
            self.registered(&artifact, event).in_use.retain(|id| *id != operation.id);
        }
        if !operation.succeeded() {
            return;
        }
        for artifact in distinct(operation.inputs.artifacts()) {
            let registered = self.registered(&artifact, event);
            registered.read += 1;
            registered.heard(event);
        }
        for artifact in &operation.outputs {
            let registered = self.registered(artifact, event);
            registered.written += 1;
            registered.live = true;
            registered.heard(event);
        }
    }

    /// Takes what remains of operations for what it is: they were, and what they made is there unless it was dropped since.
    /// Nothing is heard of it anew.
    fn keep(&mut self, event: &Event, remains: &Remains) {
        let Some(last) = remains.ends.iter().max_by_key(|end| end.offset) else { return };
        let made = remains.outputs.iter().map(|made| (made, true));
        for (artifact, made) in made.chain(remains.inputs.iter().map(|(_, read)| (read, false))) {
            let is_new = !self.artifacts.contains_key(artifact);
            let registered = self.registered(artifact, event);
            registered.live |= made && registered.dropped.is_none_or(|dropped| last.offset > dropped);
            registered.first_at = remains.ends.iter().map(|end| end.created_at).fold(registered.first_at, Ord::min);
            registered.last_at = if is_new { last.created_at } else { registered.last_at.max(last.created_at) };
        }
    }

    /// The first creation says whose an artifact is, until it is dropped or its owner has ended: then the name stands for
    /// another one.
    fn create(&mut self, event: &Event, note: ArtifactNote) {
        if let Some(job) = &note.job {
            self.job(event, job);
        }
        let over = self.artifacts.get(&note.artifact).is_none_or(|registered| {
            let ended = self.owner(registered).is_some_and(|job| job.ended(registered.created));
            // What is persistent outlives its owner.
            let bound = registered.scope != Some(Scope::Persistent);
            registered.created.is_none() || (bound && (ended || self.task_of_it_ended(registered)))
        });
        let registered = self.registered(&note.artifact, event);
        registered.live = true;
        registered.heard(event);
        if over {
            registered.created = Some(event.offset);
            registered.scope = note.scope;
            (registered.job, registered.task, registered.attempt) = (note.job, note.task, note.attempt);
            registered.schema = note.schema;
        } else if (&registered.job, &registered.task) == (&note.job, &note.task) {
            // A later try of the task has taken over, and the end of the one before it is not the end of this.
            registered.attempt = registered.attempt.max(note.attempt);
        }
    }

    fn note(&mut self, event: &Event) -> Result<&mut Registered> {
        let note: ArtifactNote = event.payload_as()?;
        Ok(self.registered(&note.artifact, event))
    }

    fn registered(&mut self, artifact: &Artifact, event: &Event) -> &mut Registered {
        self.artifacts.entry(artifact.clone()).or_insert_with(|| Registered::new(artifact.clone(), event))
    }

    fn job(&mut self, event: &Event, job: &Job) -> &mut JobState {
        let job = self.jobs.entry(job.clone()).or_default();
        job.heard_at = job.heard_at.max(Some(event.recorded_at));
        job
    }
}

fn distinct<'a>(artifacts: impl Iterator<Item = &'a Artifact>) -> Vec<Artifact> {
    let distinct: BTreeSet<_> = artifacts.cloned().collect();
    distinct.into_iter().collect()
}

impl View for Artifacts {
    fn apply(&mut self, event: &Event) {
        // A fold that was broken off goes on from where it began, and to count twice would be wrong.
        if event.offset <= self.seen {
            return;
        }
        self.seen = event.offset;
        if self.add(event).is_err() {
            self.unread.push(event.offset);
            if KEEPING.contains(&event.kind.as_str()) {
                self.unclear.extend(event.tags().iter().map(|tag| (tag.clone(), event.offset)));
            }
        }
    }
}
