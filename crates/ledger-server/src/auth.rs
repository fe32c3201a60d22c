//! Who may ask: everybody, or who shows the token.

use std::fmt;
use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, HOST};
use axum::middleware::Next;
use axum::response::Response;
use sha2::{Digest, Sha256};

use crate::problem::Problem;
use crate::{Desk, Hosts};

/// Who may ask.
#[derive(Clone)]
pub enum Auth {
    /// Everybody who can reach the server.
    Open,
    /// Who shows the token whose hash this is.
    Token([u8; 32]),
}

impl Auth {
    /// Lets in who shows this token. Only its hash is kept.
    #[must_use]
    pub fn token(token: &str) -> Self {
        Self::Token(Sha256::digest(token).into())
    }

    fn admits(&self, shown: Option<&str>) -> bool {
        match self {
            Self::Open => true,
            Self::Token(hash) => {
                let Some(shown) = shown else { return false };
                let shown: [u8; 32] = Sha256::digest(shown).into();
                // Every byte is looked at, so that the time it takes says nothing.
                hash.iter().zip(shown).fold(0, |differs, (one, other)| differs | (one ^ other)) == 0
            }
        }
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::Token(_) => "Token",
        })
    }
}

/// Lets in who may ask.
pub(crate) async fn check(State(desk): State<Desk>, request: Request, next: Next) -> Result<Response, Problem> {
    let shown = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = shown.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    if desk.options.auth.admits(token) {
        return Ok(next.run(request).await);
    }
    let why = if token.is_some() { "the token is not known" } else { "show a token: `Authorization: Bearer …`" };
    Err(Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", why))
}

/// Lets in who calls this machine by a name of its own, if nothing else keeps others out.
pub(crate) async fn check_host(State(desk): State<Desk>, request: Request, next: Next) -> Result<Response, Problem> {
    let host = request.headers().get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if desk.options.hosts == Hosts::Any || is_local(host) {
        return Ok(next.run(request).await);
    }
    let why = "without a token, this answers to `localhost` and addresses of this machine alone";
    Err(Problem::new(StatusCode::FORBIDDEN, "wrong_host", why))
}

fn is_local(host: &str) -> bool {
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let name = host.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(host, |(name, _)| name);
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_opens_and_it_is_not_printed() {
        let auth = Auth::token("secret");
        assert!(auth.admits(Some("secret")) && Auth::Open.admits(None));
        assert!(!auth.admits(Some("Secret")) && !auth.admits(Some("")) && !auth.admits(None));
        assert_eq!(format!("{auth:?}"), "Token");
        assert!(!Auth::token("").admits(None));
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
