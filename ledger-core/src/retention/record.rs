//! The record of what was removed, so that nobody takes it for lost.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::event::{Draft, Event, Offset};

/// What was removed, and why: the payload of `ledger.pruned`. It is recorded first and removed then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pruned {
    /// By which policy, or by whose word.
    pub policy: String,
    /// How many events.
    pub count: u64,
    /// Where they were: the first and the last offset of each run of them.
    pub ranges: Vec<(Offset, Offset)>,
    /// The digest of their lines, as `ledger export` printed them; nothing when one could not be read any more.
    pub digest: Option<String>,
}

/// The run of all that retention records.
pub const RUN: &str = "retention";

impl Pruned {
    /// The kind of the event.
    pub const KIND: &str = "ledger.pruned";
    /// The version of the payload's shape.
    pub const VERSION: u32 = 1;

    /// Reads the record out of an event; nothing when it is none. It tells of what was there before it, and of nothing else.
    #[must_use]
    pub fn of_event(event: &Event) -> Option<Self> {
        if event.kind.as_str() != Self::KIND || event.run_id.as_str() != RUN {
            return None;
        }
        let record = event.payload_as::<Self>().ok()?;
        record.ranges.iter().all(|(from, to)| from <= to && *to < event.offset).then_some(record)
    }

    /// Returns the record of events that are about to go, by their rising offsets.
    pub(super) fn of(policy: &str, offsets: &[Offset], digest: Option<String>) -> Self {
        let ranges = runs(offsets.iter().copied());
        Self { policy: policy.to_owned(), count: offsets.len() as u64, ranges, digest }
    }

    /// Returns its event. Fails past the limits of [`Draft`].
    pub(super) fn draft(&self) -> Result<Draft> {
        by_retention(Draft::new(Self::KIND, self)?.schema_version(Self::VERSION))
    }
}

/// Says who does it, and in which run.
pub(super) fn by_retention(draft: Draft) -> Result<Draft> {
    draft.run(RUN)?.actor("retention")
}

/// Joins rising offsets into runs.
fn runs(offsets: impl Iterator<Item = Offset>) -> Vec<(Offset, Offset)> {
    let mut runs: Vec<(Offset, Offset)> = Vec::new();
    for offset in offsets {
        match runs.last_mut() {
            Some((_, last)) if last.plus(1) == offset => *last = offset,
            _ => runs.push((offset, offset)),
        }
    }
    runs
}

/// Counts the offsets of some ranges that lie in others, too.
pub(crate) fn overlap(ranges: &[(Offset, Offset)], mut others: Vec<(Offset, Offset)>) -> u64 {
    others.sort_unstable();
    let (mut common, mut past) = (0, Offset::START);
    let mut rest = ranges.iter().peekable();
    for (first, last) in others {
        // Others may overlap each other, and each offset counts once.
        let first = first.max(past.plus(1));
        while let Some((from, to)) = rest.peek() {
            let (low, high) = (first.max(*from), last.min(*to));
            if low <= high {
                common += high.get() - low.get() + 1;
            }
            if *to > last {
                break;
            }
            rest.next();
        }
        past = past.max(last);
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(ranges: &[(u64, u64)]) -> Vec<(Offset, Offset)> {
        ranges.iter().map(|&(from, to)| (Offset::new(from).unwrap(), Offset::new(to).unwrap())).collect()
    }

    #[test]
    fn an_overlap_counts_each_offset_once() {
        let gaps = ranges(&[(1, 3), (5, 5), (10, 20)]);
        for (others, expected) in [
            (&[][..], 0),
            (&[(1, 20)], 15),
            (&[(2, 11), (2, 11)], 5),
            (&[(11, 12), (1, 1), (12, 13)], 4),
            (&[(4, 4), (6, 9), (21, 30)], 0),
            (&[(5, 5), (5, 12), (3, 4), (12, 12), (20, 20)], 6),
        ] {
            assert_eq!(overlap(&gaps, ranges(others)), expected, "{others:?}");
        }
    }

    #[test]
    fn offsets_in_a_row_are_one_run() {
        let offsets = [1, 2, 3, 7, 9, 10].map(|offset| Offset::new(offset).unwrap());
        assert_eq!(runs(offsets.into_iter()), ranges(&[(1, 3), (7, 7), (9, 10)]));
    }
}
