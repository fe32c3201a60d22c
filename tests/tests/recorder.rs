//! The recorder: what code records arrives once and in order, through ledgers that are away, restarts, and panics.

#![expect(clippy::unwrap_used, reason = "what cannot be done in a test fails it")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ledger_core::views::{Operation, Outcome};
use ledger_core::{Artifact, Error, Event, EventId, Ledger, LedgerExt, Pace, Recorder};
use ledger_testkit::engines::private_postgres;
use ledger_testkit::{all, draft};
use tests::places::file_url;

/// A ledger in a file that can be kept from being written, and a spill file beside it.
struct Bench {
    folder: tempfile::TempDir,
    told: Arc<Mutex<Vec<String>>>,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), told: Arc::default() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn ledger(&self) -> Arc<dyn Ledger> {
        backends::open(&format!("{}?timeout_ms=20", file_url(&self.path("ledger.db")))).await.unwrap()
    }

    fn pace(&self, patience_ms: u64) -> Pace {
        let told = Arc::clone(&self.told);
        let mut pace = Pace::default();
        pace.linger = Duration::from_millis(1);
        pace.patience = Duration::from_millis(patience_ms);
        pace.tell = Arc::new(move |error| told.lock().unwrap().push(error.to_string()));
        pace
    }

    async fn recorder(&self, patience_ms: u64) -> Recorder {
        Recorder::open_with(self.ledger().await, self.path("spill"), self.pace(patience_ms)).unwrap()
    }

    /// Keeps everybody else from writing until the connection is dropped.
    fn lock(&self) -> rusqlite::Connection {
        let holder = rusqlite::Connection::open(self.path("ledger.db")).unwrap();
        holder.execute_batch("BEGIN IMMEDIATE").unwrap();
        holder
    }

    async fn ids(&self) -> Vec<String> {
        all(&*self.ledger().await).await.unwrap().iter().map(|event| event.id.to_string()).collect()
    }

    fn told(&self) -> String {
        self.told.lock().unwrap().join("\n")
    }
}

fn names(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|n| format!("e-{n}")).collect()
}

fn record(recorder: &Recorder, range: std::ops::Range<u32>) {
    names(range).iter().for_each(|name| recorder.record(draft(name)).unwrap());
}

fn lines(path: &Path) -> usize {
    std::fs::read_to_string(path).unwrap_or_default().lines().count()
}

async fn events() -> (Arc<dyn Ledger>, tempfile::TempDir, Recorder) {
    let (ledger, folder) = (backends::open("memory:").await.unwrap(), tempfile::tempdir().unwrap());
    let recorder = Recorder::open(Arc::clone(&ledger), folder.path().join("spill")).unwrap();
    (ledger, folder, recorder)
}

fn operation(event: &Event) -> Operation {
    Operation::of(event).unwrap().unwrap()
}

#[tokio::test]
async fn events_wait_in_the_file_while_the_ledger_is_away_and_come_in_order_when_it_is_back() {
    let bench = Bench::new();
    let recorder = bench.recorder(50).await;
    record(&recorder, 0..3);
    recorder.flush().await.unwrap();
    let holder = bench.lock();
    record(&recorder, 3..6);
    let error = recorder.flush().await.unwrap_err();
    assert!(error.is_unavailable() && error.to_string().contains("3 events wait in"), "{error}");
    record(&recorder, 6..9);
    let error = recorder.flush().await.unwrap_err();
    assert!(error.to_string().contains("6 events wait in"), "{error}");
    assert_eq!((recorder.standing().spilled, lines(&bench.path("spill"))), (6, 6));
    drop(holder);
    record(&recorder, 9..12);
    recorder.flush().await.unwrap();
    assert_eq!(bench.ids().await, names(0..12));
    assert_eq!((recorder.standing(), lines(&bench.path("spill"))), (ledger_core::Standing::default(), 0));
    assert!(bench.told().contains("it goes on to try"), "{}", bench.told());
}

#[tokio::test]
async fn a_ledger_that_comes_back_gets_what_waits_without_being_asked() {
    let bench = Bench::new();
    let recorder = bench.recorder(10).await;
    let holder = bench.lock();
    record(&recorder, 0..5);
    recorder.flush().await.unwrap_err();
    let ledger = bench.ledger().await;
    drop(holder);
    ledger.wait(ledger_core::Offset::new(4).unwrap()).await.unwrap();
    assert_eq!(bench.ids().await, names(0..5));
}

