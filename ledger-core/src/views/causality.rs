//! Causality: which events caused which, by the parents that they name, and one order that fits it.
//!
//! A clock that counts on from the largest stamp it has seen orders all events; whether one led to another is only said by
//! parents. They may name events of any session, and events that are not there, or not there yet.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};

use crate::event::{Event, Offset};
use crate::text::{Actor, EventId, SessionId};
use crate::views::View;

/// What orders the events of all actors the same way for everybody: the stamp of the clock, then the actor, then the id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// The logical clock; events without one come first.
    pub lamport: Option<u64>,
    /// Who did it.
    pub actor: Actor,
    /// The event.
    pub id: EventId,
}

/// An event, as far as causality goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its place in the order of all.
    pub stamp: Stamp,
    /// Where it is recorded.
    pub offset: Offset,
    /// The session it belongs to.
    pub session: Option<SessionId>,
    /// The events that caused it.
    pub parents: Vec<EventId>,
}

/// How one event stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// They are one.
    Same,
    /// It led to the other, by way of others or not.
    Before,
    /// The other led to it.
    After,
    /// Neither knew of the other.
    Concurrent,
}

/// The events of a ledger, or of those of its sessions that it was fed with, by what caused them.
#[derive(Clone, Debug, Default)]
pub struct Causality {
    links: HashMap<EventId, Link>,
    order: BTreeSet<Stamp>,
}

/// All events, those that caused one before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sorted<'c> {
    /// The events; those that do not depend on each other by their stamps.
    pub links: Vec<&'c Link>,
    /// Those of them that name each other as causes, in a circle, or come after such: they stand last, by their stamps.
    pub circular: Vec<&'c EventId>,
}

impl Link {
    /// Returns what causality knows of an event.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        Self {
            stamp: Stamp { lamport: event.lamport, actor: event.actor.clone(), id: event.id.clone() },
            offset: event.offset,
            session: event.session_id.clone(),
            parents: event.parents.clone(),
        }
    }
}

impl Causality {
    /// Adds an event; one of the same id that is there goes.
    pub fn add(&mut self, link: Link) {
        self.order.insert(link.stamp.clone());
        if let Some(old) = self.links.insert(link.stamp.id.clone(), link)
            && self.links[&old.stamp.id].stamp != old.stamp
        {
            self.order.remove(&old.stamp);
        }
    }

    /// Returns an event by its id.
    #[must_use]
    pub fn get(&self, id: &EventId) -> Option<&Link> {
        self.links.get(id)
    }

