//! Retention: removes operations that are old, and says what it removed. The lineage of all that is there stays.
//!
//! A sweep reads the ledger once to learn what has to stay, and once more, the oldest first, to remove the rest in batches. For
//! each batch it records what remains of it ([`Remains`](crate::views::Remains)) and what goes ([`Pruned`]), and removes it
//! then; so that a sweep which ends in the middle has lost nothing, and the next one goes on.

mod pace;
mod record;
mod survey;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::ControlFlow;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use serde::Serialize;

pub(crate) use record::overlap;
pub use record::{Pruned, RUN};

use self::pace::{Pace, TURN};
use self::record::by_retention;
use self::survey::Survey;
use crate::digest::ContentHasher;
use crate::error::{Error, Result};
use crate::event::{Draft, Event, Offset};
use crate::ext::LedgerExt;
use crate::ledger::{Ledger, MAX_BATCH_BYTES, MAX_BATCH_EVENTS, check_erase};
use crate::query::{Condition, KindPattern, Limit, Query};
use crate::text::{EventId, Kind};
use crate::time::Timestamp;
use crate::views::{ArtifactNote, Operation, Outcome, Packer, Remains, View};

/// How many events one step records at most, so that the appends of others get through.
const STEP: usize = 200;
/// How long a ledger that is away is left alone between two sweeps at most.
const PATIENCE: Duration = Duration::from_secs(30);
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
        let pause = match swept {
            Err(error) if !error.is_unavailable() => return Err(error),
            Err(_) => every.min(PATIENCE),
            Ok(_) => every,
        };
        tokio::time::sleep(pause).await;
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
    let order = crate::query::Order::Ascending;
    let mut rest = Query { up_to, order, limit: Limit::MAX, ..query.clone() };
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
    let head = up_to;
    if head == Offset::START {
        return Ok(0);
    }
    if head > ledger.head().await? {
        return Err(Error::invalid("offset", format!("`{head}` is past the head")));
    }
    let all = Query::all().up_to(head);
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
    let ranges = vec![(Offset::START.plus(1), head)];
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    Planning,
    Removing,
}

/// The events of operations, and the notes that say what is there.
fn operations_and_notes() -> Query {
    let notes = [ArtifactNote::CREATED, ArtifactNote::DROPPED];
    of_kinds(OPERATIONS.into_iter().chain(notes))
}

const OPERATIONS: [&str; 3] = [Operation::STARTED, Operation::FINISHED, Remains::KEPT];

fn of_kinds(kinds: impl Iterator<Item = &'static str>) -> Query {
    let kind = |kind| KindPattern::Exact(Kind::new(kind).expect("the kinds of views keep the rule"));
    Query { kinds: kinds.map(kind).collect(), ..Query::all() }
}

async fn sweep(
    ledger: &(impl Ledger + ?Sized),
    policy: &Policy,
    doing: Doing,
    tell: &mut impl FnMut(&Sweep),
) -> Result<Sweep> {
    let now = Timestamp::now();
    let (mut survey, mut pace) = (Survey::new(*policy, now), Pace::new(ledger.head().await?));
    catch_up(ledger, &mut survey, &mut pace).await?;
    let head = survey.seen;
    let swept = Sweep {
        policy: policy.to_string(),
        head,
        success: Share::default(),
        failed: Share::default(),
        unfinished: Share::default(),
        lineage_kept: 0,
        lineage_dropped: 0,
        held: 0,
        events: 0,
        first: None,
        last: None,
        oldest: None,
        newest: None,
    };
    let mut sweeper = Sweeper {
        ledger,
        policy,
        now,
        doing,
        cutoff: survey.cutoff(),
        survey,
        starts: HashMap::new(),
        candidates: Vec::new(),
        bytes: 0,
        swept,
        pace,
    };
    let mut next = Some(of_kinds(OPERATIONS.into_iter()).up_to(head));
    // Page by page, and not the next one beside this one: who appends needs the machine, too.
    while let Some(query) = next {
        let page = sweeper.pace.read(ledger, &query).await?;
        next = query.following(&page);
        for (place, event) in page.events.into_iter().enumerate() {
            sweeper.take(event);
            if sweeper.is_full() {
                sweeper.flush(tell).await?;
            }
            if place % TURN == 0 {
                sweeper.pace.turn(ledger).await?;
            }
        }
    }
    sweeper.take_unfinished(tell).await?;
    sweeper.flush(tell).await?;
    Ok(sweeper.swept)
}

