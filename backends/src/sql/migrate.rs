//! Which steps a ledger's tables have been through, and what an open may make of that. The steps stand with their engines.

use ledger_core::{Error, Result, Timestamp};

use crate::migrations::Migration;
use crate::url::Mode;

/// One step. Once released it is never edited; a later one corrects it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub version: u32,
    pub name: &'static str,
    pub statements: &'static [&'static str],
}

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
    let found = applied.iter().map(|(version, _)| *version).max().unwrap_or(0);
    let known = steps.last().map_or(0, |step| step.version);
    match found.cmp(&known) {
        std::cmp::Ordering::Equal => Ok(Next::Use),
        std::cmp::Ordering::Greater => Err(Error::SchemaTooNew { found, known }),
        std::cmp::Ordering::Less if mode == Mode::ReadOnly => Err(Error::SchemaTooOld { found, known }),
        std::cmp::Ordering::Less => Ok(Next::Migrate),
    }
}

/// Returns the steps that are missing.
pub(crate) fn missing<'a>(found: &Found, steps: &'a [Step]) -> impl Iterator<Item = &'a Step> + use<'a> {
    let last = match found {
        Found::Ledger(applied) => applied.iter().map(|(version, _)| *version).max().unwrap_or(0),
        Found::Nothing | Found::Foreign(_) => 0,
    };
    steps.iter().filter(move |step| step.version > last)
}

/// Returns all that a step runs: its statements, then the one that records it.
pub(crate) fn script(step: &Step) -> Vec<String> {
    let now = Timestamp::now().as_micros();
    let record = format!(
        "INSERT INTO ledger_schema_version (version, name, applied_at) VALUES ({}, '{}', {now})",
        step.version, step.name
    );
    step.statements.iter().map(|&statement| statement.to_owned()).chain([record]).collect()
}

/// Lists all steps with what was found.
pub(crate) fn list(found: &Found, steps: &[Step]) -> Vec<Migration> {
    let applied_at = |version| match found {
        Found::Ledger(applied) => applied.iter().find(|(v, _)| *v == version).map(|(_, at)| *at),
        Found::Nothing | Found::Foreign(_) => None,
    };
    let list = |step: &Step| Migration {
        version: step.version,
        name: step.name,
        statements: script(step),
        applied_at: applied_at(step.version),
    };
    steps.iter().map(list).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 2] =
        [Step { version: 1, name: "one", statements: &[] }, Step { version: 2, name: "two", statements: &[] }];

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
