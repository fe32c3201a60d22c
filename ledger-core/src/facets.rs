//! Facets of a ledger by look-up: which words the newest events that match have.

use std::ops::ControlFlow;

use crate::error::Result;
use crate::ext::newest;
use crate::ledger::Ledger;
use crate::query::Query;
use crate::views::{Facets, Frequent, View};

/// How many words of each sort are told.
pub const SHOWN: usize = 50;
/// How many events are counted, unless somebody says.
pub const COUNTED: usize = 100_000;
/// How many at most.
pub const MOST: usize = 200_000;

/// Returns the most frequent words of the newest events that match, so many of them at most. The order and the limit of
/// the query do not count.
pub async fn facets(ledger: &(impl Ledger + ?Sized), query: Query, most: usize) -> Result<Frequent> {
    let mut facets = Facets::default();
    let count = |event| {
        facets.apply(&event);
        ControlFlow::Continue(())
    };
    let whole = newest(ledger, query, most.min(MOST), count).await?;
    let frequent = facets.frequent(SHOWN);
    Ok(Frequent { whole: whole && frequent.whole, ..frequent })
}
