//! What the laws need to know of a backend: how to come by an empty ledger, and how to open it again.

use std::sync::Arc;

use async_trait::async_trait;
use ledger_core::{Ledger, Result};

/// A backend under test.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Names the backend in messages.
    fn name(&self) -> &'static str;

    /// Returns the place of a ledger that nobody else uses and nothing is in. Panics when there is none to be had.
    async fn fresh(&self) -> Box<dyn Place>;
}

/// The place of one ledger; what it needs (a folder, a database) lives as long as this value.
#[async_trait]
pub trait Place: Send + Sync {
    /// Opens another handle on the ledger, as another process would: own connections, own caches.
    ///
    /// A ledger that lives in one process returns the same handle again.
    async fn open(&self) -> Result<Arc<dyn Ledger>>;
}
