//! What the ledger answers. Nobody builds these: they describe what this crate and `ledger-core` write.

use serde_json::Value;
use utoipa::openapi::{OneOfBuilder, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::words::{
    Actor, ContentDigest, Count, EventId, EventsCursor, Kind, ModelId, ModelProfile, Offset, OperationsCursor, RunId,
    SessionId, Small, Stamp, Tag, Timestamp,
};

/// What went wrong, by RFC 9457.
#[derive(ToSchema)]
#[schema(examples(json!({
    "type": "about:blank", "title": "Conflict", "status": 409, "code": "id_conflict",
    "detail": "id `o-1` is already at offset 7 with other content", "id": "o-1", "offset": 7
})))]
pub(crate) struct Problem {
    /// `about:blank`: the code says what it is.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: String,
    /// The status.
    status: u16,
    /// What programs branch on. A code does not change; there may be more some day.
    code: String,
    /// What is wrong, and what to do about it.
    detail: String,
    /// The value at fault.
    #[schema(required = false)]
    field: String,
    /// The event in the way.
    #[schema(required = false)]
    offset: Offset,
    /// Its id.
    #[schema(required = false)]
    id: EventId,
    /// The last offset that the caller had seen.
    #[schema(required = false)]
    after: Offset,
    /// What holds other events.
    #[schema(required = false)]
    at: String,
}

/// A recorded event.
#[derive(ToSchema)]
pub(crate) struct Event {
    offset: Offset,
    id: EventId,
    run_id: RunId,
    /// The step in the run.
    turn: Small,
    kind: Kind,
    actor: Actor,
    /// The facts: any JSON.
    payload: Value,
    /// The exact text of a payload that has line breaks, which stand as blanks in `payload`.
    #[schema(required = false)]
    payload_text: String,
    /// When it happened, by its caller's clock.
    created_at: Timestamp,
    /// When it was recorded, by the ledger's clock.
    recorded_at: Timestamp,
    /// The version of the payload's shape.
    schema_version: Small,
    #[schema(required)]
    session_id: Option<SessionId>,
    #[schema(required)]
    model_profile: Option<ModelProfile>,
    #[schema(required)]
    model_id: Option<ModelId>,
    /// The events that caused it.
    parents: Vec<EventId>,
    #[schema(required)]
    lamport: Option<Stamp>,
    /// In order, each once.
    tags: Vec<Tag>,
}

/// Some events.
#[derive(ToSchema)]
pub(crate) struct EventsPage {
    events: Vec<Event>,
    /// Nothing when this was the last.
    #[schema(required)]
    next: Option<EventsCursor>,
}

/// Where an event stands.
#[derive(ToSchema)]
pub(crate) struct Receipt {
    /// Its offset; of a duplicate, that of the first.
    offset: Offset,
    id: EventId,
    status: Status,
}

/// Whether this call recorded an event, or it was there already.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Status {
    New,
    Duplicate,
}

/// Where events stand, in the order in which they were sent.
#[derive(ToSchema)]
pub(crate) struct Receipts {
    receipts: Vec<Receipt>,
}

/// A receipt, of one event that was sent by itself; receipts, of all else.
pub(crate) struct Recorded;

impl PartialSchema for Recorded {
    fn schema() -> RefOr<Schema> {
        OneOfBuilder::new().item(Ref::from_schema_name("Receipt")).item(Ref::from_schema_name("Receipts")).into()
    }
}

impl ToSchema for Recorded {}

/// Where the ledger ends, or ended.
#[derive(ToSchema)]
pub(crate) struct Head {
    /// The last offset ever given; with `as_of`, by then.
    head: Offset,
}

/// What a ledger holds, read from end to end.
#[derive(ToSchema)]
pub(crate) struct Digest {
    count: Count,
    /// The last offset ever given.
    head: Offset,
    /// How many offsets up to the head have no event.
    gaps: Count,
    /// How many of those were removed, as events tell. What is left was lost, or never copied.
    pruned: Count,
    /// Two ledgers with the same digest hold the same events.
    digest: ContentDigest,
}

/// What tells a ledger from others.
#[derive(ToSchema)]
pub(crate) struct LedgerInfo {
    /// Which engine keeps it.
    backend: String,
    /// What two ways to a ledger share exactly when they lead to the same one.
    identity: String,
    /// The last offset ever given.
    head: Offset,
}

/// How many events were removed.
#[derive(ToSchema)]
pub(crate) struct Removed {
    removed: Count,
}

