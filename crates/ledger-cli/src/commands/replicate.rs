//! `ledger replicate`: carries a ledger into another one, and shows how far behind it is.

use std::pin::pin;

use backends::Mode;
use indicatif::ProgressBar;
use ledger_core::{Replicated, Until, replicate};
use serde::Serialize;

use super::place_of_copy;
use crate::failure::Result;
use crate::output::{Format, Out, Unit, bar, counted, grouped};
use crate::place::Target;

#[derive(Serialize)]
struct Line {
    at: u64,
    head: u64,
    lag: u64,
    written: u64,
}

/// Replicates until the target has caught up, or until Ctrl-C, which is how following ends and no failure.
pub(super) async fn run(out: &mut Out, source: &Target, to: String, follow: bool) -> Result<()> {
    let target = place_of_copy(to)?;
    let (from, into) = (source.open(Mode::ReadOnly).await?, target.open(Mode::Create).await?);
    let until = if follow { Until::Stopped } else { Until::CaughtUp };
    let progress = bar("replicating", 0, Unit::Events);
    let (steps, mut heard) = tokio::sync::mpsc::unbounded_channel();
    // Whoever stopped listening is no reason to stop.
    let mut hear = |step| steps.send(step).unwrap_or_default();
    let mut work = pin!(replicate(&*from, &*into, until, &mut hear));
    let mut interrupt = pin!(tokio::signal::ctrl_c());
    let mut last = None;
    loop {
        let step = tokio::select! {
            biased;
            Some(step) = heard.recv() => step,
            _ = &mut interrupt, if follow => break,
            done = &mut work => {
                done?;
                break;
            }
        };
        last = Some(step);
        show(&progress, step);
        if out.format == Format::Json {
            line(out, step)?;
        }
    }
    while let Ok(step) = heard.try_recv() {
        last = Some(step);
        if out.format == Format::Json {
            line(out, step)?;
        }
    }
    progress.finish_and_clear();
    match (out.format, last) {
        (Format::People, Some(at)) => out.line(format!(
            "{} has everything up to {} of {}, {} of it new",
            target.parsed,
            grouped(at.at.get()),
            grouped(at.head.get()),
            counted(at.written, "event")
        )),
        _ => Ok(()),
    }
}

fn line(out: &mut Out, at: Replicated) -> Result<()> {
    out.json(&Line { at: at.at.get(), head: at.head.get(), lag: at.lag(), written: at.written })?;
    out.flush()
}

fn show(bar: &ProgressBar, at: Replicated) {
    bar.set_length(at.head.get());
    bar.set_position(at.at.get());
    bar.set_message(format!("{} behind", grouped(at.lag())));
}
