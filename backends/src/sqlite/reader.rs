//! A few connections that read, off the async threads; each page is a transaction of its own.

use std::sync::{Arc, Mutex, PoisonError};

use ledger_core::{Error, Result};
use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::connect::File;

/// The reading end of a file.
#[derive(Debug)]
pub(super) struct Readers {
    file: File,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

impl Readers {
    pub(super) fn new(file: File, most: u32) -> Arc<Self> {
        Arc::new(Self { file, idle: Mutex::default(), permits: Semaphore::new(most as usize) })
    }

    /// Closes the idle connections.
    pub(super) fn close(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Runs a read on an idle connection, or on a new one when none is idle.
    pub(super) async fn run<T, F>(self: &Arc<Self>, read: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection, &File) -> Result<T> + Send + 'static,
    {
        let busy = || Error::Unavailable {
            backend: "sqlite",
            why: format!("all connections stayed busy for {} ms", self.file.timeout.as_millis()),
            source: None,
        };
        let permit = tokio::time::timeout(self.file.timeout, self.permits.acquire()).await.map_err(|_| busy())?;
        let _permit = permit.expect("the semaphore is never closed");
        let this = Arc::clone(self);
        let read = tokio::task::spawn_blocking(move || {
            let idle = this.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match idle {
                Some(connection) => connection,
                None => this.file.reader()?,
            };
            let answer = read(&connection, &this.file);
            this.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            answer
        });
        read.await.unwrap_or_else(|error| {
            let why = "a read was cut short".to_owned();
            Err(Error::Backend { backend: "sqlite", why, source: Some(Arc::new(error)) })
        })
    }
}
