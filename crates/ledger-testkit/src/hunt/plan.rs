//! What a writer writes: batches of many sizes that repeat themselves and each other, and now and then a conflict.

use ledger_core::{Draft, Receipt, Result, Status};
use serde::{Deserialize, Serialize};

use super::mark::{Content, Mark};
use super::random::Random;

/// How many events a batch has.
const SIZES: [u32; 5] = [1, 2, 10, 100, 1_000];
/// The most events of a batch that is refused.
const LARGEST_REFUSED: u32 = 100;
/// How far ahead a writer leaps at most when it is behind the others.
const LONGEST_LEAP: u32 = 4_096;

/// How far a writer is in the lanes that it writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// How many events of its own are acknowledged.
    pub(super) own: u32,
    /// How far the lane is that it shares with the others.
    pub(super) shared: u32,
}

/// Where a batch comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// New events of this writer alone.
    Own,
    /// Events that all writers write, at about the same time.
    Shared,
    /// New events between old ones, and one of them twice.
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
    refused: u32,
    leap: u32,
    last: Vec<Mark>,
}

impl Planner {
    /// Starts at a position; each life of a writer makes choices of its own.
    pub(super) fn new(seed: u64, writer: u32, life: u32, at: Position) -> Self {
        let random = Random::new(seed, &[writer.into(), life.into()]);
        Self { random, writer, at, refused: 0, leap: 0, last: Vec::new() }
    }

    /// Returns what to write next. What was written before is acknowledged by then.
    pub(super) fn next_batch(&mut self) -> Batch {
        let size = SIZES[self.random.below(SIZES.len())];
        match self.random.below(100) {
            0..4 => self.conflict(size.min(LARGEST_REFUSED)),
            4..12 if !self.last.is_empty() => Batch { source: Source::Again, marks: self.last.clone(), forged: None },
            4..40 => self.shared(size),
            40..60 => self.mixed(size),
            _ => Batch { source: Source::Own, marks: self.fresh(size), forged: None },
        }
    }

    /// Hears that a batch was recorded.
    pub(super) fn heard(&mut self, batch: &Batch, receipts: &[Receipt]) {
        if batch.source == Source::Conflict {
            // It should have been refused, and is not asked for again.
            return;
        }
        if batch.source == Source::Shared {
            // Whoever finds all of it there is behind the others, and meets them further on.
            let is_behind = receipts.iter().all(|receipt| receipt.status == Status::Duplicate);
            self.leap = if is_behind { (self.leap * 2).clamp(1, LONGEST_LEAP) } else { 0 };
            self.at.shared += self.leap;
        }
        self.last.clone_from(&batch.marks);
    }

    /// Takes the next events of its own.
    fn fresh(&mut self, count: u32) -> Vec<Mark> {
        let from = self.at.own;
        self.at.own += count;
        (from..self.at.own).map(|index| Mark::own(self.writer, index)).collect()
    }

    /// Returns an event of its own that was taken before.
    fn old(&mut self) -> Option<Mark> {
        let index = self.random.below(self.at.own as usize);
        let index = u32::try_from(index).ok().filter(|index| *index < self.at.own)?;
        Some(Mark::own(self.writer, index))
    }

    fn shared(&mut self, size: u32) -> Batch {
        let from = self.at.shared;
        self.at.shared += size;
        let marks = (from..self.at.shared).map(Mark::shared).collect();
        Batch { source: Source::Shared, marks, forged: None }
    }

    fn mixed(&mut self, size: u32) -> Batch {
        let mut marks = Vec::new();
        for mark in self.fresh(size.div_ceil(2)) {
            marks.push(mark);
            marks.extend(self.old());
        }
        marks.push(marks[0]);
        Batch { source: Source::Mixed, marks, forged: None }
    }

    fn conflict(&mut self, size: u32) -> Batch {
        let from = self.refused;
        self.refused += size;
        let marks: Vec<_> = (from..self.refused).map(|index| Mark::refused(self.writer, index)).collect();
        // Half of the conflicts are with what is there, and half with what stands in the same batch.
        let there = self.old().filter(|_| self.random.below(2) == 0);
        let forged = there.unwrap_or(marks[self.random.below(marks.len())]);
        Batch { source: Source::Conflict, marks, forged: Some(forged) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use ledger_core::Offset;

    use super::*;

    fn batches(seed: u64, writer: u32, count: usize) -> Vec<Batch> {
        let mut planner = Planner::new(seed, writer, 1, Position::default());
        let mut next = || {
            let batch = planner.next_batch();
            let receipt = Receipt { offset: Offset::START, status: Status::New };
            planner.heard(&batch, &vec![receipt; batch.marks.len()]);
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
        let marks = |batches: &[Batch]| batches.iter().flat_map(|batch| batch.marks.clone()).collect::<HashSet<_>>();
        assert!(marks(&one).intersection(&marks(&two)).count() > 100);
        for source in [Source::Own, Source::Shared, Source::Mixed, Source::Again, Source::Conflict] {
            assert!(one.iter().any(|batch| batch.source == source), "{source:?}");
        }
        for size in SIZES {
            assert!(one.iter().any(|batch| batch.marks.len() == size as usize), "{size}");
        }
        for batch in one {
            assert_eq!(batch.forged.is_some(), batch.source == Source::Conflict);
            assert!(batch.marks.iter().all(|mark| mark.is_refused() == batch.forged.is_some()));
        }
    }

    #[test]
    fn whoever_is_behind_in_the_shared_lane_leaps_ahead() {
        let mut planner = Planner::new(7, 1, 1, Position::default());
        let batch = planner.shared(2);
        let receipts = |status| [Receipt { offset: Offset::START, status }; 2];
        for (status, at) in [(Status::Duplicate, 3), (Status::Duplicate, 5), (Status::New, 5), (Status::Duplicate, 6)] {
            planner.heard(&batch, &receipts(status));
            assert_eq!(planner.at.shared, at);
        }
    }
}
