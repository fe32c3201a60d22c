//! `ledger export`: events as JSONL, to standard output or to a file that appears when it is whole.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::pin::pin;

use backends::Mode;
use futures::TryStreamExt;
use indicatif::ProgressBar;
use ledger_core::{Ledger, LedgerExt, Limit, Query, WholeFile};
use serde::Serialize;

use crate::cli::{Export, ExportFormat};
use crate::failure::{Failure, Result, shown};
use crate::output::{Format, Out, Unit, bar, counted};
use crate::place::{Target, refuse_same_file};

use super::merge;

/// Exports the events that match, up to the present head.
pub(super) async fn run(out: &mut Out, target: &Target, export: Export) -> Result<()> {
    let mut query = Query { limit: Limit::MAX, ..export.filter.query() };
    if export.format == ExportFormat::Session {
        let session = query.session.take();
        let (Some(session), Some(root)) = (session, export.output) else {
            let why = "a session is exported with --session ID and --output DIRECTORY".to_owned();
            return Err(Failure::Usage(why));
        };
        if query != (Query { limit: Limit::MAX, ..Query::all() }) || !export.period.is_whole() || export.as_of.is_some()
        {
            return Err(Failure::Usage("a session is exported whole: leave out the other filters".to_owned()));
        }
        return merge::export(out, target, &session, &root).await;
    }
    let take = export.period.apply(&mut query);
    let ledger = target.open(Mode::ReadOnly).await?;
    let head = export.as_of.unwrap_or_default().up_to(&*ledger).await?;
    query.up_to = Some(head);
    let Some(path) = export.output else {
        let progress =
            if io::stdout().is_terminal() { ProgressBar::hidden() } else { bar("exporting", head.get(), Unit::Events) };
        write(&*ledger, query, take, &progress, |line| out.bytes(line)).await?;
        progress.finish_and_clear();
        return Ok(());
    };
    refuse_same_file(&path, target.file(), "the ledger")?;
    let progress = bar("exporting", head.get(), Unit::Events);
    let mut interrupt = pin!(tokio::signal::ctrl_c());
    let written = tokio::select! {
        biased;
        _ = &mut interrupt => return Err(Failure::Interrupted(format!("{} was not written", shown(&path)))),
        written = fill(&path, &*ledger, query, take, &progress) => written?,
    };
    progress.finish_and_clear();
    report(out, written, &path)
}

fn report(out: &mut Out, events: u64, path: &Path) -> Result<()> {
    #[derive(Serialize)]
    struct Summary {
        events: u64,
    }
    match out.format {
        Format::Json => out.json(&Summary { events }),
        Format::People => out.line(format!("{} written to {}", counted(events, "event"), shown(path))),
    }
}

/// Hands the lines of matching events to `write`, and returns how many there were.
async fn write(
    ledger: &dyn Ledger,
    query: Query,
    take: usize,
    progress: &ProgressBar,
    mut write: impl FnMut(&[u8]) -> Result<()>,
) -> Result<u64> {
    let (mut line, mut left) = (Vec::new(), take);
    let mut pages = ledger.pages(query);
    while let Some(page) = pages.try_next().await? {
        for event in page.iter().take(left) {
            line.clear();
            event.write_json(&mut line)?;
            line.push(b'\n');
            write(&line)?;
        }
        progress.set_position(page.last().map_or(0, |event| event.offset.get()));
        left = left.saturating_sub(page.len());
        if left == 0 {
            break;
        }
    }
    Ok((take - left) as u64)
}

/// Writes the events to a file that appears when it is whole.
async fn fill(path: &Path, ledger: &dyn Ledger, query: Query, take: usize, progress: &ProgressBar) -> Result<u64> {
    let unwritable = |error| unwritable(path, error);
    let mut file = WholeFile::create(path).map_err(unwritable)?;
    let count = write(ledger, query, take, progress, |line| file.write_all(line).map_err(unwritable)).await?;
    file.finish().map_err(unwritable)?;
    Ok(count)
}

fn unwritable(path: &Path, error: io::Error) -> Failure {
    Failure::io(format!("cannot write {}", shown(path)), error)
}
