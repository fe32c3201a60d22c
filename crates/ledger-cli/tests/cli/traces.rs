//! Traces: what a collector is sent, by a server that is asked within a trace.

use std::collections::HashMap;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message;

use crate::serve::Server;
use crate::support::Shell;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// What takes spans, as a collector does.
struct Collector {
    url: String,
    sent: Receiver<(HeaderMap, ExportTraceServiceRequest)>,
}

impl Collector {
    fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, sent) = channel();
        let take = async move |headers: HeaderMap, body: Bytes| {
            assert_eq!(headers["content-type"], "application/x-protobuf");
            // Whoever asked for it may have gone.
            let _ = sender.send((headers, ExportTraceServiceRequest::decode(body).unwrap()));
            (StatusCode::OK, ExportTraceServiceResponse::default().encode_to_vec())
        };
        let router = axum::Router::new().route("/v1/traces", axum::routing::post(take));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { axum::serve(tokio::net::TcpListener::from_std(listener).unwrap(), router).await })
        });
        Self { url, sent }
    }

    /// Returns what was sent, once nobody sends any more.
    fn all(&self) -> Vec<(HeaderMap, ExportTraceServiceRequest)> {
        let first = self.sent.recv_timeout(Duration::from_secs(60)).expect("spans are sent");
        std::iter::once(first).chain(self.sent.try_iter()).collect()
    }
}

