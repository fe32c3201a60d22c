//! The one error enum, named by what the caller does next, because a caller branches on remedies and not on drivers.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::{EventId, Offset};

/// The result of every fallible call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The cause beneath an error, shared because one failed commit answers many callers.
pub type Cause = Arc<dyn StdError + Send + Sync>;

/// Says why a ledger refused or failed, by what the caller can do about it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The URL names no known backend: correct it.
    #[error(
        "unknown scheme `{scheme}`: use memory:, sqlite:PATH, postgres://HOST/DATABASE, clickhouse://HOST/DATABASE or \
         http(s)://HOST"
    )]
    UnknownScheme {
        /// The scheme as given.
        scheme: String,
    },
    /// The backend exists but was left out of this build: turn its feature on.
    #[error("the {backend} backend is not in this build: compile with the cargo feature `{backend}`")]
    NotBuiltIn {
        /// The feature that would bring it.
        backend: &'static str,
    },
    /// Nothing is there to open, and creating it was not asked for.
    #[error("no ledger at `{at}`: {remedy}")]
    NotFound {
        /// Where was looked.
        at: String,
        /// What would make one, or find the right one.
        remedy: String,
    },
    /// What is there is something else than a ledger: choose another place.
    #[error("`{at}` is not a ledger: {why}")]
    NotALedger {
        /// Where was looked.
        at: String,
        /// What was found instead.
        why: String,
    },
    /// The id is taken by an event with other content: the caller made two things one.
    #[error("id `{id}` is already at offset {offset} with other content")]
    IdConflict {
        /// The id both share.
        id: EventId,
        /// Where the first one is, or would be when it stands in the same batch.
        offset: Offset,
    },
    /// An event that the condition excludes exists: read on from there and decide again.
    #[error("condition failed: the event at offset {offset} matches and lies after {after}")]
    ConditionFailed {
        /// The first event that broke the condition.
        offset: Offset,
        /// The offset the caller had seen.
        after: Offset,
    },
    /// A value breaks a rule: correct the value.
    #[error("invalid {what}: {why}")]
    Invalid {
        /// Which value.
        what: &'static str,
        /// The value and what would be right.
        why: String,
    },
    /// The ledger was written by newer code: upgrade this program.
    #[error("the ledger has schema {found} and this program knows up to {known}: use a newer release")]
    SchemaTooNew {
        /// The schema found.
        found: u32,
        /// The newest schema this code knows.
        known: u32,
    },
    /// The ledger has an older schema and may not be migrated as it was opened.
    #[error("the ledger has schema {found} and this program needs {known}: run `ledger migrate`")]
    SchemaTooOld {
        /// The schema found.
        found: u32,
        /// The schema this code needs.
        known: u32,
    },
    /// The target of a copy holds something else: choose an empty one.
    #[error("`{at}` holds other events ({why}): choose an empty or new target")]
    NotEmpty {
        /// The target.
        at: String,
        /// What was found.
        why: String,
    },
    /// Source and target of a copy are the same ledger: nothing was touched.
    #[error("source and target are the same ledger: choose another target")]
    SameLedger,
    /// The ledger was opened for reading only.
    #[error("the ledger is open for reading only: open it without `mode=ro` to {action}")]
    ReadOnly {
        /// What was tried.
        action: &'static str,
    },
    /// Whoever keeps the ledger does not let this caller do it: show another token, or ask for the right.
    #[error("access to `{at}` was denied: {why}")]
    Denied {
        /// Where the ledger is.
        at: String,
        /// What was missing.
        why: String,
    },
    /// The copy or the ledger does not hold what it should: do not trust it.
    #[error("verification failed: {why}")]
    Corrupt {
        /// What differs.
        why: String,
    },
    /// The engine cannot be reached or is busy: try again later.
    #[error("{backend} is unavailable: {why}")]
    Unavailable {
        /// Which backend.
        backend: &'static str,
        /// What was tried.
        why: String,
        /// The driver's error.
        #[source]
        source: Option<Cause>,
    },
    /// The engine failed otherwise: look at the cause.
    #[error("{backend}: {why}")]
    Backend {
        /// Which backend.
        backend: &'static str,
        /// What was tried.
        why: String,
        /// The driver's error.
        #[source]
        source: Option<Cause>,
    },
}

impl Error {
    /// Returns an `Invalid` that names `what` and says `why`.
    pub fn invalid(what: &'static str, why: impl Into<String>) -> Self {
        Self::Invalid { what, why: why.into() }
    }

    /// Says whether the same call may succeed later, unchanged.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}

impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

/// Shows a value from outside in a message: quoted, escaped and cut, so that a 10 MB id does not fill a log.
pub struct Shown<'a>(pub &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 80;
        f.write_str("`")?;
        for c in self.0.chars().take(LONGEST).flat_map(|c| {
            let escape = c.is_control();
            let plain = (!escape).then_some(c);
            plain.into_iter().chain(escape.then(|| c.escape_default()).into_iter().flatten())
        }) {
            fmt::Write::write_char(f, c)?;
        }
        f.write_str("`")?;
        if self.0.chars().nth(LONGEST).is_some() {
            write!(f, "… ({} bytes)", self.0.len())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_cut_and_control_characters_are_escaped() {
        assert_eq!(Shown("a\nb").to_string(), "`a\\nb`");
        let long = "x".repeat(10_000_000);
        let shown = Shown(&long).to_string();
        assert!(shown.len() < 200, "{}", shown.len());
        assert!(shown.ends_with("(10000000 bytes)"));
    }
}
