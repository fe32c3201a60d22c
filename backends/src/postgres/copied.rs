//! Ranges of everything, copied out: engine and driver have less to do for a row of `COPY` than for one of a query.

use futures::TryStreamExt;
use ledger_core::{Error, Event, EventId, Page, PageFiller, Query, Result, Room};
use sqlx::postgres::PgConnection;

use super::connect::Site;
use super::rows::{column_names, words_of};
use crate::sql::row::{Decoder, Row, int, text};

/// Says whether a query is for a range, and for so much of it that it matters that a statement with its numbers written into it
/// is planned each time.
pub(super) fn pays(query: &Query) -> bool {
    const FEW: u64 = 500;
    let wide = query.up_to.is_none_or(|up_to| up_to.get().saturating_sub(query.after.get()) >= FEW);
    query.is_range() && wide && query.limit.get() as u64 >= FEW
}

/// Reads a page of a range. Its numbers are written into the statement, because `COPY` takes no values.
pub(super) async fn page(connection: &mut PgConnection, query: &Query, site: &Site) -> Result<Page> {
    let failed = |error| site.error(error, "read");
    let query = &Query { limit: query.limit.min(site.event_size.fitting()), ..query.clone() };
    let sql = format!(
        "COPY (SELECT {} FROM {} WHERE \"offset\" > {} AND \"offset\" <= {} ORDER BY \"offset\" LIMIT {}) \
         TO STDOUT (FORMAT binary)",
        column_names(),
        site.table("events"),
        int(query.after.get()),
        query.up_to.map_or(i64::MAX, |up_to| int(up_to.get())),
        query.limit.get()
    );
    let mut messages = connection.copy_out_raw(&sql).await.map_err(failed)?;
    let (mut page, mut decoder) = (PageFiller::new(query), Decoder::default());
    let (mut begun, mut room) = (false, Room::Left);
    while let Some(message) = messages.try_next().await.map_err(failed)? {
        // The engine sends each row in a message of its own, the first with what comes before all rows.
        let mut fields = Fields(&message);
        if !begun {
            fields.begin().ok_or_else(|| damaged(site))?;
            begun = true;
        }
        // What a page in bytes has no room for is taken off the wire.
        if room == Room::Left && !fields.is_end() {
            room = page.push(fields.event(&mut decoder, site)?);
            if !fields.is_end() {
                return Err(damaged(site));
            }
        }
    }
    if !begun {
        return Err(damaged(site));
    }
    site.event_size.learn(&page);
    Ok(page.finish())
}

fn damaged(site: &Site) -> Error {
    site.error(sqlx::Error::Decode("a row is cut short, or of another shape".into()), "read")
}

