//! What goes on all the time in the sample: orders, visits, questions and short runs, without end and in the order
//! of time.
//!
//! The past hour is made of the same, ever more of it: so what is live goes on where the week ends, with operations
//! that had begun and not ended.

use std::collections::BTreeMap;

use ledger_core::{Draft, EventId, Result, Timestamp};
use serde_json::json;

use super::chance::Chance;
use super::pipelines::{Pipeline, ran, rounded};
use super::queries;
use super::run::{HOUR, event, later, seconds_later};
use super::warehouse::{Table, table};

/// How long before now it begins.
const BEFORE: i64 = HOUR;
/// How many seconds go by between two things that happen, on average, once it is live.
const EVERY_S: f64 = 1.2;
/// How many seconds go by between two runs.
const RUN_EVERY_S: f64 = 20.0;
/// How much rarer all of that is when it begins.
const RARER: f64 = 5.0;

/// The tables that short runs make; each run makes some of them.
const RUNS: [(&str, &[&str]); 3] = [
    ("revenue-now", &["staging/orders", "staging/order_items", "mart/sales", "dashboard/revenue"]),
    ("funnel-now", &["staging/page_views", "staging/visitors", "mart/funnel", "dashboard/growth"]),
    ("tickets-now", &["staging/tickets", "feature/sessions"]),
];

/// Everything that happens, as events that are to be recorded when their time has come.
#[derive(Debug)]
pub(crate) struct Traffic {
    chance: Chance,
    /// From when on it is live.
    now: Timestamp,
    /// When something happens next, and when a run begins.
    next: Timestamp,
    next_run: Timestamp,
    count: u64,
    runs: u64,
    /// What is to come of what has happened, by its time and its place among what comes at that time.
    due: BTreeMap<(Timestamp, u64), Draft>,
    placed: u64,
}

impl Traffic {
    /// Begins an hour before now.
    pub(super) fn new(seed: u64, now: Timestamp) -> Self {
        let (next, chance) = (later(now, -BEFORE), Chance::new(seed, "traffic"));
        let next_run = seconds_later(next, RUN_EVERY_S);
        Self { chance, now, next, next_run, count: 0, runs: 0, due: BTreeMap::new(), placed: 0 }
    }

    /// Goes on from a later time, as if nothing had happened meanwhile: who comes back to a machine that slept does
    /// not want to see all of it at once.
    pub(super) fn skip_to(&mut self, time: Timestamp) {
        (self.next, self.next_run) = (time, time);
        self.due.clear();
    }

    /// Lets happen what comes next, and queues what comes of it.
    fn happens(&mut self) -> Result<()> {
        let at = self.next.min(self.next_run);
        let rarer = self.rarer(at);
        if self.next_run <= self.next {
            self.next_run = seconds_later(at, self.chance.between(0.7, 1.3) * RUN_EVERY_S * rarer);
            return self.run(at);
        }
        self.next = seconds_later(at, self.chance.wait(EVERY_S * rarer));
        self.count += 1;
        match self.chance.below(100) {
            0..40 => self.question(at),
            40..46 => self.dashboard(at),
            46..72 => self.order(at),
            72..94 => self.visits(at),
            _ => self.stock(at),
        }
    }

    /// Returns how much rarer things are at a time than they are when it is live.
    fn rarer(&self, at: Timestamp) -> f64 {
        let before = (self.now.as_micros() - at.as_micros()).max(0) as f64 / BEFORE as f64;
        1.0 + before * (RARER - 1.0)
    }

    /// Takes back an event that was not due yet: it comes before all others.
    pub(super) fn put_back(&mut self, draft: Draft) {
        self.due.insert((draft.created_at, 0), draft);
    }

    fn queue(&mut self, draft: Draft) {
        self.placed += 1;
        self.due.insert((draft.created_at, self.placed), draft);
    }

    fn run(&mut self, at: Timestamp) -> Result<()> {
        self.runs += 1;
        let (name, tables) = *self.chance.pick(&RUNS);
        let id = format!("{name}-{:04}", self.runs);
        let tables: Vec<&'static Table> = tables.iter().map(|name| table(name)).collect();
        let pipeline = Pipeline { name, id: &id, at, tables, took: 0.025, rows: 0.0004, failing: 7.0, slow: 1.0 };
        ran(&pipeline, &mut self.chance)?.drafts.into_iter().for_each(|draft| self.queue(draft));
        Ok(())
    }

