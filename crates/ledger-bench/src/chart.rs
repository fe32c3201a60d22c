//! All figures as a picture, those where more is better apart from those where less is: ratios as bars that start at nothing,
//! and what is compared with nothing as dots on an axis of powers of ten.

use std::fmt::Write as _;

use crate::figure::{Better, Figure, Target, Unit};
use crate::measure::Sample;

const ROW: usize = 18;
const NAMES: usize = 330;
const PLOT: f64 = 420.0;
const LABELS: usize = 110;
const HEAD: usize = 64;
/// A panel's title and the values on its axis.
const PANEL_HEAD: usize = 46;
/// Ratios end here; what is longer says by how much.
const MOST: f64 = 2.0;

/// Draws figures as SVG, each in one of the panels.
pub(crate) fn draw(figures: &[Figure], machine: &str) -> String {
    let panels: Vec<Panel<'_>> = PANELS.into_iter().filter_map(|kind| Panel::of(kind, figures)).collect();
    let (width, height) = (NAMES + PLOT as usize + LABELS, HEAD + panels.iter().map(Panel::height).sum::<usize>() + 10);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"10\" y=\"22\" font-size=\"15\">The ledger's figures. Blue: more is better. Orange: less is better.</text>\n\
         <text x=\"10\" y=\"40\" fill=\"#666\">{}</text>\n\
         <text x=\"10\" y=\"56\" fill=\"#666\">Black: the middle half of the rounds. Red: what is promised.</text>\n",
        escaped(machine)
    );
    let mut top = HEAD;
    for panel in &panels {
        panel.draw(&mut svg, top);
        top += panel.height();
    }
    svg + "</svg>\n"
}

/// Which figures stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Those that are compared with something.
    Ratios(Better),
    /// Those that are not, of one unit.
    Alone(Unit),
}

const PANELS: [Kind; 5] = [
    Kind::Ratios(Better::More),
    Kind::Ratios(Better::Less),
    Kind::Alone(Unit::PerSecond),
    Kind::Alone(Unit::Micros),
    Kind::Alone(Unit::Bytes),
];

impl Kind {
    fn title(self) -> &'static str {
        match self {
            Self::Ratios(Better::More) => "Rates, of what they are compared with: longer is better →",
            Self::Ratios(Better::Less) => "Times and sizes, of what they are compared with: ← shorter is better",
            Self::Alone(Unit::PerSecond) => "Rates: further right is better →",
            Self::Alone(Unit::Micros) => "Times: ← further left is better",
            Self::Alone(Unit::Bytes) => "Sizes: ← further left is better",
        }
    }

    fn colour(self) -> &'static str {
        let better = match self {
            Self::Ratios(better) => better,
            Self::Alone(unit) => unit.better(),
        };
        match better {
            Better::More => "#4c78a8",
            Better::Less => "#f58518",
        }
    }

    /// Returns what is drawn of a figure, if it is one of these.
    fn mark(self, figure: &Figure) -> Option<Mark<'_>> {
        let (value, label, promised) = match (self, &figure.compared) {
            (Self::Ratios(better), Some(compared)) if figure.better == better => {
                let promised = match figure.target {
                    Target::Ratio(ratio) | Target::AtMost(ratio) => Some(ratio),
                    Target::None | Target::Rate(_) | Target::Below(_) => None,
                };
                (compared.ratio, format!("{:.2}", compared.ratio.median), promised)
            }
            (Self::Alone(unit), None) if figure.unit == unit => {
                let promised = match figure.target {
                    Target::Rate(value) | Target::Below(value) => Some(value),
                    Target::None | Target::Ratio(_) | Target::AtMost(_) => None,
                };
                (figure.ledger, unit.show(figure.ledger.median), promised)
            }
            _ => return None,
        };
        Some(Mark { case: &figure.case, value, label, promised })
    }
}

/// One row.
#[derive(Debug)]
struct Mark<'f> {
    case: &'f str,
    value: Sample,
    label: String,
    promised: Option<f64>,
}

/// How values lie on an axis.
#[derive(Clone, Copy, Debug)]
enum Axis {
    /// From nothing to [`MOST`].
    Linear,
    /// From one power of ten to another.
    Powers { first: i32, last: i32 },
}

