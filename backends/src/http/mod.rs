//! A ledger behind a server of this project: what the library promises, over the network and with a token.
//!
//! The server does all that a ledger does; here it is asked for it. An append is tried again when its answer was lost, and
//! the ids of its events make that right.

mod connect;
mod live;
mod problem;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use ledger_core::{
    Condition, Draft, Error, Event, Ledger, Offset, Page, Query, Receipt, Result, check_batch, check_erase,
    check_restore,
};

use self::connect::Site;
use self::live::Listening;
use self::wire::{About, Ask, At, Events, Receipts, Removed};
use crate::head::Head;
use crate::url::{HttpPlace, LedgerUrl, Mode};

/// How often whoever waits looks for himself, unless the URL says: a proxy may keep signals back, and a server may be gone or
/// want another token.
const LOOK: Duration = Duration::from_secs(30);

/// A ledger behind a server.
#[derive(Debug)]
pub(crate) struct HttpLedger {
    site: Site,
    identity: String,
    mode: Mode,
    poll: Duration,
    head: Head,
    listening: Listening,
}

impl HttpLedger {
    /// Asks the server what it keeps: so it is there, speaks this API, and lets this caller in.
    pub(crate) async fn open(url: &LedgerUrl, place: &HttpPlace, mode: Mode) -> Result<Self> {
        let site = Site::new(url, place).await?;
        let about: About = site.ask(Ask::about(url.timeout)).await?;
        let (head, listening) = (Head::new(), Listening::default());
        head.publish(about.head);
        let poll = url.poll.unwrap_or(LOOK);
        Ok(Self { site, identity: about.identity, mode, poll, head, listening })
    }

    fn check_writable(&self, action: &'static str) -> Result<()> {
        match self.mode {
            Mode::ReadOnly => Err(Error::ReadOnly { action }),
            Mode::Create | Mode::Existing => Ok(()),
        }
    }

    /// Looks at the head now and then, and resolves once it is past `after`.
    async fn look(&self, after: Offset) -> Result<Offset> {
        loop {
            tokio::time::sleep(self.poll).await;
            let now = self.head().await?;
            if now > after {
                return Ok(now);
            }
        }
    }
}

#[async_trait]
impl Ledger for HttpLedger {
    fn backend(&self) -> &'static str {
        "http"
    }

    /// Returns the identity of the ledger behind the server, so that both are known as one.
    async fn identity(&self) -> Result<String> {
        Ok(self.identity.clone())
    }

    async fn append(&self, drafts: &[Draft], condition: &Condition) -> Result<Vec<Receipt>> {
        check_batch(drafts, condition)?;
        self.check_writable("append")?;
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        let receipts: Receipts = self.site.ask(Ask::append(drafts, condition)?).await?;
        let receipts = receipts.of(drafts.len()).ok_or_else(|| self.site.unexpected(None))?;
        if let Some(last) = receipts.iter().map(|receipt| receipt.offset).max() {
            self.head.publish(last);
        }
        Ok(receipts)
    }

    async fn read(&self, query: &Query) -> Result<Page> {
        query.check()?;
        let events: Events = self.site.ask(Ask::read(query)?).await?;
        events.page().ok_or_else(|| self.site.unexpected(None))
    }

    async fn head(&self) -> Result<Offset> {
        let at: At = self.site.ask(Ask::head()).await?;
        self.head.publish(at.head);
        Ok(at.head)
    }

    async fn wait(&self, after: Offset) -> Result<Offset> {
        let listen = || {
            self.listening.start(&self.site, &self.head);
            Ok(())
        };
        tokio::select! {
            woken = self.head.wait(after, listen, self.head()) => woken,
            found = self.look(after) => found,
        }
    }

    async fn restore(&self, events: &[Event], head: Offset) -> Result<()> {
        check_restore(events, head)?;
        self.check_writable("restore")?;
        let at: At = self.site.ask(Ask::restore(events, head)?).await?;
        self.head.publish(at.head);
        Ok(())
    }

    async fn prune(&self, query: &Query) -> Result<u64> {
        query.check()?;
        self.check_writable("prune")?;
        let gone: Removed = self.site.ask(Ask::prune(query)?).await?;
        Ok(gone.removed)
    }

    async fn erase(&self, offsets: &[Offset]) -> Result<u64> {
        check_erase(offsets)?;
        self.check_writable("erase")?;
        if offsets.is_empty() {
            return Ok(0);
        }
        let gone: Removed = self.site.ask(Ask::erase(offsets)?).await?;
        Ok(gone.removed)
    }
}
