//! The page: what people see of a ledger. Its files are a part of the program, so that none has to be put beside it.
//!
//! They hold no data, so that everybody is given them: what the page shows, it asks for as any program does. The
//! OpenAPI document leaves their paths out, because no program goes by them.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::parameters::named;
use crate::problem::Problem;
use crate::tokens::hash_of;
use crate::{Desk, not_found};

/// Where the page is. It is at `/sign-in`, too, which also answers programs.
const PATHS: [&str; 11] = [
    "/",
    "/events",
    "/events/{which}",
    "/runs",
    "/runs/{run}",
    "/compare",
    "/lineage",
    "/operations",
    "/sessions",
    "/sessions/{session}",
    "/admin",
];
/// Where the other files are.
const ASSET: &str = "/assets/{file}";

/// The policy of the page: nothing but its own files, and nobody frames it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
                      connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

static INDEX: LazyLock<File> =
    LazyLock::new(|| File::new("index.html", "text/html; charset=utf-8", include_bytes!("../ui/dist/index.html")));

static ASSETS: LazyLock<[File; 3]> = LazyLock::new(|| {
    [
        File::new("app.js", "text/javascript; charset=utf-8", include_bytes!("../ui/dist/app.js")),
        File::new("app.css", "text/css; charset=utf-8", include_bytes!("../ui/dist/app.css")),
        File::new("favicon.svg", "image/svg+xml", include_bytes!("../ui/dist/favicon.svg")),
    ]
});

/// A file of the page.
struct File {
    name: &'static str,
    media: &'static str,
    bytes: &'static [u8],
    /// What differs once the bytes do.
    tag: HeaderValue,
}

/// Builds the routes of the page and of its files.
pub(crate) fn routes() -> Router<Desk> {
    let assets = Router::new().route(ASSET, get(asset));
    PATHS.iter().fold(assets, |routes, path| routes.route(path, get(page)))
}

/// Returns whether a route leads to what holds no data, and may be linked from anywhere.
pub(crate) fn is_for_all(route: &str) -> bool {
    PATHS.contains(&route) || [ASSET, "/sign-in", "/docs"].contains(&route)
}

/// Answers the page, which finds out from its path what to show.
pub(crate) fn index(asked: &HeaderMap) -> Response {
    INDEX.answer(asked)
}

/// Says whether the caller takes pages, as people's browsers do when they go somewhere.
pub(crate) fn is_accepted(headers: &HeaderMap) -> bool {
    let accepts = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepts.split(',').any(|one| one.split(';').next().is_some_and(|one| one.trim() == "text/html"))
}

/// Answers where there is nothing: people by the page, which says so and leads on, and programs by a problem.
pub(crate) async fn nothing(method: Method, headers: HeaderMap) -> Response {
    let vary = [(VARY, "accept")];
    if [Method::GET, Method::HEAD].contains(&method) && is_accepted(&headers) {
        return (StatusCode::NOT_FOUND, vary, INDEX.answer(&HeaderMap::new())).into_response();
    }
    (vary, not_found()).into_response()
}

async fn page(headers: HeaderMap) -> Response {
    index(&headers)
}

