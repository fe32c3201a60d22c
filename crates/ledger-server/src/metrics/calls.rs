//! Calls to the engine: how many, how they ended, how long they took, and what appends came to.

use std::time::{Duration, Instant};

use ledger_core::{Error, Receipt, Result, Status};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::short;

/// Up to how many events an append falls into which bucket.
const BATCHES: [f64; 13] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0];
/// The calls that there are, so that the first failure of each is a rise from zero.
const CALLS: [&str; 9] = ["identity", "append", "read", "scan", "head", "wait", "restore", "prune", "erase"];
/// How a call ends that is answered.
pub(crate) const OK: &str = "ok";
/// How one ends for which nobody waited any more.
pub(crate) const GIVEN_UP: &str = "given_up";

/// What is known of the calls to one ledger.
#[derive(Clone, Debug)]
pub(crate) struct Calls {
    ended: Family<Ended, Counter>,
    took: Family<Call, Histogram>,
    in_flight: Family<Call, Gauge>,
    events: Family<Events, Counter>,
    appends_took: Histogram,
    batches: Histogram,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    call: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    call: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Events {
    status: &'static str,
}

impl Calls {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let calls = Self {
            ended: Family::default(),
            took: Family::<Call, Histogram>::new_with_constructor(short),
            in_flight: Family::default(),
            events: Family::default(),
            appends_took: short(),
            batches: Histogram::new(BATCHES),
        };
        for call in CALLS {
            drop(calls.ended.get_or_create(&Ended { call, outcome: "ok" }));
            drop(calls.ended.get_or_create(&Ended { call, outcome: "unavailable" }));
        }
        for outcome in ["id_conflict", "condition_failed"] {
            drop(calls.ended.get_or_create(&Ended { call: "append", outcome }));
        }
        for status in [Status::New, Status::Duplicate] {
            drop(calls.events.get_or_create(&Events { status: status.as_str() }));
        }
        let help = "Events of appends that were acknowledged: recorded, or there already";
        registry.register("ledger_appended_events", help, calls.events.clone());
        let help = "How long the appends took that were acknowledged";
        registry.register_with_unit("ledger_append_duration", help, Unit::Seconds, calls.appends_took.clone());
        let help = "How many events the appends had that were acknowledged";
        registry.register("ledger_append_batch_events", help, calls.batches.clone());
        let help = "Calls to the engine, by how they ended: ok, given_up, or the code of the error";
        registry.register("ledger_backend_calls", help, calls.ended.clone());
        let help = "How long calls to the engine took, however they ended; of a scan, each page";
        registry.register_with_unit("ledger_backend_call_duration", help, Unit::Seconds, calls.took.clone());
        let help = "Calls to the engine that it has not answered yet";
        registry.register("ledger_backend_calls_in_flight", help, calls.in_flight.clone());
        calls
    }

    /// Measures a call.
    pub(crate) async fn timed<T>(&self, call: &'static str, work: impl Future<Output = Result<T>>) -> Result<T> {
        let mut flight = self.begin(call);
        let outcome = work.await;
        flight.outcome = Some(word(&outcome));
        outcome
    }

    /// Measures how long a page of a scan takes. That there are no more is no call.
    pub(crate) async fn page<T>(&self, work: impl Future<Output = Option<Result<T>>>) -> Option<Result<T>> {
        let mut flight = self.begin("scan");
        let page = work.await;
        flight.outcome = page.as_ref().map(word);
        page
    }

    /// Counts a call whose time says nothing: one that waits for others.
    pub(crate) fn count<T>(&self, call: &'static str, outcome: &Result<T>) {
        self.ended.get_or_create(&Ended { call, outcome: word(outcome) }).inc();
    }

    /// Counts what an append came to.
    pub(crate) fn acknowledged(&self, receipts: &[Receipt], took: Duration) {
        for status in [Status::New, Status::Duplicate] {
            let count = receipts.iter().filter(|receipt| receipt.status == status).count();
            self.events.get_or_create(&Events { status: status.as_str() }).inc_by(count as u64);
        }
        self.appends_took.observe(took.as_secs_f64());
        self.batches.observe(receipts.len() as f64);
    }

    fn begin(&self, call: &'static str) -> Flight<'_> {
        self.in_flight.get_or_create(&Call { call }).inc();
        Flight { calls: self, call, began: Instant::now(), outcome: Some(GIVEN_UP) }
    }
}

/// A call that is under way. It counts when it is over, also because its caller stopped waiting.
struct Flight<'c> {
    calls: &'c Calls,
    call: &'static str,
    began: Instant,
    /// Nothing when it turned out to be no call.
    outcome: Option<&'static str>,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let call = Call { call: self.call };
        self.calls.in_flight.get_or_create(&call).dec();
        let Some(outcome) = self.outcome else { return };
        self.calls.took.get_or_create(&call).observe(self.began.elapsed().as_secs_f64());
        self.calls.ended.get_or_create(&Ended { call: self.call, outcome }).inc();
    }
}

/// Returns how a call ended, in the words that problems have as their code.
pub(crate) fn word<T>(outcome: &Result<T>) -> &'static str {
    match outcome {
        Ok(_) => OK,
        Err(Error::IdConflict { .. }) => "id_conflict",
        Err(Error::ConditionFailed { .. }) => "condition_failed",
        Err(Error::Invalid { .. }) => "invalid",
        Err(Error::Unavailable { .. }) => "unavailable",
        Err(Error::NotEmpty { .. }) => "not_empty",
        Err(Error::ReadOnly { .. }) => "read_only",
        Err(Error::Denied { .. }) => "denied",
        Err(Error::Corrupt { .. }) => "corrupt",
        Err(_) => "backend",
    }
}
