//! Reads JSONL line by line within a bounded buffer, and says of each line that is no event what is wrong with it.

use std::io::{self, BufRead};

use ledger_core::views::session::CHECKPOINT;
use ledger_core::{Draft, Error, Line, Offset, Shown};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::failure::{Failure, Result};
use crate::output::{grouped, note};
use crate::queue::{Batch, End, Origin, Queue};

/// The longest line: the largest payload, its exact text again when it has line breaks, and the other fields fit.
pub(crate) const LONGEST_LINE: usize = 4 << 20;

/// What to do with a line that cannot be recorded.
pub(crate) trait BadLines {
    /// Takes the bytes of a line that is too long, piece by piece.
    fn spill(&self, piece: &[u8]) -> Result<()>;
    /// Takes a bad line. Fails with `error` unless bad lines are collected.
    fn take(&self, raw: &[u8], error: Failure) -> Result<()>;
    /// Says whether lines must be kept as they were, in case they turn out to be bad later.
    fn collects(&self) -> bool;
}

/// What recorded events in the input become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Treatment {
    /// They are restored with their offsets.
    Restore,
    /// They are appended as new drafts.
    Append,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Drafts,
    Events,
}

/// Reads lines into a queue, and says there how it ended.
pub(crate) fn read_all(input: &mut impl BufRead, treatment: Treatment, bad: &impl BadLines, queue: &Queue) {
    let mut reader =
        Reader { treatment, number: 0, shape: None, last: Offset::START, ids: Ids::AllGiven, left_out: false };
    let end = match reader.run(input, bad, queue) {
        Ok(()) => End::Done,
        Err(failure) => End::Failed(failure),
    };
    queue.push(|batch| batch.end = Some(end));
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ids {
    AllGiven,
    SomeMissing,
}

struct Reader {
    treatment: Treatment,
    number: u64,
    shape: Option<Shape>,
    /// The offset of the last recorded event, which the next must exceed.
    last: Offset,
    ids: Ids,
    /// Whether something was left out.
    left_out: bool,
}

impl Reader {
    fn run(&mut self, input: &mut impl BufRead, bad: &impl BadLines, queue: &Queue) -> Result<()> {
        let mut raw = Vec::new();
        loop {
            raw.clear();
            let read = read_line(input, &mut raw, &mut |piece| bad.spill(piece))?;
            self.number += 1;
            let parsed = match read {
                Read::End => return Ok(()),
                Read::TooLong(bytes) => Err(too_long(bytes)),
                Read::Whole if raw.trim_ascii().is_empty() => continue,
                Read::Whole => parse(&raw),
            };
            if let (Ok(line), Treatment::Append) = (&parsed, self.treatment)
                && self.goes_by_offset(line)
            {
                continue;
            }
            match parsed.and_then(|line| self.check(line)) {
                Ok(line) => self.hand_over(line, &raw, bad, queue),
                Err(error) => bad.take(&raw, self.at_line(error))?,
            }
        }
    }

    /// Says whether an event speaks of offsets, which are others here, and would be believed.
    fn goes_by_offset(&mut self, line: &Line) -> bool {
        let kind = match line {
            Line::Event(event) => &event.kind,
            Line::Draft(draft) => &draft.kind,
        };
        if kind.as_str() != CHECKPOINT {
            return false;
        }
        if !std::mem::replace(&mut self.left_out, true) {
            note("checkpoints of sessions are left out: they go by the offsets of the ledger that they come from");
        }
        true
    }

    fn at_line(&self, error: Failure) -> Failure {
        Failure::Line { number: self.number, error: Box::new(error) }
    }

    /// Checks a line against those before it: all of one shape, and recorded events in the order of the ledger.
    fn check(&mut self, line: Line) -> Result<Line> {
        let line = match (line, self.treatment) {
            (Line::Event(event), Treatment::Append) => Line::Draft(event.draft),
            (line, _) => line,
        };
        let shape = if matches!(line, Line::Draft(_)) { Shape::Drafts } else { Shape::Events };
        if *self.shape.get_or_insert(shape) != shape {
            let (this, others) = match shape {
                Shape::Drafts => ("a draft", "recorded events, with `offset` and `recorded_at`"),
                Shape::Events => ("a recorded event, with `offset` and `recorded_at`", "drafts"),
            };
            let error =
                Failure::from(Error::invalid("event", format!("this is {this}, but the lines before it are {others}")));
            return Err(error.hint("split the file, or give --as-drafts to append them all as new events"));
        }
        if let Line::Event(event) = &line {
            if event.offset <= self.last {
                let why =
                    format!("`{}` after {}: recorded events come in rising order, each once", event.offset, self.last);
                return Err(Error::invalid("offset", why).into());
            }
            self.last = event.offset;
        }
        Ok(line)
    }

    fn hand_over(&mut self, line: Line, raw: &[u8], bad: &impl BadLines, queue: &Queue) {
        let number = self.number;
        if let Line::Draft(draft) = &line {
            self.look_for_id(draft, raw);
        }
        let kept = bad.collects().then(|| raw.to_vec());
        queue.push(|batch: &mut Batch| {
            batch.bytes += raw.len();
            match line {
                Line::Event(event) => batch.events.push(event),
                Line::Draft(draft) => {
                    batch.drafts.push(draft);
                    batch.origins.push(Origin { number, raw: kept });
                }
            }
        });
    }

    /// Warns once that a line without an id is another event each time it is imported.
    fn look_for_id(&mut self, draft: &Draft, raw: &[u8]) {
        if self.ids == Ids::SomeMissing {
            return;
        }
        // A fresh id is nowhere in the line, so most lines need no second parse.
        let id = draft.id.as_str().as_bytes();
        if raw.windows(id.len()).any(|window| window == id) || names_id(raw) {
            return;
        }
        self.ids = Ids::SomeMissing;
        note(&format!(
            "warning: line {} has no `id` and gets a fresh one: importing it again would record it again",
            self.number
        ));
    }
}

fn names_id(raw: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Named {
        id: Option<IgnoredAny>,
    }
    serde_json::from_slice::<Named>(raw).is_ok_and(|named| named.id.is_some())
}

fn too_long(bytes: u64) -> Failure {
    let why = format!("{} bytes: {} are the most", grouped(bytes), grouped(LONGEST_LINE as u64));
    Error::invalid("line", why).into()
}

/// Reads one line as an event, with clear words for what is not even text.
fn parse(raw: &[u8]) -> Result<Line> {
    let invalid = |why: String| Failure::from(Error::invalid("line", why));
    match raw {
        [0xEF, 0xBB, 0xBF, ..] => {
            return Err(invalid("it starts with a byte order mark: save the file as UTF-8 without one".to_owned()));
        }
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => {
            return Err(invalid("it starts like UTF-16: save the file as UTF-8".to_owned()));
        }
        _ => {}
    }
    if let Some(at) = raw.iter().position(|&byte| byte == 0) {
        return Err(invalid(format!("byte {} is NUL: write it as \\u0000 within a payload", at + 1)));
    }
    let text = str::from_utf8(raw)
        .map_err(|error| invalid(format!("it is not UTF-8 from byte {} on", error.valid_up_to() + 1)))?;
    Line::parse(text).map_err(|error| match error {
        // What serde says of a line counts lines from the start of this one, and is 1 always.
        Error::Invalid { what: "event", why } => {
            Error::invalid("event", format!("{}: {}", Shown(text), why.replace(" at line 1 column ", " at byte ")))
                .into()
        }
        other => other.into(),
    })
}

#[derive(Debug, PartialEq, Eq)]
enum Read {
    Whole,
    TooLong(u64),
    End,
}

/// Reads up to the end of a line into `line`; the bytes of one that is too long go to `spill` and count.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>, spill: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<Read> {
    let (mut total, mut ended) = (0_u64, false);
    while !ended {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Failure::io("cannot read the input", error)),
        };
        if chunk.is_empty() {
            break;
        }
        let newline = chunk.iter().position(|&byte| byte == b'\n');
        ended = newline.is_some();
        let (piece, used) = newline.map_or((chunk, chunk.len()), |at| (&chunk[..at], at + 1));
        total += piece.len() as u64;
        if total <= LONGEST_LINE as u64 {
            line.extend_from_slice(piece);
        } else {
            spill(line)?;
            line.clear();
            spill(piece)?;
        }
        input.consume(used);
    }
    Ok(match total {
        0 if !ended => Read::End,
        long if long > LONGEST_LINE as u64 => Read::TooLong(long),
        _ => Read::Whole,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8]) -> Vec<(Read, Vec<u8>, usize)> {
        let mut input = io::BufReader::with_capacity(1 << 10, input);
        let mut found = Vec::new();
        loop {
            let (mut line, mut spilled) = (Vec::new(), 0);
            let read = read_line(&mut input, &mut line, &mut |piece| {
                spilled += piece.len();
                Ok(())
            });
            match read.unwrap() {
                Read::End => return found,
                read => found.push((read, line, spilled)),
            }
        }
    }

    #[test]
    fn a_line_too_long_goes_by_within_a_bounded_buffer() {
        let mut input = b"a\n".to_vec();
        input.resize(input.len() + LONGEST_LINE + 1, b'x');
        input.extend_from_slice(b"\n\nb");
        let found = lines(&input);
        let whole = |text: &[u8]| (Read::Whole, text.to_vec(), 0);
        assert_eq!(found.len(), 4);
        assert_eq!(found[0], whole(b"a"));
        assert_eq!(found[1], (Read::TooLong(LONGEST_LINE as u64 + 1), Vec::new(), LONGEST_LINE + 1));
        assert_eq!(found[2..], [whole(b""), whole(b"b")]);
    }

    #[test]
    fn a_line_that_is_no_text_says_why() {
        for (raw, says) in [
            (&b"\xEF\xBB\xBF{}"[..], "byte order mark"),
            (b"\xFF\xFE{\0", "UTF-16"),
            (b"{\"a\0", "byte 4 is NUL"),
            (b"{\"a\xFF\"}", "not UTF-8 from byte 4"),
            (b"{\"kind\":", "at byte 8"),
        ] {
            let error = parse(raw).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
