//! Statements and rows of SQLite: how an event goes in and comes out.

use std::sync::LazyLock;

use ledger_core::{
    Draft, Error, Event, EventId, ModelId, ModelProfile, Offset, Page, PageFiller, Query, Result, Room, SessionId,
    Timestamp,
};
use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection, Row as SqliteRow, params};
use sea_orm::{Iden, Iterable, sea_query};

use super::connect::File;
use crate::sql::Dialect;
use crate::sql::entity::Column;
use crate::sql::near::{Near, is_window};
use crate::sql::row::{Decoder, Row, int};
use crate::sql::select::{self, Look, Wanted};

const HEAD: &str = r#"SELECT max(floor, coalesce((SELECT max("offset") FROM events), 0)) FROM ledger_floor"#;
/// Finds an event by its id; built once, because a re-append asks it for every event.
static BY_ID: LazyLock<String> = LazyLock::new(|| {
    let columns: Vec<_> = Column::iter().map(|column| format!("\"{}\"", column.unquoted())).collect();
    format!("SELECT {} FROM events WHERE id = ?", columns.join(", "))
});
const INSERT: &str = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const INSERT_TAG: &str = "INSERT INTO event_tags VALUES (?, ?)";

/// Returns the last offset ever given.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<i64> {
    connection.prepare_cached(HEAD)?.query_row([], |row| row.get(0))
}

/// Returns the head as an offset.
pub(super) fn head_offset(connection: &Connection, file: &File) -> Result<Offset> {
    let head = head(connection).map_err(|error| file.error(error, "read"))?;
    Offset::new(u64::try_from(head).unwrap_or_default())
}

/// Reads one page.
pub(super) fn page(connection: &Connection, query: &Query, file: &File) -> Result<Page> {
    if !is_window(query) {
        return walk(connection, query, Look::Short, file);
    }
    let near = Near::new(query, head_offset(connection, file)?);
    let page = walk(connection, &near.query, Look::Short, file)?;
    if page.more_past.is_some() || near.whole {
        return Ok(page);
    }
    walk(connection, query, Look::Long, file)
}

fn walk(connection: &Connection, query: &Query, look: Look, file: &File) -> Result<Page> {
    let failed = |error| file.error(error, "read");
    let (sql, values) = select::page(query, Wanted::Events, look, Dialect::Sqlite, None);
    let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
    let mut rows = statement.query(rusqlite::params_from_iter(bind(values))).map_err(failed)?;
    let (mut page, mut decoder) = (PageFiller::new(query), Decoder::default());
    while let Some(row) = rows.next().map_err(failed)? {
        if page.push(event(row, &mut decoder, file)?) == Room::None {
            break;
        }
    }
    Ok(page.finish())
}

/// Finds events by id.
pub(super) struct Finder<'c> {
    statement: CachedStatement<'c>,
    decoder: Decoder,
    file: &'c File,
}

impl<'c> Finder<'c> {
    pub(super) fn new(connection: &'c Connection, file: &'c File) -> Result<Self> {
        let statement = connection.prepare_cached(&BY_ID).map_err(|error| file.error(error, "read"))?;
        Ok(Self { statement, decoder: Decoder::default(), file })
    }

    pub(super) fn find(&mut self, id: &EventId) -> Result<Option<Event>> {
        let failed = |error| self.file.error(error, "read");
        let mut rows = self.statement.query([id.as_str()]).map_err(failed)?;
        let row = rows.next().map_err(failed)?;
        row.map(|row| event(row, &mut self.decoder, self.file)).transpose()
    }
}

/// Returns the greatest stored id that is not past another, in the order of bytes, which is that of SQLite and of Rust.
///
/// A file that another program began may hold UTF-16, whose order differs: there any id may be stored.
pub(super) fn id_up_to(connection: &Connection, id: &EventId, file: &File) -> Result<Option<Vec<u8>>> {
    const SQL: &str = "SELECT CASE WHEN encoding = 'UTF-8' THEN \
      (SELECT id FROM events WHERE id <= ?1 ORDER BY id DESC LIMIT 1) ELSE ?1 END FROM pragma_encoding";
    let find = || {
        let mut statement = connection.prepare_cached(SQL)?;
        statement.query_row([id.as_str()], |row| Ok(row.get_ref(0)?.as_bytes_or_null()?.map(<[u8]>::to_vec)))
    };
    find().map_err(|error| file.error(error, "read"))
}

/// Reads the offsets of one page.
pub(super) fn offsets(connection: &Connection, query: &Query) -> rusqlite::Result<Vec<i64>> {
    let (sql, values) = select::page(query, Wanted::Offsets, Look::Short, Dialect::Sqlite, None);
    let mut statement = connection.prepare_cached(&sql)?;
    let offsets = statement.query_map(rusqlite::params_from_iter(bind(values)), |row| row.get(0))?;
    offsets.collect()
}

/// Inserts events; holds its statements, because a look-up of the cache for each row would cost more than the row.
pub(super) struct Inserter<'c> {
    events: CachedStatement<'c>,
    tags: CachedStatement<'c>,
}

