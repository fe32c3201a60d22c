//! What a server counts and measures, by labels that stay few however large a ledger grows: no table, run or artifact is one.

mod calls;
mod lineage;
mod listeners;
mod operations;
mod replicas;
mod requests;
mod retention;
pub(crate) mod scrape;
#[cfg(test)]
pub(crate) mod tests;
mod text;

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ledger_core::Timestamp;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeGaugeValue, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

pub(crate) use calls::{Calls, GIVEN_UP, OK, word};
use lineage::Lineage;
use listeners::Listeners;
pub(crate) use listeners::Present;
use operations::Operations;
pub(crate) use operations::follow;
use replicas::Replicas;
use requests::Requests;
pub(crate) use requests::{Route, known_method};
use retention::Retention;
pub use scrape::StoreSize;
pub(crate) use scrape::{answer, head_soon, store_bytes_soon, waiting};

/// From how many seconds on what is asked of an engine falls into the next bucket.
const SHORT: [f64; 16] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
/// The same for operations, which may take hours.
const LONG: [f64; 12] = [0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0];

/// All metrics of one server.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    /// Calls to the engine.
    pub(crate) calls: Calls,
    /// Requests that were answered.
    pub(crate) requests: Requests,
    /// Those who listen.
    pub(crate) listeners: Listeners,
    /// Operations, as the log tells of them.
    pub(crate) operations: Operations,
    /// How far replicas are.
    replicas: Replicas,
    /// Questions about lineage.
    pub(crate) lineage: Lineage,
    /// Sweeps of retention.
    pub(crate) retention: Retention,
    found: Found,
}

/// What is looked at whenever somebody asks.
#[derive(Debug)]
struct Found {
    head: Latest<u64>,
    store_bytes: Latest<u64>,
    lag_offsets: Latest<u64>,
    lag_seconds: Latest<f64>,
}

impl Metrics {
    /// Prepares the metrics of a server before this backend.
    pub(crate) fn new(backend: &'static str) -> Self {
        let mut registry = Registry::default();
        let build = Info::new([("version", env!("CARGO_PKG_VERSION")), ("backend", backend)]);
        registry.register("ledger_build", "The release that serves, and the backend that it serves", build);
        let started = Gauge::<f64, AtomicU64>::default();
        started.set(Timestamp::now().as_micros() as f64 / 1e6);
        let help = "When the server began, since 1970";
        registry.register_with_unit("process_start_time", help, Unit::Seconds, started);
        Self {
            calls: Calls::register(&mut registry),
            requests: Requests::register(&mut registry),
            listeners: Listeners::register(&mut registry),
            operations: Operations::register(&mut registry),
            replicas: Replicas::register(&mut registry),
            lineage: Lineage::register(&mut registry),
            retention: Retention::register(&mut registry),
            found: Found::register(&mut registry),
            registry,
        }
    }

    /// Writes them as OpenMetrics.
    fn write(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl Found {
    fn register(registry: &mut Registry) -> Self {
        let found = Self {
            head: Latest::default(),
            store_bytes: Latest::default(),
            lag_offsets: Latest::default(),
            lag_seconds: Latest::default(),
        };
        let help = "The last offset ever given; left out when the engine does not answer";
        registry.register("ledger_head_offset", help, found.head.clone());
        let help = "How much the ledger takes where it is kept; known of SQLite alone";
        registry.register_with_unit("ledger_store_size", help, Unit::Bytes, found.store_bytes.clone());
        let help = "How many offsets what is counted of the log is behind the head";
        registry.register("ledger_projection_lag_offsets", help, found.lag_offsets.clone());
        let help = "How long ago the first event was recorded that is not counted yet; 0 when all are";
        registry.register_with_unit("ledger_projection_lag", help, Unit::Seconds, found.lag_seconds.clone());
        found
    }
}

/// A gauge that shows what was found last, and is left out when nothing was: a guess would look like an answer.
#[derive(Clone, Debug, Default)]
struct Latest<N>(Arc<Mutex<Option<N>>>);

impl<N: Copy> Latest<N> {
    fn set(&self, value: Option<N>) {
        *locked(&self.0) = value;
    }

    fn get(&self) -> Option<N> {
        *locked(&self.0)
    }
}

impl<N: Copy + EncodeGaugeValue> EncodeMetric for Latest<N> {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        self.get().map_or(Ok(()), |value| encoder.encode_gauge(&value))
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Gauge
    }

    fn is_empty(&self) -> bool {
        self.get().is_none()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn short() -> Histogram {
    Histogram::new(SHORT)
}

fn long() -> Histogram {
    Histogram::new(LONG)
}
