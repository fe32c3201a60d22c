//! Who signs in is let in as by the token, for as long as that counts, and for nobody else's page.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::Request as Asked;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;
use tokio::time::{advance, timeout};

use super::*;
use crate::tokens::tests::Folder;
use crate::tokens::{self, TokenFile};
use crate::{Auth, Hosts, Options, Scope, Server, router};

const TOKEN: &str = "a-token-of-some-length";
const JSON: (&str, &str) = ("content-type", "application/json");
const OWN: (&str, &str) = ("sec-fetch-site", "same-origin");
const HOST: (&str, &str) = ("host", "ledger.example");

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// Demands a problem of a status, and returns its code.
    pub(crate) fn told(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.headers["content-type"], "application/problem+json");
        self.json()["code"].as_str().unwrap().to_owned()
    }

    /// Returns the cookie that was answered, as a browser sends it back.
    fn cookie(&self) -> String {
        assert_eq!((self.status, self.body.len()), (204, 0), "{self:?}");
        self.set_cookie().split(';').next().unwrap().to_owned()
    }

    fn set_cookie(&self) -> &str {
        self.headers["set-cookie"].to_str().unwrap()
    }
}

pub(crate) fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|&(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
}

/// Begins to ask, and returns what is answered before anything of it is read.
async fn begun(
    server: &Server,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> axum::http::Response<Body> {
    let mut asked = Asked::builder().method(method).uri(path);
    for (name, value) in headers {
        asked = asked.header(*name, *value);
    }
    let asked = asked.body(Body::from(body.to_owned())).unwrap();
    TowerToHyperService::new(router(&server.desk)).call(asked).await.unwrap().map(Body::new)
}

pub(crate) async fn ask(server: &Server, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let (parts, body) = begun(server, method, path, headers, body).await.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Answer { status: parts.status.as_u16(), headers: parts.headers, body }
}

async fn served(auth: Auth) -> Server {
    let ledger = backends::open("memory:").await.unwrap();
    Server::new(ledger, Options { hosts: Hosts::Any, ..Options::with(auth) })
}

async fn sign_in(server: &Server, token: &str) -> Answer {
    ask(server, "POST", "/sign-in", &[JSON, OWN], &json!({"token": token}).to_string()).await
}

/// Asks with a cookie, as a page of the server does.
async fn by_cookie(server: &Server, method: &str, path: &str, cookie: &str) -> Answer {
    let body = if method == "POST" { r#"{"kind":"a.b","payload":1}"# } else { "" };
    ask(server, method, path, &[JSON, OWN, ("cookie", cookie)], body).await
}

async fn who_is(server: &Server, shown: &[(&str, &str)]) -> Value {
    let answer = ask(server, "GET", "/sign-in", shown, "").await;
    assert_eq!((answer.status, &answer.headers["cache-control"]), (200, &"no-store".parse().unwrap()));
    answer.json()
}

#[tokio::test]
async fn a_cookie_lets_in_as_its_token_does() {
    let folder = Folder::new();
    let (_, reader) = tokens::add(&folder.file(), "reader", &[Scope::Read]).unwrap();
    let server = served(Auth::token(TOKEN).with_file(TokenFile::open(folder.file()).unwrap())).await;
    let reader = sign_in(&server, &reader).await.cookie();
    // What is pasted has blanks about it.
    let boss = sign_in(&server, &format!(" {TOKEN}\n")).await.cookie();
    for (cookie, said, statuses) in [
        (&reader, json!({"caller": "the token `reader`", "scopes": ["read"]}), [200, 200, 403, 403]),
        (&boss, json!({"caller": "the one token", "scopes": ["admin"]}), [200, 200, 201, 200]),
    ] {
        let known = who_is(&server, &[("cookie", cookie)]).await;
        let expected = json!({"auth": "token", "caller": said["caller"], "scopes": said["scopes"], "by": "cookie"});
        assert_eq!(known, expected);
        for ((method, path), status) in [
            ("GET", "/api/v1/head"),
            ("HEAD", "/metrics"),
            ("POST", "/api/v1/events"),
            ("POST", "/api/v1/retention/apply?success=never"),
        ]
        .into_iter()
        .zip(statuses)
        {
            assert_eq!(by_cookie(&server, method, path, cookie).await.status, status, "{method} {path}");
        }
        // Between those of others, whatever is in them; and not by another name.
        let among = format!("a=b; {cookie};c=d");
        assert_eq!(by_cookie(&server, "GET", "/api/v1/head", &among).await.status, 200);
        assert_eq!(by_cookie(&server, "GET", "/api/v1/head", &format!("x{cookie}")).await.status, 401);
        assert_eq!(by_cookie(&server, "GET", "/api/v1/head", &format!("{cookie}0")).await.status, 401);
    }
    // Who is known is told what is not there, and nobody else is.
    assert_eq!(by_cookie(&server, "GET", "/api/v1/nothing", &reader).await.told(404), "not_found");
    let token = reader.split_once('=').unwrap().1;
    let as_token = format!("Bearer {token}");
    assert_eq!(ask(&server, "GET", "/api/v1/head", &[("authorization", &as_token)], "").await.status, 401);
}

#[tokio::test]
async fn a_header_counts_before_a_cookie() {
    let folder = Folder::new();
    let (_, producer) = tokens::add(&folder.file(), "producer", &[Scope::Append]).unwrap();
    let server = served(Auth::token(TOKEN).with_file(TokenFile::open(folder.file()).unwrap())).await;
    let cookie = sign_in(&server, TOKEN).await.cookie();
    let producer = format!("Bearer {producer}");
    for (header, status, by) in
        [(&*producer, 403, json!("token")), ("Bearer wrong", 401, Value::Null), ("Basic YTpi", 401, Value::Null)]
    {
        let shown = [("authorization", header), ("cookie", &*cookie)];
        assert_eq!(ask(&server, "GET", "/api/v1/head", &shown, "").await.status, status, "{header}");
        assert_eq!(who_is(&server, &shown).await["by"], by, "{header}");
    }
    // What a header lets in needs no page of this server.
    let shown = [JSON, ("authorization", &*producer), ("cookie", &*cookie), ("sec-fetch-site", "cross-site")];
    assert_eq!(ask(&server, "POST", "/api/v1/events", &shown, r#"{"kind":"a.b","payload":1}"#).await.status, 201);
}

#[tokio::test]
async fn what_is_no_known_token_is_refused_and_not_repeated() {
    let server = served(Auth::token(TOKEN)).await;
    let shown: [&[(&str, &str)]; 3] = [&[], &[("cookie", "ledger_session=")], &[("cookie", "ledger_session=x; a")]];
    for shown in shown {
        let nobody = json!({"auth": "token", "caller": null, "scopes": [], "by": null});
        assert_eq!(who_is(&server, shown).await, nobody);
    }
    let wrong = sign_in(&server, "another-token").await;
    assert_eq!(wrong.told(401), "unauthorized");
    assert!(!wrong.headers.contains_key("set-cookie") && !String::from_utf8_lossy(&wrong.body).contains("another"));
    let long = format!(r#"{{"token":"{}"}}"#, "x".repeat(LARGEST));
    for (body, status) in [
        ("", 400),
        ("{", 400),
        ("another-token", 400),
        (r#""another-token""#, 422),
        (r#"{"token":7}"#, 422),
        (r#"{"another-token":"x"}"#, 422),
        (r#"{"token":"x","another-token":1}"#, 422),
        ("{}", 422),
        (&*long, 413),
    ] {
        let answer = ask(&server, "POST", "/sign-in", &[JSON], body).await;
        answer.told(status);
        assert!(!String::from_utf8_lossy(&answer.body).contains("another"), "{answer:?}");
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(ask(&server, "POST", "/sign-in", &form, "token=x").await.told(415), "unsupported_media_type");
}

#[tokio::test(start_paused = true)]
async fn too_many_wrong_tokens_are_turned_away_for_a_minute_and_right_ones_never() {
    let server = served(Auth::token(TOKEN)).await;
    let cookie = sign_in(&server, TOKEN).await.cookie();
    for _ in 0..10 {
        assert_eq!(sign_in(&server, "wrong").await.status, 401);
    }
    let refused = sign_in(&server, "wrong").await;
    assert_eq!((&*refused.told(429), &refused.headers["retry-after"]), ("too_many_tries", &"60".parse().unwrap()));
    assert_eq!(sign_in(&server, TOKEN).await.status, 204);
    // Who is signed in notices nothing, and a token is as good as before.
    assert_eq!(by_cookie(&server, "POST", "/api/v1/events", &cookie).await.status, 201);
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(ask(&server, "GET", "/api/v1/head", &[("authorization", &bearer)], "").await.status, 200);
    advance(Duration::from_secs(60)).await;
    assert_eq!(sign_in(&server, "wrong").await.status, 401);
}

#[tokio::test]
async fn no_cache_keeps_an_answer_and_no_browser_runs_any_of_it() {
    let server = served(Auth::token(TOKEN)).await;
    let cookie = sign_in(&server, TOKEN).await.cookie();
    let asked = ["/api/v1/head", "/api/v1/events", "/metrics", "/api/v1/lineage/nothing?format=svg", "/api/v1/none"];
    let shown = [(&*cookie, [200, 200, 200, 404, 404]), ("", [401; 5])];
    let asked = shown
        .iter()
        .flat_map(|(cookie, statuses)| asked.iter().zip(statuses).map(move |(path, status)| (*cookie, *path, *status)));
    for (cookie, path, status) in asked {
        let answer = by_cookie(&server, "GET", path, cookie).await;
        assert_eq!(answer.status, status, "{path}");
        for (name, value) in [("cache-control", "no-store"), ("x-content-type-options", "nosniff")] {
            assert_eq!(answer.headers.get(name).map(|value| value.to_str().unwrap()), Some(value), "{path}: {name}");
        }
        assert!(answer.headers["content-security-policy"].to_str().unwrap().contains("sandbox"), "{path}");
    }
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing_where_everybody_is_let_in() {
    let options = Options { hosts: Hosts::Any, ..Options::default() };
    let server = Server::new(backends::open("memory:").await.unwrap(), options);
    for path in ["/api/v1/retention/apply", "/api/v1/snapshots"] {
        let other = [("origin", "http://elsewhere.example"), ("host", "ledger.example")];
        assert_eq!(ask(&server, "POST", path, &other, "").await.told(403), "wrong_origin");
    }
    let own = [("sec-fetch-site", "same-origin")];
    assert_eq!(ask(&server, "POST", "/api/v1/retention/apply", &own, "").await.status, 200);
    assert_eq!(ask(&server, "POST", "/api/v1/retention/apply", &[], "").await.status, 200);
}

#[tokio::test]
async fn with_a_cookie_only_a_page_of_this_server_changes_anything() {
    let server = served(Auth::token(TOKEN)).await;
    let cookie = sign_in(&server, TOKEN).await.cookie();
    let cases: [(&[(&str, &str)], bool); 7] = [
        (&[OWN], true),
        (&[("origin", "https://ledger.example")], true),
        (&[], false),
        (&[("sec-fetch-site", "cross-site")], false),
        (&[("sec-fetch-site", "same-site"), ("origin", "https://ledger.example")], false),
        (&[("origin", "https://evil.example")], false),
        (&[("origin", "null")], false),
    ];
    for (said, is_own) in cases {
        let shown = [&[JSON, HOST, ("cookie", &*cookie)][..], said].concat();
        let posted = ask(&server, "POST", "/api/v1/events", &shown, r#"{"kind":"a.b","payload":1}"#).await;
        assert_eq!(posted.status, if is_own { 201 } else { 403 }, "{said:?}");
        if !is_own {
            assert_eq!(posted.told(403), "wrong_origin");
            assert_eq!(ask(&server, "DELETE", "/sign-in", &shown, "").await.told(403), "wrong_origin");
        }
        for method in ["GET", "HEAD"] {
            assert_eq!(ask(&server, method, "/api/v1/head", &shown, "").await.status, 200, "{method} {said:?}");
        }
    }
    let head = by_cookie(&server, "GET", "/api/v1/head", &cookie).await.json();
    assert_eq!(head, json!({"head": 2}), "something was recorded that should not be");
    // Nor does another site have somebody sign in under a token of its own.
    let body = json!({"token": TOKEN}).to_string();
    for said in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let answer = ask(&server, "POST", "/sign-in", &[JSON, HOST, said], &body).await;
        assert_eq!(answer.told(403), "wrong_origin");
        assert!(!answer.headers.contains_key("set-cookie"));
    }
    assert_eq!(ask(&server, "POST", "/sign-in", &[JSON], &body).await.status, 204, "what is no browser says nothing");
}

#[tokio::test]
async fn a_cookie_ends_when_its_caller_signs_out_or_in_again() {
    let server = served(Auth::token(TOKEN)).await;
    let (first, second) = (sign_in(&server, TOKEN).await.cookie(), sign_in(&server, TOKEN).await.cookie());
    assert_ne!(first, second);
    let out = by_cookie(&server, "DELETE", "/sign-in", &first).await;
    assert_eq!((out.cookie(), out.set_cookie().contains("; Max-Age=0;")), ("ledger_session=".to_owned(), true));
    assert_eq!(by_cookie(&server, "GET", "/api/v1/head", &first).await.told(401), "unauthorized");
    assert_eq!(by_cookie(&server, "DELETE", "/sign-in", &first).await.status, 204, "once more does no harm");
    assert_eq!(ask(&server, "DELETE", "/sign-in", &[], "").await.status, 204);
    assert_eq!(by_cookie(&server, "GET", "/api/v1/head", &second).await.status, 200);
    let body = json!({"token": TOKEN}).to_string();
    let third = ask(&server, "POST", "/sign-in", &[JSON, OWN, ("cookie", &second)], &body).await.cookie();
    for (cookie, status) in [(&second, 401), (&third, 200)] {
        assert_eq!(by_cookie(&server, "GET", "/api/v1/head", cookie).await.status, status);
    }
}

#[tokio::test]
async fn a_cookie_ends_with_its_token() {
    let folder = Folder::new();
    let (_, token) = tokens::add(&folder.file(), "ci", &[Scope::Admin]).unwrap();
    let file = TokenFile::open(folder.file()).unwrap();
    let server = served(Auth::Open.with_file(file.clone())).await;
    let cookie = sign_in(&server, &token).await.cookie();
    assert_eq!(by_cookie(&server, "POST", "/api/v1/events", &cookie).await.status, 201);
    tokens::revoke(&folder.file(), "ci").unwrap();
    file.changed();
    assert_eq!(by_cookie(&server, "GET", "/api/v1/head", &cookie).await.told(401), "unauthorized");
    assert_eq!(who_is(&server, &[("cookie", &cookie)]).await["scopes"], json!([]));
    assert_eq!(sign_in(&server, &token).await.status, 401);
    assert_eq!(by_cookie(&server, "DELETE", "/sign-in", &cookie).await.status, 204);
}

#[tokio::test(start_paused = true)]
async fn a_cookie_ends_after_twelve_hours() {
    let server = served(Auth::token(TOKEN)).await;
    let cookie = sign_in(&server, TOKEN).await.cookie();
    advance(Duration::from_secs(12 * 60 * 60 - 1)).await;
    assert_eq!(by_cookie(&server, "GET", "/api/v1/head", &cookie).await.status, 200);
    advance(Duration::from_secs(1)).await;
    assert_eq!(by_cookie(&server, "GET", "/api/v1/head", &cookie).await.status, 401);
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_the_cookie_that_it_was_begun_by() {
    let server = served(Auth::token(TOKEN)).await;
    let cookie = sign_in(&server, TOKEN).await.cookie();
    let mut streams = Vec::new();
    for path in ["/api/v1/changes", "/api/v1/events/stream"] {
        let stream = begun(&server, "GET", path, &[("cookie", &*cookie)], "").await;
        assert_eq!(stream.status(), 200, "{path}");
        streams.push((path, Box::pin(to_bytes(stream.into_body(), usize::MAX))));
    }
    let other = sign_in(&server, TOKEN).await.cookie();
    by_cookie(&server, "DELETE", "/sign-in", &other).await.cookie();
    for (path, stream) in &mut streams {
        assert!(timeout(Duration::from_secs(60), stream).await.is_err(), "{path} ended too soon");
    }
    by_cookie(&server, "DELETE", "/sign-in", &cookie).await.cookie();
    for (path, stream) in streams {
        let whole = timeout(Duration::from_secs(6), stream).await.unwrap_or_else(|_| panic!("{path} goes on"));
        assert!(whole.unwrap().starts_with(b"retry: "), "{path}");
    }
    // By the one token there is nothing that may end.
    assert!(server.desk.revocable(&headers(&[("authorization", &format!("Bearer {TOKEN}"))])).is_none());
}

#[tokio::test]
async fn a_cookie_is_hidden_from_scripts_and_sites_and_from_lines_that_others_read() {
    let server = served(Auth::token(TOKEN)).await;
    let body = json!({"token": TOKEN}).to_string();
    let cases: [(&[(&str, &str)], bool); 10] = [
        (&[], false),
        (&[("x-forwarded-proto", "http")], false),
        (&[("x-forwarded-proto", "https")], true),
        (&[("x-forwarded-proto", "HTTPS, http")], true),
        (&[("x-forwarded-proto", "http, https")], false),
        (&[("forwarded", "for=192.0.2.1;proto=https;host=a")], true),
        (&[("forwarded", "for=192.0.2.1; Proto=\"https\", for=10.0.0.1;proto=http")], true),
        (&[("forwarded", "proto=http, proto=https")], false),
        (&[HOST, ("origin", "https://ledger.example")], true),
        (&[HOST, ("origin", "http://ledger.example")], false),
    ];
    for (said, is_secure) in cases {
        let answer = ask(&server, "POST", "/sign-in", &[&[JSON][..], said].concat(), &body).await;
        let cookie = answer.cookie();
        let secure = if is_secure { "; Secure" } else { "" };
        let expected = format!("{cookie}; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict{secure}");
        assert_eq!(answer.set_cookie(), expected, "{said:?}");
        assert!(answer.headers["set-cookie"].is_sensitive() && cookie.len() > "ledger_session=".len() + 64);
        assert!(!format!("{server:?}").contains(cookie.split_once('=').unwrap().1));
    }
}

#[tokio::test]
async fn two_servers_of_a_machine_have_cookies_of_their_own() {
    let server = served(Auth::token(TOKEN)).await;
    let signed_in = async |host: &str| {
        let body = json!({"token": TOKEN}).to_string();
        ask(&server, "POST", "/sign-in", &[JSON, ("host", host)], &body).await.cookie()
    };
    let cookies = [signed_in("localhost:7070").await, signed_in("[::1]:7171").await, signed_in("ledger.example").await];
    let names = cookies.each_ref().map(|cookie| cookie.split_once('=').unwrap().0);
    assert_eq!(names, ["ledger_session_7070", "ledger_session_7171", "ledger_session"]);
    let all = cookies.join("; ");
    for host in ["localhost:7070", "[::1]:7171", "ledger.example"] {
        let shown = [("host", host), ("cookie", &*all)];
        assert_eq!(ask(&server, "GET", "/api/v1/head", &shown, "").await.status, 200, "{host}");
    }
    let other = [("host", "localhost:7272"), ("cookie", &*all)];
    assert_eq!(ask(&server, "GET", "/api/v1/head", &other, "").await.told(401), "unauthorized");
    let out = ask(&server, "DELETE", "/sign-in", &[OWN, ("host", "localhost:7070"), ("cookie", &*all)], "").await;
    assert_eq!(out.cookie(), "ledger_session_7070=");
    for (host, status) in [("localhost:7070", 401), ("[::1]:7171", 200)] {
        let shown = [("host", host), ("cookie", &*all)];
        assert_eq!(ask(&server, "GET", "/api/v1/head", &shown, "").await.status, status, "{host}");
    }
}

#[tokio::test]
async fn an_open_server_needs_no_cookie_and_makes_none() {
    let server = served(Auth::Open).await;
    let open = json!({"auth": "open", "caller": "anybody", "scopes": ["admin"], "by": null});
    assert_eq!(who_is(&server, &[("cookie", "ledger_session=x")]).await, open);
    for body in ["", r#"{"token":"x"}"#] {
        let answer = ask(&server, "POST", "/sign-in", &[], body).await;
        assert_eq!((answer.status, answer.headers.contains_key("set-cookie")), (204, false));
    }
    assert_eq!(ask(&server, "DELETE", "/sign-in", &[], "").await.status, 204);
    // A cookie that was left over from a server with tokens is no hindrance.
    let shown = [JSON, ("cookie", "ledger_session=x")];
    assert_eq!(ask(&server, "POST", "/api/v1/events", &shown, r#"{"kind":"a.b","payload":1}"#).await.status, 201);
}

#[tokio::test]
async fn people_are_answered_the_page_and_programs_who_they_are() {
    let server = served(Auth::token(TOKEN)).await;
    for (accept, media) in [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/htmlx", "application/json"),
    ] {
        let answer = ask(&server, "GET", "/sign-in", &[("accept", accept)], "").await;
        assert_eq!((answer.status, &answer.headers["content-type"]), (200, &media.parse().unwrap()), "{accept}");
        assert!(answer.headers.get_all("vary").iter().any(|name| name == "accept"), "{accept}");
    }
}
