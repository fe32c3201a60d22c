//! A ledger that is carried into another one: offsets kept, each event once, resumed at any point, refused where it does not fit.

use std::sync::Arc;

use futures::TryStreamExt;
use ledger_core::{Condition, Error, Ledger, LedgerExt, Offset, Query, Until, replicate, verify};
use ledger_testkit::engines::private_clickhouse;
use ledger_testkit::{Backend, draft};
use tests::places::{ClickHouse, Memory, Postgres, Sqlite, UrlPlace};
use tokio::sync::watch;
use tokio::task::JoinHandle;

async fn append(ledger: &dyn Ledger, from: usize, to: usize) {
    let drafts: Vec<_> = (from..to).map(|n| draft(&format!("e-{n}"))).collect();
    for batch in drafts.chunks(500) {
        ledger.append(batch, &Condition::None).await.expect("the source takes appends");
    }
}

/// Starts to follow, and tells where the target is.
fn following(source: Arc<dyn Ledger>, target: Arc<dyn Ledger>) -> (JoinHandle<()>, watch::Receiver<Offset>) {
    let (at, seen) = watch::channel(Offset::START);
    let task = tokio::spawn(async move {
        let mut hear = |state: ledger_core::Replicated| {
            at.send_replace(state.at);
        };
        let outcome = replicate(&source, &target, Until::Stopped, &mut hear).await;
        panic!("it ended by itself: {outcome:?}");
    });
    (task, seen)
}

async fn reached(seen: &mut watch::Receiver<Offset>, head: Offset) {
    let arrived = seen.wait_for(|at| *at >= head);
    let arrived = tokio::time::timeout(std::time::Duration::from_secs(60), arrived).await;
    drop(arrived.expect("the replication stands still").expect("the replication goes on"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_is_equal_whatever_was_pruned_and_wherever_it_was_stopped() {
    let backends: [&dyn Backend; 4] = [&Memory, &Sqlite, &Postgres, &ClickHouse];
    for (from, to) in backends.into_iter().flat_map(|from| backends.map(|to| (from, to))) {
        let (from_place, to_place) = (from.fresh().await, to.fresh().await);
        let (source, target) = (from_place.open().await.unwrap(), to_place.open().await.unwrap());
        append(&source, 0, 1_200).await;
        source.prune(&Query::after("300".parse().unwrap()).up_to("320".parse().unwrap())).await.unwrap();
        source.prune(&Query::after("1190".parse().unwrap())).await.unwrap();
        let mut steps = Vec::new();
        let done = replicate(&source, &target, Until::CaughtUp, &mut |state| steps.push(state)).await.unwrap();
        assert_eq!((done.at, done.lag(), done.written), (source.head().await.unwrap(), 0, 1_170));
        assert!(steps.iter().is_sorted_by_key(|state| state.at) && steps[0].lag() == 1_200, "{steps:?}");
        append(&source, 1_200, 1_300).await;
        // What was carried on and pruned here later stays there, and is no reason to stop.
        source.prune(&Query::all().up_to("10".parse().unwrap())).await.unwrap();
        let more = replicate(&source, &target, Until::CaughtUp, &mut |_| ()).await.unwrap();
        assert_eq!(more.written, 100, "{} into {}: it began anew", from.name(), to.name());
        let rest = Query::after("10".parse().unwrap());
        let (there, here): (Vec<_>, Vec<_>) =
            (target.tail(rest.clone()).try_collect().await.unwrap(), source.tail(rest).try_collect().await.unwrap());
        assert!(there == here && !there.is_empty(), "{} into {}", from.name(), to.name());
        assert_eq!(verify(&target, |_, _| ()).await.unwrap().count, here.len() as u64 + 10);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_follows_and_goes_on_where_it_was_stopped() {
    let (from, to) = (UrlPlace::postgres().await, UrlPlace::clickhouse().await);
    let (source, target) = (from.open_url().await, to.open_url().await);
    for round in 0..4 {
        let (task, mut seen) = following(source.clone(), target.clone());
        append(&source, round * 700, (round + 1) * 700).await;
        // Stopped in the middle in every other round, and after it has caught up in the others.
        let until = if round % 2 == 0 { (round as u64 * 700) + 50 } else { (round as u64 + 1) * 700 };
        reached(&mut seen, Offset::new(until).unwrap()).await;
        task.abort();
        assert!(task.await.is_err_and(|error| error.is_cancelled()), "it ended before it was stopped");
    }
    replicate(&source, &target, Until::CaughtUp, &mut |_| ()).await.unwrap();
    assert_eq!(verify(&target, |_, _| ()).await.unwrap(), verify(&source, |_, _| ()).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_whose_server_is_killed_goes_on_when_it_is_back() {
    let server = private_clickhouse().await.unwrap_or_else(|error| panic!("{error}"));
    let home = UrlPlace::sqlite();
    let source = home.open_url().await;
    let target = backends::open(&format!("{}?timeout_ms=1000", server.fresh_database().await.unwrap())).await.unwrap();
    let (task, mut seen) = following(source.clone(), target.clone());
    for round in 0..5 {
        append(&source, round * 1_000, (round + 1) * 1_000).await;
        server.kill().await.unwrap();
        server.start_again().await.unwrap();
    }
    reached(&mut seen, Offset::new(5_000).unwrap()).await;
    task.abort();
    assert_eq!(verify(&target, |_, _| ()).await.unwrap(), verify(&source, |_, _| ()).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_does_not_fit_is_refused_and_left_alone() {
    for place in [UrlPlace::sqlite(), UrlPlace::postgres().await, UrlPlace::clickhouse().await] {
        let (source, other) = (backends::open("memory:").await.unwrap(), place.open_url().await);
        append(&source, 0, 10).await;
        append(&other, 5, 8).await;
        let before = verify(&other, |_, _| ()).await.unwrap();
        let error = replicate(&source, &other, Until::CaughtUp, &mut |_| ()).await.unwrap_err();
        assert!(matches!(error, Error::NotEmpty { .. }), "{error:?}");
        let same = place.open_url().await;
        let error = replicate(&same, &other, Until::CaughtUp, &mut |_| ()).await.unwrap_err();
        assert!(matches!(error, Error::SameLedger), "{error:?}");
        assert_eq!(verify(&other, |_, _| ()).await.unwrap(), before);
    }
}

/// Whoever writes to a replica makes it another ledger: the replication says so, and overwrites nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_somebody_else_writes_to_is_refused() {
    let (source, target) = (backends::open("memory:").await.unwrap(), UrlPlace::clickhouse().await.open_url().await);
    append(&source, 0, 10).await;
    replicate(&source, &target, Until::CaughtUp, &mut |_| ()).await.unwrap();
    target.append_one(draft("stranger")).await.unwrap();
    append(&source, 10, 20).await;
    let error = replicate(&source, &target, Until::CaughtUp, &mut |_| ()).await.unwrap_err();
    assert!(matches!(error, Error::NotEmpty { .. }), "{error:?}");
    assert_eq!(target.head().await.unwrap().get(), 11);
}
