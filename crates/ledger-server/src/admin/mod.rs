//! What those ask for who run a server: the history of its tables, its tokens, who listens, replicas,
//! and copies made aside.

pub(crate) mod listeners;
pub(crate) mod migrations;
pub(crate) mod replicas;
pub(crate) mod snapshots;
#[cfg(test)]
mod tests;
pub(crate) mod tokens;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks what no code leaves half changed, so that it is whole though somebody panicked.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
