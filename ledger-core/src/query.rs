//! What a reader asks for, with `matches` as the meaning: a backend's own filtering is right when it agrees with it.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Result, Shown};
use crate::event::{Draft, Event, Offset};
use crate::ledger::Page;
use crate::text::{Actor, EventId, Kind, RunId, SessionId, Tag};
use crate::time::Timestamp;

/// A kind, or all kinds that start with the same words: `run.*`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum KindPattern {
    /// Just this kind.
    Exact(Kind),
    /// All kinds that start with these words.
    Prefix(KindPrefix),
}

/// Whole words and the dot after them, such as `run.`; read one from `run.*`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KindPrefix(String);

impl KindPrefix {
    /// Returns the words with the dot after them.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the words without the dot.
    #[must_use]
    pub fn words(&self) -> &str {
        self.0.trim_end_matches('.')
    }
}

impl KindPattern {
    /// Says whether a kind fits.
    #[must_use]
    pub fn matches(&self, kind: &Kind) -> bool {
        match self {
            Self::Exact(exact) => exact == kind,
            Self::Prefix(prefix) => kind.as_str().starts_with(prefix.as_str()),
        }
    }
}

impl fmt::Display for KindPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(kind) => fmt::Display::fmt(kind, f),
            Self::Prefix(prefix) => write!(f, "{}*", prefix.as_str()),
        }
    }
}

impl FromStr for KindPattern {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let Some(prefix) = text.strip_suffix('*') else {
            return Ok(Self::Exact(Kind::new(text)?));
        };
        if !prefix.ends_with('.') || Kind::new(format!("{prefix}x")).is_err() {
            let why = format!("{} is no pattern: write whole words and `.*`, such as `run.*`", Shown(text));
            return Err(Error::invalid("kind", why));
        }
        Ok(Self::Prefix(KindPrefix(prefix.to_owned())))
    }
}

impl TryFrom<&str> for KindPattern {
    type Error = Error;
    fn try_from(text: &str) -> Result<Self> {
        text.parse()
    }
}

impl From<Kind> for KindPattern {
    fn from(kind: Kind) -> Self {
        Self::Exact(kind)
    }
}

impl Serialize for KindPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for KindPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Which end a reader starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Order {
    /// Oldest first, by offset.
    #[default]
    #[serde(rename = "asc")]
    Ascending,
    /// Newest first, by offset.
    #[serde(rename = "desc")]
    Descending,
}

/// The most events of one page: 1 to 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Limit(u16);

impl Limit {
    /// The largest page.
    pub const MAX: Self = Self(10_000);

    /// Builds a limit. Fails outside 1 to 10,000.
    pub fn new(count: usize) -> Result<Self> {
        match u16::try_from(count) {
            Ok(count @ 1..=10_000) => Ok(Self(count)),
            _ => Err(Error::invalid("limit", format!("`{count}`: a page has 1 to {} events", Self::MAX.get()))),
        }
    }

    /// Returns the number.
    #[must_use]
    pub fn get(self) -> usize {
        usize::from(self.0)
    }

    /// Returns twice the limit, or the largest: who reads on pays for fewer round trips.
    #[must_use]
    pub fn doubled(self) -> Self {
        Self(self.0.saturating_mul(2)).min(Self::MAX)
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(1_000)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let count = u64::deserialize(deserializer)?;
        Self::new(usize::try_from(count).unwrap_or(usize::MAX)).map_err(serde::de::Error::custom)
    }
}

