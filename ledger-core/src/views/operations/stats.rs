//! What happened in a period, in numbers.

use std::collections::HashMap;

use serde::Serialize;

use crate::time::Timestamp;
use crate::views::Outcome;

use super::percentile::Percentiles;
use super::{Name, OperationLog, Period, Row, Slice};

/// The operations of a period, in numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stats {
    /// From this time on.
    pub from: Timestamp,
    /// Up to before this time.
    pub to: Timestamp,
    /// How many ended.
    #[serde(rename = "total_operations")]
    pub total: u64,
    /// How many of them well.
    pub succeeded: u64,
    /// How many with an error.
    pub failed: u64,
    /// How many took too long.
    pub timed_out: u64,
    /// The part that ended well, from 0 to 1; nothing when none ended.
    pub success_rate: Option<f64>,
    /// How long they took.
    #[serde(flatten)]
    pub took: Percentiles,
    /// The same for each command, the most frequent first.
    pub by_command: Vec<CommandStats>,
    /// What went wrong, the most frequent first.
    pub errors: Vec<ErrorCount>,
    /// The period in equal parts.
    pub series: Vec<Bucket>,
}

/// The operations of one command.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CommandStats {
    /// The command.
    pub command: String,
    /// How many ended.
    pub count: u64,
    /// How many did not end well.
    pub failed: u64,
    /// The part that did not, from 0 to 1.
    pub error_rate: f64,
    /// How long they took.
    #[serde(flatten)]
    pub took: Percentiles,
}

/// The operations on one table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TableStats {
    /// The table, as `bucket/table`.
    pub table: String,
    /// How many ended.
    pub count: u64,
    /// How many did not end well.
    pub failed: u64,
    /// How long they took.
    #[serde(flatten)]
    pub took: Percentiles,
}

/// How often something went wrong in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorCount {
    /// The code that the operations gave; nothing for those that gave none.
    pub code: Option<String>,
    /// Whether they ended with an error, or took too long.
    pub status: Outcome,
    /// How many.
    pub count: u64,
}

/// A part of a period.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bucket {
    /// When it begins.
    pub from: Timestamp,
    /// How many ended.
    pub count: u64,
    /// How many did not end well.
    pub failed: u64,
    /// How long they took.
    #[serde(flatten)]
    pub took: Percentiles,
}

impl OperationLog {
    /// Returns the numbers of a period, and of so many equal parts of it.
    #[must_use]
    pub fn stats(&self, period: Period, slice: &Slice, parts: usize) -> Stats {
        let rows: Vec<(i64, &Row)> = self.rows(period, slice).collect();
        let mut all: Vec<u64> = rows.iter().map(|(_, row)| row.micros).collect();
        let count = |outcome| rows.iter().filter(|(_, row)| row.status == outcome).count() as u64;
        let (total, succeeded) = (rows.len() as u64, count(Outcome::Success));
        let commands = groups(&rows, self.names.names.len() + 1, |(_, row)| row.command as usize);
        let commands = commands.into_iter().map(|(command, mut group)| CommandStats {
            command: self.name(command as Name),
            count: group.count(),
            failed: group.failed,
            error_rate: group.failed as f64 / group.count() as f64,
            took: group.took(),
        });
        let mut by_command: Vec<_> = commands.collect();
        by_command.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.command.cmp(&other.command)));
        Stats {
            from: period.from,
            to: period.to,
            total,
            succeeded,
            failed: count(Outcome::Error),
            timed_out: count(Outcome::Timeout),
            success_rate: (total > 0).then(|| succeeded as f64 / total as f64),
            took: Percentiles::of(&mut all),
            by_command,
            errors: self.errors(&rows),
            series: series(&rows, period, parts),
        }
    }

    /// Returns the numbers of each table with at least so many operations, the slowest by p95 first.
    #[must_use]
    pub fn by_table(&self, period: Period, slice: &Slice, at_least: u64) -> Vec<TableStats> {
        let rows: Vec<(i64, &Row)> = self.rows(period, slice).filter(|(_, row)| row.table != 0).collect();
        let tables = groups(&rows, self.names.names.len() + 1, |(_, row)| row.table as usize);
        let tables = tables.into_iter().filter(|(_, group)| group.count() >= at_least.max(1));
        let mut tables: Vec<_> = tables
            .map(|(table, mut group)| TableStats {
                table: self.name(table as Name),
                count: group.count(),
                failed: group.failed,
                took: group.took(),
            })
            .collect();
        tables.sort_by(|one, other| other.took.p95.cmp(&one.took.p95).then_with(|| one.table.cmp(&other.table)));
        tables
    }

    fn errors(&self, rows: &[(i64, &Row)]) -> Vec<ErrorCount> {
        let mut counts: HashMap<(Name, Outcome), u64> = HashMap::new();
        for (_, row) in rows.iter().filter(|(_, row)| row.status != Outcome::Success) {
            *counts.entry((row.code, row.status)).or_default() += 1;
        }
        let errors = counts.into_iter().map(|((code, status), count)| ErrorCount {
            code: self.names.get(code).map(str::to_owned),
            status,
            count,
        });
        let mut errors: Vec<_> = errors.collect();
        errors.sort_by(|one, other| {
            other
                .count
                .cmp(&one.count)
                .then_with(|| (&one.code, one.status.as_str()).cmp(&(&other.code, other.status.as_str())))
        });
        errors
    }

    fn name(&self, place: Name) -> String {
        self.names.get(place).unwrap_or_default().to_owned()
    }
}

/// Some operations that have something in common.
#[derive(Clone, Default)]
struct Group {
    micros: Vec<u64>,
    failed: u64,
}

impl Group {
    fn add(&mut self, row: &Row) {
        self.micros.push(row.micros);
        self.failed += u64::from(row.status != Outcome::Success);
    }

    fn count(&self) -> u64 {
        self.micros.len() as u64
    }

    fn took(&mut self) -> Percentiles {
        Percentiles::of(&mut self.micros)
    }
}

/// Returns the groups that operations make by a number below a limit, without those that are empty.
fn groups(rows: &[(i64, &Row)], limit: usize, key: impl Fn(&(i64, &Row)) -> usize) -> Vec<(usize, Group)> {
    let mut groups = vec![Group::default(); limit];
    rows.iter().for_each(|row| groups[key(row)].add(row.1));
    groups.into_iter().enumerate().filter(|(_, group)| !group.micros.is_empty()).collect()
}

fn series(rows: &[(i64, &Row)], period: Period, parts: usize) -> Vec<Bucket> {
    let from = period.from.as_micros();
    let length = u64::try_from(period.to.as_micros() - from).unwrap_or(0);
    let Some(width) = length.checked_div(parts as u64).map(|width| width.max(1)) else { return Vec::new() };
    let mut groups = vec![Group::default(); parts];
    for (ended, row) in rows {
        // What a division leaves over belongs to the last part.
        let place = usize::try_from((ended - from) as u64 / width).unwrap_or(usize::MAX).min(parts - 1);
        groups[place].add(row);
    }
    let start = |place: usize| Timestamp::from_micros(from + (place as u64 * width) as i64).unwrap_or(period.to);
    let bucket = |(place, mut group): (usize, Group)| Bucket {
        from: start(place),
        count: group.count(),
        failed: group.failed,
        took: group.took(),
    };
    groups.into_iter().enumerate().map(bucket).collect()
}
