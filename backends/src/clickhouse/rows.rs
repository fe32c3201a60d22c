//! Statements and rows of ClickHouse: how events go in as one block and come out as rows.

use clickhouse::Row as Columns;
use clickhouse::query::{Query as Statement, RowCursor};
use ledger_core::{
    Draft, Event, EventId, KindPattern, Limit, MAX_BATCH_BYTES, Offset, Order, Page, PageFiller, Query, Result, Room,
    Timestamp,
};
use serde::Deserialize;
use tokio::sync::mpsc::Sender;

use super::connect::{LONG, SHORT, Site};
use super::schema::COLUMNS;
use crate::sql::row::{Decoder, Row, int, number};

/// A row as it travels, in the order of `COLUMNS`.
#[derive(Columns, Deserialize)]
pub(super) struct Stored<'a> {
    offset: u64,
    id: &'a str,
    run_id: &'a str,
    turn: u32,
    kind: &'a str,
    actor: &'a str,
    payload: &'a str,
    created_at: i64,
    recorded_at: i64,
    schema_version: u32,
    session_id: &'a str,
    model_profile: &'a str,
    model_id: &'a str,
    #[serde(borrow)]
    parents: Vec<&'a str>,
    lamport: Option<u64>,
    #[serde(borrow)]
    tags: Vec<&'a str>,
}

/// Reads one page.
pub(super) async fn page(query: &Query, site: &Site) -> Result<Page> {
    site.within(LONG, read_page(query, site)).await
}

async fn read_page(query: &Query, site: &Site) -> Result<Page> {
    let query = &Query { limit: query.limit.min(site.event_size.fitting()), ..query.clone() };
    let statement = matching(query, &COLUMNS.join(", "), Most::Limit, site);
    let mut rows = cursor(statement, site)?;
    let (mut page, mut decoder) = (PageFiller::new(query), Decoder::default());
    while let Some(row) = rows.next().await.map_err(|error| site.error(error, "read"))? {
        if page.push(event(row, &mut decoder)?) == Room::None {
            break;
        }
    }
    site.event_size.learn(&page);
    Ok(page.finish())
}

/// Sends all matching events in chunks, out of one statement: a page costs as much before its first row as thousands of
/// rows do. Ends when nothing new follows, or with an error, or when nobody listens any more.
pub(super) async fn stream(mut query: Query, site: Site, chunks: Sender<Result<Vec<Event>>>) {
    let mut again = true;
    loop {
        let before = query.clone();
        let outcome = stream_once(&mut query, &site, &chunks).await;
        let moved = query != before;
        match outcome {
            Ok(Ended::Unheard) => return,
            // What was appended meanwhile follows the end that the statement saw.
            Ok(Ended::AllSent) if moved && query.order == Order::Ascending => again = true,
            Ok(Ended::AllSent) => return,
            // As a page is read again when its connection was an old one.
            Err(error) if error.is_unavailable() && (moved || again) => again = moved,
            Err(error) => {
                // Whoever stopped listening needs no error.
                drop(chunks.send(Err(error)).await);
                return;
            }
        }
    }
}

/// Why a statement ended.
enum Ended {
    AllSent,
    Unheard,
}

/// Runs one statement, and moves the query past what was sent.
async fn stream_once(query: &mut Query, site: &Site, chunks: &Sender<Result<Vec<Event>>>) -> Result<Ended> {
    let mut rows = cursor(matching(query, &COLUMNS.join(", "), Most::All, site), site)?;
    let (mut decoder, mut held) = (Decoder::default(), None);
    loop {
        let chunk = site.within(LONG, chunk(&mut rows, &mut decoder, &mut held, query.limit, site)).await?;
        let Some(last) = chunk.last().map(|event| event.offset) else { return Ok(Ended::AllSent) };
        if chunks.send(Ok(chunk)).await.is_err() {
            return Ok(Ended::Unheard);
        }
        match query.order {
            Order::Ascending => query.after = last,
            Order::Descending => query.up_to = Some(last.before()),
        }
        query.limit = query.limit.doubled();
    }
}

/// Takes rows until a chunk is as large as one restore takes; the row that does not fit any more is held for the next.
async fn chunk(
    rows: &mut RowCursor<Stored<'_>>,
    decoder: &mut Decoder,
    held: &mut Option<Event>,
    limit: Limit,
    site: &Site,
) -> Result<Vec<Event>> {
    let (mut chunk, mut bytes) = (Vec::new(), 0);
    while chunk.len() < limit.get() {
        let next = match held.take() {
            Some(event) => event,
            None => match rows.next().await.map_err(|error| site.error(error, "read"))? {
                Some(row) => event(row, decoder)?,
                None => break,
            },
        };
        bytes += next.size();
        if bytes > MAX_BATCH_BYTES && !chunk.is_empty() {
            *held = Some(next);
            break;
        }
        chunk.push(next);
    }
    Ok(chunk)
}

/// Finds events by id. However many are asked for, what is new costs little when ids are made in order of time.
pub(super) async fn by_ids<'a>(ids: impl Iterator<Item = &'a EventId>, site: &Site) -> Result<Vec<Event>> {
    site.within(SHORT, find(ids, site)).await
}

async fn find<'a>(ids: impl Iterator<Item = &'a EventId>, site: &Site) -> Result<Vec<Event>> {
    let mut ids: Vec<&str> = ids.map(EventId::as_str).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT {} FROM events WHERE {} ORDER BY offset", COLUMNS.join(", "), AMONG);
    let mut rows = cursor(bind_ids(site.ask_events(&sql), &ids), site)?;
    let (mut events, mut decoder) = (Vec::new(), Decoder::default());
    while let Some(row) = rows.next().await.map_err(|error| site.error(error, "read"))? {
        events.push(event(row, &mut decoder)?);
    }
    Ok(events)
}

