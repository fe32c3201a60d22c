//! What a caller says in the query string.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use futures::{Stream, StreamExt, TryStreamExt};
use ledger_core::lineage::AsOf;
use ledger_core::{Limit, Offset, Order, Query};

use crate::problem::Problem;

/// How many events a page has unless the caller says.
const PAGE: usize = 100;

/// The parameters of a request that nobody has asked for yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(BTreeMap<String, Vec<String>>);

impl Fields {
    /// Reads a query string. Fails with the name of what is not UTF-8.
    pub(crate) fn read(text: Option<&str>) -> Result<Self, Problem> {
        let (mut fields, text) = (Self::default(), text.unwrap_or_default());
        // It stands for what could not be decoded, unless it was meant.
        let is_meant = text.to_ascii_lowercase().contains("%ef%bf%bd");
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            if !is_meant && (name.contains('\u{fffd}') || value.contains('\u{fffd}')) {
                return Err(bad(&name, "it is not UTF-8"));
            }
            fields.0.entry(name.into_owned()).or_default().push(value.into_owned());
        }
        Ok(fields)
    }

    /// Takes a value that may be given once: of two, nobody could tell which is meant.
    pub(crate) fn one<T: FromStr<Err: Display>>(&mut self, name: &str) -> Result<Option<T>, Problem> {
        let mut values = self.many(name)?;
        if values.len() > 1 {
            return Err(bad(name, "it is given twice"));
        }
        Ok(values.pop())
    }

    /// Takes all values of a name.
    pub(crate) fn many<T: FromStr<Err: Display>>(&mut self, name: &str) -> Result<Vec<T>, Problem> {
        let values = self.0.remove(name).unwrap_or_default();
        values.iter().map(|value| value.parse().map_err(|error: T::Err| bad(name, error.to_string()))).collect()
    }

    /// Takes a value that has to be given.
    pub(crate) fn needed<T: FromStr<Err: Display>>(&mut self, name: &str) -> Result<T, Problem> {
        self.one(name)?.ok_or_else(|| bad(name, "it is missing"))
    }

    /// Takes one of some words; the first when none is given.
    pub(crate) fn word(&mut self, name: &str, words: &[&'static str]) -> Result<&'static str, Problem> {
        let Some(given) = self.one::<String>(name)? else { return Ok(words[0]) };
        let found = words.iter().find(|word| **word == given);
        found.copied().ok_or_else(|| bad(name, format!("`{given}` is none of {}", words.join(", "))))
    }

    /// Takes a switch: there without a value, `true` or `false`.
    pub(crate) fn switch(&mut self, name: &str) -> Result<bool, Problem> {
        match self.one::<String>(name)?.as_deref() {
            None | Some("false") => Ok(false),
            Some("" | "true") => Ok(true),
            Some(other) => Err(bad(name, format!("`{other}` is neither `true` nor `false`"))),
        }
    }

    /// Takes a number within bounds.
    pub(crate) fn number(
        &mut self,
        name: &str,
        bounds: std::ops::RangeInclusive<usize>,
    ) -> Result<Option<usize>, Problem> {
        let Some(text) = self.one::<String>(name)? else { return Ok(None) };
        let number = text.parse().ok().filter(|number| bounds.contains(number));
        let why = || bad(name, format!("`{text}` is no number from {} to {}", bounds.start(), bounds.end()));
        number.map(Some).ok_or_else(why)
    }

    /// Takes up to when one looks; now when it is not said.
    pub(crate) fn as_of(&mut self) -> Result<AsOf, Problem> {
        Ok(self.one("as_of")?.unwrap_or_default())
    }

    /// Takes the filters of a query.
    pub(crate) fn query(&mut self) -> Result<Query, Problem> {
        let query = Query {
            run: self.one("run")?,
            kinds: self.many("kind")?,
            actor: self.one("actor")?,
            session: self.one("session")?,
            tags: self.many("tag")?,
            any_tags: self.many("any_tag")?,
            ids: self.many("id")?,
            since: self.one("since")?,
            until: self.one("until")?,
            ..Query::all()
        };
        query.check()?;
        Ok(query)
    }

    /// Takes the filters of a query, its range and its order.
    pub(crate) fn page(&mut self) -> Result<Query, Problem> {
        let mut query = self.query()?;
        query.after = self.one("after")?.unwrap_or(Offset::START);
        query.up_to = self.one("up_to")?;
        query.limit = Limit::new(self.number("limit", 1..=Limit::MAX.get())?.unwrap_or(PAGE))?;
        query.order = match self.one::<String>("order")?.as_deref() {
            None | Some("asc") => Order::Ascending,
            Some("desc") => Order::Descending,
            Some(other) => return Err(bad("order", format!("`{other}` is neither `asc` nor `desc`"))),
        };
        // It goes on from there in whatever order was asked for.
        self.one("cursor")?.into_iter().for_each(|past| query.skip(past));
        Ok(query)
    }

    /// Says whether a name was given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Refuses what is left.
    pub(crate) fn end(self) -> Result<(), Problem> {
        match self.0.keys().next() {
            Some(name) => Err(bad(name, format!("`{name}` is no parameter of this path"))),
            None => Ok(()),
        }
    }
}

/// A part of a list that is asked for whole.
pub(crate) struct Part {
    limit: usize,
    offset: usize,
}

impl Part {
    /// How many a part has at most.
    const MOST: usize = 1_000;

    /// Takes `limit` and `offset`.
    pub(crate) fn of(asked: &mut Fields) -> Result<Self, Problem> {
        let limit = asked.number("limit", 1..=Self::MOST)?.unwrap_or(PAGE);
        let offset = asked.number("offset", 0..=u32::MAX as usize)?.unwrap_or_default();
        Ok(Self { limit, offset })
    }

    /// Returns the part.
    pub(crate) fn take<T>(&self, all: impl Iterator<Item = T>) -> Vec<T> {
        all.skip(self.offset).take(self.limit).collect()
    }

    /// Returns the part, and reads no further.
    pub(crate) async fn take_of<T, E>(&self, all: impl Stream<Item = Result<T, E>>) -> Result<Vec<T>, E> {
        all.skip(self.offset).take(self.limit).try_collect().await
    }
}

/// Reads the part of a path that names something. What cannot be such a name names nothing.
pub(crate) fn named<T: FromStr<Err: Display>>(
    path: Result<Path<String>, PathRejection>,
    what: &str,
) -> Result<T, Problem> {
    let unknown = |why: String| Problem::not_found(format!("there is no such {what}: {why}"));
    let Path(text) = path.map_err(|error| unknown(error.to_string()))?;
    text.parse().map_err(|error: T::Err| unknown(error.to_string()))
}

/// Reads how long: `90s`, `15m`, `24h`, `7d` or `4w`.
pub(crate) fn span(name: &str, text: &str) -> Result<Duration, Problem> {
    let units = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400), ('w', 7 * 86_400)];
    let seconds = units.iter().find_map(|(unit, seconds)| {
        let digits = text.strip_suffix(*unit).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        Some(u64::from(digits.parse::<u32>().ok()?) * seconds)
    });
    seconds.map(Duration::from_secs).ok_or_else(|| bad(name, format!("`{text}`: write 90s, 15m, 24h, 7d or 4w")))
}

