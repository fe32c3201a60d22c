//! Who may ask, and for what: everybody, or who shows a token that has the scope, or a cookie that stands for one.

use std::fmt;
use std::str::FromStr;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ledger_core::{Error, Shown};
use serde::Serialize;

use crate::problem::Problem;
use crate::tokens::{TokenFile, hash_of, is_same};
use crate::{Desk, Hosts, Shared, origin, sign_in};

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

    /// Returns the file of tokens, if there is one.
    pub(crate) fn file(&self) -> Option<&TokenFile> {
        match self {
            Self::Open | Self::Token(_) => None,
            Self::File(file) | Self::Both(_, file) => Some(file),
        }
    }

    /// Returns who asks, and for what they may. Fails when it takes a token, and the hash is of none that is known.
    pub(crate) fn who(&self, shown: Option<&[u8; 32]>) -> Result<(Caller, Vec<Scope>), Problem> {
        if self.is_open() {
            return Ok((Caller::Anybody, vec![Scope::Admin]));
        }
        let shown = shown.ok_or_else(|| unauthorized("show a token: `Authorization: Bearer …`"))?;
        self.of_hash(shown).ok_or_else(|| unauthorized("the token is not known"))
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

/// What a caller shows to be let in, by its hash.
#[derive(Clone, Copy)]
pub(crate) enum Key {
    /// A token.
    Token([u8; 32]),
    /// The cookie of who signed in, which stands for a token.
    Cookie([u8; 32]),
}

impl Key {
    /// Returns what is shown. A header counts before a cookie, which browsers send along unasked.
    fn of(headers: &HeaderMap) -> Option<Self> {
        if headers.contains_key(AUTHORIZATION) {
            return bearer(headers).map(|token| Self::Token(hash_of(token)));
        }
        sign_in::cookie(headers).map(|cookie| Self::Cookie(hash_of(cookie)))
    }

    /// Returns the word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::Cookie(_) => "cookie",
        }
    }
}

/// Who asks, and what is known of them.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) caller: Caller,
    /// For what they may ask.
    pub(crate) scopes: Vec<Scope>,
    /// What let them in; nothing where everybody is.
    pub(crate) key: Option<Key>,
}

impl Known {
    /// Refuses who lacks a scope.
    pub(crate) fn may(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes.iter().any(|has| has.includes(scope)) {
            return Ok(());
        }
        let why = format!("{} lacks the scope `{scope}`", self.caller);
        Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", why))
    }
}

impl Shared {
    /// Returns who asks. Fails when a token is asked for, and what is shown neither is one that is known, nor stands for
    /// one.
    pub(crate) fn who(&self, headers: &HeaderMap) -> Result<Known, Problem> {
        let key = self.key(headers);
        let token = key.and_then(|key| self.token_of(key));
        let (caller, scopes) = self.options.auth.who(token.as_ref())?;
        Ok(Known { caller, scopes, key })
    }

    /// Returns what is shown, where anything has to be.
    fn key(&self, headers: &HeaderMap) -> Option<Key> {
        if self.options.auth.is_open() { None } else { Key::of(headers) }
    }

    /// Returns the hash of the token that is shown, or that a cookie stands for.
    fn token_of(&self, key: Key) -> Option<[u8; 32]> {
        match key {
            Key::Token(token) => Some(token),
            Key::Cookie(cookie) => self.signed_in.token_of(&cookie),
        }
    }

    /// Returns what is shown and may end while its caller listens: a token that may be revoked, or a cookie. Nothing
    /// when nothing may end.
    pub(crate) fn revocable(&self, headers: &HeaderMap) -> Option<Key> {
        match (&self.options.auth, self.key(headers)?) {
            (Auth::Open, _) | (Auth::Token(_), Key::Token(_)) => None,
            (_, key) => Some(key),
        }
    }

    /// Returns whether the caller who showed this may go on listening.
    pub(crate) fn may_listen(&self, key: Key) -> bool {
        let found = self.token_of(key).and_then(|token| self.options.auth.of_hash(&token));
        found.is_some_and(|(_, scopes)| scopes.iter().any(|scope| scope.includes(Scope::Read)))
    }

    /// Answers a caller who is known, and refuses all others.
    pub(crate) fn to_known(&self, headers: &HeaderMap, answer: impl IntoResponse) -> Response {
        match self.who(headers) {
            Ok(known) => kept((Extension(known.caller), answer)),
            Err(refused) => kept(refused),
        }
    }
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

/// Lets in who may ask for what takes this scope, or any. The request carries who is `Known` from then on, and its
/// answer the `Caller`, also to who was refused.
pub(crate) async fn check(
    State((desk, scope)): State<(Desk, Option<Scope>)>,
    mut request: Request,
    next: Next,
) -> Response {
    let known = match desk.who(request.headers()) {
        Ok(known) => known,
        Err(refused) => return kept(refused),
    };
    let caller = known.caller.clone();
    let allowed = scope.map_or(Ok(()), |scope| known.may(scope));
    let allowed = allowed.and_then(|()| asked_here(&desk, known.key, &request));
    request.extensions_mut().insert(known);
    let answer = match allowed {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    };
    kept((Extension(caller), answer))
}

/// Has nobody else get an answer, who is perhaps let in by a cookie that caches do not look at, and no browser run anything of it.
fn kept(answer: impl IntoResponse) -> Response {
    const KEPT: [(HeaderName, HeaderValue); 3] = [
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox")),
    ];
    let mut answer = answer.into_response();
    for (name, value) in KEPT {
        answer.headers_mut().entry(name).or_insert(value);
    }
    answer
}

/// Refuses what changes something and is let in by a cookie, unless a page of this server asks for it; and what a page of another
/// site asks of a server that lets in everybody from everywhere.
fn asked_here(desk: &Desk, key: Option<Key>, request: &Request) -> Result<(), Problem> {
    match key {
        _ if origin::is_reading(request.method()) => Ok(()),
        Some(Key::Cookie(_)) => origin::check_own(request.headers()),
        None if desk.options.hosts == Hosts::Any => origin::check_not_other(request.headers()),
        _ => Ok(()),
    }
}

/// Returns the token that is shown.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens;
    use crate::tokens::tests::Folder;

    impl Auth {
        fn admit(&self, shown: Option<&str>, scope: Scope) -> Result<Caller, Problem> {
            let (caller, scopes) = self.who(shown.map(hash_of).as_ref())?;
            let known = Known { caller, scopes, key: None };
            known.may(scope).map(|()| known.caller)
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
}
