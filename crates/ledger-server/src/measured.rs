//! A ledger that is measured: it says and does what the one beneath does, and counts its calls. Those for a request that is
//! traced are spans within that of the request, but for the pages of a scan, of which there may be thousands.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use ledger_core::{Condition, Draft, Event, Ledger, Offset, Page, Query, Receipt, Result};
use opentelemetry::global::BoxedTracer;

use crate::metrics::{Calls, word};
use crate::spans;

/// A ledger, and what is known of the calls to it.
#[derive(Debug)]
pub(crate) struct Measured {
    ledger: Arc<dyn Ledger>,
    calls: Calls,
    tracer: Option<Arc<BoxedTracer>>,
}

impl Measured {
    pub(crate) fn new(ledger: Arc<dyn Ledger>, calls: Calls, tracer: Option<Arc<BoxedTracer>>) -> Self {
        Self { ledger, calls, tracer }
    }

    /// Measures a call.
    async fn timed<T>(&self, call: &'static str, work: impl Future<Output = Result<T>>) -> Result<T> {
        let span = self.tracer.as_ref().and_then(|tracer| spans::of_call(tracer, call, self.ledger.backend()));
        let outcome = self.calls.timed(call, work).await;
        if let Some(span) = span {
            span.ended(word(&outcome));
        }
        outcome
    }
}

#[async_trait]
impl Ledger for Measured {
    fn backend(&self) -> &'static str {
        self.ledger.backend()
    }

    async fn identity(&self) -> Result<String> {
        self.timed("identity", self.ledger.identity()).await
    }

    async fn append(&self, drafts: &[Draft], condition: &Condition) -> Result<Vec<Receipt>> {
        let began = Instant::now();
        let receipts = self.timed("append", self.ledger.append(drafts, condition)).await?;
        self.calls.acknowledged(&receipts, began.elapsed());
        Ok(receipts)
    }

    async fn read(&self, query: &Query) -> Result<Page> {
        self.timed("read", self.ledger.read(query)).await
    }

    fn scan(&self, query: Query) -> BoxStream<'_, Result<Vec<Event>>> {
        let pages = stream::unfold(self.ledger.scan(query), async move |mut pages| {
            let page = self.calls.page(pages.next()).await?;
            Some((page, pages))
        });
        pages.fuse().boxed()
    }

    async fn head(&self) -> Result<Offset> {
        self.timed("head", self.ledger.head()).await
    }

    async fn wait(&self, after: Offset) -> Result<Offset> {
        let head = self.ledger.wait(after).await;
        self.calls.count("wait", &head);
        head
    }

    async fn restore(&self, events: &[Event], head: Offset) -> Result<()> {
        self.timed("restore", self.ledger.restore(events, head)).await
    }

    async fn prune(&self, query: &Query) -> Result<u64> {
        self.timed("prune", self.ledger.prune(query)).await
    }

    async fn erase(&self, offsets: &[Offset]) -> Result<u64> {
        self.timed("erase", self.ledger.erase(offsets)).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::TryStreamExt;
    use ledger_core::LedgerExt;

    use super::*;
    use crate::metrics::Metrics;
    use crate::metrics::tests::{sample, samples};

    fn draft(id: &str, payload: u32) -> Draft {
        Draft::new("a.b", &payload).unwrap().id(id).unwrap()
    }

    #[tokio::test]
    async fn what_a_ledger_answers_is_passed_on_and_counted() {
        let metrics = Metrics::new("memory");
        let beneath = backends::open("memory:").await.unwrap();
        let ledger = Measured::new(Arc::clone(&beneath), metrics.calls.clone(), None);
        assert_eq!(ledger.backend(), beneath.backend());
        assert_eq!(ledger.identity().await.unwrap(), beneath.identity().await.unwrap());
        let batch = [draft("a", 1), draft("b", 2), draft("c", 3)];
        ledger.append(&batch, &Condition::None).await.unwrap();
        ledger.append(&batch[..2], &Condition::None).await.unwrap();
        ledger.append_one(draft("a", 9)).await.unwrap_err();
        let condition = Condition::none_after(Query::all(), Offset::START);
        ledger.append(&[draft("d", 4)], &condition).await.unwrap_err();
        let pages: Vec<_> = ledger.scan(Query::all().limit(2).unwrap()).try_collect().await.unwrap();
        assert_eq!(pages.concat(), beneath.tail(Query::all()).try_collect::<Vec<_>>().await.unwrap());
        assert_eq!(ledger.wait(Offset::START).await.unwrap(), ledger.head().await.unwrap());

        let found = samples(&metrics);
        let is = |name: &str, value: f64| assert_eq!(sample(&found, name), Some(value), "{name}: {found:#?}");
        is(r#"ledger_appended_events_total{status="new"}"#, 3.0);
        is(r#"ledger_appended_events_total{status="duplicate"}"#, 2.0);
        is("ledger_append_duration_seconds_count", 2.0);
        is("ledger_append_batch_events_sum", 5.0);
        is(r#"ledger_backend_calls_total{call="append",outcome="ok"}"#, 2.0);
        is(r#"ledger_backend_calls_total{call="append",outcome="id_conflict"}"#, 1.0);
        is(r#"ledger_backend_calls_total{call="append",outcome="condition_failed"}"#, 1.0);
        is(r#"ledger_backend_call_duration_seconds_count{call="append"}"#, 4.0);
        is(r#"ledger_backend_calls_total{call="scan",outcome="ok"}"#, pages.len() as f64);
        is(r#"ledger_backend_calls_total{call="wait",outcome="ok"}"#, 1.0);
        is(r#"ledger_backend_calls_in_flight{call="append"}"#, 0.0);
    }

    #[tokio::test]
    async fn a_call_that_nobody_waits_for_any_more_is_over() {
        let metrics = Metrics::new("memory");
        let never = metrics.calls.timed("read", std::future::pending::<Result<()>>());
        let flying = || sample(&samples(&metrics), r#"ledger_backend_calls_in_flight{call="read"}"#);
        let given_up = tokio::time::timeout(Duration::from_millis(10), async {
            tokio::join!(never, async { assert_eq!(flying(), Some(1.0)) })
        });
        assert!(given_up.await.is_err());
        assert_eq!(flying(), Some(0.0));
        let ended = r#"ledger_backend_calls_total{call="read",outcome="given_up"}"#;
        assert_eq!(sample(&samples(&metrics), ended), Some(1.0));
    }
}
