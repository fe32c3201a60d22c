//! The crew of a hunt: its writers and tailers, who are killed and come back, and the engine that goes the same way.

use std::time::{Duration, Instant};

use ledger_core::{Ledger, Limit, Offset, Query};

use super::collected::Shared;
use super::error::HuntError;
use super::faults::FaultKind;
use super::ground::{Ground, Site};
use super::mark::Seen;
use super::part::{Order, Part};
use super::patience::{LIMIT, patiently};
use super::random::Random;
use super::report::{Killed, Report};
use super::tailer::{Manner, Tailing};
use super::verdict::{Found, judge};
use super::worker::{End, Role, Worker};
use super::writer::Writing;
use super::{Hunt, Kills};

/// How many events end a hunt, unless it says so itself, …
const MOST: u64 = 10_000_000;
/// … and in memory, where the ledger needs some hundred bytes for each of them, too.
const MOST_IN_MEMORY: u64 = 1_000_000;
/// How often tailers look for what others append.
const POLLS_MS: [u32; 6] = [5, 20, 75, 10, 200, 500];
/// The shortest pause between two kills, …
const SHORTEST_PAUSE_MS: u64 = 200;
/// … by how much it may be longer, …
const PAUSE_RANGE_MS: usize = 600;
/// … how often is looked when nobody is killed, …
const TICK: Duration = Duration::from_millis(100);
/// … and how long an engine stays away at most, beside the time that it takes to start.
const LONGEST_AWAY_MS: usize = 400;
/// How long nobody may say anything at the end, before those who still read are given up: longer than an engine may be away.
const ARRIVAL_LIMIT: Duration = LIMIT.saturating_add(Duration::from_secs(30));

/// Who is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prey {
    Writer,
    Tailer,
    Engine,
}

/// Whose turn it is, over and over: everybody is killed once soon, so that a short hunt is worth something, too. An engine
/// that is not ours to kill gives its turn to a writer.
const TURNS: [Prey; 8] =
    [Prey::Writer, Prey::Tailer, Prey::Engine, Prey::Writer, Prey::Writer, Prey::Engine, Prey::Writer, Prey::Tailer];

/// Everybody who takes part.
pub(super) struct Crew<'h> {
    hunt: &'h Hunt,
    collected: Shared,
    writers: Vec<Worker>,
    tailers: Vec<Worker>,
    random: Random,
    lives: u32,
    killed: Killed,
    failures: Vec<String>,
    since: Instant,
    /// Last, so that nobody writes any more into what goes with it.
    site: Site,
}

impl<'h> Crew<'h> {
    /// Starts everybody. Fails when the system refuses.
    pub(super) async fn gather(hunt: &'h Hunt, site: Site) -> Result<Self, HuntError> {
        let mut crew = Self {
            hunt,
            site,
            collected: Shared::default(),
            writers: Vec::new(),
            tailers: Vec::new(),
            random: Random::new(hunt.seed, &[]),
            lives: 0,
            killed: Killed::default(),
            failures: Vec::new(),
            since: Instant::now(),
        };
        let tailers = (0..hunt.tailers).map(Role::Tailer);
        for role in tailers.chain((0..hunt.writers).map(Role::Writer)) {
            crew.start(role).await?;
        }
        crew.since = Instant::now();
        Ok(crew)
    }

    /// Starts somebody where the last of the same role was heard to be.
    async fn start(&mut self, role: Role) -> Result<(), HuntError> {
        self.lives += 1;
        let (seed, life) = (self.hunt.seed, self.lives);
        let (part, crew) = match role {
            Role::Writer(writer) => {
                let at = self.collected.lock().position(writer);
                let writing = Writing { seed, writer, life, at };
                (Part::Write { url: self.site.url.clone(), writing }, &mut self.writers)
            }
            Role::Tailer(tailer) => {
                let after = self.collected.lock().tail(tailer).seen.last().map_or(Offset::START, |seen| seen.offset);
                // The first, which is spared, follows; the others take turns from life to life.
                let manner = if tailer > 0 && life.is_multiple_of(2) { Manner::Look } else { Manner::Follow };
                let tailing = Tailing { seed, tailer, life, after, manner };
                // The first is woken as they are who set nothing.
                let url = match tailer {
                    0 => self.site.url.clone(),
                    _ => self.site.url_with_poll(POLLS_MS[tailer as usize % POLLS_MS.len()]),
                };
                (Part::Tail { url, tailing }, &mut self.tailers)
            }
        };
        crew.push(Worker::start(role, &self.hunt.program, &part, &self.collected).await?);
        Ok(())
    }

    /// Lets everybody work, and kills who is to be killed, until the time is over, the ledger is full, or somebody fails.
    ///
    /// Fails when what was killed does not start again.
    pub(super) async fn work(&mut self) -> Result<(), HuntError> {
        let default = if self.hunt.ground == Ground::Memory { MOST_IN_MEMORY } else { MOST };
        let most = self.hunt.most.unwrap_or(default);
        for prey in TURNS.into_iter().cycle() {
            let left = self.hunt.duration.saturating_sub(self.since.elapsed());
            if left.is_zero() || self.collected.lock().receipts.len() as u64 >= most {
                break;
            }
            let pause = match self.hunt.kills {
                Kills::None => TICK,
                Kills::Random => Duration::from_millis(SHORTEST_PAUSE_MS + self.random.below(PAUSE_RANGE_MS) as u64),
            };
            tokio::time::sleep(pause.min(left)).await;
            self.look().await;
            if !self.failures.is_empty() {
                break;
            }
            if self.hunt.kills == Kills::Random {
                self.kill(prey).await?;
            }
        }
        Ok(())
    }

