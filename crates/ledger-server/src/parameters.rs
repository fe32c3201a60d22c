//! What a caller asks for in the query string, as a `Query`.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

use ledger_core::{Limit, Offset, Order, Query};

use crate::problem::Problem;

/// How many events a page has unless the caller says.
const PAGE: usize = 100;

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameters {
    /// Which events.
    pub(crate) query: Query,
    /// Appends only if none of these came after this offset.
    pub(crate) none_after: Option<Offset>,
    /// What was said once, and may not be said again: nobody could tell which is meant.
    said: BTreeSet<String>,
}

impl Parameters {
    /// Reads a query string. Fails with the name of what is wrong with it.
    pub(crate) fn read(text: Option<&str>) -> Result<Self, Problem> {
        let mut read = Self::default();
        read.query.limit = Limit::new(PAGE).expect("a page has so many");
        let mut cursor = None;
        for (name, value) in form_urlencoded::parse(text.unwrap_or_default().as_bytes()) {
            if name.contains('\u{fffd}') || value.contains('\u{fffd}') {
                return Err(bad(&name, "it is not UTF-8".to_owned()));
            }
            if !matches!(&*name, "kind" | "tag" | "any_tag" | "id") && !read.said.insert(name.to_string()) {
                return Err(bad(&name, "it is given twice".to_owned()));
            }
            match &*name {
                "cursor" => cursor = Some(parsed(&name, &value)?),
                _ => read.take(&name, &value)?,
            }
        }
        // It goes on from there in whatever order was asked for.
        cursor.into_iter().for_each(|past| read.query.skip(past));
        read.query.check()?;
        Ok(read)
    }

    /// Returns which of some names was given.
    pub(crate) fn any_of(&self, names: &[&'static str]) -> Option<&'static str> {
        names.iter().copied().find(|name| self.said.contains(*name))
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Problem> {
        let query = &mut self.query;
        match name {
            "run" => query.run = Some(parsed(name, value)?),
            "kind" => query.kinds.push(parsed(name, value)?),
            "actor" => query.actor = Some(parsed(name, value)?),
            "session" => query.session = Some(parsed(name, value)?),
            "tag" => query.tags.push(parsed(name, value)?),
            "any_tag" => query.any_tags.push(parsed(name, value)?),
            "id" => query.ids.push(parsed(name, value)?),
            "since" => query.since = Some(parsed(name, value)?),
            "until" => query.until = Some(parsed(name, value)?),
            "after" => query.after = parsed(name, value)?,
            "up_to" => query.up_to = Some(parsed(name, value)?),
            "none_after" => self.none_after = Some(parsed(name, value)?),
            "limit" => {
                let count = value.parse().map_err(|_| bad(name, format!("`{value}` is no number")))?;
                query.limit = Limit::new(count).map_err(|error| bad(name, error.to_string()))?;
            }
            "order" => {
                query.order = match value {
                    "asc" => Order::Ascending,
                    "desc" => Order::Descending,
                    _ => return Err(bad(name, format!("`{value}` is neither `asc` nor `desc`"))),
                }
            }
            _ => return Err(bad(name, format!("`{name}` is no parameter of this path"))),
        }
        Ok(())
    }
}

fn parsed<T: FromStr<Err: Display>>(name: &str, value: &str) -> Result<T, Problem> {
    value.parse().map_err(|error: T::Err| bad(name, error.to_string()))
}

fn bad(name: &str, why: String) -> Problem {
    Problem::invalid(name, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_is_read_and_what_is_none_is_named() {
        let text = "run=r&kind=a.*&kind=b.c&actor=x&session=s&tag=k%3Av&any_tag=a:1&any_tag=a:2&id=e&since=2026-01-01T00:00:00Z\
                    &until=2026-01-02T00:00:00%2B01:00&after=3&up_to=9&limit=7&order=desc&cursor=8&none_after=4";
        let read = Parameters::read(Some(text)).unwrap();
        let query = &read.query;
        assert_eq!((query.kinds.len(), query.any_tags.len(), query.limit.get()), (2, 2, 7));
        assert_eq!((query.after.get(), query.up_to.map(Offset::get), query.order), (3, Some(7), Order::Descending));
        assert_eq!(query.until.unwrap().to_string(), "2026-01-01T23:00:00.000000Z");
        assert_eq!(read.none_after.map(Offset::get), Some(4));
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
            let problem = serde_json::to_value(Parameters::read(Some(bad)).unwrap_err()).unwrap();
            assert_eq!(problem["field"], bad.split_once('=').unwrap().0, "{problem}");
            assert_eq!(problem["status"], 422);
        }
    }
}
