//! Which steps a ledger's tables have been through, what an open may make of that, and the one runner of steps for all engines.

use async_trait::async_trait;
use ledger_core::{Error, Result, Timestamp};

use crate::migrations::{Migration, Rebuild, Size, Step, StepProgress, Strategy, Tables};
use crate::url::Mode;

/// What was found where a ledger may be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// None of our tables.
    Nothing,
    /// A table named like one of ours, without the table of versions.
    Foreign(String),
    /// A ledger, with the versions applied and when.
    Ledger(Vec<(u32, Timestamp)>),
}

/// What an open does next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Uses the ledger as it is.
    Use,
    /// Applies the steps that are missing.
    Migrate,
}

/// The tables of an engine while they are migrated: one process at a time, and whole steps only.
#[async_trait]
pub(crate) trait Engine: Tables {
    /// Waits for its turn. What follows belongs to one transaction, where the engine has them.
    async fn begin(&self) -> Result<()>;
    /// Makes what was done since `begin` last, and lets the next one begin.
    async fn commit(&self) -> Result<()>;
    /// Takes back what was done since `begin`, where the engine can, and lets the next one begin.
    async fn rollback(&self) -> Result<()>;
    /// Says what is there.
    async fn found(&self) -> Result<Found>;
    /// Rebuilds a table; called again after an interruption it goes on.
    async fn rebuild(&self, step: &Step, rebuild: &Rebuild, progress: Hear<'_>) -> Result<()>;
    /// Lists the statements of a rebuild.
    fn rebuilding(&self, step: &Step, rebuild: &Rebuild) -> Vec<String>;
    /// Returns how large a table is.
    async fn size(&self, table: &str) -> Result<Size>;
}

/// Whoever wants to hear of the progress of steps.
pub(crate) type Hear<'a> = &'a mut (dyn FnMut(StepProgress) + Send);

/// Decides what an open does. Fails when the mode forbids it, or what is there is newer, or not a ledger.
pub(crate) fn decide(found: &Found, steps: &[Step], mode: Mode, at: &str) -> Result<Next> {
    let applied = match found {
        Found::Foreign(table) => {
            let why =
                format!("it has a table `{table}` of another application; choose another file, database or schema");
            return Err(Error::NotALedger { at: at.to_owned(), why });
        }
        Found::Nothing if mode == Mode::Create => return Ok(Next::Migrate),
        Found::Nothing => {
            let remedy =
                "there are no tables of a ledger; check the name, or create one with `ledger append`".to_owned();
            return Err(Error::NotFound { at: at.to_owned(), remedy });
        }
        Found::Ledger(applied) => applied,
    };
    let found = last(applied);
    let known = steps.last().map_or(0, |step| step.version);
    match found.cmp(&known) {
        std::cmp::Ordering::Equal => Ok(Next::Use),
        std::cmp::Ordering::Greater => Err(Error::SchemaTooNew { found, known }),
        std::cmp::Ordering::Less if mode == Mode::ReadOnly => Err(Error::SchemaTooOld { found, known }),
        std::cmp::Ordering::Less => Ok(Next::Migrate),
    }
}

fn last(applied: &[(u32, Timestamp)]) -> u32 {
    applied.iter().map(|(version, _)| *version).max().unwrap_or(0)
}

/// Returns the steps that are missing.
fn missing<'a>(found: &Found, steps: &'a [Step]) -> impl Iterator<Item = &'a Step> + use<'a> {
    let last = match found {
        Found::Ledger(applied) => last(applied),
        Found::Nothing | Found::Foreign(_) => 0,
    };
    steps.iter().filter(move |step| step.version > last)
}

/// Applies the missing steps, each under a lock and looking again first: of two starters, one migrates and one waits.
pub(crate) async fn migrate(engine: &dyn Engine, steps: &[Step], at: &str, progress: Hear<'_>) -> Result<()> {
    loop {
        engine.begin().await?;
        match next(engine, steps, at, progress).await {
            Ok(Next::Migrate) => engine.commit().await?,
            Ok(Next::Use) => return engine.rollback().await,
            Err(error) => {
                // The error that matters is the first.
                drop(engine.rollback().await);
                return Err(error);
            }
        }
    }
}

/// Applies the first missing step, if one is missing.
async fn next(engine: &dyn Engine, steps: &[Step], at: &str, progress: Hear<'_>) -> Result<Next> {
    let found = engine.found().await?;
    if decide(&found, steps, Mode::Create, at)? == Next::Use {
        return Ok(Next::Use);
    }
    let Some(step) = missing(&found, steps).next() else { return Ok(Next::Use) };
    match &step.strategy {
        Strategy::Statements(statements) => {
            for statement in *statements {
                engine.execute(statement).await?;
            }
        }
        Strategy::Rebuild(rebuild) => engine.rebuild(step, rebuild, progress).await?,
        Strategy::Code(code) => code(engine).await?,
    }
    engine.execute(&record(step)).await?;
    Ok(Next::Migrate)
}

