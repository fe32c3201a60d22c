//! The layout of files by which sessions are exchanged with other programs: `<session>/ops.jsonl`, a line for each edit, and
//! `<session>/checkpoint.json`.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::TryStreamExt;
use serde::{Deserialize, Serialize};

use super::carry::{Carried, append_new};
use super::checkpoint;
use super::read::{edits, newest_checkpoint};
use crate::error::{Error, Result, Shown};
use crate::event::{Draft, Offset};
use crate::ext::fold;
use crate::ledger::Ledger;
use crate::query::Query;
use crate::text::{Actor, Domain, EventId, SessionId};
use crate::time::Timestamp;
use crate::views::session::{Checkpoint, Edit, OPERATION, Sessions, Written};

const OPS: &str = "ops.jsonl";
const CHECKPOINT: &str = "checkpoint.json";
/// How many lines are recorded at once.
const LINES: usize = 1_000;
/// The longest line that is read: more than the largest event takes.
const LONGEST: u64 = 16 << 20;

/// An edit as a line.
#[derive(Serialize, Deserialize)]
struct Line {
    op_id: EventId,
    actor_id: Actor,
    lamport_ts: u64,
    #[serde(default)]
    parent_op_ids: Vec<EventId>,
    domain: Domain,
    domain_op: Edit,
    #[serde(default)]
    created_at: Option<Time>,
    #[serde(default)]
    intent_id: Option<EventId>,
    #[serde(default)]
    reservation_id: Option<EventId>,
}

/// A time as other programs write it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Time {
    Instant(Timestamp),
    Seconds(f64),
}

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
    /// The first of these, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_corrupt: Option<u64>,
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
    /// The checkpoint.
    pub checkpoint: Option<Checkpoint>,
}

