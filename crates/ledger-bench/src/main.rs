//! Measures each backend against the bare driver doing the same work in the same run, because only their ratio outlives the machine.

mod bare;
mod bench;
mod cases;
mod chart;
mod corpus;
mod machine;
mod measure;
mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use crate::bench::{Bench, Servers};
use crate::machine::Machine;

/// What may go wrong on the way; a bench has nobody who would tell errors apart.
type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

const AFTER_HELP: &str = "\
How to read the output:
  ledger         the median rate, latency or size of the ledger
  compared with  who did the same work, and their median: the bare driver on the same tables, indexes
                 and durability unless it says otherwise, or the ledger used in another way
  ratio          the median, over the rounds, of ledger / other within one round
  middle half    between which values half of the rounds lay: of their ratios, where there are any
  target, met    what the project promises, and whether this run kept it

  Both sides work in turn (A B, B A, A B, ...) on the same machine state; the first round only warms up.
  A noisy machine shifts the absolutes, often by half, and both sides alike: compare ratios, not rates,
  and run it again before believing a ratio that is off by less than a tenth.
  Drafts and rows are made before a clock runs. Everything is durable: fsync is on, in WAL with
  synchronous=FULL on SQLite, synchronous_commit as the server has it on Postgres, and on ClickHouse
  fsync_after_insert and fsync_part_directory of the ledger's table, which the bare driver fills too.

  plain          events of about 300 bytes without tags; `tagged` ones have five tags each
  peak           the most memory of this process during the case, with what earlier cases left behind:
                 only `--only snapshot` shows it clean

  The stream of sqlx on SQLite hands each row from a thread to another. Whether these sleep in between
  is the scheduler's luck, and its rate jumps between runs by a factor of three.

Postgres is what --postgres names, else LEDGER_TEST_POSTGRES_URL, else whatever the tests would find or
start; without any, its cases are skipped and the table says so. Schemas named `ledger_bench_...` are
created there, and dropped at the end; so are databases on ClickHouse.

What was measured is written to target/ledger-bench, or where --save says, as figures.jsonl, whose first line is
the machine, and figures.svg, a chart of the ratios.

Examples:
  cargo run --release -p ledger-bench -- all
  cargo run --release -p ledger-bench -- --only sqlite/tail
  cargo run --release -p ledger-bench -- --only clickhouse --clickhouse engine
  cargo run --release -p ledger-bench -- --events 1000000 --only tail
  cargo run --release -p ledger-bench -- --json > figures.jsonl

The exit code is 0 whether targets are met or not, and 1 when something fails.";

/// Measures each backend against the bare driver doing the same work in the same run.
#[derive(Debug, Parser)]
#[command(name = "ledger-bench", version, after_help = AFTER_HELP, max_term_width = 110)]
struct Options {
    /// `all` measures ClickHouse, too, as `--clickhouse engine` does.
    #[arg(value_enum)]
    what: Option<What>,
    /// The Postgres server to measure on; its user may create schemas.
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// The ClickHouse server to measure on, whose user may create databases, or `engine` for what the tests would
    /// find or start; without this option its cases are skipped.
    #[arg(long, value_name = "URL")]
    clickhouse: Option<String>,
    /// How many events the ledgers hold that are read, verified and copied.
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(10_000..=100_000_000))]
    events: u32,
    /// How many rounds are measured, after one that warms up.
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u8).range(1..=100))]
    rounds: u8,
    /// Runs only the cases whose name contains this text, such as `sqlite`, `tail` or `postgres/append`.
    #[arg(long, value_name = "PATTERN")]
    only: Option<String>,
    /// Prints one JSON object per case instead of the table.
    #[arg(long)]
    json: bool,
    /// The folder to write the figures and their chart to.
    #[arg(long, value_name = "FOLDER", default_value = "target/ledger-bench")]
    save: PathBuf,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// Everything.
    All,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let (json, folder) = (options.json, options.save.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run(options)));
    match outcome {
        Ok((bench, machine)) => {
            print(&bench, &machine, json);
            match save(&bench, &machine, &folder) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    eprintln!("error: the figures cannot be written to `{}`: {error}", folder.display());
                    ExitCode::FAILURE
                }
            }
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(Bench, Machine)> {
    let events = usize::try_from(options.events)?;
    let clickhouse = options.clickhouse.or_else(|| options.what.map(|What::All| "engine".to_owned()));
    let servers = Servers { postgres: options.postgres, clickhouse };
    let mut bench = Bench::new(options.only, servers, events, usize::from(options.rounds))?;
    let machine = Machine::look(bench.folder())?;
    eprintln!("{}", machine.line());
    let outcome = cases::run(&mut bench).await;
    // Whatever happened, nothing of ours stays on the servers.
    bench.clean_up().await?;
    outcome.map(|()| (bench, machine))
}

/// Writes what was measured as lines of JSON, and as a chart.
fn save(bench: &Bench, machine: &Machine, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("figures.jsonl"), format!("{}\n{}", machine.json(), bench.report.json()))?;
    std::fs::write(folder.join("figures.svg"), chart::draw(&bench.report, &machine.line()))
}

fn print(bench: &Bench, machine: &Machine, json: bool) {
    if json {
        print!("{}\n{}", machine.json(), bench.report.json());
        return;
    }
    let (met, all) = bench.report.targets();
    println!("\n{}\n\n{}\n{met} of {all} targets met", machine.line(), bench.report.table());
    for (server, why) in bench.skipped() {
        println!("{server} was skipped: {why}");
    }
}
