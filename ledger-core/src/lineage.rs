//! Lineage of a ledger by look-up: each step of a walk asks for the tags of what the step before it reached, so that the
//! work grows with the answer and not with the ledger.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use futures::TryStreamExt;
use serde::Serialize;

use crate::error::{Error, Result, Shown};
use crate::event::{Event, Offset};
use crate::ext::LedgerExt;
use crate::ledger::Ledger;
use crate::query::{KindPattern, Order, Query};
use crate::text::{Artifact, Kind, Tag};
use crate::time::Timestamp;
use crate::views::lineage::{Beyond, Direction, Edge, Found, Graph, Level, Node, Reach, Step, Walk, mentioned, tables};
use crate::views::{ArtifactNote, Operation, Remains, Remnant};

/// Up to when one looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AsOf {
    /// Up to the newest event.
    #[default]
    Now,
    /// Up to this event, itself included.
    Offset(Offset),
    /// Up to what had happened at this time, in lineage; elsewhere, up to what had been recorded by then.
    Time(Timestamp),
}

/// How far a ledger was at some time, and which time that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The last offset that counts; all count when there is none.
    pub up_to: Option<Offset>,
    /// What was the present then: the time by the clock, or when the last event that counts was recorded.
    pub now: Timestamp,
}

impl AsOf {
    /// Returns the last offset that counts: the head, one that is not past it, or that of the last event recorded by a
    /// time.
    ///
    /// Where a clock was set back, or those of several machines differ, a time may stand for more than one offset: then it
    /// is one of them.
    pub async fn up_to(self, ledger: &(impl Ledger + ?Sized)) -> Result<Offset> {
        let head = ledger.head().await?;
        match self {
            Self::Now => Ok(head),
            Self::Offset(offset) => Ok(offset.min(head)),
            Self::Time(time) => recorded_by(ledger, time, head).await,
        }
    }

    /// Returns the moment that it is in a ledger. Before the first event, its present is that of the clock.
    pub async fn moment(self, ledger: &(impl Ledger + ?Sized)) -> Result<Moment> {
        if self == Self::Now {
            return Ok(Moment { up_to: None, now: Timestamp::now() });
        }
        let up_to = self.up_to(ledger).await?;
        let last = first(ledger, Query::all().up_to(up_to).descending()).await?;
        Ok(Moment { up_to: Some(up_to), now: last.map_or_else(Timestamp::now, |last| last.recorded_at) })
    }
}

/// Finds the last event that was recorded by a time. It halves the offsets until it has it, because no engine looks
/// events up by when they were recorded.
async fn recorded_by(ledger: &(impl Ledger + ?Sized), time: Timestamp, head: Offset) -> Result<Offset> {
    let last = first(ledger, Query::all().up_to(head).descending()).await?;
    if last.is_none_or(|last| last.recorded_at <= time) {
        return Ok(head);
    }
    let (mut by_then, mut later) = (Offset::START, head);
    while by_then < later {
        let half = Offset::new(by_then.get().midpoint(later.get()))?;
        match first(ledger, Query::after(half).up_to(later)).await? {
            Some(event) if event.recorded_at <= time => by_then = event.offset,
            _ => later = half,
        }
    }
    Ok(by_then)
}

async fn first(ledger: &(impl Ledger + ?Sized), query: Query) -> Result<Option<Event>> {
    Ok(ledger.read(&query.limit(1)?).await?.events.pop())
}

impl std::str::FromStr for AsOf {
    type Err = Error;
    /// Reads an offset or a time.
    fn from_str(text: &str) -> Result<Self> {
        text.parse().map(Self::Offset).or_else(|_| text.parse().map(Self::Time)).map_err(|_| {
            let why = format!("{}: write an offset, or a time such as 2026-01-31T12:00:00Z", Shown(text));
            Error::invalid("as_of", why)
        })
    }
}

