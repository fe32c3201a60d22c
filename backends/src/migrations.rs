//! The history of a ledger's tables: which steps there are, which were applied, and applying the rest.

use ledger_core::{Result, Timestamp};

use crate::url::{LedgerUrl, Place};

/// One step in the history of a ledger's tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its number, from 1 without gaps.
    pub version: u32,
    /// What it does, in a word or two.
    pub name: &'static str,
    /// The statements it runs, in one transaction.
    pub statements: Vec<String>,
    /// When it was applied here, if it was.
    pub applied_at: Option<Timestamp>,
}

/// Lists all steps for the ledger at a URL, and which of them were applied; writes nothing.
///
/// An engine without tables (memory) has none. A place where no ledger is yet has applied none of them.
pub async fn migrations(url: &str) -> Result<Vec<Migration>> {
    let url = LedgerUrl::parse(url)?;
    match &url.place {
        Place::Memory => Ok(Vec::new()),
        #[cfg(feature = "sqlite")]
        Place::Sqlite(path) => crate::sqlite::migrations(&url, path).await,
        #[cfg(not(feature = "sqlite"))]
        Place::Sqlite(_) => Err(ledger_core::Error::NotBuiltIn { backend: "sqlite" }),
        #[cfg(feature = "postgres")]
        Place::Postgres(place) => crate::postgres::migrations(&url, place).await,
        #[cfg(not(feature = "postgres"))]
        Place::Postgres(_) => Err(ledger_core::Error::NotBuiltIn { backend: "postgres" }),
        #[cfg(feature = "clickhouse")]
        Place::ClickHouse(place) => crate::clickhouse::migrations(&url, place).await,
        #[cfg(not(feature = "clickhouse"))]
        Place::ClickHouse(_) => Err(ledger_core::Error::NotBuiltIn { backend: "clickhouse" }),
    }
}

/// Applies the steps that are missing, creating the ledger when there is none, and returns them as applied.
pub async fn migrate(url: &str) -> Result<Vec<Migration>> {
    let before = migrations(url).await?;
    crate::open(url).await?;
    let after = migrations(url).await?;
    let newly = |step: &Migration| before.iter().any(|old| old.version == step.version && old.applied_at.is_none());
    Ok(after.into_iter().filter(|step| step.applied_at.is_some() && newly(step)).collect())
}
