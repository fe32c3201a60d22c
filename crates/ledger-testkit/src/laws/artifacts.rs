//! Artifacts: whose they are, who uses them, and which may be dropped; and a reaper that drops those and no others.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ledger_core::views::{
    ArtifactNote, Artifacts, JobDefinition, JobNote, Kept, Operation, Over, Preservation, Rules, Scope, Verdict,
};
use ledger_core::{
    Artifact, Draft, Job, Ledger, LedgerExt, Offset, Query, Reaper, Result, Swept, Task, Timestamp, fold,
};

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
    let judged = artifacts.all().map(|registered| {
        let verdict = artifacts.judge(&registered.artifact, &rules, now);
        format!("{} {}", registered.artifact, word(&verdict))
    });
    Ok(judged.collect())
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Drop(Over::Expired(_)) => "expired",
        Verdict::Drop(Over::JobEnded) => "job ended",
        Verdict::Drop(Over::TaskEnded) => "task ended",
        Verdict::Keep(Kept::Preserved(_)) => "preserved",
        Verdict::Keep(Kept::OwnerRuns) => "runs",
        Verdict::Keep(Kept::InUse(_)) => "in use",
        Verdict::Keep(Kept::Pinned(_)) => "pinned",
        Verdict::Keep(Kept::Persistent) => "persistent",
        Verdict::Keep(Kept::Undeclared) => "undeclared",
        Verdict::Keep(Kept::Unclear(_)) => "unclear",
        Verdict::Keep(Kept::Gone) => "gone",
    }
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

/// What happens in a job, by one word each, to an artifact of the same name. A creation names the first try of `task`, or
/// the one that follows the word.
fn happening(word: &str, name: &str) -> Result<Draft> {
    let (word, attempt) = word.split_once(' ').map_or((word, None), |(word, attempt)| (word, attempt.parse().ok()));
    let (note, job_note, task) = (ArtifactNote::new(artifact(name)), JobNote::new(job(name)), Task::new("task")?);
    let scoped = |scope| {
        let (job, task, attempt) = (Some(job(name)), Some(task.clone()), Some(attempt.unwrap_or(1)));
        ArtifactNote { job, task, attempt, scope, ..note.clone() }.created()
    };
    let operation = || {
        let operation = Operation::new("read")?.id(format!("read {name}"))?.input("source", artifact(name))?;
        operation.job(job(name))?.task(task.clone()).map(|operation| operation.attempt(1))
    };
    let odd =
        |kind: &str, tag: &str| Draft::new(kind, &serde_json::json!({"other": "shape"}))?.tag(format!("{tag}:{name}"));
    match word {
        "temporary" => scoped(Some(Scope::Temporary)),
        "job" => scoped(Some(Scope::Job)),
        "persistent" => scoped(Some(Scope::Persistent)),
        "undeclared" => scoped(None),
        "ownerless" => ArtifactNote { scope: Some(Scope::Job), ..note }.created(),
        "dropped" => note.dropped(),
        "started" => job_note.started(),
        "finished" => job_note.finished(),
        "finished-full" => JobNote { preservation: Some(Preservation::Full), ..job_note }.finished(),
        "task" => job_note.task_finished(task, attempt),
        "reading" => operation()?.started(),
        "odd-pin" => odd(ArtifactNote::PINNED, "artifact"),
        "odd-read" => odd(Operation::STARTED, "reads"),
        "odd-end" => odd(Operation::FINISHED, "reads"),
        "odd-job" => odd(JobNote::STARTED, "job"),
        other => panic!("nothing happens by the word {other}"),
    }
}