/// Reads on to the present head, and decides what has to stay.
async fn catch_up(ledger: &(impl Ledger + ?Sized), survey: &mut Survey, pace: &mut Pace) -> Result<()> {
    let head = ledger.head().await?;
    let mut next = Some(operations_and_notes().from(survey.seen).up_to(head));
    while let Some(query) = next {
        let page = pace.read(ledger, &query).await?;
        next = query.following(&page);
        for (place, event) in page.events.iter().enumerate() {
            survey.apply(event);
            if place % TURN == 0 {
                pace.turn(ledger).await?;
            }
        }
    }
    survey.seen = head;
    survey.decide();
    Ok(())
}

/// What goes, unless something turns out to need it.
enum Candidate {
    /// An operation, its end, and its start if it has one.
    Ended(Box<Operation>, Event, Option<Event>),
    /// The start of one that never ended, which has this id.
    Unfinished(EventId, Event),
    /// What remains of operations that went before.
    Remains(Remains, Event),
}

/// Walks over the operations, the oldest first, and removes those that go.
struct Sweeper<'l, L: ?Sized> {
    ledger: &'l L,
    policy: &'l Policy,
    now: Timestamp,
    doing: Doing,
    survey: Survey,
    /// Up to where operations go though they are not too old.
    cutoff: Offset,
    /// The starts whose ends have not come by.
    starts: HashMap<EventId, Event>,
    candidates: Vec<Candidate>,
    bytes: usize,
    swept: Sweep,
    pace: Pace,
}

