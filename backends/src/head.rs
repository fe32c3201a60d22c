//! The head as this process knows it, and those who wait for it to move: a wake-up may be late, never lost.

use ledger_core::{Offset, Result};
use tokio::sync::watch;

/// The last offset that was seen committed.
#[derive(Clone, Debug)]
pub(crate) struct Head(watch::Sender<Offset>);

impl Head {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Offset::START))
    }

    /// Returns the last offset seen; there may be later ones.
    pub(crate) fn known(&self) -> Offset {
        *self.0.borrow()
    }

    /// Says whether anybody waits.
    pub(crate) fn is_awaited(&self) -> bool {
        self.0.receiver_count() > 0
    }

    /// Wakes those who wait, when the head has moved.
    pub(crate) fn publish(&self, head: Offset) {
        self.0.send_if_modified(|known| std::mem::replace(known, head.max(*known)) < head);
    }

    /// Resolves once the head is past `after`: starts to listen, then looks, so that nothing falls between the two.
    pub(crate) async fn wait(
        &self,
        after: Offset,
        listen: impl FnOnce() -> Result<()>,
        look: impl Future<Output = Result<Offset>>,
    ) -> Result<Offset> {
        if self.known() > after {
            return Ok(self.known());
        }
        let mut head = self.0.subscribe();
        listen()?;
        let now = look.await?;
        if now > after {
            return Ok(now);
        }
        let head = head.wait_for(|&head| head > after).await.expect("the sender lives as long as the ledger");
        Ok(*head)
    }
}
