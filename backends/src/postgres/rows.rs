//! Statements and rows of Postgres: how events go in as columns and come out as rows.

use std::sync::atomic::Ordering;

use futures::TryStreamExt;
use ledger_core::{
    Draft, Event, EventId, Limit, MAX_BATCH_BYTES, ModelId, ModelProfile, Offset, Page, PageFiller, Query, Result,
    Room, SessionId, Tag,
};
use sea_orm::{Iden, Iterable, sea_query};
use sqlx::postgres::{PgArguments, PgConnection, PgPool, PgRow};
use sqlx::query::Query as SqlxQuery;
use sqlx::{AssertSqlSafe, Postgres, Row as _};

use super::connect::Site;
use crate::sql::Dialect;
use crate::sql::entity::Column;
use crate::sql::row::{Decoder, Row, array, int};
use crate::sql::select::{self, Wanted};

/// A session for one read: as it is, or in a transaction of its own where a pooler might change it in between.
pub(super) enum Lease {
    Direct(sqlx::pool::PoolConnection<Postgres>),
    Transaction(sqlx::Transaction<'static, Postgres>),
}

impl Lease {
    pub(super) async fn take(pool: &PgPool, site: &Site) -> sqlx::Result<Self> {
        Ok(if site.pooled { Self::Transaction(pool.begin().await?) } else { Self::Direct(pool.acquire().await?) })
    }

    pub(super) fn connection(&mut self) -> &mut PgConnection {
        match self {
            Self::Direct(connection) => connection,
            Self::Transaction(transaction) => transaction,
        }
    }

    pub(super) async fn give_back(self) -> sqlx::Result<()> {
        match self {
            Self::Direct(_) => Ok(()),
            Self::Transaction(transaction) => transaction.commit().await,
        }
    }
}

/// Prepares a statement, under a name only where the session is ours.
pub(super) fn statement<'q>(sql: String, site: &Site) -> SqlxQuery<'q, Postgres, PgArguments> {
    sqlx::query(AssertSqlSafe(sql)).persistent(!site.pooled)
}

/// Returns the last offset ever given.
pub(super) async fn head(connection: &mut PgConnection, site: &Site) -> sqlx::Result<i64> {
    let sql = format!(
        "SELECT greatest((SELECT floor FROM {}), coalesce((SELECT max(\"offset\") FROM {}), 0))",
        site.table("ledger_floor"),
        site.table("events")
    );
    statement(sql, site).fetch_one(connection).await?.try_get(0)
}

/// Reads one page.
pub(super) async fn page(connection: &mut PgConnection, query: &Query, site: &Site) -> Result<Page> {
    let failed = |error| site.error(error, "read");
    let query = &Query { limit: query.limit.min(fitting(site)), ..query.clone() };
    let (sql, values) = select::page(query, Wanted::Events, Dialect::Postgres, Some(&site.place.schema));
    let mut rows = bind(statement(sql, site), values).fetch(connection);
    let (mut page, mut decoder) = (PageFiller::new(query), Decoder::default());
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        if page.push(decoder.event(columns(&row).map_err(failed)?)?) == Room::None {
            break;
        }
    }
    drop(rows);
    let bytes = page.bytes();
    let page = page.finish();
    if !page.events.is_empty() {
        site.event_bytes.store(bytes / page.events.len(), Ordering::Relaxed);
    }
    Ok(page)
}

/// Returns how many events to ask for: the server sends all that was asked for, also what a page in bytes has no room for.
fn fitting(site: &Site) -> Limit {
    const FEWEST: usize = 16;
    const UNKNOWN: usize = 4_096;
    let bytes = match site.event_bytes.load(Ordering::Relaxed) {
        0 => UNKNOWN,
        bytes => bytes,
    };
    let count = (2 * MAX_BATCH_BYTES / bytes).clamp(FEWEST, Limit::MAX.get());
    Limit::new(count).expect("the count was clamped to the range of a limit")
}

/// Finds events by id.
pub(super) async fn by_ids(connection: &mut PgConnection, ids: &[&str], site: &Site) -> Result<Vec<Event>> {
    let failed = |error| site.error(error, "read");
    let names: Vec<_> = Column::iter().map(|column| format!("\"{}\"", column.unquoted())).collect();
    let sql = format!("SELECT {} FROM {} WHERE id = ANY ($1)", names.join(", "), site.table("events"));
    let rows = statement(sql, site).bind(ids).fetch_all(connection).await.map_err(failed)?;
    let mut decoder = Decoder::default();
    rows.iter().map(|row| decoder.event(columns(row).map_err(failed)?)).collect()
}

/// Reads the offsets of one page.
pub(super) async fn offsets(connection: &mut PgConnection, query: &Query, site: &Site) -> sqlx::Result<Vec<i64>> {
    let (sql, values) = select::page(query, Wanted::Offsets, Dialect::Postgres, Some(&site.place.schema));
    let rows = bind(statement(sql, site), values).fetch_all(connection).await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

/// Drafts turned into one array per column, so that a batch of any size is one statement.
pub(super) struct Columns<'a> {
    ids: Vec<&'a str>,
    run_ids: Vec<&'a str>,
    turns: Vec<i64>,
    kinds: Vec<&'a str>,
    actors: Vec<&'a str>,
    payloads: Vec<&'a str>,
    created_ats: Vec<i64>,
    schema_versions: Vec<i64>,
    session_ids: Vec<Option<&'a str>>,
    model_profiles: Vec<Option<&'a str>>,
    model_ids: Vec<Option<&'a str>>,
    parents: Vec<Option<String>>,
    lamports: Vec<Option<i64>>,
    tags: Vec<Option<String>>,
}

