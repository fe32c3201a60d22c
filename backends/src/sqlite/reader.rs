//! A few connections that read, off the async threads; each page is a transaction of its own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ledger_core::{Error, Result};
use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::connect::{File, close};

/// The reading end of a file.
#[derive(Debug)]
pub(super) struct Readers {
    file: File,
    /// Nothing once they are closed.
    idle: Mutex<Option<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(file: File, most: u32) -> Arc<Self> {
        let permits = Arc::new(Semaphore::new(most as usize));
        Arc::new(Self { file, idle: Mutex::new(Some(Vec::new())), permits })
    }

    /// Closes the idle connections, and lets the others close when their reads end.
    pub(super) fn close(&self) {
        let idle = self.idle().take();
        close(idle);
    }

    fn idle(&self) -> MutexGuard<'_, Option<Vec<Connection>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a read on an idle connection, or on a new one when none is idle.
    pub(super) async fn run<T, F>(self: &Arc<Self>, read: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection, &File) -> Result<T> + Send + 'static,
    {
        let busy = Error::Unavailable {
            backend: "sqlite",
            why: format!("all connections stayed busy for {} ms", self.file.timeout.as_millis()),
            source: None,
        };
        let this = Arc::clone(self);
        let start = move |permit| {
            tokio::task::spawn_blocking(move || {
                let answer = this.read(read);
                // Kept to here, because the read goes on when nobody waits for it any more, and counts until it ends.
                drop(permit);
                answer
            })
        };
        let read = match Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit) => start(permit).await,
            Err(_) => {
                let permit = tokio::time::timeout(self.file.timeout, Arc::clone(&self.permits).acquire_owned());
                // In a task of its own, because a caller that looks away must not be given a permit and sit on it.
                let waited = tokio::spawn(async move {
                    match permit.await {
                        Ok(permit) => start(permit.expect("the semaphore is never closed")).await,
                        Err(_) => Ok(Err(busy)),
                    }
                });
                waited.await.and_then(|read| read)
            }
        };
        read.unwrap_or_else(|error| {
            let why = "a read was cut short".to_owned();
            Err(Error::Backend { backend: "sqlite", why, source: Some(Arc::new(error)) })
        })
    }

    fn read<T>(&self, read: impl FnOnce(&Connection, &File) -> Result<T>) -> Result<T> {
        let closed = || Error::Unavailable { backend: "sqlite", why: "the ledger was closed".to_owned(), source: None };
        let idle = self.idle().as_mut().ok_or_else(closed)?.pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.file.reader()?,
        };
        let answer = read(&connection, &self.file);
        if let Some(idle) = self.idle().as_mut() {
            idle.push(connection);
            return answer;
        }
        // The ledger was closed before this read ended, so nobody else may be left to tidy up.
        close(connection);
        self.file.tidy();
        answer
    }
}
