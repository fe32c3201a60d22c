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
mod docs;
mod events;
mod feed;
pub mod generate;
mod graphs;
mod health;
mod measured;
mod metrics;
mod openapi;
mod operations;
mod parameters;
mod problem;
mod raw;
mod retention;
mod sessions;
mod stream;
pub mod tokens;
mod trace;
mod views;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use ledger_core::Ledger;
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinHandle;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::decompression::RequestDecompressionLayer;

use auth::Caller;
pub use auth::{Auth, Scope};
pub use copy::CopyTo;
use feed::Feed;
use measured::Measured;
use metrics::Metrics;
pub use metrics::StoreSize;
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
    /// How long a caller may take to send the head of a request, or to read something of an answer, before its connection ends.
    /// So long does an idle connection last, too.
    pub patience: Duration,
    /// What copies the ledger into a file, for those who download it. Without it, nobody can.
    pub copy_to: Option<CopyTo>,
    /// What says how many bytes the ledger takes where it is kept, for the metrics. Without it they leave that out, because a
    /// `Ledger` does not know.
    pub store_size: Option<StoreSize>,
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
            patience: Duration::from_secs(30),
            copy_to: None,
            store_size: None,
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
    metrics: Arc<Metrics>,
    stopping: watch::Receiver<bool>,
    /// One at a time copies the ledger into a file, …
    copying: Arc<Semaphore>,
    /// … and one removes operations.
    sweeping: Arc<Semaphore>,
}

impl Desk {
    /// Takes a turn at what one does at a time.
    fn turn(turns: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Problem> {
        let why = "somebody else does the same just now";
        let busy = |_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", why).retry_after(5);
        Arc::clone(turns).try_acquire_owned().map_err(busy)
    }

    /// Waits for the ledger, and not longer than callers should.
    async fn soon<T>(&self, work: impl Future<Output = ledger_core::Result<T>>) -> Result<T, Problem> {
        let limit = self.options.timeout;
        match tokio::time::timeout(limit, work).await {
            Ok(answer) => Ok(answer?),
            Err(_) => {
                let why = format!(
                    "no answer within {} s; an append may have happened, and may be sent again if its events have ids",
                    limit.as_secs()
                );
                Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", why))
            }
        }
    }
}

impl Server {
    /// Prepares to serve a ledger, whose calls are measured from then on.
    #[must_use]
    pub fn new(ledger: Arc<dyn Ledger>, options: Options) -> Self {
        let (stop, stopping) = watch::channel(false);
        let metrics = Arc::new(Metrics::new(ledger.backend()));
        let ledger: Arc<dyn Ledger> = Arc::new(Measured::new(ledger, metrics.calls.clone()));
        let feed = Arc::new(Feed::new(Arc::clone(&ledger)));
        let [copying, sweeping] = [(); 2].map(|()| Arc::new(Semaphore::new(1)));
        Self { desk: Desk { ledger, options: Arc::new(options), feed, metrics, stopping, copying, sweeping }, stop }
    }

    /// Serves until `stop` resolves. What was asked before then is answered, within ten seconds.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let Desk { ledger, metrics, .. } = &self.desk;
        // Before anybody is let in, so that all that they record is counted.
        let head = metrics::head_soon(&self.desk).await;
        let counting = Attached::start(metrics::follow(Arc::clone(ledger), Arc::clone(metrics), head));
        let router = router(&self.desk);
        let served = connections::serve(listener, router, self.desk.options.patience, stop, &self.stop).await;
        counting.end().await;
        served
    }
}

/// A task that ends with what holds it.
#[derive(Debug)]
struct Attached(JoinHandle<()>);

impl Attached {
    fn start(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(work))
    }

    /// Ends it, and waits until it holds nothing any more.
    async fn end(mut self) {
        self.0.abort();
        // That it was ended is no news.
        let _ = (&mut self.0).await;
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        self.0.abort();
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
        .merge(scoped(operating().route("/metrics", get(metrics::answer)), Scope::Read))
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .route("/openapi.json", get(openapi::document))
        .route("/docs", get(openapi::page))
        .method_not_allowed_fallback(wrong_method)
        .fallback(not_found)
        .layer(RequestDecompressionLayer::new())
        .layer(from_fn(known_encoding))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(from_fn_with_state(desk.clone(), auth::check_host))
        .layer(from_fn(with_request_id))
        .layer(from_fn_with_state(desk.clone(), metrics::timed))
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
    let (began, method, path) = (Instant::now(), request.method().clone(), request.uri().path().to_owned());
    let mut response = next.run(request).await;
    let said = id.to_str().unwrap_or_default();
    let caller = response.extensions().get::<Caller>().map(tracing::field::display);
    let took_ms = began.elapsed().as_secs_f64() * 1_000.0;
    let status = response.status().as_u16();
    // Never the query string: what is looked for may be as secret as what is found.
    tracing::info!(%method, path, status, took_ms, caller, request = said, "answered");
    if let Some(cause) = response.extensions().get::<Cause>() {
        tracing::error!(request = said, cause = cause.0, "failed");
    }
    response.headers_mut().insert(NAME, id);
    response
}

/// Refuses a body in an encoding that is not read here; the others are read as what they hold.
async fn known_encoding(request: Request, next: Next) -> Result<Response, Problem> {
    let encoding = request.headers().get(CONTENT_ENCODING).map(HeaderValue::as_bytes);
    match encoding {
        None | Some(b"gzip" | b"zstd" | b"identity") => Ok(next.run(request).await),
        Some(_) => {
            let why = "send it as it is, or as `gzip` or `zstd`";
            Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_encoding", why))
        }
    }
}
