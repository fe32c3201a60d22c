//! Artifacts: whose they are, who uses them, and which may be dropped; and a reaper that drops those and no others.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use ledger_core::views::{
    ArtifactNote, Artifacts, JobDefinition, JobNote, Kept, Operation, Over, Preservation, Rules, Scope, Verdict,
};
use ledger_core::{Artifact, Draft, Job, Ledger, LedgerExt, Offset, Query, Reaper, Result, Task, Timestamp, fold};

use crate::backend::Backend;
use crate::support::{all, append};

fn artifact(name: &str) -> Artifact {
    Artifact::new(name).expect("the name keeps the rule")
}

fn job(name: &str) -> Job {
    Job::new(name).expect("the name keeps the rule")
}

/// Notes an artifact as created by the first try of the task `task` of a job.
fn created(name: &str, owner: &str, scope: Scope) -> Result<Draft> {
    let note = ArtifactNote::new(artifact(name));
    let (owner, task) = (Some(job(owner)), Some(Task::new("task")?));
    ArtifactNote { job: owner, task, attempt: Some(1), scope: Some(scope), ..note }.created()
}

fn days_on(days: i64) -> Result<Timestamp> {
    Timestamp::from_micros(Timestamp::now().as_micros() + days * 86_400_000_000)
}

async fn registry(ledger: &dyn Ledger) -> Result<Artifacts> {
    let mut artifacts = Artifacts::default();
    fold(ledger, Artifacts::query(Offset::START), &mut artifacts).await?;
    assert!(artifacts.unread().is_empty(), "a note came back otherwise");
    Ok(artifacts)
}

/// Says what becomes of each artifact by the rules, in so many days.
async fn judged(ledger: &dyn Ledger, rules: Rules, days: i64) -> Result<Vec<String>> {
    let (artifacts, now) = (registry(ledger).await?, days_on(days)?);
    let words = |verdict| match verdict {
        Verdict::Drop(Over::Expired(_)) => "expired",
        Verdict::Drop(Over::JobEnded) => "job ended",
        Verdict::Drop(Over::TaskEnded) => "task ended",
        Verdict::Keep(Kept::Preserved(_)) => "preserved",
        Verdict::Keep(Kept::OwnerRuns) => "runs",
        Verdict::Keep(Kept::InUse(_)) => "in use",
        Verdict::Keep(Kept::Pinned(_)) => "pinned",
        Verdict::Keep(Kept::Persistent) => "persistent",
        Verdict::Keep(Kept::Undeclared) => "undeclared",
        Verdict::Keep(Kept::Gone) => "gone",
    };
    let judged = artifacts.all().map(|registered| {
        let verdict = artifacts.judge(&registered.artifact, &rules, now);
        format!("{} {}", registered.artifact, words(verdict))
    });
    Ok(judged.collect())
}

/// What may be dropped follows from scope, pins, use, owner, preservation and age; the first creation counts.
pub async fn artifacts_may_go_when_nothing_keeps_them(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let rules = Rules::default();
    let scopes = [("a_temporary", Scope::Temporary), ("b_job", Scope::Job), ("c_persistent", Scope::Persistent)];
    for (name, scope) in scopes {
        append(&ledger, &[created(name, "j", scope)?, created(name, "other", Scope::Persistent)?]).await?;
    }
    let reading = Operation::new("read")?.input("source", artifact("a_temporary"))?.output("d_written")?;
    append(&ledger, &[reading.started()?, ArtifactNote::new(artifact("b_job")).pinned()?]).await?;
    append(&ledger, &[ArtifactNote::new(artifact("b_job")).pinned()?]).await?;
    let kept = ["a_temporary in use", "b_job pinned", "c_persistent persistent", "d_written gone"];
    assert_eq!(judged(&ledger, rules, 0).await?, kept);

    append(&ledger, &[reading.finished()?, ArtifactNote::new(artifact("b_job")).unpinned()?]).await?;
    let found = registry(&ledger).await?;
    let a = found.get(&artifact("a_temporary")).expect("it was noted");
    assert_eq!((a.job.clone(), a.read, a.in_use.len()), (Some(job("j")), 1, 0), "the first creation does not count");
    assert_eq!(found.get(&artifact("b_job")).map(|b| b.pins), Some(1), "two pins less one are one");
    append(&ledger, &[ArtifactNote::new(artifact("b_job")).unpinned()?]).await?;
    let kept = ["a_temporary runs", "b_job runs", "c_persistent persistent", "d_written undeclared"];
    assert_eq!(judged(&ledger, rules, 89).await?, kept);
    let kept = ["a_temporary expired", "b_job expired", "c_persistent persistent", "d_written undeclared"];
    assert_eq!(judged(&ledger, rules, 90).await?, kept);

    let note = JobNote::new(job("j"));
    append(&ledger, &[note.clone().task_finished(Task::new("task")?, Some(1))?]).await?;
    assert_eq!(judged(&ledger, rules, 0).await?[..2], ["a_temporary task ended", "b_job runs"]);
    append(&ledger, &[note.finished()?]).await?;
    assert_eq!(judged(&ledger, rules, 0).await?[..2], ["a_temporary job ended", "b_job job ended"]);

    // What is explicit comes before the job's own word, that before its definition's, and that before the default.
    let full = Rules { default: Preservation::Full, ..rules };
    let first = async |rules| Ok::<_, ledger_core::Error>(judged(&ledger, rules, 1).await?.remove(0));
    assert_eq!(first(full).await?, "a_temporary preserved");
    let defined = JobDefinition { definition: job("nightly"), preservation: Some(Preservation::None) };
    let follows = JobNote { definition: Some(job("nightly")), ..note.clone() };
    append(&ledger, &[defined.defined()?, follows.started()?, note.finished()?]).await?;
    assert_eq!(first(full).await?, "a_temporary job ended");
    let own = JobNote { preservation: Some(Preservation::Full), ..note.clone() };
    append(&ledger, &[own.started()?, note.finished()?]).await?;
    assert_eq!(first(rules).await?, "a_temporary preserved");
    let explicit = Rules { explicit: Some(Preservation::None), ..full };
    assert_eq!(first(explicit).await?, "a_temporary job ended");
    assert_eq!(judged(&ledger, full, 91).await?[0], "a_temporary expired", "what is preserved expires too");

    // The job runs again under its name, whether it says so or not: what it makes now is not of the run that has ended.
    append(&ledger, &[created("e_again", "j", Scope::Temporary)?, created("f_again", "j", Scope::Job)?]).await?;
    assert_eq!(judged(&ledger, explicit, 0).await?[4..], ["e_again runs", "f_again runs"]);
    append(&ledger, &[note.clone().task_finished(Task::new("task")?, Some(1))?]).await?;
    assert_eq!(judged(&ledger, explicit, 0).await?[4..], ["e_again task ended", "f_again runs"]);
    Ok(())
}