/// A filter with a range and a direction; every part that is given must hold.
///
/// As JSON it is an object of the parts that are given; a key that is none of them is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Query {
    /// Only events past this offset.
    #[serde(skip_serializing_if = "is_default")]
    pub after: Offset,
    /// Only events up to this offset, itself included.
    #[serde(skip_serializing_if = "is_default")]
    pub up_to: Option<Offset>,
    /// Only events with one of these ids, unless empty.
    #[serde(skip_serializing_if = "is_default")]
    pub ids: Vec<EventId>,
    /// Only this run.
    #[serde(skip_serializing_if = "is_default")]
    pub run: Option<RunId>,
    /// Only kinds that fit one of these, unless empty.
    #[serde(skip_serializing_if = "is_default")]
    pub kinds: Vec<KindPattern>,
    /// Only this actor.
    #[serde(skip_serializing_if = "is_default")]
    pub actor: Option<Actor>,
    /// Only this session.
    #[serde(skip_serializing_if = "is_default")]
    pub session: Option<SessionId>,
    /// Only events that have all of these.
    #[serde(skip_serializing_if = "is_default")]
    pub tags: Vec<Tag>,
    /// Only events that have at least one of these, unless empty.
    #[serde(skip_serializing_if = "is_default")]
    pub any_tags: Vec<Tag>,
    /// Only what happened (`created_at`) at this time or later.
    #[serde(skip_serializing_if = "is_default")]
    pub since: Option<Timestamp>,
    /// Only what happened (`created_at`) before this time.
    #[serde(skip_serializing_if = "is_default")]
    pub until: Option<Timestamp>,
    /// Which end to start from.
    #[serde(skip_serializing_if = "is_default")]
    pub order: Order,
    /// The most events of one page.
    #[serde(skip_serializing_if = "is_default")]
    pub limit: Limit,
}

impl Query {
    /// The most ids, and the most tags of which one is enough, that one query may name.
    pub const MAX_IDS: usize = 1_000;
    /// The most kinds, and the most tags that must all be there, that one query may name.
    pub const MAX_TERMS: usize = 64;

    /// Matches every event, oldest first.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Matches the events past an offset.
    #[must_use]
    pub fn after(offset: Offset) -> Self {
        Self { after: offset, ..Self::default() }
    }

    /// Starts past an offset.
    #[must_use]
    pub fn from(mut self, after: Offset) -> Self {
        self.after = after;
        self
    }

    /// Stops at an offset, itself included.
    #[must_use]
    pub fn up_to(mut self, offset: Offset) -> Self {
        self.up_to = Some(offset);
        self
    }

    /// Keeps events with this id, or another that was named so. Fails when it breaks the rule of [`EventId`].
    pub fn id<I: TryInto<EventId, Error: Into<Error>>>(mut self, id: I) -> Result<Self> {
        self.ids.push(id.try_into().map_err(Into::into)?);
        Ok(self)
    }

    /// Keeps one run. Fails when it breaks the rule of [`RunId`].
    pub fn run<I: TryInto<RunId, Error: Into<Error>>>(mut self, run: I) -> Result<Self> {
        self.run = Some(run.try_into().map_err(Into::into)?);
        Ok(self)
    }

    /// Keeps kinds that fit this pattern, or another that was named so. Fails when it is no pattern.
    pub fn kind<I: TryInto<KindPattern, Error: Into<Error>>>(mut self, pattern: I) -> Result<Self> {
        self.kinds.push(pattern.try_into().map_err(Into::into)?);
        Ok(self)
    }

    /// Keeps one actor. Fails when it breaks the rule of [`Actor`].
    pub fn actor<I: TryInto<Actor, Error: Into<Error>>>(mut self, actor: I) -> Result<Self> {
        self.actor = Some(actor.try_into().map_err(Into::into)?);
        Ok(self)
    }

    /// Keeps one session. Fails when it breaks the rule of [`SessionId`].
    pub fn session<I: TryInto<SessionId, Error: Into<Error>>>(mut self, session: I) -> Result<Self> {
        self.session = Some(session.try_into().map_err(Into::into)?);
        Ok(self)
    }

    /// Keeps events that have this tag, and every other that was named so. Fails when it is not `key:value`.
    pub fn tag<I: TryInto<Tag, Error: Into<Error>>>(mut self, tag: I) -> Result<Self> {
        self.tags.push(tag.try_into().map_err(Into::into)?);
        Ok(self)
    }

    /// Keeps events that have this tag, or another that was named so. Fails when it is not `key:value`.
    pub fn any_tag<I: TryInto<Tag, Error: Into<Error>>>(mut self, tag: I) -> Result<Self> {
        self.any_tags.push(tag.try_into().map_err(Into::into)?);
        Ok(self)
    }

