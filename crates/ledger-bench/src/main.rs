//! Measures each backend against the bare driver doing the same work in the same run, because only their ratio outlives the machine.

mod bare;
mod bench;
mod cases;
mod chart;
mod corpus;
mod figure;
mod machine;
mod measure;
mod report;
mod saved;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use crate::bench::{Bench, Servers, Sizes};
use crate::machine::Machine;

/// What may go wrong on the way; a bench has nobody who would tell errors apart.
type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

/// How many events the ledgers hold unless something else is asked for: they are filled within a second or two.
const EVENTS: usize = 100_000;

const AFTER_HELP: &str = "\
How to read the output:
  ledger         the median rate, latency or size of the ledger
  compared with  who did the same work, and their median: the bare driver on the same tables, indexes
                 and durability unless it says otherwise, or the ledger used in another way
  ratio          the median, over the rounds, of ledger / other within one round: of rates (/s) more is
                 better, of times and sizes less
  middle half    the quartiles of the rounds, between which half of them lay: of their ratios, where there are any
  target, met    what the project promises, and whether this run kept it

  Both sides work in turn (A B, B A, A B, ...) on the same machine state; the first round only warms up.
  A noisy machine shifts the absolutes, often by half, and both sides alike: compare ratios, not rates,
  and run it again before believing a ratio that is off by less than a tenth.
  Drafts and rows are made before a clock runs. Everything is durable: fsync is on, in WAL with
  synchronous=FULL on SQLite, synchronous_commit as the server has it on Postgres, and on ClickHouse
  fsync_after_insert and fsync_part_directory of the ledger's table, which the bare driver fills too.

  plain          events of about 300 bytes without tags; `tagged` ones have five tags each
  append/1       one task appends one event after the other, each durable before the next
  1x64-tasks     so many tasks do so at once
  follow-across  who follows has a handle of its own, and hears of appends from the engine alone
  peak/...       the most memory of a process that does this and nothing else, on as many events as --events
                 says; `listen-2000/peak` is that of the bench, with what earlier cases left behind

  The stream of sqlx on SQLite hands each row from a thread to another. Whether these sleep in between
  is the scheduler's luck, and its rate jumps between runs by a factor of three.

`all` measures everything in some minutes, each question on a ledger of a size that fits it: 100,000 events that
are read to the end, a million that pages are picked out of, 300,000 operations for lineage and statistics, 20,000
that retention removes, and 1,000, 100,000 and a million that are opened. Without it, or with --events, all hold as
many as --events says; `all` opens its three sizes in any case.

Postgres is what --postgres names, else LEDGER_TEST_POSTGRES_URL, else whatever the tests would find or
start; without any, its cases are skipped and the table says so. Schemas named `ledger_bench_...` are
created there, and dropped at the end; so are databases on ClickHouse.

What was measured is written to target/ledger-bench, or where --save says: to figures.jsonl, whose first line is
the machine and each other one a figure with the run it comes from, and to figures.svg, a chart of all of them. A
figure takes the place of the earlier one of the same case, and the others stay; those of another machine are moved
to figures-before.jsonl.

Examples:
  cargo run --release -p ledger-bench -- all
  cargo run --release -p ledger-bench -- --only sqlite/tail
  cargo run --release -p ledger-bench -- --only clickhouse --clickhouse engine
  cargo run --release -p ledger-bench -- --events 1000000 --only tail
  cargo run --release -p ledger-bench -- --json > figures.jsonl

The exit code is 0 whether targets are met or not, and 1 when something fails; what was measured until then is
printed and written.";

/// Measures each backend against the bare driver doing the same work in the same run.
#[derive(Debug, Parser)]
#[command(name = "ledger-bench", version, after_help = AFTER_HELP, max_term_width = 110)]
struct Options {
    /// `all` measures ClickHouse, too, as `--clickhouse engine` does, on ledgers of sizes that fit each question.
    #[arg(value_enum)]
    what: Option<What>,
    /// The Postgres server to measure on; its user may create schemas.
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// The ClickHouse server to measure on, whose user may create databases, or `engine` for what the tests would
    /// find or start; without this option its cases are skipped.
    #[arg(long, value_name = "URL")]
    clickhouse: Option<String>,
    /// How many events the ledgers hold [default: 100000, and what fits each question for `all`].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(10_000..=100_000_000))]
    events: Option<u32>,
    /// How many rounds are measured, after one that warms up.
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u8).range(1..=100))]
    rounds: u8,
    /// Runs only the cases whose name contains this text, such as `sqlite`, `tail` or `postgres/append`.
    #[arg(long, value_name = "PATTERN")]
    only: Option<String>,
    /// Prints one JSON object per case instead of the table.
    #[arg(long)]
    json: bool,
    /// The folder to write the figures and their chart to; figures of other cases that are there stay.
    #[arg(long, value_name = "FOLDER", default_value = "target/ledger-bench")]
    save: PathBuf,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// Everything.
    All,
    /// The memory of this process for one piece of work, which standard input names: what the bench starts itself for.
    #[value(hide = true)]
    Peak,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = runtime.map_err(Into::into).and_then(|runtime| match options.what {
        Some(What::Peak) => runtime.block_on(cases::peak::work()),
        Some(What::All) | None => runtime.block_on(run(options)),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<()> {
    let events = options.events.map(usize::try_from).transpose()?;
    let sizes = match options.what {
        Some(_) => Sizes::all(events),
        None => Sizes::alike(events.unwrap_or(EVENTS)),
    };
    let clickhouse = options.clickhouse.or_else(|| options.what.map(|_| "engine".to_owned()));
    let servers = Servers { postgres: options.postgres, clickhouse };
    let mut bench = Bench::new(options.only, servers, sizes, usize::from(options.rounds))?;
    let machine = Machine::look(bench.folder())?;
    eprintln!("{}", machine.line());
    let outcome = cases::run(&mut bench).await;
    // Whatever happened, nothing of ours stays on the servers, and what was measured is not lost.
    let cleaned = bench.clean_up().await;
    print(&bench, &machine, options.json);
    saved::save(bench.report.figures(), &machine, &options.save)
        .map_err(|error| format!("the figures cannot be written to `{}`: {error}", options.save.display()))?;
    outcome.and(cleaned)
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
