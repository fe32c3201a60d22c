//! `token`: who may ask a server, and for what; and a token is printed once and never again.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Done, Shell};

const TOKENS: &str = "ledger-tokens.json";
const STDERR: &str = "stderr.txt";
const ONE: &str = "a-token-of-some-length";
/// What nobody was given.
const UNKNOWN: &str = "ledger_00000000000040008000000000000000";

/// A running server, whose errors go into a file; it is killed when the test ends.
struct Server {
    child: Child,
    address: String,
    /// What it said of who may ask.
    auth: String,
}

impl Server {
    /// Starts a server on a free port, and waits until it listens.
    fn start(shell: &Shell, args: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = command(shell, &[&["serve", "--listen", "127.0.0.1:0"], args].concat());
        let stderr = File::create(shell.path(STDERR)).unwrap();
        command.envs(variables.iter().copied()).stdout(Stdio::piped()).stderr(stderr);
        let mut child = command.spawn().unwrap();
        let (mut serving, mut auth) = (String::new(), String::new());
        let mut said = BufReader::new(child.stdout.as_mut().unwrap());
        said.read_line(&mut serving).unwrap();
        said.read_line(&mut auth).unwrap();
        let address = serving.trim().rsplit_once("http://").expect("it says where it listens").1.to_owned();
        Self { child, address, auth: auth.trim().to_owned() }
    }

    /// Asks with a token, and returns the status and the whole answer.
    fn ask(&self, token: &str, request: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        let request = format!(
            "{request} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        // A copy of the ledger is no text.
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).expect("an answer has a status").parse().unwrap();
        (status, answer)
    }

    fn read(&self, token: &str) -> u16 {
        self.ask(token, "GET /api/v1/head", "").0
    }

