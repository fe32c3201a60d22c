//! What those who run a server are answered, who is not, and what is left when it ends.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{Request, Response};
use futures::StreamExt;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use ledger_core::{Draft, Error, Ledger, LedgerExt, Offset, Progress};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::*;
use crate::tokens::tests::Folder;
use crate::tokens::{self as file, TokenFile};
use crate::{Auth, CopyTo, Hosts, Migration, Migrations, Options, Scope, Server, router};

async fn served(options: Options) -> Server {
    let ledger = backends::open("memory:").await.unwrap();
    Server::new(ledger, Options { hosts: Hosts::Any, ..options })
}

/// Asks with a token, if there is one, and with a body of JSON.
async fn call(server: &Server, asked: &str, token: &str, body: Option<Value>) -> Response<Body> {
    let (method, path) = asked.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
    if !token.is_empty() {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    if body.is_some() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    let body = body.map_or_else(Body::empty, |body| body.to_string().into());
    let service = TowerToHyperService::new(router(&server.desk));
    service.call(request.body(body).unwrap()).await.unwrap().map(Body::new)
}

async fn bytes(answer: Response<Body>) -> Bytes {
    to_bytes(answer.into_body(), usize::MAX).await.unwrap()
}

/// Returns the status and what was said.
async fn ask(server: &Server, asked: &str, token: &str, body: Option<Value>) -> (u16, Value) {
    let answer = call(server, asked, token, body).await;
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&bytes(answer).await).unwrap_or_default())
}

async fn get(server: &Server, path: &str) -> (u16, Value) {
    ask(server, &format!("GET {path}"), "", None).await
}

/// Demands that something was refused, and with which code.
#[track_caller]
fn refused((status, problem): (u16, Value), expected: u16, code: &str) -> Value {
    assert_eq!((status, &problem["code"]), (expected, &json!(code)), "{problem}");
    problem
}

#[tokio::test]
async fn the_history_of_the_tables_is_what_the_server_was_given() {
    let step = Migration {
        version: 1,
        name: "events".to_owned(),
        statements: vec!["CREATE TABLE events".to_owned()],
        applied_at: None,
        rows: Some(7),
        bytes: None,
    };
    let migrations = Migrations::new(move || {
        let step = step.clone();
        Box::pin(async move { Ok(vec![step]) })
    });
    let server = served(Options { migrations: Some(migrations), ..Options::default() }).await;
    let expected = json!({"migrations": [{
        "version": 1, "name": "events", "statements": ["CREATE TABLE events"],
        "applied_at": null, "rows": 7, "bytes": null
    }]});
    assert_eq!(get(&server, "/migrations").await, (200, expected));
    let away = || Error::Unavailable { backend: "postgres", why: "10.0.0.1 is away".to_owned(), source: None };
    let migrations = Migrations::new(move || Box::pin(async move { Err(away()) }));
    let server = served(Options { migrations: Some(migrations), ..Options::default() }).await;
    let problem = refused(get(&server, "/migrations").await, 503, "unavailable");
    assert!(!problem.to_string().contains("10.0.0.1"), "{problem}");
    refused(get(&served(Options::default()).await, "/migrations").await, 501, "no_migrations");
}

/// Makes a file of tokens, and returns it and the texts of an admin's, a reader's and a producer's.
fn tokens_in(folder: &Folder) -> (Auth, [String; 3]) {
    let make = |name: &str, scope| file::add(&folder.file(), name, &[scope]).unwrap().1;
    let texts = [make("boss", Scope::Admin), make("reader", Scope::Read), make("producer", Scope::Append)];
    (Auth::Open.with_file(TokenFile::open(folder.file()).unwrap()), texts)
}

/// Returns a server that goes by such a file.
async fn guarded(folder: &Folder) -> (Server, [String; 3]) {
    let (auth, texts) = tokens_in(folder);
    (served(Options::with(auth)).await, texts)
}

