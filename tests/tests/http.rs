//! A ledger behind a server, reached over HTTP: the laws hold there too, and what a network does is no loss.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt, TryStreamExt};
use ledger_core::{Condition, Draft, Error, Ledger, LedgerExt, Offset, Query, verify};
use ledger_server::{Auth, Options, Server};
use ledger_testkit::{Place, all, draft};
use tests::load::Load;
use tests::places::{HttpPostgres, HttpSqlite, ServedPlace, UrlPlace};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

ledger_testkit::laws!(sqlite, HttpSqlite);
ledger_testkit::laws!(postgres, HttpPostgres);

/// Opens, and demands a refusal that shows the token neither in its text nor in its causes.
async fn refused(url: &str) -> Error {
    let error = match backends::open(url).await {
        Ok(ledger) => panic!("it was opened: {ledger:?}"),
        Err(error) => error,
    };
    let mut shown = format!("{error} {error:?} {error:#?}");
    let mut cause = std::error::Error::source(&error);
    while let Some(next) = cause {
        shown.push_str(&format!(" {next} {next:?}"));
        cause = next.source();
    }
    assert!(!shown.contains("s3cret"), "the token is shown: {shown}");
    error
}

async fn opened(url: &str) -> Arc<dyn Ledger> {
    backends::open(url).await.unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test]
async fn a_token_that_is_wrong_or_missing_is_told_and_never_shown() {
    let options = Options::with(Auth::token("the-right-s3cret"));
    let place = ServedPlace::new(UrlPlace::sqlite(), options).await;
    let with = |token: &str| place.url.replace("http://", &format!("http://:{token}@"));
    let error = refused(&with("a-wrong-s3cret")).await;
    assert!(matches!(&error, Error::Denied { why, .. } if why.contains("does not know the token")), "{error:?}");
    let error = refused(&place.url).await;
    assert!(matches!(&error, Error::Denied { why, .. } if why.contains("LEDGER_API_TOKEN")), "{error:?}");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "the-right-s3cret\n").unwrap();
    let in_file = format!("{}&token_file={}", place.url, file.display());
    for url in [with("the-right-s3cret"), with("somebody:the-right-s3cret").replace("://:", "://"), in_file] {
        let ledger = opened(&url).await;
        assert!(!format!("{ledger:?}").contains("s3cret"), "the token is shown: {ledger:?}");
        ledger.append_one(draft("a")).await.unwrap();
    }
    let missing = format!("{}&token_file={}-missing", place.url, file.display());
    assert!(refused(&missing).await.to_string().contains("-missing"));
}

#[tokio::test]
async fn a_server_that_is_not_there_or_says_nothing_is_unavailable_within_the_time_out() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (_silent, address) = listening(anywhere()).await;
    for address in [closed, address] {
        let start = Instant::now();
        let error = refused(&format!("http://:s3cret@{address}?timeout_ms=1500")).await;
        assert!(error.is_unavailable() && error.to_string().contains(&address.to_string()), "{error:?}");
        assert!(start.elapsed() < Duration::from_secs(6), "it took {:?}", start.elapsed());
    }
}

/// Listens at an address. Returns the one that it came to, too.
async fn listening(address: SocketAddr) -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(address).await.expect("the port is free");
    let address = listener.local_addr().expect("a bound socket has an address");
    (listener, address)
}

fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// Reads the head of a request.
async fn head_of(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    while !read.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut piece = [0; 1_024];
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => break,
            Ok(count) => read.extend_from_slice(&piece[..count]),
        }
    }
    String::from_utf8_lossy(&read).into_owned()
}

/// Starts something that gives every request the same answer.
async fn saying(answer: &'static str) -> SocketAddr {
    let (listener, address) = listening(anywhere()).await;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            head_of(&mut stream).await;
            // Whoever does not listen any more has heard enough.
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    address
}

#[tokio::test]
async fn what_is_no_ledger_server_is_told_from_one_that_is_away() {
    for (answer, says) in [
        ("HTTP/1.1 404 Not Found\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nno", "answered 404"),
        ("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nhi", "answered 200"),
        ("HTTP/1.1 308 Moved\r\nlocation: https://there/\r\ncontent-length: 0\r\n\r\n", "https://there/"),
        ("SSH-2.0-OpenSSH_9.9\r\n", "does not speak HTTP"),
    ] {
        let error = refused(&format!("http://:s3cret@{}?timeout_ms=2000", saying(answer).await)).await;
        assert!(matches!(&error, Error::NotALedger { why, .. } if why.contains(says)), "{says}: {error:?}");
    }
    let away = "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n";
    let error = refused(&format!("http://:s3cret@{}?timeout_ms=300", saying(away).await)).await;
    assert!(error.is_unavailable() && error.to_string().contains("502"), "{error:?}");
}

