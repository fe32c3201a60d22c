//! Reads the history of a Git repository: each commit is an operation that read its parents and made itself.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use ledger_core::views::{Operation, Outcome};
use ledger_core::{Actor, Artifact, Draft, Error, Timestamp};

use crate::failure::{Failure, Result, shown};
use crate::queue::{End, Origin, Queue};

/// Hash, parents, times of author and commit, author, subject: a line each, and a NUL between commits.
const FORMAT: &str = "--format=%H%n%P%n%at%n%ct%n%an%n%s";

/// Reads all commits, parents before children, into the queue.
pub(crate) fn read_all(repository: &Path, queue: &Queue) {
    let end = match read(repository, queue) {
        Ok(()) => End::Done,
        Err(failure) => End::Failed(failure),
    };
    queue.push(|batch| batch.end = Some(end));
}

fn read(repository: &Path, queue: &Queue) -> Result<()> {
    let failed = |error| Failure::io(format!("cannot run `git` on {}", shown(repository)), error);
    let mut git = Command::new("git")
        .arg("-C")
        .arg(repository)
        .args(["log", "--all", "--topo-order", "--reverse", "-z", "--no-show-signature", "--encoding=UTF-8", FORMAT])
        // A hook's environment would name another repository.
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut stderr = git.stderr.take().expect("it is piped");
    let said = std::thread::spawn(move || {
        let mut said = Vec::new();
        stderr.read_to_end(&mut said).map(|_| String::from_utf8_lossy(&said).into_owned())
    });
    let mut commits = BufReader::new(git.stdout.take().expect("it is piped"));
    let (mut record, mut number) = (Vec::new(), 0);
    while commits.read_until(0, &mut record).map_err(failed)? > 0 {
        number += 1;
        let line = |error: Error| Failure::Line { number, error: Box::new(error.into()) };
        let draft = draft(&String::from_utf8_lossy(record.strip_suffix(b"\0").unwrap_or(&record))).map_err(line)?;
        queue.push(|batch| {
            batch.bytes += record.len();
            batch.drafts.push(draft);
            batch.origins.push(Origin { number, raw: None });
        });
        record.clear();
    }
    let said = said.join().expect("reading does not panic").map_err(failed)?;
    if git.wait().map_err(failed)?.success() {
        return Ok(());
    }
    Err(Failure::No(format!(
        "{} cannot be read: {}",
        shown(repository),
        said.lines().next().unwrap_or("git says nothing")
    )))
}

fn draft(record: &str) -> Result<Draft, Error> {
    let mut fields = record.splitn(6, '\n');
    let mut field = || fields.next().unwrap_or_default();
    let (hash, parents, authored, committed, author, subject) = (field(), field(), field(), field(), field(), field());
    let committed = time(committed)?;
    // Clocks differ: who committed before it was written began then.
    let mut operation = Operation::new("commit")?.id(hash)?.started_at(time(authored)?.min(committed));
    for (place, parent) in parents.split_whitespace().enumerate() {
        operation = operation.input(format!("parent_{place}"), Artifact::new(parent)?)?;
    }
    let operation = operation.input("subject", subject)?.output(Artifact::new(hash)?)?;
    operation.ended(Outcome::Success, None, committed)?.actor(actor(author)?)
}

fn time(seconds: &str) -> Result<Timestamp, Error> {
    let seconds: i64 =
        seconds.parse().map_err(|_| Error::invalid("time", format!("`{seconds}` is no time of Git's")))?;
    Timestamp::from_micros(seconds.saturating_mul(1_000_000))
}

/// Makes an author's name one that an actor can have.
fn actor(author: &str) -> Result<Actor, Error> {
    const LONGEST: usize = 200;
    let mut name = String::new();
    for c in author.chars().filter(|c| !c.is_control()) {
        if name.len() + c.len_utf8() > LONGEST {
            break;
        }
        name.push(c);
    }
    Actor::new(if name.is_empty() { "unknown" } else { &name })
}
