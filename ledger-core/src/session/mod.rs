//! A session to edit in: stamps what one actor does so that it follows what the actor knew of, and loses none of it.
//!
//! What was edited is read here as well: what came since a checkpoint, collapsed into a delta if one likes, and who has reserved
//! what. The views beneath are in [`views::session`](crate::views::session).
//!
//! ```no_run
//! use std::sync::Arc;
//! use ledger_core::{Ledger, session::{NewEdit, Session}, views::session::Edit};
//!
//! # async fn example(ledger: Arc<dyn Ledger>) -> ledger_core::Result<()> {
//! let session = Session::open(ledger, "draft-7", "ann").await?;
//! let made = session.record(NewEdit::new("doc", Edit::insert("p-1")?.payload("Hello")?)?).await?;
//! session.record(NewEdit::new("doc", Edit::replace("p-1")?.payload("Hello!")?)?.parent(&made.id)?).await?;
//! println!("{}", session.to_delta("doc").await?);
//! session.checkpoint("draft-7.v1").await?;
//! # Ok(()) }
//! ```

mod carry;
mod clock;
mod exchange;
mod lines;
mod read;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::Mutex;

pub use carry::{Carried, carry};
use clock::{Clock, News};
pub use exchange::{Exported, Imported, export, import};
pub use read::{Overview, Replay, coordination, delta, newest_checkpoint, overview, replay, union};

use crate::error::{Error, Result, Shown};
use crate::event::{Draft, Offset};
use crate::ext::{LedgerExt, fold};
use crate::ledger::{Ledger, Receipt, Status};
use crate::lineage::AsOf;
use crate::query::{Condition, Query};
use crate::text::{Actor, Domain, EventId, SessionId};
use crate::time::Timestamp;
use crate::views::session::{
    CHECKPOINT, Checkpoint, Claim, Collapse, Compact, Coordination, Delta, Edit, Firmness, INTENT, Last, OPERATION,
    RELEASED, RESERVATION, Release, Wish, Written, checkpoint_tag,
};

/// How long a handle tries to get a word in where others stamp for the same actor.
const PATIENCE: Duration = Duration::from_secs(30);

/// An edit to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEdit {
    /// The idempotency key; a fresh one unless the caller gives it.
    pub id: EventId,
    /// What it is about.
    pub domain: Domain,
    /// What is done.
    pub edit: Edit,
    /// The events that led to it, of any session.
    pub parents: Vec<EventId>,
    /// The intent that it follows.
    pub intent: Option<EventId>,
    /// The reservation that it is made under.
    pub reservation: Option<EventId>,
    /// When it was made, by the caller's clock.
    pub at: Timestamp,
}

impl NewEdit {
    /// Starts an edit of a domain. Fails when its name breaks the rule of [`Domain`].
    pub fn new<D: TryInto<Domain, Error: Into<Error>>>(domain: D, edit: Edit) -> Result<Self> {
        Ok(Self {
            id: EventId::fresh(),
            domain: domain.try_into().map_err(Into::into)?,
            edit,
            parents: Vec::new(),
            intent: None,
            reservation: None,
            at: Timestamp::now(),
        })
    }

    /// Sets the id. Fails when it breaks the rule of [`EventId`]; so do those that follow.
    pub fn id<I: TryInto<EventId, Error: Into<Error>>>(mut self, id: I) -> Result<Self> {
        self.id = id.try_into().map_err(Into::into)?;
        Ok(self)
    }

    /// Adds an event that led to it.
    pub fn parent<I: TryInto<EventId, Error: Into<Error>>>(mut self, parent: I) -> Result<Self> {
        self.parents.push(parent.try_into().map_err(Into::into)?);
        Ok(self)
    }

    /// Sets the intent that it follows.
    pub fn intent<I: TryInto<EventId, Error: Into<Error>>>(mut self, intent: I) -> Result<Self> {
        self.intent = Some(intent.try_into().map_err(Into::into)?);
        Ok(self)
    }

    /// Sets the reservation that it is made under.
    pub fn reservation<I: TryInto<EventId, Error: Into<Error>>>(mut self, reservation: I) -> Result<Self> {
        self.reservation = Some(reservation.try_into().map_err(Into::into)?);
        Ok(self)
    }

    /// Returns the event that records it, without a stamp.
    fn draft(self, session: &SessionId, actor: &Actor) -> Result<Draft> {
        let Self { id, domain, edit, parents, intent, reservation, at } = self;
        let draft = Draft::new(OPERATION, &Written { domain, op: edit, intent, reservation })?;
        let mut draft = draft.id(id)?.session(session)?.actor(actor)?.at(at);
        draft.parents = parents;
        Ok(draft)
    }
}

