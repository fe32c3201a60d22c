//! Runs one scenario for one Rust peer in a process of its own, and prints what came of it: what `python/driver.py` does for
//! Python. Both packages compile it, the ledger's by its path.

use std::collections::BTreeSet;
use std::fs::File;
use std::future::Future;
use std::io::{BufWriter, LineWriter, Read, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::{Barrier, oneshot};
use tokio::task::JoinSet;
use uuid::Uuid;

/// More than most peers append: whoever has used all ids that were made before the clock ran, ends early.
const MOST_PER_SECOND: usize = 50_000;
const WARM_UP: usize = 20;
/// How often a first append is tried again, in case it meets those of others.
const TRIES: usize = 100;

/// What may go wrong; a bench has nobody who would tell errors apart.
pub type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

/// Takes what a follower is given: the position and the id.
pub type Deliver = Arc<dyn Fn(i64, String) + Send + Sync>;

/// What an event carries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    pub customer: u32,
    pub items: Vec<String>,
    pub note: String,
}

/// One library, opened at one place.
pub trait Peer: Clone + Send + Sync + 'static {
    /// An event in the peer's own form.
    type Event: Send + 'static;

    fn open(variant: &str, place: &str) -> impl Future<Output = Result<Self>> + Send;
    fn close(&self) -> impl Future<Output = ()> + Send;
    fn event(id: Uuid, payload: &Payload) -> Result<Self::Event>;
    fn append(&self, event: Self::Event) -> impl Future<Output = Result<()>> + Send;
    fn append_batch(&self, events: Vec<Self::Event>) -> impl Future<Output = Result<()>> + Send;
    /// Answers the first question after opening.
    fn head(&self) -> impl Future<Output = Result<()>> + Send;
    fn count(&self) -> impl Future<Output = Result<usize>> + Send;
    /// Reads everything, and returns how many events that were.
    fn tail(&self) -> impl Future<Output = Result<usize>> + Send;
    /// Follows from the beginning, until it is told to stop: to return before, or to fail, fails the trial.
    fn follow(&self, deliver: Deliver, stop: oneshot::Receiver<()>) -> impl Future<Output = Result<()>> + Send;
    /// Returns all positions and ids.
    fn stored(&self) -> impl Future<Output = Result<Vec<(i64, String)>>> + Send;
    /// Says what makes appends durable, and how many connections there may be.
    fn settings(&self) -> impl Future<Output = Result<Value>> + Send;
}

