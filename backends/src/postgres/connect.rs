//! Reaches a server: options, what stands between, what is there, and what an error means for the caller.

use std::sync::Arc;
use std::time::Duration;

use ledger_core::{Error, Result, Timestamp};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};

use super::migrate;
use super::schema::STEPS;
use crate::sql::migrate::{Found, Next, decide};
use crate::sql::size::EventSize;
use crate::url::{LedgerUrl, Mode, Pooler, PostgresPlace};

/// A schema of a database, and how it is reached.
#[derive(Clone)]
pub(super) struct Site {
    pub options: PgConnectOptions,
    pub place: PostgresPlace,
    pub mode: Mode,
    pub timeout: Duration,
    /// Whether each transaction may meet another session: no prepared statement, no LISTEN then.
    pub pooled: bool,
    /// Whether the server only repeats another's: it refuses LISTEN then.
    pub standby: bool,
    /// How large events are, for pages that are bounded in bytes.
    pub event_size: EventSize,
}

/// The driver's options hold the password, so they are never printed.
impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("place", &self.place).field("pooled", &self.pooled).finish_non_exhaustive()
    }
}

/// What one connection learned when the ledger was opened.
#[derive(Debug)]
struct Facts {
    version: i64,
    encoding: String,
    standby: bool,
}

impl Site {
    pub(super) fn new(url: &LedgerUrl, place: &PostgresPlace, mode: Mode) -> Result<Self> {
        let options: PgConnectOptions = PgConnectOptions::from_url(&place.url)
            .map_err(|error| Error::invalid("url", format!("an option of {place} is wrong: {error}")))?;
        // Poolers refuse start-up parameters they do not know, and the ledger keeps no floats.
        let mut options = options.extra_float_digits(None).disable_statement_logging();
        if options.get_application_name().is_none() {
            options = options.application_name("ledger");
        }
        let pooled = place.pooler == Pooler::Transaction;
        Ok(Self {
            options,
            place: place.clone(),
            mode,
            timeout: url.timeout,
            pooled,
            standby: false,
            event_size: EventSize::default(),
        })
    }

    /// Opens one connection, without the retries of a pool: who opens a ledger wants to know at once.
    pub(super) async fn connect(&self) -> Result<PgConnection> {
        match tokio::time::timeout(self.timeout, PgConnection::connect_with(&self.options)).await {
            Ok(connected) => connected.map_err(|error| self.error(error, "connect to")),
            Err(_) => Err(Error::Unavailable {
                backend: "postgres",
                why: format!("no answer from {} in {} ms", self.place, self.timeout.as_millis()),
                source: None,
            }),
        }
    }

    /// Opens a session that writes: one that waits for no lock for ever, nor holds one after its client fell silent.
    pub(super) async fn connect_to_write(&self) -> Result<PgConnection> {
        let mut connection = self.connect().await?;
        self.let_write(&mut connection).await?;
        Ok(connection)
    }

    /// Makes a session one that writes; through a pooler each transaction does so itself.
    pub(super) async fn let_write(&self, connection: &mut PgConnection) -> Result<()> {
        if self.pooled {
            return Ok(());
        }
        let set = format!("SET default_transaction_isolation = 'read committed'; {}", self.bounds("SET"));
        let ran = sqlx::raw_sql(AssertSqlSafe(set)).execute(connection).await;
        ran.map(drop).map_err(|error| self.error(error, "connect to"))
    }

    /// Returns what begins a transaction in which each statement sees all that was committed before it.
    pub(super) fn begin(&self) -> String {
        format!("BEGIN ISOLATION LEVEL READ COMMITTED; {}", self.bounds("SET LOCAL"))
    }

    fn bounds(&self, set: &str) -> String {
        let limit = self.timeout.as_millis();
        format!("{set} lock_timeout = {limit}; {set} idle_in_transaction_session_timeout = {limit}")
    }

    /// Opens a connection that reads; through a pooler each transaction does so itself, which would hand what is set to
    /// somebody else.
    pub(super) async fn reader(&self) -> Result<PgConnection> {
        let mut connection = self.connect().await?;
        if !self.pooled {
            let set = sqlx::raw_sql(AssertSqlSafe(reading("SET"))).execute(&mut connection).await;
            set.map_err(|error| self.error(error, "read"))?;
        }
        Ok(connection)
    }

    /// Returns what begins a transaction that reads.
    pub(super) fn begin_to_read() -> String {
        format!("BEGIN; {}", reading("SET LOCAL"))
    }

    pub(super) fn pool(&self, most: u32) -> PgPool {
        PgPoolOptions::new().max_connections(most).acquire_timeout(self.timeout).connect_lazy_with(self.options.clone())
    }

