//! A tailer: reads on from where it was, and reports each event in the order in which it was given it.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use ledger_core::{Event, Ledger, LedgerExt, Offset, Query};
use serde::{Deserialize, Serialize};

use super::error::HuntError;
use super::mark::Mark;
use super::part::{Order, Orders};
use super::patience::Patience;
use super::random::Random;
use super::said::{Mouth, Said};

/// The most events of a stream that are reported at once.
const CHUNK: usize = 256;
/// How large pages are.
const LIMITS: [usize; 4] = [7, 100, 1_000, 10_000];
/// The longest pause of whoever looks now and then.
const LONGEST_PAUSE_MS: usize = 60;

/// What a tailer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tailing {
    /// What its choices follow from.
    pub(super) seed: u64,
    /// Which tailer it is.
    pub(super) tailer: u32,
    /// How many were started before it, so that it does not make their choices again.
    pub(super) life: u32,
    /// The offset after which it goes on.
    pub(super) after: Offset,
    /// How it reads.
    pub(super) manner: Manner,
}

/// How a tailer reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Manner {
    /// By one stream that goes on with the events to come.
    Follow,
    /// By pages, or a stream of those that are there, now and then.
    Look,
}

/// Whether there was more to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reached {
    End,
    Middle,
}

/// Reads until it is told to stop, or has read up to where it is told. Fails when the ledger does.
pub(super) async fn tail(
    ledger: &dyn Ledger,
    tailing: &Tailing,
    orders: &mut Orders,
    mouth: &Mouth,
) -> Result<(), HuntError> {
    match tailing.manner {
        Manner::Follow => follow(ledger, tailing, orders, mouth).await,
        Manner::Look => look(ledger, tailing, orders, mouth).await,
    }
}

async fn follow(ledger: &dyn Ledger, tailing: &Tailing, orders: &mut Orders, mouth: &Mouth) -> Result<(), HuntError> {
    let mut last = tailing.after;
    let mut events = ledger.follow(Query::after(last)).ready_chunks(CHUNK);
    loop {
        let order = *orders.borrow();
        let is_over = match order {
            Order::GoOn => false,
            Order::Stop => true,
            Order::Until(end) => last >= end,
        };
        if is_over {
            return Ok(());
        }
        tokio::select! {
            chunk = events.next() => {
                let Some(chunk) = chunk else { return Ok(()) };
                let chunk = chunk.into_iter().collect::<ledger_core::Result<Vec<_>>>()?;
                deliver(tailing.tailer, &chunk, &mut last, mouth)?;
            }
            // Asked for at the top of the loop; an error means that nobody gives orders any more.
            changed = orders.changed() => if changed.is_err() { return Ok(()) },
        }
        // A ledger in this process is read at once, and others want to work, too.
        tokio::task::yield_now().await;
    }
}

async fn look(ledger: &dyn Ledger, tailing: &Tailing, orders: &mut Orders, mouth: &Mouth) -> Result<(), HuntError> {
    let mut random = Random::new(tailing.seed, &[u64::MAX, tailing.tailer.into(), tailing.life.into()]);
    let (mut last, mut patience) = (tailing.after, Patience::default());
    loop {
        // Known before the read begins, so that a read which comes to an end has all that the order speaks of.
        let order = *orders.borrow_and_update();
        if order == Order::Stop {
            return Ok(());
        }
        let reached = match read_on(ledger, tailing.tailer, &mut random, &mut last, mouth).await {
            Err(HuntError::Ledger(error)) => {
                patience.wait(error).await?;
                continue;
            }
            other => other?,
        };
        patience = Patience::default();
        match (reached, order) {
            (Reached::End, Order::Until(_)) => return Ok(()),
            (Reached::End, _) => {
                let pause = Duration::from_millis(random.below(LONGEST_PAUSE_MS) as u64);
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    changed = orders.changed() => if changed.is_err() { return Ok(()) },
                }
            }
            (Reached::Middle, _) => tokio::task::yield_now().await,
        }
    }
}

/// Reads one page after the last offset, or now and then all that is there as a stream.
async fn read_on(
    ledger: &dyn Ledger,
    tailer: u32,
    random: &mut Random,
    last: &mut Offset,
    mouth: &Mouth,
) -> Result<Reached, HuntError> {
    let query = Query::after(*last).limit(LIMITS[random.below(LIMITS.len())])?;
    if random.below(4) == 0 {
        let mut pages = ledger.pages(query);
        while let Some(events) = pages.try_next().await? {
            deliver(tailer, &events, last, mouth)?;
        }
        return Ok(Reached::End);
    }
    let page = ledger.read(&query).await?;
    deliver(tailer, &page.events, last, mouth)?;
    Ok(if page.more_past.is_some() { Reached::Middle } else { Reached::End })
}

/// Reports events, and remembers the offset of the last.
fn deliver(tailer: u32, events: &[Event], last: &mut Offset, mouth: &Mouth) -> Result<(), HuntError> {
    let said = events.iter().map(|event| Said::Delivered {
        tailer,
        offset: event.offset,
        mark: Mark::of_id(event.id.as_str()),
    });
    mouth.say(&said.collect::<Vec<_>>())?;
    *last = events.last().map_or(*last, |event| event.offset);
    Ok(())
}
