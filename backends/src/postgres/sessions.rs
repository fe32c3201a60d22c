//! The sessions that read, kept open between pages.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ledger_core::{Error, Offset, Page, Query, Result};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connect::Site;
use super::rows;

/// A session that was idle for longer may have been dropped on the way without a word.
const LONGEST_IDLE: Duration = Duration::from_secs(30);
/// How many time-outs to wait for what takes a moment, …
const SHORT: u32 = 3;
/// … and for a page, which may have to look at every event.
const LONG: u32 = 30;

/// The sessions that read. The driver's pool would ask each of them whether it is there before and after every page:
/// two round trips more, where a read that fails on a lost session is simply read again.
#[derive(Debug)]
pub(super) struct Sessions {
    pub site: Site,
    /// Each with the time since which it is idle.
    idle: Mutex<Vec<(PgConnection, Instant)>>,
    permits: Arc<Semaphore>,
}

/// A session for one read: as it is, or in a transaction of its own where a pooler might change it meanwhile.
///
/// One that is dropped and not given back is closed, so what was left half read concerns nobody.
struct Lease {
    connection: PgConnection,
    sessions: Arc<Sessions>,
    _permit: OwnedSemaphorePermit,
}

impl Sessions {
    pub(super) fn new(site: Site, most: u32) -> Arc<Self> {
        Arc::new(Self { site, idle: Mutex::default(), permits: Arc::new(Semaphore::new(most as usize)) })
    }

    async fn take(self: &Arc<Self>) -> Result<Lease> {
        let busy = || Error::Unavailable {
            backend: "postgres",
            why: format!("all connections stayed busy for {} ms", self.site.timeout.as_millis()),
            source: None,
        };
        let permit = tokio::time::timeout(self.site.timeout, Arc::clone(&self.permits).acquire_owned());
        let permit = permit.await.map_err(|_| busy())?.expect("the semaphore is never closed");
        let idle = self.idle().pop().filter(|(_, since)| since.elapsed() < LONGEST_IDLE);
        let mut connection = match idle {
            Some((connection, _)) => connection,
            None => {
                // The others are older still.
                self.forget();
                self.site.reader().await?
            }
        };
        if self.site.pooled {
            self.in_time(SHORT, sqlx::raw_sql(AssertSqlSafe(Site::begin_to_read())).execute(&mut connection)).await?;
        }
        Ok(Lease { connection, sessions: Arc::clone(self), _permit: permit })
    }

    /// Reads one page.
    pub(super) async fn page(self: &Arc<Self>, query: &Query) -> Result<Page> {
        let mut lease = self.take().await?;
        let page = rows::sought_page(&mut lease.connection, query, &self.site);
        let page = match tokio::time::timeout(self.site.timeout * LONG, page).await {
            Ok(page) => page?,
            Err(_) => return Err(self.silent(LONG)),
        };
        lease.give_back().await?;
        Ok(page)
    }

    /// Reads the offsets of one page.
    pub(super) async fn offsets(self: &Arc<Self>, query: &Query) -> Result<Vec<i64>> {
        let mut lease = self.take().await?;
        let offsets = self.in_time(LONG, rows::offsets(&mut lease.connection, query, &self.site)).await?;
        lease.give_back().await?;
        Ok(offsets)
    }

    /// Returns the last offset ever given.
    pub(super) async fn head(self: &Arc<Self>) -> Result<Offset> {
        let mut lease = self.take().await?;
        let head = self.in_time(SHORT, rows::head(&mut lease.connection, &self.site)).await?;
        lease.give_back().await?;
        Ok(rows::offset(head))
    }

    async fn in_time<T>(&self, times: u32, work: impl Future<Output = sqlx::Result<T>>) -> Result<T> {
        match tokio::time::timeout(self.site.timeout * times, work).await {
            Ok(done) => done.map_err(|error| self.site.error(error, "read")),
            Err(_) => Err(self.silent(times)),
        }
    }

    fn silent(&self, times: u32) -> Error {
        let why = format!("no answer from {} in {} ms", self.site.place, (self.site.timeout * times).as_millis());
        Error::Unavailable { backend: "postgres", why, source: None }
    }

    /// Forgets the idle sessions: when one was lost, the others were too.
    pub(super) fn forget(&self) {
        self.idle().clear();
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(PgConnection, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    async fn give_back(mut self) -> Result<()> {
        if self.sessions.site.pooled {
            self.sessions.in_time(SHORT, sqlx::raw_sql("COMMIT").execute(&mut self.connection)).await?;
        }
        self.sessions.idle().push((self.connection, Instant::now()));
        Ok(())
    }
}
