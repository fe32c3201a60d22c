//! The tables of a schema while they are migrated: one transaction a step, under a lock that other starters wait for.

use async_trait::async_trait;
use ledger_core::Result;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row};
use tokio::sync::Mutex;

use super::connect::Site;
use crate::migrations::{Rebuild, Size, Step, StepProgress, Tables};
use crate::sql::migrate::{self, Engine, Found, Hear};

/// A schema and the session that migrates it.
pub(super) struct SchemaTables<'a> {
    site: &'a Site,
    session: Mutex<&'a mut PgConnection>,
}

/// Applies the missing steps.
pub(super) async fn apply(site: &Site, session: &mut PgConnection, steps: &[Step], progress: Hear<'_>) -> Result<()> {
    migrate::migrate(&SchemaTables::new(site, session), steps, &site.place.to_string(), progress).await
}

impl<'a> SchemaTables<'a> {
    pub(super) fn new(site: &'a Site, session: &'a mut PgConnection) -> Self {
        Self { site, session: Mutex::new(session) }
    }
}

#[async_trait]
impl Tables for SchemaTables<'_> {
    async fn execute(&self, sql: &str) -> Result<()> {
        self.site.run(*self.session.lock().await, sql).await
    }

    async fn rows(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
        let mut session = self.session.lock().await;
        // The simple protocol, in which every value is text.
        let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(&mut **session).await;
        let rows = rows.map_err(|error| self.site.error(error, "read"))?;
        let texts = |row: &sqlx::postgres::PgRow| (0..row.len()).map(|column| row.try_get_unchecked(column)).collect();
        rows.iter().map(texts).collect::<sqlx::Result<_>>().map_err(|error| self.site.error(error, "read"))
    }
}

#[async_trait]
impl Engine for SchemaTables<'_> {
    async fn begin(&self) -> Result<()> {
        let schema = &self.site.place.schema;
        self.execute(&format!("BEGIN; SELECT pg_advisory_xact_lock(1818584167, hashtext('{schema}'))")).await?;
        for statement in self.site.preamble() {
            self.execute(&statement).await?;
        }
        Ok(())
    }

    async fn commit(&self) -> Result<()> {
        self.execute("COMMIT").await
    }

    async fn rollback(&self) -> Result<()> {
        self.execute("ROLLBACK").await
    }

    async fn found(&self) -> Result<Found> {
        self.site.find(*self.session.lock().await).await
    }

    async fn rebuild(
        &self,
        step: &Step,
        rebuild: &Rebuild,
        progress: &mut (dyn FnMut(StepProgress) + Send),
    ) -> Result<()> {
        // Writers wait for the lock that appends take, so that what is copied is all there is.
        self.execute("SELECT ledger_lock()").await?;
        migrate::rebuild(self, step, rebuild, progress).await
    }

    fn rebuilding(&self, step: &Step, rebuild: &Rebuild) -> Vec<String> {
        migrate::rebuilding(step, rebuild)
    }

    async fn size(&self, table: &str) -> Result<Size> {
        let table = self.site.table(table);
        let sql = format!("SELECT (SELECT count(*) FROM {table}), pg_total_relation_size('{table}'::regclass)");
        let rows = self.rows(&sql).await?;
        let number = |column: usize| rows.first()?.get(column)?.as_ref()?.parse().ok();
        Ok(Size { rows: number(0).unwrap_or_default(), bytes: number(1).unwrap_or_default() })
    }
}
