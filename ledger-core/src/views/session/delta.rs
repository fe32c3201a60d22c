//! A delta: the edits of a domain since a checkpoint, in causal order, with what came to nothing left out.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::Serialize;

use super::edit::{Action, Edit};
use super::edited::Edited;
use crate::error::Result;
use crate::event::Offset;
use crate::text::{Domain, EventId, SessionId};
use crate::views::Causality;

/// Makes fewer edits of many that have the same effect.
///
/// A domain that knows more about its edits than their names and places has its own.
pub trait Collapse: Send + Sync {
    /// Collapses the edits of a domain, which come in causal order.
    fn collapse(&self, edits: Vec<Change>) -> Result<Vec<Change>>;
}

/// Leaves every edit as it is.
#[derive(Clone, Copy, Debug)]
pub struct Whole;

impl Collapse for Whole {
    fn collapse(&self, edits: Vec<Change>) -> Result<Vec<Change>> {
        Ok(edits)
    }
}

/// An edit of a delta, and those that it was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What to do.
    pub edit: Edit,
    /// The recorded edits that it was made of: itself, unless a domain's own collapse made one of several.
    pub of: Vec<EventId>,
}

/// What was done to a domain since a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delta {
    /// In which session.
    pub session: SessionId,
    /// To what.
    pub domain: Domain,
    /// The snapshot that it applies to; nothing before the first checkpoint.
    pub snapshot: Option<String>,
    /// The last offset that the snapshot includes.
    pub after: Offset,
    /// The last offset that was looked at.
    pub up_to: Offset,
    /// How many edits there were.
    pub operations: u64,
    /// How many events are no edits though they should be, and are left out.
    pub malformed: u64,
    /// What to do, in this order.
    pub changes: Vec<Change>,
}

impl Delta {
    /// Says in a line how many changes there are of each kind: `1 delete, 2 insert`, or `no ops`.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut counts: BTreeMap<Action, usize> = BTreeMap::new();
        for change in &self.changes {
            *counts.entry(change.edit.action()).or_default() += 1;
        }
        if counts.is_empty() {
            return "no ops".to_owned();
        }
        counts.iter().map(|(action, count)| format!("{count} {action}")).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary())
    }
}

/// Puts edits in causal order: those that caused one before it, and by their stamps where that leaves a choice.
#[must_use]
pub fn in_causal_order(edits: Vec<Edited>) -> Vec<Edited> {
    let mut causality = Causality::default();
    edits.iter().for_each(|edited| causality.add(edited.link.clone()));
    let places: HashMap<_, _> =
        causality.sorted().links.iter().map(|link| link.stamp.id.clone()).zip(0_usize..).collect();
    let mut edits = edits;
    edits.sort_by_key(|edited| places[edited.id()]);
    edits.dedup_by(|next, one| next.id() == one.id());
    edits
}

/// The default collapse. It goes by what the edits of every domain mean:
///
/// - an insert makes what is not there, and does nothing to what is; a delete removes it; all others do nothing where their
///   target is not there;
/// - a replace leaves nothing of the content that its target had, neither of the mutations before it;
/// - an edit touches its target alone, and the list that it names; but an insert, a move or a delete changes the places of what
///   stands behind;
/// - a patch does what its children do, one after the other, and something unknown to its own target if it names one.
///
/// So what is inserted and deleted again comes to nothing, with all that was done to it; of replaces and mutations the last
/// replace and what follows it stay; and what is deleted needs no edit before. Nothing is left out across an edit that may do
/// anything: a patch, one without a target, or one that says more than is understood here ([`Edit::says_more`]). Nor is what
/// puts something in a list, when a place was counted between that and its end.
///
/// Names are taken to be used once: a target whose first edit is an insert is taken not to be in the snapshot. Where two may
/// insert something under one name, one of them before the checkpoint, a domain needs a collapse of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compact;

impl Collapse for Compact {
    fn collapse(&self, edits: Vec<Change>) -> Result<Vec<Change>> {
        let mut compaction = Compaction::default();
        edits.into_iter().for_each(|change| compaction.add(change));
        Ok(compaction.kept.into_iter().flatten().collect())
    }
}

#[derive(Default)]
struct Compaction {
    /// All edits so far, and nothing where one was left out.
    kept: Vec<Option<Change>>,
    /// What was done to each target since the last edit that may have done anything.
    targets: HashMap<String, Story>,
    /// Where places of a list were counted, and for what.
    counted: Vec<(usize, String)>,
    /// Whether there was an edit that may have done anything.
    forgot: bool,
}

/// What was done to a target.
#[derive(Default)]
struct Story {
    /// Whether it is known not to have been there when it was inserted first.
    born: bool,
    /// Whether it is known not to be there.
    gone: bool,
    /// Those that put it somewhere: inserts and moves.
    put: Vec<usize>,
    /// Those that gave it content: replaces, and mutations.
    filled: Vec<usize>,
}

