//! Copies that are made aside, each in a folder of its own, so that who asked for one need not wait while it is made.

use std::sync::{Arc, Mutex};

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use ledger_core::{Ledger, Offset, Progress, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::OwnedSemaphorePermit;

use super::locked;
use crate::copy::{self, CopyTo};
use crate::openapi::{admin, answers, problems};
use crate::parameters::named;
use crate::problem::Problem;
use crate::{Attached, Desk, Shared};

/// How many are kept at most: each takes as much room as the ledger.
const MOST: usize = 3;

/// Which snapshot, as a path names it.
type Which = Result<Path<String>, PathRejection>;

/// The snapshots of a server, the oldest first. They go when it ends.
#[derive(Debug, Default)]
pub(crate) struct Snapshots(Mutex<Vec<Kept>>);

#[derive(Debug)]
struct Kept {
    standing: Standing,
    /// Who downloads it holds it, too.
    folder: Arc<TempDir>,
    task: Attached,
}

type Standing = Arc<Mutex<Snapshot>>;

/// A snapshot, and how far it is.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Snapshot {
    id: String,
    state: Phase,
    started_at: Timestamp,
    /// Up to which offset it is written, …
    events: Offset,
    /// … and the last that it will have.
    of: Offset,
    bytes: Option<u64>,
    error: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Phase {
    Copying,
    Ready,
    Failed,
}

impl Snapshot {
    fn new(of: Offset) -> Self {
        let id = uuid::Uuid::now_v7().simple().to_string();
        let (started_at, events) = (Timestamp::now(), Offset::START);
        Self { id, state: Phase::Copying, started_at, events, of, bytes: None, error: None }
    }

    fn reached(&mut self, progress: Progress) {
        (self.events, self.of) = match progress {
            Progress::Comparing(_, _) => return,
            Progress::Writing(at, of) => (at, of),
            // It is written by then, and read back.
            Progress::Verifying(_, of) => (of, of),
        };
    }

    fn failed(&mut self, why: &str) {
        (self.state, self.error) = (Phase::Failed, Some(why.to_owned()));
    }
}

impl Snapshots {
    /// Returns one of them. Fails when there is none of this id.
    fn find(&self, which: Which) -> Result<(Snapshot, Arc<TempDir>), Problem> {
        let id: String = named(which, "snapshot")?;
        let all = locked(&self.0);
        let mut known = all.iter().map(|kept| (locked(&kept.standing).clone(), &kept.folder));
        let found = known.find(|(snapshot, _)| snapshot.id == id);
        found.map(|(snapshot, folder)| (snapshot, Arc::clone(folder))).ok_or_else(unknown)
    }

    /// Keeps one, and returns the one that has to go for it.
    fn add(&self, kept: Kept) -> Option<Kept> {
        let mut all = locked(&self.0);
        let is = |phase: Phase| move |kept: &Kept| locked(&kept.standing).state == phase;
        // Nobody misses what failed.
        let oldest = || all.iter().position(is(Phase::Failed)).or_else(|| all.iter().position(is(Phase::Ready)));
        let goes = if all.len() < MOST { None } else { oldest() };
        let gone = goes.map(|place| all.remove(place));
        all.push(kept);
        gone
    }

    fn remove(&self, id: &str) -> Option<Kept> {
        let mut all = locked(&self.0);
        let place = all.iter().position(|kept| locked(&kept.standing).id == id)?;
        Some(all.remove(place))
    }

    /// Removes all, and ends what copies still.
    pub(crate) async fn end(&self) {
        let all = std::mem::take(&mut *locked(&self.0));
        for kept in all {
            kept.end().await;
        }
    }
}

impl Kept {
    /// Ends its copying first: that must not write into a folder that is being removed.
    async fn end(self) {
        let Self { folder, task, .. } = self;
        task.end().await;
        drop(folder);
    }
}

fn unknown() -> Problem {
    Problem::not_found("there is no such snapshot; it may have made room for a newer one")
}

/// Begins a snapshot of the ledger as it is now. One is copied at a time; three are kept, and the oldest makes room.
#[utoipa::path(
    post,
    path = "/snapshots",
    tag = "admin",
    operation_id = "start_snapshot",
    description = "Ask for it by its `id` until it is `ready`. It is gone when the server ends. It takes the scope \
                   `read`, as all of `/snapshots` does.",
    responses(
        (status = 202, description = "It is being copied.", body = admin::Started),
        (
            status = 501,
            description = "This server makes no copies (`no_snapshots`).",
            body = answers::Problem,
            content_type = problems::PROBLEM
        ),
        problems::Call,
    )
)]
pub(crate) async fn start(State(desk): State<Desk>) -> Result<(StatusCode, Json<Value>), Problem> {
    let copy_to = copy::of_desk(&desk)?;
    let turn = Shared::turn(&desk.copying)?;
    let snapshot = Snapshot::new(desk.soon(desk.ledger.head()).await?);
    let folder = Arc::new(tempfile::tempdir().map_err(|error| Problem::broken(error.to_string()))?);
    let (id, standing) = (snapshot.id.clone(), Arc::new(Mutex::new(snapshot)));
    let copying = Copying { standing: Arc::clone(&standing), folder: Arc::clone(&folder), _turn: turn };
    let task = Attached::start(copying.run(copy_to, Arc::clone(&desk.ledger)));
    if let Some(gone) = desk.snapshots.add(Kept { standing, folder, task }) {
        gone.end().await;
    }
    Ok((StatusCode::ACCEPTED, Json(json!({"id": id}))))
}

