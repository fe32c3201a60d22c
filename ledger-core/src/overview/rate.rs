//! How many events were recorded in each minute of the last hour, however many: few are counted one by one, and of many
//! the older ones by their offsets, because these have no gaps when they are given.

use futures::future::try_join_all;
use serde::Serialize;

use crate::error::Result;
use crate::event::Offset;
use crate::ledger::Ledger;
use crate::query::Query;
use crate::time::Timestamp;

const MINUTE: i64 = 60_000_000;
const MINUTES: usize = 60;
/// At how many places one looks at the time where events are counted by offsets, …
const PLACES: u64 = 60;
/// … and between two of them that are more than two minutes apart: there it was quiet, and one wants to know when.
const BETWEEN: u64 = 6;
/// At how many at once.
const AT_ONCE: usize = 8;

/// How many events were recorded in each minute of an hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// The minutes, the oldest first.
    #[serde(rename = "rate")]
    pub minutes: Vec<Minute>,
    /// Whether all of them were counted one by one. Otherwise the older ones were counted by their offsets, those that
    /// were removed since among them, and parted between minutes by the times of some.
    #[serde(rename = "rate_whole")]
    pub whole: bool,
    /// How many there are in all.
    pub events_last_hour: u64,
}

/// A minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Minute {
    /// When it begins.
    pub from: Timestamp,
    /// How many events were recorded in it.
    pub events: u64,
}

/// Where an event is, and when it was recorded, in microseconds since 1970.
type Point = (Offset, i64);

/// Counts events by when they were recorded.
pub(super) struct Counter {
    from: i64,
    counts: [u64; MINUTES],
}

impl Counter {
    /// Starts an hour before a time.
    pub(super) fn new(now: Timestamp) -> Self {
        Self { from: now.as_micros().saturating_sub(MINUTE * MINUTES as i64), counts: [0; MINUTES] }
    }

    /// Says whether a time is not too old to count.
    pub(super) fn covers(&self, time: Timestamp) -> bool {
        time.as_micros() >= self.from
    }

    pub(super) fn add(&mut self, time: Timestamp) {
        if self.covers(time) {
            self.counts[self.minute(time.as_micros())] += 1;
        }
    }

    /// Adds the events before one that counts, by their offsets.
    pub(super) async fn add_before(
        &mut self,
        ledger: &(impl Ledger + ?Sized),
        offset: Offset,
        time: Timestamp,
    ) -> Result<()> {
        let end = (offset, time.as_micros());
        let Some(begin) = first_since(ledger, self.from, end).await? else { return Ok(()) };
        let mut points = vec![begin];
        points.extend(all(ledger, between(begin, end, PLACES)).await?);
        points.push((end.0.before(), end.1));
        let quiet = points.windows(2).filter(|pair| pair[1].1 - pair[0].1 > 2 * MINUTE);
        let closer = quiet.flat_map(|pair| between(pair[0], pair[1], BETWEEN)).collect();
        points.extend(all(ledger, closer).await?);
        points.sort_unstable();
        self.spread(1, begin.1, begin.1);
        let mut last = begin;
        for (offset, time) in points.into_iter().skip(1) {
            // Clocks may have been set back, and places without an event are told the one before.
            let time = time.max(last.1);
            self.spread(offset.get().saturating_sub(last.0.get()), last.1, time);
            last = (offset.max(last.0), time);
        }
        Ok(())
    }

    pub(super) fn rate(&self, whole: bool) -> Rate {
        let time = |minute: usize| Timestamp::from_micros(self.from + minute as i64 * MINUTE).unwrap_or(Timestamp::MIN);
        let minutes = (0..).zip(&self.counts).map(|(minute, &events)| Minute { from: time(minute), events });
        Rate { minutes: minutes.collect(), whole, events_last_hour: self.counts.iter().sum() }
    }

    /// Returns the minute of a time. What is past the last belongs to it: clocks differ.
    fn minute(&self, time: i64) -> usize {
        usize::try_from((time - self.from) / MINUTE).unwrap_or_default().min(MINUTES - 1)
    }

