//! The one task that writes: it commits what callers queue, a group at a time, and reconnects when the server comes back.

use std::collections::HashMap;
use std::time::Duration;

use ledger_core::plan::plan;
use ledger_core::{Draft, Error, Event, EventId, Offset, Receipt, Result};
use sqlx::Row;
use sqlx::postgres::PgConnection;

use super::connect::Site;
use super::rows::{self, Columns, offset, statement};
use crate::head::Head;
use crate::sql::group::{Append, Inbox, Work, answer};
use crate::sql::row::int;

/// How often a piece of work is tried before its callers hear that the server is away.
const TRIES: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Tries a piece of work again on a new session when the first one was lost. Whether its commit was done or not, the
/// second try is right: appends are known by their ids, and to restore or remove what was is to change nothing.
macro_rules! tries {
    ($self:ident, $work:expr) => {{
        // A lock is waited for as long as that, and the work comes after it.
        let patience = $self.site.timeout * 3;
        let (mut left, mut pause) = (TRIES, FIRST_PAUSE);
        loop {
            left -= 1;
            let outcome = match tokio::time::timeout(patience, $work).await {
                Ok(outcome) => outcome,
                Err(_) => Err(silent(&$self.site, patience)),
            };
            match outcome {
                Err(error) if error.is_unavailable() && left > 0 => tokio::time::sleep(pause).await,
                outcome => break outcome,
            }
            pause *= 4;
        }
    }};
}

fn silent(site: &Site, patience: Duration) -> Error {
    let why = format!("no answer from {} in {} ms", site.place, patience.as_millis());
    Error::Unavailable { backend: "postgres", why, source: None }
}

/// The writing end of a schema.
#[derive(Debug)]
pub(super) struct Writer {
    pub site: Site,
    pub connection: Option<PgConnection>,
    pub head: Head,
}

impl Writer {
    /// Works until all callers are gone.
    pub(super) async fn run(mut self, mut inbox: Inbox) {
        while let Some(work) = inbox.next().await {
            match work {
                Work::Appends(group) => {
                    let outcome = tries!(self, self.try_append(&group));
                    answer(group, outcome);
                }
                Work::Restore { events, head, reply } => {
                    drop(reply.send(tries!(self, self.try_restore(&events, head))));
                }
                Work::Remove { offsets, reply } => drop(reply.send(tries!(self, self.try_remove(&offsets)))),
            }
        }
    }

    async fn try_append(&mut self, group: &[Append]) -> Result<Vec<Result<Vec<Receipt>>>> {
        let mut session = self.session().await?;
        let plain = group.iter().all(|append| append.condition.breaking().is_none());
        let answers = match if plain { self.at_head(&mut session, group).await? } else { None } {
            Some(answers) => answers,
            None => self.looking_first(&mut session, group).await?,
        };
        // A session that failed is dropped, so that no half-open transaction outlives its error.
        self.connection = Some(session);
        Ok(answers)
    }

    /// Appends in one round trip when no id is there already, which is nearly always.
    async fn at_head(&self, session: &mut PgConnection, group: &[Append]) -> Result<Option<Vec<Result<Vec<Receipt>>>>> {
        let requests: Vec<_> = group.iter().map(|append| append.request(None)).collect();
        let expected = self.head.known();
        let stored = HashMap::new();
        let planned = plan(expected, &stored, &requests);
        if planned.answers.iter().any(Result::is_err) {
            // Who fails is decided where everything is known.
            return Ok(None);
        }
        let before = match self.site.pooled {
            false => self.call(session, &planned.new).await?,
            true => {
                self.execute(session, &self.site.begin()).await?;
                let before = self.call(session, &planned.new).await?;
                self.execute(session, "COMMIT").await?;
                before
            }
        };
        let Ok(before) = u64::try_from(before) else { return Ok(None) };
        let before = Offset::new(before)?;
        self.head.publish(before.plus(planned.new.len()));
        Ok(Some(if before == expected { planned.answers } else { plan(before, &stored, &requests).answers }))
    }

    /// Looks up ids and conditions under the lock, then appends what is new.
    async fn looking_first(&self, session: &mut PgConnection, group: &[Append]) -> Result<Vec<Result<Vec<Receipt>>>> {
        self.lock(session).await?;
        let head = offset(self.head(session).await?);
        let ids = group.iter().flat_map(|append| &append.drafts).map(|draft| &draft.id);
        let stored = self.stored(session, ids).await?;
        let mut requests = Vec::with_capacity(group.len());
        for append in group {
            let broken = match append.condition.breaking() {
                Some(query) => rows::page(session, &query, &self.site).await?.events.first().map(|event| event.offset),
                None => None,
            };
            requests.push(append.request(broken));
        }
        let stored = stored.iter().map(|event| (event.id.as_str(), event.clone())).collect();
        let planned = plan(head, &stored, &requests);
        if !planned.new.is_empty() {
            let before = self.call(session, &planned.new).await?;
            if before != int(head.get()) {
                let why = format!(
                    "the head moved from {head} to {before} under the lock: do other programs write the table?"
                );
                return Err(Error::Backend { backend: "postgres", why, source: None });
            }
        }
        self.execute(session, "COMMIT").await?;
        self.head.publish(head.plus(planned.new.len()));
        Ok(planned.answers)
    }

