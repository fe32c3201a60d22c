//! How to measure on a machine that others use too: both sides in turn, several times, and the median of their ratios.

use std::time::{Duration, Instant};

use crate::Result;

/// Who does the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The ledger.
    Ledger,
    /// What it is compared with.
    Other,
}

/// What a measurement came to, over its rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    /// The middle value.
    pub median: f64,
    /// What a quarter of the values is below, …
    pub low: f64,
    /// … and above.
    pub high: f64,
}

impl Sample {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        let (count, quarter) = (values.len(), values.len() / 4);
        Self { median: at(count / 2), low: at(quarter), high: at(count.saturating_sub(1 + quarter)) }
    }
}

/// Something that was measured once.
impl From<f64> for Sample {
    fn from(value: f64) -> Self {
        Self { median: value, low: value, high: value }
    }
}

/// What a comparison came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Outcome {
    /// The median rate of the ledger.
    pub ledger: f64,
    /// The median rate of the other side.
    pub other: f64,
    /// The ratios of the rounds: noise that hits a whole round hits both sides.
    pub ratio: Sample,
}

/// Lets both sides work in turn, A B, B A, A B …, after a round that only warms up. `work` answers its rate.
pub(crate) async fn duel(rounds: usize, mut work: impl AsyncFnMut(Side, usize) -> Result<f64>) -> Result<Outcome> {
    let (mut ours, mut others) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let (ledger, other);
        if round % 2 == 0 {
            ledger = work(Side::Ledger, round).await?;
            other = work(Side::Other, round).await?;
        } else {
            other = work(Side::Other, round).await?;
            ledger = work(Side::Ledger, round).await?;
        }
        if round > 0 {
            ours.push(ledger);
            others.push(other);
        }
    }
    let ratios = ours.iter().zip(&others).map(|(ledger, other)| ledger / other).collect();
    Ok(Outcome { ratio: Sample::of(ratios), ledger: median(ours), other: median(others) })
}

/// Repeats a measurement after a round that only warms up.
pub(crate) async fn repeat(rounds: usize, mut work: impl AsyncFnMut(usize) -> Result<f64>) -> Result<Sample> {
    let mut values = Vec::new();
    for round in 0..=rounds {
        let value = work(round).await?;
        if round > 0 {
            values.push(value);
        }
    }
    Ok(Sample::of(values))
}

/// Returns how many pieces of work were done a second since `start`.
pub(crate) fn rate(count: usize, start: Instant) -> f64 {
    count as f64 / start.elapsed().max(Duration::from_nanos(1)).as_secs_f64()
}

/// Returns the microseconds since `start`.
pub(crate) fn micros(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e6
}

/// Returns the middle value.
pub(crate) fn median(values: Vec<f64>) -> f64 {
    Sample::of(values).median
}

/// Returns the value that so many of a thousand are not above.
pub(crate) fn percentile(values: &mut [f64], permille: usize) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get((values.len() * permille / 1_000).min(values.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

/// Forgets the peak of memory so far; says whether the system can.
pub(crate) fn reset_peak() -> bool {
    std::fs::write("/proc/self/clear_refs", "5").is_ok()
}

/// Returns the most memory this process held since the reset, in bytes; nothing where the system does not say.
pub(crate) fn peak_bytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1_024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_value() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).is_nan());
        let sample = Sample::of((1..=8).map(f64::from).collect());
        assert_eq!((sample.low, sample.median, sample.high), (3.0, 5.0, 6.0));
    }
}