#[tokio::test]
async fn tokens_are_made_listed_and_revoked_and_that_counts_at_once() {
    let folder = Folder::new();
    let (server, [boss, ..]) = guarded(&folder).await;
    let body = json!({"name": "a b/ü", "scopes": ["read", "append", "read"]});
    let answer = call(&server, "POST /tokens", &boss, Some(body.clone())).await;
    assert_eq!((answer.status().as_u16(), answer.headers()[CACHE_CONTROL].to_str().unwrap()), (201, "no-store"));
    let made: Value = serde_json::from_slice(&bytes(answer).await).unwrap();
    assert_eq!((&made["name"], &made["scopes"]), (&json!("a b/ü"), &json!(["read", "append"])));
    let token = made["token"].as_str().unwrap();
    assert_eq!(ask(&server, "GET /head", token, None).await.0, 200);
    let (status, listed) = ask(&server, "GET /tokens", &boss, None).await;
    assert_eq!((status, &listed["file"], listed["tokens"].as_array().unwrap().len()), (200, &json!(true), 4));
    let last = json!({"name": "a b/ü", "scopes": ["read", "append"], "created_at": made["created_at"]});
    assert_eq!(listed["tokens"][3], last, "it tells what it should not");

    refused(ask(&server, "POST /tokens", &boss, Some(body)).await, 409, "taken");
    for (body, field) in [
        (json!({"name": "x", "scopes": []}), "scopes"),
        (json!({"name": "x", "scopes": ["write"]}), "scopes"),
        (json!({"name": " ", "scopes": ["read"]}), "name"),
        (json!({"name": "x", "scopes": ["read"], "hash": ""}), "body"),
    ] {
        let problem = refused(ask(&server, "POST /tokens", &boss, Some(body)).await, 422, "invalid");
        assert_eq!(problem["field"], field, "{problem}");
    }
    assert_eq!(ask(&server, "DELETE /tokens/a%20b%2F%C3%BC", &boss, None).await, (204, Value::Null));
    refused(ask(&server, "GET /head", token, None).await, 401, "unauthorized");
    refused(ask(&server, "DELETE /tokens/a%20b%2F%C3%BC", &boss, None).await, 404, "not_found");
}

#[tokio::test]
async fn a_file_of_tokens_that_is_damaged_is_told_without_its_place() {
    let folder = Folder::new();
    let (server, [boss, ..]) = guarded(&folder).await;
    std::fs::write(folder.file(), "{").unwrap();
    let body = json!({"name": "x", "scopes": ["read"]});
    for (asked, body) in [("GET /tokens", None), ("POST /tokens", Some(body)), ("DELETE /tokens/reader", None)] {
        let problem = refused(ask(&server, asked, &boss, body).await, 500, "token_file");
        assert!(!problem.to_string().contains("tokens.json"), "{problem}");
    }
}

#[tokio::test]
async fn a_server_without_a_file_of_tokens_has_none_and_makes_none() {
    let token = "a-token-of-some-length";
    let server = served(Options::with(Auth::token(token))).await;
    let none = json!({"tokens": [], "file": false});
    assert_eq!(ask(&server, "GET /tokens", token, None).await, (200, none));
    let body = json!({"name": "x", "scopes": ["read"]});
    refused(ask(&server, "POST /tokens", token, Some(body)).await, 501, "no_token_file");
    refused(ask(&server, "DELETE /tokens/x", token, None).await, 501, "no_token_file");
}

