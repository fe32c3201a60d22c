//! One sweep: reads what has to stay, walks over the operations, the oldest first, and removes those that go.

use std::collections::{HashMap, HashSet};

use super::pace::{Pace, TURN};
use super::record::by_retention;
use super::survey::Survey;
use super::{Policy, Share, Sweep, is_past, remove};
use crate::error::Result;
use crate::event::{Draft, Event, Offset};
use crate::ext::by_ids;
use crate::ledger::{Ledger, MAX_BATCH_BYTES, MAX_BATCH_EVENTS};
use crate::query::{Condition, KindPattern, Query};
use crate::text::{EventId, Kind};
use crate::time::Timestamp;
use crate::views::{ArtifactNote, Operation, Packer, Remains, View};

/// How many events one step records at most, so that the appends of others get through.
const STEP: usize = 200;

/// Whether a sweep removes anything.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
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

/// Plans or does a sweep, and tells after each batch what went so far.
pub(super) async fn sweep(
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
            let ends = by_ids(self.ledger, some.iter().map(|(id, _)| id)).await?;
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
