//! Which events a command is about: the same flags for `tail`, `export` and `prune`, turned into a `Query`.

use std::num::NonZeroU64;
use std::time::Duration;

use clap::Args;
use ledger_core::views::{self, NamePart, RunPhase};
use ledger_core::{Actor, Error, KindPattern, Limit, Offset, Order, Query, RunId, SessionId, Shown, Tag, Timestamp};

/// What an event must be like; all that is given must hold.
#[derive(Debug, Args)]
pub(crate) struct Filter {
    /// Only events from this offset on, itself included.
    #[arg(long, value_name = "OFFSET")]
    from: Option<Offset>,
    /// Only events past this offset, as `ledger head` printed it.
    #[arg(long, value_name = "OFFSET", conflicts_with = "from")]
    after: Option<Offset>,
    /// Only this run.
    #[arg(long)]
    run: Option<RunId>,
    /// Only this kind, or all that begin with its words: 'run.*'; may be given again for another.
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<KindPattern>,
    /// Only this actor.
    #[arg(long)]
    actor: Option<Actor>,
    /// Only this session.
    #[arg(long)]
    session: Option<SessionId>,
    /// Only events with this tag; may be given again, and then all must be there.
    #[arg(long = "tag", value_name = "KEY:VALUE")]
    tags: Vec<Tag>,
    /// Only events with this tag; may be given again, and then one of them is enough.
    #[arg(long = "any-tag", value_name = "KEY:VALUE")]
    any_tags: Vec<Tag>,
    /// Only what happened at this time or later: 2026-01-31T12:00:00Z, or 15m, 2h, 7d ago.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    since: Option<Timestamp>,
    /// Only what happened before this time: 2026-01-31T12:00:00Z, or 15m, 2h, 7d ago.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    until: Option<Timestamp>,
}

/// What a run must be like; all that is given must hold.
#[derive(Debug, Args)]
pub(crate) struct WhichRuns {
    /// Only those whose id has this part, in whatever case.
    #[arg(long, value_name = "PART")]
    name: Option<NamePart>,
    /// Only those that go on (open), or that have ended (finished).
    #[arg(long, value_name = "open|finished")]
    state: Option<RunPhase>,
    /// Only those that have ended for a reason with this part, in whatever case.
    #[arg(long, value_name = "PART")]
    reason: Option<NamePart>,
    /// Only those whose last event happened at this time or later: 2026-01-31T12:00:00Z, or 15m, 2h, 7d ago.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    since: Option<Timestamp>,
    /// Only those whose first event happened before this time.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    until: Option<Timestamp>,
}

impl From<WhichRuns> for views::WhichRuns {
    fn from(WhichRuns { name, state, reason, since, until }: WhichRuns) -> Self {
        Self { name, phase: state, reason, since, until }
    }
}

/// How many events, and from which end.
#[derive(Debug, Args)]
pub(crate) struct Period {
    /// At most this many events.
    #[arg(long, value_name = "N")]
    limit: Option<NonZeroU64>,
    /// Newest first.
    #[arg(long)]
    desc: bool,
}

impl Filter {
    /// Builds the query.
    pub(crate) fn query(self) -> Query {
        let after = self.from.map(Offset::before).or(self.after);
        Query {
            after: after.unwrap_or_default(),
            run: self.run,
            kinds: self.kinds,
            actor: self.actor,
            session: self.session,
            tags: self.tags,
            any_tags: self.any_tags,
            since: self.since,
            until: self.until,
            ..Query::all()
        }
    }
}

impl Period {
    /// Says whether it leaves out and turns round nothing.
    pub(crate) fn is_whole(&self) -> bool {
        self.limit.is_none() && !self.desc
    }

    /// Applies the direction to a query and asks for no larger pages than needed; returns how many events to take.
    pub(crate) fn apply(&self, query: &mut Query) -> usize {
        if self.desc {
            query.order = Order::Descending;
        }
        let take = self.limit.map_or(usize::MAX, |limit| usize::try_from(limit.get()).unwrap_or(usize::MAX));
        if let Ok(page) = Limit::new(take) {
            query.limit = query.limit.min(page);
        }
        take
    }
}

/// Reads RFC 3339, or how long ago: `90s`, `15m`, `2h`, `7d`, `4w`.
pub(crate) fn parse_time(text: &str) -> Result<Timestamp, Error> {
    parse_time_at(text, Timestamp::now())
}

