//! Operations of a ledger by look-up: lists, one by its id, and the log of those that a question is about.

use std::time::Duration;

use futures::TryStreamExt;
use serde::Serialize;

use crate::error::{Error, Result, Shown};
use crate::event::{Event, Offset};
use crate::ext::LedgerExt;
use crate::ledger::{Ledger, MAX_BATCH_BYTES};
use crate::query::{KindPattern, Order, Query};
use crate::text::{EventId, Job, Kind, Tag};
use crate::views::lineage::Found;
use crate::views::operations::{OperationLog, Period};
use crate::views::{Operation, Outcome, View};

/// Which operations: all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only this project.
    pub project: Option<String>,
    /// Only this branch; operations that name none are on [`Operation::DEFAULT_BRANCH`].
    pub branch: Option<String>,
    /// Only this table, with its bucket: `bucket/table`.
    pub table: Option<String>,
    /// Only this command.
    pub command: Option<String>,
    /// Only those that ended so.
    pub status: Option<Outcome>,
    /// Only this job.
    pub job: Option<Job>,
    /// Only this request.
    pub request: Option<String>,
    /// Only this job of a connection.
    pub connection_job: Option<String>,
    /// Only this run of a connection.
    pub connection_run: Option<String>,
    /// Only what ended in this period.
    pub period: Option<Period>,
    /// Only what took at least so long.
    pub at_least: Option<Duration>,
    /// Only what was recorded up to this offset, itself included.
    pub up_to: Option<Offset>,
}

impl Selection {
    /// Returns what asks a ledger for them. Fails when a name cannot be one.
    pub fn query(&self) -> Result<Query> {
        // The rarest first: where one tag drives a look-up, it is the first.
        let status = self.status.filter(|status| *status != Outcome::Success).map(Outcome::as_str);
        let branch = self.branch.as_deref().filter(|branch| *branch != Operation::DEFAULT_BRANCH);
        let pairs = [
            ("request", self.request.as_deref()),
            ("connection_run", self.connection_run.as_deref()),
            ("connection_job", self.connection_job.as_deref()),
            ("job", self.job.as_ref().map(Job::as_str)),
            ("table", self.table.as_deref()),
            ("status", status),
            ("branch", branch),
            ("command", self.command.as_deref()),
            ("project", self.project.as_deref()),
        ];
        let tags = pairs.iter().filter_map(|&(key, value)| Some(Tag::pair(key, value?))).collect::<Result<_>>()?;
        let kinds = vec![KindPattern::Exact(Kind::new(Operation::FINISHED)?)];
        let (since, until) = self.period.map_or((None, None), |period| (Some(period.from), Some(period.to)));
        Ok(Query { up_to: self.up_to, tags, kinds, since, until, order: Order::Descending, ..Query::all() })
    }

    /// Says whether an operation is one of them, as far as it says so itself: neither the period nor `up_to` counts.
    #[must_use]
    pub fn matches(&self, operation: &Operation) -> bool {
        let is =
            |asked: &Option<String>, given: Option<&str>| asked.as_deref().is_none_or(|asked| given == Some(asked));
        let branch = operation.branch.as_deref().unwrap_or(Operation::DEFAULT_BRANCH);
        is(&self.project, operation.project.as_deref())
            && is(&self.branch, Some(branch))
            && is(&self.table, operation.full_table().as_deref())
            && is(&self.command, Some(&operation.name))
            && self.status.is_none_or(|status| operation.status == Some(status))
            && self.job.as_ref().is_none_or(|job| operation.job.as_ref() == Some(job))
            && is(&self.request, operation.request_id.as_deref())
            && is(&self.connection_job, operation.connection_job_id.as_deref())
            && is(&self.connection_run, operation.connection_run_id.as_deref())
            && self.at_least.is_none_or(|least| operation.duration().is_some_and(|took| took >= least))
    }
}

/// A part of a list, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Page {
    /// The operations.
    pub operations: Vec<Found>,
    /// Where the next part begins; nothing when this was the last.
    pub next: Option<Cursor>,
}

/// Where a part of a list begins. What is appended meanwhile changes nothing that comes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(Offset);

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Not a number, so that nobody counts with it.
        write!(f, "op{:x}", self.0.get())
    }
}

