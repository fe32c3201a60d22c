//! Retention: removes operations that are old, and says what it removed. The lineage of all that is there stays.
//!
//! A sweep reads the ledger once to learn what has to stay, and once more, the oldest first, to remove the rest in batches. For
//! each batch it records what remains of it ([`Remains`](crate::views::Remains)) and what goes ([`Pruned`]), and removes it
//! then; so that a sweep which ends in the middle has lost nothing, and the next one goes on.

mod pace;
mod record;
mod survey;
mod sweep;

use std::fmt;
use std::ops::ControlFlow;
use std::time::Duration;

use futures::StreamExt;
use serde::Serialize;

pub(crate) use record::overlap;
pub use record::{Pruned, RUN};

use self::pace::{Pace, TURN};
use self::sweep::{Doing, sweep};
use crate::digest::ContentHasher;
use crate::error::{Error, Result};
use crate::event::{Event, Offset};
use crate::ext::LedgerExt;
use crate::ledger::{Ledger, check_erase};
use crate::patience::rest;
use crate::query::{Limit, Order, Query};
use crate::time::Timestamp;
use crate::views::Outcome;

const DAY: Duration = Duration::from_secs(86_400);

/// Which operations go. Age counts from when the ledger recorded the end; nothing as an age keeps them for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How long operations that ended well stay.
    pub success: Option<Duration>,
    /// How long all others that ended stay.
    pub failed: Option<Duration>,
    /// How long those stay that began and never ended. One that uses something of a job that is there stays longer.
    pub unfinished: Option<Duration>,
    /// How many that have ended stay at most, of those that are young enough; the oldest go first.
    pub most: Option<u64>,
    /// About how many bytes the ends of these have at most; the oldest go first.
    pub most_bytes: Option<u64>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            success: Some(7 * DAY),
            failed: Some(30 * DAY),
            unfinished: Some(90 * DAY),
            most: None,
            most_bytes: None,
        }
    }
}

impl Policy {
    /// Says whether an operation that ended so is too old at a time.
    fn is_over(&self, end: &Event, status: Option<Outcome>, now: Timestamp) -> bool {
        is_past(end, if status == Some(Outcome::Success) { self.success } else { self.failed }, now)
    }
}

/// Says whether an event was recorded so long before a time.
fn is_past(event: &Event, age: Option<Duration>, now: Timestamp) -> bool {
    let age = age.and_then(|age| i64::try_from(age.as_micros()).ok());
    age.is_some_and(|age| event.recorded_at.as_micros().saturating_add(age) <= now.as_micros())
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let age = |age: Option<Duration>| match age {
            None => "never".to_owned(),
            Some(age) if age.subsec_nanos() == 0 && age.as_secs().is_multiple_of(DAY.as_secs()) => {
                format!("{}d", age.as_secs() / DAY.as_secs())
            }
            Some(age) => format!("{}s", age.as_secs_f64()),
        };
        let (success, failed, unfinished) = (age(self.success), age(self.failed), age(self.unfinished));
        write!(f, "success {success}, failed {failed}, unfinished {unfinished}")?;
        if let Some(most) = self.most {
            write!(f, ", at most {most} operations")?;
        }
        self.most_bytes.map_or(Ok(()), |most| write!(f, ", at most {most} bytes"))
    }
}

/// Some operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// How many.
    pub operations: u64,
    /// About how many bytes their events have.
    pub bytes: u64,
}

impl Share {
    /// Adds an operation by its events.
    fn add<'e>(&mut self, events: impl Iterator<Item = &'e Event>) {
        self.operations += 1;
        self.bytes += events.map(|event| event.size() as u64).sum::<u64>();
    }
}

/// What a sweep removes, or has removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sweep {
    /// By which policy.
    pub policy: String,
    /// The head of the ledger that it looked at.
    pub head: Offset,
    /// Those that ended well.
    pub success: Share,
    /// All others that ended.
    pub failed: Share,
    /// Those that began and never ended.
    pub unfinished: Share,
    /// Of those that ended well, how many leave their lineage behind, because something that is there was made by way of them.
    pub lineage_kept: u64,
    /// Events that kept the lineage of operations removed before, and that nothing needs any more.
    pub lineage_dropped: u64,
    /// How many are old enough and stay, because they say how long something of a job is kept, or because no event could
    /// hold their lineage.
    pub held: u64,
    /// The events that go: how many …
    pub events: u64,
    /// … from which offset …
    pub first: Option<Offset>,
    /// … to which, …
    pub last: Option<Offset>,
    /// … and when the oldest …
    pub oldest: Option<Timestamp>,
    /// … and the newest of them were recorded.
    pub newest: Option<Timestamp>,
}

/// Returns what a sweep would remove now. Nothing is removed.
pub async fn plan(ledger: &(impl Ledger + ?Sized), policy: &Policy) -> Result<Sweep> {
    sweep(ledger, policy, Doing::Planning, &mut |_| ()).await
}

/// Removes what the policy says, in batches with room for the appends of others in between, and records what goes. It tells
/// what it has removed so far after each batch.
///
/// Fails when the ledger does. What was removed until then is recorded, and another sweep goes on from there.
pub async fn apply(ledger: &(impl Ledger + ?Sized), policy: &Policy, mut tell: impl FnMut(&Sweep)) -> Result<Sweep> {
    sweep(ledger, policy, Doing::Removing, &mut tell).await
}