    /// Returns a table of the ledger, quoted; the schema's name was checked when the URL was read.
    pub(super) fn table(&self, name: &str) -> String {
        format!("\"{}\".{name}", self.place.schema)
    }

    /// Returns the channel on which appends of this ledger are announced.
    pub(super) fn channel(&self) -> String {
        format!("ledger:{}", self.place.schema)
    }

    /// Finds the ledger, creates or migrates it as the mode allows, and returns the connection that did so.
    pub(super) async fn prepare(&mut self) -> Result<PgConnection> {
        let mut connection = self.reach().await?;
        let found = self.find(&mut connection).await?;
        if decide(&found, STEPS, self.mode, &self.place.to_string())? == Next::Migrate {
            migrate::apply(self, &mut connection, STEPS, &mut |_| ()).await?;
            // A newer program may have been there first.
            decide(&self.find(&mut connection).await?, STEPS, self.mode, &self.place.to_string())?;
        }
        Ok(connection)
    }

    /// Connects, and finds out what stands between and what server it is.
    pub(super) async fn reach(&mut self) -> Result<PgConnection> {
        let mut connection = self.connect().await?;
        if self.place.pooler == Pooler::Detect {
            self.pooled = self.detect(&mut connection).await?;
        }
        self.standby = self.check_server(&mut connection).await?;
        Ok(connection)
    }

    /// Finds out whether two clients are given one session in turn: then it does not belong to either.
    ///
    /// A pooler gives the session that was used last to whoever asks next, so one round shows it; three forgive a
    /// busy pool. Prepared statements must not be used then, because another client's may answer to the same name.
    async fn detect(&self, first: &mut PgConnection) -> Result<bool> {
        const ROUNDS: usize = 3;
        let mut second = self.connect().await?;
        let mut pooled = false;
        for _ in 0..ROUNDS {
            let pids = (self.session(first).await?, self.session(&mut second).await?, self.session(first).await?);
            pooled |= pids.0 == pids.1 || pids.0 != pids.2;
        }
        // Whatever goes wrong on the way out concerns nobody: the answer is known.
        drop(second.close().await);
        Ok(pooled)
    }

    async fn session(&self, connection: &mut PgConnection) -> Result<String> {
        self.text(connection, "SELECT pg_backend_pid()::text").await
    }

    /// Refuses a server that cannot keep the promises, and says whether it is a standby.
    async fn check_server(&self, connection: &mut PgConnection) -> Result<bool> {
        const OLDEST: i64 = 140_000;
        let sql = "SELECT current_setting('server_version_num'), current_setting('server_encoding'), \
                   pg_is_in_recovery()::text";
        let row = self.row(connection, sql).await?;
        let get = |column: usize| row.try_get::<String, _>(column).map_err(|error| self.error(error, "ask"));
        let facts =
            Facts { version: get(0)?.parse().unwrap_or_default(), encoding: get(1)?, standby: get(2)? == "true" };
        let refuse = |why: String| Err(Error::Backend { backend: "postgres", why, source: None });
        if facts.version < OLDEST {
            return refuse(format!(
                "{} runs version {}: 14 is the oldest that works",
                self.place,
                facts.version / 10_000
            ));
        }
        if facts.encoding != "UTF8" {
            return refuse(format!(
                "{} has the encoding {}: create the database with UTF8",
                self.place, facts.encoding
            ));
        }
        if facts.standby && self.mode != Mode::ReadOnly {
            return refuse(format!("{} is a standby: open it with mode=ro, or write to its primary", self.place));
        }
        Ok(facts.standby)
    }

    /// Says what the schema holds.
    pub(super) async fn find(&self, connection: &mut PgConnection) -> Result<Found> {
        let schema = &self.place.schema;
        let sql = format!(
            "SELECT coalesce(min(c.relname) FILTER (WHERE c.relname <> 'ledger_schema_version'), '') AS ours, \
               (count(*) FILTER (WHERE c.relname = 'ledger_schema_version'))::text AS versions \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = '{schema}' AND c.relname IN ('events', 'ledger_floor', 'ledger_schema_version')"
        );
        let row = self.row(connection, &sql).await?;
        let get = |column: usize| row.try_get::<String, _>(column).map_err(|error| self.error(error, "ask"));
        let (ours, versions) = (get(0)?, get(1)?);
        if versions == "0" {
            return Ok(if ours.is_empty() { Found::Nothing } else { Found::Foreign(ours) });
        }
        let sql = format!(
            "SELECT version::text, applied_at::text FROM {} ORDER BY version",
            self.table("ledger_schema_version")
        );
        let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await;
        let rows = rows.map_err(|error| self.error(error, "read"))?;
        let number = |row: &PgRow, column: usize| row.try_get::<String, _>(column).ok()?.parse::<i64>().ok();
        let applied = rows.iter().filter_map(|row| {
            let at = Timestamp::from_micros(number(row, 1)?).unwrap_or(Timestamp::EPOCH);
            Some((u32::try_from(number(row, 0)?).ok()?, at))
        });
        Ok(Found::Ledger(applied.collect()))
    }

