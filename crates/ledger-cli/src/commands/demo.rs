//! `ledger demo`: what a ledger does, shown on a sample run through the public API, and checked at every step.

use std::fs;
use std::path::{Path, PathBuf};

use backends::Mode;
use futures::TryStreamExt;
use ledger_core::views::{Operation, Runs, WhichRuns};
use ledger_core::{
    Artifact, Condition, Draft, Error, EventId, Ledger, LedgerExt, Offset, Query, RunId, Status, fold, verify,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::commands::runs;
use crate::failure::{Failure, Result, shown};
use crate::output::{Format, Out, Style, counted};
use crate::place::Target;
use crate::render::event_line;

/// How the runs of a demo begin: a file that holds others is somebody's, and the demo leaves it alone.
const RUN_PREFIX: &str = "demo-";

/// What `demo --json` prints.
#[derive(Serialize)]
struct Summary {
    path: String,
    snapshot: String,
    run: RunId,
    count: u64,
    head: Offset,
    digest: String,
}

/// Shows a ledger at work. Fails when any step does not do what it should.
pub(super) async fn run(out: &mut Out, path: Option<PathBuf>) -> Result<()> {
    let name = format!("{RUN_PREFIX}{}", fresh_word());
    let path = path.map_or_else(|| new_directory(&name).map(|directory| directory.join("demo.db")), Ok)?;
    let snapshot = path.with_extension("snapshot.db");
    let target = Target::new(sqlite_url(&path))?;
    let run = RunId::new(&name)?;
    let ledger = target.open(Mode::Create).await?;
    refuse_other_runs(&*ledger, &path).await?;
    let mut demo = Demo { out, ledger: &*ledger, run };
    demo.say(&format!("A ledger is one ordered log of events. This one is the SQLite file {}.", path.display()))?;
    let draft = demo.record_a_run().await?;
    demo.repeat(&draft).await?;
    demo.conflict(&draft).await?;
    demo.condition().await?;
    demo.runs(&target).await?;
    let summary = demo.copy(&path, &snapshot).await?;
    demo.what_next(&summary)?;
    if out.format == Format::Json {
        out.json(&summary)?;
    }
    Ok(())
}

/// Returns a few characters that no other demo has.
fn fresh_word() -> String {
    let id = EventId::fresh();
    id.as_str().rsplit('-').next().unwrap_or_default().to_owned()
}

fn new_directory(name: &str) -> Result<PathBuf> {
    let directory = std::env::temp_dir().join(format!("ledger-{name}"));
    fs::create_dir(&directory).map_err(|error| Failure::io(format!("cannot create {}", shown(&directory)), error))?;
    Ok(directory)
}

fn sqlite_url(path: &Path) -> String {
    format!("sqlite:{}", path.display().to_string().replace('%', "%25").replace('?', "%3F"))
}

async fn refuse_other_runs(ledger: &dyn Ledger, path: &Path) -> Result<()> {
    let mut runs = Runs::default();
    fold(ledger, Query::all(), &mut runs).await?;
    match runs.all().iter().find(|run| !run.run_id.as_str().starts_with(RUN_PREFIX)) {
        None => Ok(()),
        Some(run) => {
            let why = format!(
                "{} holds the run `{}`, which is not from a demo: give --path NEW_FILE",
                shown(path),
                run.run_id
            );
            Err(Failure::Usage(why))
        }
    }
}

struct Demo<'a> {
    out: &'a mut Out,
    ledger: &'a dyn Ledger,
    run: RunId,
}

