//! Traces of what a server does, sent to a collector over OTLP as the environment of OpenTelemetry says.

use std::env::VarError;
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
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT, Protocol, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;

use crate::failure::{Failure, Result};
use crate::output::note;

const EXPORTER: &str = "OTEL_TRACES_EXPORTER";
const DISABLED: &str = "OTEL_SDK_DISABLED";
const NAME: &str = "OTEL_SERVICE_NAME";
const ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
const PROTOCOL: &str = "http/protobuf";
/// Where a collector listens that nobody has named.
const DEFAULT: &str = "http://localhost:4318";
/// How long spans that were not sent yet hold up the end.
const GRACE: Duration = Duration::from_secs(2);

/// What sends the spans of this process.
pub(crate) struct Traces {
    provider: SdkTracerProvider,
    endpoint: String,
}

impl Traces {
    /// Begins to send spans, to the collector given or the one that the environment names. Nothing when there is none.
    ///
    /// What the environment says may be meant for other programs: where it makes no sense here, that is said, and nothing is
    /// sent.
    pub(crate) fn start(collector: Option<&str>) -> Result<Option<Self>> {
        if let Some(base) = collector {
            let endpoint = Endpoint::of("--otlp", base, Path::Appended).map_err(Failure::Usage)?;
            return Self::to(endpoint, OTEL_EXPORTER_OTLP_TIMEOUT_DEFAULT).map(Some);
        }
        let found = in_environment().and_then(|found| {
            let to = |(endpoint, timeout)| Self::to(endpoint, timeout).map_err(|failure| failure.to_string());
            found.map(to).transpose()
        });
        Ok(found.unwrap_or_else(|why| {
            note(&format!("warning: no traces are sent: {why}"));
            None
        }))
    }

    fn to(endpoint: Endpoint, timeout: Duration) -> Result<Self> {
        let inner = client(&endpoint, timeout)?;
        let client = Client { to: endpoint.shown.clone(), inner, runtime: Handle::current(), is_away: false.into() };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(&endpoint.url)
            .build()
            .map_err(|error| Failure::Usage(format!("no spans can be sent to {}: {error}", endpoint.shown)))?;
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource()).build();
        global::set_tracer_provider(provider.clone());
        global::set_text_map_propagator(TraceContextPropagator::new());
        Ok(Self { provider, endpoint: endpoint.shown })
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

/// Where spans are sent.
#[derive(Debug)]
struct Endpoint {
    url: String,
    is_secure: bool,
    /// Without its query, in which a key may stand.
    shown: String,
}

/// Whether the path for traces is still to be appended to a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Path {
    Appended,
    Whole,
}

impl Endpoint {
    /// Reads what a flag or a variable of this name says. Fails with what is wrong.
    fn of(name: &str, text: &str, path: Path) -> Result<Self, String> {
        const TRACES: &str = "/v1/traces";
        if text.contains('@') {
            return Err(format!("{name} has an `@`: credentials go into OTEL_EXPORTER_OTLP_HEADERS"));
        }
        let uri: Uri = text.parse().map_err(|_| format!("{name} is `{text}`, which is no URL"))?;
        let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"));
        let (Some(scheme), Some(authority)) = (scheme, uri.authority().filter(|host| !host.host().is_empty())) else {
            return Err(format!("{name} is `{text}`: use http://HOST:PORT or https://HOST:PORT"));
        };
        let mut shown = format!("{scheme}://{authority}{}", uri.path());
        if path == Path::Whole {
            return Ok(Self { url: text.to_owned(), is_secure: scheme == "https", shown });
        }
        if uri.query().is_some() {
            return Err(format!("{name} has a `?`, to which no path can be appended"));
        }
        shown.truncate(shown.trim_end_matches('/').len());
        if !shown.ends_with(TRACES) {
            shown.push_str(TRACES);
        }
        Ok(Self { url: shown.clone(), is_secure: scheme == "https", shown })
    }
}

