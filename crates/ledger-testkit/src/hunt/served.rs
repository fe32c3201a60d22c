//! A server of the hunt's own: a process that serves a ledger over HTTP, to be killed and started again at the same address.

use std::io::{ErrorKind, Write};
use std::time::{Duration, Instant};

use ledger_server::{Options, Server};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;

use super::error::HuntError;
use super::part::Part;
use super::patience::patiently;
use super::process::{Process, Program};

/// How long a server may take to start.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long an address may stay taken that a server had which was killed.
const BIND_LIMIT: Duration = Duration::from_secs(10);
const BIND_PAUSE: Duration = Duration::from_millis(50);

/// A server, seen from the hunt.
#[derive(Debug)]
pub(super) struct Served {
    program: Program,
    /// The ledger that it serves.
    url: String,
    address: String,
    process: Process,
}

impl Served {
    /// Starts a server of the ledger at a URL, on a free port. Fails when it does not start.
    pub(super) async fn start(program: &Program, url: String) -> Result<Self, HuntError> {
        let (process, address) = launch(program, &url, "127.0.0.1:0").await?;
        Ok(Self { program: program.clone(), url, address, process })
    }

    /// Returns the URL of the server.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Kills the server, leaves it away for a while, and starts it again at the same address. Fails when it does not start.
    pub(super) async fn crash(&mut self, away: Duration) -> Result<(), HuntError> {
        self.process.kill().await;
        tokio::time::sleep(away).await;
        (self.process, _) = launch(&self.program, &self.url, &self.address).await?;
        Ok(())
    }
}

/// Starts a server and returns it with its address, once it listens.
async fn launch(program: &Program, url: &str, listen: &str) -> Result<(Process, String), HuntError> {
    let part = Part::Serve { url: url.to_owned(), listen: listen.to_owned() };
    let (process, said) = Process::start(program, &part).await?;
    let mut lines = BufReader::new(said).lines();
    match tokio::time::timeout(START_LIMIT, lines.next_line()).await {
        Ok(Ok(Some(address))) => Ok((process, address)),
        _ => Err(HuntError::io(format!("no server on {listen}"), ErrorKind::NotConnected.into())),
    }
}

/// Serves the ledger at a URL until it is killed, and says at which address. Fails when the ledger or the system does.
pub(super) async fn serve(url: &str, listen: &str) -> Result<(), HuntError> {
    let failed = |error| HuntError::io(format!("cannot serve on {listen}"), error);
    let ledger = patiently(|| backends::open(url)).await?;
    let listener = bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    writeln!(std::io::stdout(), "{address}").map_err(failed)?;
    Server::new(ledger, Options::default()).serve(listener, std::future::pending()).await.map_err(failed)
}

async fn bind(listen: &str) -> std::io::Result<TcpListener> {
    let start = Instant::now();
    loop {
        match TcpListener::bind(listen).await {
            Err(error) if error.kind() == ErrorKind::AddrInUse && start.elapsed() < BIND_LIMIT => {
                tokio::time::sleep(BIND_PAUSE).await;
            }
            bound => return bound,
        }
    }
}
