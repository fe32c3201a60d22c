//! Runs a real nginx before a server, with the site that is shipped: what a proxy keeps back or cuts off shows nowhere else.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::EngineError;
use super::guard::Guarded;
use super::host::{self, Unprivileged};

const START_LIMIT: Duration = Duration::from_secs(20);
const REMEDY: &str = "install nginx";

/// A proxy, which ends with this value.
#[derive(Debug)]
pub struct Nginx {
    guarded: Guarded,
    port: u16,
}

impl Nginx {
    /// Starts a proxy with some files in its folder and a site, which is told a free port and that folder.
    ///
    /// Fails with one line when nginx is neither installed nor to be had from Debian, or does not take the site.
    pub fn start(files: &[(&str, &str)], site: impl FnOnce(u16, &Path) -> String) -> Result<Self, EngineError> {
        let user = Unprivileged::when_root();
        let folder = host::run_folder("ledger-nginx-", user)?;
        let program = find()?;
        let home = folder.path().join("nginx");
        host::copy_tree(&program, &home, user)?;
        let port = host::free_port()?;
        let site = site(port, folder.path());
        let bad = |error| EngineError::new(format!("cannot configure nginx: {error}"));
        for (name, content) in files.iter().copied().chain([("site.conf", site.as_str()), ("nginx.conf", MAIN)]) {
            let path = folder.path().join(name);
            std::fs::write(&path, content).and_then(|()| host::give(&path, user)).map_err(bad)?;
        }
        let mut command = Command::new(home);
        command.arg("-p").arg(folder.path()).args(["-c", "nginx.conf", "-e", "stderr"]);
        let nginx = Self { guarded: Guarded::start(folder, "TERM", user, &command)?, port };
        nginx.until_it_listens()?;
        Ok(nginx)
    }

    /// Returns the port it was given.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    fn until_it_listens(&self) -> Result<(), EngineError> {
        const PAUSE: Duration = Duration::from_millis(20);
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if start.elapsed() > START_LIMIT || self.guarded.ended() {
                return Err(EngineError::new(format!("nginx does not listen: {}", self.guarded.last_words())));
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }
}

/// What stands around a site: everything is in one folder, and nothing in the background.
const MAIN: &str = "\
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include site.conf;
}
";

fn find() -> Result<PathBuf, EngineError> {
    if let Some(nginx) = host::program("nginx") {
        eprintln!("test engine: nginx from {}", nginx.display());
        return Ok(nginx);
    }
    let home = host::downloads()?.join("nginx");
    if !home.is_file() {
        host::keep_debian("nginx", "usr/sbin/nginx", &home)
            .map_err(|e| EngineError::new(format!("no nginx for the tests ({e}): {REMEDY}")))?;
    }
    eprintln!("test engine: nginx from Debian's package");
    Ok(home)
}