    fn append(&self, token: &str) -> u16 {
        self.ask(token, "POST /api/v1/events", r#"{"kind":"a.b","payload":1}"#).0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the binary with nothing of the caller's own tokens.
fn command(shell: &Shell, args: &[&str]) -> Command {
    let mut command = shell.command(args);
    command.env_remove("LEDGER_TOKEN_FILE");
    command
}

fn run(shell: &Shell, args: &[&str]) -> Done {
    command(shell, args).output().unwrap().into()
}

/// Makes a token and returns it.
#[track_caller]
fn made(shell: &Shell, name: &str, scopes: &[&str]) -> String {
    let mut args = vec!["token", "new", name];
    scopes.iter().for_each(|scope| args.extend(["--scope", *scope]));
    run(shell, &args).exits(0).stdout.trim().to_owned()
}

/// Waits until something holds, and not for ever.
#[track_caller]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < end, "it did not come to this: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_token_is_for_what_its_scopes_say() {
    let shell = Shell::new();
    let (reader, producer) = (made(&shell, "reader", &[]), made(&shell, "producer", &["append"]));
    let (worker, boss) = (made(&shell, "worker", &["append", "read"]), made(&shell, "boss", &["admin"]));
    let server = Server::start(&shell, &["--tokens", TOKENS], &[]);
    assert_eq!(server.auth, "auth: 4 tokens of `ledger-tokens.json`");
    for (token, reads, appends) in [(&reader, 200, 403), (&producer, 403, 201), (&worker, 200, 201), (&boss, 200, 201)]
    {
        assert_eq!((server.read(token), server.append(token)), (reads, appends));
        assert_eq!(server.ask(token, "GET /metrics", "").0, reads);
    }
    assert_eq!(shell.head(), 3);
    let (_, answer) = server.ask(&reader, "POST /api/v1/events", "{}");
    assert!(answer.contains("the token `reader` lacks the scope `append`"), "{answer}");
    let log = fs::read_to_string(shell.path(STDERR)).unwrap();
    assert!(log.lines().any(|line| line.contains("403") && line.contains("the token `reader`")), "{log}");
    let (_, answer) = server.ask(&producer, "GET /api/v1/events", "");
    assert!(answer.contains("the token `producer` lacks the scope `read`"), "{answer}");
    for token in [UNKNOWN, "", "reader", &reader[..reader.len() - 1], &reader.to_uppercase()] {
        let (status, answer) = server.ask(token, "GET /api/v1/events", "");
        assert_eq!((status, server.append(token)), (401, 401), "{answer}");
        assert!(answer.to_ascii_lowercase().contains("www-authenticate: bearer"), "{answer}");
        assert_eq!(server.ask(token, "GET /health", "").0, 200);
    }
    assert_eq!(shell.head(), 3);
}

#[test]
fn tokens_are_made_and_revoked_while_a_server_runs() {
    let shell = Shell::new();
    let first = made(&shell, "first", &[]);
    let server = Server::start(&shell, &[], &[("LEDGER_TOKEN_FILE", TOKENS)]);
    assert_eq!((server.auth.as_str(), server.read(&first)), ("auth: 1 token of `ledger-tokens.json`", 200));
    let second = made(&shell, "second", &["append"]);
    until("the new token opens", || server.append(&second) == 201);
    assert_eq!(run(&shell, &["token", "revoke", "first"]).exits(0).stdout, "revoked `first`\n");
    until("the revoked one does not", || server.read(&first) == 401);
    assert_eq!((server.append(&first), server.append(&second)), (401, 201));
    let json = run(&shell, &["token", "revoke", "second", "--json"]).exits(0).json();
    assert_eq!(json, [json!({"revoked": "second"})]);
    until("none opens", || server.append(&second) == 401);
}

#[test]
fn the_one_token_counts_beside_those_of_a_file() {
    let shell = Shell::new();
    let reader = made(&shell, "reader", &[]);
    let server = Server::start(&shell, &["--tokens", TOKENS], &[("LEDGER_API_TOKEN", ONE)]);
    assert_eq!(server.auth, "auth: bearer token, and 1 token of `ledger-tokens.json`");
    assert_eq!(
        [server.read(ONE), server.append(ONE), server.read(&reader), server.append(&reader)],
        [200, 201, 200, 403]
    );
    assert_eq!(server.read(UNKNOWN), 401);
}

#[test]
fn a_file_that_is_here_and_not_named_is_not_used_and_that_is_said() {
    let shell = Shell::new();
    made(&shell, "reader", &[]);
    let server = Server::start(&shell, &[], &[]);
    assert_eq!((server.auth.as_str(), server.append(UNKNOWN)), ("auth: none", 201));
    let said = || fs::read_to_string(shell.path(STDERR)).unwrap();
    until("it warns, once", || said().matches("warning: ").count() == 1 && said().contains(TOKENS));
}

#[test]
fn a_token_is_printed_once_and_stands_nowhere() {
    let shell = Shell::new();
    let done = run(&shell, &["token", "new", "ci", "--scope", "read", "--json"]).exits(0);
    let mut printed = done.json().remove(0);
    let token = printed["token"].take().as_str().unwrap().to_owned();
    assert_eq!(printed, json!({"name": "ci", "token": null, "scopes": ["read"]}));
    let plain = run(&shell, &["token", "new", "boss", "--scope", "admin", "--scope", "read"]).exits(0);
    assert_eq!(plain.stdout.lines().count(), 1);
    assert!(plain.stderr.contains("not shown again"), "{plain:?}");
    let boss = plain.stdout.trim();
    let server = Server::start(&shell, &["--tokens", TOKENS], &[]);
    let mut answers = String::new();
    for request in ["GET /api/v1/head", "GET /api/v1/none", "GET /health", "POST /api/v1/events", "PUT /api/v1/head"] {
        answers.extend([token.as_str(), boss].map(|token| server.ask(token, request, "").1));
    }
    let list = run(&shell, &["token", "list"]).exits(0);
    assert!(list.stdout.contains("ci") && list.stdout.contains("read, admin"), "{list:?}");
    let lines = run(&shell, &["token", "list", "--json"]).exits(0);
    assert_eq!((&lines.json()[1]["name"], &lines.json()[1]["scopes"]), (&json!("boss"), &json!(["read", "admin"])));
    let revoked = run(&shell, &["token", "revoke", "ci"]).exits(0);
    let again = run(&shell, &["token", "new", "boss", "--verbose"]).exits(1);
    let file = fs::read_to_string(shell.path(TOKENS)).unwrap();
    drop(server);
    let stderr = fs::read_to_string(shell.path(STDERR)).unwrap();
    let told = format!("{answers}{list:?}{lines:?}{revoked:?}{again:?}{file}{stderr}{}{}", done.stderr, plain.stderr);
    for token in [token.as_str(), boss] {
        assert!(token.len() == 71 && !told.contains(token) && !told.contains(&token[7..]), "{told}");
    }
    assert!(file.contains("sha256:") && !format!("{list:?}{lines:?}{stderr}").contains("sha256:"));
    for name in shell.names() {
        let content = fs::read(shell.path(&name)).unwrap();
        assert!(!content.windows(boss.len()).any(|part| part == boss.as_bytes()), "{name} holds a token");
    }
}

#[test]
fn two_who_make_tokens_at_once_both_have_theirs() {
    let shell = Shell::new();
    let start = |number: usize| {
        let name = format!("t-{number}");
        command(&shell, &["token", "new", &name]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<Child> = (0..8).map(start).collect();
    let made = children.into_iter().map(|child| Done::from(child.wait_with_output().unwrap()).exits(0).stdout);
    let made: Vec<String> = made.collect();
    assert_eq!(run(&shell, &["token", "list", "--json"]).exits(0).json().len(), 8);
    let server = Server::start(&shell, &["--tokens", TOKENS], &[]);
    assert!(made.iter().all(|token| server.read(token.trim()) == 200));
    let left: Vec<String> = shell.names().into_iter().filter(|name| name.contains("tokens")).collect();
    assert_eq!(left, [TOKENS, "ledger-tokens.json.lock"], "something was left");
}

#[test]
fn what_cannot_be_made_or_revoked_is_told() {
    let shell = Shell::new();
    let none = run(&shell, &["token", "list"]).exits(1).says("there is no file `ledger-tokens.json`");
    assert!(none.stderr.contains("hint: "), "{none:?}");
    run(&shell, &["token", "revoke", "ci"]).exits(1).says("there is no file");
    for name in ["", "  ", "a\nb", &"x".repeat(101)] {
        run(&shell, &["token", "new", name]).exits(2).says("the name ");
    }
    run(&shell, &["token", "new", "ci", "--scope", "write"]).exits(2).says("use read, append or admin");
    run(&shell, &["token", "new", "ci", "--file", "none/tokens.json"]).exits(1).says("cannot lock `none/tokens.json`");
    assert_eq!(shell.names(), Vec::<String>::new());
    made(&shell, "ci", &[]);
    run(&shell, &["token", "new", "ci", "--scope", "admin"]).exits(1).says("the name `ci` is taken");
    run(&shell, &["token", "revoke", "none"]).exits(1).says("no token `none` in `ledger-tokens.json`");
    let mut elsewhere = command(&shell, &["token", "new", "ci"]);
    Done::from(elsewhere.env("LEDGER_TOKEN_FILE", "other.json").output().unwrap()).exits(0);
    run(&shell, &["token", "revoke", "ci", "--file", "other.json"]).exits(0);
    assert_eq!(run(&shell, &["token", "list", "--file", "other.json"]).exits(0).stdout, "no tokens\n");
    assert_eq!(run(&shell, &["token", "list", "--json"]).exits(0).json().len(), 1);
}

#[test]
fn a_server_does_not_start_on_tokens_that_it_cannot_read() {
    let shell = Shell::new();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--tokens"];
    run(&shell, &[&serve[..], &["none.json"]].concat()).exits(1).says("there is no file `none.json`");
    let hash = "sha256:".to_owned() + &"5".repeat(64);
    shell.file("bad.json", format!(r#"{{"tokens":[{{"name":"ci","hash":"{hash}","scopes":["all"]}}]}}"#));
    let done = run(&shell, &[&serve[..], &["bad.json", "--verbose"]].concat());
    let done = done.exits(1).says("`bad.json` is no file of tokens: missing field `created_at`");
    assert!(!done.stderr.contains("5555"), "{done:?}");
    assert_eq!(shell.names(), ["bad.json"], "a ledger was made though nobody was served");
    run(&shell, &["serve", "--listen", "0.0.0.0:0"]).exits(2).says("--tokens");
}

#[test]
fn a_slip_in_the_file_of_a_running_server_changes_nothing_and_is_told_once() {
    let shell = Shell::new();
    let token = made(&shell, "reader", &[]);
    let server = Server::start(&shell, &["--tokens", TOKENS], &[]);
    let told = || {
        let stderr = fs::read_to_string(shell.path(STDERR)).unwrap();
        stderr.lines().filter(|line| line.contains(TOKENS)).count()
    };
    let good = fs::read(shell.path(TOKENS)).unwrap();
    // Renamed into its place, so that nothing but the slip is seen.
    shell.file("slip.json", r#"{"tokens":[]"#);
    fs::rename(shell.path("slip.json"), shell.path(TOKENS)).unwrap();
    let asked = || (server.read(&token), server.read(UNKNOWN));
    until("the slip is told", || asked() == (200, 401) && told() == 1);
    // It looks once a second.
    let since = Instant::now();
    while since.elapsed() < Duration::from_millis(2_500) {
        assert_eq!((asked(), told()), ((200, 401), 1));
    }
    fs::remove_file(shell.path(TOKENS)).unwrap();
    until("the loss is told", || asked() == (200, 401) && told() == 2);
    shell.file("good.json", good);
    fs::rename(shell.path("good.json"), shell.path(TOKENS)).unwrap();
    made(&shell, "other", &[]);
    run(&shell, &["token", "revoke", "reader"]).exits(0);
    until("it goes by the file again", || asked() == (401, 401));
    assert_eq!(told(), 2);
}

#[test]
fn who_listens_is_heard_of_no_more_once_the_token_is_revoked() {
    let shell = Shell::new();
    let (listener, boss) = (made(&shell, "listener", &[]), made(&shell, "boss", &["admin"]));
    let server = Server::start(&shell, &["--tokens", TOKENS], &[]);
    let url = format!("http://{}", server.address);
    let follow = |token: &str| {
        let mut command = command(&shell, &["tail", "--follow", "--json", "--url", &url]);
        command.env("LEDGER_API_TOKEN", token).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let (mut out, mut stays) = (follow(&listener), follow(&boss));
    let mut heard = [&mut out, &mut stays].map(crate::support::lines);
    server.append(&boss);
    for lines in &mut heard {
        assert!(lines.next().unwrap().unwrap().contains("\"offset\":1,"));
    }
    std::thread::scope(|scope| {
        let asked = ["/api/v1/events/stream?after=head", "/api/v1/changes"].map(|path| {
            let (server, token) = (&server, listener.as_str());
            // It is read to its end, which comes because the token goes.
            scope.spawn(move || server.ask(token, &format!("GET {path}"), "").0)
        });
        // They are let in while the token is known.
        // Two who follow, and these.
        let all = [r#"{stream="events"} 1"#, r#"{stream="changes"} 3"#];
        until("all listen", || {
            let metrics = server.ask(&boss, "GET /metrics", "").1;
            all.iter().all(|count| metrics.contains(&format!("ledger_sse_clients{count}")))
        });
        run(&shell, &["token", "revoke", "listener"]).exits(0);
        for ended in asked {
            assert_eq!(ended.join().unwrap(), 200);
        }
    });
    let done: Done = out.wait_with_output().unwrap().into();
    done.exits(1).says("does not know the token");
    server.append(&boss);
    assert!(heard[1].next().unwrap().unwrap().contains("\"offset\":2,"));
    stays.kill().unwrap();
    stays.wait().unwrap();
}

#[test]
fn each_path_asks_for_its_scope() {
    let shell = Shell::new();
    let [read, append, admin] = ["read", "append", "admin"].map(|scope| made(&shell, scope, &[scope]));
    let server = Server::start(&shell, &["--tokens", TOKENS], &[]);
    let reading = [
        "/api/v1/head",
        "/api/v1/digest",
        "/api/v1/events",
        "/api/v1/events/x",
        "/api/v1/events/x/chain",
        "/api/v1/events/facets",
        "/api/v1/overview",
        "/api/v1/listeners",
        "/api/v1/migrations",
        "/api/v1/snapshots",
        "/api/v1/snapshots/x",
        "/api/v1/snapshots/x/file",
        "/api/v1/runs",
        "/api/v1/runs/x",
        "/api/v1/artifacts",
        "/api/v1/lineage/x",
        "/api/v1/path?from=a&to=b",
        "/api/v1/sessions",
        "/api/v1/sessions/x",
        "/api/v1/sessions/x/delta?domain=d",
        "/api/v1/sessions/x/checkpoints",
        "/api/v1/sessions/x/graph",
        "/api/v1/retention/plan",
        "/api/v1/snapshot",
        "/api/v1/operations",
        "/api/v1/operations/stats",
        "/api/v1/operations/capacity",
        "/api/v1/projects/x/operations",
        "/projects/x/operations",
        "/projects/x/operations/stats",
        "/projects/x/operations/x",
    ];
    let mut paths: Vec<(String, &str)> = Vec::new();
    for path in reading {
        paths.extend([(format!("GET {path}"), "read"), (format!("HEAD {path}"), "read")]);
    }
    for path in ["POST /api/v1/events/query", "POST /api/v1/snapshots", "DELETE /api/v1/snapshots/x"] {
        paths.push((path.to_owned(), "read"));
    }
    for path in ["GET /api/v1/tokens", "POST /api/v1/tokens", "DELETE /api/v1/tokens/x"] {
        paths.push((path.to_owned(), "admin"));
    }
    paths.push(("POST /api/v1/events".to_owned(), "append"));
    for path in ["restore", "prune", "erase", "retention/apply"] {
        paths.push((format!("POST /api/v1/{path}"), "admin"));
    }
    for (path, needed) in &paths {
        let status = |token: &str| server.ask(token, path, "nonsense").0;
        assert_eq!(status(UNKNOWN), 401, "{path}");
        for (scope, token) in [("read", &read), ("append", &append), ("admin", &admin)] {
            let may = scope == *needed || scope == "admin";
            assert_eq!(!matches!(status(token), 401 | 403), may, "{path} with {scope}");
        }
    }
    // Whoever may do anything is told of what.
    for token in [&read, &append, &admin] {
        assert_eq!(server.ask(token, "GET /api/v1/ledger", "").0, 200);
    }
    for path in [
        "GET /api/v1/none",
        "PUT /api/v1/events",
        "GET /api/v1/ledger",
        "GET /api/v1/events/stream",
        "GET /api/v1/changes",
    ] {
        assert_eq!(server.ask(UNKNOWN, path, "").0, 401, "{path}");
    }
    assert_eq!(shell.head(), 0, "something was recorded");
}
