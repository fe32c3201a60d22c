//! What a writer writes: batches of many sizes that repeat themselves and each other, and now and then a conflict.

use ledger_core::{Draft, Receipt, Result, Status};
use serde::{Deserialize, Serialize};

use super::mark::{Content, Mark};
use super::random::Random;

/// How many events a batch has, but for those with a group.
const SIZES: [u32; 5] = [1, 2, 10, 100, 1_000];
/// The most events of a batch that is refused.
const LARGEST_REFUSED: u32 = 100;
/// How far ahead a writer leaps at most when it is behind the others.
const LONGEST_LEAP: u32 = 4_096;
/// Which batch of a life is a conflict in any case, so that short lives have one.
const FIRST_CONFLICT: u32 = 2;

/// How far a writer is in the lanes that it writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// How many events of its own are acknowledged: whole groups.
    pub(super) own: u32,
    /// How far the lane is that it shares with the others.
    pub(super) shared: u32,
}

/// Where a batch comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A new group of this writer alone.
    Own,
    /// Events that all writers write, at about the same time.
    Shared,
    /// A new group among old events and one of it twice, between events that all writers write.
    Mixed,
    /// The last batch once more.
    Again,
    /// New events and a conflict, which has to keep all of them out.
    Conflict,
}

/// What is appended at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    /// Where it comes from.
    pub(super) source: Source,
    /// Events with the content that follows from their ids.
    pub(super) marks: Vec<Mark>,
    /// The event that comes last, with other content than its id asks for.
    pub(super) forged: Option<Mark>,
}

impl Batch {
    /// Builds what is appended. Fails when a part of it breaks its rule, which none does.
    pub(super) fn drafts(&self) -> Result<Vec<Draft>> {
        let genuine = self.marks.iter().map(|mark| mark.draft(Content::Genuine));
        genuine.chain(self.forged.map(|mark| mark.draft(Content::Forged))).collect()
    }
}

/// Says what a writer writes next.
#[derive(Debug)]
pub(super) struct Planner {
    random: Random,
    writer: u32,
    at: Position,
    batches: u32,
    refused: u32,
    leap: u32,
    last: Vec<Mark>,
    /// An event that another writer wrote.
    theirs: Option<Mark>,
}

impl Planner {
    /// Starts at a position; each life of a writer makes choices of its own.
    pub(super) fn new(seed: u64, writer: u32, life: u32, at: Position) -> Self {
        let random = Random::new(seed, &[writer.into(), life.into()]);
        Self { random, writer, at, batches: 0, refused: 0, leap: 0, last: Vec::new(), theirs: None }
    }

    /// Returns what to write next. What was written before is acknowledged by then.
    pub(super) fn next_batch(&mut self) -> Batch {
        self.batches += 1;
        let size = SIZES[self.random.below(SIZES.len())];
        match (self.batches, self.random.below(100)) {
            (FIRST_CONFLICT, _) | (_, 0..4) => self.conflict(size.min(LARGEST_REFUSED)),
            (_, 4..12) if !self.last.is_empty() => {
                Batch { source: Source::Again, marks: self.last.clone(), forged: None }
            }
            (_, 4..40) => self.shared(size),
            (_, 40..60) => self.mixed(),
            _ => Batch { source: Source::Own, marks: self.fresh(), forged: None },
        }
    }

    /// Hears that a batch was recorded.
    pub(super) fn heard(&mut self, batch: &Batch, receipts: &[Receipt]) {
        if batch.source == Source::Conflict {
            // It should have been refused, and is not asked for again.
            return;
        }
        if batch.source == Source::Shared {
            let is_old = |receipt: &Receipt| receipt.status == Status::Duplicate;
            // Whoever finds all of it there is behind the others, and meets them further on.
            self.leap = if receipts.iter().all(is_old) { (self.leap * 2).clamp(1, LONGEST_LEAP) } else { 0 };
            self.at.shared += self.leap;
            self.theirs = receipts.iter().rposition(is_old).map(|place| batch.marks[place]).or(self.theirs);
        }
        self.last.clone_from(&batch.marks);
    }

    /// Takes the next group of its own.
    fn fresh(&mut self) -> Vec<Mark> {
        let first = Mark::own(self.writer, self.at.own);
        let (_, size) = first.group().expect("a lane of one writer has groups");
        self.at.own += size;
        (first.index..self.at.own).map(|index| Mark { index, ..first }).collect()
    }

    /// Returns one of the first events of its own.
    fn old(&mut self, of: u32) -> Option<Mark> {
        let index = u32::try_from(self.random.below(of as usize)).ok().filter(|index| *index < of)?;
        Some(Mark::own(self.writer, index))
    }

    fn shared(&mut self, size: u32) -> Batch {
        Batch { source: Source::Shared, marks: self.fresh_shared(size), forged: None }
    }

