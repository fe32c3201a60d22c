//! Copies that are made aside, each in a folder of its own, so that who asked for one need not wait while it is made.

use std::path::Path as FilePath;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Extension, Json};
use ledger_core::{Ledger, Offset, Progress, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::locked;
use crate::auth::{Caller, Known, Scope};
use crate::copy::{self, CopyTo};
use crate::openapi::{admin, answers, problems};
use crate::parameters::named;
use crate::problem::Problem;
use crate::{Attached, Desk, Shared};

/// How many lie on the disk at most, those included that are removed and still read: each takes as much room as the ledger.
const MOST: usize = 3;
/// How many more lie there at most, each while one caller waits for it and reads it.
const PASSING: usize = 2;
/// How long somebody's only one is kept, once it is ready, from making room for that of somebody else.
const KEPT: Duration = Duration::from_secs(3_600);

/// Which snapshot, as a path names it.
type Which = Result<Path<String>, PathRejection>;

/// The snapshots of a server, the oldest first. They go when it ends.
#[derive(Debug)]
pub(crate) struct Snapshots {
    all: Mutex<Vec<Kept>>,
    places: Arc<Semaphore>,
    passing: Arc<Semaphore>,
}

/// Where a copy lies. When nobody holds it any more, it is gone.
#[derive(Debug)]
pub(crate) struct Place {
    folder: TempDir,
    _one: OwnedSemaphorePermit,
}

#[derive(Debug)]
struct Kept {
    standing: Standing,
    owner: Caller,
    /// Who downloads it holds it, too.
    place: Arc<Place>,
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
    #[serde(skip)]
    ready_at: Option<Instant>,
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
        Self { id, state: Phase::Copying, started_at, events, of, bytes: None, error: None, ready_at: None }
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

impl Default for Snapshots {
    fn default() -> Self {
        let [places, passing] = [MOST, PASSING].map(|most| Arc::new(Semaphore::new(most)));
        Self { all: Mutex::default(), places, passing }
    }
}

impl Place {
    fn new(one: OwnedSemaphorePermit) -> Result<Self, Problem> {
        let folder = tempfile::tempdir().map_err(|error| Problem::broken(error.to_string()))?;
        Ok(Self { folder, _one: one })
    }

    pub(crate) fn folder(&self) -> &FilePath {
        self.folder.path()
    }
}

impl Snapshots {
    /// Returns a place for a copy. Where all are taken, that of a copy which nobody reads is made free: of one that failed, or
    /// else of the caller's oldest, or of the oldest whose owner has another, or of the oldest if it was ready for an hour.
    async fn place(&self, caller: &Caller) -> Result<Place, Problem> {
        loop {
            match Arc::clone(&self.places).try_acquire_owned() {
                Ok(one) => return Place::new(one),
                Err(_) => self.oldest(caller).ok_or_else(full)?.end().await,
            }
        }
    }

    /// Returns a place for a copy that one caller waits for.
    pub(crate) fn passing(&self) -> Result<Place, Problem> {
        Place::new(Shared::turn(&self.passing)?)
    }

    /// Takes out what makes room for a copy of a caller.
    fn oldest(&self, caller: &Caller) -> Option<Kept> {
        let mut all = locked(&self.all);
        let first = |fits: &dyn Fn(&Kept) -> bool| all.iter().position(fits);
        let idle = |kept: &Kept| locked(&kept.standing).state == Phase::Ready && Arc::strong_count(&kept.place) == 1;
        let is_one_of_many = |kept: &Kept| all.iter().filter(|other| other.owner == kept.owner).count() > 1;
        let is_old = |kept: &Kept| locked(&kept.standing).ready_at.is_some_and(|ready| ready.elapsed() >= KEPT);
        let goes = first(&|kept| locked(&kept.standing).state == Phase::Failed)
            .or_else(|| first(&|kept| idle(kept) && kept.owner == *caller))
            .or_else(|| first(&|kept| idle(kept) && is_one_of_many(kept)))
            .or_else(|| first(&|kept| idle(kept) && is_old(kept)));
        goes.map(|place| all.remove(place))
    }

    /// Returns one of them as it is told to who asks, and where it lies. Fails when there is none of this id.
    fn find(&self, which: Which, asker: &Known) -> Result<(Told, Arc<Place>), Problem> {
        let id: String = named(which, "snapshot")?;
        let all = locked(&self.all);
        let mut told = all.iter().map(|kept| (kept.told(asker), &kept.place));
        let found = told.find(|(told, _)| told.snapshot.id == id);
        found.map(|(told, place)| (told, Arc::clone(place))).ok_or_else(unknown)
    }

    /// Takes one out. Fails when there is none of this id, and when who asks may not remove it.
    fn remove(&self, which: Which, asker: &Known) -> Result<Kept, Problem> {
        let id: String = named(which, "snapshot")?;
        let mut all = locked(&self.all);
        let place = all.iter().position(|kept| locked(&kept.standing).id == id).ok_or_else(unknown)?;
        all[place].goes_for(asker)?;
        Ok(all.remove(place))
    }

    /// Removes all, and ends what copies still.
    pub(crate) async fn end(&self) {
        let all = std::mem::take(&mut *locked(&self.all));
        for kept in all {
            kept.end().await;
        }
    }
}

impl Kept {
    /// Refuses who may not remove it: neither who began it nor an admin.
    fn goes_for(&self, asker: &Known) -> Result<(), Problem> {
        if self.owner == asker.caller { Ok(()) } else { asker.may(Scope::Admin) }
    }

    fn told(&self, asker: &Known) -> Told {
        Told { snapshot: locked(&self.standing).clone(), removable: self.goes_for(asker).is_ok() }
    }

    /// Ends its copying first: that must not write into a folder that is being removed.
    async fn end(self) {
        let Self { place, task, .. } = self;
        task.end().await;
        drop(place);
    }
}

fn unknown() -> Problem {
    Problem::not_found("there is no such snapshot; it may have made room for a newer one")
}

fn full() -> Problem {
    let why = format!("{MOST} copies are there, which are being made or read, or are others' and new: try again later");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", why).retry_after(60)
}

/// Begins a snapshot of the ledger as it is now. One is copied at a time, and three are kept: then the oldest of the caller's makes
/// room, or of somebody's who has several, or one that was ready for an hour, unless it is just being read.
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
pub(crate) async fn start(
    State(desk): State<Desk>,
    Extension(Known { caller: owner, .. }): Extension<Known>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let copy_to = copy::of_desk(&desk)?;
    let turn = Shared::turn(&desk.copying)?;
    let snapshot = Snapshot::new(desk.soon(desk.ledger.head()).await?);
    let place = Arc::new(desk.snapshots.place(&owner).await?);
    let (id, standing) = (snapshot.id.clone(), Arc::new(Mutex::new(snapshot)));
    let copying = Copying { standing: Arc::clone(&standing), place: Arc::clone(&place), _turn: turn };
    let task = Attached::start(copying.run(copy_to, Arc::clone(&desk.ledger)));
    locked(&desk.snapshots.all).push(Kept { standing, owner, place, task });
    Ok((StatusCode::ACCEPTED, Json(json!({"id": id}))))
}

/// A snapshot while it is copied. However that ends, it is not copied any more.
struct Copying {
    standing: Standing,
    place: Arc<Place>,
    _turn: OwnedSemaphorePermit,
}

impl Copying {
    async fn run(self, copy_to: CopyTo, ledger: Arc<dyn Ledger>) {
        let standing = Arc::clone(&self.standing);
        let told = Box::new(move |progress| locked(&standing).reached(progress));
        let copied = async {
            let path = copy_to.copy(ledger, self.place.folder(), told).await?;
            let file = tokio::fs::metadata(path).await.map_err(|error| Problem::broken(error.to_string()))?;
            Ok::<_, Problem>(file.len())
        };
        let copied = copied.await;
        let mut snapshot = locked(&self.standing);
        match copied {
            Ok(bytes) => {
                (snapshot.state, snapshot.events, snapshot.bytes) = (Phase::Ready, snapshot.of, Some(bytes));
                snapshot.ready_at = Some(Instant::now());
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
    snapshots: Vec<Told>,
}

/// A snapshot as it is told to who asks.
#[derive(Serialize)]
pub(crate) struct Told {
    #[serde(flatten)]
    snapshot: Snapshot,
    /// Whether who asks may remove it.
    removable: bool,
}

/// Answers the snapshots that are kept, the newest first.
#[utoipa::path(
    get,
    path = "/snapshots",
    tag = "admin",
    operation_id = "snapshots",
    responses((status = 200, description = "The snapshots.", body = admin::Snapshots), problems::Call)
)]
pub(crate) async fn list(State(desk): State<Desk>, Extension(asker): Extension<Known>) -> Json<Listed> {
    let all = locked(&desk.snapshots.all);
    Json(Listed { snapshots: all.iter().rev().map(|kept| kept.told(&asker)).collect() })
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
pub(crate) async fn one(
    State(desk): State<Desk>,
    id: Which,
    Extension(asker): Extension<Known>,
) -> Result<Json<Told>, Problem> {
    desk.snapshots.find(id, &asker).map(|(told, _)| Json(told))
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
pub(crate) async fn file(
    State(desk): State<Desk>,
    id: Which,
    Extension(asker): Extension<Known>,
) -> Result<Response, Problem> {
    let (told, place) = desk.snapshots.find(id, &asker)?;
    let not_ready = |why| Err(Problem::new(StatusCode::CONFLICT, "not_ready", why));
    match told.snapshot.state {
        Phase::Ready => copy::sent(&copy::file_in(place.folder()), place).await,
        Phase::Copying => not_ready("the snapshot is being copied: ask for it until it is `ready`"),
        Phase::Failed => not_ready("the snapshot failed: begin another"),
    }
}

/// Removes a snapshot: one's own, or any with the scope `admin`. One that is being copied is broken off; who downloads it reads on
/// to its end.
#[utoipa::path(
    delete,
    path = "/snapshots/{id}",
    tag = "admin",
    operation_id = "remove_snapshot",
    params(("id" = inline(admin::SnapshotId), Path, description = "The snapshot.")),
    responses((status = 204, description = "It is gone."), problems::Call, problems::Named)
)]
pub(crate) async fn remove(
    State(desk): State<Desk>,
    id: Which,
    Extension(asker): Extension<Known>,
) -> Result<StatusCode, Problem> {
    desk.snapshots.remove(id, &asker)?.end().await;
    Ok(StatusCode::NO_CONTENT)
}
