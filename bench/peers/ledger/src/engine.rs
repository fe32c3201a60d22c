//! Asks the engine itself, past the ledger: what is in its table, and what makes an append durable.

use std::path::{Path, PathBuf};

use backends::{Step, Strategy, Tables};
use futures::future::BoxFuture;
use ledger_core::Error;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};

use crate::driver::Result;

const COUNT: &str = "SELECT count(*) FROM events";
const STORED: &str = r#"SELECT "offset", id FROM events ORDER BY 1"#;
/// What a transaction has that appends: the function takes the lock that appends take, and has the commit wait for the disk.
const SYNCHRONOUS_COMMIT: &str =
    "SELECT current_setting('synchronous_commit') FROM (SELECT ledger_lock() OFFSET 0) AS locked";
/// Marks the answer of `ask` among the errors.
const ANSWER: &str = "settings";

/// Where the ledger's table is. Each question has a connection of its own: opening a ledger is measured, and this is no part
/// of it.
#[derive(Clone)]
pub enum Engine {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Engine {
    pub fn at(place: &str) -> Self {
        if place.starts_with("postgres") { Self::Postgres(place.to_owned()) } else { Self::Sqlite(place.into()) }
    }

    pub async fn count(&self) -> Result<usize> {
        let count: i64 = match self {
            Self::Sqlite(path) => reader(path)?.query_row(COUNT, [], |row| row.get(0))?,
            Self::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await?;
                sqlx::query_scalar(COUNT).fetch_one(&mut connection).await?
            }
        };
        Ok(usize::try_from(count)?)
    }

    /// Returns all offsets and ids.
    pub async fn stored(&self) -> Result<Vec<(i64, String)>> {
        match self {
            Self::Sqlite(path) => stored_in(path),
            Self::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await?;
                Ok(sqlx::query_as(STORED).fetch_all(&mut connection).await?)
            }
        }
    }

    pub async fn settings(&self) -> Result<Value> {
        match self {
            Self::Sqlite(path) => sqlite_settings(path).await,
            Self::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await?;
                let fsync: String = sqlx::query_scalar("SHOW fsync").fetch_one(&mut connection).await?;
                let commit: String = sqlx::query_scalar(SYNCHRONOUS_COMMIT).fetch_one(&mut connection).await?;
                Ok(json!({"fsync": fsync, "synchronous_commit": commit, "pool": "one connection that appends"}))
            }
        }
    }
}

fn reader(path: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn stored_in(path: &Path) -> Result<Vec<(i64, String)>> {
    let connection = reader(path)?;
    let mut statement = connection.prepare(STORED)?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Asks a connection that the ledger has set up to write, because `synchronous` belongs to a connection, and one of ours would
/// tell what SQLite does by default.
///
/// Code that migrates is given such a connection. It fails with the answer, so that nothing is migrated.
async fn sqlite_settings(path: &Path) -> Result<Value> {
    let place = path.to_str().ok_or("the path is not UTF-8")?;
    let version = u32::try_from(backends::migrations(place).await?.len() + 1)?;
    let step = Step { version, name: ANSWER, strategy: Strategy::Code(ask) };
    match backends::migrate_with(place, &[step], &mut |_| ()).await {
        Err(Error::Invalid { what: ANSWER, why }) => Ok(serde_json::from_str(&why)?),
        Err(error) => Err(error.into()),
        Ok(_) => Err("the engine was not asked".into()),
    }
}

fn ask(tables: &dyn Tables) -> BoxFuture<'_, ledger_core::Result<()>> {
    Box::pin(async move {
        let journal = first(tables, "PRAGMA journal_mode").await?;
        let synchronous: Option<u8> = first(tables, "PRAGMA synchronous").await?.and_then(|said| said.parse().ok());
        let sqlite = first(tables, "SELECT sqlite_version()").await?;
        let said = json!({
            "journal_mode": journal,
            "synchronous": synchronous,
            "sqlite": sqlite,
            "pool": "one connection that appends",
        });
        Err(Error::invalid(ANSWER, said.to_string()))
    })
}

async fn first(tables: &dyn Tables, sql: &str) -> ledger_core::Result<Option<String>> {
    let rows = tables.rows(sql).await?;
    Ok(rows.into_iter().next().and_then(|row| row.into_iter().next().flatten()))
}
