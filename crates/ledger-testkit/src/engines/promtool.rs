//! Finds promtool, which reads metrics and rules as Prometheus does: what it refuses, nobody can be watched by.

use std::path::PathBuf;

use super::EngineError;
use super::host;

/// The variable that says, when it is `1`, that what promtool would check is not checked.
pub const WITHOUT_PROMTOOL_VARIABLE: &str = "LEDGER_TEST_WITHOUT_PROMTOOL";
const REMEDY: &str = "install Debian's package `prometheus`, or set LEDGER_TEST_WITHOUT_PROMTOOL=1";

/// Returns promtool from `PATH`, else from Debian's package, which is not installed for it; nothing when
/// [`WITHOUT_PROMTOOL_VARIABLE`] says to do without.
///
/// Fails with one line when it is neither there nor to be had.
pub fn promtool() -> Result<Option<PathBuf>, EngineError> {
    if std::env::var(WITHOUT_PROMTOOL_VARIABLE).is_ok_and(|value| value == "1") {
        eprintln!("NOT CHECKED by promtool: {WITHOUT_PROMTOOL_VARIABLE} is set");
        return Ok(None);
    }
    if let Some(found) = host::program("promtool") {
        eprintln!("test engine: promtool from {}", found.display());
        return Ok(Some(found));
    }
    let home = host::downloads()?.join("promtool");
    if !home.is_file() {
        host::keep_debian("prometheus", "usr/bin/promtool", &home)
            .map_err(|e| EngineError::new(format!("no promtool for the tests ({e}): {REMEDY}")))?;
    }
    eprintln!("test engine: promtool from Debian's package");
    Ok(Some(home))
}
