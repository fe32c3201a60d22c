//! The document is true: it has the routes that there are, and what they answer is what it says.

mod past;

use std::collections::BTreeSet;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use ledger_core::views::Operation;
use ledger_core::{Artifact, Timestamp};
use serde_json::{Value, json};

use super::whole;
use crate::docs::operations;
use crate::tokens::tests::Folder;
use crate::tokens::{self, TokenFile};
use crate::{Auth, CopyTo, Hosts, Migration, Migrations, Options, Replica, Scope, Server, router};

fn document(asks_for_tokens: bool) -> Value {
    serde_json::to_value(whole(asks_for_tokens)).unwrap()
}

/// What was answered: status, type and body; of what has no end, no body.
struct Answer {
    status: u16,
    media: String,
    body: Bytes,
}

async fn served() -> Server {
    let ledger = backends::open("memory:").await.unwrap();
    Server::new(ledger, Options { hosts: Hosts::Any, ..Options::default() })
}

async fn ask(server: &Server, method: &str, path: &str, body: Option<&str>) -> Answer {
    ask_as(server, "", (method, path), body).await
}

/// Asks with a token.
async fn ask_as(server: &Server, token: &str, (method, path): (&str, &str), body: Option<&str>) -> Answer {
    let mut request = Request::builder().method(method.to_uppercase().as_str()).uri(path);
    if !token.is_empty() {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    if body.is_some() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    let request = request.body(Body::from(body.unwrap_or_default().to_owned())).unwrap();
    let answer = TowerToHyperService::new(router(&server.desk)).call(request).await.unwrap();
    let media = answer.headers().get(CONTENT_TYPE).map_or("", |media| media.to_str().unwrap());
    let (status, media) = (answer.status().as_u16(), media.split(';').next().unwrap().to_owned());
    let body = match media.as_str() {
        "text/event-stream" => Bytes::new(),
        _ => to_bytes(Body::new(answer.into_body()), usize::MAX).await.unwrap(),
    };
    Answer { status, media, body }
}

/// Puts something in the place of each name in braces.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn the_document_has_every_route_and_no_other() {
    let (server, document) = (served().await, document(true));
    // A router does not tell its routes.
    let source = include_str!("../lib.rs");
    let routes = source.split(".route(\"").skip(1).map(|rest| rest.split('"').next().unwrap().replace("{*", "{"));
    let routes: Vec<_> = routes.collect();
    assert_eq!(routes.len(), source.matches(".route(").count(), "a route is written in another way");
    let mut paths: BTreeSet<String> = document["paths"].as_object().unwrap().keys().cloned().collect();
    paths.extend(routes.iter().map(|route| format!("/api/v1{route}")));
    paths.extend(routes);
    // It is at some of these paths at the root, and the document leaves it out: no program goes by it.
    let page = ask(&server, "get", "/", None).await.body;
    for (path, method) in
        paths.iter().flat_map(|path| ["get", "post", "put", "delete", "patch"].map(|method| (path, method)))
    {
        let answer = ask(&server, method, &filled(path), None).await;
        let is_nothing = answer.status == 404 && String::from_utf8_lossy(&answer.body).contains("nothing at this path");
        let is_served = answer.status != 405 && !is_nothing && answer.body != page;
        let operation = document["paths"].get(path).and_then(|item| item.get(method));
        assert_eq!(operation.is_some(), is_served, "{method} {path} answers {}", answer.status);
        let says = operation.is_none_or(|operation| operation["responses"].get(answer.status.to_string()).is_some());
        assert!(says, "{method} {path} answers {}", answer.status);
    }
}

#[tokio::test]
async fn every_path_asks_for_a_token_but_those_that_say_they_do_not() {
    let ledger = backends::open("memory:").await.unwrap();
    let server = Server::new(ledger, Options::with(Auth::token("a-token-of-some-length")));
    let document = document(true);
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "delete", "patch"] {
            let operation = item.get(method);
            let is_open = item.as_object().unwrap().values().any(|operation| operation["security"] == json!([{}]));
            let status = ask(&server, method, &filled(path), None).await.status;
            assert_eq!(status == 401, !is_open, "{method} {path} answers {status}: {operation:?}");
        }
    }
}