    /// Keeps what happened at this time or later.
    #[must_use]
    pub fn since(mut self, time: Timestamp) -> Self {
        self.since = Some(time);
        self
    }

    /// Keeps what happened before this time.
    #[must_use]
    pub fn until(mut self, time: Timestamp) -> Self {
        self.until = Some(time);
        self
    }

    /// Starts from the newest.
    #[must_use]
    pub fn descending(mut self) -> Self {
        self.order = Order::Descending;
        self
    }

    /// Sets the most events of one page. Fails outside 1 to 10,000.
    pub fn limit(mut self, count: usize) -> Result<Self> {
        self.limit = Limit::new(count)?;
        Ok(self)
    }

    /// Says whether an event belongs to the answer. This is the meaning of a query on every backend.
    #[must_use]
    pub fn matches(&self, event: &Event) -> bool {
        self.matches_at(event.offset, &event.draft)
    }

    /// Says whether a draft would belong to the answer if it were recorded at this offset.
    #[must_use]
    pub fn matches_at(&self, offset: Offset, draft: &Draft) -> bool {
        let has = |tag: &Tag| draft.tags().binary_search(tag).is_ok();
        offset > self.after
            && self.up_to.is_none_or(|last| offset <= last)
            && self.run.as_ref().is_none_or(|run| *run == draft.run_id)
            && (self.ids.is_empty() || self.ids.contains(&draft.id))
            && (self.kinds.is_empty() || self.kinds.iter().any(|pattern| pattern.matches(&draft.kind)))
            && self.actor.as_ref().is_none_or(|actor| *actor == draft.actor)
            && self.session.as_ref().is_none_or(|session| Some(session) == draft.session_id.as_ref())
            && self.tags.iter().all(has)
            && (self.any_tags.is_empty() || self.any_tags.iter().any(has))
            && self.since.is_none_or(|since| draft.created_at >= since)
            && self.until.is_none_or(|until| draft.created_at < until)
    }

    /// Checks what the types of the fields cannot. Fails when it names too many ids, kinds or tags.
    pub fn check(&self) -> Result<()> {
        let limits = [
            ("ids", self.ids.len(), Self::MAX_IDS),
            ("kinds", self.kinds.len(), Self::MAX_TERMS),
            ("tags", self.tags.len(), Self::MAX_TERMS),
            ("any_tags", self.any_tags.len(), Self::MAX_IDS),
        ];
        match limits.into_iter().find(|(_, count, most)| count > most) {
            Some((what, count, most)) => Err(Error::invalid("query", format!("`{count}` {what}: {most} are the most"))),
            None => Ok(()),
        }
    }

    /// Says whether it asks for all events of a range, oldest first.
    #[must_use]
    pub fn is_range(&self) -> bool {
        *self == Self { after: self.after, up_to: self.up_to, limit: self.limit, ..Self::all() }
    }

    /// Returns the query for what follows a page, or nothing when the page was the last.
    #[must_use]
    pub fn following(&self, page: &Page) -> Option<Self> {
        let mut next = self.clone();
        next.skip(page.more_past?);
        Some(next)
    }

    /// Leaves out what comes before an event, in the query's order, and the event itself.
    pub fn skip(&mut self, past: Offset) {
        match self.order {
            Order::Ascending => self.after = past,
            Order::Descending => self.up_to = Some(past.before()),
        }
    }
}

