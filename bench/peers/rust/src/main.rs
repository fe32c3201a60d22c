//! Runs one scenario for a Rust peer and prints what came of it as one line of JSON: `rust-peers PEER SCENARIO PLACE OPTIONS`.

mod cqrs_peer;
mod disintegrate_peer;
mod driver;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [peer, scenario, place, options] = arguments.as_slice() else {
        eprintln!("usage: rust-peers PEER SCENARIO PLACE OPTIONS");
        return ExitCode::from(2);
    };
    let (name, variant) = peer.split_once(':').unwrap_or((peer, ""));
    let result = match name {
        "disintegrate" => driver::run::<disintegrate_peer::Disintegrate>(variant, scenario, place, options).await,
        "cqrs" => driver::run::<cqrs_peer::Cqrs>(variant, scenario, place, options).await,
        _ => Err(format!("there is no peer `{name}`").into()),
    };
    match result {
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
