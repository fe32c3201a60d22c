//! What a person looks at first: the chain around an event, how many events have which words, and the whole at a glance.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use ledger_core::chain::{Chain, Linked, chain};
use ledger_core::facets::facets;
use ledger_core::lineage::AsOf;
use ledger_core::overview::overview;
use ledger_core::views::Operation;
use ledger_core::{Draft, Event, EventId, Ledger, Offset, Query, Result, Timestamp};

use crate::backend::Backend;
use crate::support::{all, append_all, draft, offset};

const EVENTS: u64 = 120;

/// Returns numbers that look drawn, the same each time.
fn dice(n: u64, of: u64) -> u64 {
    (n.wrapping_add(1).wrapping_mul(6_364_136_223_846_793_005) >> 33) % of
}

/// Events that name up to three others as their parents: mostly earlier ones, some later, some that are nowhere.
fn linked() -> Result<Vec<Draft>> {
    let linked = |n: u64| {
        let parents: BTreeSet<u64> = (0..n % 4).map(|place| dice(n * 7 + place, EVENTS * 5 / 4)).collect();
        parents.into_iter().try_fold(draft(&format!("e-{n}")), |draft, parent| {
            let parent = if dice(n + parent, 5) > 0 { parent % n.max(1) } else { parent };
            draft.parent(format!("e-{parent}"))
        })
    };
    (0..EVENTS).map(linked).collect()
}

/// Walks from an event the slow way: each time to all that one more step leads to. Returns how far each is.
fn steps<'e>(
    from: &'e Event,
    events: &'e [Event],
    is_step: impl Fn(&Event, &Event) -> bool,
) -> Vec<(usize, &'e Event)> {
    let mut found: Vec<(usize, &Event)> = vec![(0, from)];
    for distance in 1.. {
        let before: Vec<_> = found.iter().filter(|(far, _)| far + 1 == distance).map(|(_, event)| *event).collect();
        let next = events.iter().filter(|event| {
            !found.iter().any(|(_, known)| known.id == event.id) && before.iter().any(|from| is_step(from, event))
        });
        let next: Vec<_> = next.map(|event| (distance, event)).collect();
        if next.is_empty() {
            break;
        }
        found.extend(next);
    }
    found.remove(0);
    found
}

/// A chain has all that led to an event, also where a parent was recorded later, and all that came of it, each as far away as
/// the shortest way is long; as of an offset, what came later is nowhere.
pub async fn chains_are_what_the_parents_say(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    append_all(&ledger, &linked()?).await?;
    let events = all(&ledger).await?;
    let (mut causes_seen, mut effects_seen) = (0, 0);
    for (at, up_to) in [(5, EVENTS), (40, EVENTS), (40, 90), (60, 60), (77, 100), (EVENTS, EVENTS)] {
        let (here, then) = (&events[at as usize - 1], &events[..up_to as usize]);
        let mut causes = steps(here, then, |from, to| from.parents.contains(&to.id));
        let mut effects = steps(here, then, |from, to| from.offset < to.offset && to.parents.contains(&from.id));
        let named = causes.iter().map(|(_, event)| *event).chain([here]).flat_map(|event| &event.parents);
        let missing: BTreeSet<&str> =
            named.map(EventId::as_str).filter(|id| !then.iter().any(|event| event.id.as_str() == *id)).collect();
        causes.sort_by_key(|(distance, event)| (*distance, Reverse(event.offset)));
        effects.sort_by_key(|(distance, event)| (*distance, event.offset));
        let found = chain(&ledger, here.clone(), offset(up_to), 1_000).await?;
        let told = |linked: &[Linked]| linked.iter().map(|one| (one.distance, one.event.clone())).collect::<Vec<_>>();
        let plain =
            |steps: Vec<(usize, &Event)>| steps.into_iter().map(|(far, one)| (far, one.clone())).collect::<Vec<_>>();
        (causes_seen, effects_seen) = (causes_seen + causes.len(), effects_seen + effects.len());
        assert_eq!(told(&found.causes), plain(causes), "of event {at} up to {up_to}");
        assert_eq!(told(&found.effects), plain(effects), "of event {at} up to {up_to}");
        assert_eq!(found.missing.iter().map(EventId::as_str).collect::<BTreeSet<_>>(), missing);
        assert_eq!((found.up_to, found.cut), (offset(up_to), false));
        let few: Chain = chain(&ledger, here.clone(), offset(up_to), 1).await?;
        assert!(few.causes.len() <= 1 && few.effects.len() <= 1);
        assert_eq!(few.cut, found.causes.len() > 1 || found.effects.len() > 1, "it says whether something is left out");
    }
    assert!(causes_seen > 30 && effects_seen > 30, "{causes_seen} causes and {effects_seen} effects try little");
    Ok(())
}

