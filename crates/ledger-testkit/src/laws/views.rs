//! Views: folds over the log are what a plain computation says, from the start and resumed, and so is the digest.

use ledger_core::lineage::{AsOf, Moment};
use ledger_core::views::{RunState, RunSummary, Runs};
use ledger_core::{Draft, Event, LedgerExt, Lifted, Offset, Query, Result, Timestamp, Upcasters, View, fold, verify};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::backend::Backend;
use crate::support::{all, append, append_all, draft, drafts, offset};

fn run_events() -> Result<Vec<Draft>> {
    let mut drafts = Vec::new();
    for n in 0..600_u64 {
        let (kind, payload) = match n % 13 {
            0 => ("run.started", json!({"goal": n})),
            11 => ("run.finished", json!({"reason": format!("r{n}")})),
            12 => ("run.finished", json!([])),
            _ => ("step.done", json!(n)),
        };
        let draft =
            Draft::new(kind, &payload)?.run(format!("run-{}", n * n % 17))?.actor(format!("actor-{}", n % 3))?;
        drafts.push(draft.id(format!("e-{n}"))?);
    }
    Ok(drafts)
}

/// Computes the runs the slow way: by looking through all events for each.
fn plain_runs(events: &[Event]) -> Vec<RunSummary> {
    let mut order: Vec<_> = events.iter().map(|event| event.run_id.clone()).collect();
    let mut seen = std::collections::HashSet::new();
    order.retain(|run| seen.insert(run.clone()));
    let summary = |run_id| {
        let own: Vec<&Event> = events.iter().filter(|event| event.run_id == run_id).collect();
        let mut actors: Vec<_> = own.iter().map(|event| event.actor.clone()).collect();
        let mut seen = std::collections::HashSet::new();
        actors.retain(|actor| seen.insert(actor.clone()));
        let finish = own.iter().find(|event| event.kind.as_str() == "run.finished");
        let reason = |event: &Event| {
            let value: serde_json::Value = event.payload_as().expect("payloads are JSON");
            value.get("reason").and_then(|reason| reason.as_str().map(str::to_owned))
        };
        let (first, last) = (own[0], own[own.len() - 1]);
        RunSummary {
            run_id,
            events: own.len() as u64,
            first_offset: first.offset,
            last_offset: last.offset,
            first_at: first.created_at,
            last_at: last.created_at,
            actors,
            last_kind: last.kind.clone(),
            state: finish.map_or(RunState::Open, |event| RunState::Finished { reason: reason(event) }),
        }
    };
    order.into_iter().map(summary).collect()
}

/// The folded runs are those of a plain computation, also when the fold rests and goes on from its position.
pub async fn views_agree_with_a_plain_computation(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let drafts = run_events()?;
    let (mut resumed, mut position) = (Runs::default(), Offset::START);
    for part in drafts.chunks(97) {
        append(&ledger, part).await?;
        position = fold(&ledger, Query::after(position).limit(50)?, &mut resumed).await?;
    }
    assert_eq!(position, ledger.head().await?);
    let mut at_once = Runs::default();
    assert_eq!(ledger.fold(Query::all(), &mut at_once).await?, position);
    assert_eq!(at_once.all(), resumed.all(), "a resumed fold differs from one at once");
    assert_eq!(at_once.all(), plain_runs(&all(&ledger).await?));
    let again = fold(&ledger, Query::after(position), &mut resumed).await?;
    assert_eq!((again, resumed.all()), (position, at_once.all()), "a fold of nothing changed something");
    Ok(())
}

/// A time is the moment of the last event that was recorded by then, whenever that happened; an offset is its own, up to
/// the head.
pub async fn moments_are_what_was_recorded_by_then(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let at = |second: i64| Timestamp::from_micros(1_700_000_000_000_000 + second * 1_000_000);
    // Some are recorded at once, and some offsets have no event.
    let events = (1..200_u64).filter(|n| n % 7 != 0).map(|n| {
        let (recorded_at, draft) = (at(n as i64 / 3)?, draft(&format!("e-{n}")));
        Ok::<_, ledger_core::Error>(Event { offset: offset(n), recorded_at, draft })
    });
    let (events, head): (Vec<Event>, _) = (events.collect::<Result<_>>()?, offset(205));
    ledger.restore(&events, head).await?;
    for second in 0..70 {
        let time = at(second)?;
        let place = events.partition_point(|event| event.recorded_at <= time);
        let (last, is_whole) = (&events[place - 1], place == events.len());
        let then = Moment { up_to: Some(if is_whole { head } else { last.offset }), now: last.recorded_at };
        assert_eq!(AsOf::Time(time).moment(&ledger).await?, then, "at {time}");
    }
    assert_eq!(AsOf::Time(at(-1)?).up_to(&ledger).await?, Offset::START);
    let gap = Moment { up_to: Some(offset(7)), now: at(2)? };
    assert_eq!(AsOf::Offset(offset(7)).moment(&ledger).await?, gap);
    assert_eq!(AsOf::Offset(offset(300)).up_to(&ledger).await?, head);
    assert_eq!((AsOf::Now.up_to(&ledger).await?, AsOf::Now.moment(&ledger).await?.up_to), (head, None));
    Ok(())
}

