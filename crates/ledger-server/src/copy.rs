//! The ledger as a file: copied beside, handed out, and gone when it was read.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream;
use ledger_core::{Ledger, Progress};
use tokio::io::AsyncReadExt;

use crate::openapi::{answers, problems};
use crate::problem::Problem;
use crate::{Desk, Shared};

/// How many bytes of the file are read at once.
const CHUNK: usize = 256 << 10;

/// How a copy is called in its folder, and by those who download it.
const NAME: &str = "ledger.db";

/// Copies a ledger into a new file at a path, and tells how far it is.
#[derive(Clone)]
pub struct CopyTo(Arc<Copies>);

/// What a copy tells its progress to.
pub type Told = Box<dyn FnMut(Progress) + Send>;

type Copies = dyn Fn(Arc<dyn Ledger>, PathBuf, Told) -> BoxFuture<'static, ledger_core::Result<()>> + Send + Sync;

impl CopyTo {
    /// Copies by a function.
    pub fn new<F>(copy: F) -> Self
    where
        F: Fn(Arc<dyn Ledger>, PathBuf, Told) -> BoxFuture<'static, ledger_core::Result<()>> + Send + Sync + 'static,
    {
        Self(Arc::new(copy))
    }

    /// Copies into a folder, and returns where the copy is. Fails as the function does.
    pub(crate) async fn copy(
        &self,
        ledger: Arc<dyn Ledger>,
        folder: &Path,
        told: Told,
    ) -> ledger_core::Result<PathBuf> {
        let path = file_in(folder);
        (self.0)(ledger, path.clone(), told).await.map(|()| path)
    }
}

impl fmt::Debug for CopyTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CopyTo")
    }
}

/// Answers a copy of the ledger, as it is now, as a SQLite file. One is made at a time, and two are read.
#[utoipa::path(
    get,
    path = "/snapshot",
    tag = "ledger",
    operation_id = "snapshot",
    responses(
        (status = 200, description = "A SQLite file, `ledger.db`.", content_type = "application/vnd.sqlite3"),
        (
            status = 501,
            description = "This server makes no copies.",
            body = answers::Problem,
            content_type = problems::PROBLEM
        ),
        problems::Call,
    )
)]
pub(crate) async fn download(State(desk): State<Desk>, method: Method) -> Result<Response, Problem> {
    let copy_to = of_desk(&desk)?;
    if method == Method::HEAD {
        return Ok(HEADERS.into_response());
    }
    let turn = Shared::turn(&desk.copying)?;
    let place = desk.snapshots.passing()?;
    let path = copy_to.copy(Arc::clone(&desk.ledger), place.folder(), Box::new(|_| ())).await?;
    // Who reads it slowly keeps nobody from copying.
    drop(turn);
    sent(&path, place).await
}

/// Returns where the copy in a folder is.
pub(crate) fn file_in(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

/// What is said of a copy before it is sent.
const HEADERS: [(HeaderName, &str); 2] =
    [(CONTENT_TYPE, "application/vnd.sqlite3"), (CONTENT_DISPOSITION, "attachment; filename=\"ledger.db\"")];

/// Returns what copies the ledger of a server. Fails when nothing does.
pub(crate) fn of_desk(desk: &Shared) -> Result<CopyTo, Problem> {
    let none = || Problem::new(StatusCode::NOT_IMPLEMENTED, "no_snapshots", "this server makes no copies");
    desk.options.copy_to.clone().ok_or_else(none)
}

/// Answers with a copy, and holds what it is given until that was read or its reader went away.
pub(crate) async fn sent<H: Send + 'static>(path: &Path, held: H) -> Result<Response, Problem> {
    let opened = async {
        let file = tokio::fs::File::open(path).await?;
        let length = file.metadata().await?.len();
        Ok::<_, std::io::Error>((file, length))
    };
    let (file, length) = opened.await.map_err(|error| Problem::broken(error.to_string()))?;
    let chunks = stream::try_unfold((file, held), async |(mut file, held)| {
        let mut chunk = Vec::with_capacity(CHUNK);
        let read = (&mut file).take(CHUNK as u64).read_to_end(&mut chunk).await?;
        Ok::<_, std::io::Error>((read > 0).then(|| (Bytes::from(chunk), (file, held))))
    });
    Ok((HEADERS, [(CONTENT_LENGTH, length.to_string())], Body::from_stream(chunks)).into_response())
}