#[test]
fn the_document_is_whole() {
    for asks_for_tokens in [true, false] {
        let document = document(asks_for_tokens);
        assert_eq!(
            (&document["openapi"], &document["info"]["version"]),
            (&json!("3.1.0"), &json!(env!("CARGO_PKG_VERSION")))
        );
        assert_eq!(document["components"]["securitySchemes"]["token"].is_object(), asks_for_tokens);
        let mut references = Vec::new();
        refer(&document, &mut references);
        for reference in references {
            assert!(document.pointer(&reference[1..]).is_some(), "{reference} leads nowhere");
        }
        let mut ids = BTreeSet::new();
        for (path, method, operation) in operations(&document) {
            assert!(ids.insert(operation["operationId"].to_string()), "{method} {path} has a name twice");
            is_well_described(path, operation);
        }
    }
}

fn refer(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            references.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|value| refer(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| refer(value, references)),
        _ => {}
    }
}

fn is_well_described(path: &str, operation: &Value) {
    let answers = operation["responses"].as_object().unwrap();
    let is_guarded = path.starts_with("/api/") || path.starts_with("/projects/") || path == "/metrics";
    let always: &[&str] = if is_guarded { &["401", "403", "500", "503"] } else { &["403"] };
    let goes_well = answers.keys().any(|status| status.starts_with('2'));
    assert!(goes_well && always.iter().all(|status| answers.contains_key(*status)), "{path}: {:?}", answers.keys());
    assert_eq!(operation["security"].is_null(), is_guarded, "{path}");
    // What is said before anybody looks at the path has no body.
    for (status, answer) in answers.iter().filter(|(status, _)| !status.starts_with('2') && *status != "431") {
        let schema = &answer["content"][super::problems::PROBLEM]["schema"]["$ref"];
        assert_eq!(schema, "#/components/schemas/Problem", "{path}: {status}");
    }
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let of_path = parameters.iter().filter(|one| one["in"] == "path").map(|one| one["name"].as_str().unwrap());
    let named = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    assert_eq!(of_path.collect::<Vec<_>>(), named.collect::<Vec<_>>(), "{path}");
    let is_asked = parameters.iter().any(|one| one["in"] == "query");
    assert!(!is_asked || answers.contains_key("422"), "{path}");
}

/// Some of everything that views are made of.
fn drafts() -> Vec<Value> {
    let operation = |id: &str| {
        let mut operation = Operation::new("concat").unwrap().project("p").bucket("b").table("t");
        operation.id = id.parse().unwrap();
        operation.input("source", Artifact::new("t_1").unwrap()).unwrap().output("t_3").unwrap()
    };
    let failed = operation("op-2").failed("it broke").unwrap();
    let report = Operation::new("report").unwrap().input("of", Artifact::new("t_3").unwrap()).unwrap();
    let edit = |actor: &str, lamport: u32, target: &str| {
        let payload = json!({"domain": "doc", "op": {"op": "insert", "target": target}});
        json!({"kind": "session.operation", "session_id": "s", "actor": actor, "lamport": lamport, "payload": payload})
    };
    let wish = json!({"domain": "doc", "targets": ["p"], "expires_at": "2999-01-01T00:00:00Z"});
    let last = json!({"ann": {"lamport": 1, "id": "e"}});
    let snapshot = json!({"snapshot": "v1", "lamport": 1, "operations": 1, "offset": 1, "last": last});
    vec![
        edit("ann", 1, "p"),
        json!({"kind": "run.started", "id": "x", "run_id": "r-1", "payload": {}, "created_at": null, "model_id": "m"}),
        json!({"kind": "run.finished", "run_id": "r-1", "payload": {"reason": "done"}, "parents": ["x", "gone"]}),
        serde_json::to_value(operation("op-1").finished().unwrap()).unwrap(),
        serde_json::to_value(failed).unwrap(),
        json!({"kind": "artifact.created", "payload": {"artifact": "t_9", "scope": "job", "job": "99"}}),
        json!({"kind": "artifact.pinned", "payload": {"artifact": "t_9"}, "tags": ["artifact:t_9"]}),
        json!({"kind": "session.checkpoint", "session_id": "s", "payload": snapshot, "tags": ["checkpoint:s"]}),
        edit("bob", 2, "q"),
        serde_json::to_value(report.finished().unwrap()).unwrap(),
        json!({"kind": "session.reservation", "session_id": "s", "payload": wish, "tags": ["coordination:s"]}),
    ]
}

