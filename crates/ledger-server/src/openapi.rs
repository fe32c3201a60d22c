//! What the server takes and answers, as an OpenAPI document: made of what stands at the code that does it, and read by
//! programs, and as a page by people.

#[allow(dead_code, reason = "these types describe what others are, and nobody builds them")]
pub(crate) mod admin;
#[allow(dead_code, reason = "these types describe what others are, and nobody builds them")]
pub(crate) mod answers;
#[allow(dead_code, reason = "these types describe what others are, and nobody builds them")]
pub(crate) mod glances;
pub(crate) mod parameters;
pub(crate) mod problems;
#[allow(dead_code, reason = "these types describe what others are, and nobody builds them")]
pub(crate) mod requests;
#[cfg(test)]
mod tests;
#[allow(dead_code, reason = "these types describe what others are, and nobody builds them")]
pub(crate) mod views;
pub(crate) mod words;

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use utoipa::OpenApi;
use utoipa::openapi::SecurityRequirement;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};

use crate::admin::{listeners, migrations, replicas, snapshots, tokens};
use crate::{
    Auth, Desk, around, copy, docs, events, graphs, health, metrics, operations, overview, raw, retention, sessions,
    sign_in, stream, views as listed,
};

const ABOUT: &str = "An append-only, totally ordered log of events, and what is made of them.

A call shows its token as `Authorization: Bearer …`, where the server asks for tokens. A token has scopes: `read` for \
what is asked, `append` for `POST /api/v1/events`, and `admin` for everything; where a path takes another scope than \
`read`, it says so. The server's own page signs in and shows a cookie instead, which lets in as its token does.

What goes wrong is told as `application/problem+json`, with a `code` that does not change. A parameter that a path does \
not have is refused, wherever it has any; so is one that is given twice where one is meant. Another method than those \
listed is answered with 405. Each answer has an `x-request-id`, the caller's own if it sent one.

Lengths of text are counted here in characters, and by the server in bytes of UTF-8.";

/// The policy of the page: nothing but its own style.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The paths under `/api/v1`.
#[derive(OpenApi)]
#[openapi(
    paths(
        events::append,
        events::list,
        events::one,
        around::chain,
        around::facets,
        raw::query,
        stream::events,
        stream::changes,
        overview::overview,
        listed::runs,
        listed::run,
        listed::artifacts,
        graphs::lineage,
        graphs::path,
        sessions::list,
        sessions::one,
        sessions::graph,
        sessions::delta,
        sessions::checkpoints,
        operations::list,
        operations::one,
        operations::stats,
        operations::all,
        operations::all_stats,
        operations::capacity,
        retention::plan,
        retention::apply,
        raw::ledger,
        events::head,
        events::digest,
        copy::download,
        raw::restore,
        raw::prune,
        raw::erase,
        migrations::list,
        tokens::list,
        tokens::make,
        tokens::revoke,
        listeners::list,
        replicas::list,
        snapshots::list,
        snapshots::start,
        snapshots::one,
        snapshots::file,
        snapshots::remove
    ),
    components(schemas(
        answers::Problem,
        answers::Receipt,
        answers::Receipts,
        glances::Layout,
        requests::Draft,
        requests::Conditional,
        views::Graph
    ))
)]
struct Api;

/// All paths.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "ledger",
        description = ABOUT,
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    nest((path = "/api/v1", api = Api)),
    paths(
        health::health,
        health::ready,
        metrics::scrape::answer,
        document,
        page,
        sign_in::who,
        sign_in::begin,
        sign_in::end,
        operations::list,
        operations::one,
        operations::stats
    ),
    tags(
        (name = "events", description = "What happened: append it, and read it."),
        (name = "live", description = "What happens: events as they come, and signals that some came."),
        (name = "views", description = "The ledger at a glance; runs and artifacts, as events tell of them."),
        (name = "lineage", description = "Where an artifact came from, and what came of it."),
        (name = "sessions", description = "What several edit at once, and who asked to be left alone with what."),
        (
            name = "operations",
            description = "The operation log of all projects, or of one: the latter at the root, too, where operators \
                           know it."
        ),
        (name = "retention", description = "Which operations are old, and their removal."),
        (name = "ledger", description = "The ledger itself: where it ends, what it holds, copies and removals."),
        (name = "admin", description = "For those who run a server: its tables, its tokens, who listens, and copies."),
        (name = "server", description = "The server itself: whether it is there, how it is, and what it answers.")
    )
)]
struct Whole;

/// The document and the page, as they are sent.
struct Written {
    document: Bytes,
    page: Bytes,
}

static WITH_TOKEN: LazyLock<Written> = LazyLock::new(|| Written::of(&whole(true)));
static OPEN: LazyLock<Written> = LazyLock::new(|| Written::of(&whole(false)));

impl Written {
    fn of(whole: &utoipa::openapi::OpenApi) -> Self {
        let value = serde_json::to_value(whole).expect("the document has a JSON form");
        let document = serde_json::to_vec(whole).expect("the document has a JSON form");
        Self { document: document.into(), page: docs::page(&value).into() }
    }

    /// Returns what is true of a server that lets in whom it does.
    fn for_auth(auth: &Auth) -> &'static Self {
        if auth.is_open() { &OPEN } else { &WITH_TOKEN }
    }
}

/// Answers this document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "server",
    operation_id = "document",
    security(()),
    responses(
        (status = 200, description = "The document.", body = Object, content_type = "application/json"),
        problems::Host,
    )
)]
pub(crate) async fn document(State(desk): State<Desk>) -> Response {
    let document = Written::for_auth(&desk.options.auth).document.clone();
    ([(CONTENT_TYPE, "application/json")], document).into_response()
}

/// Answers this document as a page.
#[utoipa::path(
    get,
    path = "/docs",
    tag = "server",
    operation_id = "page",
    security(()),
    responses(
        (status = 200, description = "The page.", body = String, content_type = "text/html"),
        problems::Host,
    )
)]
pub(crate) async fn page(State(desk): State<Desk>) -> Response {
    let page = Written::for_auth(&desk.options.auth).page.clone();
    ([(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, POLICY)], page).into_response()
}

/// Builds the document of a server that asks for tokens, or of one that does not.
pub(crate) fn whole(asks_for_tokens: bool) -> utoipa::openapi::OpenApi {
    const TOKEN: &str = "token";
    let mut whole = Whole::openapi();
    // What stands at two places needs two names.
    let twins = whole.paths.paths.iter_mut().filter(|(path, _)| path.starts_with("/projects/"));
    for id in twins.filter_map(|(_, item)| item.get.as_mut()?.operation_id.as_mut()) {
        id.push_str("_at_root");
    }
    if asks_for_tokens {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        whole.components.get_or_insert_default().add_security_scheme(TOKEN, scheme);
        whole.security = Some(vec![SecurityRequirement::new(TOKEN, Vec::<String>::new())]);
    }
    whole
}
