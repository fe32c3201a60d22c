//! The one task that carries what was recorded into the ledger, or into the file while the ledger is away.
//!
//! Events keep their order: what is in hand goes before what is in the file, and that before what is in memory.

use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::error::{Error, Result};
use crate::event::Draft;
use crate::ledger::Ledger;
use crate::patience::Patience;
use crate::query::Condition;

use super::desk::Shared;
use super::entry::Entry;
use super::spill::Spill;
use super::{BATCH_BYTES, BATCH_EVENTS, Pace};

/// The first pause between two tries.
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);
/// The longest.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

pub(super) struct Writer {
    ledger: Arc<dyn Ledger>,
    shared: Arc<Shared>,
    spill: Option<Spill>,
    pace: Pace,
    /// What was taken out of memory and is neither in the ledger nor in the file.
    in_hand: Vec<Draft>,
    away: Option<Away>,
    file: File,
}

/// The ledger did not take something for too long.
struct Away {
    pause: Duration,
    next_try: Instant,
}

/// Whether the file takes what it is given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum File {
    Works,
    Fails,
}

const HELD: &str = "the writer has the file until it is dropped";

impl Writer {
    pub(super) fn new(ledger: Arc<dyn Ledger>, shared: Arc<Shared>, spill: Spill, pace: Pace) -> Self {
        Self { ledger, shared, spill: Some(spill), pace, in_hand: Vec::new(), away: None, file: File::Works }
    }

    /// Works until the last recorder is gone and nothing is left, or the ledger is away then.
    pub(super) async fn run(mut self) {
        loop {
            self.wait_for_work().await;
            let (asked, closed) = {
                let buffer = self.shared.lock();
                (buffer.is_awaited(), buffer.closed)
            };
            let outcome = self.deliver_all(closed || asked).await;
            let mut buffer = self.shared.lock();
            match outcome {
                Ok(()) => buffer.answer(),
                Err(error) => buffer.refuse(&error),
            }
            drop(buffer);
            if closed {
                // What is left, if anything, goes into the file as this is dropped.
                return;
            }
        }
    }

    /// Returns when there is something to do.
    async fn wait_for_work(&self) {
        loop {
            let until = {
                let buffer = self.shared.lock();
                // While nobody takes anything, there is nothing to do before the next try.
                let stuck = self.away.is_some() && self.file == File::Fails;
                if buffer.closed || buffer.is_awaited() || (buffer.is_ready() && !stuck) {
                    return;
                }
                let lingered = buffer.since.filter(|_| !stuck).map(|since| since + self.pace.linger);
                let again = self.away.as_ref().map(|away| away.next_try);
                // What waited in the file when it was opened is due at once.
                let due = (self.away.is_none() && !self.spill().is_empty()).then(Instant::now);
                lingered.into_iter().chain(again).chain(due).min()
            };
            let Some(until) = until else {
                self.shared.news.notified().await;
                continue;
            };
            tokio::select! {
                () = sleep_until(until) => return,
                () = self.shared.news.notified() => {}
            }
        }
    }

    /// Delivers all that waits. Fails when the ledger is away; all that waited is in the file then, if that can be written.
    async fn deliver_all(&mut self, asked: bool) -> Result<()> {
        if let Some(away) = &self.away {
            let due = asked || away.next_try <= Instant::now();
            self.spill_all();
            if !due {
                return Ok(());
            }
        }
        let Err(error) = self.deliver_in_order().await else {
            self.away = None;
            return Ok(());
        };
        let pause = self.away.as_ref().map_or(SHORTEST_PAUSE, |away| (away.pause * 2).min(LONGEST_PAUSE));
        let news = self.away.is_none();
        self.away = Some(Away { pause, next_try: Instant::now() + pause });
        self.spill_all();
        let (file, path) = (self.spill().waiting, self.spill().path().display());
        let memory = self.shared.standing().waiting;
        let why = format!("{file} events wait in `{path}` and {memory} in memory, and it goes on to try: {error}");
        let error = Error::Unavailable { backend: "recorder", why, source: Some(Arc::new(error)) };
        if news {
            self.shared.tell(&error);
        }
        Err(error)
    }

    async fn deliver_in_order(&mut self) -> Result<()> {
        loop {
            if self.in_hand.is_empty() && self.spill().is_empty() {
                self.take();
            }
            if !self.in_hand.is_empty() {
                self.deliver_in_hand().await?;
            } else if !self.spill().is_empty() {
                self.deliver_spilled().await?;
            } else {
                return Ok(());
            }
            // Others may go on to record, and a flush waits for what came before it alone.
            self.shared.lock().answer();
        }
    }

