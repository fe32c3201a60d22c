//! Runs a Postgres server from its programs, with durability as in production and as small as a test can bear.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};

use super::EngineError;
use super::guard::Guarded;
use super::host::{self, Unprivileged};

const USER: &str = "postgres";
const START_LIMIT: Duration = Duration::from_secs(60);
const TRIES: usize = 3;

/// A server of our own.
#[derive(Debug)]
pub(super) struct LocalServer {
    guarded: Guarded,
    pub(super) url: String,
}

/// Lists the folders that hold Postgres servers: what `PATH` has first, then Debian's, newest first.
pub(super) fn installed() -> Vec<PathBuf> {
    let whole = |bin: &PathBuf| bin.join("initdb").is_file() && bin.join("postgres").is_file();
    let on_path = host::program("initdb").and_then(|initdb| Some(initdb.canonicalize().ok()?.parent()?.to_owned()));
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(Result::ok);
    let mut versions: Vec<(u32, PathBuf)> = versions
        .map(|entry| (entry.file_name().to_string_lossy().parse().unwrap_or(0), entry.path().join("bin")))
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    on_path.into_iter().chain(versions.into_iter().map(|(_, bin)| bin)).filter(whole).collect()
}

impl LocalServer {
    /// Starts a fresh server from the programs in `bin`. Fails with the last line the server logged.
    pub(super) async fn start(bin: &Path) -> Result<Self, EngineError> {
        let mut last = None;
        for _ in 0..TRIES {
            // Between finding a free port and listening on it another process may take it.
            match Self::try_start(bin).await {
                Ok(server) => return Ok(server),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| EngineError::new("the server does not start")))
    }

    async fn try_start(bin: &Path) -> Result<Self, EngineError> {
        let user = Unprivileged::when_root();
        let folder = host::run_folder("ledger-postgres-", user)?;
        let bin = reachable_programs(bin, folder.path(), user)?;
        let password = format!("pw-{}", uuid::Uuid::new_v4().simple());
        init(&bin, folder.path(), user, &password)?;
        let port = host::free_port()?;
        let mut command = Command::new(bin.join("postgres"));
        command.arg("-D").arg(folder.path().join("cluster"));
        for setting in [
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={port}"),
            "unix_socket_directories=".to_owned(),
            "shared_buffers=64MB".to_owned(),
            "max_connections=200".to_owned(),
        ] {
            command.arg("-c").arg(setting);
        }
        let guarded = Guarded::start(folder, "QUIT", user, &command)?;
        let server = Self { guarded, url: format!("postgres://{USER}:{password}@127.0.0.1:{port}/postgres") };
        server.until_it_answers().await?;
        Ok(server)
    }

    /// Kills the server at once, as a crash would, without a last checkpoint.
    pub(super) fn kill(&self) -> Result<(), EngineError> {
        self.guarded.halt()
    }

    /// Starts the server again on the same port and files, and returns when it answers.
    pub(super) async fn start_again(&self) -> Result<(), EngineError> {
        self.guarded.start_again()?;
        self.until_it_answers().await
    }

    async fn until_it_answers(&self) -> Result<(), EngineError> {
        const PAUSE: Duration = Duration::from_millis(20);
        let start = Instant::now();
        loop {
            // A server tells nobody when it is ready, so asking is all that is left.
            match PgConnection::connect(&self.url).await {
                Ok(connection) => {
                    let _ = connection.close().await;
                    return Ok(());
                }
                Err(_) if start.elapsed() < START_LIMIT && !self.guarded.ended() => {
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => {
                    let words = self.guarded.last_words();
                    return Err(EngineError::new(format!("Postgres does not answer ({error}): {words}")));
                }
            }
        }
    }
}

/// Copies the programs into the server's folder when the user that will run them cannot reach them where they are.
fn reachable_programs(bin: &Path, folder: &Path, user: Option<Unprivileged>) -> Result<PathBuf, EngineError> {
    if user.is_none() || host::reachable(&bin.join("postgres")) {
        return Ok(bin.to_owned());
    }
    // The programs find their libraries and time zones relative to where they are, so all of it moves.
    let install = bin.parent().ok_or_else(|| EngineError::new("Postgres lies in no folder"))?;
    let copy = folder.join("install");
    host::copy_tree(install, &copy, user)?;
    Ok(copy.join("bin"))
}

fn init(bin: &Path, folder: &Path, user: Option<Unprivileged>, password: &str) -> Result<(), EngineError> {
    let secret = folder.join("password");
    std::fs::write(&secret, password)
        .and_then(|()| host::give(&secret, user))
        .map_err(|e| EngineError::new(format!("cannot write a password file: {e}")))?;
    let mut command = Command::new(bin.join("initdb"));
    command.arg("-D").arg(folder.join("cluster"));
    command.args(["--username", USER, "--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", "--no-sync"]);
    command.arg("--pwfile").arg(&secret).current_dir(folder);
    Unprivileged::drop_to(user, &mut command);
    host::run(&mut command).map(|_| ())
}
