//! The operation log: what ended, when, how long it took, and how it ended; and what statistics say of it.
//!
//! [`OperationLog`] is a view: it keeps about 60 bytes of each operation, and answers any period from memory. Feed it from
//! the tail to keep it current, or only what a [`Selection`](crate::operations::Selection) finds.

mod capacity;
mod heat;
mod parts;
mod percentile;
mod stats;

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use serde::Deserialize;

pub use capacity::{Capacity, Day, Forecast};
pub use heat::{CommandSeries, Heat};
pub use percentile::Percentiles;
pub use stats::{Bin, Bucket, CommandStats, ErrorCount, ProjectStats, Stats, TableStats};

use crate::event::{Event, Offset};
use crate::time::Timestamp;
use crate::views::{Operation, Outcome, View};

/// A period: from a time on, up to before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// From this time on.
    pub from: Timestamp,
    /// Up to before this time.
    pub to: Timestamp,
}

impl Period {
    /// All time.
    pub const ALL: Self = Self { from: Timestamp::MIN, to: Timestamp::MAX };

    /// Returns the last so long before a time, and the time itself.
    #[must_use]
    pub fn last(duration: Duration, now: Timestamp) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        let from = Timestamp::from_micros(now.as_micros().saturating_sub(micros)).unwrap_or(Timestamp::MIN);
        Self { from, to: Timestamp::from_micros(now.as_micros() + 1).unwrap_or(Timestamp::MAX) }
    }

    /// Returns how long it is.
    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::from_micros(u64::try_from(self.to.as_micros() - self.from.as_micros()).unwrap_or(0))
    }
}

/// Which operations to count: all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slice {
    /// Only this project.
    pub project: Option<String>,
    /// Only this table, with its bucket: `bucket/table`.
    pub table: Option<String>,
    /// Only this command.
    pub command: Option<String>,
}

/// What the log remembers of an operation: what all statistics ask for, …
#[derive(Clone, Copy, Debug)]
struct Row {
    micros: u64,
    command: Name,
    status: Outcome,
}

/// … and what some do: apart, because reading memory is what takes the time.
#[derive(Clone, Copy, Debug)]
struct Rest {
    offset: Offset,
    bytes: u32,
    table: Name,
    project: Name,
    code: Name,
}

/// A name by its place; 0 is none.
type Name = u32;

/// Names, each kept once.
#[derive(Clone, Debug, Default)]
struct Names {
    names: Vec<Box<str>>,
    places: HashMap<Box<str>, Name>,
    /// How many bytes they have.
    length: usize,
}

impl Names {
    fn place(&mut self, name: &str) -> Name {
        if let Some(&place) = self.places.get(name) {
            return place;
        }
        self.length += name.len();
        self.names.push(name.into());
        let place = Name::try_from(self.names.len()).unwrap_or(Name::MAX);
        self.places.insert(name.into(), place);
        place
    }

    fn optional(&mut self, name: Option<&str>) -> Name {
        name.map_or(0, |name| self.place(name))
    }

    /// Returns the place of a name that is asked for; nothing fits one that was never heard.
    fn asked(&self, name: Option<&str>) -> Asked {
        match name.map(|name| self.places.get(name)) {
            None => Asked::Any,
            Some(Some(&place)) => Asked::Only(place),
            Some(None) => Asked::Nothing,
        }
    }

    fn get(&self, place: Name) -> Option<&str> {
        (place as usize).checked_sub(1).and_then(|place| self.names.get(place)).map(AsRef::as_ref)
    }
}

#[derive(Clone, Copy)]
enum Asked {
    Any,
    Only(Name),
    Nothing,
}

impl Asked {
    fn fits(self, name: Name) -> bool {
        match self {
            Self::Any => true,
            Self::Only(only) => only == name,
            Self::Nothing => false,
        }
    }
}

/// What the log reads of a payload.
#[derive(Deserialize)]
struct Brief<'a> {
    #[serde(borrow)]
    operation: Cow<'a, str>,
    started_at: Timestamp,
    finished_at: Timestamp,
    status: Outcome,
    #[serde(borrow, default)]
    error_code: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    project: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    bucket: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    table: Option<Cow<'a, str>>,
}

/// Every operation that has ended, as far as statistics need it.
#[derive(Clone, Debug, Default)]
pub struct OperationLog {
    /// When each ended, in the order of offsets.
    ended: Vec<i64>,
    rows: Vec<Row>,
    rest: Vec<Rest>,
    names: Names,
    unread: Vec<Offset>,
}

