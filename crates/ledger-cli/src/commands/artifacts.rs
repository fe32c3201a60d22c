//! `ledger artifacts`: the registry, and what of it may be dropped.

use backends::Mode;
use ledger_core::views::{Artifacts, Registered, Rules, Verdict};
use ledger_core::{Offset, Timestamp, fold};
use serde::Serialize;

use crate::cli::{self, Keeping};
use crate::failure::Result;
use crate::output::{Format, Out, counted, note, plain};
use crate::place::Target;

/// An artifact, and whether it may go.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    registered: &'a Registered,
    #[serde(flatten)]
    verdict: &'a Verdict,
}

/// Lists artifacts.
pub(super) async fn run(out: &mut Out, target: &Target, asked: &cli::Artifacts) -> Result<()> {
    let rules = rules(&asked.keeping)?;
    let ledger = target.open(Mode::ReadOnly).await?;
    let mut artifacts = Artifacts::default();
    fold(&*ledger, Artifacts::query(Offset::START), &mut artifacts).await?;
    let now = Timestamp::now();
    let shown: Vec<(&Registered, Verdict)> = if asked.droppable {
        let droppable = artifacts.droppable(&rules, now).into_iter();
        droppable.map(|(registered, over)| (registered, Verdict::Drop(over))).collect()
    } else {
        let live = artifacts.all().filter(|registered| registered.live || !asked.live);
        live.map(|registered| (registered, artifacts.judge(&registered.artifact, &rules, now))).collect()
    };
    if out.format == Format::Json {
        shown.iter().try_for_each(|(registered, verdict)| out.json(&Line { registered, verdict }))?;
    } else if shown.is_empty() {
        out.line(if asked.droppable { "nothing may be dropped" } else { "no artifacts" })?;
    } else {
        let header = ["artifact", "there", "kept for", "owner", "written", "read", "pins", "may it be dropped"];
        out.table(&header, shown.iter().map(row).collect())?;
    }
    warn_of_unread(&artifacts);
    Ok(())
}

pub(super) fn warn_of_unread(artifacts: &Artifacts) {
    if let Some(first) = artifacts.unread().first() {
        let count = counted(artifacts.unread().len() as u64, "event");
        note(&format!("{count} could not be read as operations or notes, such as that at offset {first}"));
    }
}

/// Returns the rules that the environment and the command line make.
pub(super) fn rules(keeping: &Keeping) -> Result<Rules> {
    let rules = Rules::from_env()?;
    let job_ttl_days = keeping.job_ttl_days.unwrap_or(rules.job_ttl_days);
    Ok(Rules { explicit: keeping.preserve, job_ttl_days, ..rules })
}

fn row((registered, verdict): &(&Registered, Verdict)) -> Vec<String> {
    let scope = registered.scope.map_or("-", |scope| match scope {
        ledger_core::views::Scope::Temporary => "its task",
        ledger_core::views::Scope::Job => "its job",
        ledger_core::views::Scope::Persistent => "good",
    });
    vec![
        plain(registered.artifact.as_str()).into_owned(),
        match (registered.live, registered.dropped) {
            (true, _) => "yes",
            (false, Some(_)) => "no",
            (false, None) => "not said",
        }
        .to_owned(),
        scope.to_owned(),
        owner(registered),
        registered.written.to_string(),
        registered.read.to_string(),
        registered.pins.to_string(),
        verdict.to_string(),
    ]
}

fn owner(registered: &Registered) -> String {
    let job = registered.job.as_ref().map(|job| plain(job.as_str()).into_owned());
    let task = registered.task.as_ref().map(|task| plain(task.as_str()).into_owned());
    let attempt = registered.attempt.map(|attempt| format!("#{attempt}")).unwrap_or_default();
    match (job, task) {
        (None, None) => "-".to_owned(),
        (Some(job), None) => job,
        (job, Some(task)) => format!("{}/{task}{attempt}", job.unwrap_or_default()),
    }
}
