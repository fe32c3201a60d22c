//! A ledger in this process, for tests and throw-away runs; the plainest reading of the contract.

use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;
use ledger_core::plan::{Request, plan};
use ledger_core::{
    Condition, Draft, Error, Event, EventId, Ledger, Offset, Order, Page, PageFiller, Query, Receipt, Result, Room,
    Timestamp, check_batch, check_erase, check_restore,
};
use tokio::sync::watch;

use crate::url::Mode;

/// A ledger that lives in this process and is gone with it.
pub struct MemoryLedger {
    identity: String,
    mode: Mode,
    log: RwLock<Log>,
    head: watch::Sender<Offset>,
}

#[derive(Default)]
struct Log {
    /// In offset order, not always dense: pruning leaves gaps.
    events: Vec<Event>,
    offsets: HashMap<EventId, Offset>,
    head: Offset,
}

impl std::fmt::Debug for MemoryLedger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryLedger").field("identity", &self.identity).finish_non_exhaustive()
    }
}

impl Default for MemoryLedger {
    fn default() -> Self {
        Self::open(Mode::Create)
    }
}

impl MemoryLedger {
    /// Returns an empty ledger.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn open(mode: Mode) -> Self {
        Self {
            identity: format!("memory:{}", uuid::Uuid::now_v7()),
            mode,
            log: RwLock::default(),
            head: watch::Sender::new(Offset::START),
        }
    }

    /// No code panics while it holds the lock half way through a change, so a poisoned lock guards a whole log.
    fn log(&self) -> RwLockReadGuard<'_, Log> {
        self.log.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn log_mut(&self, action: &'static str) -> Result<RwLockWriteGuard<'_, Log>> {
        if self.mode == Mode::ReadOnly {
            return Err(Error::ReadOnly { action });
        }
        Ok(self.log.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Log {
    fn remove(&mut self, goes: impl Fn(&Event) -> bool) -> u64 {
        let before = self.events.len();
        self.events.retain(|event| {
            let goes = goes(event);
            if goes {
                self.offsets.remove(&event.id);
            }
            !goes
        });
        (before - self.events.len()) as u64
    }

    fn get(&self, id: &str) -> Option<&Event> {
        let offset = *self.offsets.get(id)?;
        self.at(offset)
    }

    fn at(&self, offset: Offset) -> Option<&Event> {
        let place = self.events.binary_search_by_key(&offset, |event| event.offset).ok()?;
        Some(&self.events[place])
    }

    /// Returns the part of the log that lies in a query's range.
    fn range(&self, query: &Query) -> &[Event] {
        let first = self.events.partition_point(|event| event.offset <= query.after);
        let last = query.up_to.map_or(self.events.len(), |up_to| self.events.partition_point(|e| e.offset <= up_to));
        &self.events[first..last.max(first)]
    }

    fn push(&mut self, event: Event) {
        self.offsets.insert(event.id.clone(), event.offset);
        self.head = event.offset;
        self.events.push(event);
    }
}

#[async_trait]
impl Ledger for MemoryLedger {
    fn backend(&self) -> &'static str {
        "memory"
    }

    async fn identity(&self) -> Result<String> {
        Ok(self.identity.clone())
    }

    async fn append(&self, drafts: &[Draft], condition: &Condition) -> Result<Vec<Receipt>> {
        check_batch(drafts, condition)?;
        let mut log = self.log_mut("append")?;
        let condition = condition.breaking().map(|query| {
            let broken = log.range(&query).iter().find(|event| query.matches(event)).map(|event| event.offset);
            (query, broken)
        });
        let stored = drafts.iter().filter_map(|d| Some((d.id.as_str(), log.get(d.id.as_str())?.clone()))).collect();
        let mut plan = plan(log.head, &stored, &[Request { drafts, condition }]);
        let recorded_at = Timestamp::now();
        for draft in plan.new {
            let offset = log.head.plus(1);
            log.push(Event { offset, recorded_at, draft: draft.clone() });
        }
        self.head.send_replace(log.head);
        plan.answers.remove(0)
    }

    async fn read(&self, query: &Query) -> Result<Page> {
        query.check()?;
        let log = self.log();
        let range = log.range(query).iter();
        Ok(match query.order {
            Order::Ascending => page(range, query),
            Order::Descending => page(range.rev(), query),
        })
    }

    async fn head(&self) -> Result<Offset> {
        Ok(self.log().head)
    }

    async fn wait(&self, after: Offset) -> Result<Offset> {
        let mut head = self.head.subscribe();
        let head = head.wait_for(|&head| head > after).await.expect("the sender lives as long as the ledger");
        Ok(*head)
    }

    async fn restore(&self, events: &[Event], head: Offset) -> Result<()> {
        check_restore(events, head)?;
        let mut log = self.log_mut("restore")?;
        let (old, new) = events.split_at(events.partition_point(|event| event.offset <= log.head));
        let differs = old.iter().find(|event| log.at(event.offset) != Some(event));
        let mut ids = HashSet::with_capacity(new.len());
        let taken = new.iter().find(|event| log.offsets.contains_key(&event.id) || !ids.insert(&event.id));
        if let Some(event) = differs.or(taken) {
            let why = format!("event `{}` at offset {} is not the one there", event.id, event.offset);
            return Err(Error::NotEmpty { at: "memory:".to_owned(), why });
        }
        new.iter().for_each(|event| log.push(event.clone()));
        log.head = log.head.max(head);
        self.head.send_replace(log.head);
        Ok(())
    }

    async fn prune(&self, query: &Query) -> Result<u64> {
        query.check()?;
        Ok(self.log_mut("prune")?.remove(|event| query.matches(event)))
    }

    async fn erase(&self, offsets: &[Offset]) -> Result<u64> {
        check_erase(offsets)?;
        let gone: HashSet<_> = offsets.iter().collect();
        Ok(self.log_mut("erase")?.remove(|event| gone.contains(&event.offset)))
    }
}

fn page<'a>(range: impl Iterator<Item = &'a Event>, query: &Query) -> Page {
    let mut page = PageFiller::new(query);
    for event in range.filter(|event| query.matches(event)) {
        if page.push(event.clone()) == Room::None {
            break;
        }
    }
    page.finish()
}