fn parse_time_at(text: &str, now: Timestamp) -> Result<Timestamp, Error> {
    if let Ok(instant) = text.parse() {
        return Ok(instant);
    }
    let ago_micros = seconds(text).ok_or_else(|| unreadable(text))?.saturating_mul(1_000_000);
    Timestamp::from_micros(now.as_micros().saturating_sub(ago_micros)).map_err(|_| unreadable(text))
}

/// Reads how long: `90s`, `15m`, `2h`, `7d`, `4w`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, Error> {
    let seconds = seconds(text).and_then(|seconds| u64::try_from(seconds).ok()).filter(|&seconds| seconds > 0);
    seconds
        .map(Duration::from_secs)
        .ok_or_else(|| Error::invalid("duration", format!("{}: write 90s, 15m, 2h, 7d or 4w", Shown(text))))
}

/// Reads how long something took: `250ms`, `1.5s`, `5m`, `2h`.
pub(crate) fn parse_span(text: &str) -> Result<Duration, Error> {
    let units =
        [("ms", 0.001), ("us", 0.000_001), ("µs", 0.000_001), ("s", 1.0), ("m", 60.0), ("h", 3_600.0), ("d", 86_400.0)];
    let seconds = units.iter().find_map(|(unit, seconds)| Some(number(text.strip_suffix(unit)?)? * seconds));
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| Error::invalid("duration", format!("{}: write 250ms, 1.5s, 5m or 2h", Shown(text))))
}

/// Reads a number of bytes: `500MB`, `50GB`, `1.5TB`, `2GiB`, or the bare number.
pub(crate) fn parse_size(text: &str) -> Result<u64, Error> {
    let units = [
        ("KiB", 1024_f64),
        ("MiB", 1024_f64.powi(2)),
        ("GiB", 1024_f64.powi(3)),
        ("TiB", 1024_f64.powi(4)),
        ("kB", 1e3),
        ("KB", 1e3),
        ("MB", 1e6),
        ("GB", 1e9),
        ("TB", 1e12),
        ("B", 1.0),
        ("", 1.0),
    ];
    let bytes = units.iter().find_map(|(unit, bytes)| Some(number(text.strip_suffix(unit)?)? * bytes));
    bytes
        .filter(|bytes| *bytes < 9e18)
        .map(|bytes| bytes as u64)
        .ok_or_else(|| Error::invalid("size", format!("{}: write 500MB, 50GB or 1.5TB", Shown(text))))
}

/// Reads a plain number: no sign, no infinity.
fn number(text: &str) -> Option<f64> {
    let plain = text.trim_end();
    plain.chars().all(|c| c.is_ascii_digit() || c == '.').then(|| plain.parse().ok()).flatten()
}

fn seconds(text: &str) -> Option<i64> {
    let (at, unit) = text.char_indices().last()?;
    let unit_seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return None,
    };
    let count: u32 = text[..at].parse().ok()?;
    Some(i64::from(count) * unit_seconds)
}

fn unreadable(text: &str) -> Error {
    let why = format!(
        "{}: write 2026-01-31T12:00:00Z (or with +02:00), or 90s, 15m, 2h, 7d, 4w for so long ago",
        Shown(text)
    );
    Error::invalid("time", why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_an_instant_or_so_long_ago() {
        let now = Timestamp::now();
        let ago = |text| (now.as_micros() - parse_time_at(text, now).unwrap().as_micros()) / 1_000_000;
        assert_eq!(["90s", "15m", "2h", "7d", "4w"].map(ago), [90, 900, 7_200, 604_800, 2_419_200]);
        assert_eq!(parse_time("2026-01-31T12:00:00+02:00").unwrap().to_string(), "2026-01-31T10:00:00.000000Z");
        for bad in ["", "m", "-5m", "1.5h", "5", "5y", "yesterday", "99999999999w", "4294967295w", "é"] {
            assert!(parse_time(bad).is_err(), "{bad}");
            assert!(bad == "4294967295w" || parse_duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn from_includes_its_offset_and_after_does_not() {
        let filter = |from, after| Filter {
            from,
            after,
            run: None,
            kinds: Vec::new(),
            actor: None,
            session: None,
            tags: Vec::new(),
            any_tags: Vec::new(),
            since: None,
            until: None,
        };
        let ten = Offset::new(10).unwrap();
        assert_eq!(filter(Some(ten), None).query().after.get(), 9);
        assert_eq!(filter(None, Some(ten)).query().after, ten);
        assert_eq!(filter(None, None).query(), Query::all());
    }
}
