//! The operation log of a project or of all, with the names that operators know from its table.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use ledger_core::lineage::{AsOf, Moment};
use ledger_core::operations::{self, Cursor, Selection};
use ledger_core::views::lineage::Found;
use ledger_core::views::operations::{
    Capacity, CommandSeries, Forecast, Heat, OperationLog, Period, ProjectStats, Slice, Stats,
};
use ledger_core::views::{Operation, Outcome};
use ledger_core::{EventId, Offset, Payload, Timestamp};
use serde::Serialize;

use crate::openapi::{answers, parameters, problems, words};
use crate::parameters::{Fields, named, span};
use crate::problem::Problem;
use crate::{Desk, aside};

/// How many operations a list has, unless a caller says.
const SHOWN: usize = 50;
/// How many at most.
const MOST: usize = 1_000;
/// How many may be left out at most: who is further goes by cursor.
const FURTHEST: usize = 1_000_000;
const DAY: Duration = Duration::from_secs(86_400);
/// In how many parts a period is shown.
const PARTS: usize = 24;
/// Of how many commands the heat is told, …
const HEATED: usize = 50;
/// … and the series.
const COMMANDS: usize = 10;
/// Of how many projects, commands and kinds of errors the numbers are told.
const TOLD: usize = 1_000;
/// How much memory those operations may take that are counted for one answer: some four million, unless their names are long.
const COUNTED_BYTES: usize = 256 << 20;
/// How many days one looks back and ahead, unless a caller says.
const DAYS: u32 = 30;
/// How many at most.
const MOST_DAYS: u32 = 3_650;

/// An operation.
#[derive(Serialize)]
pub(crate) struct Row {
    id: EventId,
    offset: Offset,
    timestamp: Timestamp,
    started_at: Timestamp,
    project_id: Option<String>,
    branch_id: String,
    bucket_name: Option<String>,
    table_name: Option<String>,
    command: String,
    /// How it ended; nothing while it runs.
    status: Option<Outcome>,
    duration_ms: Option<f64>,
    queue_wait_ms: Option<f64>,
    rows_affected: Option<u64>,
    bytes_in: Option<u64>,
    bytes_out: Option<u64>,
    error_code: Option<String>,
    error_message: Option<String>,
    request_id: Option<String>,
    job_id: Option<String>,
    connection_job_id: Option<String>,
    connection_run_id: Option<String>,
    metadata: Option<Payload>,
}

impl From<Found> for Row {
    fn from(Found { offset, operation }: Found) -> Self {
        let millis = |micros: u64| micros as f64 / 1_000.0;
        Self {
            offset,
            timestamp: operation.finished_at.unwrap_or(operation.started_at),
            started_at: operation.started_at,
            duration_ms: operation.duration().map(|took| took.as_secs_f64() * 1_000.0),
            queue_wait_ms: operation.queue_wait_us.map(millis),
            id: operation.id,
            project_id: operation.project,
            branch_id: operation.branch.unwrap_or_else(|| Operation::DEFAULT_BRANCH.to_owned()),
            bucket_name: operation.bucket,
            table_name: operation.table,
            command: operation.name,
            status: operation.status,
            rows_affected: operation.rows_affected,
            bytes_in: operation.bytes_in,
            bytes_out: operation.bytes_out,
            error_code: operation.error_code,
            error_message: operation.error,
            request_id: operation.request_id,
            job_id: operation.job.map(|job| job.to_string()),
            connection_job_id: operation.connection_job_id,
            connection_run_id: operation.connection_run_id,
            metadata: operation.metadata,
        }
    }
}

/// A part of the log, the newest first.
#[derive(Serialize)]
pub(crate) struct Rows {
    operations: Vec<Row>,
    limit: usize,
    offset: usize,
    /// Where the next part begins; nothing when this was the last.
    next: Option<Cursor>,
}

/// Lists the operations of a project that have ended.
#[utoipa::path(
    get,
    path = "/projects/{project}/operations",
    tag = "operations",
    operation_id = "operations",
    params(
        ("project" = inline(words::Project), Path, description = "The project."),
        parameters::OperationsPart,
        parameters::WhichOperations,
        parameters::AsOf,
    ),
    responses(
        (status = 200, description = "A part of the log, the newest first.", body = answers::Operations),
        problems::Call,
        problems::Named,
        problems::Parameters,
    )
)]
pub(crate) async fn list(
    State(desk): State<Desk>,
    project: Result<Path<String>, PathRejection>,
    RawQuery(text): RawQuery,
) -> Result<Json<Rows>, Problem> {
    let asked = Fields::read(text.as_deref())?;
    part(&desk, Some(named(project, "project")?), asked).await
}