    /// Returns how many events there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.links.len()
    }

    /// Says whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// Returns all events by their stamps: the same for everybody who has the same events, whatever order they came in.
    pub fn ordered(&self) -> impl Iterator<Item = &Link> {
        self.order.iter().filter_map(|stamp| self.links.get(&stamp.id))
    }

    /// Says how one event stands to another. Returns nothing when one of them is not there.
    #[must_use]
    pub fn relation(&self, one: &EventId, other: &EventId) -> Option<Relation> {
        if !self.links.contains_key(one) || !self.links.contains_key(other) {
            return None;
        }
        Some(match (one == other, self.happened_before(one, other), self.happened_before(other, one)) {
            (true, ..) => Relation::Same,
            (_, true, _) => Relation::Before,
            (_, _, true) => Relation::After,
            _ => Relation::Concurrent,
        })
    }

    /// Says whether one event led to another, by way of others or not. What is not there led to nothing.
    #[must_use]
    pub fn happened_before(&self, one: &EventId, other: &EventId) -> bool {
        one != other && self.links.contains_key(one) && self.walk(other).any(|link| link.stamp.id == *one)
    }

    /// Says whether two events are there and neither led to the other.
    #[must_use]
    pub fn concurrent(&self, one: &EventId, other: &EventId) -> bool {
        self.relation(one, other) == Some(Relation::Concurrent)
    }

    /// Returns the events that led to one, by way of others or not, by their stamps.
    #[must_use]
    pub fn ancestors(&self, id: &EventId) -> Vec<&Link> {
        let mut ancestors: Vec<_> = self.walk(id).filter(|link| link.stamp.id != *id).collect();
        ancestors.sort_unstable_by_key(|link| &link.stamp);
        ancestors
    }

    /// Returns the parents that are named and not there, each with an event that names it, by the stamps of these.
    #[must_use]
    pub fn dangling(&self) -> Vec<(&EventId, &EventId)> {
        let named = self.ordered().flat_map(|link| link.parents.iter().map(|parent| (parent, &link.stamp.id)));
        named.filter(|(parent, _)| !self.links.contains_key(*parent)).collect()
    }

    /// Returns all events, those that caused one before it, and by their stamps where that leaves a choice.
    #[must_use]
    pub fn sorted(&self) -> Sorted<'_> {
        let known = |link: &Link| -> BTreeSet<EventId> {
            link.parents.iter().filter(|parent| self.links.contains_key(*parent)).cloned().collect()
        };
        let mut waits: HashMap<&EventId, usize> = HashMap::new();
        let mut children: HashMap<EventId, Vec<&Link>> = HashMap::new();
        let mut ready = BinaryHeap::new();
        for link in self.ordered() {
            let parents = known(link);
            if parents.is_empty() {
                ready.push(Reverse(&link.stamp));
            }
            waits.insert(&link.stamp.id, parents.len());
            parents.into_iter().for_each(|parent| children.entry(parent).or_default().push(link));
        }
        let (mut links, mut taken) = (Vec::with_capacity(self.len()), HashSet::new());
        while let Some(Reverse(stamp)) = ready.pop() {
            links.extend(self.links.get(&stamp.id));
            taken.insert(&stamp.id);
            for child in children.get(&stamp.id).into_iter().flatten() {
                let Some(left) = waits.get_mut(&child.stamp.id) else { continue };
                *left -= 1;
                if *left == 0 {
                    ready.push(Reverse(&child.stamp));
                }
            }
        }
        let circular: Vec<_> = self.ordered().filter(|link| !taken.contains(&link.stamp.id)).collect();
        links.extend(&circular);
        Sorted { links, circular: circular.into_iter().map(|link| &link.stamp.id).collect() }
    }

    /// Walks over an event and all that led to it, each once.
    fn walk(&self, id: &EventId) -> impl Iterator<Item = &Link> {
        let mut next: Vec<&Link> = self.links.get(id).into_iter().collect();
        let mut seen: HashSet<&EventId> = next.iter().map(|link| &link.stamp.id).collect();
        std::iter::from_fn(move || {
            let link = next.pop()?;
            let parents = link.parents.iter().filter_map(|parent| self.links.get(parent));
            next.extend(parents.filter(|parent| seen.insert(&parent.stamp.id)));
            Some(link)
        })
    }
}

