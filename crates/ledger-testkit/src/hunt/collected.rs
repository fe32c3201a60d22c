//! What was collected: what writers and tailers were told, and what the ledger holds at the end. About 50 bytes an event.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ledger_core::{Offset, Status};

use super::faults::{FaultKind, Faults};
use super::mark::{Content, Mark};
use super::plan::Position;
use super::said::Said;

/// Where an event was seen, and how often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Where it was seen first; `Offset::START` when it was not.
    pub(super) offset: Offset,
    /// How often it was seen; of receipts, only those count that say that it is new.
    pub(super) times: u32,
}

/// Where each event was seen, by lane and index.
#[derive(Debug, Default)]
pub(super) struct Lanes(Vec<Vec<Seen>>);

impl Lanes {
    /// Returns where an event was seen, to be changed.
    pub(super) fn at(&mut self, mark: Mark) -> &mut Seen {
        let (lane, index) = (mark.lane as usize, mark.index as usize);
        if self.0.len() <= lane {
            self.0.resize_with(lane + 1, Vec::new);
        }
        let lane = &mut self.0[lane];
        if lane.len() <= index {
            lane.resize(index + 1, Seen::default());
        }
        &mut lane[index]
    }

    /// Returns where an event was seen.
    pub(super) fn get(&self, mark: Mark) -> Seen {
        let lane = self.0.get(mark.lane as usize);
        lane.and_then(|lane| lane.get(mark.index as usize)).copied().unwrap_or_default()
    }

    /// Returns the index after the last that was seen of a lane.
    fn end(&self, lane: u32) -> u32 {
        let end = self.0.get(lane as usize).map_or(0, Vec::len);
        u32::try_from(end).unwrap_or(u32::MAX)
    }

    /// Lists the events that were seen.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Mark, Seen)> {
        let lanes = (0_u32..).zip(&self.0);
        let all =
            lanes.flat_map(|(lane, seen)| (0_u32..).zip(seen).map(move |(index, seen)| (Mark { lane, index }, *seen)));
        all.filter(|(_, seen)| seen.offset > Offset::START)
    }
}

/// Offsets and events in the order in which they came. Most offsets follow one another, so only the others are kept.
#[derive(Debug, Default)]
pub(super) struct Track {
    marks: Vec<Option<Mark>>,
    /// The places in `marks` at which an offset does not follow the one before, with that offset.
    leaps: Vec<(usize, Offset)>,
    last: Offset,
}

impl Track {
    /// Adds what came last.
    pub(super) fn push(&mut self, offset: Offset, mark: Option<Mark>) {
        if offset != self.last.plus(1) {
            self.leaps.push((self.marks.len(), offset));
        }
        self.marks.push(mark);
        self.last = offset;
    }

    /// Returns the offset that came last, or `Offset::START`.
    pub(super) fn last(&self) -> Offset {
        self.last
    }

    /// Returns how many came.
    pub(super) fn count(&self) -> u64 {
        self.marks.len() as u64
    }

    /// Lists what came.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Offset, Option<Mark>)> {
        let mut leaps = self.leaps.iter().peekable();
        let mut last = Offset::START;
        self.marks.iter().enumerate().map(move |(place, mark)| {
            last = leaps.next_if(|(at, _)| *at == place).map_or(last.plus(1), |(_, offset)| *offset);
            (last, *mark)
        })
    }
}

/// What one tailer was given.
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// What came.
    pub(super) track: Track,
    /// How far it had to read. One that failed had to read no further than it did.
    pub(super) until: Offset,
}

/// All that was collected.
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// Where receipts say that events are.
    pub(super) receipts: Lanes,
    /// What each tailer was given.
    pub(super) tails: Vec<Tail>,
    /// What the ledger holds.
    pub(super) ledger: Track,
    /// The head of the ledger, after the last writer had ended.
    pub(super) head: Offset,
    /// How many events were acknowledged.
    pub(super) acknowledged: u64,
    /// How many receipts said that the event was there already.
    pub(super) repeated: u64,
    /// How many conflicts were refused.
    pub(super) refused: u64,
    /// How many lines were heard.
    pub(super) heard: u64,
    /// What was wrong at first sight.
    pub(super) faults: Faults,
}

impl Collected {
    /// Starts with nothing from so many tailers.
    pub(super) fn new(tailers: u32) -> Self {
        Self { tails: (0..tailers).map(|_| Tail::default()).collect(), ..Self::default() }
    }

