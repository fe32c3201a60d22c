//! Which ledger a command works on, and how it opens it: reading never creates one, so a mistyped path is an error.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use backends::{LedgerUrl, Mode, Place};
use ledger_core::Ledger;

use crate::failure::{Failure, Result, shown};

/// The ledger when neither `--url` nor `DATABASE_URL` names one.
const DEFAULT_URL: &str = "sqlite:ledger.db";

/// Returns the URL to work on: the flag, else `DATABASE_URL`, else the same in a `.env` file, else a file here.
///
/// Only that one variable is taken from `.env`: the rest of it belongs to other programs.
pub(crate) fn find_url(flag: Option<String>) -> Result<String> {
    let url = match flag {
        Some(url) => Some(url),
        None => inherited()?,
    };
    Ok(url.unwrap_or_else(|| DEFAULT_URL.to_owned()))
}

/// Returns the URL of the environment, or of a `.env` file.
fn inherited() -> Result<Option<String>> {
    match std::env::var("DATABASE_URL") {
        Ok(url) if !url.trim().is_empty() => Ok(Some(url)),
        Ok(_) | Err(std::env::VarError::NotPresent) => from_dotenv(),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Failure::Usage("DATABASE_URL is not UTF-8: set it to a URL".to_owned()))
        }
    }
}

/// Says whether the environment names a URL, for a command that goes by none. One that cannot be read is one, too.
pub(crate) fn is_inherited() -> bool {
    !matches!(inherited(), Ok(None))
}

fn from_dotenv() -> Result<Option<String>> {
    let entries = match dotenvy::dotenv_iter() {
        Ok(entries) => entries,
        Err(error) if error.not_found() => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    for entry in entries {
        let (key, value) = entry.map_err(unreadable)?;
        if key == "DATABASE_URL" && !value.trim().is_empty() {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// Says that `.env` cannot be read, without the line at fault: it may hold a password.
fn unreadable(error: dotenvy::Error) -> Failure {
    match error {
        dotenvy::Error::Io(source) => Failure::io("cannot read `.env`", source),
        _ => Failure::Usage(
            "`.env` has a line that is no `NAME=value`: correct it (quote a value that holds blanks or `$`), or give --url"
                .to_owned(),
        ),
    }
}

/// Where a command works.
pub(crate) struct Target {
    /// The URL as given, with its password: for opening only.
    pub(crate) url: String,
    /// The same, parsed; it prints without the password.
    pub(crate) parsed: LedgerUrl,
}

impl Target {
    /// Reads a URL. Fails when it is none.
    pub(crate) fn new(url: String) -> Result<Self> {
        let parsed = LedgerUrl::parse(&url)?;
        Ok(Self { url, parsed })
    }

    /// Opens the ledger.
    pub(crate) async fn open(&self, mode: Mode) -> Result<Arc<dyn Ledger>> {
        Ok(backends::open_as(&self.url, mode).await?)
    }

    /// Returns the file that holds the ledger, if one does.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.parsed.place {
            Place::Sqlite(path) => Some(path),
            Place::Memory | Place::Postgres(_) | Place::ClickHouse(_) | Place::Http(_) => None,
        }
    }
}

/// Refuses to write over a file that this command reads, however the two paths are spelled.
pub(crate) fn refuse_same_file(written: &Path, read: Option<&Path>, what: &str) -> Result<()> {
    let same = read.is_some_and(|read| real(read).is_some_and(|read| Some(read) == real(written)));
    if same {
        return Err(Failure::Usage(format!("{} is {what}: writing there would destroy it", shown(written))));
    }
    Ok(())
}

fn real(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}
