//! The flags of `token`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};
use ledger_server::Scope;

/// What to do with the tokens that callers of a server show.
#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Makes a token and prints it, once: the file keeps its hash alone.
    ///
    /// With --json it prints {"name":NAME,"token":TOKEN,"scopes":[…]}. Whoever has the token may do what its scopes say, until
    /// it is revoked.
    #[command(after_help = "Examples:\n  ledger token new dashboard\n  \
                            ledger token new ci --scope append --scope read > ci.token")]
    New {
        /// A name that says whose it is, up to 100 bytes; each is there once.
        name: String,
        /// What it is for: read, append (which does not include reading) or admin, which is everything; may be given again.
        #[arg(long = "scope", value_name = "read|append|admin", default_value = "read")]
        scopes: Vec<Scope>,
        #[command(flatten)]
        place: TokenPlace,
    },
    /// Lists the tokens: their names, what they are for and when they were made.
    #[command(after_help = "Example: ledger token list --json | jq -r .name")]
    List {
        #[command(flatten)]
        place: TokenPlace,
    },
    /// Removes a token; a server that goes by the file refuses it within a second. Exit code 1 when there is none of the name.
    #[command(after_help = "Example: ledger token revoke ci")]
    Revoke {
        /// Its name.
        name: String,
        #[command(flatten)]
        place: TokenPlace,
    },
}

/// Where the tokens are.
#[derive(Debug, Args)]
pub(crate) struct TokenPlace {
    /// The file of tokens [default: LEDGER_TOKEN_FILE, else ledger-tokens.json here].
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
}
