//! `ledger record`: runs a command and records it as an operation.

use std::process::ExitStatus;
use std::time::{Duration, Instant};

use backends::Mode;
use ledger_core::views::{Input, Operation};
use ledger_core::{Artifact, Draft, EventId, Ledger, LedgerExt, Payload};
use tokio::process::Command;

use super::append;
use crate::cli::{By, Owner, Record};
use crate::failure::{Failure, Result};
use crate::output::note;
use crate::place::Target;

/// The most bytes of an error that are recorded.
const LONGEST_ERROR: usize = 1_000;

/// Runs the command between the events of its start and its end.
pub(super) async fn run(target: &Target, mut record: Record) -> Result<()> {
    let command = std::mem::take(&mut record.command);
    let (operation, by) = operation(record)?;
    let ledger = target.open(Mode::Create).await?;
    let Some((program, arguments)) = command.split_first() else {
        ledger.append_one(by.give(operation.finished()?)).await?;
        return Ok(());
    };
    // Before the command runs: what cannot be recorded is not run, and its end is the larger event.
    operation.clone().finished()?;
    operation.clone().failed("x".repeat(LONGEST_ERROR))?;
    let mut signals = Signals::new()?;
    ledger.append_one(by.give(operation.started()?)).await?;
    let mut child = Command::new(program);
    child.args(arguments);
    let (draft, code) = match signals.wait(child).await {
        Ok(status) if status.success() => (operation.finished()?, None),
        Ok(status) => {
            let code = code(status);
            (operation.error_code(format!("exit {code}")).failed(status.to_string())?, Some(code))
        }
        Err(error) => {
            let mut why = format!("cannot run `{}`: {error}", program.to_string_lossy());
            note(&why);
            why.truncate(why.floor_char_boundary(LONGEST_ERROR));
            // As shells have it: there is no such program, or it must not be run.
            let code = if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 };
            (operation.failed(why)?, Some(code))
        }
    };
    finish(&*ledger, by.give(draft)).await?;
    code.map_or(Ok(()), |code| Err(Failure::Command(code)))
}

/// What would end this process before the command has. Ctrl-C reaches the command by itself, and what it does about that is
/// its own; what asks this process alone to end is passed on.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).map_err(|error| Failure::io("cannot listen for signals", error));
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    async fn wait(&mut self, mut command: Command) -> std::io::Result<ExitStatus> {
        let mut child = command.spawn()?;
        let process = child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()));
        loop {
            tokio::select! {
                status = child.wait() => return status,
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {
                    if let Some(process) = process {
                        rustix::process::kill_process(process, rustix::process::Signal::TERM)?;
                    }
                }
            }
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    fn new() -> Result<Self> {
        Ok(Self {})
    }

    async fn wait(&mut self, mut command: Command) -> std::io::Result<ExitStatus> {
        let mut child = command.spawn()?;
        loop {
            tokio::select! {
                status = child.wait() => return status,
                _ = tokio::signal::ctrl_c() => {}
            }
        }
    }
}

/// Records the end, and waits for a ledger that is away. When it cannot be recorded, it is kept in a file to be imported.
async fn finish(ledger: &dyn Ledger, draft: Draft) -> Result<()> {
    const PATIENCE: Duration = Duration::from_secs(30);
    const PAUSE: Duration = Duration::from_millis(500);
    let begun = Instant::now();
    let error = loop {
        match ledger.append_one(draft.clone()).await {
            Ok(_) => return Ok(()),
            Err(error) if error.is_unavailable() && begun.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
            Err(error) => break error,
        }
    };
    let path = format!("ledger-unrecorded-{}.jsonl", EventId::fresh());
    let line = serde_json::to_string(&draft).unwrap_or_default() + "\n";
    std::fs::write(&path, line).map_err(|error| Failure::io(format!("cannot write `{path}`"), error))?;
    let hint = format!("the command has ended, and that is kept in `{path}`: `ledger import {path}` records it");
    Err(Failure::Ledger(error).hint(hint))
}

/// Returns the operation, and whose it is.
fn operation(record: Record) -> Result<(Operation, By)> {
    let mut operation = Operation::new(record.operation)?;
    if let Some(id) = record.id {
        operation = operation.id(id)?;
    }
    for (place, read) in record.reads.into_iter().enumerate() {
        operation = operation.input(format!("source_{place}"), read)?;
    }
    for (name, read) in record.inputs {
        operation = operation.input(name, Artifact::new(read)?)?;
    }
    for (name, value) in record.values {
        let value = Payload::from_json(&value).map_or_else(|_| Input::value(&value), |json| Ok(Input::Value(json)))?;
        operation = operation.input(name, value)?;
    }
    for artifact in record.writes {
        operation = operation.output(artifact)?;
    }
    let mut columns: Vec<(String, Vec<String>)> = Vec::new();
    for (name, source) in record.columns {
        let sources = (!source.is_empty()).then_some(source);
        match columns.iter_mut().find(|(other, _)| *other == name) {
            Some((_, all)) => all.extend(sources),
            None => columns.push((name, sources.into_iter().collect())),
        }
    }
    for (name, sources) in columns {
        operation = operation.column(name, sources)?;
    }
    if let Some(sql) = record.sql {
        operation = operation.sql(match sql.strip_prefix('@') {
            None => sql,
            Some(path) => {
                std::fs::read_to_string(path).map_err(|error| Failure::io(format!("cannot read `{path}`"), error))?
            }
        });
    }
    (operation.project, operation.branch, operation.request_id) = (record.project, record.branch, record.request);
    if let Some(table) = record.table {
        let (bucket, table) = table.rsplit_once('/').map_or((None, &*table), |(bucket, table)| (Some(bucket), table));
        (operation.bucket, operation.table) = (bucket.map(str::to_owned), Some(table.to_owned()));
    }
    operation.metadata = record.metadata.as_deref().map(append::payload).transpose()?;
    let Owner { job, task, attempt } = record.owner;
    (operation.job, operation.task, operation.attempt) = (job, task, attempt);
    Ok((operation, record.by))
}

/// Returns the exit code that shells give such an end.
fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
