//! The verdict: what writers and tailers were told, compared with what the ledger holds.

use std::collections::BTreeMap;

use ledger_core::Offset;

use super::collected::{Collected, Tail};
use super::faults::{FaultKind, Faults};
use super::mark::{Content, Mark, Seen};

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
    /// How many events were delivered to tailers, …
    pub delivered: u64,
    /// … and how many of these while writers were at work.
    pub delivered_meanwhile: u64,
    /// What is wrong.
    pub faults: Faults,
}

/// What the ledger holds at the end.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Its head.
    pub(super) head: Offset,
    /// What it gave when all of it was read, up to the head.
    pub(super) seen: Vec<Seen>,
}

/// Compares what was collected with what was found. When that could not be read, nothing is known to be lost.
pub(super) fn judge(collected: &Collected, found: Option<Found>) -> Verdict {
    let mut faults = collected.faults.clone();
    let appended = found.as_ref().map_or(0, |found| found.seen.len() as u64);
    if let Some(mut found) = found {
        compare(collected, &found, &mut faults);
        // A ledger that gave its events in another order was told of.
        found.seen.sort_by_key(|seen| seen.offset);
        for (tailer, tail) in collected.tails.iter().enumerate() {
            compare_tail(tailer, tail, &found.seen, &mut faults);
        }
    }
    let count = |of: fn(&Tail) -> usize| collected.tails.iter().map(|tail| of(tail) as u64).sum::<u64>();
    Verdict {
        appended,
        acknowledged: collected.receipts.len() as u64,
        repeated: collected.repeated,
        refused: collected.refused,
        delivered: count(|tail| tail.seen.len()),
        delivered_meanwhile: count(|tail| tail.meanwhile),
        faults,
    }
}

/// Compares receipts with the ledger, and looks for groups of which a part is there.
fn compare(collected: &Collected, found: &Found, faults: &mut Faults) {
    let there = look_through(found, faults);
    for (mark, receipt) in &collected.receipts {
        let said = receipt.offset;
        match there.get(mark) {
            None => {
                faults
                    .add(FaultKind::Lost, || format!("`{mark}`, acknowledged at offset {said}, is not in the ledger"));
            }
            Some(at) if *at != said => {
                faults.add(FaultKind::Misplaced, || format!("`{mark}`, acknowledged at offset {said}, is at {at}"));
            }
            Some(_) => {}
        }
    }
    let mut last = None;
    for (first, size) in there.keys().filter_map(|mark| mark.group()) {
        if last.replace(first) == Some(first) {
            continue;
        }
        let at = |place: u32| there.get(&Mark { index: first.index + place, ..first }).copied();
        let follows = |start: Offset| (0..size).all(|place| at(place) == Some(start.plus(place as usize)));
        if !at(0).is_some_and(follows) {
            let count = (0..size).filter(|place| at(*place).is_some()).count();
            let what = || format!("of {size} events from `{first}` on, {count} are there, or others are between them");
            faults.add(FaultKind::Torn, what);
        }
    }
}

/// Looks for what is wrong with the ledger alone. Returns where each event is.
fn look_through(found: &Found, faults: &mut Faults) -> BTreeMap<Mark, Offset> {
    let (mut there, mut last) = (BTreeMap::new(), Offset::START);
    for &Seen { offset, mark, content } in &found.seen {
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
        if content == Content::Forged {
            faults.add(FaultKind::Altered, || format!("`{mark}` at offset {offset} has other content"));
        }
        let first = *there.entry(mark).or_insert(offset);
        if first != offset {
            faults.add(FaultKind::Doubled, || format!("`{mark}` is at offset {first} and at offset {offset}"));
        }
    }
    miss(last, found.head, faults);
    there
}

/// Adds the offsets past one and up to another, none of which has an event.
fn miss(after: Offset, up_to: Offset, faults: &mut Faults) {
    let count = up_to.get().saturating_sub(after.get());
    if count > 0 {
        faults.add_many(FaultKind::Hole, count, || format!("no event at offsets {} to {up_to}", after.plus(1)));
    }
}