impl OperationLog {
    /// Returns how many operations there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Says whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns about how many bytes of memory it takes: 60 for each operation, and its names, each of them once.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let operations = (self.len() + self.unread.len()) * 60;
        // They stand in a list and in a table, which has places to spare.
        operations + 2 * self.names.length + self.names.names.len() * 100
    }

    /// Returns the events that call themselves operations and are none.
    #[must_use]
    pub fn unread(&self) -> &[Offset] {
        &self.unread
    }

    /// Notes an event that calls itself an operation and is none.
    pub(crate) fn cannot_read(&mut self, offset: Offset) {
        self.unread.push(offset);
    }

    /// Returns the operations of a period that took longest, the slowest first, and of those that took as long the newest:
    /// where each is recorded, and how long it took.
    #[must_use]
    pub fn slowest(&self, period: Period, slice: &Slice, most: usize) -> Vec<(Offset, Duration)> {
        let rows = self.rows(period, slice);
        let mut slowest: Vec<(u64, Offset)> =
            rows.map(|(place, _, row)| (row.micros, self.rest[place].offset)).collect();
        let most = most.min(slowest.len());
        if most == 0 {
            return Vec::new();
        }
        slowest.select_nth_unstable_by(most - 1, |one, other| other.cmp(one));
        slowest.truncate(most);
        slowest.sort_unstable_by(|one, other| other.cmp(one));
        slowest.into_iter().map(|(micros, offset)| (offset, Duration::from_micros(micros))).collect()
    }

    /// Returns the operations of a period, each with its place and when it ended.
    fn rows(&self, period: Period, slice: &Slice) -> impl Iterator<Item = (usize, i64, &Row)> {
        let (from, to) = (period.from.as_micros(), period.to.as_micros());
        let command = self.names.asked(slice.command.as_deref());
        let project = self.names.asked(slice.project.as_deref());
        let table = self.names.asked(slice.table.as_deref());
        let any = slice.project.is_none() && slice.table.is_none();
        let times =
            (0..).zip(self.ended.iter().copied()).zip(&self.rows).map(|((place, ended), row)| (place, ended, row));
        times.filter(move |(place, ended, row)| {
            let fits = |rest: &Rest| project.fits(rest.project) && table.fits(rest.table);
            from <= *ended && *ended < to && command.fits(row.command) && (any || fits(&self.rest[*place]))
        })
    }

    fn add(&mut self, event: &Event) -> serde_json::Result<()> {
        let brief: Brief<'_> = serde_json::from_str(event.payload.as_str())?;
        let micros = brief.finished_at.as_micros() - brief.started_at.as_micros();
        let table = brief.table.map(|table| match brief.bucket {
            Some(bucket) => Cow::Owned(format!("{bucket}/{table}")),
            None => table,
        });
        self.ended.push(event.created_at.as_micros());
        let command = self.names.place(&brief.operation);
        self.rows.push(Row { micros: u64::try_from(micros).unwrap_or(0), command, status: brief.status });
        self.rest.push(Rest {
            offset: event.offset,
            bytes: u32::try_from(event.size()).unwrap_or(u32::MAX),
            table: self.names.optional(table.as_deref()),
            project: self.names.optional(brief.project.as_deref()),
            code: self.names.optional(brief.error_code.as_deref()),
        });
        Ok(())
    }
}

impl View for OperationLog {
    fn apply(&mut self, event: &Event) {
        if event.kind.as_str() == Operation::FINISHED && self.add(event).is_err() {
            self.cannot_read(event.offset);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_are_counted_as_the_sum_of_few() {
        let log = |count: u64| {
            let mut log = OperationLog::default();
            for n in 0..count {
                let dice = n.wrapping_mul(6_364_136_223_846_793_005) >> 33;
                let (command, table) = (log.names.place(["a", "b", "c"][dice as usize % 3]), log.names.place("t"));
                let status = Outcome::ALL[usize::from(dice.is_multiple_of(7))];
                log.ended.push(n as i64);
                log.rows.push(Row { micros: dice % 10_000, command, status });
                let offset = Offset::new(n + 1).unwrap();
                log.rest.push(Rest { offset, bytes: 1, table, project: 0, code: 0 });
            }
            log
        };
        let (many, slice) = (log(250_000), Slice::default());
        let time = |micros| Timestamp::from_micros(micros).unwrap();
        let period = Period { from: time(1_000), to: time(241_000) };
        let stats = many.stats(period, &slice, 12);
        assert_eq!((stats.total, stats.series.len()), (240_000, 12));
        for (place, part) in (0..).zip(&stats.series) {
            let alone = Period { from: part.from, to: time(1_000 + (place + 1) * 20_000) };
            // With no parts of its own, it is counted by one alone.
            let alone = many.stats(alone, &slice, 0);
            assert_eq!((alone.total, alone.took, alone.total - alone.succeeded), (part.count, part.took, part.failed));
        }
        assert_eq!(stats.by_command.iter().map(|command| command.count).sum::<u64>(), 240_000);
        assert_eq!(many.stats(period, &slice, 0), Stats { series: Vec::new(), ..stats });
    }
}
