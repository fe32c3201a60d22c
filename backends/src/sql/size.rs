//! How large events are, so that a page asks for what it can hold: an engine sends all that it was asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ledger_core::{Limit, MAX_BATCH_BYTES, PageFiller};

/// About how many bytes an event has; 0 while nobody knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct EventSize(Arc<AtomicUsize>);

impl EventSize {
    /// Returns how many events to ask for: about twice what a page in bytes has room for, in case the next are smaller.
    pub(crate) fn fitting(&self) -> Limit {
        const FEWEST: usize = 16;
        const UNKNOWN: usize = 4_096;
        let bytes = match self.0.load(Ordering::Relaxed) {
            0 => UNKNOWN,
            bytes => bytes,
        };
        let count = (2 * MAX_BATCH_BYTES / bytes).clamp(FEWEST, Limit::MAX.get());
        Limit::new(count).expect("the count was clamped to the range of a limit")
    }

    /// Learns from a page.
    pub(crate) fn learn(&self, page: &PageFiller) {
        if let Some(average) = page.bytes().checked_div(page.count()) {
            self.0.store(average, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use ledger_core::{Draft, Event, Offset, Query, Timestamp};

    use super::*;

    #[test]
    fn pages_shrink_when_events_are_large_and_grow_when_they_are_small() {
        let size = EventSize::default();
        assert_eq!(size.fitting().get(), 4_096);
        for (bytes, fitting) in [(900_000, 18), (20, 10_000), (8_000, 2_049)] {
            let mut page = PageFiller::new(&Query::all());
            let draft = Draft::new("a.b", &"x".repeat(bytes)).unwrap();
            page.push(Event { offset: Offset::new(1).unwrap(), recorded_at: Timestamp::EPOCH, draft });
            size.learn(&page);
            assert!(size.fitting().get().abs_diff(fitting) < fitting / 10, "{bytes}: {}", size.fitting().get());
        }
    }
}