/// Compares what a tailer was given with what is in the ledger, in the order of offsets.
fn compare_tail(tailer: usize, tail: &Tail, ledger: &[Seen], faults: &mut Faults) {
    let (mut given, mut highest) = (vec![false; ledger.len()], Offset::START);
    for &Seen { offset, mark, content } in &tail.seen {
        if offset <= highest {
            faults.add(FaultKind::Unordered, || format!("tailer {tailer} was given offset {offset} after {highest}"));
        }
        highest = highest.max(offset);
        if content == Content::Forged {
            let what = || format!("tailer {tailer} was given {} at offset {offset} with other content", named(mark));
            faults.add(FaultKind::Altered, what);
        }
        let place = ledger.binary_search_by_key(&offset, |seen| seen.offset).ok();
        let there = place.map(|place| {
            given[place] = true;
            ledger[place].mark
        });
        if there != Some(mark) {
            let there = there.map_or_else(|| "nothing".to_owned(), named);
            let what = || format!("tailer {tailer} was given {} at offset {offset}, where {there} is", named(mark));
            faults.add(FaultKind::Phantom, what);
        }
    }
    let until = tail.until.max(highest);
    for (seen, _) in ledger.iter().zip(given).filter(|(seen, given)| !given && seen.offset <= until) {
        faults.add(FaultKind::Skipped, || format!("tailer {tailer} was not given offset {}", seen.offset));
    }
}

fn named(mark: Option<Mark>) -> String {
    mark.map_or_else(|| "an event of somebody else".to_owned(), |mark| format!("`{mark}`"))
}

#[cfg(test)]
mod tests {
    use ledger_core::Status;

    use super::super::said::{Said, Told};
    use super::*;

    fn at(offset: u64) -> Offset {
        Offset::new(offset).unwrap()
    }

    fn told(index: u32, offset: u64, status: Status) -> Said {
        Said::Acknowledged(vec![Told { mark: Mark::shared(index), offset: at(offset), status }])
    }

    fn seen(offset: u64, mark: Mark) -> Seen {
        Seen { offset: at(offset), mark: Some(mark), content: Content::Genuine }
    }

    /// Four events, as the ledger gives them.
    fn stored() -> Vec<Seen> {
        (1..=4_u32).map(|index| seen(index.into(), Mark::shared(index))).collect()
    }

    /// A hunt that found nothing: four events, of which one was not acknowledged, two tailers, a repeat and a conflict.
    fn heard() -> Collected {
        let mut collected = Collected::default();
        for (index, status) in [(1, Status::New), (2, Status::New), (4, Status::New), (2, Status::Duplicate)] {
            collected.take(told(index, index.into(), status));
        }
        collected.take(Said::Refused(Mark::shared(1)));
        for tailer in 0..2 {
            collected.take(Said::Delivered(tailer, stored()));
            collected.tail(tailer).until = at(4);
        }
        collected
    }

    /// Panics unless just these faults are found, so many of each kind.
    fn finds(collected: &Collected, seen: Vec<Seen>, wanted: &[(FaultKind, u64)]) -> Verdict {
        let verdict = judge(collected, Some(Found { head: at(4).max(seen[seen.len() - 1].offset), seen }));
        for (kind, ..) in FaultKind::ALL {
            let count = wanted.iter().find(|(wanted, _)| *wanted == kind).map_or(0, |(_, count)| *count);
            assert_eq!(verdict.faults.count(kind), count, "{kind:?} in {:?}", verdict.faults.first());
        }
        verdict
    }

    #[test]
    fn a_hunt_that_lost_nothing_is_counted_and_finds_nothing() {
        let mut collected = heard();
        collected.writing_ended();
        collected.take(Said::Delivered(1, Vec::new()));
        let verdict = finds(&collected, stored(), &[]);
        assert_eq!((verdict.appended, verdict.acknowledged, verdict.repeated, verdict.refused), (4, 3, 1, 1));
        assert_eq!((verdict.delivered, verdict.delivered_meanwhile), (8, 8));
    }

    #[test]
    fn a_lost_event_is_found_with_the_hole_that_it_leaves() {
        let lost = [(FaultKind::Lost, 1), (FaultKind::Hole, 1), (FaultKind::Phantom, 2)];
        let mut without = stored();
        without.remove(1);
        finds(&heard(), without, &lost);
        // At the end, where only the head tells that something was there.
        let verdict = finds(&heard(), stored()[..3].to_vec(), &lost);
        assert!(verdict.faults.first()[0].what.contains("offsets 4 to 4"), "{:?}", verdict.faults.first());
    }

