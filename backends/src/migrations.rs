//! The history of a ledger's tables: which steps there are, which were applied, and applying the rest.

use async_trait::async_trait;
use futures::future::BoxFuture;
use ledger_core::{Error, Result, Timestamp};

use crate::url::{HttpPlace, LedgerUrl, Mode, Place};

/// One step, as it looks from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its number, from 1 without gaps.
    pub version: u32,
    /// What it does, in a word or two.
    pub name: &'static str,
    /// The statements it runs: in one transaction, where the engine has them.
    pub statements: Vec<String>,
    /// When it was applied here, if it was.
    pub applied_at: Option<Timestamp>,
    /// How much it rewrites, when it is still to be applied and rebuilds a table.
    pub size: Option<Size>,
}

/// How large a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// How many rows, about.
    pub rows: u64,
    /// How many bytes, indexes included.
    pub bytes: u64,
}

/// One step in the history of tables. Once released it is never edited; a later one corrects it.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Its number: one more than that of the step before it.
    pub version: u32,
    /// What it does, in a word or two, without quotes.
    pub name: &'static str,
    /// How it does it.
    pub strategy: Strategy,
}

impl Step {
    /// Builds a step that runs statements.
    #[must_use]
    pub const fn statements(version: u32, name: &'static str, statements: &'static [&'static str]) -> Self {
        Self { version, name, strategy: Strategy::Statements(statements) }
    }
}

/// How a step changes the tables.
#[derive(Clone, Copy, Debug)]
pub enum Strategy {
    /// Runs statements. On ClickHouse each must do nothing when it was done before (`IF NOT EXISTS`), because a step that
    /// was interrupted is begun again.
    Statements(&'static [&'static str]),
    /// Copies a table into one of another shape, compares the two, and exchanges them.
    Rebuild(Rebuild),
    /// Runs code. On ClickHouse it may be run again after an interruption.
    Code(Code),
}

/// Code that moves data.
pub type Code = for<'a> fn(&'a dyn Tables) -> BoxFuture<'a, Result<()>>;

/// A table of another shape that takes the place of one.
#[derive(Clone, Copy, Debug)]
pub struct Rebuild {
    /// The table.
    pub table: &'static str,
    /// The statement that creates the new one, with `{new}` for its name; on ClickHouse with `IF NOT EXISTS`.
    pub create: &'static str,
    /// The columns to fill, each with what is read from the old table for it.
    pub columns: &'static [(&'static str, &'static str)],
    /// A column of whole numbers from 1 upwards that both tables have: large tables are copied in ranges of it.
    pub key: &'static str,
    /// What to run when the new table has its name: indexes, mostly. On ClickHouse it is run before that, with `{new}` for
    /// the name, and may be run again.
    pub after: &'static [&'static str],
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "clickhouse"))]
impl Rebuild {
    pub(crate) fn new_name(&self, step: &Step) -> String {
        format!("{}_v{}", self.table, step.version)
    }

    pub(crate) fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn values(&self) -> String {
        self.columns.iter().map(|(_, value)| *value).collect::<Vec<_>>().join(", ")
    }
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepProgress {
    /// The step's number.
    pub version: u32,
    /// The step's name.
    pub name: &'static str,
    /// How many rows are done.
    pub at: u64,
    /// How many there are.
    pub of: u64,
}

/// The tables of a ledger, for code that moves data.
#[async_trait]
pub trait Tables: Send + Sync {
    /// Runs one statement.
    async fn execute(&self, sql: &str) -> Result<()>;
    /// Returns the rows of a query, each value as text.
    async fn rows(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>>;
}

/// Lists all steps for the ledger at a URL, and which of them were applied; writes nothing.
///
/// An engine without tables (memory) has none. A place where no ledger is yet has applied none of them. Fails for a server,
/// whose tables only it can reach.
pub async fn migrations(url: &str) -> Result<Vec<Migration>> {
    migrations_with(url, &[]).await
}

/// Lists the ledger's own steps and then `more`, as `migrations` does.
#[cfg_attr(
    not(any(feature = "sqlite", feature = "postgres", feature = "clickhouse")),
    allow(unused_variables, reason = "memory has no tables")
)]
pub async fn migrations_with(url: &str, more: &[Step]) -> Result<Vec<Migration>> {
    let url = LedgerUrl::parse(url)?;
    match &url.place {
        Place::Memory => Ok(Vec::new()),
        #[cfg(feature = "sqlite")]
        Place::Sqlite(path) => crate::sqlite::migrations(&url, path, more).await,
        #[cfg(not(feature = "sqlite"))]
        Place::Sqlite(_) => Err(Error::NotBuiltIn { backend: "sqlite" }),
        #[cfg(feature = "postgres")]
        Place::Postgres(place) => crate::postgres::migrations(&url, place, more).await,
        #[cfg(not(feature = "postgres"))]
        Place::Postgres(_) => Err(Error::NotBuiltIn { backend: "postgres" }),
        #[cfg(feature = "clickhouse")]
        Place::ClickHouse(place) => crate::clickhouse::migrations(&url, place, more).await,
        #[cfg(not(feature = "clickhouse"))]
        Place::ClickHouse(_) => Err(Error::NotBuiltIn { backend: "clickhouse" }),
        Place::Http(place) => Err(beyond(place)),
    }
}

