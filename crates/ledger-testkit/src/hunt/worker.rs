//! Writers and tailers seen from the hunt: processes that are heard to their last whole line.

use std::fmt;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::ChildStdout;
use tokio::task::JoinHandle;

use super::collected::Shared;
use super::error::HuntError;
use super::part::{Order, Part};
use super::process::{Process, Program};

/// How many bytes of lines are read at once.
const BUFFER: usize = 64 << 10;
/// How often is looked whether somebody still says something.
const LOOK: Duration = Duration::from_millis(500);

/// Who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The writer of this number.
    Writer(u32),
    /// The tailer of this number.
    Tailer(u32),
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Writer(number) => write!(f, "writer {number}"),
            Self::Tailer(number) => write!(f, "tailer {number}"),
        }
    }
}

/// How somebody ended who was told to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Well.
    Done,
    /// With an error.
    Failed(String),
    /// Not at all: nobody said anything any more, so it was killed.
    Stuck,
}

/// A writer or a tailer; dropping it kills it.
#[derive(Debug)]
pub(super) struct Worker {
    role: Role,
    process: Process,
    hearing: JoinHandle<Result<(), String>>,
}

impl Worker {
    /// Starts a process that does a part, and hears what it says. Fails when the system refuses.
    pub(super) async fn start(
        role: Role,
        program: &Program,
        part: &Part,
        collected: &Shared,
    ) -> Result<Self, HuntError> {
        let (process, said) = Process::start(program, part).await?;
        let hearing = tokio::spawn(hear(said, collected.clone()));
        Ok(Self { role, process, hearing })
    }

    /// Returns who it is.
    pub(super) fn role(&self) -> Role {
        self.role
    }

    /// Gives an order.
    pub(super) async fn order(&mut self, order: Order) {
        self.process.order(order).await;
    }

    /// Says whether it has ended by itself.
    pub(super) fn has_ended(&mut self) -> bool {
        self.process.ended().is_some()
    }

    /// Says how somebody ended who was not told to.
    pub(super) async fn last_words(mut self) -> String {
        let how = self.ended().await.err().unwrap_or_else(|| "without an error".to_owned());
        format!("{} ended by itself: {how}", self.role)
    }

    /// Kills it with SIGKILL, and returns once all that it said is known. Fails when it had ended by itself, and says how.
    pub(super) async fn kill(mut self) -> Result<(), String> {
        if self.has_ended() {
            return Err(self.last_words().await);
        }
        self.process.kill().await;
        self.heard().await
    }

    /// Waits for the end of somebody who was told to, for as long as anybody says something within a limit.
    pub(super) async fn finish(mut self, collected: &Shared, limit: Duration) -> End {
        let (mut heard, mut since) = (0, Instant::now());
        loop {
            match tokio::time::timeout(LOOK, self.ended()).await {
                Ok(Ok(())) => return End::Done,
                Ok(Err(why)) => return End::Failed(format!("{} failed: {why}", self.role)),
                Err(_) => {}
            }
            let now = collected.lock().heard;
            if now != heard {
                (heard, since) = (now, Instant::now());
            } else if since.elapsed() > limit {
                // Whether it is killed or ends at this very moment comes to the same.
                let _ = self.kill().await;
                return End::Stuck;
            }
        }
    }

    /// Waits for its own end, and until all that it said is known. Fails with how it ended, when that was not well.
    async fn ended(&mut self) -> Result<(), String> {
        let status = self.process.wait().await.map_err(|error| error.to_string())?;
        self.heard().await?;
        // What it had to say of that went to the standard error that it shares with us.
        if status.success() { Ok(()) } else { Err(status.to_string()) }
    }

    /// Waits until all lines are heard.
    async fn heard(&mut self) -> Result<(), String> {
        (&mut self.hearing).await.unwrap_or_else(|error| Err(error.to_string()))
    }
}

/// Hears what a process says, until it is gone. Fails with a line that is none.
async fn hear(said: ChildStdout, collected: Shared) -> Result<(), String> {
    let mut lines = BufReader::with_capacity(BUFFER, said);
    let mut line = String::new();
    loop {
        line.clear();
        lines.read_line(&mut line).await.map_err(|error| error.to_string())?;
        // A kill cuts the last line anywhere; only one that ends was said.
        let Some(whole) = line.strip_suffix('\n') else { return Ok(()) };
        let said = serde_json::from_str(whole).map_err(|_| format!("it said {}", ledger_core::Shown(whole)))?;
        collected.lock().take(said);
    }
}
