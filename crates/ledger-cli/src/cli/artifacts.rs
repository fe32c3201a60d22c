//! The flags of `artifacts`, `note` and `reap`.

use std::ffi::OsString;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};
use ledger_core::views::{Preservation, Scope};
use ledger_core::{EventId, Job};

use super::{By, Owner};
use crate::filter::parse_duration;

/// Which artifacts to list.
#[derive(Debug, Args)]
pub(crate) struct Artifacts {
    /// Only those that are there.
    #[arg(long)]
    pub(crate) live: bool,
    /// Only those that may be dropped now, the newest first.
    #[arg(long)]
    pub(crate) droppable: bool,
    #[command(flatten)]
    pub(crate) keeping: Keeping,
}

/// How long artifacts are kept.
#[derive(Debug, Args)]
pub(crate) struct Keeping {
    /// What is kept of jobs that have ended, whatever they or their definitions say: none, or full until they expire
    /// [default: as they say, else LEDGER_DEFAULT_PRESERVATION_MODE, else none].
    #[arg(long, value_name = "none|full")]
    pub(crate) preserve: Option<Preservation>,
    /// After how many days without an event a job has expired [default: LEDGER_JOB_TTL_DAYS, else 90].
    #[arg(long, value_name = "DAYS")]
    pub(crate) job_ttl_days: Option<u32>,
}

/// What to note.
#[derive(Debug, Args)]
pub(crate) struct Note {
    /// What happened.
    #[arg(value_enum)]
    pub(crate) what: What,
    /// The artifact, job, task or definition that it happened to.
    pub(crate) subject: String,
    #[command(flatten)]
    pub(crate) owner: Owner,
    /// How long it is kept: until its task or its job has ended, or until somebody drops it.
    #[arg(long, value_name = "temporary|job|persistent")]
    pub(crate) scope: Option<Scope>,
    /// Its columns or other shape: JSON, or @FILE.
    #[arg(long, value_name = "JSON|@FILE")]
    pub(crate) schema: Option<String>,
    /// Why.
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// The definition that the job follows.
    #[arg(long)]
    pub(crate) definition: Option<Job>,
    /// What is kept of the job, or of the jobs that follow the definition.
    #[arg(long, value_name = "none|full")]
    pub(crate) preserve: Option<Preservation>,
    /// The idempotency key, up to 64 bytes [default: a fresh UUIDv7].
    #[arg(long)]
    pub(crate) id: Option<EventId>,
    #[command(flatten)]
    pub(crate) by: By,
}

/// What may be noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// The artifact is there.
    Created,
    /// The artifact has to stay.
    Pinned,
    /// One pin of the artifact is gone.
    Unpinned,
    /// The artifact is gone.
    Dropped,
    /// The job began, or began again.
    JobStarted,
    /// The job is over, and so are its tasks.
    JobFinished,
    /// The task is over; with --attempt, only that try of it and those before.
    TaskFinished,
    /// What jobs that follow this definition preserve.
    JobDefined,
}

/// What to drop, how and when.
#[derive(Debug, Args)]
pub(crate) struct Reap {
    /// Lists what would be dropped and why, and drops nothing.
    #[arg(long, conflicts_with_all = ["every", "command"])]
    pub(crate) dry_run: bool,
    /// Sweeps again after so long (90s, 15m, 2h, 7d), until Ctrl-C.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) every: Option<Duration>,
    #[command(flatten)]
    pub(crate) keeping: Keeping,
    /// The command that drops an artifact, and its arguments.
    #[arg(last = true, value_name = "COMMAND", required_unless_present = "dry_run", value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<OsString>,
}