impl Axis {
    /// Takes in all the values, which are none of them zero.
    fn powers(marks: &[Mark<'_>]) -> Self {
        let values =
            || marks.iter().flat_map(|mark| [mark.value.low, mark.value.high].into_iter().chain(mark.promised));
        let lowest = values().fold(f64::INFINITY, f64::min).max(1e-3);
        let highest = values().fold(0.0, f64::max).max(lowest);
        let first = lowest.log10().floor() as i32;
        Self::Powers { first, last: (highest.log10().ceil() as i32).max(first + 1) }
    }

    /// Returns how far right a value lies.
    fn across(self, value: f64) -> f64 {
        let share = match self {
            Self::Linear => value / MOST,
            Self::Powers { first, last } => {
                (value.max(1e-9).log10() - f64::from(first)) / (f64::from(last) - f64::from(first))
            }
        };
        NAMES as f64 + share.clamp(0.0, 1.0) * PLOT
    }

    /// Returns the values that are written on it.
    fn written(self) -> Vec<f64> {
        match self {
            Self::Linear => vec![0.0, 0.5, 1.0, 1.5, MOST],
            Self::Powers { first, last } => (first..=last).map(|power| 10_f64.powi(power)).collect(),
        }
    }
}

/// Some rows on one axis.
#[derive(Debug)]
struct Panel<'f> {
    kind: Kind,
    axis: Axis,
    marks: Vec<Mark<'f>>,
}

impl<'f> Panel<'f> {
    /// Gathers the figures of a kind, if there are any.
    fn of(kind: Kind, figures: &'f [Figure]) -> Option<Self> {
        let marks: Vec<_> = figures.iter().filter_map(|figure| kind.mark(figure)).collect();
        if marks.is_empty() {
            return None;
        }
        let axis = match kind {
            Kind::Ratios(_) => Axis::Linear,
            Kind::Alone(_) => Axis::powers(&marks),
        };
        Some(Self { kind, axis, marks })
    }

    fn height(&self) -> usize {
        PANEL_HEAD + ROW * self.marks.len() + 14
    }

    fn draw(&self, svg: &mut String, top: usize) {
        let first = top + PANEL_HEAD;
        let bottom = first + ROW * self.marks.len();
        put(svg, format_args!("<text x=\"10\" y=\"{}\" font-weight=\"bold\">{}</text>", top + 20, self.kind.title()));
        for value in self.axis.written() {
            let at = self.axis.across(value);
            let text = match self.kind {
                Kind::Ratios(_) => format!("{value}"),
                Kind::Alone(unit) => unit.show(value),
            };
            // As fast or as large as the other: what a ratio is read against.
            let colour = if matches!(self.kind, Kind::Ratios(_)) && value == 1.0 { "#888" } else { "#ddd" };
            put(svg, vertical(at, first - 4, bottom, colour, 1));
            let y = first - 8;
            put(svg, format_args!("<text x=\"{at:.1}\" y=\"{y}\" fill=\"#666\" text-anchor=\"middle\">{text}</text>"));
        }
        for (index, mark) in self.marks.iter().enumerate() {
            self.row(svg, mark, first + ROW * index);
        }
    }

    fn row(&self, svg: &mut String, mark: &Mark<'_>, top: usize) {
        let (middle, colour) = (top + ROW / 2, self.kind.colour());
        let [low, at, high] = [mark.value.low, mark.value.median, mark.value.high].map(|value| self.axis.across(value));
        let (name_end, text) = (NAMES - 8, middle + 4);
        put(svg, format_args!("<text x=\"{name_end}\" y=\"{text}\" text-anchor=\"end\">{}</text>", escaped(mark.case)));
        if let Axis::Linear = self.axis {
            let (top, length, height) = (top + 3, at - NAMES as f64, ROW - 6);
            put(
                svg,
                format_args!(
                    "<rect x=\"{NAMES}\" y=\"{top}\" width=\"{length:.1}\" height=\"{height}\" fill=\"{colour}\"/>"
                ),
            );
        } else {
            put(svg, format_args!("<circle cx=\"{at:.1}\" cy=\"{middle}\" r=\"4\" fill=\"{colour}\"/>"));
        }
        put(
            svg,
            format_args!(
                "<line x1=\"{low:.1}\" x2=\"{high:.1}\" y1=\"{middle}\" y2=\"{middle}\" stroke=\"#111\" stroke-width=\"2\"/>"
            ),
        );
        if let Some(promised) = mark.promised {
            put(svg, vertical(self.axis.across(promised), top + 1, top + ROW - 1, "#e45756", 2));
        }
        let after = at.max(high) + 8.0;
        put(svg, format_args!("<text x=\"{after:.1}\" y=\"{text}\">{}</text>", escaped(&mark.label)));
    }
}

