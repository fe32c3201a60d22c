//! Who listens now, since when, and how far each has come: so that who falls behind is found before it is told to
//! come again.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::extract::State;
use ledger_core::{Offset, Query, Timestamp};
use serde::Serialize;

use super::locked;
use crate::Desk;
use crate::auth::Caller;
use crate::openapi::{admin, problems};
use crate::problem::Problem;

/// How many are known at most. There may be thousands more, who are counted and not listed.
const MOST: usize = 1_000;
/// How many characters at most say what somebody listens to.
const LONGEST: usize = 200;

/// Those who listen now.
#[derive(Debug, Default)]
pub(crate) struct Listeners(Mutex<Present>);

#[derive(Debug, Default)]
struct Present {
    /// The id that was given last.
    last: u64,
    /// How many there are, listed or not.
    total: u64,
    listed: BTreeMap<u64, Arc<Known>>,
}

/// What is known of somebody who listens.
#[derive(Debug)]
struct Known {
    stream: &'static str,
    caller: Caller,
    since: Timestamp,
    about: String,
    position: AtomicU64,
    sent: AtomicU64,
}

impl Listeners {
    /// Lists somebody who listens from a position on, for as long as what is returned is kept.
    pub(crate) fn come(self: &Arc<Self>, stream: &'static str, caller: Caller, about: String, at: Offset) -> Seat {
        let (position, sent) = (AtomicU64::new(at.get()), AtomicU64::new(0));
        let known = Arc::new(Known { stream, caller, since: Timestamp::now(), about, position, sent });
        let mut present = locked(&self.0);
        present.last += 1;
        present.total += 1;
        let id = present.last;
        if present.listed.len() < MOST {
            present.listed.insert(id, Arc::clone(&known));
        }
        Seat { listeners: Arc::clone(self), id, known }
    }
}

/// The place of somebody who listens; it is free when this is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    listeners: Arc<Listeners>,
    id: u64,
    known: Arc<Known>,
}

impl Seat {
    /// Notes up to where it was sent all that it wants.
    pub(crate) fn reached(&self, position: Offset) {
        self.known.position.store(position.get(), Ordering::Relaxed);
    }

    /// Counts what it is sent.
    pub(crate) fn sent(&self, count: usize) {
        self.known.sent.fetch_add(count as u64, Ordering::Relaxed);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut present = locked(&self.listeners.0);
        present.total -= 1;
        present.listed.remove(&self.id);
    }
}

/// Those who listen, and how far they are.
#[derive(Serialize)]
pub(crate) struct Listed {
    head: Offset,
    listeners: Vec<Listener>,
    /// How many listen, also those who are not listed.
    total: u64,
}

#[derive(Serialize)]
struct Listener {
    id: u64,
    stream: &'static str,
    caller: String,
    since: Timestamp,
    position: u64,
    behind: u64,
    sent: u64,
    about: String,
}

/// Answers who listens to events and signals, those who came first before the others.
#[utoipa::path(
    get,
    path = "/listeners",
    tag = "admin",
    operation_id = "listeners",
    description = "1,000 are listed at most; those who come when there are so many are counted alone.",
    responses((status = 200, description = "Those who listen.", body = admin::Listeners), problems::Call)
)]
pub(crate) async fn list(State(desk): State<Desk>) -> Result<Json<Listed>, Problem> {
    let head = desk.soon(desk.ledger.head()).await?;
    let present = locked(&desk.listeners.0);
    let listeners = present.listed.iter().map(|(id, known)| listener(*id, known, head)).collect();
    Ok(Json(Listed { head, listeners, total: present.total }))
}

fn listener(id: u64, known: &Known, head: Offset) -> Listener {
    let position = known.position.load(Ordering::Relaxed);
    Listener {
        id,
        stream: known.stream,
        caller: known.caller.to_string(),
        since: known.since,
        position,
        // It may have been sent what came since the head was looked at.
        behind: head.get().saturating_sub(position),
        sent: known.sent.load(Ordering::Relaxed),
        about: known.about.clone(),
    }
}

/// Says in a few words what a query is about.
pub(crate) fn about(query: &Query) -> String {
    fn part<T: Display>(parts: &mut Vec<String>, name: &str, values: impl IntoIterator<Item = T>) {
        let values: Vec<_> = values.into_iter().map(|value| value.to_string()).collect();
        if !values.is_empty() {
            parts.push(format!("{name} {}", values.join(" or ")));
        }
    }
    let mut parts = Vec::new();
    part(&mut parts, "run", &query.run);
    part(&mut parts, "kind", &query.kinds);
    part(&mut parts, "actor", &query.actor);
    part(&mut parts, "session", &query.session);
    // Each of them has to be there.
    query.tags.iter().for_each(|tag| part(&mut parts, "tag", [tag]));
    part(&mut parts, "tag", &query.any_tags);
    part(&mut parts, "id", &query.ids);
    part(&mut parts, "since", query.since);
    part(&mut parts, "until", query.until);
    if parts.is_empty() {
        return "everything".to_owned();
    }
    cut(parts.join(", "))
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some(_) => text.chars().take(LONGEST - 1).chain(['…']).collect(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_listens_to_is_said_in_a_few_words() {
        assert_eq!(about(&Query::all()), "everything");
        let query = Query::all().run("r-1").unwrap().kind("a.*").unwrap().kind("b.c").unwrap();
        let query = query.tag("job:1").unwrap().tag("table:t").unwrap();
        assert_eq!(about(&query), "run r-1, kind a.* or b.c, tag job:1, tag table:t");
        let long =
            about(&Query::all().actor("ä".repeat(99)).unwrap().run("ö".repeat(100)).unwrap().tag("k:v").unwrap());
        assert!(long.chars().count() <= LONGEST && long.starts_with("run ö"), "{long}");
        let cut = about(&Query::all().tag(format!("k:{}", "ü".repeat(400))).unwrap());
        assert!(cut.chars().count() == LONGEST && cut.ends_with("ü…"), "{cut}");
    }

    #[test]
    fn a_place_is_free_when_it_is_left_and_more_than_are_listed_are_counted() {
        let listeners = Arc::new(Listeners::default());
        let come = || listeners.come("events", Caller::Anybody, String::new(), Offset::START);
        let mut seats: Vec<_> = (0..=MOST).map(|_| come()).collect();
        let counts = || {
            let present = locked(&listeners.0);
            (present.listed.len(), present.total)
        };
        assert_eq!(counts(), (MOST, MOST as u64 + 1));
        drop(seats.remove(0));
        assert_eq!(counts(), (MOST - 1, MOST as u64));
        let last = come();
        assert_eq!((counts(), last.id), ((MOST, MOST as u64 + 1), MOST as u64 + 2));
        drop((seats, last));
        assert_eq!(counts(), (0, 0));
    }
}
