//! Group commit: one writer per open ledger takes all that waits into one transaction, so that many callers share one fsync.
//!
//! There is no timer. While a group commits, the next one gathers; an idle ledger commits a single append at once.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ledger_core::plan::Request;
use ledger_core::{Condition, Draft, Error, Event, MAX_BATCH_EVENTS, Offset, Query, Receipt, Result, check_erase};
use tokio::sync::{mpsc, oneshot};

use super::row::int;
use crate::head::Head;

/// How many callers may wait before the next one is held back.
const QUEUE: usize = 4_096;
/// A group is full at so many events …
const GROUP_EVENTS: usize = 1_000;
/// … or bytes. Both are looked at before one more joins, so a group is at most one batch larger.
const GROUP_BYTES: usize = 1 << 20;

/// One caller's append.
#[derive(Debug)]
pub(crate) struct Append {
    pub drafts: Vec<Draft>,
    pub condition: Condition,
    pub reply: oneshot::Sender<Result<Vec<Receipt>>>,
}

impl Append {
    /// Shows the append to the planner, with the stored offset that breaks its condition, if any.
    pub(crate) fn request(&self, broken: Option<Offset>) -> Request<'_> {
        let condition = self.condition.breaking().map(|query| (query, broken));
        Request { drafts: &self.drafts, condition }
    }
}

/// What the writer is asked to do.
#[derive(Debug)]
pub(crate) enum Job {
    Append(Append),
    Restore { events: Vec<Event>, head: Offset, reply: oneshot::Sender<Result<()>> },
    Remove { offsets: Vec<i64>, reply: oneshot::Sender<Result<u64>> },
}

/// What the writer does next, in one transaction.
#[derive(Debug)]
pub(crate) enum Work {
    Appends(Vec<Append>),
    Restore { events: Vec<Event>, head: Offset, reply: oneshot::Sender<Result<()>> },
    Remove { offsets: Vec<i64>, reply: oneshot::Sender<Result<u64>> },
}

/// The callers' end of the queue.
#[derive(Debug, Clone)]
pub(crate) struct Outbox {
    jobs: mpsc::Sender<Job>,
    backend: &'static str,
}

/// The writer's end of the queue.
#[derive(Debug)]
pub(crate) struct Inbox {
    jobs: mpsc::Receiver<Job>,
    held: Option<Job>,
}

/// Returns both ends of a queue to a writer.
pub(crate) fn queue(backend: &'static str) -> (Outbox, Inbox) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    (Outbox { jobs: sender, backend }, Inbox { jobs: receiver, held: None })
}

impl Outbox {
    pub(crate) async fn append(&self, drafts: &[Draft], condition: &Condition) -> Result<Vec<Receipt>> {
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        let (drafts, condition) = (drafts.to_vec(), condition.clone());
        self.ask(|reply| Job::Append(Append { drafts, condition, reply })).await
    }

    pub(crate) async fn restore(&self, events: &[Event], head: Offset) -> Result<()> {
        let events = events.to_vec();
        self.ask(|reply| Job::Restore { events, head, reply }).await
    }