impl<'c> Inserter<'c> {
    pub(super) fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self { events: connection.prepare_cached(INSERT)?, tags: connection.prepare_cached(INSERT_TAG)? })
    }

    pub(super) fn insert(&mut self, offset: Offset, recorded_at: Timestamp, draft: &Draft) -> rusqlite::Result<()> {
        let offset = int(offset.get());
        self.events.execute(params![
            offset,
            draft.id.as_str(),
            draft.run_id.as_str(),
            draft.turn,
            draft.kind.as_str(),
            draft.actor.as_str(),
            draft.payload.as_str(),
            draft.created_at.as_micros(),
            recorded_at.as_micros(),
            draft.schema_version,
            draft.session_id.as_ref().map(SessionId::as_str),
            draft.model_profile.as_ref().map(ModelProfile::as_str),
            draft.model_id.as_ref().map(ModelId::as_str),
            list(&draft.parents),
            draft.lamport.map(int),
            list(draft.tags()),
        ])?;
        for tag in draft.tags() {
            self.tags.execute(params![tag.as_str(), offset])?;
        }
        Ok(())
    }
}

fn event(row: &SqliteRow<'_>, decoder: &mut Decoder, file: &File) -> Result<Event> {
    let failed = |error: rusqlite::Error| match error {
        rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::InvalidColumnType(..) => {
            Error::Corrupt { why: format!("a row of `{}` has a value of another type", file.path.display()) }
        }
        error => file.error(error, "read"),
    };
    let row = columns(row, decoder).map_err(failed)?;
    decoder.event(row)
}

fn columns<'r>(row: &'r SqliteRow<'_>, decoder: &mut Decoder) -> rusqlite::Result<Row<'r>> {
    let text = |column: usize| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_bytes()?);
    let optional = |column: usize| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_bytes_or_null()?);
    let list = |column: usize| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str_or_null()?);
    Ok(Row {
        offset: row.get(0)?,
        id: text(1)?,
        run_id: text(2)?,
        turn: row.get(3)?,
        kind: text(4)?,
        actor: text(5)?,
        payload: text(6)?,
        created_at: row.get(7)?,
        recorded_at: row.get(8)?,
        schema_version: row.get(9)?,
        session_id: optional(10)?,
        model_profile: optional(11)?,
        model_id: optional(12)?,
        parents: items(13, list(13)?, |word| EventId::new(word))?,
        lamport: row.get(14)?,
        tags: items(15, list(15)?, |word| decoder.tag(word.as_bytes()))?,
    })
}

/// Writes words as a JSON array, which SQL users open with `json_each`; none at all as NULL.
fn list<T: serde::Serialize>(words: &[T]) -> Option<String> {
    (!words.is_empty()).then(|| serde_json::to_string(words).expect("words are text"))
}

fn items<T: serde::de::DeserializeOwned>(
    column: usize,
    text: Option<&str>,
    mut word: impl FnMut(&str) -> Result<T>,
) -> rusqlite::Result<Vec<T>> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error)
    };
    match plain_words(text, |text| word(text).map_err(|error| failed(Box::new(error))))? {
        Some(words) => Ok(words),
        None => serde_json::from_str(text).map_err(|error| failed(Box::new(error))),
    }
}

/// Reads an array whose words have no escape, as nearly all have, and which was written without space. Returns
/// nothing for any other.
fn plain_words<T, E>(text: &str, mut word: impl FnMut(&str) -> Result<T, E>) -> Result<Option<Vec<T>>, E> {
    let Some(mut rest) = text.strip_prefix("[\"") else { return Ok(None) };
    let mut words = Vec::with_capacity(rest.bytes().filter(|&byte| byte == b'"').count() / 2 + 1);
    loop {
        let Some(end) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\')) else { return Ok(None) };
        let (text, more) = rest.split_at(end);
        let next = more.strip_prefix("\",\"");
        if next.is_none() && more != "\"]" {
            return Ok(None);
        }
        words.push(word(text)?);
        match next {
            Some(next) => rest = next,
            None => return Ok(Some(words)),
        }
    }
}

fn bind(values: sea_query::Values) -> impl Iterator<Item = Value> {
    values.0.into_iter().map(|value| match value {
        sea_query::Value::String(Some(text)) => Value::Text(text),
        sea_query::Value::BigInt(Some(number)) => Value::Integer(number),
        sea_query::Value::BigUnsigned(Some(number)) => Value::Integer(int(number)),
        other => unreachable!("queries are built from texts and 64-bit numbers, not {other:?}"),
    })
}

#[cfg(test)]
mod tests {
    use ledger_core::Tag;

    use super::*;

    #[test]
    fn a_list_reads_the_same_however_its_json_is_written() {
        let read = |text: &str| {
            let mut decoder = Decoder::default();
            items::<Tag>(0, Some(text), |word| decoder.tag(word.as_bytes())).map_err(|error| error.to_string())
        };
        let tags = |words: &[&str]| words.iter().map(Tag::new).collect::<Result<Vec<_>>>().unwrap();
        for words in [
            &[][..],
            &["a:1"],
            &["a:1", "b:2", "c:3"],
            &["a:\"", "b:2"],
            &["a:1", "b:\\"],
            &["a:1", "b:\",\""],
            &["a:[\"]", "b:\n"],
            &["a:ü", "b:\u{7f}"],
        ] {
            let plain = serde_json::to_string(words).unwrap();
            let pretty = serde_json::to_string_pretty(words).unwrap();
            assert_eq!(read(&plain).unwrap(), tags(words), "{plain}");
            assert_eq!(read(&pretty).unwrap(), tags(words), "{pretty}");
        }
        for damaged in ["", "[", "[\"a:1", "[\"a:1\"", "[\"a:1\",]", "[\"a:1\"b:2\"]", "[\"a:1\",\"\"]", "[\"a:1\"] ["]
        {
            assert!(read(damaged).is_err(), "{damaged}");
        }
    }
}
