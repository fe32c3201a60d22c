//! The equal parts of a period, so that what happened can be shown part by part.

use crate::time::Timestamp;

use super::Period;

/// The equal parts of a period.
pub(super) struct Parts {
    from: i64,
    width: u64,
    count: usize,
    /// The part of the time before, from and up to when: mostly that of the next, too, and a division takes long.
    last: (usize, i64, i64),
}

impl Parts {
    pub(super) fn new(period: Period, count: usize) -> Self {
        let from = period.from.as_micros();
        let length = u64::try_from(period.to.as_micros() - from).unwrap_or(0);
        Self { from, width: (length / (count as u64).max(1)).max(1), count, last: (0, 0, 0) }
    }

    /// Returns the part of a time; what a division leaves over belongs to the last.
    pub(super) fn at(&mut self, time: i64) -> Option<usize> {
        let (place, begin, end) = self.last;
        if begin <= time && time < end {
            return Some(place);
        }
        let last = self.count.checked_sub(1)?;
        let place = usize::try_from((time - self.from) as u64 / self.width).unwrap_or(last).min(last);
        let begin = self.from + (place as u64 * self.width) as i64;
        self.last = (place, begin, begin.saturating_add(self.width as i64));
        Some(place)
    }

    /// Returns when a part begins.
    pub(super) fn start(&self, place: usize) -> Timestamp {
        let micros = self.from.saturating_add((place as u64 * self.width) as i64);
        Timestamp::from_micros(micros).unwrap_or(Timestamp::MAX)
    }
}
