//! A server: what appends cost over HTTP, and how long it takes until thousands who listen have heard of an event.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger_core::{Draft, Ledger, LedgerExt};
use ledger_server::{Options, Server};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Barrier, oneshot};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::Result;
use crate::bench::Bench;
use crate::measure::{Side, duel, peak_bytes, rate, repeat, reset_peak};
use crate::report::{Target, Unit};

/// How many append at once, and how many events each.
const WRITERS: usize = 64;
const EACH: usize = 100;
/// How many listen; every so many of them looks at the time of each event.
const LISTENERS: usize = 2_000;
const LOOKS: usize = 20;
/// How many events come, and how often.
const EVENTS: usize = 2_000;
const EVERY: Duration = Duration::from_millis(5);

/// Runs the cases of this file.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    let case = "http/bare-64";
    if bench.wants(case) {
        bare(bench, case).await?;
    }
    let case = "sqlite/http/append-64";
    if bench.wants(case) {
        let urls = [0, 1].map(|_| bench.fresh_path().to_string_lossy().into_owned());
        append(bench, case, urls).await?;
    }
    let case = "postgres/http/append-64";
    if bench.wants(case)
        && let (Some(one), Some(other)) = (bench.fresh_schema().await, bench.fresh_schema().await)
    {
        append(bench, case, [one.url(), other.url()]).await?;
    }
    let case = "sqlite/http/listen-2000";
    if bench.wants(case) {
        let url = bench.fresh_path().to_string_lossy().into_owned();
        listen(bench, case, &url).await?;
    }
    Ok(())
}

/// A server in this process.
struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Served {
    async fn start(ledger: Arc<dyn Ledger>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, (stop, stopped)) = (listener.local_addr()?, oneshot::channel());
        let stopped = async { drop(stopped.await) };
        let ended = tokio::spawn(Server::new(ledger, Options::default()).serve(listener, stopped));
        Ok(Self { address, stop, ended })
    }

    async fn end(self) -> Result<()> {
        drop(self.stop);
        Ok(self.ended.await??)
    }
}

/// Lets many append single events, each after the answer to the one before: over HTTP, and in the process.
async fn append(bench: &mut Bench, case: &str, [one, other]: [String; 2]) -> Result<()> {
    let (served, direct) = (backends::open(&one).await?, backends::open(&other).await?);
    let server = Served::start(served).await?;
    let outcome = duel(bench.rounds, async |side, round| match side {
        Side::Ledger => posted(server.address, round).await,
        Side::Other => {
            let write = |barrier: Arc<Barrier>, drafts: Vec<Draft>| {
                let direct = direct.clone();
                async move {
                    barrier.wait().await;
                    for draft in drafts {
                        direct.append_one(draft).await?;
                    }
                    Ok(())
                }
            };
            written(round, write).await
        }
    })
    .await?;
    bench.report.comparison(case, Unit::PerSecond, "library", outcome, Target::Ratio(0.5));
    server.end().await
}

/// Lets as many post the same to a server that does nothing: no more than that can be had of HTTP, here.
async fn bare(bench: &mut Bench, case: &str) -> Result<()> {
    let receipt = r#"{"offset":1,"id":"an-id","status":"new"}"#;
    let created = async move |_: axum::body::Bytes| (axum::http::StatusCode::CREATED, receipt);
    let router = axum::Router::new().route("/api/v1/events", axum::routing::post(created));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(axum::serve(listener, router).into_future());
    let figure = repeat(bench.rounds, async |round| posted(address, round).await).await?;
    server.abort();
    bench.report.figure(case, Unit::PerSecond, figure, Target::None);
    Ok(())
}

/// Lets many post to a server, and returns how many events a second they were answered for.
async fn posted(address: SocketAddr, round: usize) -> Result<f64> {
    written(round, |barrier, drafts| async move {
        let mut connection = TcpStream::connect(address).await?;
        connection.set_nodelay(true)?;
        let requests = drafts.iter().map(request).collect::<Result<Vec<_>>>()?;
        barrier.wait().await;
        for request in &requests {
            post(&mut connection, request).await?;
        }
        Ok(())
    })
    .await
}

/// Lets many write, each its own, from when all are ready; and returns how many events a second they did.
async fn written<W, F>(round: usize, write: W) -> Result<f64>
where
    W: Fn(Arc<Barrier>, Vec<Draft>) -> F,
    F: Future<Output = Result<()>> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(WRITERS + 1));
    let mut writers: JoinSet<Result<()>> = JoinSet::new();
    for writer in 0..WRITERS {
        let drafts = (0..EACH).map(|n| event(&format!("{round}-{writer}-{n}"))).collect::<Result<_>>()?;
        writers.spawn(write(barrier.clone(), drafts));
    }
    barrier.wait().await;
    let start = Instant::now();
    while let Some(writer) = writers.join_next().await {
        writer??;
    }
    Ok(rate(WRITERS * EACH, start))
}

fn event(id: &str) -> Result<Draft> {
    let payload = json!({"customer": 42, "items": ["apple", "pear"], "note": "x".repeat(120)});
    Ok(Draft::new("order.placed", &payload)?.id(id)?)
}