/// That the process is there (`ok`), or that its engine answers (`ready`).
#[derive(ToSchema)]
pub(crate) struct Health {
    status: String,
}

/// Who asks.
#[derive(ToSchema)]
pub(crate) struct SignedIn {
    auth: Asked,
    /// As the log says it; nothing when it is nobody who is known.
    #[schema(required)]
    caller: Option<String>,
    /// For what they may ask; nothing when it is nobody who is known.
    scopes: Vec<Scope>,
    /// What they showed; nothing when it let them in nowhere, or nothing has to be shown.
    #[schema(required)]
    by: Option<Shown>,
}

/// Whether everybody may ask for everything, or a token is asked for.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Asked {
    Open,
    Token,
}

/// What a token is for.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Scope {
    Read,
    Append,
    Admin,
}

/// What lets somebody in: a cookie that stands for a token, or the token.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Shown {
    Cookie,
    Token,
}

/// An operation, with the names that operators know.
#[derive(ToSchema)]
pub(crate) struct Operation {
    id: EventId,
    /// The event of its end, or of its start when it has not ended.
    offset: Offset,
    /// When it ended; when it began, if it has not.
    timestamp: Timestamp,
    started_at: Timestamp,
    #[schema(required)]
    project_id: Option<String>,
    /// `default` when it names none.
    branch_id: String,
    #[schema(required)]
    bucket_name: Option<String>,
    #[schema(required)]
    table_name: Option<String>,
    command: String,
    /// Nothing while it runs.
    #[schema(required)]
    status: Option<Outcome>,
    #[schema(required)]
    duration_ms: Option<f64>,
    #[schema(required)]
    queue_wait_ms: Option<f64>,
    #[schema(required)]
    rows_affected: Option<Count>,
    #[schema(required)]
    bytes_in: Option<Count>,
    #[schema(required)]
    bytes_out: Option<Count>,
    #[schema(required)]
    error_code: Option<String>,
    #[schema(required)]
    error_message: Option<String>,
    #[schema(required)]
    request_id: Option<String>,
    #[schema(required)]
    job_id: Option<String>,
    #[schema(required)]
    connection_job_id: Option<String>,
    #[schema(required)]
    connection_run_id: Option<String>,
    /// Any JSON.
    metadata: Value,
}

/// How an operation ended.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Outcome {
    Success,
    Error,
    Timeout,
}

/// A part of the operation log, the newest first.
#[derive(ToSchema)]
pub(crate) struct Operations {
    operations: Vec<Operation>,
    limit: Count,
    offset: Count,
    /// Nothing when this was the last.
    #[schema(required)]
    next: Option<OperationsCursor>,
}

/// How long operations took, in milliseconds; all 0 when there were none.
#[derive(ToSchema)]
pub(crate) struct Percentiles {
    avg_duration_ms: f64,
    p50_duration_ms: f64,
    p95_duration_ms: f64,
    p99_duration_ms: f64,
    max_duration_ms: f64,
}

/// How the operations of a project went in a period.
#[derive(ToSchema)]
pub(crate) struct Statistics {
    project_id: String,
    #[serde(flatten)]
    numbers: Numbers,
}

/// How the operations of all projects, or of one, went in a period.
#[derive(ToSchema)]
pub(crate) struct AllStatistics {
    /// The project that was asked for.
    #[schema(required)]
    project_id: Option<String>,
    #[serde(flatten)]
    numbers: Numbers,
    /// The 1,000 projects with the most operations, that with the most first.
    by_project: Vec<ProjectStatistics>,
    /// How long those of the 50 most frequent commands took: command by command, each part of the period that has any.
    /// There if `heat` was asked for, and so is what follows.
    #[schema(required = false)]
    heat: Vec<Heat>,
    /// The 10 most frequent commands.
    #[schema(required = false)]
    by_command_series: Vec<CommandSeries>,
}

/// How operations went in a period.
#[derive(ToSchema)]
pub(crate) struct Numbers {
    /// From this time on.
    from: Timestamp,
    /// Up to before this time.
    to: Timestamp,
    total_operations: Count,
    succeeded: Count,
    failed: Count,
    timed_out: Count,
    /// The part that ended well, from 0 to 1; nothing when none ended.
    #[schema(required)]
    success_rate: Option<f64>,
    #[serde(flatten)]
    took: Percentiles,
    /// The most frequent first, 1,000 at most.
    by_command: Vec<CommandStatistics>,
    /// What went wrong, the most frequent first, 1,000 at most.
    errors: Vec<ErrorCount>,
    /// The period in equal parts.
    series: Vec<Bucket>,
    /// How many took how long, in steps of 1, 2 and 5.
    histogram: Vec<Bin>,
    /// How many events call themselves operations and are none.
    unread: Count,
}

