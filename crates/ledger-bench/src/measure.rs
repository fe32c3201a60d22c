//! How to measure on a machine that others use too: both sides in turn, several times, and the median of their ratios.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

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
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// The middle value.
    pub median: f64,
    /// The first quartile: a quarter of the values is below, …
    pub low: f64,
    /// … and the third one: a quarter is above.
    pub high: f64,
}

impl Sample {
    /// Returns the quartiles of some values.
    pub(crate) fn of(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        let at = |share| quantile(&values, share);
        Self { median: at(0.5), low: at(0.25), high: at(0.75) }
    }
}

/// Returns what such a share of the sorted values is below. Between two values it lies on the line that joins them: taking the
/// nearest one would call five of seven rounds their middle half.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = share * last as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
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
    /// What the ledger came to.
    pub ledger: Sample,
    /// What the other side came to.
    pub other: Sample,
    /// The ratios of the rounds, ledger / other: noise that hits a whole round hits both sides.
    pub ratio: Sample,
}

/// Lets both sides work in turn, A B, B A, A B …, after a round that only warms up. `work` answers its rate
/// or time.
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
    Ok(Outcome { ratio: Sample::of(ratios), ledger: Sample::of(ours), other: Sample::of(others) })
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

    fn sample(values: impl IntoIterator<Item = u8>) -> [f64; 3] {
        let Sample { low, median, high } = Sample::of(values.into_iter().map(f64::from).collect());
        [low, median, high]
    }

    #[test]
    fn quartiles_lie_on_the_line_between_the_values_around_them() {
        assert_eq!(sample([7, 1, 6, 2, 5, 3, 4]), [2.5, 4.0, 5.5]);
        assert_eq!(sample(1..=8), [2.75, 4.5, 6.25]);
        assert_eq!(sample(1..=5), [2.0, 3.0, 4.0]);
        assert_eq!(sample([10, 20]), [12.5, 15.0, 17.5]);
        assert_eq!(sample([3]), [3.0; 3]);
        assert!(sample([]).into_iter().all(f64::is_nan));
    }

    #[test]
    fn the_middle_half_of_seven_rounds_holds_three_of_them() {
        let rounds = [0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 9.0];
        let Sample { low, high, .. } = Sample::of(rounds.to_vec());
        assert_eq!(rounds.into_iter().filter(|&round| low < round && round < high).count(), 3);
    }
}
