//! What `generate` prints.

use clap::Subcommand;

/// What to print for those who watch a server, or call it.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum Generate {
    /// Rules for Prometheus: what to record, and what to alert on.
    #[command(after_help = "Example: ledger generate prometheus-rules > /etc/prometheus/ledger-rules.yml")]
    PrometheusRules,
    /// A dashboard to be imported by Grafana 10 or later.
    #[command(after_help = "Example: ledger generate grafana-dashboard > ledger.json")]
    GrafanaDashboard,
    /// The part of Prometheus's configuration that scrapes a server, with a token.
    #[command(after_help = "Examples:\n  ledger generate scrape-config\n  \
                            ledger token new prometheus --scope read > /etc/prometheus/ledger.token")]
    ScrapeConfig,
    /// The OpenAPI document of a server that asks for tokens, as it answers it at /openapi.json.
    #[command(after_help = "Example: ledger generate openapi > openapi.json")]
    Openapi,
}
