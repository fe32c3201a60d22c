//! ClickHouse without a ledger: one insert a batch and one query, both by the driver in its binary form.

use std::hint::black_box;
use std::time::Instant;

use clickhouse::{Client, Row as Columns};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Insert, Row};
use crate::Result;
use crate::measure::rate;

/// A row as the driver takes and gives it, with owned values; text that may be missing is empty.
#[derive(Clone, Debug, Columns, Serialize, Deserialize)]
pub(crate) struct Line {
    offset: u64,
    id: String,
    run_id: String,
    turn: u32,
    kind: String,
    actor: String,
    payload: String,
    created_at: i64,
    recorded_at: i64,
    schema_version: u32,
    session_id: String,
    model_profile: String,
    model_id: String,
    parents: Vec<String>,
    lamport: Option<u64>,
    tags: Vec<String>,
}

impl TryFrom<Insert> for Line {
    type Error = std::num::TryFromIntError;

    fn try_from(Insert { row, words }: Insert) -> Result<Self, Self::Error> {
        let Row { id, run_id, kind, actor, payload, created_at, recorded_at, .. } = row;
        Ok(Self {
            offset: row.offset.try_into()?,
            id,
            run_id,
            turn: row.turn.try_into()?,
            kind,
            actor,
            payload,
            created_at,
            recorded_at,
            schema_version: row.schema_version.try_into()?,
            session_id: row.session_id.unwrap_or_default(),
            model_profile: row.model_profile.unwrap_or_default(),
            model_id: row.model_id.unwrap_or_default(),
            parents: Vec::new(),
            lamport: None,
            tags: words,
        })
    }
}

/// Makes a client of a database as a ledger does: rows without their types, and nothing waits for Nagle.
pub(crate) fn client(server: &Url, database: &str) -> Result<Client> {
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    let host = server.host_str().unwrap_or_default();
    let decoded = |text| percent_decode_str(text).decode_utf8();
    Ok(Client::with_http_client(HttpClient::builder(TokioExecutor::new()).build(tcp))
        .with_url(format!("http://{host}:{}", server.port().unwrap_or(8123)))
        .with_user(Some(decoded(server.username())?).filter(|user| !user.is_empty()).unwrap_or("default".into()))
        .with_password(decoded(server.password().unwrap_or_default())?)
        .with_database(database)
        .with_validation(false))
}

/// Inserts batches at the offsets they have, one block each and nothing looked up, and returns the rows a second.
pub(crate) async fn insert(client: &Client, batches: &[Vec<Line>]) -> Result<f64> {
    let start = Instant::now();
    for batch in batches {
        let insert = client.insert::<Line>("events").await?;
        let mut insert = insert.with_setting("async_insert", "0").with_setting("insert_deduplicate", "0");
        for line in batch {
            insert.write(line).await?;
        }
        insert.end().await?;
    }
    Ok(rate(batches.iter().map(Vec::len).sum(), start))
}

/// Reads all events by one query into owned rows, and returns the rows a second.
pub(crate) async fn read(client: &Client) -> Result<f64> {
    let start = Instant::now();
    let mut lines = client.query("SELECT ?fields FROM events ORDER BY offset").fetch::<Line>()?;
    let mut count = 0;
    while let Some(line) = lines.next().await? {
        black_box(line);
        count += 1;
    }
    Ok(rate(count, start))
}

/// Merges the parts of the events into one, so that each fixture is read in the same state.
pub(crate) async fn optimize(client: &Client) -> Result<()> {
    Ok(client.query("OPTIMIZE TABLE events FINAL").execute().await?)
}

/// Returns the bytes of the events with their indexes.
pub(crate) async fn bytes(client: &Client) -> Result<f64> {
    let sql = "SELECT sum(bytes_on_disk) FROM system.parts \
               WHERE database = currentDatabase() AND table = 'events' AND active";
    let bytes: u64 = client.query(sql).fetch_one().await?;
    Ok(bytes as f64)
}
