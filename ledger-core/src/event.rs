//! The envelope: what a caller hands in (`Draft`) and what the ledger keeps (`Event`), one shape for every use.

use std::fmt;
use std::ops::Deref;
use std::sync::LazyLock;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::payload::Payload;
use crate::text::{Actor, EventId, Kind, ModelId, ModelProfile, RunId, SessionId, Tag};
use crate::time::Timestamp;

/// A position in the ledger: 1 for the first event, and 0 (`START`) before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Offset(u64);

impl Offset {
    /// Before the first event.
    pub const START: Self = Self(0);
    /// The largest offset: what every engine's 64-bit integer holds.
    pub const MAX: Self = Self(i64::MAX as u64);

    /// Builds an offset. Fails past `Offset::MAX`.
    pub fn new(value: u64) -> Result<Self> {
        if value <= Self::MAX.0 {
            return Ok(Self(value));
        }
        Err(Error::invalid("offset", format!("`{value}` is past the largest, {}", Self::MAX)))
    }

    /// Returns the number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }

    /// Returns the offset `count` further on, or `MAX`.
    #[must_use]
    pub fn plus(self, count: usize) -> Self {
        Self(self.0.saturating_add(count as u64).min(Self::MAX.0))
    }

    /// Returns the offset before this one, or `START`.
    #[must_use]
    pub fn before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::str::FromStr for Offset {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let number = text.parse().map_err(|_| {
            Error::invalid("offset", format!("{} is not a number from 0 on", crate::error::Shown(text)))
        })?;
        Self::new(number)
    }
}

impl<'de> Deserialize<'de> for Offset {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// An event as a caller hands it in; the ledger adds offset and time of recording.
///
/// Build one with [`Draft::new`] and the methods that follow it:
///
/// ```
/// # use ledger_core::Draft;
/// # fn main() -> ledger_core::Result<()> {
/// let draft = Draft::new("order.placed", &serde_json::json!({"total": 12}))?
///     .run("order-17")?
///     .actor("checkout")?
///     .tag("customer:42")?;
/// assert_eq!(draft.kind.as_str(), "order.placed");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The idempotency key; a fresh UUIDv7 unless the caller gives one.
    pub id: EventId,
    /// The run it belongs to; `default` unless the caller names one.
    pub run_id: RunId,
    /// The step in the run, from 0.
    pub turn: u32,
    /// What happened.
    pub kind: Kind,
    /// Who did it; `unknown` unless the caller says.
    pub actor: Actor,
    /// The facts, as JSON.
    pub payload: Payload,
    /// When it happened, by the caller's clock.
    pub created_at: Timestamp,
    /// The version of the payload's shape; upcasters lift old ones.
    pub schema_version: u32,
    /// The causal session.
    pub session_id: Option<SessionId>,
    /// The profile the model ran under.
    pub model_profile: Option<ModelProfile>,
    /// The model that acted.
    pub model_id: Option<ModelId>,
    /// The events that caused this one, in the order given.
    pub parents: Vec<EventId>,
    /// The logical clock of the session.
    pub lamport: Option<u64>,
    tags: Vec<Tag>,
}

impl Draft {
    /// The most tags of one event.
    pub const MAX_TAGS: usize = 64;
    /// The most parents of one event.
    pub const MAX_PARENTS: usize = 64;

    /// Starts a draft from a kind and a payload. Fails when the kind is not dotted lower case or the payload breaks a limit.
    pub fn new<T: Serialize + ?Sized>(kind: impl AsRef<str>, payload: &T) -> Result<Self> {
        Ok(Self::from_parts(Kind::new(kind)?, Payload::new(payload)?))
    }

    /// Starts a draft from parts that are valid already.
    #[must_use]
    pub fn from_parts(kind: Kind, payload: Payload) -> Self {
        let (run_id, actor) = Self::unnamed().clone();
        Self { created_at: Timestamp::now(), ..Self::bare(EventId::fresh(), run_id, kind, actor, payload) }
    }