/// A reaper drops what may go, the newest first, looks again before each, stops after three failures in a row, leaves the
/// rest for the next sweep, and records what went and nothing else.
pub async fn reaper_drops_what_may_go_and_records_it(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    for n in 0..8 {
        append(&ledger, &[created(&format!("t_{n}"), "j", Scope::Job)?]).await?;
    }
    append(&ledger, &[created("kept", "j", Scope::Persistent)?, JobNote::new(job("j")).finished()?]).await?;
    let mut reaper = Reaper::new(Arc::clone(&ledger), Rules::default());
    let plan: Vec<_> = reaper.plan().await?.into_iter().map(|(artifact, _)| artifact.to_string()).collect();
    assert_eq!(plan, ["t_7", "t_6", "t_5", "t_4", "t_3", "t_2", "t_1", "t_0"]);

    // t_6 cannot be dropped, t_5 is pinned while t_7 goes, and from t_3 on nothing can be dropped.
    let asked = Mutex::new(Vec::new());
    let broken = |name: &str| matches!(name, "t_6" | "t_3" | "t_2" | "t_1" | "t_0");
    let swept = reaper
        .sweep(async |artifact: Artifact| {
            asked.lock().expect("nobody panics").push(artifact.to_string());
            if artifact.as_str() == "t_7" {
                let pin = ArtifactNote::new(crate::laws::artifacts::artifact("t_5")).pinned();
                ledger.append_one(pin.expect("it keeps the limits")).await.expect("the ledger is there");
            }
            if broken(artifact.as_str()) { Err("in use elsewhere") } else { Ok(()) }
        })
        .await?;
    let names = |pairs: Vec<&Artifact>| pairs.into_iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(swept.dropped.iter().map(|(artifact, _)| artifact).collect()), ["t_7", "t_4"]);
    assert_eq!(names(swept.failed.iter().map(|(artifact, _)| artifact).collect()), ["t_6", "t_3", "t_2", "t_1"]);
    assert_eq!((swept.left, swept.failed[0].1.as_str()), (1, "in use elsewhere"));
    assert_eq!(asked.into_inner().expect("nobody panics").len(), 6, "t_5 was pinned, and dropped all the same");

    let mut again = Reaper::new(place.open().await?, Rules::default());
    let swept = again.sweep(async |_| Ok::<_, String>(())).await?;
    assert_eq!((swept.dropped.len(), swept.failed.len(), swept.left), (5, 0, 0));
    assert!(reaper.sweep(async |_| Err("asked for what is gone")).await?.failed.is_empty());
    let dropped = all(&ledger).await?.into_iter().filter(|event| event.kind.as_str() == ArtifactNote::DROPPED);
    let dropped: Vec<ArtifactNote> = dropped.map(|event| event.payload_as()).collect::<Result<_>>()?;
    let once: BTreeSet<_> = dropped.iter().map(|note| note.artifact.as_str()).collect();
    assert_eq!((dropped.len(), once.len()), (7, 7), "what went is recorded once, and what stays is not");
    assert!(!once.contains("t_5") && !once.contains("kept"));
    assert_eq!((dropped[0].reason.as_deref(), &dropped[0].job), (Some("its job has ended"), &Some(job("j"))));
    let tagged = ledger.read(&Query::all().tag("artifact:t_7")?.kind(ArtifactNote::DROPPED)?).await?;
    assert_eq!(tagged.events.len(), 1);
    Ok(())
}
