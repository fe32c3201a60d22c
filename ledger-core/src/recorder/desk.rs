//! What the recorder's callers and its writer share: the buffer between them.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot, watch};
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
    /// Whether the writer has ended.
    pub(super) ended: watch::Sender<bool>,
    tell: Arc<dyn Fn(&Error) + Send + Sync>,
}

#[derive(Debug, Default)]
pub(super) struct Buffer {
    pub(super) entries: VecDeque<Entry>,
    pub(super) bytes: usize,
    /// When the oldest of them came.
    pub(super) since: Option<Instant>,
    /// How many came, what waited in the file at first included.
    added: u64,
    /// Who waits for the first so many of them to be in the ledger.
    flushes: Vec<(u64, oneshot::Sender<Result<()>>)>,
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

    pub(super) fn is_awaited(&self) -> bool {
        !self.flushes.is_empty()
    }

    /// Answers those who wait for no more than what is settled. Events are settled in the order in which they came.
    pub(super) fn answer(&mut self) {
        let open = self.standing.waiting + self.standing.spilled + self.entries.len() as u64;
        let settled = self.added.saturating_sub(open);
        let due: Vec<_> = self.flushes.extract_if(.., |(mark, _)| *mark <= settled).collect();
        if due.is_empty() {
            return;
        }
        let outcome = self.problem.clone().map_or(Ok(()), Err);
        for (_, flush) in due {
            // Whoever asked may have stopped waiting, and the next one is told then.
            if flush.send(outcome.clone()).is_ok() {
                self.problem = None;
            }
        }
    }

    /// Tells all who wait that the ledger is away.
    pub(super) fn refuse(&mut self, error: &Error) {
        for (_, flush) in self.flushes.drain(..) {
            // Whoever asked may have stopped waiting.
            let _ = flush.send(Err(error.clone()));
        }
    }

    /// Ends the writer's time: what comes now goes into the file. Nobody waits for the writer any more.
    pub(super) fn leave(&mut self, spill: Spill) {
        self.left = Some(spill);
        self.flushes.clear();
    }

    /// Says what a flush says when nobody writes any more.
    fn ended(&mut self, spill: &str) -> Result<()> {
        if let Some(problem) = self.problem.take() {
            return Err(problem);
        }
        if self.standing.spilled == 0 {
            return Ok(());
        }
        let why =
            format!("its runtime has ended, and {} events wait in `{spill}` for the next start", self.standing.spilled);
        Err(Error::Unavailable { backend: "recorder", why, source: None })
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
        let buffer = Mutex::new(Buffer { standing, added: spilled, ..Buffer::default() });
        Self { buffer, news: Notify::new(), full: Notify::new(), ended: watch::Sender::new(false), tell }
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
            buffer.added += u64::from(added.is_ok());
            return added;
        }
        // The file takes what is more than full. When it cannot, because the disk is full too, this is the end.
        if buffer.entries.len() >= 2 * MOST_WAITING || buffer.bytes >= 2 * MOST_WAITING_BYTES {
            let why = format!("{} events wait, and neither ledger nor file takes them", buffer.entries.len());
            return Err(Error::Unavailable { backend: "recorder", why, source: None });
        }
        let (was_ready, was_full) = (buffer.is_ready(), buffer.is_full());
        buffer.added += 1;
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
            if let Some(spill) = buffer.left.as_ref().map(|spill| spill.path().display().to_string()) {
                return buffer.ended(&spill);
            }
            let mark = buffer.added;
            buffer.flushes.push((mark, tell));
        }
        self.news.notify_one();
        if let Ok(outcome) = told.await {
            return outcome;
        }
        let mut buffer = self.lock();
        let spill = buffer.left.as_ref().map(|spill| spill.path().display().to_string());
        buffer.ended(&spill.unwrap_or_default())
    }

    /// Ends the writer, and returns when it has.
    pub(super) async fn close(&self) {
        self.lock().closed = true;
        self.news.notify_one();
        // The sender lives as long as this.
        let _ = self.ended.subscribe().wait_for(|&ended| ended).await;
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
        self.tell(&error);
        self.lock().problem.get_or_insert(error);
    }

    /// Tells of a problem now.
    pub(super) fn tell(&self, error: &Error) {
        // What a user's function does is no reason to stop, or to end a program that unwinds already.
        let _ = catch_unwind(AssertUnwindSafe(|| (self.tell)(error)));
    }
}
