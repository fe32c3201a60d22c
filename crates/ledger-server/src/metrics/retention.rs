//! Sweeps of retention that this server was asked for: how many, and what they removed.

use ledger_core::Result;
use ledger_core::retention::Sweep;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::{Registry, Unit};

use super::calls::word;

/// What is known of the sweeps.
#[derive(Debug)]
pub(crate) struct Retention {
    sweeps: Family<Ended, Counter>,
    events: Counter,
    bytes: Counter,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    outcome: &'static str,
}

impl Retention {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let retention = Self { sweeps: Family::default(), events: Counter::default(), bytes: Counter::default() };
        drop(retention.sweeps.get_or_create(&Ended { outcome: "ok" }));
        let help = "Sweeps of retention through this server, by how they ended: ok, or the code of the error";
        registry.register("ledger_retention_sweeps", help, retention.sweeps.clone());
        let help = "Events that these sweeps removed";
        registry.register("ledger_retention_removed_events", help, retention.events.clone());
        let help = "About how much the operations had that these sweeps removed";
        registry.register_with_unit("ledger_retention_removed", help, Unit::Bytes, retention.bytes.clone());
        retention
    }

    /// Counts a sweep, and what it removed; when it failed, what it had told so far.
    pub(crate) fn swept(&self, swept: &Result<Sweep>, so_far: Option<&Sweep>) {
        self.sweeps.get_or_create(&Ended { outcome: word(swept) }).inc();
        if let Some(sweep) = swept.as_ref().ok().or(so_far) {
            self.events.inc_by(sweep.events);
            self.bytes.inc_by(sweep.success.bytes + sweep.failed.bytes + sweep.unfinished.bytes);
        }
    }
}
