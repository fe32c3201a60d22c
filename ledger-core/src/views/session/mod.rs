//! Sessions in which many edit at once: what they did, in an order that fits what led to what, collapsed and merged.
//!
//! A session is a view of the ledger: its edits are events of kind `session.operation`, each with the stamp of a logical clock
//! and the events that led to it. What an edit means, only its domain knows; here are its name, its target and its place.

mod conflicts;
mod coordination;
mod delta;
mod edit;
mod edited;
mod lanes;
mod merge;
mod places;

pub use conflicts::{About, Conflict, Side};
pub(crate) use coordination::Release;
pub use coordination::{Claim, Coordination, Firmness, INTENT, RELEASED, RESERVATION, Wish};
pub use delta::{Change, Collapse, Compact, Delta, Whole, in_causal_order};
pub use edit::{Action, Edit};
pub use edited::{CHECKPOINT, Checkpoint, Edited, Last, OPERATION, SessionSummary, Sessions};
pub(crate) use edited::{Written, checkpoint_tag};
pub use lanes::Lanes;
pub use merge::{Merge, Placed, Report};
pub use places::Step;
