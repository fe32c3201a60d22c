//! Lifts old payloads to the newest shape on read, so that views know one shape and the log is never rewritten.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::event::{Draft, Event, Offset};
use crate::ledger::{Ledger, Page, Receipt};
use crate::payload::Payload;
use crate::query::{Condition, Query};
use crate::text::Kind;

type Step = Arc<dyn Fn(Value) -> Result<Value> + Send + Sync>;

/// Steps that each lift one kind's payload from one version to the next.
#[derive(Clone, Default)]
pub struct Upcasters(HashMap<(Kind, u32), Step>);

impl Upcasters {
    /// Returns a set without steps.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the step that lifts `kind` from `version` to `version + 1`. Fails when there is one already.
    pub fn step<F>(mut self, kind: impl AsRef<str>, version: u32, lift: F) -> Result<Self>
    where
        F: Fn(Value) -> Result<Value> + Send + Sync + 'static,
    {
        let kind = Kind::new(kind)?;
        if self.0.insert((kind.clone(), version), Arc::new(lift)).is_some() {
            return Err(Error::invalid("upcaster", format!("`{kind}` has two steps from version {version}: give one")));
        }
        Ok(self)
    }

    /// Lifts an event as far as there are steps. Fails when a step does.
    pub fn lift(&self, mut event: Event) -> Result<Event> {
        while let Some(step) = self.0.get(&(event.draft.kind.clone(), event.draft.schema_version)) {
            event.draft.payload = Payload::new(&step(event.draft.payload.get()?)?)?;
            event.draft.schema_version += 1;
        }
        Ok(event)
    }
}

impl fmt::Debug for Upcasters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A ledger whose reads lift old payloads; appends and all else pass through.
///
/// Copy the ledger beneath it, not this: a copy of lifted events is another ledger with another digest.
#[derive(Debug)]
pub struct Lifted<L> {
    inner: L,
    upcasters: Upcasters,
}

impl<L: Ledger> Lifted<L> {
    /// Wraps a ledger.
    pub fn new(inner: L, upcasters: Upcasters) -> Self {
        Self { inner, upcasters }
    }

    /// Returns the ledger beneath, which reads what was written.
    pub fn inner(&self) -> &L {
        &self.inner
    }
}

#[async_trait]
impl<L: Ledger> Ledger for Lifted<L> {
    fn backend(&self) -> &'static str {
        self.inner.backend()
    }
    async fn identity(&self) -> Result<String> {
        self.inner.identity().await
    }
    async fn append(&self, drafts: &[Draft], condition: &Condition) -> Result<Vec<Receipt>> {
        self.inner.append(drafts, condition).await
    }
    async fn read(&self, query: &Query) -> Result<Page> {
        let page = self.inner.read(query).await?;
        let events = page.events.into_iter().map(|event| self.upcasters.lift(event)).collect::<Result<_>>()?;
        Ok(Page { events, ..page })
    }
    fn scan(&self, query: Query) -> BoxStream<'_, Result<Vec<Event>>> {
        let lift = |events: Vec<Event>| events.into_iter().map(|event| self.upcasters.lift(event)).collect();
        self.inner.scan(query).map(move |events| events.and_then(lift)).boxed()
    }
    async fn head(&self) -> Result<Offset> {
        self.inner.head().await
    }
    async fn wait(&self, after: Offset) -> Result<Offset> {
        self.inner.wait(after).await
    }
    async fn restore(&self, events: &[Event], head: Offset) -> Result<()> {
        self.inner.restore(events, head).await
    }
    async fn prune(&self, query: &Query) -> Result<u64> {
        self.inner.prune(query).await
    }
    async fn erase(&self, offsets: &[Offset]) -> Result<u64> {
        self.inner.erase(offsets).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use serde_json::json;

    #[test]
    fn steps_lift_one_version_after_the_other_and_leave_other_kinds_alone() {
        let upcasters = Upcasters::new()
            .step("order.placed", 1, |v| Ok(json!({"cents": v["total"].as_u64().unwrap_or(0) * 100})))
            .unwrap()
            .step("order.placed", 2, |v| Ok(json!({"cents": v["cents"], "currency": "EUR"})))
            .unwrap();
        let event = |kind: &str| Event {
            offset: Offset::new(1).unwrap(),
            recorded_at: Timestamp::now(),
            draft: Draft::new(kind, &json!({"total": 3})).unwrap(),
        };
        let lifted = upcasters.lift(event("order.placed")).unwrap();
        assert_eq!(lifted.schema_version, 3);
        assert_eq!(lifted.payload.as_str(), r#"{"cents":300,"currency":"EUR"}"#);
        assert_eq!(upcasters.lift(event("order.paid")).unwrap().schema_version, 1);
        assert!(upcasters.step("order.placed", 1, Ok).is_err());
    }
}
