//! Who means to edit what, and who asked others to leave it alone: advice that ends by itself, and that nobody has to take.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::edited::shaped;
use crate::error::{Error, Result};
use crate::event::{Event, Offset};
use crate::text::{Actor, Domain, EventId};
use crate::time::Timestamp;
use crate::views::View;

/// The kind of events by which somebody says what they mean to do.
pub const INTENT: &str = "session.intent";
/// The kind of events by which somebody asks to be left alone with something.
pub const RESERVATION: &str = "session.reservation";
/// The kind of events that end one of these before its time.
pub const RELEASED: &str = "session.released";

/// The most targets of one claim.
const MOST_TARGETS: usize = 1_000;

/// Whether others are asked to keep off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Firmness {
    /// It says what its actor is about to do.
    Intent,
    /// It asks others to leave the targets alone.
    Reservation,
}

impl Firmness {
    /// Returns the word for it, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Reservation => "reservation",
        }
    }
}

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// The domain.
    pub domain: Domain,
    /// What in it; nothing means all of it.
    #[serde(default)]
    pub targets: Vec<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// From when on it does not count any more.
    pub expires_at: Timestamp,
}

/// An intent or a reservation, as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// Its event.
    pub id: EventId,
    /// Where that is recorded.
    pub offset: Offset,
    /// Whose it is.
    pub actor: Actor,
    /// What it is.
    pub firmness: Firmness,
    /// What is asked for.
    #[serde(flatten)]
    pub wish: Wish,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Release {
    pub(crate) id: EventId,
}

/// The intents and reservations of a session.
#[derive(Clone, Debug, Default)]
pub struct Coordination {
    claims: BTreeMap<Offset, Claim>,
    places: HashMap<EventId, Offset>,
    malformed: Vec<Error>,
}

impl Wish {
    /// Asks for some targets of a domain, or for all of it with none, for a while. Fails when the domain breaks its rule or one
    /// of the targets is empty.
    pub fn of<D, T>(domain: D, targets: impl IntoIterator<Item = T>, time: Duration) -> Result<Self>
    where
        D: TryInto<Domain, Error: Into<Error>>,
        T: Into<String>,
    {
        let targets = targets.into_iter().map(Into::into).collect();
        let micros = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        let expires_at = Timestamp::from_micros(Timestamp::now().as_micros().saturating_add(micros))?;
        let wish = Self { domain: domain.try_into().map_err(Into::into)?, targets, note: None, expires_at };
        wish.check().map(|()| wish)
    }

    /// Checks it. Fails when it names too many targets, or one that is empty.
    pub fn check(&self) -> Result<()> {
        if self.targets.len() > MOST_TARGETS {
            return Err(Error::invalid("targets", format!("`{}`: {MOST_TARGETS} are the most", self.targets.len())));
        }
        if self.targets.iter().any(String::is_empty) {
            return Err(Error::invalid("targets", "one is empty: name it, or name none to mean the whole domain"));
        }
        Ok(())
    }

    /// Says whether both ask for the same thing.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.domain == other.domain
            && (self.targets.is_empty()
                || other.targets.is_empty()
                || self.targets.iter().any(|target| other.targets.contains(target)))
    }
}

impl Coordination {
    /// Returns the claims that count at a time, the oldest first.
    pub fn active(&self, now: Timestamp) -> impl Iterator<Item = &Claim> {
        self.claims.values().filter(move |claim| claim.wish.expires_at > now)
    }

    /// Returns the reservations that count at a time and ask for the same thing for different actors, each pair once, the
    /// older first.
    #[must_use]
    pub fn conflicts(&self, now: Timestamp) -> Vec<(&Claim, &Claim)> {
        self.pairs(now).collect()
    }

    /// Returns the same one by one: among thousands of reservations there may be millions.
    pub(crate) fn pairs(&self, now: Timestamp) -> impl Iterator<Item = (&Claim, &Claim)> {
        let reserved = move || self.active(now).filter(|claim| claim.firmness == Firmness::Reservation);
        let pairs = reserved()
            .enumerate()
            .flat_map(move |(place, one)| reserved().skip(place + 1).map(move |other| (one, other)));
        pairs.filter(|(one, other)| one.actor != other.actor && one.wish.overlaps(&other.wish))
    }