/// Where an edit is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// Its id.
    pub id: EventId,
    /// Its offset.
    pub offset: Offset,
    /// Its stamp.
    pub lamport: u64,
}

/// One actor's hand in a session.
///
/// Several handles of one actor on one ledger, in one process or many, never give one stamp twice in the session. A handle records
/// one edit after the other, each with a round trip to the disk: [`record_all`](Self::record_all) has one for many.
///
/// That one edit knows of another is said by its parents alone, and by what the same actor did before. Who has seen what others
/// did names it: [`frontier`](Self::frontier) returns what names all there is.
#[derive(Debug)]
pub struct Session {
    ledger: Arc<dyn Ledger>,
    id: SessionId,
    actor: Actor,
    clock: Mutex<Clock>,
}

impl Session {
    /// Opens a session, which need not be there, and sets the clock past all that it holds. It reads what came since the newest
    /// checkpoint.
    pub async fn open<S, A>(ledger: Arc<dyn Ledger>, session: S, actor: A) -> Result<Self>
    where
        S: TryInto<SessionId, Error: Into<Error>>,
        A: TryInto<Actor, Error: Into<Error>>,
    {
        let id = session.try_into().map_err(Into::into)?;
        let actor = actor.try_into().map_err(Into::into)?;
        let mut clock = Clock::after(newest_checkpoint(&*ledger, &id).await?);
        clock.catch_up(&*ledger, &id).await?;
        Ok(Self { ledger, id, actor, clock: Mutex::new(clock) })
    }

    /// Returns the session's id.
    #[must_use]
    pub fn id(&self) -> &SessionId {
        &self.id
    }

    /// Returns whose hand it is.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Returns the highest stamp that the handle knows of.
    pub async fn lamport(&self) -> u64 {
        self.clock.lock().await.lamport
    }

    /// Takes note of a stamp that came another way, such as with a message. Returns where the clock stands then: past both.
    ///
    /// Fails past 2^63 - 3, after which there is no stamp for an edit.
    pub async fn observe(&self, other: u64) -> Result<u64> {
        if other >= Offset::MAX.get() - 1 {
            return Err(Error::invalid("lamport", format!("`{other}`: there is no stamp past it")));
        }
        let mut clock = self.clock.lock().await;
        clock.lamport = clock.lamport.max(other).saturating_add(1);
        Ok(clock.lamport)
    }

    /// Reads what the session has now and returns the last edit of each other actor, the one with the highest stamp; of 64 actors
    /// at most, those with the highest. They are the parents of an edit by somebody who has seen all there is.
    pub async fn frontier(&self) -> Result<Vec<EventId>> {
        let mut clock = self.clock.lock().await;
        clock.catch_up(&*self.ledger, &self.id).await?;
        let mut others = clock.last.clone();
        others.remove(&self.actor);
        Ok(newest_of(others).into_values().map(|last| last.id).collect())
    }

    /// Records an edit, with a stamp past all that its actor did, all that the handle knows of, and its parents.
    ///
    /// When it returns, the edit is durable. An edit that was recorded before, by its id, is answered as it was then. Fails with
    /// `IdConflict` when the id is taken by something else. What is not certain after `Unavailable` is certain when it is tried
    /// again with the same id.
    pub async fn record(&self, edit: NewEdit) -> Result<Recorded> {
        let mut recorded = self.record_all([edit]).await?;
        Ok(recorded.remove(0))
    }

