//! A ledger over HTTP: a router over any `Ledger`, which answers what the library answers and decides nothing itself.
//!
//! ```no_run
//! use std::sync::Arc;
//! use ledger_server::{Auth, Options, router, serve};
//!
//! # async fn example(ledger: Arc<dyn ledger_core::Ledger>) -> std::io::Result<()> {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:7070").await?;
//! let options = Options { auth: Auth::token("secret"), ..Options::default() };
//! serve(listener, router(ledger, options), std::future::pending()).await
//! # }
//! ```

mod auth;
mod events;
mod parameters;
mod problem;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use ledger_core::Ledger;
use serde_json::json;
use tokio::net::TcpListener;

pub use auth::Auth;
use problem::Problem;

/// How a server treats its callers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Who may ask.
    pub auth: Auth,
    /// The most bytes of a body.
    pub body_limit: usize,
    /// How long an answer may take to begin.
    pub timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { auth: Auth::Open, body_limit: 32 << 20, timeout: Duration::from_secs(60) }
    }
}

impl Options {
    /// Returns the default with callers who have to show who they are.
    #[must_use]
    pub fn with(auth: Auth) -> Self {
        Self { auth, ..Self::default() }
    }
}

/// What every request needs.
#[derive(Clone, Debug)]
struct Desk {
    ledger: Arc<dyn Ledger>,
    options: Arc<Options>,
}

/// Builds the router of a ledger.
pub fn router(ledger: Arc<dyn Ledger>, options: Options) -> Router {
    let desk = Desk { ledger, options: Arc::new(options) };
    let api = Router::new()
        .route("/events", get(events::list).post(events::append))
        .route("/events/{which}", get(events::one))
        .route("/head", get(events::head))
        .route("/digest", get(events::digest))
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(desk.clone(), auth::check));
    Router::new()
        .nest("/api/v1", api)
        .route("/health", get(health))
        .route("/ready", get(ready))
        .method_not_allowed_fallback(wrong_method)
        .fallback(not_found)
        .layer(from_fn_with_state(desk.clone(), in_time))
        .layer(from_fn(with_request_id))
        .with_state(desk)
}

/// Serves until `stop` resolves, and answers what was asked before then.
///
/// Fails when the listener does.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}

/// Says that the process is there.
async fn health() -> Json<serde_json::Value> {
    Json(json!({"status": "ok"}))
}

/// Says whether the engine answers.
async fn ready(State(desk): State<Desk>) -> Result<Json<serde_json::Value>, Problem> {
    let head = desk.ledger.head().await?;
    Ok(Json(json!({"status": "ready", "backend": desk.ledger.backend(), "head": head})))
}

async fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this path")
}

async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this path takes another method")
}

/// Answers that it took too long when it did.
async fn in_time(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(desk.options.timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let why = format!(
                "no answer within {} s; what was appended may be there: send it again",
                desk.options.timeout.as_secs()
            );
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", why).retry_after(1).into_response()
        }
    }
}

/// Gives each answer the id of its request: the caller's own, if it has one that can be written into a log.
async fn with_request_id(mut request: Request, next: Next) -> Response {
    const LONGEST: usize = 128;
    const NAME: HeaderName = HeaderName::from_static("x-request-id");
    let fits = |id: &&HeaderValue| !id.is_empty() && id.len() <= LONGEST && id.to_str().is_ok();
    let id = request.headers().get(&NAME).filter(fits).cloned().unwrap_or_else(|| {
        let id = uuid::Uuid::now_v7().simple().to_string();
        HeaderValue::from_str(&id).expect("a UUID is plain text")
    });
    request.headers_mut().insert(NAME, id.clone());
    let mut response = next.run(request).await;
    response.headers_mut().insert(NAME, id);
    response
}
