//! Hears from the server that the head has moved: one connection for each handle, while somebody waits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::header::CONTENT_TYPE;
use ledger_core::Offset;
use serde::Deserialize;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};

use super::connect::{LONGEST, SHORTEST, Site};
use super::wire::Ask;
use crate::head::Head;

/// How long nothing may come: three times as long as the server is silent.
const SILENCE: Duration = Duration::from_secs(45);
/// How long to go on when nobody waits any more.
const IDLE: Duration = Duration::from_secs(30);

/// The task that listens, once somebody has waited; it ends with its handle.
#[derive(Debug, Default)]
pub(super) struct Listening(Arc<Mutex<Option<AbortHandle>>>);

impl Listening {
    /// Listens from now on, if it does not already. Whoever calls it is counted as waiting before.
    pub(super) fn start(&self, site: &Site, head: &Head) {
        let mut task = lock(&self.0);
        if task.as_ref().is_none_or(AbortHandle::is_finished) {
            let (site, head, mine) = (site.clone(), head.clone(), Arc::clone(&self.0));
            *task = Some(tokio::spawn(listen(site, head, mine)).abort_handle());
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(task) = lock(&self.0).take() {
            task.abort();
        }
    }
}

/// No code panics while it holds the lock.
fn lock(task: &Mutex<Option<AbortHandle>>) -> MutexGuard<'_, Option<AbortHandle>> {
    task.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn listen(site: Site, head: Head, task: Arc<Mutex<Option<AbortHandle>>>) {
    let mut pause = SHORTEST;
    loop {
        let begun = Instant::now();
        hear(&site, &head).await;
        if has_ended(&head, &task) {
            return;
        }
        // A server that ends every connection at once is not asked more often than one that is away.
        pause = if begun.elapsed() > LONGEST { SHORTEST } else { (pause * 2).min(LONGEST) };
        tokio::time::sleep(pause).await;
    }
}

/// Ends the listening when nobody waits. Who starts to wait meanwhile holds the same lock, and either is seen here or begins
/// anew.
fn has_ended(head: &Head, task: &Mutex<Option<AbortHandle>>) -> bool {
    let mut task = lock(task);
    if head.is_awaited() {
        return false;
    }
    task.take();
    true
}

/// Publishes what the server signals, until the connection breaks or falls silent, or nobody has waited for a while.
async fn hear(site: &Site, head: &Head) {
    let ask = Ask::changes();
    let Ok(Ok(answer)) = timeout(SILENCE, site.send(&ask)).await else { return };
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if answer.status() != StatusCode::OK || !kind.starts_with("text/event-stream") {
        return;
    }
    let mut body = answer.into_body();
    let mut signals = Signals::default();
    let mut awaited = Instant::now();
    while let Ok(Some(Ok(frame))) = timeout(SILENCE, body.frame()).await {
        // Before it is published, because those whom that wakes do not wait any more.
        if head.is_awaited() {
            awaited = Instant::now();
        } else if awaited.elapsed() > IDLE {
            return;
        }
        let Ok(bytes) = frame.into_data() else { continue };
        if let Some(now) = signals.read(&bytes) {
            head.publish(now);
        }
    }
}

/// Reads server-sent events, however they are cut into pieces.
#[derive(Debug, Default)]
struct Signals {
    /// The beginning of a line whose end is still to come.
    line: Vec<u8>,
    /// Whether the event that is being read is a signal.
    is_change: bool,
}

#[derive(Deserialize)]
struct Change {
    head: Offset,
}

impl Signals {
    /// Takes the next piece. Returns the last head that it signals, if any.
    fn read(&mut self, piece: &[u8]) -> Option<Offset> {
        /// A longer line is no signal, and not kept.
        const LONGEST_LINE: usize = 64 << 10;
        let mut head = None;
        let mut rest = piece;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.line.extend_from_slice(&rest[..end]);
            rest = &rest[end + 1..];
            let line = std::mem::take(&mut self.line);
            head = self.take(&String::from_utf8_lossy(&line)).or(head);
        }
        self.line.extend_from_slice(rest);
        if self.line.len() > LONGEST_LINE {
            self.line.clear();
        }
        head
    }

    fn take(&mut self, line: &str) -> Option<Offset> {
        let line = line.trim_end_matches('\r');
        if line.is_empty() {
            self.is_change = false;
            return None;
        }
        match line.split_once(':')? {
            ("event", name) => {
                self.is_change = name.trim_start() == "change";
                None
            }
            ("data", text) if self.is_change => serde_json::from_str::<Change>(text).ok().map(|change| change.head),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_read_in_any_pieces_and_all_else_is_left_out() {
        let stream = "retry: 1000\n\n:\n\nevent: change\ndata: {\"head\":3}\n\n: alive\n\nevent: resume\n\
                      data: {\"head\":9}\n\nevent:change\r\ndata:{\"head\":4}\r\n\r\ndata: {\"head\":8}\n\nnonsense\n";
        for size in [1, 2, 3, 7, 1_000] {
            let mut signals = Signals::default();
            let heads: Vec<_> =
                stream.as_bytes().chunks(size).filter_map(|piece| signals.read(piece)).map(Offset::get).collect();
            assert_eq!(heads, if size == 1_000 { vec![4] } else { vec![3, 4] }, "in pieces of {size}");
        }
        let mut signals = Signals::default();
        assert_eq!(signals.read(&vec![b'x'; 100_000]), None);
        assert!(signals.line.is_empty());
    }
}
