//! The one thread that writes: it commits what callers queue, a group at a time.

use std::collections::HashMap;

use ledger_core::plan::plan;
use ledger_core::{Error, Event, Offset, Receipt, Result, Timestamp};
use rusqlite::{Connection, params};

use super::connect::{File, close};
use super::rows::{self, Finder, Inserter};
use crate::head::Head;
use crate::sql::group::{Append, Inbox, Work, answer};

/// The writing end of a file.
#[derive(Debug)]
pub(super) struct Writer {
    pub connection: Connection,
    pub file: File,
    pub head: Head,
}

impl Writer {
    /// Works until all callers are gone.
    pub(super) fn run(mut self, mut inbox: Inbox) {
        while let Some(work) = inbox.blocking_next() {
            match work {
                Work::Appends(group) => {
                    let outcome = self.transaction(|this| this.append(&group));
                    answer(group, outcome);
                }
                Work::Restore { events, head, reply } => {
                    drop(reply.send(self.transaction(|this| this.restore(&events, head))));
                }
                Work::Remove { offsets, reply } => {
                    drop(reply.send(self.transaction(|this| this.remove(&offsets))));
                }
            }
        }
        close(self.connection);
    }

    /// Runs work in a transaction that takes the write lock first: one that was upgraded later would ignore the busy timeout.
    fn transaction<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let failed = |this: &Self, error| this.file.error(error, "write to");
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(|error| failed(self, error))?;
        let outcome = work(self).and_then(|value| {
            let head = rows::head_offset(&self.connection, &self.file)?;
            self.connection.execute_batch("COMMIT").map_err(|error| failed(self, error))?;
            self.head.publish(head);
            Ok(value)
        });
        if outcome.is_err() && !self.connection.is_autocommit() {
            // The engine may have rolled back by itself (a full disk); an open transaction would lock everyone out.
            self.connection.execute_batch("ROLLBACK").map_err(|error| failed(self, error))?;
        }
        outcome
    }

    fn append(&self, group: &[Append]) -> Result<Vec<Result<Vec<Receipt>>>> {
        let head = rows::head_offset(&self.connection, &self.file)?;
        let stored = self.stored(group)?;
        let mut requests = Vec::with_capacity(group.len());
        for append in group {
            requests.push(append.request(self.broken(append)?));
        }
        let plan = plan(head, &stored, &requests);
        let recorded_at = Timestamp::now();
        let write = || {
            let mut inserter = Inserter::new(&self.connection)?;
            let offsets = (1..).map(|place| head.plus(place));
            plan.new.iter().zip(offsets).try_for_each(|(draft, offset)| inserter.insert(offset, recorded_at, draft))
        };
        write().map_err(|error| self.file.error(error, "write to"))?;
        Ok(plan.answers)
    }

    /// Looks up the ids before anything is inserted: a plain insert of what is new is cheaper than one that may conflict.
    ///
    /// Those past the greatest stored one that they might be are not there: where ids rise with time, that is all that is new.
    fn stored<'a>(&self, group: &'a [Append]) -> Result<HashMap<&'a str, Event>> {
        let mut stored = HashMap::new();
        let ids = || group.iter().flat_map(|append| &append.drafts).map(|draft| &draft.id);
        let Some(greatest) = ids().max() else { return Ok(stored) };
        let Some(up_to) = rows::id_up_to(&self.connection, greatest, &self.file)? else { return Ok(stored) };
        let mut finder = Finder::new(&self.connection, &self.file)?;
        for id in ids().filter(|id| id.as_str().as_bytes() <= up_to.as_slice()) {
            stored.extend(finder.find(id)?.map(|event| (id.as_str(), event)));
        }
        Ok(stored)
    }

    fn broken(&self, append: &Append) -> Result<Option<Offset>> {
        let Some(query) = append.condition.breaking() else { return Ok(None) };
        let page = rows::page(&self.connection, &query, &self.file)?;
        Ok(page.events.first().map(|event| event.offset))
    }

    fn restore(&self, events: &[Event], head: Offset) -> Result<()> {
        let at = rows::head_offset(&self.connection, &self.file)?;
        let (old, new) = events.split_at(events.partition_point(|event| event.offset <= at));
        let other = |event: &Event| Error::NotEmpty {
            at: self.file.path.display().to_string(),
            why: format!("event `{}` at offset {} is not the one there", event.id, event.offset),
        };
        let mut finder = Finder::new(&self.connection, &self.file)?;
        for event in old {
            if finder.find(&event.id)?.as_ref() != Some(event) {
                return Err(other(event));
            }
        }
        let failed = |error| self.file.error(error, "write to");
        let mut inserter = Inserter::new(&self.connection).map_err(failed)?;
        for event in new {
            inserter.insert(event.offset, event.recorded_at, &event.draft).map_err(|error| {
                let taken = error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation);
                if taken { other(event) } else { failed(error) }
            })?;
        }
        self.raise_floor(i64::try_from(head.get()).unwrap_or(i64::MAX)).map_err(failed)
    }

    fn remove(&self, offsets: &[i64]) -> Result<u64> {
        self.try_remove(offsets).map_err(|error| self.file.error(error, "prune"))
    }

    fn try_remove(&self, offsets: &[i64]) -> rusqlite::Result<u64> {
        self.raise_floor(rows::head(&self.connection)?)?;
        let mut tags = self.connection.prepare_cached(
            r#"DELETE FROM event_tags WHERE "offset" = ?1
               AND tag IN (SELECT value FROM json_each((SELECT tags FROM events WHERE "offset" = ?1)))"#,
        )?;
        let mut events = self.connection.prepare_cached(r#"DELETE FROM events WHERE "offset" = ?"#)?;
        let mut removed = 0;
        for offset in offsets {
            tags.execute([offset])?;
            removed += events.execute([offset])?;
        }
        Ok(removed as u64)
    }

    /// Remembers that offsets up to here were given, though their events may not be there.
    fn raise_floor(&self, floor: i64) -> rusqlite::Result<()> {
        let mut raise = self.connection.prepare_cached("UPDATE ledger_floor SET floor = ?1 WHERE floor < ?1")?;
        raise.execute(params![floor]).map(drop)
    }
}
