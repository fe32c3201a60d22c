//! The binary `ledger`: reads the command line, runs one command, and turns what went wrong into a line and an exit code.

mod cli;
mod commands;
mod failure;
mod filter;
mod history;
mod lines;
mod output;
mod place;
mod queue;
mod render;
mod sample;
#[cfg(feature = "otlp")]
mod traces;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;
use crate::failure::{Failure, redact};
use crate::output::{Colour, Style};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let causes = if cli.verbose { Causes::Shown } else { Causes::Hidden };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(&Failure::io("cannot start", error), causes),
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&failure, causes),
    }
}

/// Whether an error's causes are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Causes {
    Shown,
    Hidden,
}

/// Prints help, or what is wrong with the command line: that may quote a URL, so its password is taken out.
fn refuse(error: &clap::Error) -> ExitCode {
    let text = |colour| match colour {
        Colour::On => error.render().ansi().to_string(),
        Colour::Off => error.render().to_string(),
    };
    // A reader that went away has what it wanted, so a failed write changes nothing.
    if error.use_stderr() {
        let mut stderr = io::stderr().lock();
        let _ = stderr.write_all(redact(&text(Colour::of(&stderr))).as_bytes());
    } else {
        let mut stdout = io::stdout().lock();
        let _ = stdout.write_all(text(Colour::of(&stdout)).as_bytes());
        let _ = stdout.flush();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn report(failure: &Failure, causes: Causes) -> ExitCode {
    let code = ExitCode::from(failure.code());
    if failure.is_silent() {
        return code;
    }
    let mut stderr = io::stderr().lock();
    let colour = Colour::of(&stderr);
    let mut text = format!("{} {failure}\n", colour.paint(Style::Red, "error:"));
    if causes == Causes::Shown {
        for cause in failure.causes() {
            text.push_str(&format!("{} {cause}\n", colour.paint(Style::Dim, "caused by:")));
        }
    }
    if let Some(advice) = failure.advice() {
        text.push_str(&format!("{} {advice}\n", colour.paint(Style::Cyan, "hint:")));
    }
    let _ = stderr.write_all(redact(&text).as_bytes());
    code
}
