//! Who may ask: everybody, or who shows the token.

use std::fmt;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::Response;
use sha2::{Digest, Sha256};

use crate::Desk;
use crate::problem::Problem;

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
                let shown: [u8; 32] = Sha256::digest(shown.unwrap_or_default()).into();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_opens_and_it_is_not_printed() {
        let auth = Auth::token("secret");
        assert!(auth.admits(Some("secret")) && Auth::Open.admits(None));
        assert!(!auth.admits(Some("Secret")) && !auth.admits(Some("")) && !auth.admits(None));
        assert_eq!(format!("{auth:?}"), "Token");
    }
}