/// Reads the offsets of one page.
pub(super) async fn offsets(query: &Query, site: &Site) -> Result<Vec<i64>> {
    let offsets: Vec<u64> = site.rows(matching(query, "offset", Most::Limit, site), "read").await?;
    Ok(offsets.into_iter().map(int).collect())
}

/// Returns the last offset ever given, which is at least `known`: what lies before it need not be looked at.
pub(super) async fn head(known: Offset, site: &Site) -> Result<Offset> {
    let last: u64 =
        site.one(site.ask("SELECT max(offset) FROM events WHERE offset >= ?").bind(known.get()), "read").await?;
    Offset::new(last).map(|last| last.max(known))
}

fn cursor<'s>(statement: Statement, site: &'s Site) -> Result<RowCursor<Stored<'s>>> {
    statement.fetch::<Stored<'_>>().map_err(|error| site.error(error, "read"))
}

/// One of many ids. Ids have no line breaks, and one long text is parsed several times as fast as a list of texts.
const AMONG: &str = "id IN (SELECT arrayJoin(splitByChar('\\n', ?))) AND id >= ? AND id <= ?";

fn bind_ids(statement: Statement, sorted: &[&str]) -> Statement {
    let (first, last) = (sorted.first().copied().unwrap_or_default(), sorted.last().copied().unwrap_or_default());
    // The default holds a few thousand ids, and a batch may name ten thousand. Who may change no setting asks for few.
    let statement = if sorted.len() > 1_000 { statement.with_setting("max_query_size", "10000000") } else { statement };
    statement.bind(sorted.join("\n")).bind(first).bind(last)
}

/// How many rows a statement gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Most {
    Limit,
    All,
}

/// Builds the statement for a query. The row that only remembers the head has no id and is no event.
fn matching(query: &Query, what: &str, most: Most, site: &Site) -> Statement {
    let mut terms = vec!["id != ''".to_owned()];
    let mut term = |text: &str| terms.push(text.to_owned());
    let mut ids: Vec<&str> = query.ids.iter().map(EventId::as_str).collect();
    ids.sort_unstable();
    if !ids.is_empty() {
        term(AMONG);
    }
    if query.after.get() > 0 {
        term("offset > ?");
    }
    for (given, text) in [
        (query.up_to.is_some(), "offset <= ?"),
        (query.run.is_some(), "run_id = ?"),
        (query.actor.is_some(), "actor = ?"),
        (query.session.is_some(), "session_id = ?"),
        (query.since.is_some(), "created_at >= ?"),
        (query.until.is_some(), "created_at < ?"),
    ] {
        if given {
            term(text);
        }
    }
    query.tags.iter().for_each(|_| term("has(tags, ?)"));
    if !query.kinds.is_empty() {
        let kinds: Vec<_> = query.kinds.iter().map(kind).collect();
        term(&format!("({})", kinds.join(" OR ")));
    }
    let order = match query.order {
        Order::Ascending => "ASC",
        Order::Descending => "DESC",
    };
    let sql = format!(
        "SELECT {what} FROM events WHERE {} ORDER BY offset {order}{}",
        terms.join(" AND "),
        match most {
            Most::Limit => format!(" LIMIT {}", query.limit.get()),
            Most::All => String::new(),
        }
    );
    bind(site.ask_events(&sql), query, &ids)
}

fn kind(pattern: &KindPattern) -> &'static str {
    match pattern {
        KindPattern::Exact(_) => "kind = ?",
        KindPattern::Prefix(_) => "startsWith(kind, ?)",
    }
}

/// Binds what a query names, in the order of `matching`.
fn bind(mut statement: Statement, query: &Query, ids: &[&str]) -> Statement {
    if !ids.is_empty() {
        statement = bind_ids(statement, ids);
    }
    if query.after.get() > 0 {
        statement = statement.bind(query.after.get());
    }
    if let Some(up_to) = query.up_to {
        statement = statement.bind(up_to.get());
    }
    let words = [
        query.run.as_ref().map(AsRef::<str>::as_ref),
        query.actor.as_ref().map(AsRef::as_ref),
        query.session.as_ref().map(AsRef::as_ref),
    ];
    statement = words.into_iter().flatten().fold(statement, Statement::bind);
    let times = [query.since, query.until].into_iter().flatten();
    statement = times.fold(statement, |statement, time| statement.bind(time.as_micros()));
    statement = query.tags.iter().fold(statement, |statement, tag| statement.bind(tag.as_str()));
    query.kinds.iter().fold(statement, |statement, pattern| match pattern {
        KindPattern::Exact(kind) => statement.bind(kind.as_str()),
        KindPattern::Prefix(prefix) => statement.bind(prefix.as_str()),
    })
}

fn event(row: Stored<'_>, decoder: &mut Decoder) -> Result<Event> {
    let row = Row {
        offset: number("offset", row.offset)?,
        id: row.id,
        run_id: row.run_id,
        turn: row.turn.into(),
        kind: row.kind,
        actor: row.actor,
        payload: row.payload,
        created_at: row.created_at,
        recorded_at: row.recorded_at,
        schema_version: row.schema_version.into(),
        session_id: given(row.session_id),
        model_profile: given(row.model_profile),
        model_id: given(row.model_id),
        parents: row.parents.into_iter().map(EventId::new).collect::<Result<_>>()?,
        lamport: row.lamport.map(|lamport| number("lamport", lamport)).transpose()?,
        tags: row.tags.into_iter().map(|tag| decoder.tag(tag)).collect::<Result<_>>()?,
    };
    decoder.event(row)
}

/// Returns a text that may be missing, which is empty then.
fn given(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
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
