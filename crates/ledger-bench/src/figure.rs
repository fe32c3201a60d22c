//! One figure: what was measured, what it was compared with, and what was promised; a row of the table, and a line of JSON.

use std::fmt;

use ledger_core::Timestamp;
use serde::{Deserialize, Serialize};

use crate::bench::Sizes;
use crate::measure::{Outcome, Sample};

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Unit {
    /// Events or appends a second.
    #[serde(rename = "per_second")]
    PerSecond,
    /// Microseconds.
    #[serde(rename = "microseconds")]
    Micros,
    /// Bytes.
    #[serde(rename = "bytes")]
    Bytes,
}

/// Which way a figure has to move to be better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Better {
    /// The more the better: rates.
    More,
    /// The less the better: times and sizes.
    Less,
}

impl Unit {
    /// Returns which way is better, of the figure as of its ratio.
    pub(crate) fn better(self) -> Better {
        match self {
            Self::PerSecond => Better::More,
            Self::Micros | Self::Bytes => Better::Less,
        }
    }

    /// Writes a value as people read it.
    pub(crate) fn show(self, value: f64) -> String {
        const KIB: f64 = 1_024.0;
        match self {
            Self::PerSecond if value >= 1e6 => format!("{:.2} M/s", value / 1e6),
            Self::PerSecond if value >= 1e4 => format!("{:.0} k/s", value / 1e3),
            Self::PerSecond if value >= 1e3 => format!("{:.1} k/s", value / 1e3),
            Self::PerSecond => format!("{value:.0} /s"),
            Self::Micros if value >= 1e6 => format!("{:.2} s", value / 1e6),
            Self::Micros if value >= 1e3 => format!("{:.1} ms", value / 1e3),
            Self::Micros if value >= 100.0 => format!("{value:.0} µs"),
            Self::Micros => format!("{value:.1} µs"),
            Self::Bytes if value >= KIB * KIB => format!("{:.0} MiB", value / KIB / KIB),
            Self::Bytes if value >= 1e4 => format!("{:.0} KiB", value / KIB),
            Self::Bytes => format!("{value:.0} B"),
        }
    }
}

/// What a case must reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) enum Target {
    /// Nothing: it is reported so that a change is seen.
    #[default]
    #[serde(rename = "none")]
    None,
    /// So much of what it is compared with.
    #[serde(rename = "least_ratio")]
    Ratio(f64),
    /// So many a second.
    #[serde(rename = "least_rate")]
    Rate(f64),
    /// At most so much of what it is compared with.
    #[serde(rename = "most_ratio")]
    AtMost(f64),
    /// Less than so many bytes or microseconds.
    #[serde(rename = "below")]
    Below(f64),
}

impl Target {
    fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// Who did the same work, and what they came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Compared {
    /// Who that is.
    pub with: String,
    /// What they came to.
    pub other: Sample,
    /// The ratios of the rounds, ledger / other.
    pub ratio: Sample,
}

impl Compared {
    /// Names the other side of an outcome.
    pub(crate) fn with(name: &str, outcome: Outcome) -> Self {
        Self { with: name.to_owned(), other: outcome.other, ratio: outcome.ratio }
    }
}

/// The run that a figure comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// When it began.
    pub at: Timestamp,
    /// How many rounds were measured.
    pub rounds: usize,
    /// How large the ledgers were.
    pub events: Sizes,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    /// `backend/case/variant`: one figure has this name.
    pub case: String,
    /// What it counts.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// What the ledger came to.
    pub ledger: Sample,
    /// What that is compared with, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<Compared>,
    /// What was promised.
    #[serde(default, skip_serializing_if = "Target::is_none")]
    pub target: Target,
    /// Whether that was kept, if anything was promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met: Option<bool>,
    /// The run it comes from.
    pub run: Run,
}

impl Figure {
    /// Makes a figure of what was measured in a run.
    pub(crate) fn new(
        case: &str,
        unit: Unit,
        ledger: Sample,
        compared: Option<Compared>,
        target: Target,
        run: &Run,
    ) -> Self {
        let ratio = compared.as_ref().map(|compared| compared.ratio.median);
        let met = match target {
            Target::None => None,
            Target::Ratio(least) => ratio.map(|ratio| ratio >= least),
            Target::AtMost(most) => ratio.map(|ratio| ratio <= most),
            Target::Rate(least) => Some(ledger.median >= least),
            Target::Below(limit) => Some(ledger.median < limit),
        };
        Self { case: case.to_owned(), unit, better: unit.better(), ledger, compared, target, met, run: run.clone() }
    }

    /// Returns how far apart the middle half of the rounds was: of their ratios, where there are any.
    fn spread(&self) -> String {
        let ledger = self.ledger;
        match self.compared.as_ref().map(|compared| compared.ratio) {
            Some(ratio) if ratio.low < ratio.high => format!("{:.2}-{:.2}", ratio.low, ratio.high),
            None if ledger.low < ledger.high => {
                format!("{} - {}", self.unit.show(ledger.low), self.unit.show(ledger.high))
            }
            _ => String::new(),
        }
    }

    /// Returns the cells of its row.
    pub(crate) fn cells(&self) -> [String; 7] {
        let target = match self.target {
            Target::None => String::new(),
            Target::Ratio(least) => format!(">= {least:.1}"),
            Target::AtMost(most) => format!("<= {most:.1}"),
            Target::Rate(least) => format!(">= {}", self.unit.show(least)),
            Target::Below(limit) => format!("< {}", self.unit.show(limit)),
        };
        let (with, ratio) = match &self.compared {
            Some(Compared { with, other, ratio }) => {
                (format!("{with} {}", self.unit.show(other.median)), format!("{:.2}", ratio.median))
            }
            None => (String::new(), String::new()),
        };
        [
            self.case.clone(),
            self.unit.show(self.ledger.median),
            with,
            ratio,
            self.spread(),
            target,
            self.met.map_or("", |met| if met { "yes" } else { "NO" }).to_owned(),
        ]
    }
}

/// A line of JSON.
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> Run {
        Run { at: Timestamp::EPOCH, rounds: 7, events: Sizes::alike(10_000) }
    }

    #[test]
    fn a_figure_comes_back_from_its_line_of_json() {
        let outcome = Outcome { ledger: Sample::from(2.0), other: Sample::from(4.0), ratio: Sample::from(0.5) };
        let compared = Compared::with("rusqlite", outcome);
        let figures = [
            Figure::new("a/b", Unit::PerSecond, Sample::from(2.0), Some(compared), Target::Ratio(0.5), &run()),
            Figure::new("a/c", Unit::Bytes, Sample::from(2.0), None, Target::None, &run()),
        ];
        for figure in figures {
            let line = figure.to_string();
            assert!(!line.contains('\n'));
            assert_eq!(serde_json::from_str::<Figure>(&line).unwrap(), figure, "{line}");
        }
    }

    #[test]
    fn a_rate_has_to_rise_and_a_time_or_size_to_fall() {
        let figure = |unit, target| Figure::new("a", unit, Sample::from(2.0), None, target, &run());
        let rate = figure(Unit::PerSecond, Target::Rate(2.0));
        assert_eq!((rate.better, rate.met), (Better::More, Some(true)));
        for unit in [Unit::Micros, Unit::Bytes] {
            let figure = figure(unit, Target::Below(2.0));
            assert_eq!((figure.better, figure.met), (Better::Less, Some(false)));
        }
    }
}
