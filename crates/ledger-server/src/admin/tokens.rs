//! The tokens of a server's file: listed, made and revoked from afar, as `ledger token` does it beside the file.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::auth::Scope;
use crate::openapi::{admin, answers, problems};
use crate::parameters::named;
use crate::problem::Problem;
use crate::raw::json_of;
use crate::tokens::{self, Token, TokenError, TokenFile};
use crate::{Desk, aside};

/// The tokens.
#[derive(Serialize)]
pub(crate) struct Listed {
    tokens: Vec<Token>,
    /// Whether there is a file that they stand in.
    file: bool,
}

/// Answers the tokens of the server's file, the oldest first.
#[utoipa::path(
    get,
    path = "/tokens",
    tag = "admin",
    operation_id = "tokens",
    description = "It takes the scope `admin`. The token that is in no file is not among them, and no hash is told.",
    responses((status = 200, description = "The tokens.", body = admin::Tokens), problems::Call)
)]
pub(crate) async fn list(State(desk): State<Desk>) -> Result<Json<Listed>, Problem> {
    let Some(file) = desk.options.auth.file().cloned() else {
        return Ok(Json(Listed { tokens: Vec::new(), file: false }));
    };
    let tokens = on_file(move || tokens::list(file.path())).await?;
    Ok(Json(Listed { tokens, file: true }))
}

/// Makes a token, and answers its text, which is kept nowhere and not shown again.
#[utoipa::path(
    post,
    path = "/tokens",
    tag = "admin",
    operation_id = "make_token",
    description = "It takes the scope `admin`.",
    request_body(content((
        admin::AskedToken = "application/json",
        example = json!({"name": "ci", "scopes": ["append"]})
    ))),
    responses(
        (status = 201, description = "The token, which counts at once.", body = admin::NewToken),
        (
            status = 409,
            description = "Another token has the name (`taken`), or there are as many as there may be (`full`).",
            body = answers::Problem,
            content_type = problems::PROBLEM
        ),
        (
            status = 501,
            description = "This server goes by no file of tokens (`no_token_file`).",
            body = answers::Problem,
            content_type = problems::PROBLEM
        ),
        problems::Call,
        problems::Body,
    )
)]
pub(crate) async fn make(State(desk): State<Desk>, request: Request) -> Result<Response, Problem> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Asked {
        name: String,
        scopes: Vec<String>,
    }
    #[derive(Serialize)]
    struct Made {
        #[serde(flatten)]
        made: Token,
        token: String,
    }
    let file = file_of(&desk)?;
    let Asked { name, scopes } = json_of(&desk, request).await?;
    let bad_scopes = |why: String| Problem::invalid("scopes", why);
    let scopes: Result<Vec<Scope>, _> = scopes.iter().map(|scope| scope.parse()).collect();
    let scopes = scopes.map_err(|error: ledger_core::Error| bad_scopes(error.to_string()))?;
    if scopes.is_empty() {
        return Err(bad_scopes("there is no scope: give read, append or admin".to_owned()));
    }
    let (made, token) = on_file(move || {
        let made = tokens::add(file.path(), &name, &scopes)?;
        file.changed();
        Ok(made)
    })
    .await?;
    // Between here and its owner, nobody should keep it.
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], Json(Made { made, token })).into_response())
}

/// Revokes a token: nobody is let in by it any more. Streams that it began end within seconds.
#[utoipa::path(
    delete,
    path = "/tokens/{name}",
    tag = "admin",
    operation_id = "revoke_token",
    description = "It takes the scope `admin`.",
    params(("name" = String, Path, description = "The name of the token.")),
    responses(
        (status = 204, description = "It is revoked."),
        (
            status = 501,
            description = "This server goes by no file of tokens (`no_token_file`).",
            body = answers::Problem,
            content_type = problems::PROBLEM
        ),
        problems::Call,
        problems::Named,
    )
)]
pub(crate) async fn revoke(
    State(desk): State<Desk>,
    name: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let file = file_of(&desk)?;
    let name: String = named(name, "token")?;
    on_file(move || {
        tokens::revoke(file.path(), &name)?;
        file.changed();
        Ok(())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn file_of(desk: &Desk) -> Result<TokenFile, Problem> {
    let why = "this server goes by no file of tokens: `ledger serve --tokens FILE` does";
    let none = || Problem::new(StatusCode::NOT_IMPLEMENTED, "no_token_file", why);
    desk.options.auth.file().cloned().ok_or_else(none)
}

/// Reads or changes the file aside: somebody else may hold its lock for seconds.
async fn on_file<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, TokenError> + Send + 'static,
) -> Result<T, Problem> {
    aside(work).await?.map_err(|error| problem(&error))
}

/// Says what went wrong. Where the file is, and what the system says of it, stands in the server's log alone.
fn problem(error: &TokenError) -> Problem {
    let conflict = |code, why: String| Problem::new(StatusCode::CONFLICT, code, why);
    match error {
        TokenError::Invalid { why } => Problem::invalid("name", why),
        TokenError::Taken { name, .. } => {
            let shown = ledger_core::Shown(name);
            conflict("taken", format!("the name {shown} is taken: choose another, or revoke that token first"))
        }
        TokenError::Unknown { .. } => Problem::not_found("no token has this name"),
        TokenError::Full { .. } => conflict("full", "there are as many tokens as there may be: revoke one".to_owned()),
        TokenError::NoFile { .. } | TokenError::Malformed { .. } | TokenError::Io { .. } => {
            let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
            let why = "the file of tokens cannot be read or changed";
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "token_file", why).caused(format!("{error}{cause}"))
        }
    }
}