    /// Notes who has ended without being told to.
    async fn look(&mut self) {
        for workers in [&mut self.writers, &mut self.tailers] {
            while let Some(place) = workers.iter_mut().position(Worker::has_ended) {
                self.failures.push(workers.swap_remove(place).last_words().await);
            }
        }
    }

    async fn kill(&mut self, prey: Prey) -> Result<(), HuntError> {
        let workers = match prey {
            Prey::Engine if self.site.has_engine() => {
                let away = Duration::from_millis(self.random.below(LONGEST_AWAY_MS) as u64);
                self.killed.engines += 1;
                return self.site.crash(away).await;
            }
            Prey::Tailer if !self.tailers.is_empty() => &mut self.tailers,
            _ => &mut self.writers,
        };
        // One of several tailers follows to the end in one life, while all others die around it.
        let spared = usize::from(workers.len() > 1 && matches!(workers[0].role(), Role::Tailer(_)));
        let worker = workers.swap_remove(spared + self.random.below(workers.len() - spared));
        let role = worker.role();
        // All that it said is known before another goes on from there.
        if let Err(why) = worker.kill().await {
            self.failures.push(why);
            return Ok(());
        }
        match role {
            Role::Writer(_) => self.killed.writers += 1,
            Role::Tailer(_) => self.killed.tailers += 1,
        }
        self.start(role).await
    }

    /// Has writers stop and tailers read up to the head, and compares. Fails when the engine stays away.
    pub(super) async fn finish(mut self) -> Result<Report, HuntError> {
        self.stop_writers().await;
        let elapsed = self.since.elapsed();
        self.collected.lock().writing_ended();
        let found = match self.read_back().await {
            Err(error) if error.is_unavailable() => return Err(error.into()),
            Err(error) => {
                let why = || format!("the ledger cannot be read back: {error}");
                self.collected.lock().faults.add(FaultKind::Damaged, why);
                None
            }
            Ok(found) => Some(found),
        };
        self.look_for_idlers();
        let verdict = judge(&self.collected.lock(), found);
        Ok(Report {
            at: self.site.to_string(),
            seed: self.hunt.seed,
            writers: self.hunt.writers,
            tailers: self.hunt.tailers,
            elapsed,
            killed: self.killed,
            verdict,
            failures: self.failures,
        })
    }

    async fn stop_writers(&mut self) {
        for writer in &mut self.writers {
            writer.order(Order::Stop).await;
        }
        for writer in std::mem::take(&mut self.writers) {
            let role = writer.role();
            match writer.finish(&self.collected, LIMIT * 2).await {
                End::Done => {}
                End::Failed(why) => self.failures.push(why),
                End::Stuck => self.failures.push(format!("{role} did not stop: its last append was not answered")),
            }
        }
    }

    /// Has tailers read up to the head, and then reads all that is there. A server may still have recorded something for a writer
    /// that was dead; what of that tailers were given is before the head by then.
    async fn read_back(&mut self) -> ledger_core::Result<Found> {
        let ledger = self.site.open().await?;
        let until = patiently(|| ledger.head()).await?;
        self.let_tailers_arrive(until).await;
        let head = patiently(|| ledger.head()).await?;
        let mut found = Found { head, seen: Vec::new() };
        let mut next = Some(Query { limit: Limit::MAX, ..Query::all().up_to(head) });
        while let Some(query) = next {
            let page = patiently(|| ledger.read(&query)).await?;
            for event in &page.events {
                found.seen.push(Seen::of(event)?);
            }
            next = query.following(&page);
        }
        Ok(found)
    }

    async fn let_tailers_arrive(&mut self, head: Offset) {
        for tailer in &mut self.tailers {
            tailer.order(Order::Until(head)).await;
        }
        for tailer in std::mem::take(&mut self.tailers) {
            let role = tailer.role();
            match (tailer.finish(&self.collected, ARRIVAL_LIMIT).await, role) {
                (End::Failed(why), _) => self.failures.push(why),
                (end, Role::Tailer(number)) => {
                    if end == End::Stuck {
                        self.failures.push(format!("{role} did not arrive at offset {head}: it said nothing any more"));
                    }
                    // It should have read all, and the verdict says what it did not.
                    self.collected.lock().tail(number).until = head;
                }
                (_, Role::Writer(_)) => {}
            }
        }
    }

    /// Notes what did not happen, and without which nothing was proved.
    fn look_for_idlers(&mut self) {
        let mut collected = self.collected.lock();
        if collected.receipts.is_empty() {
            self.failures.push("nothing was acknowledged, so nothing was proved".to_owned());
        }
        if collected.refused == 0 {
            self.failures.push("no conflict was refused, so nothing was proved of conflicts".to_owned());
        }
        let idle = (0..self.hunt.tailers).filter(|tailer| collected.tail(*tailer).meanwhile == 0).count();
        if idle > 0 {
            self.failures.push(format!("tailers were given nothing while others wrote: {idle}"));
        }
    }
}
