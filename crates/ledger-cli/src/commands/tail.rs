//! `ledger tail` and `ledger show`: prints events as they are, or as they come.

use std::pin::pin;

use backends::Mode;
use futures::{StreamExt, TryStreamExt};
use ledger_core::retention::{Pruned, RUN};
use ledger_core::{Event, EventId, Ledger, LedgerExt, Offset, Query};

use crate::cli::Tail;
use crate::failure::{Failure, Result};
use crate::output::{Format, Out};
use crate::place::Target;
use crate::render::{event_line, event_page};

/// Prints the events that match.
pub(super) async fn run(out: &mut Out, target: &Target, tail: Tail) -> Result<()> {
    let mut query = tail.filter.query();
    let take = tail.period.apply(&mut query);
    let ledger = target.open(Mode::ReadOnly).await?;
    if tail.follow {
        return follow(out, &*ledger, query, take).await;
    }
    let width = Out::width();
    let mut events = ledger.tail(query).take(take);
    while let Some(event) = events.try_next().await? {
        print(out, &event, width)?;
    }
    Ok(())
}

/// Prints the events that match and those to come, each at once. Ctrl-C is how this ends, so it is no failure.
async fn follow(out: &mut Out, ledger: &dyn Ledger, query: Query, take: usize) -> Result<()> {
    let width = Out::width();
    let mut events = ledger.follow(query).take(take);
    let mut interrupt = pin!(tokio::signal::ctrl_c());
    loop {
        let event = tokio::select! {
            // First, so that Ctrl-C is heeded before anything is printed.
            biased;
            _ = &mut interrupt => return Ok(()),
            event = events.try_next() => event?,
        };
        let Some(event) = event else { return Ok(()) };
        print(out, &event, width)?;
        out.flush()?;
    }
}

/// Prints an event, for whoever reads.
pub(super) fn print(out: &mut Out, event: &Event, width: Option<usize>) -> Result<()> {
    match out.format {
        Format::People => event_line(out, event, width),
        Format::Json => {
            let mut line = Vec::new();
            event.write_json(&mut line)?;
            out.line(line)
        }
    }
}

/// Prints one event: a number is an offset first, and then an id.
pub(super) async fn show(out: &mut Out, target: &Target, which: &str) -> Result<()> {
    let id = EventId::new(which)?;
    let ledger = target.open(Mode::ReadOnly).await?;
    let mut found = None;
    if let Some(offset) = which.parse::<Offset>().ok().filter(|&offset| offset != Offset::START) {
        found = first(&*ledger, Query::after(offset.before()).up_to(offset)).await?;
    }
    if found.is_none() {
        found = first(&*ledger, Query::all().id(id)?).await?;
    }
    let Some(event) = found else {
        let none = Failure::No(format!("no event `{which}` in {}", target.parsed));
        return Err(match which.parse() {
            Ok(offset) => match removal(&*ledger, offset).await? {
                Some(record) => none.hint(format!("it was removed: `ledger show {record}` says by whose word")),
                None => none,
            },
            Err(_) => none,
        });
    };
    match out.format {
        Format::People => event_page(out, &event),
        Format::Json => print(out, &event, None),
    }
}

/// Returns where it is recorded that the event at an offset was removed.
async fn removal(ledger: &dyn Ledger, offset: Offset) -> Result<Option<Offset>> {
    let query = Query::after(offset).run(RUN)?.kind(Pruned::KIND)?;
    let mut records = ledger.tail(query);
    while let Some(event) = records.try_next().await? {
        let record = Pruned::of_event(&event);
        if record.is_some_and(|record| record.ranges.iter().any(|(from, to)| (from..=to).contains(&&offset))) {
            return Ok(Some(event.offset));
        }
    }
    Ok(None)
}

async fn first(ledger: &dyn Ledger, query: Query) -> Result<Option<Event>> {
    Ok(ledger.read(&query.limit(1)?).await?.events.pop())
}
