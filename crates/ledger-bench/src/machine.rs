//! What was measured on: figures of another machine are comparable by their ratios alone.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use crate::Result;
use crate::measure::{micros, percentile};

/// A machine, as far as it says what it is.
#[derive(Debug)]
pub(crate) struct Machine {
    cores: usize,
    processor: Option<String>,
    memory_bytes: Option<u64>,
    system: Option<String>,
    /// How long it takes until 4 KiB are on the disk, in microseconds: what a commit waits for.
    sync_p50: f64,
    sync_p99: f64,
}

impl Machine {
    /// Looks at this machine, and at the disk that a folder is on.
    pub(crate) fn look(folder: &Path) -> Result<Self> {
        let (sync_p50, sync_p99) = sync(folder)?;
        let memory = field("/proc/meminfo", "MemTotal").and_then(|text| text.trim_end_matches(" kB").parse().ok());
        Ok(Self {
            cores: std::thread::available_parallelism()?.get(),
            processor: field("/proc/cpuinfo", "model name"),
            memory_bytes: memory.map(|kibibytes: u64| kibibytes * 1_024),
            system: std::fs::read_to_string("/proc/sys/kernel/osrelease").ok().map(|text| text.trim().to_owned()),
            sync_p50,
            sync_p99,
        })
    }

    /// Returns it as one line.
    pub(crate) fn line(&self) -> String {
        let unknown = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
        let memory = self.memory_bytes.map_or_else(|| "?".to_owned(), |bytes| format!("{} GiB", bytes >> 30));
        format!(
            "{} cores ({}), {memory}, {}; 4 KiB are on the disk after {:.0} µs, 99 of 100 after {:.0} µs",
            self.cores,
            unknown(&self.processor),
            unknown(&self.system),
            self.sync_p50,
            self.sync_p99
        )
    }

    /// Says whether the JSON is of this machine: of the same processor, because the memory and the system of one machine change.
    pub(crate) fn is(&self, json: &Value) -> bool {
        let ours = self.json();
        ["cores", "processor"].into_iter().all(|field| ours["machine"][field] == json["machine"][field])
    }

    /// Returns it as JSON.
    pub(crate) fn json(&self) -> Value {
        json!({"machine": {
            "cores": self.cores,
            "processor": self.processor,
            "memory_bytes": self.memory_bytes,
            "system": self.system,
            "sync_us": {"p50": self.sync_p50, "p99": self.sync_p99},
        }})
    }
}

/// Reads a field of one of the files in which Linux describes itself.
fn field(file: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn sync(folder: &Path) -> Result<(f64, f64)> {
    const TIMES: usize = 200;
    let mut file = File::create(folder.join("sync"))?;
    let mut took = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let start = Instant::now();
        file.write_all(&[7; 4_096])?;
        file.sync_data()?;
        took.push(micros(start));
    }
    Ok((percentile(&mut took, 500), percentile(&mut took, 990)))
}