#[test]
fn what_a_program_could_not_deliver_is_delivered_by_its_next_start() {
    let bench = Bench::new();
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let first = runtime();
    let recorder = first.block_on(bench.recorder(60_000));
    let holder = first.block_on(async { bench.lock() });
    record(&recorder, 0..4);
    // It ends while its writer still hopes for the ledger.
    drop(first);
    assert_eq!(lines(&bench.path("spill")), 4, "what was in memory is in no file");
    record(&recorder, 4..6);
    assert_eq!((lines(&bench.path("spill")), recorder.standing().spilled), (6, 6));
    let second = runtime();
    assert!(second.block_on(recorder.flush()).unwrap_err().to_string().contains("6 events wait in"));
    drop((recorder, holder));
    // The process died while it wrote a line.
    let mut torn = std::fs::OpenOptions::new().append(true).open(bench.path("spill")).unwrap();
    std::io::Write::write_all(&mut torn, b"{\"id\":\"e-6\",\"ki").unwrap();
    let recorder = second.block_on(bench.recorder(1_000));
    let told = second.block_on(recorder.flush()).unwrap_err().to_string();
    assert!(told.contains("was refused") && told.contains("spill.refused"), "{told}");
    second.block_on(recorder.flush()).unwrap();
    assert_eq!(second.block_on(bench.ids()), names(0..6));
    assert_eq!((lines(&bench.path("spill")), lines(&bench.path("spill.refused"))), (0, 1));
    assert_eq!(recorder.standing().refused, 1);
}

#[tokio::test]
async fn an_event_that_the_ledger_refuses_is_kept_and_takes_no_other_along() {
    let bench = Bench::new();
    let recorder = bench.recorder(1_000).await;
    bench.ledger().await.append_one(draft("e-7")).await.unwrap();
    let other = draft("e-7").actor("somebody else").unwrap();
    record(&recorder, 0..5);
    recorder.record(other).unwrap();
    record(&recorder, 8..10);
    let error = recorder.flush().await.unwrap_err().to_string();
    assert!(error.contains("`e-7` is already at offset 1"), "{error}");
    assert_eq!(bench.ids().await.len(), 8);
    assert_eq!((lines(&bench.path("spill.refused")), recorder.standing().refused), (1, 1));
    recorder.flush().await.unwrap();
    assert_eq!(bench.told().matches("was refused").count(), 1, "{}", bench.told());
}

