//! What all cases share: which of them are wanted, fresh places to measure in, and the report.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::{Condition, Ledger, MAX_BATCH_EVENTS, Timestamp};
use ledger_testkit::engines;
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use url::Url;

use crate::Result;
use crate::bare;
use crate::corpus::{Corpus, Shape};
use crate::figure::Run;
use crate::report::Report;

/// What a ledger is kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    /// This process.
    Memory,
    /// A file.
    Sqlite,
    /// A schema of a server.
    Postgres,
    /// A database of a server.
    ClickHouse,
}

impl Backend {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Memory, Self::Sqlite, Self::Postgres, Self::ClickHouse];
    /// Those whose ledgers are still there when nobody has them open.
    pub(crate) const DURABLE: [Self; 3] = [Self::Sqlite, Self::Postgres, Self::ClickHouse];

    /// Returns the first word of its cases.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::ClickHouse => "clickhouse",
        }
    }
}

/// How many events the ledgers hold, by what is asked of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sizes {
    /// Those that are read to their end, verified, copied, replayed and recorded.
    pub events: usize,
    /// Those that pages are picked out of.
    pub pages: usize,
    /// Those whose operations are asked for, by lineage or in the log.
    pub operations: usize,
    /// Those whose operations are removed.
    pub retention: usize,
    /// Those that are opened.
    pub opens: Vec<usize>,
}

impl Sizes {
    /// Makes all ledgers of one size.
    pub(crate) fn alike(events: usize) -> Self {
        Self { events, pages: events, operations: events, retention: events, opens: vec![events] }
    }

    /// Makes each ledger as large as its question needs, and no larger, so that everything is measured in some minutes;
    /// or all of one size, but those that are opened.
    pub(crate) fn all(events: Option<usize>) -> Self {
        let opens = vec![1_000, 100_000, 1_000_000];
        match events {
            Some(events) => Self { opens, ..Self::alike(events) },
            None => Self { events: 100_000, pages: 1_000_000, operations: 300_000, retention: 20_000, opens },
        }
    }
}

/// One run of the benches.
#[derive(Debug)]
pub(crate) struct Bench {
    /// How many events the ledgers hold.
    pub sizes: Sizes,
    /// How many rounds are measured.
    pub rounds: usize,
    /// What was measured so far.
    pub report: Report,
    only: Option<String>,
    given: Option<String>,
    server: Option<Result<String, String>>,
    schemas: Vec<String>,
    given_clickhouse: Option<String>,
    clickhouse: Option<Result<Url, String>>,
    databases: Vec<String>,
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

/// A database of a ClickHouse server, for one ledger.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    server: Url,
    name: String,
}

impl Database {
    /// Returns the URL of the ledger in this database.
    pub(crate) fn url(&self) -> String {
        let mut url = self.server.clone();
        url.set_path(&self.name);
        url.into()
    }

    /// Opens the ledger, or creates it.
    pub(crate) async fn open(&self) -> Result<Arc<dyn Ledger>> {
        Ok(backends::open(&self.url()).await?)
    }

    /// Returns the bare driver, which uses this database.
    pub(crate) fn client(&self) -> Result<clickhouse::Client> {
        bare::clickhouse::client(&self.server, &self.name)
    }
}

/// The servers a run was given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Servers {
    /// A Postgres; without it one is found or started.
    pub postgres: Option<String>,
    /// A ClickHouse, or `engine` for one that is found or started; without it none is measured.
    pub clickhouse: Option<String>,
}

impl Bench {
    /// Starts a run. Fails when there is no place for temporary files.
    pub(crate) fn new(only: Option<String>, servers: Servers, sizes: Sizes, rounds: usize) -> Result<Self> {
        let run = Run { at: Timestamp::now(), rounds, events: sizes.clone() };
        Ok(Self {
            sizes,
            rounds,
            report: Report::new(run),
            only,
            given: servers.postgres,
            server: None,
            schemas: Vec::new(),
            given_clickhouse: servers.clickhouse,
            clickhouse: None,
            databases: Vec::new(),
            folder: tempfile::Builder::new().prefix("ledger-bench-").tempdir()?,
            files: 0,
        })
    }