/// Lists the operations of all projects, or of one, that have ended.
#[utoipa::path(
    get,
    path = "/operations",
    tag = "operations",
    operation_id = "all_operations",
    params(parameters::OfProject, parameters::OperationsPart, parameters::WhichOperations, parameters::AsOf),
    responses(
        (status = 200, description = "A part of the log, the newest first.", body = answers::Operations),
        problems::Call,
        problems::Parameters,
    )
)]
pub(crate) async fn all(State(desk): State<Desk>, RawQuery(text): RawQuery) -> Result<Json<Rows>, Problem> {
    let mut asked = Fields::read(text.as_deref())?;
    part(&desk, asked.one("project")?, asked).await
}

/// Returns a part of the log.
async fn part(desk: &Desk, project: Option<String>, mut asked: Fields) -> Result<Json<Rows>, Problem> {
    let limit = asked.number("limit", 1..=MOST)?.unwrap_or(SHOWN);
    let offset = asked.number("offset", 0..=FURTHEST)?.unwrap_or_default();
    let cursor = asked.one("cursor")?;
    let which = Which::read(project, &mut asked, None)?;
    asked.end()?;
    let selection = which.at_its_time(desk).await?;
    let page = desk.soon(operations::list(&*desk.ledger, &selection, cursor, offset, limit)).await?;
    Ok(Json(Rows { operations: page.operations.into_iter().map(Row::from).collect(), limit, offset, next: page.next }))
}

/// Answers one operation: its end, or its start when that is all there is so far.
#[utoipa::path(
    get,
    path = "/projects/{project}/operations/{operation}",
    tag = "operations",
    operation_id = "operation",
    params(
        ("project" = inline(words::Project), Path, description = "The project."),
        ("operation" = inline(words::EventId), Path, description = "The operation's id, other than `stats`."),
        parameters::AsOf,
    ),
    responses(
        (status = 200, description = "The operation.", body = answers::Operation),
        problems::Call,
        problems::Named,
        problems::Parameters,
    )
)]
pub(crate) async fn one(
    State(desk): State<Desk>,
    path: Result<Path<(String, String)>, PathRejection>,
    RawQuery(text): RawQuery,
) -> Result<Json<Row>, Problem> {
    let unknown = || Problem::not_found("no operation of this project has this id");
    let Path((project, id)) = path.map_err(|_| unknown())?;
    let id: EventId = id.parse().map_err(|_| unknown())?;
    let mut asked = Fields::read(text.as_deref())?;
    let as_of = asked.as_of()?;
    asked.end()?;
    let Moment { up_to, .. } = desk.soon(as_of.moment(&*desk.ledger)).await?;
    let found = desk.soon(operations::get(&*desk.ledger, &id, up_to)).await?;
    let found = found.filter(|found| found.operation.project.as_ref() == Some(&project));
    found.map(|found| Json(found.into())).ok_or_else(unknown)
}

/// The statistics of a project, or of all.
#[derive(Serialize)]
pub(crate) struct Statistics {
    project_id: Option<String>,
    #[serde(flatten)]
    stats: Stats,
    /// Events that call themselves operations and are none.
    unread: usize,
}

/// Answers how operations went in a period, which is the last day unless a caller says.
#[utoipa::path(
    get,
    path = "/projects/{project}/operations/stats",
    tag = "operations",
    operation_id = "operations_stats",
    params(
        ("project" = inline(words::Project), Path, description = "The project."),
        parameters::Buckets,
        parameters::WhichOperations,
        parameters::AsOf,
    ),
    responses(
        (status = 200, description = "The numbers.", body = answers::Statistics),
        problems::Call,
        problems::Named,
        problems::Parameters,
    )
)]
pub(crate) async fn stats(
    State(desk): State<Desk>,
    project: Result<Path<String>, PathRejection>,
    RawQuery(text): RawQuery,
) -> Result<Json<Statistics>, Problem> {
    let project: String = named(project, "project")?;
    let mut asked = Fields::read(text.as_deref())?;
    let parts = asked.number("buckets", 0..=MOST)?.unwrap_or(PARTS);
    let which = Which::read(Some(project), &mut asked, Some(DAY))?;
    asked.end()?;
    let counted = move |log: &OperationLog, selection, period| statistics(log, selection, period, parts);
    counted_aside(&desk, which.at_its_time(&desk).await?, COUNTED_BYTES, counted).await
}

