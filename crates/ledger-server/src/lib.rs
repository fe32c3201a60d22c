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

mod admin;
mod around;
mod auth;
mod connections;
mod copy;
mod docs;
mod events;
mod feed;
mod front;
pub mod generate;
mod graphs;
mod health;
mod measured;
mod metrics;
mod openapi;
mod operations;
mod origin;
mod overview;
mod page;
mod parameters;
mod problem;
mod raw;
mod retention;
mod sessions;
mod sign_in;
mod spans;
mod stream;
pub mod tokens;
mod trace;
mod views;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{delete, get, post};
use ledger_core::Ledger;
use opentelemetry::global::BoxedTracer;
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinHandle;
use tower_http::CompressionLevel;
use tower_http::compression::{Compression, CompressionLayer};
use tower_http::decompression::{RequestDecompression, RequestDecompressionLayer};
use tower_layer::Layer;

pub use admin::migrations::{Migration, Migrations};
pub use admin::replicas::Replica;
use admin::{listeners, migrations, replicas, snapshots};
pub use auth::{Auth, Scope};
pub use copy::{CopyTo, Told};
use feed::Feed;
use measured::Measured;
use metrics::Metrics;
pub use metrics::StoreSize;
use problem::Problem;
use sign_in::SignedIn;

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
    /// What lists the steps in the history of the tables that the ledger is kept in. Without it, nobody is told.
    pub migrations: Option<Migrations>,
    /// Copies of the ledger that are carried on elsewhere, whose names differ: how far each is can be asked for, and is one of
    /// the metrics.
    pub replicas: Vec<Replica>,
    /// What says how many bytes the ledger takes where it is kept, for the metrics. Without it they leave that out, because a
    /// `Ledger` does not know.
    pub store_size: Option<StoreSize>,
    /// Whether requests and their calls to the ledger are spans of OpenTelemetry's. They go to the tracer provider that the
    /// process has set for all when the server is made, and find the trace they are in by its propagator.
    pub traced: bool,
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
            migrations: None,
            replicas: Vec::new(),
            store_size: None,
            traced: false,
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
type Desk = Arc<Shared>;

#[derive(Debug)]
struct Shared {
    ledger: Arc<dyn Ledger>,
    options: Options,
    feed: Feed,
    signed_in: SignedIn,
    metrics: Arc<Metrics>,
    /// Who listens now.
    listeners: Arc<listeners::Listeners>,
    snapshots: snapshots::Snapshots,
    /// Nothing when requests are not traced.
    tracer: Option<Arc<BoxedTracer>>,
    stopping: watch::Receiver<bool>,
    /// One at a time copies the ledger into a file, …
    copying: Arc<Semaphore>,
    /// … one removes operations, …
    sweeping: Arc<Semaphore>,
    /// … and two count them.
    counting: Arc<Semaphore>,
}

/// Does what takes long, or waits for others, off the threads that answer.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::broken(error.to_string()))
}

impl Shared {
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
        let tracer = options.traced.then(|| Arc::new(spans::tracer()));
        let ledger: Arc<dyn Ledger> = Arc::new(Measured::new(ledger, metrics.calls.clone(), tracer.clone()));
        let feed = Feed::new(Arc::clone(&ledger));
        let [copying, sweeping, counting] = [1, 1, 2].map(|most| Arc::new(Semaphore::new(most)));
        let (signed_in, listeners, snapshots) = Default::default();
        let desk = Shared {
            ledger,
            options,
            feed,
            signed_in,
            metrics,
            listeners,
            snapshots,
            tracer,
            stopping,
            copying,
            sweeping,
            counting,
        };
        Self { desk: Arc::new(desk), stop }
    }

    /// Serves until `stop` resolves. What was asked before then is answered, within ten seconds.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let Shared { ledger, metrics, .. } = &*self.desk;
        // Before anybody is let in, so that all that they record is counted.
        let head = metrics::head_soon(&self.desk).await;
        let counting = Attached::start(metrics::follow(Arc::clone(ledger), Arc::clone(metrics), head));
        let router = router(&self.desk);
        let served = connections::serve(listener, router, self.desk.options.patience, stop, &self.stop).await;
        counting.end().await;
        self.desk.snapshots.end().await;
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

