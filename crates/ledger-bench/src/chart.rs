//! The ratios as a picture: a bar for each case, how far its rounds lay apart, and what was promised.

use std::fmt::Write as _;

use crate::report::Report;

const ROW: usize = 20;
const NAMES: usize = 330;
const BARS: f64 = 420.0;
const TOP: usize = 60;
/// Bars end here; what is longer says by how much.
const MOST: f64 = 2.0;

/// Draws the comparisons of a report as SVG.
pub(crate) fn draw(report: &Report, machine: &str) -> String {
    let ratios = report.ratios();
    let (width, height) = (NAMES + BARS as usize + 90, TOP + ROW * ratios.len() + 20);
    let across = |ratio: f64| NAMES as f64 + ratio.clamp(0.0, MOST) / MOST * BARS;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"10\" y=\"22\" font-size=\"15\">ledger / what it is compared with, in the same round</text>\n\
         <text x=\"10\" y=\"40\" fill=\"#666\">{}</text>\n",
        escaped(machine)
    );
    for (index, (case, ratio, promised)) in ratios.iter().enumerate() {
        let (top, middle) = (TOP + ROW * index, TOP + ROW * index + ROW / 2);
        let (end, low, high) = (across(ratio.median), across(ratio.low), across(ratio.high));
        let length = end - NAMES as f64;
        let case = escaped(case);
        let mut draw = |shape: std::fmt::Arguments<'_>| writeln!(svg, "{shape}").expect("a string takes all");
        draw(format_args!("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{case}</text>", NAMES - 8, middle + 4));
        draw(format_args!(
            "<rect x=\"{NAMES}\" y=\"{}\" width=\"{length:.1}\" height=\"{}\" fill=\"#4c78a8\"/>",
            top + 3,
            ROW - 6
        ));
        draw(format_args!(
            "<line x1=\"{low:.1}\" x2=\"{high:.1}\" y1=\"{middle}\" y2=\"{middle}\" stroke=\"#111\" stroke-width=\"2\"/>"
        ));
        if let Some(promised) = promised {
            let at = across(*promised);
            let (top, bottom) = (top + 1, top + ROW - 1);
            draw(format_args!(
                "<line x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{top}\" y2=\"{bottom}\" stroke=\"#e45756\" stroke-width=\"2\"/>"
            ));
        }
        let after = end.max(high) + 6.0;
        draw(format_args!("<text x=\"{after:.1}\" y=\"{}\">{:.2}</text>", middle + 4, ratio.median));
    }
    svg + "</svg>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Outcome, Sample};
    use crate::report::Target;

    #[test]
    fn each_comparison_is_a_bar_and_what_is_longer_than_the_picture_ends_in_it() {
        let mut report = Report::default();
        for (case, ratio) in [("a/<b>", 0.5), ("c", 17.0)] {
            let ratio = Sample { median: ratio, low: ratio * 0.9, high: ratio * 1.1 };
            report.duel(case, "other", Outcome { ledger: 1.0, other: 1.0, ratio }, Target::Ratio(1.0));
        }
        let svg = draw(&report, "2 cores & more");
        assert_eq!(svg.matches("fill=\"#4c78a8\"").count(), 2);
        assert!(svg.contains("a/&lt;b&gt;") && svg.contains("2 cores &amp; more") && svg.contains(">17.00<"));
        assert!(svg.contains(&format!("width=\"{BARS:.1}\"")) && svg.contains("width=\"105.0\""));
    }
}