    fn fresh_shared(&mut self, size: u32) -> Vec<Mark> {
        let from = self.at.shared;
        self.at.shared += size;
        (from..self.at.shared).map(Mark::shared).collect()
    }

    fn mixed(&mut self) -> Batch {
        // Others write these now, too, so the engine has to think again about a batch that it had begun.
        let mut marks = self.fresh_shared(2);
        // The old ones are none of the group itself, whose events have to be new in their order.
        let (before, group) = (self.at.own, self.fresh());
        for &mark in &group {
            marks.push(mark);
            marks.extend(self.old(before));
        }
        marks.push(group[0]);
        marks.extend(self.fresh_shared(2));
        Batch { source: Source::Mixed, marks, forged: None }
    }

    fn conflict(&mut self, size: u32) -> Batch {
        let from = self.refused;
        self.refused += size;
        let marks: Vec<_> = (from..self.refused).map(|index| Mark::refused(self.writer, index)).collect();
        // With an event of its own that is there, with one of another writer, or with one in the same batch.
        let there = match self.random.below(3) {
            0 => self.old(self.at.own),
            1 => self.theirs,
            _ => None,
        };
        let forged = there.unwrap_or_else(|| marks[self.random.below(marks.len())]);
        Batch { source: Source::Conflict, marks, forged: Some(forged) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ledger_core::Offset;

    use super::*;

    fn receipts(status: Status, count: usize) -> Vec<Receipt> {
        vec![Receipt { offset: Offset::START, status }; count]
    }

    fn batches(seed: u64, writer: u32, count: usize) -> Vec<Batch> {
        let mut planner = Planner::new(seed, writer, 1, Position::default());
        let mut next = || {
            let batch = planner.next_batch();
            planner.heard(&batch, &receipts(Status::New, batch.marks.len()));
            batch
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn a_seed_repeats_its_batches() {
        assert_eq!(batches(7, 1, 50), batches(7, 1, 50));
        assert_ne!(batches(7, 1, 50), batches(8, 1, 50));
    }

    #[test]
    fn writers_share_events_repeat_themselves_and_conflict_in_batches_of_all_sizes() {
        let (one, two) = (batches(7, 1, 400), batches(7, 2, 400));
        let marks = |batches: &[Batch]| batches.iter().flat_map(|batch| batch.marks.clone()).collect::<BTreeSet<_>>();
        assert!(marks(&one).intersection(&marks(&two)).count() > 100);
        for source in [Source::Own, Source::Shared, Source::Mixed, Source::Again, Source::Conflict] {
            assert!(one.iter().any(|batch| batch.source == source), "{source:?}");
        }
        for size in SIZES {
            assert!(one.iter().any(|batch| batch.marks.len() == size as usize), "{size}");
        }
        assert_eq!(one[1].source, Source::Conflict);
        for batch in one {
            assert_eq!(batch.forged.is_some(), batch.source == Source::Conflict);
            assert!(batch.marks.iter().all(|mark| mark.is_refused() == batch.forged.is_some()));
        }
    }

    #[test]
    fn a_group_is_new_in_one_batch_and_in_order() {
        let mut next = Mark::own(1, 0);
        for batch in batches(7, 1, 400) {
            let new: Vec<_> = batch.marks.iter().filter(|mark| mark.lane == next.lane && **mark >= next).collect();
            let Some(first) = new.first() else { continue };
            let (group, size) = first.group().unwrap();
            assert_eq!(group, next);
            // In a mixed batch the first one comes again at the end.
            assert!((0..size).map(|place| next.index + place).eq(new[..size as usize].iter().map(|mark| mark.index)));
            next.index += size;
        }
        assert!(next.index > 0);
    }

    #[test]
    fn conflicts_are_with_events_of_its_own_of_others_and_of_the_same_batch() {
        let mut planner = Planner::new(7, 1, 1, Position::default());
        planner.fresh();
        let theirs = planner.shared(2);
        planner.heard(&theirs, &receipts(Status::Duplicate, 2));
        let forged: Vec<_> = (0..100).filter_map(|_| planner.conflict(2).forged).collect();
        assert!(forged.contains(&Mark::shared(1)) && forged.iter().any(|mark| mark.group().is_some()));
        assert!(forged.iter().any(|mark| mark.is_refused()));
    }

    #[test]
    fn whoever_is_behind_in_the_shared_lane_leaps_ahead() {
        let mut planner = Planner::new(7, 1, 1, Position::default());
        let batch = planner.shared(2);
        for (status, at) in [(Status::Duplicate, 3), (Status::Duplicate, 5), (Status::New, 5), (Status::Duplicate, 6)] {
            planner.heard(&batch, &receipts(status, 2));
            assert_eq!(planner.at.shared, at);
        }
    }
}
