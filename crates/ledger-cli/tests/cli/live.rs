//! Live events and signals over HTTP, through restarts and between servers.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::serve::Server;
use crate::support::{Shell, drafts};

/// A stream of server-sent events, read from a socket.
pub(crate) struct Stream {
    reader: BufReader<TcpStream>,
    text: String,
}

/// What a server sent.
#[derive(Debug)]
pub(crate) struct Sent {
    id: Option<u64>,
    event: String,
    pub(crate) data: Value,
}

impl Stream {
    /// Opens a stream. Panics unless it is one.
    #[track_caller]
    pub(crate) fn open(address: &str, path: &str, last: Option<u64>) -> Self {
        Self::try_open(address, path, last).expect("the server streams")
    }

    fn try_open(address: &str, path: &str, last: Option<u64>) -> Option<Self> {
        let mut stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
        let last = last.map(|last| format!("last-event-id: {last}\r\n")).unwrap_or_default();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\n{last}\r\n").ok()?;
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        (head.starts_with("HTTP/1.1 200") && head.contains("content-type: text/event-stream")).then_some(())?;
        Some(Self { reader, text: String::new() })
    }

    /// Returns the next event, or nothing when the stream has ended, well or not.
    pub(crate) fn next(&mut self) -> Option<Sent> {
        loop {
            while let Some(end) = self.text.find("\n\n") {
                let rest = self.text.split_off(end + 2);
                let frame = std::mem::replace(&mut self.text, rest);
                if let Some(sent) = sent(&frame) {
                    return Some(sent);
                }
            }
            let chunk = self.chunk()?;
            self.text.push_str(&chunk);
        }
    }

    fn chunk(&mut self) -> Option<String> {
        let mut size = String::new();
        self.reader.read_line(&mut size).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok().filter(|size| *size > 0)?;
        let mut chunk = vec![0; size + 2];
        self.reader.read_exact(&mut chunk).ok()?;
        chunk.truncate(size);
        Some(String::from_utf8(chunk).unwrap())
    }

    #[track_caller]
    fn offsets(&mut self, count: usize) -> Vec<u64> {
        (0..count).map(|_| self.next().expect("the stream goes on").id.unwrap()).collect()
    }
}

fn sent(frame: &str) -> Option<Sent> {
    let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    Some(Sent {
        id: field("id").map(|id| id.parse().unwrap()),
        event: field("event").unwrap_or("message").to_owned(),
        data: serde_json::from_str(field("data")?).unwrap(),
    })
}

#[test]
fn a_stream_catches_up_goes_on_and_is_resumed() {
    let shell = Shell::new();
    shell.feed(&["import"], drafts(1, 1_200)).exits(0);
    let server = Server::start(&shell, None);
    let mut all = Stream::open(server.address(), "/api/v1/events/stream", None);
    assert_eq!(all.offsets(1_200), (1..=1_200).collect::<Vec<_>>());
    let mut some = Stream::open(server.address(), "/api/v1/events/stream?kind=live.*&tag=k:v", Some(7));
    let mut new = Stream::open(server.address(), "/api/v1/events/stream?after=head", None);
    // Another process appends, which the server has to see for itself.
    shell.append(&[]);
    let text = "{\"b\": 1.50,\n\"a\":\"\\u0000\"}";
    shell.ok(&["append", "--kind", "live.now", "--tag", "k:v", "--payload", text]);
    assert_eq!(all.offsets(2), [1_201, 1_202]);
    assert_eq!(new.offsets(2), [1_201, 1_202]);
    let found = some.next().unwrap();
    assert_eq!((found.id, found.event.as_str(), &found.data["payload_text"]), (Some(1_202), "message", &json!(text)));
    let mut resumed = Stream::open(server.address(), "/api/v1/events/stream?after=3", Some(1_201));
    assert_eq!(resumed.offsets(1), [1_202]);
    // What is too large to be kept for all is read by each.
    let large = format!("\"{}\"", "x".repeat(900_000));
    shell.file("large.json", large);
    shell.ok(&["append", "--kind", "live.large", "--payload", "@large.json"]);
    shell.append(&[]);
    assert_eq!(all.offsets(2), [1_203, 1_204]);
    assert_eq!(new.offsets(2), [1_203, 1_204]);

    for (query, field) in [("limit=5", "limit"), ("order=desc", "order"), ("after=5000", "after"), ("kind=x", "kind")] {
        let problem = server.get(&format!("/api/v1/events/stream?{query}")).tells(422, "invalid");
        assert_eq!(problem["field"], field);
    }
    // Told to stop, it tells who listens to come again, and ends.
    server.terminate();
    let told = all.next().unwrap();
    assert_eq!((told.event.as_str(), told.id, &told.data["after"]), ("resume", Some(1_204), &json!(1_204)));
    assert!(all.next().is_none());
}