#[tokio::test]
async fn tokens_take_the_scope_admin_and_all_else_here_that_of_reading() {
    let folder = Folder::new();
    let (server, [boss, reader, producer]) = guarded(&folder).await;
    let nothing = String::new();
    for (asked, is_readers) in [
        ("GET /tokens", false),
        ("POST /tokens", false),
        ("DELETE /tokens/reader", false),
        ("GET /migrations", true),
        ("GET /listeners", true),
        ("GET /replicas", true),
        ("GET /snapshots", true),
        ("POST /snapshots", true),
        ("GET /snapshots/x", true),
        ("GET /snapshots/x/file", true),
        ("DELETE /snapshots/x", true),
    ] {
        let statuses = [&reader, &producer, &nothing].map(|token| ask(&server, asked, token, None));
        let [read, append, none] = futures::future::join_all(statuses).await.try_into().unwrap();
        assert_eq!((read.0 != 403, append.0, none.0), (is_readers, 403, 401), "{asked}");
    }
    assert_eq!(ask(&server, "DELETE /tokens/reader", &boss, None).await.0, 204);
}

#[tokio::test(start_paused = true)]
async fn who_listens_is_listed_with_how_far_it_is_until_it_goes() {
    let folder = Folder::new();
    let (server, [boss, reader, _]) = guarded(&folder).await;
    let append = async |kind: &str| server.desk.ledger.append_one(Draft::new(kind, &1).unwrap()).await.unwrap();
    append("a.b").await;
    append("c.d").await;
    let events = call(&server, "GET /events/stream?kind=a.*&after=0", &reader, None).await;
    let changes = call(&server, "GET /changes?interval_ms=40", &boss, None).await;
    let listed = async || ask(&server, "GET /listeners", &reader, None).await.1;
    let first = listed().await;
    assert_eq!((&first["head"], &first["total"]), (&json!(2), &json!(2)));
    let [one, two] = [&first["listeners"][0], &first["listeners"][1]];
    assert_eq!((&one["stream"], &one["caller"]), (&json!("events"), &json!("the token `reader`")));
    assert_eq!([&one["position"], &one["behind"], &one["sent"]], [0, 2, 0]);
    assert_eq!((&one["about"], &two["about"]), (&json!("kind a.*"), &json!("the head, every 40 ms at most")));
    assert_eq!([&two["position"], &two["behind"], &two["sent"]], [2, 0, 0]);

    let (mut events, mut changes) = (events.into_body().into_data_stream(), changes.into_body().into_data_stream());
    // What they are told before anything else, and then something.
    for _ in 0..2 {
        events.next().await.unwrap().unwrap();
        changes.next().await.unwrap().unwrap();
    }
    let second = listed().await;
    let figures = |listener: &Value| ["position", "behind", "sent"].map(|name| listener[name].as_u64().unwrap());
    assert_eq!(figures(&second["listeners"][0]), [2, 0, 1], "{second}");
    assert_eq!(figures(&second["listeners"][1]), [2, 0, 1], "{second}");
    append("a.b").await;
    events.next().await.unwrap().unwrap();
    let third = listed().await;
    assert_eq!(figures(&third["listeners"][0]), [3, 0, 2], "{third}");
    assert_eq!(figures(&third["listeners"][1]), [2, 1, 1], "{third}");
    drop(events);
    assert_eq!(listed().await["listeners"][0]["id"], 2);
    drop(changes);
    assert_eq!(listed().await, json!({"head": 3, "listeners": [], "total": 0}));
}

/// What copies in these tests: each waits until it may go on, and notes where it copies to.
#[derive(Clone)]
struct Copier {
    may: Arc<Semaphore>,
    paths: Arc<Mutex<Vec<PathBuf>>>,
}

impl Copier {
    fn new() -> Self {
        Self { may: Arc::new(Semaphore::new(0)), paths: Arc::default() }
    }

    async fn served(&self) -> Server {
        self.served_to(Auth::Open).await
    }