    /// Looks up the events that have one of these ids.
    async fn stored(&self, session: &mut PgConnection, ids: impl Iterator<Item = &EventId>) -> Result<Vec<Event>> {
        let mut ids: Vec<&str> = ids.map(EventId::as_str).collect();
        ids.sort_unstable();
        ids.dedup();
        rows::by_ids(session, &ids, &self.site).await
    }

    /// Calls the server-side append; answers the head before it, or -1 when an id is there already.
    async fn call(&self, session: &mut PgConnection, drafts: &[&Draft]) -> Result<i64> {
        let sql = format!(
            "SELECT {}($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            self.site.table("ledger_append")
        );
        let call = Columns::new(drafts.iter().copied()).bind(statement(sql, &self.site)).bind(self.site.channel());
        let row = call.fetch_one(session).await.map_err(|error| self.site.error(error, "append to"))?;
        row.try_get(0).map_err(|error| self.site.error(error, "append to"))
    }

    async fn try_restore(&mut self, events: &[Event], head: Offset) -> Result<()> {
        let mut session = self.session().await?;
        self.lock(&mut session).await?;
        let at = offset(self.head(&mut session).await?);
        let (old, new) = events.split_at(events.partition_point(|event| event.offset <= at));
        self.compare(&mut session, old).await?;
        if !new.is_empty() {
            rows::restore(&mut session, new, &self.site).await.map_err(|error| {
                let taken = error.as_database_error().is_some_and(|e| e.code().as_deref() == Some("23505"));
                if taken {
                    self.other("an id of the batch is there at another offset")
                } else {
                    self.site.error(error, "restore into")
                }
            })?;
        }
        if new.last().map_or(at, |event| event.offset) < head {
            self.raise_floor(&mut session, int(head.get())).await?;
        }
        let notify = format!("SELECT pg_notify('{}', '')", self.site.channel());
        self.execute(&mut session, &notify).await?;
        self.execute(&mut session, "COMMIT").await?;
        self.connection = Some(session);
        self.head.publish(head);
        Ok(())
    }

    async fn compare(&self, session: &mut PgConnection, old: &[Event]) -> Result<()> {
        let stored = self.stored(session, old.iter().map(|event| &event.id)).await?;
        let stored: HashMap<_, _> = stored.iter().map(|event| (&event.id, event)).collect();
        match old.iter().find(|event| stored.get(&event.id) != Some(event)) {
            Some(event) => {
                let why = format!("event `{}` at offset {} is not the one there", event.id, event.offset);
                Err(self.other(&why))
            }
            None => Ok(()),
        }
    }

    async fn try_remove(&mut self, offsets: &[i64]) -> Result<u64> {
        let mut session = self.session().await?;
        self.execute(&mut session, &self.site.begin()).await?;
        let head = self.head(&mut session).await?;
        self.head.publish(offset(head));
        // What is removed before the head hinders nobody. The head itself is remembered first, while nobody moves it.
        if offsets.iter().any(|&offset| offset >= head) {
            let lock = format!("SELECT {}()", self.site.table("ledger_lock"));
            self.execute(&mut session, &lock).await?;
            let head = self.head(&mut session).await?;
            self.raise_floor(&mut session, head).await?;
        }
        let sql = format!("DELETE FROM {} WHERE \"offset\" = ANY ($1)", self.site.table("events"));
        let deleted = statement(sql, &self.site).bind(offsets).execute(&mut session).await;
        let removed = deleted.map_err(|error| self.site.error(error, "prune"))?.rows_affected();
        self.execute(&mut session, "COMMIT").await?;
        self.connection = Some(session);
        Ok(removed)
    }

    /// Remembers that offsets up to here were given, though their events may not be there.
    async fn raise_floor(&self, session: &mut PgConnection, floor: i64) -> Result<()> {
        let sql = format!("UPDATE {} SET floor = {floor} WHERE floor < {floor}", self.site.table("ledger_floor"));
        self.execute(session, &sql).await
    }

    async fn session(&mut self) -> Result<PgConnection> {
        match self.connection.take() {
            Some(session) => Ok(session),
            None => self.site.connect_to_write().await,
        }
    }

    async fn lock(&self, session: &mut PgConnection) -> Result<()> {
        let lock = format!("{}; SELECT {}()", self.site.begin(), self.site.table("ledger_lock"));
        self.execute(session, &lock).await
    }

    async fn head(&self, session: &mut PgConnection) -> Result<i64> {
        rows::head(session, &self.site).await.map_err(|error| self.site.error(error, "read"))
    }

    async fn execute(&self, session: &mut PgConnection, sql: &str) -> Result<()> {
        let ran = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(session).await;
        ran.map(drop).map_err(|error| self.site.error(error, "write to"))
    }

    fn other(&self, why: &str) -> Error {
        Error::NotEmpty { at: self.site.place.to_string(), why: why.to_owned() }
    }
}
