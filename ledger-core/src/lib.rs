//! The contract of an append-only event ledger, and the views derived from it.
//!
//! There is one truth, an ordered log of [`Event`]s behind the trait [`Ledger`]; everything else is a [`View`]
//! computed from it. This crate knows no engine: the crate `backends` opens real ledgers from a URL. [`Recorder`] is what
//! instrumented code writes to.
//!
//! ```
//! use ledger_core::{Draft, Event, Offset, Timestamp, View, views::Runs};
//!
//! # fn main() -> ledger_core::Result<()> {
//! let draft = Draft::new("run.started", &serde_json::json!({"goal": "load"}))?.run("r-1")?.actor("planner")?;
//! // A backend would record it; here we give it the first offset ourselves.
//! let event = Event { offset: Offset::new(1)?, recorded_at: Timestamp::now(), draft };
//! let mut runs = Runs::default();
//! runs.apply(&event);
//! assert_eq!(runs.all()[0].events, 1);
//! # Ok(()) }
//! ```

pub mod chain;
mod copy;
mod digest;
mod error;
mod event;
mod ext;
pub mod facets;
mod ledger;
mod line;
pub mod lineage;
pub mod operations;
pub mod overview;
mod patience;
mod payload;
pub mod plan;
mod query;
mod reaper;
mod recorder;
mod replicate;
pub mod retention;
pub mod session;
mod text;
mod time;
mod upcast;
pub mod views;
mod whole;

pub use copy::{Copied, Progress, check_target, copy};
pub use digest::{ContentDigest, ContentHasher, Difference, Verification, first_difference, verify};
pub use error::{Cause, Error, Result, Shown};
pub use event::{Draft, Event, Offset};
pub use ext::{FOLLOW_PATIENCE, LedgerExt, fold};
pub use ledger::{
    Ledger, MAX_BATCH_BYTES, MAX_BATCH_EVENTS, Page, PageFiller, Receipt, Room, Status, check_batch, check_erase,
    check_restore,
};
pub use line::Line;
pub use payload::Payload;
pub use query::{Condition, KindPattern, KindPrefix, Limit, Order, Query};
pub use reaper::{Reaper, Swept};
#[cfg(feature = "tracing")]
pub use recorder::RecorderLayer;
pub use recorder::{Pace, Recorder, Recording, Standing};
pub use replicate::{Replicated, Until, replicate};
pub use text::{Actor, Artifact, Domain, EventId, Job, Kind, ModelId, ModelProfile, RunId, SessionId, Tag, Task};
pub use time::Timestamp;
pub use upcast::{Lifted, Upcasters};
pub use views::View;
pub use whole::WholeFile;
