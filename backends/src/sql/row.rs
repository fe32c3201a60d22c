//! Turns a stored row into an event. Neighbouring events often share run, kind and actor, so their text is shared too.

use ledger_core::{
    Actor, Draft, Error, Event, EventId, Kind, ModelId, ModelProfile, Offset, Payload, Result, RunId, SessionId, Tag,
    Timestamp,
};

/// One row as the driver shows it, before anything is checked.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub offset: i64,
    pub id: &'a str,
    pub run_id: &'a str,
    pub turn: i64,
    pub kind: &'a str,
    pub actor: &'a str,
    pub payload: &'a str,
    pub created_at: i64,
    pub recorded_at: i64,
    pub schema_version: i64,
    pub session_id: Option<&'a str>,
    pub model_profile: Option<&'a str>,
    pub model_id: Option<&'a str>,
    pub parents: Vec<EventId>,
    pub lamport: Option<i64>,
    pub tags: Vec<Tag>,
}

/// Decodes the rows of one answer.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    run_id: Recent<RunId>,
    kind: Recent<Kind>,
    actor: Recent<Actor>,
    session_id: Recent<SessionId>,
    model_profile: Recent<ModelProfile>,
    model_id: Recent<ModelId>,
    tags: Recent<Tag>,
}

impl Decoder {
    /// Turns a row into an event. Fails with `Corrupt` when a value breaks its rule: somebody else wrote it.
    pub(crate) fn event(&mut self, row: Row<'_>) -> Result<Event> {
        let offset = row.offset;
        self.decode(row).map_err(|error| Error::Corrupt { why: format!("the event at offset {offset} has {error}") })
    }

    /// Turns a word of a row's list into a tag.
    pub(crate) fn tag(&mut self, text: &str) -> Result<Tag> {
        shared(&mut self.tags, text)
    }

    fn decode(&mut self, row: Row<'_>) -> Result<Event> {
        let kind = shared(&mut self.kind, row.kind)?;
        let mut draft = Draft::bare(EventId::new(row.id)?, kind, Payload::from_store(row.payload));
        draft.run_id = shared(&mut self.run_id, row.run_id)?;
        draft.turn = number("turn", row.turn)?;
        draft.actor = shared(&mut self.actor, row.actor)?;
        draft.created_at = Timestamp::from_micros(row.created_at)?;
        draft.schema_version = number("schema version", row.schema_version)?;
        draft.session_id = row.session_id.map(|text| shared(&mut self.session_id, text)).transpose()?;
        draft.model_profile = row.model_profile.map(|text| shared(&mut self.model_profile, text)).transpose()?;
        draft.model_id = row.model_id.map(|text| shared(&mut self.model_id, text)).transpose()?;
        draft.parents = row.parents;
        draft.lamport = row.lamport.map(|clock| number("lamport", clock)).transpose()?;
        if !row.tags.is_empty() {
            draft = draft.tagged(row.tags);
        }
        let offset = Offset::new(number("offset", row.offset)?)?;
        Ok(Event { offset, recorded_at: Timestamp::from_micros(row.recorded_at)?, draft })
    }
}

/// Texts of a column that were seen lately, each in the one place its end decides: a few runs, kinds and tags take turns.
#[derive(Debug)]
struct Recent<T>(Vec<Option<T>>);

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Recent<T> {
    const PLACES: usize = 64;

    fn place(&mut self, text: &str) -> &mut Option<T> {
        if self.0.is_empty() {
            self.0.resize_with(Self::PLACES, || None);
        }
        // The end, because names that differ mostly differ there.
        let hash = text.bytes().rev().take(8).fold(text.len(), |hash, byte| hash.wrapping_mul(31) ^ usize::from(byte));
        &mut self.0[hash % Self::PLACES]
    }
}

fn shared<'a, T>(recent: &mut Recent<T>, text: &'a str) -> Result<T>
where
    T: Clone + AsRef<str> + TryFrom<&'a str, Error = Error>,
{
    match recent.place(text) {
        Some(value) if value.as_ref() == text => Ok(value.clone()),
        place => Ok(place.insert(T::try_from(text)?).clone()),
    }
}

pub(crate) fn number<T: TryFrom<V>, V: Copy + std::fmt::Display>(what: &'static str, value: V) -> Result<T> {
    T::try_from(value).map_err(|_| Error::invalid(what, format!("`{value}` is out of range")))
}

/// Returns the microseconds or counters of a draft as the engines' 64-bit integers.
pub(crate) fn int(value: u64) -> i64 {
    i64::try_from(value).expect("offsets and logical clocks are checked to be at most i64::MAX")
}

/// Writes words as an array literal of Postgres; none at all as NULL.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) fn array<'a>(words: impl ExactSizeIterator<Item = &'a str>) -> Option<String> {
    if words.len() == 0 {
        return None;
    }
    let mut literal = String::from("{");
    for word in words {
        literal.push_str(if literal.len() > 1 { ",\"" } else { "\"" });
        for c in word.chars() {
            if matches!(c, '"' | '\\') {
                literal.push('\\');
            }
            literal.push(c);
        }
        literal.push('"');
    }
    literal.push('}');
    Some(literal)
}
