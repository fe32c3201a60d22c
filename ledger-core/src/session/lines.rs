//! The lines of `ops.jsonl`: edits as other programs write and read them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::{Error, Result};
use crate::event::Draft;
use crate::ledger::MAX_BATCH_BYTES;
use crate::text::{Actor, Domain, EventId, SessionId};
use crate::time::Timestamp;
use crate::views::session::{Edit, Edited, OPERATION, Written};

/// How many lines are read at once.
const LINES: usize = 1_000;
/// The longest line that is read: more than the largest event takes.
const LONGEST: u64 = 16 << 20;
/// The highest stamp that is believed: past what any clock comes to, and far from the last, after which there is none.
pub(super) const HIGHEST: u64 = 1 << 53;

/// An edit as a line.
#[derive(Serialize, Deserialize)]
struct Line {
    op_id: EventId,
    actor_id: Actor,
    lamport_ts: u64,
    parent_op_ids: Option<Vec<EventId>>,
    domain: Domain,
    domain_op: Edit,
    created_at: Option<Box<RawValue>>,
    intent_id: Option<EventId>,
    reservation_id: Option<EventId>,
}

/// Adds an edit as a line.
pub(super) fn write(edited: Edited, lines: &mut Vec<u8>) {
    let at = serde_json::value::to_raw_value(&edited.at).expect("a time has a JSON form");
    let line = Line {
        op_id: edited.link.stamp.id,
        actor_id: edited.link.stamp.actor,
        lamport_ts: edited.link.stamp.lamport.unwrap_or_default(),
        parent_op_ids: Some(edited.link.parents),
        domain: edited.domain,
        domain_op: edited.edit,
        created_at: Some(at),
        intent_id: edited.intent,
        reservation_id: edited.reservation,
    };
    serde_json::to_writer(&mut *lines, &line).expect("an edit that was read can be written");
    lines.push(b'\n');
}

/// Reads an edit from a line. Fails when it is none.
pub(super) fn draft(line: &[u8], session: &SessionId) -> Result<Draft> {
    let line: Line = serde_json::from_slice(line).map_err(|error| Error::invalid("line", error.to_string()))?;
    if line.lamport_ts > HIGHEST {
        return Err(Error::invalid("lamport_ts", format!("`{}` is past {HIGHEST}", line.lamport_ts)));
    }
    let written =
        Written { domain: line.domain, op: line.domain_op, intent: line.intent_id, reservation: line.reservation_id };
    let draft = Draft::new(OPERATION, &written)?.id(line.op_id)?.session(session)?.actor(line.actor_id)?;
    let at = line.created_at.and_then(|at| time(at.get())).unwrap_or_else(Timestamp::now);
    let mut draft = draft.at(at).lamport(line.lamport_ts);
    draft.parents = line.parent_op_ids.unwrap_or_default();
    draft.check().map(|()| draft)
}

/// Reads a time as other programs write it: RFC 3339, the same without a zone, or seconds or milliseconds since 1970.
fn time(json: &str) -> Option<Timestamp> {
    if let Ok(text) = serde_json::from_str::<String>(json) {
        return text.parse().or_else(|_| format!("{text}Z").parse()).ok();
    }
    const FIRST_MILLIS: f64 = 1e11;
    let number: f64 = json.parse().ok()?;
    let seconds = if number.abs() < FIRST_MILLIS { number } else { number / 1e3 };
    Timestamp::from_micros((seconds * 1e6) as i64).ok()
}

/// The lines of a file, some at a time.
pub(super) struct Lines {
    file: BufReader<File>,
    ended: bool,
}

/// A line as it stands.
pub(super) enum Raw {
    /// It ends as a line does.
    Whole(Vec<u8>),
    /// It is the last and does not.
    Cut(Vec<u8>),
    /// It is longer than any that is read.
    TooLong,
}

impl Lines {
    pub(super) fn new(file: File) -> Self {
        Self { file: BufReader::with_capacity(256 << 10, file), ended: false }
    }

    /// Says whether all lines were read.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Reads the next lines.
    pub(super) fn read(&mut self) -> io::Result<Vec<Raw>> {
        let (mut lines, mut size) = (Vec::new(), 0);
        while lines.len() < LINES && size < MAX_BATCH_BYTES / 2 {
            let mut bytes = Vec::new();
            let read = (&mut self.file).take(LONGEST).read_until(b'\n', &mut bytes)?;
            if read == 0 {
                self.ended = true;
                break;
            }
            size += read;
            if bytes.last() == Some(&b'\n') {
                lines.push(Raw::Whole(bytes));
            } else if read as u64 == LONGEST {
                self.file.skip_until(b'\n')?;
                lines.push(Raw::TooLong);
            } else {
                lines.push(Raw::Cut(bytes));
            }
        }
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_others_write_them() {
        let read = |json: &str| time(json).map(|time| time.to_string());
        for json in [r#""2026-01-01T00:00:00.5Z""#, r#""2026-01-01T01:00:00.5+01:00""#, r#""2026-01-01T00:00:00.5""#] {
            assert_eq!(read(json).as_deref(), Some("2026-01-01T00:00:00.500000Z"), "{json}");
        }
        assert_eq!(read("1767225600.5"), read("1767225600500"));
        assert_eq!(read("1767225600.5").as_deref(), Some("2026-01-01T00:00:00.500000Z"));
        assert_eq!((read(r#""yesterday""#), read("{}"), read("null")), (None, None, None));
    }
}
