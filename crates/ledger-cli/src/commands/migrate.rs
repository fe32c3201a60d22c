//! `ledger migrate`: brings the tables up to date, or says what it would do.

use backends::Migration;
use ledger_core::Timestamp;
use serde::Serialize;

use crate::cli::{Migrate, MigrateAction};
use crate::failure::Result;
use crate::output::{Format, Out, Style};
use crate::place::Target;
use crate::render::short_time;

/// Applies, previews or lists the steps.
pub(super) async fn run(out: &mut Out, target: &Target, migrate: &Migrate) -> Result<()> {
    if matches!(migrate.action, Some(MigrateAction::Status)) {
        return status(out, target, &backends::migrations(&target.url).await?);
    }
    if migrate.dry_run {
        let steps = backends::migrations(&target.url).await?;
        return preview(out, target, steps.iter().filter(|step| step.applied_at.is_none()));
    }
    let applied = backends::migrate(&target.url).await?;
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

fn status(out: &mut Out, target: &Target, steps: &[Migration]) -> Result<()> {
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
    out.table(&["version", "name", "applied at (UTC)"], steps.iter().map(row).collect())
}

#[derive(Serialize)]
struct Preview<'a> {
    version: u32,
    name: &'static str,
    statements: &'a [String],
}

fn preview<'a>(out: &mut Out, target: &Target, steps: impl Iterator<Item = &'a Migration>) -> Result<()> {
    let mut steps = steps.peekable();
    if out.format == Format::Json {
        return steps
            .map(|step| Preview { version: step.version, name: step.name, statements: &step.statements })
            .try_for_each(|step| out.json(&step));
    }
    if steps.peek().is_none() {
        // A comment, so that the output is SQL in any case.
        return out.line(format!("-- {} is up to date", target.parsed));
    }
    for step in steps {
        let title = out.paint(Style::Dim, &format!("-- {} {}", step.version, step.name)).into_owned();
        out.line(title)?;
        for statement in &step.statements {
            out.line(format!("{};", statement.trim_end().trim_end_matches(';')))?;
        }
    }
    Ok(())
}
