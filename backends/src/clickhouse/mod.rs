//! A ledger in a database of a ClickHouse server: history at size, in a tenth of the space, for few writers.
//!
//! The engine has no unique key and no transactions, so a commit is a compare-and-swap: one block at the offset after
//! the head, which the server takes once only.

mod binary;
mod connect;
mod migrate;
mod poll;
mod rows;
mod schema;
mod writer;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use ledger_core::{
    Condition, Draft, Error, Event, Ledger, Limit, Offset, Page, Query, Receipt, Result, check_batch, check_restore,
};
use tokio::task::AbortHandle;

use self::connect::Site;
use self::migrate::DatabaseTables;
use self::writer::Writer;
use crate::head::Head;
use crate::migrations::{Migration, Step};
use crate::sql::group::{self, Eraser, Outbox};
use crate::sql::migrate::{Hear, Next, decide, list};
use crate::url::{ClickHousePlace, LedgerUrl, Mode};

/// How many events one mutation removes: each rewrites a mask for every part it touches, so few and large ones.
const ERASE_STEPS: [usize; 2] = [10_000, 10_000];

/// A ledger in a database of a ClickHouse server.
#[derive(Debug)]
pub(crate) struct ClickHouseLedger {
    site: Site,
    identity: String,
    poll: Option<Duration>,
    head: Head,
    outbox: Option<Outbox>,
    eraser: Eraser,
    remover: OnceLock<Outbox>,
    poller: OnceLock<AbortHandle>,
}

impl ClickHouseLedger {
    pub(crate) async fn open(url: &LedgerUrl, place: &ClickHousePlace, mode: Mode) -> Result<Self> {
        let mut site = Site::new(url, place, mode)?;
        let identity = site.prepare().await?;
        let head = Head::new();
        let outbox = match mode {
            Mode::ReadOnly => None,
            Mode::Create | Mode::Existing => {
                let (outbox, inbox) = group::queue("clickhouse");
                tokio::spawn(Writer::new(site.clone(), head.clone()).run(inbox));
                Some(outbox)
            }
        };
        Ok(Self {
            site,
            identity,
            poll: url.poll,
            head,
            outbox,
            eraser: Eraser::new(ERASE_STEPS),
            remover: OnceLock::new(),
            poller: OnceLock::new(),
        })
    }

    fn outbox(&self, action: &'static str) -> Result<&Outbox> {
        self.outbox.as_ref().ok_or(Error::ReadOnly { action })
    }

    /// Returns the way to a second writer, which removes: appends do not wait for it.
    fn remover(&self, action: &'static str) -> Result<&Outbox> {
        self.outbox(action)?;
        Ok(self.remover.get_or_init(|| {
            let (outbox, inbox) = group::queue("clickhouse");
            tokio::spawn(Writer::new(self.site.clone(), self.head.clone()).run(inbox));
            outbox
        }))
    }

    fn listen(&self) {
        self.poller
            .get_or_init(|| tokio::spawn(poll::run(self.site.clone(), self.head.clone(), self.poll)).abort_handle());
    }
}

impl Drop for ClickHouseLedger {
    fn drop(&mut self) {
        if let Some(poller) = self.poller.get() {
            poller.abort();
        }
    }
}

/// Reads again when the server could not be reached: a read changes nothing, and the connection may have been an old one.
macro_rules! twice {
    ($read:expr) => {
        match $read.await {
            Err(error) if error.is_unavailable() => $read.await,
            answer => answer,
        }
    };
}

#[async_trait]
impl Ledger for ClickHouseLedger {
    fn backend(&self) -> &'static str {
        "clickhouse"
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
        let (site, query) = (self.site.clone(), query.clone());
        // In a task of its own: once begun it ends, also when its caller looks away meanwhile.
        let read = tokio::spawn(async move {
            let _permit = site.permit().await?;
            twice!(rows::page(&query, &site))
        });
        read.await.unwrap_or_else(|error| {
            let why = "a read was cut short".to_owned();
            Err(Error::Backend { backend: "clickhouse", why, source: Some(Arc::new(error)) })
        })
    }

    fn scan(&self, query: Query) -> BoxStream<'_, Result<Vec<Event>>> {
        if let Err(error) = query.check() {
            return stream::once(async { Err(error) }).boxed();
        }
        if query.limit >= Limit::default() {
            return rows::stream(query, &self.site).boxed();
        }
        // Whoever asks for few at first may want no more.
        let first = stream::once(async move {
            let page = self.read(&query).await?;
            let rest = Query { limit: Limit::default(), ..query };
            let rest = rest.following(&page).map(|rest| rows::stream(rest, &self.site));
            Ok::<_, Error>(stream::once(async { Ok(page.events) }).chain(stream::iter(rest).flatten()))
        });
        first.try_flatten().boxed()
    }

    async fn head(&self) -> Result<Offset> {
        twice!(rows::head(self.head.known(), &self.site))
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
        let offsets = async |query: Query| twice!(rows::offsets(&query, &self.site));
        let remover = self.remover("prune")?;
        let erase = async |removed: Vec<i64>| self.eraser.erase(remover, &self.head, &removed, async || ()).await;
        group::prune(query, self.head().await?, offsets, erase).await
    }

    async fn erase(&self, offsets: &[Offset]) -> Result<u64> {
        let offsets = group::erased(offsets)?;
        self.eraser.erase(self.remover("erase")?, &self.head, &offsets, async || ()).await
    }
}

/// Lists the steps and those after them, and which of them the database has been through.
pub(crate) async fn migrations(url: &LedgerUrl, place: &ClickHousePlace, more: &[Step]) -> Result<Vec<Migration>> {
    let site = Site::new(url, place, Mode::ReadOnly)?;
    list(&DatabaseTables::new(site), &steps(more)).await
}

/// Applies the steps that are missing, and those after them.
pub(crate) async fn migrate(url: &LedgerUrl, place: &ClickHousePlace, more: &[Step], progress: Hear<'_>) -> Result<()> {
    let mut site = Site::new(url, place, url.mode.unwrap_or(Mode::Create))?;
    site.check_server().await?;
    let (steps, at) = (steps(more), place.to_string());
    if decide(&site.find().await?, &steps, site.mode, &at)? == Next::Use {
        return Ok(());
    }
    site.check_deduplication().await?;
    crate::sql::migrate::migrate(&DatabaseTables::new(site), &steps, &at, progress).await
}

/// Lists the old tables that rebuilds left, and drops them if it may.
pub(crate) async fn kept(url: &LedgerUrl, place: &ClickHousePlace, drop_them: bool) -> Result<Vec<String>> {
    let site = Site::new(url, place, Mode::Existing)?;
    let kept = migrate::kept(&site).await?;
    for table in kept.iter().filter(|_| drop_them) {
        site.run_long(site.ask_raw(&format!("DROP TABLE `{table}` SYNC")), "drop a table of").await?;
    }
    Ok(kept)
}

fn steps(more: &[Step]) -> Vec<Step> {
    [schema::STEPS, more].concat()
}