#[tokio::test]
async fn what_is_answered_is_what_the_document_says() {
    let (server, document) = (served().await, document(false));
    let (events, drafts) = ("/api/v1/events", drafts());
    let batch = json!(drafts).to_string();
    let under = json!({"events": [drafts[0]], "condition": {"none_after": 0, "query": {"run": "r-1"}}}).to_string();
    for (path, asked, body, status) in [
        (events, events, "{\"kind\":\"a.b\",\"id\":\"a\",\"payload\":{\n}}", 201),
        (events, events, "{\"kind\":\"a.b\",\"id\":\"a\",\"payload\":{}}", 200),
        (events, events, "{\"kind\":\"a.b\",\"id\":\"a\",\"payload\":1}", 409),
        (events, events, batch.as_str(), 201),
        (events, events, under.as_str(), 409),
        (events, events, "{", 400),
        (events, events, "{\"kind\":\"nodot\",\"payload\":1}", 422),
        ("/api/v1/events/query", "/api/v1/events/query", "{\"limit\":2}", 200),
        ("/api/v1/prune", "/api/v1/prune", "{\"run\":\"none\"}", 200),
        ("/api/v1/erase", "/api/v1/erase", "{\"offsets\":[]}", 200),
        ("/api/v1/retention/apply", "/api/v1/retention/apply?success=never", "", 200),
    ] {
        fits(&document, "post", path, &ask(&server, "post", asked, Some(body)).await, status);
    }
    for (path, asked, status) in asked() {
        fits(&document, "get", path, &ask(&server, "get", asked, None).await, status);
    }
    fits(&document, "get", "/sign-in", &ask(&server, "get", "/sign-in", None).await, 200);
    let page = ask(&server, "get", "/docs", None).await;
    let page = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(operations(&document).all(|(path, ..)| page.contains(path)) && !page.contains("<script"));
}

#[tokio::test]
async fn what_those_who_run_a_server_are_answered_is_what_the_document_says() {
    let folder = Folder::new();
    let (_, boss) = tokens::add(&folder.file(), "boss", &[Scope::Admin]).unwrap();
    let step = || Migration {
        version: 1,
        name: "events".to_owned(),
        statements: vec!["CREATE TABLE events".to_owned()],
        applied_at: Some(Timestamp::EPOCH),
        rows: None,
        bytes: None,
    };
    let options = Options {
        migrations: Some(Migrations::new(move || Box::pin(async move { Ok(vec![step()]) }))),
        copy_to: Some(CopyTo::new(|_, path, _| {
            Box::pin(async move {
                drop(std::fs::write(path, "a copy"));
                Ok(())
            })
        })),
        replicas: vec![
            Replica::new("here", || Box::pin(backends::open("memory:"))),
            Replica::new("gone", || Box::pin(backends::open_as("none.db", backends::Mode::ReadOnly))),
        ],
        ..Options::with(Auth::Open.with_file(TokenFile::open(folder.file()).unwrap()))
    };
    let server = Server::new(backends::open("memory:").await.unwrap(), options);
    let document = document(true);
    let asked = async |asked: &str, path: &str, body: Option<&str>, status| {
        let (method, asked) = asked.split_once(' ').unwrap();
        let answer = ask_as(&server, &boss, (method, &format!("/api/v1{asked}")), body).await;
        fits(&document, method, &format!("/api/v1{path}"), &answer, status);
        answer.body
    };
    asked("get /migrations", "/migrations", None, 200).await;
    let replicas: Value = serde_json::from_slice(&asked("get /replicas", "/replicas", None, 200).await).unwrap();
    assert_eq!([0, 1].map(|place| replicas["replicas"][place]["behind"].clone()), [json!(0), json!(null)]);
    asked("post /tokens", "/tokens", Some("{\"name\":\"ci\",\"scopes\":[\"read\"]}"), 201).await;
    asked("post /tokens", "/tokens", Some("{\"name\":\"ci\",\"scopes\":[\"read\"]}"), 409).await;
    asked("post /tokens", "/tokens", Some("{}"), 422).await;
    asked("get /tokens", "/tokens", None, 200).await;
    asked("delete /tokens/ci", "/tokens/{name}", None, 204).await;
    asked("delete /tokens/ci", "/tokens/{name}", None, 404).await;
    let streams = ["/events/stream?kind=a.*", "/changes"].map(|path| format!("/api/v1{path}"));
    let streams = streams.each_ref().map(|path| hear(&server, &boss, path));
    let streams = futures::future::join_all(streams).await;
    let listed = asked("get /listeners", "/listeners", None, 200).await;
    assert_eq!(serde_json::from_slice::<Value>(&listed).unwrap()["total"], streams.len());

    let begun: Value = serde_json::from_slice(&asked("post /snapshots", "/snapshots", None, 202).await).unwrap();
    let path = format!("/snapshots/{}", begun["id"].as_str().unwrap());
    while !asked("get /snapshots", "/snapshots", None, 200).await.windows(7).any(|word| word == b"\"ready\"") {
        tokio::task::yield_now().await;
    }
    asked(&format!("get {path}"), "/snapshots/{id}", None, 200).await;
    asked(&format!("get {path}/file"), "/snapshots/{id}/file", None, 200).await;
    asked(&format!("delete {path}"), "/snapshots/{id}", None, 204).await;
    asked(&format!("get {path}/file"), "/snapshots/{id}/file", None, 404).await;
}

