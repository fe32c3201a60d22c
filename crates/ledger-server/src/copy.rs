//! The ledger as a file: copied beside, handed out, and gone when it was read.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream;
use ledger_core::Ledger;
use tokio::io::AsyncReadExt;

use crate::openapi::{answers, problems};
use crate::problem::Problem;
use crate::{Desk, Shared};

/// How many bytes of the file are read at once.
const CHUNK: usize = 256 << 10;

/// Copies a ledger into a new file at a path.
#[derive(Clone)]
pub struct CopyTo(Arc<Copies>);

type Copies = dyn Fn(Arc<dyn Ledger>, PathBuf) -> BoxFuture<'static, ledger_core::Result<()>> + Send + Sync;

impl CopyTo {
    /// Copies by a function.
    pub fn new<F>(copy: F) -> Self
    where
        F: Fn(Arc<dyn Ledger>, PathBuf) -> BoxFuture<'static, ledger_core::Result<()>> + Send + Sync + 'static,
    {
        Self(Arc::new(copy))
    }
}

impl fmt::Debug for CopyTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CopyTo")
    }
}

/// Answers a copy of the ledger, as it is now, as a SQLite file. One is made at a time, and none that nobody waits for.
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
    let Some(copy_to) = desk.options.copy_to.clone() else {
        return Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "no_snapshots", "this server makes no copies"));
    };
    let headers =
        [(CONTENT_TYPE, "application/vnd.sqlite3"), (CONTENT_DISPOSITION, "attachment; filename=\"ledger.db\"")];
    if method == Method::HEAD {
        return Ok(headers.into_response());
    }
    let turn = Shared::turn(&desk.copying)?;
    let folder = tempfile::tempdir().map_err(|error| Problem::broken(error.to_string()))?;
    let path = folder.path().join("ledger.db");
    (copy_to.0)(Arc::clone(&desk.ledger), path.clone()).await?;
    let opened = async {
        let file = tokio::fs::File::open(&path).await?;
        let length = file.metadata().await?.len();
        Ok::<_, std::io::Error>((file, length))
    };
    let (file, length) = opened.await.map_err(|error| Problem::broken(error.to_string()))?;
    let chunks = stream::try_unfold((file, folder, turn), async |(mut file, folder, turn)| {
        let mut chunk = Vec::with_capacity(CHUNK);
        let read = (&mut file).take(CHUNK as u64).read_to_end(&mut chunk).await?;
        Ok::<_, std::io::Error>((read > 0).then(|| (Bytes::from(chunk), (file, folder, turn))))
    });
    Ok((headers, [(CONTENT_LENGTH, length.to_string())], Body::from_stream(chunks)).into_response())
}
