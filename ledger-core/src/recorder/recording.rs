//! An operation on its way: a guard that is recorded however it ends.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;

use futures::FutureExt;

use crate::error::{Error, Result};
use crate::text::{Artifact, EventId};
use crate::views::{Input, Named, Operation, Outcome};

use super::entry::{Entry, Waiting};
use super::{Place, Recorder};

/// An operation that goes on. It ends by [`finish`](Self::finish), [`fail`](Self::fail) or [`run`](Self::run); one that is
/// dropped before that is recorded as an error: `abandoned`, or `panicked` when that is why.
///
/// What is wrong with a part, such as a second input of one name, is said when it ends, so that code that is instrumented
/// stays in one line; an operation with something wrong in it is not recorded.
#[must_use = "one that is dropped is recorded as abandoned"]
#[derive(Debug)]
pub struct Recording {
    recorder: Recorder,
    /// Nothing once it has ended.
    operation: Option<Result<Operation>>,
    /// The event of its start, once that is recorded.
    started: Option<EventId>,
    /// Whether it began while a panic was under way, which is no panic of its own.
    began_in_panic: bool,
}

impl Recording {
    pub(super) fn new(recorder: Recorder, name: String) -> Self {
        let operation = Operation::new(name).map(|operation| Operation {
            job: recorder.place.job.clone(),
            task: recorder.place.task.clone(),
            attempt: recorder.place.attempt,
            ..operation
        });
        let began_in_panic = std::thread::panicking();
        Self { recorder, operation: Some(operation), started: None, began_in_panic }
    }

    /// Adds what it was given under a name: an [`Artifact`] that it read, or a plain value (numbers, text, …).
    pub fn input<I: TryInto<Input, Error: Into<Error>>>(self, name: impl Into<String>, input: I) -> Self {
        self.with(|operation| operation.input(name, input))
    }

    /// Adds what it makes or changes.
    pub fn output<A: TryInto<Artifact, Error: Into<Error>>>(self, artifact: A) -> Self {
        self.with(|operation| operation.output(artifact))
    }

    /// Says of which columns of its inputs, each as `artifact.column`, it makes a column of its output. When that is wrong it
    /// is told, and the operation is recorded without columns.
    pub fn column<A: TryInto<Artifact, Error: Into<Error>>>(
        self,
        name: impl Into<String>,
        of: impl IntoIterator<Item = A>,
    ) -> Self {
        self.with(|operation| operation.column(name, of))
    }

    /// Sets the SQL or other code that is run.
    pub fn sql(self, text: impl Into<String>) -> Self {
        self.with(|operation| Ok(operation.sql(text)))
    }

    /// Changes it by any other method of [`Operation`].
    pub fn with(mut self, change: impl FnOnce(Operation) -> Result<Operation>) -> Self {
        self.change(change);
        self
    }

    /// Changes it in its place.
    pub(super) fn change(&mut self, change: impl FnOnce(Operation) -> Result<Operation>) {
        self.operation = self.operation.take().map(|operation| operation.and_then(change));
    }

    /// Records its start, with what is known of it so far. Whoever asks what runs now, or what reads an artifact, sees it.
    pub fn start(mut self) -> Self {
        if self.started.is_none()
            && let Some(Ok(operation)) = &self.operation
        {
            let id = operation.start_id();
            match id.and_then(|id| self.post(operation.clone()).map(|()| id)) {
                Ok(id) => self.started = Some(id),
                Err(error) => self.operation = Some(Err(error)),
            }
        }
        self
    }

    /// Does some work as a part of it, from its start on: what is recorded there names it as its cause.
    ///
    /// Unless it was started, this has nothing to name.
    pub async fn scope<F: Future>(&self, work: F) -> F::Output {
        self.part().scope(work).await
    }

    /// Returns the recorder of its parts.
    pub(super) fn part(&self) -> Recorder {
        let cause = self.started.clone().or_else(|| self.recorder.place.cause.clone());
        self.recorder.at(Place { cause, ..(*self.recorder.place).clone() })
    }

