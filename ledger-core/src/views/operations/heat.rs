//! How the operations of each command went in the course of a period, because a mean of all hides the one that went wrong.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::time::Timestamp;

use super::parts::Parts;
use super::stats::{Bin, Bucket, Group, bin_of, buckets};
use super::{Name, OperationLog, Period, Slice};

/// How many operations of one command took how long in a part of a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Heat {
    /// The command.
    pub command: String,
    /// When the part begins.
    pub from: Timestamp,
    /// The bins of a histogram that hold any, from the shortest to the longest.
    pub bins: Vec<Bin>,
}

/// The operations of one command in the course of a period.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CommandSeries {
    /// The command.
    pub command: String,
    /// The period in equal parts.
    pub series: Vec<Bucket>,
}

impl OperationLog {
    /// Returns how many took how long in each of so many equal parts of a period, of the most frequent commands: command
    /// by command, and of each those parts that had any.
    #[must_use]
    pub fn heat(&self, period: Period, slice: &Slice, parts: usize, most: usize) -> Vec<Heat> {
        let (frequent, mut parts) = (self.frequent(period, slice, most), Parts::new(period, parts));
        let mut cells: BTreeMap<(usize, usize), BTreeMap<usize, u64>> = BTreeMap::new();
        for (_, ended, row) in self.rows(period, slice) {
            if let Some(&rank) = frequent.ranks.get(&row.command)
                && let Some(part) = parts.at(ended)
            {
                *cells.entry((rank, part)).or_default().entry(bin_of(row.micros)).or_default() += 1;
            }
        }
        let heat = |((rank, part), bins): ((usize, usize), BTreeMap<usize, u64>)| Heat {
            command: self.name(frequent.commands[rank]),
            from: parts.start(part),
            bins: bins.into_iter().map(|(place, count)| Bin::at(place, count)).collect(),
        };
        cells.into_iter().map(heat).collect()
    }

    /// Returns how each of so many equal parts of a period went, for each of the most frequent commands.
    #[must_use]
    pub fn by_command_series(&self, period: Period, slice: &Slice, parts: usize, most: usize) -> Vec<CommandSeries> {
        let frequent = self.frequent(period, slice, most);
        let mut groups = vec![vec![Group::default(); parts]; frequent.commands.len()];
        let mut parts = Parts::new(period, parts);
        for (_, ended, row) in self.rows(period, slice) {
            if let Some(&rank) = frequent.ranks.get(&row.command)
                && let Some(part) = parts.at(ended)
            {
                groups[rank][part].add(row);
            }
        }
        let series = |(&command, groups): (&Name, &Vec<Group>)| CommandSeries {
            command: self.name(command),
            series: buckets(&parts, groups),
        };
        frequent.commands.iter().zip(&groups).map(series).collect()
    }

    /// Returns the commands with the most operations of a period, of those with as many the first by name.
    fn frequent(&self, period: Period, slice: &Slice, most: usize) -> Frequent {
        let mut counts: HashMap<Name, u64> = HashMap::new();
        self.rows(period, slice).for_each(|(_, _, row)| *counts.entry(row.command).or_default() += 1);
        let mut counts: Vec<_> = counts.into_iter().collect();
        let name = |place: Name| self.names.get(place);
        counts.sort_by(|(one, ones), (other, others)| others.cmp(ones).then_with(|| name(*one).cmp(&name(*other))));
        let commands: Vec<_> = counts.into_iter().take(most).map(|(command, _)| command).collect();
        Frequent { ranks: commands.iter().copied().zip(0..).collect(), commands }
    }
}

