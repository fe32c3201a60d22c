//! Wakes waiters when another process commits: the engine tells nobody, so its head is looked at, often while it moves.

use std::time::Duration;

use super::connect::Site;
use super::rows;
use crate::head::Head;

/// How long to wait between looks while the head moves, …
const SHORTEST: Duration = Duration::from_millis(20);
/// … and when it has not moved for a while: three looks a second.
const LONGEST: Duration = Duration::from_millis(350);

/// Publishes the head while somebody waits for it, until the task is aborted.
pub(super) async fn run(site: Site, head: Head, poll: Option<Duration>) {
    let mut pause = SHORTEST;
    loop {
        tokio::time::sleep(poll.unwrap_or(pause)).await;
        if !head.is_awaited() {
            // Whoever waits next looks for himself first, and what moved then may move again.
            pause = SHORTEST;
            continue;
        }
        let known = head.known();
        // What cannot be read now is looked at again; the read that follows a wake-up reports the error.
        let Ok(now) = rows::head(known, &site).await else { continue };
        pause = if now > known { SHORTEST } else { (pause * 3 / 2).min(LONGEST) };
        head.publish(now);
    }
}
