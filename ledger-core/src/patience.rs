//! How long to go on trying while an engine is away.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Error, Result};
use crate::ext::FOLLOW_PATIENCE;

/// Pauses that grow, and end.
pub(crate) struct Patience {
    limit: Duration,
    pause: Duration,
    since: Option<Instant>,
}

impl Default for Patience {
    fn default() -> Self {
        Self::of(FOLLOW_PATIENCE)
    }
}

impl Patience {
    /// Goes on for so long; with nothing, not at all.
    pub(crate) fn of(limit: Duration) -> Self {
        Self { limit, pause: Duration::from_millis(20), since: None }
    }

    /// Pauses before the next try. Fails with the error when it has gone on for too long.
    pub(crate) async fn wait(&mut self, error: Error) -> Result<()> {
        const LONGEST: Duration = Duration::from_secs(2);
        if self.since.get_or_insert_with(Instant::now).elapsed() >= self.limit {
            return Err(error);
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST);
        Ok(())
    }
}

/// Rests between two turns of work that goes on for good: a while, or half a minute at most when the engine was away. Fails
/// with any other error of the turn.
pub(crate) async fn rest<T>(turn: Result<T>, every: Duration) -> Result<()> {
    const AWAY: Duration = Duration::from_secs(30);
    let pause = match turn {
        Err(error) if !error.is_unavailable() => return Err(error),
        Err(_) => every.min(AWAY),
        Ok(_) => every,
    };
    tokio::time::sleep(pause).await;
    Ok(())
}
