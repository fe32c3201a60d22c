//! Conflicts: edits of one thing that did not know of each other, and what each knew of.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Serialize, Serializer};

use super::edit::{Action, Edit};
use super::edited::Edited;
use crate::text::{Actor, Domain, EventId, SessionId};

/// The most conflicts that a report lists.
pub(super) const MOST_CONFLICTS: usize = 10_000;

/// What two edits do not agree about, neither knowing of the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Conflict {
    /// In which domain.
    pub domain: Domain,
    /// About what.
    #[serde(flatten)]
    pub about: About,
    /// The earlier, in the order of all.
    pub one: Side,
    /// The later.
    pub other: Side,
}

/// An edit of a conflict.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Side {
    /// Its id.
    pub id: EventId,
    /// Who made it.
    pub actor: Actor,
    /// What it does.
    #[serde(serialize_with = "word")]
    pub action: Action,
}

/// What edits may not agree about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum About {
    /// What becomes of it.
    Target(String),
    /// What stands first at a place of a list. What was inserted later does.
    Place {
        /// The place, as the later one counts.
        at: u64,
        /// The list, in a domain that has several.
        #[serde(skip_serializing_if = "Option::is_none")]
        within: Option<String>,
    },
}

pub(super) fn word<S: Serializer>(action: &Action, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(action.as_str())
}

/// What led to each of some edits in causal order: by their parents, and what the same hand, an actor in a session, had done
/// before. It takes memory with the number of edits and that of hands.
pub(super) struct Pasts {
    /// Of each edit, its hand, and how many edits that one had made with it.
    own: Vec<(usize, u32)>,
    /// Of each edit, of each hand how many edits led to it, itself included.
    known: Vec<Vec<u32>>,
}

impl Pasts {
    pub(super) fn new(edits: &[Edited]) -> Self {
        let mut actors = HashMap::new();
        for edited in edits {
            let next = actors.len();
            actors.entry(hand(edited)).or_insert(next);
        }
        let places: HashMap<_, _> = edits.iter().map(Edited::id).zip(0_usize..).collect();
        let mut last: Vec<Option<usize>> = vec![None; actors.len()];
        let (mut own, mut known): (Vec<_>, Vec<Vec<u32>>) = (Vec::with_capacity(edits.len()), Vec::new());
        for (index, edited) in edits.iter().enumerate() {
            let actor = actors[&hand(edited)];
            let mut knows = vec![0; actors.len()];
            let parents = edited.link.parents.iter().filter_map(|parent| places.get(parent).copied());
            // One that stands behind what it led to is part of a circle, and led to nothing here.
            for cause in parents.chain(last[actor]).filter(|&cause| cause < index) {
                knows.iter_mut().zip(&known[cause]).for_each(|(knows, &other)| *knows = other.max(*knows));
            }
            knows[actor] += 1;
            own.push((actor, knows[actor]));
            known.push(knows);
            last[actor] = Some(index);
        }
        Self { own, known }
    }

    /// Says whether an edit led to another one.
    pub(super) fn led(&self, one: usize, to: usize) -> bool {
        let (actor, count) = self.own[one];
        one != to && self.known[to][actor] >= count
    }
}

fn hand(edited: &Edited) -> (Option<&SessionId>, &Actor) {
    (edited.link.session.as_ref(), edited.actor())
}

/// The conflicts that were found so far.
pub(super) struct Conflicts<'e> {
    pub(super) edits: &'e [Edited],
    pub(super) found: BTreeSet<Conflict>,
    pub(super) more: bool,
}

impl Conflicts<'_> {
    pub(super) fn add(&mut self, about: About, one: usize, other: usize) {
        if self.found.len() == MOST_CONFLICTS {
            self.more = true;
            return;
        }
        let side = |index: usize| {
            let edited = &self.edits[index];
            Side { id: edited.id().clone(), actor: edited.actor().clone(), action: edited.edit.action() }
        };
        let domain = self.edits[one].domain.clone();
        let (one, other) = (side(one.min(other)), side(one.max(other)));
        self.found.insert(Conflict { domain, about, one, other });
    }

    /// Finds the edits of one target that do not know of each other. In causal order, of those before one the last few of each
    /// actor are these; so that it costs as much as there are.
    pub(super) fn about_targets(&mut self, pasts: &Pasts) {
        let mut touched: HashMap<(&Domain, &str), BTreeMap<usize, Vec<usize>>> = HashMap::new();
        let edits = self.edits;
        let action = |index: usize| edits[index].edit.action();
        for (index, edited) in edits.iter().enumerate() {
            for target in targets(&edited.edit) {
                let by_hand = touched.entry((&edited.domain, target)).or_default();
                for before in by_hand.values() {
                    let unknown = before.iter().rev().take_while(|&&one| !pasts.led(one, index));
                    for &one in unknown.filter(|&&one| (action(one), action(index)) != (Action::Delete, Action::Delete))
                    {
                        self.add(About::Target(target.to_owned()), one, index);
                        if self.more {
                            return;
                        }
                    }
                }
                by_hand.entry(pasts.own[index].0).or_default().push(index);
            }
        }
    }
}

/// Returns what an edit and its children touch.
fn targets(edit: &Edit) -> BTreeSet<&str> {
    let mut targets: BTreeSet<_> = edit.children().iter().flat_map(targets).collect();
    targets.extend(edit.named());
    targets
}