    /// Returns what comes before the statements of a step.
    pub(super) fn preamble(&self) -> Vec<String> {
        let schema = &self.place.schema;
        let create = format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\"");
        // The schema of every database needs no right to create another.
        let create = (schema != "public").then_some(create);
        create.into_iter().chain([format!("SET LOCAL search_path TO \"{schema}\"")]).collect()
    }

    /// Returns a text that all handles to this ledger share: the cluster, the database and the table.
    pub(super) async fn identity(&self, connection: &mut PgConnection) -> Result<String> {
        let events = format!("'{}'::regclass::oid::text", self.table("events"));
        let rest = format!("(SELECT oid::text FROM pg_database WHERE datname = current_database()) || ':' || {events}");
        let by_cluster =
            format!("SELECT 'postgres:' || system_identifier::text || ':' || {rest} FROM pg_control_system()");
        match self.text(connection, &by_cluster).await {
            Ok(identity) => Ok(identity),
            Err(error) if error.is_unavailable() => Err(error),
            // Some hosts forbid to ask for the cluster's number; the microsecond in which the ledger was made tells it too.
            Err(_) => {
                let made = format!("(SELECT min(applied_at)::text FROM {})", self.table("ledger_schema_version"));
                self.text(connection, &format!("SELECT 'postgres:' || {made} || ':' || {rest}")).await
            }
        }
    }

    pub(super) async fn run(&self, connection: &mut PgConnection, sql: &str) -> Result<()> {
        let ran = sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await;
        ran.map(drop).map_err(|error| self.error(error, "migrate"))
    }

    async fn row(&self, connection: &mut PgConnection, sql: &str) -> Result<PgRow> {
        let row = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_one(connection).await;
        row.map_err(|error| self.error(error, "ask"))
    }

    async fn text(&self, connection: &mut PgConnection, sql: &str) -> Result<String> {
        let row = self.row(connection, sql).await?;
        row.try_get(0).map_err(|error| self.error(error, "ask"))
    }

    /// Names the remedy for an error of the driver.
    pub(super) fn error(&self, error: sqlx::Error, action: &str) -> Error {
        let place = &self.place;
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .map(std::borrow::Cow::into_owned)
            .unwrap_or_default();
        let lost = is_lost(&error);
        let garbled = matches!(error, sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. });
        let source = Some(Arc::new(error) as ledger_core::Cause);
        let unavailable = |why: String| Error::Unavailable { backend: "postgres", why, source: source.clone() };
        let failed = |why: String| Error::Backend { backend: "postgres", why, source: source.clone() };
        let user = self.options.get_username();
        match code.as_str() {
            "28P01" | "28000" => failed(format!("{place} refuses the login of `{user}`: check user and password")),
            "3D000" => {
                let remedy = "there is no such database; check the name, or create it with `createdb`".to_owned();
                Error::NotFound { at: place.to_string(), remedy }
            }
            "42501" => failed(format!("`{user}` has no right to {action} {place}: grant it, or choose another schema")),
            "25006" => failed(format!("{place} is read-only: write to the primary, or open it with mode=ro")),
            "53100" => unavailable(format!("the disk of {place} is full")),
            "55P03" | "40001" | "40P01" => unavailable(format!("other writers of {place} held it for too long")),
            "53300" => unavailable(format!("{place} has no connection left: lower `pool`, or raise max_connections")),
            _ if garbled => Error::Corrupt { why: format!("a row of {place} has a value that breaks its rule") },
            _ if lost => unavailable(format!("cannot reach {place}")),
            _ => failed(format!("cannot {action} {place}")),
        }
    }
}

/// Returns what sets up a session that reads pages.
///
/// What a tag or a time selects differs by orders of magnitude from value to value, so each query is planned for its own
/// values; and a page takes less time than to compile its query.
fn reading(set: &str) -> String {
    format!("{set} plan_cache_mode = force_custom_plan; {set} jit = off")
}

/// Says whether the session or the server is gone, so that another try on a new session may succeed.
fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            // Connection exceptions, shutdowns, serialisation failures, deadlocks, lock time-outs, and a statement that
            // a pooler gave to a session which never prepared it.
            code.starts_with("08")
                || code.starts_with("57P")
                || code.starts_with("40")
                || matches!(&*code, "55P03" | "26000" | "42P05")
        }),
        _ => false,
    }
}
