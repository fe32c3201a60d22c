//! What has to stay: the lineage of all that is there, and what says how long that is kept.

use std::collections::{HashMap, HashSet};

use crate::error::Result;
use crate::event::{Event, Offset};
use crate::text::{Artifact, EventId, Job};
use crate::time::Timestamp;
use crate::views::{ArtifactNote, Operation, Remains, Scope, View};

use super::Policy;

/// What a sweep has to know of the whole ledger before it may remove anything.
#[derive(Debug)]
pub(super) struct Survey {
    policy: Policy,
    now: Timestamp,
    names: HashMap<Artifact, usize>,
    artifacts: Vec<Part>,
    /// The last event of an operation of each job that owns something which does not stay for good.
    jobs: HashMap<Job, Offset>,
    /// What the operations read, and what they make, that have not ended.
    running: HashMap<EventId, [Vec<usize>; 2]>,
    /// The operations that have ended and are not too old, if there may be too many: where, and how large their ends are.
    young: Vec<(Offset, usize)>,
    /// Up to where it has read.
    pub seen: Offset,
    /// What was decided last, and whether that may be another decision by now.
    needed: Vec<bool>,
    held: HashSet<Offset>,
    changed: bool,
}

#[derive(Debug, Default)]
struct Part {
    /// When it was last there, and when it was last dropped.
    there: Offset,
    dropped: Offset,
    /// Whether it goes with a job some day, and the jobs that may be.
    bounded: bool,
    owners: HashSet<Job>,
    /// All that operations which made it have read.
    sources: HashSet<usize>,
    /// The last operation that read or made it.
    last: Offset,
}

impl Part {
    fn is_live(&self) -> bool {
        self.there > self.dropped
    }
}

impl Survey {
    pub(super) fn new(policy: Policy, now: Timestamp) -> Self {
        Self {
            policy,
            now,
            names: HashMap::new(),
            artifacts: Vec::new(),
            jobs: HashMap::new(),
            running: HashMap::new(),
            young: Vec::new(),
            seen: Offset::START,
            needed: Vec::new(),
            held: HashSet::new(),
            changed: false,
        }
    }

    /// Returns up to where operations go though they are not too old, because there are too many. It is a place and no
    /// number: who sweeps at the same time has the same.
    pub(super) fn cutoff(&mut self) -> Offset {
        let young = std::mem::take(&mut self.young);
        let over = |most: Option<u64>, there: u64| most.map_or(0, |most| there.saturating_sub(most));
        let mut too_many = over(self.policy.most, young.len() as u64);
        let mut too_much = over(self.policy.most_bytes, young.iter().map(|(_, size)| *size as u64).sum());
        let mut cutoff = Offset::START;
        for (offset, size) in young {
            if (too_many, too_much) == (0, 0) {
                break;
            }
            cutoff = offset;
            (too_many, too_much) = (too_many.saturating_sub(1), too_much.saturating_sub(size as u64));
        }
        cutoff
    }

    /// Decides what has to stay, by all that was read so far.
    pub(super) fn decide(&mut self) {
        if !std::mem::take(&mut self.changed) {
            return;
        }
        let mut needed = vec![false; self.artifacts.len()];
        let mut next: Vec<_> = (0..self.artifacts.len()).filter(|&place| self.artifacts[place].is_live()).collect();
        self.held.clear();
        for part in next.iter().map(|&place| &self.artifacts[place]).filter(|part| part.bounded) {
            self.held.insert(part.last);
            self.held.extend(part.owners.iter().filter_map(|job| self.jobs.get(job)));
        }
        // What is being made comes from what it reads, dropped or not.
        next.extend(self.running.values().flat_map(|[read, _]| read));
        while let Some(place) = next.pop() {
            if !std::mem::replace(&mut needed[place], true) {
                next.extend(self.artifacts[place].sources.iter().filter(|&&source| !needed[source]));
            }
        }
        self.needed = needed;
    }

    /// Says whether something that is there, or is being made, was made by way of one of these.
    pub(super) fn leads_on(&self, outputs: &[Artifact]) -> bool {
        outputs.iter().filter_map(|artifact| self.names.get(artifact)).any(|&place| self.needed[place])
    }

