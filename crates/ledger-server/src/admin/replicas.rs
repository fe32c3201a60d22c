//! Copies of the ledger that are carried on elsewhere, and how far each is. It is asked itself, because who carries it may
//! have stopped.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use futures::future::{BoxFuture, join_all};
use ledger_core::{Error, Ledger, Offset, Query};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::locked;
use crate::Desk;
use crate::metrics;
use crate::openapi::{admin, problems};
use crate::problem::Problem;

/// How long one waits for what the replicas say.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long an opened replica is asked before it is opened anew: its file may be another one by then.
const KEPT: Duration = Duration::from_secs(60);

/// A copy of the ledger that is carried on elsewhere, as `replicate` does, and how it is opened.
#[derive(Clone)]
pub struct Replica {
    name: Arc<str>,
    open: Arc<Opens>,
    /// What is opened. Whoever asks holds it until the answer is there, also when nobody waits for that any more: what hangs
    /// is asked once.
    opened: Arc<tokio::sync::Mutex<Option<Opened>>>,
    /// What the log was last told of it.
    told: Arc<Mutex<Option<&'static str>>>,
}

type Opens = dyn Fn() -> BoxFuture<'static, ledger_core::Result<Arc<dyn Ledger>>> + Send + Sync;

struct Opened {
    ledger: Arc<dyn Ledger>,
    since: Instant,
}

/// Why nothing is known of a replica: what those are told who may read, which is not where it is; and what the log is told.
type Why = (&'static str, String);

impl Replica {
    /// Names a replica that a function opens, once it is asked for and now and then. The name is shown to whoever may read.
    pub fn new<F>(name: impl Into<Arc<str>>, open: F) -> Self
    where
        F: Fn() -> BoxFuture<'static, ledger_core::Result<Arc<dyn Ledger>>> + Send + Sync + 'static,
    {
        Self { name: name.into(), open: Arc::new(open), opened: Arc::default(), told: Arc::default() }
    }

    /// Returns its head.
    async fn ask(&self, own: &Arc<dyn Ledger>, until: Instant) -> Result<Offset, &'static str> {
        let asked = async {
            let mut opened = Arc::clone(&self.opened).lock_owned().await;
            let (open, own) = (Arc::clone(&self.open), Arc::clone(own));
            // In a task of its own, because an opening that is given up begins anew with the next who asks.
            let asking = tokio::spawn(async move { head_of(&mut opened, &*open, &*own).await });
            asking.await.unwrap_or_else(|error| Err((UNREADABLE, error.to_string())))
        };
        let found = timeout_at(until, asked).await.unwrap_or_else(|_| Err((SILENT, SILENT.to_owned())));
        self.tell(found.as_ref().err());
        found.map_err(|(why, _)| why)
    }

    /// Tells the log what is wrong with it, once.
    fn tell(&self, now: Option<&Why>) {
        let before = std::mem::replace(&mut *locked(&self.told), now.map(|(why, _)| *why));
        match now {
            Some((why, _)) if before == Some(why) => {}
            Some((_, cause)) => tracing::warn!(replica = &*self.name, cause, "nothing is known of a replica"),
            None if before.is_some() => tracing::info!(replica = &*self.name, "a replica answers again"),
            None => {}
        }
    }
}

/// Asks a replica for its head; opens it when it is not, or long ago.
async fn head_of(opened: &mut Option<Opened>, open: &Opens, own: &dyn Ledger) -> Result<Offset, Why> {
    let failed = |error: Error| (public(&error), error.to_string());
    let known = match opened.take().filter(|opened| opened.since.elapsed() < KEPT) {
        Some(known) => known,
        None => {
            let ledger = open().await.map_err(failed)?;
            if let Some(why) = is_other(&*ledger, own).await.map_err(failed)? {
                return Err((why, why.to_owned()));
            }
            Opened { ledger, since: Instant::now() }
        }
    };
    let head = known.ledger.head().await.map_err(failed)?;
    // What failed, or is none, is opened anew.
    *opened = Some(known);
    Ok(head)
}

/// Returns why a ledger cannot be a replica of another: because it is that one, or holds other events.
async fn is_other(ledger: &dyn Ledger, own: &dyn Ledger) -> ledger_core::Result<Option<&'static str>> {
    if ledger.identity().await? == own.identity().await? {
        return Ok(Some("it is this ledger itself, or a standby of its engine, and no replica"));
    }
    let Some(last) = ledger.read(&Query::all().descending().limit(1)?).await?.events.pop() else { return Ok(None) };
    let here = own.read(&Query::after(last.offset.before()).up_to(last.offset)).await?.events.pop();
    // What is not here may have been removed.
    let differs = here.is_some_and(|here| here.draft.id != last.draft.id);
    Ok(differs.then_some("it holds other events than this ledger, and is no replica of it"))
}

/// What is said of a replica that says nothing, …
const SILENT: &str = "it does not answer";
/// … and of one that cannot be read.
const UNREADABLE: &str = "it cannot be read; the log of the server says why";

