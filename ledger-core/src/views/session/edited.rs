//! The edits of a session as they are recorded, its checkpoints, and which sessions there are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize, Serializer};

use super::edit::Edit;
use crate::error::{Error, Result};
use crate::event::{Event, Offset};
use crate::text::{Actor, Domain, EventId, SessionId, Tag};
use crate::time::Timestamp;
use crate::views::{Link, View};

/// The kind of events that are edits.
pub const OPERATION: &str = "session.operation";
/// The kind of events that are checkpoints.
pub const CHECKPOINT: &str = "session.checkpoint";

/// An edit as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// Where it stands, in the order of stamps, in the ledger, and among its causes.
    pub link: Link,
    /// What it is about.
    pub domain: Domain,
    /// What was done.
    pub edit: Edit,
    /// The intent that it follows.
    pub intent: Option<EventId>,
    /// The reservation that it was made under.
    pub reservation: Option<EventId>,
    /// When it was made, by its maker's clock.
    pub at: Timestamp,
}

impl Serialize for Edited {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Flat<'e> {
            offset: Offset,
            id: &'e EventId,
            lamport: Option<u64>,
            actor: &'e Actor,
            parents: &'e [EventId],
            domain: &'e Domain,
            edit: &'e Edit,
            intent: Option<&'e EventId>,
            reservation: Option<&'e EventId>,
            at: Timestamp,
        }
        let flat = Flat {
            offset: self.link.offset,
            id: self.id(),
            lamport: self.link.stamp.lamport,
            actor: self.actor(),
            parents: &self.link.parents,
            domain: &self.domain,
            edit: &self.edit,
            intent: self.intent.as_ref(),
            reservation: self.reservation.as_ref(),
            at: self.at,
        };
        flat.serialize(serializer)
    }
}

/// The payload of an edit.
#[derive(Serialize, Deserialize)]
pub(crate) struct Written<D, E> {
    pub(crate) domain: D,
    pub(crate) op: E,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) intent: Option<EventId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reservation: Option<EventId>,
}

impl Edited {
    /// Reads an edit. Returns nothing for an event of another kind, and fails when it has another shape.
    pub fn read(event: &Event) -> Option<Result<Self>> {
        if event.kind.as_str() != OPERATION {
            return None;
        }
        let read = || {
            let written: Written<Domain, Edit> = shaped(event)?;
            let Written { domain, op: edit, intent, reservation } = written;
            Ok(Self { link: Link::of(event), domain, edit, intent, reservation, at: event.created_at })
        };
        Some(read())
    }

    /// Returns its id.
    #[must_use]
    pub fn id(&self) -> &EventId {
        &self.link.stamp.id
    }

    /// Returns who made it.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.link.stamp.actor
    }
}

/// Reads the payload of an event. Fails with its offset when it has another shape.
pub(super) fn shaped<T: serde::de::DeserializeOwned>(event: &Event) -> Result<T> {
    event.payload_as().map_err(|error| {
        let what = event.kind.as_str();
        Error::invalid("event", format!("`{}` at offset {} is no {what}: {error}", event.id, event.offset))
    })
}

/// What a snapshot of a session includes: all edits up to an offset, whatever their stamps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The snapshot's own name.
    pub snapshot: String,
    /// The highest stamp of the session up to there; 0 when there was none.
    pub lamport: u64,
    /// How many edits the session had up to there.
    pub operations: u64,
    /// The last offset that is included.
    pub offset: Offset,
    /// The edit of each actor up to there that has the highest stamp; of 64 actors at most, those with the highest. Who starts at
    /// the snapshot has seen these, and what led to them.
    #[serde(default)]
    pub last: BTreeMap<Actor, Last>,
}

/// The last edit of an actor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Last {
    /// Its stamp.
    pub lamport: u64,
    /// Its id.
    pub id: EventId,
}

