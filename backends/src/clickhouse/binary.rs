//! Events in the engine's binary form: how they go in as one block and come out of the bytes of an answer.

use bytes::Bytes;
use futures::stream::{BoxStream, Stream, StreamExt, TryStreamExt};
use ledger_core::{Draft, Error, Event, EventId, Offset, Payload, Result, Room, Timestamp};

use crate::sql::row::{Decoder, Row, number, text};

/// The events of an answer, taken from its bytes as they come.
///
/// The driver would read each row through serde and check words again that a neighbour had, which costs as much as all else.
pub(super) struct Rows<'s> {
    answer: BoxStream<'s, Result<Bytes>>,
    /// What came last, of which all before `next` was taken.
    bytes: Bytes,
    next: usize,
    decoder: Decoder,
}

impl<'s> Rows<'s> {
    pub(super) fn new(answer: impl Stream<Item = Result<Bytes>> + Send + 's) -> Self {
        Self { answer: answer.boxed(), bytes: Bytes::new(), next: 0, decoder: Decoder::default() }
    }

    /// Hands out event after event, up to the end or until there is no room for the next.
    pub(super) async fn fill(&mut self, mut take: impl FnMut(Event) -> Room) -> Result<()> {
        loop {
            let mut rest = Rest(&self.bytes[self.next..]);
            while let Some(event) = rest.event(&mut self.decoder) {
                self.next = self.bytes.len() - rest.0.len();
                if take(event?) == Room::None {
                    return Ok(());
                }
            }
            let Some(event) = self.torn().await? else { return Ok(()) };
            if take(event) == Room::None {
                return Ok(());
            }
        }
    }

    /// Returns the event whose row lies on both sides of a cut. Only this row is copied, and not what follows it.
    async fn torn(&mut self) -> Result<Option<Event>> {
        let mut row = self.bytes[self.next..].to_vec();
        loop {
            self.bytes = match self.answer.try_next().await? {
                Some(bytes) => bytes,
                None if row.is_empty() => return Ok(None),
                None => return Err(cut_short()),
            };
            self.next = 0;
            let (before, mut more) = (row.len(), 0);
            while more < self.bytes.len() {
                more = (2 * more).max(1_024).min(self.bytes.len());
                row.truncate(before);
                row.extend_from_slice(&self.bytes[..more]);
                let mut rest = Rest(&row);
                if let Some(event) = rest.event(&mut self.decoder) {
                    self.next = row.len() - rest.0.len() - before;
                    return event.map(Some);
                }
            }
            if row.len() > LONGEST_ROW {
                return Err(Error::Corrupt { why: format!("a row has more than {LONGEST_ROW} bytes") });
            }
        }
    }
}

/// More than a row has with everything as long as it may be.
const LONGEST_ROW: usize = 2 * Payload::MAX_BYTES;

fn cut_short() -> Error {
    Error::Unavailable { backend: "clickhouse", why: "an answer was cut short".to_owned(), source: None }
}

/// Bytes that were not read yet. What needs more of them than there are returns nothing.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// Takes a row, in the order of `COLUMNS`.
    fn event(&mut self, decoder: &mut Decoder) -> Option<Result<Event>> {
        let offset = self.u64()?;
        let [id, run_id] = [self.text()?, self.text()?];
        let turn = self.u32()?;
        let [kind, actor, payload] = [self.text()?, self.text()?, self.text()?];
        let [created_at, recorded_at] = [self.u64()?, self.u64()?].map(u64::cast_signed);
        let schema_version = self.u32()?;
        let [session_id, model_profile, model_id] = [self.text()?, self.text()?, self.text()?];
        let parents = self.words()?;
        let lamport = match self.take::<1>()? {
            [0] => Some(self.u64()?),
            _ => None,
        };
        let tags = self.words()?;
        let event = || {
            let tags = tags.map(|word| decoder.tag(word))?;
            decoder.event(Row {
                offset: number("offset", offset)?,
                id,
                run_id,
                turn: turn.into(),
                kind,
                actor,
                payload,
                created_at,
                recorded_at,
                schema_version: schema_version.into(),
                session_id: given(session_id),
                model_profile: given(model_profile),
                model_id: given(model_id),
                parents: parents.map(|word| EventId::new(text(word)?))?,
                lamport: lamport.map(|lamport| number("lamport", lamport)).transpose()?,
                tags,
            })
        };
        Some(event().map_err(|error| match error {
            Error::Corrupt { .. } => error,
            error => Error::Corrupt { why: format!("the event at offset {offset} has {error}") },
        }))
    }

    fn take<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(taken)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().copied().map(u64::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().copied().map(u32::from_le_bytes)
    }

    /// Takes a number that has seven bits in a byte, the lowest first.
    #[inline]
    fn length(&mut self) -> Option<usize> {
        if let [byte @ ..0x80, rest @ ..] = self.0 {
            self.0 = rest;
            return Some((*byte).into());
        }
        self.long_length()
    }

    fn long_length(&mut self) -> Option<usize> {
        let mut length = 0;
        for shift in (0..usize::BITS).step_by(7) {
            let [byte] = *self.take()?;
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        Some(length)
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.length()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(text)
    }

    /// Takes a list of texts.
    fn words(&mut self) -> Option<Words<'a>> {
        let count = self.length()?;
        let words = Self(self.0);
        for _ in 0..count {
            self.text()?;
        }
        Some(Words { count, words })
    }
}

