//! How the file is changed: by one at a time, and whole, so that a server never reads half of it.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use uuid::Uuid;

/// How long to wait for somebody else who changes the file.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(10);

/// Keeps others from changing a file until the lock is dropped. Fails when somebody else does so for too long.
///
/// A file beside it is locked, and stays: who waits for the file itself waits for one that is replaced meanwhile.
pub(super) fn lock(path: &Path) -> io::Result<File> {
    let beside = beside(path, "", ".lock")?;
    let created = OpenOptions::new().write(true).create(true).truncate(false).open(&beside);
    // Somebody else may have made it.
    let file = created.or_else(|error| File::open(&beside).map_err(|_| error))?;
    let until = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "somebody else is changing it"));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// Puts a file in the place of what is there, whole and durable. Only its owner may read it, unless others could before.
///
/// `WholeFile` does not do: what it makes may be read by all, and belongs to whoever runs this.
pub(super) fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let part = beside(path, ".", &format!(".{}.part", Uuid::now_v7().simple()))?;
    let written = fill(&part, path, text).and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        // If it cannot be removed, the failure being reported says more.
        let _ = fs::remove_file(&part);
        return written;
    }
    // A token that was revoked should not come back with the power. But the file is changed, and no error says otherwise.
    let _ = sync_folder(path);
    Ok(())
}

fn fill(part: &Path, path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = create_private(part)?;
    keep_rights(&file, path)?;
    file.write_all(text)?;
    file.sync_all()
}

#[cfg(unix)]
fn create_private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Gives a file the owner and the rights of the one that it takes the place of: else, after a change by root, the server could
/// not read it any more. Fails when that is not allowed.
#[cfg(unix)]
fn keep_rights(file: &File, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let old = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    let new = file.metadata()?;
    if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
        fchown(file, Some(old.uid()), Some(old.gid()))?;
    }
    file.set_permissions(old.permissions())
}

#[cfg(not(unix))]
fn keep_rights(_file: &File, _path: &Path) -> io::Result<()> {
    Ok(())
}

/// Makes it durable that a file has its name.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

fn beside(path: &Path, before: &str, after: &str) -> io::Result<PathBuf> {
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"));
    };
    let mut beside = OsString::from(before);
    beside.push(name);
    beside.push(after);
    Ok(path.with_file_name(beside))
}