impl Compaction {
    fn add(&mut self, change: Change) {
        let place = self.kept.len();
        let edit = &change.edit;
        let (action, position) = (edit.action(), edit.position());
        let understood = edit.children().is_empty() && !edit.says_more();
        let Some(target) = edit.named().filter(|_| understood).map(str::to_owned) else {
            self.forget();
            self.kept.push(Some(change));
            return;
        };
        if let Some(list) = edit.list() {
            // What was done to the list before may matter to this edit, so that it stays.
            self.targets.insert(list.to_owned(), Story::default());
        }
        self.kept.push(Some(change));
        let known = !self.forgot;
        let fresh = !self.targets.contains_key(&target);
        let story = self.targets.entry(target.clone()).or_default();
        match action {
            Action::Insert => {
                story.born |= story.gone || (fresh && known);
                story.gone = false;
                story.put.push(place);
            }
            Action::Move => story.put.push(place),
            Action::Mutate | Action::Patch => story.filled.push(place),
            Action::Replace => {
                let dead = std::mem::replace(&mut story.filled, vec![place]);
                dead.into_iter().for_each(|place| self.kept[place] = None);
            }
            Action::Delete => self.delete(&target, place),
        }
        if position.is_some() {
            self.counted.push((place, target));
        }
    }

    fn delete(&mut self, target: &str, place: usize) {
        let Some(story) = self.targets.get_mut(target) else { return };
        let story = std::mem::replace(story, Story { gone: true, ..Story::default() });
        story.filled.iter().for_each(|&place| self.kept[place] = None);
        let first = story.put.first().copied();
        // Whoever counted places since counted with it there.
        let counts =
            |(place, by): &(usize, String)| by != target && self.kept[*place].is_some() && first < Some(*place);
        if first.is_none() || self.counted.iter().rev().take_while(|(place, _)| first < Some(*place)).any(counts) {
            return;
        }
        story.put.iter().for_each(|&place| self.kept[place] = None);
        if story.born {
            self.kept[place] = None;
        }
    }

