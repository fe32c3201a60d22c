//! Artifacts: the events that say what became of a table, a file, a model, and how long it is kept.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, Shown};
use crate::event::Draft;
use crate::payload::Payload;
use crate::text::{Artifact, Job, Tag, Task};

/// How long an artifact is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Until its task, or its job, has ended.
    Temporary,
    /// Until its job has ended.
    Job,
    /// Until somebody drops it.
    Persistent,
}

impl std::str::FromStr for Scope {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "temporary" => Ok(Self::Temporary),
            "job" => Ok(Self::Job),
            "persistent" => Ok(Self::Persistent),
            other => {
                let why = format!("{} is no scope: write `temporary`, `job` or `persistent`", Shown(other));
                Err(Error::invalid("scope", why))
            }
        }
    }
}

/// What happened to an artifact itself: the payload of the kinds named below.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactNote {
    /// Which artifact.
    pub artifact: Artifact,
    /// The job that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<Job>,
    /// The task that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// The try of the task that owns it, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// How long it is kept; said when it is created. What nobody says that of is never dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// Its columns or other shape, in words of the caller's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Payload>,
    /// Why it was pinned or dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl ArtifactNote {
    /// The kind of an artifact's creation.
    pub const CREATED: &str = "artifact.created";
    /// The kind of a pin, which keeps an artifact.
    pub const PINNED: &str = "artifact.pinned";
    /// The kind of a pin's end.
    pub const UNPINNED: &str = "artifact.unpinned";
    /// The kind of an artifact's end.
    pub const DROPPED: &str = "artifact.dropped";
    /// The version of the payload's shape.
    pub const VERSION: u32 = 1;

    /// Starts a note about an artifact.
    #[must_use]
    pub fn new(artifact: Artifact) -> Self {
        Self { artifact, job: None, task: None, attempt: None, scope: None, schema: None, reason: None }
    }

    /// Returns the event that the artifact was created. Fails past the limits of [`Draft`], and when it names a task of no
    /// job, whose end nobody could tell.
    pub fn created(&self) -> Result<Draft> {
        if let (Some(task), None) = (&self.task, &self.job) {
            let why = format!(
                "{} owns {} and belongs to no job: name that, too",
                Shown(task.as_str()),
                Shown(self.artifact.as_str())
            );
            return Err(Error::invalid("task", why));
        }
        self.draft(Self::CREATED)
    }

    /// Returns the event that the artifact was pinned. Each event is one pin: give it an id where it may be sent twice. Fails past the limits of [`Draft`].
    pub fn pinned(&self) -> Result<Draft> {
        self.draft(Self::PINNED)
    }

    /// Returns the event that a pin was taken away. Fails past the limits of [`Draft`].
    pub fn unpinned(&self) -> Result<Draft> {
        self.draft(Self::UNPINNED)
    }

    /// Returns the event that the artifact went away. Fails past the limits of [`Draft`].
    pub fn dropped(&self) -> Result<Draft> {
        self.draft(Self::DROPPED)
    }

    fn draft(&self, kind: &'static str) -> Result<Draft> {
        let own = std::iter::once(Tag::pair("artifact", self.artifact.as_str()));
        let tags: Vec<Tag> = own.chain(owner_tags(self.job.as_ref(), self.task.as_ref())).collect::<Result<_>>()?;
        Ok(Draft::new(kind, self)?.tagged(tags).schema_version(Self::VERSION))
    }
}

/// Returns the tags of an owner.
pub(super) fn owner_tags(job: Option<&Job>, task: Option<&Task>) -> impl Iterator<Item = Result<Tag>> {
    let job = job.map(|job| Tag::pair("job", job.as_str()));
    job.into_iter().chain(task.map(|task| Tag::pair("task", task.as_str())))
}
