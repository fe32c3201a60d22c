//! Why a hunt could not be held; what it found wrong is no error but its result.

use ledger_core::Error;

use crate::engines::EngineError;

/// Says why a hunt could not be held.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HuntError {
    /// What was asked for makes no sense: ask for something else.
    #[error("{0}")]
    Usage(String),
    /// The ledger that was named cannot be opened: correct its URL, or start its engine.
    #[error(transparent)]
    Place(Error),
    /// No engine could be had, or it did not start again.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The ledger refused or failed.
    #[error(transparent)]
    Ledger(#[from] Error),
    /// The system refused something, such as to start a process.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl HuntError {
    /// Returns an error of the system.
    pub(super) fn io(what: impl Into<String>, source: std::io::Error) -> Self {
        Self::System { what: what.into(), source }
    }

    /// Returns the exit code of a program that ends with it: 2 for what was asked wrongly, 3 for what failed.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Place(_) => 2,
            _ => 3,
        }
    }
}
