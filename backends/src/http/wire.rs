//! What is asked and what is answered, as JSON: the words of the server's API, in one place.

use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use ledger_core::{Condition, Draft, Error, Event, Offset, Page, Query, Receipt, Result, Status};
use serde::{Deserialize, Serialize};

const JSON: &str = "application/json";
const LINES: &str = "application/x-ndjson";
/// How long it may take until an answer begins: a server gives up its own work after a minute, and says so.
const LONG: Duration = Duration::from_secs(90);
/// How many bytes a second a body is sent at least.
const SLOWEST: u64 = 64 << 10;
/// How long what removes may take, which the server does to its end.
const AN_HOUR: Duration = Duration::from_secs(3_600);

/// What is asked of a server.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub method: Method,
    /// The path after that of the API, with its parameters.
    pub path: String,
    /// What is sent, and its type.
    pub body: Option<(&'static str, Bytes)>,
    /// What it is for, in errors.
    pub action: &'static str,
    pub again: Again,
    /// How long it may take until the answer begins.
    pub within: Duration,
    /// The offset after which the condition of an append begins.
    pub after: Offset,
}

/// When the same may be asked once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// Whenever no answer came: it changes nothing, or is known again by what it holds.
    Always,
    /// Only when it cannot have arrived: how much the first time removed would be lost.
    Unsent,
}

impl Ask {
    fn get(path: &str, action: &'static str) -> Self {
        let (method, path, after) = (Method::GET, path.to_owned(), Offset::START);
        Self { method, path, body: None, action, again: Again::Always, within: LONG, after }
    }

    fn post(path: &str, body: (&'static str, Bytes), action: &'static str) -> Self {
        let within = LONG + Duration::from_secs(body.1.len() as u64 / SLOWEST);
        Self { method: Method::POST, body: Some(body), within, ..Self::get(path, action) }
    }

    /// Asks what the server keeps, within a time.
    pub(super) fn about(within: Duration) -> Self {
        Self { within, ..Self::get("/ledger", "open") }
    }

    pub(super) fn head() -> Self {
        Self::get("/head", "read")
    }

    /// Asks to be told of changes, each as soon as it happens.
    pub(super) fn changes() -> Self {
        Self::get("/changes?interval_ms=0", "read")
    }

    pub(super) fn read(query: &Query) -> Result<Self> {
        Ok(Self::post("/events/query", json(query)?, "read"))
    }

    pub(super) fn append(drafts: &[Draft], condition: &Condition) -> Result<Self> {
        match condition {
            Condition::None => {
                let body = lines(drafts, |draft, line| {
                    serde_json::to_writer(line, draft)
                        .map_err(|error| Error::Corrupt { why: format!("the draft `{}`: {error}", draft.id) })
                })?;
                Ok(Self::post("/events", body, "append"))
            }
            Condition::NoneAfter { query, after } => {
                let condition = NoneAfter { none_after: *after, query };
                let body = json(&Conditional { condition, events: drafts })?;
                Ok(Self { after: *after, ..Self::post("/events", body, "append") })
            }
        }
    }

    pub(super) fn restore(events: &[Event], head: Offset) -> Result<Self> {
        Ok(Self::post(&format!("/restore?head={head}"), lines(events, Event::write_json)?, "restore"))
    }

    pub(super) fn prune(query: &Query) -> Result<Self> {
        Ok(Self { again: Again::Unsent, within: AN_HOUR, ..Self::post("/prune", json(query)?, "prune") })
    }

    pub(super) fn erase(offsets: &[Offset]) -> Result<Self> {
        Ok(Self { again: Again::Unsent, within: AN_HOUR, ..Self::post("/erase", json(&Erased { offsets })?, "erase") })
    }
}

#[derive(Serialize)]
struct Conditional<'a> {
    condition: NoneAfter<'a>,
    events: &'a [Draft],
}

#[derive(Serialize)]
struct NoneAfter<'a> {
    none_after: Offset,
    query: &'a Query,
}

#[derive(Serialize)]
struct Erased<'a> {
    offsets: &'a [Offset],
}

/// Writes one value. Fails when it holds a payload that was damaged where it was stored.
fn json(value: &impl Serialize) -> Result<(&'static str, Bytes)> {
    let body = serde_json::to_vec(value).map_err(|error| Error::Corrupt { why: error.to_string() })?;
    Ok((JSON, body.into()))
}

/// Writes a line for each of several values.
fn lines<T>(values: &[T], write: impl Fn(&T, &mut Vec<u8>) -> Result<()>) -> Result<(&'static str, Bytes)> {
    let mut body = Vec::new();
    for value in values {
        write(value, &mut body)?;
        body.push(b'\n');
    }
    Ok((LINES, body.into()))
}

