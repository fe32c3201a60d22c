//! What led to an event, and what came of it, by the parents that events name.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use futures::TryStreamExt;
use serde::Serialize;

use crate::error::Result;
use crate::event::{Event, Offset};
use crate::ext::LedgerExt;
use crate::ledger::{Ledger, MAX_BATCH_BYTES};
use crate::query::Query;
use crate::text::EventId;

/// How many causes and how many effects there are at most, unless somebody says.
pub const SHOWN: usize = 200;
/// How many at most.
pub const MOST: usize = 1_000;
/// How many offsets are looked through for effects: no index leads from an event to those that name it.
pub const LOOKED_THROUGH: usize = 200_000;

/// About how many bytes of events are: large ones take longer to read.
const LOOKED_THROUGH_BYTES: usize = 64 << 20;

/// What led to an event, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chain {
    /// The event.
    pub event: Event,
    /// What led to it, the nearest first, and of those that are as near the newest.
    pub causes: Vec<Linked>,
    /// What came of it, the nearest first, and of those that are as near the oldest.
    pub effects: Vec<Linked>,
    /// The parents that it or one of its causes names, and that are not there.
    pub missing: Vec<EventId>,
    /// Up to where was looked for effects.
    pub up_to: Offset,
    /// Whether there may be more causes or effects than these.
    pub cut: bool,
}

/// An event that another led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Linked {
    /// How many steps away it is: 1 for a parent and for a child.
    pub distance: usize,
    /// The event.
    pub event: Event,
}

/// Returns what led to an event and what came of it, up to an offset: so many of each at most, and about 8 MiB.
pub async fn chain(ledger: &(impl Ledger + ?Sized), event: Event, up_to: Offset, most: usize) -> Result<Chain> {
    let most = most.min(MOST);
    let causes = causes(ledger, &event, up_to, most).await?;
    let last = event.offset.plus(LOOKED_THROUGH).min(up_to);
    let mut effects = Effects::new(&event, most);
    let mut pages = ledger.pages(Query::after(event.offset).up_to(last));
    let (mut reached, mut bytes) = (last, 0);
    while let Some(page) = pages.try_next().await? {
        let Some(end) = page.last().map(|event| event.offset) else { continue };
        bytes += page.iter().map(|event| event.size()).sum::<usize>();
        if let Some(left_out) = page.into_iter().find_map(|event| effects.take(event)) {
            reached = left_out.before();
            break;
        }
        if bytes > LOOKED_THROUGH_BYTES {
            reached = end;
            break;
        }
    }
    let cut = causes.room.cut || reached < up_to;
    let effects = effects.room.sorted(|offset| offset);
    Ok(Chain { event, causes: causes.room.sorted(Reverse), effects, missing: causes.missing, up_to: reached, cut })
}

/// Room for so many events, and about so many bytes.
struct Room {
    all: Vec<Linked>,
    bytes: usize,
    most: usize,
    /// Whether something was left out.
    cut: bool,
}

impl Room {
    fn new(most: usize) -> Self {
        Self { all: Vec::new(), bytes: 0, most, cut: false }
    }

    fn is_full(&self) -> bool {
        self.all.len() >= self.most || self.bytes > MAX_BATCH_BYTES
    }

    fn add(&mut self, distance: usize, event: Event) {
        self.bytes += event.size();
        self.all.push(Linked { distance, event });
    }

    fn sorted<K: Ord>(self, key: impl Fn(Offset) -> K) -> Vec<Linked> {
        let mut all = self.all;
        all.sort_by_key(|linked| (linked.distance, key(linked.event.offset)));
        all
    }
}

/// What led to an event.
struct Causes {
    room: Room,
    missing: Vec<EventId>,
}

/// Walks back by the parents that are named, all that are as far away at once.
async fn causes(ledger: &(impl Ledger + ?Sized), event: &Event, up_to: Offset, most: usize) -> Result<Causes> {
    let mut causes = Causes { room: Room::new(most), missing: Vec::new() };
    let mut seen = HashSet::from([event.id.clone()]);
    let unseen = |seen: &mut HashSet<EventId>, event: &Event| -> Vec<EventId> {
        event.parents.iter().filter(|&parent| seen.insert(parent.clone())).cloned().collect()
    };
    let (mut next, mut distance) = (unseen(&mut seen, event), 0);
    while !next.is_empty() {
        distance += 1;
        let mut further = Vec::new();
        for ids in next.chunks(Query::MAX_IDS) {
            let mut absent: HashSet<&EventId> = ids.iter().collect();
            let newest_first = Query { ids: ids.to_vec(), ..Query::all() }.up_to(up_to).descending();
            let mut pages = ledger.pages(newest_first);
            while let Some(page) = pages.try_next().await? {
                for event in page {
                    if causes.room.is_full() {
                        causes.room.cut = true;
                        return Ok(causes);
                    }
                    absent.remove(&event.id);
                    further.extend(unseen(&mut seen, &event));
                    causes.room.add(distance, event);
                }
            }
            causes.missing.extend(ids.iter().filter(|id| absent.contains(id)).cloned());
        }
        next = further;
    }
    Ok(causes)
}

/// What came of an event, found in what follows it: of what it led to, each event that names one as a parent.
struct Effects {
    room: Room,
    /// How far away each is that a parent may be.
    distances: HashMap<EventId, usize>,
}

impl Effects {
    fn new(event: &Event, most: usize) -> Self {
        Self { room: Room::new(most), distances: HashMap::from([(event.id.clone(), 0)]) }
    }

    /// Takes the next event into account. Returns its offset when it is an effect that there is no room for.
    fn take(&mut self, event: Event) -> Option<Offset> {
        let nearest = event.parents.iter().filter_map(|parent| self.distances.get(parent)).min();
        let distance = nearest? + 1;
        if self.room.is_full() {
            return Some(event.offset);
        }
        self.distances.insert(event.id.clone(), distance);
        self.room.add(distance, event);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Draft;
    use crate::time::Timestamp;

    fn event(place: u64, parents: &[&str]) -> Event {
        let draft = Draft::new("a.b", &1).unwrap().id(format!("e{place}")).unwrap();
        let draft = parents.iter().try_fold(draft, |draft, parent| draft.parent(*parent)).unwrap();
        Event { offset: Offset::new(place).unwrap(), recorded_at: Timestamp::EPOCH, draft }
    }

    #[test]
    fn effects_are_what_names_the_event_or_one_of_them_by_the_shortest_way() {
        let mut effects = Effects::new(&event(1, &[]), 9);
        let others =
            [event(2, &["e1"]), event(3, &[]), event(4, &["e2", "e3"]), event(5, &["e4", "e1"]), event(6, &["e3"])];
        assert!(others.into_iter().all(|event| effects.take(event).is_none()));
        let found = effects.room.sorted(|offset| offset);
        let found: Vec<_> = found.iter().map(|linked| (linked.distance, linked.event.offset.get())).collect();
        assert_eq!(found, [(1, 2), (1, 5), (2, 4)]);
    }

    #[test]
    fn there_are_no_more_effects_than_asked_for_and_it_is_told_where_they_end() {
        let mut effects = Effects::new(&event(1, &[]), 1);
        assert_eq!((effects.take(event(2, &["e1"])), effects.take(event(3, &[]))), (None, None));
        assert_eq!(effects.take(event(4, &["e2"])), Offset::new(4).ok());
    }
}
