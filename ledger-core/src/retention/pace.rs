//! The pace of a sweep: as fast as it goes, unless somebody else appends.

use std::time::{Duration, Instant};

use crate::error::Result;
use crate::event::Offset;
use crate::ledger::{Ledger, Page, Receipt, Status};
use crate::query::{Limit, Query};

/// How often it looks whether anybody appends.
const LOOK: Duration = Duration::from_millis(100);
/// How long nobody may have appended before it goes on without pauses.
const QUIET: Duration = Duration::from_secs(10);
/// How long it pauses after each turn while somebody does.
const PAUSE: Duration = Duration::from_millis(1);
/// How many events are a turn. Long ones would keep a processor from those who append, however idle the others are.
pub(super) const TURN: usize = 100;

/// How many events are read at once while others append, at first; at most as many as a page has by default.
const PAGE: usize = 250;
/// How long one event may take when they are read so.
const SLOW: Duration = Duration::from_micros(20);

/// Says when a sweep has to pause.
#[derive(Debug)]
pub(super) struct Pace {
    head: Offset,
    looked: Instant,
    disturbed: Option<Instant>,
    page: Limit,
}

impl Pace {
    pub(super) fn new(head: Offset) -> Self {
        let page = Limit::new(PAGE).expect("it is a size of a page");
        Self { head, looked: Instant::now(), disturbed: None, page }
    }

    /// Ends a turn.
    pub(super) async fn turn(&mut self, ledger: &(impl Ledger + ?Sized)) -> Result<()> {
        if self.looked.elapsed() > LOOK {
            let head = ledger.head().await?;
            if head > self.head {
                self.disturbed = Some(Instant::now());
            }
            (self.head, self.looked) = (head, Instant::now());
        }
        if self.is_disturbed() {
            tokio::time::sleep(PAUSE).await;
        } else {
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Passes over what the sweep itself has appended, and sees by its place whether others have.
    pub(super) fn appended(&mut self, receipts: &[Receipt]) {
        let new = || receipts.iter().filter(|receipt| receipt.status == Status::New).map(|receipt| receipt.offset);
        if let (Some(first), Some(last)) = (new().min(), new().max()) {
            if first > self.head.plus(1) {
                self.disturbed = Some(Instant::now());
            }
            self.head = last;
        }
    }

    /// Reads a page: a small one while others append, unless small ones cost mostly the way to the engine.
    pub(super) async fn read(&mut self, ledger: &(impl Ledger + ?Sized), query: &Query) -> Result<Page> {
        let limit = if self.is_disturbed() { self.page } else { Limit::MAX };
        let begun = Instant::now();
        let page = ledger.read(&Query { limit, ..query.clone() }).await?;
        if page.events.len() == self.page.get() && begun.elapsed() / self.page.get() as u32 > SLOW {
            self.page = self.page.doubled().min(Limit::default());
        }
        Ok(page)
    }

    fn is_disturbed(&self) -> bool {
        self.disturbed.is_some_and(|at| at.elapsed() < QUIET)
    }
}