    /// Returns what is wrong with the events that could not be read and were passed over.
    #[must_use]
    pub fn malformed(&self) -> &[Error] {
        &self.malformed
    }

    fn claim(&mut self, event: &Event, firmness: Firmness) -> Result<()> {
        let wish: Wish = shaped(event)?;
        wish.check()?;
        let claim = Claim { id: event.id.clone(), offset: event.offset, actor: event.actor.clone(), firmness, wish };
        self.places.insert(event.id.clone(), event.offset);
        self.claims.insert(event.offset, claim);
        Ok(())
    }

    /// Ends a claim; that of another actor goes on.
    fn release(&mut self, event: &Event) -> Result<()> {
        let release: Release = shaped(event)?;
        let Some(offset) = self.places.get(&release.id) else { return Ok(()) };
        if self.claims.get(offset).is_some_and(|claim| claim.actor == event.actor) {
            self.claims.remove(offset);
        }
        Ok(())
    }
}

impl View for Coordination {
    fn apply(&mut self, event: &Event) {
        let outcome = match event.kind.as_str() {
            INTENT => self.claim(event, Firmness::Intent),
            RESERVATION => self.claim(event, Firmness::Reservation),
            RELEASED => self.release(event),
            _ => Ok(()),
        };
        self.malformed.extend(outcome.err());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Draft;
    use serde_json::{Value, json};

    fn fed(events: &[(&str, &str, &str, Value)]) -> Coordination {
        let mut coordination = Coordination::default();
        for (offset, (kind, id, actor, payload)) in (1..).zip(events) {
            let draft = Draft::new(kind, payload).unwrap().id(*id).unwrap().actor(*actor).unwrap();
            coordination.apply(&Event { offset: Offset::new(offset).unwrap(), recorded_at: Timestamp::EPOCH, draft });
        }
        coordination
    }

    fn wish(targets: &[&str], until: &str) -> Value {
        json!({"domain": "doc", "targets": targets, "expires_at": until})
    }

    #[test]
    fn what_has_expired_or_was_released_does_not_count_and_what_is_malformed_is_told() {
        let (noon, late) = ("2026-01-01T12:00:00Z", "2026-01-01T18:00:00Z");
        let coordination = fed(&[
            (INTENT, "i", "ann", wish(&["p"], noon)),
            (RESERVATION, "a", "ann", wish(&["p", "q"], late)),
            (RESERVATION, "b", "bob", wish(&["q"], late)),
            (RESERVATION, "all", "cy", wish(&[], noon)),
            (RESERVATION, "own", "bob", wish(&["q"], late)),
            (RESERVATION, "bad", "bob", json!({"domain": "doc"})),
            (RESERVATION, "other", "bob", json!({"domain": "draft", "targets": ["p"], "expires_at": late})),
            (RELEASED, "r1", "ann", json!({"id": "b"})),
            (RELEASED, "r2", "bob", json!({"id": "own"})),
            (RELEASED, "r3", "bob", json!({"id": "gone"})),
            (RELEASED, "r4", "bob", json!(7)),
        ]);
        let active =
            |now: &str| coordination.active(now.parse().unwrap()).map(|claim| claim.id.as_str()).collect::<Vec<_>>();
        assert_eq!(active("2026-01-01T11:59:59Z"), ["i", "a", "b", "all", "other"]);
        assert_eq!(active(noon), ["a", "b", "other"]);
        assert!(active(late).is_empty());
        let conflicts = |now: &str| -> Vec<_> {
            let pairs = coordination.conflicts(now.parse().unwrap());
            pairs.into_iter().map(|(one, other)| (one.id.to_string(), other.id.to_string())).collect()
        };
        let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
        assert_eq!(conflicts("2026-01-01T11:00:00Z"), [pair("a", "b"), pair("a", "all"), pair("b", "all")]);
        assert_eq!(conflicts(noon), [pair("a", "b")]);
        let told: Vec<_> = coordination.malformed().iter().map(ToString::to_string).collect();
        assert!(told.len() == 2 && told[0].contains("`bad` at offset 6") && told[1].contains("`r4`"), "{told:?}");
    }
}
