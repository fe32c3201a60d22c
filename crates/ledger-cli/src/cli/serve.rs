//! The flags of `serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueHint};

/// Where to listen, and to whom.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The address and port; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7070")]
    pub(crate) listen: SocketAddr,
    /// A file of tokens, as `ledger token` writes it: callers show one of them [default: LEDGER_TOKEN_FILE].
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub(crate) tokens: Option<PathBuf>,
    /// Listens to other machines though there is no token: whoever reaches it may read and append.
    #[arg(long)]
    pub(crate) open: bool,
}