/// Reads from the environment where to send, and how long that may take. Fails with what makes no sense.
fn in_environment() -> Result<Option<(Endpoint, Duration)>, String> {
    if variable(DISABLED)?.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Ok(None);
    }
    let is_asked_for = match variable(EXPORTER)?.as_deref() {
        Some("none") => return Ok(None),
        Some("otlp") => true,
        None => false,
        Some(other) => return Err(format!("{EXPORTER} is `{other}`, not `otlp`")),
    };
    let endpoint = if let Some(url) = variable(OTEL_EXPORTER_OTLP_TRACES_ENDPOINT)? {
        Endpoint::of(OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, &url, Path::Whole)?
    } else if let Some(base) = variable(OTEL_EXPORTER_OTLP_ENDPOINT)? {
        Endpoint::of(OTEL_EXPORTER_OTLP_ENDPOINT, &base, Path::Appended)?
    } else if is_asked_for {
        Endpoint::of(EXPORTER, DEFAULT, Path::Appended)?
    } else {
        return Ok(None);
    };
    let protocol = first_of([OTEL_EXPORTER_OTLP_TRACES_PROTOCOL, OTEL_EXPORTER_OTLP_PROTOCOL])?;
    if let Some((name, other)) = protocol.filter(|(_, value)| value != PROTOCOL) {
        return Err(format!("{name} is `{other}`, and spans are sent as {PROTOCOL} alone"));
    }
    let timeout = match first_of([OTEL_EXPORTER_OTLP_TRACES_TIMEOUT, OTEL_EXPORTER_OTLP_TIMEOUT])? {
        Some((name, text)) => {
            Duration::from_millis(text.parse().map_err(|_| format!("{name} is `{text}`, and not milliseconds"))?)
        }
        None => OTEL_EXPORTER_OTLP_TIMEOUT_DEFAULT,
    };
    Ok(Some((endpoint, timeout)))
}

/// Returns the first of some variables that is set: that of one signal counts before that of all.
fn first_of(names: [&'static str; 2]) -> Result<Option<(&'static str, String)>, String> {
    for name in names {
        if let Some(value) = variable(name)? {
            return Ok(Some((name, value)));
        }
    }
    Ok(None)
}

/// Reads a variable of the environment; an empty one is none, as OpenTelemetry has it.
fn variable(name: &str) -> Result<Option<String>, String> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value.trim().to_owned()).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8")),
    }
}

/// Says what sends the spans: what the environment says, or `ledger`.
fn resource() -> Resource {
    let is_named = matches!(variable(NAME), Ok(Some(_)))
        || matches!(variable(ATTRIBUTES), Ok(Some(all)) if all.split(',').any(|one| one.trim().starts_with("service.name=")));
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = Resource::builder().with_attribute(version);
    if is_named { resource.build() } else { resource.with_service_name("ledger").build() }
}

fn client(endpoint: &Endpoint, timeout: Duration) -> Result<Arc<dyn HttpClient>> {
    if !endpoint.is_secure {
        return Ok(Arc::new(HyperClient::with_default_connector(timeout, None)));
    }
    let tls = HttpsConnectorBuilder::new().with_provider_and_native_roots(rustls::crypto::ring::default_provider());
    let tls = tls.map_err(|error| Failure::io("cannot read the certificates of this machine", error))?;
    Ok(Arc::new(HyperClient::new(tls.https_only().enable_http1().build(), timeout, None)))
}

/// Sends from a thread that has no runtime, and says so once when a collector goes away, and once when it is back.
#[derive(Debug)]
struct Client {
    to: String,
    inner: Arc<dyn HttpClient>,
    runtime: Handle,
    is_away: AtomicBool,
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let inner = Arc::clone(&self.inner);
        let sent = self.runtime.spawn(async move { inner.send_bytes(request).await });
        let answer = sent.await.unwrap_or_else(|error| Err(error.into()));
        let failure = match &answer {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("it answers {}", answer.status())),
            Err(error) => Some(whole(&**error)),
        };
        let was_away = self.is_away.swap(failure.is_some(), Ordering::Relaxed);
        match failure {
            Some(why) if !was_away => tracing::warn!(to = self.to, why, "the collector takes no spans"),
            None if was_away => tracing::info!(to = self.to, "the collector takes spans again"),
            _ => {}
        }
        answer
    }
}

/// Writes an error with its causes: the first says only that a connection was not made.
fn whole(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |cause| cause.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