/// Writes the edits of a session, in the order of the ledger, and its newest checkpoint into a directory of its name under `root`,
/// which is made. A file that is there is replaced when the new one is whole.
///
/// Fails when the session's id cannot be a directory's name, and when an edit cannot be read.
pub async fn export(ledger: &dyn Ledger, session: &SessionId, root: &Path) -> Result<Exported> {
    let directory = directory(root, session)?;
    let checkpoint = newest_checkpoint(ledger, session).await?;
    let mut edits = edits(ledger, session, Offset::START, ledger.head().await?)?.try_chunks(LINES);
    let mut ops = blocking({
        let directory = directory.clone();
        move || {
            fs::create_dir_all(&directory).map_err(|error| failed("make", &directory, error))?;
            Whole::create(directory.join(OPS))
        }
    })
    .await?;
    let (mut operations, mut included) = (0, 0);
    while let Some(chunk) = edits.try_next().await.map_err(|error| error.1)? {
        let mut lines = Vec::new();
        for edited in chunk {
            operations += 1;
            included += u64::from(checkpoint.as_ref().is_some_and(|taken| edited.link.offset <= taken.offset));
            let line = Line {
                op_id: edited.link.stamp.id,
                actor_id: edited.link.stamp.actor,
                lamport_ts: edited.link.stamp.lamport.unwrap_or_default(),
                parent_op_ids: edited.link.parents,
                domain: edited.domain,
                domain_op: edited.edit,
                created_at: Some(Time::Instant(edited.at)),
                intent_id: edited.intent,
                reservation_id: edited.reservation,
            };
            serde_json::to_writer(&mut lines, &line).expect("an edit that was read can be written");
            lines.push(b'\n');
        }
        ops = blocking(move || ops.write(&lines).map(|()| ops)).await?;
    }
    let taken = checkpoint.as_ref().map(|found| Taken {
        snapshot_id: found.snapshot.clone(),
        lamport_ts: Some(found.lamport),
        // Of those that are there: some may have been pruned.
        op_count: Some(included),
    });
    let file = directory.join(CHECKPOINT);
    blocking(move || {
        // The checkpoint first: with lines from before, it is older than they are, and never counts what is not there.
        match taken {
            Some(taken) => {
                let mut whole = Whole::create(file)?;
                whole.write(&serde_json::to_vec(&taken).expect("a checkpoint has a JSON form"))?;
                ops.finish()?;
                whole.finish()
            }
            None => {
                ops.finish()?;
                match fs::remove_file(&file) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", &file, error)),
                    _ => Ok(()),
                }
            }
        }
    })
    .await?;
    Ok(Exported { directory, operations, checkpoint })
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
    let (mut reader, taken) = blocking(move || {
        let reader = File::open(&ops).map_err(|error| failed("read", &ops, error))?;
        Ok((Lines { file: BufReader::with_capacity(256 << 10, reader), path: ops, ended: false }, taken(&file)?))
    })
    .await?;
    let (mut imported, mut number) = (Imported::default(), 0);
    let (mut included, mut included_up_to) = (HashSet::new(), Offset::START);
    while !reader.ended {
        let (next, lines) = blocking(move || reader.read().map(|lines| (reader, lines))).await?;
        reader = next;
        let mut drafts = Vec::with_capacity(lines.len());
        for line in lines.into_iter().filter(|line| !line.bytes.trim_ascii().is_empty() || line.is_long) {
            number += 1;
            match draft(&line.bytes, session) {
                Ok(draft) => drafts.push((number, draft)),
                Err(_) if line.is_cut => imported.torn = true,
                Err(_) => {
                    imported.corrupt += 1;
                    imported.first_corrupt.get_or_insert(number);
                }
            }
        }
        let includes = |number: u64, draft: &Draft| match &taken {
            Some(Ok(Taken { op_count: Some(count), .. })) => number <= *count,
            Some(Ok(Taken { lamport_ts: Some(highest), .. })) => draft.lamport <= Some(*highest),
            _ => false,
        };
        let counted = drafts.iter().filter(|(number, draft)| includes(*number, draft));
        let counted: HashSet<_> = counted.map(|(_, draft)| draft.id.clone()).collect();
        let drafts = drafts.into_iter().map(|(_, draft)| draft).collect();
        for (id, offset) in append_new(ledger, drafts, &mut imported.edits).await? {
            if counted.contains(&id) {
                included_up_to = included_up_to.max(offset);
                included.insert(id);
            }
        }
    }
    match taken {
        None => {}
        Some(Err(why)) => imported.no_checkpoint = Some(why),
        Some(Ok(taken)) => match take_over(ledger, session, &taken, included.len() as u64, included_up_to).await? {
            Ok(checkpoint) => imported.checkpoint = Some(checkpoint),
            Err(why) => imported.no_checkpoint = Some(why),
        },
    }
    Ok(imported)
}

/// Records a checkpoint of another program, if offsets part here what it includes from what it does not.
async fn take_over(
    ledger: &dyn Ledger,
    session: &SessionId,
    taken: &Taken,
    included: u64,
    up_to: Offset,
) -> Result<Result<Checkpoint, String>> {
    if let Some(newest) = newest_checkpoint(ledger, session).await?
        && newest.offset >= up_to
    {
        return Ok(Err(format!("there is one that includes as much, {}", Shown(&newest.snapshot))));
    }
    let mut sessions = Sessions::default();
    fold(ledger, Query::all().session(session)?.up_to(up_to), &mut sessions).await?;
    let before = sessions.get(session).map_or(0, |found| found.operations);
    if up_to == Offset::START || before != included {
        return Ok(Err(format!("it includes {included} edits, and others stand here before the last of them")));
    }
    let actor = Actor::new("import")?;
    Ok(Ok(checkpoint(ledger, session, &actor, &taken.snapshot_id, Some(up_to)).await?))
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

/// Reads an edit from a line. Fails when it is none.
fn draft(line: &[u8], session: &SessionId) -> Result<Draft> {
    let bad = |error: serde_json::Error| Error::invalid("line", error.to_string());
    let line: Line = serde_json::from_slice(line).map_err(bad)?;
    let at = match line.created_at {
        Some(Time::Instant(at)) => at,
        Some(Time::Seconds(seconds)) => Timestamp::from_micros((seconds * 1e6) as i64)?,
        None => Timestamp::now(),
    };
    let written =
        Written { domain: line.domain, op: line.domain_op, intent: line.intent_id, reservation: line.reservation_id };
    let draft = Draft::new(OPERATION, &written)?.id(line.op_id)?.session(session)?.actor(line.actor_id)?;
    let mut draft = draft.at(at).lamport(line.lamport_ts);
    draft.parents = line.parent_op_ids;
    draft.check().map(|()| draft)
}

/// Reads the checkpoint, if there is one; or what is wrong with it.
fn taken(path: &Path) -> Result<Option<Result<Taken, String>>> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", path, error)),
    };
    let taken: Result<Taken, _> = serde_json::from_slice(&text);
    Ok(Some(match taken {
        Ok(Taken { op_count: None, lamport_ts: None, .. }) => {
            Err(format!("`{}` has neither `op_count` nor `lamport_ts`", path.display()))
        }
        taken => taken.map_err(|error| format!("`{}`: {error}", path.display())),
    }))
}