/// A list of texts that is known to be whole.
struct Words<'a> {
    count: usize,
    words: Rest<'a>,
}

impl Words<'_> {
    fn map<T>(mut self, mut word: impl FnMut(&[u8]) -> Result<T>) -> Result<Vec<T>> {
        let mut words = Vec::with_capacity(self.count);
        while words.len() < self.count
            && let Some(next) = self.words.text()
        {
            words.push(word(next)?);
        }
        Ok(words)
    }
}

/// Returns a text that may be missing, which is empty then.
fn given(bytes: &[u8]) -> Option<&[u8]> {
    (!bytes.is_empty()).then_some(bytes)
}

/// Rows in the engine's binary form, ready to be sent as one block.
#[derive(Debug, Default)]
pub(super) struct Block {
    bytes: Vec<u8>,
    rows: u64,
    events: u64,
    first: u64,
    last: u64,
}

impl Block {
    /// Writes drafts at the offsets after the head; the server stamps the time of recording.
    pub(super) fn of_drafts(drafts: &[&Draft], head: Offset) -> Self {
        let mut block = Self::default();
        for (place, draft) in (1..).zip(drafts) {
            block.push(head.plus(place).get(), i64::MIN, draft);
        }
        block
    }

    /// Writes recorded events with the offsets they have.
    pub(super) fn of_events(events: &[Event]) -> Self {
        let mut block = Self::default();
        for event in events {
            block.push(event.offset.get(), event.recorded_at.as_micros(), &event.draft);
        }
        block
    }

    /// Says whether it has no event.
    pub(super) fn only_heads(&self) -> bool {
        self.events == 0
    }

    /// Adds the row that remembers an offset whose event is not there.
    pub(super) fn push_head(&mut self, head: Offset) {
        self.start(head.get());
        for text in ["", ""] {
            self.text(text);
        }
        self.bytes.extend(0_u32.to_le_bytes());
        for text in ["ledger.head", "ledger", "null"] {
            self.text(text);
        }
        let now = Timestamp::now().as_micros();
        self.bytes.extend(now.to_le_bytes());
        self.bytes.extend(now.to_le_bytes());
        self.bytes.extend(1_u32.to_le_bytes());
        for text in ["", "", ""] {
            self.text(text);
        }
        // No parents, no logical clock, no tags.
        self.bytes.extend([0, 1, 0]);
    }

    fn push(&mut self, offset: u64, recorded_at: i64, draft: &Draft) {
        self.start(offset);
        self.events += 1;
        self.text(draft.id.as_str());
        self.text(draft.run_id.as_str());
        self.bytes.extend(draft.turn.to_le_bytes());
        self.text(draft.kind.as_str());
        self.text(draft.actor.as_str());
        self.text(draft.payload.as_str());
        self.bytes.extend(draft.created_at.as_micros().to_le_bytes());
        self.bytes.extend(recorded_at.to_le_bytes());
        self.bytes.extend(draft.schema_version.to_le_bytes());
        self.text(draft.session_id.as_ref().map_or("", AsRef::as_ref));
        self.text(draft.model_profile.as_ref().map_or("", AsRef::as_ref));
        self.text(draft.model_id.as_ref().map_or("", AsRef::as_ref));
        self.list(&draft.parents);
        match draft.lamport {
            Some(lamport) => {
                self.bytes.push(0);
                self.bytes.extend(lamport.to_le_bytes());
            }
            None => self.bytes.push(1),
        }
        self.list(draft.tags());
    }

