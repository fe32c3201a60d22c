//! Reads a ledger's URL: every spelling people have in their environment, and options that are refused when misspelled.

mod http;
mod options;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use ledger_core::{Error, Result, Shown};

pub use self::http::HttpPlace;
#[cfg(feature = "http")]
pub(crate) use self::http::Token;
use self::options::{
    LIBPQ_IGNORED, LIBPQ_OPTIONS, check_schema, read_bool, read_mode, read_number, read_pooler, read_switch,
    unknown_option,
};

/// What `open` may do with what it finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Opens, and creates the ledger when there is none: `mode=rwc`.
    #[default]
    Create,
    /// Opens what is there, to read and write: `mode=rw`.
    Existing,
    /// Opens what is there and never writes: `mode=ro`.
    ReadOnly,
}

/// Where a ledger is, and how to open it. Prints without the password.
#[derive(Clone, PartialEq, Eq)]
pub struct LedgerUrl {
    /// The engine and the place in it.
    pub place: Place,
    /// What the URL says about creating and writing, if it does.
    pub mode: Option<Mode>,
    /// The most connections that read at once.
    pub pool: u32,
    /// How long to wait for a connection or a lock.
    pub timeout: Duration,
    /// How often to look for other processes' events when nothing else wakes a waiter.
    pub poll: Option<Duration>,
}

/// The engine and the place in it.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// In this process, gone with it.
    Memory,
    /// A file.
    Sqlite(PathBuf),
    /// A schema of a database.
    Postgres(PostgresPlace),
    /// A database of a ClickHouse server.
    ClickHouse(ClickHousePlace),
    /// A ledger behind a server of this project.
    Http(HttpPlace),
}

/// A database of a ClickHouse server, reached over HTTP.
#[derive(Clone, PartialEq, Eq)]
pub struct ClickHousePlace {
    /// Scheme, host and port, without credentials.
    pub(crate) http: String,
    pub(crate) user: String,
    pub(crate) password: String,
    /// The database that holds the ledger.
    pub database: String,
}

/// A schema of a Postgres database.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresPlace {
    /// The URL for the driver, with the password, without the options that are ours.
    pub(crate) url: url::Url,
    /// The schema that holds the ledger.
    pub schema: String,
    /// What stands between this process and the server.
    pub pooler: Pooler,
}

/// What stands between this process and a Postgres server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pooler {
    /// Find out when opening.
    #[default]
    Detect,
    /// Nothing, or a pooler that gives each client its own session.
    None,
    /// A pooler that may give each transaction another session.
    Transaction,
}

const DEFAULT_POOL: u32 = 8;
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

