//! The verdict: what writers and tailers were told, compared with what the ledger holds.

use std::collections::HashSet;

use ledger_core::Offset;

use super::collected::{Collected, Lanes, Tail, Track};
use super::faults::{FaultKind, Faults};
use super::mark::Mark;

/// What the comparison says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// How many events are in the ledger.
    pub appended: u64,
    /// How many events were acknowledged. Some that are in the ledger were not, because their writer was killed.
    pub acknowledged: u64,
    /// How many receipts said that the event was there already.
    pub repeated: u64,
    /// How many conflicts were refused.
    pub refused: u64,
    /// How many events were delivered to tailers.
    pub delivered: u64,
    /// What is wrong.
    pub faults: Faults,
}

/// Compares what was collected.
pub(super) fn judge(collected: &Collected) -> Verdict {
    let mut faults = collected.faults.clone();
    let there = look_through(collected, &mut faults);
    for (mark, receipt) in collected.receipts.iter() {
        let (found, said) = (there.get(mark).offset, receipt.offset);
        if found == Offset::START {
            faults.add(FaultKind::Lost, || format!("`{mark}`, acknowledged at offset {said}, is not in the ledger"));
        } else if found != said {
            faults.add(FaultKind::Misplaced, || format!("`{mark}`, acknowledged at offset {said}, is at {found}"));
        }
    }
    for (tailer, tail) in collected.tails.iter().enumerate() {
        compare(tailer, tail, collected, &mut faults);
    }
    Verdict {
        appended: collected.ledger.count(),
        acknowledged: collected.acknowledged,
        repeated: collected.repeated,
        refused: collected.refused,
        delivered: collected.tails.iter().map(|tail| tail.track.count()).sum(),
        faults,
    }
}

/// Looks for what is wrong with the ledger alone. Returns where each event is.
fn look_through(collected: &Collected, faults: &mut Faults) -> Lanes {
    let (mut there, mut last) = (Lanes::default(), Offset::START);
    for (offset, mark) in collected.ledger.iter() {
        if offset > last {
            miss(last, offset.before(), faults);
            last = offset;
        } else {
            faults.add(FaultKind::Unordered, || format!("the ledger gave offset {offset} after offset {last}"));
        }
        let Some(mark) = mark.filter(|mark| !mark.is_refused()) else {
            faults.add(FaultKind::Stray, || format!("{} at offset {offset} should not be there", named(mark)));
            continue;
        };
        let seen = there.at(mark);
        seen.times += 1;
        let first = seen.offset;
        if first == Offset::START {
            seen.offset = offset;
        } else {
            faults.add(FaultKind::Doubled, || format!("`{mark}` is at offset {first} and at offset {offset}"));
        }
    }
    miss(last, collected.head, faults);
    there
}

/// Adds the offsets past one and up to another, none of which has an event.
fn miss(after: Offset, up_to: Offset, faults: &mut Faults) {
    let count = up_to.get().saturating_sub(after.get());
    if count > 0 {
        faults.add_many(FaultKind::Hole, count, || format!("no event at offsets {} to {up_to}", after.plus(1)));
    }
}

/// Compares what a tailer was given with what is in the ledger.
fn compare(tailer: usize, tail: &Tail, collected: &Collected, faults: &mut Faults) {
    let late = late(tailer, &tail.track, faults);
    let skipped = |offset: Offset, faults: &mut Faults| {
        // What came late was not skipped.
        if !late.contains(&offset) {
            faults.add(FaultKind::Skipped, || format!("tailer {tailer} was not given offset {offset}"));
        }
    };
    let mut expected = rising(&collected.ledger).peekable();
    // What was recorded after the head was looked up, by a server for a writer that was dead, is compared with nothing.
    for (offset, mark) in rising(&tail.track).take_while(|(offset, _)| *offset <= collected.head) {
        while let Some((missed, _)) = expected.next_if(|(there, _)| *there < offset) {
            skipped(missed, faults);
        }
        let there = expected.next_if(|(there, _)| *there == offset);
        if there != Some((offset, mark)) {
            let there = there.map_or_else(|| "nothing".to_owned(), |(_, there)| named(there));
            let what = || format!("tailer {tailer} was given {} at offset {offset}, where {there} is", named(mark));
            faults.add(FaultKind::Phantom, what);
        }
    }
    for (missed, _) in expected.take_while(|(offset, _)| *offset <= tail.until) {
        skipped(missed, faults);
    }
}

