//! What writers and tailers report: one line for each thing they were told, written after they were told it.

use std::fmt;
use std::io::Write as _;

use ledger_core::{Offset, Status};

use super::collected::Shared;
use super::error::HuntError;
use super::mark::Mark;

/// One thing that a writer or a tailer was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// The ledger acknowledged an event.
    Acknowledged {
        /// Which.
        mark: Mark,
        /// Where the receipt says it is.
        offset: Offset,
        /// Whether this append recorded it.
        status: Status,
    },
    /// The ledger refused a conflict, as it has to.
    Refused(Mark),
    /// The ledger took a conflict.
    Accepted {
        /// Which event it is in conflict with.
        mark: Mark,
        /// Where the receipt says it is.
        offset: Offset,
    },
    /// The ledger refused an event that is in conflict with none.
    Wronged(Mark),
    /// The ledger delivered an event.
    Delivered {
        /// To which tailer.
        tailer: u32,
        /// Where it is.
        offset: Offset,
        /// Which, if it is one of the hunt.
        mark: Option<Mark>,
    },
}

impl Said {
    /// Reads a line. Returns nothing when it is none.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let words: Vec<_> = line.split(' ').collect();
        match words[..] {
            ["acknowledged", mark, offset, status] => Some(Self::Acknowledged {
                mark: Mark::of_id(mark)?,
                offset: offset.parse().ok()?,
                status: [Status::New, Status::Duplicate].into_iter().find(|known| known.as_str() == status)?,
            }),
            ["refused", mark] => Mark::of_id(mark).map(Self::Refused),
            ["accepted", mark, offset] => {
                Some(Self::Accepted { mark: Mark::of_id(mark)?, offset: offset.parse().ok()? })
            }
            ["wronged", mark] => Mark::of_id(mark).map(Self::Wronged),
            ["delivered", tailer, offset, mark] => {
                let mark = if mark == "-" { None } else { Some(Mark::of_id(mark)?) };
                Some(Self::Delivered { tailer: tailer.parse().ok()?, offset: offset.parse().ok()?, mark })
            }
            _ => None,
        }
    }
}

/// The line, without its end.
impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Acknowledged { mark, offset, status } => write!(f, "acknowledged {mark} {offset} {status}"),
            Self::Refused(mark) => write!(f, "refused {mark}"),
            Self::Accepted { mark, offset } => write!(f, "accepted {mark} {offset}"),
            Self::Wronged(mark) => write!(f, "wronged {mark}"),
            Self::Delivered { tailer, offset, mark: Some(mark) } => write!(f, "delivered {tailer} {offset} {mark}"),
            Self::Delivered { tailer, offset, mark: None } => write!(f, "delivered {tailer} {offset} -"),
        }
    }
}

/// Where writers and tailers report.
#[derive(Clone, Debug)]
pub(super) enum Mouth {
    /// On standard output, for whoever started this process.
    Stdout,
    /// In this process.
    Here(Shared),
}

impl Mouth {
    /// Reports. Fails when nobody listens any more.
    pub(super) fn say(&self, said: &[Said]) -> Result<(), HuntError> {
        match self {
            Self::Here(collected) => collected.lock().take(said),
            Self::Stdout => {
                let lines: String = said.iter().map(|said| format!("{said}\n")).collect();
                let mut out = std::io::stdout().lock();
                let written = out.write_all(lines.as_bytes()).and_then(|()| out.flush());
                written.map_err(|error| HuntError::io("nobody listens", error))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_meant_and_half_a_line_is_none() {
        let (mark, offset) = (Mark::own(2, 17), Offset::new(5).unwrap());
        for said in [
            Said::Acknowledged { mark, offset, status: Status::New },
            Said::Acknowledged { mark, offset, status: Status::Duplicate },
            Said::Refused(mark),
            Said::Accepted { mark, offset },
            Said::Wronged(mark),
            Said::Delivered { tailer: 1, offset, mark: Some(mark) },
            Said::Delivered { tailer: 1, offset, mark: None },
        ] {
            assert_eq!(Said::parse(&said.to_string()), Some(said));
        }
        for other in ["", "acknowledged hunt-1-1 5", "refused", "delivered 1 -5 -", "delivered 1 5 order-17"] {
            assert_eq!(Said::parse(other), None, "{other}");
        }
    }
}
