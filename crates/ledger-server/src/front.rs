//! Where every request passes: it is given an id, measured, traced and logged, and turned away when it is none to be answered.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use opentelemetry::trace::FutureExt;

use crate::auth::Caller;
use crate::metrics::Route;
use crate::origin::check_host;
use crate::problem::{Cause, Problem};
use crate::{Desk, spans};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers a request, or has it answered.
pub(crate) async fn pass(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = id_of(request.headers());
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let route = Route::of(&method, request.extensions().get::<MatchedPath>());
    let span = spans::of_request(&desk, &request);
    let admitted = check_host(desk.options.hosts, &request).and_then(|()| known_encoding(request.headers()));
    let answer = async {
        match admitted {
            Ok(()) => next.run(request).await,
            Err(problem) => problem.into_response(),
        }
    };
    let mut response = match &span {
        Some(span) => answer.with_context(span.clone()).await,
        None => answer.await,
    };
    let (status, took) = (response.status(), began.elapsed());
    desk.metrics.requests.answered(route, status, took);
    let said = id.to_str().unwrap_or_default();
    let caller = response.extensions().get::<Caller>().map(tracing::field::display);
    let trace = span.as_ref().and_then(|span| spans::answered(span, status)).map(tracing::field::display);
    let (took_ms, status) = (took.as_secs_f64() * 1_000.0, status.as_u16());
    // Never the query string: what is looked for may be as secret as what is found.
    tracing::info!(%method, path = uri.path(), status, took_ms, caller, request = said, trace, "answered");
    if let Some(cause) = response.extensions().get::<Cause>() {
        tracing::error!(request = said, cause = cause.0, "failed");
    }
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// Returns the id of a request: the caller's own, if it has one that can be written into a log.
fn id_of(headers: &HeaderMap) -> HeaderValue {
    const LONGEST: usize = 128;
    let fits = |id: &&HeaderValue| !id.is_empty() && id.len() <= LONGEST && id.to_str().is_ok();
    headers.get(&REQUEST_ID).filter(fits).cloned().unwrap_or_else(|| {
        let id = uuid::Uuid::now_v7().simple().to_string();
        HeaderValue::try_from(id).expect("a UUID is plain text")
    })
}

/// Refuses a body in an encoding that is not read here.
fn known_encoding(headers: &HeaderMap) -> Result<(), Problem> {
    // What could be unpacked was, before it came here.
    if headers.get_all(CONTENT_ENCODING).iter().all(|encoding| encoding == "identity") {
        return Ok(());
    }
    let why = "send it as it is, or as `gzip` or `zstd`";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_encoding", why))
}
