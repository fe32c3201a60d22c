//! Replicas: whether each answers, and how far behind it is.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::admin::replicas::Standing;

/// What is known of the replicas that the server was told of.
#[derive(Debug, Default)]
pub(crate) struct Replicas {
    up: Family<Of, Gauge>,
    lag_offsets: Family<Of, Gauge>,
    lag_seconds: Family<Of, Gauge<f64, AtomicU64>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    replica: Arc<str>,
}

impl Replicas {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let replicas = Self::default();
        let help = "Whether the replica answers, and may be one: 1 or 0; left out when this ledger does not answer";
        registry.register("ledger_replica_up", help, replicas.up.clone());
        let help = "How many offsets the replica does not have yet; left out when that is not known";
        registry.register("ledger_replica_lag_offsets", help, replicas.lag_offsets.clone());
        let help = "How long ago the first event was recorded that the replica does not have; 0 when it has all";
        registry.register_with_unit("ledger_replica_lag", help, Unit::Seconds, replicas.lag_seconds.clone());
        replicas
    }

    /// Notes how far they are.
    pub(crate) fn found(&self, standings: &[Standing]) {
        for Standing { name, behind, lag_seconds, is_up, .. } in standings {
            let of = Of { replica: Arc::clone(name) };
            match is_up {
                Some(is_up) => drop(self.up.get_or_create(&of).set((*is_up).into())),
                None => drop(self.up.remove(&of)),
            }
            match behind.and_then(|behind| i64::try_from(behind).ok()) {
                Some(behind) => drop(self.lag_offsets.get_or_create(&of).set(behind)),
                None => drop(self.lag_offsets.remove(&of)),
            }
            match lag_seconds {
                Some(seconds) => drop(self.lag_seconds.get_or_create(&of).set(*seconds)),
                None => drop(self.lag_seconds.remove(&of)),
            }
        }
    }
}