/// Says that the tables behind a server are not ours to look at.
fn beyond(place: &HttpPlace) -> Error {
    let why =
        format!("`{place}` is a server, and its tables are its own: run `ledger migrate` on the URL that it serves");
    Error::invalid("url", why)
}

/// Applies the steps that are missing, creating the ledger when there is none, and returns them as applied.
pub async fn migrate(url: &str) -> Result<Vec<Migration>> {
    migrate_with(url, &[], &mut |_| ()).await
}

/// Applies what is missing of the ledger's own steps and then of `more`, and returns what was applied.
///
/// A step that was interrupted goes on, or was taken back whole. Of two that start at once, one migrates and one waits.
/// Steps of your own belong to a fork of the tables: this library refuses to open a ledger that is ahead of it.
#[cfg_attr(
    not(any(feature = "sqlite", feature = "postgres", feature = "clickhouse")),
    allow(unused_variables, reason = "memory has no tables")
)]
pub async fn migrate_with(
    url: &str,
    more: &[Step],
    progress: &mut (dyn FnMut(StepProgress) + Send),
) -> Result<Vec<Migration>> {
    let before = migrations_with(url, more).await?;
    let parsed = LedgerUrl::parse(url)?;
    if before.iter().any(|step| step.applied_at.is_none()) && parsed.mode == Some(Mode::ReadOnly) {
        return Err(Error::ReadOnly { action: "migrate" });
    }
    match &parsed.place {
        Place::Memory => {}
        #[cfg(feature = "sqlite")]
        Place::Sqlite(path) => crate::sqlite::migrate(&parsed, path, more, progress).await?,
        #[cfg(feature = "postgres")]
        Place::Postgres(place) => crate::postgres::migrate(&parsed, place, more, progress).await?,
        #[cfg(feature = "clickhouse")]
        Place::ClickHouse(place) => crate::clickhouse::migrate(&parsed, place, more, progress).await?,
        #[allow(unreachable_patterns, reason = "what is not built in was refused above")]
        _ => {}
    }
    let after = migrations_with(url, more).await?;
    let newly = |step: &Migration| before.iter().any(|old| old.version == step.version && old.applied_at.is_none());
    Ok(after.into_iter().filter(|step| step.applied_at.is_some() && newly(step)).collect())
}

/// Lists the old tables that rebuilds kept beside the new ones; only ClickHouse keeps them, where nothing can be taken back.
pub async fn kept_tables(url: &str) -> Result<Vec<String>> {
    kept(url, false).await
}

/// Drops the old tables that rebuilds kept, and returns their names: there is no way back from the new ones then.
pub async fn drop_kept_tables(url: &str) -> Result<Vec<String>> {
    kept(url, true).await
}

#[cfg_attr(not(feature = "clickhouse"), allow(unused_variables, reason = "no other engine keeps tables"))]
async fn kept(url: &str, drop_them: bool) -> Result<Vec<String>> {
    let url = LedgerUrl::parse(url)?;
    if drop_them && url.mode == Some(Mode::ReadOnly) {
        return Err(Error::ReadOnly { action: "drop tables" });
    }
    match &url.place {
        #[cfg(feature = "clickhouse")]
        Place::ClickHouse(place) => crate::clickhouse::kept(&url, place, drop_them).await,
        Place::Http(place) => Err(beyond(place)),
        _ => Ok(Vec::new()),
    }
}
