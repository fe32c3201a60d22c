//! Who may ask, and for what: everybody, or who shows a token that has the scope.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST, HeaderName, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ledger_core::{Error, Shown};
use serde::Serialize;

use crate::problem::Problem;
use crate::tokens::{TokenFile, hash_of, is_same};
use crate::{Desk, Hosts};

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Reading events, and all that is made of them.
    Read,
    /// Appending events. It does not include reading: what only produces events need not see those of others.
    Append,
    /// Everything.
    Admin,
}

impl Scope {
    const ALL: [Self; 3] = [Self::Read, Self::Append, Self::Admin];

    /// Returns the name, as it stands in a file of tokens.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Append => "append",
            Self::Admin => "admin",
        }
    }

    /// Returns whether who has this scope has the other one, too.
    #[must_use]
    pub fn includes(self, other: Self) -> bool {
        self == Self::Admin || self == other
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = Error;

    /// Reads a name. Fails when no scope has it.
    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|scope| scope.as_str() == text);
        found.ok_or_else(|| Error::invalid("scope", format!("{}: use read, append or admin", Shown(text))))
    }
}

/// Who may ask.
#[derive(Clone)]
pub enum Auth {
    /// Everybody who can reach the server, for everything.
    Open,
    /// Who shows the token whose hash this is, for everything.
    Token([u8; 32]),
    /// Who shows a token of a file, for what its scopes say.
    File(TokenFile),
    /// Who shows the one or one of the others.
    Both([u8; 32], TokenFile),
}

impl Auth {
    /// Lets in who shows this token. Only its hash is kept.
    #[must_use]
    pub fn token(token: &str) -> Self {
        Self::Token(hash_of(token))
    }

    /// Lets in who shows a token of this file, beside the one token if there is one.
    #[must_use]
    pub fn with_file(self, file: TokenFile) -> Self {
        match self {
            Self::Open | Self::File(_) => Self::File(file),
            Self::Token(one) | Self::Both(one, _) => Self::Both(one, file),
        }
    }

    /// Returns whether everybody may ask.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open)
    }

    /// Returns the hash of a token that may be revoked while its caller listens; nothing when there is none that may.
    pub(crate) fn revocable(&self, headers: &HeaderMap) -> Option<[u8; 32]> {
        match self {
            Self::Open | Self::Token(_) => None,
            Self::File(_) | Self::Both(..) => bearer(headers).map(hash_of),
        }
    }

    /// Returns whether the caller with a token of this hash may go on listening.
    pub(crate) fn may_listen(&self, shown: &[u8; 32]) -> bool {
        self.of_hash(shown).is_some_and(|(_, scopes)| scopes.iter().any(|scope| scope.includes(Scope::Read)))
    }

    /// Answers a caller who is known, and refuses all others.
    pub(crate) fn to_known(&self, headers: &HeaderMap, answer: impl IntoResponse) -> Response {
        match self.who(bearer(headers)) {
            Ok((caller, _)) => (Extension(caller), answer).into_response(),
            Err(refused) => refused.into_response(),
        }
    }

    /// Returns who asks, and for what they may. Fails when it takes a token, and none that is known is shown.
    fn who(&self, shown: Option<&str>) -> Result<(Caller, Vec<Scope>), Problem> {
        if self.is_open() {
            return Ok((Caller::Anybody, vec![Scope::Admin]));
        }
        let shown = shown.ok_or_else(|| unauthorized("show a token: `Authorization: Bearer …`"))?;
        self.of_hash(&hash_of(shown)).ok_or_else(|| unauthorized("the token is not known"))
    }

    /// Returns whose token has a hash, and what it is for.
    fn of_hash(&self, shown: &[u8; 32]) -> Option<(Caller, Vec<Scope>)> {
        let (one, file) = match self {
            Self::Open => return None,
            Self::Token(one) => (Some(one), None),
            Self::File(file) => (None, Some(file)),
            Self::Both(one, file) => (Some(one), Some(file)),
        };
        // The file is asked whatever the first answer is, so that the time it takes does not tell which one it was.
        let is_one = one.is_some_and(|one| is_same(one, shown));
        let found = file.and_then(|file| file.find(shown));
        if is_one {
            return Some((Caller::One, vec![Scope::Admin]));
        }
        found.map(|token| (Caller::Named(token.name), token.scopes))
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("Open"),
            Self::Token(_) => f.write_str("Token"),
            Self::File(file) => f.debug_tuple("File").field(file).finish(),
            Self::Both(_, file) => f.debug_tuple("Both").field(file).finish(),
        }
    }
}

/// Refuses who lacks a scope.
fn allow(caller: &Caller, scopes: &[Scope], scope: Scope) -> Result<(), Problem> {
    if scopes.iter().any(|has| has.includes(scope)) {
        return Ok(());
    }
    let why = format!("{caller} lacks the scope `{scope}`");
    Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", why))
}

fn unauthorized(why: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", why)
}

/// Who asks, as a log may say it: by the name of the token, never by the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Somebody, where no token is asked for.
    Anybody,
    /// Who shows the token that is in no file.
    One,
    /// Who shows the token of this name.
    Named(String),
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anybody => f.write_str("anybody"),
            Self::One => f.write_str("the one token"),
            Self::Named(name) => write!(f, "the token {}", Shown(name)),
        }
    }
}