/// A name that is used again is judged by its last life, tries of a task by their own ends in whatever order those come, and
/// what cannot be read keeps what it may be about.
pub async fn artifacts_of_names_used_again_and_of_unclear_events(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let scenarios = [
        ("temporary, task 1, temporary 2", "runs"),
        ("temporary, task 1, temporary 2, task 2", "task ended"),
        ("temporary, temporary 2, task 1", "runs"),
        ("temporary, temporary 2, task 1, task 2", "task ended"),
        ("task, temporary 2, task 1", "runs"),
        ("task 3, temporary 1, task 1", "task ended"),
        ("temporary 1, task 3", "task ended"),
        ("temporary, finished, temporary", "runs"),
        ("temporary, finished, started, temporary", "runs"),
        ("temporary, finished, job, task", "runs"),
        ("job, finished, started", "runs"),
        ("persistent, finished, job, finished", "persistent"),
        ("persistent, finished, dropped, job, finished", "job ended"),
        ("job, finished, undeclared, finished", "undeclared"),
        ("undeclared, finished", "undeclared"),
        ("ownerless, finished", "runs"),
        ("job, finished-full", "preserved"),
        ("job, reading, finished", "job ended"),
        ("temporary, reading, task 1", "task ended"),
        ("temporary, reading", "in use"),
        ("job, odd-pin, finished", "unclear"),
        ("job, odd-read, finished", "unclear"),
        ("job, odd-job, finished", "unclear"),
        ("job, odd-end, finished", "job ended"),
        ("job, odd-pin, dropped, job, finished", "job ended"),
    ];
    let name = |place: usize| format!("s{place:02}");
    for (place, (words, _)) in scenarios.iter().enumerate() {
        for word in words.split(", ") {
            append(&ledger, &[happening(word, &name(place))?]).await?;
        }
    }
    let mut artifacts = Artifacts::default();
    fold(&*ledger, Artifacts::query(Offset::START), &mut artifacts).await?;
    assert_eq!(artifacts.unread().len(), 5);
    let (rules, short) = (Rules::default(), Rules { job_ttl_days: 1, ..Rules::default() });
    let judge = |place, rules, days| {
        Ok::<_, ledger_core::Error>(word(&artifacts.judge(&artifact(&name(place)), rules, days_on(days)?)))
    };
    for (place, (words, expected)) in scenarios.iter().enumerate() {
        assert_eq!(judge(place, &rules, 0)?, *expected, "{words}");
    }
    let place_of = |words| scenarios.iter().position(|(other, _)| *other == words).expect("it is listed");
    let reading = place_of("temporary, reading");
    assert_eq!(judge(reading, &short, 2)?, "in use", "how long leftovers are kept says nothing of who reads them");
    assert_eq!(judge(reading, &short, 91)?, "expired", "a process that died reads nothing");
    assert_eq!(judge(place_of("ownerless, finished"), &short, 2)?, "expired");

    // Times that events bring along, as an import's do, let nothing expire on arrival.
    let old = happening("job", "old")?.at(Timestamp::EPOCH);
    append(&ledger, &[old]).await?;
    fold(&*ledger, Artifacts::query(Offset::START), &mut artifacts).await?;
    assert_eq!(word(&artifacts.judge(&artifact("old"), &rules, days_on(1)?)), "runs");
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

/// What cannot be dropped does not keep the rest from its turn, and one that was made anew while another of its name was
/// dropped is not recorded as gone.
pub async fn reaper_takes_turns_and_records_no_drop_of_the_living(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    for n in 0..5 {
        append(&ledger, &[created(&format!("t_{n}"), "j", Scope::Job)?]).await?;
    }
    append(&ledger, &[JobNote::new(job("j")).finished()?]).await?;
    let mut reaper = Reaper::new(Arc::clone(&ledger), Rules::default());
    let stuck = async |artifact: Artifact| if artifact.as_str() >= "t_2" { Err("it is locked") } else { Ok(()) };
    let swept = reaper.sweep(stuck).await?;
    assert_eq!((swept.dropped.len(), swept.failed.len(), swept.left), (0, 3, 2));
    let swept = reaper.sweep(stuck).await?;
    assert_eq!((swept.dropped.len(), swept.failed.len(), swept.left), (2, 3, 0), "what failed before comes last");

    let swept = reaper
        .sweep(async |artifact: Artifact| {
            if artifact.as_str() == "t_3" {
                let anew = created("t_3", "j", Scope::Job).expect("it keeps the limits");
                ledger.append_one(anew).await.expect("the ledger is there");
            }
            Ok::<_, String>(())
        })
        .await?;
    assert_eq!(swept.dropped.len(), 3);
    assert_eq!(reaper.unrecorded().count(), 0);
    let live = registry(&*ledger).await?;
    let live: Vec<_> = live.all().filter(|registered| registered.live).map(|live| live.artifact.to_string()).collect();
    assert_eq!(live, ["t_3"]);
    assert!(reaper.plan().await?.is_empty(), "the job runs again");

    // It runs as a task of its own, too.
    append(&ledger, &[JobNote::new(job("j")).finished()?]).await?;
    let went = Arc::new(Mutex::new(Vec::new()));
    let tell = {
        let went = Arc::clone(&went);
        move |swept: &Result<Swept>| {
            let swept = swept.as_ref().expect("the ledger is there");
            went.lock().expect("nobody panics").extend(swept.dropped.iter().map(|(artifact, _)| artifact.to_string()));
            if swept.dropped.is_empty() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        }
    };
    let drop = async |_: Artifact| Ok::<_, String>(());
    let run = tokio::spawn(async move { reaper.run(Duration::from_millis(5), drop, tell).await });
    run.await.expect("it does not panic")?;
    assert_eq!(*went.lock().expect("nobody panics"), ["t_3"]);
    Ok(())
}
