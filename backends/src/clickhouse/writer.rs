//! The one task that writes: it commits what callers queue, a group at a time, each as a compare-and-swap of the head.
//!
//! The block after head H carries the token of H + 1, which the server takes once, and a guard that fails unless the
//! head is still H. So of all writers in all processes one wins each place, and what it looked up before holds.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use ledger_core::plan::plan;
use ledger_core::{Error, Event, EventId, Offset, Query, Receipt, Result};

use super::binary::Block;
use super::connect::{SHORT, Site, code};
use super::rows;
use super::schema::{COLUMNS, INPUT, VERSION};
use crate::head::Head;
use crate::sql::group::{Append, Inbox, Work, answer};
use crate::sql::row::int;

/// How often a piece of work is tried before its callers hear that the server is away.
const TRIES: u32 = 3;
/// How long to wait after a lost race at first, and at most; the pauses differ by chance, or the losers would meet again.
const FIRST_PAUSE: Duration = Duration::from_millis(4);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);
/// How many conditions of a group are looked up at once.
const AT_ONCE: usize = 8;
/// How many tokens of one place may have been spent by servers that died before they wrote what came with them.
const MOST_BURNT: u32 = 64;
/// What the guards of a commit throw.
const MOVED: &str = "LEDGER_HEAD_MOVED";
const MIGRATED: &str = "LEDGER_MIGRATED";
const KNOWN: &str = "LEDGER_ID_KNOWN";

/// The writing end of a database.
#[derive(Debug)]
pub(super) struct Writer {
    site: Site,
    head: Head,
    /// Whether the head is where this writer left it, as far as it knows.
    fresh: bool,
}

/// How a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Commit {
    /// The block is there, at its place.
    Done,
    /// Another writer was first.
    Moved,
    /// Ids as old as those of the block are there: they have to be looked up.
    Known,
}

/// What one try at a piece of work came to.
enum Try<T> {
    Done(T),
    /// Another writer was first: everything has to be looked up again.
    Lost,
}