    /// Says whether an operation stays as it is, because it says how long something is kept.
    pub(super) fn holds(&self, offset: Offset) -> bool {
        self.held.contains(&offset)
    }

    /// Says whether an operation that has not ended uses something that is kept for as long.
    pub(super) fn is_used_by(&self, id: &EventId) -> bool {
        let places = self.running.get(id).into_iter().flatten().flatten();
        places.map(|&place| &self.artifacts[place]).any(|part| part.bounded && part.is_live())
    }

    fn part(&mut self, artifact: &Artifact) -> usize {
        if let Some(&place) = self.names.get(artifact) {
            return place;
        }
        self.changed = true;
        self.names.insert(artifact.clone(), self.artifacts.len());
        self.artifacts.push(Part::default());
        self.artifacts.len() - 1
    }

    fn parts<'a>(&mut self, artifacts: impl Iterator<Item = &'a Artifact>) -> Vec<usize> {
        artifacts.map(|artifact| self.part(artifact)).collect()
    }

    fn add(&mut self, event: &Event) -> Result<()> {
        match event.kind.as_str() {
            Operation::STARTED => {
                let operation: Operation = event.payload_as()?;
                self.heard(operation.job.as_ref(), event.offset);
                let uses = [self.parts(operation.inputs.artifacts()), self.parts(operation.outputs.iter())];
                self.changed = true;
                self.running.insert(operation.id, uses);
            }
            Operation::FINISHED => {
                let operation: Operation = event.payload_as()?;
                let limited = self.policy.most.is_some() || self.policy.most_bytes.is_some();
                if limited && !self.policy.is_over(event, operation.status, self.now) {
                    self.young.push((event.offset, event.size()));
                }
                self.heard(operation.job.as_ref(), event.offset);
                self.running.remove(&operation.id);
                if operation.succeeded() {
                    let read = self.parts(operation.inputs.artifacts());
                    self.made(&read, &operation.outputs, event.offset, event.offset);
                }
            }
            Remains::KEPT => {
                let remains = Remains::of_event(event)?;
                let read = self.parts(remains.inputs.iter().map(|(_, artifact)| artifact));
                let last = remains.ends.iter().map(|end| end.offset).max().unwrap_or_default();
                self.made(&read, &remains.outputs, last, Offset::START);
            }
            ArtifactNote::CREATED => self.created(event.payload_as()?, event.offset),
            ArtifactNote::DROPPED => {
                let place = self.part(&event.payload_as::<ArtifactNote>()?.artifact);
                let part = &mut self.artifacts[place];
                part.dropped = event.offset;
                (part.bounded, part.owners) = (false, HashSet::new());
                self.changed = true;
            }
            _ => {}
        }
        Ok(())
    }

    fn created(&mut self, note: ArtifactNote, offset: Offset) {
        let place = self.part(&note.artifact);
        let part = &mut self.artifacts[place];
        part.there = offset;
        self.changed = true;
        if !matches!(note.scope, None | Some(Scope::Persistent)) {
            part.bounded = true;
            part.owners.extend(note.job.clone());
            // What a job did before it owned anything says no more than this note does.
            note.job.map(|job| self.jobs.entry(job).or_default());
        }
    }

    fn heard(&mut self, job: Option<&Job>, offset: Offset) {
        if let Some(last) = job.and_then(|job| self.jobs.get_mut(job)) {
            *last = offset;
            self.changed = true;
        }
    }

    fn made(&mut self, read: &[usize], outputs: &[Artifact], there: Offset, last: Offset) {
        for artifact in outputs {
            let place = self.part(artifact);
            let part = &mut self.artifacts[place];
            let (was_live, sources) = (part.is_live(), part.sources.len());
            part.there = part.there.max(there);
            part.last = part.last.max(last);
            part.sources.extend(read);
            self.changed |= part.is_live() != was_live || part.sources.len() != sources || part.bounded;
        }
        for &place in read {
            let part = &mut self.artifacts[place];
            part.last = part.last.max(last);
            self.changed |= part.bounded;
        }
    }
}

impl View for Survey {
    fn apply(&mut self, event: &Event) {
        // What cannot be read is no operation, and stays.
        let _ = self.add(event);
    }
}