    pub(crate) async fn remove(&self, offsets: Vec<i64>) -> Result<u64> {
        self.ask(|reply| Job::Remove { offsets, reply }).await
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<Result<T>>) -> Job) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let stopped = || Error::Backend {
            backend: self.backend,
            why: "the ledger's writer has stopped".to_owned(),
            source: None,
        };
        self.jobs.send(job(reply)).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl Inbox {
    /// Waits for work, on a thread. Returns nothing once all callers are gone.
    #[cfg(feature = "sqlite")]
    pub(crate) fn blocking_next(&mut self) -> Option<Work> {
        let first = self.held.take().or_else(|| self.jobs.blocking_recv())?;
        Some(self.gather(first))
    }

    /// Waits for work, in a task. Returns nothing once all callers are gone.
    #[cfg(any(feature = "postgres", feature = "clickhouse"))]
    pub(crate) async fn next(&mut self) -> Option<Work> {
        let first = match self.held.take() {
            Some(job) => job,
            None => self.jobs.recv().await?,
        };
        Some(self.gather(first))
    }

    fn gather(&mut self, first: Job) -> Work {
        let first = match first {
            Job::Append(append) => append,
            Job::Restore { events, head, reply } => return Work::Restore { events, head, reply },
            Job::Remove { offsets, reply } => return Work::Remove { offsets, reply },
        };
        let size = |append: &Append| append.drafts.iter().map(Draft::size).sum::<usize>();
        let (mut events, mut bytes) = (first.drafts.len(), size(&first));
        let mut group = vec![first];
        while events < GROUP_EVENTS && bytes < GROUP_BYTES {
            match self.jobs.try_recv() {
                Ok(Job::Append(append)) => {
                    events += append.drafts.len();
                    bytes += size(&append);
                    group.push(append);
                }
                Ok(other) => {
                    self.held = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        Work::Appends(group)
    }
}

/// Answers every caller of a group; one that stopped waiting is no error.
pub(crate) fn answer(group: Vec<Append>, outcome: Result<Vec<Result<Vec<Receipt>>>>) {
    match outcome {
        Ok(answers) => {
            for (append, answer) in group.into_iter().zip(answers) {
                drop(append.reply.send(answer));
            }
        }
        Err(error) => group.into_iter().for_each(|append| drop(append.reply.send(Err(error.clone())))),
    }
}

/// Lists the matching offsets, as many at a time as one erase takes, and removes them.
pub(crate) async fn prune<F, E>(
    query: &Query,
    head: Offset,
    offsets: impl Fn(Query) -> F,
    erase: impl Fn(Vec<i64>) -> E,
) -> Result<u64>
where
    F: Future<Output = Result<Vec<i64>>>,
    E: Future<Output = Result<u64>>,
{
    let up_to = Some(query.up_to.map_or(head, |up_to| up_to.min(head)));
    let mut rest = Query { up_to, ..query.clone() }.limit(MAX_BATCH_EVENTS)?;
    rest.order = ledger_core::Order::Ascending;
    let mut removed = 0;
    loop {
        let step = offsets(rest.clone()).await?;
        let Some(&last) = step.last() else { return Ok(removed) };
        rest.after = Offset::new(u64::try_from(last).unwrap_or_default())?;
        removed += erase(step).await?;
    }
}

/// Removes events in steps, and gives way to appends: while others append, the steps are small, with pauses in between.
#[derive(Debug)]
pub(crate) struct Eraser {
    /// How many events one step removes while others append, and while nobody does.
    steps: [usize; 2],
    /// When somebody was last seen to append meanwhile.
    disturbed: Mutex<Option<Instant>>,
}

impl Eraser {
    /// How long nobody may have appended before the steps grow.
    const QUIET: Duration = Duration::from_secs(10);
    /// How many times as long as a step a pause is.
    const PAUSE: u32 = 4;
    /// How long it is at most: a step may have waited for another.
    const LONGEST: Duration = Duration::from_millis(200);

    pub(crate) fn new(steps: [usize; 2]) -> Self {
        Self { steps, disturbed: Mutex::new(None) }
    }

    /// Removes events through a writer, which publishes the head that it sees. While others append it tidies up between the
    /// steps.
    pub(crate) async fn erase<T: Future<Output = ()>>(
        &self,
        outbox: &Outbox,
        head: &Head,
        offsets: &[i64],
        tidy: impl Fn() -> T,
    ) -> Result<u64> {
        let (mut removed, mut rest, mut before) = (0, offsets, None);
        while !rest.is_empty() {
            let disturbs = self.disturbs();
            let (step, later) = rest.split_at(self.steps[usize::from(!disturbs)].min(rest.len()));
            let begun = Instant::now();
            removed += outbox.remove(step.to_vec()).await?;
            // Who asks for this does not append meanwhile, so that was another.
            let now = head.known();
            if before.is_some_and(|before| before < now) {
                *self.disturbed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            }
            (before, rest) = (Some(now), later);
            if disturbs && !rest.is_empty() {
                tokio::time::sleep((begun.elapsed() * Self::PAUSE).min(Self::LONGEST)).await;
                tidy().await;
            }
        }
        Ok(removed)
    }

    fn disturbs(&self) -> bool {
        let disturbed = *self.disturbed.lock().unwrap_or_else(PoisonError::into_inner);
        disturbed.is_some_and(|at| at.elapsed() < Self::QUIET)
    }
}

/// Returns the offsets of an erase as engines take them. Fails when they are too many.
pub(crate) fn erased(offsets: &[Offset]) -> Result<Vec<i64>> {
    check_erase(offsets)?;
    Ok(offsets.iter().map(|offset| int(offset.get())).collect())
}
