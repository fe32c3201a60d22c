//! The union of edits that grew apart, and where they do not agree: the same for everybody who has the same edits.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::conflicts::{About, Conflict, Conflicts, MOST_CONFLICTS, Pasts, word};
use super::delta::in_causal_order;
use super::edit::{Action, Edit};
use super::edited::Edited;
use super::places::{Placing, counts_unplaced, lists};
use crate::event::Offset;
use crate::payload::Payload;
use crate::text::{Domain, EventId};
use crate::time::Timestamp;
use crate::views::Stamp;

/// Edits of several sessions or ledgers, each once.
///
/// In which order they come changes nothing, nor that some come twice. Of an id that stands for two different edits always the
/// same one is taken, and that is told ([`Merge::clashes`]).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merge {
    edits: BTreeMap<EventId, Edited>,
    clashes: BTreeSet<EventId>,
}

/// Where merged edits do not agree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The conflicts, in the order of domains and what they are about.
    pub conflicts: Vec<Conflict>,
    /// Whether there are more, which are not listed.
    pub more: bool,
    /// Ids that stand for two different edits, of which one was taken.
    pub clashes: Vec<EventId>,
    /// Edits that have the stamp of another edit by the same actor in the same session: the actor was at two places at once.
    pub twins: Vec<EventId>,
    /// Edits that count places and are not placed ([`Merge::placed`]): moves, and those with edits of lists in a patch.
    pub unplaced: Vec<EventId>,
}

/// Where an edit of a list goes when the edits are done one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Placed {
    /// The edit.
    pub id: EventId,
    /// What it does.
    #[serde(serialize_with = "word")]
    pub action: Action,
    /// The list, in a domain that has several.
    pub within: Option<String>,
    /// At which place; nothing when it comes to nothing, because it deletes what is deleted.
    pub place: Option<u64>,
}

impl Merge {
    /// Adds an edit.
    pub fn add(&mut self, edited: Edited) {
        match self.edits.entry(edited.id().clone()) {
            Entry::Vacant(free) => _ = free.insert(edited),
            Entry::Occupied(mut taken) => {
                if !same(taken.get(), &edited) {
                    self.clashes.insert(edited.id().clone());
                }
                // The smaller one, because that is the same in whatever order they come.
                if rank(&edited) < rank(taken.get()) {
                    taken.insert(edited);
                }
            }
        }
    }

    /// Adds the edits of another union.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.clashes.extend(other.clashes);
        other.edits.into_values().for_each(|edited| self.add(edited));
        self
    }

    /// Returns how many edits there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.edits.len()
    }

    /// Says whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Returns the ids that stand for two different edits.
    #[must_use]
    pub fn clashes(&self) -> &BTreeSet<EventId> {
        &self.clashes
    }

    /// Returns the edits in causal order, and by their stamps where that leaves a choice.
    #[must_use]
    pub fn edits(&self) -> Vec<Edited> {
        in_causal_order(self.edits.values().cloned().collect())
    }

    /// Says where the edits do not agree.
    ///
    /// What an actor did in a session is taken for one after the other. One who works at two places that grow apart needs a name
    /// for each, or what the two do not agree about is not told; equal stamps betray it ([`Report::twins`]).
    #[must_use]
    pub fn report(&self) -> Report {
        let edits = self.edits();
        let pasts = Pasts::new(&edits);
        let mut conflicts = Conflicts { edits: &edits, found: BTreeSet::new(), more: false };
        conflicts.about_targets(&pasts);
        for ((_, within), indexes) in lists(&edits) {
            let placing = Placing::of(&edits, &pasts, &indexes, MOST_CONFLICTS);
            conflicts.more |= placing.more;
            for (one, other, at) in placing.at_one_place {
                conflicts.add(About::Place { at, within: within.map(str::to_owned) }, one, other);
            }
        }
        let mut stamps: Vec<_> = edits.iter().map(|one| (&one.link.session, &one.link.stamp)).collect();
        stamps.sort_unstable_by_key(|(session, stamp)| (session.as_ref(), stamp.lamport, &stamp.actor, &stamp.id));
        let twin = |pair: &[(_, &Stamp)]| {
            let ((session, one), (other_session, other)) = (pair[0], pair[1]);
            let same = (session, one.lamport, &one.actor) == (other_session, other.lamport, &other.actor);
            (same && one.lamport.is_some()).then(|| other.id.clone())
        };
        let unplaced = edits.iter().filter(|edited| counts_unplaced(&edited.edit));
        Report {
            twins: stamps.windows(2).filter_map(twin).collect(),
            unplaced: unplaced.map(|edited| edited.id().clone()).collect(),
            clashes: self.clashes.iter().cloned().collect(),
            more: conflicts.more,
            conflicts: conflicts.found.into_iter().collect(),
        }
    }

    /// Returns where the inserts and deletes go that count places of a domain's lists, when they are done in this order.
    ///
    /// Each means the place that its maker saw, who knew of what led to it and of nothing else. Of inserts at one place the
    /// later one stands first; what two delete is deleted once. Moves, and what is done in patches, are not placed; the places
    /// that are counted after them may be off ([`Report::unplaced`]). It takes time with the square of a list's edits.
    #[must_use]
    pub fn placed(&self, domain: &Domain) -> Vec<Placed> {
        let edits = self.edits();
        let pasts = Pasts::new(&edits);
        let mut placed = BTreeMap::new();
        for ((_, within), indexes) in lists(&edits).into_iter().filter(|((of, _), _)| *of == domain) {
            for (index, place) in Placing::of(&edits, &pasts, &indexes, 0).placed {
                let (id, action) = (edits[index].id().clone(), edits[index].edit.action());
                placed.insert(index, Placed { id, action, within: within.map(str::to_owned), place });
            }
        }
        placed.into_values().collect()
    }
}

