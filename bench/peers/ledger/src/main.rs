//! Runs one scenario for the ledger itself, as for its peers: `ledger-peers ledger SCENARIO PLACE OPTIONS`.

#[path = "../../rust/src/driver.rs"]
mod driver;

use std::process::ExitCode;
use std::sync::Arc;

use futures::TryStreamExt;
use ledger_core::{Condition, Draft, Ledger, LedgerExt, Query};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::driver::{Deliver, Payload, Peer, Result};

/// A ledger with its defaults.
#[derive(Clone)]
struct Ours(Arc<dyn Ledger>);

impl Peer for Ours {
    type Event = Draft;

    async fn open(_variant: &str, place: &str) -> Result<Self> {
        Ok(Self(backends::open(place).await?))
    }

    async fn close(&self) {}

    fn event(id: Uuid, payload: &Payload) -> Result<Draft> {
        Ok(Draft::new("order.placed", payload)?.id(id.to_string())?)
    }

    async fn append(&self, event: &Draft) -> Result<()> {
        self.append_batch(std::slice::from_ref(event)).await
    }

    async fn append_batch(&self, events: &[Draft]) -> Result<()> {
        self.0.append(events, &Condition::None).await?;
        Ok(())
    }

    async fn head(&self) -> Result<()> {
        self.0.head().await?;
        Ok(())
    }

    async fn count(&self) -> Result<usize> {
        self.tail().await
    }

    async fn tail(&self) -> Result<usize> {
        let (mut events, mut count) = (self.0.tail(Query::all()), 0);
        while let Some(event) = events.try_next().await? {
            std::hint::black_box(event.payload_as::<Payload>()?);
            count += 1;
        }
        Ok(count)
    }

    async fn follow(&self, deliver: Deliver, mut stop: oneshot::Receiver<()>) -> Result<()> {
        let mut events = self.0.follow(Query::all());
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
        let (mut events, mut rows) = (self.0.tail(Query::all()), Vec::new());
        while let Some(event) = events.try_next().await? {
            rows.push((i64::try_from(event.offset.get())?, event.id.to_string()));
        }
        Ok(rows)
    }

    async fn settings(&self) -> Result<Value> {
        // Its handle does not tell; the pages of both backends say it, and tests hold them to it.
        Ok(json!({"durability": "fsync: SQLite synchronous=FULL, Postgres synchronous_commit=on"}))
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [_, scenario, place, options] = arguments.as_slice() else {
        eprintln!("usage: ledger-peers ledger SCENARIO PLACE OPTIONS");
        return ExitCode::from(2);
    };
    match driver::run::<Ours>("", scenario, place, options).await {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