    /// Says whether a case is wanted.
    pub(crate) fn wants(&self, case: &str) -> bool {
        self.only.as_ref().is_none_or(|only| case.contains(only.as_str()))
    }

    /// Returns the folder that all files are in.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
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

    /// Returns a database where nothing is yet, or nothing when there is no server. Fails when the server lets us
    /// create none.
    pub(crate) async fn fresh_database(&mut self) -> Result<Option<Database>> {
        if self.clickhouse.is_none() {
            self.clickhouse = Some(match self.given_clickhouse.as_deref() {
                None => Err("name a server by --clickhouse".to_owned()),
                Some("engine") => match engines::clickhouse().await {
                    Ok(server) => Ok(clickhouse_url(server.url())?),
                    Err(error) => Err(error.to_string()),
                },
                Some(url) => Ok(clickhouse_url(url)?),
            });
        }
        let Some(Ok(server)) = &self.clickhouse else { return Ok(None) };
        let name = format!("ledger_bench_{}_{}", std::process::id(), self.databases.len() + 1);
        // Said, because the default of some servers keeps no promises.
        let sql = format!("CREATE DATABASE {name} ENGINE = Atomic");
        bare::clickhouse::client(server, "default")?.query(&sql).execute().await?;
        self.databases.push(name.clone());
        Ok(Some(Database { server: server.clone(), name }))
    }

    /// Returns the URL of a ledger that is not there yet, or nothing when there is no server for it.
    pub(crate) async fn fresh(&mut self, backend: Backend) -> Result<Option<String>> {
        Ok(match backend {
            Backend::Memory => Some("memory:".to_owned()),
            Backend::Sqlite => Some(self.fresh_path().to_string_lossy().into_owned()),
            Backend::Postgres => self.fresh_schema().await.map(|schema| schema.url()),
            Backend::ClickHouse => self.fresh_database().await?.map(|database| database.url()),
        })
    }

    /// Creates a ledger for a case, unless the case is not wanted or there is no server for it.
    pub(crate) async fn create(&mut self, backend: Backend, case: &str) -> Result<Option<Arc<dyn Ledger>>> {
        if self.wants(case)
            && let Some(url) = self.fresh(backend).await?
        {
            return Ok(Some(backends::open(&url).await?));
        }
        Ok(None)
    }

    /// Returns which servers were wanted and are not there, and why.
    pub(crate) fn skipped(&self) -> Vec<(&'static str, &str)> {
        let postgres = self.server.as_ref().and_then(|server| server.as_ref().err());
        let clickhouse = self.clickhouse.as_ref().and_then(|server| server.as_ref().err());
        let both = [("postgres", postgres), ("clickhouse", clickhouse)];
        both.into_iter().filter_map(|(name, why)| Some((name, why?.as_str()))).collect()
    }

    /// Removes what was created on the servers, on each whatever the other says.
    pub(crate) async fn clean_up(&mut self) -> Result<()> {
        let outcome = self.drop_databases().await;
        self.drop_schemas().await.and(outcome)
    }

    async fn drop_databases(&mut self) -> Result<()> {
        let Some(Ok(server)) = &self.clickhouse else { return Ok(()) };
        let client = bare::clickhouse::client(server, "default")?;
        for database in self.databases.drain(..) {
            client.query(&format!("DROP DATABASE IF EXISTS {database} SYNC")).execute().await?;
        }
        Ok(())
    }

    async fn drop_schemas(&mut self) -> Result<()> {
        let Some(Ok(server)) = &self.server else { return Ok(()) };
        let mut connection = PgConnection::connect(server).await?;
        for schema in self.schemas.drain(..) {
            let sql = format!("SET client_min_messages = warning; DROP SCHEMA IF EXISTS {schema} CASCADE");
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
        }
        Ok(connection.close().await?)
    }
}

fn clickhouse_url(text: &str) -> Result<Url> {
    let url = Url::parse(text)?;
    if url.scheme() == "clickhouse" && url.host_str().is_some() && url.query().is_none() {
        return Ok(url);
    }
    Err("--clickhouse takes clickhouse://USER:PASSWORD@HOST:8123, without TLS and options, or the word `engine`".into())
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
