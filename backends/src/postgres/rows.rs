//! Statements and rows of Postgres: how events go in as columns and come out as rows.

use futures::TryStreamExt;
use ledger_core::{
    Draft, Error, Event, EventId, ModelId, ModelProfile, Offset, Order, Page, PageFiller, Query, Result, Room,
    SessionId, Tag,
};
use sea_orm::{Iden, Iterable, sea_query};
use sqlx::postgres::{PgArguments, PgConnection, PgRow, PgValueFormat};
use sqlx::query::Query as SqlxQuery;
use sqlx::{AssertSqlSafe, Postgres, Row as _, ValueRef as _};

use super::connect::Site;
use super::copied;
use crate::sql::Dialect;
use crate::sql::entity::Column;
use crate::sql::near::{Near, is_window};
use crate::sql::row::{Decoder, Row, array, int, text};
use crate::sql::select::{self, Look, Wanted};

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

/// Reads one page by one statement.
pub(super) async fn page(connection: &mut PgConnection, query: &Query, site: &Site) -> Result<Page> {
    walk(connection, query, Look::Short, site).await
}

async fn walk(connection: &mut PgConnection, query: &Query, look: Look, site: &Site) -> Result<Page> {
    let query = &Query { limit: query.limit.min(site.event_size.fitting()), ..query.clone() };
    let (sql, values) = select::page(query, Wanted::Events, look, Dialect::Postgres, Some(&site.place.schema));
    fill(connection, bind(statement(sql, site), values), query, site).await
}

/// Fills a page with the rows of a statement.
async fn fill(
    connection: &mut PgConnection,
    statement: SqlxQuery<'_, Postgres, PgArguments>,
    query: &Query,
    site: &Site,
) -> Result<Page> {
    let failed = |error| site.error(error, "read");
    let mut rows = statement.fetch(connection);
    let (mut page, mut decoder) = (PageFiller::new(query), Decoder::default());
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        if page.push(event(&row, &mut decoder, site)?) == Room::None {
            break;
        }
    }
    // What a page in bytes had no room for is taken off the wire, or the server would wait with it for the next reader.
    while rows.try_next().await.map_err(failed)?.is_some() {}
    site.event_size.learn(&page);
    Ok(page.finish())
}

/// Reads one page, in several statements where that finds it sooner.
///
/// No plan is right for all tags: those that many events have are found soonest by a walk, and one that three events have is
/// never found by it. So a short walk comes first, from the end that was asked for; what it does not fill is gathered by the
/// index on tags, unless that is too much, or looked for where the index on time says that the window ends.
pub(super) async fn sought_page(connection: &mut PgConnection, query: &Query, site: &Site) -> Result<Page> {
    /// The most that is gathered.
    const GATHERED: usize = 50_000;
    if copied::pays(query) {
        return copied::page(connection, query, site).await;
    }
    let by_tags = !query.tags.is_empty() && query.any_tags.is_empty() && query.ids.is_empty();
    if !by_tags && !is_window(query) {
        return page(connection, query, site).await;
    }
    let failed = |error| site.error(error, "read");
    let query = &Query { limit: query.limit.min(site.event_size.fitting()), ..query.clone() };
    let last = offset(head(connection, site).await.map_err(failed)?);
    let near = Near::new(query, last);
    let found = page(connection, &near.query, site).await?;
    if found.more_past.is_some() || near.whole {
        return Ok(found);
    }
    if !by_tags {
        return walk(connection, query, Look::Long, site).await;
    }
    let all = Query { up_to: Some(query.up_to.map_or(last, |up_to| up_to.min(last))), ..query.clone() };
    let (sql, values) = select::gathered(&all, GATHERED as u64 + 1, Some(&site.place.schema));
    let rows = bind(statement(sql, site), values).fetch_all(&mut *connection).await.map_err(failed)?;
    let offsets: sqlx::Result<Vec<i64>> = rows.iter().map(|row| row.try_get(0)).collect();
    let mut offsets = offsets.map_err(failed)?;
    if offsets.len() > GATHERED {
        return page(connection, query, site).await;
    }
    offsets.sort_unstable();
    if query.order == Order::Descending {
        offsets.reverse();
    }
    offsets.truncate(query.limit.get());
    let full = offsets.len() == query.limit.get();
    let mut page = by_offsets(connection, query, &offsets, site).await?;
    if full && page.more_past.is_none() {
        // Some of them were pruned since they were gathered, and those that follow were not looked at.
        page.more_past = offsets.last().map(|&last| offset(last));
    }
    Ok(page)
}

