//! Opens a ledger from a URL: the one place that knows all engines, so that an application names none.
//!
//! ```
//! use ledger_core::{Draft, LedgerExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> ledger_core::Result<()> {
//! let ledger = backends::open("memory:").await?;
//! let receipt = ledger.append_one(Draft::new("order.placed", &serde_json::json!({"total": 12}))?).await?;
//! assert_eq!(receipt.offset.get(), 1);
//! # Ok(()) }
//! ```

#[cfg(feature = "clickhouse")]
mod clickhouse;
#[cfg(any(feature = "clickhouse", feature = "http"))]
mod connector;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "clickhouse", feature = "http"))]
mod head;
#[cfg(feature = "http")]
mod http;
mod memory;
mod migrations;
#[cfg(feature = "postgres")]
mod postgres;
mod snapshot;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "clickhouse"))]
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
mod url;

use std::sync::Arc;

use ledger_core::{Ledger, Result};

pub use memory::MemoryLedger;
pub use migrations::{
    Code, Migration, Rebuild, Size, Step, StepProgress, Strategy, Tables, drop_kept_tables, kept_tables, migrate,
    migrate_with, migrations, migrations_with,
};
pub use snapshot::snapshot_to;
pub use url::{ClickHousePlace, HttpPlace, LedgerUrl, Mode, Place, Pooler, PostgresPlace};

/// A backend this code knows, and whether this build has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backend {
    /// Its name, and the cargo feature that brings it.
    pub name: &'static str,
    /// How its URLs look.
    pub url: &'static str,
    /// Whether this build has it.
    pub built_in: bool,
    /// What it is for.
    pub purpose: &'static str,
}

/// Lists the backends this code knows.
pub const BACKENDS: [Backend; 5] = [
    Backend {
        name: "memory",
        url: "memory: | sqlite::memory: | :memory:",
        built_in: true,
        purpose: "tests and throw-away runs; gone with the process",
    },
    Backend {
        name: "sqlite",
        url: "sqlite:PATH | sqlite:///ABSOLUTE/PATH | PATH",
        built_in: cfg!(feature = "sqlite"),
        purpose: "one file, many processes of one machine; portable",
    },
    Backend {
        name: "postgres",
        url: "postgres://USER:PASSWORD@HOST:PORT/DATABASE?schema=NAME",
        built_in: cfg!(feature = "postgres"),
        purpose: "many machines; many ledgers in one database, one a schema",
    },
    Backend {
        name: "clickhouse",
        url: "clickhouse://USER:PASSWORD@HOST:8123/DATABASE?secure=true",
        built_in: cfg!(feature = "clickhouse"),
        purpose: "history and analytics at size; few writers, large batches",
    },
    Backend {
        name: "http",
        url: "https://:TOKEN@HOST:PORT/PREFIX",
        built_in: cfg!(feature = "http"),
        purpose: "a ledger behind `ledger serve`, whatever its engine",
    },
];

/// Opens the ledger at a URL or path, and creates it when there is none and the URL does not say otherwise (`mode=`).
///
/// An older schema is migrated. Fails with `UnknownScheme`, `NotBuiltIn`, `NotFound`, `NotALedger`, `SchemaTooNew`,
/// `Invalid` for a bad option, `Denied` by a server that wants another token, and `Unavailable` when the engine does not
/// answer.
pub async fn open(url: &str) -> Result<Arc<dyn Ledger>> {
    open_as(url, Mode::Create).await
}

/// Opens the ledger at a URL or path in a mode, unless the URL says which itself.
pub async fn open_as(url: &str, mode: Mode) -> Result<Arc<dyn Ledger>> {
    open_parsed(&LedgerUrl::parse(url)?, mode).await
}

/// Opens the ledger that `DATABASE_URL` names, or one in memory when it is unset or empty.
pub async fn open_from_env() -> Result<Arc<dyn Ledger>> {
    match std::env::var("DATABASE_URL") {
        Ok(url) if !url.trim().is_empty() => open(&url).await,
        Ok(_) | Err(std::env::VarError::NotPresent) => open("memory:").await,
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(ledger_core::Error::invalid("DATABASE_URL", "it is not UTF-8: set it to a URL"))
        }
    }
}

async fn open_parsed(url: &LedgerUrl, mode: Mode) -> Result<Arc<dyn Ledger>> {
    let mode = url.mode.unwrap_or(mode);
    match &url.place {
        Place::Memory => Ok(Arc::new(MemoryLedger::open(mode))),
        #[cfg(feature = "sqlite")]
        Place::Sqlite(path) => Ok(Arc::new(sqlite::SqliteLedger::open(url, path, mode).await?)),
        #[cfg(not(feature = "sqlite"))]
        Place::Sqlite(_) => Err(ledger_core::Error::NotBuiltIn { backend: "sqlite" }),
        #[cfg(feature = "postgres")]
        Place::Postgres(place) => Ok(Arc::new(postgres::PostgresLedger::open(url, place, mode).await?)),
        #[cfg(not(feature = "postgres"))]
        Place::Postgres(_) => Err(ledger_core::Error::NotBuiltIn { backend: "postgres" }),
        #[cfg(feature = "clickhouse")]
        Place::ClickHouse(place) => Ok(Arc::new(clickhouse::ClickHouseLedger::open(url, place, mode).await?)),
        #[cfg(not(feature = "clickhouse"))]
        Place::ClickHouse(_) => Err(ledger_core::Error::NotBuiltIn { backend: "clickhouse" }),
        #[cfg(feature = "http")]
        Place::Http(place) => Ok(Arc::new(http::HttpLedger::open(url, place, mode).await?)),
        #[cfg(not(feature = "http"))]
        Place::Http(_) => Err(ledger_core::Error::NotBuiltIn { backend: "http" }),
    }
}

/// The README's program, so that it compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
