//! Wakes waiters when another process commits: SQLite has no notifications, but a counter that is cheap to look at.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use ledger_core::Result;
use rusqlite::Connection;

use super::connect::{File, close};
use super::rows;
use crate::head::Head;

/// How often to look; one look costs microseconds.
const POLL: Duration = Duration::from_millis(10);

/// A thread that looks for other processes' commits while somebody waits for them.
#[derive(Debug)]
pub(super) struct Watcher {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Starts watching. Fails when the file cannot be opened.
    pub(super) fn start(file: File, head: Head, poll: Option<Duration>) -> Result<Self> {
        let connection = file.reader()?;
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || {
            look(&connection, &file, &head, &stopped, poll.unwrap_or(POLL));
            close(connection);
        });
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn look(connection: &Connection, file: &File, head: &Head, stopped: &Receiver<()>, poll: Duration) {
    let mut seen = None;
    while stopped.recv_timeout(poll) == Err(RecvTimeoutError::Timeout) {
        if !head.is_awaited() {
            continue;
        }
        // What cannot be read now is looked at again; the read that follows a wake-up reports the error.
        let Ok(version) = connection.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0)) else { continue };
        if seen == Some(version) {
            continue;
        }
        let Ok(now) = rows::head_offset(connection, file) else { continue };
        seen = Some(version);
        head.publish(now);
    }
}
