//! What has to stay: the lineage of all that is there, and what says how long that is kept.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use crate::error::Result;
use crate::event::{Event, Offset};
use crate::text::{Artifact, Job};
use crate::views::{ArtifactNote, Inputs, Operation, Outcome, Remains, Scope, View};

/// What a sweep has to know of the whole ledger before it may remove anything.
#[derive(Debug, Default)]
pub(super) struct Survey {
    names: HashMap<Artifact, usize>,
    artifacts: Vec<Part>,
    /// The last event of an operation of each job that owns something which does not stay for good.
    jobs: HashMap<Job, Offset>,
    /// How many operations have ended …
    pub ended: u64,
    /// … and how large the events of all are.
    pub bytes: u64,
}

#[derive(Debug, Default)]
struct Part {
    /// When it was last there, and when it was last dropped.
    there: Offset,
    dropped: Offset,
    /// The jobs it may go with, if it does.
    owners: Vec<Job>,
    bounded: bool,
    /// All that operations which made it have read.
    sources: HashSet<usize>,
    /// The last operation that read or made it.
    last: Offset,
}

/// What a survey reads of an operation.
#[derive(Deserialize)]
struct Brief {
    status: Option<Outcome>,
    #[serde(default)]
    job: Option<Job>,
    #[serde(default)]
    inputs: Inputs,
    #[serde(default)]
    outputs: Vec<Artifact>,
}

impl Survey {
    /// Returns what must stay.
    pub(super) fn verdict(self) -> Needed {
        let mut needed = vec![false; self.artifacts.len()];
        let mut next: Vec<_> = (0..self.artifacts.len()).filter(|&place| self.artifacts[place].is_live()).collect();
        let mut held = HashSet::new();
        for part in next.iter().map(|&place| &self.artifacts[place]).filter(|part| part.bounded) {
            held.insert(part.last);
            held.extend(part.owners.iter().filter_map(|job| self.jobs.get(job)));
        }
        while let Some(place) = next.pop() {
            if !std::mem::replace(&mut needed[place], true) {
                next.extend(self.artifacts[place].sources.iter().filter(|&&source| !needed[source]));
            }
        }
        let artifacts =
            self.names.into_iter().filter(|(_, place)| needed[*place]).map(|(artifact, _)| artifact).collect();
        Needed { artifacts, held }
    }

    fn part(&mut self, artifact: &Artifact) -> usize {
        if let Some(&place) = self.names.get(artifact) {
            return place;
        }
        self.names.insert(artifact.clone(), self.artifacts.len());
        self.artifacts.push(Part::default());
        self.artifacts.len() - 1
    }

    fn add(&mut self, event: &Event) -> Result<()> {
        match event.kind.as_str() {
            Operation::STARTED => {
                let brief: Brief = event.payload_as()?;
                self.bytes += event.size() as u64;
                self.heard(brief.job.as_ref(), event.offset);
            }
            Operation::FINISHED => {
                let brief: Brief = event.payload_as()?;
                self.ended += 1;
                self.bytes += event.size() as u64;
                self.heard(brief.job.as_ref(), event.offset);
                if brief.status == Some(Outcome::Success) {
                    let read: Vec<_> = brief.inputs.artifacts().collect();
                    self.made(&read, &brief.outputs, event.offset, event.offset);
                }
            }
            Remains::KEPT => {
                let remains: Remains = event.payload_as()?;
                let read: Vec<_> = remains.inputs.iter().map(|(_, artifact)| artifact).collect();
                let last = remains.ends.iter().map(|end| end.offset).max().unwrap_or_default();
                self.made(&read, &remains.outputs, last, Offset::START);
            }
            ArtifactNote::CREATED => {
                let note: ArtifactNote = event.payload_as()?;
                let place = self.part(&note.artifact);
                let part = &mut self.artifacts[place];
                part.there = event.offset;
                if !matches!(note.scope, None | Some(Scope::Persistent)) {
                    part.bounded = true;
                    part.owners.extend(note.job.iter().cloned());
                    part.owners.sort_unstable();
                    part.owners.dedup();
                    if let Some(job) = note.job {
                        self.jobs.entry(job).or_default();
                    }
                }
            }
            ArtifactNote::DROPPED => {
                let place = self.part(&event.payload_as::<ArtifactNote>()?.artifact);
                let part = &mut self.artifacts[place];
                part.dropped = event.offset;
                (part.bounded, part.owners) = (false, Vec::new());
            }
            _ => {}
        }
        Ok(())
    }

    fn heard(&mut self, job: Option<&Job>, offset: Offset) {
        if let Some(last) = job.and_then(|job| self.jobs.get_mut(job)) {
            *last = offset;
        }
    }

    fn made(&mut self, read: &[&Artifact], outputs: &[Artifact], there: Offset, last: Offset) {
        let sources: Vec<_> = read.iter().map(|artifact| self.part(artifact)).collect();
        for artifact in outputs {
            let place = self.part(artifact);
            let part = &mut self.artifacts[place];
            part.there = part.there.max(there);
            part.last = part.last.max(last);
            part.sources.extend(&sources);
        }
        for place in sources {
            self.artifacts[place].last = self.artifacts[place].last.max(last);
        }
    }
}

impl Part {
    fn is_live(&self) -> bool {
        self.there > self.dropped
    }
}

impl View for Survey {
    fn apply(&mut self, event: &Event) {
        // What cannot be read is no operation, and stays.
        let _ = self.add(event);
    }
}

/// What a sweep leaves.
#[derive(Debug)]
pub(super) struct Needed {
    artifacts: HashSet<Artifact>,
    /// The operations that say how long something is kept.
    held: HashSet<Offset>,
}

impl Needed {
    /// Says whether something that is there was made by way of one of these.
    pub(super) fn leads_on(&self, outputs: &[Artifact]) -> bool {
        outputs.iter().any(|artifact| self.artifacts.contains(artifact))
    }

    /// Says whether an operation stays as it is.
    pub(super) fn holds(&self, offset: Offset) -> bool {
        self.held.contains(&offset)
    }
}
