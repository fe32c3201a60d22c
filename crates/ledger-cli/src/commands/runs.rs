//! `ledger runs` and `ledger run`: what the view of runs says.

use backends::Mode;
use futures::TryStreamExt;
use ledger_core::views::{RunState, RunSummary, Runs, WhichRuns};
use ledger_core::{Actor, LedgerExt, Query, RunId, fold};

use crate::failure::{Failure, Result};
use crate::output::{Format, Out, Style, counted, plain};
use crate::place::Target;
use crate::render::{cut, event_line, short_time};

/// The most actors that a row names.
const MOST_ACTORS: usize = 3;

/// Lists runs.
pub(super) async fn list(out: &mut Out, target: &Target, which: &WhichRuns) -> Result<()> {
    let ledger = target.open(Mode::ReadOnly).await?;
    let mut runs = Runs::default();
    fold(&*ledger, Query::all(), &mut runs).await?;
    let found: Vec<_> = runs.all().iter().filter(|run| which.matches(run)).collect();
    if out.format == Format::Json {
        return found.into_iter().try_for_each(|run| out.json(run));
    }
    if found.is_empty() {
        return out.line(if runs.all().is_empty() { "no runs yet" } else { "no run fits" });
    }
    let header = ["run", "state", "events", "offsets", "began (UTC)", "last event", "actors"];
    out.table(&header, found.into_iter().map(row).collect())
}

fn row(run: &RunSummary) -> Vec<String> {
    vec![
        plain(run.run_id.as_str()).into_owned(),
        state(run),
        run.events.to_string(),
        format!("{}–{}", run.first_offset, run.last_offset),
        short_time(run.first_at),
        run.last_kind.to_string(),
        actors(&run.actors),
    ]
}

fn state(run: &RunSummary) -> String {
    match &run.state {
        RunState::Open => "open".to_owned(),
        RunState::Finished { reason: None } => "finished".to_owned(),
        RunState::Finished { reason: Some(reason) } => format!("finished: {}", cut(&plain(reason), 40)),
    }
}

fn actors(actors: &[Actor]) -> String {
    let named: Vec<_> = actors.iter().take(MOST_ACTORS).map(|actor| plain(actor.as_str())).collect();
    match actors.len().checked_sub(MOST_ACTORS) {
        None | Some(0) => named.join(", "),
        Some(more) => format!("{} and {more} more", named.join(", ")),
    }
}

/// Prints one run: its summary, then its events.
pub(super) async fn one(out: &mut Out, target: &Target, run: RunId) -> Result<()> {
    let ledger = target.open(Mode::ReadOnly).await?;
    let query = Query::all().run(&run)?;
    let mut runs = Runs::default();
    let head = fold(&*ledger, query.clone(), &mut runs).await?;
    let Some(summary) = runs.get(&run) else {
        return Err(Failure::No(format!("no run `{}` in {}", plain(run.as_str()), target.parsed)));
    };
    let mut events = ledger.tail(query.up_to(head));
    if out.format == Format::Json {
        return json(out, summary, &mut events).await;
    }
    let title = format!("{}  {}", out.paint(Style::Bold, &plain(run.as_str())), state(summary));
    out.line(title)?;
    out.line(format!(
        "{}, offsets {}–{}, {} to {} UTC, by {}\n",
        counted(summary.events, "event"),
        summary.first_offset,
        summary.last_offset,
        short_time(summary.first_at),
        short_time(summary.last_at),
        actors(&summary.actors)
    ))?;
    let width = Out::width();
    while let Some(event) = events.try_next().await? {
        event_line(out, &event, width)?;
    }
    Ok(())
}

/// Prints `{"run":…,"events":[…]}` piece by piece: a run may be longer than the memory.
async fn json(
    out: &mut Out,
    summary: &RunSummary,
    events: &mut (impl TryStreamExt<Ok = ledger_core::Event, Error = ledger_core::Error> + Unpin),
) -> Result<()> {
    let summary = serde_json::to_vec(summary).expect("a summary has a JSON form");
    out.bytes(b"{\"run\":")?;
    out.bytes(&summary)?;
    out.bytes(b",\"events\":[")?;
    let mut comma: &[u8] = b"";
    while let Some(event) = events.try_next().await? {
        let mut line = comma.to_vec();
        event.write_json(&mut line)?;
        out.bytes(&line)?;
        comma = b",";
    }
    out.line("]}")
}