/// Writes the request that appends an event.
fn request(draft: &Draft) -> Result<Vec<u8>> {
    let body = serde_json::to_vec(draft)?;
    let length = body.len();
    let head = format!(
        "POST /api/v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    Ok([head.as_bytes(), &body].concat())
}

/// Sends a request, and reads the answer.
async fn post(connection: &mut TcpStream, request: &[u8]) -> Result<()> {
    connection.write_all(request).await?;
    let (mut answer, mut chunk) = (Vec::new(), [0; 2_048]);
    // A receipt is short, and nothing comes after it.
    while !answer.ends_with(b"}") {
        let read = connection.read(&mut chunk).await?;
        if read == 0 {
            return Err("the server went away".into());
        }
        answer.extend_from_slice(&chunk[..read]);
    }
    if answer.starts_with(b"HTTP/1.1 201") { Ok(()) } else { Err(String::from_utf8_lossy(&answer).into()) }
}

/// Lets thousands listen while events come, and reports how long they took and what memory that was.
async fn listen(bench: &mut Bench, case: &str, url: &str) -> Result<()> {
    raise_limit()?;
    let ledger = backends::open(url).await?;
    let server = Served::start(ledger.clone()).await?;
    reset_peak();
    let began = Instant::now();
    let ready = Arc::new(Barrier::new(LISTENERS + 1));
    let mut listeners: JoinSet<Result<Vec<u32>>> = JoinSet::new();
    for listener in 0..LISTENERS {
        listeners.spawn(hear(server.address, ready.clone(), began, listener % LOOKS == 0));
    }
    ready.wait().await;
    let mut due = interval(EVERY);
    due.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut appends: JoinSet<Result<()>> = JoinSet::new();
    for _ in 0..EVENTS {
        due.tick().await;
        let (ledger, at) = (ledger.clone(), began.elapsed().as_micros());
        appends.spawn(async move {
            let payload = json!({"at": format!("{at:012}"), "note": "x".repeat(150)});
            ledger.append_one(Draft::new("order.placed", &payload)?).await?;
            Ok(())
        });
    }
    while let Some(append) = appends.join_next().await {
        append??;
    }
    let mut took = Vec::new();
    while let Some(heard) = listeners.join_next().await {
        took.extend(heard??);
    }
    let peak = peak_bytes();
    took.sort_unstable();
    let at = |permille: usize| f64::from(took[(took.len() * permille / 1_000).min(took.len() - 1)]);
    bench.report.figure(&format!("{case}/p50"), Unit::Micros, at(500), Target::None);
    bench.report.figure(&format!("{case}/p99"), Unit::Micros, at(990), Target::Below(250_000.0));
    bench.report.figure(&format!("{case}/max"), Unit::Micros, at(1_000), Target::None);
    if let Some(peak) = peak {
        bench.report.figure(&format!("{case}/peak"), Unit::Bytes, peak, Target::Below(300e6));
    }
    server.end().await
}

/// Listens until all events have come, and returns how long each took, for those who look.
async fn hear(address: SocketAddr, ready: Arc<Barrier>, began: Instant, looks: bool) -> Result<Vec<u32>> {
    const AT: &[u8] = b"\"at\":\"";
    const DIGITS: usize = 12;
    let mut connection = TcpStream::connect(address).await?;
    connection.write_all(b"GET /api/v1/events/stream?after=head HTTP/1.1\r\nhost: localhost\r\n\r\n").await?;
    let mut buffer = vec![0; 16 << 10];
    let first = connection.read(&mut buffer).await?;
    if !buffer[..first].starts_with(b"HTTP/1.1 200") {
        return Err("the server does not stream".into());
    }
    ready.wait().await;
    let (mut heard, mut took, mut rest, mut last) = (0, Vec::new(), Vec::new(), 0);
    while heard < EVENTS {
        let read = connection.read(&mut buffer).await?;
        if read == 0 {
            return Err(format!("the stream ended after {heard} events").into());
        }
        // A frame begins with its id; nothing else has this word at the beginning of a line.
        for &byte in &buffer[..read] {
            heard += usize::from(last == b'\n' && byte == b'i');
            last = byte;
        }
        if looks {
            let now = began.elapsed().as_micros();
            rest.extend_from_slice(&buffer[..read]);
            while let Some(place) = rest.windows(AT.len()).position(|word| word == AT)
                && let Some(digits) = rest.get(place + AT.len()..place + AT.len() + DIGITS)
            {
                let at: u128 = std::str::from_utf8(digits)?.parse()?;
                took.push(u32::try_from(now.saturating_sub(at))?);
                rest.drain(..place + AT.len() + DIGITS);
            }
        }
    }
    Ok(took)
}

/// Lets this process have as many connections as the system lets it.
fn raise_limit() -> Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let enough = 2 * LISTENERS as u64 + 200;
    if limit.maximum.is_some_and(|most| most < enough) {
        return Err(format!("{enough} open files are needed: raise `ulimit -n`").into());
    }
    Ok(setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?)
}