    /// Records several edits, all or none, with rising stamps; those that were recorded before keep theirs.
    ///
    /// Fails as [`record`](Self::record) does, and when one names another as its parent that stands behind it.
    pub async fn record_all(&self, edits: impl IntoIterator<Item = NewEdit>) -> Result<Vec<Recorded>> {
        let drafts = edits.into_iter().map(|edit| edit.draft(&self.id, &self.actor));
        let mut drafts: Vec<Draft> = drafts.collect::<Result<_>>()?;
        causes_come_first(&drafts)?;
        // Held until they are recorded: of one handle, one append is on its way, or each would break the condition of the next.
        let mut clock = self.clock.lock().await;
        clock.keep_up(&*self.ledger, &self.id).await?;
        let parents = read::stamps(&*self.ledger, drafts.iter().flat_map(|draft| &draft.parents)).await?;
        let parents = parents.into_values().max().unwrap_or(0);
        let own = Query::all().session(&self.id)?.actor(&self.actor)?.kind(OPERATION)?;
        let since = Instant::now();
        loop {
            let before = clock.lamport.max(parents);
            for (draft, step) in drafts.iter_mut().zip(1..) {
                draft.lamport = Some(before.saturating_add(step));
            }
            let condition = Condition::none_after(own.clone(), clock.seen);
            match self.ledger.append(&drafts, &condition).await {
                Ok(receipts) => return self.answer(&mut clock, &drafts, &receipts).await,
                // Another handle of this actor was faster: its stamps are taken.
                Err(Error::ConditionFailed { .. }) if since.elapsed() < PATIENCE => {
                    clock.catch_up(&*self.ledger, &self.id).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn answer(&self, clock: &mut Clock, drafts: &[Draft], receipts: &[Receipt]) -> Result<Vec<Recorded>> {
        let pairs = || drafts.iter().zip(receipts);
        for (draft, receipt) in pairs().filter(|(_, receipt)| receipt.status == Status::New) {
            clock.saw(receipt.offset, draft.lamport.unwrap_or_default());
        }
        // What was recorded before has the stamp that it got then.
        let old = pairs().filter(|(_, receipt)| receipt.status == Status::Duplicate).map(|(draft, _)| &draft.id);
        let old = read::stamps(&*self.ledger, old).await?;
        let recorded = |(draft, receipt): (&Draft, &Receipt)| {
            let lamport = old.get(&draft.id).copied().or(draft.lamport).unwrap_or_default();
            Recorded { id: draft.id.clone(), offset: receipt.offset, lamport }
        };
        Ok(pairs().map(recorded).collect())
    }

    /// Records that a snapshot includes all edits that the session has now. Each edit, those of others included that are on
    /// their way, is on one side of it.
    pub async fn checkpoint(&self, snapshot: &str) -> Result<Checkpoint> {
        checkpoint(&*self.ledger, &self.id, &self.actor, snapshot, None).await
    }

    /// Records that a snapshot includes the edits up to an offset, such as that of the last one it was made of. Fails when the
    /// newest checkpoint includes more, and when the offset is past the head.
    pub async fn checkpoint_at(&self, snapshot: &str, up_to: Offset) -> Result<Checkpoint> {
        checkpoint(&*self.ledger, &self.id, &self.actor, snapshot, Some(up_to)).await
    }

    /// Streams the edits since the newest checkpoint, as [`replay`] does.
    pub async fn replay_since_checkpoint(&self) -> Result<Replay<'_>> {
        replay(&*self.ledger, &self.id).await
    }

    /// Collapses the edits of a domain since the newest checkpoint by the default, [`Compact`].
    pub async fn to_delta<D: TryInto<Domain, Error: Into<Error>>>(&self, domain: D) -> Result<Delta> {
        self.to_delta_by(domain, &Compact).await
    }

    /// Collapses the edits of a domain since the newest checkpoint in the domain's own way.
    pub async fn to_delta_by<D: TryInto<Domain, Error: Into<Error>>>(
        &self,
        domain: D,
        collapse: &dyn Collapse,
    ) -> Result<Delta> {
        delta(&*self.ledger, &self.id, &domain.try_into().map_err(Into::into)?, collapse, AsOf::Now).await
    }

    /// Says what the actor is about to do. The id is the key of a repeat, as with every event.
    pub async fn intend(&self, id: &EventId, wish: &Wish) -> Result<()> {
        self.claim(INTENT, id, wish).await
    }

    /// Asks others to leave something alone, and returns the reservations of others that count now and ask for the same. It is
    /// advice: nobody is kept from anything. The id is the key of a repeat, as with every event.
    pub async fn reserve(&self, id: &EventId, wish: &Wish) -> Result<Vec<Claim>> {
        self.claim(RESERVATION, id, wish).await?;
        let all = self.coordination().await?;
        let others = all.active(Timestamp::now()).filter(|claim| {
            claim.firmness == Firmness::Reservation && claim.actor != self.actor && claim.wish.overlaps(wish)
        });
        Ok(others.cloned().collect())
    }

    /// Ends an intent or a reservation of this actor before its time. Returns whether there was one to end.
    pub async fn release(&self, id: &EventId) -> Result<bool> {
        let all = self.coordination().await?;
        if !all.active(Timestamp::now()).any(|claim| claim.id == *id && claim.actor == self.actor) {
            return Ok(false);
        }
        let draft = self.note(Draft::new(RELEASED, &Release { id: id.clone() })?)?;
        self.ledger.append_one(draft).await.map(|_| true)
    }

    /// Returns the intents and reservations of the session.
    pub async fn coordination(&self) -> Result<Coordination> {
        coordination(&*self.ledger, &self.id).await
    }

    async fn claim(&self, kind: &str, id: &EventId, wish: &Wish) -> Result<()> {
        wish.check()?;
        let draft = self.note(Draft::new(kind, wish)?.id(id)?)?;
        self.ledger.append_one(draft).await.map(drop)
    }

    fn note(&self, draft: Draft) -> Result<Draft> {
        draft.session(&self.id)?.actor(&self.actor)?.tag(read::coordination_tag(&self.id)?)
    }
}

/// Keeps the newest of the last edits of actors, by their stamps: as many as an event may have parents.
fn newest_of(mut last: BTreeMap<Actor, Last>) -> BTreeMap<Actor, Last> {
    if last.len() > Draft::MAX_PARENTS {
        let mut stamps: Vec<_> = last.values().map(|last| (last.lamport, last.id.clone())).collect();
        stamps.sort_unstable();
        let oldest_kept = stamps.swap_remove(stamps.len() - Draft::MAX_PARENTS);
        last.retain(|_, last| (last.lamport, &last.id) >= (oldest_kept.0, &oldest_kept.1));
    }
    last
}

/// Refuses edits of which one names another as its parent that stands behind it: its stamp would not be past that.
fn causes_come_first(drafts: &[Draft]) -> Result<()> {
    let mut behind: HashSet<&EventId> = drafts.iter().map(|draft| &draft.id).collect();
    for draft in drafts {
        if let Some(parent) = draft.parents.iter().find(|parent| behind.contains(*parent)) {
            let why = format!("`{parent}` stands behind `{}`, which it led to: give it first", draft.id);
            return Err(Error::invalid("parents", why));
        }
        behind.remove(&draft.id);
    }
    Ok(())
}

/// Records that a snapshot includes the edits of a session up to an offset, or all that it has now.
///
/// Offsets follow the order of commits, so what is behind one never changes: each edit is on one side of it, whatever its stamp
/// and whoever appends meanwhile. Fails when a newer checkpoint includes more, or when the offset is past the head.
pub async fn checkpoint(
    ledger: &dyn Ledger,
    session: &SessionId,
    actor: &Actor,
    snapshot: &str,
    up_to: Option<Offset>,
) -> Result<Checkpoint> {
    take(ledger, session, actor, snapshot, up_to, 0).await
}

/// Records a checkpoint with a stamp that it has at least, because what it includes was pruned elsewhere.
async fn take(
    ledger: &dyn Ledger,
    session: &SessionId,
    actor: &Actor,
    snapshot: &str,
    up_to: Option<Offset>,
    least: u64,
) -> Result<Checkpoint> {
    const LONGEST: usize = 1_000;
    if snapshot.is_empty() || snapshot.len() > LONGEST || snapshot.contains(char::is_control) {
        let why = format!("{}: give 1 to {LONGEST} bytes without control characters", Shown(snapshot));
        return Err(Error::invalid("snapshot", why));
    }
    let tag = checkpoint_tag(session)?;
    let since = Instant::now();
    loop {
        let head = ledger.head().await?;
        let offset = up_to.unwrap_or(head);
        if offset > head {
            return Err(Error::invalid("offset", format!("`{offset}` is past the head, {head}")));
        }
        let before = newest_checkpoint(ledger, session).await?;
        let after = before.as_ref().map_or(Offset::START, |before| before.offset);
        if offset < after && up_to.is_none() && since.elapsed() < PATIENCE {
            // Somebody else took one just now, past the head that was read.
            continue;
        }
        if offset < after {
            let snapshot = before.map(|before| before.snapshot).unwrap_or_default();
            let why =
                format!("`{offset}` is before {after}, up to which the newest checkpoint, {}, goes", Shown(&snapshot));
            return Err(Error::invalid("offset", why));
        }
        let mut news = News::after(before);
        fold(ledger, Query::all().session(session)?.from(after).up_to(offset), &mut news).await?;
        let (lamport, operations, last) = (news.lamport.max(least), news.operations, newest_of(news.last));
        let checkpoint = Checkpoint { snapshot: snapshot.to_owned(), lamport, operations, offset, last };
        let draft = Draft::new(CHECKPOINT, &checkpoint)?.session(session)?.actor(actor)?.tag(&tag)?;
        // One after the other, so that the newest is the one that includes most.
        let condition = Condition::none_after(Query::all().tag(&tag)?, head);
        match ledger.append(&[draft], &condition).await {
            Err(Error::ConditionFailed { .. }) if since.elapsed() < PATIENCE => {}
            outcome => return outcome.map(|_| checkpoint),
        }
    }
}
