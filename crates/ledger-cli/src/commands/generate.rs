//! `ledger generate`: prints what Prometheus and Grafana need to watch a server.

use ledger_server::generate::{dashboard, rules, scrape_config};

use crate::cli::Generate;
use crate::failure::Result;
use crate::output::Out;

/// Prints it.
pub(super) fn run(out: &mut Out, asked: Generate) -> Result<()> {
    match asked {
        Generate::PrometheusRules => out.bytes(rules().as_bytes()),
        Generate::GrafanaDashboard => out.bytes(dashboard().as_bytes()),
        Generate::ScrapeConfig => out.bytes(scrape_config().as_bytes()),
    }
}
