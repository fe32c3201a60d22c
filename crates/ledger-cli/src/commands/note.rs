//! `ledger note`: what became of an artifact or a job, for scripts.

use backends::Mode;
use ledger_core::views::{ArtifactNote, JobDefinition, JobNote};
use ledger_core::{Artifact, Draft, Job, LedgerExt, Task};

use super::append;
use crate::cli::{Note, What};
use crate::failure::{Failure, Result};
use crate::output::Out;
use crate::place::Target;

/// Records the note, and prints its receipt.
pub(super) async fn run(out: &mut Out, target: &Target, note: Note) -> Result<()> {
    refuse_what_has_no_meaning(&note)?;
    let mut draft = note.by.give(draft(&note)?);
    if let Some(id) = note.id {
        draft = draft.id(id)?;
    }
    let id = draft.id.clone();
    let receipt = target.open(Mode::Create).await?.append_one(draft).await?;
    append::say(out, receipt, &id)
}

/// Refuses flags that say nothing of what is noted, rather than to leave them out of it.
fn refuse_what_has_no_meaning(note: &Note) -> Result<()> {
    let artifact = matches!(note.what, What::Created | What::Pinned | What::Unpinned | What::Dropped);
    let created = note.what == What::Created;
    let task = note.what == What::TaskFinished;
    let flags = [
        ("--job", note.owner.job.is_some(), artifact || task),
        ("--task", note.owner.task.is_some(), artifact),
        ("--attempt", note.owner.attempt.is_some(), artifact || task),
        ("--scope", note.scope.is_some(), created),
        ("--schema", note.schema.is_some(), created),
        ("--reason", note.reason.is_some(), artifact && !created),
        ("--definition", note.definition.is_some(), note.what == What::JobStarted),
        ("--preserve", note.preserve.is_some(), matches!(note.what, What::JobStarted | What::JobDefined)),
    ];
    match flags.iter().find(|(_, given, meant)| *given && !meant) {
        Some((flag, ..)) => Err(Failure::Usage(format!("{flag} says nothing of what is noted here: leave it out"))),
        None => Ok(()),
    }
}

fn draft(note: &Note) -> Result<Draft> {
    let job = || Job::new(&note.subject).map(JobNote::new);
    Ok(match note.what {
        What::Created => artifact(note)?.created()?,
        What::Pinned => artifact(note)?.pinned()?,
        What::Unpinned => artifact(note)?.unpinned()?,
        What::Dropped => artifact(note)?.dropped()?,
        What::JobStarted => {
            JobNote { definition: note.definition.clone(), preservation: note.preserve, ..job()? }.started()?
        }
        What::JobFinished => job()?.finished()?,
        What::TaskFinished => {
            let Some(job) = note.owner.job.clone() else {
                return Err(Failure::Usage("a task is a part of a job: name it by --job".to_owned()));
            };
            JobNote::new(job).task_finished(Task::new(&note.subject)?, note.owner.attempt)?
        }
        What::JobDefined => {
            JobDefinition { definition: Job::new(&note.subject)?, preservation: note.preserve }.defined()?
        }
    })
}

fn artifact(note: &Note) -> Result<ArtifactNote> {
    let schema = note.schema.as_deref().map(append::payload).transpose()?;
    Ok(ArtifactNote {
        job: note.owner.job.clone(),
        task: note.owner.task.clone(),
        attempt: note.owner.attempt,
        scope: note.scope,
        schema,
        reason: note.reason.clone(),
        ..ArtifactNote::new(Artifact::new(&note.subject)?)
    })
}