impl Extend<Edited> for Merge {
    fn extend<T: IntoIterator<Item = Edited>>(&mut self, edits: T) {
        edits.into_iter().for_each(|edited| self.add(edited));
    }
}

impl FromIterator<Edited> for Merge {
    fn from_iter<T: IntoIterator<Item = Edited>>(edits: T) -> Self {
        let mut merge = Self::default();
        merge.extend(edits);
        merge
    }
}

/// Says whether two edits of one id are one: all but what a retry may stamp anew, and where it is recorded, is equal.
fn same(one: &Edited, other: &Edited) -> bool {
    let json = |edited: &Edited| Payload::new(&edited.edit);
    let equal = matches!((json(one), json(other)), (Ok(one), Ok(other)) if one.same_value(&other));
    let rest = |edited: &Edited| Edited { edit: Edit::new(Action::Patch), ..unstamped(edited) };
    equal && rest(one) == rest(other)
}

fn unstamped(edited: &Edited) -> Edited {
    let mut edited = edited.clone();
    (edited.link.stamp.lamport, edited.link.offset, edited.at) = (None, Offset::START, Timestamp::EPOCH);
    edited
}

fn rank(edited: &Edited) -> impl Ord + '_ {
    let Edited { link, domain, edit, intent, reservation, at } = edited;
    let edit = serde_json::to_string(edit).expect("an edit has a JSON form");
    (edit, &link.stamp, &link.session, &link.parents, domain, intent, reservation, at, link.offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Draft, Event};
    use crate::text::SessionId;
    use crate::views::Causality;
    use proptest::prelude::*;

    const CASES: u32 = 512;

    fn edited(id: &str, lamport: u64, actor: &str, parents: &[&str], edit: &Edit) -> Edited {
        let payload = serde_json::json!({"domain": "doc", "op": edit});
        let draft = Draft::new("session.operation", &payload).unwrap().id(id).unwrap().actor(actor).unwrap();
        let draft = parents.iter().fold(draft.lamport(lamport), |draft, parent| draft.parent(*parent).unwrap());
        let event = Event { offset: Offset::START, recorded_at: Timestamp::EPOCH, draft: draft.at(Timestamp::EPOCH) };
        Edited::read(&event).unwrap().unwrap()
    }

    fn put(at: u64) -> Edit {
        Edit::new(Action::Insert).at(at).unwrap()
    }

    fn cut(at: u64) -> Edit {
        Edit::new(Action::Delete).at(at).unwrap()
    }

    /// A list of twenty old things, and of what was inserted by its id.
    fn list(placed: &[Placed]) -> Vec<String> {
        let mut list: Vec<String> = (0..20).map(|n| format!("old{n}")).collect();
        for step in placed {
            let Some(place) = step.place.map(|place| usize::try_from(place).unwrap()) else { continue };
            match step.action {
                Action::Insert => list.insert(place, step.id.to_string()),
                _ => _ = list.remove(place),
            }
        }
        list
    }

    fn merged(edits: impl IntoIterator<Item = Edited>) -> (Vec<String>, Merge) {
        let merge: Merge = edits.into_iter().collect();
        (list(&merge.placed(&Domain::new("doc").unwrap())), merge)
    }

    #[test]
    fn inserts_at_three_and_seven_converge_whichever_comes_first() {
        let (three, seven) = (edited("a", 1, "ann", &[], &put(3)), edited("b", 1, "bob", &[], &put(7)));
        let (one, merge) = merged([three.clone(), seven.clone()]);
        assert_eq!((one[3].as_str(), one[8].as_str(), one[7].as_str()), ("a", "b", "old6"));
        assert_eq!(merged([seven, three]).0, one);
        assert!(merge.report().conflicts.is_empty());
    }

    #[test]
    fn inserts_at_one_place_are_a_conflict_with_one_order_and_two_deletes_are_one() {
        let edits = [
            edited("a", 1, "ann", &[], &put(3)),
            edited("b", 1, "bob", &[], &put(3)),
            edited("c", 2, "ann", &["a"], &cut(5)),
            edited("d", 2, "bob", &["b"], &cut(5)),
        ];
        let (one, merge) = merged(edits.clone());
        assert_eq!(merged(edits.into_iter().rev()).0, one);
        assert_eq!(one[2..7], ["old2", "b", "a", "old3", "old5"]);
        let report = merge.report();
        let told: Vec<_> = report
            .conflicts
            .iter()
            .map(|conflict| (&conflict.about, conflict.one.id.as_str(), conflict.other.id.as_str()))
            .collect();
        assert_eq!(told, [(&About::Place { at: 3, within: None }, "a", "b")]);
    }

    #[test]
    fn who_did_not_know_of_another_edit_of_the_same_target_is_in_conflict_with_it() {
        let e = |action, target: &str| Edit::new(action).target(target).unwrap();
        let edits = [
            edited("a1", 1, "ann", &[], &e(Action::Replace, "p")),
            edited("a2", 2, "ann", &[], &e(Action::Replace, "p")),
            edited("b1", 1, "bob", &[], &e(Action::Mutate, "p")),
            // It knows of both of hers: whoever names the second knows what she did before.
            edited("b2", 3, "bob", &["a2"], &e(Action::Move, "p")),
            edited("a3", 3, "ann", &[], &e(Action::Delete, "q")),
            edited("c1", 1, "cy", &["gone"], &Edit::patch([e(Action::Delete, "q"), e(Action::Insert, "r")]).unwrap()),
            edited("d1", 1, "dee", &[], &e(Action::Delete, "q")),
        ];
        let report = merged(edits).1.report();
        let told: Vec<_> = report
            .conflicts
            .iter()
            .map(|found| format!("{:?} {} {}", found.about, found.one.id, found.other.id))
            .collect();
        let expected = [r#"Target("p") a1 b1"#, r#"Target("p") b1 a2"#, r#"Target("q") c1 a3"#, r#"Target("q") c1 d1"#];
        assert_eq!(told, expected);
    }

    #[test]
    fn an_actor_in_two_sessions_is_two_hands() {
        let mut edits = [edited("a", 1, "ann", &[], &put(3)), edited("b", 1, "ann", &[], &put(3))];
        for (edited, session) in edits.iter_mut().zip(["one", "two"]) {
            edited.link.session = Some(SessionId::new(session).unwrap());
        }
        let report = merged(edits).1.report();
        assert_eq!((report.twins.len(), report.conflicts.len()), (0, 1));
    }

    #[test]
    fn who_names_what_is_deleted_means_it_and_what_is_not_placed_is_told() {
        let edits = [
            edited("a", 1, "ann", &[], &Edit::insert("p").unwrap().within("l").unwrap().at(4).unwrap()),
            edited("b", 2, "bob", &[], &Edit::delete("p").unwrap()),
            edited("c", 3, "cy", &[], &Edit::new(Action::Move).within("l").unwrap().at(7).unwrap()),
            edited("d", 4, "cy", &[], &Edit::patch([put(0)]).unwrap()),
            edited("e", 5, "cy", &[], &put(i64::MAX as u64)),
        ];
        let merge: Merge = edits.into_iter().collect();
        let placed = merge.placed(&Domain::new("doc").unwrap());
        let places: Vec<_> = placed.iter().map(|placed| (placed.id.as_str(), placed.place)).collect();
        assert_eq!(places, [("a", Some(4)), ("b", Some(4)), ("e", Some(i64::MAX as u64))]);
        assert_eq!(merge.report().unplaced.iter().map(EventId::as_str).collect::<Vec<_>>(), ["c", "d"]);
    }

    #[test]
    fn an_id_that_stands_for_two_edits_and_a_stamp_that_was_given_twice_are_told() {
        let one = edited("a", 1, "ann", &[], &put(1));
        let other = edited("a", 1, "ann", &[], &put(2));
        let twin = edited("b", 1, "ann", &[], &put(1));
        let merge: Merge = [other.clone(), twin.clone(), one.clone()].into_iter().collect();
        assert_eq!(merge, [one.clone(), other, twin].into_iter().collect());
        let report = merge.report();
        assert_eq!((report.clashes.len(), report.twins.len(), merge.len()), (1, 1, 2));
        // A retry may stamp anew: that is the same edit.
        let again = edited("a", 7, "ann", &[], &put(1));
        let merge: Merge = [again, one.clone()].into_iter().collect();
        assert!(merge.clashes().is_empty() && merge.edits() == [one]);
    }

    /// Edits of a few actors on one list and a few targets, each made by somebody who has seen some of the others'; with what
    /// that one saw.
    fn history() -> impl Strategy<Value = (Vec<Edited>, Vec<Vec<String>>)> {
        let one = (0_usize..3, 0_u32..4, 0_u64..1_000, proptest::option::of(0_usize..30), proptest::bool::ANY);
        proptest::collection::vec(one, 1..25).prop_map(|dice| {
            let mut edits: Vec<Edited> = Vec::new();
            let mut seen: Vec<Vec<usize>> = vec![Vec::new(); 3];
            let mut views = Vec::new();
            for (index, (actor, what, place, look, restamped)) in dice.into_iter().enumerate() {
                // Whoever looks at another one's edit sees all that this one had seen.
                let mut parents = Vec::new();
                if let Some(other) = look.map(|look| look % 3).filter(|&other| other != actor)
                    && let Some(&last) = seen[other].last()
                {
                    let theirs: Vec<_> = seen[other].iter().copied().filter(|one| !seen[actor].contains(one)).collect();
                    seen[actor].extend(theirs);
                    parents.push(format!("e{last}"));
                }
                let own: Merge = seen[actor].iter().map(|&one| edits[one].clone()).collect();
                let before = list(&own.placed(&Domain::new("doc").unwrap()));
                let place = place % before.len().min(15) as u64;
                let edit = if what < 3 { put(place) } else { cut(place) };
                let highest = seen[actor].iter().filter_map(|&one| edits[one].link.stamp.lamport).max().unwrap_or(0);
                let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
                let stamp = highest + 1 + u64::from(restamped);
                edits.push(edited(&format!("e{index}"), stamp, ["ann", "bob", "cy"][actor], &parents, &edit));
                // Its own last edit stands last, as the parent that others name.
                seen[actor].push(index);
                let own: Merge = seen[actor].iter().map(|&one| edits[one].clone()).collect();
                let after = list(&own.placed(&Domain::new("doc").unwrap()));
                let mut expected = before;
                match edit.action() {
                    Action::Insert => expected.insert(usize::try_from(place).unwrap(), format!("e{index}")),
                    _ => _ = expected.remove(usize::try_from(place).unwrap()),
                }
                assert_eq!(after, expected, "an edit does in its maker's list what it says");
                views.push(after);
            }
            (edits, views)
        })
    }

    fn split(edits: &[Edited], sides: &[u8], side: u8) -> Merge {
        edits.iter().zip(sides).filter(|(_, is)| **is & side > 0).map(|(edited, _)| edited.clone()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: CASES, ..ProptestConfig::default() })]

        #[test]
        fn a_merge_is_the_same_in_any_order_in_any_groups_and_twice(
            (edits, _) in history(),
            sides in proptest::collection::vec(1_u8..8, 25),
            others in proptest::collection::vec((0_usize..25, 0_u8..3, proptest::bool::ANY), 0..4),
        ) {
            let [mut a, mut b, mut c] = [1, 2, 4].map(|side| split(&edits, &sides, side));
            // Some have an edit of the same id that was stamped anew, or is another one.
            let mut clashes = BTreeSet::new();
            for (index, side, restamped) in others {
                let Some(mut other) = edits.get(index).cloned() else { continue };
                if restamped {
                    other.link.stamp.lamport = Some(99);
                } else {
                    other.edit = Edit::delete("clash").unwrap();
                    clashes.insert(other.id().clone());
                }
                [&mut a, &mut b, &mut c][usize::from(side)].add(other);
            }
            let whole = a.clone().and(b.clone()).and(c.clone());
            prop_assert_eq!(&c.clone().and(b.clone()).and(a.clone()), &whole);
            prop_assert_eq!(&a.clone().and(b.clone().and(c.clone())), &whole);
            prop_assert_eq!(&whole.clone().and(a.clone()).and(whole.clone()), &whole);
            prop_assert_eq!(whole.len(), edits.len());
            let doc = Domain::new("doc").unwrap();
            let other_way = b.and(c).and(a);
            prop_assert_eq!(other_way.placed(&doc), whole.placed(&doc));
            prop_assert_eq!(other_way.report(), whole.report());
            // Stamps are those that were given.
            prop_assert_eq!(whole.clashes(), &clashes);
            for edited in whole.edits() {
                prop_assert!(edits.contains(&edited) || clashes.contains(edited.id()));
            }
        }

        /// What each saw keeps its order in the merged list, and exactly what nobody deleted is there.
        #[test]
        fn a_merged_list_keeps_the_order_that_each_maker_saw((edits, views) in history()) {
            let (whole, _) = merged(edits.clone());
            for view in &views {
                let there: Vec<_> = view.iter().filter(|name| whole.contains(name)).collect();
                let merged: Vec<_> = whole.iter().filter(|name| view.contains(name)).collect();
                prop_assert_eq!(there, merged);
            }
            let all: BTreeSet<_> = whole.iter().collect();
            prop_assert_eq!(all.len(), whole.len());
        }

        #[test]
        fn conflicts_are_those_of_a_plain_search((edits, _) in history(), targets in proptest::collection::vec(0_u8..3, 25)) {
            let edits: Vec<_> = edits.into_iter().zip(&targets).map(|(mut edited, target)| {
                let action = if *target == 0 { Action::Delete } else { Action::Replace };
                edited.edit = Edit::new(action).target(format!("t{}", target % 2)).unwrap();
                edited
            }).collect();
            let merge: Merge = edits.iter().cloned().collect();
            // What an actor did before is a cause too.
            let mut causality = Causality::default();
            for edited in merge.edits() {
                let mut link = edited.link.clone();
                let mut own = edits.iter().filter(|one| one.actor() == edited.actor() && one.link.stamp < link.stamp);
                let last = own.by_ref().max_by_key(|one| one.link.stamp.clone());
                link.parents.extend(last.map(|one| one.id().clone()));
                causality.add(link);
            }
            let mut expected = BTreeSet::new();
            for one in &edits {
                for other in &edits {
                    let both_delete = one.edit.action() == Action::Delete && other.edit.action() == Action::Delete;
                    if one.edit.named() == other.edit.named() && !both_delete && causality.concurrent(one.id(), other.id()) {
                        expected.insert((one.id().clone().min(other.id().clone()), one.id().clone().max(other.id().clone())));
                    }
                }
            }
            let found: BTreeSet<_> = merge.report().conflicts.into_iter()
                .map(|found| (found.one.id.clone().min(found.other.id.clone()), found.one.id.max(found.other.id))).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