    /// Returns the run and the actor of a draft that names none.
    pub(crate) fn unnamed() -> &'static (RunId, Actor) {
        // Shared, because a million drafts need these two words and not a million copies of them.
        static UNNAMED: LazyLock<(RunId, Actor)> = LazyLock::new(|| {
            let run_id = RunId::new("default").expect("the word keeps the rule");
            (run_id, Actor::new("unknown").expect("the word keeps the rule"))
        });
        &UNNAMED
    }

    /// Starts a draft that has its words already, at the beginning of time: for readers, who set all else.
    #[must_use]
    pub fn bare(id: EventId, run_id: RunId, kind: Kind, actor: Actor, payload: Payload) -> Self {
        Self {
            id,
            run_id,
            turn: 0,
            kind,
            actor,
            payload,
            created_at: Timestamp::EPOCH,
            schema_version: 1,
            session_id: None,
            model_profile: None,
            model_id: None,
            parents: Vec::new(),
            lamport: None,
            tags: Vec::new(),
        }
    }

    /// Sets the id. Fails when it breaks the rule of [`EventId`].
    pub fn id<I: TryInto<EventId, Error: Into<Error>>>(mut self, id: I) -> Result<Self> {
        self.id = id.try_into().map_err(Into::into)?;
        Ok(self)
    }

    /// Sets the run. Fails when it breaks the rule of [`RunId`].
    pub fn run<I: TryInto<RunId, Error: Into<Error>>>(mut self, run_id: I) -> Result<Self> {
        self.run_id = run_id.try_into().map_err(Into::into)?;
        Ok(self)
    }

    /// Sets the step in the run.
    #[must_use]
    pub fn turn(mut self, turn: u32) -> Self {
        self.turn = turn;
        self
    }

    /// Sets who did it. Fails when it breaks the rule of [`Actor`].
    pub fn actor<I: TryInto<Actor, Error: Into<Error>>>(mut self, actor: I) -> Result<Self> {
        self.actor = actor.try_into().map_err(Into::into)?;
        Ok(self)
    }

    /// Sets when it happened.
    #[must_use]
    pub fn at(mut self, created_at: Timestamp) -> Self {
        self.created_at = created_at;
        self
    }

    /// Sets the version of the payload's shape.
    #[must_use]
    pub fn schema_version(mut self, version: u32) -> Self {
        self.schema_version = version;
        self
    }

    /// Sets the session. Fails when it breaks the rule of [`SessionId`].
    pub fn session<I: TryInto<SessionId, Error: Into<Error>>>(mut self, session: I) -> Result<Self> {
        self.session_id = Some(session.try_into().map_err(Into::into)?);
        Ok(self)
    }

    /// Sets the model's profile. Fails when it breaks the rule of [`ModelProfile`].
    pub fn model_profile<I: TryInto<ModelProfile, Error: Into<Error>>>(mut self, profile: I) -> Result<Self> {
        self.model_profile = Some(profile.try_into().map_err(Into::into)?);
        Ok(self)
    }

    /// Sets the model. Fails when it breaks the rule of [`ModelId`].
    pub fn model_id<I: TryInto<ModelId, Error: Into<Error>>>(mut self, model: I) -> Result<Self> {
        self.model_id = Some(model.try_into().map_err(Into::into)?);
        Ok(self)
    }

    /// Adds an event that caused this one. Fails when it breaks the rule of [`EventId`].
    pub fn parent<I: TryInto<EventId, Error: Into<Error>>>(mut self, parent: I) -> Result<Self> {
        self.parents.push(parent.try_into().map_err(Into::into)?);
        Ok(self)
    }

    /// Sets the logical clock.
    #[must_use]
    pub fn lamport(mut self, lamport: u64) -> Self {
        self.lamport = Some(lamport);
        self
    }

    /// Adds a tag, once. Fails when it is not `key:value`.
    pub fn tag<I: TryInto<Tag, Error: Into<Error>>>(mut self, tag: I) -> Result<Self> {
        let tag = tag.try_into().map_err(Into::into)?;
        if let Err(place) = self.tags.binary_search(&tag) {
            self.tags.insert(place, tag);
        }
        Ok(self)
    }

    /// Adds several tags, each once.
    #[must_use]
    pub fn tagged(mut self, tags: impl IntoIterator<Item = Tag>) -> Self {
        if self.tags.is_empty() {
            // A list of tags is taken over as it is, not copied.
            self.tags = tags.into_iter().collect();
        } else {
            self.tags.extend(tags);
        }
        // Stored tags are in order: only to look is half the work.
        if !self.tags.is_sorted_by(|one, next| one < next) {
            self.tags.sort_unstable();
            self.tags.dedup();
        }
        self
    }

    /// Returns the tags, sorted and each once: they are a set.
    #[must_use]
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// Returns the payload as a `T`. Fails when it has another shape.
    pub fn payload_as<T: DeserializeOwned>(&self) -> Result<T> {
        self.payload.get()
    }

    /// Checks what the types of the fields cannot. Fails with too many tags or parents, or a logical clock past 2^63 - 1.
    pub fn check(&self) -> Result<()> {
        if self.tags.len() > Self::MAX_TAGS {
            let why = format!("{} on event `{}`: {} are the most", self.tags.len(), self.id, Self::MAX_TAGS);
            return Err(Error::invalid("tags", why));
        }
        if self.parents.len() > Self::MAX_PARENTS {
            let why = format!("{} on event `{}`: {} are the most", self.parents.len(), self.id, Self::MAX_PARENTS);
            return Err(Error::invalid("parents", why));
        }
        if let Some(lamport) = self.lamport.filter(|&clock| i64::try_from(clock).is_err()) {
            return Err(Error::invalid("lamport", format!("`{lamport}` is past the largest, {}", i64::MAX)));
        }
        Ok(())
    }

    /// Returns about how many bytes the draft takes, for the limits of batches and pages.
    #[must_use]
    pub fn size(&self) -> usize {
        const FIXED: usize = 64;
        let option = |text: Option<&str>| text.map_or(0, str::len);
        FIXED
            + self.id.as_str().len()
            + self.run_id.as_str().len()
            + self.kind.as_str().len()
            + self.actor.as_str().len()
            + self.payload.as_str().len()
            + option(self.session_id.as_ref().map(SessionId::as_str))
            + option(self.model_profile.as_ref().map(ModelProfile::as_str))
            + option(self.model_id.as_ref().map(ModelId::as_str))
            + self.parents.iter().map(|id| id.as_str().len()).sum::<usize>()
            + self.tags.iter().map(|tag| tag.as_str().len()).sum::<usize>()
    }

    /// Says whether a retry means the same event: all that the caller gave is equal, but for
    /// `created_at` and `lamport`, which a retry may stamp anew; payloads are compared by meaning.
    #[must_use]
    pub fn same_content(&self, other: &Self) -> bool {
        self.id == other.id
            && self.run_id == other.run_id
            && self.turn == other.turn
            && self.kind == other.kind
            && self.actor == other.actor
            && self.schema_version == other.schema_version
            && self.session_id == other.session_id
            && self.model_profile == other.model_profile
            && self.model_id == other.model_id
            && self.parents == other.parents
            && self.tags == other.tags
            && self.payload.same_value(&other.payload)
    }
}

