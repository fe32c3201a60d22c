//! A ledger in a schema of a Postgres database: many machines share it, and each append is one round trip.

mod connect;
mod copied;
mod listen;
mod migrate;
mod rows;
mod schema;
mod sessions;
mod writer;

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use ledger_core::{
    Condition, Draft, Error, Event, Ledger, Offset, Page, Query, Receipt, Result, check_batch, check_restore,
};
use tokio::task::AbortHandle;

use self::connect::Site;
use self::migrate::SchemaTables;
use self::sessions::Sessions;
use self::writer::Writer;
use crate::head::Head;
use crate::migrations::{Migration, Step};
use crate::sql::group::{self, Eraser, Outbox};
use crate::sql::migrate::{Hear, decide, list};
use crate::url::{LedgerUrl, Mode, PostgresPlace};

/// Reads again when the session was lost on the way: a read changes nothing, and the next session may be a good one.
macro_rules! twice {
    ($self:ident, $read:expr) => {
        match $read.await {
            Err(error) if error.is_unavailable() => {
                $self.sessions.forget();
                $read.await
            }
            answer => answer,
        }
    };
}

/// A ledger in a schema of a Postgres database.
pub(crate) struct PostgresLedger {
    site: Site,
    identity: String,
    poll: Option<Duration>,
    sessions: Arc<Sessions>,
    head: Head,
    outbox: Option<Outbox>,
    eraser: Eraser,
    remover: OnceLock<Outbox>,
    listener: OnceLock<AbortHandle>,
}

impl PostgresLedger {
    /// Opens the ledger; again, when a session was lost on the way, as one behind a pooler may be that many come to at once.
    pub(crate) async fn open(url: &LedgerUrl, place: &PostgresPlace, mode: Mode) -> Result<Self> {
        let begun = Instant::now();
        match Self::try_open(url, place, mode).await {
            // Whoever waited for as long as they wanted to waits no longer.
            Err(error) if error.is_unavailable() && begun.elapsed() < url.timeout => {
                Self::try_open(url, place, mode).await
            }
            opened => opened,
        }
    }

    async fn try_open(url: &LedgerUrl, place: &PostgresPlace, mode: Mode) -> Result<Self> {
        let mut site = Site::new(url, place, mode)?;
        let mut connection = site.prepare().await?;
        let identity = site.identity(&mut connection).await?;
        let head = Head::new();
        let outbox = match mode {
            Mode::ReadOnly => None,
            Mode::Create | Mode::Existing => {
                let (outbox, inbox) = group::queue("postgres");
                site.let_write(&mut connection).await?;
                let writer = Writer { site: site.clone(), connection: Some(connection), head: head.clone() };
                tokio::spawn(writer.run(inbox));
                Some(outbox)
            }
        };
        let sessions = Sessions::new(site.clone(), url.pool);
        Ok(Self {
            site,
            identity,
            poll: url.poll,
            sessions,
            head,
            outbox,
            eraser: Eraser::new(ERASE_STEPS),
            remover: OnceLock::new(),
            listener: OnceLock::new(),
        })
    }

    fn outbox(&self, action: &'static str) -> Result<&Outbox> {
        self.outbox.as_ref().ok_or(Error::ReadOnly { action })
    }

    /// Returns the way to a second writer, which removes: appends do not wait for it.
    fn remover(&self, action: &'static str) -> Result<&Outbox> {
        self.outbox(action)?;
        Ok(self.remover.get_or_init(|| {
            let (outbox, inbox) = group::queue("postgres");
            let writer = Writer { site: self.site.clone(), connection: None, head: self.head.clone() };
            tokio::spawn(writer.run(inbox));
            outbox
        }))
    }

    fn listen(&self) {
        self.listener.get_or_init(|| {
            let task = listen::run(Arc::clone(&self.sessions), self.head.clone(), self.poll);
            tokio::spawn(task).abort_handle()
        });
    }

    async fn try_read(&self, query: &Query) -> Result<Page> {
        let (sessions, query) = (Arc::clone(&self.sessions), query.clone());
        to_its_end(async move { sessions.page(&query).await }).await
    }