#[test]
fn a_signal_stands_for_many_changes() {
    let shell = Shell::new();
    let server = Server::start(&shell, None);
    let mut signals = Stream::open(server.address(), "/api/v1/changes", None);
    let first = signals.next().unwrap();
    assert_eq!((first.event.as_str(), &first.data), ("change", &json!({"head": 0})));
    let began = Instant::now();
    let mut count = 0;
    for n in 1..=30 {
        server.append(r#"{"kind":"a.b","payload":1}"#).is(201);
        if n == 15 {
            // Half of them have been signalled, more or less, before the others come.
            signals.next().unwrap();
            count += 1;
        }
    }
    while signals.next().unwrap().data["head"] != 30 {
        count += 1;
    }
    let most = began.elapsed().as_millis() / 500 + 2;
    assert!(count < most, "{count} signals in {:?}", began.elapsed());
    let mut soon = Stream::open(server.address(), "/api/v1/changes?interval_ms=0", None);
    assert_eq!(soon.next().unwrap().data["head"], 30);
    server.get("/api/v1/changes?interval_ms=60001").tells(422, "invalid");
}

/// Listens until the end, through all that happens to the server, and returns the offsets and how often it came.
fn hear(address: &str) -> (Vec<u64>, usize) {
    let (mut offsets, mut last, mut came) = (Vec::new(), None, 0);
    loop {
        let Some(mut stream) = Stream::try_open(address, "/api/v1/events/stream", last) else {
            // Nothing tells when the port is served again.
            std::thread::sleep(Duration::from_millis(10));
            continue;
        };
        came += 1;
        while let Some(sent) = stream.next() {
            if sent.data["kind"] == "the.end" {
                return (offsets, came);
            }
            last = sent.id.or(last);
            if sent.event == "message" {
                offsets.extend(sent.id);
            }
        }
    }
}

#[test]
fn listeners_get_each_event_once_through_kills_of_the_server() {
    const KILLS: usize = 4;
    let shell = Shell::new();
    let mut server = Server::start(&shell, None);
    let address = server.address().to_owned();
    let listener = std::thread::spawn({
        let address = address.clone();
        move || hear(&address)
    });
    shell.file("listen.py", include_str!("listen.py"));
    let python = std::process::Command::new("python3")
        .args([crate::support::text(&shell.path("listen.py")), &format!("http://{address}/api/v1/events/stream")])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    let mut appended = BTreeSet::new();
    for round in 0..=KILLS {
        let until = Instant::now() + Duration::from_millis(700);
        let mut n = 0;
        while Instant::now() < until {
            // By another process: it goes on while the server is down.
            let receipt = shell.append(&["--id", &format!("e-{round}-{n}")]);
            appended.insert(receipt["offset"].as_u64().unwrap());
            n += 1;
        }
        if round < KILLS {
            server.kill();
            server = Server::start_at(&shell, &address);
        }
    }
    shell.ok(&["append", "--kind", "the.end"]);
    let appended: Vec<_> = appended.into_iter().collect();
    let (offsets, came) = listener.join().unwrap();
    assert!(came > KILLS, "it never had to come again");
    assert_eq!(offsets, appended, "an event was lost, doubled or out of order");
    let heard = python.wait_with_output().unwrap();
    let heard = String::from_utf8(heard.stdout).unwrap();
    assert_eq!(heard.lines().map(|line| line.parse::<u64>().unwrap()).collect::<Vec<_>>(), appended);
}

/// Listens to one server and appends through another, on one ledger.
pub(crate) fn reaches_across(shell: &Shell) {
    let (one, other) = (Server::start(shell, None), Server::start(shell, None));
    let mut stream = Stream::open(one.address(), "/api/v1/events/stream", None);
    let mut slowest = Duration::ZERO;
    for n in 1..=20 {
        let began = Instant::now();
        other.append(format!(r#"{{"kind":"a.b","id":"x-{n}","payload":1}}"#)).is(201);
        assert_eq!(stream.offsets(1), [n]);
        slowest = slowest.max(began.elapsed());
    }
    println!("the slowest of 20 took {slowest:?} from one server to a listener of another");
}
