//! The envelope: what a caller hands in (`Draft`) and what the ledger keeps (`Event`), one shape for every use.

use std::fmt;
use std::ops::Deref;
use std::sync::LazyLock;

use serde::de::DeserializeOwned;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

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
        Self::with(EventId::fresh(), kind, payload, Timestamp::now())
    }

    fn with(id: EventId, kind: Kind, payload: Payload, created_at: Timestamp) -> Self {
        // Shared, because a million drafts need these two words and not a million copies of them.
        static DEFAULTS: LazyLock<(RunId, Actor)> = LazyLock::new(|| {
            let run_id = RunId::new("default").expect("the word keeps the rule");
            (run_id, Actor::new("unknown").expect("the word keeps the rule"))
        });
        let (run_id, actor) = DEFAULTS.clone();
        Self {
            id,
            run_id,
            turn: 0,
            kind,
            actor,
            payload,
            created_at,
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
        self.tags.extend(tags);
        self.tags.sort_unstable();
        self.tags.dedup();
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

    /// Starts a draft that has an id already, at the beginning of time: for readers, who set all else.
    #[must_use]
    pub fn bare(id: EventId, kind: Kind, payload: Payload) -> Self {
        Self::with(id, kind, payload, Timestamp::EPOCH)
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
    pub fn write_json(&self, line: &mut Vec<u8>) {
        serde_json::to_writer(line, self).expect("writing valid parts to memory does not fail");
    }
}

/// One JSON object with every key of the envelope, in the envelope's order, on one line.
impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(serializer, Some((self.offset, self.recorded_at)), &self.draft)
    }
}

/// The same object without what the ledger adds: a line that can be imported.
impl Serialize for Draft {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(serializer, None, self)
    }
}

fn serialize<S: Serializer>(
    serializer: S,
    recorded: Option<(Offset, Timestamp)>,
    draft: &Draft,
) -> Result<S::Ok, S::Error> {
    let mut line = serializer.serialize_struct("Event", 17)?;
    if let Some((offset, _)) = recorded {
        line.serialize_field("offset", &offset)?;
    }
    line.serialize_field("id", &draft.id)?;
    line.serialize_field("run_id", &draft.run_id)?;
    line.serialize_field("turn", &draft.turn)?;
    line.serialize_field("kind", &draft.kind)?;
    line.serialize_field("actor", &draft.actor)?;
    if draft.payload.as_str().contains(['\n', '\r']) {
        // Line breaks in JSON are white space. A line of JSON shows them as blanks, and the exact text beside it.
        let flat = Payload::from_json(&draft.payload.as_str().replace(['\n', '\r'], " "))
            .expect("white space for white space keeps JSON valid");
        line.serialize_field("payload", &flat)?;
        line.serialize_field("payload_text", draft.payload.as_str())?;
    } else {
        line.serialize_field("payload", &draft.payload)?;
    }
    line.serialize_field("created_at", &draft.created_at)?;
    if let Some((_, recorded_at)) = recorded {
        line.serialize_field("recorded_at", &recorded_at)?;
    }
    line.serialize_field("schema_version", &draft.schema_version)?;
    line.serialize_field("session_id", &draft.session_id)?;
    line.serialize_field("model_profile", &draft.model_profile)?;
    line.serialize_field("model_id", &draft.model_id)?;
    line.serialize_field("parents", &draft.parents)?;
    line.serialize_field("lamport", &draft.lamport)?;
    line.serialize_field("tags", &draft.tags)?;
    line.end()
}

/// A line of JSON: a draft, or an event that says its offset and time of recording too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Something to append.
    Draft(Draft),
    /// Something that was recorded, with its offset.
    Event(Event),
}

impl Line {
    /// Reads one line of JSON. Fails when it is not an object of the envelope's keys with values that keep their rules.
    pub fn parse(text: &str) -> Result<Self> {
        let envelope: Envelope = serde_json::from_str(text).map_err(|e| Error::invalid("event", e.to_string()))?;
        envelope.try_into()
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let envelope = Envelope::deserialize(deserializer)?;
        match Line::try_from(envelope).map_err(serde::de::Error::custom)? {
            Line::Event(event) => Ok(event),
            Line::Draft(_) => Err(serde::de::Error::missing_field("offset")),
        }
    }
}