struct Lines {
    file: BufReader<File>,
    path: PathBuf,
    ended: bool,
}

struct RawLine {
    bytes: Vec<u8>,
    /// Whether it does not end as a line does.
    is_cut: bool,
    /// Whether it is longer than any that is read.
    is_long: bool,
}

impl Lines {
    /// Reads the next lines.
    fn read(&mut self) -> Result<Vec<RawLine>> {
        let (mut lines, mut size) = (Vec::new(), 0);
        while lines.len() < LINES && size < crate::ledger::MAX_BATCH_BYTES / 2 {
            let mut bytes = Vec::new();
            let failed = |error| failed("read", &self.path, error);
            let read = (&mut self.file).take(LONGEST).read_until(b'\n', &mut bytes).map_err(failed)?;
            if read == 0 {
                self.ended = true;
                break;
            }
            let is_cut = bytes.last() != Some(&b'\n');
            if is_cut && read as u64 == LONGEST {
                // The rest of a line that is none is not kept.
                self.file.skip_until(b'\n').map_err(failed)?;
                lines.push(RawLine { bytes: Vec::new(), is_cut: false, is_long: true });
                continue;
            }
            size += read;
            lines.push(RawLine { bytes, is_cut, is_long: false });
        }
        Ok(lines)
    }
}

/// A file beside the final one, which takes its place when it is whole, and is removed otherwise.
struct Whole {
    path: PathBuf,
    beside: PathBuf,
    file: BufWriter<File>,
}

impl Whole {
    fn create(path: PathBuf) -> Result<Self> {
        let mut name = std::ffi::OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}.part", std::process::id()));
        let beside = path.with_file_name(name);
        let file = File::create(&beside).map_err(|error| failed("write", &path, error))?;
        Ok(Self { path, beside, file: BufWriter::with_capacity(256 << 10, file) })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|error| failed("write", &self.path, error))
    }

    fn finish(mut self) -> Result<()> {
        let failed = |error| failed("write", &self.path, error);
        self.file.flush().map_err(failed)?;
        self.file.get_ref().sync_all().map_err(failed)?;
        fs::rename(&self.beside, &self.path).map_err(failed)
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        // Gone already when it was renamed.
        let _ = fs::remove_file(&self.beside);
    }
}

fn failed(action: &str, path: &Path, error: io::Error) -> Error {
    let at = path.display().to_string();
    match error.kind() {
        io::ErrorKind::NotFound => {
            let remedy = format!("there is no such file to {action}; check the directory and the session's id");
            Error::NotFound { at, remedy }
        }
        _ => Error::Backend { backend: "files", why: format!("cannot {action} `{at}`"), source: Some(Arc::new(error)) },
    }
}

/// Does what waits for the disk off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        let why = "work on a file was cut short".to_owned();
        Err(Error::Backend { backend: "files", why, source: Some(Arc::new(error)) })
    })
}
