//! Where a hunt is held: a ledger of its own, on an engine that it may kill where that is its own, too.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use backends::{LedgerUrl, Mode, Place};
use ledger_core::{Error, Ledger, Offset, Result};
use tempfile::TempDir;

use super::error::HuntError;
use super::patience::patiently;
use super::served::Served;
use super::{Hunt, Kills};
use crate::engines::{ClickHouseServer, PostgresServer, clickhouse, postgres, private_clickhouse, private_postgres};

/// How long a server that somebody named may take to answer first. What is away by mistake should be known at once.
const FIRST_ANSWER: &str = "timeout_ms=2000";
/// The ledgers that a hunt makes for itself, by the words that ask for them.
const WORDS: [(&str, Ground); 5] = [
    ("memory", Ground::Memory),
    ("sqlite", Ground::Sqlite),
    ("postgres", Ground::Postgres),
    ("clickhouse", Ground::ClickHouse),
    ("http", Ground::Http),
];

/// Where a hunt is held.
#[derive(Clone, PartialEq, Eq)]
pub enum Ground {
    /// A server in a process of its own, over a ledger in its memory. It is not killed, because nothing would be left.
    Memory,
    /// A new SQLite file.
    Sqlite,
    /// A new database of a Postgres that is found or started as the tests do.
    Postgres,
    /// A new database of a ClickHouse that is found or started as the tests do.
    ClickHouse,
    /// A server in a process of its own, over a new SQLite file.
    Http,
    /// The ledger at a URL, which has to be empty. Its engine is somebody else's and not killed.
    Url(String),
}

impl FromStr for Ground {
    type Err = HuntError;

    fn from_str(text: &str) -> Result<Self, HuntError> {
        if let Some((_, ground)) = WORDS.into_iter().find(|(word, _)| *word == text) {
            return Ok(ground);
        }
        let url = LedgerUrl::parse(text).map_err(HuntError::Place)?;
        if url.mode == Some(Mode::ReadOnly) {
            let error = Error::invalid("mode", "`ro` in the URL: a hunt writes, so leave it out");
            return Err(HuntError::Place(error));
        }
        if url.place == Place::Memory {
            return Ok(Self::Memory);
        }
        Ok(Self::Url(text.to_owned()))
    }
}

/// The word, or the URL without its password.
impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, WORDS.into_iter().find(|(_, ground)| ground == self)) {
            (Self::Url(url), _) => f.write_str(&shown(url)),
            (_, found) => f.write_str(found.map_or("", |(word, _)| word)),
        }
    }
}

impl fmt::Debug for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Shows a URL without its password.
fn shown(url: &str) -> String {
    LedgerUrl::parse(url).map_or_else(|_| "a URL that is none".to_owned(), |url| url.to_string())
}

/// Adds an option to a URL; of two that say the same, the last counts.
fn with_option(url: &str, option: &str) -> String {
    let sign = if url.contains('?') { '&' } else { '?' };
    format!("{url}{sign}{option}")
}

/// The ledger of a hunt, and what is behind it, which ends before its files go.
pub(super) struct Site {
    /// Where the ledger is.
    pub(super) url: String,
    engine: Engine,
    _folder: Option<TempDir>,
}

enum Engine {
    /// Somebody else's, or a file.
    Outside,
    /// A server that is not killed.
    Memory {
        _served: Box<Served>,
    },
    Postgres(Box<PostgresServer>),
    ClickHouse(Box<ClickHouseServer>),
    Http(Box<Served>),
}

impl Site {
    /// Finds or starts what the hunt needs. Fails when it cannot be had, and for a ledger that holds something.
    pub(super) async fn prepare(hunt: &Hunt) -> Result<Self, HuntError> {
        let site = match &hunt.ground {
            Ground::Memory => {
                let served = Served::start(&hunt.program, "memory:".to_owned()).await?;
                Self::new(&served.url(), Engine::Memory { _served: Box::new(served) })
            }
            Ground::Sqlite => {
                let (url, folder) = fresh_file()?;
                Self { url, engine: Engine::Outside, _folder: Some(folder) }
            }
            Ground::Http => {
                let (url, folder) = fresh_file()?;
                let served = Served::start(&hunt.program, url).await?;
                Self { url: served.url(), engine: Engine::Http(Box::new(served)), _folder: Some(folder) }
            }
            Ground::Postgres => Self::postgres(hunt.kills).await?,
            Ground::ClickHouse => Self::clickhouse(hunt.kills).await?,
            Ground::Url(url) => Self::new(url, Engine::Outside),
        };
        let head = match &hunt.ground {
            Ground::Url(url) => first_head(url).await.map_err(HuntError::Place)?,
            _ => site.open().await?.head().await?,
        };
        if head > Offset::START {
            return Err(HuntError::Usage(format!(
                "{site} is not empty, its head is {head}: name a ledger for the hunt alone, such as a new file or schema"
            )));
        }
        Ok(site)
    }