    async fn served_to(&self, auth: Auth) -> Server {
        let copier = self.clone();
        let copy_to = CopyTo::new(move |ledger, path, mut told| {
            let copier = copier.clone();
            Box::pin(async move {
                let head = ledger.head().await?;
                locked(&copier.paths).push(path.clone());
                told(Progress::Comparing(Offset::START, Offset::START));
                told(Progress::Writing(Offset::new(1)?, head));
                copier.may.acquire().await.unwrap().forget();
                told(Progress::Verifying(head, head));
                if head.get() > 2 {
                    let why = "`/a/secret/place` is full".to_owned();
                    return Err(Error::Backend { backend: "sqlite", why, source: None });
                }
                std::fs::write(&path, "a copy").unwrap();
                Ok(())
            })
        });
        let server = served(Options { copy_to: Some(copy_to), ..Options::with(auth) }).await;
        let drafts = [1, 2].map(|n| Draft::new("a.b", &n).unwrap());
        server.desk.ledger.append(&drafts, &ledger_core::Condition::None).await.unwrap();
        server
    }

    /// Returns the folder that was copied to last.
    fn folder(&self) -> PathBuf {
        locked(&self.paths).last().unwrap().parent().unwrap().to_owned()
    }
}

async fn begin(server: &Server) -> String {
    begin_as(server, "").await
}

async fn begin_as(server: &Server, token: &str) -> String {
    let (status, begun) = ask(server, "POST /snapshots", token, None).await;
    assert_eq!(status, 202, "{begun}");
    begun["id"].as_str().unwrap().to_owned()
}

/// Begins some snapshots one after the other, and waits for each.
async fn made_as(server: &Server, token: &str, number: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..number {
        ids.push(begin_as(server, token).await);
        // It is done when the next copy may begin.
        drop(server.desk.copying.acquire().await.unwrap());
    }
    ids
}

/// Asks for a snapshot until what it says holds.
async fn until(server: &Server, id: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let (status, snapshot) = get(server, &format!("/snapshots/{id}")).await;
        assert_eq!(status, 200, "{snapshot}");
        if holds(&snapshot) {
            return snapshot;
        }
        assert!(Instant::now() < deadline, "{snapshot}");
        tokio::task::yield_now().await;
    }
}

fn is_ready(snapshot: &Value) -> bool {
    snapshot["state"] == "ready"
}

#[tokio::test]
async fn a_snapshot_is_copied_aside_told_of_and_downloaded() {
    let copier = Copier::new();
    let server = copier.served().await;
    let id = begin(&server).await;
    let copying = until(&server, &id, |snapshot| snapshot["events"] == 1).await;
    let figures = json!({"id": id, "state": "copying", "started_at": copying["started_at"], "events": 1, "of": 2,
        "bytes": null, "error": null, "removable": true});
    assert_eq!(copying, figures);
    refused(get(&server, &format!("/snapshots/{id}/file")).await, 409, "not_ready");
    refused(ask(&server, "POST /snapshots", "", None).await, 503, "busy");
    refused(get(&server, "/snapshot").await, 503, "busy");
    copier.may.add_permits(1);
    let ready = until(&server, &id, is_ready).await;
    assert_eq!((&ready["events"], &ready["of"], &ready["bytes"]), (&json!(2), &json!(2), &json!(6)));
    let file = call(&server, &format!("GET /snapshots/{id}/file"), "", None).await;
    assert_eq!(file.headers()[CONTENT_TYPE], "application/vnd.sqlite3");
    let folder = copier.folder();
    // Who downloads it holds it, though it is removed meanwhile.
    assert_eq!(ask(&server, &format!("DELETE /snapshots/{id}"), "", None).await.0, 204);
    assert!(folder.exists());
    assert_eq!(bytes(file).await, "a copy");
    assert!(!folder.exists(), "something was left");
    refused(get(&server, &format!("/snapshots/{id}")).await, 404, "not_found");
    // The other way to a copy is as it was.
    copier.may.add_permits(1);
    assert_eq!(bytes(call(&server, "GET /snapshot", "", None).await).await, "a copy");
    assert!(!copier.folder().exists(), "something was left");
}