/// Returns the lineage of an artifact: an empty graph when nothing names it.
pub async fn lineage(ledger: &(impl Ledger + ?Sized), artifact: &Artifact, reach: Reach, as_of: AsOf) -> Result<Graph> {
    let mut tracer = Tracer::new(ledger, as_of).await?;
    let mut walk = Walk::new(artifact.clone(), reach);
    tracer.go(&mut walk).await?;
    tracer.graph(walk, artifact, reach.level).await
}

/// Returns the lineage of an artifact, and what lies next to where it was left open: one more look in each direction,
/// within the bounds of [`Beyond`].
pub async fn looking_beyond(
    ledger: &(impl Ledger + ?Sized),
    artifact: &Artifact,
    reach: Reach,
    as_of: AsOf,
) -> Result<(Graph, Beyond)> {
    let mut tracer = Tracer::new(ledger, as_of).await?;
    let mut walk = Walk::new(artifact.clone(), reach);
    tracer.go(&mut walk).await?;
    let (further, rest) = walk.further(Beyond::MOST_PLACES, Beyond::MOST_OPERATIONS);
    let (graph, mut beyond) = (tracer.graph(walk, artifact, reach.level).await?, Beyond::unseen(rest));
    for mut walk in further {
        tracer.go(&mut walk).await?;
        beyond.add(&graph, &walk);
    }
    Ok((graph, beyond))
}

/// Returns all that was made from an artifact, or from a column, however far on: what has to be made again when it changes.
/// The operations stand in the order their ends were recorded.
pub async fn impact(ledger: &(impl Ledger + ?Sized), artifact: &Artifact, level: Level, as_of: AsOf) -> Result<Graph> {
    lineage(ledger, artifact, Reach::everything(Direction::Forward).level(level), as_of).await
}

/// Whether, and how, one artifact came to be a part of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Way {
    /// A shortest way, an operation at a time; nothing when there is none. From an artifact to itself it has no edge.
    pub edges: Option<Vec<Edge>>,
    /// The operations where a search for columns ended, because they do not say of which columns they make which.
    pub untold: Vec<Offset>,
    /// Events that the look-up came by, which call themselves operations and are none.
    pub unread: Vec<Offset>,
}

/// Returns a shortest way from one artifact, or column, to another. There is none when the one is no part of the other's
/// lineage.
pub async fn path(
    ledger: &(impl Ledger + ?Sized),
    from: &Artifact,
    to: &Artifact,
    level: Level,
    as_of: AsOf,
) -> Result<Way> {
    let mut tracer = Tracer::new(ledger, as_of).await?;
    let mut walk = Walk::new(to.clone(), Reach::everything(Direction::Backward).level(level));
    while !walk.reached(from)
        && let Some(step) = walk.step()
    {
        tracer.look_up(&step, &mut walk).await?;
    }
    let home = if walk.is_empty() { tracer.home(to, level).await? } else { Some(to.clone()) };
    let (known, graph) = (home.is_some(), walk.graph(home));
    Ok(Way { edges: graph.path(from, to).filter(|_| known), untold: graph.untold, unread: tracer.unread() })
}

/// Looks things up in a ledger as it was at one moment.
struct Tracer<'l, L: ?Sized> {
    ledger: &'l L,
    /// The range of that moment, and nothing else.
    range: Query,
    /// Whether that is past: what remains of its operations may have been recorded since.
    is_past: bool,
    /// The head when it began.
    began: Offset,
    unread: Vec<Offset>,
}

impl<'l, L: Ledger + ?Sized> Tracer<'l, L> {
    async fn new(ledger: &'l L, as_of: AsOf) -> Result<Self> {
        let head = ledger.head().await?;
        let (last, until) = match as_of {
            AsOf::Now => (head, None),
            AsOf::Offset(offset) => (offset.min(head), None),
            // A query stops before its end, and this moment counts.
            AsOf::Time(time) => (head, Timestamp::from_micros(time.as_micros() + 1).ok()),
        };
        let range = Query { up_to: Some(last), until, ..Query::all() };
        Ok(Self { ledger, range, is_past: last < head || until.is_some(), began: head, unread: Vec::new() })
    }