/// Says what is wrong with a replica without saying where it is.
fn public(error: &Error) -> &'static str {
    match error {
        Error::Unavailable { .. } => SILENT,
        Error::Denied { .. } => "it does not let this server in",
        _ => UNREADABLE,
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
    problem: Option<Cow<'static, str>>,
    /// Whether it answers, and may be a replica; nothing when this ledger itself does not answer.
    #[serde(skip)]
    pub(crate) is_up: Option<bool>,
}

impl Standing {
    fn unknown(name: &Arc<str>, problem: impl Into<Cow<'static, str>>, is_up: Option<bool>) -> Self {
        let problem = Some(problem.into());
        Self { name: Arc::clone(name), position: None, behind: None, lag_seconds: None, problem, is_up }
    }

    /// A replica that is known to be behind.
    #[cfg(test)]
    pub(crate) fn of(name: &str, behind: u64, lag_seconds: f64) -> Self {
        let (behind, lag_seconds) = (Some(behind), Some(lag_seconds));
        Self { name: name.into(), position: None, behind, lag_seconds, problem: None, is_up: Some(true) }
    }
}

/// Looks how far all replicas are, for as long as there is time. None waits for another.
pub(crate) async fn standings(desk: &Desk, until: Instant) -> Vec<Standing> {
    join_all(desk.options.replicas.iter().map(|replica| standing(desk, replica, until))).await
}

async fn standing(desk: &Desk, replica: &Replica, until: Instant) -> Standing {
    let name = &replica.name;
    let at = match replica.ask(&desk.ledger, until).await {
        Ok(at) => at,
        Err(why) => return Standing::unknown(name, why, Some(false)),
    };
    // After it was asked: a ledger that is written meanwhile would be behind its own replica.
    let Ok(Ok(head)) = timeout_at(until, desk.ledger.head()).await else {
        return Standing::unknown(name, "this ledger does not answer", None);
    };
    if at > head {
        let why = format!("its head {at} is past {head} here: it is no replica of this ledger");
        return Standing::unknown(name, why, Some(false));
    }
    let behind = head.get() - at.get();
    let lag_seconds = if behind == 0 { Some(0.0) } else { metrics::waiting(desk, at, until).await };
    let problem = lag_seconds.is_none().then_some("since when was not found in time".into());
    Standing {
        name: Arc::clone(name),
        position: Some(at),
        behind: Some(behind),
        lag_seconds,
        problem,
        is_up: Some(true),
    }
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use ledger_core::Draft;

    use super::*;
    use crate::{Options, Server};

    async fn ledger(ids: &[&str]) -> Arc<dyn Ledger> {
        let ledger = backends::open("memory:").await.unwrap();
        for id in ids {
            ledger
                .append(&[Draft::new("a.b", &1).unwrap().id(*id).unwrap()], &ledger_core::Condition::None)
                .await
                .unwrap();
        }
        ledger
    }

    fn kept(name: &'static str, ledger: &Arc<dyn Ledger>) -> Replica {
        let ledger = Arc::clone(ledger);
        Replica::new(name, move || Box::pin(std::future::ready(Ok(Arc::clone(&ledger)))))
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_silent_is_asked_once_and_keeps_nobody_from_being_asked() {
        let own = ledger(&["1", "2", "3"]).await;
        let opened = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&opened);
        let silent = Replica::new("silent", move || {
            counted.fetch_add(1, Ordering::Relaxed);
            Box::pin(std::future::pending())
        });
        let refused = Replica::new("refused", || {
            let source = None;
            Box::pin(std::future::ready(Err(Error::Backend { backend: "x", why: "at /secret".to_owned(), source })))
        });
        let copy = ledger(&["1", "2"]).await;
        let others = [kept("copy", &copy), kept("itself", &own), kept("other", &ledger(&["1", "x"]).await)];
        let replicas = [silent, refused].into_iter().chain(others).collect();
        let server = Server::new(own, Options { replicas, ..Options::default() });
        let look = async || standings(&server.desk, Instant::now() + PATIENCE).await;
        for _ in 0..3 {
            let found = look().await;
            let brief: Vec<_> = found.iter().map(|one| (one.behind, one.is_up, one.problem.as_deref())).collect();
            let none = |why| (None, Some(false), Some(why));
            let expected = [
                none(SILENT),
                none(UNREADABLE),
                (Some(1), Some(true), None),
                none("it is this ledger itself, or a standby of its engine, and no replica"),
                none("it holds other events than this ledger, and is no replica of it"),
            ];
            assert_eq!(brief, expected);
        }
        assert_eq!(opened.load(Ordering::Relaxed), 1);
        copy.append(&[Draft::new("a.b", &1).unwrap()], &ledger_core::Condition::None).await.unwrap();
        copy.append(&[Draft::new("a.b", &1).unwrap()], &ledger_core::Condition::None).await.unwrap();
        let ahead = look().await.swap_remove(2);
        assert_eq!(ahead.problem.as_deref(), Some("its head 4 is past 3 here: it is no replica of this ledger"));
    }
}
