//! The commands, one module each, and the choice between them.

mod append;
mod artifacts;
mod compare;
mod demo;
mod export;
mod generate;
mod import;
mod lineage;
mod merge;
mod migrate;
mod note;
mod ops;
mod reap;
mod record;
mod remove;
mod replicate;
mod retention;
mod runs;
mod serve;
mod sessions;
mod snapshot;
mod tail;
mod token;

use backends::{BACKENDS, Mode, Place};
use clap::CommandFactory;
use clap_complete::Shell;
use serde::Serialize;

use crate::cli::{Cli, Command, Replicate};
use crate::failure::{Failure, Result};
use crate::output::{Format, Out};
use crate::place::{Target, find_url};

/// Runs the command that the command line asks for.
pub(crate) async fn run(cli: Cli) -> Result<()> {
    let mut out = Out::new(if cli.json { Format::Json } else { Format::People });
    match cli.command {
        Command::Backends => backends(&mut out)?,
        Command::Completions { shell } => completions(&mut out, shell)?,
        Command::Demo { path } => demo::run(&mut out, path).await?,
        Command::Generate(asked) => generate::run(&mut out, asked)?,
        Command::Serve(asked) if asked.demo => serve::demo(&mut out, cli.url.as_deref(), asked).await?,
        Command::Token(asked) => token::run(&mut out, asked)?,
        Command::Replicate(Replicate { from: Some(from), to, follow }) => {
            replicate::run(&mut out, &Target::new(from)?, to, follow).await?;
        }
        command => on_ledger(&mut out, &Target::new(find_url(cli.url)?)?, command).await?,
    }
    out.flush()
}

async fn on_ledger(out: &mut Out, target: &Target, command: Command) -> Result<()> {
    match command {
        Command::Append(append) => append::run(out, target, *append).await,
        Command::Import(import) => import::run(out, target, import).await,
        Command::Export(export) => export::run(out, target, export).await,
        Command::Tail(tail) => tail::run(out, target, tail).await,
        Command::Show { which } => tail::show(out, target, &which).await,
        Command::Runs { which } => runs::list(out, target, &which.into()).await,
        Command::Run { run } => runs::one(out, target, run).await,
        Command::Serve(asked) => serve::run(out, target, asked).await,
        Command::Sessions => sessions::list(out, target).await,
        Command::Session(asked) => sessions::one(out, target, asked).await,
        Command::Edit(asked) => sessions::edit(out, target, *asked).await,
        Command::Reserve(asked) => sessions::reserve(out, target, asked).await,
        Command::Release(asked) => sessions::release(out, target, asked).await,
        Command::Checkpoint(asked) => sessions::checkpoint(out, target, asked).await,
        Command::Delta(asked) => sessions::delta(out, target, asked).await,
        Command::Merge(asked) => merge::merge(out, target, asked).await,
        Command::Lineage(asked) => lineage::run(out, target, *asked).await,
        Command::Path { from, to, columns, as_of } => {
            lineage::path(out, target, [&from, &to], columns, as_of.unwrap_or_default()).await
        }
        Command::Artifacts(asked) => artifacts::run(out, target, &asked).await,
        Command::Note(note) => note::run(out, target, *note).await,
        Command::Reap(reap) => reap::run(out, target, reap).await,
        Command::Ops(ops) => ops::run(out, target, *ops).await,
        Command::Record(record) => record::run(target, *record).await,
        Command::Head => out.line(target.open(Mode::ReadOnly).await?.head().await?.to_string()),
        Command::Replicate(Replicate { to, follow, .. }) => replicate::run(out, target, to, follow).await,
        Command::Snapshot { dest } => snapshot::run(out, target, dest).await,
        Command::Verify { other: None } => compare::verify(out, target).await,
        Command::Verify { other: Some(other) } => compare::compare(out, target, &Target::new(other)?).await,
        Command::Migrate(migrate) => migrate::run(out, target, &migrate).await,
        Command::Prune(prune) => remove::prune(out, target, prune).await,
        Command::Retention { action } => retention::retention(out, target, action).await,
        Command::Reset { yes } => remove::reset(out, target, remove::consent(yes)).await,
        Command::Backends
        | Command::Completions { .. }
        | Command::Demo { .. }
        | Command::Generate(_)
        | Command::Token(_) => {
            unreachable!("these need no ledger and were taken care of")
        }
    }
}

/// Reads where a copy goes. Refuses memory.
fn place_of_copy(url: String) -> Result<Target> {
    let target = Target::new(url)?;
    if target.parsed.place == Place::Memory {
        return Err(Failure::Usage("a copy in memory would be gone with this command: give a path or URL".to_owned()));
    }
    Ok(target)
}

fn backends(out: &mut Out) -> Result<()> {
    #[derive(Serialize)]
    struct Line {
        name: &'static str,
        url: &'static str,
        built_in: bool,
        purpose: &'static str,
    }
    if out.format == Format::Json {
        return BACKENDS.iter().try_for_each(|backend| {
            let (name, url, built_in, purpose) = (backend.name, backend.url, backend.built_in, backend.purpose);
            out.json(&Line { name, url, built_in, purpose })
        });
    }
    let row = |backend: &backends::Backend| {
        let built_in = if backend.built_in { "yes" } else { "no" };
        [backend.name, backend.url, built_in, backend.purpose].map(str::to_owned).to_vec()
    };
    out.table(&["backend", "url", "in this build", "for"], BACKENDS.iter().map(row).collect())
}

fn completions(out: &mut Out, shell: Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ledger", &mut script);
    out.bytes(&script)
}