/// Finds what came after a higher offset, or again. Returns its offsets.
fn late(tailer: usize, track: &Track, faults: &mut Faults) -> HashSet<Offset> {
    let (mut late, mut highest) = (HashSet::new(), Offset::START);
    for (offset, _) in track.iter() {
        if offset > highest {
            highest = offset;
            continue;
        }
        late.insert(offset);
        faults.add(FaultKind::Unordered, || format!("tailer {tailer} was given offset {offset} after {highest}"));
    }
    late
}

/// Lists what came after nothing higher.
fn rising(track: &Track) -> impl Iterator<Item = (Offset, Option<Mark>)> {
    let mut highest = Offset::START;
    track.iter().filter(move |(offset, _)| {
        let rises = *offset > highest;
        highest = highest.max(*offset);
        rises
    })
}

fn named(mark: Option<Mark>) -> String {
    mark.map_or_else(|| "an event of somebody else".to_owned(), |mark| format!("`{mark}`"))
}

#[cfg(test)]
mod tests {
    use ledger_core::Status;

    use super::super::mark::Content;
    use super::super::said::Said;
    use super::*;

    fn at(offset: u64) -> Offset {
        Offset::new(offset).unwrap()
    }

    fn mark(index: u32) -> Mark {
        Mark::own(0, index)
    }

    fn receipt(index: u32, offset: u64) -> Said {
        Said::Acknowledged { mark: mark(index), offset: at(offset), status: Status::New }
    }

    fn delivered(tailer: u32, offset: u64, mark: Option<Mark>) -> Said {
        Said::Delivered { tailer, offset: at(offset), mark }
    }

    /// A hunt that found nothing: four events, of which one was not acknowledged, two tailers, a repeat and a conflict.
    fn told() -> Vec<Said> {
        let mut told = vec![
            receipt(1, 1),
            receipt(2, 2),
            receipt(4, 4),
            Said::Acknowledged { mark: mark(2), offset: at(2), status: Status::Duplicate },
            Said::Refused(mark(1)),
        ];
        for tailer in 0..2 {
            told.extend((1..=4_u32).map(|index| delivered(tailer, index.into(), Some(mark(index)))));
        }
        told
    }

    fn stored() -> Vec<(u64, Option<Mark>, Content)> {
        (1..=4_u32).map(|index| (u64::from(index), Some(mark(index)), Content::Genuine)).collect()
    }

    fn judged(told: &[Said], stored: &[(u64, Option<Mark>, Content)]) -> Verdict {
        let mut collected = Collected::new(2);
        collected.take(told);
        collected.head = at(4);
        (0..2).for_each(|tailer| collected.expect(tailer, at(4)));
        for &(offset, mark, content) in stored {
            collected.stored(at(offset), mark, content);
        }
        judge(&collected)
    }

    /// Panics unless just these faults are found, so many of each kind.
    fn finds(verdict: &Verdict, wanted: &[(FaultKind, u64)]) {
        for kind in FaultKind::ALL {
            let count = wanted.iter().find(|(wanted, _)| *wanted == kind).map_or(0, |(_, count)| *count);
            assert_eq!(verdict.faults.count(kind), count, "{kind:?} in {:?}", verdict.faults.first());
        }
    }

    #[test]
    fn a_hunt_that_lost_nothing_is_counted_and_finds_nothing() {
        let verdict = judged(&told(), &stored());
        finds(&verdict, &[]);
        assert_eq!((verdict.appended, verdict.acknowledged, verdict.delivered), (4, 3, 8));
        assert_eq!((verdict.repeated, verdict.refused), (1, 1));
    }

    #[test]
    fn a_lost_event_is_found_with_the_hole_that_it_leaves() {
        let (mut stored, told) = (stored(), told());
        stored.remove(1);
        finds(&judged(&told, &stored), &[(FaultKind::Lost, 1), (FaultKind::Hole, 1), (FaultKind::Phantom, 2)]);
        // At the end, where only the head tells that something was there.
        let mut stored = self::stored();
        stored.pop();
        let verdict = judged(&told, &stored);
        finds(&verdict, &[(FaultKind::Lost, 1), (FaultKind::Hole, 1), (FaultKind::Phantom, 2)]);
        assert!(verdict.faults.first()[0].what.contains("offsets 4 to 4"), "{:?}", verdict.faults.first());
    }

