//! Views: pure folds over events, so that each can be deleted and computed again from the ledger.

mod artifact;
mod artifacts;
mod causality;
mod escape;
mod facets;
mod input;
mod job;
pub mod lineage;
mod named;
mod operation;
pub mod operations;
mod part;
mod remains;
mod runs;
pub mod session;

pub use artifact::{ArtifactNote, Scope};
pub use artifacts::{Artifacts, Kept, Over, Registered, Rules, Verdict};
pub use causality::{Causality, Link, Relation, Sorted, Stamp};
pub use facets::{Facet, Facets, Frequent};
pub use input::{Input, Inputs};
pub use job::{JobDefinition, JobNote, Preservation};
pub use named::Named;
pub use operation::{Operation, Outcome};
pub use part::NamePart;
pub(crate) use remains::Packer;
pub use remains::{Remains, Remnant};
pub use runs::{RunPhase, RunState, RunSummary, Runs, WhichRuns};

use crate::event::Event;

/// Something computed from events in offset order, without I/O.
pub trait View: Send {
    /// Takes the next event into account.
    fn apply(&mut self, event: &Event);
}