async fn asset(path: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Result<Response, Problem> {
    let name: String = named(path, "file")?;
    let found = ASSETS.iter().find(|file| file.name == name);
    found.map(|file| file.answer(&headers)).ok_or_else(|| Problem::not_found("there is no such file"))
}

impl File {
    fn new(name: &'static str, media: &'static str, bytes: &'static [u8]) -> Self {
        let digits: String = hash_of(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        // A weak one, because packed or not, it is the same file.
        let tag = HeaderValue::try_from(format!("W/\"{digits}\"")).expect("digits are plain text");
        Self { name, media, bytes, tag }
    }

    fn answer(&self, asked: &HeaderMap) -> Response {
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static(self.media)),
            (ETAG, self.tag.clone()),
            // Kept, and asked for again: the next version of the server has other files of the same names.
            (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        ];
        if self.is_known(asked) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        (headers, self.bytes).into_response()
    }

    /// Returns whether the caller has the file as it is.
    fn is_known(&self, asked: &HeaderMap) -> bool {
        let opaque = |tag: &[u8]| tag.strip_prefix(b"W/").unwrap_or(tag).to_vec();
        let own = opaque(self.tag.as_bytes());
        let tags = asked.get_all(IF_NONE_MATCH).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        tags.map(<[u8]>::trim_ascii).any(|tag| tag == b"*" || opaque(tag) == own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign_in::tests::ask;
    use crate::{Auth, Options, Server};

    const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

    /// A server that asks for tokens; the page is for everybody nonetheless.
    async fn served() -> Server {
        let ledger = backends::open("memory:").await.unwrap();
        Server::new(ledger, Options::with(Auth::token("a-token-of-some-length")))
    }

    #[tokio::test]
    async fn every_path_of_a_page_answers_the_page_to_everybody() {
        let server = served().await;
        for path in PATHS.iter().copied().chain(["/sign-in", "/events/17?run=r", "/runs/a%2Fb", "/sessions/%FF"]) {
            let path = path.replace(['{', '}'], "");
            let page = ask(&server, "GET", &path, &[HTML], "").await;
            assert_eq!((page.status, &*page.body), (200, INDEX.bytes), "{path}");
            assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
            for (name, value) in [
                ("cache-control", "no-cache"),
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
                ("content-security-policy", POLICY),
            ] {
                assert_eq!(page.headers[name], value, "{path}");
            }
            let head = ask(&server, "HEAD", &path, &[HTML], "").await;
            assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
            assert_eq!(head.headers["etag"], page.headers["etag"]);
        }
        for path in ["/", "/runs", "/assets/app.js"] {
            assert_eq!(ask(&server, "POST", path, &[], "").await.told(405), "method_not_allowed", "{path}");
        }
        for path in ["/nothing", "/runs/a/b", "/admin/x"] {
            let page = ask(&server, "GET", path, &[HTML, ("if-none-match", "*")], "").await;
            assert_eq!((page.status, &*page.body), (404, INDEX.bytes), "{path}");
            for (method, accept) in [("GET", "*/*"), ("GET", "application/json"), ("POST", HTML.1)] {
                let told = ask(&server, method, path, &[("accept", accept)], "").await.told(404);
                assert_eq!(told, "not_found", "{method} {path} {accept}");
            }
        }
        assert_eq!(ask(&server, "GET", "/assets/none", &[HTML], "").await.told(404), "not_found");
    }

    #[tokio::test]
    async fn pages_hide_nothing_that_programs_ask_for() {
        let server = served().await;
        for path in ["/api/v1/events", "/api/v1/runs", "/projects/p/operations", "/metrics"] {
            assert_eq!(ask(&server, "GET", path, &[HTML], "").await.told(401), "unauthorized", "{path}");
        }
        for path in ["/health", "/ready", "/openapi.json"] {
            let answer = ask(&server, "GET", path, &[HTML], "").await;
            assert_eq!((answer.status, &answer.headers["content-type"]), (200, &"application/json".parse().unwrap()));
        }
        let docs = ask(&server, "GET", "/docs", &[HTML], "").await;
        assert!(docs.status == 200 && *docs.body != *INDEX.bytes);
    }

    #[tokio::test]
    async fn what_the_page_needs_is_served_and_its_policy_allows_it() {
        let server = served().await;
        let page = String::from_utf8(INDEX.bytes.to_vec()).unwrap();
        assert!(page.contains("id=\"app\"") && page.contains("<noscript>"));
        for inline in ["<script>", "<style", "style=", "onload=", "javascript:", "http://", "https://"] {
            assert!(!page.contains(inline), "`{inline}` is nothing that the policy lets through");
        }
        let names: Vec<_> = page.split("\"/assets/").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert!(names.contains(&"app.js") && names.contains(&"app.css"), "{names:?}");
        for name in names {
            let file = ask(&server, "GET", &format!("/assets/{name}"), &[], "").await;
            assert!(file.status == 200 && !file.body.is_empty(), "{name}");
            assert_eq!(file.headers["x-content-type-options"], "nosniff");
        }
        for name in ["none.js", "index.html", "..%2FCargo.toml", "%FF"] {
            assert_eq!(ask(&server, "GET", &format!("/assets/{name}"), &[], "").await.told(404), "not_found", "{name}");
        }
    }

    #[tokio::test]
    async fn who_has_a_file_is_not_sent_it_again() {
        let server = served().await;
        let file = ask(&server, "GET", "/assets/app.js", &[("accept-encoding", "gzip")], "").await;
        let tag = file.headers["etag"].to_str().unwrap().to_owned();
        assert_eq!(tag.len(), "W/\"\"".len() + 64, "{tag}");
        let strong = tag.trim_start_matches("W/").to_owned();
        for known in [&*tag, &strong, "*", &format!("\"a\", {tag}"), &format!("W/\"b\" ,{strong}")] {
            let answer = ask(&server, "GET", "/assets/app.js", &[("if-none-match", known)], "").await;
            assert_eq!((answer.status, answer.body.len()), (304, 0), "{known}");
            assert!(answer.headers["etag"] == tag && answer.headers["cache-control"] == "no-cache", "{answer:?}");
        }
        for other in ["", "\"a\"", strong.trim_matches('"'), "W/"] {
            let answer = ask(&server, "GET", "/assets/app.js", &[("if-none-match", other)], "").await;
            assert_eq!((answer.status, &*answer.body), (200, ASSETS[0].bytes), "{other}");
        }
        assert_ne!(ASSETS[0].tag, ASSETS[1].tag);
    }

    #[tokio::test]
    async fn a_file_is_packed_for_who_takes_it_so() {
        let server = served().await;
        for (path, bytes) in [("/", INDEX.bytes), ("/assets/app.js", ASSETS[0].bytes)] {
            let plain = ask(&server, "GET", path, &[], "").await;
            assert_eq!((plain.headers.get("content-encoding"), &*plain.body), (None, bytes), "{path}");
            let packed = ask(&server, "GET", path, &[("accept-encoding", "gzip")], "").await;
            assert_eq!(packed.headers["content-encoding"], "gzip", "{path}");
            assert_eq!(packed.headers["etag"], plain.headers["etag"]);
        }
    }
}