impl Checkpoint {
    /// Reads a checkpoint. Returns nothing for an event of another kind, and fails when it has another shape, includes what came
    /// after it, or lacks the tag by which the newest of its session is found.
    pub fn read(event: &Event) -> Option<Result<Self>> {
        if event.kind.as_str() != CHECKPOINT {
            return None;
        }
        let read: Result<Self> = shaped(event);
        Some(read.and_then(|checkpoint| {
            if checkpoint.offset >= event.offset {
                let why = format!("the checkpoint at offset {} includes {}, after it", event.offset, checkpoint.offset);
                return Err(Error::invalid("event", why));
            }
            if checkpoint.lamport.max(checkpoint.operations) > Offset::MAX.get() {
                let why = format!("the checkpoint at offset {} counts past the largest, {}", event.offset, Offset::MAX);
                return Err(Error::invalid("event", why));
            }
            let tag = event.session_id.as_ref().map(checkpoint_tag).transpose()?;
            if tag.is_none_or(|tag| !event.tags().contains(&tag)) {
                let why = format!("the checkpoint at offset {} has no tag `checkpoint:<session>`", event.offset);
                return Err(Error::invalid("event", why));
            }
            Ok(checkpoint)
        }))
    }
}

/// Returns the tag that finds the checkpoints of a session, however long its id is.
pub(crate) fn checkpoint_tag(session: &SessionId) -> Result<Tag> {
    Tag::pair("checkpoint", session.as_str())
}

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SessionSummary {
    /// Its id.
    pub session_id: SessionId,
    /// How many events name it.
    pub events: u64,
    /// How many of them are edits.
    pub operations: u64,
    /// How many edits of each domain.
    pub domains: BTreeMap<Domain, u64>,
    /// Who acted.
    pub actors: BTreeSet<Actor>,
    /// The highest stamp; 0 when there is none.
    pub lamport: u64,
    /// Its first event.
    pub first_offset: Offset,
    /// Its last event.
    pub last_offset: Offset,
    /// When the first event happened.
    pub first_at: Timestamp,
    /// When the last event happened.
    pub last_at: Timestamp,
    /// How many checkpoints it has.
    pub checkpoints: u64,
    /// The newest checkpoint.
    pub checkpoint: Option<Checkpoint>,
    /// How many edits and checkpoints cannot be read.
    pub malformed: u64,
}

/// All sessions, in the order in which they were first seen.
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    sessions: Vec<SessionSummary>,
    places: HashMap<SessionId, usize>,
}

impl Sessions {
    /// Returns the sessions in the order in which they were first seen.
    #[must_use]
    pub fn all(&self) -> &[SessionSummary] {
        &self.sessions
    }

    /// Returns one session.
    #[must_use]
    pub fn get(&self, session: &SessionId) -> Option<&SessionSummary> {
        self.places.get(session).map(|&place| &self.sessions[place])
    }
}

impl View for Sessions {
    fn apply(&mut self, event: &Event) {
        let Some(session_id) = &event.session_id else { return };
        let place = *self.places.entry(session_id.clone()).or_insert_with(|| {
            self.sessions.push(SessionSummary {
                session_id: session_id.clone(),
                events: 0,
                operations: 0,
                domains: BTreeMap::new(),
                actors: BTreeSet::new(),
                lamport: 0,
                first_offset: event.offset,
                last_offset: event.offset,
                first_at: event.created_at,
                last_at: event.created_at,
                checkpoints: 0,
                checkpoint: None,
                malformed: 0,
            });
            self.sessions.len() - 1
        });
        let session = &mut self.sessions[place];
        session.events += 1;
        session.lamport = session.lamport.max(event.lamport.unwrap_or(0));
        (session.last_offset, session.last_at) = (event.offset, event.created_at);
        if !session.actors.contains(&event.actor) {
            session.actors.insert(event.actor.clone());
        }
        match (Edited::read(event), Checkpoint::read(event)) {
            (Some(Ok(edited)), _) => {
                session.operations += 1;
                *session.domains.entry(edited.domain).or_default() += 1;
            }
            (_, Some(Ok(checkpoint))) => {
                session.checkpoints += 1;
                session.checkpoint = Some(checkpoint);
            }
            (Some(Err(_)), _) | (_, Some(Err(_))) => session.malformed += 1,
            (None, None) => {}
        }
    }
}
