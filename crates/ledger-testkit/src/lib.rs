//! The laws every ledger backend keeps, as a library, the engines that the tests run on, and the hunt for lost events.
//!
//! A backend, also one from elsewhere, implements [`Backend`] and takes all laws with one line:
//!
//! ```text
//! ledger_testkit::laws!(sqlite, SqliteFiles::new());
//! ```

mod backend;
pub mod engines;
#[cfg(feature = "hunt")]
pub mod hunt;
pub mod laws;
mod run;
pub mod strategies;
mod support;

pub use backend::{Backend, Place};
pub use run::run_law;
pub use support::{all, dense, draft};
