//! What a page asks of a large ledger when it opens: the whole at a glance, counts by word, and the chain around an event.

use std::time::Instant;

use ledger_core::lineage::AsOf;
use ledger_core::{Ledger, Query, chain, facets, overview};

use crate::Result;
use crate::bench::{Backend, Bench, fill};
use crate::corpus::Shape;
use crate::measure::{micros, repeat};
use crate::report::{Target, Unit};

/// Runs the cases of this file.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    let events = bench.sizes.pages;
    for backend in Backend::DURABLE {
        let case = format!("{}/glance/{events}", backend.name());
        if let Some(ledger) = bench.create(backend, &case).await? {
            fill(&*ledger, Shape::Tagged, events).await?;
            look(bench, &case, &*ledger, events).await?;
        }
    }
    Ok(())
}

async fn look(bench: &mut Bench, case: &str, ledger: &dyn Ledger, events: usize) -> Result<()> {
    let whole = repeat(bench.rounds, async |_| {
        let start = Instant::now();
        let seen = overview::overview(ledger, AsOf::Now).await?;
        let took = micros(start);
        if seen.head.get() == events as u64 { Ok(took) } else { Err("the overview is not of all events".into()) }
    });
    bench.report.figure(&format!("{case}/overview"), Unit::Micros, whole.await?, Target::None);
    let counts = repeat(bench.rounds, async |_| {
        let start = Instant::now();
        let found = facets::facets(ledger, Query::all(), facets::COUNTED).await?;
        let took = micros(start);
        if found.counted > 0 { Ok(took) } else { Err("no event was counted".into()) }
    });
    bench.report.figure(&format!("{case}/facets"), Unit::Micros, counts.await?, Target::None);
    let middle = ledger_core::Offset::new(events as u64 / 2)?;
    let event = ledger.read(&Query::after(middle).limit(1)?).await?.events.pop().ok_or("the fixture is empty")?;
    let head = ledger.head().await?;
    let around = repeat(bench.rounds, async |_| {
        let start = Instant::now();
        let chain = chain::chain(ledger, event.clone(), head, chain::SHOWN).await?;
        let took = micros(start);
        if chain.up_to > event.offset { Ok(took) } else { Err("no effect was looked for".into()) }
    });
    bench.report.figure(&format!("{case}/chain"), Unit::Micros, around.await?, Target::None);
    Ok(())
}
