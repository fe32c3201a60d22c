//! The sessions of the sample, in which people and agents edit at once: some of it in each other's way.

use std::collections::BTreeMap;

use ledger_core::views::session::{CHECKPOINT, Checkpoint, Edit, INTENT, Last, OPERATION, RELEASED, RESERVATION, Wish};
use ledger_core::{Actor, Domain, Draft, EventId, Offset, Payload, Result, SessionId, Timestamp};
use serde::Serialize;
use serde_json::json;

use super::chance::Chance;
use super::run::{HOUR, MINUTE, SECOND, event, later};

/// A session that is to be told.
struct Plan {
    id: &'static str,
    domain: &'static str,
    actors: &'static [&'static str],
    /// How many minutes before now it began, and ended.
    minutes_ago: (i64, i64),
    edits: u32,
    /// After how many edits somebody takes a snapshot.
    snapshot_every: u32,
}

const PLANS: [Plan; 3] = [
    Plan {
        id: "quarterly-report",
        domain: "report",
        actors: &["mia", "jonas", "writer-agent"],
        minutes_ago: (4 * 24 * 60, 4 * 24 * 60 - 380),
        edits: 150,
        snapshot_every: 60,
    },
    Plan {
        id: "schema-review",
        domain: "schema",
        actors: &["priya", "jonas", "schema-agent"],
        minutes_ago: (50 * 60, 47 * 60),
        edits: 90,
        snapshot_every: 50,
    },
    Plan {
        id: "dashboard-layout",
        domain: "layout",
        actors: &["mia", "priya", "designer-agent", "critic-agent"],
        minutes_ago: (95, 2),
        edits: 120,
        snapshot_every: 80,
    },
];

/// What is written.
const SENTENCES: [&str; 8] = [
    "Revenue grew by a tenth, and margin with it.",
    "Returns fell for the third month in a row.",
    "The warehouse was slow on one day; nothing was lost.",
    "Support answers within four hours, on the plan `team` within two.",
    "Conversion is best where the page has no banner.",
    "Prices without discount are kept beside those with it.",
    "Customers of the spring still buy as often as then.",
    "The forecast leaves out orders that were cancelled.",
];

/// Returns all sessions, as they were up to now.
pub(super) fn all(now: Timestamp, chance: &mut Chance) -> Result<Vec<Draft>> {
    let told = PLANS.iter().map(|plan| told(plan, now, chance)).collect::<Result<Vec<_>>>()?;
    Ok(told.into_iter().flatten().collect())
}

fn told(plan: &Plan, now: Timestamp, chance: &mut Chance) -> Result<Vec<Draft>> {
    let (from, to) = (later(now, -plan.minutes_ago.0 * MINUTE), later(now, -plan.minutes_ago.1 * MINUTE));
    let step = (to.as_micros() - from.as_micros()) / i64::from(plan.edits);
    let mut desk = Desk::empty(plan)?;
    for number in 1..=plan.edits {
        let early = chance.between(0.0, 0.5) * step as f64;
        desk.at = later(from, step * i64::from(number) - early as i64);
        desk.turn(number, chance)?;
    }
    if plan.minutes_ago.1 < 60 {
        desk.clash(later(now, 2 * HOUR))?;
    }
    Ok(desk.drafts)
}

/// What several edit at once, and what each of them knows of it.
struct Desk<'p> {
    plan: &'p Plan,
    session: SessionId,
    domain: Domain,
    at: Timestamp,
    /// What is there, in its order, by its number.
    things: Vec<u32>,
    /// How many things were made, …
    made: u32,
    /// … how many of them each knows of, and what was changed last.
    known: BTreeMap<&'static str, u32>,
    changed: Option<u32>,
    last: BTreeMap<&'static str, Last>,
    /// Who asked to be left alone with what just now, and for how many edits that matters.
    claim: Option<Claimed>,
    claims: u32,
    drafts: Vec<Draft>,
}

struct Claimed {
    actor: &'static str,
    intent: EventId,
    reservation: EventId,
    target: String,
    edits: u32,
}

/// What an actor has seen when it edits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// All there is.
    All,
    /// Nothing but what it did itself.
    Own,
}

#[derive(Serialize)]
struct Written<'e> {
    domain: &'e Domain,
    op: &'e Edit,
    #[serde(skip_serializing_if = "Option::is_none")]
    intent: Option<&'e EventId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reservation: Option<&'e EventId>,
}

