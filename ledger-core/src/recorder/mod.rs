//! The recorder: what instrumented code writes to, in two lines and without waiting.
//!
//! What is recorded goes into a buffer, and from there in batches into the ledger. When the ledger is away, it waits in a
//! file beside the process, from which this recorder, or the next one that is opened on it, delivers it: each event has its
//! id from the start, so that what is sent twice is there once.
//!
//! ```no_run
//! use std::sync::Arc;
//! use ledger_core::{Artifact, Ledger, Recorder};
//!
//! # async fn example(ledger: Arc<dyn Ledger>) -> ledger_core::Result<()> {
//! let recorder = Recorder::open(ledger, "loader.spill")?.run("load-17")?.actor("loader")?;
//! let orders = Artifact::new("shop/orders")?;
//! let loaded = recorder.operation("load").input("source", &orders).input("limit", 100).output("lake/orders");
//! let rows = loaded.run(async { load().await }).await;
//! recorder.flush().await?;
//! # rows.map_err(|error: std::io::Error| ledger_core::Error::invalid("rows", error.to_string())).map(drop) }
//! # async fn load() -> Result<u64, std::io::Error> { Ok(1) }
//! ```

mod desk;
mod entry;
#[cfg(feature = "tracing")]
mod layer;
mod recording;
mod spill;
mod writer;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::error::{Error, Result};
use crate::event::Draft;
use crate::ledger::Ledger;
use crate::payload::Payload;
use crate::text::{Actor, EventId, Job, RunId, Task};

use desk::{Desk, Shared};
use entry::Entry;
#[cfg(feature = "tracing")]
pub use layer::RecorderLayer;
pub use recording::Recording;
use spill::Spill;
use writer::Writer;

/// The most events of one append.
const BATCH_EVENTS: usize = 1_000;
/// About the most bytes of one append.
const BATCH_BYTES: usize = 1 << 20;
/// How many events wait in memory before they are put into the file.
const MOST_WAITING: usize = 10_000;
/// About how many bytes wait in memory before they are put into the file.
const MOST_WAITING_BYTES: usize = 8 << 20;

tokio::task_local! {
    static CURRENT: Recorder;
}

/// How a recorder goes about its work.
#[derive(Clone)]
#[non_exhaustive]
pub struct Pace {
    /// How long an event waits for company before it is appended. A crash loses what waits, and what is on its way.
    pub linger: Duration,
    /// How long an append is tried again before its events go into the file.
    pub patience: Duration,
    /// What is told of each problem as it happens: that the ledger is away, or refuses an event. Prints to standard error
    /// unless another is given, because nothing is lost in silence.
    pub tell: Arc<dyn Fn(&Error) + Send + Sync>,
}

impl Default for Pace {
    fn default() -> Self {
        // Not `eprintln!`, which panics where nobody reads standard error any more.
        let tell = Arc::new(|error: &Error| {
            let _ = writeln!(std::io::stderr(), "warning: {error}");
        });
        Self { linger: Duration::from_millis(50), patience: Duration::from_secs(10), tell }
    }
}

impl std::fmt::Debug for Pace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pace").field("linger", &self.linger).field("patience", &self.patience).finish_non_exhaustive()
    }
}

/// Where the events of a recorder are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many wait in memory.
    pub waiting: u64,
    /// How many wait in the file.
    pub spilled: u64,
    /// How many the ledger refused, since the start; they are in the file that ends in `.refused`.
    pub refused: u64,
    /// How many are nowhere, since the start: they broke a rule, or neither ledger nor file took them.
    pub lost: u64,
}

/// Records operations and other events, from anywhere and without waiting.
///
/// A clone is cheap and records to the same place. When the last one is dropped, what is left is delivered, or put into the
/// file when the runtime ends before that. A process that is killed, or that ends by `std::process::exit`, takes along what
/// is in memory: [`close`](Self::close) or [`flush`](Self::flush) before you end one. Calls that are not `async` never wait
/// for the ledger.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    /// Nothing outside of any scope.
    desk: Option<Arc<Desk>>,
    place: Arc<Place>,
}

/// What every event of a recorder says.
#[derive(Clone, Debug, Default)]
struct Place {
    run: Option<RunId>,
    actor: Option<Actor>,
    job: Option<Job>,
    task: Option<Task>,
    attempt: Option<u32>,
    /// The start of the operation that this is a part of.
    cause: Option<EventId>,
}

impl Place {
    /// Gives an event the run, the actor and the cause that it does not name.
    fn give(&self, mut draft: Draft) -> Draft {
        let unnamed = Draft::unnamed();
        if let Some(run) = self.run.as_ref().filter(|_| draft.run_id == unnamed.0) {
            draft.run_id = run.clone();
        }
        if let Some(actor) = self.actor.as_ref().filter(|_| draft.actor == unnamed.1) {
            draft.actor = actor.clone();
        }
        if draft.parents.is_empty() {
            draft.parents.extend(self.cause.clone());
        }
        draft
    }
}

impl Recorder {
    /// Starts to record into a ledger. What waits in the file from before goes first.
    ///
    /// Fails when another recorder has the file, when it cannot be written, and outside of a runtime of tokio.
    pub fn open(ledger: Arc<dyn Ledger>, spill: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(ledger, spill, Pace::default())
    }

