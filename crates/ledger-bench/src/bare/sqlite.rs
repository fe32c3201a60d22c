//! SQLite without a ledger: rusqlite's prepared statements, and the stream of sqlx.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use futures::TryStreamExt;
use rusqlite::{Connection, OpenFlags, params};
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, Row as _};

use super::{COLUMNS, Insert, Row};
use crate::Result;
use crate::measure::rate;

/// Opens a file that a ledger created, with the durability and the checkpoints of a ledger.
pub(crate) fn writer(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864",
    )?;
    Ok(connection)
}

/// Puts an index on each column that a query may name, as such a table usually has them, in place of the ledger's own.
pub(crate) fn index_as_usual(path: &Path) -> Result<()> {
    let connection = Connection::open(path)?;
    let own = "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'events' AND sql NOT LIKE '%UNIQUE%'";
    let own: Vec<String> = connection.prepare(own)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for name in own {
        connection.execute_batch(&format!("DROP INDEX \"{name}\""))?;
    }
    for columns in ["run_id, turn", "kind", "actor", "created_at", "recorded_at", "session_id, lamport", "model_id"] {
        let name = columns.replace(", ", "_");
        connection.execute_batch(&format!("CREATE INDEX usual_{name} ON events ({columns})"))?;
    }
    Ok(())
}

/// Inserts batches, a transaction each, and returns the rows a second.
pub(crate) fn insert(connection: &mut Connection, batches: &[Vec<Insert>]) -> Result<f64> {
    let start = Instant::now();
    for batch in batches {
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        {
            let mut events = transaction
                .prepare_cached("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")?;
            let mut tags = transaction.prepare_cached("INSERT INTO event_tags VALUES (?, ?)")?;
            for Insert { row, words } in batch {
                events.execute(params![
                    row.offset,
                    row.id,
                    row.run_id,
                    row.turn,
                    row.kind,
                    row.actor,
                    row.payload,
                    row.created_at,
                    row.recorded_at,
                    row.schema_version,
                    row.session_id,
                    row.model_profile,
                    row.model_id,
                    row.parents,
                    row.lamport,
                    row.tags,
                ])?;
                for word in words {
                    tags.execute(params![word, row.offset])?;
                }
            }
        }
        transaction.commit()?;
    }
    Ok(rate(batches.iter().map(Vec::len).sum(), start))
}

/// Reads all events into owned rows, one after the other, and returns the rows a second.
pub(crate) fn read(path: &Path) -> Result<f64> {
    // Without this flag each call of the engine takes a lock, which nobody with one thread would pay for.
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    let start = Instant::now();
    let mut statement = connection.prepare(&format!(r#"SELECT {COLUMNS} FROM events ORDER BY "offset""#))?;
    let mut rows = statement.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        black_box(owned(row)?);
        count += 1;
    }
    Ok(rate(count, start))
}

fn owned(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row<String>> {
    Ok(Row {
        offset: row.get(0)?,
        id: row.get(1)?,
        run_id: row.get(2)?,
        turn: row.get(3)?,
        kind: row.get(4)?,
        actor: row.get(5)?,
        payload: row.get(6)?,
        created_at: row.get(7)?,
        recorded_at: row.get(8)?,
        schema_version: row.get(9)?,
        session_id: row.get(10)?,
        model_profile: row.get(11)?,
        model_id: row.get(12)?,
        parents: row.get(13)?,
        lamport: row.get(14)?,
        tags: row.get(15)?,
    })
}

/// Reads all events as a stream of sqlx into owned rows, and returns the rows a second.
pub(crate) async fn stream(path: &Path) -> Result<f64> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).disable_statement_logging();
    let mut connection = options.connect().await?;
    let start = Instant::now();
    let sql = AssertSqlSafe(format!(r#"SELECT {COLUMNS} FROM events ORDER BY "offset""#));
    let mut rows = sqlx::query(sql).fetch(&mut connection);
    let mut count = 0;
    while let Some(row) = rows.try_next().await? {
        black_box(decoded(&row)?);
        count += 1;
    }
    drop(rows);
    let rate = rate(count, start);
    connection.close().await?;
    Ok(rate)
}

fn decoded(row: &SqliteRow) -> sqlx::Result<Row<String>> {
    Ok(Row {
        offset: row.try_get(0)?,
        id: row.try_get(1)?,
        run_id: row.try_get(2)?,
        turn: row.try_get(3)?,
        kind: row.try_get(4)?,
        actor: row.try_get(5)?,
        payload: row.try_get(6)?,
        created_at: row.try_get(7)?,
        recorded_at: row.try_get(8)?,
        schema_version: row.try_get(9)?,
        session_id: row.try_get(10)?,
        model_profile: row.try_get(11)?,
        model_id: row.try_get(12)?,
        parents: row.try_get(13)?,
        lamport: row.try_get(14)?,
        tags: row.try_get(15)?,
    })
}