/// Listens, for as long as what is returned is kept.
async fn hear(server: &Server, token: &str, path: &str) -> impl Sized {
    let request = Request::builder().uri(path).header(AUTHORIZATION, format!("Bearer {token}"));
    let request = request.body(Body::empty()).unwrap();
    TowerToHyperService::new(router(&server.desk)).call(request).await.unwrap()
}

/// What is asked of paths, and how it ends.
fn asked() -> [(&'static str, &'static str, u16); 51] {
    [
        ("/health", "/health", 200),
        ("/ready", "/ready", 200),
        ("/openapi.json", "/openapi.json", 200),
        ("/api/v1/head", "/api/v1/head", 200),
        ("/api/v1/head", "/api/v1/head?as_of=2026-01-31T12:00:00Z", 200),
        ("/api/v1/digest", "/api/v1/digest", 200),
        ("/api/v1/ledger", "/api/v1/ledger", 200),
        ("/api/v1/events", "/api/v1/events?limit=5", 200),
        ("/api/v1/events", "/api/v1/events?order=desc&kind=run.*&tag=a:1", 200),
        ("/api/v1/events", "/api/v1/events?limit=0", 422),
        ("/api/v1/events/{which}", "/api/v1/events/1", 200),
        ("/api/v1/events/{which}", "/api/v1/events/none", 404),
        ("/api/v1/events/{which}", "/api/v1/events/query", 405),
        ("/api/v1/events/{which}/chain", "/api/v1/events/x/chain", 200),
        ("/api/v1/events/{which}/chain", "/api/v1/events/4/chain?most=1&as_of=4", 200),
        ("/api/v1/events/{which}/chain", "/api/v1/events/4/chain?as_of=3", 404),
        ("/api/v1/events/{which}/chain", "/api/v1/events/4/chain?most=1001", 422),
        ("/api/v1/events/facets", "/api/v1/events/facets?run=r-1&most=1", 200),
        ("/api/v1/events/facets", "/api/v1/events/facets?kind=none.such", 200),
        ("/api/v1/events/facets", "/api/v1/events/facets?limit=1", 422),
        ("/api/v1/overview", "/api/v1/overview", 200),
        ("/api/v1/overview", "/api/v1/overview?as_of=0", 200),
        ("/api/v1/runs", "/api/v1/runs", 200),
        ("/api/v1/runs", "/api/v1/runs?q=R&state=finished&as_of=9", 200),
        ("/api/v1/runs/{run}", "/api/v1/runs/r-1", 200),
        ("/api/v1/runs/{run}", "/api/v1/runs/r-1?as_of=1", 404),
        ("/api/v1/artifacts", "/api/v1/artifacts", 200),
        ("/api/v1/artifacts", "/api/v1/artifacts?droppable", 200),
        ("/api/v1/artifacts", "/api/v1/artifacts?q=t&as_of=9", 200),
        ("/api/v1/lineage/{artifact}", "/api/v1/lineage/t_3?direction=both", 200),
        ("/api/v1/lineage/{artifact}", "/api/v1/lineage/t_3?format=tree", 200),
        ("/api/v1/lineage/{artifact}", "/api/v1/lineage/t_3?format=svg", 200),
        ("/api/v1/lineage/{artifact}", "/api/v1/lineage/t_3?format=layout&depth=0", 200),
        ("/api/v1/lineage/{artifact}", "/api/v1/lineage/t_1?format=layout&direction=forward", 200),
        ("/api/v1/path", "/api/v1/path?from=t_1&to=t_3", 200),
        ("/api/v1/sessions", "/api/v1/sessions", 200),
        ("/api/v1/sessions", "/api/v1/sessions?as_of=2", 200),
        ("/api/v1/sessions/{session}", "/api/v1/sessions/s", 200),
        ("/api/v1/sessions/{session}", "/api/v1/sessions/s?as_of=2", 200),
        ("/api/v1/sessions/{session}/graph", "/api/v1/sessions/s/graph", 200),
        ("/api/v1/sessions/{session}/delta", "/api/v1/sessions/s/delta?domain=doc", 200),
        ("/api/v1/sessions/{session}/checkpoints", "/api/v1/sessions/s/checkpoints", 200),
        ("/api/v1/projects/{project}/operations", "/api/v1/projects/p/operations?limit=1", 200),
        ("/api/v1/operations", "/api/v1/operations?project=p&as_of=9", 200),
        ("/api/v1/operations/stats", "/api/v1/operations/stats", 200),
        ("/api/v1/operations/stats", "/api/v1/operations/stats?heat&buckets=3", 200),
        ("/api/v1/operations/capacity", "/api/v1/operations/capacity?days=7", 200),
        ("/api/v1/operations/capacity", "/api/v1/operations/capacity?days=0", 422),
        ("/projects/{project}/operations/stats", "/projects/p/operations/stats", 200),
        ("/projects/{project}/operations/{operation}", "/projects/p/operations/op-1", 200),
        ("/api/v1/retention/plan", "/api/v1/retention/plan", 200),
    ]
}

