//! The hunt for lost events: many processes write and follow one ledger and are killed, and what each was told is compared.
//!
//! Writers append the same ids as others, ids of their own, and now and then a conflict, which has to be refused. Whatever
//! a writer was told is known to the hunt only after it was told, so all that the hunt knows of has to be in the ledger; and
//! a batch is there whole, or not at all, also when its writer was killed before it was told. Tailers follow meanwhile. With
//! [`Kills::Random`] all of them, and the engine where it is the hunt's own, are killed at random moments and started again.
//! Whoever drops a hunt that runs ends all of its processes and removes its files.
//!
//! A writer or a tailer is a process of its own: the program that holds the hunt, started again with a word of its choice,
//! has to call [`take_part`]. The binary `hunt` does both.

mod collected;
mod crew;
mod error;
mod faults;
mod ground;
mod mark;
mod part;
mod patience;
mod plan;
mod process;
mod random;
mod report;
mod said;
mod served;
mod tailer;
mod verdict;
mod worker;
mod writer;

use std::time::Duration;

pub use error::HuntError;
pub use faults::{Fault, FaultKind, Faults};
pub use ground::Ground;
pub use part::take_part;
pub use process::Program;
pub use report::{Killed, Report};
pub use verdict::Verdict;

use crew::Crew;
use ground::Site;

/// Whether somebody is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kills {
    /// Nobody is.
    None,
    /// Writers, tailers, and the engine where it is the hunt's own, at random moments.
    Random,
}

/// What to hunt on, and how hard.
#[derive(Clone, Debug)]
pub struct Hunt {
    /// Where it is held.
    pub ground: Ground,
    /// How many write.
    pub writers: u32,
    /// How many follow: every other one by `follow`, and the rest by looking now and then.
    pub tailers: u32,
    /// How long writers write.
    pub duration: Duration,
    /// After how many events they stop all the same; unless given, 10,000,000, and 1,000,000 in memory.
    pub most: Option<u64>,
    /// Whether somebody is killed.
    pub kills: Kills,
    /// What random choices follow from. What processes make of them is another matter.
    pub seed: u64,
    /// What is started again to write and to follow.
    pub program: Program,
}

impl Hunt {
    /// The most writers, and the most tailers.
    pub const MOST_WORKERS: u32 = 1_000;

    /// Holds the hunt, which takes its duration and the time to compare, and returns what it found.
    ///
    /// Fails when what is asked for makes no sense, when the ledger is not empty or cannot be reached, and when no engine can
    /// be had.
    pub async fn run(&self) -> Result<Report, HuntError> {
        self.check()?;
        let site = Site::prepare(self).await?;
        let mut crew = Crew::gather(self, site).await?;
        crew.work().await?;
        crew.finish().await
    }

    fn check(&self) -> Result<(), HuntError> {
        let most = Self::MOST_WORKERS;
        if !(1..=most).contains(&self.writers) {
            return Err(HuntError::Usage(format!("`{}` writers: give 1 to {most}", self.writers)));
        }
        if self.tailers > most {
            return Err(HuntError::Usage(format!("`{}` tailers: give 0 to {most}", self.tailers)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_makes_no_sense_is_refused_by_its_name() {
        let program = Program { path: "hunt".into(), words: Vec::new() };
        let duration = Duration::from_secs(1);
        let (ground, kills) = (Ground::Memory, Kills::None);
        let hunt = Hunt { ground, writers: 1, tailers: 1, duration, most: None, kills, seed: 7, program };
        for (asked, says) in [
            (Hunt { writers: 0, ..hunt.clone() }, "`0` writers"),
            (Hunt { tailers: 1_001, ..hunt.clone() }, "`1001` tailers"),
        ] {
            let error = asked.run().await.unwrap_err();
            assert!(error.exit_code() == 2 && error.to_string().contains(says), "{error}");
        }
    }
}
