//! Opening: it must take the same time however much a ledger holds.

use std::time::Instant;

use crate::Result;
use crate::bench::{Backend, Bench, fill};
use crate::corpus::Shape;
use crate::measure::{Side, duel, micros};
use crate::report::{Target, Unit};

const SMALL: usize = 1_000;
const TIMES: usize = 21;
/// How much longer the large one may take.
const MOST_RATIO: f64 = 1.5;

/// Runs the cases of this file.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    for events in bench.sizes.opens.clone() {
        for backend in Backend::DURABLE {
            let case = format!("{}/open/{events}", backend.name());
            if bench.wants(&case)
                && let (Some(large), Some(small)) = (bench.fresh(backend).await?, bench.fresh(backend).await?)
            {
                open(bench, &case, &[large, small], events).await?;
            }
        }
    }
    Ok(())
}

/// Opens a large ledger and one of a thousand events, and asks for the head, as the first thing an application does.
async fn open(bench: &mut Bench, case: &str, [large, small]: &[String; 2], events: usize) -> Result<()> {
    fill(&*backends::open(large).await?, Shape::Plain, events).await?;
    fill(&*backends::open(small).await?, Shape::Plain, SMALL).await?;
    let outcome = duel(TIMES, async |side, _| {
        let start = Instant::now();
        let ledger = backends::open(if side == Side::Ledger { large } else { small }).await?;
        ledger.head().await?;
        Ok(micros(start))
    });
    // A small one beside another shows how far apart two that are alike may lie.
    let target = if events == SMALL { Target::None } else { Target::AtMost(MOST_RATIO) };
    bench.report.comparison(case, Unit::Micros, "1,000 events", outcome.await?, target);
    Ok(())
}
