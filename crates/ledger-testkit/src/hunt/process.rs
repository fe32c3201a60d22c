//! Processes of a hunt: the same program once more, which can be killed at any moment as nothing else can.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::error::HuntError;
use super::part::{Order, Part};

/// How long one that was killed may take to be gone.
const DEATH_LIMIT: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(1);

/// The program that takes part in a hunt, by [`take_part`](super::take_part), when it is started with these words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
    /// The words after its name.
    pub words: Vec<String>,
}

impl Program {
    /// Returns the program that is running, with one word. Fails when the system does not say where it is.
    pub fn this(word: &str) -> Result<Self, HuntError> {
        let path = std::env::current_exe().map_err(|error| HuntError::io("cannot find this program", error))?;
        Ok(Self { path, words: vec![word.to_owned()] })
    }
}

/// A process that takes part; dropping it kills it.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    orders: ChildStdin,
}

impl Process {
    /// Starts a process and tells it its part. Returns it with what it will say. Fails when the system refuses.
    pub(super) async fn start(program: &Program, part: &Part) -> Result<(Self, ChildStdout), HuntError> {
        let failed = |error| HuntError::io(format!("cannot start `{}`", program.path.display()), error);
        let mut command = Command::new(&program.path);
        command.args(&program.words).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(failed)?;
        let (orders, said) = child.stdin.take().zip(child.stdout.take()).expect("both are piped");
        let mut process = Self { child, orders };
        process.tell(part).await.map_err(failed)?;
        Ok((process, said))
    }

    /// Gives an order. Whoever does not hear it has ended, which is seen where that is waited for.
    pub(super) async fn order(&mut self, order: Order) {
        let _ = self.tell(&order).await;
    }

    async fn tell(&mut self, what: &impl Serialize) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(what)?;
        line.push(b'\n');
        self.orders.write_all(&line).await
    }

    /// Returns how it ended, if it has.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits for its own end. Fails when the system does not say.
    pub(super) async fn wait(&mut self) -> std::io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Kills it with SIGKILL, and returns when it is gone.
    pub(super) async fn kill(&mut self) {
        // The only failure is that it has ended already.
        let _ = self.child.kill().await;
    }
}

impl Drop for Process {
    /// Returns when it is gone: the folder that it writes into may be removed next.
    fn drop(&mut self) {
        let begun = Instant::now();
        // The only failure is that it has ended already.
        let _ = self.child.start_kill();
        while self.ended().is_none() && begun.elapsed() < DEATH_LIMIT {
            std::thread::sleep(PAUSE);
        }
    }
}
