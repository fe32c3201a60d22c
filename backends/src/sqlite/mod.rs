//! A ledger in one SQLite file: many processes of one machine share it, and it opens with any SQLite tool.
//!
//! rusqlite's statements on a thread of their own write at the speed of the bare engine, where an await per row would not.

mod connect;
mod migrate;
mod reader;
mod rows;
mod schema;
mod watch;
mod writer;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use ledger_core::{
    Condition, Draft, Error, Event, Ledger, Offset, Page, Query, Receipt, Result, check_batch, check_restore,
};
use rusqlite::Connection;

use self::connect::{Durability, File};
use self::migrate::FileTables;
use self::reader::Readers;
use self::watch::Watcher;
use self::writer::Writer;
use crate::head::Head;
use crate::migrations::{Migration, Step};
use crate::sql::group::{self, Eraser, Outbox};
use crate::sql::migrate::{Hear, decide, list};
use crate::url::{LedgerUrl, Mode};

/// A ledger in a SQLite file.
pub(crate) struct SqliteLedger {
    file: File,
    identity: String,
    poll: Option<Duration>,
    head: Head,
    eraser: Eraser,
    readers: Arc<Readers>,
    watcher: Mutex<Option<Watcher>>,
    outbox: Option<Outbox>,
    writer: Option<JoinHandle<()>>,
}

impl SqliteLedger {
    pub(crate) async fn open(url: &LedgerUrl, path: &Path, mode: Mode) -> Result<Self> {
        Self::open_file(file(url, path, mode, Durability::Full), url).await
    }

    /// Opens a new file to copy into, without the cost of surviving a crash; the copy makes the whole file durable at the end.
    pub(crate) async fn open_for_copy(url: &LedgerUrl, path: &Path) -> Result<Self> {
        Self::open_file(file(url, path, Mode::Create, Durability::None), url).await
    }

    async fn erase_by(&self, outbox: &Outbox, offsets: &[i64]) -> Result<u64> {
        let steps = AtomicUsize::new(0);
        let tidy = async || {
            if (steps.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(STEPS_TO_CHECKPOINT) {
                let file = self.file.clone();
                drop(tokio::task::spawn_blocking(move || file.checkpoint()).await);
            }
        };
        self.eraser.erase(outbox, &self.head, offsets, tidy).await
    }

    async fn open_file(file: File, url: &LedgerUrl) -> Result<Self> {
        let (file, connection) = blocking(move || {
            let connection = file.prepare()?;
            Ok((file, connection))
        })
        .await?;
        let head = Head::new();
        let (outbox, writer) = match file.mode {
            Mode::ReadOnly => (None, None),
            Mode::Create | Mode::Existing => {
                let (outbox, inbox) = group::queue("sqlite");
                let writer = Writer { connection, file: file.clone(), head: head.clone() };
                (Some(outbox), Some(std::thread::spawn(move || writer.run(inbox))))
            }
        };
        Ok(Self {
            identity: identity(&file.path)?,
            poll: url.poll,
            head,
            eraser: Eraser::new(ERASE_STEPS),
            readers: Readers::new(file.clone(), url.pool),
            watcher: Mutex::default(),
            outbox,
            writer,
            file,
        })
    }

    fn outbox(&self, action: &'static str) -> Result<&Outbox> {
        self.outbox.as_ref().ok_or(Error::ReadOnly { action })
    }

    fn watch(&self) -> Result<()> {
        let mut watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        if watcher.is_none() {
            *watcher = Some(Watcher::start(self.file.clone(), self.head.clone(), self.poll)?);
        }
        Ok(())
    }
}

impl std::fmt::Debug for SqliteLedger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteLedger").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Drop for SqliteLedger {
    /// Closes the connections that read before the one that writes: the last to close tidies up, and only it may write.
    fn drop(&mut self) {
        self.watcher.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        self.readers.close();
        self.outbox.take();
        if let Some(writer) = self.writer.take() {
            drop(writer.join());
        }
    }
}