/// Lets in who may ask for what takes this scope, or any; the answer carries the `Caller`, also who was refused.
pub(crate) async fn check(
    State((desk, scope)): State<(Desk, Option<Scope>)>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (caller, scopes) = desk.options.auth.who(bearer(request.headers()))?;
    let mut response = match scope.map_or(Ok(()), |scope| allow(&caller, &scopes, scope)) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    };
    response.extensions_mut().insert(caller);
    Ok(response)
}

/// Returns the token that is shown.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Lets in who calls this machine by a name of its own, if nothing else keeps others out.
pub(crate) fn check_host(hosts: Hosts, headers: &HeaderMap) -> Result<(), Problem> {
    if hosts == Hosts::Local { is_from_here(headers) } else { Ok(()) }
}

/// Refuses who calls by another name, and whom a page of another site has asked for it.
fn is_from_here(headers: &HeaderMap) -> Result<(), Problem> {
    let header = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if !is_local(header(HOST).unwrap_or_default()) {
        let why = "without a token, this answers to `localhost` and addresses of this machine alone";
        return Err(Problem::new(StatusCode::FORBIDDEN, "wrong_host", why));
    }
    // A browser says where the page comes from that asks; what is no browser says nothing.
    let is_of_page = |origin: &str| !origin.split_once("://").is_some_and(|(_, host)| is_local(host));
    if header(ORIGIN).is_some_and(is_of_page) || header(FETCH_SITE) == Some("cross-site") {
        let why = "without a token, pages of other sites are not answered";
        return Err(Problem::new(StatusCode::FORBIDDEN, "wrong_origin", why));
    }
    Ok(())
}

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

fn is_local(host: &str) -> bool {
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let name = host.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(host, |(name, _)| name);
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::tokens;
    use crate::tokens::tests::Folder;

    impl Auth {
        fn admit(&self, shown: Option<&str>, scope: Scope) -> Result<Caller, Problem> {
            let (caller, scopes) = self.who(shown)?;
            allow(&caller, &scopes, scope).map(|()| caller)
        }
    }

    /// Asks, and returns the status that the caller gets.
    fn asked(auth: &Auth, shown: Option<&str>, scope: Scope) -> u16 {
        auth.admit(shown, scope).map_or_else(|problem| problem.into_response().status().as_u16(), |_| 200)
    }

    #[test]
    fn only_the_token_opens_and_it_is_not_printed() {
        let auth = Auth::token("secret");
        assert_eq!(auth.admit(Some("secret"), Scope::Admin).unwrap(), Caller::One);
        assert_eq!(Auth::Open.admit(None, Scope::Admin).unwrap(), Caller::Anybody);
        for shown in [Some("Secret"), Some(""), None] {
            assert_eq!(asked(&auth, shown, Scope::Read), 401, "{shown:?}");
        }
        assert_eq!(asked(&Auth::token(""), None, Scope::Read), 401);
        assert_eq!(format!("{auth:?}"), "Token");
        assert!(Auth::Open.is_open() && !auth.is_open());
    }

    #[test]
    fn a_token_of_a_file_opens_what_its_scopes_say() {
        let folder = Folder::new();
        let add = |name: &str, scopes: &[Scope]| tokens::add(&folder.file(), name, scopes).unwrap().1;
        let (reader, producer) = (add("reader", &[Scope::Read]), add("producer", &[Scope::Append]));
        let (worker, boss) = (add("worker", &[Scope::Append, Scope::Read]), add("boss", &[Scope::Admin]));
        let file = TokenFile::open(folder.file()).unwrap();
        let auth = Auth::Open.with_file(file.clone());
        for (token, statuses) in [
            (&reader, [200, 403, 403]),
            (&producer, [403, 200, 403]),
            (&worker, [200, 200, 403]),
            (&boss, [200, 200, 200]),
        ] {
            assert_eq!(Scope::ALL.map(|scope| asked(&auth, Some(token), scope)), statuses);
        }
        assert_eq!(auth.admit(Some(&reader), Scope::Read).unwrap().to_string(), "the token `reader`");
        let problem = serde_json::to_value(auth.admit(Some(&reader), Scope::Append).unwrap_err()).unwrap();
        assert_eq!(problem["detail"], "the token `reader` lacks the scope `append`");
        assert_eq!(asked(&auth, Some("secret"), Scope::Read), 401);
        let both = Auth::token("secret").with_file(file);
        assert_eq!(asked(&both, Some("secret"), Scope::Admin), 200);
        assert_eq!(asked(&both, Some(&reader), Scope::Append), 403);
    }

    #[test]
    fn a_scope_is_read_as_it_is_written() {
        for scope in Scope::ALL {
            assert_eq!(scope.to_string().parse::<Scope>().unwrap(), scope);
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
        }
        assert!("Read".parse::<Scope>().is_err() && "".parse::<Scope>().is_err());
    }

    #[test]
    fn the_token_is_what_stands_after_bearer() {
        for (header, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("Basic abc", None),
            ("Bearer", None),
            ("abc", None),
        ] {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(header))]);
            assert_eq!(bearer(&headers), token, "{header}");
        }
        assert_eq!(bearer(&HeaderMap::new()), None);
    }

    #[test]
    fn a_name_that_leads_here_is_not_a_name_of_this_machine() {
        for host in ["localhost", "LOCALHOST:7070", "127.0.0.1:1", "[::1]:7070", "127.9.9.9"] {
            assert!(is_local(host), "{host}");
        }
        for host in ["", "example.org", "localhost.example.org:7070", "10.0.0.1", "127.0.0.1.example.org"] {
            assert!(!is_local(host), "{host}");
        }
    }
}
