//! The tables of a database while they are migrated. The engine has no transactions, so one process holds a lease, each
//! statement may be run again, and what an interrupted step had done is seen in the tables themselves.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use ledger_core::{Error, Result};
use tokio::task::AbortHandle;

use super::connect::{LONG, Site};
use crate::migrations::{Rebuild, Size, Step, StepProgress, Tables};
use crate::sql::migrate::{Engine, Found};

/// How long a lease lasts unless it is renewed, in seconds: a process that died is waited for as long.
const LEASE_SECONDS: u32 = 15;
const RENEWAL: Duration = Duration::from_secs(4);
const PAUSE: Duration = Duration::from_millis(100);
/// How many rows are copied at a time, in the order of the key, so that the highest key says how far the copy is.
const CHUNK: u64 = 20_000;
/// How many tokens of one place may have been spent by servers that died before they wrote what came with them.
const MOST_BURNT: u32 = 64;
/// How long a claim may take: well less than a lease.
const CLAIM: Duration = Duration::from_secs(4);
/// Counts the statements that still change the tables.
const UNDER_WAY: &str = "SELECT count() FROM system.processes WHERE query_kind IN ('Insert', 'Delete', 'Alter') \
                         AND current_database = currentDatabase() AND query_id != queryID()";
/// The name under which a step stands among the versions before it is done: writers of the old tables look at versions.
pub(super) const UNDER_WAY_NAME: &str = "(under way)";
/// Old tables that were exchanged for new ones carry it in their names.
const KEPT: &str = "_before_v";

/// A database that is migrated.
pub(super) struct DatabaseTables {
    site: Site,
    owner: String,
    /// Renews the lease while a step goes on.
    renewing: Mutex<Option<AbortHandle>>,
}

impl DatabaseTables {
    pub(super) fn new(site: Site) -> Self {
        Self { site, owner: uuid::Uuid::new_v4().simple().to_string(), renewing: Mutex::default() }
    }

    /// Waits until nobody else holds the lease, and takes it. Each claim is a row that the server takes once for its number.
    async fn take_lease(&self) -> Result<()> {
        self.execute(
            "CREATE TABLE IF NOT EXISTS ledger_lease (number UInt64, owner String, expires_at DateTime64(3)) \
             ENGINE = MergeTree ORDER BY number \
             SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1",
        )
        .await?;
        let deadline = Instant::now() + self.site.timeout * LONG;
        while !claim(&self.site, &self.owner, LEASE_SECONDS).await? {
            if Instant::now() > deadline {
                let why = format!("another process migrates {}", self.site.place);
                return Err(Error::Unavailable { backend: "clickhouse", why, source: None });
            }
            tokio::time::sleep(PAUSE).await;
        }
        let (site, owner) = (self.site.clone(), self.owner.clone());
        let renewing = tokio::spawn(async move {
            loop {
                tokio::time::sleep(RENEWAL).await;
                // What cannot be renewed now is tried again, several times before the lease ends.
                drop(claim(&site, &owner, LEASE_SECONDS).await);
            }
        });
        self.renew(Some(renewing.abort_handle()));
        Ok(())
    }

    async fn give_lease_back(&self) -> Result<()> {
        self.renew(None);
        claim(&self.site, &self.owner, 0).await.map(drop)
    }

    fn renew(&self, renewing: Option<AbortHandle>) {
        let before = std::mem::replace(&mut *self.renewing.lock().unwrap_or_else(PoisonError::into_inner), renewing);
        if let Some(before) = before {
            before.abort();
        }
    }

    async fn exists(&self, table: &str) -> Result<bool> {
        let sql = format!("SELECT name FROM system.tables WHERE database = currentDatabase() AND name = '{table}'");
        Ok(!self.rows(&sql).await?.is_empty())
    }

    /// Returns the first value of a query as a number.
    async fn number(&self, sql: &str) -> Result<u64> {
        let rows = self.rows(sql).await?;
        Ok(rows.first().and_then(|row| row.first()?.as_ref()?.parse().ok()).unwrap_or_default())
    }

