//! Those who listen: how many there are, what they are sent, and why they are told to come again.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// What one can listen to.
const STREAMS: [&str; 2] = ["events", "changes"];

/// What is known of those who listen.
#[derive(Debug)]
pub(crate) struct Listeners {
    clients: Family<Stream, Gauge>,
    drops: Family<Dropped, Counter>,
    events: Counter,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Stream {
    stream: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Dropped {
    reason: &'static str,
}

impl Listeners {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let listeners = Self { clients: Family::default(), drops: Family::default(), events: Counter::default() };
        for stream in STREAMS {
            drop(listeners.clients.get_or_create(&Stream { stream }));
        }
        for reason in ["slow", "stopping", "failed", "revoked"] {
            drop(listeners.drops.get_or_create(&Dropped { reason }));
        }
        let help = "Clients that listen to server-sent events now";
        registry.register("ledger_sse_clients", help, listeners.clients.clone());
        let help = "Listeners that were told to come again, or whose token was revoked, by why";
        registry.register("ledger_sse_drops", help, listeners.drops.clone());
        let help = "Events that were sent to listeners, each as often as it was sent";
        registry.register("ledger_sse_events", help, listeners.events.clone());
        listeners
    }

    /// Counts somebody who listens, for as long as what is returned is kept.
    pub(crate) fn come(&self, stream: &'static str) -> Present {
        let clients = self.clients.get_or_create_owned(&Stream { stream });
        clients.inc();
        Present(clients)
    }

    /// Returns how many listen now.
    pub(crate) fn here(&self) -> u64 {
        let clients = STREAMS.map(|stream| self.clients.get_or_create(&Stream { stream }).get());
        u64::try_from(clients.iter().sum::<i64>()).unwrap_or_default()
    }

    /// Counts somebody who is told to come again.
    pub(crate) fn dropped(&self, reason: &'static str) {
        self.drops.get_or_create(&Dropped { reason }).inc();
    }

    /// Counts events that are sent to one of them.
    pub(crate) fn sent(&self, events: usize) {
        self.events.inc_by(events as u64);
    }
}

/// That somebody listens.
#[derive(Debug)]
pub(crate) struct Present(Gauge);

impl Drop for Present {
    fn drop(&mut self) {
        self.0.dec();
    }
}