#[tokio::test]
async fn memory_that_is_full_is_put_into_the_file_while_the_ledger_is_awaited() {
    let bench = Bench::new();
    let recorder = bench.recorder(3_600_000).await;
    let holder = bench.lock();
    for turn in 0..60 {
        record(&recorder, turn * 1_000..(turn + 1) * 1_000);
        tokio::task::yield_now().await;
    }
    while recorder.standing().spilled < 40_000 {
        tokio::task::yield_now().await;
    }
    drop(holder);
    recorder.flush().await.unwrap();
    assert_eq!(bench.ids().await, names(0..60_000));
    assert_eq!(lines(&bench.path("spill")), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_flush_is_answered_though_another_is_given_up_and_whoever_is_told_panics() {
    let bench = Bench::new();
    let mut pace = bench.pace(1);
    pace.tell = Arc::new(|error| panic!("{error}"));
    let recorder = Recorder::open_with(bench.ledger().await, bench.path("spill"), pace).unwrap();
    let holder = bench.lock();
    record(&recorder, 0..10);
    // The first is given up before it is answered.
    drop(futures::poll!(std::pin::pin!(recorder.flush())));
    let (one, other) = tokio::join!(recorder.flush(), recorder.flush());
    assert!(one.unwrap_err().is_unavailable() && other.unwrap_err().is_unavailable());
    drop(holder);
    let (one, other) = tokio::join!(recorder.flush(), recorder.flush());
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(bench.ids().await, names(0..10));
    recorder.record(draft("e-1").run("other").unwrap()).unwrap();
    assert!(recorder.flush().await.unwrap_err().to_string().contains("`e-1`"));
    recorder.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flush_waits_for_what_came_before_it_and_not_for_those_who_go_on() {
    let bench = Bench::new();
    let recorder = bench.recorder(1_000).await;
    let endless = recorder.clone();
    let writer = tokio::spawn(async move {
        for n in 0.. {
            endless.record(draft(&format!("e-{n}"))).unwrap();
            tokio::task::yield_now().await;
        }
    });
    for _ in 0..10 {
        tokio::time::timeout(Duration::from_secs(20), recorder.flush()).await.expect("it never returns").unwrap();
    }
    writer.abort();
}

#[test]
fn what_is_recorded_while_the_runtime_ends_is_somewhere() {
    let bench = Bench::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let recorder = runtime.block_on(bench.recorder(1_000));
    let (go, started) = std::sync::mpsc::channel();
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let (recorder, go) = (recorder.clone(), go.clone());
            std::thread::spawn(move || {
                for n in 0..400 {
                    recorder.record(draft(&format!("t-{thread}-{n}"))).unwrap();
                    if n == 100 {
                        go.send(()).unwrap();
                    }
                }
            })
        })
        .collect();
    (0..4).for_each(|_| started.recv().unwrap());
    drop(runtime);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(recorder.standing().lost, 0);
    drop(recorder);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let recorder = runtime.block_on(bench.recorder(1_000));
    runtime.block_on(recorder.close()).unwrap();
    let ids: std::collections::HashSet<_> = runtime.block_on(bench.ids()).into_iter().collect();
    assert_eq!(ids.len(), 1_600);
}

#[tokio::test]
async fn a_file_that_holds_something_else_is_left_alone() {
    let bench = Bench::new();
    drop(bench.ledger().await);
    let path = bench.path("ledger.db");
    let before = std::fs::read(&path).unwrap();
    let error = Recorder::open(bench.ledger().await, &path).unwrap_err().to_string();
    assert!(error.contains("ledger.db` holds something else"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_recorder_that_is_closed_leaves_its_file_to_the_next() {
    let bench = Bench::new();
    for n in 0..3 {
        let recorder = bench.recorder(1_000).await;
        record(&recorder, n..n + 1);
        recorder.close().await.unwrap();
    }
    assert_eq!(bench.ids().await, names(0..3));
}

#[tokio::test]
async fn a_spill_file_has_one_recorder_and_has_to_be_writable() {
    let bench = Bench::new();
    let _first = bench.recorder(10).await;
    let error = Recorder::open(bench.ledger().await, bench.path("spill")).unwrap_err().to_string();
    assert!(error.contains("another recorder's"), "{error}");
    let error = Recorder::open(bench.ledger().await, bench.path("none/spill")).unwrap_err().to_string();
    assert!(error.contains("none/spill` cannot be opened"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorder_outlives_crashes_of_the_server() {
    let server = private_postgres().await.unwrap_or_else(|error| panic!("{error}"));
    let url = format!("{}?schema=ledger", server.fresh_database().await.unwrap());
    let (bench, ledger) = (Bench::new(), backends::open(&url).await.unwrap());
    let recorder = Recorder::open_with(ledger, bench.path("spill"), bench.pace(100)).unwrap();
    for turn in 0..4 {
        record(&recorder, turn * 500..turn * 500 + 250);
        server.restart().await.unwrap();
        record(&recorder, turn * 500 + 250..(turn + 1) * 500);
    }
    while recorder.flush().await.is_err() {}
    let ledger = backends::open(&url).await.unwrap();
    let ids: Vec<_> = all(&*ledger).await.unwrap().iter().map(|event| event.id.to_string()).collect();
    assert_eq!(ids, names(0..2_000));
}

/// Everything that 64 tasks do is in the log, though the server crashes again and again meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_many_tasks_is_logged_while_the_server_crashes() {
    const TASKS: usize = 64;
    let server = private_postgres().await.unwrap_or_else(|error| panic!("{error}"));
    let url = format!("{}?schema=ledger", server.fresh_database().await.unwrap());
    let (bench, ledger) = (Bench::new(), backends::open(&url).await.unwrap());
    let recorder = Recorder::open_with(ledger, bench.path("spill"), bench.pace(100)).unwrap();
    let crashed = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let tasks = (0..TASKS).map(|task| {
        let (recorder, crashed) = (recorder.clone(), Arc::clone(&crashed));
        tokio::spawn(async move {
            let mut done = 0_u64;
            // All of them work before, while and after the server is away.
            while done < 50 || !crashed.load(std::sync::atomic::Ordering::Relaxed) {
                let operation = recorder.operation(format!("command-{task}")).output("t");
                let operation = operation.with(|operation| Ok(operation.project("p").table("orders")));
                match done % 3 {
                    0 => drop(operation.fail("it had to fail").unwrap()),
                    1 => operation.run(async { Ok::<_, String>(()) }).await.unwrap(),
                    _ => drop(operation.finish().unwrap()),
                }
                done += 1;
                // Whether it arrived or the server is away: both are what goes on here.
                let _ = recorder.flush().await;
            }
            done
        })
    });
    let tasks: Vec<_> = tasks.collect();
    for _ in 0..3 {
        server.restart().await.unwrap();
    }
    crashed.store(true, std::sync::atomic::Ordering::Relaxed);
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await.unwrap());
    }
    while recorder.flush().await.is_err() {}
    assert_eq!((recorder.standing().lost, recorder.standing().refused), (0, 0));
    let ledger = backends::open(&url).await.unwrap();
    let everything = ledger_core::operations::Selection { project: Some("p".to_owned()), ..Default::default() };
    let log = ledger_core::operations::log(&*ledger, &everything).await.unwrap();
    let period = ledger_core::views::operations::Period::ALL;
    let stats = log.stats(period, &ledger_core::views::operations::Slice::default(), 0);
    assert_eq!(stats.total, done.iter().sum::<u64>());
    assert_eq!(stats.failed, done.iter().map(|done| done.div_ceil(3)).sum::<u64>());
    for (task, done) in done.into_iter().enumerate() {
        let name = format!("command-{task}");
        assert_eq!(stats.by_command.iter().find(|command| command.command == name).map(|of| of.count), Some(done));
    }
}

fn fails_badly(at: u8) -> Result<(), String> {
    panic!("at {at}")
}

#[tokio::test]
async fn an_operation_is_recorded_however_it_ends() {
    let (ledger, _folder, recorder) = events().await;
    let recorder = recorder.run("r-1").unwrap().actor("loader").unwrap().job("j-1").unwrap().task("t", 2).unwrap();
    let (raw, text) = (Artifact::new("raw").unwrap(), "SELECT 1");
    let concat = recorder.operation("concat").input("source_0", &raw).input("n", 2).output("t_1").sql(text);
    let id = concat.finish().unwrap();
    recorder.operation("load").fail("no such file").unwrap();
    recorder.operation("scan").time_out("after 5 s").unwrap();
    drop(recorder.operation("forgotten").start());
    let outcome: Result<u8, Error> = recorder.operation("good").run(async { Ok(1) }).await;
    assert_eq!(outcome.unwrap(), 1);
    recorder.operation("bad").run(async { Err::<(), _>("disk full") }).await.unwrap_err();
    let task = tokio::spawn(recorder.operation("broken").run(async { fails_badly(7) }));
    assert!(task.await.unwrap_err().is_panic(), "the panic does not go on");
    let guarded = recorder.clone();
    let task = tokio::spawn(async move {
        let _guard = guarded.operation("guarded");
        panic!("without a word to the guard");
    });
    assert!(task.await.unwrap_err().is_panic());
    let nobody_waits = recorder.operation("endless").run(std::future::pending::<Result<(), &str>>());
    assert!(tokio::time::timeout(Duration::from_millis(1), nobody_waits).await.is_err());
    recorder.flush().await.unwrap();

    let events = all(&*ledger).await.unwrap();
    let ended: Vec<_> = events.iter().filter(|event| event.kind.as_str() == Operation::FINISHED).collect();
    let found: Vec<_> = ended.iter().map(|event| operation(event)).collect();
    let found: Vec<_> =
        found.iter().map(|op| (op.name.as_str(), op.status.unwrap(), op.error.as_deref().unwrap_or(""))).collect();
    assert_eq!(
        found,
        [
            ("concat", Outcome::Success, ""),
            ("load", Outcome::Error, "no such file"),
            ("scan", Outcome::Timeout, "after 5 s"),
            ("forgotten", Outcome::Error, "abandoned"),
            ("good", Outcome::Success, ""),
            ("bad", Outcome::Error, "disk full"),
            ("broken", Outcome::Error, "panicked: at 7"),
            ("guarded", Outcome::Error, "panicked"),
            ("endless", Outcome::Error, "abandoned"),
        ]
    );
    let first = operation(&events[0]);
    assert_eq!((&first.id, first.sql.as_deref(), first.attempt), (&id, Some(text), Some(2)));
    let tags: Vec<_> = events[0].tags().iter().map(ledger_core::Tag::as_str).collect();
    assert_eq!(tags, ["command:concat", "job:j-1", "reads:raw", "task:t", "writes:t_1"]);
    assert!(events.iter().all(|event| (event.run_id.as_str(), event.actor.as_str()) == ("r-1", "loader")));
    let started: Vec<_> = events.iter().filter(|event| event.kind.as_str() == Operation::STARTED).collect();
    assert_eq!(started.len(), 5, "`start` and `run` record a start, and nothing else does");
    let scan = ended.iter().find(|event| operation(event).name == "forgotten").unwrap();
    assert_eq!(scan.parents.as_slice(), std::slice::from_ref(&started[0].id), "an end names its start");
}

#[tokio::test]
async fn scopes_tell_what_is_a_part_of_what() {
    let (ledger, _folder, recorder) = events().await;
    assert!(!Recorder::current().is_recording());
    Recorder::current().operation("nowhere").finish().unwrap();
    recorder
        .clone()
        .scope(async {
            let outer = Recorder::current().operation("outer");
            let work = async {
                Recorder::current().operation("inner").finish()?;
                let spawned = async { Recorder::current().operation("spawned").finish() };
                tokio::spawn(Recorder::current().scope(spawned)).await.expect("it does not panic")?;
                let here = Recorder::current();
                let threaded = move || here.scope_sync(|| Recorder::current().operation("threaded").finish());
                tokio::task::spawn_blocking(threaded).await.expect("it does not panic")?;
                Recorder::current().record(draft("plain"))
            };
            outer.run(work).await
        })
        .await
        .unwrap();
    recorder.flush().await.unwrap();
    let events = all(&*ledger).await.unwrap();
    let start = &events[0];
    assert_eq!((start.kind.as_str(), start.parents.len()), (Operation::STARTED, 0));
    let outer: EventId = operation(start).id;
    assert_eq!(events.len(), 6, "what is outside of any scope was recorded somewhere");
    for event in &events[1..] {
        assert_eq!(event.parents.as_slice(), std::slice::from_ref(&start.id), "`{}` names another cause", event.kind);
    }
    assert_eq!(events[5].id, outer);
}

#[tokio::test]
async fn what_is_wrong_with_an_operation_is_said_where_it_ends() {
    let (ledger, folder, recorder) = events().await;
    let twice = |recorder: &Recorder| recorder.operation("concat").input("n", 1).input("n", 2);
    let error = twice(&recorder).finish().unwrap_err().to_string();
    assert!(error.contains("two inputs named `n`"), "{error}");
    assert!(recorder.operation(" ").finish().is_err());
    recorder.flush().await.unwrap();
    // Nobody is there to take the error, so the next flush says it.
    let outcome: Result<u8, Error> = twice(&recorder).run(async { Ok(1) }).await;
    assert_eq!((outcome.unwrap(), recorder.standing().lost), (1, 1), "the work itself has to go on");
    let error = recorder.flush().await.unwrap_err().to_string();
    assert!(error.contains("two inputs named `n`"), "{error}");
    recorder.flush().await.unwrap();
    assert!(all(&*ledger).await.unwrap().is_empty());
    assert!(!folder.path().join("spill.refused").exists());
    let wrong = recorder.operation("sum").output("t").column("total", ["u.price"]).start();
    let id = wrong.finish().unwrap();
    assert!(recorder.flush().await.unwrap_err().to_string().contains("`u.price`"));
    let ended = all(&*ledger).await.unwrap().into_iter().find(|event| event.id == id).expect("its end is recorded");
    assert!(operation(&ended).columns.is_empty() && operation(&ended).succeeded());
}

#[tokio::test]
async fn a_recorder_that_is_dropped_delivers_what_it_has() {
    let (ledger, _folder, recorder) = events().await;
    record(&recorder, 0..2_500);
    drop(recorder);
    ledger.wait(ledger_core::Offset::new(2_499).unwrap()).await.unwrap();
    let ids: Vec<_> = all(&*ledger).await.unwrap().iter().map(|event| event.id.to_string()).collect();
    assert_eq!(ids, names(0..2_500));
}

#[tracing::instrument(fields(reads.source = %source, writes), err)]
fn load(source: &str, limit: u64) -> Result<(), String> {
    tracing::Span::current().record("writes", format!("lake/{source}"));
    let _inner = tracing::info_span!("check", sql = "SELECT 1", exact = true, share = 0.5).entered();
    let _not_worth_it = tracing::debug_span!("detail").entered();
    if limit == 0 { Err("nothing to load".to_owned()) } else { Ok(()) }
}

#[tokio::test]
async fn spans_are_recorded_as_operations_and_their_fields_as_inputs_and_outputs() {
    use tracing_subscriber::layer::SubscriberExt;
    let (ledger, _folder, recorder) = events().await;
    let layer = ledger_core::RecorderLayer::new(recorder.job("j-1").unwrap());
    let subscriber = tracing_subscriber::registry().with(layer);
    let panicked = tracing::subscriber::with_default(subscriber, || {
        load("orders", 7).unwrap();
        load("nothing", 0).unwrap_err();
        let job = recorder.job("j-2").unwrap();
        job.scope_sync(|| drop(tracing::info_span!("elsewhere", task = "t", attempt = 2_u64)));
        std::panic::catch_unwind(|| {
            let _span = tracing::info_span!("broken").entered();
            fails_badly(1)
        })
    });
    assert!(panicked.is_err());
    recorder.flush().await.unwrap();
    let events = all(&*ledger).await.unwrap();
    let ended: Vec<_> = events.iter().filter(|event| event.kind.as_str() == Operation::FINISHED).collect();
    let names: Vec<_> = ended.iter().map(|event| operation(event).name).collect();
    assert_eq!(names, ["check", "load", "check", "load", "elsewhere", "broken"]);
    assert_eq!(events.len(), 12, "each span has a start and an end, and what is not worth it has neither");
    let (check, load) = (operation(ended[0]), operation(ended[1]));
    let inputs = serde_json::to_string(&check.inputs).unwrap();
    assert_eq!(inputs, r#"{"exact":{"value":true},"share":{"value":0.5}}"#);
    assert_eq!((check.sql.as_deref(), load.status), (Some("SELECT 1"), Some(Outcome::Success)));
    let tags: Vec<_> = ended[1].tags().iter().map(ledger_core::Tag::as_str).collect();
    assert_eq!(tags, ["command:load", "job:j-1", "reads:orders", "writes:lake/orders"]);
    assert_eq!(
        events[1].parents.as_slice(),
        std::slice::from_ref(&events[0].id),
        "the inner span's start names the outer's"
    );
    let failed = operation(ended[3]);
    assert_eq!((failed.status, failed.error.as_deref()), (Some(Outcome::Error), Some("nothing to load")));
    let elsewhere = operation(ended[4]);
    assert_eq!((elsewhere.job.unwrap().as_str(), elsewhere.attempt), ("j-2", Some(2)));
    assert_eq!(operation(ended[5]).error.as_deref(), Some("panicked"));
    assert_eq!(recorder.standing().lost, 0);
}

#[tokio::test]
async fn a_field_counts_as_it_was_last_and_one_that_is_wrong_is_left_out_and_told() {
    use tracing_subscriber::layer::SubscriberExt;
    let (ledger, _folder, recorder) = events().await;
    let layer = || ledger_core::RecorderLayer::new(recorder.clone());
    let subscriber = tracing_subscriber::registry().with(layer()).with(layer());
    tracing::subscriber::with_default(subscriber, || {
        let span = tracing::info_span!("load", writes = "tmp", reads.bad = "", text = "x".repeat(10_000));
        span.record("writes", "lake/orders");
        let outer = tracing::info_span!("request").entered();
        recorder.job("inner").unwrap().scope_sync(|| drop(tracing::info_span!("in_scope")));
        drop(outer);
    });
    let told = recorder.flush().await.unwrap_err().to_string();
    assert!(told.contains("artifact"), "{told}");
    let events = all(&*ledger).await.unwrap();
    let ended: Vec<_> =
        events.iter().filter(|event| event.kind.as_str() == Operation::FINISHED).map(operation).collect();
    let names: Vec<_> = ended.iter().map(|operation| operation.name.as_str()).collect();
    assert_eq!(names, ["in_scope", "request", "load"], "a second layer records it again");
    assert_eq!(ended[2].outputs, [Artifact::new("lake/orders").unwrap()]);
    assert!(events.last().unwrap().payload.as_str().len() < 5_000);
    assert_eq!(ended[0].job.as_ref().map(ledger_core::Job::as_str), Some("inner"), "the scope is nearer than the span");
    assert_eq!(
        events[2].parents.as_slice(),
        std::slice::from_ref(&events[1].id),
        "what is in a span names it also from a scope within"
    );
}
