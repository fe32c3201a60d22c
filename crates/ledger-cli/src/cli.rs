//! The command line: every command and flag with its help, so that `ledger --help` is all that one has to read.

mod artifacts;
mod events;
mod generate;
mod lineage;
mod ops;
mod retention;
mod serve;
mod sessions;
mod token;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;
use ledger_core::lineage::AsOf;
use ledger_core::{Actor, Artifact, Draft, EventId, Job, Offset, RunId, Task};

pub(crate) use artifacts::{Artifacts, Keeping, Note, Reap, What};
pub(crate) use events::{Append, Export, ExportFormat, Import, Input, Replicate, Tail};
pub(crate) use generate::Generate;
use lineage::parse_as_of;
pub(crate) use lineage::{Form, Lineage};
pub(crate) use ops::{Ops, Which};
pub(crate) use retention::Retention;
pub(crate) use serve::{Log, NamedUrl, Serve};
pub(crate) use sessions::{Delta, Merge, NewCheckpoint, NewEdit, Picture, Release, Reserve, Session};
pub(crate) use token::{Token, TokenPlace};

use crate::filter::{Filter, WhichRuns};

const AFTER_HELP: &str = "\
Which ledger:
  --url, else DATABASE_URL, else the same in a `.env` file here or above, else sqlite:ledger.db
    sqlite:PATH or a bare path    postgres://USER:PASSWORD@HOST/DATABASE?schema=NAME
    clickhouse://USER:PASSWORD@HOST:8123/DATABASE    memory:
  Reading never creates a ledger; `append`, `import`, `migrate` and the targets of copies do.

Examples:
  ledger append --run r-1 --kind run.started --actor me --payload '{\"goal\":\"load\"}'
  ledger tail --run r-1 --kind 'run.*' --since 2h
  ledger tail --follow --json | jq .kind
  ledger export | ledger --url copy.db import
  ledger snapshot backup.db && ledger verify backup.db

Exit codes:
  0    done; also when the reader of the output goes away, or Ctrl-C ends `tail --follow`
  1    it failed, nothing was found, events were lost, or two ledgers differ
  2    the command line, or a value in it or in an import, is invalid
  3    conflict: an id has other content, --if-head failed, the target of a copy holds other events
       or is the source
  4    the engine cannot be reached or is busy: try again
  130  Ctrl-C; what was acknowledged is recorded

Colour goes to terminals only, and never when NO_COLOR is set.
With --json, lists are one object a line.";

