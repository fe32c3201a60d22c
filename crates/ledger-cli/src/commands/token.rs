//! `ledger token`: makes, lists and revokes what the callers of `ledger serve` show.

use std::path::{Path, PathBuf};

use ledger_core::Shown;
use ledger_server::Scope;
use ledger_server::tokens::{self, TokenError};
use serde::Serialize;

use crate::cli::{Token, TokenPlace};
use crate::failure::{Failure, Result, shown};
use crate::output::{Format, Out, note, plain};
use crate::render::short_time;

/// The file when neither a flag nor the environment names one.
pub(super) const DEFAULT_FILE: &str = "ledger-tokens.json";

/// Does what is asked with the tokens of a file.
pub(super) fn run(out: &mut Out, asked: Token) -> Result<()> {
    match asked {
        Token::New { name, scopes, place } => new(out, &name, &scopes, &path(place)),
        Token::List { place } => list(out, &path(place)),
        Token::Revoke { name, place } => revoke(out, &name, &path(place)),
    }
}

/// Returns the file that the environment names.
pub(super) fn file_of_environment() -> Option<PathBuf> {
    std::env::var_os("LEDGER_TOKEN_FILE").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Says what went wrong with a file of tokens.
pub(super) fn failed(error: TokenError) -> Failure {
    let said = error.to_string();
    match error {
        TokenError::Invalid { .. } => Failure::Usage(said),
        TokenError::Io { source, .. } => Failure::io(said, source),
        TokenError::NoFile { .. } => Failure::No(said).hint("`ledger token new NAME` makes a token, and the file"),
        TokenError::Taken { .. } => Failure::No(said).hint("choose another name, or revoke that one first"),
        _ => Failure::No(said),
    }
}

fn path(place: TokenPlace) -> PathBuf {
    place.file.or_else(file_of_environment).unwrap_or_else(|| DEFAULT_FILE.into())
}

fn new(out: &mut Out, name: &str, scopes: &[Scope], path: &Path) -> Result<()> {
    #[derive(Serialize)]
    struct Made<'a> {
        name: &'a str,
        token: &'a str,
        scopes: &'a [Scope],
    }
    let (made, token) = tokens::add(path, name, scopes).map_err(failed)?;
    let printed = match out.format {
        Format::Json => out.json(&Made { name, token: &token, scopes: &made.scopes }),
        Format::People => out.line(&token),
    };
    if printed.and_then(|()| out.flush()).is_err() {
        // Nobody has it, so nobody should be let in by it.
        tokens::revoke(path, name).map_err(failed)?;
        return Err(Failure::No(format!("the token {} could not be printed, and was revoked", Shown(name))));
    }
    let scopes = listed(&made.scopes);
    note(&format!("the token {} ({scopes}) is not shown again: {} keeps its hash alone", Shown(name), shown(path)));
    Ok(())
}

fn list(out: &mut Out, path: &Path) -> Result<()> {
    let tokens = tokens::list(path).map_err(failed)?;
    if out.format == Format::Json {
        return tokens.iter().try_for_each(|token| out.json(token));
    }
    if tokens.is_empty() {
        return out.line("no tokens");
    }
    let row = |token: &tokens::Token| {
        vec![plain(&token.name).into_owned(), listed(&token.scopes), short_time(token.created_at)]
    };
    out.table(&["name", "scopes", "made (UTC)"], tokens.iter().map(row).collect())
}

fn revoke(out: &mut Out, name: &str, path: &Path) -> Result<()> {
    #[derive(Serialize)]
    struct Revoked<'a> {
        revoked: &'a str,
    }
    tokens::revoke(path, name).map_err(failed)?;
    match out.format {
        Format::Json => out.json(&Revoked { revoked: name }),
        Format::People => out.line(format!("revoked {}", Shown(name))),
    }
}

fn listed(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ")
}
