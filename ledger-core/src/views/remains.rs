//! Remains: what is kept of operations that were removed from the log, so that lineage leads through them as before.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::event::{Draft, Event, Offset};
use crate::payload::Payload;
use crate::text::{Artifact, EventId, Job, Kind, Tag, Task};
use crate::time::Timestamp;

use super::lineage::Found;
use super::named::Named;
use super::{Input, Operation, Outcome};

/// What is left of operations that made the same of the same: the payload of `lineage.kept`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remains {
    /// What they did.
    #[serde(rename = "operation")]
    pub name: String,
    /// What they read, by the names of their inputs; their plain values are gone.
    #[serde(default, skip_serializing_if = "Named::is_empty")]
    pub inputs: Named<Artifact>,
    /// What they made or changed.
    pub outputs: Vec<Artifact>,
    /// The columns of what they made.
    #[serde(default, skip_serializing_if = "Named::is_empty")]
    pub columns: Named<Vec<Artifact>>,
    /// Each of them, in the order of their offsets.
    pub ends: Vec<Remnant>,
}

/// One operation of several that made the same of the same. In JSON it is a list, because there are many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Row", into = "Row")]
pub struct Remnant {
    /// Where its end was recorded.
    pub offset: Offset,
    /// Which operation it was.
    pub id: EventId,
    /// When its end happened, by its event.
    pub created_at: Timestamp,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended, by its own word.
    pub finished_at: Option<Timestamp>,
    /// The job it belonged to.
    pub job: Option<Job>,
    /// The part of the job.
    pub task: Option<Task>,
    /// Which try of the task.
    pub attempt: Option<u32>,
}

/// Offset, id, the event's time in microseconds since 1970, how long before it began and after it ended, job, task, attempt.
type Row = (Offset, EventId, i64, i64, Option<i64>, Option<Job>, Option<Task>, Option<u32>);

impl From<Remnant> for Row {
    fn from(end: Remnant) -> Self {
        let at = end.created_at.as_micros();
        let finished = end.finished_at.map(|finished| finished.as_micros() - at);
        (end.offset, end.id, at, at - end.started_at.as_micros(), finished, end.job, end.task, end.attempt)
    }
}

impl TryFrom<Row> for Remnant {
    type Error = Error;
    fn try_from((offset, id, at, before, after, job, task, attempt): Row) -> Result<Self> {
        let started_at = Timestamp::from_micros(at.saturating_sub(before))?;
        let finished_at = after.map(|after| Timestamp::from_micros(at.saturating_add(after))).transpose()?;
        Ok(Self { offset, id, created_at: Timestamp::from_micros(at)?, started_at, finished_at, job, task, attempt })
    }
}

impl Remains {
    /// The kind of the event.
    pub const KEPT: &str = "lineage.kept";
    /// The version of the payload's shape.
    pub const VERSION: u32 = 1;
    /// The most operations of one event.
    pub const MOST: usize = 1_000;
    /// About how many bytes one event may have, unless a single operation takes more.
    const MOST_BYTES: usize = 256 << 10;

    /// Reads what remains of operations out of an event. Fails on a payload of another shape, and on one that names too many
    /// operations, or one that was not there yet.
    pub fn of_event(event: &Event) -> Result<Self> {
        let remains: Self = event.payload_as()?;
        let later = remains.ends.iter().find(|end| end.offset >= event.offset);
        match later {
            None if remains.ends.len() <= Self::MOST => Ok(remains),
            None => Err(Error::invalid("ends", format!("`{}`: {} are the most", remains.ends.len(), Self::MOST))),
            Some(end) => {
                Err(Error::invalid("ends", format!("`{}` was not there at offset {}", end.offset, event.offset)))
            }
        }
    }

    /// Returns what remains of one operation that ended well.
    fn of(event: &Event, operation: Operation) -> Self {
        let read = |(name, input): (&str, &Input)| Some((name.to_owned(), input.artifact()?.clone()));
        let inputs = operation.inputs.iter().filter_map(read).collect();
        let end = Remnant {
            offset: event.offset,
            id: operation.id,
            created_at: event.created_at,
            started_at: operation.started_at,
            finished_at: operation.finished_at,
            job: operation.job,
            task: operation.task,
            attempt: operation.attempt,
        };
        let Operation { name, outputs, columns, .. } = operation;
        Self { name, inputs, outputs, columns, ends: vec![end] }
    }

    /// Returns the operation of one of its ends, without what is gone.
    #[must_use]
    pub fn found(&self, end: &Remnant) -> Found {
        let read = |(name, artifact): (&str, &Artifact)| (name.to_owned(), Input::Artifact(artifact.clone()));
        let inputs = self.inputs.iter().map(read).collect();
        let operation = Operation {
            inputs,
            outputs: self.outputs.clone(),
            columns: self.columns.clone(),
            job: end.job.clone(),
            task: end.task.clone(),
            attempt: end.attempt,
            finished_at: end.finished_at,
            status: Some(Outcome::Success),
            ..Operation::bare(end.id.clone(), self.name.clone(), end.started_at)
        };
        Found { offset: end.offset, operation }
    }

