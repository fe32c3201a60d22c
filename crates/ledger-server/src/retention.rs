//! Retention: which operations are old, and their removal.

use std::time::Duration;

use axum::Json;
use axum::extract::{RawQuery, State};
use ledger_core::retention::{self, Policy, Sweep};

use crate::openapi::{answers, parameters, problems};
use crate::parameters::{Fields, span};
use crate::problem::Problem;
use crate::raw::in_a_task;
use crate::{Desk, Shared};

/// Answers what a sweep would remove now.
#[utoipa::path(
    get,
    path = "/retention/plan",
    tag = "retention",
    operation_id = "retention_plan",
    params(parameters::Policy),
    responses(
        (status = 200, description = "What would go.", body = answers::Sweep),
        problems::Call,
        problems::Parameters,
    )
)]
pub(crate) async fn plan(State(desk): State<Desk>, RawQuery(text): RawQuery) -> Result<Json<Sweep>, Problem> {
    let policy = policy(text.as_deref())?;
    Ok(Json(desk.soon(retention::plan(&*desk.ledger, &policy)).await?))
}

/// Removes what the policy says, and answers what went. It goes on when the caller goes away.
#[utoipa::path(
    post,
    path = "/retention/apply",
    tag = "retention",
    operation_id = "retention_apply",
    description = "It takes the scope `admin`. What it removes is recorded first, and gone for good then.",
    params(parameters::Policy),
    responses(
        (status = 200, description = "What went.", body = answers::Sweep),
        problems::Call,
        problems::Parameters,
    )
)]
pub(crate) async fn apply(State(desk): State<Desk>, RawQuery(text): RawQuery) -> Result<Json<Sweep>, Problem> {
    let policy = policy(text.as_deref())?;
    // Two at once would record the same removal twice.
    let turn = Shared::turn(&desk.sweeping)?;
    let sweep = async move {
        let (_turn, mut so_far) = (turn, None);
        let swept = retention::apply(&*desk.ledger, &policy, |sweep| so_far = Some(sweep.clone())).await;
        desk.metrics.retention.swept(&swept, so_far.as_ref());
        swept
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
