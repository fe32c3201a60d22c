//! The operation log: lists by look-up are what a plain look through all operations finds, and statistics are what a plain
//! computation says.

use std::collections::BTreeMap;
use std::time::Duration;

use ledger_core::operations::{Page, Selection, get, list, log, log_within};
use ledger_core::views::lineage::Found;
use ledger_core::views::operations::{Bucket, OperationLog, Percentiles, Period, Slice};
use ledger_core::views::{Operation, Outcome};
use ledger_core::{Draft, EventId, Job, Query, Result, Timestamp, fold};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::{Strategy, any};
use proptest::sample::select;
use proptest::strategy::ValueTree;

use super::random::{drawn, runner};
use crate::backend::Backend;
use crate::support::{all, append, append_all, offset};

const NAMES: [&str; 4] = ["import", "a/b", "' OR true --", "表"];
/// The first operation begins here, and the others within a thousand seconds.
const BEGIN: i64 = 1_700_000_000_000_000;

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(BEGIN + micros).expect("it is a time")
}

fn operation() -> impl Strategy<Value = Operation> {
    let name = || select(NAMES.as_slice());
    let maybe = || weighted(0.6, name());
    let texts = (name(), maybe(), maybe(), maybe(), maybe(), maybe(), maybe());
    let times = (0..1_000_000_000_i64, select([0, 1, 999, 1_500_000, 7_000_000_001].as_slice()), 0..100_i64);
    (texts, times, 0..10_u8, any::<u64>()).prop_map(|(texts, (start, took, more), dice, id)| {
        let (name, project, branch, bucket, table, request, code) = texts;
        let text = |text: Option<&str>| text.map(str::to_owned);
        let started_at = at(start);
        Operation {
            id: EventId::new(format!("op-{id}")).expect("it is short"),
            started_at,
            finished_at: Timestamp::from_micros(started_at.as_micros() + took + more).ok(),
            duration_us: Some((took + more) as u64),
            status: Some(match dice {
                0 => Outcome::Timeout,
                1 | 2 => Outcome::Error,
                _ => Outcome::Success,
            }),
            error_code: text(code).filter(|_| dice < 3),
            project: text(project),
            branch: text(branch),
            bucket: text(bucket),
            table: text(table),
            request_id: text(request),
            job: (dice % 2 == 0).then(|| Job::new("j-1").expect("it keeps the rule")),
            connection_job_id: (dice == 4).then(|| "cj".to_owned()),
            connection_run_id: (dice == 5).then(|| "cr".to_owned()),
            ..Operation::new(name).expect("it has a name")
        }
    })
}

fn selection() -> impl Strategy<Value = Selection> {
    let maybe = || weighted(0.15, select(NAMES.as_slice()).prop_map(str::to_owned));
    let table = weighted(0.15, select(["a/b", "import/a/b", "表/import", "' OR true --/表"].as_slice()));
    let texts = (maybe(), maybe(), table, maybe(), maybe());
    let period = weighted(0.5, (0..2_000_000_000_i64, 0..2_000_000_000_i64));
    let status = weighted(0.3, select(Outcome::ALL.as_slice()));
    let (least, last) = (weighted(0.2, select([0, 1_000, 2_000_000].as_slice())), weighted(0.2, 0..130_u64));
    (texts, period, status, least, last, 0..12_u8).prop_map(
        |((project, branch, table, command, request), period, status, least, last, dice)| Selection {
            project,
            branch,
            table: table.map(str::to_owned),
            command,
            status,
            request,
            job: (dice == 0).then(|| Job::new("j-1").expect("it keeps the rule")),
            connection_job: (dice == 1).then(|| "cj".to_owned()),
            connection_run: (dice == 2).then(|| "cr".to_owned()),
            period: period.map(|(from, length)| Period { from: at(from), to: at(from + length) }),
            at_least: least.map(Duration::from_micros),
            up_to: last.map(offset),
        },
    )
}

fn ended(draft: &Operation) -> Result<Draft> {
    draft.clone().ended(draft.status.unwrap_or(Outcome::Success), None, draft.finished_at.unwrap_or(draft.started_at))
}

/// Says whether a selection takes an operation, by its words alone.
fn takes(selection: &Selection, operation: &Operation) -> bool {
    let table = match (&operation.bucket, &operation.table) {
        (Some(bucket), Some(table)) => Some(format!("{bucket}/{table}")),
        (_, table) => table.clone(),
    };
    let branch = operation.branch.clone().unwrap_or_else(|| "default".to_owned());
    let (began, ended) = (operation.started_at.as_micros(), operation.finished_at.expect("it has").as_micros());
    let in_period = |period: Period| period.from.as_micros() <= ended && ended < period.to.as_micros();
    (selection.project.is_none() || selection.project == operation.project)
        && selection.branch.as_ref().is_none_or(|asked| *asked == branch)
        && (selection.table.is_none() || selection.table == table)
        && selection.command.as_ref().is_none_or(|asked| *asked == operation.name)
        && (selection.status.is_none() || selection.status == operation.status)
        && (selection.job.is_none() || selection.job == operation.job)
        && (selection.request.is_none() || selection.request == operation.request_id)
        && (selection.connection_job.is_none() || selection.connection_job == operation.connection_job_id)
        && (selection.connection_run.is_none() || selection.connection_run == operation.connection_run_id)
        && selection.period.is_none_or(in_period)
        && selection.at_least.is_none_or(|least| (ended - began) as u128 >= least.as_micros())
}