#[async_trait]
impl Ledger for SqliteLedger {
    fn backend(&self) -> &'static str {
        "sqlite"
    }

    async fn identity(&self) -> Result<String> {
        Ok(self.identity.clone())
    }

    async fn append(&self, drafts: &[Draft], condition: &Condition) -> Result<Vec<Receipt>> {
        check_batch(drafts, condition)?;
        self.outbox("append")?.append(drafts, condition).await
    }

    async fn read(&self, query: &Query) -> Result<Page> {
        query.check()?;
        let query = query.clone();
        self.readers.run(move |connection, file| rows::page(connection, &query, file)).await
    }

    async fn head(&self) -> Result<Offset> {
        self.readers.run(rows::head_offset).await
    }

    async fn wait(&self, after: Offset) -> Result<Offset> {
        self.head.wait(after, || self.watch(), self.head()).await
    }

    async fn restore(&self, events: &[Event], head: Offset) -> Result<()> {
        check_restore(events, head)?;
        self.outbox("restore")?.restore(events, head).await
    }

    async fn prune(&self, query: &Query) -> Result<u64> {
        query.check()?;
        let outbox = self.outbox("prune")?;
        let offsets = |query: Query| {
            self.readers.run(move |connection, file| {
                rows::offsets(connection, &query).map_err(|error| file.error(error, "read"))
            })
        };
        let erase = async |removed: Vec<i64>| self.erase_by(outbox, &removed).await;
        group::prune(query, self.head().await?, offsets, erase).await
    }

    async fn erase(&self, offsets: &[Offset]) -> Result<u64> {
        let offsets = group::erased(offsets)?;
        self.erase_by(self.outbox("erase")?, &offsets).await
    }
}

/// How many events one transaction removes while others append, which takes about as long as an append, and while nobody does.
const ERASE_STEPS: [usize; 2] = [16, 500];
/// After how many of the small steps what they changed is carried into the main file.
const STEPS_TO_CHECKPOINT: usize = 8;

/// Lists the steps and those after them, and which of them the file has been through.
pub(crate) async fn migrations(url: &LedgerUrl, path: &Path, more: &[Step]) -> Result<Vec<Migration>> {
    let file = file(url, path, Mode::ReadOnly, Durability::Full);
    let steps = steps(more);
    blocking(move || {
        let mut connection = if file.path.exists() {
            file.reader()?
        } else {
            Connection::open_in_memory().map_err(|e| file.error(e, "open"))?
        };
        let tables = FileTables::new(&file, &mut connection);
        tokio::runtime::Handle::current().block_on(list(&tables, &steps))
    })
    .await
}

/// Applies the steps that are missing, and those after them.
pub(crate) async fn migrate(url: &LedgerUrl, path: &Path, more: &[Step], progress: Hear<'_>) -> Result<()> {
    let file = file(url, path, url.mode.unwrap_or(Mode::Create), Durability::Full);
    let steps = steps(more);
    let (sender, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let work = blocking(move || {
        file.check_path()?;
        let mut writer = file.writer()?;
        decide(&file.find(&writer)?, &steps, file.mode, &file.path.display().to_string())?;
        // Whoever stopped listening is no reason to stop.
        migrate::apply(&file, &mut writer, &steps, &mut |step| sender.send(step).unwrap_or_default())?;
        file.set_journal(&writer)
    });
    let hear = async {
        while let Some(step) = heard.recv().await {
            progress(step);
        }
    };
    futures::future::join(work, hear).await.0
}

fn steps(more: &[Step]) -> Vec<Step> {
    [schema::STEPS, more].concat()
}

fn file(url: &LedgerUrl, path: &Path, mode: Mode, durability: Durability) -> File {
    File { path: path.to_owned(), mode, timeout: url.timeout, durability }
}

/// Refuses a path where no file can be made, with what to do.
pub(crate) fn check_path(url: &LedgerUrl, path: &Path) -> Result<()> {
    file(url, path, Mode::Create, Durability::Full).check_path()
}

/// Runs work that waits for the disk off the async threads; once started it goes on to its end.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        let why = "work on the file was cut short".to_owned();
        Err(Error::Backend { backend: "sqlite", why, source: Some(Arc::new(error)) })
    })
}

/// Device and inode, which links and spellings of one file share and copies do not.
#[cfg(unix)]
pub(crate) fn identity(path: &Path) -> Result<String> {
    use std::os::unix::fs::MetadataExt;
    let file = std::fs::metadata(path).map_err(|error| unreadable(path, error))?;
    Ok(format!("sqlite:{}:{}", file.dev(), file.ino()))
}

#[cfg(not(unix))]
pub(crate) fn identity(path: &Path) -> Result<String> {
    let path = path.canonicalize().map_err(|error| unreadable(path, error))?;
    Ok(format!("sqlite:{}", path.display()))
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    let why = format!("cannot look at `{}`", path.display());
    Error::Backend { backend: "sqlite", why, source: Some(Arc::new(error)) }
}
