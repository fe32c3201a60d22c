//! Wakes waiters when another process commits: a notification is a hint, the head is the truth, and a slow poll covers both.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgListener;

use super::sessions::Sessions;
use crate::head::Head;

/// How often to look at the head although notifications should tell.
const POLL_LISTENING: Duration = Duration::from_secs(1);
/// How often to look where there are no notifications: through a pooler that shares sessions, and on a standby.
const POLL_DEAF: Duration = Duration::from_millis(25);
/// How long to wait before listening again after the server went away.
const PAUSE: Duration = Duration::from_millis(200);

/// Publishes the head whenever it may have moved, until the task is aborted.
pub(super) async fn run(sessions: Arc<Sessions>, head: Head, poll: Option<Duration>) {
    let site = &sessions.site;
    loop {
        // What fails here fails for the readers too, who say so; this task only has to come back.
        if site.pooled || site.standby {
            look(&sessions, &head).await;
            tokio::time::sleep(poll.unwrap_or(POLL_DEAF)).await;
        } else if listen(&sessions, &head, poll.unwrap_or(POLL_LISTENING)).await.is_err() {
            look(&sessions, &head).await;
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn listen(sessions: &Arc<Sessions>, head: &Head, poll: Duration) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(&sessions.site.pool(1)).await?;
    // Reconnecting is the caller's, who is not cut off by the poll in the middle of it.
    listener.eager_reconnect(false);
    listener.listen(&sessions.site.channel()).await?;
    loop {
        // Looked at after every (re)connection too: what was announced in between was announced to nobody.
        look(sessions, head).await;
        match tokio::time::timeout(poll, listener.try_recv()).await {
            Ok(Ok(Some(_))) => {}
            Ok(Ok(None)) => return Ok(()),
            Ok(Err(error)) => return Err(error),
            Err(_) => continue,
        }
        while listener.next_buffered().is_some() {}
    }
}

async fn look(sessions: &Arc<Sessions>, head: &Head) {
    if !head.is_awaited() {
        return;
    }
    match sessions.head().await {
        Ok(now) => head.publish(now),
        // One that was lost is followed by others; the next look begins anew.
        Err(_) => sessions.forget(),
    }
}