/// The statistics of all projects, and what is told of them only.
#[derive(Serialize)]
pub(crate) struct AllStatistics {
    #[serde(flatten)]
    whole: Statistics,
    by_project: Vec<ProjectStats>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heat: Option<Vec<Heat>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_command_series: Option<Vec<CommandSeries>>,
}

/// Answers how the operations of all projects, or of one, went in a period, which is the last day unless a caller says.
#[utoipa::path(
    get,
    path = "/operations/stats",
    tag = "operations",
    operation_id = "all_operations_stats",
    params(
        parameters::OfProject,
        parameters::Buckets,
        parameters::Heat,
        parameters::WhichOperations,
        parameters::AsOf,
    ),
    responses(
        (status = 200, description = "The numbers.", body = answers::AllStatistics),
        problems::Call,
        problems::Parameters,
    )
)]
pub(crate) async fn all_stats(
    State(desk): State<Desk>,
    RawQuery(text): RawQuery,
) -> Result<Json<AllStatistics>, Problem> {
    let mut asked = Fields::read(text.as_deref())?;
    let (project, heat) = (asked.one("project")?, asked.switch("heat")?);
    let parts = asked.number("buckets", 0..=MOST)?.unwrap_or(PARTS);
    let which = Which::read(project, &mut asked, Some(DAY))?;
    asked.end()?;
    let all = Slice::default();
    let counted = move |log: &OperationLog, selection, period| AllStatistics {
        by_project: log.by_project(period, &all, TOLD),
        heat: heat.then(|| log.heat(period, &all, parts, HEATED)),
        by_command_series: heat.then(|| log.by_command_series(period, &all, parts, COMMANDS)),
        whole: statistics(log, selection, period, parts),
    };
    counted_aside(&desk, which.at_its_time(&desk).await?, COUNTED_BYTES, counted).await
}

/// Reads the log of what was selected, and counts in it aside. Many take long and much memory, so two are counted at a time.
async fn counted_aside<T: Send + 'static>(
    desk: &Desk,
    selection: Selection,
    most_bytes: usize,
    counted: impl FnOnce(&OperationLog, Selection, Period) -> T + Send + 'static,
) -> Result<Json<T>, Problem> {
    let read = async {
        let turn = Arc::clone(&desk.counting).acquire_owned().await;
        Ok((operations::log_within(&*desk.ledger, &selection, most_bytes).await?, turn))
    };
    let (log, turn) = desk.soon(read).await?;
    let too_many = || {
        let most = most_bytes >> 20;
        let why =
            format!("its operations take more than {most} MiB of memory: ask for a shorter one, or for fewer of them");
        Problem::invalid("period", why)
    };
    let log = log.ok_or_else(too_many)?;
    let period = selection.period.unwrap_or(Period::ALL);
    let count = move || {
        let counted = counted(&log, selection, period);
        drop((log, turn));
        counted
    };
    aside(count).await.map(Json)
}

fn statistics(log: &OperationLog, selection: Selection, period: Period, parts: usize) -> Statistics {
    let mut stats = log.stats(period, &Slice::default(), parts);
    stats.by_command.truncate(TOLD);
    stats.errors.truncate(TOLD);
    Statistics { project_id: selection.project, stats, unread: log.unread().len() }
}

/// How much there was each day, and what is expected.
#[derive(Serialize)]
pub(crate) struct Outlook {
    capacity: Capacity,
    forecast: Option<Forecast>,
}

/// Answers how much each day of a period brought, which is the last 30 days unless a caller says, and where that leads.
#[utoipa::path(
    get,
    path = "/operations/capacity",
    tag = "operations",
    operation_id = "operations_capacity",
    description = "The period has 3,650 days at most. Only whole days count, from midnight to midnight in UTC: the \
                   day of the first operation in it does not, unless the period begins at its midnight. A forecast goes on \
                   along the straight line through them.",
    params(parameters::OfProject, parameters::Ahead, parameters::WhichOperations, parameters::AsOf),
    responses(
        (status = 200, description = "The numbers.", body = answers::Outlook),
        problems::Call,
        problems::Parameters,
    )
)]
pub(crate) async fn capacity(State(desk): State<Desk>, RawQuery(text): RawQuery) -> Result<Json<Outlook>, Problem> {
    let mut asked = Fields::read(text.as_deref())?;
    let (project, days) = (asked.one("project")?, asked.number("days", 1..=MOST_DAYS as usize)?);
    let which = Which::read(project, &mut asked, Some(DAYS * DAY))?;
    asked.end()?;
    let selection = which.at_its_time(&desk).await?;
    // Each of its days is in the answer, whether it has operations or not.
    if selection.period.is_none_or(|period| period.duration() > (MOST_DAYS + 1) * DAY) {
        return Err(Problem::invalid("period", format!("it has more than {MOST_DAYS} days")));
    }
    let counted = move |log: &OperationLog, _, period| {
        let capacity = log.capacity(period, &Slice::default());
        let forecast = capacity.forecast(days.map_or(DAYS, |days| days as u32));
        Outlook { capacity, forecast }
    };
    counted_aside(&desk, selection, COUNTED_BYTES, counted).await
}