    /// Goes on with a walk until it ends.
    async fn go(&mut self, walk: &mut Walk) -> Result<()> {
        while let Some(step) = walk.step() {
            self.look_up(&step, walk).await?;
        }
        Ok(())
    }

    async fn look_up(&mut self, step: &Step, walk: &mut Walk) -> Result<()> {
        let key = if step.direction == Direction::Forward { "reads" } else { "writes" };
        let chunks = step.artifacts.chunks(Query::MAX_IDS);
        // Where it takes several queries, the newest of all has to come first.
        let mut all = (chunks.len() > 1).then(BTreeMap::new);
        let mut take = |found: Found| match &mut all {
            Some(all) => {
                // What came first is whole, if either is.
                all.entry(found.offset).or_insert(found);
                true
            }
            None => walk.take(found),
        };
        let mut kept = KeptOnes::default();
        let kinds: &[_] = if self.is_past { &[Operation::FINISHED] } else { &[Operation::FINISHED, Remains::KEPT] };
        for artifacts in chunks {
            if self.is_past {
                let remains = self.remains(&[key], artifacts.iter(), Offset::START).await?;
                remains.into_iter().for_each(|remains| kept.add(remains, &self.range));
            }
            let query = self.asking(&[key], artifacts.iter(), kinds)?;
            let mut pages = self.ledger.pages(Query { order: Order::Descending, ..query });
            while let Some(page) = pages.try_next().await? {
                for event in page {
                    if event.kind.as_str() == Remains::KEPT {
                        match Remains::of_event(&event) {
                            Ok(remains) => kept.add(remains, &self.range),
                            Err(_) => self.unread.push(event.offset),
                        }
                        continue;
                    }
                    let Ok(operation) = event.payload_as::<Operation>() else {
                        self.unread.push(event.offset);
                        continue;
                    };
                    // A tag only points: what an operation did is what it says.
                    let found = Found { offset: event.offset, operation };
                    while let Some(newer) = kept.past(found.offset) {
                        if !take(newer) {
                            return Ok(());
                        }
                    }
                    kept.forget(found.offset);
                    if !take(found) {
                        return Ok(());
                    }
                }
            }
            // What went while this was reading was recorded before it went.
            if self.ledger.head().await? > self.began {
                let since = self.remains(&[key], artifacts.iter(), self.began).await?;
                since.into_iter().for_each(|remains| kept.add(remains, &self.range));
            }
            while let Some(rest) = kept.past(Offset::START) {
                if !take(rest) {
                    return Ok(());
                }
            }
        }
        let _ = all.into_iter().flat_map(BTreeMap::into_values).rev().all(|found| walk.take(found));
        Ok(())
    }

