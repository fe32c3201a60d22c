//! A process of its own for the tests: it opens, edits or copies a ledger, fills a disk, or hunts, until it is done or killed.

use std::io::Write;
use std::time::Instant;

use futures::StreamExt;
use ledger_core::session::{NewEdit, Session};
use ledger_core::views::session::{Edit, OPERATION};
use ledger_core::{Condition, Draft, Ledger, Query, Result};
use ledger_testkit::hunt::{HuntError, take_part};

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match args[..] {
        ["open", url] => open(url).await,
        ["count", url] => count(url).await,
        ["append", url] => append(url).await,
        ["edit", url, actor, seconds] => edit(url, actor, seconds.parse().expect("SECONDS is a number")).await,
        ["replay", url] => replay(url).await,
        ["snapshot", url, target] => snapshot(url, target).await,
        ["fill-sqlite", folder] => tests::disk::fill_sqlite(std::path::Path::new(folder)).await,
        ["fill-clickhouse", folder] => tests::disk::fill_clickhouse(std::path::Path::new(folder)).await,
        ["fill-spill", folder] => tests::disk::fill_spill(std::path::Path::new(folder)).await,
        ["hunt"] => hunt().await,
        _ => panic!(
            "usage: worker open|count|append|edit|replay|snapshot|fill-sqlite|fill-clickhouse|fill-spill|hunt …, \
             not {args:?}"
        ),
    };
    if let Err(error) = outcome {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

/// Prints a line that ends in a dot, so that a reader can tell a whole line from one that a kill cut.
fn say(line: std::fmt::Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    let said = writeln!(out, "{line} .").and_then(|()| out.flush());
    said.expect("the test reads to the end");
}

/// Takes part in a hunt, as standard input says.
async fn hunt() -> Result<()> {
    match take_part().await {
        Err(HuntError::Ledger(error)) => Err(error),
        other => {
            other.expect("the hunt says what to do, and listens");
            Ok(())
        }
    }
}

/// Opens, asks for the head, and prints how many microseconds that took and the most memory it needed, in kB.
async fn open(url: &str) -> Result<()> {
    let start = Instant::now();
    let ledger = backends::open(url).await?;
    let head = ledger.head().await?;
    say(format_args!("{head} {} {}", start.elapsed().as_micros(), peak()));
    Ok(())
}

/// Returns the most memory that this process has needed, in kB.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    peak.trim().trim_end_matches("kB").trim().to_owned()
}

/// Reads everything and prints how many events there are.
async fn count(url: &str) -> Result<()> {
    let ledger = backends::open(url).await?;
    let count = ledger_testkit::all(&ledger).await?.len();
    say(format_args!("{count}"));
    Ok(())
}

/// Appends one event and prints its offset.
async fn append(url: &str) -> Result<()> {
    let ledger = backends::open(url).await?;
    let receipts = ledger.append(&[Draft::new("load.written", &1)?], &Condition::None).await?;
    say(format_args!("{}", receipts[0].offset));
    Ok(())
}

/// Copies a ledger and prints how far it is.
async fn snapshot(url: &str, target: &str) -> Result<()> {
    let ledger = backends::open(url).await?;
    let copied = backends::snapshot_to(&ledger, target, &mut |progress| say(format_args!("{progress:?}"))).await?;
    say(format_args!("copied {}", copied.count));
    Ok(())
}

/// Edits for some seconds as an actor of the session `shared`, each edit after one of another actor that it has read, and prints
/// what was recorded.
async fn edit(url: &str, actor: &str, seconds: u64) -> Result<()> {
    let ledger = backends::open(url).await?;
    let session = Session::open(ledger.clone(), "shared", actor).await?;
    let newest = Query::all().session("shared")?.kind(OPERATION)?.descending().limit(8)?;
    let start = Instant::now();
    for n in 0.. {
        if start.elapsed().as_secs() >= seconds {
            break;
        }
        let edit = NewEdit::new("doc", Edit::replace(format!("p-{}", n % 50))?.payload(&n)?)?;
        let seen = ledger.read(&newest).await?.events;
        let cause = seen.iter().find(|event| event.actor.as_str() != actor);
        let edit = cause.map_or(Ok(edit.clone()), |cause| edit.parent(&cause.id))?;
        let recorded = session.record(edit).await?;
        say(format_args!("{} {} {}", recorded.id, recorded.offset, recorded.lamport));
    }
    Ok(())
}

/// Replays the session `shared` and prints how many edits it has since its checkpoint, how many microseconds that took, and the
/// most memory it needed, in kB.
async fn replay(url: &str) -> Result<()> {
    let ledger = backends::open(url).await?;
    let session = Session::open(ledger, "shared", "reader").await?;
    let start = Instant::now();
    let mut edits = session.replay_since_checkpoint().await?.edits;
    let mut count = 0_u64;
    while let Some(edited) = edits.next().await {
        edited?;
        count += 1;
    }
    say(format_args!("{count} {} {}", start.elapsed().as_micros(), peak()));
    Ok(())
}