/// Demands that an answer has this status, and that the document has such an answer.
fn fits(document: &Value, method: &str, path: &str, answer: &Answer, status: u16) {
    let body = String::from_utf8_lossy(&answer.body);
    assert_eq!(answer.status, status, "{method} {path}: {body}");
    let said = &document["paths"][path][method]["responses"][status.to_string()];
    if answer.media.is_empty() && body.is_empty() {
        assert!(said.is_object() && said.get("content").is_none(), "{method} {path}: {said}");
        return;
    }
    let content = &said["content"];
    let content = content.get(&answer.media).unwrap_or_else(|| panic!("{method} {path}: no word of {}", answer.media));
    if answer.media.ends_with("json") {
        let value = serde_json::from_slice(&answer.body).unwrap();
        let wrong = wrong(document, &content["schema"], &value);
        assert_eq!(wrong, None, "{method} {path}: {body}");
    }
}

/// Returns what of a value a schema does not let in, as far as schemas of this document go.
fn wrong(document: &Value, schema: &Value, value: &Value) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str() {
        return wrong(document, document.pointer(&name[1..])?, value);
    }
    let parts = |name: &str| schema[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let fitting = parts("oneOf").iter().filter(|schema| wrong(document, schema, value).is_none()).count();
    let kinds = if schema["type"].is_string() { std::slice::from_ref(&schema["type"]) } else { parts("type") };
    let is_right = (parts("oneOf").is_empty() || fitting == 1)
        && (kinds.is_empty() || kinds.iter().any(|kind| is_of(kind, value)))
        && (parts("enum").is_empty() || parts("enum").contains(value))
        && (!value.is_object() || parts("required").iter().all(|name| value.get(name.as_str().unwrap()).is_some()))
        && schema["minimum"].as_u64().is_none_or(|least| value.as_u64().is_none_or(|value| value >= least))
        && schema["maxLength"].as_u64().is_none_or(|most| value.as_str().is_none_or(|text| text.len() as u64 <= most));
    if !is_right {
        return Some(format!("{value} is not {schema}"));
    }
    let all = parts("allOf").iter().find_map(|schema| wrong(document, schema, value));
    let items = value.as_array().into_iter().flatten();
    let item = || schema.get("items").and_then(|schema| items.clone().find_map(|item| wrong(document, schema, item)));
    let mut members = value.as_object().into_iter().flatten();
    let member = || {
        members.find_map(|(name, value)| match schema["properties"].get(name).or(schema.get("additionalProperties")) {
            Some(Value::Bool(false)) => Some(format!("`{name}` is not in {schema}")),
            Some(schema) => wrong(document, schema, value),
            None => None,
        })
    };
    all.or_else(item).or_else(member)
}

fn is_of(kind: &Value, value: &Value) -> bool {
    match kind.as_str() {
        Some("null") => value.is_null(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("number") => value.is_number(),
        Some("string") => value.is_string(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => false,
    }
}
