//! Calls that are made again while the engine is away, because a hunt kills it.

use std::time::{Duration, Instant};

use ledger_core::Result;

/// How long an engine may be away, or leave one of many writers waiting.
pub(super) const LIMIT: Duration = Duration::from_secs(180);
const PAUSE: Duration = Duration::from_millis(25);

/// Makes a call until it is answered, for three minutes at most. Fails at once with any error but that the engine is away.
pub(super) async fn patiently<T, F: Future<Output = Result<T>>>(mut call: impl FnMut() -> F) -> Result<T> {
    let begun = Instant::now();
    loop {
        match call().await {
            Err(error) if error.is_unavailable() && begun.elapsed() < LIMIT => tokio::time::sleep(PAUSE).await,
            answered => return answered,
        }
    }
}