impl View for Causality {
    fn apply(&mut self, event: &Event) {
        self.add(Link::of(event));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Draft;
    use crate::time::Timestamp;

    fn id(name: &str) -> EventId {
        EventId::new(name).unwrap()
    }

    fn event(place: u64, name: &str, lamport: u64, actor: &str, parents: &[&str]) -> Event {
        let draft = Draft::new("session.edited", &1).unwrap().id(name).unwrap().actor(actor).unwrap().lamport(lamport);
        let draft = parents.iter().try_fold(draft, |draft, parent| draft.parent(*parent)).unwrap();
        Event { offset: Offset::new(place).unwrap(), recorded_at: Timestamp::EPOCH, draft }
    }

    fn fed(events: &[Event]) -> Causality {
        let mut causality = Causality::default();
        events.iter().for_each(|event| causality.apply(event));
        causality
    }

    fn ids<'a>(links: impl IntoIterator<Item = &'a Link>) -> Vec<&'a str> {
        links.into_iter().map(|link| link.stamp.id.as_str()).collect()
    }

    #[test]
    fn what_led_to_what_is_said_by_parents_and_the_order_of_all_by_stamps() {
        let events = [
            event(1, "a", 1, "ann", &[]),
            event(2, "b", 2, "bob", &["a"]),
            event(3, "c", 2, "ann", &["a", "gone"]),
            event(4, "d", 3, "bob", &["b", "c"]),
            event(5, "e", 1, "bob", &["gone", "lost"]),
        ];
        let causality = fed(&events);
        assert_eq!(ids(causality.ordered()), ["a", "e", "c", "b", "d"]);
        let relation = |one, other| causality.relation(&id(one), &id(other));
        assert_eq!(relation("a", "d"), Some(Relation::Before));
        assert_eq!(relation("d", "a"), Some(Relation::After));
        assert_eq!(relation("b", "c"), Some(Relation::Concurrent));
        assert_eq!((relation("b", "b"), relation("b", "gone")), (Some(Relation::Same), None));
        assert!(causality.concurrent(&id("e"), &id("d")) && !causality.concurrent(&id("b"), &id("b")));
        assert_eq!(ids(causality.ancestors(&id("d"))), ["a", "c", "b"]);
        let gone: Vec<_> = causality.dangling().into_iter().map(|(gone, by)| (gone.as_str(), by.as_str())).collect();
        assert_eq!(gone, [("gone", "e"), ("lost", "e"), ("gone", "c")]);
        assert!(causality.ancestors(&id("gone")).is_empty());
    }

    #[test]
    fn a_circle_of_parents_stands_last_and_is_told() {
        let events = [
            event(1, "x", 1, "ann", &["z"]),
            event(2, "y", 2, "ann", &["x"]),
            event(3, "z", 3, "ann", &["y"]),
            event(4, "own", 4, "ann", &["own"]),
            event(5, "after", 5, "ann", &["z"]),
            event(6, "free", 6, "ann", &[]),
        ];
        let causality = fed(&events);
        let sorted = causality.sorted();
        assert_eq!(ids(sorted.links), ["free", "x", "y", "z", "own", "after"]);
        assert_eq!(sorted.circular.len(), 5);
        assert!(causality.happened_before(&id("x"), &id("z")) && causality.happened_before(&id("z"), &id("x")));
        assert!(!causality.happened_before(&id("own"), &id("own")));
    }

    /// On random graphs, in any order of arrival, all answers are those of a plain closure.
    #[test]
    fn answers_are_those_of_a_plain_closure_whatever_order_events_come_in() {
        let mut seed = 7_u64;
        let mut dice = |sides: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % sides
        };
        for _ in 0..300 {
            let count = 2 + dice(14) as usize;
            let names: Vec<String> = (0..count).map(|n| format!("e{n}")).collect();
            let mut parents = vec![Vec::new(); count];
            let mut events = Vec::new();
            for n in 0..count {
                parents[n] = (0..dice(4)).map(|_| dice(n as u64 + 1) as usize).filter(|&parent| parent < n).collect();
                parents[n].sort_unstable();
                parents[n].dedup();
                let named: Vec<&str> = parents[n].iter().map(|&parent: &usize| names[parent].as_str()).collect();
                let actor = ["ann", "bob", "cy"][dice(3) as usize];
                events.push(event(n as u64 + 1, &names[n], dice(5), actor, &named));
            }
            let mut before = vec![vec![false; count]; count];
            for n in 0..count {
                for &parent in &parents[n] {
                    before[parent][n] = true;
                    (0..count)
                        .filter(|&far| before[far][parent])
                        .collect::<Vec<_>>()
                        .iter()
                        .for_each(|&far| before[far][n] = true);
                }
            }
            let causality = fed(&events);
            for _ in 0..count {
                let (one, other) = (dice(count as u64) as usize, dice(count as u64) as usize);
                events.swap(one, other);
            }
            let shuffled = fed(&events);
            assert_eq!(ids(shuffled.ordered()), ids(causality.ordered()));
            assert_eq!(shuffled.sorted(), causality.sorted());
            let sorted = causality.sorted();
            assert!(sorted.circular.is_empty() && sorted.links.len() == count);
            let place = |n: usize| sorted.links.iter().position(|link| link.stamp.id.as_str() == names[n]);
            for one in 0..count {
                for other in 0..count {
                    let (a, b) = (id(&names[one]), id(&names[other]));
                    assert_eq!(causality.happened_before(&a, &b), before[one][other]);
                    assert_eq!(
                        causality.concurrent(&a, &b),
                        one != other && !before[one][other] && !before[other][one]
                    );
                    assert!(!before[one][other] || place(one) < place(other), "a cause stands behind what it led to");
                }
                let ancestors = causality.ancestors(&id(&names[one])).len();
                assert_eq!(ancestors, (0..count).filter(|&far| before[far][one]).count());
            }
        }
    }
}