    /// Starts to record at another pace. Fails as [`open`](Self::open) does.
    pub fn open_with(ledger: Arc<dyn Ledger>, spill: impl AsRef<Path>, pace: Pace) -> Result<Self> {
        let runtime = Handle::try_current()
            .map_err(|error| Error::invalid("recorder", format!("{error}: open it within one of tokio")))?;
        let spill = Spill::open(spill.as_ref())?;
        let shared = Arc::new(Shared::new(spill.waiting, Arc::clone(&pace.tell)));
        // A runtime without time panics here, and not later in its own depth.
        drop(tokio::time::sleep(Duration::ZERO));
        runtime.spawn(Writer::new(ledger, Arc::clone(&shared), spill, pace).run());
        Ok(Self { desk: Some(Arc::new(Desk { shared })), place: Arc::default() })
    }

    /// Returns the recorder of the scope that the current task is in; outside of any, one that records nothing.
    ///
    /// A task that is spawned is outside: `tokio::spawn(Recorder::current().scope(work))` takes the scope along.
    #[must_use]
    pub fn current() -> Self {
        CURRENT.try_with(Self::clone).unwrap_or_default()
    }

    /// Says whether it records anything.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.desk.is_some()
    }

    /// Makes this the current recorder of some work.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    /// Makes this the current recorder of some work that does not wait, such as that on a thread of its own.
    pub fn scope_sync<T>(self, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self, work)
    }

    /// Returns a recorder whose events belong to a run. Fails when it breaks the rule of [`RunId`].
    pub fn run<R: TryInto<RunId, Error: Into<Error>>>(&self, run: R) -> Result<Self> {
        let run = Some(run.try_into().map_err(Into::into)?);
        Ok(self.at(Place { run, ..(*self.place).clone() }))
    }

    /// Returns a recorder whose events are somebody's. Fails when it breaks the rule of [`Actor`].
    pub fn actor<A: TryInto<Actor, Error: Into<Error>>>(&self, actor: A) -> Result<Self> {
        let actor = Some(actor.try_into().map_err(Into::into)?);
        Ok(self.at(Place { actor, ..(*self.place).clone() }))
    }

    /// Returns a recorder whose operations belong to a job. Fails when it breaks the rule of [`Job`].
    pub fn job<J: TryInto<Job, Error: Into<Error>>>(&self, job: J) -> Result<Self> {
        let job = Some(job.try_into().map_err(Into::into)?);
        Ok(self.at(Place { job, ..(*self.place).clone() }))
    }

    /// Returns a recorder whose operations belong to a try, from 1, of a part of a job. Fails when it breaks the rule of
    /// [`Task`].
    pub fn task<T: TryInto<Task, Error: Into<Error>>>(&self, task: T, attempt: u32) -> Result<Self> {
        let task = Some(task.try_into().map_err(Into::into)?);
        Ok(self.at(Place { task, attempt: Some(attempt), ..(*self.place).clone() }))
    }

    /// Returns this recorder; what has no cause here has that of the other.
    #[cfg(feature = "tracing")]
    fn within(&self, around: &Self) -> Self {
        match (&self.desk, &self.place.cause) {
            (None, _) => around.clone(),
            (_, Some(_)) => self.clone(),
            (_, None) => self.at(Place { cause: around.place.cause.clone(), ..(*self.place).clone() }),
        }
    }

    fn at(&self, place: Place) -> Self {
        Self { desk: self.desk.clone(), place: Arc::new(place) }
    }

    /// Begins to record an operation, now. What is wrong with it is said where it ends.
    pub fn operation(&self, name: impl Into<String>) -> Recording {
        Recording::new(self.clone(), name.into())
    }

    /// Records an event. One that names no run, actor or cause has those of this recorder.
    ///
    /// Fails when it breaks a limit, and when neither the ledger nor the file takes more.
    pub fn record(&self, draft: Draft) -> Result<()> {
        let draft = self.place.give(draft);
        draft.check()?;
        // One that was read from a ledger was not checked since, and what is no JSON would hold up all else.
        Payload::from_json(draft.payload.as_str())?;
        self.desk.as_ref().map_or(Ok(()), |desk| desk.shared.add(Entry::Draft(draft)))
    }

    /// Waits until all that was recorded before is in the ledger, whatever waits in the file included.
    ///
    /// Fails when the ledger is away: everything is in the file then. Fails, once, when events were refused or lost since
    /// the last flush: what the ledger refuses is in a file beside that one.
    pub async fn flush(&self) -> Result<()> {
        match &self.desk {
            Some(desk) => desk.shared.flush().await,
            None => Ok(()),
        }
    }

    /// Delivers what it has, and ends, for its clones too: what they are given from then on goes into the file. The file is
    /// free when the last of them is gone.
    ///
    /// Fails as [`flush`](Self::flush) does.
    pub async fn close(self) -> Result<()> {
        let outcome = self.flush().await;
        if let Some(desk) = &self.desk {
            desk.shared.close().await;
        }
        outcome
    }

    /// Says where the events are.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.desk.as_ref().map(|desk| desk.shared.standing()).unwrap_or_default()
    }
}
