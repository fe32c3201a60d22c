//! How tokens are written: JSON, read strictly, because a slip in it decides who is let in.

use ledger_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::error::Category;

use super::{Entry, MOST, Token, check};
use crate::auth::Scope;

/// The file.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Form {
    tokens: Vec<Line>,
}

/// One token. Values are read as text and understood here, because the errors of a reader quote what they stumble over.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: String,
    hash: String,
    scopes: Vec<String>,
    created_at: String,
}

/// Writes tokens.
pub(super) fn written(entries: &[Entry]) -> Vec<u8> {
    let form = Form { tokens: entries.iter().map(Line::of).collect() };
    let mut text = serde_json::to_vec_pretty(&form).expect("tokens have a JSON form");
    text.push(b'\n');
    text
}

/// Reads tokens. Fails with what is wrong and where, and quotes no value: that may be a hash.
pub(super) fn parse(text: &[u8]) -> Result<Vec<Entry>, String> {
    let form: Form = serde_json::from_slice(text).map_err(|error| misread(&error))?;
    if form.tokens.len() > MOST {
        return Err(format!("{MOST} tokens are the most"));
    }
    let mut entries: Vec<Entry> = Vec::with_capacity(form.tokens.len());
    for (line, number) in form.tokens.iter().zip(1..) {
        let entry = line.entry().map_err(|why| format!("token {number}: {why}"))?;
        // Two of one hash are one token, which would outlive its being revoked.
        let is_taken = |other: &Entry| other.token.name == entry.token.name || other.hash == entry.hash;
        if entries.iter().any(is_taken) {
            return Err(format!("token {number}: the name or the hash is that of another one"));
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn misread(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let names_a_field = said.starts_with("missing field") || said.starts_with("duplicate field");
    if error.classify() == Category::Data && !names_a_field {
        let (line, column) = (error.line(), error.column());
        return format!("a field or value that does not belong there at line {line} column {column}");
    }
    said
}

impl Line {
    fn of(entry: &Entry) -> Self {
        let digits: String = entry.hash.iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            name: entry.token.name.clone(),
            hash: format!("sha256:{digits}"),
            scopes: entry.token.scopes.iter().map(ToString::to_string).collect(),
            created_at: entry.token.created_at.to_string(),
        }
    }

    fn entry(&self) -> Result<Entry, String> {
        let scopes: Result<Vec<Scope>, _> = self.scopes.iter().map(|scope| scope.parse::<Scope>()).collect();
        let scopes = check(&self.name, scopes.map_err(|_| "a scope is none of read, append and admin")?)?;
        let hash = parse_hash(&self.hash).ok_or("the hash is not `sha256:` and 64 hexadecimal digits")?;
        let created_at = self.created_at.parse::<Timestamp>().map_err(|_| "`created_at` is no time")?;
        Ok(Entry { token: Token { name: self.name.clone(), scopes, created_at }, hash })
    }
}

fn parse_hash(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix("sha256:")?;
    let mut hash = [0; 32];
    if digits.len() != 2 * hash.len() || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(hash)
}
