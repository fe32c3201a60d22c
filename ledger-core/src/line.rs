//! Events as lines of JSON: what `export` prints, `import` reads, and the content digest covers.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Result};
use crate::event::{Draft, Event, Offset};
use crate::payload::Payload;
use crate::text::{Actor, EventId, Kind, ModelId, ModelProfile, RunId, SessionId, Tag};
use crate::time::Timestamp;

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
        Payload::from_json(draft.payload.as_str()).map_err(serde::ser::Error::custom)?;
        let flat = Payload::from_store(&draft.payload.as_str().replace(['\n', '\r'], " "));
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
    line.serialize_field("tags", draft.tags())?;
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
        // An array of its values, in an order that no document knows, would do as well.
        if text.trim_start().starts_with('[') {
            return Err(Error::invalid("event", "it is an array: an event is an object"));
        }
        let envelope: Envelope = serde_json::from_str(text).map_err(|e| Error::invalid("event", e.to_string()))?;
        envelope.try_into()
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let envelope = Envelope::deserialize(deserializer)?;
        match Line::try_from(envelope).map_err(serde::de::Error::custom)? {
            Line::Event(event) => Ok(event),
            Line::Draft(_) => Err(serde::de::Error::missing_field("offset")),
        }
    }
}

impl<'de> Deserialize<'de> for Draft {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
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
        Event { offset: Offset::new(7).unwrap(), recorded_at: Timestamp::now(), draft }
    }

    fn line(event: &Event) -> String {
        let mut line = Vec::new();
        event.write_json(&mut line).unwrap();
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
}
