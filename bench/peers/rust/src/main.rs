//! Runs one scenario for a Rust peer and prints what came of it as one line of JSON: `rust-peers PEER SCENARIO PLACE OPTIONS`.

mod cqrs_peer;
mod disintegrate_peer;
mod driver;

use std::process::ExitCode;

use serde_json::Value;

use crate::cqrs_peer::Cqrs;
use crate::disintegrate_peer::Disintegrate;

/// So that cargo counts the lock file among the sources: by their times `run.py` knows whether this was built before them.
const _: &str = include_str!("../Cargo.lock");

#[tokio::main]
async fn main() -> ExitCode {
    driver::answer(run().await)
}

async fn run() -> driver::Result<Value> {
    let asked = driver::asked()?;
    match asked.peer.as_str() {
        "disintegrate" => driver::run::<Disintegrate>(&asked).await,
        "cqrs" => driver::run::<Cqrs>(&asked).await,
        name => Err(format!("there is no peer `{name}`").into()),
    }
}
