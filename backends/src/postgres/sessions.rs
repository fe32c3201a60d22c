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
    idle: Mutex<Vec<Idle>>,
    permits: Arc<Semaphore>,
}

/// A session that waits for its next read.
#[derive(Debug)]
struct Idle {
    connection: PgConnection,
    way: Way,
    since: Instant,
}

/// How the planner is told to find what a query wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// As it thinks best.
    Free,
    /// Along the index of a run or a session. Where nobody has counted yet what one holds, the planner takes it for a handful,
    /// and would rather gather and sort all of it for each page, if pages out of order cost more.
    Walk,
}

impl Way {
    fn of(query: &Query) -> Self {
        let named = query.run.is_some() || query.session.is_some();
        let found_otherwise = !(query.tags.is_empty() && query.any_tags.is_empty() && query.ids.is_empty());
        if named && !found_otherwise { Self::Walk } else { Self::Free }
    }

    fn set(self, set: &str) -> String {
        match self {
            Self::Free => format!("{set} random_page_cost TO DEFAULT"),
            Self::Walk => format!("{set} random_page_cost TO 1"),
        }
    }
}

/// A session for one read: as it is, or in a transaction of its own where a pooler might change it meanwhile.
///
/// One that is dropped and not given back is closed, so what was left half read concerns nobody.
struct Lease {
    connection: PgConnection,
    way: Way,
    sessions: Arc<Sessions>,
    _permit: OwnedSemaphorePermit,
}

impl Sessions {
    pub(super) fn new(site: Site, most: u32) -> Arc<Self> {
        Arc::new(Self { site, idle: Mutex::default(), permits: Arc::new(Semaphore::new(most as usize)) })
    }

    /// Takes a session, and has it planned for a way, if that matters.
    async fn take(self: &Arc<Self>, wanted: Option<Way>) -> Result<Lease> {
        let busy = || Error::Unavailable {
            backend: "postgres",
            why: format!("all connections stayed busy for {} ms", self.site.timeout.as_millis()),
            source: None,
        };
        let permit = tokio::time::timeout(self.site.timeout, Arc::clone(&self.permits).acquire_owned());
        let permit = permit.await.map_err(|_| busy())?.expect("the semaphore is never closed");
        let idle = self.idle().pop().filter(|idle| idle.since.elapsed() < LONGEST_IDLE);
        let (mut connection, way) = match idle {
            Some(idle) => (idle.connection, idle.way),
            None => {
                // The others are older still.
                self.forget();
                (self.site.reader().await?, Way::Free)
            }
        };
        let wanted = wanted.unwrap_or(way);
        let set = match (self.site.pooled, way == wanted) {
            (true, _) => Some(format!("{}; {}", Site::begin_to_read(), wanted.set("SET LOCAL"))),
            (false, false) => Some(wanted.set("SET")),
            (false, true) => None,
        };
        if let Some(set) = set {
            self.in_time(SHORT, sqlx::raw_sql(AssertSqlSafe(set)).execute(&mut connection)).await?;
        }
        Ok(Lease { connection, way: wanted, sessions: Arc::clone(self), _permit: permit })
    }

    /// Reads one page.
    pub(super) async fn page(self: &Arc<Self>, query: &Query) -> Result<Page> {
        let mut lease = self.take(Some(Way::of(query))).await?;
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
        let mut lease = self.take(Some(Way::of(query))).await?;
        let offsets = self.in_time(LONG, rows::offsets(&mut lease.connection, query, &self.site)).await?;
        lease.give_back().await?;
        Ok(offsets)
    }

    /// Returns the last offset ever given.
    pub(super) async fn head(self: &Arc<Self>) -> Result<Offset> {
        let mut lease = self.take(None).await?;
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

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    async fn give_back(mut self) -> Result<()> {
        if self.sessions.site.pooled {
            self.sessions.in_time(SHORT, sqlx::raw_sql("COMMIT").execute(&mut self.connection)).await?;
        }
        self.sessions.idle().push(Idle { connection: self.connection, way: self.way, since: Instant::now() });
        Ok(())
    }
}
