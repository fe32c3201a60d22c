//! The layout of files by which sessions are exchanged with other programs: `<session>/ops.jsonl`, a line for each edit, and
//! `<session>/checkpoint.json`.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::StreamExt;
use serde::{Deserialize, Serialize};

use super::carry::{Carried, append_new};
use super::lines::{self, Lines, Raw};
use super::read::{edits, newest_checkpoint};
use super::take;
use crate::error::{Error, Result, Shown};
use crate::event::{Draft, Offset};
use crate::ext::fold;
use crate::ledger::Ledger;
use crate::query::Query;
use crate::text::{Actor, EventId, SessionId};
use crate::views::session::{Checkpoint, Sessions};
use crate::whole::WholeFile;

const OPS: &str = "ops.jsonl";
const CHECKPOINT: &str = "checkpoint.json";
/// How many bytes of lines are written at once.
const CHUNK: usize = 1 << 20;
/// The longest checkpoint that is read.
const LONGEST: u64 = 1 << 20;

/// A checkpoint as a file.
#[derive(Serialize, Deserialize)]
struct Taken {
    snapshot_id: String,
    #[serde(default)]
    lamport_ts: Option<u64>,
    #[serde(default)]
    op_count: Option<u64>,
}

/// What was imported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// The edits that were recorded, that were there, and that clash with what is there.
    #[serde(flatten)]
    pub edits: Carried,
    /// How many lines are no edits, and were passed over.
    pub corrupt: u64,
    /// The first of these, from 1, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_corrupt: Option<(u64, String)>,
    /// Whether the last line was cut in the middle, as a program leaves it that is killed; it was passed over.
    pub torn: bool,
    /// The checkpoint that was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<Checkpoint>,
    /// Why the checkpoint in the file was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_checkpoint: Option<String>,
}

/// What was exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// The directory.
    pub directory: PathBuf,
    /// How many edits there are.
    pub operations: u64,
    /// How many events are no edits though they should be, and are left out.
    pub malformed: u64,
    /// The checkpoint.
    pub checkpoint: Option<Checkpoint>,
}

/// Writes the edits of a session, in the order of the ledger, and its newest checkpoint into a directory of its name under `root`,
/// which is made. A file that is there is replaced when the new one is whole.
///
/// Fails when the session's id cannot be a directory's name.
pub async fn export(ledger: &dyn Ledger, session: &SessionId, root: &Path) -> Result<Exported> {
    let directory = directory(root, session)?;
    let checkpoint = newest_checkpoint(ledger, session).await?;
    let mut edits = edits(ledger, session, Offset::START, ledger.head().await?)?;
    let mut ops = blocking({
        let directory = directory.clone();
        move || {
            fs::create_dir_all(&directory).map_err(|error| failed("make", &directory, error))?;
            create(&directory.join(OPS))
        }
    })
    .await?;
    let (mut exported, mut included) = (Exported { directory, operations: 0, malformed: 0, checkpoint }, 0);
    let mut lines = Vec::new();
    while let Some(edited) = edits.next().await {
        let edited = match edited {
            Ok(edited) => edited,
            Err(Error::Invalid { what: "event", .. }) => {
                exported.malformed += 1;
                continue;
            }
            Err(error) => return Err(error),
        };
        exported.operations += 1;
        included += u64::from(exported.checkpoint.as_ref().is_some_and(|taken| edited.link.offset <= taken.offset));
        lines::write(edited, &mut lines);
        if lines.len() >= CHUNK {
            let chunk = std::mem::take(&mut lines);
            ops = blocking(move || write(&mut ops, &chunk).map(|()| ops)).await?;
        }
    }
    let taken = exported.checkpoint.as_ref().map(|found| Taken {
        snapshot_id: found.snapshot.clone(),
        lamport_ts: Some(found.lamport),
        // Of those that are there: some may have been pruned.
        op_count: Some(included),
    });
    let file = exported.directory.join(CHECKPOINT);
    blocking(move || {
        write(&mut ops, &lines)?;
        let taken = taken.map(|taken| {
            let mut whole = create(&file)?;
            write(&mut whole, &serde_json::to_vec(&taken).expect("a checkpoint has a JSON form")).map(|()| whole)
        });
        let taken = taken.transpose()?;
        finish(ops)?;
        match taken {
            Some(taken) => finish(taken),
            None => match fs::remove_file(&file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", &file, error)),
                _ => Ok(()),
            },
        }
    })
    .await?;
    Ok(exported)
}

