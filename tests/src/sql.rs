//! Plain SQL beside a ledger, as somebody would ask who has nothing else.

use ledger_testkit::engines::clickhouse_query;
use sqlx::{Connection, PgConnection, Row};

/// Runs a query on the database that a URL names, and returns its rows, with tabs between values. Panics when it fails.
pub async fn query(url: &str, sql: &str) -> String {
    if let Some(file) = url.strip_prefix("sqlite://") {
        let connection = rusqlite::Connection::open(file).expect("the file is there");
        let mut statement = connection.prepare(sql).expect("the test's own SQL is right");
        let columns = statement.column_count();
        let row = |row: &rusqlite::Row<'_>| {
            let value = |n| row.get::<_, rusqlite::types::Value>(n).map(|value| format!("{value:?}"));
            (0..columns).map(value).collect::<rusqlite::Result<Vec<_>>>().map(|row| row.join("\t"))
        };
        let rows = statement.query_map([], row).and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>);
        return rows.expect("the test's own SQL is right").join("\n");
    }
    if url.starts_with("clickhouse:") {
        return clickhouse_query(url, sql).await.unwrap_or_else(|error| panic!("{error}")).trim().to_owned();
    }
    let (database, _) = url.split_once('?').expect("the URL names a schema");
    let mut session = PgConnection::connect(database).await.expect("the server is there");
    let sql = format!("SET search_path TO ledger; {sql}");
    let rows =
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).fetch_all(&mut session).await.expect("the test's own SQL is right");
    let value = |row: &sqlx::postgres::PgRow, n| row.try_get_unchecked::<String, _>(n).unwrap_or_default();
    rows.iter()
        .map(|row| (0..row.len()).map(|n| value(row, n)).collect::<Vec<_>>().join("\t"))
        .collect::<Vec<_>>()
        .join("\n")
}
