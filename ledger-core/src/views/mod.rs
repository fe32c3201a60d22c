//! Views: pure folds over events, so that each can be deleted and computed again from the ledger.

pub mod lineage;
mod operation;
mod runs;

pub use operation::{ArtifactNote, Input, Inputs, Operation, Outcome, Scope};
pub use runs::{RunState, RunSummary, Runs};

use crate::event::Event;

/// Something computed from events in offset order, without I/O.
pub trait View: Send {
    /// Takes the next event into account.
    fn apply(&mut self, event: &Event);
}
