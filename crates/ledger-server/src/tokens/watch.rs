//! The file as a server goes by it: read again when it was changed, so that a token is made and revoked without a restart.

use std::error::Error;
use std::fmt;
use std::fs::{self, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use super::{Entry, Token, TokenError, is_same, read};

/// How often a server looks whether its file was changed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A file of tokens that a server goes by. Clones share what was read.
///
/// It is looked at again when somebody asks, once a second at most. A change that cannot be read is told on standard error, once,
/// and what was there before stays in force: nobody is let in by it who was not, and nobody is shut out by a slip. That holds
/// for a file that is gone, too; to shut all out, revoke their tokens.
#[derive(Clone)]
pub struct TokenFile(Arc<Watched>);

struct Watched {
    path: PathBuf,
    entries: RwLock<Arc<[Entry]>>,
    seen: Mutex<Seen>,
}

/// What was seen of the file.
struct Seen {
    at: Instant,
    /// What is in force.
    good: Stamp,
    /// What could not be read, and was told.
    bad: Option<Stamp>,
}

/// What differs once a file was changed: when that was, its size and its number. None, when there is no file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp(Option<(Option<SystemTime>, u64, u64)>);

impl TokenFile {
    /// Reads a file of tokens. Fails when it is not there, cannot be read or is not well formed.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, TokenError> {
        let path = path.into();
        let (entries, good) = read(&path)?;
        let seen = Mutex::new(Seen { at: Instant::now(), good, bad: None });
        Ok(Self(Arc::new(Watched { path, entries: RwLock::new(entries.into()), seen })))
    }

    /// Returns where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Returns how many tokens are in force.
    #[must_use]
    pub fn count(&self) -> usize {
        self.entries().len()
    }

    /// Returns the token that has a hash.
    pub(crate) fn find(&self, hash: &[u8; 32]) -> Option<Token> {
        self.find_at(hash, Instant::now())
    }

    pub(super) fn find_at(&self, hash: &[u8; 32], now: Instant) -> Option<Token> {
        self.look(now);
        let entries = self.entries();
        // Each is compared, so that the time it takes does not tell where in the file one is.
        let mut found = None;
        for entry in &*entries {
            if is_same(&entry.hash, hash) {
                found = Some(&entry.token);
            }
        }
        found.cloned()
    }

    fn entries(&self) -> Arc<[Entry]> {
        self.0.entries.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the file again if it is time to, and it was changed. It is small and seldom changed, so no thread is set aside.
    fn look(&self, now: Instant) {
        // One looks for all, and the others need not wait for a slow disk.
        let Ok(mut seen) = self.0.seen.try_lock() else { return };
        if now.saturating_duration_since(seen.at) < LOOK_EVERY {
            return;
        }
        self.look_again(&mut seen, now);
    }

    /// Takes note of a change that was just made here, so that nobody has to wait for it.
    pub(crate) fn changed(&self) {
        let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
        self.look_again(&mut seen, Instant::now());
    }

    fn look_again(&self, seen: &mut Seen, now: Instant) {
        seen.at = now;
        let stamp = Stamp::at(&self.0.path);
        if stamp == seen.good {
            seen.bad = None;
            return;
        }
        // What could not be read is tried each time: its stamp need not show that it may be read by now.
        match read(&self.0.path) {
            Ok((entries, good)) => {
                *self.0.entries.write().unwrap_or_else(PoisonError::into_inner) = entries.into();
                seen.good = good;
                seen.bad = None;
            }
            Err(error) if seen.bad != Some(stamp) => {
                seen.bad = Some(stamp);
                tell(&error);
            }
            Err(_) => {}
        }
    }

    /// Returns whether a change could not be read.
    #[cfg(test)]
    pub(super) fn is_stale(&self) -> bool {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner).bad.is_some()
    }
}

impl fmt::Debug for TokenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenFile").field("path", &self.0.path).finish_non_exhaustive()
    }
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(metadata);
        #[cfg(not(unix))]
        let number = 0;
        Self(Some((metadata.modified().ok(), metadata.len(), number)))
    }

    fn at(path: &Path) -> Self {
        fs::metadata(path).map_or(Self(None), |metadata| Self::of(&metadata))
    }
}

fn tell(error: &TokenError) {
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    // Nobody may read it, and that is no reason not to answer.
    let _ = writeln!(io::stderr(), "{error}{cause}; the tokens that it held before stay in force");
}
