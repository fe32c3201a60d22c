//! Memory: the most that one piece of work takes, each in a process of its own, because what came before it in this one would
//! count too.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use futures::TryStreamExt;
use ledger_core::{Ledger, LedgerExt, Query};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::bench::{Backend, Bench, fill};
use crate::corpus::Shape;
use crate::measure::peak_bytes;
use crate::report::{Target, Unit};

/// What a process does, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Work {
    /// Appends in batches of 10,000.
    Append,
    /// Opens the ledger and asks for the head.
    Open,
    /// Reads everything, event by event.
    Tail,
    /// Copies the ledger to a file.
    Snapshot,
}

impl Work {
    /// All of them; the first makes the ledger that the others find.
    const ALL: [Self; 4] = [Self::Append, Self::Open, Self::Tail, Self::Snapshot];

    fn name(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Open => "open",
            Self::Tail => "tail",
            Self::Snapshot => "snapshot",
        }
    }
}

/// What a process is told.
#[derive(Debug, Serialize, Deserialize)]
struct Task {
    work: Work,
    url: String,
    events: usize,
    copy: PathBuf,
}

/// Runs the cases of this file.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    for backend in Backend::ALL {
        // What is in memory is gone with the process that appended it.
        let possible = |&work: &Work| backend != Backend::Memory || work == Work::Append;
        let works: Vec<Work> = Work::ALL.into_iter().filter(possible).collect();
        let case = |work: Work| format!("{}/peak/{}", backend.name(), work.name());
        if !works.iter().any(|&work| bench.wants(&case(work))) {
            continue;
        }
        let Some(url) = bench.fresh(backend).await? else { continue };
        for work in works {
            let case = case(work);
            if work != Work::Append && !bench.wants(&case) {
                continue;
            }
            let task = Task { work, url: url.clone(), events: bench.sizes.events, copy: bench.fresh_path() };
            let peak = started(&task).map_err(|error| format!("{case}: {error}"))?;
            if let Some(bytes) = peak.filter(|_| bench.wants(&case)) {
                bench.report.figure(&case, Unit::Bytes, bytes, Target::None);
            }
        }
    }
    Ok(())
}

/// Starts this program for a task, and returns the most memory it held; nothing where the system does not say.
fn started(task: &Task) -> Result<Option<f64>> {
    let mut command = Command::new(std::env::current_exe()?);
    let mut process = command.arg("peak").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    // Not among its arguments, which everybody on the machine may read: a URL may hold a password.
    serde_json::to_writer(process.stdin.take().expect("it was asked for"), task)?;
    let output = process.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("the process that measures it ended with {}", output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Does the task that standard input names, and writes the most memory it took to standard output.
pub(crate) async fn work() -> Result<()> {
    let task: Task = serde_json::from_reader(std::io::stdin().lock())?;
    let ledger = backends::open(&task.url).await?;
    match task.work {
        Work::Append => fill(&*ledger, Shape::Plain, task.events).await?,
        Work::Open => {
            black_box(ledger.head().await?);
        }
        Work::Tail => tail(&*ledger, task.events).await?,
        Work::Snapshot => snapshot(&*ledger, &task.copy).await?,
    }
    println!("{}", serde_json::to_string(&peak_bytes())?);
    Ok(())
}

async fn tail(ledger: &dyn Ledger, events: usize) -> Result<()> {
    let mut stream = ledger.tail(Query::all());
    let mut count = 0;
    while let Some(event) = stream.try_next().await? {
        black_box(event);
        count += 1;
    }
    if count == events { Ok(()) } else { Err(format!("{count} events were read of {events}").into()) }
}

async fn snapshot(ledger: &dyn Ledger, copy: &Path) -> Result<()> {
    backends::snapshot_to(ledger, &copy.to_string_lossy(), &mut |_| ()).await?;
    Ok(std::fs::remove_file(copy)?)
}