/// The operations of one command.
#[derive(ToSchema)]
pub(crate) struct CommandStatistics {
    command: String,
    count: Count,
    /// How many did not end well.
    failed: Count,
    /// The part that did not, from 0 to 1.
    error_rate: f64,
    #[serde(flatten)]
    took: Percentiles,
}

/// The operations of one project.
#[derive(ToSchema)]
pub(crate) struct ProjectStatistics {
    /// Nothing for those that name none.
    #[schema(required)]
    project: Option<String>,
    count: Count,
    /// How many did not end well.
    failed: Count,
    #[serde(flatten)]
    took: Percentiles,
}

/// How often something went wrong in one way.
#[derive(ToSchema)]
pub(crate) struct ErrorCount {
    /// The code that the operations gave.
    #[schema(required)]
    code: Option<String>,
    status: Outcome,
    count: Count,
}

/// A part of a period.
#[derive(ToSchema)]
pub(crate) struct Bucket {
    /// When it begins.
    from: Timestamp,
    count: Count,
    /// How many did not end well.
    failed: Count,
    #[serde(flatten)]
    took: Percentiles,
}

/// The operations that took about as long.
#[derive(ToSchema)]
pub(crate) struct Bin {
    /// They took no less than this.
    from_ms: f64,
    /// They took less than this.
    to_ms: f64,
    count: Count,
}

/// How many operations of one command took how long in a part of a period.
#[derive(ToSchema)]
pub(crate) struct Heat {
    command: String,
    /// When the part begins.
    from: Timestamp,
    /// Those that hold any.
    bins: Vec<Bin>,
}

/// The operations of one command in the course of a period.
#[derive(ToSchema)]
pub(crate) struct CommandSeries {
    command: String,
    /// The period in equal parts.
    series: Vec<Bucket>,
}

/// How much there was each day, and what is expected of the days to come.
#[derive(ToSchema)]
pub(crate) struct Outlook {
    capacity: Capacity,
    /// Nothing when the days are too few to tell.
    #[schema(required)]
    forecast: Option<Forecast>,
}

/// How many operations each day had, and how many bytes of events they made.
#[derive(ToSchema)]
pub(crate) struct Capacity {
    /// The whole days of the period, from midnight to midnight in UTC, after that of the first operation in it.
    days: Vec<Day>,
    operations_per_day: f64,
    bytes_per_day: f64,
    /// By how many operations a day more is expected each day than the day before.
    growth_per_day: f64,
}

/// One day.
#[derive(ToSchema)]
pub(crate) struct Day {
    /// Its midnight.
    day: Timestamp,
    operations: Count,
    bytes: Count,
}

/// What is expected, and how far off it may be, with 95 in 100.
#[derive(ToSchema)]
pub(crate) struct Forecast {
    /// How many days ahead.
    days: Count,
    operations: f64,
    operations_error: f64,
    bytes: f64,
    bytes_error: f64,
}

/// What a sweep removes, or has removed.
#[derive(ToSchema)]
pub(crate) struct Sweep {
    /// By which policy.
    policy: String,
    /// The head of the ledger that it looked at.
    head: Offset,
    /// Those that ended well.
    success: Share,
    /// All others that ended.
    failed: Share,
    /// Those that began and never ended.
    unfinished: Share,
    /// How many leave their lineage behind.
    lineage_kept: Count,
    /// How many events that kept lineage are needed no more.
    lineage_dropped: Count,
    /// How many are old enough and stay.
    held: Count,
    /// How many events go,
    events: Count,
    /// from which offset
    #[schema(required)]
    first: Option<Offset>,
    /// to which,
    #[schema(required)]
    last: Option<Offset>,
    /// and when the oldest
    #[schema(required)]
    oldest: Option<Timestamp>,
    /// and the newest of them were recorded.
    #[schema(required)]
    newest: Option<Timestamp>,
}

/// Some operations.
#[derive(ToSchema)]
pub(crate) struct Share {
    operations: Count,
    /// About how many bytes their events have.
    bytes: Count,
}
