//! Whether the server is there, and its engine: what is asked without a token, and tells nothing else.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::Desk;
use crate::openapi::{answers, problems};
use crate::problem::Problem;

/// Says that the process is there.
#[utoipa::path(
    get,
    path = "/health",
    tag = "server",
    operation_id = "health",
    security(()),
    responses((status = 200, description = "It is.", body = answers::Health), problems::Host)
)]
pub(crate) async fn health() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// Says whether the engine answers, and nothing else: it is asked without a token.
#[utoipa::path(
    get,
    path = "/ready",
    tag = "server",
    operation_id = "ready",
    security(()),
    responses((status = 200, description = "It does.", body = answers::Health), problems::Host, problems::Engine)
)]
pub(crate) async fn ready(State(desk): State<Desk>) -> Result<Json<Value>, Problem> {
    desk.soon(desk.ledger.head()).await.map_err(Problem::into_unavailable)?;
    Ok(Json(json!({"status": "ready"})))
}
