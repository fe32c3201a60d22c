//! `ledger migrate`: brings the tables up to date, or says what it would do.

use backends::{Migration, StepProgress};
use ledger_core::Timestamp;
use serde::Serialize;

use super::remove::{Consent, agreed, consent};
use crate::cli::{Migrate, MigrateAction};
use crate::failure::{Failure, Result};
use crate::output::{Format, Out, Style, Unit, bar, counted};
use crate::place::Target;
use crate::render::short_time;

/// Applies, previews or lists the steps.
pub(super) async fn run(out: &mut Out, target: &Target, migrate: &Migrate) -> Result<()> {
    match migrate.action {
        Some(MigrateAction::Status) => return status(out, target).await,
        Some(MigrateAction::Confirm { yes }) => return confirm(out, target, consent(yes)).await,
        None => {}
    }
    if migrate.dry_run {
        let steps = backends::migrations(&target.url).await?;
        return preview(out, target, steps.iter().filter(|step| step.applied_at.is_none()));
    }
    let progress = bar("migrating", 0, Unit::Events);
    let mut show = |step: StepProgress| {
        progress.set_message(format!("{} {}", step.version, step.name));
        progress.set_length(step.of);
        progress.set_position(step.at);
    };
    let applied = backends::migrate_with(&target.url, &[], &mut show).await;
    progress.finish_and_clear();
    let applied = applied?;
    if out.format == Format::Json {
        return applied.iter().try_for_each(|step| out.json(&Status::of(step)));
    }
    if applied.is_empty() {
        return out.line(format!("{} is up to date", target.parsed));
    }
    applied.iter().try_for_each(|step| out.line(format!("applied {} {}", step.version, step.name)))
}

#[derive(Serialize)]
struct Status {
    version: u32,
    name: &'static str,
    applied_at: Option<Timestamp>,
}

impl Status {
    fn of(step: &Migration) -> Self {
        Self { version: step.version, name: step.name, applied_at: step.applied_at }
    }
}

async fn status(out: &mut Out, target: &Target) -> Result<()> {
    let steps = &backends::migrations(&target.url).await?;
    if out.format == Format::Json {
        return steps.iter().try_for_each(|step| out.json(&Status::of(step)));
    }
    if steps.is_empty() {
        return out.line(format!("{} has no tables", target.parsed));
    }
    let row = |step: &Migration| {
        let applied = step.applied_at.map_or_else(|| "not yet".to_owned(), short_time);
        vec![step.version.to_string(), step.name.to_owned(), applied]
    };
    out.table(&["version", "name", "applied at (UTC)"], steps.iter().map(row).collect())?;
    let kept = backends::kept_tables(&target.url).await?;
    if kept.is_empty() {
        return Ok(());
    }
    out.line(format!("kept beside the new tables: {}; `ledger migrate confirm` drops them", kept.join(", ")))
}

/// Drops what rebuilds kept.
async fn confirm(out: &mut Out, target: &Target, consent: Consent) -> Result<()> {
    let kept = backends::kept_tables(&target.url).await?;
    if !kept.is_empty() && consent == Consent::Asked {
        let question = format!("Drop {} of {} for good?", kept.join(", "), target.parsed);
        if !agreed(&question, "this drops tables for good")? {
            return Err(Failure::No("nothing was dropped".to_owned()));
        }
    }
    let dropped = if kept.is_empty() { kept } else { backends::drop_kept_tables(&target.url).await? };
    if out.format == Format::Json {
        return dropped.iter().try_for_each(|table| out.json(&Dropped { dropped: table }));
    }
    if dropped.is_empty() {
        return out.line(format!("{} keeps no old tables", target.parsed));
    }
    dropped.iter().try_for_each(|table| out.line(format!("dropped {table}")))
}

#[derive(Serialize)]
struct Dropped<'a> {
    dropped: &'a str,
}

#[derive(Serialize)]
struct Preview<'a> {
    version: u32,
    name: &'static str,
    statements: &'a [String],
    /// How much a rebuild copies.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
}

fn preview<'a>(out: &mut Out, target: &Target, steps: impl Iterator<Item = &'a Migration>) -> Result<()> {
    let mut steps = steps.peekable();
    if out.format == Format::Json {
        return steps
            .map(|step| Preview {
                version: step.version,
                name: step.name,
                statements: &step.statements,
                rows: step.size.map(|size| size.rows),
                bytes: step.size.map(|size| size.bytes),
            })
            .try_for_each(|step| out.json(&step));
    }
    if steps.peek().is_none() {
        // A comment, so that the output is SQL in any case.
        return out.line(format!("-- {} is up to date", target.parsed));
    }
    for step in steps {
        let size = step
            .size
            .map(|size| format!(", copies {} and {}", counted(size.rows, "row"), indicatif::HumanBytes(size.bytes)));
        let title = format!("-- {} {}{}", step.version, step.name, size.unwrap_or_default());
        let title = out.paint(Style::Dim, &title).into_owned();
        out.line(title)?;
        for statement in &step.statements {
            out.line(format!("{};", statement.trim_end().trim_end_matches(';')))?;
        }
    }
    Ok(())
}
