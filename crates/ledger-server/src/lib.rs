//! A ledger over HTTP: a router over any `Ledger`, which answers what the library answers and decides nothing itself.
//!
//! ```no_run
//! use std::sync::Arc;
//! use ledger_server::{Auth, Options, router, serve};
//!
//! # async fn example(ledger: Arc<dyn ledger_core::Ledger>) -> std::io::Result<()> {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:7070").await?;
//! let options = Options::with(Auth::token("a-token-of-some-length"));
//! serve(listener, router(ledger, options), std::future::pending()).await
//! # }
//! ```

mod auth;
mod events;
mod parameters;
mod problem;

use std::future::IntoFuture;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use ledger_core::Ledger;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use auth::Auth;
use problem::{Cause, Problem};

/// How long answers that are on their way have when a server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How a server treats its callers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Who may ask.
    pub auth: Auth,
    /// Whether only this machine's own names for itself are answered to. Without a token, a page of the web could otherwise ask
    /// through somebody's browser, under a name of its own that leads here.
    pub hosts: Hosts,
    /// The most bytes of a body.
    pub body_limit: usize,
    /// How long the ledger may take to answer; and ten times as long, a body to arrive.
    pub timeout: Duration,
}

/// By which names a server may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// `localhost`, and addresses of this machine alone.
    Local,
    /// Any.
    Any,
}

impl Default for Options {
    fn default() -> Self {
        Self { auth: Auth::Open, hosts: Hosts::Local, body_limit: 32 << 20, timeout: Duration::from_secs(60) }
    }
}

impl Options {
    /// Returns the default for callers who have to show who they are, whatever name they call the server by; or for an open
    /// server, which only this machine's own names lead to.
    #[must_use]
    pub fn with(auth: Auth) -> Self {
        let hosts = if matches!(auth, Auth::Open) { Hosts::Local } else { Hosts::Any };
        Self { auth, hosts, ..Self::default() }
    }
}

/// What every request needs.
#[derive(Clone, Debug)]
struct Desk {
    ledger: Arc<dyn Ledger>,
    options: Arc<Options>,
}

impl Desk {
    /// Waits for the ledger, and not longer than callers should.
    async fn soon<T>(&self, work: impl Future<Output = ledger_core::Result<T>>) -> Result<T, Problem> {
        let limit = self.options.timeout;
        match tokio::time::timeout(limit, work).await {
            Ok(answer) => Ok(answer?),
            Err(_) => {
                let why = format!(
                    "no answer within {} s; what was sent with ids of its own may be sent again",
                    limit.as_secs()
                );
                Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", why).retry_after(1))
            }
        }
    }
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
        .fallback(not_found)
        .layer(from_fn_with_state(desk.clone(), auth::check));
    Router::new()
        .nest("/api/v1", api)
        .route("/health", get(health))
        .route("/ready", get(ready))
        .method_not_allowed_fallback(wrong_method)
        .fallback(not_found)
        .layer(from_fn_with_state(desk.clone(), auth::check_host))
        .layer(from_fn(with_request_id))
        .with_state(desk)
}

/// Serves until `stop` resolves. What was asked before then is answered, within ten seconds.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (tell, mut told) = watch::channel(false);
    let stop = async move {
        stop.await;
        tell.send_replace(true);
    };
    let over = async {
        if told.wait_for(|told| *told).await.is_ok() {
            tokio::time::sleep(GRACE).await;
        }
    };
    tokio::select! {
        served = axum::serve(listener, router).with_graceful_shutdown(stop).into_future() => served,
        // Somebody reads no further, or sends no further.
        () = over => Ok(()),
    }
}

/// Says that the process is there.
async fn health() -> Json<serde_json::Value> {
    Json(json!({"status": "ok"}))
}

/// Says whether the engine answers, and nothing else: it is asked without a token.
async fn ready(State(desk): State<Desk>) -> Result<Json<serde_json::Value>, Problem> {
    let why = "the engine behind the ledger does not answer";
    let away = |_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", why).retry_after(1);
    desk.soon(desk.ledger.head()).await.map_err(away)?;
    Ok(Json(json!({"status": "ready"})))
}

async fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this path")
}

async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this path takes another method")
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
    if let Some(cause) = response.extensions().get::<Cause>() {
        // Nobody may read it, and that is no reason not to answer.
        let _ = writeln!(std::io::stderr(), "request {}: {}", id.to_str().unwrap_or_default(), cause.0);
    }
    response.headers_mut().insert(NAME, id);
    response
}
