//! Starts the worker as a process of its own and hears what it says, up to the moment it is killed.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

/// A running worker; dropping it kills it.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    heard: tokio::sync::watch::Receiver<usize>,
    lines: JoinHandle<Vec<String>>,
}

impl Worker {
    /// Starts the program with these arguments. Panics when it does not start.
    #[must_use]
    pub fn start(program: &str, args: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("the worker was built beside the tests");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let (count, heard) = tokio::sync::watch::channel(0);
        let lines = tokio::spawn(async move {
            let mut whole = Vec::new();
            while let Ok(Some(line)) = lines.next_line().await {
                // A kill cuts the last line anywhere; only one that ends in its dot was said.
                let Some(line) = line.strip_suffix(" .") else { continue };
                whole.push(line.to_owned());
                count.send_replace(whole.len());
            }
            whole
        });
        Self { child, heard, lines }
    }

    /// Returns once the worker has said this many lines. Panics when it is gone before or takes longer.
    pub async fn until(&mut self, lines: usize, limit: std::time::Duration) {
        let waiting = self.heard.wait_for(|&count| count >= lines);
        let said = tokio::time::timeout(limit, waiting).await.is_ok_and(|heard| heard.is_ok());
        let count = *self.heard.borrow();
        assert!(said, "the worker said {count} lines of {lines} within {limit:?}");
    }

    /// Kills the worker with SIGKILL and returns what it said. Panics when it had ended by itself, because none is meant to.
    pub async fn kill(mut self) -> Vec<String> {
        let ended = self.child.try_wait().expect("a child can be asked");
        assert!(ended.is_none(), "the worker had ended by itself with {ended:?}");
        self.child.kill().await.expect("a child can be killed");
        self.lines.await.expect("the reader does not panic")
    }

    /// Waits for the worker's own end and returns what it said. Panics when it failed.
    pub async fn finish(mut self) -> Vec<String> {
        let status = self.child.wait().await.expect("a child can be waited for");
        let lines = self.lines.await.expect("the reader does not panic");
        assert!(status.success(), "the worker failed with {status} after {:?}", lines.last());
        lines
    }
}
