//! Runs a real pgbouncer in transaction mode, because what a pooler breaks shows nowhere else.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};
use url::Url;

use super::guard::Guarded;
use super::host::{self, Unprivileged};
use super::{EngineError, PostgresServer};

const START_LIMIT: Duration = Duration::from_secs(20);
/// pgbouncer and the two libraries that a machine without it is likely to lack.
const DEBIAN_PACKAGES: [&str; 3] = ["pgbouncer", "libc-ares2", "libevent-2.1-7"];
const REMEDY: &str = "install pgbouncer";

/// A pooler before a server: each transaction may run in another session.
#[derive(Debug)]
pub struct Bouncer {
    _guarded: Guarded,
    port: u16,
}

struct Programs {
    pgbouncer: PathBuf,
    libraries: Option<PathBuf>,
}

impl Bouncer {
    /// Starts a pooler in transaction mode that holds at most `pool` sessions for each database of a server.
    ///
    /// Fails with one line when pgbouncer is neither installed nor to be had from Debian.
    pub async fn start(server: &PostgresServer, pool: u32) -> Result<Self, EngineError> {
        let user = Unprivileged::when_root();
        let folder = host::run_folder("ledger-pgbouncer-", user)?;
        let programs = find()?.copied_to(folder.path())?;
        let port = host::free_port()?;
        configure(folder.path(), server, port, pool)
            .map_err(|e| EngineError::new(format!("cannot configure pgbouncer: {e}")))?;
        let mut command = Command::new(&programs.pgbouncer);
        command.arg(folder.path().join("pgbouncer.ini"));
        if let Some(libraries) = &programs.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        let guarded = Guarded::start(folder, "KILL", user, &command)?;
        let bouncer = Self { _guarded: guarded, port };
        bouncer.until_it_answers(server.url()).await?;
        Ok(bouncer)
    }

    /// Returns the URL that leads to the same database through the pooler. Fails when `direct` is no URL.
    pub fn through(&self, direct: &str) -> Result<String, EngineError> {
        let bad = || EngineError::new("the database has no URL that a pooler could stand in for");
        let mut url = Url::parse(direct).map_err(|_| bad())?;
        url.set_host(Some("127.0.0.1")).map_err(|_| bad())?;
        url.set_port(Some(self.port)).map_err(|()| bad())?;
        Ok(url.into())
    }

    async fn until_it_answers(&self, direct: &str) -> Result<(), EngineError> {
        const PAUSE: Duration = Duration::from_millis(20);
        let url = self.through(direct)?;
        let start = Instant::now();
        loop {
            match PgConnection::connect(&url).await {
                Ok(connection) => {
                    let _ = connection.close().await;
                    return Ok(());
                }
                Err(_) if start.elapsed() < START_LIMIT => tokio::time::sleep(PAUSE).await,
                Err(error) => {
                    let words = self._guarded.last_words();
                    return Err(EngineError::new(format!("pgbouncer does not answer ({error}): {words}")));
                }
            }
        }
    }
}

impl Programs {
    /// Copies what was downloaded to where the user that runs it can reach it.
    fn copied_to(self, folder: &Path) -> Result<Self, EngineError> {
        let Some(libraries) = self.libraries else { return Ok(self) };
        let user = Unprivileged::when_root();
        host::copy_tree(&self.pgbouncer, &folder.join("pgbouncer"), user)?;
        host::copy_tree(&libraries, &folder.join("lib"), user)?;
        Ok(Self { pgbouncer: folder.join("pgbouncer"), libraries: Some(folder.join("lib")) })
    }
}

fn find() -> Result<Programs, EngineError> {
    if let Some(pgbouncer) = host::program("pgbouncer") {
        eprintln!("test engine: pgbouncer from {}", pgbouncer.display());
        return Ok(Programs { pgbouncer, libraries: None });
    }
    let home = host::downloads()?.join("pgbouncer");
    if !home.join("usr/sbin/pgbouncer").is_file() {
        download(&home).map_err(|e| EngineError::new(format!("no pgbouncer for the tests ({e}): {REMEDY}")))?;
    }
    let library = format!("usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    eprintln!("test engine: pgbouncer from Debian's package");
    Ok(Programs { pgbouncer: home.join("usr/sbin/pgbouncer"), libraries: Some(home.join(library)) })
}

/// Fetches Debian's package without installing it, which needs no root.
fn download(home: &Path) -> Result<(), EngineError> {
    let bad = |e: std::io::Error| EngineError::new(format!("cannot unpack pgbouncer: {e}"));
    let unpacked = host::unpacked_debian(&DEBIAN_PACKAGES)?;
    match std::fs::rename(unpacked.path().join(host::UNPACKED), home) {
        Err(_) if home.join("usr/sbin/pgbouncer").is_file() => Ok(()),
        other => other.map_err(bad),
    }
}

fn configure(folder: &Path, server: &PostgresServer, port: u16, pool: u32) -> std::io::Result<()> {
    let target = Url::parse(server.url()).map_err(std::io::Error::other)?;
    let (host, user) = (target.host_str().unwrap_or("127.0.0.1"), target.username());
    let users = folder.join("users.txt");
    std::fs::write(&users, format!("\"{user}\" \"{}\"\n", server.password()))?;
    let ini = format!(
        "[databases]\n\
         * = host={host} port={}\n\
         [pgbouncer]\n\
         listen_addr = 127.0.0.1\n\
         listen_port = {port}\n\
         unix_socket_dir =\n\
         auth_type = scram-sha-256\n\
         auth_file = {}\n\
         pool_mode = transaction\n\
         default_pool_size = {pool}\n\
         max_client_conn = 500\n\
         ignore_startup_parameters = extra_float_digits\n",
        server.port(),
        users.display(),
    );
    std::fs::write(folder.join("pgbouncer.ini"), ini)?;
    for file in ["users.txt", "pgbouncer.ini"] {
        host::give(&folder.join(file), Unprivileged::when_root())?;
    }
    Ok(())
}