impl<'de> Deserialize<'de> for Draft {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let envelope = Envelope::deserialize(deserializer)?;
        match Line::try_from(envelope).map_err(serde::de::Error::custom)? {
            Line::Draft(draft) => Ok(draft),
            Line::Event(event) => Ok(event.draft),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    offset: Option<Offset>,
    id: Option<EventId>,
    run_id: Option<RunId>,
    turn: Option<u32>,
    kind: Kind,
    actor: Option<Actor>,
    payload: Payload,
    payload_text: Option<String>,
    created_at: Option<Timestamp>,
    recorded_at: Option<Timestamp>,
    schema_version: Option<u32>,
    session_id: Option<SessionId>,
    model_profile: Option<ModelProfile>,
    model_id: Option<ModelId>,
    #[serde(default)]
    parents: Vec<EventId>,
    lamport: Option<u64>,
    #[serde(default)]
    tags: Vec<Tag>,
}

impl TryFrom<Envelope> for Line {
    type Error = Error;

    fn try_from(envelope: Envelope) -> Result<Self> {
        let payload = match &envelope.payload_text {
            None => envelope.payload,
            Some(text) => {
                let exact = Payload::from_json(text)?;
                if !exact.same_value(&envelope.payload) {
                    return Err(Error::invalid("payload_text", "it says another value than `payload`"));
                }
                exact
            }
        };
        let mut draft = Draft::from_parts(envelope.kind, payload).tagged(envelope.tags);
        if let Some(id) = envelope.id {
            draft.id = id;
        }
        if let Some(run_id) = envelope.run_id {
            draft.run_id = run_id;
        }
        if let Some(actor) = envelope.actor {
            draft.actor = actor;
        }
        if let Some(created_at) = envelope.created_at {
            draft.created_at = created_at;
        }
        draft.turn = envelope.turn.unwrap_or(0);
        draft.schema_version = envelope.schema_version.unwrap_or(1);
        draft.session_id = envelope.session_id;
        draft.model_profile = envelope.model_profile;
        draft.model_id = envelope.model_id;
        draft.parents = envelope.parents;
        draft.lamport = envelope.lamport;
        draft.check()?;
        match (envelope.offset, envelope.recorded_at) {
            (None, None) => Ok(Self::Draft(draft)),
            (Some(Offset::START), Some(_)) => {
                Err(Error::invalid("offset", "`0` is before the first event: offsets start at 1"))
            }
            (Some(offset), Some(recorded_at)) => Ok(Self::Event(Event { offset, recorded_at, draft })),
            _ => Err(Error::invalid("event", "`offset` and `recorded_at` go together: give both or neither")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(payload: &str) -> Event {
        let draft = Draft::from_parts(Kind::new("a.b").unwrap(), Payload::from_json(payload).unwrap())
            .tag("k:v")
            .unwrap()
            .parent("p")
            .unwrap();
        Event { offset: Offset(7), recorded_at: Timestamp::now(), draft }
    }

    fn line(event: &Event) -> String {
        let mut line = Vec::new();
        event.write_json(&mut line);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn an_event_survives_its_line_to_the_byte_of_the_payload() {
        for payload in [r#"{"b":1,"a":2.50}"#, "{\n  \"a\": [1,\r\n 2]\n}", r#""a\nb""#, "1e400"] {
            let event = event(payload);
            let line = line(&event);
            assert!(!line.contains('\n') && !line.contains('\r'), "{line}");
            assert_eq!(Line::parse(&line).unwrap(), Line::Event(event));
        }
    }

    #[test]
    fn a_draft_survives_its_line() {
        let draft = event("{\n}").draft.lamport(3);
        assert_eq!(Line::parse(&serde_json::to_string(&draft).unwrap()).unwrap(), Line::Draft(draft));
    }

    #[test]
    fn a_line_with_only_kind_and_payload_is_a_draft() {
        let Line::Draft(draft) = Line::parse(r#"{"kind":"a.b","payload":1}"#).unwrap() else { panic!("not a draft") };
        assert_eq!((draft.run_id.as_str(), draft.schema_version), ("default", 1));
    }

    #[test]
    fn a_bad_line_says_what_is_wrong() {
        for (bad, says) in [
            (r#"{"kind":"nodot","payload":1}"#, "`nodot`"),
            (r#"{"kind":"a.b"}"#, "payload"),
            (r#"{"kind":"a.b","payload":1,"colour":2}"#, "colour"),
            (r#"{"kind":"a.b","payload":1,"tags":["x"]}"#, "`x` has no colon"),
            (r#"{"kind":"a.b","payload":1,"offset":3}"#, "recorded_at"),
            (r#"{"kind":"a.b","payload":1,"payload_text":"2"}"#, "another value"),
            ("[]", "invalid event"),
        ] {
            let error = Line::parse(bad).unwrap_err().to_string();
            assert!(error.contains(says), "{bad}: {error}");
        }
    }

    #[test]
    fn a_retry_may_restamp_times_and_nothing_else() {
        let first = event("{\"a\":1}").draft;
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
