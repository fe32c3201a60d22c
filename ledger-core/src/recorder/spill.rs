//! The file that holds what the ledger could not take: one event a line, the oldest first, as `ledger import` reads them.
//!
//! It is written while the ledger is away, which is rare, in steps of some tens of milliseconds, and when the process ends,
//! where nobody can wait any more: so it is written in place, without a thread of its own. It has no limit but the disk.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::event::Draft;
use crate::line::Line;

use super::{BATCH_BYTES, BATCH_EVENTS};

/// The file, locked as long as the recorder lives.
#[derive(Debug)]
pub(super) struct Spill {
    path: PathBuf,
    file: File,
    /// How many bytes of whole lines it has.
    length: u64,
    /// How many of these the ledger has taken.
    taken: u64,
    /// How many events wait in it.
    pub waiting: u64,
}

/// Some lines of the file.
#[derive(Debug, Default)]
pub(super) struct Spilled {
    /// What they say.
    pub drafts: Vec<Draft>,
    /// Lines that say nothing that can be recorded, and why.
    pub broken: Vec<(Vec<u8>, Error)>,
    end: u64,
}

impl Spill {
    /// Opens the file, or makes it, for this recorder alone. Fails when another has it, and when it cannot be written.
    pub(super) fn open(path: &Path) -> Result<Self> {
        // The process may go elsewhere, and the file must not.
        let path = &std::path::absolute(path).map_err(|error| failed("cannot be opened", path, error))?;
        let failed = |error: io::Error| failed("cannot be opened", path, error);
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        // It holds what the ledger holds: for its owner's eyes.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(failed)?;
        file.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => Error::invalid(
                "spill file",
                format!("`{}` is another recorder's: give each a file of its own", path.display()),
            ),
            std::fs::TryLockError::Error(error) => failed(error),
        })?;
        let mut first = [0];
        if (&file).read(&mut first).map_err(failed)? == 1 && first != *b"{" {
            let why = format!("`{}` holds something else: name a file that is not there yet", path.display());
            return Err(Error::invalid("spill file", why));
        }
        (&file).rewind().map_err(failed)?;
        // That it is there must survive a crash as much as what is in it.
        #[cfg(unix)]
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all()).map_err(failed)?;
        let mut spill = Self { path: path.to_owned(), file, length: 0, taken: 0, waiting: 0 };
        spill.count().map_err(failed)?;
        Ok(spill)
    }

    /// Counts the lines. One that was cut off, because the process died in it, is ended here and told when it is read.
    fn count(&mut self) -> io::Result<()> {
        let (mut lines, mut line) = (BufReader::new(&self.file), Vec::new());
        let mut whole = true;
        while lines.read_until(b'\n', &mut line)? > 0 {
            self.length += line.len() as u64;
            self.waiting += 1;
            whole = line.ends_with(b"\n");
            line.clear();
        }
        if !whole {
            self.file.write_all(b"\n")?;
            self.length += 1;
        }
        Ok(())
    }

    /// Adds events, durably, or none of them.
    pub(super) fn add<'a>(&mut self, drafts: impl Iterator<Item = &'a Draft>) -> io::Result<()> {
        let (mut lines, mut count) = (Vec::new(), 0);
        for draft in drafts {
            serde_json::to_writer(&mut lines, draft)?;
            lines.push(b'\n');
            count += 1;
        }
        let length = self.file.metadata()?.len();
        if length < self.length {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "somebody else made it shorter"));
        }
        if length > self.length {
            // An attempt that failed left half a line, which would be read as one event with the next.
            self.file.set_len(self.length)?;
        }
        self.file.write_all(&lines)?;
        self.file.sync_data()?;
        self.length += lines.len() as u64;
        self.waiting += count;
        Ok(())
    }

    /// Says whether nothing waits in it.
    pub(super) fn is_empty(&self) -> bool {
        self.taken == self.length
    }

    /// Reads the oldest lines that the ledger has not taken.
    pub(super) fn next(&mut self) -> io::Result<Spilled> {
        self.file.seek(SeekFrom::Start(self.taken))?;
        let mut lines = BufReader::new((&self.file).take(self.length - self.taken));
        let mut next = Spilled { end: self.taken, ..Spilled::default() };
        let (mut line, mut bytes) = (Vec::new(), 0);
        while next.drafts.len() < BATCH_EVENTS && bytes < BATCH_BYTES && lines.read_until(b'\n', &mut line)? > 0 {
            next.end += line.len() as u64;
            bytes += line.len();
            match parse(&line) {
                Ok(draft) => next.drafts.push(draft),
                Err(error) => next.broken.push((line.clone(), error)),
            }
            line.clear();
        }
        if next.end == self.taken {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "somebody else made it shorter"));
        }
        Ok(next)
    }

    /// Goes on past lines that are settled. The file is emptied when they were the last.
    pub(super) fn settled(&mut self, lines: &Spilled) -> io::Result<()> {
        self.taken = lines.end;
        self.waiting -= (lines.drafts.len() + lines.broken.len()) as u64;
        if self.is_empty() {
            self.file.set_len(0)?;
            (self.length, self.taken) = (0, 0);
        }
        Ok(())
    }

    /// Keeps lines that the ledger refuses in a file beside this one, and returns its path.
    pub(super) fn refuse(&self, lines: &[u8]) -> Result<PathBuf> {
        let mut path = self.path.clone().into_os_string();
        path.push(".refused");
        let path = PathBuf::from(path);
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&path).and_then(|mut file| file.write_all(lines).and_then(|()| file.sync_data()));
        written.map(|()| path.clone()).map_err(|error| failed("cannot be written", &path, error))
    }

    /// Says what went wrong with the file.
    pub(super) fn failed(&self, error: io::Error) -> Error {
        failed("cannot be used", &self.path, error)
    }

    /// Returns where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

fn parse(line: &[u8]) -> Result<Draft> {
    let text = std::str::from_utf8(line).map_err(|error| Error::invalid("event", error.to_string()))?;
    match Line::parse(text.trim_end_matches('\n'))? {
        Line::Draft(draft) => Ok(draft),
        Line::Event(event) => Ok(event.draft),
    }
}

fn failed(what: &str, path: &Path, error: io::Error) -> Error {
    let why = format!("the spill file `{}` {what}", path.display());
    Error::Backend { backend: "recorder", why, source: Some(std::sync::Arc::new(error)) }
}
