//! `ledger generate`: prints what other programs need to watch a server, or to call it.

use ledger_server::generate::{dashboard, openapi, rules, scrape_config};

use crate::cli::Generate;
use crate::failure::Result;
use crate::output::Out;

/// Prints it.
pub(super) fn run(out: &mut Out, asked: Generate) -> Result<()> {
    match asked {
        Generate::PrometheusRules => out.bytes(rules().as_bytes()),
        Generate::GrafanaDashboard => out.bytes(dashboard().as_bytes()),
        Generate::ScrapeConfig => out.bytes(scrape_config().as_bytes()),
        Generate::Openapi => out.bytes(openapi().as_bytes()),
    }
}
