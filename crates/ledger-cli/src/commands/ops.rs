//! `ledger ops`: what the operation log says.

use std::time::Duration;

use backends::Mode;
use futures::{StreamExt, TryStreamExt, stream};
use ledger_core::operations::{self, Cursor, Selection};
use ledger_core::views::lineage::Found;
use ledger_core::views::operations::{
    Bucket, Capacity, CommandStats, ErrorCount, OperationLog, Percentiles, Period, Slice, Stats, TableStats,
};
use ledger_core::{EventId, Ledger, Query};

use crate::cli::{Ops, Which};
use crate::failure::{Failure, Result};
use crate::output::{Format, Out, Style, counted, grouped, note, plain};
use crate::place::Target;
use crate::render::{bytes, cut, short_time, span, sparkline};

const DAY: Duration = Duration::from_secs(86_400);

/// Asks the log.
pub(super) async fn run(out: &mut Out, target: &Target, ops: Ops) -> Result<()> {
    let ledger = target.open(Mode::ReadOnly).await?;
    let ledger = &*ledger;
    match ops {
        Ops::List { which, limit, skip, cursor } => {
            list(out, ledger, &which.selection(None)?.0, (limit.get(), skip, cursor)).await
        }
        Ops::Show { id } => show(out, ledger, &id).await,
        Ops::Stats { which, parts } => {
            let (log, period) = log(ledger, which, DAY).await?;
            let stats = log.stats(period, &Slice::default(), parts.into());
            if out.format == Format::Json { out.json(&stats) } else { page(out, &stats) }
        }
        Ops::Slow { which, limit } => {
            let (log, period) = log(ledger, which, DAY).await?;
            slow(out, ledger, &log, (period, limit.into())).await
        }
        Ops::Errors { which } => {
            if which.status.is_some() {
                return Err(Failure::Usage("--status leaves nothing to compare errors with: leave it out".to_owned()));
            }
            let (log, period) = log(ledger, which, DAY).await?;
            errors(out, &log.stats(period, &Slice::default(), 0))
        }
        Ops::Tables { which, min_count } => {
            let (log, period) = log(ledger, which, DAY).await?;
            tables(out, &log, period, min_count)
        }
        Ops::Capacity { which, days, room } => {
            let (log, period) = log(ledger, which, 30 * DAY).await?;
            capacity(out, &log.capacity(period, &Slice::default()), days, room)
        }
    }
}

/// Reads the log of a period, which is the last so long unless another is given.
async fn log(ledger: &dyn Ledger, which: Which, default: Duration) -> Result<(OperationLog, Period)> {
    let (selection, period) = which.selection(Some(default))?;
    let log = operations::log(ledger, &selection).await?;
    if let Some(first) = log.unread().first() {
        let count = counted(log.unread().len() as u64, "event");
        note(&format!("{count} could not be read as operations, such as that at offset {first}"));
    }
    Ok((log, period))
}

async fn list(
    out: &mut Out,
    ledger: &dyn Ledger,
    selection: &Selection,
    (limit, skip, cursor): (usize, usize, Option<Cursor>),
) -> Result<()> {
    let page = operations::list(ledger, selection, cursor, skip, limit).await?;
    rows(out, &page.operations)?;
    if let Some(next) = page.next {
        out.flush()?;
        note(&format!("there are more: --cursor {next}"));
    }
    Ok(())
}

fn rows(out: &mut Out, operations: &[Found]) -> Result<()> {
    if out.format == Format::Json {
        return operations.iter().try_for_each(|found| out.json(found));
    }
    if operations.is_empty() {
        return out.line("no operations");
    }
    let header = ["offset", "ended (UTC)", "command", "table", "status", "took", "rows", "error", "id"];
    let row = |Found { offset, operation }: &Found| {
        let text = |text: Option<String>| text.map_or_else(|| "-".to_owned(), |text| plain(&text).into_owned());
        let error = operation.error_code.clone().or_else(|| operation.error.clone());
        vec![
            offset.to_string(),
            operation.finished_at.map(short_time).unwrap_or_default(),
            plain(&operation.name).into_owned(),
            text(operation.full_table()),
            operation.status.map_or("running", |status| status.as_str()).to_owned(),
            operation.duration().map(span).unwrap_or_default(),
            operation.rows_affected.map_or_else(|| "-".to_owned(), grouped),
            cut(&text(error), 40),
            operation.id.to_string(),
        ]
    };
    out.table(&header, operations.iter().map(row).collect())
}

