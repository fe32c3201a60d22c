//! How much there is each day, and where that leads.

use serde::Serialize;

use crate::time::Timestamp;

use super::{OperationLog, Period, Slice};

const DAY_MICROS: i64 = 86_400_000_000;

/// How many operations each day has, and how many bytes of events they make; and what follows from it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Capacity {
    /// The whole days of the period after that of the first operation in it, those without operations included.
    pub days: Vec<Day>,
    /// The mean of operations a day.
    pub operations_per_day: f64,
    /// The mean of bytes of events a day, before the engine compresses or indexes them.
    pub bytes_per_day: f64,
    /// By how many operations a day more is expected each day than the day before, by least squares.
    pub growth_per_day: f64,
}

/// One day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Day {
    /// Its midnight, in UTC.
    pub day: Timestamp,
    /// How many operations ended.
    pub operations: u64,
    /// How many bytes their events have.
    pub bytes: u64,
}

/// What is expected of the days to come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Forecast {
    /// How many days ahead.
    pub days: u32,
    /// How many operations they bring.
    pub operations: f64,
    /// How far off that may be, with 95 in 100.
    pub operations_error: f64,
    /// How many bytes of events they bring.
    pub bytes: f64,
    /// How far off that may be, with 95 in 100.
    pub bytes_error: f64,
}

/// A straight line through the numbers of some days.
struct Line {
    count: f64,
    mean_day: f64,
    mean: f64,
    slope: f64,
    /// The sum of squares of the days about their mean.
    spread: f64,
    /// The standard error of a day about the line.
    error: f64,
}

impl OperationLog {
    /// Returns what each whole day of a period had. The day of the first operation in it does not count, which the log may
    /// have begun on, unless the period begins at that day's midnight.
    #[must_use]
    pub fn capacity(&self, period: Period, slice: &Slice) -> Capacity {
        let day_of = |micros: i64| micros.div_euclid(DAY_MICROS);
        let days_with = || self.rows(period, slice).map(|(_, ended, _)| day_of(ended));
        // Days that are there in part would look like days with less.
        let begin = day_of(period.from.as_micros() + DAY_MICROS - 1);
        let at_midnight = period.from.as_micros().rem_euclid(DAY_MICROS) == 0;
        // All time has no end: there the last operation is.
        let end = match period.to {
            Timestamp::MAX => days_with().max().map_or(begin, |last| last + 1),
            to => day_of(to.as_micros()),
        };
        let first = match days_with().min() {
            None => end,
            Some(day) if day == begin && at_midnight => begin,
            Some(day) => begin.max(day + 1),
        };
        let mut days: Vec<Day> = (first..end).filter_map(Day::new).collect();
        for (row, ended, _) in self.rows(period, slice) {
            let place = day_of(ended) - first;
            if let Some(day) = usize::try_from(place).ok().and_then(|place| days.get_mut(place)) {
                day.operations += 1;
                day.bytes += u64::from(self.rest[row].bytes);
            }
        }
        let operations = Line::through(days.iter().map(|day| day.operations as f64));
        let bytes = Line::through(days.iter().map(|day| day.bytes as f64));
        Capacity {
            operations_per_day: operations.mean,
            bytes_per_day: bytes.mean,
            growth_per_day: operations.slope,
            days,
        }
    }
}

impl Day {
    fn new(day: i64) -> Option<Self> {
        Some(Self { day: Timestamp::from_micros(day * DAY_MICROS).ok()?, operations: 0, bytes: 0 })
    }
}

impl Capacity {
    /// The fewest days from which anything is expected of others.
    pub const FEWEST_DAYS: usize = 3;

    /// Returns what so many days to come bring, if they go on as these did; nothing when these are too few to tell.
    #[must_use]
    pub fn forecast(&self, days: u32) -> Option<Forecast> {
        if self.days.len() < Self::FEWEST_DAYS {
            return None;
        }
        let operations = Line::through(self.days.iter().map(|day| day.operations as f64));
        let bytes = Line::through(self.days.iter().map(|day| day.bytes as f64));
        let ((operations, operations_error), (bytes, bytes_error)) = (operations.next(days), bytes.next(days));
        Some(Forecast { days, operations, operations_error, bytes, bytes_error })
    }

    /// Returns in how many days so many bytes of events more are there, if it goes on as it did; nothing when these days
    /// are too few to tell, or when that is further off than a hundred years.
    #[must_use]
    pub fn days_until(&self, bytes: f64) -> Option<u32> {
        const CENTURY: u32 = 36_500;
        if self.days.len() < Self::FEWEST_DAYS {
            return None;
        }
        let line = Line::through(self.days.iter().map(|day| day.bytes as f64));
        let mut sum = 0.0;
        (0..=CENTURY).find(|&day| {
            let reached = sum >= bytes;
            sum += line.ahead(day);
            reached
        })
    }
}

