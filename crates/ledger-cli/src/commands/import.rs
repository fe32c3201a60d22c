//! `ledger import`: records the lines of a file in batches, so that a repeat after any interruption completes it.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use backends::Mode;
use indicatif::ProgressBar;
use ledger_core::{Condition, Draft, Error, EventId, Ledger, Offset, Status};
use serde::Serialize;

use crate::cli::{Import, Input};
use crate::failure::{Failure, Result, shown};
use crate::history;
use crate::lines::{BadLines, Treatment, read_all};
use crate::output::{Format, Out, Unit, bar, counted, counter, note};
use crate::place::{Target, refuse_same_file};
use crate::queue::{Batch, End, Origin, Queue};

use super::merge;

/// The most bad lines that are explained one by one.
const MOST_EXPLAINED: u64 = 20;

/// Imports a file.
pub(super) async fn run(out: &mut Out, target: &Target, import: Import) -> Result<()> {
    if import.format == Input::Session {
        if import.skip_bad.is_some() || import.as_drafts {
            return Err(Failure::Usage("--skip-bad and --as-drafts are for lines of events".to_owned()));
        }
        if is_stdin(&import.file) {
            return Err(Failure::Usage("give the directory of a session".to_owned()));
        }
        return merge::import(out, target, &import.file).await;
    }
    let git = import.format == Input::Git;
    let (input, length) =
        if git { (None, None) } else { open_input(&import.file).map(|(input, length)| (Some(input), length))? };
    let source = Some(import.file.as_path()).filter(|path| !is_stdin(path));
    let ledger = target.open(Mode::Create).await?;
    let bad = Arc::new(match import.skip_bad {
        None => Bad::Refused,
        Some(path) => {
            refuse_same_file(&path, source, "the file to import")?;
            refuse_same_file(&path, target.file(), "the ledger")?;
            Bad::collect(path)?
        }
    });
    let treatment = if import.as_drafts { Treatment::Append } else { Treatment::Restore };
    let queue = Arc::new(Queue::default());
    let reader = (Arc::clone(&queue), Arc::clone(&bad));
    // A plain thread, because one that waits for standard input must not hold up the end of the program.
    std::thread::spawn(move || match input {
        None => history::read_all(if is_stdin(&import.file) { Path::new(".") } else { &import.file }, &reader.0),
        Some(input) => read_all(&mut BufReader::with_capacity(256 << 10, input), treatment, &*reader.1, &reader.0),
    });
    let progress =
        length.map_or_else(|| counter("importing", Unit::Bytes), |length| bar("importing", length, Unit::Bytes));
    let mut importer = Importer { held: ledger.head().await?, ledger: &*ledger, bad: &bad, tally: Tally::default() };
    let ended = importer.record_all(&queue, &progress).await;
    progress.finish_and_clear();
    let tally = importer.tally;
    let skipped = bad.finish()?;
    ended.map_err(|failure| tally.explain(failure))?;
    report(out, &tally, &skipped, ledger.head().await?)
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn open_input(path: &Path) -> Result<(Box<dyn Read + Send>, Option<u64>)> {
    if is_stdin(path) {
        if io::stdin().is_terminal() {
            note("reading lines from the terminal: end with Ctrl-D");
        }
        return Ok((Box::new(io::stdin()), None));
    }
    let unreadable = |error| Failure::io(format!("cannot read {}", shown(path)), error);
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(Failure::Usage(format!("{} is a directory: give a file of JSONL", shown(path))));
    }
    Ok((Box::new(file), metadata.is_file().then_some(metadata.len())))
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    new: u64,
    duplicate: u64,
}

impl Tally {
    /// Adds to a failure what was recorded before it, and how to go on.
    fn explain(self, failure: Failure) -> Failure {
        let done = format!("{} recorded before it, {} already there", counted(self.new, "event"), self.duplicate);
        let hint = match (&failure, failure.advice()) {
            (Failure::Interrupted(_), _) => {
                return Failure::Interrupted(format!(
                    "{}; run it again to complete the import",
                    done.replace(" before it", "")
                ));
            }
            (Failure::Ledger(Error::NotEmpty { .. }), _) => {
                "import into an empty ledger, or give --as-drafts to append the events with new offsets".to_owned()
            }
            (_, Some(advice)) => advice,
            (Failure::Line { .. }, None) => {
                "correct the line and run it again, or collect bad lines with --skip-bad FILE".to_owned()
            }
            (_, None) => "run it again to complete the import".to_owned(),
        };
        failure.hint(format!("{done}; {hint}"))
    }
}

struct Importer<'a> {
    ledger: &'a dyn Ledger,
    bad: &'a Bad,
    /// The head at the start: recorded events up to it are there already.
    held: Offset,
    tally: Tally,
}

