//! Hunts for lost events on a ledger, and says what it found: a proof that anybody can run.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use ledger_testkit::hunt::{Ground, Hunt, HuntError, Kills, Program, Report, take_part};
use tokio::signal::unix::{SignalKind, signal};

/// The word by which a hunt starts this program again.
const TAKE_PART: &str = "take-part";

const AFTER_HELP: &str = "\
What it does:
  Writers, each a process of its own, append batches of 1 to 2,005 events: new ones, ones that other
  writers append at the same time, old ones again, and now and then a conflict (an id that is there, of
  their own or another writer's, with other content), which the ledger has to refuse with all that is in
  its batch. A writer reports each receipt once it has it. Tailers, processes too, follow the ledger and
  report what they are given. With --kill, writers and tailers are killed with SIGKILL at random moments,
  once or twice a second, and started again, but for the first of several tailers; so is the engine, where
  it is the hunt's own.

  Then writers stop, tailers read up to the head, and all is compared: each event that was acknowledged
  has to be in the ledger once, where its receipt says, with its content; a batch has to be there whole
  and in one piece, or not at all; offsets have to rise without a gap; and each tailer has to have been
  given just the events of the ledger, in order, with their content, and some of them while others wrote.

How to read the output:
  appended       events in the ledger. More than acknowledged: a writer was killed before it could report
  acknowledged   events of which some writer was told where they are
  repeated       receipts that say `duplicate`: another writer, or a try before this one, was first
  kills          SIGKILLs of writers and tailers, and crashes of the engine
  lost, ...      from here on, what is wrong; the first ten of each kind are listed below the table

It needs about 150 bytes of memory for each event with two tailers, 24 more for each further one, and a
process for each writer and tailer. The password in a URL is not printed, and not among the arguments of
the processes that are started. Ctrl-C and SIGTERM end it with all of its processes, and remove its files.

Examples:
  cargo run --release -p ledger-testkit --bin hunt -- sqlite --kill
  cargo run --release -p ledger-testkit --bin hunt -- postgres --writers 32 --seconds 600 --kill
  cargo run --release -p ledger-testkit --bin hunt -- 'postgres://me@db/shop?schema=hunt_1' --json

Exit codes:
  0    nothing is wrong
  1    something was lost, doubled, misplaced, torn, skipped or damaged
  2    the command line is invalid, or the ledger that it names cannot be reached or is not empty
  3    the hunt could not be held or proved nothing: no engine is to be had, or a process failed otherwise
  130  Ctrl-C ended it, as SIGTERM does with 143";

/// Hunts for lost events: many processes write and follow one ledger and are killed, and what each was told is compared.
#[derive(Parser)]
#[command(name = "hunt", version, after_help = AFTER_HELP, max_term_width = 110)]
struct Options {
    /// The ledger: `memory`, `sqlite`, `postgres`, `clickhouse` or `http` for a new one, on an engine that is found or
    /// started as the tests do; or the URL or path of an empty one.
    #[arg(value_name = "URL")]
    url: String,
    /// How many processes write.
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    writers: u32,
    /// How many processes follow: every other one by a stream, the rest by looking now and then.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(0..=1_000))]
    tailers: u32,
    /// How long writers write.
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=604_800))]
    seconds: u64,
    /// Stops after so many acknowledged events all the same: 10,000,000 unless given, and 1,000,000 in memory.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    most: Option<u64>,
    /// Kills writers, tailers, and the engine where it is the hunt's own, and starts them again.
    #[arg(long)]
    kill: bool,
    /// Makes the same random choices again; what processes make of them differs. One is drawn unless given.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Prints one JSON object instead of the table.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let is_part = std::env::args_os().nth(1).is_some_and(|word| word == TAKE_PART);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return ExitCode::from(3);
        }
    };
    if is_part {
        return runtime.block_on(take_part()).map_or_else(|error| failed(&error), |()| ExitCode::SUCCESS);
    }
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) => return refuse(&error),
    };
    let held = runtime.block_on(async {
        tokio::select! {
            biased;
            code = interrupted() => Err(code),
            held = hold(&options) => Ok(held),
        }
    });
    match held {
        Ok(Ok(report)) => print(&report, &options),
        Ok(Err(error)) => failed(&error),
        Err(code) => {
            eprintln!("interrupted: nothing was compared");
            ExitCode::from(code)
        }
    }
}

/// Resolves with the exit code that shells give to what the system ended, once it asks for that.
async fn interrupted() -> u8 {
    tokio::select! {
        () = heard(SignalKind::interrupt()) => 130,
        () = heard(SignalKind::terminate()) => 143,
    }
}

async fn heard(kind: SignalKind) {
    match signal(kind) {
        Ok(mut signal) => _ = signal.recv().await,
        // It ends the program as it does any other.
        Err(_) => std::future::pending().await,
    }
}

async fn hold(options: &Options) -> Result<Report, HuntError> {
    let ground: Ground = options.url.parse()?;
    let kills = if options.kill { Kills::Random } else { Kills::None };
    let seed = options.seed.unwrap_or_else(|| u64::from(uuid::Uuid::new_v4().as_fields().0));
    // Said at once, so that it is known of a hunt that does not come to its end.
    eprintln!("hunting on {ground} for {} s, seed {seed}", options.seconds);
    let hunt = Hunt {
        ground,
        writers: options.writers,
        tailers: options.tailers,
        duration: Duration::from_secs(options.seconds),
        most: options.most,
        kills,
        seed,
        program: Program::this(TAKE_PART)?,
    };
    hunt.run().await
}

fn print(report: &Report, options: &Options) -> ExitCode {
    let text = if options.json { report.json().to_string() } else { report.table() };
    // A reader that went away has what it wanted.
    let _ = writeln!(std::io::stdout(), "{text}");
    ExitCode::from(report.exit_code())
}

fn failed(error: &HuntError) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(error.exit_code())
}

/// Prints help, or what is wrong with the command line: that may quote a URL, which is taken out with its password.
fn refuse(error: &clap::Error) -> ExitCode {
    let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    let urls = words.filter(|word| word.contains("://"));
    let text = urls.fold(error.render().to_string(), |text, url| text.replace(&url, "URL"));
    // A reader that went away has what it wanted.
    if error.use_stderr() {
        let _ = std::io::stderr().write_all(text.as_bytes());
    } else {
        let _ = std::io::stdout().write_all(text.as_bytes());
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}
