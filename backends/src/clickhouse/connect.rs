//! Reaches a server over HTTP: what it must be, what is there, and what an error means for the caller.

use std::sync::Arc;
use std::time::Duration;

use clickhouse::Client;
use clickhouse::query::Query as Statement;
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::rt::TokioExecutor;
use ledger_core::{Error, Result, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::migrate::{DatabaseTables, UNDER_WAY_NAME};
use super::schema::{COLUMNS, STEPS};
use crate::connector::{tcp, tls};
use crate::sql::migrate::{self, Found, Next, decide};
use crate::sql::size::EventSize;
use crate::url::{ClickHousePlace, LedgerUrl, Mode};

/// The oldest server whose settings this code relies on.
const OLDEST: (u32, u32) = (25, 3);
/// Settings of newer servers, and what they have to be for a commit.
const TOLD: [(&str, &str); 2] =
    [("deduplicate_insert", "enable"), ("deduplicate_insert_select", "enable_when_possible")];
/// A server closes idle connections after three seconds or ten; a client that keeps them longer writes into closed ones.
const IDLE: Duration = Duration::from_secs(2);
/// How many time-outs to wait for what takes a moment, …
pub(super) const SHORT: u32 = 3;
/// … and for a page, which may have to look at every event.
pub(super) const LONG: u32 = 30;

/// A database, and how it is reached.
#[derive(Clone)]
pub(super) struct Site {
    pub client: Client,
    pub place: ClickHousePlace,
    pub mode: Mode,
    pub timeout: Duration,
    pub event_size: EventSize,
    permits: Arc<Semaphore>,
    /// What newer servers have to be told so that they look at the token of an insert, whatever a profile says.
    told: Vec<(&'static str, &'static str)>,
}

/// The client holds the password, so it is never printed.
impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Site {
    pub(super) fn new(url: &LedgerUrl, place: &ClickHousePlace, mode: Mode) -> Result<Self> {
        let tcp = tcp(url.timeout);
        let mut http = HttpClient::builder(TokioExecutor::new());
        http.pool_idle_timeout(IDLE).pool_max_idle_per_host(url.pool as usize);
        let client = if place.http.starts_with("https:") {
            Client::with_http_client(http.build(tls(tcp, "clickhouse")?))
        } else {
            Client::with_http_client(http.build(tcp))
        };
        let client = client
            .with_url(&place.http)
            .with_user(&place.user)
            .with_password(&place.password)
            .with_database(&place.database);
        let event_size = EventSize::default();
        let (permits, told) = (Arc::new(Semaphore::new(url.pool as usize)), Vec::new());
        Ok(Self { client, place: place.clone(), mode, timeout: url.timeout, event_size, permits, told })
    }

    /// Finds the ledger, and creates or migrates it as the mode allows. Returns a text that all its handles share.
    pub(super) async fn prepare(&mut self) -> Result<String> {
        let server = self.check_server().await?;
        let at = self.place.to_string();
        if decide(&self.find().await?, STEPS, self.mode, &at)? == Next::Migrate {
            self.check_deduplication().await?;
            migrate::migrate(&DatabaseTables::new(self.clone()), STEPS, &at, &mut |_| ()).await?;
            // A newer program may have been there first.
            decide(&self.find().await?, STEPS, self.mode, &at)?;
        }
        self.check_table().await?;
        // The table of versions is never made anew, so its own id tells ledgers apart where servers have none.
        let sql = "SELECT toString(uuid) FROM system.tables \
                   WHERE database = currentDatabase() AND name = 'ledger_schema_version'";
        let table: String = self.one(self.ask(sql), "read").await?;
        Ok(format!("clickhouse:{server}:{}:{table}", self.place.database))
    }

    /// Refuses a server that is too old. Returns its own id.
    pub(super) async fn check_server(&mut self) -> Result<String> {
        let sql = "SELECT version(), toString(serverUUID()), arrayStringConcat(groupArray(name), ' ') \
                   FROM system.settings WHERE startsWith(name, 'deduplicate_insert')";
        let (version, server, known): (String, String, String) = self.one(self.ask(sql), "connect to").await?;
        self.told = TOLD.into_iter().filter(|(name, _)| known.split(' ').any(|known| known == *name)).collect();
        if release(&version) < OLDEST {
            let why =
                format!("{} runs version {version}: {}.{} is the oldest that works", self.place, OLDEST.0, OLDEST.1);
            return Err(Error::Backend { backend: "clickhouse", why, source: None });
        }
        Ok(server)
    }

    /// Says what the database holds.
    pub(super) async fn find(&self) -> Result<Found> {
        let sql = "SELECT name FROM system.tables \
                   WHERE database = currentDatabase() AND name IN ('events', 'ledger_schema_version') ORDER BY name";
        let names: Vec<String> = self.rows(self.ask(sql), "read").await?;
        if !names.iter().any(|name| name == "ledger_schema_version") {
            return Ok(names.into_iter().next().map_or(Found::Nothing, Found::Foreign));
        }
        let sql = "SELECT version, min(applied_at) FROM ledger_schema_version WHERE name != ? \
                   GROUP BY version ORDER BY version";
        let applied: Vec<(u32, i64)> = self.rows(self.ask(sql).bind(UNDER_WAY_NAME), "read").await?;
        let applied =
            applied.into_iter().map(|(version, at)| (version, Timestamp::from_micros(at).unwrap_or(Timestamp::EPOCH)));
        Ok(Found::Ledger(applied.collect()))
    }

    /// Inserts the same token twice into a table of its own: offsets rest on the server taking only the first.
    pub(super) async fn check_deduplication(&self) -> Result<()> {
        let table = format!("ledger_trial_{}", uuid::Uuid::new_v4().simple());
        let create = format!(
            "CREATE TABLE {table} (n UInt64) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 10"
        );
        self.run(self.ask(&create), "create a table in").await?;
        let trial = async {
            for n in 1..=2 {
                let insert = format!("INSERT INTO {table} SELECT {n} FROM numbers(1)");
                let insert = self.once(self.ask(&insert), "trial");
                self.run(insert, "write to").await?;
            }
            self.rows::<u64>(self.ask(&format!("SELECT n FROM {table}")), "read").await
        };
        let found = trial.await;
        self.run(self.ask(&format!("DROP TABLE {table} SYNC")), "drop a table of").await?;
        let found = found?;
        if found == [1] {
            return Ok(());
        }
        let why = format!(
            "{} takes an insert twice that carries the same token (it kept {found:?}): \
             use a single server with tables of its own (MergeTree)",
            self.place
        );
        Err(Error::Backend { backend: "clickhouse", why, source: None })
    }

    /// Refuses a table that was made otherwise: replicated tables may answer from a replica that lags behind.
    async fn check_table(&self) -> Result<()> {
        let not = |why: String| Err(Error::NotALedger { at: self.place.to_string(), why });
        let sql =
            "SELECT engine, engine_full FROM system.tables WHERE database = currentDatabase() AND name = 'events'";
        let found: Vec<(String, String)> = self.rows(self.ask(sql), "read").await?;
        let Some((engine, full)) = found.into_iter().next() else {
            return not("its table `events` is gone; restore it from a snapshot".to_owned());
        };
        if engine != "MergeTree" {
            return not(format!(
                "its table `events` has the engine {engine}; only MergeTree on one server takes appends: \
                 write there, and read from replicas by `ledger replicate`"
            ));
        }
        for setting in
            ["non_replicated_deduplication_window = 10000", "fsync_after_insert = 1", "fsync_part_directory = 1"]
        {
            if !full.contains(setting) {
                return not(format!("its table `events` was made without `{setting}`"));
            }
        }
        let sql = "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'events' \
                   ORDER BY position";
        let found: Vec<String> = self.rows(self.ask(sql), "read").await?;
        match COLUMNS.iter().chain([&"commit"]).find(|name| !found.iter().any(|found| found == *name)) {
            Some(missing) => not(format!("its table `events` has no column `{missing}`")),
            None => Ok(()),
        }
    }

    /// Returns the settings that make a commit one block, which is written whole, once for each token, before it is answered.
    pub(super) fn commit_settings(&self, token: &str) -> Vec<(&'static str, String)> {
        let fixed = [
            ("insert_deduplicate", "1"),
            ("async_insert", "0"),
            ("max_threads", "1"),
            ("max_insert_threads", "1"),
            ("input_format_parallel_parsing", "0"),
            ("max_insert_block_size", "1048576"),
            ("min_insert_block_size_rows", "1048576"),
            ("min_insert_block_size_bytes", "1073741824"),
            ("max_block_size", "65536"),
            ("optimize_trivial_insert_select", "0"),
        ];
        let told = self.told.iter().copied();
        let token = ("insert_deduplication_token", token);
        fixed.into_iter().chain(told).chain([token]).map(|(name, value)| (name, value.to_owned())).collect()
    }

    /// Waits for the right to read a page: as many at once as the URL says.
    pub(super) async fn permit(&self) -> Result<OwnedSemaphorePermit> {
        let permit = tokio::time::timeout(self.timeout, Arc::clone(&self.permits).acquire_owned()).await;
        let permit = permit.map_err(|_| Error::Unavailable {
            backend: "clickhouse",
            why: format!("all connections stayed busy for {} ms", self.timeout.as_millis()),
            source: None,
        })?;
        Ok(permit.expect("the semaphore is never closed"))
    }

    /// Has the server take a statement once only for its token.
    pub(super) fn once(&self, statement: Statement, token: &str) -> Statement {
        let settings = self.commit_settings(token).into_iter();
        settings.fold(statement, |statement, (name, value)| statement.with_setting(name, value))
    }

    /// Starts a statement; what callers gave is bound to it and never written into it.
    pub(super) fn ask(&self, sql: &str) -> Statement {
        self.client.query(sql)
    }

    /// Starts a statement that reads events; that their columns fit was seen when the ledger was opened.
    pub(super) fn ask_events(&self, sql: &str) -> Statement {
        self.client.clone().with_validation(false).query(sql)
    }

    /// Starts a statement that nothing is bound to, in which a question mark is one.
    pub(super) fn ask_raw(&self, sql: &str) -> Statement {
        self.client.query_raw(sql)
    }

    /// Runs a statement that may have to look at every row.
    pub(super) async fn run_long(&self, statement: Statement, action: &str) -> Result<()> {
        self.within(LONG, async { statement.execute().await.map_err(|error| self.error(error, action)) }).await
    }

    /// Runs a statement without an answer.
    pub(super) async fn run(&self, statement: Statement, action: &str) -> Result<()> {
        self.in_time(statement.execute(), action).await
    }

    /// Returns the only row of an answer.
    pub(super) async fn one<T: clickhouse::RowOwned + clickhouse::RowRead>(
        &self,
        statement: Statement,
        action: &str,
    ) -> Result<T> {
        self.in_time(statement.fetch_one(), action).await
    }

    /// Returns the rows of a short answer.
    pub(super) async fn rows<T: clickhouse::RowOwned + clickhouse::RowRead>(
        &self,
        statement: Statement,
        action: &str,
    ) -> Result<Vec<T>> {
        self.in_time(statement.fetch_all(), action).await
    }

    /// Waits for what takes a moment on a healthy server.
    pub(super) async fn in_time<T>(
        &self,
        work: impl Future<Output = clickhouse::error::Result<T>>,
        action: &str,
    ) -> Result<T> {
        self.within(SHORT, async { work.await.map_err(|error| self.error(error, action)) }).await
    }

    /// Waits for some time-outs, and no longer.
    pub(super) async fn within<T>(&self, times: u32, work: impl Future<Output = Result<T>>) -> Result<T> {
        let patience = self.timeout * times;
        tokio::time::timeout(patience, work).await.unwrap_or_else(|_| {
            let why = format!("no answer from {} in {} ms", self.place, patience.as_millis());
            Err(Error::Unavailable { backend: "clickhouse", why, source: None })
        })
    }

    /// Names the remedy for an error of the driver or the server.
    pub(super) fn error(&self, error: clickhouse::error::Error, action: &str) -> Error {
        let place = &self.place;
        let code = code(&error);
        let native = error.to_string().contains("is for clickhouse-client program");
        let lost = matches!(error, clickhouse::error::Error::Network(_) | clickhouse::error::Error::TimedOut);
        let source = Some(Arc::new(error) as ledger_core::Cause);
        let unavailable = |why: String| Error::Unavailable { backend: "clickhouse", why, source: source.clone() };
        let failed = |why: String| Error::Backend { backend: "clickhouse", why, source: source.clone() };
        match code {
            _ if native => {
                failed(format!("{place} is the port of the native protocol: give that of HTTP, mostly 8123"))
            }
            Some(516 | 194 | 193 | 192) => {
                failed(format!("{place} refuses the login of `{}`: check user and password", place.user))
            }
            Some(81) => {
                let remedy = format!(
                    "there is no database `{}`; check the name, or create it with `CREATE DATABASE`",
                    place.database
                );
                Error::NotFound { at: place.to_string(), remedy }
            }
            Some(497) => failed(format!("`{}` has no right to {action} {place}: grant it", place.user)),
            Some(164) => failed(format!("`{}` may only read {place}: open it with mode=ro", place.user)),
            Some(469) => unavailable(format!("{place} is being migrated")),
            Some(243) => unavailable(format!("the disk of {place} is full")),
            Some(241) => unavailable(format!("{place} has no memory left for it")),
            Some(159 | 202 | 209 | 210 | 394 | 439) => unavailable(format!("{place} is busy")),
            None if lost => unavailable(format!("cannot reach {place}")),
            _ => failed(format!("cannot {action} {place}")),
        }
    }
}

/// Returns year and month of a release; of what is no version, one that is too old.
fn release(version: &str) -> (u32, u32) {
    let mut numbers = version.split('.').map_while(|number| number.parse().ok());
    (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default())
}

/// Returns the server's number for an error.
pub(super) fn code(error: &clickhouse::error::Error) -> Option<u32> {
    let clickhouse::error::Error::BadResponse(text) = error else { return None };
    let (number, _) = text.split_once("Code: ")?.1.split_once('.')?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_too_old_by_its_year_and_month() {
        for (version, old) in [
            ("18.16.1", true),
            ("24.12.9.1", true),
            ("25.2.99", true),
            ("25.3.1.1", false),
            ("26.9.2.1", false),
            ("head", true),
        ] {
            assert_eq!(release(version) < OLDEST, old, "{version}");
        }
    }

    #[test]
    fn the_number_of_an_error_is_read_from_what_the_server_says() {
        let said = |text: &str| code(&clickhouse::error::Error::BadResponse(text.to_owned()));
        assert_eq!(said("Code: 395. DB::Exception: LEDGER_HEAD_MOVED: while executing"), Some(395));
        assert_eq!(said("something else"), None);
    }
}