/// Returns the names of all columns, as a statement has them.
pub(super) fn column_names() -> String {
    let names: Vec<_> = Column::iter().map(|column| format!("\"{}\"", column.unquoted())).collect();
    names.join(", ")
}

/// Reads events of a page by their offsets.
async fn by_offsets(connection: &mut PgConnection, query: &Query, offsets: &[i64], site: &Site) -> Result<Page> {
    let order = if query.order == Order::Descending { "DESC" } else { "ASC" };
    let (names, events) = (column_names(), site.table("events"));
    let sql = format!("SELECT {names} FROM {events} WHERE \"offset\" = ANY ($1) ORDER BY \"offset\" {order}");
    fill(connection, statement(sql, site).bind(offsets), query, site).await
}

/// Finds events by id.
pub(super) async fn by_ids(connection: &mut PgConnection, ids: &[&str], site: &Site) -> Result<Vec<Event>> {
    let failed = |error| site.error(error, "read");
    let sql = format!("SELECT {} FROM {} WHERE id = ANY ($1)", column_names(), site.table("events"));
    let rows = statement(sql, site).bind(ids).fetch_all(connection).await.map_err(failed)?;
    let mut decoder = Decoder::default();
    rows.iter().map(|row| event(row, &mut decoder, site)).collect()
}

/// Reads the offsets of one page.
pub(super) async fn offsets(connection: &mut PgConnection, query: &Query, site: &Site) -> sqlx::Result<Vec<i64>> {
    let (sql, values) = select::page(query, Wanted::Offsets, Look::Short, Dialect::Postgres, Some(&site.place.schema));
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

fn event(row: &PgRow, decoder: &mut Decoder, site: &Site) -> Result<Event> {
    let row = columns(row, decoder).map_err(|error| site.error(error, "read"))?;
    decoder.event(row)
}

fn columns<'r>(row: &'r PgRow, decoder: &mut Decoder) -> sqlx::Result<Row<'r>> {
    let parents = words(row, 13, |word| EventId::new(text(word)?))?;
    let tags = words(row, 15, |word| decoder.tag(word))?;
    Ok(Row {
        offset: row.try_get_unchecked(0)?,
        id: row.try_get_unchecked(1)?,
        run_id: row.try_get_unchecked(2)?,
        turn: row.try_get_unchecked(3)?,
        kind: row.try_get_unchecked(4)?,
        actor: row.try_get_unchecked(5)?,
        payload: row.try_get_unchecked(6)?,
        created_at: row.try_get_unchecked(7)?,
        recorded_at: row.try_get_unchecked(8)?,
        schema_version: row.try_get_unchecked(9)?,
        session_id: row.try_get_unchecked(10)?,
        model_profile: row.try_get_unchecked(11)?,
        model_id: row.try_get_unchecked(12)?,
        parents,
        lamport: row.try_get_unchecked(14)?,
        tags,
    })
}

fn words<T>(row: &PgRow, column: usize, word: impl FnMut(&[u8]) -> Result<T>) -> sqlx::Result<Vec<T>> {
    let value = row.try_get_raw(column)?;
    let bytes = match value.format() {
        PgValueFormat::Binary if value.is_null() => None,
        PgValueFormat::Binary => Some(value.as_bytes().map_err(sqlx::Error::Decode)?),
        PgValueFormat::Text => return Err(sqlx::Error::Decode("a list came as text".into())),
    };
    words_of(bytes, word).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

/// Reads an array of text from where it lies: through owned strings every tag would be copied twice.
pub(super) fn words_of<T>(bytes: Option<&[u8]>, mut word: impl FnMut(&[u8]) -> Result<T>) -> Result<Vec<T>> {
    // How many dimensions, whether there are NULLs, the type, how many words, and from where they are counted.
    const HEADER: usize = 20;
    const COUNT: std::ops::Range<usize> = 12..16;
    let invalid = |why: &'static str| Error::invalid("list", why);
    let bytes = bytes.unwrap_or_default();
    let mut rest = bytes.get(HEADER..).unwrap_or_default();
    let count = bytes.get(COUNT).and_then(|count| count.try_into().ok()).map_or(0, u32::from_be_bytes);
    let mut words = Vec::with_capacity((count as usize).min(rest.len()));
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(i32::from_be_bytes(*length)).map_err(|_| invalid("it has NULL in it"))?;
        let (text, tail) = tail.split_at_checked(length).ok_or_else(|| invalid("it is cut short"))?;
        words.push(word(text)?);
        rest = tail;
    }
    Ok(words)
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