impl<'a> Columns<'a> {
    pub(super) fn new<D: IntoIterator<Item = &'a Draft, IntoIter: Clone>>(drafts: D) -> Self {
        let drafts = drafts.into_iter();
        fn column<'a, T>(drafts: &(impl Iterator<Item = &'a Draft> + Clone), value: impl Fn(&'a Draft) -> T) -> Vec<T> {
            drafts.clone().map(value).collect()
        }
        Self {
            ids: column(&drafts, |draft| draft.id.as_str()),
            run_ids: column(&drafts, |draft| draft.run_id.as_str()),
            turns: column(&drafts, |draft| draft.turn.into()),
            kinds: column(&drafts, |draft| draft.kind.as_str()),
            actors: column(&drafts, |draft| draft.actor.as_str()),
            payloads: column(&drafts, |draft| draft.payload.as_str()),
            created_ats: column(&drafts, |draft| draft.created_at.as_micros()),
            schema_versions: column(&drafts, |draft| draft.schema_version.into()),
            session_ids: column(&drafts, |draft| draft.session_id.as_ref().map(SessionId::as_str)),
            model_profiles: column(&drafts, |draft| draft.model_profile.as_ref().map(ModelProfile::as_str)),
            model_ids: column(&drafts, |draft| draft.model_id.as_ref().map(ModelId::as_str)),
            parents: column(&drafts, |draft| array(draft.parents.iter().map(EventId::as_str))),
            lamports: column(&drafts, |draft| draft.lamport.map(int)),
            tags: column(&drafts, |draft| array(draft.tags().iter().map(Tag::as_str))),
        }
    }

    /// Binds the columns, in the order of `ledger_append`.
    pub(super) fn bind<'q>(self, query: SqlxQuery<'q, Postgres, PgArguments>) -> SqlxQuery<'q, Postgres, PgArguments>
    where
        'a: 'q,
    {
        query
            .bind(self.ids)
            .bind(self.run_ids)
            .bind(self.turns)
            .bind(self.kinds)
            .bind(self.actors)
            .bind(self.payloads)
            .bind(self.created_ats)
            .bind(self.schema_versions)
            .bind(self.session_ids)
            .bind(self.model_profiles)
            .bind(self.model_ids)
            .bind(self.parents)
            .bind(self.lamports)
            .bind(self.tags)
    }
}

/// Inserts recorded events with the offsets they have.
pub(super) async fn restore(connection: &mut PgConnection, events: &[Event], site: &Site) -> sqlx::Result<()> {
    let sql = format!(
        "INSERT INTO {} SELECT d.\"offset\", d.id, d.run_id, d.turn, d.kind, d.actor, d.payload, d.created_at, \
           d.recorded_at, d.schema_version, d.session_id, d.model_profile, d.model_id, d.parents::text[], d.lamport, \
           d.tags::text[] \
         FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[], \
           $8::bigint[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bigint[], $14::text[], \
           $15::bigint[], $16::bigint[]) \
           AS d (id, run_id, turn, kind, actor, payload, created_at, schema_version, session_id, model_profile, \
           model_id, parents, lamport, tags, \"offset\", recorded_at)",
        site.table("events")
    );
    let offsets: Vec<i64> = events.iter().map(|event| int(event.offset.get())).collect();
    let times: Vec<i64> = events.iter().map(|event| event.recorded_at.as_micros()).collect();
    let columns = Columns::new(events.iter().map(|event| &event.draft));
    columns.bind(statement(sql, site)).bind(offsets).bind(times).execute(connection).await.map(drop)
}

fn columns(row: &PgRow) -> sqlx::Result<Row<'_>> {
    let words = |column: usize| row.try_get::<Option<Vec<String>>, _>(column);
    let parents = words(13)?.unwrap_or_default().into_iter().map(EventId::new).collect::<Result<_>>();
    let tags = words(15)?.unwrap_or_default().into_iter().map(Tag::new).collect::<Result<_>>();
    let invalid = |error: ledger_core::Error| sqlx::Error::Decode(Box::new(error));
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
        parents: parents.map_err(invalid)?,
        lamport: row.try_get(14)?,
        tags: tags.map_err(invalid)?,
    })
}

fn bind(
    mut query: SqlxQuery<'_, Postgres, PgArguments>,
    values: sea_query::Values,
) -> SqlxQuery<'_, Postgres, PgArguments> {
    for value in values.0 {
        query = match value {
            sea_query::Value::String(Some(text)) => query.bind(text),
            sea_query::Value::BigInt(Some(number)) => query.bind(number),
            sea_query::Value::BigUnsigned(Some(number)) => query.bind(int(number)),
            other => unreachable!("queries are built from texts and 64-bit numbers, not {other:?}"),
        };
    }
    query
}

/// Turns a number from the engine into an offset.
pub(super) fn offset(number: i64) -> Offset {
    Offset::new(u64::try_from(number).unwrap_or_default()).expect("a number of 63 bits is an offset")
}
