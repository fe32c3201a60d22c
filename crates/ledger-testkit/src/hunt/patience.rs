//! Calls that are made again while the engine is away, because a hunt kills it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger_core::{Condition, Draft, Error, Ledger, Offset, Page, Query, Receipt, Result};

/// How long an engine may be away, or leave one of many writers waiting.
pub(super) const LIMIT: Duration = Duration::from_secs(180);
const PAUSE: Duration = Duration::from_millis(25);

/// Pauses between tries, which end.
#[derive(Debug, Default)]
pub(super) struct Patience {
    since: Option<Instant>,
}

impl Patience {
    /// Pauses before the next try. Fails with the error when the engine is not away, or has been for three minutes.
    pub(super) async fn wait(&mut self, error: Error) -> Result<()> {
        let since = *self.since.get_or_insert_with(Instant::now);
        if !error.is_unavailable() || since.elapsed() > LIMIT {
            return Err(error);
        }
        tokio::time::sleep(PAUSE).await;
        Ok(())
    }
}

/// Opens a ledger.
pub(super) async fn open(url: &str) -> Result<Arc<dyn Ledger>> {
    let mut patience = Patience::default();
    loop {
        match backends::open(url).await {
            Err(error) => patience.wait(error).await?,
            opened => return opened,
        }
    }
}

/// Appends. A batch that was recorded although its answer was lost is answered as a repeat.
pub(super) async fn append(ledger: &dyn Ledger, drafts: &[Draft]) -> Result<Vec<Receipt>> {
    let mut patience = Patience::default();
    loop {
        match ledger.append(drafts, &Condition::None).await {
            Err(error) => patience.wait(error).await?,
            answered => return answered,
        }
    }
}

/// Asks for the head.
pub(super) async fn head(ledger: &dyn Ledger) -> Result<Offset> {
    let mut patience = Patience::default();
    loop {
        match ledger.head().await {
            Err(error) => patience.wait(error).await?,
            answered => return answered,
        }
    }
}

/// Reads a page.
pub(super) async fn read(ledger: &dyn Ledger, query: &Query) -> Result<Page> {
    let mut patience = Patience::default();
    loop {
        match ledger.read(query).await {
            Err(error) => patience.wait(error).await?,
            answered => return answered,
        }
    }
}
