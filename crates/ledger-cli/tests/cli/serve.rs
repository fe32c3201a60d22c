//! `serve`: the ledger over HTTP, asked with nothing but a socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::support::Shell;

pub(crate) const TOKEN: &str = "a-token-of-some-length";

/// A running server; it is killed when the test ends.
pub(crate) struct Server {
    child: Child,
    address: String,
    token: Option<&'static str>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}{}", self.head, String::from_utf8_lossy(&self.body));
        self
    }

    /// Asserts that its head says something.
    #[track_caller]
    pub(crate) fn says(self, what: &str) -> Self {
        assert!(self.head.contains(what), "{what}: {}", self.head);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.body
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// Asserts that it is a problem of a kind.
    #[track_caller]
    pub(crate) fn tells(self, status: u16, code: &str) -> Value {
        let answer = self.is(status);
        assert!(answer.head.contains("content-type: application/problem+json"), "{answer:?}");
        let problem = answer.json();
        assert_eq!((&problem["code"], &problem["status"]), (&json!(code), &json!(status)), "{problem}");
        problem
    }
}

impl Server {
    /// Starts a server on a free port, and waits until it listens.
    pub(crate) fn start(shell: &Shell, token: Option<&'static str>) -> Self {
        Self::listen(shell, "127.0.0.1:0", token)
    }

    /// Starts a server where one was before.
    pub(crate) fn start_at(shell: &Shell, address: &str) -> Self {
        Self::listen(shell, address, None)
    }

    fn listen(shell: &Shell, address: &str, token: Option<&'static str>) -> Self {
        let mut command = shell.command(&["serve", "--listen", address]);
        command.env("LEDGER_API_TOKEN", token.unwrap_or_default()).stderr(Stdio::null());
        let mut server = Self::run(command);
        server.token = token;
        server
    }

    /// Starts a server by a command of one's own, without a token.
    pub(crate) fn run(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit_once("http://").expect("it says where it listens").1.to_owned();
        Self { child, address, token: None }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Kills it, as a crash would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Tells it to stop, and waits until it has. Returns what it wrote to standard error, where that was kept.
    pub(crate) fn stop(mut self) -> String {
        self.terminate();
        let mut said = String::new();
        if let Some(stderr) = &mut self.child.stderr {
            stderr.read_to_string(&mut said).unwrap();
        }
        assert!(self.child.wait().unwrap().success(), "{said}");
        said
    }

    /// Tells it to stop.
    pub(crate) fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    pub(crate) fn send(&self, head: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let token = self.token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
        let host = if head.contains("host: ") { "" } else { "host: localhost\r\n" };
        let request = format!("{head}{host}connection: close\r\n{token}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        // What is refused before it ends is not read to its end.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer has a head");
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let body = answer.split_off(end + 4);
        let body = if head.contains("transfer-encoding: chunked") { unchunked(&body) } else { body };
        Answer { status, head, body }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\n"), b"")
    }

    pub(crate) fn lines(&self, path: &str) -> Answer {
        self.accepting(path, "application/x-ndjson")
    }

    /// Asks for an answer in a form.
    pub(crate) fn accepting(&self, path: &str, form: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\naccept: {form}\r\n"), b"")
    }

    pub(crate) fn post(&self, path: &str, kind: &str, body: impl AsRef<[u8]>) -> Answer {
        let body = body.as_ref();
        let head = format!("POST {path} HTTP/1.1\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n", body.len());
        self.send(&head, body)
    }

    pub(crate) fn append(&self, body: impl AsRef<[u8]>) -> Answer {
        self.post("/api/v1/events", "application/json", body)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|two| two == b"\r\n").expect("a chunk has a size");
        let size = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return whole;
        }
        whole.extend(&body[end + 2..end + 2 + size]);
        body = &body[end + size + 4..];
    }
}