    fn start(&mut self, offset: u64) {
        if self.rows == 0 {
            self.first = offset;
        }
        self.last = offset;
        self.rows += 1;
        self.bytes.extend(offset.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.bytes.extend(text.as_bytes());
    }

    fn list<T: AsRef<str>>(&mut self, words: &[T]) {
        self.length(words.len());
        words.iter().for_each(|word| self.text(word.as_ref()));
    }

    /// Writes a number seven bits at a time, the lowest first.
    fn length(&mut self, mut length: usize) {
        while length >= 0x80 {
            self.bytes.push((length & 0x7f) as u8 | 0x80);
            length >>= 7;
        }
        self.bytes.push(length as u8);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Returns the first and the last offset.
    pub(super) fn range(&self) -> (u64, u64) {
        (self.first, self.last)
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    fn events() -> Result<Vec<Event>> {
        let full = Draft::new("a.b", &"ü".repeat(90))?.run("r-1")?.actor("me")?.turn(7).session("s")?.model_id("m")?;
        let full =
            full.model_profile("p")?.parent("x")?.parent("y")?.lamport(u64::MAX >> 1).tag("k:v")?.tag("job:1")?;
        let large = Draft::new("large.payload", &"x".repeat(5_000))?;
        let drafts = [Draft::new("a.b", &1)?, full, large, Draft::new("a.b", &2)?];
        let events = drafts.into_iter().zip(1..).map(|(draft, place)| Event {
            offset: Offset::START.plus(place),
            recorded_at: Timestamp::now(),
            draft,
        });
        Ok(events.collect())
    }

    async fn read(parts: impl Iterator<Item = &[u8]> + Send) -> Result<Vec<Event>> {
        let parts: Vec<_> = parts.map(|part| Ok(Bytes::copy_from_slice(part))).collect();
        let mut events = Vec::new();
        let take = |event| {
            events.push(event);
            Room::Left
        };
        Rows::new(stream::iter(parts)).fill(take).await.map(|()| events)
    }

    #[tokio::test]
    async fn an_answer_reads_the_same_wherever_it_is_cut() -> Result<()> {
        let events = events()?;
        let bytes = Block::of_events(&events).bytes;
        for at in 0..bytes.len() {
            let (left, right) = bytes.split_at(at);
            assert_eq!(read([left, right].into_iter()).await?, events, "cut at {at}");
        }
        for size in [1, 2, 7, 100, 1_000] {
            assert_eq!(read(bytes.chunks(size)).await?, events, "parts of {size}");
        }
        Ok(())
    }

    #[tokio::test]
    async fn an_answer_that_ends_within_a_row_is_an_error() -> Result<()> {
        let events = events()?;
        let bytes = Block::of_events(&events).bytes;
        let ends: Vec<_> = (0..=events.len()).map(|count| Block::of_events(&events[..count]).bytes.len()).collect();
        for at in 0..bytes.len() {
            let whole = read(std::iter::once(&bytes[..at])).await.is_ok();
            assert_eq!(whole, ends.contains(&at), "cut at {at}");
        }
        Ok(())
    }

    #[tokio::test]
    async fn bytes_that_are_no_rows_are_an_error_and_no_panic() -> Result<()> {
        // A text that says it is longer than anything: what follows it is not gathered without end.
        let endless = [&[0; 8][..], &[0xff; 9], &[0x7f]].concat();
        let parts = std::iter::once(&endless[..]).chain(std::iter::repeat_n(&[b'x'; 1 << 20][..], 8));
        assert!(matches!(read(parts).await, Err(Error::Corrupt { .. })));
        let bytes = Block::of_events(&events()?).bytes;
        for at in 0..bytes.len() {
            for wrong in [0, 1, 0x7f, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] = wrong;
                // Some are other events, and none is more than the bytes can hold.
                if let Ok(events) = read(std::iter::once(&bytes[..])).await {
                    assert!(events.len() <= bytes.len() / 50, "{} events out of byte {at}", events.len());
                }
            }
        }
        Ok(())
    }
}
