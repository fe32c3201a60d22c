//! The recorder: what it was given is in the ledger once it has been flushed.

use ledger_core::views::Operation;
use ledger_core::{Artifact, Error, Recorder, Result};
use tokio::task::JoinSet;

use crate::backend::Backend;
use crate::support::{all, append, dense, joined};

const TASKS: usize = 8;
const OPERATIONS: usize = 300;

/// Operations of many tasks are all there after a flush, each once, those of one task in their order, with their causes;
/// what the ledger refuses is told and takes nothing along.
pub async fn recorder_delivers_what_many_tasks_record_once_and_each_in_its_order(backend: &dyn Backend) -> Result<()> {
    let (place, folder) = (backend.fresh().await, tempfile::tempdir().expect("the temporary folder can be written"));
    let ledger = place.open().await?;
    append(&ledger, &[crate::draft("taken")]).await?;
    let recorder = Recorder::open(ledger, folder.path().join("spill"))?;
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let recorder = recorder.job(format!("job-{task}"))?;
        tasks.spawn(async move {
            for n in 0..OPERATIONS {
                let read = Artifact::new(format!("in_{n}"))?;
                let operation = recorder.operation("step").with(|operation| operation.id(format!("op-{task}-{n}")));
                operation.start().input("source", &read).output(format!("out_{n}")).finish()?;
                tokio::task::yield_now().await;
            }
            Ok(())
        });
    }
    joined(tasks).await?;
    recorder.record(crate::draft("taken").actor("somebody else")?)?;
    let told = recorder.flush().await.expect_err("an event was refused, and nobody was told");
    assert!(matches!(told, Error::Backend { .. }) && told.to_string().contains("`taken`"), "{told}");
    recorder.flush().await?;

    let events = all(&place.open().await?).await?;
    dense(&events);
    assert_eq!(events.len(), 1 + 2 * TASKS * OPERATIONS);
    for task in 0..TASKS {
        let job = format!("job:job-{task}");
        let own: Vec<_> = events.iter().filter(|event| event.tags().iter().any(|tag| tag.as_str() == job)).collect();
        for (n, pair) in own.chunks(2).enumerate() {
            let [started, finished] = pair else { panic!("a start without an end") };
            assert_eq!((started.kind.as_str(), finished.kind.as_str()), (Operation::STARTED, Operation::FINISHED));
            assert_eq!(finished.id.as_str(), format!("op-{task}-{n}"), "the order of a task is another one");
            assert_eq!(finished.parents.as_slice(), std::slice::from_ref(&started.id));
        }
    }
    Ok(())
}