    /// Returns what remains of operations with one of some artifacts in a tag of one of some keys, recorded past an offset,
    /// however late.
    async fn remains<'a>(
        &mut self,
        keys: &[&str],
        artifacts: impl Iterator<Item = &'a Artifact>,
        after: Offset,
    ) -> Result<Vec<Remains>> {
        let query = Query { after, up_to: None, until: None, ..self.asking(keys, artifacts, &[Remains::KEPT])? };
        let (mut all, mut events) = (Vec::new(), self.ledger.tail(query));
        while let Some(event) = events.try_next().await? {
            match Remains::of_event(&event) {
                Ok(remains) => all.push(remains),
                Err(_) => self.unread.push(event.offset),
            }
        }
        Ok(all)
    }

    async fn graph(&mut self, walk: Walk, root: &Artifact, level: Level) -> Result<Graph> {
        let home = if walk.is_empty() { self.home(root, level).await? } else { None };
        let mut graph = walk.graph(home);
        self.mark_dropped(&mut graph).await?;
        graph.unread = self.unread();
        Ok(graph)
    }

    fn unread(&mut self) -> Vec<Offset> {
        self.unread.sort_unstable();
        self.unread.dedup();
        std::mem::take(&mut self.unread)
    }

    /// Returns an artifact that something names, or the one of a column that something names.
    async fn home(&mut self, name: &Artifact, level: Level) -> Result<Option<Artifact>> {
        let tables: Vec<_> = match level {
            Level::Artifacts => vec![name.clone()],
            Level::Columns => tables(name).collect(),
        };
        let (keys, kinds): (&[_], &[_]) = match level {
            Level::Artifacts => {
                (&["artifact", "reads", "writes"], &[Operation::FINISHED, ArtifactNote::CREATED, ArtifactNote::DROPPED])
            }
            Level::Columns => (&["reads", "writes"], &[Operation::FINISHED]),
        };
        let mut first: Option<(Offset, Artifact)> = None;
        for tables in tables.chunks(Query::MAX_IDS / keys.len()) {
            let query = Query {
                up_to: first.as_ref().map_or(self.range.up_to, |(offset, _)| Some(*offset)),
                ..self.asking(keys, tables.iter(), kinds)?
            };
            let mut events = self.ledger.tail(query.limit(10)?);
            while let Some(event) = events.try_next().await? {
                if let Some(home) = home_in(&event, level, name) {
                    first = Some((event.offset, home));
                    break;
                }
            }
        }
        for tables in tables.chunks(Query::MAX_IDS / 2) {
            for remains in self.remains(&["reads", "writes"], tables.iter(), Offset::START).await? {
                let end = remains.ends.iter().filter(|end| covers(&self.range, end)).min_by_key(|end| end.offset);
                let Some(found) = end.map(|end| remains.found(end)) else { continue };
                if let Some(home) = mentioned(&found.operation, level, name)
                    && first.as_ref().is_none_or(|(offset, _)| found.offset < *offset)
                {
                    first = Some((found.offset, home));
                }
            }
        }
        Ok(first.map(|(_, home)| home))
    }

    /// Marks what was dropped and neither written nor created since.
    async fn mark_dropped(&mut self, graph: &mut Graph) -> Result<()> {
        let mut dropped: HashMap<Artifact, Offset> = HashMap::new();
        let homes: BTreeSet<&Artifact> = graph.nodes.iter().map(Node::home).collect();
        let homes: Vec<_> = homes.into_iter().collect();
        for homes in homes.chunks(Query::MAX_IDS) {
            let dropped_ones = self.asking(&["artifact"], homes.iter().copied(), &[ArtifactNote::DROPPED])?;
            let mut events = self.ledger.tail(dropped_ones);
            while let Some(event) = events.try_next().await? {
                if let Ok(note) = event.payload_as::<ArtifactNote>() {
                    dropped.insert(note.artifact, event.offset);
                }
            }
        }
        let mut gone: Vec<_> = dropped.keys().cloned().collect();
        gone.sort_unstable();
        for artifacts in gone.chunks(Query::MAX_IDS / 2) {
            self.revive(artifacts.to_vec(), &mut dropped).await?;
            for remains in self.remains(&["writes"], artifacts.iter(), Offset::START).await? {
                let ends = remains.ends.iter().filter(|end| covers(&self.range, end));
                let last = ends.map(|end| end.offset).max().unwrap_or_default();
                for made in &remains.outputs {
                    if dropped.get(made).is_some_and(|&dropped| dropped < last) {
                        dropped.remove(made);
                    }
                }
            }
        }
        graph.nodes.iter_mut().for_each(|node| node.live = !dropped.contains_key(node.home()));
        Ok(())
    }

    /// Takes out what was written or created again. Looks back from the newest event, and after each page no more for
    /// what is decided: a table that is written every minute is looked at once.
    async fn revive(&self, mut artifacts: Vec<Artifact>, dropped: &mut HashMap<Artifact, Offset>) -> Result<()> {
        let kinds = [Operation::FINISHED, ArtifactNote::CREATED];
        let mut up_to = self.range.up_to;
        while let Some(first) = artifacts.iter().filter_map(|artifact| dropped.get(artifact)).min().copied() {
            let query = self.asking(&["artifact", "writes"], artifacts.iter(), &kinds)?;
            let page = self.ledger.read(&Query { up_to, order: Order::Descending, ..query.from(first) }).await?;
            for event in &page.events {
                for artifact in made(event) {
                    if dropped.get(&artifact).is_some_and(|&dropped| dropped < event.offset) {
                        dropped.remove(&artifact);
                    }
                }
            }
            let Some(last) = page.more_past else { break };
            up_to = Some(last.before());
            artifacts.retain(|artifact| dropped.contains_key(artifact));
        }
        Ok(())
    }

    /// Asks for events of some kinds with one of some artifacts in a tag of one of some keys.
    fn asking<'a>(
        &self,
        keys: &[&str],
        artifacts: impl Iterator<Item = &'a Artifact>,
        kinds: &[&'static str],
    ) -> Result<Query> {
        let pairs = artifacts.flat_map(|artifact| keys.iter().map(|key| Tag::pair(key, artifact.as_str())));
        let any_tags = pairs.collect::<Result<_>>()?;
        let kinds = kinds.iter().map(|kind| Kind::new(kind).map(KindPattern::Exact)).collect::<Result<_>>()?;
        Ok(Query { any_tags, kinds, ..self.range.clone() })
    }
}