fn record(step: &Step) -> String {
    let now = Timestamp::now().as_micros();
    format!(
        "INSERT INTO ledger_schema_version (version, name, applied_at) VALUES ({}, '{}', {now})",
        step.version, step.name
    )
}

/// Lists all steps with what was found, and how much data the missing ones touch.
pub(crate) async fn list(engine: &dyn Engine, steps: &[Step]) -> Result<Vec<Migration>> {
    let found = engine.found().await?;
    let applied_at = |version| match &found {
        Found::Ledger(applied) => applied.iter().find(|(v, _)| *v == version).map(|(_, at)| *at),
        Found::Nothing | Found::Foreign(_) => None,
    };
    let mut list = Vec::with_capacity(steps.len());
    for step in steps {
        let applied_at = applied_at(step.version);
        let mut statements = match &step.strategy {
            Strategy::Statements(statements) => statements.iter().map(|&statement| statement.to_owned()).collect(),
            Strategy::Rebuild(rebuild) => engine.rebuilding(step, rebuild),
            Strategy::Code(_) => vec![format!("-- data is moved by code: {}", step.name)],
        };
        statements.push(record(step));
        let size = match (&step.strategy, &found) {
            (Strategy::Rebuild(rebuild), Found::Ledger(_)) if applied_at.is_none() => {
                Some(engine.size(rebuild.table).await?)
            }
            _ => None,
        };
        list.push(Migration { version: step.version, name: step.name, statements, applied_at, size });
    }
    Ok(list)
}

/// Rebuilds a table within a transaction: nobody sees it half done, so the old one is not kept.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) async fn rebuild(tables: &dyn Tables, step: &Step, rebuild: &Rebuild, progress: Hear<'_>) -> Result<()> {
    let count = async |table: &str| -> Result<u64> {
        let rows = tables.rows(&format!("SELECT count(*) FROM {table}")).await?;
        Ok(rows.first().and_then(|row| row.first()?.as_ref()?.parse().ok()).unwrap_or_default())
    };
    let new = rebuild.new_name(step);
    let of = count(rebuild.table).await?;
    let [create, fill, rest @ ..] = &rebuilding(step, rebuild)[..] else { unreachable!("there are five statements") };
    tables.execute(create).await?;
    tables.execute(fill).await?;
    let at = count(&new).await?;
    progress(StepProgress { version: step.version, name: step.name, at, of });
    if at != of {
        let why = format!("the rebuilt table `{}` has {at} rows, and had {of}", rebuild.table);
        return Err(Error::Corrupt { why });
    }
    for statement in rest {
        tables.execute(statement).await?;
    }
    Ok(())
}

/// Lists what `rebuild` runs.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) fn rebuilding(step: &Step, rebuild: &Rebuild) -> Vec<String> {
    let (table, new) = (rebuild.table, rebuild.new_name(step));
    let mut statements = vec![
        rebuild.create.replace("{new}", &new),
        format!("INSERT INTO {new} ({}) SELECT {} FROM {table}", rebuild.names(), rebuild.values()),
        format!("DROP TABLE {table}"),
        format!("ALTER TABLE {new} RENAME TO {table}"),
    ];
    statements.extend(rebuild.after.iter().map(|&statement| statement.to_owned()));
    statements
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 2] = [Step::statements(1, "one", &[]), Step::statements(2, "two", &[])];

    fn ledger(version: u32) -> Found {
        Found::Ledger((1..=version).map(|v| (v, Timestamp::EPOCH)).collect())
    }

    #[test]
    fn an_open_creates_migrates_or_refuses_as_its_mode_allows() {
        let decide = |found: &Found, mode| decide(found, &STEPS, mode, "x.db");
        assert_eq!(decide(&Found::Nothing, Mode::Create).unwrap(), Next::Migrate);
        assert!(matches!(decide(&Found::Nothing, Mode::Existing), Err(Error::NotFound { .. })));
        assert!(matches!(decide(&Found::Foreign("events".into()), Mode::Create), Err(Error::NotALedger { .. })));
        assert_eq!(decide(&ledger(1), Mode::Existing).unwrap(), Next::Migrate);
        assert!(matches!(decide(&ledger(1), Mode::ReadOnly), Err(Error::SchemaTooOld { found: 1, known: 2 })));
        assert_eq!(decide(&ledger(2), Mode::ReadOnly).unwrap(), Next::Use);
        assert!(matches!(decide(&ledger(3), Mode::Create), Err(Error::SchemaTooNew { found: 3, known: 2 })));
    }

    #[test]
    fn what_is_missing_is_what_lies_past_the_last_step() {
        let versions = |found: &Found| missing(found, &STEPS).map(|step| step.version).collect::<Vec<_>>();
        assert_eq!(versions(&Found::Nothing), [1, 2]);
        assert_eq!(versions(&ledger(1)), [2]);
        assert!(versions(&ledger(2)).is_empty());
    }
}
