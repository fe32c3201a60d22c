//! Views: pure folds over events, so that each can be deleted and computed again from the ledger.

mod runs;

pub use runs::{RunState, RunSummary, Runs};

use crate::event::Event;

/// Something computed from events in offset order, without I/O.
pub trait View: Send {
    /// Takes the next event into account.
    fn apply(&mut self, event: &Event);
}