impl<L: Ledger + ?Sized> Sweeper<'_, L> {
    fn take(&mut self, event: Event) {
        // What cannot be read is no operation, and stays.
        match event.kind.as_str() {
            Operation::STARTED => {
                if let Ok(operation) = event.payload_as::<Operation>() {
                    self.starts.insert(operation.id, event);
                }
            }
            Operation::FINISHED => {
                if let Ok(operation) = event.payload_as::<Operation>() {
                    self.take_ended(event, operation);
                }
            }
            _ => {
                if let Ok(remains) = Remains::of_event(&event)
                    && !self.survey.leads_on(&remains.outputs)
                {
                    self.bytes += event.size();
                    self.candidates.push(Candidate::Remains(remains, event));
                }
            }
        }
    }

    fn take_ended(&mut self, end: Event, operation: Operation) {
        let start = self.starts.remove(&operation.id);
        if end.offset > self.cutoff && !self.policy.is_over(&end, operation.status, self.now) {
            return;
        }
        self.bytes += end.size() + start.as_ref().map_or(0, |start| start.size());
        self.candidates.push(Candidate::Ended(Box::new(operation), end, start));
    }

    fn holds(&self, end: &Event, start: Option<&Event>) -> bool {
        self.survey.holds(end.offset) || start.is_some_and(|start| self.survey.holds(start.offset))
    }

    /// Says whether a batch takes no more: each candidate is two events at most.
    fn is_full(&self) -> bool {
        2 * self.candidates.len() + 2 > MAX_BATCH_EVENTS || self.bytes > MAX_BATCH_BYTES
    }

    /// Takes the operations that began long ago and have not ended.
    async fn take_unfinished(&mut self, tell: &mut impl FnMut(&Sweep)) -> Result<()> {
        let starts = std::mem::take(&mut self.starts);
        let old = starts.into_iter().filter(|(_, start)| is_past(start, self.policy.unfinished, self.now));
        let mut old: Vec<_> = old.collect();
        old.sort_unstable_by_key(|(_, start)| start.offset);
        for some in old.chunks(Query::MAX_IDS) {
            // Some may have ended since.
            let ids = some.iter().map(|(id, _)| id.clone()).collect();
            let ends: Vec<_> = self.ledger.tail(Query { ids, ..Query::all() }).try_collect().await?;
            let ended: HashSet<_> = ends.iter().map(|end| &end.id).collect();
            for (id, start) in some.iter().filter(|(id, _)| !ended.contains(id)) {
                self.bytes += start.size();
                self.candidates.push(Candidate::Unfinished(id.clone(), start.clone()));
                if self.is_full() {
                    self.flush(tell).await?;
                }
            }
        }
        Ok(())
    }

    /// Looks again at what was recorded meanwhile, keeps the lineage of what goes, records what goes, and removes it.
    async fn flush(&mut self, tell: &mut impl FnMut(&Sweep)) -> Result<()> {
        if self.candidates.is_empty() {
            return Ok(());
        }
        if self.doing == Doing::Removing {
            catch_up(self.ledger, &mut self.survey, &mut self.pace).await?;
        }
        self.bytes = 0;
        let (mut batch, mut packer) = (Vec::new(), Packer::default());
        for (place, candidate) in std::mem::take(&mut self.candidates).into_iter().enumerate() {
            self.judge(candidate, &mut packer, &mut batch);
            if place % TURN == 0 {
                self.pace.turn(self.ledger).await?;
            }
        }
        for event in &batch {
            self.swept.count(event);
        }
        if self.doing == Doing::Planning {
            return Ok(());
        }
        let drafts = packer.finish().into_iter().map(by_retention).collect::<Result<Vec<_>>>()?;
        for step in steps(&drafts) {
            self.pace.appended(&self.ledger.append(step, &Condition::None).await?);
        }
        batch.sort_unstable_by_key(|event| event.offset);
        remove(self.ledger, &self.swept.policy, &batch, &mut self.pace).await?;
        tell(&self.swept);
        Ok(())
    }

    /// Decides whether a candidate goes, and what remains of it.
    fn judge(&mut self, candidate: Candidate, packer: &mut Packer, batch: &mut Vec<Event>) {
        match candidate {
            Candidate::Ended(operation, end, start) => {
                if self.holds(&end, start.as_ref()) {
                    self.swept.held += 1;
                    return;
                }
                let succeeded = operation.succeeded();
                if succeeded && self.survey.leads_on(&operation.outputs) {
                    if packer.add(&end, *operation).is_err() {
                        // No event can hold what would remain of it, so all of it does.
                        self.swept.held += 1;
                        return;
                    }
                    self.swept.lineage_kept += 1;
                }
                let share = if succeeded { &mut self.swept.success } else { &mut self.swept.failed };
                share.add(start.iter().chain([&end]));
                batch.extend(start.into_iter().chain([end]));
            }
            Candidate::Unfinished(id, start) => {
                if self.survey.holds(start.offset) || self.survey.is_used_by(&id) {
                    self.swept.held += 1;
                    return;
                }
                self.swept.unfinished.add(std::iter::once(&start));
                batch.push(start);
            }
            Candidate::Remains(remains, event) => {
                if !self.survey.leads_on(&remains.outputs) {
                    self.swept.lineage_dropped += 1;
                    batch.push(event);
                }
            }
        }
    }
}

impl Sweep {
    fn count(&mut self, event: &Event) {
        self.events += 1;
        self.first = Some(self.first.map_or(event.offset, |first| first.min(event.offset)));
        self.last = self.last.max(Some(event.offset));
        self.oldest = Some(self.oldest.map_or(event.recorded_at, |oldest| oldest.min(event.recorded_at)));
        self.newest = self.newest.max(Some(event.recorded_at));
    }
}

/// Cuts drafts into steps, each small enough for one append.
fn steps(drafts: &[Draft]) -> impl Iterator<Item = &[Draft]> {
    let mut rest = drafts;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |draft: &&Draft| {
            bytes += draft.size();
            bytes <= MAX_BATCH_BYTES / 4
        };
        let count = rest.iter().take(STEP).take_while(fits).count().max(1).min(rest.len());
        let (step, later) = rest.split_at(count);
        rest = later;
        (!step.is_empty()).then_some(step)
    })
}
