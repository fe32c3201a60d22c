//! What was collected: what writers and tailers were told. With what the ledger holds, about 150 bytes an event for two tailers.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ledger_core::{Offset, Receipt, Status};

use super::faults::{FaultKind, Faults};
use super::mark::{Mark, Seen};
use super::plan::Position;
use super::said::{Said, Told};

/// What one tailer was given.
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// What came, in the order in which it came.
    pub(super) seen: Vec<Seen>,
    /// How many of them came while writers were at work.
    pub(super) meanwhile: usize,
    /// How far it had to read. One that failed had to read no further than it did.
    pub(super) until: Offset,
}

/// All that was collected.
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// Where receipts say that events are, and whether one of them said that it is new.
    pub(super) receipts: BTreeMap<Mark, Receipt>,
    /// What each tailer was given.
    pub(super) tails: Vec<Tail>,
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
    /// Takes what a writer or a tailer reports.
    pub(super) fn take(&mut self, said: Said) {
        self.heard += 1;
        match said {
            Said::Acknowledged(batch) => batch.into_iter().for_each(|told| self.acknowledge(told)),
            Said::Refused(_) => self.refused += 1,
            Said::Accepted(mark, offset) => self
                .faults
                .add(FaultKind::Accepted, || format!("a conflict with `{mark}` was acknowledged at offset {offset}")),
            Said::Wronged(mark) => {
                self.faults.add(FaultKind::Wronged, || format!("`{mark}` was refused with the content it always has"));
            }
            Said::Delivered(tailer, seen) => self.tail(tailer).seen.extend(seen),
            Said::Damaged(why) => self.faults.add(FaultKind::Damaged, || why),
        }
    }

    fn acknowledge(&mut self, Told { mark, offset, status }: Told) {
        self.repeated += u64::from(status == Status::Duplicate);
        let known = match self.receipts.entry(mark) {
            Entry::Vacant(place) => {
                place.insert(Receipt { offset, status });
                return;
            }
            Entry::Occupied(known) => known.into_mut(),
        };
        let first = known.offset;
        if first != offset {
            let what = || format!("`{mark}` was acknowledged at offset {first} and at offset {offset}");
            self.faults.add(FaultKind::Misplaced, what);
        }
        match (known.status, status) {
            (_, Status::Duplicate) => {}
            (Status::Duplicate, Status::New) => known.status = Status::New,
            (Status::New, Status::New) => {
                self.faults.add(FaultKind::Doubled, || format!("`{mark}` was acknowledged as new more than once"));
            }
        }
    }

    /// Returns what a tailer was given, to be changed.
    pub(super) fn tail(&mut self, tailer: u32) -> &mut Tail {
        let place = tailer as usize;
        if self.tails.len() <= place {
            self.tails.resize_with(place + 1, Tail::default);
        }
        &mut self.tails[place]
    }

    /// Returns how far a writer is, as far as is known.
    pub(super) fn position(&self, writer: u32) -> Position {
        let end = |first: Mark| {
            let lane = first..=Mark { index: u32::MAX, ..first };
            self.receipts.range(lane).next_back().map_or(0, |(mark, _)| mark.index + 1)
        };
        Position { own: end(Mark::own(writer, 0)), shared: end(Mark::shared(0)) }
    }

    /// Remembers that what comes from here on came when nobody wrote any more.
    pub(super) fn writing_ended(&mut self) {
        self.tails.iter_mut().for_each(|tail| tail.meanwhile = tail.seen.len());
    }
}

/// What is collected, for all who add to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Shared(Arc<Mutex<Collected>>);

impl Shared {
    /// Returns what was collected until now, while nobody adds to it.
    pub(super) fn lock(&self) -> MutexGuard<'_, Collected> {
        // Each line is taken whole, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_that_starts_again_goes_on_after_what_was_acknowledged() {
        let mut collected = Collected::default();
        let told = |mark| Told { mark, offset: Offset::MAX, status: Status::New };
        collected.take(Said::Acknowledged(vec![told(Mark::own(1, 4)), told(Mark::shared(9))]));
        assert_eq!(collected.position(1), Position { own: 5, shared: 10 });
        assert_eq!(collected.position(0), Position { own: 0, shared: 10 });
    }
}
