//! What the recorder's callers and its writer share: the buffer between them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use crate::error::{Error, Result};

use super::entry::Entry;
use super::spill::Spill;
use super::{BATCH_BYTES, BATCH_EVENTS, MOST_WAITING, MOST_WAITING_BYTES, Standing};

/// The callers' end. The writer stops when it is gone.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) shared: Arc<Shared>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.news.notify_one();
    }
}

pub(super) struct Shared {
    buffer: Mutex<Buffer>,
    /// Wakes the writer for something to do.
    pub(super) news: Notify,
    /// Wakes the writer, while it waits for the ledger, to make room.
    pub(super) full: Notify,
    tell: Arc<dyn Fn(&Error) + Send + Sync>,
}

#[derive(Debug, Default)]
pub(super) struct Buffer {
    pub(super) entries: VecDeque<Entry>,
    pub(super) bytes: usize,
    /// When the oldest of them came.
    pub(super) since: Option<Instant>,
    /// Who waits for all of this to be in the ledger.
    pub(super) flushes: Vec<oneshot::Sender<Result<()>>>,
    pub(super) closed: bool,
    pub(super) standing: Standing,
    /// What was refused or lost first, until a flush has told it.
    pub(super) problem: Option<Error>,
    /// The file, when the writer has ended.
    pub(super) left: Option<Spill>,
}

impl Buffer {
    /// Says whether there is enough for an append.
    pub(super) fn is_ready(&self) -> bool {
        self.entries.len() >= BATCH_EVENTS || self.bytes >= BATCH_BYTES
    }

    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= MOST_WAITING || self.bytes >= MOST_WAITING_BYTES
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("standing", &self.standing()).finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) fn new(spilled: u64, tell: Arc<dyn Fn(&Error) + Send + Sync>) -> Self {
        let standing = Standing { spilled, ..Standing::default() };
        let buffer = Mutex::new(Buffer { standing, ..Buffer::default() });
        Self { buffer, news: Notify::new(), full: Notify::new(), tell }
    }

    /// Nothing panics while it holds the lock, so a poisoned one guards a whole buffer.
    pub(super) fn lock(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an event. Fails when neither memory nor the file has room.
    pub(super) fn add(&self, entry: Entry) -> Result<()> {
        let size = entry.size();
        let mut buffer = self.lock();
        if let Some(spill) = &mut buffer.left {
            let draft = entry.draft()?;
            let added = spill.add(std::iter::once(&draft)).map_err(|error| spill.failed(error));
            buffer.standing.spilled += u64::from(added.is_ok());
            return added;
        }
        // The file takes what is more than full. When it cannot, because the disk is full too, this is the end.
        if buffer.entries.len() >= 2 * MOST_WAITING || buffer.bytes >= 2 * MOST_WAITING_BYTES {
            let why = format!("{} events wait, and neither ledger nor file takes them", buffer.entries.len());
            return Err(Error::Unavailable { backend: "recorder", why, source: None });
        }
        let (was_ready, was_full) = (buffer.is_ready(), buffer.is_full());
        buffer.bytes += size;
        buffer.entries.push_back(entry);
        let first = buffer.entries.len() == 1;
        if first {
            buffer.since = Some(Instant::now());
        }
        let (ready, full) = (buffer.is_ready() && !was_ready, buffer.is_full() && !was_full);
        drop(buffer);
        // To wake a sleeper costs more than all else here: once a batch is enough.
        if first || ready {
            self.news.notify_one();
        }
        if full {
            self.full.notify_one();
        }
        Ok(())
    }

    pub(super) async fn flush(&self) -> Result<()> {
        let (tell, told) = oneshot::channel();
        {
            let mut buffer = self.lock();
            if let Some(spill) = &buffer.left {
                return ended(spill);
            }
            buffer.flushes.push(tell);
        }
        self.news.notify_one();
        match told.await {
            Ok(outcome) => outcome,
            Err(_) => self.lock().left.as_ref().map_or(Ok(()), ended),
        }
    }

    pub(super) fn standing(&self) -> Standing {
        let buffer = self.lock();
        Standing { waiting: buffer.standing.waiting + buffer.entries.len() as u64, ..buffer.standing }
    }

    /// Tells of an event that is nowhere.
    pub(super) fn lost(&self, error: Error) {
        self.lock().standing.lost += 1;
        self.problem(error);
    }

    /// Tells of a problem now, and again to the next flush.
    pub(super) fn problem(&self, error: Error) {
        (self.tell)(&error);
        self.lock().problem.get_or_insert(error);
    }

    /// Tells of a problem now.
    pub(super) fn tell(&self, error: &Error) {
        (self.tell)(error);
    }
}

/// What a flush says when nobody writes any more.
fn ended(spill: &Spill) -> Result<()> {
    if spill.is_empty() {
        return Ok(());
    }
    let why = format!(
        "its runtime has ended, and {} events wait in `{}` for the next start",
        spill.waiting,
        spill.path().display()
    );
    Err(Error::Unavailable { backend: "recorder", why, source: None })
}
