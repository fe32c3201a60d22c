//! The flags of `serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

/// Where to listen, and to whom.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The address and port; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7070")]
    pub(crate) listen: SocketAddr,
    /// Serves a sample in place of a ledger of yours: the week of a small warehouse, and what goes on there now. It
    /// is in memory, and gone when this ends.
    #[arg(long)]
    pub(crate) demo: bool,
    /// A file of tokens, as `ledger token` writes it: callers show one of them [default: LEDGER_TOKEN_FILE].
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub(crate) tokens: Option<PathBuf>,
    /// How each request is written to standard error.
    #[arg(long, value_enum, value_name = "FORM", default_value_t = Log::Text)]
    pub(crate) log: Log,
    /// Sends traces to the collector at this URL over OTLP/HTTP, as OTEL_EXPORTER_OTLP_ENDPOINT and its like do.
    #[cfg(feature = "otlp")]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) otlp: Option<String>,
    /// Listens to other machines though there is no token: whoever reaches it may read, append and remove.
    #[arg(long)]
    pub(crate) open: bool,
}

/// A form of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Log {
    /// A line for people.
    Text,
    /// A line of JSON.
    Json,
    /// Not at all.
    Off,
}