    /// Forgets what was done before an edit that may have done anything.
    fn forget(&mut self) {
        self.targets.clear();
        self.counted.clear();
        self.forgot = true;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use proptest::prelude::*;

    /// The reference: a list of things with a content, to which edits are done as they are documented.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    struct Document(Vec<(String, String)>);

    impl Document {
        fn find(&self, target: &str) -> Option<usize> {
            self.0.iter().position(|(name, _)| name == target)
        }

        fn put(&mut self, place: Option<u64>, thing: (String, String)) {
            let place = place.map_or(self.0.len(), |place| usize::try_from(place).unwrap().min(self.0.len()));
            self.0.insert(place, thing);
        }

        fn apply(&mut self, edit: &Edit) {
            if !edit.children().is_empty() {
                return edit.children().iter().for_each(|child| self.apply(child));
            }
            let content = edit.content().map_or("", |payload| payload.as_str()).to_owned();
            let Some(target) = edit.named() else {
                // Something that touches everything.
                return self.0.iter_mut().for_each(|(_, old)| old.push_str(&content));
            };
            match (edit.action(), self.find(target)) {
                (Action::Insert, None) => self.put(edit.position(), (target.to_owned(), content)),
                (Action::Insert, Some(_)) | (_, None) => {}
                (Action::Delete, Some(place)) => _ = self.0.remove(place),
                (Action::Move, Some(place)) => {
                    let thing = self.0.remove(place);
                    self.put(edit.position(), thing);
                }
                (Action::Mutate | Action::Patch, Some(place)) => self.0[place].1.push_str(&content),
                (Action::Replace, Some(place)) => self.0[place].1 = content,
            }
        }

        fn after(&self, changes: &[Change]) -> Self {
            let mut document = self.clone();
            changes.iter().for_each(|change| document.apply(&change.edit));
            document
        }
    }

    fn edit(action: Action, target: &str, position: Option<u64>, content: u32) -> Edit {
        let edit = Edit::new(action).target(target).unwrap().payload(&content).unwrap();
        position.map_or(edit.clone(), |position| edit.at(position).unwrap())
    }

    fn changes(edits: impl IntoIterator<Item = Edit>) -> Vec<Change> {
        let change = |(n, edit)| Change { edit, of: vec![EventId::new(format!("e{n}")).unwrap()] };
        (0..).zip(edits).map(change).collect()
    }

    /// Edits of few targets, so that they meet; most count no places, or nothing would ever be left out.
    fn edits() -> impl Strategy<Value = Vec<Edit>> {
        let action = prop_oneof![
            4 => Just(Action::Insert),
            4 => Just(Action::Delete),
            1 => Just(Action::Move),
            3 => Just(Action::Replace),
            3 => Just(Action::Mutate),
        ];
        let target = prop_oneof!["base[0-3]", "new[0-4]"];
        let one = (action, target, proptest::option::weighted(0.15, 0_u64..6), 0_u32..1000)
            .prop_map(|(action, target, position, content)| {
                let position = position.filter(|_| matches!(action, Action::Insert | Action::Move));
                edit(action, &target, position, content)
            })
            .boxed();
        let some = prop_oneof![
            30 => one.clone(),
            1 => (0_u32..1000).prop_map(|content| Edit::new(Action::Mutate).payload(&content).unwrap()),
            1 => proptest::collection::vec(one, 1..4).prop_map(|children| Edit::patch(children).unwrap()),
        ];
        proptest::collection::vec(some, 0..40)
    }

    /// Mutates what an edit would insert though the base has it and nothing was done to it before: what no domain does.
    fn sound(edits: Vec<Edit>, touched: &mut HashSet<String>) -> Vec<Edit> {
        let sound = |edit: Edit| {
            if !edit.children().is_empty() {
                return Edit::patch(sound(edit.children().to_vec(), touched)).unwrap();
            }
            let Some(target) = edit.named().map(str::to_owned) else { return edit };
            let fresh = touched.insert(target.clone());
            if fresh && edit.action() == Action::Insert && target.starts_with("base") {
                return Edit::mutate(target).unwrap();
            }
            edit
        };
        edits.into_iter().map(sound).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn a_compacted_delta_does_what_all_its_edits_do(edits in edits(), bases in 0_usize..5) {
            let edits = sound(edits, &mut HashSet::new());
            let base = Document((0..bases).map(|n| (format!("base{n}"), String::new())).collect());
            let all = changes(edits);
            let compact = Compact.collapse(all.clone()).unwrap();
            prop_assert_eq!(base.after(&compact), base.after(&all));
            // It leaves out, and neither changes nor reorders.
            let mut rest = all.iter();
            prop_assert!(compact.iter().all(|change| rest.any(|one| one == change)));
        }
    }

    fn left(edits: Vec<Edit>) -> Vec<String> {
        Compact.collapse(changes(edits)).unwrap().iter().map(|change| change.edit.to_string()).collect()
    }

    #[test]
    fn what_comes_to_nothing_is_left_out() {
        let e = |action, target| edit(action, target, None, 1);
        use Action::{Delete, Insert, Move, Mutate, Replace};
        assert!(left(vec![e(Insert, "a"), e(Replace, "a"), e(Mutate, "a"), e(Move, "a"), e(Delete, "a")]).is_empty());
        assert_eq!(
            left(vec![e(Replace, "a"), e(Mutate, "a"), e(Replace, "b"), e(Replace, "a")]),
            ["replace b", "replace a"]
        );
        assert_eq!(left(vec![e(Replace, "a"), e(Mutate, "a"), e(Delete, "a")]), ["delete a"]);
        // What was there before is deleted, and what was made in its place comes to nothing.
        assert_eq!(left(vec![e(Delete, "a"), e(Insert, "a"), e(Delete, "a")]), ["delete a"]);
        assert_eq!(left(vec![e(Mutate, "a"), e(Insert, "a"), e(Delete, "a")]), ["delete a"]);
    }

    #[test]
    fn nothing_is_left_out_where_that_could_change_something() {
        use Action::{Delete, Insert, Mutate};
        let kept = [
            // A place that was counted with it there.
            vec![edit(Insert, "a", Some(0), 1), edit(Insert, "b", Some(3), 1), edit(Delete, "a", None, 1)],
            // Something that may have done anything.
            vec![edit(Insert, "a", None, 1), Edit::new(Mutate), edit(Delete, "a", None, 1)],
            // Something that was done to it as to a list.
            vec![
                edit(Insert, "a", None, 1),
                edit(Insert, "b", None, 1).within("a").unwrap(),
                edit(Delete, "a", None, 1),
            ],
            // Something of which more is said than is understood.
            vec![
                edit(Insert, "a", None, 1),
                r#"{"op":"insert","target":"b","index":3}"#.parse().unwrap(),
                edit(Delete, "a", None, 1),
            ],
        ];
        for edits in kept {
            assert_eq!(left(edits.clone()), edits.iter().map(ToString::to_string).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_summary_counts_what_is_left() {
        let delta = |changes| Delta {
            session: SessionId::new("s").unwrap(),
            domain: Domain::new("d").unwrap(),
            snapshot: None,
            after: Offset::START,
            up_to: Offset::START,
            operations: 3,
            malformed: 0,
            changes,
        };
        let e = |action, target| edit(action, target, None, 1);
        let three = changes([e(Action::Insert, "a"), e(Action::Delete, "b"), e(Action::Insert, "c")]);
        assert_eq!(
            (delta(three).summary(), delta(Vec::new()).to_string()),
            ("1 delete, 2 insert".into(), "no ops".into())
        );
        let foreign: Edit = r#"{"type":"insert","index":1.50}"#.parse().unwrap();
        let text = serde_json::to_string(&delta(changes([foreign]))).unwrap();
        assert!(text.contains(r#"{"edit":{"type":"insert","index":1.50},"of":["e0"]}"#), "{text}");
    }
}
