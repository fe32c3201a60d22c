//! `ledger prune` and `ledger reset`: removes events for good, and only when someone said so.

use std::io::{self, BufRead, IsTerminal, Write};

use backends::Mode;
use futures::TryStreamExt;
use ledger_core::retention::{self, Pruned};
use ledger_core::{Ledger, LedgerExt, Limit, Offset, Query};
use serde::Serialize;

use crate::cli::Prune;
use crate::failure::{Failure, Result};
use crate::output::{Format, Out, Unit, counted, counter};
use crate::place::Target;

/// How someone agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consent {
    /// With `--yes`.
    Given,
    /// By an answer on the terminal.
    Asked,
}

/// Says how someone agrees, from `--yes`.
pub(super) fn consent(yes: bool) -> Consent {
    if yes { Consent::Given } else { Consent::Asked }
}

#[derive(Serialize)]
struct Removed {
    removed: u64,
    head: Offset,
}

/// Removes the events that match.
pub(super) async fn prune(out: &mut Out, target: &Target, prune: Prune) -> Result<()> {
    let consent = consent(prune.yes);
    let mut query = prune.filter.query();
    query.up_to = prune.before.map(Offset::before);
    if query == Query::all() {
        return Err(Failure::Usage(
            "prune needs a filter, such as --before or --kind: `ledger reset` removes all".to_owned(),
        ));
    }
    if prune.dry_run {
        let ledger = target.open(Mode::ReadOnly).await?;
        return preview(out, target, count(&*ledger, query, What::Matching).await?);
    }
    remove(out, target, query, consent, What::Matching).await
}

/// Removes all events.
pub(super) async fn reset(out: &mut Out, target: &Target, consent: Consent) -> Result<()> {
    remove(out, target, Query::all(), consent, What::All).await
}

/// What to remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Matching,
    All,
}

fn preview(out: &mut Out, target: &Target, would_remove: u64) -> Result<()> {
    #[derive(Serialize)]
    struct Preview {
        would_remove: u64,
    }
    match out.format {
        Format::Json => out.json(&Preview { would_remove }),
        Format::People => out.line(format!("would remove {} from {}", counted(would_remove, "event"), target.parsed)),
    }
}

async fn remove(out: &mut Out, target: &Target, mut query: Query, consent: Consent, what: What) -> Result<()> {
    if consent == Consent::Asked {
        check_terminal("this removes events for good", "; `ledger prune … --dry-run` counts first")?;
    }
    let ledger = target.open(Mode::Existing).await?;
    // Up to the present head, so that what comes while someone thinks about the answer stays.
    let head = ledger.head().await?;
    let policy = format!("ledger prune: {query}");
    query.up_to = Some(query.up_to.map_or(head, |up_to| up_to.min(head)));
    if consent == Consent::Asked {
        let events = counted(count(&*ledger, query.clone(), what).await?, "event");
        if !ask(&format!("Remove {events} from {} for good?", target.parsed))? {
            return Err(Failure::No("nothing was removed".to_owned()));
        }
    }
    let progress = counter("removing", Unit::Events);
    let tell = |removed| progress.set_position(removed);
    let removed = match what {
        What::Matching => retention::prune(&ledger, &query, &policy, tell).await,
        What::All => retention::clear(&ledger, query.up_to.unwrap_or(head), "ledger reset", tell).await,
    };
    progress.finish_and_clear();
    let (removed, head) = (removed?, ledger.head().await?);
    if out.format == Format::Json {
        return out.json(&Removed { removed, head });
    }
    out.line(format!(
        "removed {} from {}; the next offset is {}",
        counted(removed, "event"),
        target.parsed,
        head.plus(1)
    ))
}

async fn count(ledger: &dyn Ledger, query: Query, what: What) -> Result<u64> {
    let progress = counter("counting", Unit::Events);
    let mut pages = ledger.pages(Query { limit: Limit::MAX, ..query });
    let mut events = 0;
    while let Some(page) = pages.try_next().await? {
        // Records of what was removed before stay.
        events += page.iter().filter(|event| what == What::All || event.kind.as_str() != Pruned::KIND).count() as u64;
        progress.set_position(events);
    }
    progress.finish_and_clear();
    Ok(events)
}

/// Asks on the terminal. Fails where there is none.
pub(super) fn agreed(question: &str, what: &str) -> Result<bool> {
    check_terminal(what, "")?;
    ask(question)
}

pub(super) fn check_terminal(what: &str, more: &str) -> Result<()> {
    if io::stdin().is_terminal() {
        return Ok(());
    }
    let error = Failure::Usage(format!("{what} and there is no terminal to ask"));
    Err(error.hint(format!("give --yes when you mean it{more}")))
}

/// Asks on the terminal; anything but a yes is a no.
fn ask(question: &str) -> Result<bool> {
    let failed = |error| Failure::io("cannot ask", error);
    let mut stderr = io::stderr().lock();
    write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush()).map_err(failed)?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(failed)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