impl LedgerUrl {
    /// Reads a URL or a bare path. Fails with `UnknownScheme`, or `Invalid` that names the option or the part.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::invalid(
                "url",
                "it is empty: give memory:, sqlite:PATH, postgres://HOST/DATABASE, clickhouse://HOST/DATABASE or \
                 http(s)://HOST",
            ));
        }
        let Some((scheme, rest)) = scheme(text) else {
            if text == ":memory:" {
                return Self::local(Place::Memory, "");
            }
            // Taken for a path, a misspelled URL would be shown in errors, password and all.
            if text.starts_with(['"', '\'']) || text.contains("://") || text.contains("//") && text.contains('@') {
                let why = "it looks like a URL and does not start with a scheme (quotes around it?): \
                           give sqlite:PATH or postgres://HOST/DATABASE";
                return Err(Error::invalid("url", why));
            }
            let (path, options) = text.split_once('?').unwrap_or((text, ""));
            return Self::local(Place::Sqlite(PathBuf::from(path)), options);
        };
        let (base, driver) = scheme.split_once('+').map_or((scheme, None), |(base, driver)| (base, Some(driver)));
        match base.to_ascii_lowercase().as_str() {
            "memory" => Self::memory(rest),
            "sqlite" | "sqlite3" => Self::sqlite(rest, driver.is_some()),
            "postgres" | "postgresql" => Self::postgres(rest),
            "clickhouse" | "clickhouses" => Self::clickhouse(rest, base.len() > 10, driver),
            "http" | "https" if driver.is_none() => http::parse(text),
            _ => Err(Error::UnknownScheme { scheme: scheme.to_owned() }),
        }
    }

    fn memory(rest: &str) -> Result<Self> {
        let (path, options) = rest.split_once('?').unwrap_or((rest, ""));
        if !path.trim_matches('/').is_empty() {
            let why = format!("{} after `memory:`: a ledger in memory has no name", Shown(path));
            return Err(Error::invalid("url", why));
        }
        Self::local(Place::Memory, options)
    }

    fn sqlite(rest: &str, sqlalchemy: bool) -> Result<Self> {
        let (path, options) = rest.split_once('?').unwrap_or((rest, ""));
        let path = match path.strip_prefix("//") {
            // SQLAlchemy counts an empty host: three slashes are a relative path, four an absolute one.
            Some(path) if sqlalchemy => path.strip_prefix('/').unwrap_or(path),
            Some(path) => path,
            None => path,
        };
        let path = decode(path)?;
        if path == ":memory:" || path.is_empty() && sqlalchemy {
            return Self::local(Place::Memory, options);
        }
        if path.is_empty() {
            return Err(Error::invalid("url", "`sqlite:` without a path: give sqlite:PATH"));
        }
        Self::local(Place::Sqlite(PathBuf::from(path)), options)
    }

    fn local(place: Place, options: &str) -> Result<Self> {
        let mut this = Self { place, mode: None, pool: DEFAULT_POOL, timeout: DEFAULT_TIMEOUT, poll: None };
        for (key, value) in url::form_urlencoded::parse(options.as_bytes()) {
            if !this.take_shared(&key, &value)? {
                return Err(unknown_option(&key, ""));
            }
        }
        Ok(this)
    }

    fn postgres(rest: &str) -> Result<Self> {
        let bad = |why: &str| Error::invalid("url", format!("{why}: give postgres://USER:PASSWORD@HOST:PORT/DATABASE"));
        let mut url = url::Url::parse(&format!("postgres:{rest}"))
            .map_err(|error| bad(&format!("the Postgres URL does not parse ({error})")))?;
        if !rest.starts_with("//") {
            return Err(bad("`postgres:` without `//`"));
        }
        let mut this = Self::local(Place::Memory, "")?;
        let (mut schema, mut pooler) = ("public".to_owned(), Pooler::Detect);
        let mut kept = Vec::new();
        for (key, value) in url.query_pairs() {
            match &*key {
                "schema" => schema = check_schema(&value)?,
                "pooler" => pooler = read_pooler(&value)?,
                // Other clients' words for the same.
                "pgbouncer" => pooler = read_switch(&key, &value, "true", "false")?,
                "statement_cache" => pooler = read_switch(&key, &value, "off", "on")?,
                key if LIBPQ_OPTIONS.contains(&key) => kept.push((key.to_owned(), value.into_owned())),
                key if LIBPQ_IGNORED.contains(&key) => {}
                key if this.take_shared(key, &value)? => {}
                key => return Err(unknown_option(key, ", schema, pooler, sslmode, sslrootcert, application_name")),
            }
        }
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
        this.place = Place::Postgres(PostgresPlace { url, schema, pooler });
        Ok(this)
    }

    fn clickhouse(rest: &str, secure: bool, driver: Option<&str>) -> Result<Self> {
        let bad =
            |why: &str| Error::invalid("url", format!("{why}: give clickhouse://USER:PASSWORD@HOST:8123/DATABASE"));
        let mut secure = match driver {
            None | Some("http" | "connect") => secure,
            Some("https") => true,
            Some(driver) => return Err(bad(&format!("{} is not spoken, only HTTP is", Shown(driver)))),
        };
        if !rest.starts_with("//") {
            return Err(bad("`clickhouse:` without `//`"));
        }
        let url = url::Url::parse(&format!("clickhouse:{rest}"))
            .map_err(|error| bad(&format!("the ClickHouse URL does not parse ({error})")))?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| bad("the URL names no host"))?;
        let mut this = Self::local(Place::Memory, "")?;
        for (key, value) in url.query_pairs() {
            match &*key {
                "secure" => match (read_bool(&key, &value)?, secure) {
                    // The password would go over the wire as it is.
                    (false, true) => return Err(bad("the scheme asks for TLS and `secure=false` forbids it")),
                    (asked, _) => secure = asked,
                },
                key if this.take_shared(key, &value)? => {}
                key => return Err(unknown_option(key, ", secure")),
            }
        }
        let (scheme, port) = if secure { ("https", 8443) } else { ("http", 8123) };
        let http = format!("{scheme}://{host}:{}", url.port().unwrap_or(port));
        let database = match url.path().trim_matches('/') {
            "" => "default".to_owned(),
            path => decode(path)?,
        };
        let user = if url.username().is_empty() { "default".to_owned() } else { decode(url.username())? };
        let password = decode_secret(url.password().unwrap_or_default())?;
        this.place = Place::ClickHouse(ClickHousePlace { http, user, password, database });
        Ok(this)
    }

    fn take_shared(&mut self, key: &str, value: &str) -> Result<bool> {
        match key {
            "mode" => self.mode = Some(read_mode(value)?),
            "pool" => self.pool = read_number(key, value, 1..=1_000)?,
            "timeout_ms" => self.timeout = Duration::from_millis(read_number(key, value, 1..=3_600_000)?.into()),
            "poll_ms" => self.poll = Some(Duration::from_millis(read_number(key, value, 1..=60_000)?.into())),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl fmt::Display for LedgerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Memory => f.write_str("memory:"),
            Place::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Place::Postgres(place) => place.fmt(f),
            Place::ClickHouse(place) => place.fmt(f),
            Place::Http(place) => place.fmt(f),
        }
    }
}