async fn show(out: &mut Out, ledger: &dyn Ledger, id: &EventId) -> Result<()> {
    let Some(found) = operations::get(ledger, id, None).await? else {
        return Err(Failure::No(format!("no operation has the id `{}`", plain(id.as_str()))));
    };
    if out.format == Format::Json {
        return out.json(&found);
    }
    let operation = &found.operation;
    let number = |number: Option<u64>| number.map(grouped);
    let named = |name: &str, input: String| format!("{} = {}", plain(name), plain(&input));
    let inputs = operation.inputs.iter().map(|(name, input)| match input {
        ledger_core::views::Input::Artifact(artifact) => named(name, artifact.to_string()),
        ledger_core::views::Input::Value(value) => named(name, value.as_str().to_owned()),
    });
    let rows = [
        ("operation", Some(operation.name.clone())),
        ("id", Some(operation.id.to_string())),
        ("offset", Some(found.offset.to_string())),
        ("status", Some(operation.status.map_or("running", |status| status.as_str()).to_owned())),
        ("error", operation.error.clone()),
        ("error code", operation.error_code.clone()),
        ("began", Some(operation.started_at.to_string())),
        ("ended", operation.finished_at.map(|time| time.to_string())),
        ("took", operation.duration().map(span)),
        ("waited", operation.queue_wait_us.map(|micros| span(Duration::from_micros(micros)))),
        ("rows", number(operation.rows_affected)),
        ("bytes in", operation.bytes_in.map(bytes)),
        ("bytes out", operation.bytes_out.map(bytes)),
        ("project", operation.project.clone()),
        ("branch", operation.branch.clone()),
        ("table", operation.full_table()),
        ("inputs", (!operation.inputs.is_empty()).then(|| inputs.collect::<Vec<_>>().join(", "))),
        ("outputs", Some(operation.outputs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))),
        ("job", operation.job.as_ref().map(ToString::to_string)),
        ("task", operation.task.as_ref().map(ToString::to_string)),
        ("attempt", operation.attempt.map(|attempt| attempt.to_string())),
        ("request", operation.request_id.clone()),
        ("connection job", operation.connection_job_id.clone()),
        ("connection run", operation.connection_run_id.clone()),
        ("metadata", operation.metadata.as_ref().map(|metadata| metadata.as_str().to_owned())),
        ("sql", operation.sql.clone()),
    ];
    for (name, value) in rows {
        let Some(value) = value.filter(|value| !value.is_empty()) else { continue };
        let name = format!("{name:<14}");
        out.line(format!("{} {}", out.paint(Style::Dim, &name), plain(&value)))?;
    }
    Ok(())
}

/// Prints statistics for people.
fn page(out: &mut Out, stats: &Stats) -> Result<()> {
    out.line(format!("{} to {}", short_time(stats.from), short_time(stats.to)))?;
    let Some(rate) = stats.success_rate else { return out.line("no operations") };
    let outcomes = format!(
        "{}, {} of them well; {}, {}",
        counted(stats.total, "operation"),
        percent(rate),
        counted(stats.failed, "error"),
        counted(stats.timed_out, "timeout"),
    );
    out.line(outcomes)?;
    out.line(format!("took {}", took(&stats.took)))?;
    let line = |value: fn(&Bucket) -> f64| sparkline(stats.series.iter().map(value));
    out.line(format!("operations  {}", line(|bucket| bucket.count as f64)))?;
    out.line(format!("failures    {}", line(|bucket| bucket.failed as f64)))?;
    out.line(format!("p95         {}\n", line(|bucket| bucket.took.p95.as_secs_f64())))?;
    let most = stats.histogram.iter().map(|bin| bin.count).max().unwrap_or_default();
    for bin in &stats.histogram {
        let width = (bin.count * 40).div_ceil(most.max(1)) as usize;
        out.line(format!("{:>7} to {:<7} {} {}", span(bin.from), span(bin.to), "█".repeat(width), grouped(bin.count)))?;
    }
    out.line("")?;
    let header = ["command", "operations", "failed", "mean", "p50", "p95", "p99", "longest"];
    let row = |command: &CommandStats| {
        let mut row = vec![plain(&command.command).into_owned(), grouped(command.count), percent(command.error_rate)];
        row.extend(spans(&command.took));
        row
    };
    out.table(&header, stats.by_command.iter().map(row).collect())?;
    if stats.errors.is_empty() { Ok(()) } else { out.line("").and_then(|()| codes(out, stats)) }
}

async fn slow(out: &mut Out, ledger: &dyn Ledger, log: &OperationLog, (period, limit): (Period, usize)) -> Result<()> {
    /// How many are looked up at a time: a backend has some connections and no more.
    const AT_ONCE: usize = 4;
    let slowest = log.slowest(period, &Slice::default(), limit).into_iter();
    let found = stream::iter(slowest.map(async |(offset, _)| {
        let query = Query::after(offset.before()).up_to(offset);
        let event = ledger.read(&query).await?.events.pop();
        Ok::<_, ledger_core::Error>(event.and_then(|event| Some(Found { offset, operation: event.payload_as().ok()? })))
    }));
    let found: Vec<Option<Found>> = found.buffered(AT_ONCE).try_collect().await?;
    let found: Vec<Found> = found.into_iter().flatten().collect();
    rows(out, &found)
}

