//! The logical clock of a handle: the highest stamp that it knows of, and up to where it knows all.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::event::{Event, Offset};
use crate::ext::fold;
use crate::ledger::Ledger;
use crate::query::Query;
use crate::text::{Actor, SessionId};
use crate::views::View;
use crate::views::session::{Checkpoint, Edited, Last};

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
    /// The edit of each actor that has the highest stamp.
    pub(super) last: BTreeMap<Actor, Last>,
    /// The last offset up to which nothing of the session is unknown, and when that was so.
    read: Offset,
    at: Instant,
}

impl Clock {
    /// Starts at a checkpoint, or at nothing.
    pub(super) fn after(checkpoint: Option<Checkpoint>) -> Self {
        let News { lamport, last, up_to, .. } = News::after(checkpoint);
        Self { lamport, seen: up_to, last, read: up_to, at: Instant::now() }
    }

    /// Reads what the session has that was not read yet.
    pub(super) async fn catch_up(&mut self, ledger: &dyn Ledger, session: &SessionId) -> Result<()> {
        let at = Instant::now();
        // A copy, because whoever looks away must not take it along.
        let last = self.last.clone();
        let mut news = News { lamport: self.lamport, operations: 0, last, up_to: self.read };
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

/// What the events of a session come to, from a checkpoint on.
pub(super) struct News {
    /// The highest stamp.
    pub(super) lamport: u64,
    /// How many edits there are.
    pub(super) operations: u64,
    /// The edit of each actor that has the highest stamp.
    pub(super) last: BTreeMap<Actor, Last>,
    /// The last offset.
    pub(super) up_to: Offset,
}

impl News {
    /// Starts with what a checkpoint says, or with nothing.
    pub(super) fn after(checkpoint: Option<Checkpoint>) -> Self {
        match checkpoint {
            Some(Checkpoint { lamport, operations, offset: up_to, last, .. }) => {
                Self { lamport, operations, last, up_to }
            }
            None => Self { lamport: 0, operations: 0, last: BTreeMap::new(), up_to: Offset::START },
        }
    }
}

impl View for News {
    fn apply(&mut self, event: &Event) {
        self.lamport = self.lamport.max(event.lamport.unwrap_or_default());
        self.up_to = event.offset;
        let Some(Ok(edited)) = Edited::read(event) else { return };
        self.operations = self.operations.saturating_add(1);
        let stamp = edited.link.stamp;
        let last = Last { lamport: stamp.lamport.unwrap_or_default(), id: stamp.id };
        if self.last.get(&stamp.actor).is_none_or(|before| *before < last) {
            self.last.insert(stamp.actor, last);
        }
    }
}
