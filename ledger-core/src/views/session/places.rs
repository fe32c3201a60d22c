//! Places in lists that several edit at once: each counts them as its maker saw the list, and the others moved on.

use std::collections::{BTreeMap, HashMap};

use super::conflicts::Pasts;
use super::edit::{Action, Edit};
use super::edited::Edited;
use crate::text::Domain;
use crate::views::Stamp;

/// An edit of a list, by a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Puts something at a place, and all from there on one further.
    Insert {
        /// The place, from 0.
        at: u64,
        /// When and by whom, which decides what stands first where two insert at one place.
        stamp: Stamp,
    },
    /// Removes what is at a place.
    Delete {
        /// The place, from 0.
        at: u64,
    },
}

impl Step {
    /// Returns the place.
    #[must_use]
    pub fn at(&self) -> u64 {
        match self {
            Self::Insert { at, .. } | Self::Delete { at } => *at,
        }
    }

    /// Returns this step as it has to be done where another one was done already that did not know of it, nor it of that.
    ///
    /// Whoever has done one and transforms the other arrives at the same list. That holds for two steps; with three that know
    /// nothing of each other, [`Merge::placed`](super::Merge::placed) gives one order. Returns nothing when there is nothing left
    /// to do: both delete the same. Of two inserts at one place the later one stands first.
    #[must_use]
    pub fn past(&self, other: &Self) -> Option<Self> {
        let at = match (self, other) {
            (Self::Insert { at, stamp }, Self::Insert { at: taken, stamp: rival }) => {
                at.saturating_add(u64::from(taken < at || (taken == at && stamp < rival)))
            }
            (Self::Delete { at }, Self::Insert { at: taken, .. }) => at.saturating_add(u64::from(taken <= at)),
            (Self::Insert { at, .. }, Self::Delete { at: gone }) => at - u64::from(gone < at),
            (Self::Delete { at }, Self::Delete { at: gone }) if at == gone => return None,
            (Self::Delete { at }, Self::Delete { at: gone }) => at - u64::from(gone < at),
        };
        Some(match self {
            Self::Insert { stamp, .. } => Self::Insert { at, stamp: stamp.clone() },
            Self::Delete { .. } => Self::Delete { at },
        })
    }
}

/// Something of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Thing {
    /// What was there before the first edit, by its place then.
    Old(u64),
    /// What an edit inserted.
    New(usize),
}

/// A part of a list, with what is gone from it.
#[derive(Clone, Debug)]
enum Part {
    /// Things that were there before the first edit and still are; without end in the last part.
    Rest { first: u64, count: u64 },
    /// One thing, and the edits that deleted it.
    One { thing: Thing, deleted: Vec<usize> },
}

/// The edits of one list, each done where its maker meant.
#[derive(Default)]
pub(super) struct Placing {
    /// Each edit with its place; without, where it comes to nothing.
    pub(super) placed: Vec<(usize, Option<u64>)>,
    /// Inserts at one place that do not know of each other, with the place that the second counts.
    pub(super) at_one_place: Vec<(usize, usize, u64)>,
    /// Whether there are more of these.
    pub(super) more: bool,
}

impl Placing {
    /// Does the edits of one list, by their indexes in causal order. Each sees the things that the edits which led to it have
    /// made and left. Lists so many at one place at most.
    pub(super) fn of(edits: &[Edited], pasts: &Pasts, indexes: &[usize], most: usize) -> Self {
        let mut parts = vec![Part::Rest { first: 0, count: u64::MAX }];
        let mut placing = Self::default();
        let mut behind: HashMap<Option<Thing>, Vec<usize>> = HashMap::new();
        let mut names: HashMap<&str, Vec<usize>> = HashMap::new();
        for &index in indexes {
            let edit = &edits[index].edit;
            let led = |one: usize| pasts.led(one, index);
            match (edit.action(), edit.position(), edit.named()) {
                (Action::Insert, Some(at), name) => {
                    let (place, left) = insert(&mut parts, at, index, led);
                    let rivals = behind.entry(left).or_default();
                    for &rival in rivals.iter().filter(|&&rival| most > 0 && !led(rival)) {
                        placing.more |= placing.at_one_place.len() >= most;
                        if placing.more {
                            break;
                        }
                        placing.at_one_place.push((rival, index, at));
                    }
                    rivals.push(index);
                    name.iter().for_each(|name| names.entry(name).or_default().push(index));
                    placing.placed.push((index, Some(place)));
                }
                (Action::Delete, at, name) => {
                    // Who names it knows of it, though nothing else says so.
                    let named = name.and_then(|name| names.get(name));
                    let made = named.and_then(|made| made.iter().rev().find(|&&one| led(one)).or_else(|| made.last()));
                    let part = match (made, at) {
                        (Some(&made), _) => find(&parts, Thing::New(made)),
                        (None, Some(at)) => Some(seen(&mut parts, at, led)),
                        // Nothing that these edits have a place for.
                        (None, None) => None,
                    };
                    if let Some(part) = part {
                        placing.placed.push((index, delete(&mut parts, part, index)));
                    }
                }
                _ => {}
            }
        }
        placing
    }
}

impl Part {
    /// Returns how many things of it there are now.
    fn now(&self) -> u64 {
        match self {
            Self::Rest { count, .. } => *count,
            Self::One { deleted, .. } => u64::from(deleted.is_empty()),
        }
    }

    /// Returns how many things of it somebody sees to whom some edits led.
    fn seen(&self, led: impl Fn(usize) -> bool) -> u64 {
        match self {
            Self::Rest { count, .. } => *count,
            Self::One { thing, deleted } => {
                let made = match thing {
                    Thing::Old(_) => true,
                    Thing::New(by) => led(*by),
                };
                u64::from(made && !deleted.iter().any(|&by| led(by)))
            }
        }
    }
}

