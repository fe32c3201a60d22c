//! The flags of the commands that bring events in, out and across.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use ledger_core::lineage::AsOf;
use ledger_core::{Actor, EventId, Kind, ModelId, ModelProfile, Offset, RunId, SessionId, Tag, Timestamp};

use super::lineage::parse_as_of;
use crate::filter::{Filter, Period, parse_time};

/// The fields of one event, and the condition it is recorded under.
#[derive(Debug, Args)]
pub(crate) struct Append {
    /// What happened: dotted lower case, such as run.started.
    #[arg(long)]
    pub(crate) kind: Kind,
    /// The facts: JSON, @FILE, or - for standard input.
    #[arg(long, value_name = "JSON|@FILE|-", default_value = "{}", allow_negative_numbers = true)]
    pub(crate) payload: String,
    /// The run it belongs to [default: default].
    #[arg(long)]
    pub(crate) run: Option<RunId>,
    /// Who did it [default: unknown].
    #[arg(long)]
    pub(crate) actor: Option<Actor>,
    /// The idempotency key, up to 64 bytes [default: a fresh UUIDv7].
    #[arg(long)]
    pub(crate) id: Option<EventId>,
    /// The step in the run.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) turn: u32,
    /// The causal session.
    #[arg(long)]
    pub(crate) session: Option<SessionId>,
    /// The profile the model ran under.
    #[arg(long, value_name = "PROFILE")]
    pub(crate) model_profile: Option<ModelProfile>,
    /// The model that acted.
    #[arg(long, value_name = "MODEL")]
    pub(crate) model_id: Option<ModelId>,
    /// Words to find it by, such as job:99.
    #[arg(long = "tag", value_name = "KEY:VALUE", num_args = 1..)]
    pub(crate) tags: Vec<Tag>,
    /// The ids of the events that caused it.
    #[arg(long = "parent", value_name = "ID", num_args = 1..)]
    pub(crate) parents: Vec<EventId>,
    /// When it happened: 2026-01-31T12:00:00Z, or 15m for 15 minutes ago [default: now].
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) at: Option<Timestamp>,
    /// The version of the payload's shape.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) schema_version: u32,
    /// The logical clock of the session.
    #[arg(long, value_name = "N")]
    pub(crate) lamport: Option<u64>,
    /// Records it only if nothing came after offset N, as `ledger head` printed it.
    #[arg(long, value_name = "N")]
    pub(crate) if_head: Option<Offset>,
}

/// From where to where, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Replicate {
    /// The ledger to read: a path or URL [default: --url, as for all commands].
    #[arg(long, value_name = "URL", value_hint = ValueHint::AnyPath)]
    pub(crate) from: Option<String>,
    /// The ledger to write: a path or URL.
    #[arg(long, value_name = "URL", value_hint = ValueHint::AnyPath)]
    pub(crate) to: String,
    /// Goes on with what is appended later, until Ctrl-C.
    #[arg(long, short)]
    pub(crate) follow: bool,
}

/// Where events come from, and what to do with those that cannot be recorded.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The file, - for standard input; or the repository, - for the one here.
    #[arg(value_name = "FILE", default_value = "-", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// What it is.
    #[arg(long, value_enum, default_value_t = Input::Jsonl)]
    pub(crate) format: Input,
    /// Collects lines that cannot be recorded in FILE, which is replaced, and goes on.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) skip_bad: Option<PathBuf>,
    /// Appends recorded events as new ones: they keep their ids and get new offsets.
    #[arg(long)]
    pub(crate) as_drafts: bool,
}

/// What can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Input {
    /// Lines of JSON, as `export` prints them.
    Jsonl,
    /// The history of a Git repository: each commit becomes an operation that reads its parents, for `lineage` to follow.
    Git,
    /// A session: FILE is the directory of its name, with ops.jsonl and checkpoint.json. Lines that are no edits are passed over.
    Session,
}

/// Which events to print, and where.
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) period: Period,
    #[command(flatten)]
    pub(crate) filter: Filter,
    /// Only what was recorded up to this offset, itself included, or by this time.
    #[arg(long, value_name = "OFFSET|TIME", value_parser = parse_as_of)]
    pub(crate) as_of: Option<AsOf>,
    /// What it is written as.
    #[arg(long, value_enum, default_value_t = ExportFormat::Jsonl)]
    pub(crate) format: ExportFormat,
    /// Writes to FILE, which appears when it is whole; a session, into the directory FILE/SESSION.
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// Lines of JSON, which `import` restores to the byte.
    Jsonl,
    /// The session that --session names, as ops.jsonl and checkpoint.json, which other programs read.
    Session,
}

/// Which events to print, and whether to wait for more.
#[derive(Debug, Args)]
pub(crate) struct Tail {
    #[command(flatten)]
    pub(crate) period: Period,
    #[command(flatten)]
    pub(crate) filter: Filter,
    /// Goes on with the events to come, until Ctrl-C or --limit.
    #[arg(long, short, conflicts_with = "desc")]
    pub(crate) follow: bool,
}
