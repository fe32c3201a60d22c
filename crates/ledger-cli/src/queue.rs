//! A bounded queue between the thread that reads lines and the task that records them: it hands over all that is waiting.
//!
//! So a fast file goes in large batches, a slow pipe line by line without delay, and memory stays bounded either way.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use ledger_core::{Draft, Event};
use tokio::sync::Notify;

use crate::failure::Failure;

/// The most lines of one batch.
const MOST_LINES: usize = 1_000;
/// About the most bytes of one batch.
const MOST_BYTES: usize = 4 << 20;

/// Lines that were read and not yet recorded.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// What to append.
    pub(crate) drafts: Vec<Draft>,
    /// What to restore; a batch holds either.
    pub(crate) events: Vec<Event>,
    /// Where each draft stood.
    pub(crate) origins: Vec<Origin>,
    /// How many bytes of input it came from.
    pub(crate) bytes: usize,
    /// What ended the reading, if it is over.
    pub(crate) end: Option<End>,
}

/// Where a draft came from.
#[derive(Debug)]
pub(crate) struct Origin {
    /// The number of its line, from 1.
    pub(crate) number: u64,
    /// The line as it was, kept only when it may have to go into the file of bad lines.
    pub(crate) raw: Option<Vec<u8>>,
}

/// How the reading ended.
#[derive(Debug)]
pub(crate) enum End {
    /// All lines were read.
    Done,
    /// A line is wrong, or the input failed.
    Failed(Failure),
}

impl Batch {
    fn is_full(&self) -> bool {
        self.drafts.len() + self.events.len() >= MOST_LINES || self.bytes >= MOST_BYTES
    }

    fn is_ready(&self) -> bool {
        self.end.is_some() || !self.drafts.is_empty() || !self.events.is_empty()
    }
}

/// The queue.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: Mutex<Batch>,
    taken: Condvar,
    filled: Notify,
}

impl Queue {
    /// Adds a line from the reading thread, which waits here while the batch is full.
    pub(crate) fn push(&self, add: impl FnOnce(&mut Batch)) {
        let mut batch = self.lock();
        while batch.is_full() {
            batch = self.taken.wait(batch).unwrap_or_else(PoisonError::into_inner);
        }
        add(&mut batch);
        drop(batch);
        self.filled.notify_one();
    }

    /// Takes all that is waiting, once there is something.
    pub(crate) async fn next(&self) -> Batch {
        loop {
            if let Some(batch) = self.take() {
                return batch;
            }
            self.filled.notified().await;
        }
    }

    fn take(&self) -> Option<Batch> {
        let mut batch = self.lock();
        if !batch.is_ready() {
            return None;
        }
        self.taken.notify_one();
        Some(std::mem::take(&mut *batch))
    }

    /// No code panics while it holds the lock, so a poisoned one guards a whole batch.
    fn lock(&self) -> MutexGuard<'_, Batch> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
