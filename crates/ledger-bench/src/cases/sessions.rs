//! Sessions: how long an edit takes to be durable while others edit, and how fast a session is replayed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::TryStreamExt;
use ledger_core::session::{NewEdit, Session};
use ledger_core::views::session::{Edit, OPERATION};
use ledger_core::{Condition, Draft, EventId, Ledger, LedgerExt, MAX_BATCH_EVENTS, Query};
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::Result;
use crate::bench::{Backend, Bench};
use crate::measure::{Outcome, Side, duel, rate};
use crate::report::{Target, Unit};

const ACTORS: usize = 8;
/// How often each actor edits.
const EVERY: Duration = Duration::from_millis(10);
/// For so long, where the ledger keeps up.
const SECONDS: usize = 10;

/// Runs the cases of this file.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    for backend in Backend::DURABLE {
        let case = format!("{}/session", backend.name());
        if let Some(ledger) = bench.create(backend, &case).await? {
            measure(bench, backend, &case, ledger).await?;
        }
    }
    Ok(())
}

async fn measure(bench: &mut Bench, backend: Backend, case: &str, ledger: Arc<dyn Ledger>) -> Result<()> {
    let target = if backend == Backend::Sqlite { Target::Below(20_000.0) } else { Target::None };
    // ClickHouse cannot keep up, and what queues there is waited for.
    let each = if backend == Backend::ClickHouse { SECONDS * 10 } else { SECONDS * 100 };
    let mut took = edits(&ledger, each).await?;
    took.sort_unstable_by(f64::total_cmp);
    let at = |permille: usize| took[(took.len() * permille / 1_000).min(took.len() - 1)];
    bench.report.figure(&format!("{case}/edit-p50"), Unit::Micros, at(500), Target::None);
    bench.report.figure(&format!("{case}/edit-p99"), Unit::Micros, at(990), target);
    bench.report.figure(&format!("{case}/edit-max"), Unit::Micros, at(1_000), Target::None);
    replay(bench, case, ledger).await
}

/// Lets each actor edit a hundred times a second, each edit after the newest that it has heard of, and returns how long each
/// took, from when it was due: one that waits for the one before it counts that too.
async fn edits(ledger: &Arc<dyn Ledger>, each: usize) -> Result<Vec<f64>> {
    let newest = watch::Sender::new(None::<EventId>);
    let mut tasks: JoinSet<Result<Vec<f64>>> = JoinSet::new();
    for actor in 0..ACTORS {
        let session = Session::open(ledger.clone(), "bench", format!("actor-{actor}").as_str()).await?;
        let newest = newest.clone();
        tasks.spawn(async move {
            let mut due = interval(EVERY);
            due.set_missed_tick_behavior(MissedTickBehavior::Burst);
            let mut took = Vec::new();
            for n in 0..each {
                let due = due.tick().await;
                let edit = Edit::replace(format!("p-{}", n % 50))?.payload(&json!({"text": "x".repeat(60)}))?;
                let edit = NewEdit::new("doc", edit)?;
                let cause = newest.borrow().clone();
                let edit = cause.map_or(Ok(edit.clone()), |cause| edit.parent(cause))?;
                let recorded = session.record(edit).await?;
                took.push(due.elapsed().as_secs_f64() * 1e6);
                newest.send_replace(Some(recorded.id));
            }
            Ok(took)
        });
    }
    let mut all = Vec::new();
    while let Some(task) = tasks.join_next().await {
        all.extend(task??);
    }
    Ok(all)
}

/// Replays a session since its checkpoint, beside a plain read of the same events.
async fn replay(bench: &mut Bench, case: &str, ledger: Arc<dyn Ledger>) -> Result<()> {
    let session = Session::open(ledger.clone(), "bench", "reader").await?;
    session.checkpoint("v1").await?;
    for first in (0..bench.sizes.events).step_by(MAX_BATCH_EVENTS) {
        let draft = |n: usize| -> Result<Draft> {
            let edit =
                json!({"op": "replace", "target": format!("p-{}", n % 1_000), "payload": {"text": "x".repeat(60)}});
            let draft =
                Draft::new(OPERATION, &json!({"domain": "doc", "op": edit}))?.session("bench")?.actor("filler")?;
            Ok(draft.lamport(1_000_000 + n as u64))
        };
        let drafts =
            (first..bench.sizes.events.min(first + MAX_BATCH_EVENTS)).map(draft).collect::<Result<Vec<_>>>()?;
        ledger.append(&drafts, &Condition::None).await?;
    }
    let checkpoint = session.replay_since_checkpoint().await?.checkpoint.ok_or("the checkpoint is gone")?;
    let query = Query::all().session("bench")?.from(checkpoint.offset);
    let events = bench.sizes.events;
    let outcome: Outcome = duel(bench.rounds, async |side, _| {
        let start = Instant::now();
        let mut count = 0;
        match side {
            Side::Ledger => {
                let mut edits = session.replay_since_checkpoint().await?.edits;
                while edits.try_next().await?.is_some() {
                    count += 1;
                }
            }
            Side::Other => {
                let mut pages = ledger.pages(query.clone());
                while let Some(page) = pages.try_next().await? {
                    count += page.iter().filter(|event| event.kind.as_str() == OPERATION).count();
                }
            }
        }
        if count == events { Ok(rate(count, start)) } else { Err(format!("{count} edits of {events}").into()) }
    })
    .await?;
    bench.report.comparison(&format!("{case}/replay"), Unit::PerSecond, "pages", outcome, Target::None);
    Ok(())
}