/// On random ledgers, every list is what a look through all operations finds, by cursor and by count; and one is found by
/// its id.
pub async fn operations_are_listed_as_a_look_through_all_finds_them(backend: &dyn Backend) -> Result<()> {
    let (place, mut runner) = (backend.fresh().await, runner(51));
    let ledger = place.open().await?;
    let operations = drawn(&vec(operation(), 120), &mut runner).current();
    let drafts: Vec<Draft> = operations.iter().map(ended).collect::<Result<_>>()?;
    append_all(&ledger, &drafts).await?;
    // A tag without the operation, and a start without an end.
    let odd = Draft::new(Operation::FINISHED, &serde_json::json!({"odd": 1}))?.tag("command:import")?;
    let running = Operation::new("import")?.id("running")?;
    append(&ledger, &[odd, running.started()?]).await?;
    let newest = all(&ledger).await?.into_iter().rev();
    let newest: Vec<Found> = newest
        .filter_map(|event| Some(Found { offset: event.offset, operation: event.payload_as::<Operation>().ok()? }))
        .filter(|found| found.operation.status.is_some())
        .collect();
    assert_eq!(newest.len(), 120);
    for _ in 0..60 {
        let selection = drawn(&selection(), &mut runner).current();
        let by_then = |found: &&Found| selection.up_to.is_none_or(|last| found.offset <= last);
        let expected = newest.iter().filter(by_then).filter(|found| takes(&selection, &found.operation));
        let expected: Vec<&Found> = expected.collect();
        let (mut listed, mut cursor) = (Vec::new(), None);
        loop {
            let page = list(&ledger, &selection, cursor, 0, 7).await?;
            assert!(page.operations.len() == 7 || page.next.is_none(), "a page that is not full is not the last");
            listed.extend(page.operations);
            cursor = page.next.map(|next| next.to_string().parse().expect("a cursor reads what it writes"));
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(listed.iter().collect::<Vec<_>>(), expected, "{selection:?}");
        let Page { operations, next } = list(&ledger, &selection, None, 3, 5).await?;
        assert_eq!(operations.iter().collect::<Vec<_>>(), expected.iter().copied().skip(3).take(5).collect::<Vec<_>>());
        assert_eq!(next.is_some(), expected.len() > 8, "{selection:?}");
        let counted = log(&ledger, &selection).await?;
        assert_eq!(counted.len(), expected.len(), "{selection:?}");
        let bytes = counted.bytes();
        assert!(bytes >= 60 * expected.len(), "{selection:?}");
        let within = async |most| log_within(&ledger, &selection, most).await.map(|log| log.is_some());
        assert!(within(bytes).await?, "{selection:?}");
        assert!(bytes == 0 || !within(bytes - 1).await?, "{selection:?}");
    }
    assert!("op".parse::<ledger_core::operations::Cursor>().is_err());
    let one = &newest[5];
    assert_eq!(get(&ledger, &one.operation.id, Some(one.offset)).await?.as_ref(), Some(one));
    assert_eq!(get(&ledger, &one.operation.id, Some(one.offset.before())).await?, None);
    let running = get(&ledger, &running.id, None).await?.expect("it has started");
    assert_eq!((running.operation.status, running.operation.name.as_str()), (None, "import"));
    assert_eq!(get(&ledger, &EventId::new("op")?, None).await?, None);
    Ok(())
}

/// Percentiles as SQL has them, by putting all in order.
fn plainly(operations: &[&Operation]) -> Percentiles {
    let micros = |operation: &&Operation| operation.duration().expect("it has ended").as_micros() as f64;
    let mut all: Vec<f64> = operations.iter().map(micros).collect();
    all.sort_by(f64::total_cmp);
    let Some(last) = all.last() else { return Percentiles::default() };
    let of = |micros: f64| Duration::from_nanos((micros * 1_000.0).round() as u64);
    let at = |fraction: f64| {
        let place = fraction * (all.len() - 1) as f64;
        let (low, high) = (all[place.floor() as usize], all[place.ceil() as usize]);
        of(low + (high - low) * place.fract())
    };
    let mean = of(all.iter().sum::<f64>() / all.len() as f64);
    Percentiles { mean, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: of(*last) }
}

/// Demands that the operations of each project are counted by themselves.
fn projects_are_counted(view: &OperationLog, period: Period, slice: &Slice, meant: &[&Operation]) {
    let projects = view.by_project(period, slice, usize::MAX);
    assert_eq!(projects.iter().map(|found| found.count).sum::<u64>(), meant.len() as u64);
    for found in &projects {
        let here: Vec<_> = meant.iter().filter(|one| one.project == found.project).copied().collect();
        let failed = here.iter().filter(|one| !one.succeeded()).count() as u64;
        assert_eq!((found.count, found.failed, found.took), (here.len() as u64, failed, plainly(&here)));
    }
    assert!(projects.is_sorted_by(|one, other| one.count >= other.count));
}

/// On random ledgers, statistics are those of an independent computation: of any period, command by command, table by table
/// and part by part.
pub async fn operations_are_counted_as_a_plain_computation_counts_them(backend: &dyn Backend) -> Result<()> {
    let (place, mut runner) = (backend.fresh().await, runner(52));
    let ledger = place.open().await?;
    let operations = drawn(&vec(operation(), 200), &mut runner).current();
    append_all(&ledger, &operations.iter().map(ended).collect::<Result<Vec<_>>>()?).await?;
    let mut view = OperationLog::default();
    fold(&*ledger, Query::all(), &mut view).await?;
    let asking = (0..1_500_000_000_i64, 1..9_000_000_000_i64, 1..9_usize, selection());
    for _ in 0..40 {
        let (from, length, parts, Selection { project, table, command, .. }) = drawn(&asking, &mut runner).current();
        let (period, slice) = (Period { from: at(from), to: at(from + length) }, Slice { project, table, command });
        let Slice { project, table, command } = slice.clone();
        let selection = Selection { project, table, command, period: Some(period), ..Selection::default() };
        let meant: Vec<&Operation> = operations.iter().filter(|operation| takes(&selection, operation)).collect();
        let stats = view.stats(period, &slice, parts);
        assert_eq!(log(&*ledger, &selection).await?.stats(period, &slice, parts), stats, "of what a look-up finds");
        let count = |status| meant.iter().filter(|operation| operation.status == Some(status)).count() as u64;
        let failed = |all: &[&Operation]| all.iter().filter(|one| !one.succeeded()).count() as u64;
        assert_eq!((stats.total, stats.succeeded), (meant.len() as u64, count(Outcome::Success)));
        assert_eq!((stats.failed, stats.timed_out), (count(Outcome::Error), count(Outcome::Timeout)));
        assert_eq!(stats.took, plainly(&meant));
        let mut commands: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
        meant.iter().for_each(|operation| commands.entry(&operation.name).or_default().push(operation));
        assert_eq!(stats.by_command.len(), commands.len());
        for found in &stats.by_command {
            let all = &commands[found.command.as_str()];
            assert_eq!((found.count, found.failed, found.took), (all.len() as u64, failed(all), plainly(all)));
        }
        assert!(stats.by_command.is_sorted_by(|one, other| one.count >= other.count));
        for bin in &stats.histogram {
            let took = meant.iter().filter_map(|operation| operation.duration());
            assert_eq!(bin.count, took.filter(|took| bin.from <= *took && *took < bin.to).count() as u64, "{bin:?}");
        }
        assert_eq!(stats.histogram.iter().map(|bin| bin.count).sum::<u64>(), stats.total);
        let codes = stats.errors.iter().map(|error| error.count).sum::<u64>();
        assert_eq!(codes, failed(&meant), "each failure counts under one code");
        for error in &stats.errors {
            let same = |one: &&&Operation| one.error_code == error.code && one.status == Some(error.status);
            assert_eq!(error.count, meant.iter().filter(same).count() as u64);
        }
        let width = length as u64 / parts as u64;
        for (place, Bucket { from: begin, count, failed: bad, took }) in stats.series.iter().enumerate() {
            assert_eq!(begin.as_micros() as u64, period.from.as_micros() as u64 + place as u64 * width.max(1));
            let last = place + 1 == parts;
            let end = if last { period.to.as_micros() } else { begin.as_micros() + width.max(1) as i64 };
            let ended = |one: &Operation| one.finished_at.expect("it has").as_micros();
            let within = |one: &&&Operation| begin.as_micros() <= ended(one) && ended(one) < end;
            let part: Vec<&Operation> = meant.iter().filter(within).copied().collect();
            if width > 0 {
                assert_eq!((*count, *bad, *took), (part.len() as u64, failed(&part), plainly(&part)));
            }
        }
        projects_are_counted(&view, period, &slice, &meant);
        for table in view.by_table(period, &slice, 2) {
            let here: Vec<_> =
                meant.iter().filter(|one| one.full_table().as_ref() == Some(&table.table)).copied().collect();
            assert!(table.count >= 2);
            assert_eq!((table.count, table.failed, table.took), (here.len() as u64, failed(&here), plainly(&here)));
        }
        let slowest: Vec<_> = view.slowest(period, &slice, 5).into_iter().map(|(_, took)| took).collect();
        let mut longest: Vec<_> = meant.iter().filter_map(|operation| operation.duration()).collect();
        longest.sort_by(|one, other| other.cmp(one));
        longest.truncate(5);
        assert_eq!(slowest, longest);
    }
    Ok(())
}
