//! Which words the events have, and how many events have each: what a search can be narrowed by.

use std::collections::HashMap;
use std::hash::Hash;

use serde::Serialize;

use crate::event::{Event, Offset};
use crate::text::{Actor, Kind, RunId, SessionId, Tag};
use crate::views::View;

/// Counts the words of events, in whatever order they come.
#[derive(Clone, Debug, Default)]
pub struct Facets {
    counted: u64,
    range: Option<(Offset, Offset)>,
    kinds: Counts<Kind>,
    actors: Counts<Actor>,
    runs: Counts<RunId>,
    sessions: Counts<SessionId>,
    tags: Counts<Tag>,
}

/// How many events have a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Facet<T> {
    /// The word.
    pub value: T,
    /// How many have it.
    pub count: u64,
}

/// The most frequent words of some events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Frequent {
    /// How many events were counted,
    pub counted: u64,
    /// from which,
    pub from: Option<Offset>,
    /// to which.
    pub to: Option<Offset>,
    /// Whether nothing was left out.
    pub whole: bool,
    /// Their kinds, the most frequent first.
    pub kinds: Vec<Facet<Kind>>,
    /// Who did it.
    pub actors: Vec<Facet<Actor>>,
    /// The runs that they belong to.
    pub runs: Vec<Facet<RunId>>,
    /// The sessions that they belong to.
    pub sessions: Vec<Facet<SessionId>>,
    /// What they are found by.
    pub tags: Vec<Facet<Tag>>,
}

impl Facets {
    /// How many different words of one sort are counted: those that are met first. Otherwise tags that each event has anew
    /// would take all memory.
    pub const MOST_WORDS: usize = 100_000;

    /// Returns the words that most events have, so many of each sort at most.
    #[must_use]
    pub fn frequent(&self, most: usize) -> Frequent {
        let Self { kinds, actors, runs, sessions, tags, .. } = self;
        let is_full = [kinds.is_full, actors.is_full, runs.is_full, sessions.is_full, tags.is_full].contains(&true);
        Frequent {
            counted: self.counted,
            from: self.range.map(|(first, _)| first),
            to: self.range.map(|(_, last)| last),
            whole: !is_full,
            kinds: kinds.most(most),
            actors: actors.most(most),
            runs: runs.most(most),
            sessions: sessions.most(most),
            tags: tags.most(most),
        }
    }
}

impl View for Facets {
    fn apply(&mut self, event: &Event) {
        self.counted += 1;
        let (first, last) = self.range.unwrap_or((event.offset, event.offset));
        self.range = Some((first.min(event.offset), last.max(event.offset)));
        self.kinds.add(&event.kind);
        self.actors.add(&event.actor);
        self.runs.add(&event.run_id);
        event.session_id.iter().for_each(|session| self.sessions.add(session));
        event.tags().iter().for_each(|tag| self.tags.add(tag));
    }
}

/// How many events have each word of a sort.
#[derive(Clone, Debug)]
struct Counts<T> {
    counts: HashMap<T, u64>,
    /// Whether there were more words than are counted.
    is_full: bool,
}

impl<T> Default for Counts<T> {
    fn default() -> Self {
        Self { counts: HashMap::new(), is_full: false }
    }
}

impl<T: Clone + Eq + Hash + Ord> Counts<T> {
    fn add(&mut self, word: &T) {
        if let Some(count) = self.counts.get_mut(word) {
            *count += 1;
        } else if self.counts.len() < Facets::MOST_WORDS {
            self.counts.insert(word.clone(), 1);
        } else {
            self.is_full = true;
        }
    }

    fn most(&self, most: usize) -> Vec<Facet<T>> {
        let mut all: Vec<_> = self.counts.iter().collect();
        all.sort_unstable_by(|one, other| other.1.cmp(one.1).then_with(|| one.0.cmp(other.0)));
        all.into_iter().take(most).map(|(value, &count)| Facet { value: value.clone(), count }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Draft;
    use crate::time::Timestamp;

    fn event(place: u64, kind: &str, tags: &[&str]) -> Event {
        let draft = Draft::new(kind, &1).unwrap().actor("ann").unwrap();
        let draft = tags.iter().try_fold(draft, |draft, tag| draft.tag(*tag)).unwrap();
        Event { offset: Offset::new(place).unwrap(), recorded_at: Timestamp::EPOCH, draft }
    }

    #[test]
    fn the_most_frequent_words_come_first_and_by_name_where_they_are_as_frequent() {
        let mut facets = Facets::default();
        assert_eq!((facets.frequent(9).from, facets.frequent(9).whole), (None, true));
        for event in [event(9, "b.x", &["t:2", "t:1"]), event(5, "a.x", &["t:2"]), event(7, "c.x", &[])] {
            facets.apply(&event);
        }
        let found = facets.frequent(2);
        assert_eq!((found.counted, found.from.map(Offset::get), found.to.map(Offset::get)), (3, Some(5), Some(9)));
        let names = |kinds: &[Facet<Kind>]| kinds.iter().map(|kind| kind.value.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&found.kinds), ["a.x", "b.x"]);
        let tags: Vec<_> = found.tags.iter().map(|tag| (tag.value.as_str(), tag.count)).collect();
        assert_eq!(tags, [("t:2", 2), ("t:1", 1)]);
        assert_eq!((found.actors[0].count, found.runs[0].value.as_str(), found.sessions.len()), (3, "default", 0));
    }

    #[test]
    fn words_without_end_are_counted_to_an_end_and_that_is_said() {
        let mut facets = Facets::default();
        for place in 1..=Facets::MOST_WORDS as u64 {
            facets.tags.add(&Tag::new(format!("t:{place}")).unwrap());
        }
        assert!(facets.frequent(1).whole);
        facets.tags.add(&Tag::new("t:1").unwrap());
        assert!(facets.frequent(1).whole, "one that is known is counted on");
        facets.tags.add(&Tag::new("t:more").unwrap());
        let found = facets.frequent(1);
        assert_eq!((found.whole, found.tags[0].count), (false, 2));
    }
}
