//! The sessions that read, kept open between pages.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ledger_core::{Error, Result};
use sqlx::postgres::PgConnection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connect::Site;

/// The sessions that read. The driver's pool would ask each of them whether it is there before and after every page:
/// two round trips more, where a read that fails on a lost session is simply read again.
#[derive(Debug)]
pub(super) struct Sessions {
    pub site: Site,
    idle: Mutex<Vec<PgConnection>>,
    permits: Arc<Semaphore>,
}

/// A session for one read: as it is, or in a transaction of its own where a pooler might change it in between.
///
/// One that is dropped and not given back is closed, so what was left half read concerns nobody.
pub(super) struct Lease {
    connection: PgConnection,
    sessions: Arc<Sessions>,
    _permit: OwnedSemaphorePermit,
}

impl Sessions {
    pub(super) fn new(site: Site, most: u32) -> Arc<Self> {
        Arc::new(Self { site, idle: Mutex::default(), permits: Arc::new(Semaphore::new(most as usize)) })
    }

    pub(super) async fn take(self: &Arc<Self>) -> Result<Lease> {
        let busy = || Error::Unavailable {
            backend: "postgres",
            why: format!("all connections stayed busy for {} ms", self.site.timeout.as_millis()),
            source: None,
        };
        let permit = tokio::time::timeout(self.site.timeout, Arc::clone(&self.permits).acquire_owned());
        let permit = permit.await.map_err(|_| busy())?.expect("the semaphore is never closed");
        let idle = self.idle().pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => self.site.reader().await?,
        };
        if self.site.pooled {
            let begun = sqlx::raw_sql("BEGIN").execute(&mut connection).await;
            begun.map_err(|error| self.site.error(error, "read"))?;
        }
        Ok(Lease { connection, sessions: Arc::clone(self), _permit: permit })
    }

    /// Forgets the idle sessions: when one was lost, the others were too.
    pub(super) fn forget(&self) {
        self.idle().clear();
    }

    fn idle(&self) -> MutexGuard<'_, Vec<PgConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    pub(super) fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    pub(super) async fn give_back(mut self) -> sqlx::Result<()> {
        if self.sessions.site.pooled {
            sqlx::raw_sql("COMMIT").execute(&mut self.connection).await?;
        }
        self.sessions.idle().push(self.connection);
        Ok(())
    }
}
