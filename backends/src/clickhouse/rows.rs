//! What is asked of ClickHouse: pages, streams, and events by id.

use clickhouse::query::Query as Statement;
use futures::stream::{self, Stream};
use ledger_core::{
    Event, EventId, KindPattern, MAX_BATCH_BYTES, Offset, Order, Page, PageFiller, Query, Result, Room, Tag,
};

use super::binary::Rows;
use super::connect::{LONG, SHORT, Site};
use super::schema::COLUMNS;
use crate::sql::row::int;

/// Reads one page.
pub(super) async fn page(query: &Query, site: &Site) -> Result<Page> {
    site.within(LONG, read_page(query, site)).await
}

async fn read_page(query: &Query, site: &Site) -> Result<Page> {
    let query = &Query { limit: query.limit.min(site.event_size.fitting()), ..query.clone() };
    let statement = matching(query, &COLUMNS.join(", "), Most::Limit, site);
    let (mut rows, mut page) = (rows(statement, site)?, PageFiller::new(query));
    rows.fill(|event| page.push(event)).await?;
    site.event_size.learn(&page);
    Ok(page.finish())
}

/// Streams all matching events out of one statement: a page costs as much before its first row as thousands of rows do.
///
/// Rows become events in the task that looks at them: what one core builds and another drops travels between their
/// caches, and that takes longer than to build it. A page is as large as the query's limit.
pub(super) fn stream(query: Query, site: &Site) -> impl Stream<Item = Result<Vec<Event>>> + Send + '_ {
    let scan = Scan { query, rows: None, held: None, retry: true, site };
    stream::try_unfold(scan, async move |mut scan| Ok(scan.next().await?.map(|chunk| (chunk, scan))))
}

struct Scan<'s> {
    /// Asks for what was not given yet.
    query: Query,
    rows: Option<Rows<'s>>,
    /// The event that did not fit into the last chunk.
    held: Option<Event>,
    /// Whether a failure is tried again, as that of a page is: its connection may have been an old one.
    retry: bool,
    site: &'s Site,
}

impl Scan<'_> {
    /// Returns some events, or nothing at the end.
    async fn next(&mut self) -> Result<Option<Vec<Event>>> {
        loop {
            match self.site.within(LONG, self.chunk()).await {
                Ok(chunk) => {
                    let Some(last) = chunk.last().map(|event| event.offset) else { return Ok(None) };
                    self.query.skip(last);
                    self.retry = true;
                    return Ok(Some(chunk));
                }
                Err(error) if error.is_unavailable() && self.retry => {
                    (self.rows, self.held) = (None, None);
                    self.retry = false;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn chunk(&mut self) -> Result<Vec<Event>> {
        let (site, most) = (self.site, self.query.limit.get());
        let rows = match &mut self.rows {
            Some(rows) => rows,
            none => {
                let statement = matching(&self.query, &COLUMNS.join(", "), Most::All, site);
                none.insert(rows(statement, site)?)
            }
        };
        let (mut bytes, mut chunk) = (0, Vec::with_capacity(most));
        chunk.extend(self.held.take().inspect(|held| bytes = held.size()));
        let room = chunk.len() < most;
        let take = |event: Event| {
            bytes += event.size();
            if bytes > MAX_BATCH_BYTES && !chunk.is_empty() {
                self.held = Some(event);
                return Room::None;
            }
            chunk.push(event);
            if chunk.len() < most { Room::Left } else { Room::None }
        };
        if room {
            rows.fill(take).await?;
        }
        Ok(chunk)
    }
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
    let (mut rows, mut events) = (rows(bind_ids(site.ask_events(&sql), &ids), site)?, Vec::new());
    let take = |event| {
        events.push(event);
        Room::Left
    };
    rows.fill(take).await?;
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

fn rows(statement: Statement, site: &Site) -> Result<Rows<'_>> {
    let cursor = statement.fetch_bytes("RowBinary").map_err(|error| site.error(error, "read"))?;
    Ok(Rows::new(stream::try_unfold(cursor, async move |mut cursor| {
        let bytes = cursor.next().await.map_err(|error| site.error(error, "read"))?;
        Ok(bytes.map(|bytes| (bytes, cursor)))
    })))
}

/// One of many ids. Ids have no line breaks, and one long text is parsed several times as fast as a list of texts.
const AMONG: &str = "id IN (SELECT arrayJoin(splitByChar('\\n', ?))) AND id >= ? AND id <= ?";

fn bind_ids(statement: Statement, sorted: &[&str]) -> Statement {
    let (first, last) = (sorted.first().copied().unwrap_or_default(), sorted.last().copied().unwrap_or_default());
    // The default holds a few thousand ids, and a batch may name ten thousand. Who may change no setting asks for few.
    let statement = if sorted.len() > 1_000 { statement.with_setting("max_query_size", "10000000") } else { statement };
    statement.bind(sorted.join("\n")).bind(first).bind(last)
}

/// Tags may have line breaks, so they are bound as the list that they are.
fn bind_any(statement: Statement, tags: &[Tag]) -> Statement {
    // The default holds 256 KiB, and each byte may need another to escape it. Who may change no setting asks for few.
    let bytes: usize = tags.iter().map(|tag| 2 * tag.as_str().len() + "'',".len()).sum();
    let large = bytes > 200_000;
    let statement = if large { statement.with_setting("max_query_size", "10000000") } else { statement };
    statement.bind(tags.iter().map(Tag::as_str).collect::<Vec<_>>())
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
    if !query.any_tags.is_empty() {
        term("hasAny(tags, ?)");
    }
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
    if !query.any_tags.is_empty() {
        statement = bind_any(statement, &query.any_tags);
    }
    query.kinds.iter().fold(statement, |statement, pattern| match pattern {
        KindPattern::Exact(kind) => statement.bind(kind.as_str()),
        KindPattern::Prefix(prefix) => statement.bind(prefix.as_str()),
    })
}