/// Tries a piece of work until no other writer was faster. Whether a try that failed on the way was done or not, the
/// next one is right: events are known by their ids, and to restore or remove what was is to change nothing.
macro_rules! tries {
    ($self:ident, $work:expr) => {{
        let deadline = Instant::now() + $self.site.timeout * TRIES;
        let (mut left, mut pause) = (TRIES, FIRST_PAUSE);
        loop {
            match $work.await {
                Ok(Try::Done(done)) => break Ok(done),
                Ok(Try::Lost) if Instant::now() > deadline => break Err($self.crowded()),
                Err(error) if !error.is_unavailable() || left <= 1 => break Err(error),
                Ok(Try::Lost) => {}
                Err(_) => left -= 1,
            }
            $self.fresh = false;
            tokio::time::sleep(pause.mul_f64(chance())).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }};
}

impl Writer {
    pub(super) fn new(site: Site, head: Head) -> Self {
        Self { site, head, fresh: false }
    }

    /// Works until all callers are gone.
    pub(super) async fn run(mut self, mut inbox: Inbox) {
        while let Some(work) = inbox.next().await {
            match work {
                Work::Appends(group) => {
                    let outcome = tries!(self, self.try_append(&group));
                    answer(group, outcome);
                }
                Work::Restore { events, head, reply } => {
                    drop(reply.send(tries!(self, self.try_restore(&events, head))));
                }
                Work::Remove { offsets, reply } => drop(reply.send(tries!(self, self.try_remove(&offsets)))),
            }
        }
    }

    async fn try_append(&mut self, group: &[Append]) -> Result<Try<Vec<Result<Vec<Receipt>>>>> {
        let plain = group.iter().all(|append| append.condition.breaking().is_none());
        let ids = || group.iter().flat_map(|append| &append.drafts).map(|draft| &draft.id);
        if plain && self.fresh && made_in_order_of_time(ids()) {
            let requests: Vec<_> = group.iter().map(|append| append.request(None)).collect();
            let head = self.head.known();
            let planned = plan(head, &HashMap::new(), &requests);
            // Who fails is decided where everything is known.
            if planned.answers.iter().all(Result::is_ok) {
                let block = Block::of_drafts(&planned.new, head);
                match self.commit(head, &block, span(planned.new.iter().map(|draft| &draft.id))).await? {
                    Commit::Done => return Ok(Try::Done(planned.answers)),
                    Commit::Moved => return Ok(Try::Lost),
                    Commit::Known => {}
                }
            }
        }
        self.looking_first(group).await
    }

    /// Looks up ids and conditions, then appends what is new at the head that was seen before: when it has moved, what
    /// was looked up may be wrong, and nothing is written.
    async fn looking_first(&mut self, group: &[Append]) -> Result<Try<Vec<Result<Vec<Receipt>>>>> {
        let head = self.look().await?;
        let ids = group.iter().flat_map(|append| &append.drafts).map(|draft| &draft.id);
        let stored = rows::by_ids(ids, &self.site).await?;
        let mut requests = Vec::with_capacity(group.len());
        // Several at once, because the longer it takes, the sooner somebody else is first.
        for appends in group.chunks(AT_ONCE) {
            let broken: Vec<_> = appends.iter().map(|append| broken(append.condition.breaking(), &self.site)).collect();
            let broken = futures::future::try_join_all(broken).await?;
            requests.extend(appends.iter().zip(broken).map(|(append, broken)| append.request(broken)));
        }
        let stored = stored.iter().map(|event| (event.id.as_str(), event.clone())).collect();
        let planned = plan(head, &stored, &requests);
        let block = Block::of_drafts(&planned.new, head);
        Ok(match self.commit(head, &block, None).await? {
            Commit::Done => Try::Done(planned.answers),
            Commit::Moved | Commit::Known => Try::Lost,
        })
    }

    async fn try_restore(&mut self, events: &[Event], head: Offset) -> Result<Try<()>> {
        let at = self.look().await?;
        let (old, new) = events.split_at(events.partition_point(|event| event.offset <= at));
        self.compare(old).await?;
        let mut ids: Vec<_> = new.iter().map(|event| &event.id).collect();
        ids.sort_unstable();
        if let Some(twice) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(self.other(&format!("id `{}` is in the batch twice", twice[0])));
        }
        let mut block = Block::of_events(new);
        if head > new.last().map_or(at, |event| event.offset) {
            block.push_head(head);
        }
        let ids = || new.iter().map(|event| &event.id);
        let mut span = made_in_order_of_time(ids()).then(|| span(ids())).flatten();
        loop {
            if span.is_none()
                && let Some(taken) = rows::by_ids(ids(), &self.site).await?.first()
            {
                return Err(self.other(&format!("id `{}` of the batch is there at offset {}", taken.id, taken.offset)));
            }
            match self.commit(at, &block, span).await? {
                Commit::Done => return Ok(Try::Done(())),
                Commit::Moved => return Ok(Try::Lost),
                Commit::Known => span = None,
            }
        }
    }

    async fn compare(&self, old: &[Event]) -> Result<()> {
        let stored = rows::by_ids(old.iter().map(|event| &event.id), &self.site).await?;
        let stored: HashMap<_, _> = stored.iter().map(|event| (&event.id, event)).collect();
        match old.iter().find(|event| stored.get(&event.id) != Some(event)) {
            Some(event) => {
                Err(self.other(&format!("event `{}` at offset {} is not the one there", event.id, event.offset)))
            }
            None => Ok(()),
        }
    }

    /// Removes events. The head is remembered first when its event is among them: offsets are never given twice.
    async fn try_remove(&mut self, offsets: &[i64]) -> Result<Try<u64>> {
        self.check_open().await?;
        let head = self.look().await?;
        // What is recorded from now on is not meant, and would not be remembered.
        let offsets: Vec<_> = offsets.iter().copied().filter(|&offset| offset <= int(head.get())).collect();
        if offsets.is_empty() {
            return Ok(Try::Done(0));
        }
        if offsets.contains(&int(head.get())) {
            let mut block = Block::default();
            block.push_head(head);
            let nonce = nonce();
            self.insert(&block, nonce, &format!("h{nonce}"), "1")
                .await
                .map_err(|error| self.site.error(error, "prune"))?;
            if !self.landed(&block).await?.iter().any(|(commit, _)| *commit == nonce) {
                return Ok(Try::Lost);
            }
        }
        let list = offsets.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let among = format!("offset IN ({list}) AND id != ''");
        let large = |sql: &str| self.site.ask(sql).with_setting("max_query_size", "10000000");
        let count = large(&format!("SELECT count() FROM events WHERE {among}"));
        let removed: u64 = self.site.one(count, "prune").await?;
        let delete = large(&format!("DELETE FROM events WHERE {among}")).with_setting("lightweight_deletes_sync", "2");
        self.site.run(delete, "prune").await?;
        Ok(Try::Done(removed))
    }

    /// Writes a block after `head`, unless the head has moved. With a span of ids, also unless one of the ids stored
    /// lies in it.
    async fn commit(&mut self, head: Offset, block: &Block, span: Option<(&str, &str)>) -> Result<Commit> {
        if block.is_empty() {
            return Ok(Commit::Done);
        }
        let guard = format!(
            "throwIf((SELECT max(offset) FROM events WHERE offset >= {head}) != {head}, '{MOVED}') = 0 \
             AND throwIf((SELECT max(version) FROM ledger_schema_version) != {VERSION}, '{MIGRATED}') = 0{}",
            match span {
                Some((first, last)) => format!(
                    " AND throwIf((SELECT count() FROM events WHERE id >= '{first}' AND id <= '{last}') > 0, '{KNOWN}') = 0"
                ),
                None => String::new(),
            }
        );
        let place = head.get() + 1;
        for burnt in 0..MOST_BURNT {
            let token = if burnt == 0 { format!("o{place}") } else { format!("o{place}.{burnt}") };
            let nonce = nonce();
            if let Err(error) = self.insert(block, nonce, &token, &guard).await {
                self.fresh = false;
                let said = |word: &str| code(&error) == Some(395) && error.to_string().contains(word);
                return match () {
                    () if said(MOVED) => Ok(Commit::Moved),
                    () if said(KNOWN) => Ok(Commit::Known),
                    () if said(MIGRATED) => Err(self.migrated().await?),
                    () => Err(self.site.error(error, "append to")),
                };
            }
            // The server says the same whether it took the block or knew its token, so only what is there tells. Another
            // process may have pruned some of it already.
            let landed = self.landed(block).await?;
            let ours = landed.iter().any(|(commit, _)| *commit == nonce);
            match (ours, landed.len()) {
                (true, 1) => {
                    self.head.publish(Offset::new(block.range().1)?);
                    self.fresh = true;
                    return Ok(Commit::Done);
                }
                (true, _) => return Err(self.torn(place, &landed)),
                // A server that dies between its list of tokens and the block has spent the token on nothing. The next
                // one is tied to this place too, so two writers that see this still meet.
                (false, 0) if rows::head(head, &self.site).await? == head => {}
                // Another's, or several that came one after the other.
                (false, _) => {
                    self.fresh = false;
                    return Ok(Commit::Moved);
                }
            }
        }
        let why = format!("{} took {MOST_BURNT} tokens for offset {place} and wrote nothing", self.site.place);
        Err(Error::Backend { backend: "clickhouse", why, source: None })
    }

    async fn insert(&self, block: &Block, nonce: u64, token: &str, guard: &str) -> clickhouse::error::Result<()> {
        let columns = COLUMNS.join(", ");
        let values = columns.replace(
            "recorded_at",
            "if(recorded_at = -9223372036854775808, toUnixTimestamp64Micro(now64(6)), recorded_at)",
        );
        let sql = format!(
            "INSERT INTO events ({columns}, commit) SELECT {values}, {nonce} FROM input('{INPUT}') WHERE {guard} \
             FORMAT RowBinary"
        );
        let patience = Some(self.site.timeout * SHORT);
        let insert = self.site.client.insert_formatted_with(sql).with_timeouts(patience, patience);
        let settings = self.site.commit_settings(token).into_iter();
        let mut insert = settings.fold(insert, |insert, (name, value)| insert.with_setting(name, value));
        insert.send(block.bytes().into()).await?;
        insert.end().await
    }

    /// Returns which commits wrote into the range of a block, and how many rows.
    async fn landed(&self, block: &Block) -> Result<Vec<(u64, u64)>> {
        let (first, last) = block.range();
        // The row that remembers a head may stand beside the event that was removed there; alone, it is what was written.
        let only_heads = block.only_heads();
        let sql = format!(
            "SELECT commit, count() FROM events WHERE offset >= {first} AND offset <= {last} \
             GROUP BY commit HAVING countIf(id != '') > 0 OR {only_heads}"
        );
        self.site.rows(self.site.ask(&sql), "read").await
    }

    /// Returns the head as the server has it now.
    async fn look(&self) -> Result<Offset> {
        let head = rows::head(self.head.known(), &self.site).await?;
        self.head.publish(head);
        Ok(head)
    }

    /// Says what a newer program made of the tables while this one had them open.
    async fn migrated(&self) -> Result<Error> {
        let found = self.site.one(self.site.ask("SELECT max(version) FROM ledger_schema_version"), "read").await?;
        Ok(Error::SchemaTooNew { found, known: VERSION })
    }

    /// Fails while the table is rebuilt: what is removed from the old one would stay in the new one.
    async fn check_open(&self) -> Result<()> {
        let sql = "SELECT count() FROM system.tables WHERE database = currentDatabase() \
                   AND (name LIKE 'events\\_v%' OR position(create_table_query, 'ledger_migrating') > 0 AND name = 'events')";
        let closed: u64 = self.site.one(self.site.ask_raw(sql), "read").await?;
        if closed == 0 {
            return Ok(());
        }
        let why = format!("{} is being migrated", self.site.place);
        Err(Error::Unavailable { backend: "clickhouse", why, source: None })
    }

    fn crowded(&self) -> Error {
        let why = format!("other writers of {} were faster for too long", self.site.place);
        Error::Unavailable { backend: "clickhouse", why, source: None }
    }

    fn torn(&self, place: u64, commits: &[(u64, u64)]) -> Error {
        let why = format!(
            "{} writers wrote at offset {place} of {}: stop writing, and restore it from a snapshot",
            commits.len(),
            self.site.place
        );
        Error::Corrupt { why }
    }

    fn other(&self, why: &str) -> Error {
        Error::NotEmpty { at: self.site.place.to_string(), why: why.to_owned() }
    }
}

/// Says whether all ids are of the kind that later ones are greater: then few of those stored lie between them.
fn made_in_order_of_time<'a>(mut ids: impl Iterator<Item = &'a EventId>) -> bool {
    ids.all(|id| {
        uuid::Uuid::try_parse(id.as_str()).is_ok_and(|uuid| uuid.get_version_num() == 7) && id.as_str().len() == 36
    })
}

/// Returns the least and the greatest id.
fn span<'a>(ids: impl Iterator<Item = &'a EventId> + Clone) -> Option<(&'a str, &'a str)> {
    Some((ids.clone().min()?.as_str(), ids.max()?.as_str()))
}

fn nonce() -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().0
}

/// Returns a number between a half and one and a half.
fn chance() -> f64 {
    0.5 + (nonce() % 1_000) as f64 / 1_000.0
}

/// Finds the first event that breaks a condition.
async fn broken(query: Option<Query>, site: &Site) -> Result<Option<Offset>> {
    let Some(query) = query else { return Ok(None) };
    Ok(rows::page(&query, site).await?.events.first().map(|event| event.offset))
}