impl fmt::Debug for LedgerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for PostgresPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if !self.url.username().is_empty() {
            write!(f, "{}@", self.url.username())?;
        }
        f.write_str(self.url.host_str().unwrap_or("localhost"))?;
        if let Some(port) = self.url.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(self.url.path())?;
        if self.schema != "public" {
            write!(f, "?schema={}", self.schema)?;
        }
        Ok(())
    }
}

impl fmt::Debug for PostgresPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ClickHousePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, host) = self.http.split_once("://").unwrap_or(("http", &self.http));
        let secure = if scheme == "https" { "?secure=true" } else { "" };
        write!(f, "clickhouse://{}@{host}/{}{secure}", self.user, self.database)
    }
}

impl fmt::Debug for ClickHousePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("Memory"),
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(place) => fmt::Display::fmt(place, f),
            Self::ClickHouse(place) => fmt::Display::fmt(place, f),
            Self::Http(place) => fmt::Display::fmt(place, f),
        }
    }
}

/// Splits `scheme:rest`; a word of one letter is a drive and a word with a slash is a path.
fn scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'_');
    let starts = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    (scheme.len() > 1 && starts && scheme.bytes().all(plain)).then_some((scheme, rest))
}

fn decode(path: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = (*first == b'%').then(|| after.get(..2)).flatten();
        let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes)
        .map_err(|_| Error::invalid("url", format!("the path {} is not UTF-8 once decoded", Shown(path))))
}