/// Says what it asks for, in words; `all` when that is everything.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |name: &str, value: Option<String>| value.map(|value| format!("{name} {value}"));
        let several = |name: &str, values: Vec<String>| text(name, (!values.is_empty()).then(|| values.join(" or ")));
        let parts = [
            text("after", (self.after > Offset::START).then(|| self.after.to_string())),
            text("up to", self.up_to.map(|offset| offset.to_string())),
            several("id", self.ids.iter().map(ToString::to_string).collect()),
            text("run", self.run.as_ref().map(ToString::to_string)),
            several("kind", self.kinds.iter().map(ToString::to_string).collect()),
            text("actor", self.actor.as_ref().map(ToString::to_string)),
            text("session", self.session.as_ref().map(ToString::to_string)),
            several("tag", self.any_tags.iter().map(ToString::to_string).collect()),
            text("since", self.since.map(|time| time.to_string())),
            text("until", self.until.map(|time| time.to_string())),
        ];
        let tags = self.tags.iter().map(|tag| format!("tag {tag}"));
        let parts: Vec<_> = parts.into_iter().flatten().chain(tags).collect();
        f.write_str(if parts.is_empty() { "all" } else { "" })?;
        f.write_str(&parts.join(", "))
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What must hold for an append to happen; checked in the same transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// Appends in any case.
    #[default]
    None,
    /// Appends only if no event past `after` matches the query: nobody did what would change the caller's mind.
    NoneAfter {
        /// What would break it; its own range, order and limit do not count.
        query: Box<Query>,
        /// The last offset the caller has seen.
        after: Offset,
    },
}

impl Condition {
    /// Appends only if no event past `after` matches the query.
    #[must_use]
    pub fn none_after(query: Query, after: Offset) -> Self {
        Self::NoneAfter { query: Box::new(query), after }
    }

    /// Returns the query whose first match breaks the condition.
    #[must_use]
    pub fn breaking(&self) -> Option<Query> {
        let Self::NoneAfter { query, after } = self else { return None };
        let mut query = Query::clone(query);
        query.after = *after;
        query.up_to = None;
        query.order = Order::Ascending;
        query.limit = Limit(1);
        Some(query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_whole_words() {
        let pattern: KindPattern = "run.*".parse().unwrap();
        assert!(pattern.matches(&Kind::new("run.started").unwrap()));
        assert!(pattern.matches(&Kind::new("run.step.done").unwrap()));
        assert!(!pattern.matches(&Kind::new("runner.started").unwrap()));
        for bad in ["*", "run*", "ru*n.x", ".*", "Run.*"] {
            assert!(bad.parse::<KindPattern>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_page_has_one_to_ten_thousand_events() {
        assert!(Limit::new(0).is_err() && Limit::new(10_001).is_err() && Limit::new(70_000).is_err());
        assert_eq!(Limit::new(10_000).unwrap(), Limit::MAX);
    }

    #[test]
    fn a_query_survives_its_json_and_a_part_that_it_does_not_have_is_refused() {
        let time: Timestamp = "2026-01-31T12:00:00.000001Z".parse().unwrap();
        let full = Query::after(Offset::new(3).unwrap()).up_to(Offset::MAX).id("e").unwrap().run("r").unwrap();
        let full = full.kind("a.b").unwrap().kind("c.*").unwrap().actor("x").unwrap().session("s").unwrap();
        let full = full.tag("k:\"v").unwrap().any_tag("k:1").unwrap().any_tag("k:2").unwrap();
        let full = full.since(time).until(time).descending().limit(7).unwrap();
        let text = serde_json::to_string(&full).unwrap();
        assert!(text.contains(r#""kinds":["a.b","c.*"]"#) && text.ends_with(r#""order":"desc","limit":7}"#), "{text}");
        assert_eq!(serde_json::from_str::<Query>(&text).unwrap(), full);
        assert_eq!(serde_json::to_string(&Query::all()).unwrap(), "{}");
        assert_eq!(serde_json::from_str::<Query>("{}").unwrap(), Query::all());
        for (bad, says) in [
            (r#"{"kind":"a.b"}"#, "`kind`"),
            (r#"{"kinds":["*"]}"#, "no pattern"),
            (r#"{"limit":0}"#, "`0`"),
            (r#"{"limit":10001}"#, "`10001`"),
            (r#"{"order":"up"}"#, "`up`"),
            (r#"{"up_to":9223372036854775808}"#, "past the largest"),
        ] {
            let error = serde_json::from_str::<Query>(bad).unwrap_err().to_string();
            assert!(error.contains(says), "{bad}: {error}");
        }
    }
}
