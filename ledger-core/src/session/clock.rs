//! The logical clock of a handle: the highest stamp that it knows of, and up to where it knows all.

use std::time::{Duration, Instant};

use crate::error::Result;
use crate::event::{Event, Offset};
use crate::ext::fold;
use crate::ledger::Ledger;
use crate::query::Query;
use crate::text::SessionId;
use crate::views::View;
use crate::views::session::Checkpoint;

/// After how long a handle reads what others did before it appends. The condition of an append looks through what the session
/// had since then, while all other writers wait.
const FRESH: Duration = Duration::from_secs(1);

/// What a handle knows.
#[derive(Debug)]
pub(super) struct Clock {
    /// The highest stamp.
    pub(super) lamport: u64,
    /// The last offset up to which no edit of the actor is unknown.
    pub(super) seen: Offset,
    /// When that was.
    at: Instant,
}

impl Clock {
    /// Starts at a checkpoint, or at nothing.
    pub(super) fn after(checkpoint: Option<Checkpoint>) -> Self {
        let (lamport, seen) = checkpoint.map_or((0, Offset::START), |found| (found.lamport, found.offset));
        Self { lamport, seen, at: Instant::now() }
    }

    /// Reads what the session has that the clock does not know of.
    pub(super) async fn catch_up(&mut self, ledger: &dyn Ledger, session: &SessionId) -> Result<()> {
        let at = Instant::now();
        let mut highest = Highest::default();
        self.seen = fold(ledger, Query::all().session(session)?.from(self.seen), &mut highest).await?;
        self.lamport = self.lamport.max(highest.0);
        self.at = at;
        Ok(())
    }

    /// Reads what the session has when the clock was not set for a while.
    pub(super) async fn keep_up(&mut self, ledger: &dyn Ledger, session: &SessionId) -> Result<()> {
        if self.at.elapsed() < FRESH { Ok(()) } else { self.catch_up(ledger, session).await }
    }

    /// Takes note of an edit that this handle recorded, before which the actor had no other that is unknown.
    pub(super) fn saw(&mut self, offset: Offset, lamport: Option<u64>) {
        self.lamport = self.lamport.max(lamport.unwrap_or_default());
        self.seen = self.seen.max(offset);
        self.at = Instant::now();
    }
}

/// The highest stamp of some events.
#[derive(Debug, Default)]
pub(super) struct Highest(pub(super) u64);

impl View for Highest {
    fn apply(&mut self, event: &Event) {
        self.0 = self.0.max(event.lamport.unwrap_or_default());
    }
}