/// What a server says of itself.
#[derive(Debug, Deserialize)]
pub(super) struct About {
    pub identity: String,
    pub head: Offset,
}

/// Where a ledger is.
#[derive(Debug, Deserialize)]
pub(super) struct At {
    pub head: Offset,
}

/// How many events went.
#[derive(Debug, Deserialize)]
pub(super) struct Removed {
    pub removed: u64,
}

/// Where the events of an append stand.
#[derive(Debug, Deserialize)]
pub(super) struct Receipts {
    receipts: Vec<Stands>,
}

#[derive(Debug, Deserialize)]
struct Stands {
    offset: Offset,
    status: Word,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    New,
    Duplicate,
}

impl Receipts {
    /// Returns a receipt for each draft, or nothing when they are not as many.
    pub(super) fn of(self, drafts: usize) -> Option<Vec<Receipt>> {
        let receipt = |stands: Stands| {
            let status = match stands.status {
                Word::New => Status::New,
                Word::Duplicate => Status::Duplicate,
            };
            Receipt { offset: stands.offset, status }
        };
        (self.receipts.len() == drafts).then(|| self.receipts.into_iter().map(receipt).collect())
    }
}

/// A page of events.
#[derive(Debug, Deserialize)]
pub(super) struct Events {
    events: Vec<Event>,
    next: Option<String>,
}

impl Events {
    /// Returns the page, or nothing when where it goes on is no offset.
    pub(super) fn page(self) -> Option<Page> {
        let more_past = self.next.map(|next| next.parse()).transpose().ok()?;
        Some(Page { events: self.events, more_past })
    }
}

#[cfg(test)]
mod tests {
    use ledger_core::{Line, Payload, Timestamp};

    use super::*;

    fn draft(payload: &str) -> Draft {
        Draft::from_parts("a.b".parse().unwrap(), Payload::from_json(payload).unwrap())
    }

    #[test]
    fn a_page_gives_payloads_back_to_the_byte() {
        let (offset, recorded_at) = (Offset::new(7).unwrap(), Timestamp::EPOCH);
        for payload in ["{\n \"b\": 1,\r\n\t\"a\":2.50 }", "123456789012345678901234567890.10", r#""\u0000 é""#] {
            let event = Event { offset, recorded_at, draft: draft(payload) };
            let mut body = b"{\"events\":[".to_vec();
            event.write_json(&mut body).unwrap();
            body.extend_from_slice(b"],\"next\":\"7\"}");
            let page = serde_json::from_slice::<Events>(&body).unwrap().page().unwrap();
            assert_eq!(page, Page { events: vec![event], more_past: Some(offset) });
        }
        let last: Events = serde_json::from_str(r#"{"events":[],"next":null}"#).unwrap();
        assert_eq!(last.page().unwrap(), Page::default());
        let odd: Events = serde_json::from_str(r#"{"events":[],"next":"x"}"#).unwrap();
        assert!(odd.page().is_none());
    }

    #[test]
    fn an_append_is_lines_and_with_a_condition_one_object() {
        let drafts = [draft("{\n}"), draft("2")];
        let text = |ask: &Ask| String::from_utf8(ask.body.as_ref().unwrap().1.to_vec()).unwrap();
        let plain = Ask::append(&drafts, &Condition::None).unwrap();
        assert_eq!(plain.body.as_ref().unwrap().0, LINES);
        let read: Vec<_> = text(&plain).lines().map(|line| Line::parse(line).unwrap()).collect();
        assert_eq!(read, drafts.clone().map(Line::Draft));
        let condition = Condition::none_after(Query::all().tag("k:v").unwrap(), Offset::new(12).unwrap());
        let ask = Ask::append(&drafts[1..], &condition).unwrap();
        assert_eq!((ask.body.as_ref().unwrap().0, ask.after.get()), (JSON, 12));
        let start = r#"{"condition":{"none_after":12,"query":{"tags":["k:v"]}},"events":[{"id":""#;
        assert!(text(&ask).starts_with(start), "{}", text(&ask));
    }

    #[test]
    fn receipts_are_as_many_as_drafts() {
        let text = r#"{"receipts":[{"offset":1,"id":"x","status":"new"},{"offset":9,"id":"y","status":"duplicate"}]}"#;
        let read = || serde_json::from_str::<Receipts>(text).unwrap();
        let stands: Vec<_> = read().of(2).unwrap().iter().map(|one| (one.offset.get(), one.status)).collect();
        assert_eq!(stands, [(1, Status::New), (9, Status::Duplicate)]);
        assert!(read().of(1).is_none());
    }
}
