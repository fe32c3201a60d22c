//! What happened in a period, in numbers.

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;

use crate::time::Timestamp;
use crate::views::Outcome;

use super::parts::Parts;
use super::percentile::{Percentiles, millis};
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
    /// How many took how long, in steps of 1, 2 and 5, from the shortest to the longest.
    pub histogram: Vec<Bin>,
}

/// The operations that took about as long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bin {
    /// They took no less than this.
    #[serde(rename = "from_ms", serialize_with = "millis")]
    pub from: Duration,
    /// They took less than this.
    #[serde(rename = "to_ms", serialize_with = "millis")]
    pub to: Duration,
    /// How many they are.
    pub count: u64,
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

/// The operations of one project.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProjectStats {
    /// The project; nothing for those that name none.
    pub project: Option<String>,
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
        /// From so many on, two look through them at once.
        const MANY: usize = 200_000;
        if self.len() < MANY || parts == 0 {
            return self.whole(period, slice, self.series(period, slice, parts));
        }
        std::thread::scope(|scope| {
            let series = scope.spawn(|| self.series(period, slice, parts));
            let whole = self.whole(period, slice, Vec::new());
            let series = series.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Stats { series, ..whole }
        })
    }

    fn series(&self, period: Period, slice: &Slice, parts: usize) -> Vec<Bucket> {
        let (mut parts, mut groups) = (Parts::new(period, parts), vec![Group::default(); parts]);
        for (_, ended, row) in self.rows(period, slice) {
            if let Some(place) = parts.at(ended) {
                groups[place].add(row);
            }
        }
        buckets(&parts, &groups)
    }

    fn whole(&self, period: Period, slice: &Slice, series: Vec<Bucket>) -> Stats {
        let (mut timed_out, mut commands) = (0, Groups::default());
        let mut errors: HashMap<(Name, Outcome), u64> = HashMap::new();
        for (place, _, row) in self.rows(period, slice) {
            commands.at(row.command).add(row);
            if row.status != Outcome::Success {
                timed_out += u64::from(row.status == Outcome::Timeout);
                *errors.entry((self.rest[place].code, row.status)).or_default() += 1;
            }
        }
        let micros: Vec<&[u64]> = commands.groups.iter().map(|(_, group)| &group.micros[..]).collect();
        let (took, histogram) = (Percentiles::of(&micros), histogram(&micros));
        let total: u64 = commands.groups.iter().map(|(_, group)| group.count()).sum();
        let bad: u64 = commands.groups.iter().map(|(_, group)| group.failed).sum();
        let commands = commands.groups.into_iter().map(|(command, group)| CommandStats {
            command: self.name(command),
            count: group.count(),
            failed: group.failed,
            error_rate: group.failed as f64 / group.count() as f64,
            took: group.took(),
        });
        let mut by_command: Vec<_> = commands.collect();
        by_command.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.command.cmp(&other.command)));
        let succeeded = total - bad;
        Stats {
            from: period.from,
            to: period.to,
            total,
            succeeded,
            failed: bad - timed_out,
            timed_out,
            success_rate: (total > 0).then(|| succeeded as f64 / total as f64),
            took,
            by_command,
            errors: self.errors(errors),
            series,
            histogram,
        }
    }

    /// Returns the numbers of each table with at least so many operations, the slowest by p95 first.
    #[must_use]
    pub fn by_table(&self, period: Period, slice: &Slice, at_least: u64) -> Vec<TableStats> {
        let mut tables = Groups::default();
        for (place, _, row) in self.rows(period, slice) {
            tables.at(self.rest[place].table).add(row);
        }
        let tables = tables.groups.into_iter().filter(|(name, group)| *name != 0 && group.count() >= at_least);
        let stats = |(table, group): (Name, Group)| TableStats {
            table: self.name(table),
            count: group.count(),
            failed: group.failed,
            took: group.took(),
        };
        let mut tables: Vec<_> = tables.map(stats).collect();
        tables.sort_by(|one, other| other.took.p95.cmp(&one.took.p95).then_with(|| one.table.cmp(&other.table)));
        tables
    }

    /// Returns the numbers of so many projects at most, that with the most operations first.
    #[must_use]
    pub fn by_project(&self, period: Period, slice: &Slice, most: usize) -> Vec<ProjectStats> {
        let mut projects = Groups::default();
        for (place, _, row) in self.rows(period, slice) {
            projects.at(self.rest[place].project).add(row);
        }
        let mut projects = projects.groups;
        let name = |place: Name| self.names.get(place);
        projects.sort_by(|(one, ones), (other, others)| {
            others.count().cmp(&ones.count()).then_with(|| name(*one).cmp(&name(*other)))
        });
        let stats = |(project, group): (Name, Group)| ProjectStats {
            project: name(project).map(str::to_owned),
            count: group.count(),
            failed: group.failed,
            took: group.took(),
        };
        projects.into_iter().take(most).map(stats).collect()
    }

    fn errors(&self, counts: HashMap<(Name, Outcome), u64>) -> Vec<ErrorCount> {
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

    pub(super) fn name(&self, place: Name) -> String {
        self.names.get(place).unwrap_or_default().to_owned()
    }
}

