//! Runs one scenario for the ledger itself, as for its peers: `ledger-peers ledger SCENARIO PLACE OPTIONS`.

#[path = "../../rust/src/driver.rs"]
mod driver;
mod engine;

use std::process::ExitCode;
use std::sync::Arc;

use futures::TryStreamExt;
use ledger_core::{Condition, Draft, Ledger, LedgerExt, Query};
use serde_json::Value;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::driver::{Deliver, Payload, Peer, Result};
use crate::engine::Engine;

/// So that cargo counts the lock file among the sources: by their times `run.py` knows whether this was built before them.
const _: &str = include_str!("../Cargo.lock");

/// A ledger with its defaults, and the engine beneath it: who is judged does not count its own events.
#[derive(Clone)]
struct Ours {
    ledger: Arc<dyn Ledger>,
    engine: Engine,
}

impl Peer for Ours {
    type Event = Draft;

    async fn open(_variant: &str, place: &str) -> Result<Self> {
        Ok(Self { ledger: backends::open(place).await?, engine: Engine::at(place) })
    }

    async fn close(&self) {}

    fn event(id: Uuid, payload: &Payload) -> Result<Draft> {
        Ok(Draft::new("order.placed", payload)?.id(id.to_string())?)
    }

    async fn append(&self, event: Draft) -> Result<()> {
        self.append_batch(vec![event]).await
    }

    async fn append_batch(&self, events: Vec<Draft>) -> Result<()> {
        self.ledger.append(&events, &Condition::None).await?;
        Ok(())
    }

    async fn head(&self) -> Result<()> {
        self.ledger.head().await?;
        Ok(())
    }

    async fn count(&self) -> Result<usize> {
        self.engine.count().await
    }

    async fn tail(&self) -> Result<usize> {
        let (mut events, mut count) = (self.ledger.tail(Query::all()), 0);
        while let Some(event) = events.try_next().await? {
            std::hint::black_box(event.payload_as::<Payload>()?);
            count += 1;
        }
        Ok(count)
    }

    async fn follow(&self, deliver: Deliver, mut stop: oneshot::Receiver<()>) -> Result<()> {
        let mut events = self.ledger.follow(Query::all());
        loop {
            tokio::select! {
                event = events.try_next() => {
                    let Some(event) = event? else { return Ok(()) };
                    deliver(i64::try_from(event.offset.get())?, event.id.to_string());
                }
                _ = &mut stop => return Ok(()),
            }
        }
    }

    async fn stored(&self) -> Result<Vec<(i64, String)>> {
        self.engine.stored().await
    }

    async fn settings(&self) -> Result<Value> {
        self.engine.settings().await
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    driver::answer(run().await)
}

async fn run() -> Result<Value> {
    let asked = driver::asked()?;
    match asked.peer.as_str() {
        "ledger" => driver::run::<Ours>(&asked).await,
        name => Err(format!("there is no peer `{name}`").into()),
    }
}
