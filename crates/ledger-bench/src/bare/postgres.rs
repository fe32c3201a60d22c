//! Postgres without a ledger: one `UNNEST` insert a batch, and the stream of sqlx.

use std::hint::black_box;
use std::time::Instant;

use futures::TryStreamExt;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row as _};

use super::{COLUMNS, Insert, Row};
use crate::Result;
use crate::measure::rate;

/// Connects as a ledger does: no logging of statements, statements prepared under a name.
pub(crate) async fn connect(url: &str) -> Result<PgConnection> {
    Ok(PgConnection::connect(url).await?)
}

/// Inserts batches at the offsets they have, one statement and one commit each, and returns the rows a second.
pub(crate) async fn insert(connection: &mut PgConnection, schema: &str, batches: &[Vec<Insert>]) -> Result<f64> {
    let sql = format!(
        "INSERT INTO {schema}.events SELECT d.o, d.id, d.run_id, d.turn, d.kind, d.actor, d.payload, d.created_at, \
           d.recorded_at, d.schema_version, d.session_id, d.model_profile, d.model_id, d.parents::text[], d.lamport, \
           d.tags::text[] \
         FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], \
           $8::bigint[], $9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::text[], $14::text[], \
           $15::bigint[], $16::text[]) \
           AS d (o, id, run_id, turn, kind, actor, payload, created_at, recorded_at, schema_version, session_id, \
           model_profile, model_id, parents, lamport, tags)"
    );
    let start = Instant::now();
    for batch in batches {
        insert_batch(connection, &sql, batch).await?;
    }
    Ok(rate(batches.iter().map(Vec::len).sum(), start))
}

async fn insert_batch(connection: &mut PgConnection, sql: &str, batch: &[Insert]) -> Result<()> {
    let rows = || batch.iter().map(|insert| &insert.row);
    sqlx::query(AssertSqlSafe(sql))
        .bind(rows().map(|row| row.offset).collect::<Vec<_>>())
        .bind(rows().map(|row| row.id.as_str()).collect::<Vec<_>>())
        .bind(rows().map(|row| row.run_id.as_str()).collect::<Vec<_>>())
        .bind(rows().map(|row| row.turn).collect::<Vec<_>>())
        .bind(rows().map(|row| row.kind.as_str()).collect::<Vec<_>>())
        .bind(rows().map(|row| row.actor.as_str()).collect::<Vec<_>>())
        .bind(rows().map(|row| row.payload.as_str()).collect::<Vec<_>>())
        .bind(rows().map(|row| row.created_at).collect::<Vec<_>>())
        .bind(rows().map(|row| row.recorded_at).collect::<Vec<_>>())
        .bind(rows().map(|row| row.schema_version).collect::<Vec<_>>())
        .bind(rows().map(|row| row.session_id.as_deref()).collect::<Vec<_>>())
        .bind(rows().map(|row| row.model_profile.as_deref()).collect::<Vec<_>>())
        .bind(rows().map(|row| row.model_id.as_deref()).collect::<Vec<_>>())
        .bind(rows().map(|row| row.parents.as_deref()).collect::<Vec<_>>())
        .bind(rows().map(|row| row.lamport).collect::<Vec<_>>())
        .bind(rows().map(|row| row.tags.as_deref()).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

/// Reads all events as a stream into owned rows, and returns the rows a second.
pub(crate) async fn stream(connection: &mut PgConnection, schema: &str) -> Result<f64> {
    let start = Instant::now();
    let sql = AssertSqlSafe(format!(r#"SELECT {COLUMNS} FROM {schema}.events ORDER BY "offset""#));
    let mut rows = sqlx::query(sql).fetch(connection);
    let mut count = 0;
    while let Some(row) = rows.try_next().await? {
        black_box(decoded(&row)?);
        count += 1;
    }
    Ok(rate(count, start))
}

fn decoded(row: &PgRow) -> sqlx::Result<Row<Vec<String>>> {
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

/// Returns the bytes of a schema's tables with their indexes.
pub(crate) async fn bytes(connection: &mut PgConnection, schema: &str) -> Result<f64> {
    let sql = format!("SELECT pg_total_relation_size('{schema}.events')");
    let bytes: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await?;
    Ok(bytes as f64)
}

/// Lets the server settle what inserts left to be done later, so that each fixture is read in the same state.
pub(crate) async fn vacuum(connection: &mut PgConnection, schema: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(format!("VACUUM (ANALYZE) {schema}.events"))).execute(connection).await?;
    Ok(())
}