    /// Starts it, does its work as a part of it, and records how that ended: well, with an error, by a panic, which goes
    /// on, or abandoned, when nobody waits any more.
    ///
    /// What is wrong with the operation itself does not get into the way of its work: it is told as [`Pace`](super::Pace)
    /// says, and to the next flush.
    pub async fn run<T, E: Display>(self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let mut this = self.start();
        let outcome = this.scope(AssertUnwindSafe(work).catch_unwind()).await;
        match outcome {
            Ok(Ok(done)) => {
                this.end_and_tell(Outcome::Success, None);
                Ok(done)
            }
            Ok(Err(error)) => {
                this.end_and_tell(Outcome::Error, Some(error.to_string()));
                Err(error)
            }
            Err(panic) => {
                let said = panic.downcast_ref::<&str>().map(ToString::to_string);
                let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
                let error = said.map_or_else(|| "panicked".to_owned(), |said| format!("panicked: {said}"));
                this.end_and_tell(Outcome::Error, Some(error));
                resume_unwind(panic)
            }
        }
    }

    /// Ends it with success, now. Fails when something is wrong with it; nothing of its end is recorded then.
    pub fn finish(mut self) -> Result<EventId> {
        self.end(Outcome::Success, None)
    }

    /// Ends it with an error, now. Fails as [`finish`](Self::finish) does.
    pub fn fail(mut self, error: impl Display) -> Result<EventId> {
        self.end(Outcome::Error, Some(error.to_string()))
    }

    /// Ends it because it took too long, now. Fails as [`finish`](Self::finish) does.
    pub fn time_out(mut self, error: impl Display) -> Result<EventId> {
        self.end(Outcome::Timeout, Some(error.to_string()))
    }

    fn end(&mut self, outcome: Outcome, error: Option<String>) -> Result<EventId> {
        let Some(operation) = self.operation.take() else { return Err(Error::invalid("operation", "it has ended")) };
        let mut operation = operation?;
        let id = operation.id.clone();
        let at = operation.now();
        operation.end_as(outcome, error, at);
        if let Err(error) = operation.check_columns() {
            // It ended all the same, and whoever saw its start waits for that.
            operation.columns = Named::default();
            if let Some(desk) = &self.recorder.desk {
                desk.shared.problem(error);
            }
        }
        self.post(operation).map(|()| id)
    }

    /// Hands its start, or its end, to the writer. Fails when it breaks a limit.
    fn post(&self, operation: Operation) -> Result<()> {
        let Some(desk) = &self.recorder.desk else { return Ok(()) };
        let place = Arc::clone(&self.recorder.place);
        let waiting = Box::new(Waiting { operation, place, started: self.started.clone() });
        desk.shared.add(match waiting.surely_fits() {
            true => Entry::Operation(waiting),
            false => {
                let draft = waiting.draft()?;
                draft.check()?;
                Entry::Draft(draft)
            }
        })
    }

    /// Ends it where nobody is there to take an error.
    fn end_and_tell(&mut self, outcome: Outcome, error: Option<String>) {
        if let (Err(error), Some(desk)) = (self.end(outcome, error), &self.recorder.desk) {
            desk.shared.lost(error);
        }
    }
}

#[cfg(feature = "tracing")]
impl Recording {
    /// Tells of a part that is left out.
    pub(super) fn tell(&self, error: Error) {
        if let Some(desk) = &self.recorder.desk {
            desk.shared.problem(error);
        }
    }

    /// Ends it where its span does, which is well unless something is said to be wrong, or a panic is under way.
    pub(super) fn close(mut self, error: Option<String>) {
        match error {
            Some(error) => self.end_and_tell(Outcome::Error, Some(error)),
            None if std::thread::panicking() && !self.began_in_panic => {}
            None => self.end_and_tell(Outcome::Success, None),
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if self.operation.is_none() {
            return;
        }
        let panicked = std::thread::panicking() && !self.began_in_panic;
        let why = if panicked { "panicked" } else { "abandoned" };
        self.end_and_tell(Outcome::Error, Some(why.to_owned()));
    }
}