impl<'p> Desk<'p> {
    fn empty(plan: &'p Plan) -> Result<Self> {
        Ok(Self {
            plan,
            session: SessionId::new(plan.id)?,
            domain: Domain::new(plan.domain)?,
            at: Timestamp::EPOCH,
            things: Vec::new(),
            made: 0,
            known: BTreeMap::new(),
            changed: None,
            last: BTreeMap::new(),
            claim: None,
            claims: 0,
            drafts: Vec::new(),
        })
    }

    /// Tells an edit, and what comes with it now and then.
    fn turn(&mut self, number: u32, chance: &mut Chance) -> Result<()> {
        let mut actor = *chance.pick(self.plan.actors);
        if number.is_multiple_of(25) && self.claim.is_none() && !self.things.is_empty() {
            self.reserve(actor, chance)?;
        }
        if let Some(claim) = &self.claim {
            actor = claim.actor;
        }
        // Of seven edits one is made without a look at what others do.
        let blind = self.claim.is_none() && chance.happens(0.15);
        match self.known_to(actor).filter(|_| blind) {
            Some(thing) => {
                let edit = Edit::replace(self.name(thing))?.payload(&said(actor, chance))?;
                self.record(actor, Seen::Own, &edit)?;
            }
            None => {
                let edit = self.edit(actor, chance)?;
                self.record(actor, Seen::All, &edit)?;
            }
        }
        if let Some(claim) = &mut self.claim {
            claim.edits -= 1;
            if claim.edits == 0 {
                self.release()?;
            }
        }
        if number.is_multiple_of(self.plan.snapshot_every) {
            let snapshot = format!("{}.v{}", self.plan.id, number / self.plan.snapshot_every);
            // What it includes is known when it has an offset.
            let draft = event(CHECKPOINT, &format!("{snapshot}.taken"), later(self.at, SECOND), &json!(snapshot))?;
            self.note(draft, self.plan.actors[0], "checkpoint")?;
        }
        Ok(())
    }

    /// Returns something that an actor knew of when it last looked: what others have changed since, if there is
    /// such a thing.
    fn known_to(&self, actor: &str) -> Option<u32> {
        let known = self.known.get(actor).copied().unwrap_or_default();
        let is_known = |thing: &&u32| **thing <= known && self.things.contains(thing);
        self.changed.iter().chain(&self.things).find(is_known).copied()
    }

    /// Chooses an edit, and does it.
    fn edit(&mut self, actor: &'static str, chance: &mut Chance) -> Result<Edit> {
        self.known.insert(actor, self.made);
        if let Some(claim) = &self.claim {
            return Edit::replace(&*claim.target)?.payload(&said(actor, chance));
        }
        let (dice, place) = (chance.share(), chance.below(self.things.len()));
        if self.things.len() < 5 || dice < 0.38 {
            let place = chance.below(self.things.len() + 1);
            self.made += 1;
            self.known.insert(actor, self.made);
            self.things.insert(place, self.made);
            return Edit::insert(self.name(self.made))?.at(place as u64)?.payload(&said(actor, chance));
        }
        let thing = self.things[place];
        let name = self.name(thing);
        self.changed = Some(thing);
        match dice {
            ..0.72 => Edit::replace(name)?.payload(&said(actor, chance)),
            ..0.82 => Edit::mutate(name)?.payload(&json!({"emphasis": *chance.pick(&["none", "strong", "quiet"])})),
            ..0.91 => {
                self.things.remove(place);
                let place = chance.below(self.things.len() + 1);
                self.things.insert(place, thing);
                Edit::shift(name)?.at(place as u64)
            }
            ..0.96 => {
                self.things.remove(place);
                Edit::delete(name)
            }
            _ => {
                let other = self.name(*chance.pick(&self.things));
                let replaced = Edit::replace(name)?.payload(&said(actor, chance))?;
                Edit::patch([replaced, Edit::mutate(other)?.payload(&json!({"width": 1 + chance.below(3)}))?])
            }
        }
    }

    /// Returns the name of a thing.
    fn name(&self, thing: u32) -> String {
        format!("{}-{thing}", &self.plan.domain[..1])
    }

    /// Records an edit with a stamp past all that its actor has seen.
    fn record(&mut self, actor: &'static str, seen: Seen, edit: &Edit) -> Result<()> {
        let own = self.last.get(actor).map_or(0, |last| last.lamport);
        let others = self.last.iter().filter(|(other, _)| **other != actor && seen == Seen::All);
        let (mut lamport, mut parents) = (own, Vec::new());
        for (_, last) in others {
            lamport = lamport.max(last.lamport);
            parents.push(last.id.clone());
        }
        let claim = self.claim.as_ref().filter(|claim| claim.actor == actor);
        let (intent, reservation) = (claim.map(|claim| &claim.intent), claim.map(|claim| &claim.reservation));
        let written = Written { domain: &self.domain, op: edit, intent, reservation };
        let id = EventId::new(format!("{}.{:03}", self.plan.id, self.drafts.len() + 1))?;
        let mut draft = Draft::new(OPERATION, &written)?.id(&id)?.at(self.at).lamport(lamport + 1);
        draft.parents = parents;
        self.drafts.push(by(draft.session(&self.session)?, actor)?);
        self.last.insert(actor, Last { lamport: lamport + 1, id });
        Ok(())
    }

