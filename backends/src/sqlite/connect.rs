//! Opens connections to a file, and says in one line what is wrong with it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ledger_core::{Error, Result, Timestamp};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::migrate;
use super::schema::{STEPS, TABLES};
use crate::sql::migrate::{Found, Next, decide};
use crate::url::Mode;

/// How much a crash may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    /// What was acknowledged survives power loss.
    Full,
    /// The file is worthless until it is finished: for a copy that is renamed when it is whole.
    None,
}

/// A file, and how its connections are made.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub path: PathBuf,
    pub mode: Mode,
    pub timeout: Duration,
    pub durability: Durability,
}

impl File {
    /// Opens a connection that reads.
    ///
    /// The only handle to a file in WAL mode may write where the file system lets it, and forbids itself to: one that
    /// could not would leave two helper files behind when it closes.
    pub(super) fn reader(&self) -> Result<Connection> {
        if self.mode != Mode::ReadOnly {
            return self.connect(OpenFlags::SQLITE_OPEN_READ_ONLY);
        }
        let connection = self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.pragma_update(None, "query_only", true).map_err(|error| self.error(error, "open"))?;
        if unwritable_wal(&connection, &self.path) {
            return self.immutable();
        }
        Ok(connection)
    }

    /// Opens the connection that writes.
    pub(super) fn writer(&self) -> Result<Connection> {
        let create = if self.mode == Mode::Create { OpenFlags::SQLITE_OPEN_CREATE } else { OpenFlags::empty() };
        let connection = self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE | create)?;
        let pragmas = match self.durability {
            Durability::Full => {
                "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; \
                 PRAGMA cache_size = -16384;"
            }
            Durability::None => "PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;",
        };
        connection.execute_batch(pragmas).map_err(|error| self.error(error, "set up"))?;
        Ok(connection)
    }

    /// Carries what was committed into the main file, so that the writer, which would do so in the middle of an append, finds
    /// little left. It waits for nobody, and what it leaves the writer carries.
    pub(super) fn checkpoint(&self) {
        if self.durability == Durability::Full
            && let Ok(connection) = self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE)
        {
            drop(connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())));
            close(connection);
        }
    }

    /// Removes the helper files when no other connection is left: a connection that only reads cannot when it closes.
    pub(super) fn tidy(&self) {
        if self.mode == Mode::ReadOnly {
            return;
        }
        // The first read opens them. What cannot be tidied up now is tidied up by the next that opens the file.
        if let Ok(connection) = self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE) {
            drop(first_read(&connection));
            close(connection);
        }
    }

    /// Finds the ledger in the file, creates or migrates it as the mode allows, and returns the connection that did so.
    pub(super) fn prepare(&self) -> Result<Connection> {
        self.check_path()?;
        let at = self.path.display().to_string();
        if self.mode == Mode::ReadOnly {
            let reader = self.reader()?;
            decide(&self.find(&reader)?, STEPS, self.mode, &at)?;
            return Ok(reader);
        }
        let mut writer = self.writer()?;
        if decide(&self.find(&writer)?, STEPS, self.mode, &at)? == Next::Migrate {
            migrate::apply(self, &mut writer, STEPS, &mut |_| ())?;
            // A newer program may have migrated while this one waited for the lock.
            decide(&self.find(&writer)?, STEPS, self.mode, &at)?;
        }
        self.set_journal(&writer)?;
        Ok(writer)
    }

    /// Changes the journal only when it has to, and tries for the whole time-out: the engine does not wait for this lock itself.
    pub(super) fn set_journal(&self, writer: &Connection) -> Result<()> {
        const PAUSE: Duration = Duration::from_millis(5);
        let wanted = match self.durability {
            Durability::Full => "wal",
            Durability::None => "off",
        };
        let deadline = Instant::now() + self.timeout;
        loop {
            let outcome = writer
                .query_row("PRAGMA journal_mode", [], |row| row.get::<_, String>(0))
                .and_then(|journal| if journal == wanted { Ok(journal) } else { journal_mode(writer, wanted) });
            match outcome {
                Err(error)
                    if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < deadline =>
                {
                    std::thread::sleep(PAUSE);
                }
                Ok(journal) if journal != wanted => return Err(self.refused(wanted, &journal)),
                outcome => {
                    // The log is opened by the first read. One that never opened it would leave it behind when it closes last.
                    let opened = outcome.and_then(|_| first_read(writer));
                    return opened.map_err(|error| self.error(error, "set the journal of"));
                }
            }
        }
    }

    /// Says that the engine kept its journal, which it does without an error of its own.
    fn refused(&self, wanted: &str, kept: &str) -> Error {
        let why = format!(
            "`{}` cannot have the journal mode `{wanted}` and stays at `{kept}`: \
             keep the file on a local disk, not on a network file system",
            self.path.display()
        );
        Error::Backend { backend: "sqlite", why, source: None }
    }

    /// Says what the file holds.
    pub(super) fn find(&self, connection: &Connection) -> Result<Found> {
        self.try_find(connection).map_err(|error| self.error(error, "read"))
    }

    fn try_find(&self, connection: &Connection) -> rusqlite::Result<Found> {
        // In one statement: between two, another process may make the ledger, whose tables would then be somebody else's.
        let tables = format!(
            "SELECT count(*) FILTER (WHERE type = 'table' AND name = 'ledger_schema_version'), \
             min(name) FILTER (WHERE name IN ({TABLES})) FROM sqlite_schema"
        );
        let (versions, ours) =
            connection.query_row(&tables, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<String>>(1)?)))?;
        if versions == 0 {
            return Ok(ours.map_or(Found::Nothing, Found::Foreign));
        }
        let mut applied =
            connection.prepare("SELECT version, applied_at FROM ledger_schema_version ORDER BY version")?;
        let applied = applied.query_map([], |row| {
            let at = Timestamp::from_micros(row.get(1)?).unwrap_or(Timestamp::EPOCH);
            Ok((row.get(0)?, at))
        })?;
        Ok(Found::Ledger(applied.collect::<rusqlite::Result<_>>()?))
    }

    pub(super) fn check_path(&self) -> Result<()> {
        let at = || self.path.display().to_string();
        if self.path.is_dir() {
            return Err(Error::NotALedger { at: at(), why: "it is a directory; give the path of a file".to_owned() });
        }
        if self.path.exists() {
            return Ok(());
        }
        if self.mode != Mode::Create {
            let remedy = "there is no such file; check the path, or create it with `ledger append`".to_owned();
            return Err(Error::NotFound { at: at(), remedy });
        }
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() && !parent.is_dir() => {
                let remedy = format!("there is no directory `{}`; create it first", parent.display());
                Err(Error::NotFound { at: at(), remedy })
            }
            _ => Ok(()),
        }
    }

    fn connect(&self, flags: OpenFlags) -> Result<Connection> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
        let connection = Connection::open_with_flags(&self.path, flags).map_err(|error| self.error(error, "open"))?;
        connection.busy_timeout(self.timeout).map_err(|error| self.error(error, "open"))?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(connection)
    }

    /// Reads a file in WAL mode where no helper file can be written beside it: a read-only disk, where nothing changes.
    fn immutable(&self) -> Result<Connection> {
        let path: String = url::form_urlencoded::byte_serialize(self.path.as_os_str().as_encoded_bytes())
            .flat_map(|part| if part == "+" { "%20".chars() } else { part.chars() })
            .collect();
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let uri = format!("file:{}?immutable=1", path.replace("%2F", "/"));
        Connection::open_with_flags(uri, flags).map_err(|error| self.error(error, "open"))
    }

    /// Names the remedy for an error of the engine.
    pub(super) fn error(&self, error: rusqlite::Error, action: &str) -> Error {
        let path = self.path.display();
        let code = error.sqlite_error_code();
        let unavailable = |why: String, source| Error::Unavailable { backend: "sqlite", why, source: Some(source) };
        let failed = |why: String, source| Error::Backend { backend: "sqlite", why, source: Some(source) };
        let source = Arc::new(error);
        match code {
            Some(ErrorCode::NotADatabase) => {
                Error::NotALedger { at: path.to_string(), why: "the file is not an SQLite database".to_owned() }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                let why = format!("`{path}` stayed locked by another process for {} ms", self.timeout.as_millis());
                unavailable(why, source)
            }
            Some(ErrorCode::DiskFull) => unavailable(format!("the disk that holds `{path}` is full"), source),
            Some(ErrorCode::ReadOnly) => {
                failed(format!("`{path}` cannot be written: the file or its disk is read-only"), source)
            }
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => failed(
                format!("cannot open `{path}`: check that the file and its directory may be read and written"),
                source,
            ),
            Some(ErrorCode::DatabaseCorrupt) => {
                failed(format!("`{path}` is damaged: restore it from a snapshot"), source)
            }
            _ => failed(format!("cannot {action} `{path}`"), source),
        }
    }
}

