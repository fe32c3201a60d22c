//! The tables of a file while they are migrated: one transaction a step, which holds back every other writer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use ledger_core::Result;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::connect::File;
use crate::migrations::{Rebuild, Size, Step, StepProgress, Tables};
use crate::sql::migrate::{self, Engine, Found, Hear};

/// A file and the connection that migrates it.
pub(super) struct FileTables<'a> {
    file: &'a File,
    connection: Mutex<&'a mut Connection>,
}

/// Applies the missing steps, on a thread that may wait for the disk.
pub(super) fn apply(file: &File, connection: &mut Connection, steps: &[Step], progress: Hear<'_>) -> Result<()> {
    let tables = FileTables::new(file, connection);
    let at = file.path.display().to_string();
    tokio::runtime::Handle::current().block_on(migrate::migrate(&tables, steps, &at, progress))
}

impl<'a> FileTables<'a> {
    pub(super) fn new(file: &'a File, connection: &'a mut Connection) -> Self {
        Self { file, connection: Mutex::new(connection) }
    }

    fn connection(&self) -> MutexGuard<'_, &'a mut Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, sql: &str) -> Result<()> {
        self.connection().execute_batch(sql).map_err(|error| self.file.error(error, "migrate"))
    }

    fn read(&self, sql: &str) -> rusqlite::Result<Vec<Vec<Option<String>>>> {
        let connection = self.connection();
        let mut statement = connection.prepare(sql)?;
        let columns = statement.column_count();
        let rows =
            statement.query_map([], |row| (0..columns).map(|column| Ok(text(row.get_ref(column)?))).collect())?;
        rows.collect()
    }
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}

#[async_trait]
impl Tables for FileTables<'_> {
    async fn execute(&self, sql: &str) -> Result<()> {
        self.run(sql)
    }

    async fn rows(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
        self.read(sql).map_err(|error| self.file.error(error, "read"))
    }
}

#[async_trait]
impl Engine for FileTables<'_> {
    async fn begin(&self) -> Result<()> {
        self.run("BEGIN IMMEDIATE")
    }

    async fn commit(&self) -> Result<()> {
        self.run("COMMIT")
    }

    async fn rollback(&self) -> Result<()> {
        self.run("ROLLBACK")
    }

    async fn found(&self) -> Result<Found> {
        self.file.find(&self.connection())
    }

    async fn rebuild(
        &self,
        step: &Step,
        rebuild: &Rebuild,
        progress: &mut (dyn FnMut(StepProgress) + Send),
    ) -> Result<()> {
        migrate::rebuild(self, step, rebuild, progress).await
    }

    fn rebuilding(&self, step: &Step, rebuild: &Rebuild) -> Vec<String> {
        migrate::rebuilding(step, rebuild)
    }

    async fn size(&self, table: &str) -> Result<Size> {
        // How a file is shared between tables is known only where a statistics table was compiled in: the whole, then.
        let sql = format!(
            "SELECT (SELECT count(*) FROM {table}), page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        );
        let rows = self.rows(&sql).await?;
        let number = |column: usize| rows.first()?.get(column)?.as_ref()?.parse().ok();
        Ok(Size { rows: number(0).unwrap_or_default(), bytes: number(1).unwrap_or_default() })
    }
}