/// An append-only event ledger: append, tail, export, snapshot and verify, on SQLite, Postgres and ClickHouse alike.
#[derive(Debug, Parser)]
#[command(name = "ledger", version, after_help = AFTER_HELP, arg_required_else_help = true, max_term_width = 110)]
pub(crate) struct Cli {
    /// The ledger: memory:, sqlite:PATH, a bare path, postgres://… or clickhouse://…
    #[arg(long, global = true, value_name = "URL", help_heading = "Global options", value_hint = ValueHint::AnyPath)]
    pub(crate) url: Option<String>,
    /// Prints JSON for machines instead of text for people.
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) json: bool,
    /// Prints the causes beneath an error.
    #[arg(long, short, global = true, help_heading = "Global options")]
    pub(crate) verbose: bool,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Records one event; a repeat with the same --id and content answers the first offset.
    ///
    /// Prints `offset N new ID`, or `duplicate` when it was there; with --json {"offset":N,"id":ID,"status":"new"}.
    #[command(
        after_help = "Example: ledger append --kind order.placed --id order-17 --tag customer:42 --payload @order.json"
    )]
    Append(Box<Append>),
    /// Records the events of a JSONL file; running it again resumes.
    ///
    /// A line is a draft ({"kind":…,"payload":…} and any other field of an event) or an event as `export` prints it,
    /// with `offset` and `recorded_at`. Events keep their offsets, so they go into an empty ledger or one that holds
    /// the same; --as-drafts appends them to any other. Give each draft an `id`: that makes a repeat safe.
    #[command(after_help = "Examples:\n  ledger import events.jsonl --skip-bad bad.jsonl\n  \
                            ledger import --format git path/to/repository")]
    Import(Import),
    /// Prints events as JSONL, which `import` restores to the byte.
    ///
    /// It ends at the present head. Offsets that were pruned after the last event are not in it: `snapshot` keeps those.
    #[command(after_help = "Example: ledger export --run r-1 --output r-1.jsonl")]
    Export(Export),
    /// Prints events, and with --follow those to come.
    #[command(after_help = "Examples:\n  ledger tail --kind 'run.*' --kind error.raised --since 15m\n  \
                            ledger tail --after \"$(ledger head)\" --follow --json")]
    Tail(Tail),
    /// Prints one event, by offset or id.
    #[command(after_help = "Example: ledger show 17")]
    Show {
        /// A number is an offset first, and an id when no event has that offset.
        #[arg(value_name = "OFFSET|ID")]
        which: String,
    },
    /// Lists the runs, in the order in which they began.
    #[command(after_help = "Example: ledger runs --reason fail --since 7d")]
    Runs {
        #[command(flatten)]
        which: WhichRuns,
    },
    /// Prints one run: its summary and its events.
    Run {
        /// The run's id.
        run: RunId,
    },
    /// Shows which operations made an artifact, and from what; or what was made from it.
    ///
    /// Artifacts are what operations read and wrote by their own record: `operation.finished` events that ended well.
    /// Prints a tree, or with --format another form of the same graph.
    #[command(after_help = "Examples:\n  ledger lineage t_3\n  ledger lineage raw.csv --forward --depth 3\n  \
                            ledger lineage t_3 --as-of 7d --format dot | dot -Tsvg > t_3.svg\n  \
                            ledger lineage t_3.total --columns\n  \
                            ledger lineage t_3 --both --format prompt --budget 2000 --cite")]
    Lineage(Box<Lineage>),
    /// Shows a shortest way from one artifact to another, an operation a line; exit code 1 when there is none.
    #[command(
        after_help = "Examples:\n  ledger path raw.csv report\n  ledger path raw.csv.price report.total --columns"
    )]
    Path {
        /// Where it begins.
        from: Artifact,
        /// Where it ends.
        to: Artifact,
        /// Takes both as names of columns, `artifact.column`.
        #[arg(long)]
        columns: bool,
        /// As it was at an offset or a time.
        #[arg(long, value_name = "OFFSET|TIME", value_parser = parse_as_of)]
        as_of: Option<AsOf>,
    },
    /// Runs a command and records it as an operation: its times, what it read and wrote, and how it ended.
    ///
    /// Its start is recorded before it runs. The exit code is the command's own: 127 when there is no such program, 126 when
    /// it cannot be run, 128 and the signal's number when one ended it. SIGTERM is passed on to it. When the ledger is away
    /// for long at its end, that is kept in a file to be imported. Without a command, the operation is recorded as done.
    #[command(after_help = "Example: ledger record --operation load --reads raw.csv --writes t_1 -- psql -f load.sql")]
    Record(Box<Record>),
    /// Lists the artifacts: whose they are, whether they are there, who uses them, and whether they may be dropped.
    ///
    /// An artifact is known once an operation or a note names it. How long it is kept is said when it is noted as created;
    /// one of which nobody said so is kept. What may be dropped is what has no pin, is used by no operation that runs, and
    /// whose task (temporary) or job (temporary, job) has ended and preserves nothing, or whose job has expired.
    #[command(
        after_help = "Examples:\n  ledger artifacts --live\n  ledger artifacts --droppable --json | jq -r .artifact"
    )]
    Artifacts(Artifacts),
    /// Notes what became of an artifact, or of a job that owns some.
    ///
    /// The first `created` since an artifact was last dropped, or since its owner ended, says whose it is and how long it is
    /// kept; without --scope it is kept. Each `pinned` is one pin: give it an --id where it may be sent twice.
    #[command(
        after_help = "Examples:\n  ledger note created t_1 --scope job --job 99 --schema '{\"id\":\"bigint\"}'\n  \
                            ledger note pinned t_1 --reason audit\n  \
                            ledger note task-finished extract --job 99 --attempt 1\n  \
                            ledger note job-finished 99"
    )]
    Note(Box<Note>),
    /// Drops the artifacts that may be dropped, by a command that is run for each, and records which went.
    ///
    /// In the command, {} stands for the artifact; without it, the artifact is the last argument. Exit code 0 means that
    /// the artifact is gone, also when it was before. What could not be dropped is left for the next sweep; after three
    /// failures in a row a sweep stops, and the exit code is 1.
    ///
    /// Whoever appends to the ledger chooses the names: put -- before one that must not be taken for an option, and in a
    /// shell take it from "$1", never from {} within the script.
    #[command(after_help = "Examples:\n  ledger reap --dry-run\n  ledger reap -- rm -f --\n  \
                            ledger reap --every 1h -- timeout 60 ./drop-table.sh {}\n  \
                            ledger reap -- sh -c 'psql -v t=\"$1\" -f drop.sql' sh {}")]
    Reap(Reap),
    /// Asks the log of operations: what ran, what failed, what was slow, and whether the disk will hold.
    #[command(subcommand)]
    Ops(Box<Ops>),
    /// Lists the sessions in which many edit at once, in the order in which they began.
    Sessions,
    /// Prints one session: its newest edits in causal order, and who has reserved what.
    ///
    /// Causal order: what led to an edit stands before it; the rest is in the order of its logical clock.
    #[command(
        after_help = "Examples:\n  ledger session draft-7 --graph\n  ledger session draft-7 --graph=svg > draft-7.svg"
    )]
    Session(Session),
    /// Records an edit of a session, stamped past all that its actor did and all that is there.
    ///
    /// Prints its offset, its stamp and its id. Give an --id where it may be sent twice.
    #[command(after_help = "Example: ledger edit draft-7 doc '{\"op\":\"insert\",\"target\":\"p-7\",\"position\":3}' \
                            --actor ann --seen-all")]
    Edit(Box<NewEdit>),
    /// Asks others to leave something of a session alone for a while, and tells who else has.
    ///
    /// It is advice: nobody is kept from anything. It ends by itself, or by `release`.
    #[command(after_help = "Example: ledger reserve draft-7 doc p-1 p-2 --actor ann --for 10m")]
    Reserve(Reserve),
    /// Ends a reservation or an intent before its time; exit code 1 when there is none of this actor's.
    Release(Release),
    /// Records that a snapshot of a session includes the edits up to an offset; `delta` begins there.
    #[command(after_help = "Example: ledger checkpoint draft-7 draft-7.v2")]
    Checkpoint(NewCheckpoint),
    /// Prints what was done to a domain since the newest checkpoint, without what came to nothing.
    ///
    /// What was inserted and deleted again is left out, with all that was done to it; of several replaces of one thing the last
    /// one stays. Names are taken to be used once.
    #[command(after_help = "Example: ledger delta draft-7 doc --json | jq .changes")]
    Delta(Delta),
    /// Merges a session with the same one in another ledger, or looks at several sessions as one, and tells the conflicts.
    ///
    /// Edits keep their ids and stamps, and each is there once, so the result is the same in whatever order one merges. A conflict
    /// is two edits of one target, or two inserts at one place, that did not know of each other. What an actor did in a session
    /// is taken for one after the other: who works at two places needs a name for each. The exit code is 1 when an id stands for
    /// two different things.
    #[command(after_help = "Examples:\n  ledger merge draft-7 --from laptop.db\n  \
                            ledger merge draft-7 draft-7-offline --places doc")]
    Merge(Merge),
    /// Prints the last offset ever given; 0 for none.
    Head,
    /// Copies the ledger, or continues an older copy, and reads the copy back.
    ///
    /// The target is new, empty or an older copy of the same ledger. The copy is a consistent prefix, while others append.
    #[command(after_help = "Example: ledger --url postgres://me@db/app snapshot backup.db")]
    Snapshot {
        /// Where the copy goes: a path or URL.
        #[arg(value_name = "DEST", value_hint = ValueHint::AnyPath)]
        dest: String,
    },
    /// Carries a ledger into another one, and with --follow goes on as it grows.
    ///
    /// Events keep their offsets, each is written once, and it goes on where it was stopped: the target is new, empty,
    /// or was copied or replicated from the same source. Nobody else may write to it. What the source prunes later stays.
    /// `verify` compares the two.
    #[command(
        after_help = "Example: ledger replicate --from postgres://me@db/app --to clickhouse://me@ch/app --follow\n\n\
                            With --json it prints {\"at\":N,\"head\":N,\"lag\":N,\"written\":N} after each batch."
    )]
    Replicate(Replicate),
    /// Prints count, head, gaps and digest, or compares with another ledger.
    ///
    /// Reads the ledger from end to end. The digest covers every event to the byte. Gaps are offsets without an event: those
    /// that `prune`, `retention` or `reset` left are known by the events of kind ledger.pruned that these recorded; when
    /// there are others, which were lost or never copied, the exit code is 1. Two ledgers are equal when their digests are;
    /// otherwise the first difference is printed and the exit code is 1.
    #[command(after_help = "Example: ledger verify backup.db")]
    Verify {
        /// Another ledger to compare with: a path or URL.
        #[arg(value_name = "OTHER", value_hint = ValueHint::AnyPath)]
        other: Option<String>,
    },
    /// Brings the tables up to date, creating the ledger when there is none.
    #[command(after_help = "Examples: ledger migrate --dry-run    ledger migrate status")]
    Migrate(Migrate),
    /// Removes the events that match, for good; asks first.
    ///
    /// Their offsets are never given again. An event of kind ledger.pruned records which went, by which filter, and their
    /// digest; such records stay. A filter that fits events of kind lineage.kept removes
    /// the lineage that `retention` kept. Take a `snapshot` before it.
    #[command(after_help = "Example: ledger prune --kind 'debug.*' --until 30d --dry-run")]
    Prune(Prune),
    /// Removes old operations by a policy, and keeps the lineage of all that is there.
    ///
    /// Of operations by way of which something was made that is there, what they read and made stays, packed in events of
    /// kind lineage.kept: what is there has the lineage that it had. An event of kind ledger.pruned records what went. Notes
    /// and all other events stay.
    #[command(
        after_help = "Examples:\n  ledger retention plan\n  ledger retention apply --success 3d --failed 4w --yes\n  \
                            ledger retention apply --most-bytes 2GB --every 1d --yes"
    )]
    Retention {
        #[command(subcommand)]
        action: Retention,
    },
    /// Removes all events, for good; asks first. Offsets go on where they were.
    ///
    /// One event is left, of kind ledger.pruned: it records that, and the digest of what went.
    Reset {
        /// Does not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Serves the ledger over HTTP, until Ctrl-C or SIGTERM.
    ///
    /// POST and GET /api/v1/events, /api/v1/events/{offset or id}, /api/v1/head, /api/v1/digest, /health, /ready. Callers show the
    /// token that LEDGER_API_TOKEN names, which is for everything, or one of the file of --tokens, for what its scopes say
    /// (`Authorization: Bearer …`). Without either everybody who can reach it may read and append, so then it listens on this
    /// machine alone. A token that is made or revoked while it runs counts within a second. /metrics is for Prometheus, with a
    /// token that may read; `generate` prints how to scrape it.
    #[command(after_help = "Examples:\n  LEDGER_API_TOKEN=… ledger serve --listen 0.0.0.0:7070\n  \
                            ledger serve --tokens ledger-tokens.json --listen 0.0.0.0:7070\n  \
                            ledger serve --replica history=clickhouse://me@ch/app\n  \
                            ledger serve --demo    (a sample to look around in; no ledger is touched)")]
    Serve(Serve),
    /// Makes, lists and revokes the tokens that callers of `serve` show.
    ///
    /// They stand in a file, by their hashes alone, which `serve --tokens` goes by. No ledger is opened.
    #[command(subcommand)]
    Token(Token),
    /// Prints what Prometheus and Grafana need to watch a server: rules, a dashboard, and how to scrape it.
    #[command(subcommand)]
    Generate(Generate),
    /// Lists the backends and their URLs.
    Backends,
    /// Shows what a ledger does, on a sample run in a new SQLite file.
    Demo {
        /// The file; without it, one in a new directory for temporary files.
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        path: Option<PathBuf>,
    },
    /// Prints the completions for a shell.
    #[command(after_help = "Example: ledger completions bash > ~/.local/share/bash-completion/completions/ledger")]
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// What to record of a command, and the command.
#[derive(Debug, Args)]
pub(crate) struct Record {
    /// What it does, such as load.
    #[arg(long, value_name = "NAME")]
    pub(crate) operation: String,
    /// Artifacts that it reads, as the inputs source_0, source_1, ….
    #[arg(long, value_name = "ARTIFACT", num_args = 1..)]
    pub(crate) reads: Vec<Artifact>,
    /// An artifact that it reads, as an input of that name.
    #[arg(long = "input", value_name = "NAME=ARTIFACT", num_args = 1.., value_parser = parse_pair)]
    pub(crate) inputs: Vec<(String, String)>,
    /// An artifact that it writes.
    #[arg(long, value_name = "ARTIFACT", num_args = 1..)]
    pub(crate) writes: Vec<Artifact>,
    /// A column of what it writes, and one of what it reads that it is made of; once for each. With nothing after the
    /// equals sign, it is made of plain values.
    #[arg(long = "column", value_name = "COLUMN=ARTIFACT.COLUMN", num_args = 1.., value_parser = parse_pair)]
    pub(crate) columns: Vec<(String, String)>,
    /// A plain value that it is given; JSON, or else text.
    #[arg(long = "value", value_name = "NAME=VALUE", num_args = 1.., value_parser = parse_pair)]
    pub(crate) values: Vec<(String, String)>,
    /// The project it runs in.
    #[arg(long)]
    pub(crate) project: Option<String>,
    /// The branch of the project.
    #[arg(long)]
    pub(crate) branch: Option<String>,
    /// The table that it is about, with its bucket if it has one.
    #[arg(long, value_name = "[BUCKET/]TABLE")]
    pub(crate) table: Option<String>,
    /// The request that it answers.
    #[arg(long)]
    pub(crate) request: Option<String>,
    /// Whatever else there is to say of it.
    #[arg(long, value_name = "JSON|@FILE|-")]
    pub(crate) metadata: Option<String>,
    /// The SQL or other code that it runs: text, or @FILE.
    #[arg(long, value_name = "TEXT|@FILE")]
    pub(crate) sql: Option<String>,
    #[command(flatten)]
    pub(crate) owner: Owner,
    /// The operation's id, up to 56 bytes, for one run of it [default: a fresh UUIDv7].
    #[arg(long)]
    pub(crate) id: Option<EventId>,
    #[command(flatten)]
    pub(crate) by: By,
    /// The command and its arguments.
    #[arg(last = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<OsString>,
}

/// Whose an operation or an artifact is.
#[derive(Debug, Args)]
pub(crate) struct Owner {
    /// The job it belongs to.
    #[arg(long)]
    pub(crate) job: Option<Job>,
    /// The part of the job.
    #[arg(long)]
    pub(crate) task: Option<Task>,
    /// Which try of the task it is, from 1.
    #[arg(long, value_name = "N")]
    pub(crate) attempt: Option<u32>,
}

/// In which run an event happened, and by whom.
#[derive(Debug, Args)]
pub(crate) struct By {
    /// The run it belongs to [default: default].
    #[arg(long)]
    run: Option<RunId>,
    /// Who did it [default: unknown].
    #[arg(long)]
    actor: Option<Actor>,
}

impl By {
    /// Gives an event what the command line says.
    pub(crate) fn give(&self, mut draft: Draft) -> Draft {
        draft.run_id = self.run.clone().unwrap_or(draft.run_id);
        draft.actor = self.actor.clone().unwrap_or(draft.actor);
        draft
    }
}

fn parse_pair(text: &str) -> Result<(String, String), String> {
    pair(text.split_once('='), "write NAME=VALUE")
}

fn pair(split: Option<(&str, &str)>, remedy: &str) -> Result<(String, String), String> {
    match split {
        Some((left, right)) if !left.is_empty() => Ok((left.to_owned(), right.to_owned())),
        _ => Err(remedy.to_owned()),
    }
}

/// What to do with the tables.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Migrate {
    /// Prints the statements and runs none.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(subcommand)]
    pub(crate) action: Option<MigrateAction>,
}

/// What to say about the tables.
#[derive(Debug, Subcommand)]
pub(crate) enum MigrateAction {
    /// Lists the steps and when they were applied.
    Status,
    /// Drops the old tables that rebuilds kept; there is no way back then. Asks first.
    ///
    /// Only ClickHouse keeps them: elsewhere a step is one transaction. `status` lists them.
    Confirm {
        /// Does not ask.
        #[arg(long)]
        yes: bool,
    },
}

/// Which events to remove.
#[derive(Debug, Args)]
pub(crate) struct Prune {
    #[command(flatten)]
    pub(crate) filter: Filter,
    /// Only events before this offset.
    #[arg(long, value_name = "OFFSET")]
    pub(crate) before: Option<Offset>,
    /// Counts them and removes none.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Does not ask.
    #[arg(long)]
    pub(crate) yes: bool,
}