/// A snapshot while it is copied. However that ends, it is not copied any more.
struct Copying {
    standing: Standing,
    folder: Arc<TempDir>,
    _turn: OwnedSemaphorePermit,
}

impl Copying {
    async fn run(self, copy_to: CopyTo, ledger: Arc<dyn Ledger>) {
        let standing = Arc::clone(&self.standing);
        let told = Box::new(move |progress| locked(&standing).reached(progress));
        let copied = async {
            let path = copy_to.copy(ledger, self.folder.path(), told).await?;
            let file = tokio::fs::metadata(path).await.map_err(|error| Problem::broken(error.to_string()))?;
            Ok::<_, Problem>(file.len())
        };
        let copied = copied.await;
        let mut snapshot = locked(&self.standing);
        match copied {
            Ok(bytes) => {
                (snapshot.state, snapshot.events, snapshot.bytes) = (Phase::Ready, snapshot.of, Some(bytes));
            }
            Err(problem) => {
                tracing::error!(snapshot = snapshot.id, cause = problem.cause(), "a snapshot failed");
                snapshot.failed(problem.detail());
            }
        }
    }
}

impl Drop for Copying {
    fn drop(&mut self) {
        let mut snapshot = locked(&self.standing);
        if snapshot.state == Phase::Copying {
            snapshot.failed("the copy was broken off");
        }
    }
}

/// Some snapshots.
#[derive(Serialize)]
pub(crate) struct Listed {
    snapshots: Vec<Snapshot>,
}

/// Answers the snapshots that are kept, the newest first.
#[utoipa::path(
    get,
    path = "/snapshots",
    tag = "admin",
    operation_id = "snapshots",
    responses((status = 200, description = "The snapshots.", body = admin::Snapshots), problems::Call)
)]
pub(crate) async fn list(State(desk): State<Desk>) -> Json<Listed> {
    let all = locked(&desk.snapshots.0);
    Json(Listed { snapshots: all.iter().rev().map(|kept| locked(&kept.standing).clone()).collect() })
}

/// Answers how far a snapshot is.
#[utoipa::path(
    get,
    path = "/snapshots/{id}",
    tag = "admin",
    operation_id = "one_snapshot",
    params(("id" = inline(admin::SnapshotId), Path, description = "The snapshot.")),
    responses(
        (status = 200, description = "The snapshot.", body = admin::Snapshot),
        problems::Call,
        problems::Named,
    )
)]
pub(crate) async fn one(State(desk): State<Desk>, id: Which) -> Result<Json<Snapshot>, Problem> {
    desk.snapshots.find(id).map(|(snapshot, _)| Json(snapshot))
}

/// Answers a snapshot that is ready, as a SQLite file.
#[utoipa::path(
    get,
    path = "/snapshots/{id}/file",
    tag = "admin",
    operation_id = "snapshot_file",
    params(("id" = inline(admin::SnapshotId), Path, description = "The snapshot.")),
    responses(
        (status = 200, description = "A SQLite file, `ledger.db`.", content_type = "application/vnd.sqlite3"),
        (
            status = 409,
            description = "It is being copied still, or that failed (`not_ready`).",
            body = answers::Problem,
            content_type = problems::PROBLEM
        ),
        problems::Call,
        problems::Named,
    )
)]
pub(crate) async fn file(State(desk): State<Desk>, id: Which) -> Result<Response, Problem> {
    let (snapshot, folder) = desk.snapshots.find(id)?;
    let not_ready = |why| Err(Problem::new(StatusCode::CONFLICT, "not_ready", why));
    match snapshot.state {
        Phase::Ready => copy::sent(&copy::file_in(folder.path()), folder).await,
        Phase::Copying => not_ready("the snapshot is being copied: ask for it until it is `ready`"),
        Phase::Failed => not_ready("the snapshot failed: begin another"),
    }
}

/// Removes a snapshot. One that is being copied is broken off; who downloads it reads on to its end.
#[utoipa::path(
    delete,
    path = "/snapshots/{id}",
    tag = "admin",
    operation_id = "remove_snapshot",
    params(("id" = inline(admin::SnapshotId), Path, description = "The snapshot.")),
    responses((status = 204, description = "It is gone."), problems::Call, problems::Named)
)]
pub(crate) async fn remove(State(desk): State<Desk>, id: Which) -> Result<StatusCode, Problem> {
    let id: String = named(id, "snapshot")?;
    desk.snapshots.remove(&id).ok_or_else(unknown)?.end().await;
    Ok(StatusCode::NO_CONTENT)
}
