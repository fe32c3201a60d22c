//! `ledger retention`: shows which operations are old, and removes them.

use std::ops::ControlFlow;
use std::pin::pin;

use backends::Mode;
use ledger_core::retention::{Sweep, apply, plan, run};

use super::remove::{Consent, agreed, check_terminal, consent};
use crate::cli::Retention;
use crate::failure::{Failure, Result};
use crate::output::{Format, Out, Style, Unit, counted, counter, grouped, note};
use crate::place::Target;
use crate::render::{bytes, short_time};

/// Plans, or applies once or again and again.
pub(super) async fn retention(out: &mut Out, target: &Target, asked: Retention) -> Result<()> {
    let (ages, every, consent) = match asked {
        Retention::Plan { ages } => {
            let ledger = target.open(Mode::ReadOnly).await?;
            let progress = counter("reading", Unit::Events);
            let planned = plan(&ledger, &ages.policy()).await;
            progress.finish_and_clear();
            return show(out, &planned?, "would remove");
        }
        Retention::Apply { ages, every, yes } => (ages, every, consent(yes)),
    };
    let policy = ages.policy();
    if consent == Consent::Asked {
        check_terminal("this removes operations for good", "; `ledger retention plan` shows what would go")?;
    }
    let ledger = target.open(Mode::Existing).await?;
    if consent == Consent::Asked {
        let planned = plan(&ledger, &policy).await?;
        // Whoever goes on agrees to what is to come, too.
        if planned.events == 0 && every.is_none() {
            return show(out, &planned, "removed");
        }
        ask(out, target, &planned)?;
    }
    let Some(every) = every else {
        let progress = counter("removing", Unit::Events);
        let mut so_far = None;
        let swept = apply(&ledger, &policy, |sweep| {
            progress.set_position(sweep.events);
            so_far = Some(sweep.clone());
        })
        .await;
        progress.finish_and_clear();
        if let (Err(_), Some(so_far)) = (&swept, &so_far) {
            show(out, so_far, "removed, before it failed,")?;
        }
        return show(out, &swept?, "removed");
    };
    let mut shown = Ok(());
    let tell = |swept: &ledger_core::Result<Sweep>| {
        match swept {
            Ok(swept) => shown = show(out, swept, "removed").and_then(|()| out.flush()),
            Err(error) if error.is_unavailable() => note(&error.to_string()),
            Err(_) => {}
        }
        if shown.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let ended = {
        let mut work = pin!(run(&ledger, &policy, every, tell));
        tokio::select! {
            ended = &mut work => ended,
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    };
    shown?;
    Ok(ended?)
}

fn ask(out: &mut Out, target: &Target, planned: &Sweep) -> Result<()> {
    if out.format == Format::People {
        show(out, planned, "would remove")?;
        out.flush()?;
    }
    let question = format!("Remove {} from {} for good?", counted(planned.events, "event"), target.parsed);
    if agreed(&question, "this removes operations for good")? {
        return Ok(());
    }
    Err(Failure::No("nothing was removed".to_owned()))
}

fn show(out: &mut Out, sweep: &Sweep, verb: &str) -> Result<()> {
    if out.format == Format::Json {
        return out.json(sweep);
    }
    let line = format!("{} {}", out.paint(Style::Dim, "policy "), sweep.policy);
    out.line(line)?;
    let shares = [("success", sweep.success), ("failed", sweep.failed), ("unfinished", sweep.unfinished)];
    let rows = shares.iter().filter(|(_, share)| share.operations > 0);
    let rows: Vec<_> =
        rows.map(|(name, share)| vec![(*name).to_owned(), grouped(share.operations), bytes(share.bytes)]).collect();
    if !rows.is_empty() {
        out.table(&["status", "operations", "bytes"], rows)?;
    }
    match sweep.first.zip(sweep.last).zip(sweep.oldest.zip(sweep.newest)) {
        None => out.line("nothing is old enough to go")?,
        Some(((first, last), (oldest, newest))) => out.line(format!(
            "{verb} {}: from offset {first} to {last}, recorded from {} to {}",
            counted(sweep.events, "event"),
            short_time(oldest),
            short_time(newest)
        ))?,
    }
    let notes = [
        (sweep.lineage_kept, "operation", "what is there was made by way of them, and their lineage stays"),
        (sweep.lineage_dropped, "event", "kept the lineage of what is gone by now"),
        (
            sweep.held,
            "operation",
            "old enough, and stay: they say how long something of a job is kept, or no event could hold their lineage",
        ),
    ];
    for (count, what, why) in notes.into_iter().filter(|(count, ..)| *count > 0) {
        out.line(format!("{}: {why}", counted(count, what)))?;
    }
    Ok(())
}
