//! The flags of `ops`.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::{Args, Subcommand};
use ledger_core::operations::{Cursor, Selection};
use ledger_core::views::Outcome;
use ledger_core::views::operations::Period;
use ledger_core::{EventId, Job, Timestamp};

use crate::failure::{Failure, Result};
use crate::filter::{parse_duration, parse_size, parse_span, parse_time};

/// What to ask the operation log.
#[derive(Debug, Subcommand)]
pub(crate) enum Ops {
    /// Lists operations that have ended, the newest first.
    #[command(after_help = "Examples:\n  ledger ops list --status error --period 1h\n  \
                            ledger ops list --table in/orders --at-least 2s --limit 20\n  \
                            ledger ops list --json --limit 1000 | jq .error_code")]
    List {
        #[command(flatten)]
        which: Which,
        /// At most this many.
        #[arg(long, value_name = "N", default_value = "50")]
        limit: NonZeroUsize,
        /// Leaves out the first so many.
        #[arg(long, value_name = "N", default_value_t = 0)]
        skip: usize,
        /// Goes on where an earlier list ended, as it said; what was recorded since changes nothing.
        #[arg(long)]
        cursor: Option<Cursor>,
    },
    /// Shows one operation.
    Show {
        /// Its id.
        id: EventId,
    },
    /// Counts operations: how many, how they ended, how long they took, by command and over time.
    ///
    /// Percentiles are exact, and between two operations interpolated, as PERCENTILE_CONT of SQL does.
    #[command(after_help = "Examples:\n  ledger ops stats --period 7d\n  ledger ops stats --table in/orders --json")]
    Stats {
        #[command(flatten)]
        which: Which,
        /// Into how many equal parts the period is cut.
        #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=2000))]
        parts: u16,
    },
    /// Lists the operations that took longest, the slowest first.
    Slow {
        #[command(flatten)]
        which: Which,
        /// At most this many.
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
        limit: u16,
    },
    /// Says what went wrong: how often by code, and in which part of each command's operations.
    Errors {
        #[command(flatten)]
        which: Which,
    },
    /// Says how long operations took on each table, the slowest by p95 first.
    Tables {
        #[command(flatten)]
        which: Which,
        /// Only tables with at least so many operations.
        #[arg(long, value_name = "N", default_value_t = 10)]
        min_count: u64,
    },
    /// Says how much each day brings, and where that leads.
    ///
    /// Only whole days count, from midnight to midnight in UTC. A forecast goes on along the straight line through them, and
    /// says how far off it may be, with 95 in 100, if days stray from that line as they did.
    #[command(after_help = "Example: ledger ops capacity --period 30d --room 50GB")]
    Capacity {
        #[command(flatten)]
        which: Which,
        /// How many days to look ahead.
        #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: u32,
        /// How much room there is left, such as 50GB: says when it is full of such events, as they are exported. On disk they
        /// take up to three times as much on SQLite and Postgres, and a fifth of it on ClickHouse.
        #[arg(long, value_name = "SIZE", value_parser = parse_size)]
        room: Option<u64>,
    },
}

/// Which operations; all that is given must hold.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Only this project.
    #[arg(long)]
    project: Option<String>,
    /// Only this branch of it; those that name none are on `default`.
    #[arg(long)]
    branch: Option<String>,
    /// Only this table, as BUCKET/TABLE.
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,
    /// Only this command, such as import.
    #[arg(long)]
    command: Option<String>,
    /// Only those that ended so: success, error or timeout.
    #[arg(long)]
    pub(crate) status: Option<Outcome>,
    /// Only this job.
    #[arg(long)]
    job: Option<Job>,
    /// Only this request.
    #[arg(long)]
    request: Option<String>,
    /// Only this job of a connection.
    #[arg(long, value_name = "ID")]
    connection_job: Option<String>,
    /// Only this run of a connection.
    #[arg(long, value_name = "ID")]
    connection_run: Option<String>,
    /// Only what ended in the last so long: 1h, 24h, 7d, 30d, … [default: 24h, 30d for `capacity`, all for `list`].
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, conflicts_with_all = ["from", "to"])]
    period: Option<Duration>,
    /// Only what ended at this time or later: 2026-01-31T12:00:00Z, or 2h ago.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    from: Option<Timestamp>,
    /// Only what ended before this time.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    to: Option<Timestamp>,
    /// Only what took at least so long: 250ms, 2s, 5m, …
    #[arg(long, value_name = "DURATION", value_parser = parse_span)]
    at_least: Option<Duration>,
}

impl Which {
    /// Returns the selection, and its period, which is the last so long unless another is given. Fails when that ends before
    /// it begins.
    pub(crate) fn selection(self, default: Option<Duration>) -> Result<(Selection, Period)> {
        let now = Timestamp::now();
        let until_now = Period::last(Duration::ZERO, now).to;
        let to = self.to.map_or(until_now, |to| to.min(until_now));
        let last = |duration| Period { to, ..Period::last(duration, to) };
        let period = match (self.from, self.to, self.period.or(default)) {
            (Some(from), ..) => Some(Period { from, to }),
            (None, Some(_), None) => Some(Period { from: Timestamp::MIN, to }),
            (None, _, duration) => duration.map(last),
        };
        if let Some(Period { from, to }) = period.filter(|period| period.from >= period.to) {
            return Err(Failure::Usage(format!("--from {from} is not before --to {to}")));
        }
        let selection = Selection {
            project: self.project,
            branch: self.branch,
            table: self.table,
            command: self.command,
            status: self.status,
            job: self.job,
            request: self.request,
            connection_job: self.connection_job,
            connection_run: self.connection_run,
            period,
            at_least: self.at_least,
            up_to: None,
        };
        Ok((selection, period.unwrap_or(Period::ALL)))
    }
}
