//! Opening: it must take the same time however much a ledger holds.

use std::time::Instant;

use crate::Result;
use crate::bench::{Bench, fill};
use crate::corpus::Shape;
use crate::measure::{micros, repeat};
use crate::report::{Target, Unit};

const SMALL: usize = 1_000;

/// Runs the cases of this file.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    for events in [SMALL, bench.events] {
        let case = format!("sqlite/open/{events}");
        if bench.wants(&case) {
            let url = bench.fresh_path().to_string_lossy().into_owned();
            open(bench, &case, &url, events).await?;
        }
        let case = format!("postgres/open/{events}");
        if bench.wants(&case)
            && let Some(schema) = bench.fresh_schema().await
        {
            open(bench, &case, &schema.url(), events).await?;
        }
        let case = format!("clickhouse/open/{events}");
        if bench.wants(&case)
            && let Some(database) = bench.fresh_database().await?
        {
            open(bench, &case, &database.url(), events).await?;
        }
    }
    Ok(())
}

/// Opens the ledger and asks for its head, as the first thing an application does.
async fn open(bench: &mut Bench, case: &str, url: &str, events: usize) -> Result<()> {
    const TIMES: usize = 21;
    fill(&*backends::open(url).await?, Shape::Plain, events).await?;
    let median = repeat(TIMES, async |_| {
        let start = Instant::now();
        let ledger = backends::open(url).await?;
        ledger.head().await?;
        Ok(micros(start))
    });
    bench.report.figure(case, Unit::Micros, median.await?, Target::None);
    Ok(())
}
