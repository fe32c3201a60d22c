//! What a process of a hunt is told: its part, and later when to stop.

use ledger_core::Offset;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::error::HuntError;
use super::said::{Said, say};
use super::served::serve;
use super::tailer::{Tailing, tail};
use super::writer::{Writing, write};

/// How a process ends whose hunt is gone.
const ABANDONED: i32 = 3;

/// What a process does. It comes over a pipe, so that no list of processes shows the password in a URL.
#[derive(Serialize, Deserialize)]
pub(super) enum Part {
    /// Writes into the ledger at a URL.
    Write { url: String, writing: Writing },
    /// Follows the ledger at a URL.
    Tail { url: String, tailing: Tailing },
    /// Serves the ledger at a URL over HTTP, on an address.
    Serve { url: String, listen: String },
}

/// What whoever works is told meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Order {
    /// Go on.
    GoOn,
    /// Stop when what was begun is done.
    Stop,
    /// Stop when this offset is reached: writers had ended when the ledger ended there.
    Until(Offset),
}

/// The order that holds now.
pub(super) type Orders = watch::Receiver<Order>;

/// Takes part in a hunt, as standard input says, until that ends: what a program does that a hunt has started again.
///
/// Fails when the ledger does, or when standard input says nothing of use.
pub async fn take_part() -> Result<(), HuntError> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| HuntError::io("cannot read what to do", error))?;
    let part: Part = serde_json::from_str(&line)
        .map_err(|_| HuntError::Usage("only a hunt starts this, and says what to do on standard input".to_owned()))?;
    let (sender, mut orders) = watch::channel(Order::GoOn);
    // A thread, which a process that ends does not wait for.
    std::thread::spawn(move || hear(&sender));
    let done = match part {
        Part::Serve { url, listen } => return serve(&url, &listen).await,
        Part::Write { url, writing } => write(&url, &writing, &orders).await,
        Part::Tail { url, tailing } => tail(&url, &tailing, &mut orders).await,
    };
    // The hunt has opened the ledger before, and what is asked of it is right: so it is the ledger that is not.
    if let Err(HuntError::Ledger(error)) = &done
        && !error.is_unavailable()
    {
        say(&Said::Damaged(error.to_string()))?;
    }
    done
}

/// Hears orders, and ends the process once nobody is there to give any, who would not hear what is said here either.
fn hear(sender: &watch::Sender<Order>) {
    for line in std::io::stdin().lines().map_while(Result::ok) {
        if let Ok(order) = serde_json::from_str(&line) {
            sender.send_replace(order);
        }
    }
    std::process::exit(ABANDONED);
}
