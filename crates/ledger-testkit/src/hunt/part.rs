//! What a process of a hunt is told: its part, and later when to stop.

use std::fmt;

use ledger_core::{Ledger, Offset};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::error::HuntError;
use super::said::Mouth;
use super::tailer::{Tailing, tail};
use super::writer::{Writing, write};
use super::{patience, served};

/// What a process does. It comes over a pipe, so that no list of processes shows the password in a URL.
#[derive(Serialize, Deserialize)]
pub(super) enum Part {
    /// Opens a ledger and works on it.
    Work {
        /// Where the ledger is.
        url: String,
        /// What to do there.
        duty: Duty,
    },
    /// Serves a ledger over HTTP.
    Serve {
        /// Where the ledger is.
        url: String,
        /// The address to listen on.
        listen: String,
    },
}

/// What is done on a ledger.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Duty {
    /// Writes.
    Write(Writing),
    /// Follows.
    Tail(Tailing),
}

impl Duty {
    /// Does it, until it is told to stop. Fails when the ledger does.
    pub(super) async fn run(&self, ledger: &dyn Ledger, orders: &mut Orders, mouth: &Mouth) -> Result<(), HuntError> {
        match self {
            Self::Write(writing) => write(ledger, writing, orders, mouth).await,
            Self::Tail(tailing) => tail(ledger, tailing, orders, mouth).await,
        }
    }
}

/// What whoever works is told meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Go on.
    GoOn,
    /// Stop when what was begun is done.
    Stop,
    /// Stop when this offset is reached: the ledger ends there.
    Until(Offset),
}

/// The order that holds now.
pub(super) type Orders = watch::Receiver<Order>;

impl Order {
    /// Reads a line. Returns nothing when it is none.
    fn parse(line: &str) -> Option<Self> {
        match line {
            "go on" => Some(Self::GoOn),
            "stop" => Some(Self::Stop),
            line => line.strip_prefix("until ")?.parse().ok().map(Self::Until),
        }
    }
}

/// The line, without its end.
impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GoOn => f.write_str("go on"),
            Self::Stop => f.write_str("stop"),
            Self::Until(offset) => write!(f, "until {offset}"),
        }
    }
}

/// Takes part in a hunt, as standard input says, until that ends: what a program does that a hunt has started again.
///
/// Fails when the ledger does, or when standard input says nothing of use.
pub async fn take_part() -> Result<(), HuntError> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| HuntError::io("cannot read what to do", error))?;
    let part: Part = serde_json::from_str(&line)
        .map_err(|_| HuntError::Usage("only a hunt starts this, and says what to do on standard input".to_owned()))?;
    let mut orders = listen();
    match part {
        Part::Work { url, duty } => {
            let ledger = patience::open(&url).await?;
            duty.run(&*ledger, &mut orders, &Mouth::Stdout).await
        }
        Part::Serve { url, listen } => served::serve(&url, &listen, orders).await,
    }
}

/// Hears orders on a thread of its own, which a process that ends does not wait for.
fn listen() -> Orders {
    let (sender, orders) = watch::channel(Order::GoOn);
    std::thread::spawn(move || {
        let lines = std::io::stdin().lines().map_while(Result::ok);
        for order in lines.filter_map(|line| Order::parse(&line)) {
            sender.send_replace(order);
        }
        // Whoever gave them is gone.
        sender.send_replace(Order::Stop);
    });
    orders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read_as_it_was_given() {
        for order in [Order::GoOn, Order::Stop, Order::Until(Offset::MAX)] {
            assert_eq!(Order::parse(&order.to_string()), Some(order));
        }
        assert_eq!(Order::parse("until -1"), None);
    }
}
