//! Copies a ledger to where a URL says: a new SQLite file is written beside its name and renamed when it is whole.

use ledger_core::{Copied, Error, Ledger, Progress, Result};

#[cfg(feature = "sqlite")]
use crate::url::Place;
use crate::url::{LedgerUrl, Mode};

/// Copies a ledger to the place that a URL names, offsets kept, and reads the copy back.
///
/// The copy is a consistent prefix up to the head at the start, while others append. The target is new, empty, or an
/// older copy of the same ledger, which is continued. Fails with `SameLedger` or `NotEmpty` before anything is touched.
pub async fn snapshot_to(
    source: &dyn Ledger,
    url: &str,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Copied> {
    let url = LedgerUrl::parse(url)?;
    if url.mode == Some(Mode::ReadOnly) {
        return Err(Error::ReadOnly { action: "write a snapshot" });
    }
    #[cfg(feature = "sqlite")]
    if let Place::Sqlite(path) = &url.place {
        // Asked before it is opened, because opening may already change a file's journal.
        if path.is_file() && crate::sqlite::identity(path)? == source.identity().await? {
            return Err(Error::SameLedger);
        }
        if url.mode != Some(Mode::Existing) && is_new(path) {
            return beside::copy(source, &url, path, progress).await;
        }
        if !is_new(path) {
            // Looked at without the right to write, because opening to write already changes a file's tables or journal.
            let held = crate::sqlite::SqliteLedger::open(&url, path, Mode::ReadOnly).await;
            let held = held.map_err(|error| match error {
                Error::NotFound { at, .. } if path.exists() => {
                    Error::NotALedger { at, why: "it is a database of another application".to_owned() }
                }
                other => other,
            })?;
            named(ledger_core::check_target(source, &held).await, &url)?;
        }
    }
    let target = crate::open_parsed(&url, Mode::Create).await?;
    named(ledger_core::copy(source, &target, progress).await, &url)
}

/// Puts the URL into a refusal, where the copy itself knows only the backend.
fn named<T>(outcome: Result<T>, url: &LedgerUrl) -> Result<T> {
    outcome.map_err(|error| match error {
        Error::NotEmpty { why, .. } => Error::NotEmpty { at: url.to_string(), why },
        other => other,
    })
}

#[cfg(feature = "sqlite")]
fn is_new(path: &std::path::Path) -> bool {
    std::fs::metadata(path).map_or(true, |file| file.is_file() && file.len() == 0)
}

#[cfg(feature = "sqlite")]
mod beside {
    use std::fs::{self, File, TryLockError};
    use std::io;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use ledger_core::{Cause, Copied, Error, Ledger, Progress, Result};

    use super::{is_new, named};
    use crate::sqlite::{self, SqliteLedger};
    use crate::url::LedgerUrl;

    /// Copies into a file beside `path`, makes it durable, and gives it its name.
    pub(super) async fn copy(
        source: &dyn Ledger,
        url: &LedgerUrl,
        path: &Path,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Copied> {
        sqlite::check_path(url, path)?;
        let (place, identity) = (path.to_owned(), source.identity().await?);
        let partial = sqlite::blocking(move || Partial::create(&place, &identity)).await?;
        let target = SqliteLedger::open_for_copy(url, &partial.path).await?;
        let copied = named(ledger_core::copy(source, &target, progress).await, url)?;
        drop(target);
        let place = path.to_owned();
        sqlite::blocking(move || partial.finish(&place)).await?;
        Ok(copied)
    }

    /// Refuses a name that is taken, or beside which a file lies that the engine would replay over the copy.
    fn check_free(path: &Path) -> Result<()> {
        let refuse = |why: String| Err(Error::NotEmpty { at: path.display().to_string(), why });
        if !is_new(path) {
            return refuse("it came into being during the copy".to_owned());
        }
        for suffix in ["-wal", "-journal"] {
            let mut name = path.file_name().unwrap_or_default().to_owned();
            name.push(suffix);
            let helper = path.with_file_name(&name);
            if fs::symlink_metadata(&helper).is_ok() {
                // Not ours to remove: it may hold the only copy of its events.
                return refuse(format!("`{}` of an earlier file is still there; move it away", name.display()));
            }
        }
        Ok(())
    }

    /// A file under a name of its own, locked against a second copy to the same place, and removed unless it is finished.
    struct Partial {
        path: PathBuf,
        /// Holds the lock; nothing once the file has its final name.
        file: Option<File>,
    }

    impl Partial {
        fn create(path: &Path, source: &str) -> Result<Self> {
            const TRIES: usize = 10;
            check_free(path)?;
            let mut name = std::ffi::OsString::from(".");
            name.push(path.file_name().unwrap_or_default());
            name.push(".ledger-partial");
            let partial = path.with_file_name(name);
            for _ in 0..TRIES {
                if let Some(file) = Self::lock(&partial, source)? {
                    // What a killed copy left behind is taken over, but only once it is ours.
                    file.set_len(0).map_err(|error| failure("cannot empty", &partial, Arc::new(error)))?;
                    return Ok(Self { path: partial, file: Some(file) });
                }
            }
            Err(under_way(&partial))
        }

        /// Opens and locks the file. Answers nothing when another copy finished it meanwhile: then it is no longer partial.
        fn lock(partial: &Path, source: &str) -> Result<Option<File>> {
            let failed = |error: io::Error| failure("cannot create", partial, Arc::new(error));
            // Asked before it is opened: closing a second handle to the source would give up its locks.
            if let Ok(found) = fs::symlink_metadata(partial) {
                if !found.is_file() {
                    let why = "it is in the way of the copy and no regular file; move it away".to_owned();
                    return Err(Error::NotALedger { at: partial.display().to_string(), why });
                }
                if sqlite::identity(partial).is_ok_and(|identity| identity == source) {
                    return Err(Error::SameLedger);
                }
            }
            let file = File::options().create(true).write(true).truncate(false).open(partial).map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(under_way(partial)),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            Ok(is_partial(&file, partial).map_err(failed)?.then_some(file))
        }

        fn finish(mut self, path: &Path) -> Result<()> {
            check_free(path)?;
            self.give_name(path).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => {
                    let why = "it came into being during the copy".to_owned();
                    Error::NotEmpty { at: path.display().to_string(), why }
                }
                _ => failure("cannot finish", path, Arc::new(error)),
            })
        }

        fn give_name(&mut self, path: &Path) -> io::Result<()> {
            if let Some(file) = &self.file {
                file.sync_all()?;
            }
            let absent = fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
            // Unlike a rename, a link never replaces what came into being a moment ago.
            match absent.then(|| fs::hard_link(&self.path, path)) {
                Some(Ok(())) => fs::remove_file(&self.path)?,
                Some(Err(error)) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
                // An empty file is to be replaced, and some file systems have no links.
                Some(Err(_)) | None => fs::rename(&self.path, path)?,
            }
            self.file.take();
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
        }
    }

    impl Drop for Partial {
        /// After a failure the half copy goes; once finished, a file of this name is another copy's.
        fn drop(&mut self) {
            if self.file.is_some() {
                drop(fs::remove_file(&self.path));
            }
        }
    }

    /// Says whether the locked file is still the one of that name and of no other; takes the name from a finished copy.
    #[cfg(unix)]
    fn is_partial(file: &File, partial: &Path) -> io::Result<bool> {
        use std::os::unix::fs::MetadataExt;
        let held = file.metadata()?;
        let same = |found: fs::Metadata| (found.dev(), found.ino()) == (held.dev(), held.ino());
        if !fs::symlink_metadata(partial).is_ok_and(same) {
            return Ok(false);
        }
        if held.nlink() > 1 {
            // A copy that was killed between its two names: under the other one it is whole.
            fs::remove_file(partial)?;
            return Ok(false);
        }
        Ok(true)
    }

    #[cfg(not(unix))]
    fn is_partial(_: &File, partial: &Path) -> io::Result<bool> {
        Ok(partial.exists())
    }

    fn under_way(partial: &Path) -> Error {
        let why = format!("another snapshot is under way in `{}`", partial.display());
        Error::Unavailable { backend: "sqlite", why, source: None }
    }

    fn failure(what: &str, path: &Path, source: Cause) -> Error {
        Error::Backend { backend: "sqlite", why: format!("{what} `{}`", path.display()), source: Some(source) }
    }
}