impl Importer<'_> {
    /// Records batch after batch; Ctrl-C ends it between two.
    async fn record_all(&mut self, queue: &Queue, progress: &ProgressBar) -> Result<()> {
        let mut interrupt = pin!(tokio::signal::ctrl_c());
        loop {
            let batch = tokio::select! {
                biased;
                _ = &mut interrupt => return Err(Failure::Interrupted(String::new())),
                batch = queue.next() => batch,
            };
            progress.inc(batch.bytes as u64);
            self.record(&batch).await?;
            match batch.end {
                None => {}
                Some(End::Done) => return Ok(()),
                Some(End::Failed(failure)) => return Err(failure),
            }
        }
    }

    async fn record(&mut self, batch: &Batch) -> Result<()> {
        if let Some(last) = batch.events.last() {
            self.ledger.restore(&batch.events, last.offset).await?;
            let old = batch.events.partition_point(|event| event.offset <= self.held);
            self.tally.duplicate += old as u64;
            self.tally.new += (batch.events.len() - old) as u64;
        }
        let (mut drafts, mut origins) = (&batch.drafts[..], &batch.origins[..]);
        while !drafts.is_empty() {
            let Some((place, conflict)) = self.append(drafts).await? else { return Ok(()) };
            let Origin { number, raw } = &origins[place];
            let failure = Failure::Line { number: *number, error: Box::new(conflict.into()) };
            self.bad.take(raw.as_deref().unwrap_or_default(), failure)?;
            // The line was collected; those after it are tried as if it were not there.
            (drafts, origins) = (&drafts[place + 1..], &origins[place + 1..]);
        }
        Ok(())
    }

    /// Appends drafts as one batch. When an id conflicts, appends all before it and returns its place.
    async fn append(&mut self, drafts: &[Draft]) -> Result<Option<(usize, Error)>> {
        let Err(error) = self.append_whole(drafts).await else { return Ok(None) };
        let Error::IdConflict { id, .. } = &error else { return Err(error.into()) };
        let mut start = 0;
        for place in places(drafts, id) {
            self.append_whole(&drafts[start..place]).await?;
            match self.append_whole(&drafts[place..=place]).await {
                Ok(()) => start = place + 1,
                Err(conflict @ Error::IdConflict { .. }) => return Ok(Some((place, conflict))),
                Err(error) => return Err(error.into()),
            }
        }
        // Another process removed what was in the way.
        self.append_whole(&drafts[start..]).await?;
        Ok(None)
    }

    async fn append_whole(&mut self, drafts: &[Draft]) -> Result<(), Error> {
        if drafts.is_empty() {
            return Ok(());
        }
        for receipt in self.ledger.append(drafts, &Condition::None).await? {
            match receipt.status {
                Status::New => self.tally.new += 1,
                Status::Duplicate => self.tally.duplicate += 1,
            }
        }
        Ok(())
    }
}

fn places<'a>(drafts: &'a [Draft], id: &'a EventId) -> impl Iterator<Item = usize> + 'a {
    drafts.iter().enumerate().filter(move |(_, draft)| draft.id == *id).map(|(place, _)| place)
}

/// What becomes of lines that cannot be recorded.
enum Bad {
    /// The first one ends the import.
    Refused,
    /// They go into a file.
    Collected { path: PathBuf, found: Mutex<Found> },
}

struct Found {
    file: BufWriter<File>,
    lines: u64,
}

impl Bad {
    fn collect(path: PathBuf) -> Result<Self> {
        let file = File::create(&path).map_err(|error| unwritable(&path, error))?;
        Ok(Self::Collected { path, found: Mutex::new(Found { file: BufWriter::new(file), lines: 0 }) })
    }

    fn write(&self, pieces: &[&[u8]], count: impl FnOnce(&mut u64)) -> Result<()> {
        let Self::Collected { path, found } = self else { return Ok(()) };
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        count(&mut found.lines);
        pieces.iter().try_for_each(|piece| found.file.write_all(piece)).map_err(|error| unwritable(path, error))
    }

    /// Makes the file whole and returns how many lines it has.
    fn finish(&self) -> Result<Skipped<'_>> {
        let Self::Collected { path, found } = self else { return Ok(Skipped { lines: 0, file: None }) };
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        found.file.flush().map_err(|error| unwritable(path, error))?;
        if found.lines > MOST_EXPLAINED {
            note(&format!("… and {} more", found.lines - MOST_EXPLAINED));
        }
        Ok(Skipped { lines: found.lines, file: Some(path) })
    }
}

impl BadLines for Bad {
    fn spill(&self, piece: &[u8]) -> Result<()> {
        self.write(&[piece], |_| ())
    }

    fn take(&self, raw: &[u8], error: Failure) -> Result<()> {
        if !self.collects() {
            return Err(error);
        }
        let mut count = 0;
        self.write(&[raw, b"\n"], |lines| {
            *lines += 1;
            count = *lines;
        })?;
        if count <= MOST_EXPLAINED {
            note(&format!("skipped {error}"));
        }
        Ok(())
    }

    fn collects(&self) -> bool {
        matches!(self, Self::Collected { .. })
    }
}

fn unwritable(path: &Path, error: io::Error) -> Failure {
    Failure::io(format!("cannot write {}", shown(path)), error)
}

struct Skipped<'a> {
    lines: u64,
    file: Option<&'a Path>,
}

fn report(out: &mut Out, tally: &Tally, skipped: &Skipped<'_>, head: Offset) -> Result<()> {
    #[derive(Serialize)]
    struct Summary {
        new: u64,
        duplicate: u64,
        skipped: u64,
        head: Offset,
    }
    let Tally { new, duplicate } = *tally;
    if out.format == Format::Json {
        return out.json(&Summary { new, duplicate, skipped: skipped.lines, head });
    }
    let mut text = format!("{} recorded, {duplicate} already there", counted(new, "event"));
    if let (1.., Some(file)) = (skipped.lines, skipped.file) {
        text.push_str(&format!(", {} skipped to {}", counted(skipped.lines, "line"), shown(file)));
    }
    out.line(format!("{text}; head {head}"))
}