    /// Takes a batch out of memory.
    fn take(&mut self) {
        let mut buffer = self.shared.lock();
        let (mut count, mut bytes) = (0, 0);
        for entry in &buffer.entries {
            if count == BATCH_EVENTS || bytes >= BATCH_BYTES {
                break;
            }
            (count, bytes) = (count + 1, bytes + entry.size());
        }
        let entries: Vec<Entry> = buffer.entries.drain(..count).collect();
        buffer.bytes -= bytes;
        if buffer.entries.is_empty() {
            buffer.since = None;
        }
        buffer.standing.waiting = count as u64;
        drop(buffer);
        self.in_hand = drafts(&self.shared, entries);
    }

    async fn deliver_in_hand(&mut self) -> Result<()> {
        let patience = if self.away.is_some() { Duration::ZERO } else { self.pace.patience };
        let Self { ledger, shared, spill, in_hand, .. } = self;
        let spill = spill.as_mut().expect(HELD);
        let (outcome, room) = making_room(shared, spill, in_hand, settle(&**ledger, in_hand, patience)).await;
        if room == Room::Made {
            // They are in the file, from where they are delivered again and what is refused is told.
            self.let_go();
            return outcome.map(drop);
        }
        let refused = outcome?.into_iter().map(|(place, error)| (line(&self.in_hand[place]), error)).collect();
        self.refuse(refused)?;
        self.let_go();
        Ok(())
    }

    fn let_go(&mut self) {
        self.in_hand.clear();
        self.shared.lock().standing.waiting = 0;
    }

    async fn deliver_spilled(&mut self) -> Result<()> {
        let Self { ledger, shared, spill, .. } = self;
        let spill = spill.as_mut().expect(HELD);
        let next = spill.next().map_err(|error| spill.failed(error))?;
        let (outcome, _) = making_room(shared, spill, &[], settle(&**ledger, &next.drafts, Duration::ZERO)).await;
        let refused = outcome?.into_iter().map(|(place, error)| (line(&next.drafts[place]), error));
        let refused = refused.chain(next.broken.iter().cloned()).collect();
        self.refuse(refused)?;
        let spill = self.spill.as_mut().expect(HELD);
        spill.settled(&next).map_err(|error| spill.failed(error))?;
        self.shared.lock().standing.spilled = spill.waiting;
        Ok(())
    }

    /// Keeps what the ledger will never take, and tells of it.
    fn refuse(&self, refused: Vec<(Vec<u8>, Error)>) -> Result<()> {
        if refused.is_empty() {
            return Ok(());
        }
        let path = self.spill().refuse(&refused.iter().flat_map(|(line, _)| line.clone()).collect::<Vec<_>>())?;
        self.shared.lock().standing.refused += refused.len() as u64;
        for (_, error) in refused {
            let why = format!("an event was refused and is in `{}`: {error}", path.display());
            self.shared.problem(Error::Backend { backend: "recorder", why, source: Some(Arc::new(error)) });
        }
        Ok(())
    }

    /// Puts all that waits into the file, durably. When it cannot be written, all stays where it was.
    fn spill_all(&mut self) {
        let spill = self.spill.as_mut().expect(HELD);
        match spill_all(&self.shared, spill, &self.in_hand) {
            Ok(()) => {
                self.file = File::Works;
                self.let_go();
            }
            Err(error) => {
                if self.file == File::Works {
                    self.shared.tell(&error);
                }
                self.file = File::Fails;
            }
        }
    }

    fn spill(&self) -> &Spill {
        self.spill.as_ref().expect(HELD)
    }
}

impl Drop for Writer {
    /// Keeps what was not delivered: the runtime may end before the writer has.
    fn drop(&mut self) {
        self.spill_all();
        let mut buffer = self.shared.lock();
        let mut spill = self.spill.take().expect(HELD);
        // Under the lock: what others record meanwhile has no writer that would come for it.
        let entries = std::mem::take(&mut buffer.entries);
        let (rest, broken): (Vec<_>, Vec<_>) = entries.into_iter().map(Entry::draft).partition(Result::is_ok);
        let rest: Vec<Draft> = self.in_hand.drain(..).chain(rest.into_iter().flatten()).collect();
        let kept = spill.add(rest.iter()).map_err(|error| spill.failed(error));
        buffer.standing.waiting = 0;
        buffer.standing.spilled = spill.waiting;
        let lost = broken.len() + if kept.is_ok() { 0 } else { rest.len() };
        buffer.standing.lost += lost as u64;
        buffer.leave(spill);
        drop(buffer);
        if let Err(error) = kept {
            let why = format!("{lost} events are lost, because neither the ledger nor the file took them: {error}");
            self.shared.problem(Error::Backend { backend: "recorder", why, source: Some(Arc::new(error)) });
        }
        self.shared.ended.send_replace(true);
    }
}

