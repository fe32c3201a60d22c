//! The same work with nothing but the driver: what a careful application would write without a ledger.

pub(crate) mod clickhouse;
pub(crate) mod postgres;
pub(crate) mod sqlite;

use ledger_core::Draft;

/// All columns of an event, in the order of the table, for a `SELECT` that a person would write.
pub(crate) const COLUMNS: &str = r#""offset", id, run_id, turn, kind, actor, payload, created_at, recorded_at, schema_version, session_id, model_profile, model_id, parents, lamport, tags"#;

/// One row with owned values; `Words` is how the driver shows a list.
#[derive(Clone, Debug)]
pub(crate) struct Row<Words> {
    pub offset: i64,
    pub id: String,
    pub run_id: String,
    pub turn: i64,
    pub kind: String,
    pub actor: String,
    pub payload: String,
    pub created_at: i64,
    pub recorded_at: i64,
    pub schema_version: i64,
    pub session_id: Option<String>,
    pub model_profile: Option<String>,
    pub model_id: Option<String>,
    pub parents: Option<Words>,
    pub lamport: Option<i64>,
    pub tags: Option<Words>,
}

/// A row to insert, and its tags one by one for the table of tags.
#[derive(Clone, Debug)]
pub(crate) struct Insert {
    pub row: Row<String>,
    pub words: Vec<String>,
}

/// How an engine's text shows a list of tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    /// As a JSON array.
    Json,
    /// As an array literal.
    Literal,
}

/// Turns a batch of drafts into rows at the offsets after `head`, before any clock runs.
pub(crate) fn rows(drafts: &[Draft], head: usize, list: List) -> Vec<Insert> {
    drafts.iter().enumerate().map(|(place, draft)| insert(draft, head + place + 1, list)).collect()
}

fn insert(draft: &Draft, offset: usize, list: List) -> Insert {
    let words: Vec<String> = draft.tags().iter().map(ToString::to_string).collect();
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    let tags = match list {
        _ if words.is_empty() => None,
        List::Json => Some(format!("[{}]", quoted.join(","))),
        List::Literal => Some(format!("{{{}}}", quoted.join(","))),
    };
    let row = Row {
        offset: i64::try_from(offset).expect("no bench has so many events"),
        id: draft.id.to_string(),
        run_id: draft.run_id.to_string(),
        turn: draft.turn.into(),
        kind: draft.kind.to_string(),
        actor: draft.actor.to_string(),
        payload: draft.payload.to_string(),
        created_at: draft.created_at.as_micros(),
        recorded_at: draft.created_at.as_micros(),
        schema_version: draft.schema_version.into(),
        session_id: None,
        model_profile: None,
        model_id: None,
        parents: None,
        lamport: None,
        tags,
    };
    Insert { row, words }
}
