//! The flags of the commands about sessions.

use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};
use ledger_core::{Actor, Domain, EventId, Offset, SessionId};

use crate::filter::parse_duration;

/// Which session, and how to show it.
#[derive(Debug, Args)]
pub(crate) struct Session {
    /// The session's id.
    pub(crate) session: SessionId,
    /// Shows the newest edits as lanes, one for each actor, with what led to what.
    #[arg(long, value_enum, value_name = "FORM", num_args = 0..=1, require_equals = true, default_missing_value = "text")]
    pub(crate) graph: Option<Picture>,
    /// The most edits that are shown, the newest.
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub(crate) most: usize,
}

/// How lanes are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Picture {
    /// Lines for a terminal.
    Text,
    /// The language of Mermaid.
    Mermaid,
    /// A picture.
    Svg,
}

/// An edit to be recorded.
#[derive(Debug, Args)]
pub(crate) struct NewEdit {
    /// The session's id; it need not be there.
    pub(crate) session: SessionId,
    /// What it is about, such as a document.
    pub(crate) domain: Domain,
    /// What is done: {"op":"insert","target":"p-7","position":3,"payload":{…}}; op is delete, insert, move, mutate, patch (with
    /// children) or replace. @FILE reads a file, and - standard input.
    #[arg(value_name = "JSON|@FILE|-")]
    pub(crate) edit: String,
    /// Who does it.
    #[arg(long)]
    pub(crate) actor: Actor,
    /// An event that led to it; may be given again.
    #[arg(long = "parent", value_name = "ID")]
    pub(crate) parents: Vec<EventId>,
    /// Names the newest edit of each other actor as its parents: whoever does it has seen all there is.
    #[arg(long, conflicts_with = "parents")]
    pub(crate) seen_all: bool,
    /// The intent that it follows.
    #[arg(long, value_name = "ID")]
    pub(crate) intent: Option<EventId>,
    /// The reservation that it is made under.
    #[arg(long, value_name = "ID")]
    pub(crate) reservation: Option<EventId>,
    /// The idempotency key [default: a fresh UUIDv7].
    #[arg(long)]
    pub(crate) id: Option<EventId>,
}

/// What somebody asks others to leave alone.
#[derive(Debug, Args)]
pub(crate) struct Reserve {
    /// The session's id; it need not be there.
    pub(crate) session: SessionId,
    /// The domain.
    pub(crate) domain: Domain,
    /// What in it [default: all of it].
    pub(crate) targets: Vec<String>,
    /// Whose it is.
    #[arg(long)]
    pub(crate) actor: Actor,
    /// For how long: 90s, 15m, 2h.
    #[arg(long = "for", value_name = "TIME", value_parser = parse_duration, default_value = "15m")]
    pub(crate) time: Duration,
    /// Says what its actor is about to do, and asks nobody to keep off.
    #[arg(long)]
    pub(crate) intent: bool,
    /// Why.
    #[arg(long)]
    pub(crate) note: Option<String>,
    /// The idempotency key [default: a fresh UUIDv7].
    #[arg(long)]
    pub(crate) id: Option<EventId>,
}

/// Which reservation or intent to end.
#[derive(Debug, Args)]
pub(crate) struct Release {
    /// The session's id.
    pub(crate) session: SessionId,
    /// The reservation's or intent's id.
    pub(crate) id: EventId,
    /// Whose it is.
    #[arg(long)]
    pub(crate) actor: Actor,
}

/// What a snapshot of a session includes.
#[derive(Debug, Args)]
pub(crate) struct NewCheckpoint {
    /// The session's id.
    pub(crate) session: SessionId,
    /// The snapshot's own name.
    pub(crate) snapshot: String,
    /// The last offset that it includes [default: all that is there].
    #[arg(long, value_name = "OFFSET")]
    pub(crate) at: Option<Offset>,
    /// Who took it.
    #[arg(long, default_value = "ledger")]
    pub(crate) actor: Actor,
}

/// Which edits to collapse.
#[derive(Debug, Args)]
pub(crate) struct Delta {
    /// The session's id.
    pub(crate) session: SessionId,
    /// What they are about.
    pub(crate) domain: Domain,
    /// Leaves nothing out.
    #[arg(long)]
    pub(crate) all: bool,
}

/// What to merge.
#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// The session's id.
    pub(crate) session: SessionId,
    /// Other sessions of this ledger to look at as one with it; nothing is recorded.
    pub(crate) others: Vec<SessionId>,
    /// Another ledger with the same session, whose edits are recorded here: a path or URL.
    #[arg(long, value_name = "URL", value_hint = ValueHint::AnyPath)]
    pub(crate) from: Option<String>,
    /// With --from: records nothing.
    #[arg(long, requires = "from")]
    pub(crate) dry_run: bool,
    /// Prints where the inserts and deletes of a domain's lists go, when they are done one after the other.
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) places: Option<Domain>,
}