/// Starts a server that says what it keeps, and breaks the connection at every other request, which it counts.
async fn breaking() -> (SocketAddr, Arc<AtomicUsize>) {
    const ABOUT: &str = r#"{"backend":"sqlite","identity":"sqlite:1:2","head":0}"#;
    let (listener, address) = listening(anywhere()).await;
    let broken = Arc::new(AtomicUsize::new(0));
    let count = broken.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            if !head_of(&mut stream).await.starts_with("GET /api/v1/ledger ") {
                count.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let (kind, length) = ("application/json", ABOUT.len());
            let head = format!("content-type: {kind}\r\ncontent-length: {length}\r\nconnection: close");
            let answer = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{ABOUT}");
            stream.write_all(answer.as_bytes()).await.expect("somebody waits for it");
        }
    });
    (address, broken)
}

#[tokio::test]
async fn an_append_whose_answer_is_lost_is_sent_again_and_a_removal_is_not() {
    let (address, broken) = breaking().await;
    let ledger = opened(&format!("http://{address}?timeout_ms=500")).await;
    assert!(ledger.prune(&Query::all()).await.unwrap_err().is_unavailable());
    assert!(ledger.erase(&["1".parse().unwrap()]).await.unwrap_err().is_unavailable());
    assert_eq!(broken.load(Ordering::Relaxed), 2, "what may have removed something was asked again");
    assert!(ledger.append_one(draft("a")).await.unwrap_err().is_unavailable());
    assert!(broken.load(Ordering::Relaxed) > 4, "an append was given up after one try");
}

/// Carries all that comes to a server, and loses the next answer whenever it is told to.
async fn losing(server: SocketAddr) -> (SocketAddr, Arc<AtomicBool>) {
    let (listener, address) = listening(anywhere()).await;
    let told = Arc::new(AtomicBool::new(false));
    let lose = told.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(server).await.expect("the server is there");
            tokio::spawn(through_or_lost(client, server, lose.clone()));
        }
    });
    (address, told)
}

async fn through_or_lost(mut client: TcpStream, mut server: TcpStream, lose: Arc<AtomicBool>) -> std::io::Result<()> {
    let (mut asks, mut asked) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    loop {
        tokio::select! {
            read = client.read(&mut asks) => match read? {
                0 => return Ok(()),
                read => server.write_all(&asks[..read]).await?,
            },
            read = server.read(&mut asked) => match read? {
                0 => return Ok(()),
                // What was asked has been done: nobody hears of it.
                _ if lose.swap(false, Ordering::Relaxed) => return Ok(()),
                read => client.write_all(&asked[..read]).await?,
            },
        }
    }
}