/// The most frequent commands, and where among them each is.
struct Frequent {
    commands: Vec<Name>,
    ranks: HashMap<Name, usize>,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Rest, Row};
    use super::*;
    use crate::event::Offset;
    use crate::views::Outcome;

    /// Operations, each with its command, its project, when it ended, how long it took, and how it ended.
    fn log(operations: &[(&str, Option<&str>, i64, u64, Outcome)]) -> OperationLog {
        let mut log = OperationLog::default();
        for (offset, &(command, project, ended, micros, status)) in (1..).zip(operations) {
            let (command, project) = (log.names.place(command), log.names.optional(project));
            log.ended.push(ended);
            log.rows.push(Row { micros, command, status });
            let offset = Offset::new(offset).unwrap();
            log.rest.push(Rest { offset, bytes: 1, table: 0, project, code: 0 });
        }
        log
    }

    fn some() -> OperationLog {
        use Outcome::{Error, Success, Timeout};
        log(&[
            ("load", Some("p"), 0, 7, Success),
            ("load", Some("p"), 49, 1_000, Error),
            ("load", Some("q"), 50, 9, Success),
            ("clean", None, 99, 1_999, Success),
            ("clean", None, 60, 2_000, Timeout),
            ("clean", Some("q"), 10, 0, Success),
            ("rare", Some("q"), 20, 5, Success),
            ("load", Some("p"), 100, 5, Success),
        ])
    }

    fn period() -> Period {
        Period { from: Timestamp::EPOCH, to: Timestamp::from_micros(100).unwrap() }
    }

    #[test]
    fn heat_has_the_bins_that_hold_any_for_each_command_and_part() {
        let micros = Duration::from_micros;
        let heat = some().heat(period(), &Slice::default(), 2, 2);
        let cells: Vec<_> = heat
            .iter()
            .map(|heat| {
                let bins = heat.bins.iter().map(|bin| (bin.from, bin.to, bin.count)).collect::<Vec<_>>();
                (heat.command.as_str(), heat.from.as_micros(), bins)
            })
            .collect();
        let expected = [
            ("clean", 0, vec![(micros(0), micros(1), 1)]),
            ("clean", 50, vec![(micros(1_000), micros(2_000), 1), (micros(2_000), micros(5_000), 1)]),
            ("load", 0, vec![(micros(5), micros(10), 1), (micros(1_000), micros(2_000), 1)]),
            ("load", 50, vec![(micros(5), micros(10), 1)]),
        ];
        assert_eq!(cells, expected, "of two commands with as many operations, the first by name comes first");
        assert!(some().heat(period(), &Slice::default(), 0, 2).is_empty());
    }

    #[test]
    fn heat_and_series_add_up_to_the_whole() {
        let (log, slice) = (some(), Slice::default());
        let stats = log.stats(period(), &slice, 4);
        let series = log.by_command_series(period(), &slice, 4, 9);
        let commands: Vec<_> = stats.by_command.iter().map(|command| &command.command).collect();
        assert_eq!(series.iter().map(|one| &one.command).collect::<Vec<_>>(), commands);
        for (place, part) in stats.series.iter().enumerate() {
            let parts = || series.iter().map(|one| &one.series[place]);
            assert!(parts().all(|one| one.from == part.from));
            assert_eq!(parts().map(|one| one.count).sum::<u64>(), part.count);
            assert_eq!(parts().map(|one| one.failed).sum::<u64>(), part.failed);
        }
        let heat = log.heat(period(), &slice, 4, 9);
        for bin in &stats.histogram {
            let same = heat.iter().flat_map(|heat| &heat.bins).filter(|other| other.from == bin.from);
            assert_eq!(same.map(|other| other.count).sum::<u64>(), bin.count, "{bin:?}");
        }
        assert_eq!(log.by_command_series(period(), &slice, 4, 1).len(), 1);
        assert!(log.by_command_series(period(), &slice, 0, 1)[0].series.is_empty());
    }

    #[test]
    fn projects_are_counted_each_by_itself_and_those_without_one_together() {
        let projects = some().by_project(period(), &Slice::default(), 9);
        let counted: Vec<_> = projects.iter().map(|one| (one.project.as_deref(), one.count, one.failed)).collect();
        assert_eq!(counted, [(Some("q"), 3, 0), (None, 2, 1), (Some("p"), 2, 1)]);
        assert_eq!((projects[0].took.max, projects[2].took.max), (Duration::from_micros(9), Duration::from_millis(1)));
        let slice = Slice { command: Some("load".to_owned()), ..Slice::default() };
        assert_eq!(some().by_project(period(), &slice, 9).len(), 2);
        assert_eq!(some().by_project(period(), &Slice::default(), 2), projects[..2], "the least are left out");
    }
}