/// Sweeps again and again, and tells of each sweep, until that says to break. A ledger that is away is waited for, half a
/// minute at a time or less.
///
/// Fails when the ledger fails in another way.
pub async fn run(
    ledger: &(impl Ledger + ?Sized),
    policy: &Policy,
    every: Duration,
    mut tell: impl FnMut(&Result<Sweep>) -> ControlFlow<()>,
) -> Result<()> {
    loop {
        let swept = apply(ledger, policy, |_| ()).await;
        if tell(&swept).is_break() {
            return Ok(());
        }
        rest(swept, every).await?;
    }
}

/// Removes the events that match, up to the present head, records by whose word, and returns how many went. Records of what
/// was removed before stay. It tells how many went so far.
pub async fn prune(
    ledger: &(impl Ledger + ?Sized),
    query: &Query,
    policy: &str,
    mut tell: impl FnMut(u64),
) -> Result<u64> {
    let head = ledger.head().await?;
    let up_to = Some(query.up_to.map_or(head, |up_to| up_to.min(head)));
    let mut rest = Query { up_to, order: Order::Ascending, limit: Limit::MAX, ..query.clone() };
    let (mut removed, mut pace) = (0, Pace::new(head));
    loop {
        let page = match ledger.read(&rest).await {
            // Somewhere among these is one that cannot be read: the others go first.
            Err(Error::Corrupt { .. }) if rest.limit.get() > 1 => {
                rest.limit = Limit::new(rest.limit.get() / 2)?;
                continue;
            }
            Err(Error::Corrupt { .. }) => {
                let damaged = damaged(ledger, &rest, head).await?;
                removed += remove_unread(ledger, policy, damaged).await?;
                rest = Query { after: damaged, limit: Limit::MAX, ..rest };
                continue;
            }
            page => page?,
        };
        let more = page.more_past;
        let events: Vec<_> = page.events.into_iter().filter(|event| event.kind.as_str() != Pruned::KIND).collect();
        removed += remove(ledger, policy, &events, &mut pace).await?;
        tell(removed);
        let Some(past) = more else { return Ok(removed) };
        rest.skip(past);
    }
}

/// Removes all events up to an offset, records of what was removed before included, and returns how many. One event records
/// that. It tells how many it has read so far.
///
/// Fails when the offset is past the head.
pub async fn clear(
    ledger: &(impl Ledger + ?Sized),
    up_to: Offset,
    policy: &str,
    mut tell: impl FnMut(u64),
) -> Result<u64> {
    if up_to == Offset::START {
        return Ok(0);
    }
    if up_to > ledger.head().await? {
        return Err(Error::invalid("offset", format!("`{up_to}` is past the head")));
    }
    let all = Query::all().up_to(up_to);
    let (mut hasher, mut whole) = (ContentHasher::default(), true);
    let mut pages = ledger.pages(Query { limit: Limit::MAX, ..all.clone() });
    let mut count = 0;
    while whole && let Some(page) = pages.next().await {
        match page {
            Ok(page) => {
                count += page.len() as u64;
                whole = page.iter().all(|event| hasher.add(event).is_ok());
                tell(count);
            }
            Err(Error::Corrupt { .. }) => whole = false,
            Err(error) => return Err(error),
        }
    }
    let ranges = vec![(Offset::START.plus(1), up_to)];
    let (count, digest) = if whole { (count, Some(hasher.digest().to_string())) } else { (0, None) };
    ledger.append_one(Pruned { policy: policy.to_owned(), count, ranges, digest }.draft()?).await?;
    ledger.prune(&all).await
}

/// Records that events go, and removes them.
async fn remove(ledger: &(impl Ledger + ?Sized), policy: &str, events: &[Event], pace: &mut Pace) -> Result<u64> {
    if events.is_empty() {
        return Ok(0);
    }
    let offsets: Vec<_> = events.iter().map(|event| event.offset).collect();
    check_erase(&offsets)?;
    let (mut hasher, mut whole) = (ContentHasher::default(), true);
    for turn in events.chunks(TURN) {
        whole = whole && turn.iter().all(|event| hasher.add(event).is_ok());
        pace.turn(ledger).await?;
    }
    let digest = whole.then(|| hasher.digest().to_string());
    let receipt = ledger.append_one(Pruned::of(policy, &offsets, digest).draft()?).await?;
    pace.appended(&[receipt]);
    ledger.erase(&offsets).await
}

/// Finds the first event that matches, which cannot be read, by asking how far one can read.
async fn damaged(ledger: &(impl Ledger + ?Sized), query: &Query, head: Offset) -> Result<Offset> {
    let (mut good, mut bad) = (query.after.get(), query.up_to.unwrap_or(head).get());
    while good + 1 < bad {
        let middle = Offset::new(good.midpoint(bad))?;
        match ledger.read(&Query { up_to: Some(middle), ..query.clone() }).await {
            Ok(_) => good = middle.get(),
            Err(Error::Corrupt { .. }) => bad = middle.get(),
            Err(error) => return Err(error),
        }
    }
    Offset::new(bad)
}

/// Removes an event that cannot be read: its record has no digest.
async fn remove_unread(ledger: &(impl Ledger + ?Sized), policy: &str, offset: Offset) -> Result<u64> {
    ledger.append_one(Pruned::of(policy, &[offset], None).draft()?).await?;
    ledger.erase(&[offset]).await
}
