//! A tailer: reads on from where it was, and reports each event in the order in which it was given it.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use ledger_core::{Event, Ledger, LedgerExt, Offset, Query};
use serde::{Deserialize, Serialize};

use super::error::HuntError;
use super::mark::Seen;
use super::part::{Order, Orders};
use super::patience::patiently;
use super::random::Random;
use super::said::{Said, say};

/// The most events of a stream that are reported at once.
const CHUNK: usize = 256;
/// How large first pages are.
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
    /// By a stream of those that are there, now and then.
    Look,
}

/// Reads until it is told to stop, or has read up to where it is told. Fails when the ledger does.
pub(super) async fn tail(url: &str, tailing: &Tailing, orders: &mut Orders) -> Result<(), HuntError> {
    let ledger = patiently(|| backends::open(url)).await?;
    match tailing.manner {
        Manner::Follow => follow(&*ledger, tailing, orders).await,
        Manner::Look => look(&*ledger, tailing, orders).await,
    }
}

async fn follow(ledger: &dyn Ledger, tailing: &Tailing, orders: &mut Orders) -> Result<(), HuntError> {
    let mut last = tailing.after;
    let mut events = ledger.follow(Query::after(last)).ready_chunks(CHUNK);
    loop {
        match *orders.borrow_and_update() {
            Order::Stop => return Ok(()),
            Order::Until(end) if last >= end => return Ok(()),
            Order::GoOn | Order::Until(_) => {}
        }
        tokio::select! {
            chunk = events.next() => {
                let Some(chunk) = chunk else { return Ok(()) };
                let chunk = chunk.into_iter().collect::<ledger_core::Result<Vec<_>>>()?;
                last = deliver(tailing.tailer, &chunk, last)?;
            }
            // Asked for at the top of the loop.
            _ = orders.changed() => {}
        }
    }
}

async fn look(ledger: &dyn Ledger, tailing: &Tailing, orders: &mut Orders) -> Result<(), HuntError> {
    let mut random = Random::new(tailing.seed, &[u64::MAX, tailing.tailer.into(), tailing.life.into()]);
    let mut last = tailing.after;
    loop {
        // Known before the read begins, so that a read which comes to its end has all that the order speaks of.
        let order = *orders.borrow_and_update();
        if order == Order::Stop {
            return Ok(());
        }
        let mut pages = ledger.pages(Query::after(last).limit(LIMITS[random.below(LIMITS.len())])?);
        loop {
            match pages.try_next().await {
                Ok(Some(events)) => last = deliver(tailing.tailer, &events, last)?,
                Ok(None) if matches!(order, Order::Until(_)) => return Ok(()),
                Ok(None) => break,
                // It looks again; whoever waits for it at the end does not wait for ever.
                Err(error) if error.is_unavailable() => break,
                Err(error) => return Err(error.into()),
            }
        }
        let pause = Duration::from_millis(random.below(LONGEST_PAUSE_MS) as u64);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = orders.changed() => {}
        }
    }
}

/// Reports events. Returns the offset of the last that was given.
fn deliver(tailer: u32, events: &[Event], last: Offset) -> Result<Offset, HuntError> {
    let Some(newest) = events.last() else { return Ok(last) };
    let seen = events.iter().map(Seen::of).collect::<ledger_core::Result<_>>()?;
    say(&Said::Delivered(tailer, seen))?;
    Ok(newest.offset)
}
