//! The sample is what it is said to be: the same each time, all of it readable, and the lineage in it goes all the way.

use std::collections::{BTreeSet, HashMap};

use ledger_core::views::lineage::{Direction, Level, Lineage, Reach};
use ledger_core::views::operations::{OperationLog, Period, Slice};
use ledger_core::views::session::{Coordination, Sessions};
use ledger_core::views::{Artifacts, Outcome, Rules, RunState, Runs};
use ledger_core::{EventId, Query, View, session, verify};

use super::*;

fn now() -> Timestamp {
    "2026-03-12T14:37:11.000001Z".parse().unwrap()
}

fn seen<V: View + Default>(events: &[Event]) -> V {
    let mut view = V::default();
    events.iter().for_each(|event| view.apply(event));
    view
}

#[test]
fn a_sample_follows_from_its_seed_and_from_when_it_ends() {
    let lines = |seed, now, live: usize| {
        let Sample { events, traffic } = sample(seed, now).unwrap();
        let mut lines = Vec::new();
        events.iter().for_each(|event| event.write_json(&mut lines).unwrap());
        let live: Vec<Draft> = traffic.take(live).collect::<Result<_>>().unwrap();
        (lines, live)
    };
    let first = lines(1, now(), 500);
    assert!(first == lines(1, now(), 500), "it differs from itself");
    assert!(first.0 != lines(2, now(), 0).0 && first.0 != lines(1, later(now(), HOUR), 0).0);
}

#[test]
fn a_sample_is_a_week_that_ends_now_in_the_order_of_time() {
    for hours in [0, 5, 11, 18] {
        is_a_week(later(now(), hours * HOUR));
    }
}

fn is_a_week(now: Timestamp) {
    let Sample { events, traffic } = sample(SEED, now).unwrap();
    assert!((12_000..20_000).contains(&events.len()), "{} events", events.len());
    let mut ids = BTreeSet::new();
    let mut before = Timestamp::MIN;
    for (event, number) in events.iter().zip(1..) {
        assert_eq!(event.offset.get(), number);
        assert!(ids.insert(event.id.clone()), "{} is there twice", event.id);
        assert!(event.parents.iter().all(|parent| ids.contains(parent)), "a cause of {} comes later", event.id);
        assert!(event.recorded_at >= before && event.recorded_at <= now, "{}", event.id);
        let lag = event.recorded_at.as_micros() - event.created_at.as_micros();
        assert!((0..MINUTE).contains(&lag), "{} was recorded {lag} µs late", event.id);
        before = event.recorded_at;
    }
    assert!(before > later(now, -MINUTE) && events[0].created_at < later(now, 1 - 6 * DAY));
    let mut last = now;
    for draft in traffic.take(2_000) {
        let draft = draft.unwrap();
        assert!(draft.created_at >= last && ids.insert(draft.id.clone()), "{}", draft.id);
        assert!(draft.parents.iter().all(|parent| ids.contains(parent)), "a cause of {} comes later", draft.id);
        last = draft.created_at;
    }
    let rate = 2_000.0 / ((last.as_micros() - now.as_micros()) as f64 / SECOND as f64);
    assert!((1.5..3.0).contains(&rate), "{rate} events a second");
}

#[test]
fn all_of_a_sample_can_be_read() {
    let Sample { mut events, traffic } = sample(SEED, now()).unwrap();
    let live = traffic.take(1_000).zip(events.len() as u64 + 1..).map(|(draft, number)| {
        let draft = draft.unwrap();
        Event { offset: Offset::new(number).unwrap(), recorded_at: draft.created_at, draft }
    });
    events.extend(live);
    let artifacts: Artifacts = seen(&events);
    let droppable = artifacts.droppable(&Rules::default(), now());
    let scratch = droppable.iter().filter(|(found, _)| found.artifact.as_str().starts_with("scratch/"));
    assert!(artifacts.unread().is_empty() && droppable.len() == scratch.count() && !droppable.is_empty());
    assert!(seen::<Lineage>(&events).unread().is_empty());
    let log: OperationLog = seen(&events);
    assert!(log.unread().is_empty() && log.len() > 5_000, "{} operations", log.len());
    let sessions: Sessions = seen(&events);
    assert_eq!(sessions.all().len(), 3);
    for session in sessions.all() {
        assert_eq!(session.malformed, 0, "{}", session.session_id);
        assert!(session.operations >= 90 && session.checkpoints >= 1 && session.actors.len() >= 3, "{session:?}");
    }
    let claims: Coordination = seen(&events);
    assert!(claims.malformed().is_empty());
    assert_eq!(claims.conflicts(now()).len(), 1);
    let runs: Runs = seen(&events);
    let ended = |reason: &str| {
        let is =
            |state: &RunState| matches!(state, RunState::Finished { reason: Some(said) } if said.starts_with(reason));
        runs.all().iter().filter(|run| is(&run.state)).count()
    };
    assert!(ended("done") > 200 && ended("failed") > 2 && ended("handed over") > 2, "{}", runs.all().len());
    let models: BTreeSet<_> = events.iter().filter_map(|event| event.model_id.clone()).collect();
    assert_eq!(models.len(), 3);
}