fn errors(out: &mut Out, stats: &Stats) -> Result<()> {
    let mut failing: Vec<_> = stats.by_command.iter().filter(|command| command.failed > 0).collect();
    failing.sort_by(|one, other| other.error_rate.total_cmp(&one.error_rate).then(other.failed.cmp(&one.failed)));
    if out.format == Format::Json {
        return out.json(&serde_json::json!({"errors": stats.errors, "by_command": failing}));
    }
    if failing.is_empty() {
        return out.line(format!("nothing went wrong in {}", counted(stats.total, "operation")));
    }
    codes(out, stats)?;
    out.line("")?;
    let row = |of: &&CommandStats| {
        vec![plain(&of.command).into_owned(), grouped(of.count), grouped(of.failed), percent(of.error_rate)]
    };
    out.table(&["command", "operations", "failed", "rate"], failing.iter().map(row).collect())
}

fn codes(out: &mut Out, stats: &Stats) -> Result<()> {
    let row = |error: &ErrorCount| {
        let code = error.code.as_deref().map_or_else(|| "-".to_owned(), |code| plain(code).into_owned());
        vec![code, error.status.as_str().to_owned(), grouped(error.count)]
    };
    out.table(&["error code", "status", "operations"], stats.errors.iter().map(row).collect())
}

fn tables(out: &mut Out, log: &OperationLog, period: Period, min_count: u64) -> Result<()> {
    let tables = log.by_table(period, &Slice::default(), min_count);
    if out.format == Format::Json {
        return tables.iter().try_for_each(|table| out.json(table));
    }
    if tables.is_empty() {
        return out.line(format!("no table has {} or more", counted(min_count, "operation")));
    }
    let row = |table: &TableStats| {
        let mut row = vec![plain(&table.table).into_owned(), grouped(table.count), grouped(table.failed)];
        row.extend(spans(&table.took));
        row
    };
    let header = ["table", "operations", "failed", "mean", "p50", "p95", "p99", "longest"];
    out.table(&header, tables.iter().map(row).collect())
}

fn capacity(out: &mut Out, capacity: &Capacity, days: u32, room: Option<u64>) -> Result<()> {
    let forecast = capacity.forecast(days);
    let full_in_days = room.map(|room| capacity.days_until(room as f64));
    if out.format == Format::Json {
        return out.json(&serde_json::json!({
            "capacity": capacity, "forecast": forecast, "room": room, "full_in_days": full_in_days.flatten(),
        }));
    }
    if capacity.days.is_empty() {
        return out.line("no whole day has operations");
    }
    let counts = capacity.days.iter().map(|day| day.operations as f64);
    out.line(format!("{}  {}", counted(capacity.days.len() as u64, "day"), sparkline(counts)))?;
    let (operations, size) = (capacity.operations_per_day, capacity.bytes_per_day);
    out.line(format!("a day: {} operations, {} of events", grouped(operations.round() as u64), bytes(size as u64)))?;
    let growth = capacity.growth_per_day.round();
    let sign = if growth < 0.0 { "-" } else { "+" };
    out.line(format!("growth: {sign}{} operations a day", grouped(growth.abs() as u64)))?;
    match forecast {
        Some(next) => out.line(format!(
            "the next {}: {} ± {} operations, {} ± {} of events",
            counted(days.into(), "day"),
            grouped(next.operations.round() as u64),
            grouped(next.operations_error.round() as u64),
            bytes(next.bytes as u64),
            bytes(next.bytes_error as u64),
        ))?,
        None => out.line(format!("{} are too few for a forecast", counted(capacity.days.len() as u64, "day")))?,
    }
    match (room, full_in_days.flatten()) {
        (None, _) => Ok(()),
        _ if forecast.is_none() => Ok(()),
        (Some(room), Some(days)) => {
            out.line(format!("{} of such events are there in {}", bytes(room), counted(days.into(), "day")))
        }
        (Some(room), None) => out.line(format!("no end of {} is in sight", bytes(room))),
    }
}

fn took(took: &Percentiles) -> String {
    let [mean, p50, p95, p99, max] = spans(took);
    format!("{mean} on average, p50 {p50}, p95 {p95}, p99 {p99}, {max} at most")
}

fn spans(took: &Percentiles) -> [String; 5] {
    [took.mean, took.p50, took.p95, took.p99, took.max].map(span)
}

fn percent(part: f64) -> String {
    format!("{:.1} %", part * 100.0)
}
