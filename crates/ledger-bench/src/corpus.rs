//! The events of the benches: the same in every run, and shaped like what real ledgers hold, so that figures mean something.

use ledger_core::{Actor, Draft, EventId, Kind, Payload, Result, RunId, Tag, Timestamp};

/// 2026-01-01T00:00:00Z: the first event of every corpus happened then.
const START_MICROS: i64 = 1_767_225_600_000_000;
/// One event a second, so that a million of them span eleven days and an hour of them is a small part.
const STEP_MICROS: i64 = 1_000_000;
const RUNS: u64 = 300;
const TABLES: u64 = 40;
const KINDS: [&str; 6] =
    ["run.started", "operation.started", "operation.finished", "table.written", "message.sent", "run.finished"];
const ACTORS: [&str; 5] = ["planner", "loader-1", "loader-2", "reviewer", "scheduler"];

/// What an event carries besides its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// No tags: about 300 bytes.
    Plain,
    /// Five tags: one on nearly all events, one on a fortieth, one a run, one on a fortieth again, one on three events.
    Tagged,
}

impl Shape {
    /// Names the shape in the names of cases.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Tagged => "tagged",
        }
    }
}

/// An endless sequence of drafts, decided by its seed.
#[derive(Debug)]
pub(crate) struct Corpus {
    shape: Shape,
    next: u64,
    random: Random,
    runs: Vec<RunId>,
    kinds: Vec<Kind>,
    actors: Vec<Actor>,
}

impl Corpus {
    /// Starts a sequence; those with different seeds share no id.
    pub(crate) fn new(shape: Shape, seed: u64) -> Result<Self> {
        Ok(Self {
            shape,
            next: 0,
            random: Random(seed),
            runs: (0..RUNS).map(|number| RunId::new(run(number))).collect::<Result<_>>()?,
            kinds: KINDS.iter().map(Kind::new).collect::<Result<_>>()?,
            actors: ACTORS.iter().map(Actor::new).collect::<Result<_>>()?,
        })
    }

    /// Returns the next drafts.
    pub(crate) fn take(&mut self, count: usize) -> Result<Vec<Draft>> {
        (0..count).map(|_| self.draft()).collect()
    }

    /// Returns the next drafts, in batches of one size.
    pub(crate) fn batches(&mut self, count: usize, size: usize) -> Result<Vec<Vec<Draft>>> {
        (0..count.div_ceil(size)).map(|_| self.take(size)).collect()
    }

    fn draft(&mut self) -> Result<Draft> {
        let number = self.next;
        self.next += 1;
        let (dice, noise) = (self.random.next(), self.random.next());
        // Eight runs are under way at any time, so neighbours differ as they do when several agents work.
        let run = (number / 300 + dice % 8) % RUNS;
        let at = START_MICROS + i64::try_from(number).expect("no bench has so many events") * STEP_MICROS;
        let kind = pick(&self.kinds, dice >> 8);
        let (run_id, actor) = (pick(&self.runs, run), pick(&self.actors, dice >> 16));
        let mut draft = Draft::bare(id(at, noise, dice)?, run_id, kind, actor, payload(number, dice, noise)?);
        draft.turn = u32::try_from(number % 1_000).expect("a remainder of 1,000 fits");
        draft.created_at = Timestamp::from_micros(at)?;
        match self.shape {
            Shape::Plain => Ok(draft),
            Shape::Tagged => Ok(draft.tagged(tags(number, run, dice)?)),
        }
    }
}

/// Returns the name of a run.
pub(crate) fn run(number: u64) -> String {
    format!("run-{number:05}")
}

/// Returns the tag that nine events of ten have.
pub(crate) fn frequent_tag() -> Result<Tag> {
    Tag::new("env:prod")
}

/// Returns the tag that three events have, the last of which is event `number` or one of the two before it.
pub(crate) fn rare_tag(number: u64) -> Result<Tag> {
    Tag::new(format!("request:{:06}", number / 3))
}

fn tags(number: u64, run: u64, dice: u64) -> Result<[Tag; 5]> {
    let environment = if dice >> 24 & 0xff < 230 { frequent_tag() } else { Tag::new("env:test") };
    Ok([
        environment?,
        Tag::new(format!("table:orders_{:02}", (dice >> 32) % TABLES))?,
        Tag::new(format!("writes:t_{:02}", (dice >> 40) % TABLES))?,
        Tag::new(format!("job:{run}"))?,
        rare_tag(number)?,
    ])
}

/// A UUIDv7: the time in milliseconds, then what is random.
fn id(at_micros: i64, noise: u64, dice: u64) -> Result<EventId> {
    let millis = at_micros / 1_000;
    EventId::new(format!(
        "{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}",
        millis >> 16,
        millis & 0xffff,
        dice & 0xfff,
        0x8000 | (dice >> 48 & 0x3fff),
        noise & 0xffff_ffff_ffff
    ))
}

fn payload(number: u64, dice: u64, noise: u64) -> Result<Payload> {
    Payload::from_json(&format!(
        concat!(
            r#"{{"table":"warehouse.orders_{:02}","rows":{},"duration_ms":{}.{:03},"status":"ok","attempt":{},"#,
            r#""query":"insert into orders select * from staging where day = {}","host":"worker-{:02}","#,
            r#""checksum":"{:016x}"}}"#
        ),
        (dice >> 32) % TABLES,
        noise % 100_000,
        noise >> 20 & 0xfff,
        noise >> 32 & 0x1ff,
        dice >> 50 & 3,
        number / 86_400,
        dice >> 56 & 0x1f,
        noise
    ))
}

fn pick<T: Clone>(values: &[T], number: u64) -> T {
    let count = values.len() as u64;
    values[usize::try_from(number % count).expect("an index of a slice fits")].clone()
}

/// SplitMix64: a few lines, and the same numbers everywhere.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_drafts_and_another_seed_other_ids() {
        let drafts = |seed| Corpus::new(Shape::Tagged, seed).unwrap().take(1_000).unwrap();
        assert_eq!(drafts(1), drafts(1));
        let ids: HashSet<_> = drafts(1).into_iter().chain(drafts(2)).map(|draft| draft.id).collect();
        assert_eq!(ids.len(), 2_000);
    }

    #[test]
    fn a_plain_event_has_about_300_bytes_and_a_tagged_one_five_tags() {
        let plain = Corpus::new(Shape::Plain, 1).unwrap().take(1_000).unwrap();
        let mean = plain.iter().map(Draft::size).sum::<usize>() / plain.len();
        assert!((290..350).contains(&mean), "{mean}");
        let tagged = Corpus::new(Shape::Tagged, 1).unwrap().take(1_000).unwrap();
        assert!(tagged.iter().all(|draft| draft.tags().len() == 5));
    }
}
