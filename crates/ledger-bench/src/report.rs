//! What a run has measured: said as it comes, and at the end as one table, or as a line of JSON per figure.

use std::fmt::Write as _;

use crate::figure::{Compared, Figure, Run};
use crate::measure::{Outcome, Sample};

pub(crate) use crate::figure::{Target, Unit};

/// All that was measured so far.
#[derive(Debug)]
pub(crate) struct Report {
    run: Run,
    figures: Vec<Figure>,
}

impl Report {
    /// Starts a report of a run.
    pub(crate) fn new(run: Run) -> Self {
        Self { run, figures: Vec::new() }
    }

    /// Adds a comparison of rates.
    pub(crate) fn duel(&mut self, case: &str, with: &str, outcome: Outcome, target: Target) {
        self.comparison(case, Unit::PerSecond, with, outcome, target);
    }

    /// Adds a comparison of anything.
    pub(crate) fn comparison(&mut self, case: &str, unit: Unit, with: &str, outcome: Outcome, target: Target) {
        let compared = Some(Compared::with(with, outcome));
        self.push(Figure::new(case, unit, outcome.ledger, compared, target, &self.run));
    }

    /// Adds a figure that is compared with nothing.
    pub(crate) fn figure(&mut self, case: &str, unit: Unit, value: impl Into<Sample>, target: Target) {
        self.push(Figure::new(case, unit, value.into(), None, target, &self.run));
    }

    fn push(&mut self, figure: Figure) {
        let said: Vec<String> = figure.cells().into_iter().filter(|cell| !cell.is_empty()).collect();
        eprintln!("  {}", said.join("  "));
        self.figures.push(figure);
    }

    /// Returns what was measured, in the order it was measured in.
    pub(crate) fn figures(&self) -> &[Figure] {
        &self.figures
    }

    /// Returns the table, its columns aligned.
    pub(crate) fn table(&self) -> String {
        let head = ["case", "ledger", "compared with", "ratio", "middle half", "target", "met"].map(str::to_owned);
        let lines: Vec<[String; 7]> = std::iter::once(head).chain(self.figures.iter().map(Figure::cells)).collect();
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
        self.figures.iter().map(|figure| format!("{figure}\n")).collect()
    }

    /// Returns how many targets were met and how many there were.
    pub(crate) fn targets(&self) -> (usize, usize) {
        let known: Vec<bool> = self.figures.iter().filter_map(|figure| figure.met).collect();
        (known.iter().filter(|&&met| met).count(), known.len())
    }
}