#[tokio::test]
async fn three_snapshots_are_kept_and_the_oldest_makes_room() {
    let copier = Copier::new();
    let server = copier.served().await;
    copier.may.add_permits(10);
    let ids = made_as(&server, "", 4).await;
    let listed = async || {
        let listed = get(&server, "/snapshots").await.1;
        let ids = listed["snapshots"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(listed().await, [&*ids[3], &*ids[2], &*ids[1]]);
    let are_there: Vec<_> = locked(&copier.paths).iter().map(|path| path.exists()).collect();
    assert_eq!(are_there, [false, true, true, true]);
    // From three events on, it fails.
    server.desk.ledger.append_one(Draft::new("a.b", &3).unwrap()).await.unwrap();
    let failed = begin(&server).await;
    let told = until(&server, &failed, |snapshot| snapshot["state"] == "failed").await;
    assert_eq!((&told["error"], &told["bytes"]), (&json!("the engine failed"), &Value::Null), "{told}");
    refused(get(&server, &format!("/snapshots/{failed}/file")).await, 409, "not_ready");
    assert_eq!(listed().await, [&*failed, &*ids[3], &*ids[2]]);
    let next = begin(&server).await;
    assert_eq!(listed().await, [&*next, &*ids[3], &*ids[2]], "nobody misses what failed");
}

#[tokio::test]
async fn a_snapshot_that_is_removed_while_it_is_copied_lets_the_next_one_begin() {
    let copier = Copier::new();
    let server = copier.served().await;
    let id = begin(&server).await;
    until(&server, &id, |snapshot| snapshot["events"] == 1).await;
    assert_eq!(ask(&server, &format!("DELETE /snapshots/{id}"), "", None).await.0, 204);
    assert!(!copier.folder().exists(), "something was left");
    begin(&server).await;
}

#[tokio::test]
async fn snapshots_go_when_the_server_ends() {
    let copier = Copier::new();
    let server = copier.served().await;
    copier.may.add_permits(1);
    let ready = begin(&server).await;
    until(&server, &ready, is_ready).await;
    let copying = begin(&server).await;
    until(&server, &copying, |snapshot| snapshot["events"] == 1).await;
    let folders: Vec<_> = locked(&copier.paths).iter().map(|path| path.parent().unwrap().to_owned()).collect();
    assert!(folders.len() == 2 && folders.iter().all(|folder| folder.exists()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let desk = Arc::clone(&server.desk);
    server.serve(listener, std::future::ready(())).await.unwrap();
    assert!(!folders.iter().any(|folder| folder.exists()), "something was left");
    assert_eq!(Arc::strong_count(&desk), 1, "something works on");
}

#[tokio::test]
async fn a_server_that_makes_no_copies_says_so() {
    let server = served(Options::default()).await;
    refused(ask(&server, "POST /snapshots", "", None).await, 501, "no_snapshots");
    assert_eq!(get(&server, "/snapshots").await, (200, json!({"snapshots": []})));
    refused(get(&server, "/snapshots/x/file").await, 404, "not_found");
}

#[tokio::test]
async fn copies_that_are_removed_and_read_still_take_their_places() {
    let copier = Copier::new();
    let server = copier.served().await;
    copier.may.add_permits(10);
    let mut read = Vec::new();
    for id in made_as(&server, "", 3).await {
        read.push(call(&server, &format!("GET /snapshots/{id}/file"), "", None).await);
        assert_eq!(ask(&server, &format!("DELETE /snapshots/{id}"), "", None).await.0, 204);
    }
    assert!(locked(&copier.paths).iter().all(|path| path.exists()));
    refused(ask(&server, "POST /snapshots", "", None).await, 503, "busy");
    // It is not for those that one waits for, …
    let waited = [call(&server, "GET /snapshot", "", None).await, call(&server, "GET /snapshot", "", None).await];
    // … who keep nobody from copying while they read, but each other.
    refused(get(&server, "/snapshot").await, 503, "busy");
    assert_eq!(bytes(read.remove(0)).await, "a copy");
    let next = begin(&server).await;
    until(&server, &next, is_ready).await;
    drop(waited);
    assert_eq!(bytes(call(&server, "GET /snapshot", "", None).await).await, "a copy");
    let are_there = locked(&copier.paths).iter().filter(|path| path.exists()).count();
    assert_eq!(are_there, 3, "two are read, and one is kept");
}

#[tokio::test]
async fn a_snapshot_that_is_being_read_makes_room_for_none() {
    let copier = Copier::new();
    let server = copier.served().await;
    copier.may.add_permits(10);
    let mut read = Vec::new();
    for id in made_as(&server, "", 3).await {
        read.push(call(&server, &format!("GET /snapshots/{id}/file"), "", None).await);
    }
    refused(ask(&server, "POST /snapshots", "", None).await, 503, "busy");
    assert_eq!(get(&server, "/snapshots").await.1["snapshots"].as_array().unwrap().len(), 3);
    drop(read.pop());
    begin(&server).await;
}

/// Asks as somebody for a field of each snapshot, the newest first.
async fn listed_as(server: &Server, token: &str, field: &str) -> Vec<Value> {
    let listed = ask(server, "GET /snapshots", token, None).await.1;
    listed["snapshots"].as_array().unwrap().iter().map(|one| one[field].clone()).collect()
}

#[tokio::test]
async fn a_snapshot_is_removed_by_who_began_it_or_an_admin() {
    let (folder, copier) = (Folder::new(), Copier::new());
    let other = file::add(&folder.file(), "other", &[Scope::Read]).unwrap().1;
    let (auth, [boss, reader, _]) = tokens_in(&folder);
    let server = copier.served_to(auth).await;
    copier.may.add_permits(10);
    let ids = made_as(&server, &reader, 2).await;
    for (token, removable) in [(&reader, true), (&other, false), (&boss, true)] {
        assert_eq!(listed_as(&server, token, "removable").await, [removable; 2]);
        assert_eq!(ask(&server, &format!("GET /snapshots/{}", ids[0]), token, None).await.1["removable"], removable);
    }
    let remove = |id: &str| format!("DELETE /snapshots/{id}");
    refused(ask(&server, &remove(&ids[0]), &other, None).await, 403, "forbidden");
    assert_eq!(ask(&server, &remove(&ids[0]), &boss, None).await.0, 204);
    assert_eq!(ask(&server, &remove(&ids[1]), &reader, None).await.0, 204);
}

#[tokio::test]
async fn snapshots_make_room_so_that_nobody_keeps_others_from_theirs() {
    let (folder, copier) = (Folder::new(), Copier::new());
    let names = ["a", "b", "c", "d"];
    let tokens = names.map(|name| file::add(&folder.file(), name, &[Scope::Read]).unwrap().1);
    let server = copier.served_to(Auth::Open.with_file(TokenFile::open(folder.file()).unwrap())).await;
    copier.may.add_permits(20);
    let make = async |who: usize, number: usize| made_as(&server, &tokens[who], number).await;
    let there = async || listed_as(&server, &tokens[0], "id").await;
    let mine = make(0, 4).await;
    assert_eq!(there().await, [&*mine[3], &*mine[2], &*mine[1]], "one's own oldest makes room");
    let theirs = make(1, 1).await;
    assert_eq!(there().await, [&*theirs[0], &*mine[3], &*mine[2]], "who has many makes room");
    let third = make(2, 1).await;
    assert_eq!(there().await, [&*third[0], &*theirs[0], &*mine[3]], "who has many makes room");
    let problem = refused(ask(&server, "POST /snapshots", &tokens[3], None).await, 503, "busy");
    assert!(problem["detail"].as_str().unwrap().starts_with("3 copies"), "{problem}");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(3_600)).await;
    tokio::time::resume();
    let last = make(3, 1).await;
    assert_eq!(there().await, [&*last[0], &*third[0], &*theirs[0]], "after an hour the oldest makes room");
}
