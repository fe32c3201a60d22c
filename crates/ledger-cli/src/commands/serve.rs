//! `ledger serve`: the ledger over HTTP.

use backends::Mode;
use ledger_server::{Auth, Hosts, Options, router, serve};
use tokio::net::TcpListener;

use crate::cli::Serve;
use crate::failure::{Failure, Result};
use crate::output::{Out, note};
use crate::place::Target;

const TOKEN: &str = "LEDGER_API_TOKEN";

/// Serves until it is told to stop, and answers what was asked before then.
pub(super) async fn run(out: &mut Out, target: &Target, asked: Serve) -> Result<()> {
    let auth = auth()?;
    let is_open = matches!(auth, Auth::Open);
    if is_open && !asked.listen.ip().is_loopback() && !asked.open {
        return Err(Failure::Usage(format!(
            "{} is reached from other machines, and there is no token: set {TOKEN}, or give --open",
            asked.listen
        )));
    }
    let ledger = target.open(Mode::Create).await?;
    let failed = |error| Failure::io(format!("cannot listen on {}", asked.listen), error);
    // Heard from now on: whoever reads that it serves may tell it to stop.
    let stop = told_to_stop();
    let listener = TcpListener::bind(asked.listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    out.line(format!("serving {} at http://{address}", target.parsed))?;
    out.line(if is_open { "auth: none" } else { "auth: bearer token" })?;
    out.flush()?;
    if is_open {
        note(&format!("warning: everybody who can reach {address} may read and append; {TOKEN} asks for a token"));
    }
    let mut options = Options::with(auth);
    if asked.open {
        options.hosts = Hosts::Any;
    }
    serve(listener, router(ledger, options), stop).await.map_err(failed)?;
    out.line("stopped")
}

/// Reads the token. Refuses one that is too short to keep anybody out.
fn auth() -> Result<Auth> {
    const SHORTEST: usize = 16;
    match std::env::var(TOKEN) {
        Ok(token) if token.trim().is_empty() => Ok(Auth::Open),
        Ok(token) if !token.trim().bytes().all(|byte| byte.is_ascii_graphic()) => {
            Err(Failure::Usage(format!("{TOKEN} has other characters than letters, digits and signs of ASCII")))
        }
        Ok(token) if token.trim().len() < SHORTEST => {
            Err(Failure::Usage(format!("{TOKEN} is shorter than {SHORTEST} characters: choose a longer one")))
        }
        Ok(token) => Ok(Auth::token(token.trim())),
        Err(std::env::VarError::NotPresent) => Ok(Auth::Open),
        Err(std::env::VarError::NotUnicode(_)) => Err(Failure::Usage(format!("{TOKEN} is not UTF-8"))),
    }
}

/// Resolves on Ctrl-C, and on SIGTERM where there is one, from when it is called.
fn told_to_stop() -> impl Future<Output = ()> + Send + 'static {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
        async move {
            let heard = signals.into_iter().flatten().map(|mut signal| Box::pin(async move { signal.recv().await }));
            let heard: Vec<_> = heard.collect();
            if heard.is_empty() {
                return std::future::pending().await;
            }
            drop(futures::future::select_all(heard).await);
        }
    }
    #[cfg(not(unix))]
    async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
