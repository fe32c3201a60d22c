//! `ledger reap`: drops what may be dropped, by a command of the user's.

use std::ffi::{OsStr, OsString};
use std::ops::ControlFlow;
use std::pin::pin;
use std::process::Stdio;

use backends::Mode;
use ledger_core::views::Over;
use ledger_core::{Artifact, Reaper, Swept};
use serde::Serialize;
use tokio::process::Command;

use super::artifacts::{rules, warn_of_unread};
use crate::cli::Reap;
use crate::failure::{Failure, Result};
use crate::output::{Format, Out, counted, note, plain};
use crate::place::Target;

#[derive(Serialize)]
struct Line<'a> {
    artifact: &'a Artifact,
    because: &'a Over,
    dropped: bool,
}

/// Sweeps once, or again and again until Ctrl-C.
pub(super) async fn run(out: &mut Out, target: &Target, reap: Reap) -> Result<()> {
    let mode = if reap.dry_run { Mode::ReadOnly } else { Mode::Existing };
    if reap.command.first().is_some_and(|program| holds_a_place(program)) {
        return Err(Failure::Usage("{} must not name the program: whoever names an artifact would name it".to_owned()));
    }
    let mut reaper = Reaper::new(target.open(mode).await?, rules(&reap.keeping)?);
    warn_of_unread(reaper.artifacts().await?);
    if reap.dry_run {
        let plan = reaper.plan().await?;
        plan.iter().try_for_each(|(artifact, over)| line(out, artifact, over, false))?;
        return if plan.is_empty() && out.format == Format::People {
            out.line("nothing may be dropped")
        } else {
            Ok(())
        };
    }
    let command = reap.command;
    let format = out.format;
    let drop = async |artifact: Artifact| drop_by(&command, &artifact, format).await;
    let Some(every) = reap.every else {
        let swept = match reaper.sweep(drop).await {
            Ok(swept) => swept,
            Err(error) => {
                let gone: Vec<_> = reaper.unrecorded().map(|gone| plain(gone.as_str()).into_owned()).collect();
                let hint = format!("`ledger note dropped` records what went and is not recorded: {}", gone.join(", "));
                let failure = Failure::Ledger(error);
                return Err(if gone.is_empty() { failure } else { failure.hint(hint) });
            }
        };
        return match show(out, &swept)? {
            0 => Ok(()),
            failed => Err(Failure::No(format!("{} could not be dropped", counted(failed, "artifact")))),
        };
    };
    let mut shown = Ok(0);
    // Where nobody reads any more, nothing is dropped unseen.
    let tell = |swept: &ledger_core::Result<Swept>| {
        match swept {
            Ok(swept) => shown = show(out, swept),
            Err(error) => note(&error.to_string()),
        }
        if shown.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let ended = {
        let mut work = pin!(reaper.run(every, drop, tell));
        tokio::select! {
            ended = &mut work => ended,
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    };
    shown?;
    Ok(ended?)
}

/// Prints what a sweep did, and returns how many artifacts could not be dropped.
fn show(out: &mut Out, swept: &Swept) -> Result<u64> {
    swept.dropped.iter().try_for_each(|(artifact, over)| line(out, artifact, over, true))?;
    for (artifact, error) in &swept.failed {
        note(&format!("{} could not be dropped: {error}", plain(artifact.as_str())));
    }
    if swept.left > 0 {
        note(&format!("stopped there, with {} left for the next sweep", counted(swept.left as u64, "artifact")));
    }
    out.flush()?;
    Ok(swept.failed.len() as u64)
}

fn line(out: &mut Out, artifact: &Artifact, because: &Over, dropped: bool) -> Result<()> {
    if out.format == Format::Json {
        return out.json(&Line { artifact, because, dropped });
    }
    let word = if dropped { "dropped" } else { "would drop" };
    out.line(format!("{word} {}: {because}", plain(artifact.as_str())))
}

/// Runs the command for an artifact.
async fn drop_by(command: &[OsString], artifact: &Artifact, format: Format) -> Result<(), String> {
    let mut arguments: Vec<OsString> = command.iter().map(|word| filled(word, artifact)).collect();
    if !command.iter().any(|word| holds_a_place(word)) {
        arguments.push(artifact.as_str().into());
    }
    let (program, arguments) = arguments.split_first().ok_or("there is no command")?;
    // What it prints is not ours, and would stand between our lines.
    let stdout = if format == Format::Json { Stdio::null() } else { Stdio::inherit() };
    let status = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(stdout).status().await;
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(status.to_string()),
        Err(error) => Err(format!("cannot run `{}`: {error}", program.to_string_lossy())),
    }
}

fn holds_a_place(word: &OsStr) -> bool {
    word.to_str().is_some_and(|word| word.contains("{}"))
}

/// Puts the artifact where a word says `{}`.
fn filled(word: &OsStr, artifact: &Artifact) -> OsString {
    match word.to_str() {
        Some(text) => text.replace("{}", artifact.as_str()).into(),
        None => word.to_owned(),
    }
}