/// What of a message was not read yet. What needs more than there is returns nothing.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// Passes what comes before the rows.
    fn begin(&mut self) -> Option<()> {
        const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
        self.0 = self.0.strip_prefix(SIGNATURE)?;
        let [_flags, more] = [self.i32()?, self.i32()?];
        self.0 = self.0.get(usize::try_from(more).ok()?..)?;
        Some(())
    }

    /// Says whether no row follows.
    fn is_end(&self) -> bool {
        matches!(self.0, [] | [0xff, 0xff])
    }

    fn event(&mut self, decoder: &mut Decoder, site: &Site) -> Result<Event> {
        let row = self.row(decoder).ok_or_else(|| damaged(site))?;
        decoder.event(row.map_err(|error| site.error(sqlx::Error::Decode(Box::new(error)), "read"))?)
    }

    /// Takes a row, in the order of the table's columns.
    fn row(&mut self, decoder: &mut Decoder) -> Option<Result<Row<'a>>> {
        const COLUMNS: i16 = 16;
        if i16::from_be_bytes(*self.take()?) != COLUMNS {
            return None;
        }
        let offset = self.number()?;
        let [id, run_id] = [self.field()??, self.field()??];
        let turn = self.number()?;
        let [kind, actor, payload] = [self.field()??, self.field()??, self.field()??];
        let [created_at, recorded_at, schema_version] = [self.number()?, self.number()?, self.number()?];
        let [session_id, model_profile, model_id, parents] =
            [self.field()?, self.field()?, self.field()?, self.field()?];
        let lamport = match self.field()? {
            Some(bytes) => Some(i64::from_be_bytes(*bytes.first_chunk()?)),
            None => None,
        };
        let tags = self.field()?;
        let mut lists = || {
            let parents = words_of(parents, |word| EventId::new(text(word)?))?;
            Ok((parents, words_of(tags, |word| decoder.tag(word))?))
        };
        let row = lists().map(|(parents, tags)| Row {
            offset,
            id,
            run_id,
            turn,
            kind,
            actor,
            payload,
            created_at,
            recorded_at,
            schema_version,
            session_id,
            model_profile,
            model_id,
            parents,
            lamport,
            tags,
        });
        Some(row)
    }

    fn take<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(taken)
    }

    fn i32(&mut self) -> Option<i32> {
        self.take().copied().map(i32::from_be_bytes)
    }

    /// Takes a field; one that is NULL has a length of -1.
    #[expect(clippy::option_option, reason = "a field may be cut short, and it may be NULL")]
    fn field(&mut self) -> Option<Option<&'a [u8]>> {
        let Ok(length) = usize::try_from(self.i32()?) else { return Some(None) };
        let (field, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(Some(field))
    }

    fn number(&mut self) -> Option<i64> {
        self.field()??.try_into().ok().map(i64::from_be_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row as the engine sends it, whose fields that may be missing are there or not.
    fn row(given: bool) -> Vec<u8> {
        fn field(bytes: &[u8]) -> Vec<u8> {
            [&i32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
        }
        fn list(words: &[&str]) -> Vec<u8> {
            let header = [1, 0, 25, i32::try_from(words.len()).unwrap(), 1].map(i32::to_be_bytes).concat();
            let words = words.iter().flat_map(|word| field(word.as_bytes()));
            field(&header.into_iter().chain(words).collect::<Vec<_>>())
        }
        let number = |number: i64| field(&number.to_be_bytes());
        let maybe = |field: Vec<u8>| if given { field } else { (-1_i32).to_be_bytes().to_vec() };
        let text = |text: &str| field(text.as_bytes());
        let fields = [
            number(7),
            text("e-7"),
            text("r"),
            number(3),
            text("a.b"),
            text("me"),
            text("{\"n\":1}"),
            number(1_000),
            number(2_000),
            number(1),
            maybe(text("s")),
            maybe(text("p")),
            maybe(text("m")),
            maybe(list(&["e-5", "e-6"])),
            maybe(number(9)),
            maybe(list(&["job:1", "k:v"])),
        ];
        [&16_i16.to_be_bytes()[..], &fields.concat()].concat()
    }

    fn read(bytes: &[u8]) -> Option<Result<Event>> {
        let mut decoder = Decoder::default();
        let row = Fields(bytes).row(&mut decoder)?;
        Some(row.and_then(|row| decoder.event(row)))
    }

    #[test]
    fn a_row_becomes_the_event_that_it_is() {
        let event = read(&row(true)).unwrap().unwrap();
        assert_eq!((event.offset.get(), event.draft.id.as_str(), event.draft.turn), (7, "e-7", 3));
        assert_eq!((event.draft.lamport, event.draft.payload.as_str()), (Some(9), "{\"n\":1}"));
        assert_eq!(event.draft.parents.len(), 2);
        assert_eq!(event.draft.tags().iter().map(AsRef::<str>::as_ref).collect::<Vec<_>>(), ["job:1", "k:v"]);
        assert_eq!(event.draft.session_id.unwrap().as_str(), "s");
        let bare = read(&row(false)).unwrap().unwrap().draft;
        assert!(
            bare.session_id.is_none() && bare.lamport.is_none() && bare.parents.is_empty() && bare.tags().is_empty()
        );
    }

    #[test]
    fn a_row_that_is_cut_short_or_altered_is_no_panic() {
        for given in [true, false] {
            let row = row(given);
            for at in 0..row.len() {
                assert!(read(&row[..at]).is_none(), "cut at {at}");
                for wrong in [0, 1, 0x7f, 0x80, 0xff] {
                    let mut row = row.clone();
                    row[at] = wrong;
                    // Some are other events.
                    drop(read(&row));
                }
            }
        }
    }

    #[test]
    fn what_comes_before_the_rows_is_passed() {
        let before = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\x02..";
        let mut fields = Fields(before);
        assert!(fields.begin().is_some() && fields.is_end());
        for at in 0..before.len() {
            assert!(Fields(&before[..at]).begin().is_none(), "cut at {at}");
        }
        assert!(Fields(b"\xff\xff").is_end() && !Fields(&row(true)).is_end());
    }
}