/// Appends a batch, with patience, and returns what the ledger will never take: places in the batch, and why.
async fn settle(ledger: &dyn Ledger, batch: &[Draft], patience: Duration) -> Result<Vec<(usize, Error)>> {
    let mut patience = Patience::of(patience);
    let mut refused = Vec::new();
    // One that is refused takes its batch along: the halves tell which it was.
    let mut pieces: Vec<Range<usize>> = Vec::from_iter((!batch.is_empty()).then_some(0..batch.len()));
    while let Some(piece) = pieces.pop() {
        match unseen(ledger.append(&batch[piece.clone()], &Condition::None)).await {
            Ok(_) => {}
            Err(error @ (Error::IdConflict { .. } | Error::Invalid { .. })) => {
                let middle = piece.start + piece.len() / 2;
                if piece.len() == 1 {
                    refused.push((piece.start, error));
                } else {
                    pieces.extend([middle..piece.end, piece.start..middle]);
                }
            }
            Err(error) => {
                patience.wait(error).await?;
                pieces.push(piece);
            }
        }
    }
    Ok(refused)
}

/// Does some work that no subscriber of `tracing` sees: what a ledger does to record would be recorded without end.
async fn unseen<F: Future>(work: F) -> F::Output {
    #[cfg(feature = "tracing")]
    let work = tracing::instrument::WithSubscriber::with_subscriber(work, tracing::Dispatch::none());
    work.await
}

/// Whether memory was put into the file meanwhile.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    Enough,
    Made,
}

/// Does some work that waits for the ledger. When memory is full before it ends, all that waits goes into the file.
async fn making_room<T>(
    shared: &Shared,
    spill: &mut Spill,
    in_hand: &[Draft],
    work: impl Future<Output = T>,
) -> (T, Room) {
    /// How long a file that fails is left alone.
    const PAUSE: Duration = Duration::from_secs(1);
    let mut work = pin!(work);
    let (mut room, mut failing) = (Room::Enough, false);
    loop {
        tokio::select! {
            biased;
            outcome = &mut work => return (outcome, room),
            () = shared.full.notified(), if !failing => {}
            () = tokio::time::sleep(PAUSE), if failing => {}
        }
        let in_hand = if room == Room::Made { &[] } else { in_hand };
        match spill_all(shared, spill, in_hand) {
            Ok(()) => {
                // It waits in the file now, whatever becomes of it here.
                shared.lock().standing.waiting = 0;
                (room, failing) = (Room::Made, false);
            }
            Err(error) if !failing => {
                shared.tell(&error);
                failing = true;
            }
            Err(_) => {}
        }
    }
}

/// Puts what is in hand and what is in memory into the file.
fn spill_all(shared: &Shared, spill: &mut Spill, in_hand: &[Draft]) -> Result<()> {
    // Those who record must not wait for a disk, so the lock is not held meanwhile.
    let entries = std::mem::take(&mut shared.lock().entries);
    let mut drafts = drafts(shared, entries);
    let added = spill.add(in_hand.iter().chain(&drafts)).map_err(|error| spill.failed(error));
    if added.is_ok() {
        drafts.clear();
    }
    let mut buffer = shared.lock();
    let later = std::mem::take(&mut buffer.entries);
    buffer.entries = drafts.into_iter().map(Entry::Draft).chain(later).collect();
    buffer.bytes = buffer.entries.iter().map(Entry::size).sum();
    buffer.since = (!buffer.entries.is_empty()).then(Instant::now);
    buffer.standing.spilled = spill.waiting;
    added
}

/// Makes events of what waited. What breaks a limit was refused before it got here.
fn drafts(shared: &Shared, entries: impl IntoIterator<Item = Entry>) -> Vec<Draft> {
    let told = |draft: Result<Draft>| draft.map_err(|error| shared.lost(error)).ok();
    entries.into_iter().filter_map(|entry| told(entry.draft())).collect()
}

fn line(draft: &Draft) -> Vec<u8> {
    let mut line = serde_json::to_vec(draft).unwrap_or_default();
    line.push(b'\n');
    line
}