#[tokio::test]
async fn what_was_done_and_whose_answer_was_lost_is_done_once() {
    let place = ServedPlace::new(UrlPlace::sqlite(), Options::default()).await;
    let server = place.url.trim_start_matches("http://").split('?').next().unwrap().parse().unwrap();
    let (address, lose) = losing(server).await;
    let ledger = opened(&format!("http://{address}?timeout_ms=5000")).await;
    let offset = |n: u64| n.to_string().parse().unwrap();
    let batch = [draft("a"), draft("b")];
    // Its own events are what came after, and no reason to refuse it when it is sent again.
    let condition = Condition::none_after(Query::all(), Offset::START);
    lose.store(true, Ordering::Relaxed);
    let receipts = ledger.append(&batch, &condition).await.unwrap();
    assert!(!lose.load(Ordering::Relaxed), "no answer was lost");
    assert_eq!(receipts.iter().map(|receipt| receipt.offset).collect::<Vec<_>>(), [offset(1), offset(2)]);
    lose.store(true, Ordering::Relaxed);
    assert_eq!(ledger.append_one(draft("c")).await.unwrap().offset, offset(3));
    // Others who come too late are told, whether or not they hear it at once.
    lose.store(true, Ordering::Relaxed);
    let late = ledger.append(&[draft("d")], &condition).await;
    assert!(matches!(late, Err(Error::ConditionFailed { offset: at, .. }) if at == offset(1)), "{late:?}");
    let other = Draft::new("other.kind", &1).unwrap().id("c").unwrap();
    lose.store(true, Ordering::Relaxed);
    let conflict = ledger.append_one(other).await;
    assert!(matches!(conflict, Err(Error::IdConflict { offset: at, .. }) if at == offset(3)), "{conflict:?}");
    assert_eq!(all(&place.behind.open_url().await).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_copy_onto_what_the_server_keeps_is_refused_and_touches_nothing() {
    let place = ServedPlace::new(UrlPlace::sqlite(), Options::default()).await;
    let ledger = opened(&place.url).await;
    ledger.append(&[draft("a"), draft("b"), draft("c")], &Condition::None).await.unwrap();
    let before = verify(&ledger, |_, _| ()).await.unwrap();
    for target in [&place.behind.url, &place.url] {
        let outcome = backends::snapshot_to(&*ledger, target, &mut |_| ()).await;
        assert!(matches!(outcome, Err(Error::SameLedger)), "{outcome:?}");
    }
    let behind = place.behind.open_url().await;
    let outcome = backends::snapshot_to(&*behind, &place.url, &mut |_| ()).await;
    assert!(matches!(outcome, Err(Error::SameLedger)), "{outcome:?}");
    assert_eq!(verify(&behind, |_, _| ()).await.unwrap(), before);

    let (file, server) = (UrlPlace::sqlite(), ServedPlace::new(UrlPlace::sqlite(), Options::default()).await);
    for target in [&file.url, &server.url] {
        let copied = backends::snapshot_to(&*ledger, target, &mut |_| ()).await.unwrap();
        assert_eq!((copied.count, copied.digest), (3, before.digest), "{target}");
    }
    assert_eq!(verify(&opened(&server.url).await, |_, _| ()).await.unwrap(), before);
}

#[tokio::test]
async fn a_ledger_that_is_open_to_read_is_not_written_on_either_side() {
    let place = ServedPlace::new(UrlPlace::sqlite(), Options::default()).await;
    opened(&place.url).await.append_one(draft("a")).await.unwrap();
    let mut reading = UrlPlace::sqlite();
    reading.url = format!("{}?mode=ro", place.behind.url);
    let served = ServedPlace::new(reading, Options::default()).await;
    for url in [format!("{}&mode=ro", place.url), served.url.clone()] {
        let ledger = opened(&url).await;
        for (what, outcome) in [
            ("append", ledger.append(&[draft("b")], &Condition::None).await.map(|_| ())),
            ("prune", ledger.prune(&Query::all()).await.map(|_| ())),
            ("erase", ledger.erase(&["1".parse().unwrap()]).await.map(|_| ())),
            ("restore", ledger.restore(&[], "9".parse().unwrap()).await),
        ] {
            assert!(matches!(outcome, Err(Error::ReadOnly { action }) if action == what), "{what}: {outcome:?}");
        }
        assert_eq!(all(&ledger).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_tables_behind_a_server_are_not_migrated_from_afar() {
    let place = ServedPlace::new(UrlPlace::sqlite(), Options::default()).await;
    for outcome in [backends::migrations(&place.url).await, backends::migrate(&place.url).await] {
        let error = outcome.unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }) && error.to_string().contains("ledger migrate"), "{error}");
    }
}

/// A server with threads of its own behind a way of its own, and both can be cut off at once.
struct Killable {
    ledger: String,
    address: SocketAddr,
    way: JoinHandle<()>,
    runtime: Option<Runtime>,
}

impl Killable {
    async fn start(ledger: &str, address: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("the system has threads to give");
        let (tell, told) = oneshot::channel();
        let url = ledger.to_owned();
        runtime.spawn(async move {
            let ledger = opened(&url).await;
            let (listener, address) = listening(anywhere()).await;
            tell.send(address).expect("somebody waits for it");
            Server::new(ledger, Options::default()).serve(listener, std::future::pending()).await
        });
        let server = told.await.expect("the server starts");
        let (listener, address) = listening(address).await;
        let way = tokio::spawn(carry(listener, server));
        Self { ledger: ledger.to_owned(), address, way, runtime: Some(runtime) }
    }

    /// The way first: what a server says whose threads are being ended, no dead one would.
    async fn kill(&mut self) {
        self.way.abort();
        assert!((&mut self.way).await.is_err_and(|error| error.is_cancelled()), "the way ended before");
        let runtime = self.runtime.take().expect("it was not killed yet");
        // Where it may wait for its threads to end.
        let killed = tokio::task::spawn_blocking(move || runtime.shutdown_timeout(Duration::from_secs(10)));
        killed.await.expect("a runtime ends without a panic");
    }

    async fn start_again(&mut self) {
        *self = Self::start(&self.ledger, self.address).await;
    }
}

impl Drop for Killable {
    fn drop(&mut self) {
        self.way.abort();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Carries all that comes to a server. All of it is one task, so that all of it ends at once.
async fn carry(listener: TcpListener, server: SocketAddr) {
    let mut ways: FuturesUnordered<BoxFuture<'static, ()>> = FuturesUnordered::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => ways.extend(accepted.map(|(client, _)| through(client, server).boxed())),
            Some(()) = ways.next() => {}
        }
    }
}

async fn through(mut client: TcpStream, server: SocketAddr) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    // Whoever broke it knows.
    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_under_load_and_comes_back_loses_and_doubles_nothing() {
    let place = UrlPlace::sqlite();
    let mut server = Killable::start(&place.url, anywhere()).await;
    let url = format!("http://{}", server.address);
    let handles = [opened(&url).await, opened(&url).await];
    let load = Load::start(&handles, 8);
    for _ in 0..5 {
        load.more(60).await;
        server.kill().await;
        server.start_again().await;
    }
    load.more(60).await;
    let count = load.finish(&handles[0]).await.unwrap();
    println!("{count} events over 5 deaths");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_gets_what_was_recorded_while_the_server_was_away() {
    let place = UrlPlace::sqlite();
    let mut server = Killable::start(&place.url, anywhere()).await;
    let (ledger, behind) =
        (opened(&format!("http://{}?timeout_ms=500&poll_ms=60000", server.address)).await, place.open_url().await);
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let follower = tokio::spawn(async move {
        let mut events = ledger.follow(Query::all());
        while let Some(event) = events.try_next().await.unwrap() {
            heard.send(event.offset.get()).unwrap();
        }
    });
    let mut next =
        async || tokio::time::timeout(Duration::from_secs(20), hears.recv()).await.expect("it goes on").unwrap();
    for round in 0..3 {
        for n in 0..10 {
            behind.append_one(draft(&format!("{round}-{n}"))).await.unwrap();
        }
        if round == 0 {
            server.kill().await;
        }
        if round == 1 {
            // Longer than one try, so that the follower has met the closed port.
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            server.start_again().await;
        }
    }
    for expected in 1..=30 {
        assert_eq!(next().await, expected);
    }
    // Nothing but a signal over a new connection tells of this one soon.
    behind.append_one(draft("last")).await.unwrap();
    assert_eq!(next().await, 31);
    follower.abort();
}

/// A page is asked for ahead, while one is looked at.
#[tokio::test]
async fn who_appends_while_reading_needs_one_connection() {
    let place = ServedPlace::new(UrlPlace::sqlite(), Options::default()).await;
    let ledger = opened(&place.url.replace("pool=4", "pool=1")).await;
    let drafts: Vec<_> = (0..40).map(|n| draft(&format!("e-{n}"))).collect();
    ledger.append(&drafts, &Condition::None).await.unwrap();
    let reading = async {
        let mut events = ledger.tail(Query::all().up_to("40".parse().unwrap()).limit(2).unwrap());
        let mut seen = 0;
        while let Some(event) = events.try_next().await.unwrap() {
            ledger.append_one(draft(&format!("after-{}", event.offset))).await.unwrap();
            seen += 1;
        }
        seen
    };
    assert_eq!(tokio::time::timeout(Duration::from_secs(60), reading).await.expect("it goes on"), 40);
}

/// Somebody has to be told when the server he waits for does not let him in any more, or is gone for good.
#[tokio::test]
async fn a_wait_for_a_server_that_is_gone_ends() {
    let place = ServedPlace::new(UrlPlace::sqlite(), Options::default()).await;
    let ledger = backends::open(&format!("{}&poll_ms=100&timeout_ms=300", place.url)).await.unwrap();
    let waiting = tokio::spawn(async move { ledger.wait("5".parse()?).await });
    place.open().await.unwrap().append_one(draft("a")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished(), "it was woken for less than it waits for");
    drop(place);
    let outcome = tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("it is told").unwrap();
    assert!(outcome.as_ref().is_err_and(Error::is_unavailable), "{outcome:?}");
}
