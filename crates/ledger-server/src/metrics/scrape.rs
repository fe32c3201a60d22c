//! `/metrics`: what a scrape looks at and answers. It never waits long for an engine: what that does not say is left out.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use ledger_core::{Offset, Query, Timestamp};
use tokio::time::{Instant, timeout_at};

use super::text;
use crate::Desk;
use crate::admin::replicas;
use crate::openapi::problems;
use crate::problem::Problem;

/// How long a scrape waits for all that it looks at.
const PATIENCE: Duration = Duration::from_secs(2);

/// Says how many bytes a ledger takes where it is kept, when that can be known.
#[derive(Clone)]
pub struct StoreSize(Arc<Sizes>);

type Sizes = dyn Fn() -> BoxFuture<'static, Option<u64>> + Send + Sync;

impl StoreSize {
    /// Measures by a function.
    pub fn new<F>(measure: F) -> Self
    where
        F: Fn() -> BoxFuture<'static, Option<u64>> + Send + Sync + 'static,
    {
        Self(Arc::new(measure))
    }
}

impl fmt::Debug for StoreSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreSize")
    }
}

/// Answers all metrics, as OpenMetrics to whoever prefers that, and otherwise as the older text of Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "server",
    operation_id = "metrics",
    responses(
        (
            status = 200,
            description = "The metrics.",
            content((String = "text/plain"), (String = "application/openmetrics-text"))
        ),
        problems::Call,
    )
)]
pub(crate) async fn answer(State(desk): State<Desk>, headers: HeaderMap) -> Result<Response, Problem> {
    look(&desk).await;
    let written = desk.metrics.write().map_err(|error| Problem::broken(error.to_string()))?;
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (form, body) = if text::is_open_preferred(accept) {
        (text::OPEN_FORM, written)
    } else {
        (text::PLAIN_FORM, text::plain(&written))
    };
    Ok(([(CONTENT_TYPE, form)], body).into_response())
}

/// Returns the head, or nothing when the engine takes longer than a scrape would wait.
pub(crate) async fn head_soon(desk: &Desk) -> Option<Offset> {
    head_by(desk, Instant::now() + PATIENCE).await
}

/// Returns how many bytes the ledger takes where it is kept, or nothing when that is not known, or not soon.
pub(crate) async fn store_bytes_soon(desk: &Desk) -> Option<u64> {
    store_bytes(desk, Instant::now() + PATIENCE).await
}

async fn head_by(desk: &Desk, until: Instant) -> Option<Offset> {
    timeout_at(until, desk.ledger.head()).await.ok()?.ok()
}

/// Looks at what nobody tells of.
async fn look(desk: &Desk) {
    let until = Instant::now() + PATIENCE;
    let replicas = replicas::standings(desk, until);
    let (progress, bytes, replicas) = tokio::join!(progress(desk, until), store_bytes(desk, until), replicas);
    desk.metrics.replicas.found(&replicas);
    let found = &desk.metrics.found;
    found.store_bytes.set(bytes);
    found.head.set(progress.head.map(Offset::get));
    found.lag_offsets.set(progress.lag_offsets);
    found.lag_seconds.set(progress.lag_seconds);
}

/// How far the ledger is, and how far behind it what is counted of its log.
#[derive(Default)]
struct Progress {
    head: Option<Offset>,
    lag_offsets: Option<u64>,
    lag_seconds: Option<f64>,
}

async fn progress(desk: &Desk, until: Instant) -> Progress {
    let Some(head) = head_by(desk, until).await else { return Progress::default() };
    let Some(position) = desk.metrics.operations.position() else {
        return Progress { head: Some(head), ..Progress::default() };
    };
    let lag_offsets = head.get().saturating_sub(position.get());
    let lag_seconds = if lag_offsets == 0 { Some(0.0) } else { waiting(desk, position, until).await };
    Progress { head: Some(head), lag_offsets: Some(lag_offsets), lag_seconds }
}

/// Returns for how many seconds the oldest event past a position has been there.
pub(crate) async fn waiting(desk: &Desk, position: Offset, until: Instant) -> Option<f64> {
    let next = Query::after(position).limit(1).ok()?;
    let page = timeout_at(until, desk.ledger.read(&next)).await.ok()?.ok()?;
    let since = page.events.first().map(|event| event.recorded_at.as_micros());
    // What was pruned meanwhile waits for nothing, and clocks differ.
    let micros = since.map_or(0, |since| Timestamp::now().as_micros().saturating_sub(since).max(0));
    Some(micros as f64 / 1e6)
}

async fn store_bytes(desk: &Desk, until: Instant) -> Option<u64> {
    let measure = desk.options.store_size.as_ref()?;
    timeout_at(until, (measure.0)()).await.ok()?
}
