//! What was measured: said as it comes, and at the end as one table, or as a line of JSON per case.

use std::fmt::Write as _;

use serde_json::json;

use crate::measure::{Outcome, Sample};

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Events or appends a second: more is better.
    PerSecond,
    /// Microseconds: less is better.
    Micros,
    /// Bytes: less is better.
    Bytes,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::PerSecond => "per_second",
            Self::Micros => "microseconds",
            Self::Bytes => "bytes",
        }
    }

    fn show(self, value: f64) -> String {
        match self {
            Self::PerSecond if value >= 1e6 => format!("{:.2} M/s", value / 1e6),
            Self::PerSecond if value >= 1e4 => format!("{:.0} k/s", value / 1e3),
            Self::PerSecond if value >= 1e3 => format!("{:.1} k/s", value / 1e3),
            Self::PerSecond => format!("{value:.0} /s"),
            Self::Micros if value >= 1e6 => format!("{:.2} s", value / 1e6),
            Self::Micros if value >= 1e3 => format!("{:.1} ms", value / 1e3),
            Self::Micros if value >= 100.0 => format!("{value:.0} µs"),
            Self::Micros => format!("{value:.1} µs"),
            Self::Bytes if value >= 1024.0 * 1024.0 => format!("{:.0} MiB", value / 1024.0 / 1024.0),
            Self::Bytes => format!("{value:.0} B"),
        }
    }
}

/// What a case must reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Target {
    /// Nothing: it is reported so that a change is seen.
    None,
    /// So much of what it is compared with.
    Ratio(f64),
    /// So many a second.
    Rate(f64),
    /// At most so much of what it is compared with.
    AtMost(f64),
    /// Less than so many bytes or microseconds.
    Below(f64),
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    case: String,
    unit: Unit,
    value: Sample,
    other: Option<(&'static str, Outcome)>,
    target: Target,
}

impl Row {
    fn ratio(&self) -> Option<Sample> {
        self.other.map(|(_, outcome)| outcome.ratio)
    }

    /// Says whether the target is met, if there is one.
    fn met(&self) -> Option<bool> {
        match self.target {
            Target::None => None,
            Target::Ratio(least) => self.ratio().map(|ratio| ratio.median >= least),
            Target::AtMost(most) => self.ratio().map(|ratio| ratio.median <= most),
            Target::Rate(least) => Some(self.value.median >= least),
            Target::Below(limit) => Some(self.value.median < limit),
        }
    }

    /// Returns how far apart the middle half of the rounds was: of their ratios, where there are any.
    fn spread(&self) -> String {
        match self.ratio() {
            Some(ratio) if ratio.low < ratio.high => format!("{:.2}-{:.2}", ratio.low, ratio.high),
            None if self.value.low < self.value.high => {
                format!("{} - {}", self.unit.show(self.value.low), self.unit.show(self.value.high))
            }
            _ => String::new(),
        }
    }

    fn cells(&self) -> [String; 7] {
        let target = match self.target {
            Target::None => String::new(),
            Target::Ratio(least) => format!(">= {least:.1}"),
            Target::AtMost(most) => format!("<= {most:.1}"),
            Target::Rate(least) => format!(">= {}", self.unit.show(least)),
            Target::Below(limit) => format!("< {}", self.unit.show(limit)),
        };
        [
            self.case.clone(),
            self.unit.show(self.value.median),
            self.other.map_or_else(String::new, |(name, outcome)| format!("{name} {}", self.unit.show(outcome.other))),
            self.ratio().map_or_else(String::new, |ratio| format!("{:.2}", ratio.median)),
            self.spread(),
            target,
            self.met().map_or("", |met| if met { "yes" } else { "NO" }).to_owned(),
        ]
    }

    fn json(&self) -> serde_json::Value {
        let target = match self.target {
            Target::None => None,
            Target::Ratio(least) => Some(("least_ratio", least)),
            Target::AtMost(most) => Some(("most_ratio", most)),
            Target::Rate(least) => Some(("least_rate", least)),
            Target::Below(limit) => Some(("below", limit)),
        };
        json!({
            "case": self.case,
            "unit": self.unit.name(),
            "ledger": self.value.median,
            "ledger_middle_half": [self.value.low, self.value.high],
            "compared_with": self.other.map(|(name, _)| name),
            "other": self.other.map(|(_, outcome)| outcome.other),
            "ratio": self.ratio().map(|ratio| ratio.median),
            "ratio_middle_half": self.ratio().map(|ratio| [ratio.low, ratio.high]),
            "target": target.map(|(kind, value)| json!({kind: value})),
            "met": self.met(),
        })
    }
}

/// All that was measured so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

impl Report {
    /// Adds a comparison of rates.
    pub(crate) fn duel(&mut self, case: &str, with: &'static str, outcome: Outcome, target: Target) {
        self.comparison(case, Unit::PerSecond, with, outcome, target);
    }

    /// Adds a comparison of anything.
    pub(crate) fn comparison(&mut self, case: &str, unit: Unit, with: &'static str, outcome: Outcome, target: Target) {
        let other = Some((with, outcome));
        self.push(Row { case: case.to_owned(), unit, value: outcome.ledger.into(), other, target });
    }

    /// Adds a figure that is compared with nothing.
    pub(crate) fn figure(&mut self, case: &str, unit: Unit, value: impl Into<Sample>, target: Target) {
        self.push(Row { case: case.to_owned(), unit, value: value.into(), other: None, target });
    }

    fn push(&mut self, row: Row) {
        let said: Vec<String> = row.cells().into_iter().filter(|cell| !cell.is_empty()).collect();
        eprintln!("  {}", said.join("  "));
        self.rows.push(row);
    }

    /// Returns the table, its columns aligned.
    pub(crate) fn table(&self) -> String {
        let head = ["case", "ledger", "compared with", "ratio", "middle half", "target", "met"].map(str::to_owned);
        let lines: Vec<[String; 7]> = std::iter::once(head).chain(self.rows.iter().map(Row::cells)).collect();
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; 7] = std::array::from_fn(width);
        let mut table = String::new();
        for line in &lines {
            let mut text = String::new();
            for (cell, width) in line.iter().zip(widths) {
                write!(text, "{cell:width$}  ").expect("a string takes all");
            }
            table.push_str(text.trim_end());
            table.push('\n');
        }
        table
    }

    /// Returns one JSON object a line.
    pub(crate) fn json(&self) -> String {
        self.rows.iter().fold(String::new(), |text, row| text + &row.json().to_string() + "\n")
    }

    /// Returns what was compared with something: the case, the ratios, and the one that was promised.
    pub(crate) fn ratios(&self) -> Vec<(&str, Sample, Option<f64>)> {
        let compared = self.rows.iter().filter_map(|row| {
            let promised = match row.target {
                Target::Ratio(least) => Some(least),
                Target::AtMost(most) => Some(most),
                _ => None,
            };
            Some((row.case.as_str(), row.ratio()?, promised))
        });
        compared.collect()
    }

    /// Returns how many targets were met and how many there were.
    pub(crate) fn targets(&self) -> (usize, usize) {
        let known: Vec<bool> = self.rows.iter().filter_map(Row::met).collect();
        (known.iter().filter(|&&met| met).count(), known.len())
    }
}