/// A recorded event. It reads like its draft: `event.kind`, `event.payload`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place in the one order.
    pub offset: Offset,
    /// When the ledger recorded it, by the ledger's clock.
    pub recorded_at: Timestamp,
    /// What the caller gave.
    pub draft: Draft,
}

impl Deref for Event {
    type Target = Draft;
    fn deref(&self) -> &Draft {
        &self.draft
    }
}

impl Event {
    /// Appends the event's one line of JSON, without the line's end. `ledger export` prints it and the digest covers it.
    ///
    /// Fails with `Corrupt`, and appends nothing, when the payload was damaged where it was stored.
    pub fn write_json(&self, line: &mut Vec<u8>) -> Result<()> {
        let before = line.len();
        serde_json::to_writer(&mut *line, self).map_err(|error| {
            line.truncate(before);
            Error::Corrupt { why: format!("the event at offset {}: {error}", self.offset) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_may_restamp_times_and_nothing_else() {
        let first = Draft::new("a.b", &1).unwrap();
        let mut retry = first.clone().lamport(9).at(Timestamp::from_micros(0).unwrap());
        assert!(first.same_content(&retry));
        retry.turn = 1;
        assert!(!first.same_content(&retry));
    }

    #[test]
    fn tags_are_a_set() {
        let draft = Draft::new("a.b", &1).unwrap().tag("b:1").unwrap().tag("a:1").unwrap().tag("b:1").unwrap();
        assert_eq!(draft.tags().iter().map(Tag::as_str).collect::<Vec<_>>(), ["a:1", "b:1"]);
    }
}
