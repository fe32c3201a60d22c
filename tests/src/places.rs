//! The backends under test: each gives the laws an empty ledger of its own, through a URL.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use ledger_core::{Ledger, Result};
use ledger_server::{Options, Server};
use ledger_testkit::engines::{clickhouse, postgres};
use ledger_testkit::{Backend, Place};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A ledger behind a URL, and the folder that lives as long as it.
#[derive(Debug)]
pub struct UrlPlace {
    /// Where the ledger is.
    pub url: String,
    _folder: Option<tempfile::TempDir>,
}

impl UrlPlace {
    /// Returns a place for a SQLite file in a new folder.
    #[must_use]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("the temporary folder can be written");
        let url = file_url(&folder.path().join("ledger.db"));
        Self { url, _folder: Some(folder) }
    }

    /// Returns a place for a schema in a new database of the server that the tests share.
    pub async fn postgres() -> Self {
        let server = postgres().await.unwrap_or_else(|error| panic!("{error}"));
        let url = server.fresh_database().await.unwrap_or_else(|error| panic!("{error}"));
        Self { url: format!("{url}?schema=ledger&pool=4"), _folder: None }
    }

    /// Opens the ledger, creating it when there is none. Panics when that fails.
    pub async fn open_url(&self) -> Arc<dyn Ledger> {
        backends::open(&self.url).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Returns a place for a new database of the ClickHouse server that the tests share.
    pub async fn clickhouse() -> Self {
        let server = clickhouse().await.unwrap_or_else(|error| panic!("{error}"));
        let url = server.fresh_database().await.unwrap_or_else(|error| panic!("{error}"));
        Self { url: format!("{url}?pool=4"), _folder: None }
    }
}

/// Returns the URL of a file.
#[must_use]
pub fn file_url(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

#[async_trait]
impl Place for UrlPlace {
    async fn open(&self) -> Result<Arc<dyn Ledger>> {
        backends::open(&self.url).await
    }
}

/// Ledgers in this process.
#[derive(Clone, Copy, Debug)]
pub struct Memory;

/// Ledgers in files, each in a folder of its own.
#[derive(Clone, Copy, Debug)]
pub struct Sqlite;

/// Ledgers on a Postgres server, each in a database of its own.
#[derive(Clone, Copy, Debug)]
pub struct Postgres;

#[derive(Debug)]
struct SameHandle(Arc<dyn Ledger>);

#[async_trait]
impl Place for SameHandle {
    async fn open(&self) -> Result<Arc<dyn Ledger>> {
        Ok(self.0.clone())
    }
}

#[async_trait]
impl Backend for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }

    async fn fresh(&self) -> Box<dyn Place> {
        Box::new(SameHandle(backends::open("memory:").await.expect("memory is always there")))
    }
}

#[async_trait]
impl Backend for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    async fn fresh(&self) -> Box<dyn Place> {
        Box::new(UrlPlace::sqlite())
    }
}

#[async_trait]
impl Backend for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    async fn fresh(&self) -> Box<dyn Place> {
        Box::new(UrlPlace::postgres().await)
    }
}

/// Ledgers on a ClickHouse server, each in a database of its own.
#[derive(Clone, Copy, Debug)]
pub struct ClickHouse;

#[async_trait]
impl Backend for ClickHouse {
    fn name(&self) -> &'static str {
        "clickhouse"
    }

    async fn fresh(&self) -> Box<dyn Place> {
        Box::new(UrlPlace::clickhouse().await)
    }
}

/// A ledger behind a server in this process, which stops when the place is gone.
#[derive(Debug)]
pub struct ServedPlace {
    /// Where the server is.
    pub url: String,
    /// What it serves.
    pub behind: UrlPlace,
    _stop: oneshot::Sender<()>,
}

impl ServedPlace {
    /// Serves the ledger of a place. Panics when that fails.
    pub async fn new(behind: UrlPlace, options: Options) -> Self {
        let (url, stop) = serve(behind.open_url().await, options).await;
        Self { url: format!("{url}?pool=4"), behind, _stop: stop }
    }
}

/// Serves a ledger in the runtime of the test until what comes with its URL is dropped. Panics when that fails.
pub async fn serve(ledger: Arc<dyn Ledger>, options: Options) -> (String, oneshot::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("this machine has a port left");
    let address = listener.local_addr().expect("a bound socket has an address");
    let (stop, stopped) = oneshot::channel();
    // In the runtime of the test, and no longer than it.
    tokio::spawn(Server::new(ledger, options).serve(listener, async move {
        // It is gone when nobody needs the server any more.
        let _: std::result::Result<(), _> = stopped.await;
    }));
    (format!("http://{address}"), stop)
}

#[async_trait]
impl Place for ServedPlace {
    async fn open(&self) -> Result<Arc<dyn Ledger>> {
        backends::open(&self.url).await
    }
}

/// Ledgers in files, each behind a server of its own.
#[derive(Clone, Copy, Debug)]
pub struct HttpSqlite;

/// Ledgers on a Postgres server, each behind a server of its own.
#[derive(Clone, Copy, Debug)]
pub struct HttpPostgres;

#[async_trait]
impl Backend for HttpSqlite {
    fn name(&self) -> &'static str {
        "http"
    }

    async fn fresh(&self) -> Box<dyn Place> {
        Box::new(ServedPlace::new(UrlPlace::sqlite(), Options::default()).await)
    }
}

#[async_trait]
impl Backend for HttpPostgres {
    fn name(&self) -> &'static str {
        "http"
    }

    async fn fresh(&self) -> Box<dyn Place> {
        Box::new(ServedPlace::new(UrlPlace::postgres().await, Options::default()).await)
    }
}
