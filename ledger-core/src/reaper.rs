//! The reaper: drops the artifacts that may go. The ledger does not own them, so somebody else's function does it.

use std::fmt::Display;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::event::{Draft, Offset};
use crate::ext::{LedgerExt, fold};
use crate::ledger::Ledger;
use crate::patience::Patience;
use crate::text::Artifact;
use crate::time::Timestamp;
use crate::views::{ArtifactNote, Artifacts, Over, Rules, Verdict};

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
/// It keeps the registry of artifacts between sweeps, so each reads only what is new. Two reapers on one ledger do no
/// harm beyond dropping twice: a function that drops has to take what is gone for dropped.
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
    /// What went and could not be recorded yet.
    gone: Vec<Draft>,
}

impl Reaper {
    /// After how many failures in a row a sweep stops.
    pub const MOST_FAILURES: usize = 3;

    /// Makes a reaper that goes by some rules.
    #[must_use]
    pub fn new(ledger: Arc<dyn Ledger>, rules: Rules) -> Self {
        Self { ledger, rules, artifacts: Artifacts::default(), position: Offset::START, gone: Vec::new() }
    }

    /// Returns the registry as it is now.
    pub async fn artifacts(&mut self) -> Result<&Artifacts> {
        self.position = fold(&*self.ledger, Artifacts::query(self.position), &mut self.artifacts).await?;
        Ok(&self.artifacts)
    }

    /// Returns what a sweep would drop now, in its order, and why. Nothing is dropped.
    pub async fn plan(&mut self) -> Result<Vec<(Artifact, Over)>> {
        let (rules, now) = (self.rules, Timestamp::now());
        let droppable = self.artifacts().await?.droppable(&rules, now);
        Ok(droppable.into_iter().map(|(registered, over)| (registered.artifact.clone(), over)).collect())
    }

    /// Drops what may go, the newest first, and records `artifact.dropped` for what went. Looks again before each, so that
    /// what was pinned or is read since stays.
    ///
    /// Fails when the ledger does. What went is recorded first thing in the next sweep then.
    pub async fn sweep<E: Display>(&mut self, mut drop: impl AsyncFnMut(Artifact) -> Result<(), E>) -> Result<Swept> {
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
                    self.gone.push(draft);
                    self.record().await?;
                    swept.dropped.push((artifact, over));
                }
                Err(error) => {
                    in_a_row += 1;
                    swept.failed.push((artifact, error.to_string()));
                }
            }
        }
        swept.left = plan.len();
        Ok(swept)
    }

    /// Sweeps again and again, and tells of each sweep, until that says to break. A ledger that is away is waited for.
    ///
    /// Fails when the ledger fails in another way.
    pub async fn run<E: Display>(
        mut self,
        every: Duration,
        mut drop: impl AsyncFnMut(Artifact) -> Result<(), E>,
        mut tell: impl FnMut(&Result<Swept>) -> ControlFlow<()>,
    ) -> Result<()> {
        loop {
            let swept = self.sweep(&mut drop).await;
            if tell(&swept).is_break() {
                return Ok(());
            }
            match swept {
                Err(error) if !error.is_unavailable() => return Err(error),
                _ => tokio::time::sleep(every).await,
            }
        }
    }

    /// Records what went. The event has its id from the start, so one that is sent twice is there once.
    async fn record(&mut self) -> Result<()> {
        /// How long a drop that happened may stay unrecorded before the sweep ends.
        const PATIENCE: Duration = Duration::from_secs(30);
        while let Some(draft) = self.gone.first() {
            let mut patience = Patience::of(PATIENCE);
            while let Err(error) = self.ledger.append_one(draft.clone()).await {
                match error {
                    Error::Unavailable { .. } => patience.wait(error).await?,
                    _ => return Err(error),
                }
            }
            self.gone.remove(0);
        }
        Ok(())
    }
}
