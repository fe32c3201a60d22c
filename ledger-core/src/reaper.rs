//! The reaper: drops the artifacts that may go. The ledger does not own them, so somebody else's function does it.

use std::collections::HashSet;
use std::fmt::Display;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::event::{Draft, Offset};
use crate::ext::fold;
use crate::ledger::Ledger;
use crate::patience::{Patience, rest};
use crate::query::{Condition, Query};
use crate::text::{Artifact, Tag};
use crate::time::Timestamp;
use crate::views::{ArtifactNote, Artifacts, Over, Rules, Verdict};

/// How long a drop that happened may stay unrecorded before the sweep ends.
const PATIENCE: Duration = Duration::from_secs(30);

/// What one sweep did.
#[derive(Debug, Default)]
pub struct Swept {
    /// What went, and why it might.
    pub dropped: Vec<(Artifact, Over)>,
    /// What could not be dropped, and what its function said; it is tried again in the next sweep.
    pub failed: Vec<(Artifact, String)>,
    /// How many were left for the next sweep, because too many had failed in a row.
    pub left: usize,
}

/// Drops artifacts that may go, in sweeps.
///
/// It keeps the registry of artifacts between sweeps, so each reads only what is new. A function that drops has to take what
/// is gone for dropped: after a crash, or beside a second reaper, it is asked again. Whoever begins to use an artifact, or
/// makes it anew, while it is being dropped has to pin it first.
///
/// ```no_run
/// # use std::{sync::Arc, time::Duration};
/// # use ledger_core::{Artifact, Ledger, Reaper, views::Rules};
/// # async fn drop_table(name: &str) -> Result<(), std::io::Error> { Ok(()) }
/// # async fn example(ledger: Arc<dyn Ledger>) -> ledger_core::Result<()> {
/// let mut reaper = Reaper::new(ledger, Rules::from_env()?);
/// let swept = reaper.sweep(async |table: Artifact| drop_table(table.as_str()).await).await?;
/// println!("{} went, {} could not", swept.dropped.len(), swept.failed.len());
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Reaper {
    ledger: Arc<dyn Ledger>,
    rules: Rules,
    artifacts: Artifacts,
    position: Offset,
    /// What went and could not be recorded yet, and up to where the registry was read when it was judged.
    gone: Vec<(Draft, Offset)>,
    /// What could not be dropped when it was last tried: that comes last, or it would keep all else from its turn.
    failed: HashSet<Artifact>,
}

impl Reaper {
    /// After how many failures in a row a sweep stops.
    pub const MOST_FAILURES: usize = 3;

    /// Makes a reaper that goes by some rules.
    #[must_use]
    pub fn new(ledger: Arc<dyn Ledger>, rules: Rules) -> Self {
        let (gone, failed) = (Vec::new(), HashSet::new());
        Self { ledger, rules, artifacts: Artifacts::default(), position: Offset::START, gone, failed }
    }

    /// Returns the registry as it is now.
    pub async fn artifacts(&mut self) -> Result<&Artifacts> {
        let reached = fold(&*self.ledger, Artifacts::query(self.position), &mut self.artifacts).await?;
        if reached < self.position {
            // It was put back to what it was before, and what is read of it now is not the same.
            self.artifacts = Artifacts::default();
            self.position = Offset::START;
            self.position = fold(&*self.ledger, Artifacts::query(Offset::START), &mut self.artifacts).await?;
        } else {
            self.position = reached;
        }
        Ok(&self.artifacts)
    }

    /// Returns what went and is not recorded as dropped, because the ledger was away. The next sweep records it.
    pub fn unrecorded(&self) -> impl Iterator<Item = Artifact> {
        self.gone.iter().filter_map(|(draft, _)| draft.payload_as::<ArtifactNote>().ok()).map(|note| note.artifact)
    }

    /// Returns what a sweep would drop now, in its order, and why. Nothing is dropped.
    pub async fn plan(&mut self) -> Result<Vec<(Artifact, Over)>> {
        let (rules, now) = (self.rules, Timestamp::now());
        let droppable = self.artifacts().await?.droppable(&rules, now).into_iter();
        let mut plan: Vec<_> = droppable.map(|(registered, over)| (registered.artifact.clone(), over)).collect();
        plan.sort_by_key(|(artifact, _)| self.failed.contains(artifact));
        Ok(plan)
    }

    /// Drops what may go, the newest first and what failed before last, and records `artifact.dropped` for what went. Looks again before each, so that
    /// what was pinned or is read since stays.
    ///
    /// Fails when the ledger does. What went is recorded first thing in the next sweep then.
    pub async fn sweep<D, E>(&mut self, mut drop: impl FnMut(Artifact) -> D) -> Result<Swept>
    where
        D: Future<Output = Result<(), E>>,
        E: Display,
    {
        self.record().await?;
        let (mut swept, mut in_a_row) = (Swept::default(), 0);
        let plan = self.plan().await?;
        let mut plan = plan.into_iter();
        while in_a_row < Self::MOST_FAILURES
            && let Some((artifact, _)) = plan.next()
        {
            let (rules, now) = (self.rules, Timestamp::now());
            let Verdict::Drop(over) = self.artifacts().await?.judge(&artifact, &rules, now) else { continue };
            let mut note = ArtifactNote::new(artifact.clone());
            note.reason = Some(over.to_string());
            if let Some(registered) = self.artifacts.get(&artifact) {
                (note.job, note.task) = (registered.job.clone(), registered.task.clone());
                note.attempt = registered.attempt;
            }
            let draft = note.dropped()?.actor("reaper")?;
            match drop(artifact.clone()).await {
                Ok(()) => {
                    in_a_row = 0;
                    self.failed.remove(&artifact);
                    self.gone.push((draft, self.position));
                    self.record().await?;
                    swept.dropped.push((artifact, over));
                }
                Err(error) => {
                    in_a_row += 1;
                    self.failed.insert(artifact.clone());
                    swept.failed.push((artifact, error.to_string()));
                }
            }
        }
        swept.left = plan.len();
        Ok(swept)
    }

    /// Sweeps again and again, and tells of each sweep, until that says to break. A ledger that is away is waited for, half a
    /// minute at a time or less.
    ///
    /// Fails when the ledger fails in another way.
    pub async fn run<D, E>(
        mut self,
        every: Duration,
        mut drop: impl FnMut(Artifact) -> D,
        mut tell: impl FnMut(&Result<Swept>) -> ControlFlow<()>,
    ) -> Result<()>
    where
        D: Future<Output = Result<(), E>>,
        E: Display,
    {
        loop {
            let swept = self.sweep(&mut drop).await;
            if tell(&swept).is_break() {
                return Ok(());
            }
            rest(swept, every).await?;
        }
    }

    /// Records what went. The event has its id from the start, so one that is sent twice is there once. When another one of
    /// that name was created since, that is not the one that went, and nothing is recorded.
    async fn record(&mut self) -> Result<()> {
        while let Some((draft, judged)) = self.gone.first() {
            let artifact = draft.payload_as::<ArtifactNote>()?.artifact;
            let created = Query::all().tag(Tag::pair("artifact", artifact.as_str())?)?.kind(ArtifactNote::CREATED)?;
            let condition = Condition::none_after(created, *judged);
            let mut patience = Patience::of(PATIENCE);
            while let Err(error) = self.ledger.append(std::slice::from_ref(draft), &condition).await {
                match error {
                    Error::ConditionFailed { .. } => break,
                    Error::Unavailable { .. } => patience.wait(error).await?,
                    _ => return Err(error),
                }
            }
            self.gone.remove(0);
        }
        Ok(())
    }
}