/// Decodes what must not stand in an error.
fn decode_secret(secret: &str) -> Result<String> {
    decode(secret).map_err(|_| Error::invalid("url", "the password or token is not UTF-8 once decoded"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> String {
        match LedgerUrl::parse(text).unwrap().place {
            Place::Sqlite(path) => path.display().to_string(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn every_spelling_of_a_file_is_understood() {
        assert_eq!(path("sqlite:a.db"), "a.db");
        assert_eq!(path("sqlite://a/b.db"), "a/b.db");
        assert_eq!(path("sqlite:///abs/a.db"), "/abs/a.db");
        assert_eq!(path("sqlite:///abs/my%20file%3F.db?mode=ro"), "/abs/my file?.db");
        assert_eq!(path("sqlite+aiosqlite:///a.db"), "a.db");
        assert_eq!(path("sqlite+aiosqlite:////abs/a.db"), "/abs/a.db");
        assert_eq!(path("dir/a.db"), "dir/a.db");
        assert_eq!(path("a.db?mode=ro"), "a.db");
        assert_eq!(path("C:a.db"), "C:a.db");
    }

    #[test]
    fn every_spelling_of_memory_is_understood() {
        for text in ["memory:", "memory://", ":memory:", "sqlite::memory:", "sqlite://:memory:", "sqlite+pysqlite://"] {
            assert_eq!(LedgerUrl::parse(text).unwrap().place, Place::Memory, "{text}");
        }
    }

    #[test]
    fn a_postgres_url_keeps_its_options_apart_and_never_prints_its_password() {
        for scheme in ["postgres", "postgresql", "postgresql+psycopg", "postgresql+asyncpg"] {
            let url = format!(
                "{scheme}://me:s3cret@db.example:5433/app?schema=led&sslmode=require&pool=3&channel_binding=require"
            );
            let parsed = LedgerUrl::parse(&url).unwrap();
            let Place::Postgres(place) = &parsed.place else { panic!("{url}") };
            assert_eq!(place.url.as_str(), "postgres://me:s3cret@db.example:5433/app?sslmode=require");
            assert_eq!((place.schema.as_str(), parsed.pool), ("led", 3));
            assert_eq!(parsed.to_string(), "postgres://me@db.example:5433/app?schema=led");
            assert!(!format!("{parsed:?} {:?}", parsed.place).contains("s3cret"));
        }
    }

    #[test]
    fn a_clickhouse_url_is_reached_over_http_and_never_prints_its_password() {
        let parse = |url: &str| {
            let parsed = LedgerUrl::parse(url).unwrap();
            assert!(!format!("{parsed:?} {parsed} {:?}", parsed.place).contains("s3cret"));
            let Place::ClickHouse(place) = parsed.place.clone() else { panic!("{url}") };
            (place, parsed)
        };
        let (place, parsed) = parse("clickhouse://me:s3cret%40@ch.example/app?pool=3");
        assert_eq!((place.http.as_str(), place.database.as_str()), ("http://ch.example:8123", "app"));
        assert_eq!((place.user.as_str(), place.password.as_str(), parsed.pool), ("me", "s3cret@", 3));
        assert_eq!(parsed.to_string(), "clickhouse://me@ch.example:8123/app");
        for url in ["clickhouse://ch.example?secure=true", "clickhouses://ch.example", "clickhouse+https://ch.example"]
        {
            let (place, parsed) = parse(url);
            assert_eq!((place.http.as_str(), place.database.as_str()), ("https://ch.example:8443", "default"));
            assert_eq!(parsed.to_string(), "clickhouse://default@ch.example:8443/default?secure=true");
        }
        assert_eq!(parse("clickhouse://[::1]:9/x").0.http, "http://[::1]:9");
    }

    #[test]
    fn a_bad_url_says_what_is_wrong_without_the_password() {
        for (url, says) in [
            ("", "empty"),
            ("mysql://me:s3cret@h/db", "`mysql`"),
            ("sqlite:", "without a path"),
            ("sqlite:a.db?mode=rx", "`rx`"),
            ("sqlite:a.db?mod=ro", "`mod`"),
            ("a.db?schema=x", "`schema`"),
            ("postgres:me", "without `//`"),
            ("postgres://me:s3cret@h:99999/db", "does not parse"),
            ("postgres://me:s3cret@h/db?schema=A-b", "`A-b`"),
            ("postgres://me:s3cret@h/db?schem=a", "`schem`"),
            ("postgres://me:s3cret@h/db?pool=0", "`0`"),
            ("clickhouse://me:s3cret@h/db?secure=yes", "`yes`"),
            ("clickhouse://me:s3cret@h/db?schema=a", "`schema`"),
            ("clickhouses://me:s3cret@h/db?secure=false", "forbids"),
            ("clickhouse+native://me:s3cret@h/db", "`native`"),
            ("clickhouse:me", "without `//`"),
            ("clickhouse:///db", "no host"),
            ("clickhouse://me:s3cret%FF@h/db", "not UTF-8"),
            ("memory:name", "no name"),
            ("\"postgres://me:s3cret@h/db\"", "quotes"),
            ("postgres//me:s3cret@h/db", "scheme"),
            ("://me:s3cret@h/db", "scheme"),
        ] {
            let error = LedgerUrl::parse(url).unwrap_err().to_string();
            assert!(error.contains(says) && !error.contains("s3cret"), "{url}: {error}");
        }
    }
}
