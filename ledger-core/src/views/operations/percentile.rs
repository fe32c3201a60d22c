//! Percentiles, exact.

use std::time::Duration;

use serde::{Serialize, Serializer};

/// How long operations took: exact, and between two of them interpolated, as `PERCENTILE_CONT` of SQL does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Percentiles {
    /// The mean.
    #[serde(rename = "avg_duration_ms", serialize_with = "millis")]
    pub mean: Duration,
    /// Half of them took no longer.
    #[serde(rename = "p50_duration_ms", serialize_with = "millis")]
    pub p50: Duration,
    /// 95 of 100 took no longer.
    #[serde(rename = "p95_duration_ms", serialize_with = "millis")]
    pub p95: Duration,
    /// 99 of 100 took no longer.
    #[serde(rename = "p99_duration_ms", serialize_with = "millis")]
    pub p99: Duration,
    /// None took longer.
    #[serde(rename = "max_duration_ms", serialize_with = "millis")]
    pub max: Duration,
}

impl Percentiles {
    /// Computes them of numbers of microseconds, whose order is lost. They are all zero when there are no numbers.
    pub(super) fn of(micros: &mut [u64]) -> Self {
        if micros.is_empty() {
            return Self::default();
        }
        let sum: u128 = micros.iter().map(|&micros| u128::from(micros)).sum();
        let mean = sum as f64 / micros.len() as f64;
        let max = micros.iter().copied().max().unwrap_or_default();
        // From the right to the left: what lies left of one is all that the next has to look through.
        let p99 = percentile(micros, 0.99);
        let p95 = percentile(micros, 0.95);
        let p50 = percentile(micros, 0.5);
        Self { mean: from_micros(mean), p50, p95, p99, max: Duration::from_micros(max) }
    }
}

/// Returns what lies at a fraction of the way through some numbers in order.
fn percentile(numbers: &mut [u64], fraction: f64) -> Duration {
    let place = fraction * (numbers.len() - 1) as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    let (_, &mut low, above) = numbers.select_nth_unstable(below);
    let high = above.iter().copied().min().unwrap_or(low);
    from_micros(low as f64 + (high - low) as f64 * part)
}

fn from_micros(micros: f64) -> Duration {
    Duration::from_nanos((micros * 1_000.0).round() as u64)
}

/// Writes a duration as a number of milliseconds.
pub(super) fn millis<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_nanos() as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_two_numbers_a_percentile_is_interpolated() {
        let of = |numbers: &[u64]| Percentiles::of(&mut numbers.to_vec());
        assert_eq!(of(&[]), Percentiles::default());
        assert_eq!(of(&[7]).p99, Duration::from_micros(7));
        // SELECT percentile_cont(0.5) … 0.95, 0.99 of 40, 10, 30, 20 in Postgres: 25, 38.5 and 39.7.
        let four = of(&[40, 10, 30, 20]);
        assert_eq!((four.p50, four.mean), (Duration::from_nanos(25_000), Duration::from_micros(25)));
        assert_eq!((four.p95, four.p99), (Duration::from_nanos(38_500), Duration::from_nanos(39_700)));
        assert_eq!(four.max, Duration::from_micros(40));
    }
}
