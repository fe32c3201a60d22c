//! Finds or starts the Postgres server of this test process, and hands out fresh databases on it.

use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::sync::OnceCell;
use url::Url;

use super::docker::{self, DockerServer};
use super::local::{self, LocalServer};
use super::{EngineError, wheel};

/// The variable that names a server to test on instead of starting one. The tests create databases there.
pub const URL_VARIABLE: &str = "LEDGER_TEST_POSTGRES_URL";
/// The variable that allows one engine only: `url`, `docker`, `local` or `wheel`.
pub const ENGINE_VARIABLE: &str = "LEDGER_TEST_POSTGRES_ENGINE";

const REMEDY: &str = "install PostgreSQL 14 or newer, start Docker, or set LEDGER_TEST_POSTGRES_URL";

/// A Postgres server that tests may do with as they like.
#[derive(Debug)]
pub struct PostgresServer {
    engine: Engine,
    url: Url,
    collation: Option<String>,
}

#[derive(Debug)]
enum Engine {
    Given,
    Docker { _server: Box<DockerServer> },
    Local(LocalServer),
}

/// Returns the one server of this process, found or started at the first call.
///
/// In this order: what [`URL_VARIABLE`] names, a container, the programs installed here, the programs of a wheel.
/// Fails with one line when none is to be had.
pub async fn postgres() -> Result<&'static PostgresServer, EngineError> {
    static SERVER: OnceCell<Result<PostgresServer, EngineError>> = OnceCell::const_new();
    SERVER.get_or_init(find).await.as_ref().map_err(Clone::clone)
}

/// Starts a server for one test alone, which may kill and restart it; never the one that [`URL_VARIABLE`] names.
pub async fn private_postgres() -> Result<PostgresServer, EngineError> {
    let bin = match allowed("local").then(local::installed).and_then(|found| found.into_iter().next()) {
        Some(bin) => bin,
        None => wheel::postgres().map_err(|e| EngineError::new(format!("no Postgres to restart ({e}): {REMEDY}")))?,
    };
    let server = LocalServer::start(&bin).await?;
    let url = server.url.clone();
    PostgresServer::new(Engine::Local(server), &url).await
}

fn allowed(engine: &str) -> bool {
    std::env::var(ENGINE_VARIABLE).map_or(true, |only| only.is_empty() || only == engine)
}

async fn find() -> Result<PostgresServer, EngineError> {
    let mut tried = Vec::new();
    if let Ok(url) = std::env::var(URL_VARIABLE)
        && allowed("url")
    {
        // Whoever names a server means it: falling back to another would test what nobody asked for.
        let server = PostgresServer::new(Engine::Given, &url).await?;
        return Ok(server.announced(&format!("what {URL_VARIABLE} names")).await);
    }
    if allowed("docker") && docker::answers().await {
        match DockerServer::postgres().await {
            Ok(server) => {
                let url = server.url.clone();
                let server = PostgresServer::new(Engine::Docker { _server: Box::new(server) }, &url).await?;
                return Ok(server.announced("a container").await);
            }
            Err(error) => tried.push(error.to_string()),
        }
    }
    let installed = if allowed("local") { local::installed() } else { Vec::new() };
    for bin in installed {
        match PostgresServer::local(&bin).await {
            Ok(server) => return Ok(server),
            Err(error) => tried.push(error.to_string()),
        }
    }
    if allowed("wheel") {
        match wheel::postgres() {
            Ok(bin) => return PostgresServer::local(&bin).await,
            Err(error) => tried.push(error.to_string()),
        }
    }
    let tried = if tried.is_empty() { "nothing found".to_owned() } else { tried.join("; ") };
    Err(EngineError::new(format!("no Postgres for the tests ({tried}): {REMEDY}")))
}

impl PostgresServer {
    async fn local(bin: &std::path::Path) -> Result<Self, EngineError> {
        let server = LocalServer::start(bin).await?;
        let url = server.url.clone();
        let server = Self::new(Engine::Local(server), &url).await?;
        Ok(server.announced(&bin.display().to_string()).await)
    }

