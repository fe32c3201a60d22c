//! What a stream of everything asks of a ledger, and how it goes on when some of it is refused.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use backends::MemoryLedger;
use futures::TryStreamExt;
use ledger_core::{Condition, Draft, Error, Event, Ledger, LedgerExt, Offset, Page, Query, Receipt, Result};
use ledger_testkit::draft;

const EVENTS: u64 = 30_000;

/// A ledger in memory that counts what it is asked, and is away now and then.
#[derive(Debug, Default)]
struct Counted {
    inner: MemoryLedger,
    reads: AtomicUsize,
    heads: AtomicUsize,
    /// Which reads of a bounded range and which looks at the head fail.
    away: (Vec<usize>, Vec<usize>),
}

impl Counted {
    async fn filled() -> Result<Self> {
        let ledger = Self::default();
        for first in (0..EVENTS).step_by(1_000) {
            let drafts: Vec<_> = (first..first + 1_000).map(|n| draft(&format!("e-{n}"))).collect();
            ledger.append(&drafts, &Condition::None).await?;
        }
        Ok(ledger)
    }

    fn asked(&self) -> (usize, usize) {
        (self.reads.load(Ordering::Relaxed), self.heads.load(Ordering::Relaxed))
    }
}

fn here_unless(away: bool) -> Result<()> {
    if away { Err(Error::Unavailable { backend: "counted", why: "away".to_owned(), source: None }) } else { Ok(()) }
}

#[async_trait]
impl Ledger for Counted {
    fn backend(&self) -> &'static str {
        "counted"
    }

    async fn identity(&self) -> Result<String> {
        self.inner.identity().await
    }

    async fn append(&self, drafts: &[Draft], condition: &Condition) -> Result<Vec<Receipt>> {
        self.inner.append(drafts, condition).await
    }

    async fn read(&self, query: &Query) -> Result<Page> {
        let number = self.reads.fetch_add(1, Ordering::Relaxed);
        // As an engine would, so that several reads are under way.
        tokio::task::yield_now().await;
        here_unless(query.up_to.is_some() && self.away.0.contains(&number))?;
        self.inner.read(query).await
    }

    async fn head(&self) -> Result<Offset> {
        let number = self.heads.fetch_add(1, Ordering::Relaxed);
        here_unless(self.away.1.contains(&number))?;
        self.inner.head().await
    }

    async fn wait(&self, after: Offset) -> Result<Offset> {
        self.inner.wait(after).await
    }

    async fn restore(&self, events: &[Event], head: Offset) -> Result<()> {
        self.inner.restore(events, head).await
    }

    async fn prune(&self, query: &Query) -> Result<u64> {
        self.inner.prune(query).await
    }

    async fn erase(&self, offsets: &[Offset]) -> Result<u64> {
        self.inner.erase(offsets).await
    }
}

#[tokio::test]
async fn who_wants_one_page_pays_for_one() {
    let ledger = Counted::filled().await.unwrap();
    let mut pages = ledger.pages(Query::all());
    assert_eq!(ledger.asked(), (0, 0), "something is read before anybody asks");
    assert_eq!(pages.try_next().await.unwrap().unwrap().len(), 1_000);
    assert_eq!(ledger.asked(), (1, 0));
    // Who came back for more gets four ranges under way.
    assert_eq!(pages.try_next().await.unwrap().unwrap().len(), 2_000);
    assert_eq!(ledger.asked(), (5, 1));
}

#[tokio::test]
async fn a_stream_loses_nothing_when_some_of_its_reads_find_no_connection() {
    for (reads, heads) in [
        (vec![], vec![]),
        (vec![1], vec![]),
        (vec![2, 3], vec![]),
        (vec![4, 8, 12], vec![]),
        (vec![], vec![0]),
        (vec![5], vec![0, 1]),
    ] {
        let mut ledger = Counted::filled().await.unwrap();
        ledger.away = (reads.clone(), heads.clone());
        let events: Vec<Event> = ledger.tail(Query::all()).try_collect().await.unwrap();
        let offsets = events.iter().map(|event| event.offset.get());
        assert!(offsets.eq(1..=EVENTS), "without reads {reads:?} and heads {heads:?}: {} events", events.len());
    }
}

#[tokio::test]
async fn a_ledger_that_stays_away_is_told_of() {
    let mut ledger = Counted::filled().await.unwrap();
    ledger.away = ((3..1_000).collect(), vec![]);
    let error = ledger.tail(Query::all().up_to(Offset::MAX)).try_collect::<Vec<_>>().await.unwrap_err();
    assert!(error.is_unavailable(), "{error}");
    assert!(ledger.asked().0 < 30, "it was asked {} times", ledger.asked().0);
}