    /// Copies what the new table has not, in ranges of the key; each is inserted once, however often it is sent.
    async fn copy(
        &self,
        step: &Step,
        rebuild: &Rebuild,
        progress: &mut (dyn FnMut(StepProgress) + Send),
    ) -> Result<()> {
        let (table, key, new) = (rebuild.table, rebuild.key, rebuild.new_name(step));
        let of = self.number(&format!("SELECT count() FROM {table}")).await?;
        let mut burnt = 0;
        loop {
            let from = self.number(&format!("SELECT max({key}) FROM {new}")).await?;
            let range = format!("SELECT {key} FROM {table} WHERE {key} > {from} ORDER BY {key} LIMIT {CHUNK}");
            let to = self.number(&format!("SELECT max({key}) FROM ({range})")).await?;
            if to == 0 {
                return Ok(());
            }
            // Only one insert goes on from one key, whether it was sent before by us or by who held the lease before.
            let guard = format!("throwIf((SELECT max({key}) FROM {new}) != {from}, 'LEDGER_COPIED') = 0");
            let insert = self.copying(step, rebuild, &from.to_string(), &to.to_string(), &guard);
            let insert = self.site.once(self.site.ask_raw(&insert), &format!("v{}-{from}.{burnt}", step.version));
            let inserted = self.site.run_long(insert, "migrate").await;
            if self.number(&format!("SELECT max({key}) FROM {new}")).await? == from {
                // Otherwise somebody went on from here, and it does not matter who.
                inserted?;
                burnt += 1;
                if burnt == MOST_BURNT {
                    let why = format!("{} takes no rows into `{new}` past {from}", self.site.place);
                    return Err(Error::Backend { backend: "clickhouse", why, source: None });
                }
                continue;
            }
            burnt = 0;
            let at = self.number(&format!("SELECT count() FROM {new}")).await?;
            progress(StepProgress { version: step.version, name: step.name, at, of });
        }
    }

    fn copying(&self, step: &Step, rebuild: &Rebuild, from: &str, to: &str, guard: &str) -> String {
        let (table, key, new) = (rebuild.table, rebuild.key, rebuild.new_name(step));
        format!(
            "INSERT INTO {new} ({}) SELECT {} FROM {table} WHERE {key} > {from} AND {key} <= {to} AND {guard} \
             ORDER BY {key}",
            rebuild.names(),
            rebuild.values()
        )
    }

    /// Compares count and digest of what was copied. Fails when they differ; the old table is in its place then.
    async fn compare(&self, step: &Step, rebuild: &Rebuild) -> Result<()> {
        let [old, new] = Self::comparing(step, rebuild);
        let (old, new) = (self.rows(&old).await?, self.rows(&new).await?);
        if old == new {
            return Ok(());
        }
        let why = format!(
            "the rebuilt table `{}` holds {new:?} and the old one {old:?} (count, digest): the old one stays in its place",
            rebuild.new_name(step)
        );
        Err(Error::Corrupt { why })
    }

    fn comparing(step: &Step, rebuild: &Rebuild) -> [String; 2] {
        let digest = |values: &str, table: &str| {
            format!("SELECT count(), groupBitXor(sipHash64(toString(tuple({values})))) FROM {table}")
        };
        [digest(&rebuild.values(), rebuild.table), digest(&rebuild.names(), &rebuild.new_name(step))]
    }

