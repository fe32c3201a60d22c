//! Requests and calls to the engine as spans of OpenTelemetry's, within the trace of whoever asked.

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use opentelemetry::global::{self, BoxedSpan, BoxedTracer};
use opentelemetry::propagation::Extractor;
use opentelemetry::trace::{Span, SpanKind, Status, TraceContextExt, TraceId, Tracer};
use opentelemetry::{Context, InstrumentationScope, KeyValue};

use crate::Desk;
use crate::metrics::{GIVEN_UP, OK, known_method};

/// What is asked every few seconds by machines: nobody looks for its traces.
const UNTRACED: [&str; 3] = ["/health", "/ready", "/metrics"];

/// How much of a path is kept.
const LONGEST: usize = 1_024;

/// Returns what begins spans, where this process sends them.
pub(crate) fn tracer() -> BoxedTracer {
    let scope = InstrumentationScope::builder("ledger_server").with_version(env!("CARGO_PKG_VERSION"));
    global::tracer_with_scope(scope.build())
}

/// Begins the span of a request; it ends with the last copy of what is returned. Nothing when requests are not traced.
pub(crate) fn of_request(desk: &Desk, request: &Request) -> Option<Context> {
    let tracer = desk.tracer.as_ref()?;
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    if route.is_some_and(|route| UNTRACED.contains(&route)) {
        return None;
    }
    let parent = global::get_text_map_propagator(|form| form.extract_with_context(&Context::new(), &Headers(request)));
    let known = known_method(request.method());
    let path = request.uri().path();
    let mut attributes = vec![
        KeyValue::new("http.request.method", known.unwrap_or("_OTHER")),
        // Whoever asks chooses it, and it is kept until it is sent.
        KeyValue::new("url.path", path[..path.floor_char_boundary(LONGEST)].to_owned()),
    ];
    attributes.extend(route.map(|route| KeyValue::new("http.route", route.to_owned())));
    let name = [Some(known.unwrap_or("HTTP")), route].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let span = tracer.span_builder(name).with_kind(SpanKind::Server).with_attributes(attributes);
    let span = tracer.build_with_context(span, &parent);
    Some(parent.with_span(span))
}

/// Writes into the span of a request how it was answered, and returns its trace, if it is in one.
pub(crate) fn answered(span: &Context, status: StatusCode) -> Option<TraceId> {
    let span = span.span();
    span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
    if status.is_server_error() {
        span.set_attribute(KeyValue::new("error.type", status.as_str().to_owned()));
        span.set_status(Status::error(""));
    }
    Some(span.span_context().trace_id()).filter(|trace| *trace != TraceId::INVALID)
}

/// The span of a call to the engine. It ends with the call, also with one that nobody waits for any more.
pub(crate) struct Called {
    span: BoxedSpan,
    outcome: &'static str,
}

impl Called {
    /// Says how the call ended.
    pub(crate) fn ended(mut self, outcome: &'static str) {
        self.outcome = outcome;
    }
}

impl Drop for Called {
    fn drop(&mut self) {
        if self.outcome != OK {
            // What it was about is no one's to read here.
            self.span.set_attribute(KeyValue::new("error.type", self.outcome));
            self.span.set_status(Status::error(""));
        }
    }
}

/// Begins the span of a call to the engine, when it is for a request that is traced.
pub(crate) fn of_call(tracer: &BoxedTracer, call: &'static str, backend: &'static str) -> Option<Called> {
    let parent = Context::map_current(|context| context.span().is_recording().then(|| context.clone()))?;
    let system = if backend == "postgres" { "postgresql" } else { backend };
    let attributes = [KeyValue::new("db.operation.name", call), KeyValue::new("db.system.name", system)];
    let span = tracer.span_builder(call).with_kind(SpanKind::Client).with_attributes(attributes);
    Some(Called { span: tracer.build_with_context(span, &parent), outcome: GIVEN_UP })
}

/// The headers of a request, as those who look for a trace in them ask for them.
struct Headers<'r>(&'r Request);

impl Headers<'_> {
    fn all(&self) -> &HeaderMap {
        self.0.headers()
    }
}

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.all().get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.all().keys().map(HeaderName::as_str).collect()
    }
}
