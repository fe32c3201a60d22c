//! Copies of the ledger that are carried on elsewhere, and how far each is. It is asked itself, because who carries it may
//! have stopped.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use futures::future::{BoxFuture, join_all};
use ledger_core::{Error, Ledger, Offset};
use serde::Serialize;
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout_at};

use super::locked;
use crate::Desk;
use crate::metrics;
use crate::openapi::{admin, problems};
use crate::problem::Problem;

/// How long one waits for what the replicas say.
const PATIENCE: Duration = Duration::from_secs(5);

/// A copy of the ledger that is carried on elsewhere, as `replicate` does, and how it is opened.
#[derive(Clone)]
pub struct Replica {
    name: Arc<str>,
    open: Arc<Opens>,
    /// It may be away when the server begins.
    opened: Arc<OnceCell<Arc<dyn Ledger>>>,
    /// What the log was last told of it.
    told: Arc<Mutex<Option<String>>>,
}

type Opens = dyn Fn() -> BoxFuture<'static, ledger_core::Result<Arc<dyn Ledger>>> + Send + Sync;

impl Replica {
    /// Names a replica that a function opens, once it is asked for. The name is shown to whoever may read.
    pub fn new<F>(name: impl Into<Arc<str>>, open: F) -> Self
    where
        F: Fn() -> BoxFuture<'static, ledger_core::Result<Arc<dyn Ledger>>> + Send + Sync + 'static,
    {
        Self { name: name.into(), open: Arc::new(open), opened: Arc::default(), told: Arc::default() }
    }

    /// Returns which ledger it is, and its head; or what those are told who may read, which is not where it is.
    async fn ask(&self, until: Instant) -> Result<(String, Offset), String> {
        let asked = timeout_at(until, async {
            let ledger = self.opened.get_or_try_init(|| (self.open)()).await?;
            Ok((ledger.identity().await?, ledger.head().await?))
        });
        let (answer, cause) = match asked.await {
            Ok(Ok(found)) => (Ok(found), None),
            Ok(Err(error)) => (Err(public(&error)), Some(error.to_string())),
            Err(_) => (Err(SILENT), Some(SILENT.to_owned())),
        };
        self.tell(cause);
        answer.map_err(str::to_owned)
    }

    /// Tells the log what is wrong with it, once.
    fn tell(&self, cause: Option<String>) {
        let mut told = locked(&self.told);
        if *told == cause {
            return;
        }
        match &cause {
            Some(error) => tracing::warn!(replica = &*self.name, error, "a replica cannot be asked"),
            None => tracing::info!(replica = &*self.name, "a replica answers again"),
        }
        *told = cause;
    }
}

/// What is said of a replica that says nothing.
const SILENT: &str = "it does not answer";

/// Says what is wrong with a replica without saying where it is.
fn public(error: &Error) -> &'static str {
    match error {
        Error::Unavailable { .. } => SILENT,
        Error::Denied { .. } => "it does not let this server in",
        _ => "it cannot be read; the log of the server says why",
    }
}

impl fmt::Debug for Replica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replica").field("name", &self.name).finish_non_exhaustive()
    }
}

/// How far a replica is.
#[derive(Debug, Serialize)]
pub(crate) struct Standing {
    pub(crate) name: Arc<str>,
    /// Its head.
    position: Option<Offset>,
    /// How many offsets it does not have yet.
    pub(crate) behind: Option<u64>,
    /// How many seconds ago the first event was recorded that it does not have.
    pub(crate) lag_seconds: Option<f64>,
    /// Why that is not known.
    problem: Option<String>,
}

#[cfg(test)]
impl Standing {
    /// A replica that is known to be behind.
    pub(crate) fn of(name: &str, behind: u64, lag_seconds: f64) -> Self {
        let (behind, lag_seconds) = (Some(behind), Some(lag_seconds));
        Self { name: name.into(), position: None, behind, lag_seconds, problem: None }
    }
}

/// Looks how far all replicas are, for as long as there is time.
pub(crate) async fn standings(desk: &Desk, until: Instant) -> Vec<Standing> {
    let replicas = &desk.options.replicas;
    if replicas.is_empty() {
        return Vec::new();
    }
    let asked = join_all(replicas.iter().map(|replica| replica.ask(until))).await;
    // After they were asked: a ledger that is written meanwhile would be behind its own replica.
    let own = async { Ok::<_, Error>((desk.ledger.identity().await?, desk.ledger.head().await?)) };
    let own = timeout_at(until, own).await.ok().and_then(Result::ok);
    let standings = replicas.iter().zip(asked).map(async |(replica, asked)| {
        let of_own = || own.clone().ok_or_else(|| "this ledger does not answer".to_owned());
        let found = asked.and_then(|found| of_own().map(|own| (found, own)));
        let known = found.and_then(|((identity, at), (own, head))| match () {
            () if identity == own => Err("it is this ledger itself, and no replica of it".to_owned()),
            () if at > head => Err(format!("its head {at} is past {head} here: it is no replica of this ledger")),
            () => Ok((at, head.get() - at.get())),
        });
        let name = Arc::clone(&replica.name);
        match known {
            Ok((at, behind)) => {
                let lag_seconds = if behind == 0 { Some(0.0) } else { metrics::waiting(desk, at, until).await };
                Standing { name, position: Some(at), behind: Some(behind), lag_seconds, problem: None }
            }
            Err(why) => Standing { name, position: None, behind: None, lag_seconds: None, problem: Some(why) },
        }
    });
    join_all(standings).await
}

/// The replicas.
#[derive(Serialize)]
pub(crate) struct Listed {
    replicas: Vec<Standing>,
}

/// Answers how far the replicas are that the server was told of.
#[utoipa::path(
    get,
    path = "/replicas",
    tag = "admin",
    operation_id = "replicas",
    description = "Each is asked itself, five seconds at most.",
    responses((status = 200, description = "The replicas.", body = admin::Replicas), problems::Call)
)]
pub(crate) async fn list(State(desk): State<Desk>) -> Result<Json<Listed>, Problem> {
    Ok(Json(Listed { replicas: standings(&desk, Instant::now() + PATIENCE).await }))
}
