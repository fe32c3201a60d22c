//! What those are answered who run a server, and what they send. Nobody builds these: they describe what
//! `crate::admin` does.

use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::answers::Scope;
use super::words::{Count, Offset, Small, Timestamp, text};

/// The history of the tables.
#[derive(ToSchema)]
pub(crate) struct Migrations {
    migrations: Vec<Migration>,
}

/// One step in the history of the tables.
#[derive(ToSchema)]
pub(crate) struct Migration {
    /// Its number, from 1 without gaps.
    version: Small,
    /// What it does, in a word or two.
    name: String,
    /// What it runs.
    statements: Vec<String>,
    /// Nothing while it is still to be applied.
    #[schema(required)]
    applied_at: Option<Timestamp>,
    /// How many rows it copies, about, when it is still to be applied and rebuilds a table.
    #[schema(required)]
    rows: Option<Count>,
    /// How many bytes they take.
    #[schema(required)]
    bytes: Option<Count>,
}

/// The tokens of a server's file, the oldest first.
#[derive(ToSchema)]
pub(crate) struct Tokens {
    tokens: Vec<Token>,
    /// Whether there is a file; without one, none can be made.
    file: bool,
}

/// What may be told of a token.
#[derive(ToSchema)]
pub(crate) struct Token {
    name: String,
    scopes: Vec<Scope>,
    /// When it was made.
    created_at: Timestamp,
}

/// A token that was made.
#[derive(ToSchema)]
pub(crate) struct NewToken {
    name: String,
    scopes: Vec<Scope>,
    created_at: Timestamp,
    /// The token itself, which is not shown again.
    token: String,
}

/// Which token to make.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"name": "ci", "scopes": ["append"]})))]
pub(crate) struct AskedToken {
    /// 1 to 100 bytes without control characters, and none that another token has.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[schema(min_items = 1)]
    scopes: Vec<Scope>,
}

/// Those who listen, the first who came before the others.
#[derive(ToSchema)]
pub(crate) struct Listeners {
    /// The last offset ever given.
    head: Offset,
    /// 1,000 at most.
    listeners: Vec<Listener>,
    /// How many listen, also those who are not listed.
    total: Count,
}

/// Somebody who listens.
#[derive(ToSchema)]
pub(crate) struct Listener {
    /// No other who listened to this server had it.
    id: Count,
    stream: Stream,
    /// Who it is, as the server's log says it.
    caller: String,
    /// When it came.
    since: Timestamp,
    /// Up to where it was sent all that it wants.
    position: Offset,
    /// How many offsets that is before the head.
    behind: Count,
    /// How many events, or signals, it was sent.
    sent: Count,
    /// What it listens to, in a few words.
    about: String,
}

/// What is listened to: events, or signals that there are any.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Stream {
    Events,
    Changes,
}

/// The replicas, in the order in which the server was told of them.
#[derive(ToSchema)]
pub(crate) struct Replicas {
    replicas: Vec<Replica>,
}

/// A copy of the ledger that is carried on elsewhere.
#[derive(ToSchema)]
pub(crate) struct Replica {
    /// What the server was told to call it.
    name: String,
    /// Up to which offset it has what is here.
    #[schema(required)]
    position: Option<Offset>,
    /// How many offsets it does not have yet.
    #[schema(required)]
    behind: Option<Count>,
    /// How many seconds ago the first event was recorded that it does not have; 0 when it has all that was not removed since.
    #[schema(required)]
    lag_seconds: Option<f64>,
    /// Why any of that is not known.
    #[schema(required)]
    problem: Option<String>,
}

/// The snapshots that are kept, the newest first.
#[derive(ToSchema)]
pub(crate) struct Snapshots {
    snapshots: Vec<Snapshot>,
}

/// A snapshot, and how far it is.
#[derive(ToSchema)]
pub(crate) struct Snapshot {
    id: SnapshotId,
    state: SnapshotState,
    started_at: Timestamp,
    /// Up to which offset it is written. What is written is read back before it is ready.
    events: Offset,
    /// The last offset that it will have.
    of: Offset,
    /// How large the file is, once it is ready.
    #[schema(required)]
    bytes: Option<Count>,
    /// Why it failed, if it did.
    #[schema(required)]
    error: Option<String>,
    /// Whether who asks may remove it: it is theirs, or they have the scope `admin`.
    removable: bool,
}

/// How far a snapshot is.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum SnapshotState {
    Copying,
    Ready,
    Failed,
}

/// A snapshot that was begun.
#[derive(ToSchema)]
pub(crate) struct Started {
    id: SnapshotId,
}

/// What a snapshot is asked for by.
pub(crate) struct SnapshotId;

impl PartialSchema for SnapshotId {
    fn schema() -> RefOr<Schema> {
        text("^[0-9a-f]{32}$").description(Some("What a snapshot is asked for by.")).into()
    }
}

impl ToSchema for SnapshotId {}