/// Records the edits of a session that another program or [`export`] has written into a directory of its name under `root`, in the
/// order of the lines; and its checkpoint, if what it includes can be told from the rest here. What is there already is passed
/// over, so that an import which was interrupted is called again.
///
/// Lines that are no edits are passed over and counted, and so is a last line that was cut. Fails when the session's id cannot be
/// a directory's name, and when there is no such file.
pub async fn import(ledger: &dyn Ledger, session: &SessionId, root: &Path) -> Result<Imported> {
    let directory = directory(root, session)?;
    let (ops, file) = (directory.join(OPS), directory.join(CHECKPOINT));
    let path = ops.clone();
    let (mut reader, taken) = blocking(move || {
        let file_of_lines = File::open(&path).map_err(|error| failed("read", &path, error))?;
        Ok((Lines::new(file_of_lines), taken(&file)?))
    })
    .await?;
    let mut importing = Importing { session, taken, imported: Imported::default(), line: 0, edits: 0 };
    let mut parted = Parted::default();
    while !reader.ended() {
        let path = ops.clone();
        let read = move || reader.read().map(|lines| (reader, lines)).map_err(|error| failed("read", &path, error));
        let (next, lines) = blocking(read).await?;
        reader = next;
        let (drafts, included) = importing.drafts(lines);
        for (id, offset) in append_new(ledger, drafts, &mut importing.imported.edits).await? {
            parted.add(id, offset, &included);
        }
    }
    let Importing { taken, mut imported, .. } = importing;
    match taken {
        None => {}
        Some(Err(why)) => imported.no_checkpoint = Some(why),
        Some(Ok(taken)) => match take_over(ledger, session, &taken, &parted).await {
            Ok(checkpoint) => imported.checkpoint = Some(checkpoint),
            // What is wrong with the checkpoint takes nothing from the edits.
            Err(Error::Invalid { why, .. }) => imported.no_checkpoint = Some(why),
            Err(error) => return Err(error),
        },
    }
    Ok(imported)
}

/// An import on its way.
struct Importing<'s> {
    session: &'s SessionId,
    taken: Option<Result<Taken, String>>,
    imported: Imported,
    /// How many lines there were, …
    line: u64,
    /// … and how many of them were edits once, those included that cannot be read.
    edits: u64,
}

impl Importing<'_> {
    /// Reads the edits of some lines, and which of them the checkpoint includes.
    fn drafts(&mut self, lines: Vec<Raw>) -> (Vec<Draft>, HashSet<EventId>) {
        let (mut drafts, mut included) = (Vec::with_capacity(lines.len()), HashSet::new());
        for raw in lines {
            self.line += 1;
            let (bytes, is_cut) = match &raw {
                Raw::Whole(bytes) | Raw::Cut(bytes) if bytes.trim_ascii().is_empty() => continue,
                Raw::Whole(bytes) => (&**bytes, false),
                Raw::Cut(bytes) => (&**bytes, true),
                Raw::TooLong => (&b""[..], false),
            };
            self.edits += 1;
            match lines::draft(bytes, self.session) {
                Ok(draft) => {
                    if self.includes(&draft) {
                        included.insert(draft.id.clone());
                    }
                    drafts.push(draft);
                }
                Err(_) if is_cut => self.imported.torn = true,
                Err(error) => {
                    self.imported.corrupt += 1;
                    self.imported.first_corrupt.get_or_insert_with(|| (self.line, error.to_string()));
                }
            }
        }
        (drafts, included)
    }

    fn includes(&self, draft: &Draft) -> bool {
        match &self.taken {
            Some(Ok(Taken { op_count: Some(count), .. })) => self.edits <= *count,
            Some(Ok(Taken { lamport_ts: Some(highest), .. })) => draft.lamport <= Some(*highest),
            _ => false,
        }
    }
}

