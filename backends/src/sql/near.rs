//! Where to look first: near the end that a query asks for.

use ledger_core::{Offset, Order, Query};

/// How far to walk for each event of a page, …
const WALKED_FOR_ONE: u64 = 20;
/// … and at least.
const WALKED: u64 = 20_000;

/// The part of a query that a short walk from its end covers.
pub(crate) struct Near {
    /// The query of that part.
    pub query: Query,
    /// Whether there is no other part.
    pub whole: bool,
}

impl Near {
    /// Cuts a query of a ledger with this head.
    pub(crate) fn new(query: &Query, head: Offset) -> Self {
        let last = query.up_to.map_or(head, |up_to| up_to.min(head));
        let span = WALKED.max(WALKED_FOR_ONE * query.limit.get() as u64);
        let at = |number: u64| Offset::new(number).unwrap_or(last);
        let (after, up_to) = match query.order {
            Order::Ascending => (query.after, at(query.after.get().saturating_add(span)).min(last)),
            Order::Descending => (at(last.get().saturating_sub(span)).max(query.after), last),
        };
        let whole = after == query.after && up_to == last;
        Self { query: Query { after, up_to: Some(up_to), ..query.clone() }, whole }
    }
}

/// Says whether a query asks for a window of time and for nothing that has an index of its own.
pub(crate) fn is_window(query: &Query) -> bool {
    (query.since.is_some() || query.until.is_some())
        && query.tags.is_empty()
        && query.any_tags.is_empty()
        && query.ids.is_empty()
        && query.run.is_none()
        && query.session.is_none()
}
