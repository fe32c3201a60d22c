//! The flags of `retention`.

use std::time::Duration;

use clap::{Args, Subcommand};
use ledger_core::Error;
use ledger_core::retention::Policy;

use crate::filter::{parse_duration, parse_size, parse_span};

/// What to do about old operations.
#[derive(Debug, Subcommand)]
pub(crate) enum Retention {
    /// Shows what would go, and removes nothing.
    Plan {
        #[command(flatten)]
        ages: Ages,
    },
    /// Removes what the policy says, in small batches, and records what went. Asks first.
    Apply {
        #[command(flatten)]
        ages: Ages,
        /// Goes on: removes again after so long, until Ctrl-C.
        #[arg(long, value_name = "TIME", value_parser = parse_duration)]
        every: Option<Duration>,
        /// Does not ask.
        #[arg(long)]
        yes: bool,
    },
}

/// How long operations stay. Age counts from when the ledger recorded their end.
#[derive(Debug, Args)]
pub(crate) struct Ages {
    /// How long operations that ended well stay: 12h, 7d, 4w, or never for those that never go [default: 7d].
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    success: Option<Age>,
    /// How long all others that ended stay [default: 30d].
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    failed: Option<Age>,
    /// How long those stay that began and never ended; longer, if they use something of a job that is there [default: 90d].
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    unfinished: Option<Age>,
    /// How many that ended stay at most, however young: the oldest go first.
    #[arg(long, value_name = "N")]
    most: Option<u64>,
    /// About how many bytes of them stay at most: 500MB, 2GiB. What remains for lineage does not count.
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    most_bytes: Option<u64>,
}

/// An age, or none for what never goes.
#[derive(Clone, Copy, Debug)]
struct Age(Option<Duration>);

impl Ages {
    /// Returns the policy that they make.
    pub(crate) fn policy(&self) -> Policy {
        let default = Policy::default();
        let age = |given: Option<Age>, default| given.map_or(default, |Age(age)| age);
        Policy {
            success: age(self.success, default.success),
            failed: age(self.failed, default.failed),
            unfinished: age(self.unfinished, default.unfinished),
            most: self.most,
            most_bytes: self.most_bytes,
        }
    }
}

fn parse_age(text: &str) -> Result<Age, Error> {
    match text {
        "never" => Ok(Age(None)),
        _ => parse_span(text)
            .or_else(|_| parse_duration(text))
            .map(|age| Age(Some(age)))
            .map_err(|_| Error::invalid("age", format!("{}: write 12h, 7d, 4w or never", ledger_core::Shown(text)))),
    }
}