/// Where the edits are here that a checkpoint includes, and the first that it does not.
#[derive(Default)]
struct Parted {
    included: HashSet<EventId>,
    last_included: Offset,
    first_other: Option<Offset>,
}

impl Parted {
    fn add(&mut self, id: EventId, offset: Offset, included: &HashSet<EventId>) {
        if included.contains(&id) {
            self.last_included = self.last_included.max(offset);
            self.included.insert(id);
        } else {
            self.first_other = Some(self.first_other.map_or(offset, |first| first.min(offset)));
        }
    }
}

/// Records a checkpoint of another program. Fails with `Invalid` when no offset parts what it includes from what it does not.
async fn take_over(ledger: &dyn Ledger, session: &SessionId, taken: &Taken, parted: &Parted) -> Result<Checkpoint> {
    // One that includes nothing which is there stands before what is.
    let nothing = || parted.first_other.map(Offset::before);
    let up_to = Some(parted.last_included).filter(|last| *last > Offset::START).or_else(nothing);
    let Some(up_to) = up_to else {
        return Err(Error::invalid("checkpoint", "none of the edits is here"));
    };
    if let Some(newest) = newest_checkpoint(ledger, session).await?
        && newest.offset >= up_to
    {
        let why = format!("there is one that includes as much, {}", Shown(&newest.snapshot));
        return Err(Error::invalid("checkpoint", why));
    }
    let mut sessions = Sessions::default();
    fold(ledger, Query::all().session(session)?.up_to(up_to), &mut sessions).await?;
    let (before, included) = (sessions.get(session).map_or(0, |found| found.operations), parted.included.len() as u64);
    if before != included {
        let why = format!("it includes {included} edits, and {before} stand here up to the last of them");
        return Err(Error::invalid("checkpoint", why));
    }
    let least = taken.lamport_ts.unwrap_or_default().min(lines::HIGHEST);
    take(ledger, session, &Actor::new("import")?, &taken.snapshot_id, Some(up_to), least).await
}

/// Returns the directory of a session. Fails when its id is a path, or no name at all: it may come from anywhere.
fn directory(root: &Path, session: &SessionId) -> Result<PathBuf> {
    let name = session.as_str();
    if matches!(name, "." | "..") || name.contains(['/', '\\', ':']) {
        let why = format!("{} cannot be a directory's name: leave out `/`, `\\` and `:`", Shown(name));
        return Err(Error::invalid("session id", why));
    }
    Ok(root.join(name))
}

/// Reads the checkpoint, if there is one; or what is wrong with it.
fn taken(path: &Path) -> Result<Option<Result<Taken, String>>> {
    let mut text = Vec::new();
    match File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut text)) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", path, error)),
    }
    let taken: Result<Taken, _> = serde_json::from_slice(&text);
    Ok(Some(match taken {
        Ok(Taken { op_count: None, lamport_ts: None, .. }) => {
            Err(format!("`{}` has neither `op_count` nor `lamport_ts`", path.display()))
        }
        taken => taken.map_err(|error| format!("`{}`: {error}", path.display())),
    }))
}

fn create(path: &Path) -> Result<WholeFile> {
    WholeFile::create(path).map_err(|error| failed("write", path, error))
}

fn write(file: &mut WholeFile, bytes: &[u8]) -> Result<()> {
    file.write_all(bytes).map_err(|error| failed("write", file.path(), error))
}

fn finish(file: WholeFile) -> Result<()> {
    let path = file.path().to_owned();
    file.finish().map_err(|error| failed("write", &path, error))
}

fn failed(action: &str, path: &Path, error: io::Error) -> Error {
    let why = format!("cannot {action} `{}`: {error}", path.display());
    Error::Backend { backend: "files", why, source: Some(Arc::new(error)) }
}

/// Does what waits for the disk off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        let why = "work on a file was cut short".to_owned();
        Err(Error::Backend { backend: "files", why, source: Some(Arc::new(error)) })
    })
}
