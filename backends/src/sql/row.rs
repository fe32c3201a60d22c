//! Turns a stored row into an event. Neighbouring events often share run, kind and actor, so their text is shared too.

use ledger_core::{
    Actor, Draft, Error, Event, EventId, Kind, ModelId, ModelProfile, Offset, Payload, Result, RunId, SessionId, Tag,
    Timestamp,
};

/// One row as the driver shows it, before anything is checked: not even that text is UTF-8, because a text that was seen
/// lately need not be looked at again.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub offset: i64,
    pub id: &'a [u8],
    pub run_id: &'a [u8],
    pub turn: i64,
    pub kind: &'a [u8],
    pub actor: &'a [u8],
    pub payload: &'a [u8],
    pub created_at: i64,
    pub recorded_at: i64,
    pub schema_version: i64,
    pub session_id: Option<&'a [u8]>,
    pub model_profile: Option<&'a [u8]>,
    pub model_id: Option<&'a [u8]>,
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
    tags: Recent<Tag, 10>,
}

impl Decoder {
    /// Turns a row into an event. Fails with `Corrupt` when a value breaks its rule: somebody else wrote it.
    pub(crate) fn event(&mut self, row: Row<'_>) -> Result<Event> {
        let offset = row.offset;
        self.decode(row).map_err(|error| Error::Corrupt { why: format!("the event at offset {offset} has {error}") })
    }

    /// Turns a word of a row's list into a tag.
    pub(crate) fn tag(&mut self, bytes: &[u8]) -> Result<Tag> {
        shared(&mut self.tags, bytes)
    }

    fn decode(&mut self, row: Row<'_>) -> Result<Event> {
        let run_id = shared(&mut self.run_id, row.run_id)?;
        let kind = shared(&mut self.kind, row.kind)?;
        let actor = shared(&mut self.actor, row.actor)?;
        let payload = Payload::from_store(text(row.payload)?);
        let mut draft = Draft::bare(EventId::new(text(row.id)?)?, run_id, kind, actor, payload);
        draft.turn = number("turn", row.turn)?;
        draft.created_at = Timestamp::from_micros(row.created_at)?;
        draft.schema_version = number("schema version", row.schema_version)?;
        draft.session_id = row.session_id.map(|bytes| shared(&mut self.session_id, bytes)).transpose()?;
        draft.model_profile = row.model_profile.map(|bytes| shared(&mut self.model_profile, bytes)).transpose()?;
        draft.model_id = row.model_id.map(|bytes| shared(&mut self.model_id, bytes)).transpose()?;
        draft.parents = row.parents;
        draft.lamport = row.lamport.map(|clock| number("lamport", clock)).transpose()?;
        if !row.tags.is_empty() {
            draft = draft.tagged(row.tags);
        }
        let offset = Offset::new(number("offset", row.offset)?)?;
        Ok(Event { offset, recorded_at: Timestamp::from_micros(row.recorded_at)?, draft })
    }
}

/// Texts of a column that were seen lately, each in the one of 2^`BITS` places that its end decides: a few runs and kinds
/// take turns, and some hundred tags.
#[derive(Debug)]
struct Recent<T, const BITS: u32 = 6>(Vec<Option<T>>);

impl<T, const BITS: u32> Default for Recent<T, BITS> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const BITS: u32> Recent<T, BITS> {
    fn place(&mut self, bytes: &[u8]) -> &mut Option<T> {
        if self.0.is_empty() {
            self.0.resize_with(1 << BITS, || None);
        }
        // The end, because names that differ mostly differ there; and the high bits, which all bytes have a part in.
        let end = match bytes.last_chunk() {
            Some(end) => u64::from_le_bytes(*end),
            None => bytes.iter().fold(0, |end, &byte| end << 8 | u64::from(byte)),
        };
        let hash = end.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - BITS);
        &mut self.0[hash as usize]
    }
}

fn shared<'a, T, const BITS: u32>(recent: &mut Recent<T, BITS>, bytes: &'a [u8]) -> Result<T>
where
    T: Clone + AsRef<str> + TryFrom<&'a str, Error = Error>,
{
    match recent.place(bytes) {
        Some(value) if value.as_ref().as_bytes() == bytes => Ok(value.clone()),
        place => Ok(place.insert(T::try_from(text(bytes)?)?).clone()),
    }
}

/// Reads bytes as text.
pub(crate) fn text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|error| Error::invalid("text", format!("bytes that are no UTF-8: {error}")))
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