fn vertical(at: f64, top: usize, bottom: usize, colour: &str, width: usize) -> String {
    format!(
        "<line x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{top}\" y2=\"{bottom}\" stroke=\"{colour}\" stroke-width=\"{width}\"/>"
    )
}

fn put(svg: &mut String, shape: impl std::fmt::Display) {
    writeln!(svg, "{shape}").expect("a string takes all");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use ledger_core::Timestamp;

    use super::*;
    use crate::bench::Sizes;
    use crate::figure::{Compared, Run};
    use crate::measure::Outcome;

    fn figure(case: &str, unit: Unit, value: f64, ratio: Option<f64>, target: Target) -> Figure {
        let run = Run { at: Timestamp::EPOCH, rounds: 7, events: Sizes::alike(10_000) };
        let compared = ratio.map(|ratio| {
            let ratio = Sample { median: ratio, low: ratio * 0.9, high: ratio * 1.1 };
            Compared::with("other", Outcome { ledger: value.into(), other: Sample::from(1.0), ratio })
        });
        Figure::new(case, unit, value.into(), compared, target, &run)
    }

    #[test]
    fn each_comparison_is_a_bar_and_what_is_longer_than_the_picture_ends_in_it() {
        let figures = [
            figure("a/<b>", Unit::PerSecond, 1.0, Some(0.5), Target::Ratio(1.0)),
            figure("c", Unit::PerSecond, 1.0, Some(17.0), Target::None),
        ];
        let svg = draw(&figures, "2 cores & more");
        assert_eq!(svg.matches("<rect x=").count(), 2);
        assert!(svg.contains("a/&lt;b&gt;") && svg.contains("2 cores &amp; more") && svg.contains(">17.00<"));
        assert!(svg.contains(&format!("width=\"{PLOT:.1}\"")) && svg.contains("width=\"105.0\""));
    }

    #[test]
    fn what_is_better_when_it_is_less_has_panels_and_a_colour_of_its_own() {
        let figures = [
            figure("rate", Unit::PerSecond, 1e5, None, Target::Rate(1e4)),
            figure("ratio-of-rates", Unit::PerSecond, 1.0, Some(1.0), Target::None),
            figure("time", Unit::Micros, 250.0, None, Target::Below(1_000.0)),
            figure("ratio-of-times", Unit::Micros, 1.0, Some(1.0), Target::AtMost(1.5)),
            figure("size", Unit::Bytes, 300.0, None, Target::None),
        ];
        let svg = draw(&figures, "");
        for kind in PANELS {
            assert_eq!(svg.matches(kind.title()).count(), 1, "{kind:?}");
        }
        assert_eq!((svg.matches("fill=\"#4c78a8\"").count(), svg.matches("fill=\"#f58518\"").count()), (2, 3));
        assert_eq!(svg.matches("#e45756").count(), 3);
        assert!(figures.iter().all(|figure| svg.contains(&figure.case)));
        let less = draw(&figures[2..3], "");
        assert!(less.contains("further left is better") && !less.contains("further right"));
    }

    #[test]
    fn powers_of_ten_lie_evenly_and_nothing_lies_outside() {
        let figures =
            [figure("a", Unit::Micros, 2.0, None, Target::None), figure("b", Unit::Micros, 900.0, None, Target::None)];
        let axis = Panel::of(Kind::Alone(Unit::Micros), &figures).unwrap().axis;
        let at = [1.0, 10.0, 100.0, 1_000.0, 1e9].map(|value| (axis.across(value) - NAMES as f64).round() as usize);
        assert_eq!(at, [0, 140, 280, 420, 420]);
        assert_eq!(axis.written().len(), 4);
    }
}