impl Line {
    fn through(numbers: impl Iterator<Item = f64> + Clone) -> Self {
        let count = numbers.clone().count() as f64;
        if count == 0.0 {
            return Self { count, mean_day: 0.0, mean: 0.0, slope: 0.0, spread: 0.0, error: 0.0 };
        }
        let days = || (0..).map(f64::from);
        let (mean_day, mean) = ((count - 1.0) / 2.0, numbers.clone().sum::<f64>() / count);
        let spread: f64 = days().zip(numbers.clone()).map(|(day, _)| (day - mean_day).powi(2)).sum();
        let both: f64 = days().zip(numbers.clone()).map(|(day, number)| (day - mean_day) * (number - mean)).sum();
        let slope = if spread > 0.0 { both / spread } else { 0.0 };
        let expected = |day: f64| mean + slope * (day - mean_day);
        let squares: f64 = days().zip(numbers).map(|(day, number)| (number - expected(day)).powi(2)).sum();
        let error = if count > 2.0 { (squares / (count - 2.0)).sqrt() } else { 0.0 };
        Self { count, mean_day, mean, slope, spread, error }
    }

    /// Returns what is expected of a day to come, 0 for the first of them.
    fn ahead(&self, day: u32) -> f64 {
        (self.mean + self.slope * (self.count + f64::from(day) - self.mean_day)).max(0.0)
    }

    /// Returns within how many standard errors 95 in 100 lie: more, the fewer days the error itself is known by (Student's t).
    fn width(&self) -> f64 {
        const FEW: [f64; 20] = [
            12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
            2.120, 2.110, 2.101, 2.093, 2.086,
        ];
        let freedom = self.count - 2.0;
        let beyond = 1.96 + 2.4 / freedom;
        (freedom as usize).checked_sub(1).and_then(|place| FEW.get(place).copied()).unwrap_or(beyond)
    }

    /// Returns the sum of the next days, none of them below zero, and how far off it may be.
    fn next(&self, days: u32) -> (f64, f64) {
        let sum = (0..days).map(|day| self.ahead(day)).sum();
        let days = f64::from(days);
        // The sum of some days about a line that is itself uncertain in its height and its slope.
        let away = self.count + (days - 1.0) / 2.0 - self.mean_day;
        let slope = if self.spread > 0.0 { away.powi(2) / self.spread } else { 0.0 };
        let error = self.error * (days + days.powi(2) * (1.0 / self.count + slope)).sqrt();
        (sum, self.width() * error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capacity(operations: &[u64]) -> Capacity {
        let day = |(day, &operations): (usize, &u64)| Day {
            operations,
            bytes: operations * 100,
            ..Day::new(day as i64).unwrap()
        };
        let days = operations.iter().enumerate().map(day).collect();
        let line = Line::through(operations.iter().map(|&count| count as f64));
        Capacity { days, operations_per_day: line.mean, bytes_per_day: 100.0 * line.mean, growth_per_day: line.slope }
    }

    #[test]
    fn what_grows_evenly_is_expected_to_go_on() {
        let even = capacity(&[10, 20, 30, 40]);
        assert!((even.growth_per_day - 10.0).abs() < 1e-9 && (even.operations_per_day - 25.0).abs() < 1e-9);
        let next = even.forecast(2).unwrap();
        assert!((next.operations - 110.0).abs() < 1e-9 && next.operations_error < 1e-9, "{next:?}");
        assert_eq!(
            (even.days_until(0.0), even.days_until(5_000.0), even.days_until(5_000.1)),
            (Some(0), Some(1), Some(2))
        );
        assert_eq!(capacity(&[10, 20]).forecast(1), None);
        let falling = capacity(&[30, 20, 10]);
        assert_eq!(falling.forecast(100).unwrap().operations, 0.0, "there are never fewer than none");
        assert_eq!(falling.days_until(1.0), None);
    }

    #[test]
    fn a_forecast_errs_as_often_as_it_says() {
        let mut seed = 7_u64;
        let mut noise = || {
            let mut next = || {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (seed >> 33) as f64 / f64::from(1_u32 << 31)
            };
            (0..12).map(|_| next()).sum::<f64>() - 6.0
        };
        for days in [3, 5, 7, 30] {
            let mut within = 0;
            for _ in 0..2_000 {
                let number = |day: usize| 1_000.0 + 5.0 * day as f64 + 50.0 * noise();
                let numbers: Vec<f64> = (0..days + 7).map(number).collect();
                let (sum, error) = Line::through(numbers[..days].iter().copied()).next(7);
                within += u32::from((numbers[days..].iter().sum::<f64>() - sum).abs() <= error);
            }
            assert!((1_870..=1_930).contains(&within), "{within} of 2,000 were within 95 in 100 after {days} days");
        }
    }
}
