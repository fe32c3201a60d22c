//! `ledger merge`, and sessions as files: what grew apart becomes one, and what does not agree is told.

use std::collections::BTreeSet;
use std::path::Path;

use backends::Mode;
use ledger_core::session::{self, Carried};
use ledger_core::views::session::{About, Placed, Report};
use ledger_core::{EventId, SessionId};
use serde::Serialize;

use crate::cli;
use crate::failure::{Failure, Result, shown};
use crate::output::{Format, Out, counted, note, plain};
use crate::place::Target;

use super::sessions::{must_be_there, no_session};

/// The most conflicts that are shown to people.
const MOST_CONFLICTS: usize = 50;
/// The most ids that are told one by one.
const MOST_CLASHES: usize = 20;

/// Merges a session with that of another ledger, or looks at several as one.
pub(super) async fn merge(out: &mut Out, target: &Target, asked: cli::Merge) -> Result<()> {
    let from = match &asked.from {
        None => None,
        Some(url) => {
            let from = Target::new(url.clone())?;
            let theirs = from.open(Mode::ReadOnly).await?;
            // Before this ledger is made, if it is not there.
            must_be_there(&*theirs, &asked.session, &from).await?;
            Some(theirs)
        }
    };
    let records = from.is_some() && !asked.dry_run;
    let ledger = target.open(if records { Mode::Create } else { Mode::ReadOnly }).await?;
    let carried = match &from {
        Some(from) if records => Some(session::carry(&**from, &*ledger, &asked.session).await?),
        _ => None,
    };
    let (mut merge, mut malformed) = session::union(&*ledger, &asked.session).await?;
    if !asked.others.is_empty() {
        must_be_there(&*ledger, &asked.session, target).await?;
    }
    for other in &asked.others {
        must_be_there(&*ledger, other, target).await?;
        let (theirs, more) = session::union(&*ledger, other).await?;
        (merge, malformed) = (merge.and(theirs), malformed + more);
    }
    // What was carried over whole is here, and need not be read there again.
    if let Some(from) = from.filter(|_| carried.as_ref().is_none_or(|carried| !carried.clashes.is_empty())) {
        let (theirs, more) = session::union(&*from, &asked.session).await?;
        (merge, malformed) = (merge.and(theirs), malformed + more);
    }
    if merge.is_empty() && carried.is_none() {
        return Err(no_session(&asked.session, target));
    }
    let (operations, report) = (merge.len() as u64, merge.report());
    let places = asked.places.as_ref().map(|domain| merge.placed(domain));
    let clashes = !report.clashes.is_empty() || carried.as_ref().is_some_and(|carried| !carried.clashes.is_empty());
    if out.format == Format::Json {
        #[derive(Serialize)]
        struct Whole {
            operations: u64,
            malformed: u64,
            #[serde(skip_serializing_if = "Option::is_none")]
            carried: Option<Carried>,
            #[serde(flatten)]
            report: Report,
            #[serde(skip_serializing_if = "Option::is_none")]
            places: Option<Vec<Placed>>,
        }
        out.json(&Whole { operations, malformed, carried, report, places })?;
    } else {
        tell(out, operations, carried.as_ref(), &report)?;
        for placed in places.iter().flatten() {
            let place = placed.place.map_or_else(|| "nowhere: it is gone".to_owned(), |place| format!("at {place}"));
            let list = placed.within.as_ref().map(|list| format!(" in {}", plain(list))).unwrap_or_default();
            out.line(format!("{}{list} {place}  {}", placed.action, placed.id))?;
        }
        if malformed > 0 {
            note(&format!("{} cannot be read as edits", counted(malformed, "event")));
        }
    }
    if clashes { Err(Failure::Told) } else { Ok(()) }
}