    #[test]
    fn a_doubled_event_is_found_in_the_ledger_and_in_receipts() {
        let mut twice = stored();
        twice[2].mark = Some(Mark::shared(1));
        finds(&heard(), twice, &[(FaultKind::Doubled, 1), (FaultKind::Phantom, 2)]);
        let mut collected = heard();
        collected.take(told(1, 1, Status::New));
        finds(&collected, stored(), &[(FaultKind::Doubled, 1)]);
    }

    #[test]
    fn a_receipt_with_another_offset_is_found() {
        for offset in [0, 2, 5] {
            let mut collected = heard();
            collected.take(told(3, offset, Status::New));
            finds(&collected, stored(), &[(FaultKind::Misplaced, 1)]);
            let mut collected = heard();
            collected.take(told(1, offset, Status::Duplicate));
            finds(&collected, stored(), &[(FaultKind::Misplaced, 1)]);
        }
    }

    #[test]
    fn a_batch_is_there_whole_and_in_one_piece_or_not_at_all() {
        let first = (0..).map(|index| Mark::own(0, index)).find(|mark| mark.group() == Some((*mark, 2))).unwrap();
        let [one, two] = [0, 1].map(|place| Mark { index: first.index + place, ..first });
        let with = |added: &[(u64, Mark)]| {
            let mut stored = stored();
            stored.extend(added.iter().map(|(offset, mark)| seen(*offset, *mark)));
            stored
        };
        finds(&heard(), with(&[(5, one), (6, two)]), &[]);
        for torn in [&[(5, one)][..], &[(5, two)], &[(5, two), (6, one)], &[(5, one), (6, Mark::shared(6)), (7, two)]] {
            finds(&heard(), with(torn), &[(FaultKind::Torn, 1)]);
        }
    }

    #[test]
    fn a_conflict_that_was_recorded_acknowledged_or_took_others_along_is_found() {
        let mut forged = stored();
        forged[0].content = Content::Forged;
        finds(&heard(), forged, &[(FaultKind::Altered, 1)]);
        let mut collected = heard();
        collected.take(Said::Accepted(Mark::shared(1), at(1)));
        collected.take(Said::Wronged(Mark::shared(3)));
        finds(&collected, stored(), &[(FaultKind::Accepted, 1), (FaultKind::Wronged, 1)]);
        for mark in [Some(Mark::refused(0, 3)), None] {
            let mut stray = stored();
            stray[2].mark = mark;
            finds(&heard(), stray, &[(FaultKind::Stray, 1), (FaultKind::Phantom, 2)]);
        }
    }

    #[test]
    fn what_a_tailer_skipped_is_found_in_the_middle_and_at_the_end() {
        for skipped in 0..4 {
            let mut collected = heard();
            collected.tail(1).seen.remove(skipped);
            finds(&collected, stored(), &[(FaultKind::Skipped, 1)]);
        }
    }

    #[test]
    fn an_event_that_comes_late_or_again_is_out_of_order_and_not_skipped() {
        let mut collected = heard();
        collected.tail(1).seen.swap(1, 2);
        finds(&collected, stored(), &[(FaultKind::Unordered, 1)]);
        let mut collected = heard();
        collected.take(Said::Delivered(1, stored()[3..].to_vec()));
        finds(&collected, stored(), &[(FaultKind::Unordered, 1)]);
        let mut swapped = stored();
        swapped.swap(0, 1);
        // The ledger itself gave them so: nothing was at offset 1 when offset 2 came.
        finds(&heard(), swapped, &[(FaultKind::Unordered, 1), (FaultKind::Hole, 1)]);
    }

    #[test]
    fn what_a_tailer_is_given_has_to_be_in_the_ledger_as_it_was_appended() {
        let mut collected = heard();
        collected.tail(0).seen[1].content = Content::Forged;
        collected.take(Said::Delivered(1, vec![seen(5, Mark::shared(5))]));
        finds(&collected, stored(), &[(FaultKind::Altered, 1), (FaultKind::Phantom, 1)]);
    }

    #[test]
    fn a_tailer_that_failed_had_to_read_no_further() {
        let mut collected = heard();
        collected.tail(1).seen.truncate(2);
        collected.tail(1).until = Offset::START;
        finds(&collected, stored(), &[]);
    }

    #[test]
    fn of_a_ledger_that_cannot_be_read_nothing_is_said_to_be_lost() {
        let mut collected = heard();
        collected.take(Said::Damaged("it is torn".to_owned()));
        let verdict = judge(&collected, None);
        assert_eq!((verdict.appended, verdict.faults.total(), verdict.faults.count(FaultKind::Damaged)), (0, 1, 1));
    }
}