    /// Takes what writers and tailers report.
    pub(super) fn take(&mut self, said: &[Said]) {
        self.heard += said.len() as u64;
        said.iter().for_each(|said| self.take_one(*said));
    }

    fn take_one(&mut self, said: Said) {
        match said {
            Said::Acknowledged { mark, offset, status } => self.acknowledge(mark, offset, status),
            Said::Refused(_) => self.refused += 1,
            Said::Accepted { mark, offset } => self
                .faults
                .add(FaultKind::Accepted, || format!("a conflict with `{mark}` was acknowledged at offset {offset}")),
            Said::Wronged(mark) => {
                self.faults.add(FaultKind::Wronged, || format!("`{mark}` was refused with the content it always has"));
            }
            Said::Delivered { tailer, offset, mark } => {
                if let Some(tail) = self.tails.get_mut(tailer as usize) {
                    tail.track.push(offset, mark);
                }
            }
        }
    }

    fn acknowledge(&mut self, mark: Mark, offset: Offset, status: Status) {
        if offset == Offset::START {
            self.faults.add(FaultKind::Misplaced, || format!("`{mark}` was acknowledged before the first offset"));
            return;
        }
        let seen = self.receipts.at(mark);
        if seen.offset == Offset::START {
            seen.offset = offset;
            self.acknowledged += 1;
        }
        let first = seen.offset;
        if first != offset {
            let what = || format!("`{mark}` was acknowledged at offset {first} and at offset {offset}");
            self.faults.add(FaultKind::Misplaced, what);
        }
        if status == Status::Duplicate {
            self.repeated += 1;
            return;
        }
        seen.times += 1;
        if seen.times > 1 {
            self.faults.add(FaultKind::Doubled, || format!("`{mark}` was acknowledged as new more than once"));
        }
    }

    /// Takes an event that the ledger holds, and whether its content is what its id asks for.
    pub(super) fn stored(&mut self, offset: Offset, mark: Option<Mark>, content: Content) {
        self.ledger.push(offset, mark);
        if let (Some(mark), Content::Forged) = (mark, content) {
            self.faults.add(FaultKind::Altered, || format!("`{mark}` at offset {offset} has other content"));
        }
    }

    /// Returns how far a writer is, as far as is known.
    pub(super) fn position(&self, writer: u32) -> Position {
        let end = |mark: Mark| self.receipts.end(mark.lane);
        Position { own: end(Mark::own(writer, 0)), shared: end(Mark::shared(0)) }
    }

    /// Returns the offset that a tailer was given last.
    pub(super) fn delivered(&self, tailer: u32) -> Offset {
        self.tails.get(tailer as usize).map_or(Offset::START, |tail| tail.track.last())
    }

    /// Says how far a tailer had to read.
    pub(super) fn expect(&mut self, tailer: u32, until: Offset) {
        if let Some(tail) = self.tails.get_mut(tailer as usize) {
            tail.until = until;
        }
    }
}

/// What is collected, for all who add to it.
#[derive(Clone, Debug)]
pub(super) struct Shared(Arc<Mutex<Collected>>);

impl Shared {
    /// Starts with nothing from so many tailers.
    pub(super) fn new(tailers: u32) -> Self {
        Self(Arc::new(Mutex::new(Collected::new(tailers))))
    }

    /// Returns what was collected until now, while nobody adds to it.
    pub(super) fn lock(&self) -> MutexGuard<'_, Collected> {
        // Each line is taken whole, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: u64) -> Offset {
        Offset::new(offset).unwrap()
    }

    #[test]
    fn a_track_gives_back_what_came_in_the_order_in_which_it_came() {
        let came = [1, 2, 3, 7, 8, 5, 6, 6, 0, 1, i64::MAX as u64].map(|offset| (at(offset), Some(Mark::shared(1))));
        let mut track = Track::default();
        came.iter().for_each(|(offset, mark)| track.push(*offset, *mark));
        assert_eq!(track.iter().collect::<Vec<_>>(), came);
        assert_eq!((track.last(), track.count()), (Offset::MAX, 11));
    }

    #[test]
    fn a_writer_that_starts_again_goes_on_after_what_was_acknowledged() {
        let mut collected = Collected::new(0);
        let receipt = |mark| Said::Acknowledged { mark, offset: at(1), status: Status::New };
        collected.take(&[receipt(Mark::own(1, 4)), receipt(Mark::shared(9))]);
        assert_eq!(collected.position(1), Position { own: 5, shared: 10 });
        assert_eq!(collected.position(0), Position { own: 0, shared: 10 });
    }
}
