//! What a hunt finds wrong: all of it is counted, and the first of each kind are told of.

/// How many faults of a kind are told of.
const FIRST: usize = 10;

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// An acknowledged event is not in the ledger.
    Lost,
    /// An offset up to the head has no event.
    Hole,
    /// An event is in the ledger twice, or was acknowledged twice as new.
    Doubled,
    /// An event is at another offset than a receipt says.
    Misplaced,
    /// Of a batch, a part is in the ledger, or something else is between its events.
    Torn,
    /// An event, in the ledger or as it was delivered, has other content than was appended: a conflict was recorded, or damage.
    Altered,
    /// A conflict was acknowledged, whatever came of it.
    Accepted,
    /// An event was refused that is in conflict with none.
    Wronged,
    /// An event is in the ledger that was refused, or that nobody of the hunt wrote.
    Stray,
    /// A tailer was not given an event of the ledger.
    Skipped,
    /// An offset came after a higher one, or after itself.
    Unordered,
    /// A tailer was given what is not in the ledger, or not there.
    Phantom,
    /// A call failed otherwise than by a refusal, or because the engine is away.
    Damaged,
}

impl FaultKind {
    /// All kinds, in the order in which they are told, each with the word that machines read and those that people do.
    pub const ALL: [(Self, &'static str, &'static str); 13] = [
        (Self::Lost, "lost", "lost"),
        (Self::Hole, "holes", "offsets without an event"),
        (Self::Doubled, "doubled", "doubled"),
        (Self::Misplaced, "misplaced", "misplaced (the receipt differs)"),
        (Self::Torn, "torn", "torn batches"),
        (Self::Altered, "altered", "with other content than appended"),
        (Self::Accepted, "conflicts_accepted", "conflicts acknowledged"),
        (Self::Wronged, "wrongly_refused", "refused without a conflict"),
        (Self::Stray, "strays", "recorded though refused, or strange"),
        (Self::Skipped, "skipped", "skipped by a tailer"),
        (Self::Unordered, "out_of_order", "delivered out of order or again"),
        (Self::Phantom, "phantoms", "delivered and not in the ledger"),
        (Self::Damaged, "damaged", "calls that failed for good"),
    ];
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// With which event, and where.
    pub what: String,
}

/// All that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    counts: [u64; FaultKind::ALL.len()],
    first: Vec<Fault>,
}

impl Faults {
    /// Adds a fault.
    pub(super) fn add(&mut self, kind: FaultKind, what: impl FnOnce() -> String) {
        self.add_many(kind, 1, what);
    }

    /// Adds faults that are told of as one.
    pub(super) fn add_many(&mut self, kind: FaultKind, count: u64, what: impl FnOnce() -> String) {
        self.counts[kind as usize] += count;
        if self.first.iter().filter(|fault| fault.kind == kind).count() < FIRST {
            self.first.push(Fault { kind, what: what() });
        }
    }

    /// Returns how many of a kind there are.
    #[must_use]
    pub fn count(&self, kind: FaultKind) -> u64 {
        self.counts[kind as usize]
    }

    /// Returns how many there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Returns the first ten of each kind.
    #[must_use]
    pub fn first(&self) -> &[Fault] {
        &self.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_all_counted_and_the_first_ten_of_a_kind_told() {
        let mut faults = Faults::default();
        (0..15).for_each(|n| faults.add(FaultKind::Lost, || n.to_string()));
        faults.add_many(FaultKind::Phantom, 3, || "three".to_owned());
        assert_eq!((faults.count(FaultKind::Lost), faults.count(FaultKind::Phantom), faults.total()), (15, 3, 18));
        assert_eq!(faults.first().len(), 11);
        for (place, (kind, ..)) in FaultKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, place);
        }
    }
}
