//! What all cases share: which of them are wanted, fresh places to measure in, and the report.

use std::path::PathBuf;
use std::sync::Arc;

use ledger_core::{Condition, Ledger, MAX_BATCH_EVENTS};
use ledger_testkit::engines;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

use crate::Result;
use crate::corpus::{Corpus, Shape};
use crate::report::Report;

/// One run of the benches.
#[derive(Debug)]
pub(crate) struct Bench {
    /// How many events the ledgers hold that are read.
    pub events: usize,
    /// How many rounds are measured.
    pub rounds: usize,
    /// What was measured so far.
    pub report: Report,
    only: Option<String>,
    given: Option<String>,
    server: Option<Result<String, String>>,
    schemas: Vec<String>,
    folder: TempDir,
    files: usize,
}

/// A schema of a server, for one ledger.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    /// The server's URL.
    pub server: String,
    /// The schema's name, which needs no quotes.
    pub name: String,
}

impl Schema {
    /// Returns the URL of the ledger in this schema.
    pub(crate) fn url(&self) -> String {
        let sign = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{sign}schema={}", self.server, self.name)
    }

    /// Opens the ledger, or creates it.
    pub(crate) async fn open(&self) -> Result<Arc<dyn Ledger>> {
        Ok(backends::open(&self.url()).await?)
    }
}

impl Bench {
    /// Starts a run. Fails when there is no place for temporary files.
    pub(crate) fn new(only: Option<String>, postgres: Option<String>, events: usize, rounds: usize) -> Result<Self> {
        Ok(Self {
            events,
            rounds,
            report: Report::default(),
            only,
            given: postgres,
            server: None,
            schemas: Vec::new(),
            folder: tempfile::Builder::new().prefix("ledger-bench-").tempdir()?,
            files: 0,
        })
    }

    /// Says whether a case is wanted.
    pub(crate) fn wants(&self, case: &str) -> bool {
        self.only.as_ref().is_none_or(|only| case.contains(only.as_str()))
    }

    /// Returns a path where nothing is yet.
    pub(crate) fn fresh_path(&mut self) -> PathBuf {
        self.files += 1;
        self.folder.path().join(format!("{}.db", self.files))
    }

    /// Returns a schema where nothing is yet, or nothing when there is no server.
    pub(crate) async fn fresh_schema(&mut self) -> Option<Schema> {
        if self.server.is_none() {
            self.server = Some(match &self.given {
                Some(url) => Ok(url.clone()),
                None => engines::postgres().await.map(|server| server.url().to_owned()).map_err(|e| e.to_string()),
            });
        }
        let Some(Ok(server)) = &self.server else { return None };
        let name = format!("ledger_bench_{}_{}", std::process::id(), self.schemas.len() + 1);
        self.schemas.push(name.clone());
        Some(Schema { server: server.clone(), name })
    }

    /// Returns why there is no Postgres, if one was wanted.
    pub(crate) fn skipped(&self) -> Option<&str> {
        self.server.as_ref()?.as_ref().err().map(String::as_str)
    }

    /// Removes what was created on the server.
    pub(crate) async fn drop_schemas(&mut self) -> Result<()> {
        let Some(Ok(server)) = &self.server else { return Ok(()) };
        let mut connection = PgConnection::connect(server).await?;
        for schema in self.schemas.drain(..) {
            let sql = format!("SET client_min_messages = warning; DROP SCHEMA IF EXISTS {schema} CASCADE");
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
        }
        Ok(connection.close().await?)
    }
}

/// Appends as many events of a corpus, in the largest batches.
pub(crate) async fn fill(ledger: &dyn Ledger, shape: Shape, events: usize) -> Result<()> {
    const SEED: u64 = 4_242;
    let mut corpus = Corpus::new(shape, SEED)?;
    let mut left = events;
    while left > 0 {
        let drafts = corpus.take(left.min(MAX_BATCH_EVENTS))?;
        ledger.append(&drafts, &Condition::None).await?;
        left -= drafts.len();
    }
    Ok(())
}
