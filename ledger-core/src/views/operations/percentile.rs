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
    /// Computes them of numbers of microseconds, in however many pieces. They are all zero when there are no numbers.
    pub(super) fn of(micros: &[&[u64]]) -> Self {
        let all = || micros.iter().copied().flatten().copied();
        let (mut sum, mut max) = (0_u128, 0);
        all().for_each(|micros| (sum, max) = (sum + u128::from(micros), micros.max(max)));
        let count = micros.iter().map(|piece| piece.len()).sum();
        if count == 0 {
            return Self::default();
        }
        let places = [0.5, 0.95, 0.99].map(|fraction| fraction * (count - 1) as f64);
        let ranks = places.iter().flat_map(|place| [place.floor() as usize, place.ceil() as usize]).collect();
        let found = by_rank(micros, count, ranks);
        let at = |n: usize| {
            let (low, high) = (found[2 * n], found[2 * n + 1]);
            from_micros(low as f64 + (high - low) as f64 * places[n].fract())
        };
        let mean = from_micros(sum as f64 / count as f64);
        Self { mean, p50: at(0), p95: at(1), p99: at(2), max: Duration::from_micros(max) }
    }
}

/// Returns the numbers of some ranks. They are not sorted, which for millions would take most of a second: counted by their
/// size, they show near which numbers the ranks lie, and those few alone are.
fn by_rank(numbers: &[&[u64]], count: usize, ranks: Vec<usize>) -> Vec<u64> {
    /// So few are sorted sooner.
    const FEW: usize = 4_096;
    if count <= FEW {
        let mut numbers = numbers.concat();
        numbers.sort_unstable();
        return ranks.into_iter().map(|rank| numbers[rank]).collect();
    }
    by_bins(numbers, ranks)
}

fn by_bins(numbers: &[&[u64]], ranks: Vec<usize>) -> Vec<u64> {
    let numbers = || numbers.iter().copied().flatten().copied();
    let mut counts = vec![0_usize; BINS];
    numbers().for_each(|number| counts[bin(number)] += 1);
    // Where each bin that is wanted begins, and what is in it.
    let mut wanted: Vec<Option<(usize, Vec<u64>)>> = vec![None; BINS];
    let mut before = 0;
    for (count, wanted) in counts.into_iter().zip(&mut wanted) {
        if ranks.iter().any(|rank| (before..before + count).contains(rank)) {
            *wanted = Some((before, Vec::with_capacity(count)));
        }
        before += count;
    }
    for number in numbers() {
        if let Some((_, bin)) = &mut wanted[bin(number)] {
            bin.push(number);
        }
    }
    wanted.iter_mut().flatten().for_each(|(_, bin)| bin.sort_unstable());
    let holding = |rank: usize| {
        let mut bins = wanted.iter().flatten();
        let (before, bin) = bins.find(|(before, bin)| rank < before + bin.len()).expect("each rank has its bin");
        bin[rank - before]
    };
    ranks.into_iter().map(holding).collect()
}

/// A bin holds numbers that agree in their first bits, so that it is at most 1/64 as wide as its numbers are large.
const BITS: u32 = 6;
const BINS: usize = (64 - BITS as usize + 1) << BITS;

fn bin(number: u64) -> usize {
    let shift = (u64::BITS - BITS - 1).saturating_sub(number.leading_zeros());
    ((shift as usize) << BITS) + (number >> shift) as usize
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
        let of = |numbers: &[u64]| Percentiles::of(&[numbers]);
        assert_eq!(of(&[]), Percentiles::default());
        assert_eq!(of(&[7]).p99, Duration::from_micros(7));
        // SELECT percentile_cont(0.5) … 0.95, 0.99 of 40, 10, 30, 20 in Postgres: 25, 38.5 and 39.7.
        let four = of(&[40, 10, 30, 20]);
        assert_eq!((four.p50, four.mean), (Duration::from_nanos(25_000), Duration::from_micros(25)));
        assert_eq!((four.p95, four.p99), (Duration::from_nanos(38_500), Duration::from_nanos(39_700)));
        assert_eq!(four.max, Duration::from_micros(40));
    }

    #[test]
    fn ranks_are_those_of_the_sorted_numbers_however_large_and_however_many_are_equal() {
        let mut seed = 3_u64;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            seed
        };
        for round in 0..200 {
            let (count, width) = (1 + next() as usize % 500, next() % 64);
            let mut numbers: Vec<u64> = (0..count).map(|_| next() >> width).collect();
            if round % 3 == 0 {
                numbers.iter_mut().for_each(|number| *number &= 0b1001);
            }
            numbers.extend([0, u64::MAX, 63, 64, 127, 128]);
            let ranks: Vec<usize> = (0..9).map(|_| next() as usize % numbers.len()).chain([0, count]).collect();
            let (one, other) = numbers.split_at(count / 3);
            let found = by_bins(&[one, other, &[]], ranks.clone());
            numbers.sort_unstable();
            assert_eq!(found, ranks.iter().map(|&rank| numbers[rank]).collect::<Vec<_>>(), "round {round}");
        }
    }

    #[test]
    fn bins_follow_the_order_of_numbers() {
        let powers = (0..64).flat_map(|bit| [(1_u64 << bit) - 1, 1 << bit, (1 << bit) + 1]).chain([u64::MAX]);
        let mut numbers: Vec<u64> = powers.collect();
        numbers.sort_unstable();
        assert!(numbers.is_sorted_by_key(|&number| bin(number)));
        assert_eq!((bin(0), bin(1), bin(63), bin(64), bin(u64::MAX)), (0, 1, 63, 64, BINS - 1));
    }
}