/// Counts numbers of microseconds by steps of 1, 2 and 5; what lies between the first and the last step is there, if empty.
fn histogram(micros: &[&[u64]]) -> Vec<Bin> {
    let mut counts = vec![0_u64; STEPS.len() + 4];
    micros.iter().copied().flatten().for_each(|&micros| counts[bin_of(micros)] += 1);
    let Some(first) = counts.iter().position(|&count| count > 0) else { return Vec::new() };
    let last = counts.iter().rposition(|&count| count > 0).unwrap_or(first);
    (first..=last).map(|place| Bin::at(place, counts[place])).collect()
}

/// Where a bin of a histogram ends and the next begins, in microseconds.
const STEPS: [u64; 57] = {
    let (mut steps, mut power) = ([0; 57], 0);
    while power < 19 {
        let ten = 10_u64.pow(power);
        let first = 3 * power as usize;
        (steps[first], steps[first + 1], steps[first + 2]) = (ten, 2 * ten, 5 * ten);
        power += 1;
    }
    steps
};

/// Returns in which bin so many microseconds are: how many steps they reach. A search would take longer than all else.
pub(super) fn bin_of(micros: u64) -> usize {
    micros.checked_ilog10().map_or(0, |power| {
        let first = 3 * power as usize;
        let beyond = |step: usize| usize::from(STEPS.get(step).is_some_and(|&step| step <= micros));
        first + 1 + beyond(first + 1) + beyond(first + 2)
    })
}

impl Bin {
    pub(super) fn at(place: usize, count: u64) -> Self {
        let step = |place: usize| Duration::from_micros(STEPS.get(place).copied().unwrap_or(u64::MAX));
        Self { from: place.checked_sub(1).map_or(Duration::ZERO, step), to: step(place), count }
    }
}

/// Some operations that have something in common.
#[derive(Clone, Default)]
pub(super) struct Group {
    micros: Vec<u64>,
    failed: u64,
}

impl Group {
    pub(super) fn add(&mut self, row: &Row) {
        self.micros.push(row.micros);
        self.failed += u64::from(row.status != Outcome::Success);
    }

    fn count(&self) -> u64 {
        self.micros.len() as u64
    }

    fn took(&self) -> Percentiles {
        Percentiles::of(&[&self.micros])
    }
}

/// The groups that operations make by a name, in the order of their first.
#[derive(Default)]
struct Groups {
    groups: Vec<(Name, Group)>,
    /// Where the group of each name is, one more than that.
    places: Vec<u32>,
}

impl Groups {
    fn at(&mut self, name: Name) -> &mut Group {
        let place = name as usize;
        if place >= self.places.len() {
            self.places.resize(place + 1, 0);
        }
        if self.places[place] == 0 {
            self.groups.push((name, Group::default()));
            self.places[place] = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        }
        &mut self.groups[self.places[place] as usize - 1].1
    }
}

/// Says how each part of a period went.
pub(super) fn buckets(parts: &Parts, groups: &[Group]) -> Vec<Bucket> {
    let bucket = |(place, group): (usize, &Group)| Bucket {
        from: parts.start(place),
        count: group.count(),
        failed: group.failed,
        took: group.took(),
    };
    groups.iter().enumerate().map(bucket).collect()
}
