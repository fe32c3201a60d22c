//! What is made of events: runs, artifacts, lineage and sessions, as far as programs go by it. Where an answer has more,
//! its description says so; a second copy of all of it would have to be kept true.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::ToSchema;

use super::words::{
    Actor, Artifact, Count, Domain, EventId, Job, Kind, Offset, RunId, SessionId, Small, Task, Timestamp,
};

/// A part of the runs, those with the newest events first.
#[derive(ToSchema)]
pub(crate) struct Runs {
    runs: Vec<Run>,
    /// How many there are.
    total: Count,
}

/// A run.
#[derive(ToSchema)]
pub(crate) struct Run {
    run_id: RunId,
    /// How many events it has.
    events: Count,
    first_offset: Offset,
    last_offset: Offset,
    first_at: Timestamp,
    last_at: Timestamp,
    /// Who acted, in the order of their first act.
    actors: Vec<Actor>,
    last_kind: Kind,
    state: RunState,
    /// Why it ended: there once it has, and nothing when nobody said why.
    reason: Option<String>,
}

/// Whether a run goes on.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum RunState {
    Open,
    Finished,
}

/// A part of the artifacts, by name.
#[derive(ToSchema)]
pub(crate) struct Artifacts {
    artifacts: Vec<JudgedArtifact>,
    /// How many there are.
    total: Count,
    /// Events that call themselves operations or notes, and are none.
    unread: Vec<Offset>,
}

/// An artifact, and whether it may be dropped.
#[derive(ToSchema)]
pub(crate) struct JudgedArtifact {
    artifact: Artifact,
    /// Whether it is there: it was created or written, and not dropped since.
    live: bool,
    /// Nothing when nobody said how long it is kept.
    #[schema(required)]
    scope: Option<ArtifactScope>,
    /// The job that owns it.
    #[schema(required)]
    job: Option<Job>,
    /// The task that owns it.
    #[schema(required)]
    task: Option<Task>,
    /// The try of the task that owns it.
    #[schema(required)]
    attempt: Option<Small>,
    /// Its columns or other shape: any JSON.
    schema: Value,
    /// The event that created it.
    #[schema(required)]
    created: Option<Offset>,
    first_at: Timestamp,
    last_at: Timestamp,
    heard_at: Timestamp,
    /// How many operations wrote it.
    written: Count,
    /// How many operations read it.
    read: Count,
    /// How many pins keep it.
    pins: Count,
    /// The operations that have started with it and not ended.
    in_use: Vec<EventId>,
    /// The event that last dropped it.
    #[schema(required)]
    dropped: Option<Offset>,
    verdict: Verdict,
    /// Why: a word such as `task_ended`, or an object of one word and what there is to say of it, such as `{"pinned": 1}`.
    because: Value,
}

/// How long an artifact is kept.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum ArtifactScope {
    Temporary,
    Job,
    Persistent,
}

/// Whether an artifact may be dropped.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Verdict {
    Drop,
    Keep,
}

/// The lineage of an artifact. `untold` and `unread` list the events that leave something open, where there are any.
#[derive(ToSchema)]
pub(crate) struct Graph {
    /// Where the walk began.
    artifact: Artifact,
    level: Level,
    direction: Direction,
    /// How many operations far at most.
    depth: Count,
    /// Whether there were more operations than it takes.
    cut: bool,
    /// The artifacts, the nearest first: each with `artifact`, `class` (`input`, `intermediate` or `target`), `live`,
    /// `written` (offsets) and `open`; and where they apply `table`, `distance`, `untold` and `read_by`.
    #[schema(value_type = Vec<Object>)]
    nodes: Vec<Value>,
    /// The operations in the order they ended: each with `offset`, and what the event of its end says, such as `id`,
    /// `operation`, `inputs`, `outputs`, `status`, `started_at` and `finished_at`.
    #[schema(value_type = Vec<Object>)]
    operations: Vec<Value>,
    edges: Vec<Edge>,
}

/// What the nodes of a lineage are: artifacts, or their columns, each named `artifact.column`.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Level {
    Artifacts,
    Columns,
}

/// Which way lineage looks: to what an artifact was made from, to what was made from it, or both.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Direction {
    Backward,
    Forward,
    Both,
}

/// What one operation made of what.
#[derive(ToSchema)]
pub(crate) struct Edge {
    /// The event of the operation.
    offset: Offset,
    from: Artifact,
    to: Artifact,
    /// The name of the operation.
    operation: String,
}

