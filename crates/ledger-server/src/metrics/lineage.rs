//! Questions about lineage: how long it takes to answer them.

use std::time::Instant;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::short;

/// What is known of the questions.
#[derive(Debug)]
pub(crate) struct Lineage {
    took: Family<Asked, Histogram>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    query: &'static str,
}

impl Lineage {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let lineage = Self { took: Family::<Asked, Histogram>::new_with_constructor(short) };
        let help = "How long questions about lineage took, whether or not there was any";
        registry.register_with_unit("ledger_lineage_query_duration", help, Unit::Seconds, lineage.took.clone());
        lineage
    }

    /// Measures a question: of a `graph`, or of a `path`.
    pub(crate) async fn timed<T>(&self, query: &'static str, work: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let answer = work.await;
        self.took.get_or_create(&Asked { query }).observe(began.elapsed().as_secs_f64());
        answer
    }
}
