//! A ledger that is broken on purpose, in one way at a time, because a hunt that finds nothing there proves nothing elsewhere.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use backends::MemoryLedger;
use ledger_core::{Condition, Draft, Error, Event, Ledger, Offset, Page, Query, Receipt, Result, Status};

/// Which append is done wrong: every seventh, …
const APPENDS: u64 = 7;
/// … and which event is read wrong, …
const EVENTS: u64 = 500;
/// … for good, or until so many others have come after it.
const YOUTH: usize = 1_000;
/// How long others may come between two halves of a batch.
const PAUSE: Duration = Duration::from_millis(20);

/// What a ledger does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Acknowledges batches and drops them.
    Drops,
    /// Records a batch in two halves.
    Tears,
    /// Says that events are one offset further on.
    Misplaces,
    /// Refuses what is in conflict with nothing.
    Refuses,
    /// Acknowledges conflicts.
    Accepts,
    /// Refuses a conflict, and keeps what stands before it in the batch.
    Keeps,
    /// Leaves events out for good.
    Swallows,
    /// Leaves new events out for a while, as if they were committed after later ones.
    Hides,
    /// Gives an event again in the place of the next one.
    Doubles,
    /// Does so for a while.
    Invents,
    /// Gives other content.
    Alters,
    /// Gives the second event of a page first.
    Swaps,
    /// Says that it is damaged.
    Corrupts,
}

/// A ledger in memory with a fault.
#[derive(Debug)]
pub struct Faulty {
    fault: Fault,
    inner: MemoryLedger,
    appends: AtomicU64,
}

impl Faulty {
    /// Returns an empty ledger.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self { fault, inner: MemoryLedger::new(), appends: AtomicU64::new(0) }
    }

    /// Appends wrongly.
    async fn misappend(&self, drafts: &[Draft], condition: &Condition) -> Result<Vec<Receipt>> {
        match self.fault {
            Fault::Drops => {
                let head = self.inner.head().await?;
                Ok((1..=drafts.len()).map(|place| Receipt { offset: head.plus(place), status: Status::New }).collect())
            }
            Fault::Tears => {
                let (one, two) = drafts.split_at(drafts.len() / 2);
                let mut receipts = self.inner.append(one, condition).await?;
                tokio::time::sleep(PAUSE).await;
                receipts.extend(self.inner.append(two, condition).await?);
                Ok(receipts)
            }
            Fault::Misplaces => {
                let mut receipts = self.inner.append(drafts, condition).await?;
                receipts.iter_mut().for_each(|receipt| receipt.offset = receipt.offset.plus(1));
                Ok(receipts)
            }
            Fault::Refuses => Err(Error::IdConflict { id: drafts[0].id.clone(), offset: Offset::MAX }),
            _ => self.inner.append(drafts, condition).await,
        }
    }

    /// Answers a conflict wrongly.
    async fn misjudge(&self, drafts: &[Draft], offset: Offset, error: Error) -> Result<Vec<Receipt>> {
        match self.fault {
            Fault::Accepts => Ok(vec![Receipt { offset, status: Status::Duplicate }; drafts.len()]),
            Fault::Keeps => {
                self.inner.append(&drafts[..drafts.len() - 1], &Condition::None).await?;
                Err(error)
            }
            _ => Err(error),
        }
    }

    /// Returns the draft of the event before one.
    async fn before(&self, event: &Event) -> Result<Draft> {
        let query = Query::after(event.offset.before().before()).limit(1)?;
        Ok(self.inner.read(&query).await?.events.remove(0).draft)
    }
}

#[async_trait]
impl Ledger for Faulty {
    fn backend(&self) -> &'static str {
        "faulty"
    }

    async fn identity(&self) -> Result<String> {
        self.inner.identity().await
    }

    async fn append(&self, drafts: &[Draft], condition: &Condition) -> Result<Vec<Receipt>> {
        let number = self.appends.fetch_add(1, Ordering::Relaxed);
        let answer = match number % APPENDS {
            0 => self.misappend(drafts, condition).await,
            _ => self.inner.append(drafts, condition).await,
        };
        match answer {
            Err(Error::IdConflict { id, offset }) => {
                self.misjudge(drafts, offset, Error::IdConflict { id, offset }).await
            }
            answer => answer,
        }
    }

    async fn read(&self, query: &Query) -> Result<Page> {
        let mut page = self.inner.read(query).await?;
        let head = self.inner.head().await?;
        let is_wrong = |event: &Event| event.offset.get().is_multiple_of(EVENTS);
        let is_young = |event: &Event| is_wrong(event) && head < event.offset.plus(YOUTH);
        match self.fault {
            Fault::Swallows => page.events.retain(|event| !is_wrong(event)),
            Fault::Hides => page.events.retain(|event| !is_young(event)),
            Fault::Doubles | Fault::Invents => {
                for event in &mut page.events {
                    if is_young(event) || is_wrong(event) && self.fault == Fault::Doubles {
                        event.draft = self.before(event).await?;
                    }
                }
            }
            Fault::Alters => {
                page.events.iter_mut().filter(|event| is_wrong(event)).for_each(|event| event.draft.turn += 1);
            }
            // The last one stays where it is, because who reads goes on from there.
            Fault::Swaps if page.events.len() > 2 => page.events.swap(0, 1),
            Fault::Corrupts if head.get() > EVENTS => {
                return Err(Error::Corrupt { why: "it is broken on purpose".to_owned() });
            }
            _ => {}
        }
        Ok(page)
    }

    async fn head(&self) -> Result<Offset> {
        self.inner.head().await
    }

    async fn wait(&self, after: Offset) -> Result<Offset> {
        self.inner.wait(after).await
    }

    async fn restore(&self, events: &[Event], head: Offset) -> Result<()> {
        self.inner.restore(events, head).await
    }

    async fn prune(&self, query: &Query) -> Result<u64> {
        self.inner.prune(query).await
    }

    async fn erase(&self, offsets: &[Offset]) -> Result<u64> {
        self.inner.erase(offsets).await
    }
}