/// The routes, behind what unpacks requests and packs answers.
type Unpacked = Compression<RequestDecompression<Router>>;

/// Builds the routes.
fn router(desk: &Desk) -> Unpacked {
    let scoped = |routes: Router<Desk>, scope| routes.layer(from_fn_with_state((desk.clone(), scope), auth::check));
    let api = scoped(reading(), Some(Scope::Read))
        .merge(scoped(appending(), Some(Scope::Append)))
        .merge(scoped(governing(), Some(Scope::Admin)))
        // Whoever may do anything has to know of what.
        .merge(scoped(Router::new().route("/ledger", get(raw::ledger)), None))
        // Who may not ask is told so first.
        .method_not_allowed_fallback(wrong_method)
        .fallback(nothing_here);
    let closed = Router::new()
        .nest("/api/v1", api)
        .merge(scoped(operating().route("/metrics", get(metrics::answer)), Some(Scope::Read)))
        .method_not_allowed_fallback(wrong_method);
    let open = Router::new()
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .route("/openapi.json", get(openapi::document))
        .route("/docs", get(openapi::page))
        .route("/sign-in", get(sign_in::who).post(sign_in::begin).delete(sign_in::end))
        .merge(page::routes())
        .method_not_allowed_fallback(async || method_not_allowed());
    let all = closed
        .merge(open)
        .fallback(page::nothing)
        .layer(from_fn_with_state(Arc::clone(desk), front::pass))
        .with_state(Arc::clone(desk));
    // Around the router and not within it, where every request would have the layers copied.
    let unpacked = RequestDecompressionLayer::new().pass_through_unaccepted(true).layer(all);
    CompressionLayer::new().quality(CompressionLevel::Fastest).layer(unpacked)
}

fn reading() -> Router<Desk> {
    Router::new()
        .route("/overview", get(overview::overview))
        .route("/head", get(events::head))
        .route("/digest", get(events::digest))
        .route("/events", get(events::list))
        .route("/events/{which}", get(events::one))
        .route("/events/{which}/chain", get(around::chain))
        .route("/events/facets", get(around::facets))
        .route("/events/query", post(raw::query))
        .route("/events/stream", get(stream::events))
        .route("/changes", get(stream::changes))
        .route("/runs", get(views::runs))
        .route("/runs/{run}", get(views::run))
        .route("/artifacts", get(views::artifacts))
        .route("/operations", get(operations::all))
        .route("/operations/stats", get(operations::all_stats))
        .route("/operations/capacity", get(operations::capacity))
        .route("/lineage/{*artifact}", get(graphs::lineage))
        .route("/path", get(graphs::path))
        .route("/sessions", get(sessions::list))
        .route("/sessions/{session}", get(sessions::one))
        .route("/sessions/{session}/delta", get(sessions::delta))
        .route("/sessions/{session}/checkpoints", get(sessions::checkpoints))
        .route("/sessions/{session}/graph", get(sessions::graph))
        .route("/retention/plan", get(retention::plan))
        .route("/snapshot", get(copy::download))
        .merge(overseeing())
        .merge(operating())
}

/// What those ask for who look after a server, and may do who may read.
fn overseeing() -> Router<Desk> {
    Router::new()
        .route("/migrations", get(migrations::list))
        .route("/listeners", get(listeners::list))
        .route("/replicas", get(replicas::list))
        .route("/snapshots", get(snapshots::list).post(snapshots::start))
        .route("/snapshots/{id}", get(snapshots::one).delete(snapshots::remove))
        .route("/snapshots/{id}/file", get(snapshots::file))
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
        .route("/tokens", get(admin::tokens::list).post(admin::tokens::make))
        .route("/tokens/{name}", delete(admin::tokens::revoke))
}

async fn nothing_here(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    desk.to_known(&headers, not_found())
}

async fn wrong_method(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    desk.to_known(&headers, method_not_allowed())
}

fn not_found() -> Problem {
    Problem::not_found("there is nothing at this path")
}

fn method_not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this path takes another method")
}
