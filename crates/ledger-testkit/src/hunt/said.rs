//! What writers and tailers report: a line for each thing that they were told, written after they were told it.

use std::io::{self, Write as _};

use ledger_core::{Offset, Status};
use serde::{Deserialize, Serialize};

use super::error::HuntError;
use super::mark::{Mark, Seen};

/// What a writer or a tailer was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Said {
    /// The ledger acknowledged a batch.
    Acknowledged(Vec<Told>),
    /// The ledger refused a conflict with this event, as it has to.
    Refused(Mark),
    /// The ledger took a conflict with this event, and said that it is there.
    Accepted(Mark, Offset),
    /// The ledger refused an event that is in conflict with none.
    Wronged(Mark),
    /// The ledger delivered events to the tailer of this number.
    Delivered(u32, Vec<Seen>),
    /// The ledger failed for good, with this error.
    Damaged(String),
}

/// What a receipt says of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) mark: Mark,
    pub(super) offset: Offset,
    #[serde(with = "Word")]
    pub(super) status: Status,
}

/// How a status is written.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Status")]
enum Word {
    New,
    Duplicate,
}

/// Reports on standard output, for whoever started this process. Fails when nobody listens any more.
pub(super) fn say(said: &Said) -> Result<(), HuntError> {
    let write = || -> io::Result<()> {
        let mut line = serde_json::to_vec(said)?;
        line.push(b'\n');
        let mut out = io::stdout().lock();
        out.write_all(&line)?;
        out.flush()
    };
    write().map_err(|error| HuntError::io("nobody listens", error))
}
