//! Random ledgers and queries: read, condition and prune mean what `Query::matches` says.

use futures::TryStreamExt;
use ledger_core::{Condition, Draft, Error, Event, Ledger, LedgerExt, Order, Query, Result};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::backend::Backend;
use crate::strategies;
use crate::support::{all, append_all, dense, draft};

const EVENTS: usize = 200;
const SHRINKS: usize = 400;

pub(super) fn runner(seed: u8) -> TestRunner {
    // A fixed seed keeps a failure a failure when somebody looks for it.
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]))
}

pub(super) fn drawn<S: Strategy>(strategy: &S, runner: &mut TestRunner) -> S::Tree {
    strategy.new_tree(runner).expect("the strategies reject nothing")
}

async fn world(ledger: &dyn Ledger, runner: &mut TestRunner) -> Result<Vec<Event>> {
    let drafts: Vec<Draft> = drawn(&strategies::drafts(EVENTS), runner).current();
    append_all(ledger, &drafts).await?;
    let events = all(ledger).await?;
    dense(&events);
    for (event, draft) in events.iter().zip(&drafts) {
        assert_eq!(&event.draft, draft, "event `{}` came back otherwise", draft.id);
    }
    Ok(events)
}

/// Returns what is wrong with the pages of a query, if anything.
async fn difference(ledger: &dyn Ledger, events: &[Event], query: &Query) -> Result<Option<String>> {
    let mut expected: Vec<&Event> = events.iter().filter(|event| query.matches(event)).collect();
    if query.order == Order::Descending {
        expected.reverse();
    }
    let (mut next, mut found) = (Some(query.clone()), Vec::new());
    while let Some(asked) = next {
        let page = ledger.read(&asked).await?;
        if page.events.len() > query.limit.get() {
            return Ok(Some(format!("a page of {} events", page.events.len())));
        }
        next = asked.following(&page);
        found.extend(page.events);
    }
    let scanned: Vec<Event> = ledger.tail(query.clone()).try_collect().await?;
    if scanned != found {
        return Ok(Some(format!("a scan gives {} events, and pages {}", scanned.len(), found.len())));
    }
    if found.iter().eq(expected.iter().copied()) {
        return Ok(None);
    }
    let offsets = |events: &mut dyn Iterator<Item = &Event>| events.map(|event| event.offset.get()).collect::<Vec<_>>();
    let (found, expected) = (offsets(&mut found.iter()), offsets(&mut expected.into_iter()));
    Ok(Some(format!("found {found:?}\nexpected {expected:?}")))
}

/// Makes a failing query as small as it stays failing, and panics with it.
async fn shrunk(
    ledger: &dyn Ledger,
    events: &[Event],
    mut tree: impl ValueTree<Value = Query>,
    first: String,
) -> Result<()> {
    let (mut smallest, mut wrong) = (tree.current(), first);
    for _ in 0..SHRINKS {
        let failing = match difference(ledger, events, &tree.current()).await? {
            Some(still) => {
                (smallest, wrong) = (tree.current(), still);
                tree.simplify()
            }
            None => tree.complicate(),
        };
        if !failing {
            break;
        }
    }
    panic!("the answer is not what `matches` says: {wrong}\nto {smallest:#?}");
}

async fn read_agrees(backend: &dyn Backend, seed: u8) -> Result<()> {
    const QUERIES: usize = 150;
    let place = backend.fresh().await;
    let mut runner = runner(seed);
    let events = world(&place.open().await?, &mut runner).await?;
    let ledger = place.open().await?;
    let queries = strategies::query(&events);
    for _ in 0..QUERIES {
        let tree = drawn(&queries, &mut runner);
        if let Some(wrong) = difference(&ledger, &events, &tree.current()).await? {
            shrunk(&ledger, &events, tree, wrong).await?;
        }
    }
    Ok(())
}

/// The pages of random queries over random events are what `Query::matches` says.
pub async fn read_agrees_with_the_meaning_of_a_query(backend: &dyn Backend) -> Result<()> {
    for seed in 0..4 {
        read_agrees(backend, seed).await?;
    }
    Ok(())
}

/// A condition fails exactly when an event past its offset matches, and names the first.
pub async fn condition_agrees_with_the_meaning_of_a_query(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let mut runner = runner(77);
    let mut events = world(&ledger, &mut runner).await?;
    for round in 0..80 {
        let query = drawn(&strategies::query(&events), &mut runner).current();
        let after = query.after;
        let condition = Condition::none_after(query, after);
        let breaking = condition.breaking().expect("it has a query");
        let first = events.iter().find(|event| breaking.matches(event)).map(|event| event.offset);
        match (ledger.append(&[draft(&format!("c-{round}"))], &condition).await, first) {
            (Ok(_), None) => events = all(&ledger).await?,
            (Err(Error::ConditionFailed { offset, .. }), Some(first)) => assert_eq!(offset, first, "{breaking:?}"),
            (outcome, first) => panic!("{outcome:?} though the first match is {first:?}: {breaking:#?}"),
        }
    }
    Ok(())
}

/// Prune removes exactly what random queries match.
pub async fn prune_agrees_with_the_meaning_of_a_query(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let mut runner = runner(99);
    let mut events = world(&ledger, &mut runner).await?;
    let queries = strategies::query(&events);
    for _ in 0..40 {
        let query = drawn(&queries, &mut runner).current();
        if events.len() > 20 && events.iter().filter(|event| query.matches(event)).count() > events.len() / 2 {
            continue;
        }
        let before = events.len();
        events.retain(|event| !query.matches(event));
        assert_eq!(ledger.prune(&query).await?, (before - events.len()) as u64, "{query:#?}");
        assert_eq!(all(&ledger).await?, events, "prune removed other events: {query:#?}");
    }
    assert_eq!(ledger.head().await?.get(), EVENTS as u64);
    Ok(())
}