struct Count(u64);

impl View for Count {
    fn apply(&mut self, _: &Event) {
        self.0 += 1;
    }
}

/// A fold reaches the head though its query matches little, so that it is resumed from there and not from the last match.
pub async fn views_reach_the_head_whatever_they_match(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    append_all(&ledger, &run_events()?).await?;
    let mut count = Count(0);
    let reached = fold(&ledger, Query::all().kind("run.started")?, &mut count).await?;
    assert_eq!((reached.get(), count.0), (600, 47));
    let reached = fold(&ledger, Query::all().kind("run.*")?.up_to(offset(13)), &mut count).await?;
    assert_eq!((reached.get(), count.0), (13, 50));
    Ok(())
}

/// The digest is the SHA-256 of the lines of JSON, and the events of a run are its own.
pub async fn verify_is_the_hash_of_the_lines(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    append_all(&ledger, &run_events()?).await?;
    ledger.prune(&Query::after(offset(5)).up_to(offset(9))).await?;
    let events = all(&ledger).await?;
    let mut hash = Sha256::new();
    for event in &events {
        let mut line = Vec::new();
        event.write_json(&mut line)?;
        assert!(!line.contains(&b'\n'), "a line of JSON has a line's end in it");
        line.push(b'\n');
        hash.update(&line);
    }
    let expected: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut heard = Vec::new();
    let found = verify(&ledger, |count, head| heard.push((count, head.get()))).await?;
    assert_eq!((found.count, found.head.get(), found.gaps), (596, 600, 4));
    assert_eq!(found.digest.to_string(), format!("sha256:{expected}"));
    assert_eq!(heard.last(), Some(&(596, 600)), "progress does not end at the end");
    let run = events[0].run_id.clone();
    let own: Vec<Event> = futures::TryStreamExt::try_collect(ledger.events_for_run(run.clone())).await?;
    assert!(own.iter().eq(events.iter().filter(|event| event.run_id == run)));
    Ok(())
}

/// Old payloads are lifted on read, one version after the other, and the log beneath stays as it was written.
pub async fn upcasters_lift_what_is_read_and_rewrite_nothing(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let upcasters = Upcasters::new()
        .step("order.placed", 1, |old| Ok(json!({"cents": old["total"].as_u64().unwrap_or(0) * 100})))?
        .step("order.placed", 2, |old| Ok(json!({"cents": old["cents"], "currency": "EUR"})))?;
    let lifted = Lifted::new(place.open().await?, upcasters);
    let order = |n: u64, version| {
        let payload = if version == 1 { json!({"total": n}) } else { json!({"cents": n * 100}) };
        Ok::<_, ledger_core::Error>(Draft::new("order.placed", &payload)?.id(format!("o-{n}"))?.schema_version(version))
    };
    append(&lifted, &[order(1, 1)?, order(2, 2)?]).await?;
    append(&lifted, &drafts("other", 0..2)).await?;
    let events = all(&lifted).await?;
    let texts: Vec<_> = events[..2].iter().map(|event| (event.schema_version, event.payload.as_str())).collect();
    assert_eq!(texts, [(3, r#"{"cents":100,"currency":"EUR"}"#), (3, r#"{"cents":200,"currency":"EUR"}"#)]);
    let beneath = all(lifted.inner()).await?;
    assert_eq!((beneath[0].schema_version, beneath[0].payload.as_str()), (1, r#"{"total":1}"#));
    assert_eq!(beneath[2..], events[2..], "other kinds were touched");
    assert!(append(&lifted, &[order(1, 1)?]).await?[0].status == ledger_core::Status::Duplicate);
    Ok(())
}
