//! A ledger over HTTP: a router over any `Ledger`, which answers what the library answers and decides nothing itself.
//!
//! ```no_run
//! use std::sync::Arc;
//! use ledger_server::{Auth, Options, Server};
//!
//! # async fn example(ledger: Arc<dyn ledger_core::Ledger>) -> std::io::Result<()> {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:7070").await?;
//! let server = Server::new(ledger, Options::with(Auth::token("a-token-of-some-length")));
//! server.serve(listener, std::future::pending()).await
//! # }
//! ```

mod auth;
mod connections;
mod copy;
mod events;
mod feed;
mod graphs;
mod operations;
mod parameters;
mod problem;
mod raw;
mod retention;
mod sessions;
mod stream;
pub mod tokens;
mod views;

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use ledger_core::Ledger;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use auth::{Auth, Scope};
pub use copy::CopyTo;
use feed::Feed;
use problem::{Cause, Problem};

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
    /// What copies the ledger into a file, for those who download it. Without it, nobody can.
    pub copy_to: Option<CopyTo>,
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
        Self {
            auth: Auth::Open,
            hosts: Hosts::Local,
            body_limit: 32 << 20,
            timeout: Duration::from_secs(60),
            copy_to: None,
        }
    }
}

impl Options {
    /// Returns the default for callers who have to show who they are, whatever name they call the server by; or for an open
    /// server, which only this machine's own names lead to.
    #[must_use]
    pub fn with(auth: Auth) -> Self {
        let hosts = if auth.is_open() { Hosts::Local } else { Hosts::Any };
        Self { auth, hosts, ..Self::default() }
    }
}

/// A ledger that is served.
#[derive(Debug)]
pub struct Server {
    desk: Desk,
    /// Tells those who listen for good that they should go.
    stop: watch::Sender<bool>,
}

/// What every request needs.
#[derive(Clone, Debug)]
struct Desk {
    ledger: Arc<dyn Ledger>,
    options: Arc<Options>,
    feed: Arc<Feed>,
    stopping: watch::Receiver<bool>,
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

impl Server {
    /// Prepares to serve a ledger.
    #[must_use]
    pub fn new(ledger: Arc<dyn Ledger>, options: Options) -> Self {
        let (stop, stopping) = watch::channel(false);
        let feed = Arc::new(Feed::new(Arc::clone(&ledger)));
        Self { desk: Desk { ledger, options: Arc::new(options), feed, stopping }, stop }
    }

    /// Serves until `stop` resolves. What was asked before then is answered, within ten seconds.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let router = router(&self.desk);
        connections::serve(listener, router, stop, &self.stop).await
    }
}

/// Builds the routes.
fn router(desk: &Desk) -> Router {
    let scoped = |routes: Router<Desk>, scope| routes.layer(from_fn_with_state((desk.clone(), scope), auth::check));
    let api = scoped(reading(), Scope::Read)
        .merge(scoped(appending(), Scope::Append))
        .merge(scoped(governing(), Scope::Admin))
        // Whoever may do anything has to know of what.
        .route("/ledger", get(raw::ledger))
        .method_not_allowed_fallback(wrong_method)
        .fallback(not_found);
    // Who may not ask does not learn what is not there, either.
    let api = api.layer(from_fn_with_state(desk.clone(), auth::known));
    Router::new()
        .nest("/api/v1", api)
        .merge(scoped(operating(), Scope::Read))
        .route("/health", get(health))
        .route("/ready", get(ready))
        .method_not_allowed_fallback(wrong_method)
        .fallback(not_found)
        .layer(from_fn_with_state(desk.clone(), auth::check_host))
        .layer(from_fn(with_request_id))
        .with_state(desk.clone())
}

fn reading() -> Router<Desk> {
    Router::new()
        .route("/head", get(events::head))
        .route("/digest", get(events::digest))
        .route("/events", get(events::list))
        .route("/events/{which}", get(events::one))
        .route("/events/query", post(raw::query))
        .route("/events/stream", get(stream::events))
        .route("/changes", get(stream::changes))
        .route("/runs", get(views::runs))
        .route("/runs/{run}", get(views::run))
        .route("/artifacts", get(views::artifacts))
        .route("/lineage/{*artifact}", get(graphs::lineage))
        .route("/path", get(graphs::path))
        .route("/sessions", get(sessions::list))
        .route("/sessions/{session}", get(sessions::one))
        .route("/sessions/{session}/delta", get(sessions::delta))
        .route("/sessions/{session}/checkpoints", get(sessions::checkpoints))
        .route("/sessions/{session}/graph", get(sessions::graph))
        .route("/retention/plan", get(retention::plan))
        .route("/snapshot", get(copy::download))
        .merge(operating())
}

/// The operation log, which operators know at the root, too.
fn operating() -> Router<Desk> {
    Router::new()
        .route("/projects/{project}/operations", get(operations::list))
        .route("/projects/{project}/operations/stats", get(operations::stats))
        .route("/projects/{project}/operations/{operation}", get(operations::one))
}

fn appending() -> Router<Desk> {
    Router::new().route("/events", post(events::append))
}

fn governing() -> Router<Desk> {
    Router::new()
        .route("/restore", post(raw::restore))
        .route("/prune", post(raw::prune))
        .route("/erase", post(raw::erase))
        .route("/retention/apply", post(retention::apply))
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
