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
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use ledger_core::{Cause, Copied, Error, Ledger, Progress, Result};

    use super::{is_new, named};
    use crate::sqlite::SqliteLedger;
    use crate::url::LedgerUrl;

    /// Copies into a file beside `path`, makes it durable, and gives it its name.
    pub(super) async fn copy(
        source: &dyn Ledger,
        url: &LedgerUrl,
        path: &Path,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Copied> {
        let partial = Partial::create(path)?;
        let target = SqliteLedger::open_for_copy(url, &partial.path).await?;
        let copied = named(ledger_core::copy(source, &target, progress).await, url)?;
        drop(target);
        partial.finish(path)?;
        Ok(copied)
    }

    /// A file under a name of its own, locked against a second copy to the same place, and removed unless it is finished.
    struct Partial {
        path: PathBuf,
        file: File,
    }

    impl Partial {
        fn create(path: &Path) -> Result<Self> {
            let mut name = path.file_name().unwrap_or_default().to_owned();
            name.push(".partial");
            let partial = path.with_file_name(name);
            let failed = |error: std::io::Error| failure("cannot create", &partial, Arc::new(error));
            // What a killed copy left behind is taken over, but only once it is ours.
            let file = File::options().create(true).write(true).truncate(false).open(&partial).map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let why = format!("another snapshot to `{}` is under way", path.display());
                    return Err(Error::Unavailable { backend: "sqlite", why, source: None });
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            file.set_len(0).map_err(failed)?;
            Ok(Self { path: partial, file })
        }

        fn finish(self, path: &Path) -> Result<()> {
            if !is_new(path) {
                let why = "it came into being during the copy".to_owned();
                return Err(Error::NotEmpty { at: path.display().to_string(), why });
            }
            let rename = || {
                self.file.sync_all()?;
                fs::rename(&self.path, path)?;
                let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
                File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
            };
            rename().map_err(|error| failure("cannot finish", path, Arc::new(error)))
        }
    }

    impl Drop for Partial {
        /// After a rename nothing is left under this name; after a failure the half copy goes.
        fn drop(&mut self) {
            drop(fs::remove_file(&self.path));
        }
    }

    fn failure(what: &str, path: &Path, source: Cause) -> Error {
        Error::Backend { backend: "sqlite", why: format!("{what} `{}`", path.display()), source: Some(source) }
    }
}
