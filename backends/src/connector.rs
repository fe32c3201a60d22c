//! Connections for HTTP: how they are made, kept and secured, once for every backend that speaks it.

use std::sync::Arc;
use std::time::Duration;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use ledger_core::{Error, Result};

const KEEPALIVE: Duration = Duration::from_secs(30);

/// Makes plain connections, each within a time.
pub(crate) fn tcp(timeout: Duration) -> HttpConnector {
    let mut tcp = HttpConnector::new();
    // A request is written in two parts, and the second would wait for the first to be acknowledged.
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(KEEPALIVE));
    tcp.set_connect_timeout(Some(timeout));
    tcp.enforce_http(false);
    tcp
}

/// Makes connections that are encrypted, to servers whose certificates this machine trusts.
pub(crate) fn tls(tcp: HttpConnector, backend: &'static str) -> Result<HttpsConnector<HttpConnector>> {
    let certificates =
        HttpsConnectorBuilder::new().with_provider_and_native_roots(rustls::crypto::ring::default_provider());
    let certificates = certificates.map_err(|error| Error::Backend {
        backend,
        why: "cannot read the certificates of this machine".to_owned(),
        source: Some(Arc::new(error)),
    })?;
    Ok(certificates.https_only().enable_http1().wrap_connector(tcp))
}