/// Words are counted as a plain computation counts them, of so many of the newest events that match; and a filter that finds
/// nothing looks through a million offsets and no more.
pub async fn facets_count_the_newest_that_match(backend: &dyn Backend) -> Result<()> {
    const FAR: u64 = 1_000_000;
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let word = |n: u64| {
        let draft = Draft::new(["load.begun", "load.ended", "note.taken"][n as usize % 3], &n)?.id(format!("e-{n}"))?;
        draft.run(format!("run-{}", n % 5))?.actor(format!("actor-{}", n % 7))?.tag(format!("shard:{}", n % 2))
    };
    append_all(&ledger, &(0..150).map(word).collect::<Result<Vec<_>>>()?).await?;
    let mut events = all(&ledger).await?;
    for query in [Query::all(), Query::all().run("run-3")?, Query::all().kind("load.*")?.up_to(offset(100))] {
        for most in [0, 1, 10, 1_000] {
            let matching: Vec<&Event> = events.iter().filter(|event| query.matches(event)).collect();
            let newest = &matching[matching.len().saturating_sub(most)..];
            let found = facets(&ledger, query.clone(), most).await?;
            assert_eq!(
                (found.counted, found.whole),
                (newest.len() as u64, newest.len() == matching.len()),
                "{query:?}"
            );
            assert_eq!(found.from, newest.first().map(|event| event.offset));
            assert_eq!(found.to, newest.last().map(|event| event.offset));
            let (mut kinds, mut tags): (HashMap<&str, u64>, HashMap<&str, u64>) = Default::default();
            for event in newest {
                *kinds.entry(event.kind.as_str()).or_default() += 1;
                event.tags().iter().for_each(|tag| *tags.entry(tag.as_str()).or_default() += 1);
            }
            assert_eq!(
                found.kinds.iter().map(|kind| (kind.value.as_str(), kind.count)).collect::<HashMap<_, _>>(),
                kinds
            );
            assert_eq!(found.tags.iter().map(|tag| (tag.value.as_str(), tag.count)).collect::<HashMap<_, _>>(), tags);
            assert!(found.kinds.is_sorted_by(|one, other| one.count >= other.count));
        }
    }
    let far = |n: u64| Event {
        offset: offset(150 + FAR + n),
        recorded_at: events[0].recorded_at,
        draft: draft(&format!("far-{n}")),
    };
    events = [far(0), far(10)].into();
    ledger.restore(&events, events[1].offset).await?;
    let found = facets(&ledger, Query::all(), 1_000).await?;
    assert_eq!((found.counted, found.whole), (2, false), "one looks no further than a million offsets");
    let found = facets(&ledger, Query::all().up_to(offset(150 + FAR)), 1_000).await?;
    assert_eq!((found.counted, found.whole, found.to), (1, false, Some(offset(150 + FAR))));
    let found = facets(&ledger, Query::after(offset(160)), 1_000).await?;
    assert_eq!((found.counted, found.whole), (2, true), "nothing else was asked for");
    Ok(())
}

/// A ledger at a glance as of an offset is what a copy up to there looks like: nothing of what came later is in it.
pub async fn glances_at_the_past_are_what_one_saw_then(backend: &dyn Backend) -> Result<()> {
    let (place, other) = (backend.fresh().await, backend.fresh().await);
    let (ledger, copy) = (place.open().await?, other.open().await?);
    let at = |minute: u64| Timestamp::from_micros(1_700_000_000_000_000 + minute as i64 * 60_000_000);
    let some = |n: u64| {
        let draft = match n % 5 {
            0 => Draft::new(["run.started", "run.finished"][n as usize / 5 % 2], &n)?,
            1 | 2 => {
                let operation = Operation::new(["load", "clean"][n as usize % 2])?.started_at(at(n)?);
                operation.ended(
                    ledger_core::views::Outcome::ALL[n as usize % 3],
                    Some("slow".to_owned()),
                    at(n + 1)?,
                )?
            }
            _ => Draft::new("note.taken", &n)?,
        };
        let draft = draft.id(format!("e-{n}"))?.run(format!("run-{}", dice(n, 11)))?;
        Ok(Event { offset: offset(n + 1 + n / 50 * 40), recorded_at: at(n + 2)?, draft })
    };
    let events: Vec<Event> = (0..300).map(some).collect::<Result<_>>()?;
    ledger.restore(&events, events[299].offset).await?;
    for part in events.chunks(60) {
        let last = part[59].offset;
        copy.restore(part, last).await?;
        let (then, seen) = (overview(&ledger, AsOf::Offset(last)).await?, overview(&copy, AsOf::Offset(last)).await?);
        assert_eq!(then, seen, "as of {last}");
        assert_eq!((then.head, then.now), (last, part[59].recorded_at));
        let ended = events.iter().filter(|event| event.offset <= last && event.kind.as_str() == Operation::FINISHED);
        assert_eq!(then.operations.total, ended.count() as u64);
        assert!(then.runs.whole && then.rate.whole && !then.runs.newest.is_empty() && !then.failures.is_empty());
    }
    let before = overview(&ledger, AsOf::Offset(Offset::START)).await?;
    assert_eq!((before.head, before.operations.total, before.runs.newest.len()), (Offset::START, 0, 0));
    Ok(())
}
