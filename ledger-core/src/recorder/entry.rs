//! What waits in memory. An operation waits as it is: to write it as JSON would cost the one who records more than all else.

use std::sync::Arc;

use crate::error::Result;
use crate::event::Draft;
use crate::payload::Payload;
use crate::text::EventId;
use crate::views::{Input, Operation};

use super::Place;

#[derive(Debug)]
pub(super) enum Entry {
    Draft(Draft),
    Operation(Box<Waiting>),
}

/// The start of an operation or, when it has an outcome, its end.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) operation: Operation,
    pub(super) place: Arc<Place>,
    /// The event of its start, in that of its end.
    pub(super) started: Option<EventId>,
}

impl Entry {
    /// Returns about how many bytes its event takes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Draft(draft) => draft.size(),
            Self::Operation(waiting) => size(&waiting.operation),
        }
    }

    /// Returns its event. Fails past the limits of [`Draft`].
    pub(super) fn draft(self) -> Result<Draft> {
        match self {
            Self::Draft(draft) => Ok(draft),
            Self::Operation(waiting) => waiting.draft(),
        }
    }
}

impl Waiting {
    /// Returns the event. Fails past the limits of [`Draft`].
    pub(super) fn draft(&self) -> Result<Draft> {
        let mut draft = match self.operation.status {
            Some(_) => self.operation.end()?,
            None => self.operation.started()?,
        };
        draft.parents.extend(self.started.clone());
        Ok(self.place.give(draft))
    }

    /// Says whether its event is sure to keep the limits of [`Draft`], without making it.
    pub(super) fn surely_fits(&self) -> bool {
        /// A character takes six bytes at most, as `\\u0000`.
        const LONGEST_ESCAPE: usize = 6;
        /// The tags of command, status, job and task.
        const OWN_TAGS: usize = 4;
        let tags = self.operation.inputs.iter().count() + self.operation.outputs.len() + OWN_TAGS;
        let shallow = |input: &Input| match input {
            Input::Artifact(_) => true,
            Input::Value(value) => value.as_str().len() < Payload::MAX_DEPTH / 2,
        };
        // What else may be wrong with it is said to the one who records.
        self.operation.is_plain()
            && tags <= Draft::MAX_TAGS
            && size(&self.operation) < Payload::MAX_BYTES / LONGEST_ESCAPE
            && self.operation.inputs.iter().all(|(_, input)| shallow(input))
    }
}

fn size(operation: &Operation) -> usize {
    /// Names of fields, ids and times.
    const FIXED: usize = 400;
    /// The names and braces around an input.
    const NAMED: usize = 20;
    let inputs = operation.inputs.iter().map(|(name, input)| {
        let given = match input {
            // It is in a tag, too.
            Input::Artifact(artifact) => 2 * artifact.as_str().len(),
            Input::Value(value) => value.as_str().len(),
        };
        NAMED + name.len() + given
    });
    let outputs = operation.outputs.iter().map(|made| NAMED + 2 * made.as_str().len());
    let option = |text: Option<&str>| text.map_or(0, str::len);
    FIXED
        + operation.name.len()
        + inputs.chain(outputs).sum::<usize>()
        + option(operation.sql.as_deref())
        + option(operation.error.as_deref())
        + 2 * option(operation.job.as_ref().map(crate::text::Job::as_str))
        + 2 * option(operation.task.as_ref().map(crate::text::Task::as_str))
}
