//! Tokens in a file: their names, what they are for, and their hashes, so that who reads the file is let in nowhere by it.

mod form;
mod watch;
mod whole;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::{error, fmt};

use ledger_core::{Shown, Timestamp};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::auth::Scope;
use watch::Stamp;
pub use watch::TokenFile;

/// The most tokens of a file: each is compared with what a caller shows.
const MOST: usize = 1_000;
/// The most bytes of a file.
const LARGEST: u64 = 1 << 20;

/// What may be told of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Token {
    /// Its name, for people.
    pub name: String,
    /// What it is for.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A token as the file has it. It does not print, so that no hash gets into a log.
struct Entry {
    token: Token,
    hash: [u8; 32],
}

/// Why tokens could not be read or changed.
#[derive(Debug)]
#[non_exhaustive]
pub enum TokenError {
    /// The name or the scopes break a rule: choose others.
    Invalid {
        /// Which rule.
        why: String,
    },
    /// Another token has the name: revoke that one, or choose another name.
    Taken {
        /// The name.
        name: String,
        /// The file.
        path: PathBuf,
    },
    /// No token has the name.
    Unknown {
        /// The name.
        name: String,
        /// The file.
        path: PathBuf,
    },
    /// There are as many tokens as there may be: revoke one.
    Full {
        /// The file.
        path: PathBuf,
    },
    /// There is no such file: make a token.
    NoFile {
        /// Where was looked.
        path: PathBuf,
    },
    /// The file holds something else than tokens: correct it.
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        why: String,
    },
    /// The file cannot be read, written or locked.
    Io {
        /// Which of these.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

impl TokenError {
    /// Returns what makes an error of the system's.
    fn io(action: &'static str, path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |path: &Path| Shown(&path.display().to_string()).to_string();
        match self {
            Self::Invalid { why } => f.write_str(why),
            Self::Taken { name, path } => write!(f, "the name {} is taken in {}", Shown(name), shown(path)),
            Self::Unknown { name, path } => write!(f, "no token {} in {}", Shown(name), shown(path)),
            Self::Full { path } => write!(f, "{} holds {MOST} tokens, which are the most", shown(path)),
            Self::NoFile { path } => write!(f, "there is no file {}", shown(path)),
            Self::Malformed { path, why } => write!(f, "{} is no file of tokens: {why}", shown(path)),
            Self::Io { action, path, .. } => write!(f, "cannot {action} {}", shown(path)),
        }
    }
}

impl error::Error for TokenError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Makes a token, and the file when there is none. Returns the token and its text, which is kept nowhere.
///
/// Fails when the name is empty, longer than 100 bytes, holds control characters or is taken, when there is no scope, and when
/// the file cannot be changed.
pub fn add(path: &Path, name: &str, scopes: &[Scope]) -> Result<(Token, String), TokenError> {
    let scopes = check(name, scopes.to_vec()).map_err(|why| TokenError::Invalid { why })?;
    let token = Token { name: name.to_owned(), scopes, created_at: Timestamp::now() };
    let text = fresh();
    change(path, |entries| {
        if entries.iter().any(|entry| entry.token.name == name) {
            return Err(TokenError::Taken { name: name.to_owned(), path: path.to_owned() });
        }
        if entries.len() >= MOST {
            return Err(TokenError::Full { path: path.to_owned() });
        }
        entries.push(Entry { token: token.clone(), hash: hash_of(&text) });
        Ok(())
    })?;
    Ok((token, text))
}

/// Returns the tokens, the oldest first. Fails when the file is not there, cannot be read or is not well formed.
pub fn list(path: &Path) -> Result<Vec<Token>, TokenError> {
    Ok(read(path)?.0.into_iter().map(|entry| entry.token).collect())
}

/// Removes the token of a name: nobody is let in by it any more. Fails when there is none, or the file cannot be changed.
pub fn revoke(path: &Path, name: &str) -> Result<(), TokenError> {
    // Where there is no file, none is made.
    read(path)?;
    change(path, |entries| {
        let before = entries.len();
        entries.retain(|entry| entry.token.name != name);
        if entries.len() == before {
            return Err(TokenError::Unknown { name: name.to_owned(), path: path.to_owned() });
        }
        Ok(())
    })
}

/// Returns the hash of a token or a cookie. Those that are made here are too random to be guessed, so it needs neither
/// salt nor slowness.
pub(crate) fn hash_of(text: impl AsRef<[u8]>) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// Compares two hashes. Every byte is looked at, so that the time it takes says nothing.
pub(crate) fn is_same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    one.iter().zip(other).fold(0, |differs, (one, other)| differs | (one ^ other)) == 0
}

/// Returns the text of a new token, or cookie: 244 bits from the operating system, 122 of each UUID.
pub(crate) fn fresh() -> String {
    format!("ledger_{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// Returns the scopes in order and each once. Fails when there is none, or the name breaks a rule.
fn check(name: &str, mut scopes: Vec<Scope>) -> Result<Vec<Scope>, String> {
    const LONGEST: usize = 100;
    if name.trim().is_empty() {
        return Err("the name is empty".to_owned());
    }
    if name.len() > LONGEST {
        return Err(format!("the name has {} bytes, and {LONGEST} are the most", name.len()));
    }
    if matches!(name, "." | "..") {
        return Err(format!("the name `{name}` means a folder in an address, and could not be revoked there"));
    }
    if name.contains(char::is_control) {
        return Err("the name holds control characters".to_owned());
    }
    if scopes.is_empty() {
        return Err("there is no scope".to_owned());
    }
    scopes.sort_unstable();
    scopes.dedup();
    Ok(scopes)
}

/// Reads a file, and what it looked like.
fn read(path: &Path) -> Result<(Vec<Entry>, Stamp), TokenError> {
    let failed = TokenError::io("read", path);
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(TokenError::NoFile { path: path.to_owned() });
        }
        file => file.map_err(&failed)?,
    };
    // Looked at before it is read: what changes meanwhile is read again.
    let stamp = Stamp::of(&file.metadata().map_err(&failed)?);
    let mut text = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut text).map_err(&failed)?;
    let malformed = |why| TokenError::Malformed { path: path.to_owned(), why };
    if text.len() as u64 > LARGEST {
        return Err(malformed(format!("it has more than {LARGEST} bytes")));
    }
    Ok((form::parse(&text).map_err(malformed)?, stamp))
}

/// Changes the file, or makes it, while nobody else does. When the change fails, it stays as it was.
fn change(path: &Path, change: impl FnOnce(&mut Vec<Entry>) -> Result<(), TokenError>) -> Result<(), TokenError> {
    // Where the name is a link, the file that it leads to is changed.
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let _lock = whole::lock(&real).map_err(TokenError::io("lock", path))?;
    let mut entries = match read(path) {
        Err(TokenError::NoFile { .. }) => Vec::new(),
        found => found?.0,
    };
    change(&mut entries)?;
    whole::write(&real, &form::written(&entries)).map_err(TokenError::io("write", path))
}

#[cfg(test)]
pub(crate) mod tests;