fn bad(name: &str, why: impl Into<String>) -> Problem {
    Problem::invalid(name, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Result<Query, Problem> {
        let mut fields = Fields::read(Some(text))?;
        let query = fields.page()?;
        fields.end().map(|()| query)
    }

    #[test]
    fn every_filter_is_read_and_what_is_none_is_named() {
        let text = "run=r&kind=a.*&kind=b.c&actor=x&session=s&tag=k%3Av&any_tag=a:1&any_tag=a:2&id=e&since=2026-01-01T00:00:00Z\
                    &until=2026-01-02T00:00:00%2B01:00&after=3&up_to=9&limit=7&order=desc&cursor=8";
        let query = page(text).unwrap();
        assert_eq!((query.kinds.len(), query.any_tags.len(), query.limit.get()), (2, 2, 7));
        assert_eq!((query.after.get(), query.up_to.map(Offset::get), query.order), (3, Some(7), Order::Descending));
        assert_eq!(query.until.unwrap().to_string(), "2026-01-01T23:00:00.000000Z");
        for bad in [
            "limit=0",
            "limit=x",
            "after=-1",
            "kind=*",
            "order=up",
            "since=now",
            "tag=x",
            "nothing=1",
            "cursor=a",
            "run=%FF",
            "actor=a&actor=b",
        ] {
            let problem = serde_json::to_value(page(bad).unwrap_err()).unwrap();
            assert_eq!(problem["field"], bad.split_once('=').unwrap().0, "{problem}");
            assert_eq!(problem["status"], 422);
        }
    }
}