/// Puts something right behind the last thing that its maker saw before it. Returns its place now, and that thing.
fn insert(parts: &mut Vec<Part>, at: u64, index: usize, led: impl Fn(usize) -> bool) -> (u64, Option<Thing>) {
    let new = Part::One { thing: Thing::New(index), deleted: Vec::new() };
    let Some(last) = at.checked_sub(1) else {
        parts.insert(0, new);
        return (0, None);
    };
    let part = seen(parts, last, led);
    let Part::One { thing, .. } = parts[part] else { unreachable!("what was seen stands alone") };
    let place = parts[..=part].iter().map(Part::now).sum();
    parts.insert(part + 1, new);
    (place, Some(thing))
}

/// Deletes something. Returns its place now, unless it is gone already.
fn delete(parts: &mut [Part], part: usize, index: usize) -> Option<u64> {
    let place = parts[..part].iter().map(Part::now).sum();
    let Part::One { deleted, .. } = &mut parts[part] else { unreachable!("what was found stands alone") };
    deleted.push(index);
    (deleted.len() == 1).then_some(place)
}

fn find(parts: &[Part], wanted: Thing) -> Option<usize> {
    parts.iter().position(|part| matches!(part, Part::One { thing, .. } if *thing == wanted))
}

/// Finds the part of what somebody sees at a place, and makes it stand alone.
fn seen(parts: &mut Vec<Part>, at: u64, led: impl Fn(usize) -> bool) -> usize {
    let mut left = at;
    for part in 0..parts.len() {
        let count = parts[part].seen(&led);
        if left >= count {
            left -= count;
            continue;
        }
        if let Part::Rest { first, count } = parts[part] {
            let (middle, end) = (first + left, first.saturating_add(count));
            let one = Part::One { thing: Thing::Old(middle), deleted: Vec::new() };
            let before = Part::Rest { first, count: left };
            let after =
                Part::Rest { first: middle + 1, count: if count == u64::MAX { count } else { end - middle - 1 } };
            let split = [before, one, after].into_iter().filter(|part| part.now() > 0);
            parts.splice(part..=part, split);
            return part + usize::from(left > 0);
        }
        return part;
    }
    unreachable!("the rest of a list has no end")
}

/// A list: its domain, and its name in a domain that has several.
pub(super) type List<'e> = (&'e Domain, Option<&'e str>);

/// Finds the edits of each list of which places are counted: those that name it, and those that delete something by a name
/// which was inserted there.
pub(super) fn lists(edits: &[Edited]) -> BTreeMap<List<'_>, Vec<usize>> {
    let mut lists: BTreeMap<List<'_>, Vec<usize>> = BTreeMap::new();
    let mut homes: HashMap<(&Domain, &str), List<'_>> = HashMap::new();
    for edited in edits.iter().filter(|edited| edited.edit.position().is_some()) {
        let list = (&edited.domain, edited.edit.list());
        lists.entry(list).or_default();
        if let (Action::Insert, Some(name)) = (edited.edit.action(), edited.edit.named()) {
            homes.insert((&edited.domain, name), list);
        }
    }
    for (index, edited) in edits.iter().enumerate() {
        let home = edited.edit.named().and_then(|name| homes.get(&(&edited.domain, name)));
        let list = match (edited.edit.action(), home) {
            (Action::Delete, Some(home)) => *home,
            _ => (&edited.domain, edited.edit.list()),
        };
        lists.entry(list).and_modify(|indexes| indexes.push(index));
    }
    lists
}

/// Says whether an edit counts places otherwise than inserts and deletes do.
pub(super) fn counts_unplaced(edit: &Edit) -> bool {
    let counts = |child: &Edit| child.position().is_some() || counts_unplaced(child);
    (edit.action() == Action::Move && edit.position().is_some()) || edit.children().iter().any(counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Actor, EventId};
    use proptest::prelude::*;

    fn step(insert: bool, at: u64, name: &str) -> Step {
        let stamp = Stamp { lamport: Some(1), actor: Actor::new(name).unwrap(), id: EventId::new(name).unwrap() };
        if insert { Step::Insert { at, stamp } } else { Step::Delete { at } }
    }

    fn apply(list: &mut Vec<String>, step: Option<&Step>) {
        match step {
            Some(Step::Insert { at, stamp }) => list.insert(usize::try_from(*at).unwrap(), stamp.id.to_string()),
            Some(Step::Delete { at }) => _ = list.remove(usize::try_from(*at).unwrap()),
            None => {}
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

        #[test]
        fn whoever_did_one_and_transforms_the_other_arrives_at_the_same(
            (one, a, other, b) in (any::<bool>(), 0_u64..9, any::<bool>(), 0_u64..9),
        ) {
            let (one, other) = (step(one, a, "ann"), step(other, b, "bob"));
            let start: Vec<String> = (0..9).map(|n| n.to_string()).collect();
            let [mut here, mut there] = [start.clone(), start];
            apply(&mut here, Some(&one));
            apply(&mut here, other.past(&one).as_ref());
            apply(&mut there, Some(&other));
            apply(&mut there, one.past(&other).as_ref());
            prop_assert_eq!(here, there);
        }
    }

    #[test]
    fn of_two_inserts_at_one_place_the_later_stands_first_and_two_deletes_are_one() {
        let (ann, bob) = (step(true, 3, "ann"), step(true, 3, "bob"));
        assert_eq!((ann.past(&bob).unwrap().at(), bob.past(&ann).unwrap().at()), (4, 3));
        assert_eq!(step(false, 3, "ann").past(&step(false, 3, "bob")), None);
    }
}