    async fn try_head(&self) -> Result<Offset> {
        let sessions = Arc::clone(&self.sessions);
        to_its_end(async move { sessions.head().await }).await
    }

    async fn offsets(&self, query: Query) -> Result<Vec<i64>> {
        twice!(self, self.sessions.offsets(&query))
    }
}

/// The driver's options hold the password, so they are never printed.
impl std::fmt::Debug for PostgresLedger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresLedger").field("site", &self.site).finish_non_exhaustive()
    }
}

impl Drop for PostgresLedger {
    fn drop(&mut self) {
        if let Some(listener) = self.listener.get() {
            listener.abort();
        }
    }
}

#[async_trait]
impl Ledger for PostgresLedger {
    fn backend(&self) -> &'static str {
        "postgres"
    }

    async fn identity(&self) -> Result<String> {
        Ok(self.identity.clone())
    }

    async fn append(&self, drafts: &[Draft], condition: &Condition) -> Result<Vec<Receipt>> {
        check_batch(drafts, condition)?;
        self.outbox("append")?.append(drafts, condition).await
    }

    async fn read(&self, query: &Query) -> Result<Page> {
        query.check()?;
        twice!(self, self.try_read(query))
    }

    async fn head(&self) -> Result<Offset> {
        twice!(self, self.try_head())
    }

    async fn wait(&self, after: Offset) -> Result<Offset> {
        let listen = || {
            self.listen();
            Ok(())
        };
        self.head.wait(after, listen, self.head()).await
    }

    async fn restore(&self, events: &[Event], head: Offset) -> Result<()> {
        check_restore(events, head)?;
        self.outbox("restore")?.restore(events, head).await
    }

    async fn prune(&self, query: &Query) -> Result<u64> {
        query.check()?;
        let remover = self.remover("prune")?;
        let erase = async |removed: Vec<i64>| self.eraser.erase(remover, &self.head, &removed, async || ()).await;
        group::prune(query, self.head().await?, |query| self.offsets(query), erase).await
    }

    async fn erase(&self, offsets: &[Offset]) -> Result<u64> {
        let offsets = group::erased(offsets)?;
        self.eraser.erase(self.remover("erase")?, &self.head, &offsets, async || ()).await
    }
}

/// Reads in a task of its own: once begun it ends and gives its session back, also when its caller looks away meanwhile.
async fn to_its_end<T: Send + 'static>(read: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    tokio::spawn(read).await.unwrap_or_else(|error| {
        let why = "a read was cut short".to_owned();
        Err(Error::Backend { backend: "postgres", why, source: Some(Arc::new(error)) })
    })
}

/// How many events one transaction removes while others append, which flush the same log, and while nobody does.
const ERASE_STEPS: [usize; 2] = [50, 1_000];

/// Lists the steps and those after them, and which of them the schema has been through.
pub(crate) async fn migrations(url: &LedgerUrl, place: &PostgresPlace, more: &[Step]) -> Result<Vec<Migration>> {
    let site = Site::new(url, place, Mode::ReadOnly)?;
    let mut connection = site.connect().await?;
    let mut steps = list(&SchemaTables::new(&site, &mut connection), &steps(more)).await?;
    for step in &mut steps {
        step.statements.splice(0..0, site.preamble());
    }
    Ok(steps)
}

/// Applies the steps that are missing, and those after them.
pub(crate) async fn migrate(url: &LedgerUrl, place: &PostgresPlace, more: &[Step], progress: Hear<'_>) -> Result<()> {
    let mut site = Site::new(url, place, url.mode.unwrap_or(Mode::Create))?;
    let mut connection = site.reach().await?;
    let steps = steps(more);
    decide(&site.find(&mut connection).await?, &steps, site.mode, &place.to_string())?;
    migrate::apply(&site, &mut connection, &steps, progress).await
}

fn steps(more: &[Step]) -> Vec<Step> {
    [schema::STEPS, more].concat()
}
