//! Signing in: a token is shown once, and then a cookie stands for it, because a page has no safe place for a token.

mod signed_in;
#[cfg(test)]
pub(crate) mod tests;

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, COOKIE, FORWARDED, HOST, ORIGIN, SET_COOKIE, VARY};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::json;

use crate::auth::Key;
use crate::events::{bad_body, body_within};
use crate::openapi::{answers, problems, requests};
use crate::problem::Problem;
use crate::tokens::hash_of;
use crate::{Desk, origin, page};
use signed_in::LASTS;
pub(crate) use signed_in::SignedIn;

/// How the name of the cookie begins. Browsers keep those of a machine's ports together, so the port stands in it, too: two
/// servers would have people sign in by turns.
const NAME: &str = "ledger_session";
/// The most bytes of a body: nobody has shown a token when it is read.
const LARGEST: usize = 4 << 10;
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Says who asks, and for what they may.
#[utoipa::path(
    get,
    path = "/sign-in",
    tag = "server",
    operation_id = "signed_in",
    security(()),
    description = "With `Accept: text/html`, it is the page where people sign in.",
    responses(
        (
            status = 200,
            description = "Who asks, be it nobody.",
            content((answers::SignedIn = "application/json"), (String = "text/html"))
        ),
        problems::Host,
    )
)]
pub(crate) async fn who(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    let vary = [(VARY, "accept")];
    if page::is_accepted(&headers) {
        return (vary, page::index(&headers)).into_response();
    }
    let auth = if desk.options.auth.is_open() { "open" } else { "token" };
    let known = desk.who(&headers).ok();
    let said = json!({
        "auth": auth,
        "caller": known.as_ref().map(|known| known.caller.to_string()),
        "scopes": known.as_ref().map(|known| &*known.scopes).unwrap_or_default(),
        "by": known.as_ref().and_then(|known| known.key).map(Key::as_str),
    });
    (vary, [(CACHE_CONTROL, "no-store")], known.map(|known| Extension(known.caller)), Json(said)).into_response()
}

/// Takes a token, and answers a cookie that lets in as the token does.
#[utoipa::path(
    post,
    path = "/sign-in",
    tag = "server",
    operation_id = "sign_in",
    security(()),
    description = "The cookie, `ledger_session_7070` with the port in `Host` or `ledger_session` without one, counts for twelve hours, and no longer than its token or the server \
                   does. With it, a call that changes something has to come from a page of this server, as \
                   `Sec-Fetch-Site` or `Origin` says. A server without tokens needs no body, and answers no cookie.",
    request_body(content((requests::SignIn = "application/json", example = json!({"token": "a-token-of-yours"})))),
    responses(
        (
            status = 204,
            description = "The cookie is in `Set-Cookie`.",
            headers(("Set-Cookie" = String, description = "The cookie, unless the server takes no tokens."))
        ),
        problems::SignIn,
        problems::Cookie,
        problems::Body,
    )
)]
pub(crate) async fn begin(State(desk): State<Desk>, request: Request) -> Result<Response, Problem> {
    let auth = &desk.options.auth;
    if auth.is_open() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let headers = request.headers();
    // Else another site could have somebody work under a token of its own.
    origin::check_not_other(headers)?;
    let (before, setting) = (cookie(headers).map(hash_of), Setting::of(headers));
    let token = token_in(&desk, request).await?;
    let (caller, _) = auth.who(Some(&token)).or_else(|refused| {
        // Who shows one that is known is let in whatever others try.
        desk.signed_in.was_wrong()?;
        Err(refused)
    })?;
    if let Some(before) = before {
        desk.signed_in.end(&before);
    }
    let cookie = setting.to(&desk.signed_in.begin(token), LASTS);
    Ok((StatusCode::NO_CONTENT, Extension(caller), [(SET_COOKIE, cookie)]).into_response())
}

/// Reads the token that is sent, and returns its hash. What is wrong is told without a value: that may be the token.
async fn token_in(desk: &Desk, request: Request) -> Result<[u8; 32], Problem> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Asked {
        token: String,
    }
    let body = body_within(request, LARGEST, desk.options.patience).await?;
    let asked: Asked = serde_json::from_str(body.text()?).map_err(|error| {
        if error.is_data() {
            return Problem::invalid("body", "send an object that has a `token`, which is text, and nothing else");
        }
        bad_body("the body is no JSON".to_owned())
    })?;
    Ok(hash_of(asked.token.trim()))
}

/// Ends what a cookie stands for, and takes it away.
#[utoipa::path(
    delete,
    path = "/sign-in",
    tag = "server",
    operation_id = "sign_out",
    security(()),
    description = "Streams that were begun with the cookie end within seconds.",
    responses(
        (
            status = 204,
            description = "The cookie counts no longer, if there was one.",
            headers(("Set-Cookie" = String, description = "Has the browser forget the cookie."))
        ),
        problems::Cookie,
    )
)]
pub(crate) async fn end(State(desk): State<Desk>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(cookie) = cookie(&headers) {
        origin::check_own(&headers)?;
        desk.signed_in.end(&hash_of(cookie));
    }
    let gone = Setting::of(&headers).to("", Duration::ZERO);
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, gone)]).into_response())
}

/// Returns the cookie that is shown. Those of other programs stand beside it, in whatever bytes they like.
pub(crate) fn cookie(headers: &HeaderMap) -> Option<&[u8]> {
    let mut pairs = headers.get_all(COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    let name = name(headers);
    pairs.find_map(|pair| pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"="))
}

/// Returns the name of the cookie.
fn name(headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let port = host.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
    port.map_or_else(|| NAME.to_owned(), |port| format!("{NAME}_{port}"))
}

/// How a cookie is set: one that no script can read, and that no page of another site has sent along.
struct Setting {
    name: String,
    is_secure: bool,
}

impl Setting {
    fn of(headers: &HeaderMap) -> Self {
        Self { name: name(headers), is_secure: is_encrypted(headers) }
    }

    fn to(&self, value: &str, lasts: Duration) -> HeaderValue {
        let Self { name, is_secure } = self;
        let (secure, lasts) = (if *is_secure { "; Secure" } else { "" }, lasts.as_secs());
        let text = format!("{name}={value}; Path=/; Max-Age={lasts}; HttpOnly; SameSite=Strict{secure}");
        let mut header = HeaderValue::try_from(text).expect("a cookie is made of plain text");
        header.set_sensitive(true);
        header
    }
}

/// Returns whether the browser's own connection is encrypted, by what stands between it and this server, or by itself.
fn is_encrypted(headers: &HeaderMap) -> bool {
    // Of several, the first is told by whoever is the nearest to the browser.
    let first = |name: HeaderName| {
        let text = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        text.split(',').next().unwrap_or_default()
    };
    let is_https = |text: &str| text.trim().trim_matches('"').eq_ignore_ascii_case("https");
    let mut forwarded = first(FORWARDED).split(';').filter_map(|pair| pair.split_once('='));
    is_https(first(FORWARDED_PROTO))
        || forwarded.any(|(name, value)| name.trim().eq_ignore_ascii_case("proto") && is_https(value))
        || first(ORIGIN).starts_with("https://")
}