/// Whether, and how, one artifact came to be a part of another.
#[derive(ToSchema)]
pub(crate) struct Way {
    /// A shortest way; nothing when there is none.
    #[schema(required)]
    edges: Option<Vec<Edge>>,
    /// Operations that do not say of which columns they make which.
    untold: Vec<Offset>,
    /// Events that call themselves operations and are none.
    unread: Vec<Offset>,
}

/// A part of the sessions, those with the newest events first.
#[derive(ToSchema)]
pub(crate) struct Sessions {
    sessions: Vec<Session>,
    /// How many there are.
    total: Count,
}

/// A session.
#[derive(ToSchema)]
pub(crate) struct Session {
    session_id: SessionId,
    /// How many events name it.
    events: Count,
    /// How many of them are edits.
    operations: Count,
    /// How many edits of each domain.
    domains: BTreeMap<String, Count>,
    actors: Vec<Actor>,
    /// The highest stamp; 0 when there is none.
    lamport: Count,
    first_offset: Offset,
    last_offset: Offset,
    first_at: Timestamp,
    last_at: Timestamp,
    /// How many checkpoints it has.
    checkpoints: Count,
    /// The newest checkpoint.
    #[schema(required)]
    checkpoint: Option<Checkpoint>,
    /// How many edits and checkpoints cannot be read.
    malformed: Count,
}

/// What a snapshot of a session includes: all edits up to an offset.
#[derive(ToSchema)]
pub(crate) struct Checkpoint {
    /// The snapshot's own name.
    snapshot: String,
    /// The highest stamp up to there.
    lamport: Count,
    /// How many edits the session had up to there.
    operations: Count,
    /// The last offset that is included.
    offset: Offset,
    /// The last edit of each actor.
    last: BTreeMap<String, LastEdit>,
}

/// The last edit of an actor.
#[derive(ToSchema)]
pub(crate) struct LastEdit {
    lamport: Count,
    id: EventId,
}

/// The checkpoints of a session, the newest first.
#[derive(ToSchema)]
pub(crate) struct Checkpoints {
    checkpoints: Vec<Checkpoint>,
}

/// A session at a glance.
#[derive(ToSchema)]
pub(crate) struct Overview {
    session: Session,
    /// Its newest edits, in causal order.
    edits: Vec<Edited>,
    /// The intents and reservations that count now, the oldest first.
    claims: Vec<Claim>,
    /// The reservations of different actors that ask for the same, in pairs.
    claims_in_conflict: Vec<Vec<EventId>>,
    /// How many claims cannot be read.
    malformed_claims: Count,
}

/// An edit as it is recorded.
#[derive(ToSchema)]
pub(crate) struct Edited {
    offset: Offset,
    id: EventId,
    #[schema(required)]
    lamport: Option<Count>,
    actor: Actor,
    parents: Vec<EventId>,
    domain: Domain,
    /// What was done, with the word for it in `op`: `delete`, `insert`, `move`, `mutate`, `patch` or `replace`; mostly
    /// with `target`, and with `within`, `position`, `payload` and `children` where they apply. Other programs may say
    /// more.
    #[schema(value_type = Object)]
    edit: Value,
    /// The intent that it follows.
    #[schema(required)]
    intent: Option<EventId>,
    /// The reservation that it was made under.
    #[schema(required)]
    reservation: Option<EventId>,
    at: Timestamp,
}

/// What somebody means to do, or asks others to leave alone.
#[derive(ToSchema)]
pub(crate) struct Claim {
    id: EventId,
    offset: Offset,
    actor: Actor,
    firmness: Firmness,
    domain: Domain,
    /// What in the domain; none means all of it.
    targets: Vec<String>,
    /// Why.
    #[schema(required = false)]
    note: String,
    /// From when on it does not count any more.
    expires_at: Timestamp,
}

/// Whether others are asked to keep off.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Firmness {
    Intent,
    Reservation,
}

/// What was done to a domain since a checkpoint.
#[derive(ToSchema)]
pub(crate) struct Delta {
    /// All of it in a line, such as `1 delete, 2 insert`.
    summary: String,
    session: SessionId,
    domain: Domain,
    /// The snapshot that it applies to; nothing before the first checkpoint.
    #[schema(required)]
    snapshot: Option<String>,
    /// The last offset that the snapshot includes.
    after: Offset,
    /// The last offset that was looked at.
    up_to: Offset,
    /// How many edits there were.
    operations: Count,
    /// How many events are no edits though they should be.
    malformed: Count,
    /// What to do, in this order.
    changes: Vec<Change>,
}

/// An edit of a delta, and those that it was made of.
#[derive(ToSchema)]
pub(crate) struct Change {
    /// As an edit of a session has it.
    #[schema(value_type = Object)]
    edit: Value,
    of: Vec<EventId>,
}