    /// Has the old table refuse rows from now on, and waits for inserts that had begun before.
    async fn close(&self, table: &str) -> Result<()> {
        // Asked before anything is closed, because who may not ask cannot go on.
        self.number(UNDER_WAY).await?;
        self.execute(&closing(table)).await?;
        let deadline = Instant::now() + self.site.timeout * LONG;
        while self.number(UNDER_WAY).await? > 0 {
            if Instant::now() > deadline {
                let why = format!("inserts into {} do not end", self.site.place);
                return Err(Error::Unavailable { backend: "clickhouse", why, source: None });
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Puts the new table in the place of the old one, while nobody writes.
    async fn exchange(
        &self,
        step: &Step,
        rebuild: &Rebuild,
        progress: &mut (dyn FnMut(StepProgress) + Send),
    ) -> Result<()> {
        let (table, new) = (rebuild.table, rebuild.new_name(step));
        self.still_ours().await?;
        self.close(table).await?;
        self.copy(step, rebuild, progress).await?;
        self.compare(step, rebuild).await?;
        for statement in rebuild.after {
            self.execute(&statement.replace("{new}", &new)).await?;
        }
        self.still_ours().await?;
        self.execute(&announcing(step)).await?;
        self.execute(&format!("EXCHANGE TABLES {table} AND {new}")).await
    }

    /// Opens the old table again after a step that failed, as far as that can be done. A copy that differs begins anew.
    async fn open_again(&self, step: &Step, rebuild: &Rebuild, error: &Error) {
        // An exchange whose answer was lost is done: then there is nothing to open.
        if self.is_exchanged(step, rebuild).await.unwrap_or(true) {
            return;
        }
        let mut undo = vec![
            format!("DELETE FROM ledger_schema_version WHERE name = '{UNDER_WAY_NAME}'"),
            format!("ALTER TABLE {} DROP CONSTRAINT IF EXISTS ledger_migrating", rebuild.table),
        ];
        if matches!(error, Error::Corrupt { .. }) {
            undo.push(format!("DROP TABLE IF EXISTS {} SYNC", rebuild.new_name(step)));
        }
        for statement in undo {
            // The first error is the one that matters; what cannot be undone now is by the next try.
            drop(self.execute(&statement).await);
        }
    }

    /// Fails when the lease went to another process meanwhile.
    async fn still_ours(&self) -> Result<()> {
        if claim(&self.site, &self.owner, LEASE_SECONDS).await? {
            return Ok(());
        }
        let why = format!("another process took over the migration of {}", self.site.place);
        Err(Error::Unavailable { backend: "clickhouse", why, source: None })
    }

    /// Refuses a database that cannot exchange two tables at once.
    async fn check_atomic(&self) -> Result<()> {
        let rows = self.rows("SELECT engine FROM system.databases WHERE name = currentDatabase()").await?;
        let engine = rows.first().and_then(|row| row.first()?.clone()).unwrap_or_default();
        if engine == "Atomic" {
            return Ok(());
        }
        let why = format!(
            "{} has the engine {engine}, which cannot exchange tables: copy the ledger into a database with the engine Atomic",
            self.site.place
        );
        Err(Error::Backend { backend: "clickhouse", why, source: None })
    }

    /// Says whether the table is the new one already, which its comment tells.
    async fn is_exchanged(&self, step: &Step, rebuild: &Rebuild) -> Result<bool> {
        let sql = format!(
            "SELECT comment FROM system.tables WHERE database = currentDatabase() AND name = '{}'",
            rebuild.table
        );
        let rows = self.rows(&sql).await?;
        Ok(rows.first().and_then(|row| row.first()?.as_deref()) == Some(comment(step).as_str()))
    }
}

impl Drop for DatabaseTables {
    fn drop(&mut self) {
        self.renew(None);
    }
}

fn comment(step: &Step) -> String {
    format!("made by step {}", step.version)
}

/// Has writers of the old tables refuse, because they know another version.
fn announcing(step: &Step) -> String {
    format!(
        "INSERT INTO ledger_schema_version (version, name, applied_at) VALUES ({}, '{UNDER_WAY_NAME}', 0)",
        step.version
    )
}

fn closing(table: &str) -> String {
    format!("ALTER TABLE {table} ADD CONSTRAINT IF NOT EXISTS ledger_migrating CHECK 0")
}

/// Claims, renews or (for 0 seconds) gives back the lease. Answers whether it is ours now.
async fn claim(site: &Site, owner: &str, seconds: u32) -> Result<bool> {
    tokio::time::timeout(CLAIM, try_claim(site, owner, seconds)).await.unwrap_or_else(|_| {
        let why = format!("no answer from {} in {} ms", site.place, CLAIM.as_millis());
        Err(Error::Unavailable { backend: "clickhouse", why, source: None })
    })
}

async fn try_claim(site: &Site, owner: &str, seconds: u32) -> Result<bool> {
    let last = "SELECT number, owner, expires_at > now64(3) FROM ledger_lease ORDER BY number DESC LIMIT 1";
    let last: Option<(u64, String, u8)> = site.rows(site.ask(last), "migrate").await?.into_iter().next();
    let next = match &last {
        Some((_, holder, 1)) if holder != owner => return Ok(false),
        Some((number, ..)) => number + 1,
        None => 1,
    };
    let insert = format!(
        "INSERT INTO ledger_lease SELECT {next}, '{owner}', now64(3) + INTERVAL {seconds} SECOND \
         WHERE throwIf((SELECT max(number) FROM ledger_lease) >= {next}, 'LEDGER_LEASE_TAKEN') = 0"
    );
    for burnt in 0..MOST_BURNT {
        match site.once(site.ask(&insert), &format!("l{next}.{burnt}")).execute().await {
            Ok(()) => {}
            Err(error) if super::connect::code(&error) == Some(395) => return Ok(false),
            Err(error) => return Err(site.error(error, "migrate")),
        }
        // The server says the same when it knew the number already; when nothing is there, its token was spent on nothing.
        let holder = site.ask("SELECT owner FROM ledger_lease WHERE number = ?").bind(next);
        let holder: Vec<String> = site.rows(holder, "migrate").await?;
        if !holder.is_empty() {
            return Ok(holder.iter().all(|holder| holder == owner));
        }
    }
    Ok(false)
}

#[async_trait]
impl Tables for DatabaseTables {
    async fn execute(&self, sql: &str) -> Result<()> {
        self.site.run_long(self.site.ask_raw(sql).with_setting("async_insert", "0"), "migrate").await
    }

    async fn rows(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
        let read = async {
            let failed = |error| self.site.error(error, "read");
            let mut answer = self.site.ask_raw(sql).fetch_bytes("JSONCompactStringsEachRow").map_err(failed)?;
            answer.collect().await.map_err(failed)
        };
        let bytes = self.site.within(LONG, read).await?;
        let rows = serde_json::Deserializer::from_slice(&bytes).into_iter();
        rows.collect::<Result<_, _>>().map_err(|error| Error::Backend {
            backend: "clickhouse",
            why: format!("the answer of {} is not what was asked for", self.site.place),
            source: Some(std::sync::Arc::new(error)),
        })
    }
}

#[async_trait]
impl Engine for DatabaseTables {
    async fn begin(&self) -> Result<()> {
        self.take_lease().await
    }

    async fn commit(&self) -> Result<()> {
        self.give_lease_back().await
    }

    async fn rollback(&self) -> Result<()> {
        self.give_lease_back().await
    }

    async fn found(&self) -> Result<Found> {
        self.site.find().await
    }

    async fn rebuild(
        &self,
        step: &Step,
        rebuild: &Rebuild,
        progress: &mut (dyn FnMut(StepProgress) + Send),
    ) -> Result<()> {
        let (table, new) = (rebuild.table, rebuild.new_name(step));
        let kept = format!("{table}{KEPT}{}", step.version);
        if !self.is_exchanged(step, rebuild).await? {
            self.check_atomic().await?;
            self.execute(&rebuild.create.replace("{new}", &new)).await?;
            self.execute(&format!("ALTER TABLE {new} MODIFY COMMENT '{}'", comment(step))).await?;
            // Writers go on meanwhile; only what they add last is copied while they wait.
            self.copy(step, rebuild, progress).await?;
            if let Err(error) = self.exchange(step, rebuild, progress).await {
                self.open_again(step, rebuild, &error).await;
                return Err(error);
            }
        }
        if self.exists(&new).await? {
            self.execute(&format!("RENAME TABLE {new} TO {kept}")).await?;
        }
        Ok(())
    }

    fn rebuilding(&self, step: &Step, rebuild: &Rebuild) -> Vec<String> {
        let (table, new, key) = (rebuild.table, rebuild.new_name(step), rebuild.key);
        let mut statements = vec![
            rebuild.create.replace("{new}", &new),
            format!("ALTER TABLE {new} MODIFY COMMENT '{}'", comment(step)),
            format!(
                "-- for each {CHUNK} rows by {key}\n{}",
                self.copying(step, rebuild, "{from}", "{to}", &format!("{{nothing is in {new} past {{from}}}}"))
            ),
            closing(table),
        ];
        statements.extend(Self::comparing(step, rebuild));
        statements.extend(rebuild.after.iter().map(|statement| statement.replace("{new}", &new)));
        statements.push(announcing(step));
        statements.push(format!("EXCHANGE TABLES {table} AND {new}"));
        statements.push(format!("RENAME TABLE {new} TO {table}{KEPT}{}", step.version));
        statements
    }

    async fn size(&self, table: &str) -> Result<Size> {
        let sql = "SELECT sum(rows), sum(bytes_on_disk) FROM system.parts \
                   WHERE active AND database = currentDatabase() AND table = ?";
        let (rows, bytes) = self.site.one(self.site.ask(sql).bind(table), "read").await?;
        Ok(Size { rows, bytes })
    }
}

/// Lists the tables that rebuilds left in case they are wanted back.
pub(super) async fn kept(site: &Site) -> Result<Vec<String>> {
    let sql = "SELECT name FROM system.tables WHERE database = currentDatabase() AND match(name, ?) ORDER BY name";
    site.rows(site.ask(sql).bind(format!("^events{KEPT}[0-9]+$")), "read").await
}