    async fn new(engine: Engine, url: &str) -> Result<Self, EngineError> {
        let url = Url::parse(url).map_err(|e| EngineError::new(format!("{URL_VARIABLE} is no URL: {e}")))?;
        let mut server = Self { engine, url, collation: None };
        // Databases in the wild sort `a_b` and `a.b` by language; a byte-wise one would hide what relies on bytes.
        let icu = "select collcollate is null from pg_collation where collname = 'en-US-x-icu'";
        if server.ask(icu).await.is_ok_and(|found| found.is_some()) {
            server.collation = Some("locale_provider icu icu_locale 'en-US' locale 'C'".to_owned());
        }
        server.ask("select true").await?;
        Ok(server)
    }

    async fn announced(self, from: &str) -> Self {
        let version = self.version().await.unwrap_or_else(|e| e.to_string());
        let collation = self.collation.as_deref().map_or("its own collation", |_| "collation en-US");
        eprintln!("test engine: postgres {version} from {from}, {collation}");
        self
    }

    async fn version(&self) -> Result<String, EngineError> {
        let mut connection = self.connect().await?;
        let version: String = sqlx::query_scalar("select current_setting('server_version')")
            .fetch_one(&mut connection)
            .await
            .map_err(|e| EngineError::new(format!("Postgres does not say its version: {e}")))?;
        Ok(version.split(' ').next().unwrap_or_default().to_owned())
    }

    async fn ask(&self, question: &'static str) -> Result<Option<bool>, EngineError> {
        let mut connection = self.connect().await?;
        let answer = sqlx::query_scalar(question).fetch_optional(&mut connection).await;
        answer.map_err(|e| EngineError::new(format!("Postgres does not answer: {e}")))
    }

    async fn connect(&self) -> Result<PgConnection, EngineError> {
        let connection = PgConnection::connect(self.url.as_str()).await;
        connection.map_err(|e| EngineError::new(format!("Postgres does not let us in: {e}")))
    }

    /// Returns the URL of the maintenance database, with the password of a superuser.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Returns the port the server listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.url.port().unwrap_or(5432)
    }

    /// Returns the password of the superuser.
    #[must_use]
    pub fn password(&self) -> &str {
        self.url.password().unwrap_or_default()
    }

    /// Creates an empty database and returns its URL. Fails when the server does.
    pub async fn fresh_database(&self) -> Result<String, EngineError> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let name =
            format!("ledger_test_{}_{next}_{}", std::process::id(), &uuid::Uuid::new_v4().simple().to_string()[..8]);
        let collation = self.collation.as_deref().unwrap_or_default();
        self.execute(&format!("create database {name} template template0 encoding 'UTF8' {collation}")).await?;
        let mut url = self.url.clone();
        url.set_path(&name);
        Ok(url.into())
    }

    /// Runs statements as superuser in the maintenance database. Fails when one does.
    pub async fn execute(&self, sql: &str) -> Result<(), EngineError> {
        let mut connection = self.connect().await?;
        let done = connection.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await;
        done.map_err(|e| EngineError::new(format!("Postgres refuses `{sql}`: {e}")))?;
        let _ = connection.close().await;
        Ok(())
    }

    /// Kills the server as a crash would; it stays away until [`Self::start_again`]. Fails on a server that is not ours.
    pub async fn kill(&self) -> Result<(), EngineError> {
        self.ours()?.kill()
    }

    /// Starts a killed server on the same port and files, and returns when it answers.
    pub async fn start_again(&self) -> Result<(), EngineError> {
        self.ours()?.start_again().await
    }

    /// Kills the server as a crash would, starts it again on the same port and files, and returns when it answers.
    pub async fn restart(&self) -> Result<(), EngineError> {
        self.kill().await?;
        self.start_again().await
    }

    fn ours(&self) -> Result<&LocalServer, EngineError> {
        match &self.engine {
            Engine::Local(server) => Ok(server),
            Engine::Given | Engine::Docker { .. } => Err(EngineError::new("only a private server may be restarted")),
        }
    }
}
