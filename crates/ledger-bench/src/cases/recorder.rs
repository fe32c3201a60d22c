//! The recorder: what a call costs the code that records, while its writer delivers on the same machine.

use std::time::Instant;

use ledger_core::{Artifact, Recorder};

use crate::Result;
use crate::bench::Bench;
use crate::measure::micros;
use crate::report::{Target, Unit};

/// How many operations come one after the other.
const BURST: usize = 1_000;

/// Runs the case of this file.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    let case = "sqlite/recorder";
    if !bench.wants(case) {
        return Ok(());
    }
    let (path, spill) = (bench.fresh_path(), bench.fresh_path());
    let ledger = backends::open(&path.to_string_lossy()).await?;
    let recorder = Recorder::open(ledger, spill)?.run("bench")?.actor("bench")?.job("job-1")?;
    let artifacts: Vec<Artifact> =
        (0..100).map(|n| Artifact::new(format!("warehouse/orders_{n:02}"))).collect::<Result<_, _>>()?;
    let mut costs = Vec::with_capacity(bench.events);
    // The first burst warms up.
    for burst in 0..=bench.events / BURST {
        for n in 0..BURST {
            let (one, other, made) = (&artifacts[n % 100], &artifacts[(n * 7 + 1) % 100], &artifacts[(n * 3) % 100]);
            let start = Instant::now();
            let operation = recorder.operation("concat").input("source_0", one).input("source_1", other);
            let operation =
                operation.input("n", 2).output(made).sql("SELECT * FROM source_0 UNION ALL SELECT * FROM source_1");
            operation.finish()?;
            if burst > 0 {
                costs.push(micros(start));
            }
        }
        recorder.flush().await?;
    }
    costs.sort_by(f64::total_cmp);
    let at = |share: usize| costs.get(costs.len() * share / 1_000).copied().unwrap_or(f64::NAN);
    bench.report.figure(&format!("{case}/p50"), Unit::Micros, at(500), Target::Below(2.0));
    bench.report.figure(&format!("{case}/p99"), Unit::Micros, at(990), Target::Below(50.0));
    Ok(())
}