    fn new(url: &str, engine: Engine) -> Self {
        Self { url: url.to_owned(), engine, _folder: None }
    }

    async fn postgres(kills: Kills) -> Result<Self, HuntError> {
        // Many writers are many processes, and a server has a hundred connections or two.
        let few = |url: String| with_option(&url, "pool=2");
        if kills == Kills::None {
            return Ok(Self::new(&few(postgres().await?.fresh_database().await?), Engine::Outside));
        }
        let server = private_postgres().await?;
        let url = few(server.fresh_database().await?);
        Ok(Self::new(&url, Engine::Postgres(Box::new(server))))
    }

    async fn clickhouse(kills: Kills) -> Result<Self, HuntError> {
        if kills == Kills::None {
            return Ok(Self::new(&clickhouse().await?.fresh_database().await?, Engine::Outside));
        }
        let server = private_clickhouse().await?;
        let url = server.fresh_database().await?;
        Ok(Self::new(&url, Engine::ClickHouse(Box::new(server))))
    }

    /// Returns the URL of the ledger for one who looks so often for what others append.
    pub(super) fn url_with_poll(&self, poll_ms: u32) -> String {
        with_option(&self.url, &format!("poll_ms={poll_ms}"))
    }

    /// Opens the ledger, also when its engine has just been killed. Fails when it cannot be opened.
    pub(super) async fn open(&self) -> Result<Arc<dyn Ledger>> {
        patiently(|| backends::open(&self.url)).await
    }

    /// Says whether there is an engine that the hunt may kill.
    pub(super) fn has_engine(&self) -> bool {
        !matches!(self.engine, Engine::Outside | Engine::Memory { .. })
    }

    /// Kills the engine, leaves it away for a while, and starts it again. Fails when it does not start.
    pub(super) async fn crash(&mut self, away: Duration) -> Result<(), HuntError> {
        match &mut self.engine {
            Engine::Outside | Engine::Memory { .. } => {}
            Engine::Postgres(server) => {
                server.kill().await?;
                tokio::time::sleep(away).await;
                server.start_again().await?;
            }
            Engine::ClickHouse(server) => {
                server.kill().await?;
                tokio::time::sleep(away).await;
                server.start_again().await?;
            }
            Engine::Http(served) => served.crash(away).await?,
        }
        Ok(())
    }
}

/// The URL without its password.
impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.url))
    }
}

/// Opens the ledger that somebody named, once, and returns its head.
async fn first_head(url: &str) -> Result<Offset> {
    // Of all ledgers, a server is the one that is asked again for as long as its time-out lasts.
    let url = match LedgerUrl::parse(url)?.place {
        Place::Http(_) => with_option(url, FIRST_ANSWER),
        _ => url.to_owned(),
    };
    backends::open(&url).await?.head().await
}

/// Returns the URL of a file in a new folder.
fn fresh_file() -> Result<(String, TempDir), HuntError> {
    let folder = tempfile::Builder::new().prefix("ledger-hunt-").tempdir();
    let folder = folder.map_err(|error| HuntError::io("no folder for the ledger of the hunt", error))?;
    let path = folder.path().join("ledger.db").display().to_string();
    Ok((format!("sqlite://{}", path.replace('%', "%25").replace('?', "%3F")), folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_a_ledger_made_for_the_hunt_and_all_else_a_url() {
        for (text, ground) in [
            ("sqlite", Ground::Sqlite),
            ("http", Ground::Http),
            ("memory", Ground::Memory),
            ("memory:", Ground::Memory),
            ("sqlite::memory:", Ground::Memory),
            ("./sqlite", Ground::Url("./sqlite".to_owned())),
        ] {
            assert_eq!(text.parse::<Ground>().unwrap(), ground, "{text}");
        }
        let error = "a.db?mode=ro".parse::<Ground>().unwrap_err().to_string();
        assert!(error.contains("`ro`"), "{error}");
        assert!("mysql://me:s3cret@h/db".parse::<Ground>().is_err_and(|error| !error.to_string().contains("s3cret")));
    }

    #[test]
    fn a_password_is_never_shown() {
        let ground: Ground = "postgres://me:s3cret@h/db?schema=a".parse().unwrap();
        assert_eq!(format!("{ground} {ground:?}"), "postgres://me@h/db?schema=a postgres://me@h/db?schema=a");
        let site = Site::new("postgres://me:s3cret@h/db", Engine::Outside);
        assert_eq!(site.to_string(), "postgres://me@h/db");
        assert_eq!(site.url_with_poll(5), "postgres://me:s3cret@h/db?poll_ms=5");
        assert_eq!(with_option("a.db?pool=2", "poll_ms=5"), "a.db?pool=2&poll_ms=5");
    }
}
