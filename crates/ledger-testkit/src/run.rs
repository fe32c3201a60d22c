//! Runs one law as one test: on several threads, and with a limit on its time, because a law that hangs is broken too.

use std::time::Duration;

use futures::future::LocalBoxFuture;
use ledger_core::Result;

use crate::backend::Backend;

const LAW_LIMIT: Duration = Duration::from_secs(180);
const CLOSE_LIMIT: Duration = Duration::from_secs(20);

/// Runs a law on a backend. Panics when the law is broken, fails, or takes longer than three minutes.
pub fn run_law<B: Backend>(backend: &B, law: impl for<'a> FnOnce(&'a dyn Backend) -> LocalBoxFuture<'a, Result<()>>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("the system has threads to give");
    let outcome = runtime.block_on(async { tokio::time::timeout(LAW_LIMIT, law(backend)).await });
    runtime.shutdown_timeout(CLOSE_LIMIT);
    match outcome {
        Ok(Ok(())) => {}
        Ok(Err(error)) => panic!("on {}: {error}{}", backend.name(), causes(&error)),
        Err(_) => panic!("on {}: the law was not done after {LAW_LIMIT:?}", backend.name()),
    }
}

/// Says what is beneath an error, one after the other.
fn causes(error: &dyn std::error::Error) -> String {
    let beneath = std::iter::successors(error.source(), |cause| cause.source());
    beneath.map(|cause| format!(": {cause}")).collect()
}