#[test]
fn a_dashboard_leads_back_to_all_three_sources_by_its_columns_too() {
    let Sample { events, .. } = sample(SEED, now()).unwrap();
    let lineage: Lineage = seen(&events);
    let reached = |name: &str, level| {
        let graph = lineage.graph(&Artifact::new(name).unwrap(), Reach::new(Direction::Backward).level(level));
        assert!(graph.untold.is_empty() && !graph.cut, "{name}: {:?}", graph.untold);
        graph.nodes.iter().map(|node| node.artifact.to_string()).collect::<BTreeSet<_>>()
    };
    let reaches = |name: &str, level, wanted: &[&str]| {
        let reached = reached(name, level);
        assert!(wanted.iter().all(|wanted| reached.contains(*wanted)), "{name}: {reached:?}");
    };
    reaches("dashboard/revenue", Level::Artifacts, &["shop/orders", "shop/order_items", "crm/accounts"]);
    reaches("dashboard/growth", Level::Artifacts, &["shop/orders", "web/page_views", "web/visitors"]);
    reaches("model/churn", Level::Artifacts, &["shop/customers", "crm/tickets", "web/page_views"]);
    let columns =
        ["shop/order_items.price", "shop/order_items.discount", "shop/products.cost", "shop/products.category"];
    reaches("dashboard/revenue.margin_by_category", Level::Columns, &columns);
    reaches(
        "model/churn.churn",
        Level::Columns,
        &["crm/tickets.closed_at", "web/page_views.session_id", "shop/orders.total"],
    );
    let columns = reached("dashboard/revenue.margin_by_category", Level::Columns);
    assert!(!columns.contains("shop/orders.status") && !columns.iter().any(|name| name.starts_with("web/")));
}

#[test]
fn every_column_is_made_of_columns_that_there_are() {
    let mut known: HashMap<&str, &Table> = HashMap::new();
    for table in TABLES {
        for column in table.columns {
            assert_eq!(table.rhythm == Rhythm::Source, column.2.is_empty(), "{}.{}", table.name, column.0);
            for source in column.2 {
                let (name, source) = source.rsplit_once('.').unwrap();
                let is_there =
                    known.get(name).is_some_and(|table| table.columns.iter().any(|column| column.0 == source));
                assert!(
                    is_there && table.reads.contains(&name),
                    "{}.{} is made of {name}.{source}",
                    table.name,
                    column.0
                );
            }
        }
        assert!(table.reads.iter().all(|read| known.contains_key(read)), "{}", table.name);
        known.insert(table.name, table);
    }
}

#[test]
fn one_day_is_slow_and_what_goes_wrong_has_its_codes() {
    let Sample { events, .. } = sample(SEED, now()).unwrap();
    let log: OperationLog = seen(&events);
    let loads = Slice { command: Some("load".to_owned()), ..Slice::default() };
    let of = |from: i64, to: i64| {
        let period = Period { from: later(now(), -from * HOUR), to: later(now(), -to * HOUR) };
        log.stats(period, &loads, 0)
    };
    let (before, during) = (of(5 * 24, 4 * 24), of(SLOW.0 - 1, SLOW.1 + 1));
    let [before, during] = [before, during].map(|stats| stats.took.p50.as_secs_f64());
    assert!(during > 2.5 * before, "{before} s, and {during} s on the slow day");
    let all = log.stats(Period { from: later(now(), -7 * DAY), to: now() }, &Slice::default(), 0);
    assert!(all.errors.len() >= 5 && all.errors.iter().all(|error| error.code.is_some()), "{:?}", all.errors);
    assert!(all.errors.iter().any(|error| error.status == Outcome::Timeout), "{:?}", all.errors);
    let rate = all.success_rate.unwrap();
    assert!((0.94..0.995).contains(&rate), "{rate}");
    let commands: BTreeSet<_> = all.by_command.iter().map(|command| &*command.command).collect();
    assert!(["load", "transform", "publish", "query", "train", "compact"].iter().all(|one| commands.contains(one)));
}

#[tokio::test]
async fn a_sample_is_loaded_and_its_sessions_are_as_if_they_had_been_recorded_one_by_one() {
    let Sample { events, .. } = sample(SEED, now()).unwrap();
    let ledger = backends::open("memory:").await.unwrap();
    fill(&*ledger, &events).await.unwrap();
    let found = verify(&*ledger, |_, _| ()).await.unwrap();
    assert_eq!((found.count, found.gaps, found.head.get()), (events.len() as u64, 0, events.len() as u64));
    for id in ["quarterly-report", "schema-review", "dashboard-layout"] {
        let id = id.parse().unwrap();
        let overview =
            session::overview(&*ledger, &id, 10_000, ledger_core::lineage::AsOf::Now).await.unwrap().unwrap();
        let checkpoint = overview.session.checkpoint.unwrap();
        let (all, malformed) = session::union(&*ledger, &id).await.unwrap();
        assert!(malformed == 0 && checkpoint.operations < overview.session.operations, "{checkpoint:?}");
        // Stamps rise along causes, and of each actor.
        let mut stamps: HashMap<EventId, u64> = HashMap::new();
        let mut own: HashMap<String, u64> = HashMap::new();
        let edits = ledger.read(&Query::all().session(&id).unwrap().kind("session.operation").unwrap()).await.unwrap();
        for event in &edits.events {
            let stamp = event.lamport.unwrap();
            assert!(event.parents.iter().all(|parent| stamps[parent] < stamp), "{}", event.id);
            assert!(own.insert(event.actor.to_string(), stamp).is_none_or(|before| before < stamp), "{}", event.id);
            stamps.insert(event.id.clone(), stamp);
            let included = event.offset <= checkpoint.offset;
            let last = checkpoint.last.get(&event.actor);
            assert!(!included || last.is_some_and(|last| last.lamport >= stamp), "{}", event.id);
        }
        let report = all.report();
        assert!(report.clashes.is_empty() && report.twins.is_empty(), "{report:?}");
        assert!(all.len() as u64 == overview.session.operations && !report.conflicts.is_empty(), "{id}");
    }
}