    /// Says what an actor is about to do, and asks others to leave it alone.
    fn reserve(&mut self, actor: &'static str, chance: &mut Chance) -> Result<()> {
        let (target, until) = (self.name(*chance.pick(&self.things)), later(self.at, 20 * MINUTE));
        let intent = self.wish(INTENT, actor, &target, (until, "I go over this next"))?;
        let reservation = self.wish(RESERVATION, actor, &target, (until, "please leave it to me"))?;
        self.claim = Some(Claimed { actor, intent, reservation, target, edits: 4 });
        Ok(())
    }

    fn release(&mut self) -> Result<()> {
        let Some(claim) = self.claim.take() else { return Ok(()) };
        let at = later(self.at, SECOND);
        for id in [claim.intent, claim.reservation] {
            let draft = event(RELEASED, &format!("{id}.released"), at, &json!({"id": id}))?;
            self.note(draft, claim.actor, "coordination")?;
        }
        Ok(())
    }

    /// Has two ask for the same thing, and neither is done with it.
    fn clash(&mut self, until: Timestamp) -> Result<()> {
        let Some(target) = self.things.first().map(|&thing| self.name(thing)) else { return Ok(()) };
        for actor in &self.plan.actors[..2] {
            self.wish(RESERVATION, actor, &target, (until, "I finish this today"))?;
        }
        Ok(())
    }

    fn wish(&mut self, kind: &str, actor: &str, target: &str, (until, note): (Timestamp, &str)) -> Result<EventId> {
        self.claims += 1;
        let id = EventId::new(format!("{}.claim-{}", self.plan.id, self.claims))?;
        let (domain, targets) = (self.domain.clone(), vec![target.to_owned()]);
        let wish = Wish { domain, targets, note: Some(note.to_owned()), expires_at: until };
        self.note(Draft::new(kind, &wish)?.id(&id)?.at(self.at), actor, "coordination")?;
        Ok(id)
    }

    /// Records what is no edit, found by a tag.
    fn note(&mut self, draft: Draft, actor: &str, tag: &str) -> Result<()> {
        let draft = draft.session(&self.session)?.tag(format!("{tag}:{}", self.session))?;
        self.drafts.push(by(draft, actor)?);
        Ok(())
    }
}

/// Says who did something, and by which model.
fn by(draft: Draft, actor: &str) -> Result<Draft> {
    let draft = draft.actor(actor)?;
    if actor.ends_with("-agent") { draft.model_id("claude-sonnet-4-5")?.model_profile("careful") } else { Ok(draft) }
}

fn said(actor: &str, chance: &mut Chance) -> serde_json::Value {
    json!({"text": *chance.pick(&SENTENCES), "by": actor})
}

/// What the sessions came to so far, by which checkpoints say what they include.
#[derive(Default)]
pub(super) struct Sums(BTreeMap<SessionId, Sum>);

#[derive(Default)]
struct Sum {
    lamport: u64,
    operations: u64,
    last: BTreeMap<Actor, Last>,
}

impl Sums {
    /// Takes note of an event that gets an offset, and completes it if it is a checkpoint.
    pub(super) fn complete(&mut self, mut draft: Draft, offset: Offset) -> Result<Draft> {
        let Some(session) = &draft.session_id else { return Ok(draft) };
        let sum = self.0.entry(session.clone()).or_default();
        let lamport = draft.lamport.unwrap_or_default();
        sum.lamport = sum.lamport.max(lamport);
        match draft.kind.as_str() {
            OPERATION => {
                sum.operations += 1;
                // The stamps of one actor rise.
                sum.last.insert(draft.actor.clone(), Last { lamport, id: draft.id.clone() });
            }
            CHECKPOINT => {
                let (snapshot, last) = (draft.payload_as()?, sum.last.clone());
                let (lamport, operations, offset) = (sum.lamport, sum.operations, offset.before());
                draft.payload = Payload::new(&Checkpoint { snapshot, lamport, operations, offset, last })?;
            }
            _ => {}
        }
        Ok(draft)
    }
}