fn tell(out: &mut Out, operations: u64, carried: Option<&Carried>, report: &Report) -> Result<()> {
    if let Some(carried) = carried {
        out.line(format!("{} recorded, {} already there", counted(carried.new, "event"), carried.there))?;
        told_clashes(&carried.clashes);
    }
    let more = if report.more { " and more" } else { "" };
    let conflicts = counted(report.conflicts.len() as u64, "conflict");
    out.line(format!("{}, {conflicts}{more}", counted(operations, "edit")))?;
    for conflict in report.conflicts.iter().take(MOST_CONFLICTS) {
        let about = match &conflict.about {
            About::Target(target) => target.clone(),
            About::Place { at, within: None } => format!("place {at}"),
            About::Place { at, within: Some(list) } => format!("place {at} of {list}"),
        };
        let side = |side: &ledger_core::views::session::Side| {
            format!("{} by {} ({})", side.action, plain(side.actor.as_str()), plain(side.id.as_str()))
        };
        let domain = plain(conflict.domain.as_str());
        out.line(format!("{domain}/{}: {}, {}", plain(&about), side(&conflict.one), side(&conflict.other)))?;
    }
    if report.conflicts.len() > MOST_CONFLICTS {
        note(&format!("shows {MOST_CONFLICTS} conflicts: --json prints all"));
    }
    for id in &report.clashes {
        out.line(format!("{} stands for two different edits", plain(id.as_str())))?;
    }
    if let Some(first) = report.twins.first() {
        let (count, first) = (counted(report.twins.len() as u64, "edit"), plain(first.as_str()));
        note(&format!("{count} have the stamp of another by the same actor, such as {first}: was it at two places?"));
    }
    if let Some(first) = report.unplaced.first() {
        let count = counted(report.unplaced.len() as u64, "edit");
        note(&format!("{count} move something or count places in a patch, such as {first}: those are not placed"));
    }
    Ok(())
}

/// Says which ids stand for something else here.
fn told_clashes(clashes: &BTreeSet<EventId>) {
    for id in clashes.iter().take(MOST_CLASHES) {
        note(&format!("`{}` stands for something else here, which was left as it is", plain(id.as_str())));
    }
    if clashes.len() > MOST_CLASHES {
        note(&format!("and so do {} more", clashes.len() - MOST_CLASHES));
    }
}

/// Imports a session from the files of another program.
pub(super) async fn import(out: &mut Out, target: &Target, directory: &Path) -> Result<()> {
    let unreadable = |error| Failure::io(format!("cannot read {}", shown(directory)), error);
    // What `.` is called, for one; a link keeps its own name.
    let real = if directory.file_name().is_some() {
        directory.to_owned()
    } else {
        directory.canonicalize().map_err(unreadable)?
    };
    std::fs::metadata(real.join("ops.jsonl")).map_err(unreadable)?;
    let (Some(root), Some(name)) = (real.parent(), real.file_name()) else {
        return Err(Failure::Usage(format!("{} names no session: give its directory", shown(directory))));
    };
    let Some(name) = name.to_str() else {
        return Err(Failure::Usage(format!("{} is no session's id: it is not UTF-8", shown(directory))));
    };
    let ledger = target.open(Mode::Create).await?;
    let imported = session::import(&*ledger, &SessionId::new(name)?, root).await?;
    if out.format == Format::Json {
        out.json(&imported)?;
    } else {
        let (new, there) = (counted(imported.edits.new, "edit"), imported.edits.there);
        out.line(format!("{new} recorded, {there} already there"))?;
        if let Some(taken) = &imported.checkpoint {
            let includes = counted(taken.operations, "edit");
            out.line(format!("checkpoint {} includes {includes}", plain(&taken.snapshot)))?;
        }
    }
    if let Some((first, why)) = &imported.first_corrupt {
        let count = counted(imported.corrupt, "line");
        note(&format!("{count} passed over that are no edits, such as line {first}: {}", plain(why)));
    }
    if imported.torn {
        note("the last line was cut, and passed over");
    }
    if let Some(why) = &imported.no_checkpoint {
        note(&format!("the checkpoint was not recorded: {why}"));
    }
    told_clashes(&imported.edits.clashes);
    if imported.edits.clashes.is_empty() { Ok(()) } else { Err(Failure::Told) }
}

/// Exports a session into files that other programs read.
pub(super) async fn export(out: &mut Out, target: &Target, session: &SessionId, root: &Path) -> Result<()> {
    let ledger = target.open(Mode::ReadOnly).await?;
    must_be_there(&*ledger, session, target).await?;
    let interrupt = tokio::signal::ctrl_c();
    let exported = tokio::select! {
        biased;
        _ = interrupt => return Err(Failure::Interrupted(format!("{} was not written", shown(root)))),
        exported = session::export(&*ledger, session, root) => exported?,
    };
    if exported.malformed > 0 {
        note(&format!("{} cannot be read as edits, and are left out", counted(exported.malformed, "event")));
    }
    match out.format {
        Format::Json => out.json(&exported),
        Format::People => {
            let (edits, directory) = (counted(exported.operations, "edit"), shown(&exported.directory));
            out.line(format!("{edits} written to {directory}"))
        }
    }
}
