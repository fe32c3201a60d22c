//! The events of a hunt: a mark is two numbers from which id and content follow, so that nothing but numbers has to be kept.

use std::fmt;

use ledger_core::{Draft, Result};
use serde_json::json;

use super::random::Random;

/// The lane that all writers share.
const SHARED: u32 = 0;
/// From here on are the lanes of what must never be recorded, because a conflict stands in the same batch.
const REFUSED: u32 = 1 << 16;

/// An event of the hunt, by its place in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Mark {
    /// Who writes it: all writers, or one of them.
    pub(super) lane: u32,
    /// Its place in the lane, from 0.
    pub(super) index: u32,
}

/// What an event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// What follows from its id.
    Genuine,
    /// Something else: a conflict.
    Forged,
}

impl Mark {
    /// Returns an event that all writers write.
    pub(super) fn shared(index: u32) -> Self {
        Self { lane: SHARED, index }
    }

    /// Returns an event that one writer writes.
    pub(super) fn own(writer: u32, index: u32) -> Self {
        Self { lane: SHARED + 1 + writer, index }
    }

    /// Returns an event that one writer puts into batches with a conflict, and nowhere else.
    pub(super) fn refused(writer: u32, index: u32) -> Self {
        Self { lane: REFUSED + writer, index }
    }

    /// Says whether it was written together with a conflict, and so must not be in the ledger.
    pub(super) fn is_refused(self) -> bool {
        self.lane >= REFUSED
    }

    /// Reads an id. Returns nothing when it is none of the hunt.
    pub(super) fn of_id(id: &str) -> Option<Self> {
        let (lane, index) = id.strip_prefix("hunt-")?.split_once('-')?;
        let mark = Self { lane: lane.parse().ok()?, index: index.parse().ok()? };
        // `hunt-01-1` reads like one of ours and is none.
        (mark.to_string() == id).then_some(mark)
    }

    /// Builds the event, or a conflict with it. Fails when a part of it breaks its rule, which none does.
    pub(super) fn draft(self, content: Content) -> Result<Draft> {
        let Self { lane, index } = self;
        let text = match (content, index % 3) {
            (Content::Forged, 0) => "forged".to_owned(),
            _ => self.text(),
        };
        let draft = Draft::new("hunt.written", &json!({"lane": lane, "index": index, "text": text}))?
            .id(self.to_string())?
            .run(format!("hunt-{lane}"))?
            .actor("hunter")?
            .turn(index)
            .tag(format!("lane:{lane}"))?;
        match (content, index % 3) {
            (Content::Forged, 1) => Ok(draft.turn(index.wrapping_add(1))),
            (Content::Forged, 2) => draft.tag("forged:yes"),
            _ => Ok(draft),
        }
    }

    /// Returns text of a length of its own, with characters that a careless store would change.
    fn text(self) -> String {
        let mut random = Random::new(0, &[self.lane.into(), self.index.into()]);
        format!("{:016x} é\"\\\n ", random.draw()).repeat(1 + random.below(8))
    }
}

/// The id.
impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hunt-{}-{}", self.lane, self.index)
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, Mark};

    #[test]
    fn an_id_leads_back_to_its_mark_and_others_to_none() {
        for mark in [Mark::shared(0), Mark::own(3, 17), Mark::refused(1, u32::MAX)] {
            assert_eq!(Mark::of_id(&mark.to_string()), Some(mark));
        }
        for other in ["", "hunt-", "hunt-1", "hunt-1-", "hunt-01-1", "hunt-1-+1", "hunt-1-1-1", "hunt-1-4294967296"] {
            assert_eq!(Mark::of_id(other), None, "{other}");
        }
        assert!(Mark::refused(0, 1).is_refused() && !Mark::own(999, 1).is_refused());
    }

    #[test]
    fn content_follows_from_the_mark_and_a_forgery_is_another_with_the_same_id() {
        for index in 0..9 {
            let mark = Mark::own(1, index);
            let (genuine, again) = (mark.draft(Content::Genuine).unwrap(), mark.draft(Content::Genuine).unwrap());
            assert!(genuine.same_content(&again));
            let forged = mark.draft(Content::Forged).unwrap();
            assert!(forged.id == genuine.id && !forged.same_content(&genuine), "{mark}");
        }
    }
}
