//! The events of a hunt: a mark is two numbers from which id and content follow, so that nothing but numbers has to be kept.

use std::fmt;

use ledger_core::{Draft, Event, Offset, Result, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::random::Random;

/// The lane that all writers share.
const SHARED: u32 = 0;
/// From here on are the lanes of what must never be recorded, because a conflict stands in the same batch.
const REFUSED: u32 = 1 << 16;
/// How many events the groups of a writer's own lane have, over and over; each lane begins elsewhere.
const GROUPS: [u32; 5] = [10, 1_000, 1, 100, 2];
/// No lane gets that long.
const END: u32 = 1 << 31;

/// An event of the hunt, by its place in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Mark {
    /// Who writes it: all writers, or one of them.
    pub(super) lane: u32,
    /// Its place in the lane, from 0.
    pub(super) index: u32,
}

/// What an event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Content {
    /// What follows from its id.
    Genuine,
    /// Something else: a conflict, or damage.
    Forged,
}

/// An event as a reader was given it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) offset: Offset,
    /// Which it is, if it is one of the hunt.
    pub(super) mark: Option<Mark>,
    pub(super) content: Content,
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

    /// Returns the first event of its group, and how many that has: they are new in one batch, whoever tries again and however
    /// often. What all writers write, in batches that overlap, has no groups.
    pub(super) fn group(self) -> Option<(Self, u32)> {
        if self.lane == SHARED || self.is_refused() {
            return None;
        }
        let mut next = self.index - self.index % GROUPS.iter().sum::<u32>();
        GROUPS.iter().cycle().skip(self.lane as usize % GROUPS.len()).find_map(|size| {
            let first = next;
            next += size;
            (self.index < next).then_some((Self { index: first, ..self }, *size))
        })
    }

    /// Reads an id. Returns nothing when it is none of the hunt.
    pub(super) fn of_id(id: &str) -> Option<Self> {
        let (lane, index) = id.strip_prefix("hunt-")?.split_once('-')?;
        let mark = Self { lane: lane.parse().ok()?, index: index.parse().ok()? };
        // `hunt-01-1` reads like one of ours and is none.
        (mark.index < END && mark.to_string() == id).then_some(mark)
    }

    /// Builds the event, or a conflict with it. Fails when a part of it breaks its rule, which none does.
    pub(super) fn draft(self, content: Content) -> Result<Draft> {
        let Self { lane, index } = self;
        let text = match (content, index % 3) {
            (Content::Forged, 0) => "forged".to_owned(),
            _ => self.text(),
        };
        let group = self.group().map(|(first, size)| [first.index, size]);
        let draft = Draft::new("hunt.written", &json!({"lane": lane, "index": index, "group": group, "text": text}))?
            .id(self.to_string())?
            .run(format!("hunt-{lane}"))?
            .actor("hunter")?
            .turn(index)
            .at(Timestamp::from_micros(index.into())?)
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

impl Seen {
    /// Compares an event with what was appended under its id, to the byte. Fails as [`Mark::draft`] does.
    pub(super) fn of(event: &Event) -> Result<Self> {
        let mark = Mark::of_id(event.id.as_str());
        let genuine = mark.map(|mark| mark.draft(Content::Genuine)).transpose()?;
        let is_forged = genuine.is_some_and(|genuine| genuine != event.draft);
        let content = if is_forged { Content::Forged } else { Content::Genuine };
        Ok(Self { offset: event.offset, mark, content })
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
    use super::*;

    #[test]
    fn an_id_leads_back_to_its_mark_and_others_to_none() {
        for mark in [Mark::shared(0), Mark::own(3, 17), Mark::refused(1, END - 1)] {
            assert_eq!(Mark::of_id(&mark.to_string()), Some(mark));
        }
        for other in ["", "hunt-", "hunt-1", "hunt-1-", "hunt-01-1", "hunt-1-+1", "hunt-1-1-1", "hunt-1-2147483648"] {
            assert_eq!(Mark::of_id(other), None, "{other}");
        }
        assert!(Mark::refused(0, 1).is_refused() && !Mark::own(999, 1).is_refused());
    }

    #[test]
    fn groups_follow_one_another_and_each_of_their_events_names_the_same() {
        let (mut next, mut sizes) = (Mark::own(7, 0), Vec::new());
        for _ in 0..GROUPS.len() * 2 {
            let (first, size) = next.group().unwrap();
            assert_eq!(first, next);
            for index in first.index..first.index + size {
                assert_eq!(Mark { index, ..first }.group(), Some((first, size)));
            }
            sizes.push(size);
            next.index += size;
        }
        let (one, two) = sizes.split_at(GROUPS.len());
        assert!(one == two && GROUPS.iter().all(|size| one.contains(size)), "{sizes:?}");
        assert_eq!((Mark::shared(3).group(), Mark::refused(1, 3).group()), (None, None));
    }

    #[test]
    fn content_follows_from_the_mark_and_a_forgery_is_another_with_the_same_id() {
        for index in 0..9 {
            let mark = Mark::own(1, index);
            let offset = Offset::new(5).unwrap();
            let seen = |content| {
                let event = Event { offset, recorded_at: Timestamp::now(), draft: mark.draft(content).unwrap() };
                assert!(content == Content::Genuine || !event.same_content(&mark.draft(Content::Genuine).unwrap()));
                Seen::of(&event).unwrap()
            };
            for content in [Content::Genuine, Content::Forged] {
                assert_eq!(seen(content), Seen { offset, mark: Some(mark), content });
            }
        }
    }
}