    fn question(&mut self, at: Timestamp) -> Result<()> {
        let (id, request) = (format!("ask-{:06}", self.count), format!("request-{:06}", self.count));
        let draft = queries::asked(&id, &request, at, 1.0, &mut self.chance)?;
        self.queue(draft);
        Ok(())
    }

    /// Somebody opens a dashboard, which asks several things at once.
    fn dashboard(&mut self, at: Timestamp) -> Result<()> {
        let request = format!("request-{:06}", self.count);
        for part in 0..4 + self.chance.below(6) {
            let id = format!("ask-{:06}-{part}", self.count);
            let at = seconds_later(at, self.chance.between(0.0, 0.25));
            let draft = queries::asked(&id, &request, at, 1.0, &mut self.chance)?;
            self.queue(draft);
        }
        Ok(())
    }

    /// Somebody buys something, which leads to this and that.
    fn order(&mut self, at: Timestamp) -> Result<()> {
        let (order, total) = (format!("order-{:06}", self.count), rounded(self.chance.spread(62.0, 0.7)));
        let step = |kind: &str, actor: &str, at: Timestamp, cause: Option<&EventId>, said: serde_json::Value| {
            let id = format!("{order}.{}", kind.rsplit('.').next().unwrap_or_default());
            let draft =
                event(kind, &id, at, &said)?.run("shop")?.actor(actor)?.tag(format!("order:{}", &order[6..]))?;
            cause.into_iter().try_fold(draft, Draft::parent)
        };
        let placed = step("order.placed", "checkout", at, None, json!({"total_eur": total}))?;
        let at = seconds_later(at, self.chance.spread(1.4, 0.5));
        if self.chance.happens(0.07) {
            let why = json!({"why": *self.chance.pick(&["the card has expired", "the bank says no"])});
            let refused = step("payment.refused", "payments", at, Some(&placed.id), why)?;
            [placed, refused].into_iter().for_each(|draft| self.queue(draft));
            return Ok(());
        }
        let paid = step("payment.taken", "payments", at, Some(&placed.id), json!({"amount_eur": total}))?;
        let at = seconds_later(at, self.chance.spread(25.0, 0.6));
        let packed = step("order.packed", "depot", at, Some(&paid.id), json!({"parcels": 1 + self.chance.below(3)}))?;
        let mut told = vec![placed, paid];
        if self.chance.happens(0.6) {
            let at = seconds_later(at, self.chance.spread(60.0, 0.6));
            let carrier = *self.chance.pick(&["green parcel", "night post"]);
            told.push(step("order.shipped", "depot", at, Some(&packed.id), json!({"carrier": carrier}))?);
        }
        told.push(packed);
        told.into_iter().for_each(|draft| self.queue(draft));
        Ok(())
    }

    fn visits(&mut self, at: Timestamp) -> Result<()> {
        let visits = self.chance.spread(180.0, 0.6) as u64;
        let said = json!({"visits": visits, "bytes": visits * 212, "to": "web/page_views"});
        let draft = event("batch.received", &format!("batch-{:06}", self.count), at, &said)?;
        self.queue(draft.run("collector")?.actor("collector")?.tag("table:web/page_views")?);
        Ok(())
    }

    fn stock(&mut self, at: Timestamp) -> Result<()> {
        let said = json!({"product": 1 + self.chance.below(18_400), "left": self.chance.below(90)});
        let draft = event("stock.counted", &format!("stock-{:06}", self.count), at, &said)?;
        self.queue(draft.run("shop")?.actor("depot")?);
        Ok(())
    }
}

impl Iterator for Traffic {
    type Item = Result<Draft>;

    /// Returns the event that is due next. There is always one more.
    fn next(&mut self) -> Option<Result<Draft>> {
        loop {
            let next = self.next.min(self.next_run);
            if let Some(first) = self.due.first_entry()
                && first.key().0 <= next
            {
                return Some(Ok(first.remove()));
            }
            if let Err(error) = self.happens() {
                return Some(Err(error));
            }
        }
    }
}
