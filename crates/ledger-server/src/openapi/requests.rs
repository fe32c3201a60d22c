//! What callers send. Nobody builds these: they describe what `ledger-core` reads.

use serde_json::Value;
use utoipa::openapi::{ArrayBuilder, OneOfBuilder, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::words::{
    Actor, EventId, Kind, KindPattern, Limit, ModelId, ModelProfile, Offset, RunId, SessionId, Small, Stamp, Tag,
    Timestamp,
};

/// An event as a caller hands it in.
///
/// A line of an export may also have `payload_text`, the exact text of a payload with line breaks; it has to say the same
/// value as `payload`. A payload has 1 MiB and 120 levels at most; an event, 64 different tags.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"kind": "order.placed", "id": "order-17", "payload": {"total": 12}, "tags": ["order:17"]})))]
pub(crate) struct Draft {
    /// Give one, and the request may be sent again. A fresh UUIDv7 unless it is given.
    id: Option<EventId>,
    /// `default` unless it is given.
    run_id: Option<RunId>,
    /// The step in the run; 0 unless it is given.
    turn: Option<Small>,
    kind: Kind,
    /// `unknown` unless it is given.
    actor: Option<Actor>,
    /// The facts: any JSON. It is given back as it came, to the order of keys and the text of numbers.
    payload: Value,
    /// When it happened; now unless it is given.
    created_at: Option<Timestamp>,
    /// The version of the payload's shape; 1 unless it is given.
    schema_version: Option<Small>,
    session_id: Option<SessionId>,
    model_profile: Option<ModelProfile>,
    model_id: Option<ModelId>,
    /// The events that caused it.
    #[serde(default)]
    #[schema(max_items = 64)]
    parents: Vec<EventId>,
    lamport: Option<Stamp>,
    /// What it is found by. They are a set: their order, and what is given twice, are not kept.
    #[serde(default)]
    tags: Vec<Tag>,
}

/// Events, and what must hold for them to be appended.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "events": [{"kind": "order.paid", "payload": {"by": "card"}, "tags": ["order:17"]}],
    "condition": {"none_after": 1, "query": {"tags": ["order:17"]}}
})))]
pub(crate) struct Conditional {
    #[schema(max_items = 10000)]
    events: Vec<Draft>,
    condition: Option<NoneAfter>,
}

/// No event past `none_after` matches the query: nobody did what would change the caller's mind.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoneAfter {
    /// The last offset that the caller has seen.
    none_after: Offset,
    /// What would break it; everything unless it is given. Its own range, order and limit do not count.
    #[serde(default)]
    query: Query,
}

/// Which events: every part that is given must hold.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"kinds": ["order.*"], "tags": ["order:17"], "limit": 100})))]
pub(crate) struct Query {
    /// Only events past this offset.
    #[schema(required = false)]
    after: Offset,
    /// Only events up to this offset, itself included.
    up_to: Option<Offset>,
    /// Only events with one of these ids, unless empty.
    #[schema(required = false, max_items = 1000)]
    ids: Vec<EventId>,
    /// Only this run.
    run: Option<RunId>,
    /// Only kinds that fit one of these, unless empty.
    #[schema(required = false, max_items = 64)]
    kinds: Vec<KindPattern>,
    /// Only this actor.
    actor: Option<Actor>,
    /// Only this session.
    session: Option<SessionId>,
    /// Only events that have all of these.
    #[schema(required = false, max_items = 64)]
    tags: Vec<Tag>,
    /// Only events that have at least one of these, unless empty.
    #[schema(required = false, max_items = 1000)]
    any_tags: Vec<Tag>,
    /// Only what happened (`created_at`) at this time or later.
    since: Option<Timestamp>,
    /// Only what happened (`created_at`) before this time.
    until: Option<Timestamp>,
    #[schema(required = false)]
    order: Order,
    /// 1,000 unless it is given.
    #[schema(required = false)]
    limit: Limit,
}

/// Which end to start from: the oldest, or the newest.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Order {
    Asc,
    Desc,
}

/// Which events to remove.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"offsets": [17, 18]})))]
pub(crate) struct Erase {
    #[schema(max_items = 10000)]
    offsets: Vec<Offset>,
}

/// Who wants to sign in.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"token": "a-token-of-some-length"})))]
pub(crate) struct SignIn {
    token: String,
}

/// One event, an array of them, or events under a condition.
pub(crate) struct Appended;

impl PartialSchema for Appended {
    fn schema() -> RefOr<Schema> {
        let draft = || Ref::from_schema_name("Draft");
        let several = ArrayBuilder::new().items(draft()).max_items(Some(10_000));
        OneOfBuilder::new().item(draft()).item(several).item(Ref::from_schema_name("Conditional")).into()
    }
}

impl ToSchema for Appended {}
