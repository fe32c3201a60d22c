//! The logical clock of a handle: the highest stamp that it knows of, and up to where it knows all.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::event::{Event, Offset};
use crate::ext::fold;
use crate::ledger::Ledger;
use crate::query::Query;
use crate::text::{Actor, EventId, SessionId};
use crate::views::View;
use crate::views::session::{Checkpoint, OPERATION};

/// After how long a handle reads what others did before it appends: so its stamps follow theirs. The condition of an append
/// looks through what the session had since the actor's last edit, while all other writers wait.
const FRESH: Duration = Duration::from_secs(1);

/// What a handle knows.
#[derive(Debug)]
pub(super) struct Clock {
    /// The highest stamp.
    pub(super) lamport: u64,
    /// The last offset up to which no edit of its own actor is unknown.
    pub(super) seen: Offset,
    /// The last edit of each actor since the checkpoint that it was opened at.
    pub(super) last: BTreeMap<Actor, EventId>,
    /// The last offset up to which nothing of the session is unknown, and when that was so.
    read: Offset,
    at: Instant,
}

impl Clock {
    /// Starts at a checkpoint, or at nothing.
    pub(super) fn after(checkpoint: Option<Checkpoint>) -> Self {
        let (lamport, seen) = checkpoint.map_or((0, Offset::START), |found| (found.lamport, found.offset));
        Self { lamport, seen, last: BTreeMap::new(), read: seen, at: Instant::now() }
    }

    /// Reads what the session has that was not read yet.
    pub(super) async fn catch_up(&mut self, ledger: &dyn Ledger, session: &SessionId) -> Result<()> {
        let at = Instant::now();
        let mut news = News { lamport: self.lamport, last: std::mem::take(&mut self.last) };
        let read = fold(ledger, Query::all().session(session)?.from(self.read), &mut news).await;
        (self.lamport, self.last) = (news.lamport, news.last);
        self.read = read?;
        self.seen = self.seen.max(self.read);
        self.at = at;
        Ok(())
    }

    /// Reads what the session has, unless that was done just now.
    pub(super) async fn keep_up(&mut self, ledger: &dyn Ledger, session: &SessionId) -> Result<()> {
        if self.at.elapsed() < FRESH { Ok(()) } else { self.catch_up(ledger, session).await }
    }

    /// Takes note of an edit that this handle recorded. No unknown edit of its actor lies before it.
    pub(super) fn saw(&mut self, offset: Offset, lamport: u64) {
        self.lamport = self.lamport.max(lamport);
        self.seen = self.seen.max(offset);
    }
}

/// What the events of a session say to a clock.
struct News {
    lamport: u64,
    last: BTreeMap<Actor, EventId>,
}

impl View for News {
    fn apply(&mut self, event: &Event) {
        self.lamport = self.lamport.max(event.lamport.unwrap_or_default());
        if event.kind.as_str() == OPERATION {
            self.last.insert(event.actor.clone(), event.id.clone());
        }
    }
}
