//! The history of the tables that a ledger is kept in, as far as the server was given a way to ask.

use std::fmt;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use futures::future::BoxFuture;
use ledger_core::Timestamp;
use serde::Serialize;
use tokio::sync::Semaphore;

use crate::Desk;
use crate::openapi::{admin, answers, problems};
use crate::problem::Problem;

/// One step in the history of tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Migration {
    /// Its number, from 1 without gaps.
    pub version: u32,
    /// What it does, in a word or two.
    pub name: String,
    /// The statements that it runs.
    pub statements: Vec<String>,
    /// When it was applied, if it was.
    pub applied_at: Option<Timestamp>,
    /// How many rows it copies, about, when it is still to be applied and rebuilds a table.
    pub rows: Option<u64>,
    /// How many bytes they take.
    pub bytes: Option<u64>,
}

/// Lists the steps in the history of the tables, and which of them were applied.
#[derive(Clone)]
pub struct Migrations {
    list: Arc<Lists>,
    /// One asks at a time: each may open a connection of its own.
    turns: Arc<Semaphore>,
}

type Lists = dyn Fn() -> BoxFuture<'static, ledger_core::Result<Vec<Migration>>> + Send + Sync;

impl Migrations {
    /// Lists by a function.
    pub fn new<F>(list: F) -> Self
    where
        F: Fn() -> BoxFuture<'static, ledger_core::Result<Vec<Migration>>> + Send + Sync + 'static,
    {
        Self { list: Arc::new(list), turns: Arc::new(Semaphore::new(1)) }
    }

    async fn list(&self) -> ledger_core::Result<Vec<Migration>> {
        let _turn = self.turns.acquire().await.expect("it is never closed");
        (self.list)().await
    }
}

impl fmt::Debug for Migrations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Migrations")
    }
}

/// The steps.
#[derive(Serialize)]
pub(crate) struct Listed {
    migrations: Vec<Migration>,
}

/// Answers the steps in the history of the tables, and which of them were applied.
#[utoipa::path(
    get,
    path = "/migrations",
    tag = "admin",
    operation_id = "migrations",
    description = "A ledger without tables of its own has none.",
    responses(
        (status = 200, description = "The steps, in their order.", body = admin::Migrations),
        (
            status = 501,
            description = "This server cannot ask for them (`no_migrations`).",
            body = answers::Problem,
            content_type = problems::PROBLEM
        ),
        problems::Call,
    )
)]
pub(crate) async fn list(State(desk): State<Desk>) -> Result<Json<Listed>, Problem> {
    let Some(migrations) = &desk.options.migrations else {
        let why = "this server cannot ask for the history of the tables";
        return Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "no_migrations", why));
    };
    Ok(Json(Listed { migrations: desk.soon(migrations.list()).await? }))
}