/// What remains of operations, to be taken among those that are whole.
#[derive(Default)]
struct KeptOnes {
    all: Vec<Remains>,
    /// Where each was recorded, and its places.
    ends: BinaryHeap<(Offset, usize, usize)>,
}

impl KeptOnes {
    fn add(&mut self, remains: Remains, range: &Query) {
        let place = self.all.len();
        let ends = remains.ends.iter().enumerate().filter(|(_, end)| covers(range, end));
        self.ends.extend(ends.map(|(end, remnant)| (remnant.offset, place, end)));
        self.all.push(remains);
    }

    /// Takes the newest one that was recorded past an offset.
    fn past(&mut self, offset: Offset) -> Option<Found> {
        let &(newest, place, end) = self.ends.peek().filter(|(newest, ..)| *newest > offset)?;
        self.forget(newest);
        let remains = &self.all[place];
        Some(remains.found(&remains.ends[end]))
    }

    /// Takes out the newest one when it was recorded at an offset, as often as it is there.
    fn forget(&mut self, offset: Offset) {
        while self.ends.peek().is_some_and(|(newest, ..)| *newest == offset) {
            self.ends.pop();
        }
    }
}

/// Says whether what remains of an operation is of a range.
fn covers(range: &Query, end: &Remnant) -> bool {
    range.up_to.is_none_or(|last| end.offset <= last) && range.until.is_none_or(|until| end.created_at < until)
}

/// Returns what an event says is there now: what an operation that went well made, or an artifact that was created.
fn made(event: &Event) -> Vec<Artifact> {
    match event.kind.as_str() {
        Operation::FINISHED => match event.payload_as::<Operation>() {
            Ok(operation) if operation.succeeded() => operation.outputs,
            _ => Vec::new(),
        },
        _ => event.payload_as::<ArtifactNote>().map(|note| vec![note.artifact]).unwrap_or_default(),
    }
}

/// Says where a name is at home that an event says something of.
fn home_in(event: &Event, level: Level, name: &Artifact) -> Option<Artifact> {
    match Operation::of(event) {
        Ok(Some(operation)) if operation.succeeded() => mentioned(&operation, level, name),
        Ok(None) => event.payload_as::<ArtifactNote>().ok().map(|note| note.artifact).filter(|noted| noted == name),
        _ => None,
    }
}
