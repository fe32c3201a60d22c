//! Copies a ledger to where a URL says: SQLite files are written beside and renamed when they are whole.

use ledger_core::{Copied, Ledger, Progress, Result};

/// Copies a ledger to the place that a URL names, offsets kept, and reads the copy back.
///
/// The copy is a consistent prefix up to the head at the start, while others append. The target is new, empty, or an
/// older copy of the same ledger, which is continued. Fails with `SameLedger` or `NotEmpty` before anything is touched.
pub async fn snapshot_to(
    source: &dyn Ledger,
    url: &str,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Copied> {
    let target = crate::open(url).await?;
    ledger_core::copy(source, &target, progress).await
}
