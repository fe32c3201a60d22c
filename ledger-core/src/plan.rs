//! Decides what an append does, once for all backends: what is new, what is there already, and who fails.
//!
//! A backend looks up what is stored under its lock, asks here, and writes what comes back. So the laws of
//! idempotence and of conditions are one piece of code, and group commit cannot weaken them.

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::event::{Draft, Event, Offset};
use crate::ledger::{Receipt, Status};
use crate::query::Query;

/// One caller's append, as the planner sees it.
#[derive(Debug)]
pub struct Request<'a> {
    /// What to record.
    pub drafts: &'a [Draft],
    /// The query that breaks the caller's condition, and the first stored offset that matches it.
    pub condition: Option<(Query, Option<Offset>)>,
}

/// What a group of appends comes to.
#[derive(Debug)]
pub struct Plan<'a> {
    /// What to write, in order, at the offsets after the head.
    pub new: Vec<&'a Draft>,
    /// Per request, what to answer once `new` is durable.
    pub answers: Vec<Result<Vec<Receipt>>>,
}

/// Plans a group of appends on a ledger whose head is `head` and which holds `stored` among the ids they name.
///
/// Requests are taken in order; one that fails leaves no trace for those after it.
pub fn plan<'a>(head: Offset, stored: &HashMap<&str, Event>, requests: &[Request<'a>]) -> Plan<'a> {
    let mut planner = Planner { head, stored, new: Vec::new(), greatest: "", places: HashMap::new() };
    let answers = requests.iter().map(|request| planner.take(request)).collect();
    Plan { new: planner.new, answers }
}

struct Planner<'a, 's> {
    head: Offset,
    stored: &'s HashMap<&'s str, Event>,
    new: Vec<&'a Draft>,
    /// No id of `new` is greater.
    greatest: &'a str,
    /// Where the ids of `new` are: of the first so many of them, as nobody asks while ids rise, which those made of the time do.
    places: HashMap<&'a str, usize>,
}

impl<'a> Planner<'a, '_> {
    fn take(&mut self, request: &Request<'a>) -> Result<Vec<Receipt>> {
        let before = self.new.len();
        let answer = self.try_take(request);
        if answer.is_err() {
            for draft in self.new.drain(before..) {
                self.places.remove(draft.id.as_str());
            }
        }
        answer
    }

    fn try_take(&mut self, request: &Request<'a>) -> Result<Vec<Receipt>> {
        let before = self.new.len();
        let mut receipts = Vec::with_capacity(request.drafts.len());
        for draft in request.drafts {
            receipts.push(self.place(draft)?);
        }
        if self.new.len() > before {
            self.check(request.condition.as_ref(), before)?;
        }
        Ok(receipts)
    }

    fn place(&mut self, draft: &'a Draft) -> Result<Receipt> {
        let id = draft.id.as_str();
        let found = match self.stored.get(id) {
            Some(event) => Some((&event.draft, event.offset)),
            None => self.pending(id).map(|place| (self.new[place], self.head.plus(place + 1))),
        };
        match found {
            Some((first, offset)) if first.same_content(draft) => Ok(Receipt { offset, status: Status::Duplicate }),
            Some((_, offset)) => Err(Error::IdConflict { id: draft.id.clone(), offset }),
            None => {
                let offset = Offset::new(self.head.get().saturating_add(self.new.len() as u64 + 1))?;
                self.greatest = self.greatest.max(id);
                self.new.push(draft);
                Ok(Receipt { offset, status: Status::New })
            }
        }
    }

    /// Returns the place in `new` of an id.
    fn pending(&mut self, id: &str) -> Option<usize> {
        if id > self.greatest {
            return None;
        }
        for (place, draft) in self.new.iter().enumerate().skip(self.places.len()) {
            self.places.insert(draft.id.as_str(), place);
        }
        self.places.get(id).copied()
    }

    /// Checks a condition against what is stored and what requests before this one are about to write.
    fn check(&self, condition: Option<&(Query, Option<Offset>)>, before: usize) -> Result<()> {
        let Some((query, stored)) = condition else { return Ok(()) };
        let pending = || {
            let offsets = (1..).map(|place| self.head.plus(place));
            self.new[..before].iter().zip(offsets).find(|(draft, offset)| query.matches_at(*offset, draft))
        };
        match stored.or_else(|| pending().map(|(_, offset)| offset)) {
            Some(offset) => Err(Error::ConditionFailed { offset, after: query.after }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Condition;

    fn draft(id: &str, kind: &str) -> Draft {
        Draft::new(kind, &1).unwrap().id(id).unwrap()
    }

    fn request(drafts: &[Draft]) -> Request<'_> {
        Request { drafts, condition: None }
    }

    #[test]
    fn a_failed_request_leaves_no_trace_for_those_after_it() {
        let first = [draft("a", "a.b")];
        let torn = [draft("b", "a.b"), draft("a", "other.kind")];
        let after = [draft("b", "third.kind")];
        let plan = plan(Offset::START, &HashMap::new(), &[request(&first), request(&torn), request(&after)]);
        assert_eq!(plan.new.iter().map(|d| d.kind.as_str()).collect::<Vec<_>>(), ["a.b", "third.kind"]);
        assert!(matches!(plan.answers[1], Err(Error::IdConflict { .. })));
        assert_eq!(plan.answers[2].as_ref().unwrap()[0].offset.get(), 2);
    }

    #[test]
    fn an_id_is_found_among_what_is_new_wherever_it_stands() {
        let ids = ["b", "c", "a", "c", "d", "b", "d", "a"];
        let drafts = ids.map(|id| draft(id, "a.b"));
        let torn = [draft("e", "a.b"), draft("0", "a.b"), draft("c", "other.kind")];
        let after = [draft("0", "third.kind"), draft("e", "third.kind"), draft("a", "a.b")];
        let plan = plan(Offset::START, &HashMap::new(), &[request(&drafts), request(&torn), request(&after)]);
        let offsets = |answer: &Result<Vec<Receipt>>| -> Vec<u64> {
            answer.as_ref().unwrap().iter().map(|receipt| receipt.offset.get()).collect()
        };
        assert_eq!(offsets(&plan.answers[0]), [1, 2, 3, 2, 4, 1, 4, 3]);
        assert!(matches!(plan.answers[1], Err(Error::IdConflict { offset, .. }) if offset.get() == 2));
        assert_eq!(offsets(&plan.answers[2]), [5, 6, 3]);
        assert_eq!(plan.new.iter().map(|draft| draft.id.as_str()).collect::<String>(), "bcad0e");
    }

    #[test]
    fn a_condition_sees_what_the_same_group_writes_before_it_and_not_its_own() {
        let first = [draft("a", "seat.taken")];
        let second = [draft("b", "seat.taken")];
        let condition = || {
            let query = Query::all().kind("seat.taken").unwrap();
            Some((Condition::none_after(query, Offset::START).breaking().unwrap(), None))
        };
        let requests =
            [Request { drafts: &first, condition: condition() }, Request { drafts: &second, condition: condition() }];
        let plan = plan(Offset::START, &HashMap::new(), &requests);
        assert!(plan.answers[0].is_ok());
        assert!(matches!(plan.answers[1], Err(Error::ConditionFailed { offset, .. }) if offset.get() == 1));
        assert_eq!(plan.new.len(), 1);
    }
}
