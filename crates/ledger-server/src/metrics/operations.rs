//! Operations, as the log tells of them: whoever ran one and wherever it was recorded, it is counted here, by its command.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ledger_core::retention::Pruned;
use ledger_core::views::Operation;
use ledger_core::{Event, Ledger, Offset, Query, Result};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::{Metrics, locked, long};

/// How many commands have a label of their own: those that are met first.
const MOST: usize = 50;
/// How long a name may be that is one.
const LONGEST: usize = 64;
/// The label of all others.
const OTHER: &str = "other";
/// The least time between two looks at the log, unless there is more to read.
const PAUSE: Duration = Duration::from_secs(1);
/// How long to wait before the log is looked at again when the engine is away.
const AWAY: Duration = Duration::from_secs(1);

/// What is known of the operations.
#[derive(Debug)]
pub(crate) struct Operations {
    ended: Family<Ended, Counter>,
    took: Family<Command, Histogram>,
    waited: Family<Command, Histogram>,
    unread: Counter,
    pruned: Counter,
    commands: Mutex<BTreeSet<String>>,
    /// Up to where the log was read; nothing before it was looked at.
    position: Mutex<Option<Offset>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Command {
    command: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    command: String,
    status: &'static str,
}

impl Operations {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let operations = Self {
            ended: Family::default(),
            took: Family::<Command, Histogram>::new_with_constructor(long),
            waited: Family::<Command, Histogram>::new_with_constructor(long),
            unread: Counter::default(),
            pruned: Counter::default(),
            commands: Mutex::default(),
            position: Mutex::default(),
        };
        let help = "Operations that ended since the server began, by their command and how they ended";
        registry.register("ledger_operations", help, operations.ended.clone());
        let help = "How long these operations took, however they ended";
        registry.register_with_unit("ledger_operation_duration", help, Unit::Seconds, operations.took.clone());
        let help = "How long these operations waited before they began, of those that say so";
        registry.register_with_unit("ledger_operation_queue_wait", help, Unit::Seconds, operations.waited.clone());
        let help = "Events that call themselves the end of an operation and cannot be read as one";
        registry.register("ledger_operations_unread", help, operations.unread.clone());
        let help = "Events that were removed for good by whomever, as the log records it";
        registry.register("ledger_pruned_events", help, operations.pruned.clone());
        operations
    }

    /// Returns up to where the log was read.
    pub(super) fn position(&self) -> Option<Offset> {
        *locked(&self.position)
    }

    /// Counts what an event tells.
    pub(super) fn count(&self, event: &Event) {
        if let Some(pruned) = Pruned::of_event(event) {
            self.pruned.inc_by(pruned.count);
        }
        if event.kind.as_str() != Operation::FINISHED {
            return;
        }
        let ended = Operation::of(event).ok().flatten().and_then(|found| found.status.map(|status| (found, status)));
        let Some((operation, status)) = ended else {
            self.unread.inc();
            return;
        };
        let command = Command { command: self.label(&operation.name) };
        if let Some(took) = operation.duration() {
            self.took.get_or_create(&command).observe(took.as_secs_f64());
        }
        if let Some(waited) = operation.queue_wait_us.map(Duration::from_micros) {
            self.waited.get_or_create(&command).observe(waited.as_secs_f64());
        }
        self.ended.get_or_create(&Ended { command: command.command, status: status.as_str() }).inc();
    }

    /// Returns the label of a command. Whoever records chooses the name, so a label it is only as long as there are few.
    fn label(&self, name: &str) -> String {
        let mut commands = locked(&self.commands);
        if name.len() > LONGEST || (commands.len() >= MOST && !commands.contains(name)) {
            return OTHER.to_owned();
        }
        commands.insert(name.to_owned());
        name.to_owned()
    }
}

/// Counts what is recorded past an offset, for as long as it is let; without one, past the head as soon as that is known.
pub(crate) async fn follow(ledger: Arc<dyn Ledger>, metrics: Arc<Metrics>, from: Option<Offset>) {
    let operations = &metrics.operations;
    *locked(&operations.position) = from;
    loop {
        match advance(&*ledger, operations).await {
            Ok((position, step)) => {
                *locked(&operations.position) = Some(position);
                if step == Step::Last {
                    tokio::time::sleep(PAUSE).await;
                }
            }
            Err(_) => tokio::time::sleep(AWAY).await,
        }
    }
}

/// Whether there is more to read at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    More,
    Last,
}

/// Waits for the head to move, and counts a page of what came; returns up to where it has read then.
async fn advance(ledger: &dyn Ledger, operations: &Operations) -> Result<(Offset, Step)> {
    let Some(after) = operations.position() else { return Ok((ledger.head().await?, Step::More)) };
    let head = ledger.wait(after).await?;
    let query = Query::after(after).up_to(head).kind(Operation::FINISHED)?.kind(Pruned::KIND)?;
    let page = ledger.read(&query).await?;
    page.events.iter().for_each(|event| operations.count(event));
    Ok(page.more_past.map_or((head, Step::Last), |past| (past, Step::More)))
}

#[cfg(test)]
mod tests {
    use ledger_core::{Condition, Draft, LedgerExt};

    use super::*;

    fn finished(command: &str) -> Draft {
        let operation = Operation::new(command).unwrap().queue_wait(Duration::from_millis(250));
        operation.finished().unwrap()
    }

    /// Follows a ledger until all of it is counted.
    async fn counted(ledger: &Arc<dyn Ledger>) -> Arc<Metrics> {
        let metrics = Arc::new(Metrics::new("memory"));
        let head = ledger.head().await.unwrap();
        let following = follow(Arc::clone(ledger), Arc::clone(&metrics), Some(Offset::START));
        let done = async {
            while metrics.operations.position() != Some(head) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::select! {
            () = following => unreachable!("it goes on"),
            () = done => metrics,
        }
    }

    #[tokio::test]
    async fn commands_past_the_fiftieth_share_a_label() {
        let ledger = backends::open("memory:").await.unwrap();
        let drafts: Vec<_> = (0..60).map(|n| finished(&format!("command-{n}"))).collect();
        ledger.append(&drafts, &Condition::None).await.unwrap();
        ledger.append_one(finished("command-7")).await.unwrap();
        ledger.append_one(finished(&"x".repeat(65))).await.unwrap();
        let metrics = counted(&ledger).await;
        let of = |command: &str| {
            let label = Ended { command: command.to_owned(), status: "success" };
            metrics.operations.ended.get(&label).map(|counter| counter.get())
        };
        assert_eq!((of("command-0"), of("command-7"), of("command-49")), (Some(1), Some(2), Some(1)));
        assert_eq!((of("command-50"), of(OTHER)), (None, Some(11)));
    }

    #[tokio::test]
    async fn what_is_no_operation_is_told_apart_and_what_was_pruned_is_counted() {
        let ledger = backends::open("memory:").await.unwrap();
        ledger.append_one(Draft::new("a.b", &1).unwrap()).await.unwrap();
        ledger
            .append_one(Draft::new(Operation::FINISHED, &serde_json::json!({"operation": 7})).unwrap())
            .await
            .unwrap();
        ledger.append_one(finished("load")).await.unwrap();
        ledger_core::retention::prune(&*ledger, &Query::all().kind("a.b").unwrap(), "test", |_| ()).await.unwrap();
        let metrics = counted(&ledger).await;
        assert_eq!((metrics.operations.unread.get(), metrics.operations.pruned.get()), (1, 1));
    }
}
