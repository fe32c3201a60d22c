//! A file that appears when it is whole.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file that is written beside its final name, which it takes, in place of what was there, when it is whole and durable. It is
/// removed when it is dropped before.
#[derive(Debug)]
pub struct WholeFile {
    path: PathBuf,
    beside: PathBuf,
    file: BufWriter<File>,
}

impl WholeFile {
    /// Starts a file. Fails when the path names none, or none can be made there.
    pub fn create(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let Some(name) = path.file_name() else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"));
        };
        // A name of its own, because two may write the same file, and nothing else may stand there.
        let mut part = OsString::from(".");
        part.push(name);
        part.push(format!(".{}.part", uuid::Uuid::now_v7().simple()));
        let beside = path.with_file_name(part);
        let file = OpenOptions::new().write(true).create_new(true).open(&beside)?;
        Ok(Self { path, beside, file: BufWriter::with_capacity(256 << 10, file) })
    }

    /// Returns the final name.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the file durable and gives it its name.
    pub fn finish(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        fs::rename(&self.beside, &self.path)
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        // Gone already when it has its name; if it cannot be removed, the failure being reported says more.
        let _ = fs::remove_file(&self.beside);
    }
}