    /// Adds events that were recorded between two times, as many in one part of it as in another.
    fn spread(&mut self, count: u64, begin: i64, end: i64) {
        let (last, mut added) = (self.minute(end), 0);
        for minute in self.minute(begin)..last {
            let until = self.from + (minute as i64 + 1) * MINUTE;
            let part = i128::from(count) * i128::from(until - begin) / i128::from(end - begin);
            let part = u64::try_from(part).unwrap_or_default().clamp(added, count);
            self.counts[minute] += part - added;
            added = part;
        }
        self.counts[last] += count - added;
    }
}

/// Returns the first event that was recorded at a time or later, if it is before one that was.
async fn first_since(ledger: &(impl Ledger + ?Sized), from: i64, known: Point) -> Result<Option<Point>> {
    let (mut first, mut too_old, mut step) = (known, Offset::START, 1 << 15);
    // In steps that grow, because the hour may be a small part of what lies before.
    while first.0.get() > step {
        let place = number(first.0.get() - step);
        match at(ledger, place).await? {
            Some(point) if point.1 >= from => (first, step) = (point, step * 2),
            _ => {
                too_old = place;
                break;
            }
        }
    }
    while first.0.get() > too_old.get() + 1 {
        let middle = number(too_old.get().midpoint(first.0.get()));
        match at(ledger, middle).await? {
            Some(point) if point.1 >= from && point.0 > too_old => first = point,
            _ => too_old = middle,
        }
    }
    Ok((first.0 < known.0).then_some(first))
}

/// Returns some places between two, as far from each other.
fn between(begin: Point, end: Point, count: u64) -> Vec<Offset> {
    let step = end.0.get().saturating_sub(begin.0.get()).div_ceil(count).max(1);
    (1..).map(|place| number(begin.0.get() + place * step)).take_while(|place| *place < end.0).collect()
}

/// Returns the events at some places, or before them.
async fn all(ledger: &(impl Ledger + ?Sized), places: Vec<Offset>) -> Result<Vec<Point>> {
    let mut points = Vec::new();
    for places in places.chunks(AT_ONCE) {
        points.extend(try_join_all(places.iter().map(|&place| at(ledger, place))).await?.into_iter().flatten());
    }
    Ok(points)
}

/// Returns the event at an offset, or the last one before it.
async fn at(ledger: &(impl Ledger + ?Sized), offset: Offset) -> Result<Option<Point>> {
    let page = ledger.read(&Query::all().up_to(offset).descending().limit(1)?).await?;
    Ok(page.events.first().map(|event| (event.offset, event.recorded_at.as_micros())))
}

fn number(value: u64) -> Offset {
    Offset::new(value).unwrap_or(Offset::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000).unwrap()
    }

    #[test]
    fn an_event_counts_in_its_minute_and_none_that_is_older_than_an_hour() {
        let mut counter = Counter::new(seconds(7_200));
        for time in [3_599, 3_600, 3_659, 3_660, 7_199, 7_200, 9_000] {
            counter.add(seconds(time));
        }
        let rate = counter.rate(true);
        assert_eq!((rate.minutes.len(), rate.events_last_hour), (60, 6));
        assert_eq!((rate.minutes[0].from, rate.minutes[59].from), (seconds(3_600), seconds(7_140)));
        let counts: Vec<_> = rate.minutes.iter().map(|minute| minute.events).collect();
        assert_eq!(
            (counts[0], counts[1], counts[59]),
            (2, 1, 3),
            "what comes from a clock that is ahead is the newest"
        );
    }

    #[test]
    fn events_between_two_times_are_parted_by_them_and_none_is_lost() {
        let mut counter = Counter::new(seconds(3_600));
        counter.spread(100, 30_000_000, 150_000_000);
        assert_eq!(counter.counts[..4], [25, 50, 25, 0]);
        counter.spread(7, 90_000_000, 90_000_000);
        assert_eq!(counter.counts[1], 57);
        counter.spread(1_000_003, 0, 3_600_000_000);
        assert_eq!(counter.counts.iter().sum::<u64>(), 107 + 1_000_003);
    }
}