    /// Returns the event that keeps them. The same ones make the same event, so one that is recorded twice is there once.
    /// Fails past the limits of [`Draft`].
    fn draft(&self) -> Result<Draft> {
        let reads = self.inputs.iter().map(|(_, artifact)| Tag::pair("reads", artifact.as_str()));
        let writes = self.outputs.iter().map(|artifact| Tag::pair("writes", artifact.as_str()));
        let tags = reads.chain(writes).collect::<Result<Vec<_>>>()?;
        let payload = Payload::new(self)?;
        let hash = Sha256::digest(payload.as_str());
        let hash: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let draft = Draft::from_parts(Kind::new(Self::KEPT)?, payload).id(format!("kept-{hash}"))?.tagged(tags);
        let draft = draft.schema_version(Self::VERSION);
        draft.check()?;
        Ok(draft)
    }
}

/// Packs operations, those together that made the same of the same.
#[derive(Debug, Default)]
pub(crate) struct Packer {
    open: HashMap<String, Open>,
    full: Vec<Draft>,
}

/// What remains of operations of one shape, with more to come.
#[derive(Debug)]
struct Open {
    remains: Remains,
    draft: Draft,
    bytes: usize,
}

impl Packer {
    /// Adds an operation that ended well. Fails when no event can hold what remains of it.
    pub(crate) fn add(&mut self, event: &Event, operation: Operation) -> Result<()> {
        let mut one = Remains::of(event, operation);
        let alone = one.draft()?;
        let Some(end) = one.ends.pop() else { return Ok(()) };
        let shape = Payload::new(&one)?.as_str().to_owned();
        let bytes = alone.payload.as_str().len();
        let more = bytes - shape.len() + 1;
        match self.open.get_mut(&shape) {
            Some(open) if open.remains.ends.len() < Remains::MOST && open.bytes + more <= Remains::MOST_BYTES => {
                open.remains.ends.push(end);
                open.bytes += more;
            }
            _ => {
                one.ends.push(end);
                let full = self.open.insert(shape, Open { remains: one, draft: alone, bytes });
                self.full.extend(full.map(Open::finish));
            }
        }
        Ok(())
    }

    /// Returns the events that keep what was added.
    pub(crate) fn finish(self) -> Vec<Draft> {
        let mut open: Vec<_> = self.open.into_values().collect();
        open.sort_unstable_by_key(|open| open.remains.ends.first().map(|end| end.offset));
        self.full.into_iter().chain(open.into_iter().map(Open::finish)).collect()
    }
}

impl Open {
    fn finish(self) -> Draft {
        // Its parts were looked at one by one, and there are no more bytes than are allowed.
        if self.remains.ends.len() > 1 { self.remains.draft().expect("its limits were kept") } else { self.draft }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_remains_is_the_operation_without_what_no_lineage_needs() {
        let source = Artifact::new("raw \"a\"").unwrap();
        let operation = Operation::new("load").unwrap().input("source", source).unwrap().input("n", 7).unwrap();
        let operation = operation.output("t").unwrap().column("id", ["raw \"a\".id"]).unwrap().job("j").unwrap();
        let operation = operation.sql("SELECT 1").project("p").attempt(2);
        let mut packer = Packer::default();
        let mut whole = Vec::new();
        for offset in 1..=2_500 {
            // Ids of many lengths, as callers choose them.
            let id = format!("op-{}-{offset}", "x".repeat(offset as usize % 40));
            let draft = operation.clone().id(id).unwrap().finished().unwrap();
            let event = Event { offset: Offset::new(offset).unwrap(), recorded_at: Timestamp::now(), draft };
            packer.add(&event, event.payload_as().unwrap()).unwrap();
            whole.push(event);
        }
        let drafts = packer.finish();
        assert_eq!(drafts.len(), 3, "operations that made the same of the same are kept apart");
        let tags: Vec<_> = drafts[0].tags().iter().map(Tag::as_str).collect();
        assert_eq!(tags, ["reads:raw \"a\"", "writes:t"]);
        let offset = Offset::new(2_501).unwrap();
        let event = |draft: &Draft| Event { offset, recorded_at: Timestamp::now(), draft: draft.clone() };
        let packs: Vec<_> = drafts.iter().map(|draft| Remains::of_event(&event(draft)).unwrap()).collect();
        let early = Event { offset: Offset::new(7).unwrap(), ..event(&drafts[0]) };
        assert!(Remains::of_event(&early).unwrap_err().to_string().contains("was not there at offset 7"));
        let found: Vec<_> = packs.iter().flat_map(|pack| pack.ends.iter().map(|end| pack.found(end))).collect();
        assert_eq!(found.len(), whole.len());
        for (found, event) in found.iter().zip(&whole) {
            let before: Operation = event.payload_as().unwrap();
            let inputs = [("source".to_owned(), before.inputs.get("source").unwrap().clone())].into_iter().collect();
            let bare = Operation { inputs, sql: None, project: None, duration_us: None, ..before };
            assert_eq!((found.offset, &found.operation), (event.offset, &bare));
        }
        assert!(drafts.iter().all(|draft| draft.payload.as_str().len() < 140 * 1_000));
    }
}