impl std::str::FromStr for Cursor {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let number = text
            .strip_prefix("op")
            .filter(|hex| !hex.starts_with('+'))
            .and_then(|hex| u64::from_str_radix(hex, 16).ok());
        let offset = number.and_then(|number| Offset::new(number).ok());
        offset.map(Self).ok_or_else(|| Error::invalid("cursor", format!("{} is none that a list gave", Shown(text))))
    }
}

impl Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Returns operations that have ended, the newest first: from a cursor on, without the first so many, and at most so many, nor
/// many more than 8 MiB.
pub async fn list(
    ledger: &(impl Ledger + ?Sized),
    selection: &Selection,
    cursor: Option<Cursor>,
    skip: usize,
    most: usize,
) -> Result<Page> {
    let mut query = selection.query()?;
    if let Some(Cursor(offset)) = cursor {
        query.up_to = Some(query.up_to.map_or(offset, |last| last.min(offset)));
    }
    if let Some(limit) = skip.checked_add(most).and_then(|wanted| wanted.checked_add(1)) {
        query.limit = crate::query::Limit::new(limit).map_or(query.limit, |limit| query.limit.min(limit));
    }
    let (mut skip, mut bytes, mut page) = (skip, 0, Page::default());
    let mut events = ledger.tail(query);
    while let Some(event) = events.try_next().await? {
        let Some(operation) = selected(&event, selection) else { continue };
        if skip > 0 {
            skip -= 1;
        } else if page.operations.len() == most || bytes > MAX_BATCH_BYTES {
            page.next = Some(Cursor(event.offset));
            break;
        } else {
            bytes += event.size();
            page.operations.push(Found { offset: event.offset, operation });
        }
    }
    Ok(page)
}

/// Returns an operation by its id: its end, or its start when that is all there is so far, or up to an offset.
pub async fn get(ledger: &(impl Ledger + ?Sized), id: &EventId, up_to: Option<Offset>) -> Result<Option<Found>> {
    let mut ids = vec![id.clone()];
    // One whose id is too long for that has no start.
    ids.extend(Operation::start_id_of(id).ok());
    let query = Query { ids, up_to, order: Order::Descending, ..Query::all() };
    let events = ledger.read(&query).await?.events;
    let operation = |event: &Event| {
        let operation = Operation::of(event).ok()??;
        (operation.id == *id).then_some(Found { offset: event.offset, operation })
    };
    Ok(events.iter().find_map(operation))
}

/// Reads the log of the operations that a question is about. One of all of them is kept current by feeding it from the tail.
pub async fn log(ledger: &(impl Ledger + ?Sized), selection: &Selection) -> Result<OperationLog> {
    Ok(log_within(ledger, selection, usize::MAX).await?.unwrap_or_default())
}

/// Reads the same log, unless it takes more than so many [bytes](OperationLog::bytes) of memory.
pub async fn log_within(
    ledger: &(impl Ledger + ?Sized),
    selection: &Selection,
    most_bytes: usize,
) -> Result<Option<OperationLog>> {
    let mut log = OperationLog::default();
    // The newest first, because most questions are about the last hour or day, and a walk to that end is short.
    let (query, head) = (selection.query()?, ledger.head().await?);
    let last = query.up_to.map_or(head, |up_to| up_to.min(head));
    let mut pages = ledger.pages(Query { up_to: Some(last), ..query });
    while let Some(page) = pages.try_next().await? {
        for event in &page {
            if selection.is_plain() {
                log.apply(event);
                continue;
            }
            match Operation::of(event) {
                Ok(Some(operation)) if selection.matches(&operation) => log.apply(event),
                Ok(_) => {}
                Err(_) => log.cannot_read(event.offset),
            }
        }
        if log.bytes() > most_bytes {
            return Ok(None);
        }
    }
    Ok(Some(log))
}

impl Selection {
    /// Says whether its query finds nothing else, so that payloads need not be looked into.
    fn is_plain(&self) -> bool {
        *self == Self { period: self.period, up_to: self.up_to, ..Self::default() }
    }
}

fn selected(event: &Event, selection: &Selection) -> Option<Operation> {
    // A tag only points: what an operation was is what it says.
    let operation = Operation::of(event).ok().flatten()?;
    (operation.status.is_some() && selection.matches(&operation)).then_some(operation)
}
