//! Traces of what a server does, sent to a collector over OTLP as the environment of OpenTelemetry says.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use hyper::Uri;
use hyper_rustls::HttpsConnectorBuilder;
use opentelemetry::{KeyValue, global};
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{
    OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL, OTEL_EXPORTER_OTLP_TIMEOUT,
    OTEL_EXPORTER_OTLP_TIMEOUT_DEFAULT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL,
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;

use crate::failure::{Failure, Result, redact};

const EXPORTER: &str = "OTEL_TRACES_EXPORTER";
const DISABLED: &str = "OTEL_SDK_DISABLED";
const NAME: &str = "OTEL_SERVICE_NAME";
const ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
const PROTOCOL: &str = "http/protobuf";
/// How long spans that were not sent yet hold up the end.
const GRACE: Duration = Duration::from_secs(5);

/// What sends the spans of this process.
pub(crate) struct Traces {
    provider: SdkTracerProvider,
    endpoint: String,
}

impl Traces {
    /// Begins to send spans, to the collector given or the one that the environment names. Nothing when there is none.
    pub(crate) fn start(collector: Option<String>) -> Result<Option<Self>> {
        if variable(DISABLED)?.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        let Some(endpoint) = endpoint(collector)? else { return Ok(None) };
        for name in [OTEL_EXPORTER_OTLP_TRACES_PROTOCOL, OTEL_EXPORTER_OTLP_PROTOCOL] {
            if let Some(other) = variable(name)?.filter(|value| value != PROTOCOL) {
                let why = format!("{name} is `{other}`: spans are sent as {PROTOCOL}, to port 4318 of most collectors");
                return Err(Failure::Usage(why));
            }
        }
        let client = Client {
            to: endpoint.clone(),
            inner: Arc::new(client()?),
            runtime: Handle::current(),
            is_away: false.into(),
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_endpoint(&endpoint)
            .build()
            .map_err(|error| Failure::Usage(redact(&format!("spans cannot be sent: {error}"))))?;
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource()?).build();
        global::set_tracer_provider(provider.clone());
        global::set_text_map_propagator(TraceContextPropagator::new());
        Ok(Some(Self { provider, endpoint }))
    }

    /// Returns where they go.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Sends what was not sent yet, and ends.
    pub(crate) async fn end(self) {
        let sent = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(GRACE));
        if !matches!(sent.await, Ok(Ok(()))) {
            tracing::warn!("the last spans were not sent");
        }
    }
}

/// Finds the URL to send to.
fn endpoint(collector: Option<String>) -> Result<Option<String>> {
    let whole = |base: &str| format!("{}/v1/traces", base.trim_end_matches('/'));
    let found = match collector {
        Some(base) => Some(("--otlp", whole(&base))),
        None => match variable(EXPORTER)?.as_deref() {
            Some("none") => None,
            Some("otlp") | None => match variable(OTEL_EXPORTER_OTLP_TRACES_ENDPOINT)? {
                Some(url) => Some((OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, url)),
                None => variable(OTEL_EXPORTER_OTLP_ENDPOINT)?.map(|base| (OTEL_EXPORTER_OTLP_ENDPOINT, whole(&base))),
            },
            Some(other) => {
                return Err(Failure::Usage(format!("{EXPORTER} is `{other}`: use `otlp` or `none`")));
            }
        },
    };
    let Some((name, url)) = found else { return Ok(None) };
    let bad = |why: &str| Failure::Usage(format!("{name} is `{}`: {why}", redact(&url)));
    let uri: Uri = url.parse().map_err(|_| bad("it is no URL"))?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    match uri.authority() {
        Some(authority) if is_web && !authority.host().is_empty() => {
            if authority.as_str().contains('@') {
                return Err(bad("credentials go into OTEL_EXPORTER_OTLP_HEADERS"));
            }
        }
        _ => return Err(bad("use http://HOST:PORT or https://HOST:PORT")),
    }
    Ok(Some(url))
}

/// Reads a variable of the environment; an empty one is none, as OpenTelemetry has it.
fn variable(name: &str) -> Result<Option<String>> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value.trim().to_owned()).filter(|value| !value.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Failure::Usage(format!("{name} is not UTF-8"))),
    }
}

/// Says what sends the spans: what the environment says, or `ledger`.
fn resource() -> Result<Resource> {
    let is_named = variable(NAME)?.is_some() || variable(ATTRIBUTES)?.is_some_and(|all| all.contains("service.name="));
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = Resource::builder().with_attribute(version);
    Ok(if is_named { resource.build() } else { resource.with_service_name("ledger").build() })
}

fn client() -> Result<impl HttpClient + 'static> {
    let tls = HttpsConnectorBuilder::new().with_provider_and_native_roots(rustls::crypto::ring::default_provider());
    let tls = tls.map_err(|error| Failure::io("cannot read the certificates of this machine", error))?;
    Ok(HyperClient::new(tls.https_or_http().enable_http1().build(), timeout()?, None))
}

/// Reads how long a collector may take to answer.
fn timeout() -> Result<Duration> {
    for name in [OTEL_EXPORTER_OTLP_TRACES_TIMEOUT, OTEL_EXPORTER_OTLP_TIMEOUT] {
        if let Some(text) = variable(name)? {
            let why = || Failure::Usage(format!("{name} is `{text}`: give milliseconds"));
            return Ok(Duration::from_millis(text.parse().map_err(|_| why())?));
        }
    }
    Ok(OTEL_EXPORTER_OTLP_TIMEOUT_DEFAULT)
}

/// Sends from a thread that has no runtime, and says so once when a collector goes away, and once when it is back.
#[derive(Debug)]
struct Client<C> {
    to: String,
    inner: Arc<C>,
    runtime: Handle,
    is_away: AtomicBool,
}

#[async_trait]
impl<C: HttpClient + 'static> HttpClient for Client<C> {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let inner = Arc::clone(&self.inner);
        let sent = self.runtime.spawn(async move { inner.send_bytes(request).await });
        let answer = sent.await.unwrap_or_else(|error| Err(error.into()));
        let failure = match &answer {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("it answers {}", answer.status())),
            Err(error) => Some(error.to_string()),
        };
        let was_away = self.is_away.swap(failure.is_some(), Ordering::Relaxed);
        match failure {
            Some(why) if !was_away => tracing::warn!(to = self.to, why, "spans are lost: the collector takes none"),
            None if was_away => tracing::info!(to = self.to, "the collector takes spans again"),
            _ => {}
        }
        answer
    }
}