fn texts(attributes: &[KeyValue]) -> HashMap<&str, String> {
    let text = |attribute: &KeyValue| match attribute.value.clone()?.value? {
        Value::StringValue(text) => Some(text),
        Value::IntValue(number) => Some(number.to_string()),
        _ => None,
    };
    attributes.iter().filter_map(|attribute| Some((attribute.key.as_str(), text(attribute)?))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Asks within a trace, without one, and within one that nobody keeps; and looks at what the collector got.
pub(crate) fn traced(shell: &Shell, system: &str) {
    let collector = Collector::start();
    let mut command = shell.command(&["serve", "--listen", "127.0.0.1:0", "--log", "json"]);
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url).env("OTEL_EXPORTER_OTLP_HEADERS", "api-key=s3cret");
    command.env("OTEL_EXPORTER_OTLP_COMPRESSION", "none").stderr(Stdio::piped());
    let server = Server::run(command);
    let append = |flags: &str, id: &str| {
        let body = format!(r#"{{"kind":"a.b","id":"{id}","payload":1}}"#);
        let head = format!(
            "POST /api/v1/events HTTP/1.1\r\ntraceparent: 00-{TRACE}-{PARENT}-{flags}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        );
        server.send(&head, body.as_bytes())
    };
    append("01", "kept").is(201);
    append("00", "not-kept").is(201);
    server.get("/health").is(200);
    server.get("/api/v1/head").is(200);
    server.post("/api/v1/prune", "application/json", r#"{"run":"none"}"#).is(200);
    append("01", "kept").is(200);
    server.get(&format!("/nothing/{}", "x".repeat(5_000))).is(404);
    let log = server.stop();

    let sent = collector.all();
    assert!(sent.iter().all(|(headers, _)| headers["api-key"] == "s3cret"));
    let resources: Vec<_> = sent.iter().flat_map(|(_, request)| &request.resource_spans).collect();
    let resource = texts(&resources[0].resource.as_ref().unwrap().attributes);
    assert_eq!((&*resource["service.name"], &*resource["service.version"]), ("ledger", env!("CARGO_PKG_VERSION")));
    let spans: Vec<&Span> =
        resources.iter().flat_map(|resource| &resource.scope_spans).flat_map(|scope| &scope.spans).collect();
    let named = |name: &str, count: usize| {
        let found: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
        assert_eq!(found.len(), count, "{name}: {spans:#?}");
        *found[0]
    };
    assert_eq!(spans.len(), 9, "{spans:#?}");
    let (request, call) = (named("POST /api/v1/events", 2), named("append", 2));
    assert_eq!((request.kind(), call.kind()), (SpanKind::Server, SpanKind::Client));
    assert_eq!((hex(&request.trace_id), hex(&request.parent_span_id)), (TRACE.to_owned(), PARENT.to_owned()));
    assert_eq!((&call.trace_id, &call.parent_span_id), (&request.trace_id, &request.span_id));
    assert!(request.start_time_unix_nano <= call.start_time_unix_nano);
    assert!(call.end_time_unix_nano <= request.end_time_unix_nano);
    let about = texts(&request.attributes);
    assert_eq!((&*about["http.request.method"], &*about["http.response.status_code"]), ("POST", "201"));
    assert_eq!((&*about["http.route"], &*about["url.path"]), ("/api/v1/events", "/api/v1/events"));
    assert_eq!(texts(&call.attributes)["db.system.name"], system);
    // Nobody named its trace: it begins one.
    let (root, head) = (named("GET /api/v1/head", 1), named("head", 1));
    assert!(root.parent_span_id.is_empty() && root.trace_id != request.trace_id);
    assert_eq!(head.parent_span_id, root.span_id);
    // What goes on without its caller is in the trace all the same.
    assert_eq!(named("prune", 1).parent_span_id, named("POST /api/v1/prune", 1).span_id);
    // Nobody fills a collector with what he makes up.
    let unmatched = texts(&named("GET", 1).attributes);
    assert!(unmatched["url.path"].len() == 1_024 && !unmatched.contains_key("http.route"), "{unmatched:?}");
    assert!(log.contains(&format!(r#""trace":"{TRACE}""#)), "{log}");
    assert!(!log.contains("s3cret"), "{log}");
}

#[test]
fn what_a_server_is_asked_is_traced() {
    traced(&Shell::new(), "sqlite");
}

#[test]
fn a_collector_that_is_away_holds_nobody_up_and_is_told_of_once() {
    let shell = Shell::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{free}");
    let mut command = shell.command(&["serve", "--listen", "127.0.0.1:0", "--otlp", &url]);
    command.env("OTEL_BSP_SCHEDULE_DELAY", "10").stderr(Stdio::piped());
    let server = Server::run(command);
    for n in 0..20 {
        server.append(format!(r#"{{"kind":"a.b","id":"e-{n}","payload":1}}"#)).is(201);
    }
    let log = server.stop();
    assert_eq!(log.matches("the collector takes no spans").count(), 1, "{log}");
    assert!(log.contains("Connection refused"), "{log}");
    assert!(log.contains(&url), "{log}");
}

#[test]
fn a_flag_that_names_no_collector_is_refused() {
    let shell = Shell::new();
    let run = |url: &str| shell.run(&["serve", "--listen", "127.0.0.1:0", "--otlp", url]).exits(2);
    run("ftp://collector").says("--otlp is `ftp://collector`: use http://");
    run("a collector").says("no URL");
    run("http://collector?key=1").says("`?`");
    for secret in ["https://me:s3cret@collector", "me:s3cret@collector:4318"] {
        let refused = run(secret).says("OTEL_EXPORTER_OTLP_HEADERS");
        assert!(!refused.stderr.contains("s3cret"), "{refused:?}");
    }
    assert_eq!(shell.names(), Vec::<String>::new());
}

#[test]
fn an_environment_for_others_keeps_nobody_from_serving() {
    let shell = Shell::new();
    let told = |args: &[&str], variables: &[(&str, &str)]| {
        let mut command = shell.command(&[&["serve", "--listen", "127.0.0.1:0"], args].concat());
        command.envs(variables.iter().copied()).stderr(Stdio::piped());
        let server = Server::run(command);
        server.get("/health").is(200);
        server.stop()
    };
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
    for (variable, says) in [
        (("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), "OTEL_EXPORTER_OTLP_PROTOCOL is `grpc`"),
        (("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"), "OTEL_EXPORTER_OTLP_TIMEOUT is `soon`"),
        (("OTEL_TRACES_EXPORTER", "zipkin"), "OTEL_TRACES_EXPORTER is `zipkin`"),
    ] {
        let log = told(&[], &[endpoint, variable]);
        assert!(log.contains("no traces are sent") && log.contains(says), "{log}");
    }
    for variable in [("OTEL_TRACES_EXPORTER", "none"), ("OTEL_SDK_DISABLED", "true")] {
        let log = told(&[], &[endpoint, variable]);
        assert!(!log.contains("traces"), "{log}");
    }
    // What is for traces counts before what is for all, and a flag before both.
    let collector = Collector::start();
    let grpc = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.as_str()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")];
    let traces = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf");
    for (args, variables) in [
        (&[][..], vec![grpc[0], grpc[1], traces]),
        (&["--otlp", &format!("{}/v1/traces", collector.url)][..], vec![grpc[1]]),
    ] {
        let mut command = shell.command(&[&["serve", "--listen", "127.0.0.1:0"], args].concat());
        command.envs(variables).env("OTEL_SERVICE_NAME", "mine").stderr(Stdio::null());
        let server = Server::run(command);
        server.get("/api/v1/head").is(200);
        server.stop();
        let sent = collector.all();
        let resource = sent[0].1.resource_spans[0].resource.as_ref().unwrap();
        assert_eq!(texts(&resource.attributes)["service.name"], "mine");
    }
}
