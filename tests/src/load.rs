//! Load on a ledger whose engine comes and goes: appends that are retried, and the check that nothing is lost or doubled.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures::StreamExt;
use ledger_core::{Condition, Draft, Event, EventId, Ledger, LedgerExt, Offset, Query, Receipt, Result};
use ledger_testkit::{all, dense, draft};
use tokio::sync::watch;
use tokio::task::JoinHandle;

const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(25);

/// Appends, and tries again with the same ids as long as the engine is away, a minute at most.
async fn persistently(ledger: &dyn Ledger, batch: &[Draft]) -> Result<Vec<Receipt>> {
    let start = Instant::now();
    loop {
        match ledger.append(batch, &Condition::None).await {
            Err(error) if error.is_unavailable() && start.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
            outcome => return outcome,
        }
    }
}

/// What one appender was told: the ids, and where they are.
type Acknowledged = Vec<(EventId, Offset)>;

/// Appenders and a follower that run until they are told to stop.
#[derive(Debug)]
pub struct Load {
    stop: Arc<AtomicBool>,
    acknowledged: watch::Sender<usize>,
    appenders: Vec<JoinHandle<Result<Acknowledged>>>,
    follower: JoinHandle<Result<Vec<Event>>>,
    until: watch::Sender<Option<Offset>>,
}

impl Load {
    /// Starts appenders that take turns on the handles, and one follower on the last handle.
    #[must_use]
    pub fn start(handles: &[Arc<dyn Ledger>], appenders: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let acknowledged = watch::Sender::new(0);
        let (until, end) = watch::channel(None);
        let spawn = |n: usize| {
            let (ledger, stop) = (handles[n % handles.len()].clone(), stop.clone());
            tokio::spawn(append_until(ledger, n, stop, acknowledged.clone()))
        };
        let appenders = (0..appenders).map(spawn).collect();
        let follower = tokio::spawn(follow_until(handles[handles.len() - 1].clone(), end));
        Self { stop, acknowledged, appenders, follower, until }
    }

    /// Returns once this many more batches are acknowledged. Panics when that takes more than a minute.
    pub async fn more(&self, batches: usize) {
        let mut acknowledged = self.acknowledged.subscribe();
        let goal = *acknowledged.borrow() + batches;
        let reached = tokio::time::timeout(PATIENCE, acknowledged.wait_for(|&count| count >= goal)).await;
        assert!(reached.is_ok(), "the load stands still: {} batches, not {goal}", *self.acknowledged.borrow());
    }

    /// Stops, and checks that every acknowledged event is where its receipt says, once, and that the follower saw each once.
    pub async fn finish(self, ledger: &dyn Ledger) -> Result<usize> {
        self.stop.store(true, Ordering::Relaxed);
        let mut receipts = HashMap::new();
        for appender in self.appenders {
            receipts.extend(appender.await.expect("appenders do not panic")?);
        }
        let events = all(ledger).await?;
        dense(&events);
        let head = ledger.head().await?;
        assert_eq!(events.len() as u64, head.get(), "count and head differ");
        for (id, offset) in &receipts {
            let there = usize::try_from(offset.get()).ok().and_then(|offset| events.get(offset - 1));
            assert_eq!(there.map(|event| &event.id), Some(id), "an acknowledged event is not at its offset {offset}");
        }
        assert_eq!(
            receipts.len(),
            events.len(),
            "events that nobody appended, or that were appended and not acknowledged"
        );
        self.until.send_replace(Some(head));
        let followed = tokio::time::timeout(PATIENCE, self.follower).await.expect("the follower arrives");
        assert_eq!(followed.expect("the follower does not panic")?, events, "the follower saw something else");
        Ok(events.len())
    }
}

async fn append_until(
    ledger: Arc<dyn Ledger>,
    appender: usize,
    stop: Arc<AtomicBool>,
    acknowledged: watch::Sender<usize>,
) -> Result<Acknowledged> {
    let mut receipts = Vec::new();
    for n in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let batch: Vec<_> = (0..=n % 3).map(|part| draft(&format!("a{appender}-{n}-{part}"))).collect();
        let answered = persistently(&ledger, &batch).await?;
        receipts.extend(batch.into_iter().map(|draft| draft.id).zip(answered.iter().map(|receipt| receipt.offset)));
        acknowledged.send_modify(|count| *count += 1);
    }
    Ok(receipts)
}

async fn follow_until(ledger: Arc<dyn Ledger>, mut end: watch::Receiver<Option<Offset>>) -> Result<Vec<Event>> {
    let mut events: Vec<Event> = Vec::new();
    let mut stream = ledger.follow(Query::all());
    loop {
        let last = events.last().map_or(Offset::START, |event| event.offset);
        if end.borrow().is_some_and(|end| last >= end) {
            return Ok(events);
        }
        tokio::select! {
            Some(event) = stream.next() => events.push(event?),
            // Asked again at the top of the loop; an error means that the test is over.
            changed = end.changed() => if changed.is_err() { return Ok(events) },
        }
    }
}
