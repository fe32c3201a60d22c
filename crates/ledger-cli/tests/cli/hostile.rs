//! Callers who mean no good, or know no better: each is answered or let go, and the server goes on.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use serde_json::json;

use crate::serve::Server;
use crate::support::Shell;

/// Sends bytes as they are, and returns all that comes back.
fn sent(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // What is refused before it ends is not read to its end.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> Option<u16> {
    answer.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

#[test]
fn bad_requests_are_refused_and_the_server_goes_on() {
    let shell = Shell::new();
    let server = Server::start(&shell, None);
    let with = |head: &str| format!("{head}host: localhost\r\nconnection: close\r\n\r\n").into_bytes();

    let many: String = (0..1_000).map(|n| format!("x-{n}: y\r\n")).collect();
    assert_eq!(status(&sent(&server, &with(&format!("GET /health HTTP/1.1\r\n{many}")))), Some(431));
    let long = "y".repeat(300_000);
    assert_eq!(status(&sent(&server, &with(&format!("GET /health HTTP/1.1\r\nx: {long}\r\n")))), Some(431));
    let path = sent(&server, &with(&format!("GET /{} HTTP/1.1\r\n", "a".repeat(70_000))));
    assert!(matches!(status(&path), Some(414 | 431)), "{path}");
    for nonsense in [&b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"[..], b"hello\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"] {
        assert!(matches!(status(&sent(&server, nonsense)), None | Some(400 | 505)));
    }

    for (method, path, expected) in [
        ("DELETE", "/api/v1/events", 405),
        ("TRACE", "/api/v1/head", 405),
        ("OPTIONS", "/health", 405),
        ("GET", "//api/v1/head", 404),
        ("GET", "/api/v1/head/", 404),
        ("GET", "/API/V1/head", 404),
        ("GET", "/api/v1/%2e%2e/health", 404),
        ("GET", "/api/v1/events/..%2f..%2f..%2fetc%2fpasswd", 404),
        ("GET", "/api/v1/events/%00", 404),
        ("GET", "/api/v1/events/%C3%28", 404),
        ("GET", "/api/v1/lineage/%C3%28", 404),
        ("GET", "/api/v1/events?kind=%C3%28", 422),
        ("GET", "/projects/%2e%2e/operations/%2e%2e", 404),
        ("POST", "/api/v1/restore", 415),
        ("GET", "/api/v1/prune", 405),
    ] {
        let answer = sent(&server, &with(&format!("{method} {path} HTTP/1.1\r\n")));
        assert_eq!(status(&answer), Some(expected), "{method} {path}: {answer}");
    }

    // Somebody says more than is sent, or ends in the middle of it.
    let draft = r#"{"kind":"a.b","payload":1}"#;
    let head = "POST /api/v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    let mut half = TcpStream::connect(server.address()).unwrap();
    half.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    write!(half, "{head}content-length: 1000\r\n\r\n{draft}").unwrap();
    half.shutdown(Shutdown::Write).unwrap();
    let mut said = String::new();
    let _ = half.read_to_string(&mut said);
    assert!(matches!(status(&said), None | Some(400)), "{said}");
    let smuggled =
        format!("{head}content-length: 5\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n0\r\n\r\n");
    assert!(matches!(status(&sent(&server, smuggled.as_bytes())), None | Some(400)));
    let chunks = format!("{head}transfer-encoding: chunked\r\nconnection: close\r\n\r\nzz\r\n{draft}\r\n0\r\n\r\n");
    assert!(matches!(status(&sent(&server, chunks.as_bytes())), None | Some(400)));

    assert_eq!(server.get("/api/v1/head").is(200).json(), json!({"head": 0}), "something half was recorded");
    server.append(draft).is(201);
}

#[test]
fn requests_on_one_connection_are_answered_in_order() {
    let shell = Shell::new();
    let server = Server::start(&shell, None);
    let draft = r#"{"kind":"a.b","payload":1}"#;
    let one = format!(
        "POST /api/v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{draft}",
        draft.len()
    );
    let last = "GET /api/v1/head HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let answers = sent(&server, format!("{}{last}", one.repeat(3)).as_bytes());
    assert_eq!(answers.matches("HTTP/1.1 201").count(), 3, "{answers}");
    assert!(answers.ends_with(r#"{"head":3}"#), "{answers}");
}