    #[test]
    fn a_doubled_event_is_found_in_the_ledger_and_in_receipts() {
        let (mut stored, mut told) = (stored(), told());
        stored[2].1 = Some(mark(1));
        finds(&judged(&told, &stored), &[(FaultKind::Doubled, 1), (FaultKind::Phantom, 2)]);
        told.push(receipt(1, 1));
        finds(&judged(&told, &self::stored()), &[(FaultKind::Doubled, 1)]);
    }

    #[test]
    fn a_receipt_with_another_offset_is_found() {
        let mut told = told();
        told[0] = receipt(1, 3);
        finds(&judged(&told, &stored()), &[(FaultKind::Misplaced, 1)]);
        told[0] = receipt(1, 1);
        told.push(Said::Acknowledged { mark: mark(1), offset: at(3), status: Status::Duplicate });
        finds(&judged(&told, &stored()), &[(FaultKind::Misplaced, 1)]);
        told.pop();
        told.push(Said::Acknowledged { mark: mark(1), offset: Offset::START, status: Status::Duplicate });
        finds(&judged(&told, &stored()), &[(FaultKind::Misplaced, 1)]);
    }

    #[test]
    fn a_conflict_that_was_recorded_acknowledged_or_took_others_along_is_found() {
        let (mut stored, mut told) = (stored(), told());
        stored[0].2 = Content::Forged;
        finds(&judged(&told, &stored), &[(FaultKind::Altered, 1)]);
        told.push(Said::Accepted { mark: mark(1), offset: at(1) });
        told.push(Said::Wronged(mark(3)));
        finds(&judged(&told, &self::stored()), &[(FaultKind::Accepted, 1), (FaultKind::Wronged, 1)]);
        let mut stored = self::stored();
        stored[2].1 = Some(Mark::refused(0, 3));
        finds(&judged(&self::told(), &stored), &[(FaultKind::Stray, 1), (FaultKind::Phantom, 2)]);
        stored[2].1 = None;
        finds(&judged(&self::told(), &stored), &[(FaultKind::Stray, 1), (FaultKind::Phantom, 2)]);
    }

    #[test]
    fn what_a_tailer_skipped_is_found_in_the_middle_and_at_the_end() {
        let without = |skipped: u64| {
            let mut told = told();
            told.retain(|said| !matches!(said, Said::Delivered { tailer: 1, offset, .. } if offset.get() == skipped));
            told
        };
        for skipped in 1..=4 {
            finds(&judged(&without(skipped), &stored()), &[(FaultKind::Skipped, 1)]);
        }
    }

    #[test]
    fn an_event_that_comes_late_or_again_is_out_of_order_and_not_skipped() {
        let mut told = told();
        let last = told.len() - 1;
        told.swap(last - 1, last - 2);
        finds(&judged(&told, &stored()), &[(FaultKind::Unordered, 1)]);
        let mut told = self::told();
        told.push(delivered(1, 4, Some(mark(4))));
        finds(&judged(&told, &stored()), &[(FaultKind::Unordered, 1)]);
        let mut stored = stored();
        stored.swap(0, 1);
        // The ledger itself gave them so: what stands at offset 1 is found, and what comes late is no part of the order.
        let verdict = judged(&self::told(), &stored);
        assert_eq!(verdict.faults.count(FaultKind::Unordered), 1, "{:?}", verdict.faults.first());
    }

    #[test]
    fn what_comes_past_the_head_or_after_a_tailer_failed_is_no_fault() {
        let mut told = told();
        told.push(delivered(0, 5, Some(mark(5))));
        finds(&judged(&told, &stored()), &[]);
        let mut collected = Collected::new(1);
        collected.take(&[receipt(1, 1), receipt(2, 2), delivered(0, 1, Some(mark(1)))]);
        collected.head = at(2);
        for index in 1..=2 {
            collected.stored(at(index.into()), Some(mark(index)), Content::Genuine);
        }
        finds(&judge(&collected), &[]);
    }
}
