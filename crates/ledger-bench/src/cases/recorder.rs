//! The recorder: what a call costs the code that records, while its writer delivers on the same machine.

use std::sync::Arc;
use std::time::Instant;

use ledger_core::{Artifact, Ledger, Recorder};

use crate::Result;
use crate::bench::{Backend, Bench};
use crate::measure::{Sample, micros, percentile};
use crate::report::{Target, Unit};

/// How many operations come one after the other.
const BURST: usize = 1_000;

/// Runs the cases of this file.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    for backend in Backend::ALL {
        let case = format!("{}/recorder", backend.name());
        if let Some(ledger) = bench.create(backend, &case).await? {
            record(bench, backend, &case, ledger).await?;
        }
    }
    Ok(())
}

async fn record(bench: &mut Bench, backend: Backend, case: &str, ledger: Arc<dyn Ledger>) -> Result<()> {
    let (spill, events) = (bench.fresh_path(), bench.sizes.events);
    let recorder = Recorder::open(ledger, spill)?.run("bench")?.actor("bench")?.job("job-1")?;
    let artifacts: Vec<Artifact> =
        (0..100).map(|n| Artifact::new(format!("warehouse/orders_{n:02}"))).collect::<Result<_, _>>()?;
    let mut costs = Vec::with_capacity(events);
    // The first burst warms up.
    for burst in 0..=events / BURST {
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
    let targets = match backend {
        Backend::Sqlite => [Target::Below(2.0), Target::Below(50.0)],
        Backend::Memory | Backend::Postgres | Backend::ClickHouse => [Target::None; 2],
    };
    let p99 = percentile(&mut costs, 990);
    bench.report.figure(&format!("{case}/p50"), Unit::Micros, Sample::of(costs), targets[0]);
    bench.report.figure(&format!("{case}/p99"), Unit::Micros, p99, targets[1]);
    Ok(())
}
