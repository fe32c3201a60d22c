//! What all who listen share: one follower of the ledger and one watcher of its head, however many they are.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use ledger_core::{Event, Ledger, LedgerExt, Offset, Query, Result};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;

/// How many batches are kept for those who are behind.
const KEPT: usize = 256;
/// How many events are taken at once.
const CHUNK: usize = 2_000;
/// From how many bytes on a batch takes no more.
const BATCH_BYTES: usize = 64 << 10;
/// The least time between two batches: thousands of listeners are written to less often, and with more each time.
const PAUSE: Duration = Duration::from_millis(20);
/// How long to wait before the head is looked for again when the engine is away.
const AWAY: Duration = Duration::from_secs(1);

/// Events that listeners get at once.
#[derive(Debug)]
pub(crate) struct Batch {
    /// The events, for whoever wants some of them only. None where they are too large to be kept: read them.
    pub(crate) events: Vec<Event>,
    /// All of them, as they are sent.
    pub(crate) frames: Bytes,
    /// The last of them.
    pub(crate) last: Offset,
}

/// Feeds listeners from one ledger.
#[derive(Debug)]
pub(crate) struct Feed {
    ledger: Arc<dyn Ledger>,
    live: tokio::sync::Mutex<Option<Arc<Live>>>,
    heads: tokio::sync::Mutex<Option<Heads>>,
}

/// A follower that runs.
#[derive(Debug)]
struct Live(Mutex<Position>);

#[derive(Debug)]
struct Position {
    /// The last offset that was sent.
    last: Offset,
    /// Nothing once the follower has ended.
    sender: Option<broadcast::Sender<Arc<Batch>>>,
}

/// A watcher of the head, which ends with its feed.
#[derive(Debug)]
struct Heads {
    sender: watch::Sender<Offset>,
    watcher: JoinHandle<()>,
}

impl Drop for Heads {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

impl Feed {
    pub(crate) fn new(ledger: Arc<dyn Ledger>) -> Self {
        Self { ledger, live: tokio::sync::Mutex::default(), heads: tokio::sync::Mutex::default() }
    }

    /// Listens to what comes after an offset, which is returned. The follower is started by the first who listens.
    pub(crate) async fn listen(&self) -> Result<(broadcast::Receiver<Arc<Batch>>, Offset)> {
        let mut live = self.live.lock().await;
        if let Some(listening) = live.as_ref().and_then(|live| live.listen()) {
            return Ok(listening);
        }
        let (sender, receiver) = broadcast::channel(KEPT);
        let last = self.ledger.head().await?;
        let started = Arc::new(Live(Mutex::new(Position { last, sender: Some(sender.clone()) })));
        tokio::spawn(Arc::clone(&started).run(Arc::clone(&self.ledger), sender, last));
        *live = Some(started);
        Ok((receiver, last))
    }

    /// Watches the head.
    pub(crate) async fn heads(&self) -> Result<watch::Receiver<Offset>> {
        let mut heads = self.heads.lock().await;
        if let Some(heads) = heads.as_ref().filter(|heads| !heads.watcher.is_finished()) {
            return Ok(heads.sender.subscribe());
        }
        let head = self.ledger.head().await?;
        let (sender, receiver) = watch::channel(head);
        let watcher = tokio::spawn(watch_head(Arc::clone(&self.ledger), sender.clone()));
        *heads = Some(Heads { sender, watcher });
        Ok(receiver)
    }
}

async fn watch_head(ledger: Arc<dyn Ledger>, sender: watch::Sender<Offset>) {
    loop {
        let known = *sender.borrow();
        match ledger.wait(known).await {
            Ok(head) => drop(sender.send_replace(head)),
            Err(error) => {
                if !error.is_unavailable() {
                    tracing::error!(%error, "the head cannot be watched");
                }
                tokio::time::sleep(AWAY).await;
            }
        }
    }
}

impl Live {
    fn position(&self) -> MutexGuard<'_, Position> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listen(&self) -> Option<(broadcast::Receiver<Arc<Batch>>, Offset)> {
        let position = self.position();
        position.sender.as_ref().map(|sender| (sender.subscribe(), position.last))
    }

    /// Follows the ledger until nobody listens, or until it fails; then those who listen read by themselves, and start another.
    async fn run(self: Arc<Self>, ledger: Arc<dyn Ledger>, sender: broadcast::Sender<Arc<Batch>>, from: Offset) {
        // However it ends: those who listen hear nothing more from it.
        let _end = End(&self);
        let mut following = pin!(self.follow(&*ledger, from));
        loop {
            tokio::select! {
                () = &mut following => return,
                () = sender.closed() => {}
            }
            let mut position = self.position();
            // Somebody may have come meanwhile.
            if sender.receiver_count() == 0 {
                position.sender.take();
                return;
            }
        }
    }

    async fn follow(&self, ledger: &dyn Ledger, from: Offset) {
        let mut chunks = ledger.follow(Query::after(from)).ready_chunks(CHUNK);
        while let Some(chunk) = chunks.next().await {
            let mut batch = Vec::new();
            let mut bytes = 0;
            for event in chunk {
                let event = match event {
                    Ok(event) => event,
                    Err(error) => {
                        tracing::error!(%error, "the follower ended");
                        return;
                    }
                };
                bytes += event.size();
                batch.push(event);
                if bytes > BATCH_BYTES {
                    self.send(std::mem::take(&mut batch));
                    bytes = 0;
                    tokio::task::yield_now().await;
                }
            }
            self.send(batch);
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn send(&self, events: Vec<Event>) {
        let Some(last) = events.last().map(|event| event.offset) else { return };
        let mut frames = Vec::new();
        let written = events.iter().try_for_each(|event| frame(event, &mut frames));
        let batch = if written.is_ok() && frames.len() <= 2 * BATCH_BYTES {
            Batch { events, frames: frames.into(), last }
        } else {
            Batch { events: Vec::new(), frames: Bytes::new(), last }
        };
        let mut position = self.position();
        position.last = last;
        if let Some(sender) = &position.sender {
            // That nobody listens is seen by `run`.
            let _ = sender.send(Arc::new(batch));
        }
    }
}

/// Ends a follower when it is dropped.
struct End<'l>(&'l Live);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.position().sender.take();
    }
}

/// Writes an event as it is sent to those who listen.
pub(crate) fn frame(event: &Event, frames: &mut Vec<u8>) -> Result<()> {
    frames.extend_from_slice(format!("id: {}\ndata: ", event.offset).as_bytes());
    event.write_json(frames)?;
    frames.extend_from_slice(b"\n\n");
    Ok(())
}
