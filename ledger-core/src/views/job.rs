//! Jobs: the events that say when a job or a task of it is over, and what is kept of it until it expires.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, Shown};
use crate::event::Draft;
use crate::text::{Job, Tag, Task};

use super::artifact::owner_tags;

/// What is kept of a job that has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preservation {
    /// Nothing but what is persistent.
    #[default]
    None,
    /// All that it made, until it expires.
    Full,
}

impl std::str::FromStr for Preservation {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "none" => Ok(Self::None),
            "full" => Ok(Self::Full),
            other => {
                Err(Error::invalid("preservation", format!("{} is no mode: write `none` or `full`", Shown(other))))
            }
        }
    }
}

/// What a job does: the payload of the kinds named below.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobNote {
    /// Which job.
    pub job: Job,
    /// The task that has ended, in `task.finished`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// The try of the task, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The definition that the job follows, until another note of it names another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<Job>,
    /// What is kept of this job, whatever its definition says, until another note of it says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preservation: Option<Preservation>,
}

impl JobNote {
    /// The kind of a job's start.
    pub const STARTED: &str = "job.started";
    /// The kind of a job's end.
    pub const FINISHED: &str = "job.finished";
    /// The kind of a task's end.
    pub const TASK_FINISHED: &str = "task.finished";
    /// The version of the payload's shape.
    pub const VERSION: u32 = 1;

    /// Starts a note about a job.
    #[must_use]
    pub fn new(job: Job) -> Self {
        Self { job, task: None, attempt: None, definition: None, preservation: None }
    }

    /// Returns the event that the job began, or began again: an end that was noted before it no longer counts. Fails past the limits of [`Draft`].
    pub fn started(&self) -> Result<Draft> {
        self.draft(Self::STARTED)
    }

    /// Returns the event that the job, and with it each of its tasks, is over. Fails past the limits of [`Draft`].
    pub fn finished(&self) -> Result<Draft> {
        self.draft(Self::FINISHED)
    }

    /// Returns the event that a try of a task, and with it those before, is over. Fails past the limits of [`Draft`].
    pub fn task_finished(mut self, task: Task, attempt: Option<u32>) -> Result<Draft> {
        (self.task, self.attempt) = (Some(task), attempt);
        self.draft(Self::TASK_FINISHED)
    }

    fn draft(&self, kind: &'static str) -> Result<Draft> {
        let tags: Vec<Tag> = owner_tags(Some(&self.job), self.task.as_ref()).collect::<Result<_>>()?;
        Ok(Draft::new(kind, self)?.tagged(tags).schema_version(Self::VERSION))
    }
}

/// What jobs of one kind have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobDefinition {
    /// Its name, which jobs follow by.
    pub definition: Job,
    /// What is kept of its jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preservation: Option<Preservation>,
}

impl JobDefinition {
    /// The kind of a definition; the last one of a name counts.
    pub const DEFINED: &str = "job.defined";

    /// Returns the event that it is so from now on. Fails past the limits of [`Draft`].
    pub fn defined(&self) -> Result<Draft> {
        let draft = Draft::new(Self::DEFINED, self)?.tag(Tag::pair("definition", self.definition.as_str())?)?;
        Ok(draft.schema_version(JobNote::VERSION))
    }
}
