//! The flags of `serve`.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use backends::{LedgerUrl, Mode, Place};
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
    /// A replica of the ledger, which `ledger replicate` carries on: the page and the metrics show under NAME how far it is
    /// behind. Give one for each. A server (https://…) needs a token of its own in the URL, when LEDGER_API_TOKEN is set.
    #[arg(long = "replica", value_name = "NAME=URL", value_parser = parse_replica)]
    pub(crate) replicas: Vec<NamedUrl>,
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

/// A ledger, and what it is called.
#[derive(Clone)]
pub(crate) struct NamedUrl {
    pub(crate) name: String,
    /// With its password: for opening only.
    pub(crate) url: String,
}

/// A URL may hold a password.
impl fmt::Debug for NamedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedUrl").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Reads a name and a URL, which may have a `=`, too.
fn parse_replica(text: &str) -> Result<NamedUrl, String> {
    let named = text.split_once('=').filter(|(name, _)| !name.contains([':', '/']));
    let (name, url) = named.ok_or("it has no name: write NAME=URL, such as history=replica.db")?;
    let parsed = LedgerUrl::parse(url).map_err(|error| error.to_string())?;
    match &parsed.place {
        Place::Memory => return Err("`memory:` is a ledger within one process, and no replica is there".to_owned()),
        // It would be told the token of this server, and could use it here.
        Place::Http(place)
            if !place.has_token() && std::env::var_os("LEDGER_API_TOKEN").is_some_and(|token| !token.is_empty()) =>
        {
            let why = "LEDGER_API_TOKEN is the token of this server: give the replica one of its own, as \
                       https://:TOKEN@HOST or with ?token_file=PATH";
            return Err(why.to_owned());
        }
        _ => {}
    }
    if parsed.mode.is_some_and(|mode| mode != Mode::ReadOnly) {
        return Err("a replica is only read here: leave out `mode=`".to_owned());
    }
    if name.is_empty() || name.len() > 200 || name.contains(char::is_control) {
        return Err("a name has 1 to 200 bytes without control characters".to_owned());
    }
    Ok(NamedUrl { name: name.to_owned(), url: url.to_owned() })
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