/// Which operations a caller means, before the ledger is asked what that is at the time they look at.
struct Which {
    selection: Selection,
    as_of: AsOf,
    when: When,
}

/// Which period a caller means.
#[derive(Clone, Copy)]
enum When {
    /// All time, …
    Always,
    /// … the last so long, …
    Last(Duration),
    /// … or from a time, up to before another.
    Between(Option<Timestamp>, Option<Timestamp>),
}

impl Which {
    /// Reads it. The period is the last so long, unless the caller says.
    fn read(project: Option<String>, asked: &mut Fields, default: Option<Duration>) -> Result<Self, Problem> {
        let as_of = asked.as_of()?;
        let least = asked.number("min_duration_ms", 0..=u32::MAX as usize)?;
        let selection = Selection {
            project,
            branch: asked.one("branch")?,
            table: asked.one("table")?,
            command: asked.one("command")?,
            status: asked.one("status")?,
            job: asked.one("job")?,
            request: asked.one("request")?,
            connection_job: asked.one("connection_job")?,
            connection_run: asked.one("connection_run")?,
            at_least: least.map(|least| Duration::from_millis(least as u64)),
            period: None,
            up_to: None,
        };
        Ok(Self { selection, as_of, when: When::read(asked, default)? })
    }

    async fn at_its_time(self, desk: &Desk) -> Result<Selection, Problem> {
        let Moment { up_to, now } = desk.soon(self.as_of.moment(&*desk.ledger)).await?;
        Ok(Selection { period: self.when.period(now)?, up_to, ..self.selection })
    }
}

impl When {
    fn read(asked: &mut Fields, default: Option<Duration>) -> Result<Self, Problem> {
        let (from, to) = (asked.one("from")?, asked.one("to")?);
        let last = asked.one::<String>("period")?.map(|text| span("period", &text)).transpose()?;
        match (last, from, to) {
            (Some(last), None, None) => Ok(Self::Last(last)),
            (Some(_), ..) => {
                Err(Problem::invalid("period", "it says from when to when itself: leave out `from` and `to`"))
            }
            (None, None, None) => Ok(default.map_or(Self::Always, Self::Last)),
            (None, from, to) => Ok(Self::Between(from, to)),
        }
    }

    /// Returns the period at a time.
    fn period(self, now: Timestamp) -> Result<Option<Period>, Problem> {
        let period = match self {
            Self::Always => return Ok(None),
            Self::Last(last) => Period::last(last, now),
            Self::Between(from, to) => {
                Period { from: from.unwrap_or(Period::ALL.from), to: to.unwrap_or(Period::last(DAY, now).to) }
            }
        };
        if period.from >= period.to {
            return Err(Problem::invalid("from", format!("{} is not before {}", period.from, period.to)));
        }
        Ok(Some(period))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::response::IntoResponse;
    use ledger_core::LedgerExt;

    use super::*;
    use crate::{Options, Server};

    #[tokio::test]
    async fn what_takes_more_memory_than_it_may_is_refused_and_keeps_nobody_waiting() {
        let ledger = backends::open("memory:").await.unwrap();
        for code in ["x", &"y".repeat(100_000)] {
            let failed = Operation::new("load").unwrap().error_code(code);
            ledger.append_one(failed.ended(Outcome::Error, None, Timestamp::now()).unwrap()).await.unwrap();
        }
        let server = Server::new(ledger, Options::default());
        let count = async |most| counted_aside(&server.desk, Selection::default(), most, |log, _, _| log.len()).await;
        for _ in 0..3 {
            let refused = count(100_000).await.unwrap_err().into_response();
            assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "long names count");
        }
        assert_eq!(count(COUNTED_BYTES).await.unwrap().0, 2);
    }
}
