//! Retention: which operations are old, and their removal.

use std::time::Duration;

use axum::Json;
use axum::extract::{RawQuery, State};
use ledger_core::retention::{self, Policy, Sweep};

use crate::Desk;
use crate::parameters::{Fields, span};
use crate::problem::Problem;
use crate::raw::in_a_task;

/// Answers what a sweep would remove now.
pub(crate) async fn plan(State(desk): State<Desk>, RawQuery(text): RawQuery) -> Result<Json<Sweep>, Problem> {
    let policy = policy(text.as_deref())?;
    Ok(Json(desk.soon(retention::plan(&*desk.ledger, &policy)).await?))
}

/// Removes what the policy says, and answers what went. It goes on when the caller goes away.
pub(crate) async fn apply(State(desk): State<Desk>, RawQuery(text): RawQuery) -> Result<Json<Sweep>, Problem> {
    let policy = policy(text.as_deref())?;
    // Two at once would record the same removal twice.
    let turn = Desk::turn(&desk.sweeping)?;
    let sweep = async move {
        let _turn = turn;
        retention::apply(&*desk.ledger, &policy, |_| ()).await
    };
    Ok(Json(in_a_task(sweep).await?))
}

fn policy(text: Option<&str>) -> Result<Policy, Problem> {
    let mut asked = Fields::read(text)?;
    let default = Policy::default();
    let policy = Policy {
        success: age(&mut asked, "success", default.success)?,
        failed: age(&mut asked, "failed", default.failed)?,
        unfinished: age(&mut asked, "unfinished", default.unfinished)?,
        most: asked.one("most")?,
        most_bytes: asked.one("most_bytes")?,
    };
    asked.end()?;
    Ok(policy)
}

/// Reads an age, or `never`.
fn age(asked: &mut Fields, name: &str, default: Option<Duration>) -> Result<Option<Duration>, Problem> {
    match asked.one::<String>(name)?.as_deref() {
        None => Ok(default),
        Some("never") => Ok(None),
        Some(text) => span(name, text).map(Some),
    }
}