impl Demo<'_> {
    /// Tells people what comes next.
    fn say(&mut self, text: &str) -> Result<()> {
        if self.out.format == Format::People {
            self.out.line(format!("\n{text}"))?;
            self.out.flush()?;
        }
        Ok(())
    }

    /// Tells people what happened.
    fn show(&mut self, text: &str) -> Result<()> {
        if self.out.format == Format::People {
            let line = format!("  {} {text}", self.out.paint(Style::Green, "✓"));
            self.out.line(line)?;
            self.out.flush()?;
        }
        Ok(())
    }

    /// Appends a run's events one by one, while a follower receives each; returns the first.
    async fn record_a_run(&mut self) -> Result<Draft> {
        self.say("1. An agent loads a table. A follower sees each event as it is recorded:")?;
        let head = self.ledger.head().await?;
        let drafts = self.drafts()?;
        let width = Out::width();
        let mut live = self.ledger.follow(Query::after(head).run(&self.run)?);
        for draft in &drafts {
            let receipt = self.ledger.append_one(draft.clone()).await?;
            check(receipt.status == Status::New, "a first append is new")?;
            let Some(event) = live.try_next().await? else { return Err(off("a follower does not end")) };
            check(event.offset == receipt.offset && event.same_content(draft), "the follower sees what was appended")?;
            if self.out.format == Format::People {
                event_line(self.out, &event, width)?;
                self.out.flush()?;
            }
        }
        Ok(drafts.into_iter().next().expect("the sample run has events"))
    }

    fn drafts(&self) -> Result<Vec<Draft>> {
        let extract = Operation::new("extract")?.id(format!("{}-extract", self.run))?.job("99")?;
        let extract = extract.input("orders", Artifact::new("shop/orders")?)?.output("lake/orders")?;
        let extract = extract.bucket("lake").table("orders").rows_affected(18_204_u64);
        let note = |kind: &str, actor: &str, payload: &Value| Draft::new(kind, payload)?.actor(actor)?.tag("job:99");
        let facts = [
            note("run.started", "planner", &json!({"goal": "load the orders of May"}))?,
            note("plan.made", "planner", &json!({"steps": ["extract", "load"]}))?,
            extract.started()?.actor("loader")?,
            extract.finished()?.actor("loader")?,
            note("table.written", "loader", &json!({"table": "lake/orders", "rows": 18_204}))?,
            note("run.finished", "planner", &json!({"reason": "done"}))?,
        ];
        let mut drafts = Vec::<Draft>::new();
        for (turn, draft) in (0..).zip(facts) {
            let named = draft.kind.as_str().starts_with("operation.");
            let mut draft = draft.run(&self.run)?.turn(turn);
            if !named {
                draft = draft.id(format!("{}-{turn}", self.run))?;
            }
            if let Some(cause) = drafts.last() {
                draft = draft.parent(&cause.id)?;
            }
            drafts.push(draft);
        }
        Ok(drafts)
    }

    async fn repeat(&mut self, draft: &Draft) -> Result<()> {
        self.say("2. The network broke and the agent sends its first event again, with the same id:")?;
        let head = self.ledger.head().await?;
        let receipt = self.ledger.append_one(draft.clone()).await?;
        check(receipt.status == Status::Duplicate, "a repeat is a duplicate")?;
        check(self.ledger.head().await? == head, "a repeat adds nothing")?;
        self.show(&format!("answered with the first offset, {}, and nothing was added", receipt.offset))
    }

    async fn conflict(&mut self, draft: &Draft) -> Result<()> {
        self.say("3. Another program uses that id for something else:")?;
        let other = Draft::new("run.started", &json!({"goal": "something else"}))?.id(&draft.id)?.run(&self.run)?;
        match self.ledger.append_one(other).await {
            Err(error @ Error::IdConflict { .. }) => self.show(&format!("refused: {error}")),
            Err(error) => Err(error.into()),
            Ok(_) => Err(off("an id with other content is refused")),
        }
    }

    async fn condition(&mut self) -> Result<()> {
        self.say("4. Two agents decide on what they saw up to the same offset; only the first may act:")?;
        let seen = self.ledger.head().await?;
        let condition = Condition::none_after(Query::all().tag("table:lake/orders")?, seen);
        let claim = |actor: &str| {
            Draft::new("table.claimed", &json!({}))?.run(&self.run)?.actor(actor)?.tag("table:lake/orders")
        };
        let (first, second) = (claim("agent-a")?, claim("agent-b")?);
        let receipts = self.ledger.append(&[first], &condition).await?;
        self.show(&format!("agent-a claims the table at offset {}", receipts[0].offset))?;
        match self.ledger.append(&[second], &condition).await {
            Err(error @ Error::ConditionFailed { .. }) => self.show(&format!("agent-b is refused: {error}")),
            Err(error) => Err(error.into()),
            Ok(_) => Err(off("a condition that does not hold refuses")),
        }
    }

    async fn runs(&mut self, target: &Target) -> Result<()> {
        self.say("5. Views are computed from the log, such as which runs there were:")?;
        let mut view = Runs::default();
        fold(self.ledger, Query::all(), &mut view).await?;
        check(view.get(&self.run).is_some_and(|run| run.events == 7), "the run has its seven events")?;
        if self.out.format == Format::Json {
            return Ok(());
        }
        runs::list(self.out, target, &WhichRuns::default()).await
    }

    async fn copy(&mut self, path: &Path, snapshot: &Path) -> Result<Summary> {
        self.say("6. A snapshot is a second ledger with the same offsets and the same digest:")?;
        let url = sqlite_url(snapshot);
        let copied = backends::snapshot_to(self.ledger, &url, &mut |_| ()).await?;
        let original = verify(self.ledger, |_, _| ()).await?;
        let copy = verify(&*backends::open_as(&url, Mode::ReadOnly).await?, |_, _| ()).await?;
        check(original == copy && copy.digest == copied.digest, "original and copy have the same digest")?;
        check(original.gaps == 0, "no event is missing")?;
        self.show(&format!(
            "{}, head {}, none missing, in both files",
            counted(original.count, "event"),
            original.head
        ))?;
        self.show(&original.digest.to_string())?;
        Ok(Summary {
            path: path.display().to_string(),
            snapshot: snapshot.display().to_string(),
            run: self.run.clone(),
            count: original.count,
            head: original.head,
            digest: original.digest.to_string(),
        })
    }

    fn what_next(&mut self, summary: &Summary) -> Result<()> {
        let (url, copy, run) = (
            quoted(&sqlite_url(Path::new(&summary.path))),
            quoted(&sqlite_url(Path::new(&summary.snapshot))),
            &summary.run,
        );
        self.say(&format!(
            "All of it held. Try next:\n  \
             export DATABASE_URL={url}\n  \
             ledger tail --kind 'run.*'\n  \
             ledger show {run}-4\n  \
             ledger run {run}\n  \
             ledger lineage lake/orders\n  \
             ledger ops stats\n  \
             ledger append --run {run} --kind note.taken --payload '{{\"text\":\"hello\"}}' --tag job:99\n  \
             ledger verify {copy}\n  \
             ledger tail --follow        (and append from another terminal)"
        ))
    }
}

/// Quotes a word for the shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn check(holds: bool, what: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(off(what)) }
}

fn off(what: &str) -> Failure {
    Failure::No(format!("the demo went wrong: it should be that {what}"))
}