/// Appends, reads and meets conflicts: the same on every engine.
pub(crate) fn answers(shell: &Shell) {
    let server = Server::start(shell, None);
    let order = r#"{"kind":"order.placed","id":"o-1","payload":{"b": 1.50,"a":"\u0000"},"tags":["customer:42"]}"#;
    let first = server.append(order).is(201).json();
    assert_eq!(first, json!({"offset": 1, "id": "o-1", "status": "new"}));
    assert_eq!(server.append(order).is(200).json()["status"], "duplicate");
    let problem = server.append(r#"{"kind":"order.placed","id":"o-1","payload":{}}"#).tells(409, "id_conflict");
    assert_eq!((&problem["id"], &problem["offset"]), (&json!("o-1"), &json!(1)));
    let batch =
        server.append(r#"[{"kind":"a.b","id":"o-2","payload":2},{"kind":"a.b","id":"o-3","payload":3}]"#).is(201);
    assert_eq!(batch.json()["receipts"][1], json!({"offset": 3, "id": "o-3", "status": "new"}));
    let lines = "{\"kind\":\"a.b\",\"id\":\"o-3\",\"payload\":3}\n\n{\"kind\":\"a.c\",\"id\":\"o-4\",\"payload\":4}\n";
    let mixed = server.post("/api/v1/events", "application/x-ndjson; charset=utf-8", lines).is(201).json();
    assert_eq!((&mixed["receipts"][0]["status"], &mixed["receipts"][1]["offset"]), (&json!("duplicate"), &json!(4)));

    let late = r#"{"kind":"a.b","payload":5}"#;
    let failed =
        server.post("/api/v1/events?none_after=2&kind=a.*", "application/json", late).tells(409, "condition_failed");
    assert_eq!(failed["offset"], 3);
    server.post("/api/v1/events?none_after=4&kind=a.*", "application/json", late).is(201);

    assert_eq!(server.get("/api/v1/head").is(200).json(), json!({"head": 5}));
    let page = server.get("/api/v1/events?kind=a.*&limit=2&order=desc").is(200).json();
    let offsets =
        |page: &Value| page["events"].as_array().unwrap().iter().map(|e| e["offset"].clone()).collect::<Vec<_>>();
    assert_eq!(offsets(&page), [json!(5), json!(4)]);
    let cursor = page["next"].as_str().unwrap();
    let rest = server.get(&format!("/api/v1/events?kind=a.*&limit=2&order=desc&cursor={cursor}")).is(200).json();
    assert_eq!(offsets(&rest), [json!(3), json!(2)]);
    assert_eq!(offsets(&server.get("/api/v1/events?tag=customer%3A42").is(200).json()), [json!(1)]);
    assert_eq!(server.get("/api/v1/events/o-2").is(200).json()["offset"], 2);
    assert!(server.get("/api/v1/events/1").is(200).text().contains(r#""payload":{"b": 1.50,"a":"\u0000"}"#));
    assert_eq!(server.lines("/api/v1/events").is(200).text(), shell.ok(&["export"]));
    assert_eq!(server.lines("/api/v1/events?id=o-2&id=o-4").is(200).text().lines().count(), 2);
    let digest = server.get("/api/v1/digest").is(200).json();
    assert_eq!(digest["digest"], shell.run(&["verify", "--json"]).exits(0).json()[0]["digest"]);
    assert_eq!(server.get("/ready").is(200).json(), json!({"status": "ready"}));
}

#[test]
fn a_ledger_in_a_file_is_appended_to_and_read_over_http() {
    answers(&Shell::new());
}

#[test]
fn what_is_asked_wrongly_is_told_and_harms_nothing() {
    let shell = Shell::new();
    let server = Server::start(&shell, None);
    for (query, field) in [
        ("limit=0", "limit"),
        ("after=-1", "after"),
        ("kind=nodot", "kind"),
        ("what=1", "what"),
        ("none_after=1", "none_after"),
    ] {
        assert_eq!(server.get(&format!("/api/v1/events?{query}")).tells(422, "invalid")["field"], field);
    }
    for (body, status, code) in [
        ("", 400, "bad_body"),
        ("{", 400, "bad_body"),
        ("[1]", 422, "invalid"),
        // Values by their place, which no document tells.
        (r#"[null,"x",null,null,"a.b",null,1,null,null,null,null,null,null,null,[],null,[]]"#, 422, "invalid"),
        (r#"[[null,"x",null,null,"a.b",null,1,null,null,null,null,null,null,null,[],null,[]]]"#, 422, "invalid"),
        (r#"{"kind":"Bad","payload":1}"#, 422, "invalid"),
        (r#"{"kind":"a.b","payload":1,"offset":7,"recorded_at":"2026-01-01T00:00:00Z"}"#, 422, "invalid"),
        (r#"{"kind":"a.b","payload":1,"other":7}"#, 422, "invalid"),
    ] {
        server.append(body).tells(status, code);
    }
    let second = server.append(r#"[{"kind":"a.b","payload":1},{"kind":"Bad","payload":1}]"#).tells(422, "invalid");
    assert!(second["detail"].as_str().unwrap().starts_with("event 1: "), "{second}");
    server.append(b"\"\xff\"").tells(400, "bad_body");
    server.post("/api/v1/events", "text/plain", "{}").tells(415, "unsupported_media_type");
    server.post("/api/v1/events?kind=a.b", "application/json", r#"{"kind":"a.b","payload":1}"#).tells(422, "invalid");
    server.post("/api/v1/head", "application/json", "{}").tells(405, "method_not_allowed");
    server.get("/api/v1/events/none").tells(404, "not_found");
    for path in ["0", "+1", "01", "%FF", "a%2Fb"] {
        server.get(&format!("/api/v1/events/{path}")).tells(404, "not_found");
    }
    server.get("/api/v1/nothing").tells(404, "not_found");
    server.lines("/api/v1/events?limit=5").tells(422, "invalid");
    server.send("GET /api/v1/events HTTP/1.0\r\naccept: application/x-ndjson\r\n", b"").tells(505, "http_version");
    server.send("GET /api/v1/head HTTP/1.1\r\nhost: rebound.example.org\r\n", b"").tells(403, "wrong_host");
    for origin in ["origin: https://example.org", "origin: null", "sec-fetch-site: cross-site"] {
        server.send(&format!("POST /api/v1/retention/apply HTTP/1.1\r\n{origin}\r\n"), b"").tells(403, "wrong_origin");
    }
    server.send("GET /api/v1/head HTTP/1.1\r\norigin: http://localhost:3000\r\n", b"").is(200);
    server.post("/api/v1/events?none_after=0&up_to=9", "application/json", "{}").tells(422, "invalid");
    let many = "{\"kind\":\"a.b\",\"payload\":1}\n".repeat(10_001);
    let many = server.post("/api/v1/events", "application/x-ndjson", many).tells(422, "invalid");
    assert!(many["detail"].as_str().unwrap().contains("10000 events are the most"), "{many}");
    server.get("/api/v1/../../etc/passwd").tells(404, "not_found");
    server.get("/nothing").tells(404, "not_found");
    let large = format!(r#"{{"kind":"a.b","payload":"{}"}}"#, "x".repeat(33 << 20));
    server.append(large).tells(413, "too_large");
    assert_eq!(server.get("/api/v1/head").is(200).json(), json!({"head": 0}), "something half was recorded");
    let named = server.send("GET /health HTTP/1.1\r\nx-request-id: mine-7\r\n", b"").is(200);
    assert!(named.head.contains("x-request-id: mine-7"), "{named:?}");
    assert!(server.get("/health").is(200).head.contains("x-request-id: "));
}

#[test]
fn who_shows_no_token_learns_nothing() {
    let shell = Shell::new();
    let mut server = Server::start(&shell, Some(TOKEN));
    server.append(r#"{"kind":"a.b","id":"x","payload":1}"#).is(201);
    for token in [None, Some("another-token-of-length")] {
        server.token = token;
        for path in
            ["/api/v1/events", "/api/v1/events/x", "/api/v1/head", "/api/v1/digest", "/api/v1/nothing", "/metrics"]
        {
            let answer = server.get(path);
            assert!(answer.head.to_ascii_lowercase().contains("www-authenticate: bearer"), "{answer:?}");
            answer.tells(401, "unauthorized");
        }
        // Not even that it is a repeat.
        server.append(r#"{"kind":"a.b","id":"x","payload":1}"#).tells(401, "unauthorized");
        server.get("/health").is(200);
    }
    assert_eq!(shell.head(), 1);
    shell.run(&["serve", "--listen", "0.0.0.0:0"]).exits(2).says("LEDGER_API_TOKEN");
    let short: crate::support::Done =
        shell.command(&["serve", "--listen", "127.0.0.1:0"]).env("LEDGER_API_TOKEN", "short").output().unwrap().into();
    assert!(!short.exits(2).says("shorter than 16").stderr.contains("short "));
}

#[cfg(unix)]
#[test]
fn a_server_that_is_told_to_stop_ends_well() {
    let shell = Shell::new();
    let mut server = Server::start(&shell, None);
    server.append(r#"{"kind":"a.b","payload":1}"#).is(201);
    server.terminate();
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    assert_eq!(shell.names(), ["ledger.db"], "something was left beside the ledger");
    assert_eq!(shell.head(), 1);
}

#[test]
fn a_trace_goes_on_with_its_events_and_makes_no_conflict() {
    let shell = Shell::new();
    let server = Server::start(&shell, None);
    let post = |trace: &str, body: &str| {
        let head = format!(
            "POST /api/v1/events HTTP/1.1\r\ntraceparent: {trace}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        );
        server.send(&head, body.as_bytes())
    };
    let (one, other) = ("4bf92f3577b34da6a3ce929d0e0e4736", "0af7651916cd43dd8448eb211c80319c");
    let traced = |trace: &str| format!("00-{trace}-00f067aa0ba902b7-01");
    let draft = r#"{"kind":"a.b","id":"x","payload":1,"tags":["k:v"]}"#;
    post(&traced(one), draft).is(201);
    let tags = server.get("/api/v1/events/x").is(200).json()["tags"].clone();
    assert_eq!(tags, json!(["k:v", format!("trace:{one}")]));
    // Tried again in another trace, it is what it was.
    assert_eq!(post(&traced(other), draft).is(200).json()["offset"], 1);
    assert_eq!(server.append(draft).is(200).json()["offset"], 1);
    let changed = r#"{"kind":"a.b","id":"x","payload":2,"tags":["k:v"]}"#;
    server.append(changed).tells(409, "id_conflict");
    post(&traced(other), changed).tells(409, "id_conflict");
    assert_eq!(post("nonsense", r#"{"kind":"a.b","id":"y","payload":1}"#).is(201).json()["offset"], 2);
    let both = r#"[{"kind":"a.b","id":"y","payload":1},{"kind":"a.b","id":"z","payload":1},{"kind":"a.b","id":"x","payload":1,"tags":["k:v"]}]"#;
    let receipts = post(&traced(other), both).is(201).json()["receipts"].clone();
    let statuses: Vec<_> = receipts.as_array().unwrap().iter().map(|receipt| &receipt["status"]).collect();
    assert_eq!(statuses, ["duplicate", "new", "duplicate"]);
    assert_eq!(server.get(&format!("/api/v1/events?tag=trace:{other}")).is(200).json()["events"][0]["id"], "z");
}

#[test]
fn bodies_are_packed_both_ways_by_those_who_can() {
    let shell = Shell::new();
    let server = Server::start(&shell, None);
    let packed = |program: &str, body: &[u8]| {
        let mut child = std::process::Command::new(program)
            .arg("-c")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(body).unwrap();
        child.wait_with_output().unwrap().stdout
    };
    let draft = format!(r#"{{"kind":"a.b","payload":"{}"}}"#, "x".repeat(100_000));
    let send = |encoding: &str, body: &[u8]| {
        let head = format!(
            "POST /api/v1/events HTTP/1.1\r\ncontent-encoding: {encoding}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        );
        server.send(&head, body)
    };
    let body = packed("gzip", draft.as_bytes());
    assert!(body.len() < 1_000);
    send("gzip", &body).is(201);
    send("gzip", b"not packed at all").tells(400, "bad_body");
    send("br", &body).tells(415, "unsupported_encoding");
    // A small body that grows past the limit is refused as a large one is.
    let bomb = packed("gzip", format!(r#"{{"kind":"a.b","payload":"{}"}}"#, "x".repeat(40 << 20)).as_bytes());
    assert!(bomb.len() < 100_000);
    send("gzip", &bomb).tells(413, "too_large");
    for encoding in ["gzip", "zstd"] {
        let head = format!("GET /api/v1/events HTTP/1.1\r\naccept-encoding: {encoding}\r\n");
        let answer = server.send(&head, b"").is(200);
        assert!(
            answer.head.contains(&format!("content-encoding: {encoding}")) && answer.body.len() < 2_000,
            "{}",
            answer.head
        );
    }
    assert_eq!(server.get("/api/v1/head").is(200).json(), json!({"head": 1}));
}

#[test]
fn each_request_is_a_line_of_a_log_without_what_it_asked_for() {
    let shell = Shell::new();
    let mut command = shell.command(&["serve", "--listen", "127.0.0.1:0", "--log", "json"]);
    command.env("LEDGER_API_TOKEN", TOKEN).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().rsplit_once("http://").unwrap().1.to_owned();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let server = Server { child, address, token: Some(TOKEN) };
    server.send("GET /api/v1/events?tag=secret:word HTTP/1.1\r\nx-request-id: mine-7\r\n", b"").is(200);
    let mut line = String::new();
    log.read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    for (field, value) in [
        ("message", json!("answered")),
        ("method", json!("GET")),
        ("path", json!("/api/v1/events")),
        ("status", json!(200)),
        ("request", json!("mine-7")),
    ] {
        assert_eq!(said[field], value, "{said}");
    }
    assert!(said["took_ms"].is_number() && !line.contains("secret") && !line.contains(TOKEN), "{line}");
    // Who asked, whatever the answer; and of a stranger nothing.
    for (path, status, caller) in [
        ("/api/v1/ledger", 200, json!("the one token")),
        ("/api/v1/nothing", 404, json!("the one token")),
        ("/api/v1/prune", 405, json!("the one token")),
    ] {
        server.get(path).is(status);
        line.clear();
        log.read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            (&said["path"], &said["status"], &said["caller"]),
            (&json!(path), &json!(status), &caller),
            "{said}"
        );
    }
}