/// Closes connections while no other of this process closes: of two that close at once each sees the other, takes itself not to
/// be the last, and both leave the helper files behind.
pub(super) fn close<T>(connections: T) {
    static CLOSING: Mutex<()> = Mutex::new(());
    let _alone = CLOSING.lock().unwrap_or_else(PoisonError::into_inner);
    drop(connections);
}

/// Reads something, with which a connection opens the helper files.
fn first_read(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

/// Asks for a journal mode and returns the one that the file then has.
fn journal_mode(writer: &Connection, mode: &str) -> rusqlite::Result<String> {
    writer.pragma_update_and_check(None, "journal_mode", mode, |row| row.get(0))
}

fn unwritable_wal(connection: &Connection, path: &Path) -> bool {
    let refused = first_read(connection).is_err_and(|error| {
        matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::SystemIoFailure)
        )
    });
    let wal = path.with_file_name({
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push("-wal");
        name
    });
    refused && !wal.exists()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn a_ledger_that_is_made_meanwhile_is_never_somebody_elses() {
        let folder = std::env::temp_dir().join(format!("ledger-made-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        let path = folder.join("ledger.db");
        let (mode, timeout, durability) = (Mode::Create, Duration::from_secs(10), Durability::None);
        let file = File { path: path.clone(), mode, timeout, durability };
        let (maker, looker) = (Connection::open(&path).unwrap(), Connection::open(&path).unwrap());
        for connection in [&maker, &looker] {
            connection.busy_timeout(timeout).unwrap();
        }
        journal_mode(&maker, "wal").unwrap();
        let done = &AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for _ in 0..3_000 {
                    maker
                        .execute_batch(
                            "BEGIN IMMEDIATE; CREATE TABLE events (n); \
                             CREATE TABLE ledger_schema_version (version INTEGER, applied_at INTEGER); COMMIT; \
                             BEGIN IMMEDIATE; DROP TABLE events; DROP TABLE ledger_schema_version; COMMIT",
                        )
                        .unwrap();
                }
                done.store(true, Ordering::Relaxed);
            });
            let mut looks = 0;
            while !done.load(Ordering::Relaxed) || looks == 0 {
                // That the table of versions goes again is of this test alone.
                let found = file.try_find(&looker);
                assert!(!matches!(found, Ok(Found::Foreign(_))), "{found:?} after {looks}");
                looks += 1;
            }
        });
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_journal_mode_that_the_engine_does_not_take_is_an_error() {
        let file = File {
            path: PathBuf::from("far.db"),
            mode: Mode::Create,
            timeout: Duration::from_secs(1),
            durability: Durability::Full,
        };
        // A database in memory refuses WAL as a network file system does: by keeping what it has.
        let error = file.set_journal(&Connection::open_in_memory().unwrap()).unwrap_err();
        assert!(matches!(error, Error::Backend { .. }) && error.to_string().contains("far.db"), "{error}");
    }
}