/// What a command line asks for.
#[derive(Debug)]
pub struct Asked {
    pub peer: String,
    variant: String,
    scenario: String,
    place: String,
    options: Options,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Options {
    seconds: u64,
    tasks: usize,
    size: usize,
    batches: usize,
    events: usize,
    times: usize,
    limit_seconds: u64,
    writers: usize,
    file: String,
}

impl Options {
    fn time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

/// Reads the command line, `PEER[:VARIANT] SCENARIO PLACE OPTIONS`.
pub fn asked() -> Result<Asked> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [peer, scenario, place, options] = arguments.as_slice() else {
        return Err("the arguments are PEER[:VARIANT] SCENARIO PLACE OPTIONS".into());
    };
    let (peer, variant) = peer.split_once(':').unwrap_or((peer, ""));
    Ok(Asked {
        peer: peer.to_owned(),
        variant: variant.to_owned(),
        scenario: scenario.clone(),
        place: place.clone(),
        options: serde_json::from_str(options)?,
    })
}

/// Runs a scenario. Fails when the peer does, or when it has not stored what it acknowledged.
pub async fn run<P: Peer>(asked: &Asked) -> Result<Value> {
    let options = &asked.options;
    if asked.scenario == "open" {
        return opening::<P>(asked).await;
    }
    let peer = P::open(&asked.variant, &asked.place).await?;
    match asked.scenario.as_str() {
        "single" => single(&peer, options).await,
        "concurrent" => concurrent(&peer, options).await,
        "batch" => batch(&peer, options).await,
        "again" => again(&peer, options).await,
        "tail" => tail(&peer, options).await,
        "fill" => fill(&peer, options).await,
        "probe" => probe(&peer).await,
        "write" => write(&peer, options).await,
        "follow" => follow(&peer, options).await,
        "stored" => stored(&peer, options).await,
        scenario => Err(format!("there is no scenario `{scenario}`").into()),
    }
}

/// Prints what came of it: a line of JSON, or why there is none.
pub fn answer(result: Result<Value>) -> ExitCode {
    match result {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// One after the other, each acknowledged before the next.
async fn single<P: Peer>(peer: &P, options: &Options) -> Result<Value> {
    let payload = usual();
    let ids = make_ids(WARM_UP + usize::try_from(options.seconds)? * MOST_PER_SECOND);
    for id in &ids[..WARM_UP] {
        peer.append(P::event(*id, &payload)?).await?;
    }
    let (start, mut done) = (Instant::now(), 0);
    for id in &ids[WARM_UP..] {
        peer.append(P::event(*id, &payload)?).await?;
        done += 1;
        if start.elapsed() >= options.time() {
            break;
        }
    }
    appended(peer, done, start.elapsed(), WARM_UP + done).await
}

/// Many tasks, each of which appends singles.
async fn concurrent<P: Peer>(peer: &P, options: &Options) -> Result<Value> {
    let barrier = Arc::new(Barrier::new(options.tasks + 1));
    let each = 1 + usize::try_from(options.seconds)? * MOST_PER_SECOND / options.tasks;
    let mut tasks: JoinSet<Result<(usize, Vec<String>)>> = JoinSet::new();
    for _ in 0..options.tasks {
        let (peer, barrier, time, pile) = (peer.clone(), barrier.clone(), options.time(), make_ids(each));
        tasks.spawn(async move {
            let payload = usual();
            // Connects, and warms up.
            let first = persist(&peer, pile[0]).await;
            // Whoever failed comes here too, or the others would wait for ever.
            barrier.wait().await;
            first?;
            let (start, mut done, mut errors) = (Instant::now(), 0, Vec::new());
            for id in &pile[1..] {
                match peer.append(P::event(*id, &payload)?).await {
                    Ok(()) => done += 1,
                    Err(error) => errors.push(error.to_string()),
                }
                if start.elapsed() >= time {
                    break;
                }
            }
            Ok((done, errors))
        });
    }
    barrier.wait().await;
    let (start, mut done, mut errors) = (Instant::now(), 0, Vec::new());
    while let Some(task) = tasks.join_next().await {
        let (its, failed) = task??;
        done += its;
        errors.extend(failed);
    }
    let mut result = appended(peer, done, start.elapsed(), options.tasks + done).await?;
    result["failed"] = json!(errors.len());
    result["first_error"] = json!(errors.first());
    Ok(result)
}

/// Batches one after the other, each acknowledged before the next.
async fn batch<P: Peer>(peer: &P, options: &Options) -> Result<Value> {
    let batches: Vec<_> = (0..=options.batches).map(|_| make_ids(options.size)).collect();
    peer.append_batch(make::<P>(&batches[0])?).await?;
    let start = Instant::now();
    for ids in &batches[1..] {
        peer.append_batch(make::<P>(ids)?).await?;
    }
    let done = options.size * options.batches;
    appended(peer, done, start.elapsed(), options.size + done).await
}

/// Batches that are there already, and what the peer does about them.
async fn again<P: Peer>(peer: &P, options: &Options) -> Result<Value> {
    let batches: Vec<_> = (0..options.batches).map(|_| make_ids(options.size)).collect();
    for ids in &batches {
        peer.append_batch(make::<P>(ids)?).await?;
    }
    let (start, mut outcomes) = (Instant::now(), BTreeSet::new());
    for ids in &batches {
        outcomes.insert(outcome(peer.append_batch(make::<P>(ids)?).await));
    }
    let (elapsed, all) = (start.elapsed(), options.size * options.batches);
    let stored = peer.count().await?;
    let outcome = if stored == all {
        outcomes.into_iter().collect::<Vec<_>>().join(" / ")
    } else if stored == 2 * all {
        "stored twice".to_owned()
    } else {
        format!("{stored} stored of {all}")
    };
    Ok(json!({"value": rate(all, elapsed), "unit": "events/s", "outcome": outcome}))
}

/// Everything from the first event to the last.
async fn tail<P: Peer>(peer: &P, options: &Options) -> Result<Value> {
    let start = Instant::now();
    let count = peer.tail().await?;
    let elapsed = start.elapsed();
    if count != options.events {
        return Err(format!("the tail had {count} events instead of {}", options.events).into());
    }
    Ok(json!({"value": rate(count, elapsed), "unit": "events/s"}))
}

/// Appends what `tail` and `open` read, or gives up when that would take too long.
async fn fill<P: Peer>(peer: &P, options: &Options) -> Result<Value> {
    let (start, mut left) = (Instant::now(), options.events);
    while left > 0 {
        let size = left.min(options.size);
        peer.append_batch(make::<P>(&make_ids(size))?).await?;
        left -= size;
        if start.elapsed().as_secs() > options.limit_seconds {
            return Ok(json!({"filled": false}));
        }
    }
    Ok(json!({"filled": true}))
}

/// What the peer does about an id that it has, and what makes its appends durable.
async fn probe<P: Peer>(peer: &P) -> Result<Value> {
    let id = Uuid::now_v7();
    let other = Payload { customer: 43, items: Vec::new(), note: "other".to_owned() };
    peer.append(P::event(id, &usual())?).await?;
    let mut said = json!({"settings": peer.settings().await?});
    for (question, payload) in [("same_again", usual()), ("other_content", other)] {
        let before = peer.count().await?;
        let outcome = outcome(peer.append(P::event(id, &payload)?).await);
        said[question] = json!(if peer.count().await? == before { outcome.as_str() } else { "stored twice" });
    }
    // The id that is there already comes behind a new one.
    let most = peer.count().await? + 1;
    let outcome = outcome(peer.append_batch(make::<P>(&[Uuid::now_v7(), id])?).await);
    said["in_a_batch"] = json!(if peer.count().await? <= most { outcome.as_str() } else { "stored twice" });
    Ok(said)
}

/// Some of the writers of the question about loss; what was acknowledged goes to a file.
async fn write<P: Peer>(peer: &P, options: &Options) -> Result<Value> {
    let first = Uuid::now_v7();
    persist(peer, first).await?;
    println!("ready");
    let _ = tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await?;
    let until = Instant::now() + options.time();
    let mut tasks: JoinSet<Result<(Vec<Uuid>, Vec<String>)>> = JoinSet::new();
    for _ in 0..options.writers {
        let peer = peer.clone();
        tasks.spawn(async move {
            let (payload, mut acknowledged, mut errors) = (usual(), Vec::new(), Vec::new());
            while Instant::now() < until {
                let id = Uuid::now_v7();
                match peer.append(P::event(id, &payload)?).await {
                    Ok(()) => acknowledged.push(id),
                    Err(error) => errors.push(error.to_string()),
                }
            }
            Ok((acknowledged, errors))
        });
    }
    let (mut acknowledged, mut errors) = (vec![first], Vec::new());
    while let Some(task) = tasks.join_next().await {
        let (its, failed) = task??;
        acknowledged.extend(its);
        errors.extend(failed);
    }
    let mut file = BufWriter::new(File::create(&options.file)?);
    for id in &acknowledged {
        writeln!(file, "{id}")?;
    }
    file.flush()?;
    Ok(json!({"acknowledged": acknowledged.len(), "failed": errors.len(), "first_error": errors.first()}))
}

/// The follower of the question about loss, until its input ends; each delivery is a line `position id`.
///
/// Fails when it ends by itself: the trial must not take what it missed for skipped.
async fn follow<P: Peer>(peer: &P, options: &Options) -> Result<Value> {
    let state = Arc::new(Mutex::new((LineWriter::new(File::create(&options.file)?), 0_usize)));
    let mine = state.clone();
    let deliver: Deliver = Arc::new(move |position, id| {
        let mut state = mine.lock().expect("nobody panics with this lock");
        writeln!(state.0, "{position} {id}").expect("the file can be written");
        state.1 += 1;
    });
    let (tell, stop) = oneshot::channel();
    let told = Arc::new(AtomicBool::new(false));
    let heard = told.clone();
    // A thread that nobody waits for: the runtime would wait for one of its own, whose input ends only with the trial.
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        heard.store(true, Ordering::SeqCst);
        let _ = tell.send(());
    });
    println!("ready");
    peer.follow(deliver, stop).await.map_err(|error| format!("the follower ended: {error}"))?;
    if !told.load(Ordering::SeqCst) {
        return Err("the follower ended: nobody told it to".into());
    }
    let delivered = state.lock().expect("nobody panics with this lock").1;
    Ok(json!({"delivered": delivered}))
}

/// All that is stored, as lines `position id`.
async fn stored<P: Peer>(peer: &P, options: &Options) -> Result<Value> {
    let rows = peer.stored().await?;
    let mut file = BufWriter::new(File::create(&options.file)?);
    for (position, id) in &rows {
        writeln!(file, "{position} {id}")?;
    }
    file.flush()?;
    Ok(json!({"stored": rows.len()}))
}

/// How long it takes until a ledger is open and has answered its first question.
async fn opening<P: Peer>(asked: &Asked) -> Result<Value> {
    let mut times = Vec::new();
    for _ in 0..asked.options.times {
        let start = Instant::now();
        let peer = P::open(&asked.variant, &asked.place).await?;
        peer.head().await?;
        times.push(start.elapsed().as_secs_f64());
        peer.close().await;
    }
    times.sort_by(f64::total_cmp);
    let middle = times.get(times.len() / 2).ok_or("no time was asked for")?;
    Ok(json!({"value": middle * 1e3, "unit": "ms"}))
}

fn usual() -> Payload {
    Payload { customer: 42, items: vec!["apple".to_owned(), "pear".to_owned()], note: "x".repeat(120) }
}

/// Makes ids before the clock runs, because they are nobody's work; events are made while it runs.
fn make_ids(count: usize) -> Vec<Uuid> {
    (0..count).map(|_| Uuid::now_v7()).collect()
}

/// Makes an event of each id.
fn make<P: Peer>(ids: &[Uuid]) -> Result<Vec<P::Event>> {
    let payload = usual();
    ids.iter().map(|id| P::event(*id, &payload)).collect()
}

/// Appends an event, again and again if need be.
async fn persist<P: Peer>(peer: &P, id: Uuid) -> Result<()> {
    let payload = usual();
    for _ in 0..TRIES {
        if peer.append(P::event(id, &payload)?).await.is_ok() {
            return Ok(());
        }
    }
    Err(format!("the first append failed {TRIES} times").into())
}

fn outcome(result: Result<()>) -> String {
    match result {
        Ok(()) => "answered".to_owned(),
        Err(error) => format!("refused ({error})"),
    }
}

fn rate(count: usize, elapsed: Duration) -> f64 {
    count as f64 / elapsed.as_secs_f64()
}

/// Makes a result, after a look whether what was acknowledged is there.
async fn appended<P: Peer>(peer: &P, done: usize, elapsed: Duration, expected: usize) -> Result<Value> {
    let count = peer.count().await?;
    if count != expected {
        return Err(format!("{expected} events were acknowledged, {count} are stored").into());
    }
    Ok(json!({"value": rate(done, elapsed), "unit": "events/s"}))
}
