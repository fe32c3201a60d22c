//! Finds or starts the ClickHouse server of this test process, and hands out fresh databases on it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use url::Url;

use super::EngineError;
use super::clickhouse_local::{LocalServer, Program, check_version, until_it_answers};
use super::docker::{self, DockerServer};

/// The variable that names a server to test on instead of starting one. The tests create databases and users there.
pub const CLICKHOUSE_URL_VARIABLE: &str = "LEDGER_TEST_CLICKHOUSE_URL";
/// The variable that allows one engine only: `url`, `docker`, `local` or `wheel`.
pub const CLICKHOUSE_ENGINE_VARIABLE: &str = "LEDGER_TEST_CLICKHOUSE_ENGINE";

const REMEDY: &str = "install ClickHouse 25.3 or newer, or Python 3.9 or newer with pip, start Docker, \
                      or set LEDGER_TEST_CLICKHOUSE_URL";
const ANSWER_LIMIT: Duration = Duration::from_secs(120);

/// A ClickHouse server that tests may do with as they like.
#[derive(Debug)]
pub struct ClickHouseServer {
    engine: Engine,
    url: Url,
}

/// What a user may do whom a test gives to the code under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// Connect, and nothing else.
    Nothing,
    /// Read every table of the database.
    Read,
    /// Everything, under a profile that switches off or tears whatever a profile can. Only servers of our own have it.
    Careless,
}

#[derive(Debug)]
enum Engine {
    Given,
    Docker { _server: Box<DockerServer> },
    Local(Box<LocalServer>),
}

/// Whether the wheel may run a server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wheel {
    Allowed,
    Forbidden,
}

/// Returns the one server of this process, found or started at the first call.
///
/// In this order: what [`CLICKHOUSE_URL_VARIABLE`] names, a container, a program installed here, the server in a wheel. Fails with one line when none is to be had.
pub async fn clickhouse() -> Result<&'static ClickHouseServer, EngineError> {
    static SERVER: OnceCell<Result<ClickHouseServer, EngineError>> = OnceCell::const_new();
    SERVER.get_or_init(find).await.as_ref().map_err(Clone::clone)
}

/// Starts a server for one test alone, which may kill and restart it; never a container, nor one that a URL names.
///
/// Fails with one line when neither a program nor the wheel can be had.
pub async fn private_clickhouse() -> Result<ClickHouseServer, EngineError> {
    start_own(Wheel::Allowed, Vec::new()).await
}

/// Runs one statement as the user and in the database of a URL, and returns the answer as [`ClickHouseServer::query`]
/// does. Fails when the statement does.
pub async fn clickhouse_query(url: &str, sql: &str) -> Result<String, EngineError> {
    let url = Url::parse(url).map_err(|e| EngineError::new(format!("the database has no URL: {e}")))?;
    ask(&url, sql).await
}

fn allowed(engine: &str) -> bool {
    std::env::var(CLICKHOUSE_ENGINE_VARIABLE).map_or(true, |only| only.is_empty() || only == engine)
}

async fn find() -> Result<ClickHouseServer, EngineError> {
    let mut tried = Vec::new();
    if let Ok(given) = std::env::var(CLICKHOUSE_URL_VARIABLE)
        && allowed("url")
    {
        // Whoever names a server means it: falling back to another would test what nobody asked for.
        let from = format!("what {CLICKHOUSE_URL_VARIABLE} names");
        let server = ClickHouseServer::new(Engine::Given, given_url(&given)?, &from).await;
        return server.map_err(|e| EngineError::new(format!("{from} is no server for the tests ({e}): correct it")));
    }
    if allowed("docker") && docker::answers().await {
        match in_docker().await {
            Ok(server) => return Ok(server),
            Err(error) => tried.push(error.to_string()),
        }
    }
    let wheel = if allowed("wheel") { Wheel::Allowed } else { Wheel::Forbidden };
    start_own(wheel, tried).await
}

async fn in_docker() -> Result<ClickHouseServer, EngineError> {
    let server = DockerServer::clickhouse().await?;
    let url = Url::parse(&server.url).map_err(|e| EngineError::new(format!("the container has no URL: {e}")))?;
    until_it_answers(&url, || false).await?;
    ClickHouseServer::new(Engine::Docker { _server: Box::new(server) }, url, "a container").await
}

/// Starts the first server of our own that will do. Fails with all that was tried.
async fn start_own(wheel: Wheel, mut tried: Vec<String>) -> Result<ClickHouseServer, EngineError> {
    let installed = if allowed("local") { Program::installed() } else { Vec::new() };
    for program in installed {
        match ClickHouseServer::local(&program).await {
            Ok(server) => return Ok(server),
            Err(error) => tried.push(error.to_string()),
        }
    }
    if wheel == Wheel::Allowed {
        match Program::from_wheel() {
            Ok(program) => return ClickHouseServer::local(&program).await,
            Err(error) => tried.push(error.to_string()),
        }
    }
    let tried = if tried.is_empty() { "nothing found".to_owned() } else { tried.join("; ") };
    Err(EngineError::new(format!("no ClickHouse for the tests ({tried}): {REMEDY}")))
}

impl ClickHouseServer {
    async fn local(program: &Program) -> Result<Self, EngineError> {
        let server = LocalServer::start(program).await?;
        let url = server.url.clone();
        Self::new(Engine::Local(Box::new(server)), url, &program.to_string()).await
    }

    async fn new(engine: Engine, url: Url, from: &str) -> Result<Self, EngineError> {
        let server = Self { engine, url };
        let version = server.query("SELECT version()").await?;
        let version = version.trim();
        check_version(version, from)?;
        announce(format!("test engine: clickhouse {version} from {from}"));
        Ok(server)
    }

    /// Returns the URL of the database `default`, `clickhouse://user:password@host:port/default`, for a user with all
    /// rights.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Returns the port the server listens on for HTTP.
    #[must_use]
    pub fn port(&self) -> u16 {
        port(&self.url)
    }

    /// Returns the port of the native protocol, which a ledger does not speak. Fails for a server that is not ours.
    pub fn native_port(&self) -> Result<u16, EngineError> {
        match &self.engine {
            Engine::Local(server) => Ok(server.native_port),
            Engine::Given | Engine::Docker { .. } => {
                Err(EngineError::new("only a server of our own says which port its native protocol has"))
            }
        }
    }

    /// Returns the password of the user with all rights.
    #[must_use]
    pub fn password(&self) -> String {
        decoded(self.url.password().unwrap_or_default())
    }

    /// Creates an empty database and returns its URL. Fails when the server does.
    pub async fn fresh_database(&self) -> Result<String, EngineError> {
        let name = fresh_name();
        // The wheel's default is an engine that keeps no promises of a server's.
        self.execute(&format!("CREATE DATABASE {name} ENGINE = Atomic")).await?;
        let mut url = self.url.clone();
        url.set_path(&name);
        url.set_query(None);
        Ok(url.into())
    }

    /// Returns the URL of the same database for a user with fewer rights. Fails when the server lets us create none.
    pub async fn url_as(&self, rights: Rights, database_url: &str) -> Result<String, EngineError> {
        let bad = || EngineError::new("the database has no URL that another user could have");
        let mut url = Url::parse(database_url).map_err(|_| bad())?;
        let user = match (&self.engine, rights) {
            // They are in its configuration, with the password of all.
            (Engine::Local(_), Rights::Nothing) => "stranger".to_owned(),
            (Engine::Local(_), Rights::Read) => "reader".to_owned(),
            (Engine::Local(_), Rights::Careless) => "careless".to_owned(),
            (Engine::Given | Engine::Docker { .. }, Rights::Careless) => {
                return Err(EngineError::new("only a server of our own has a careless profile"));
            }
            (Engine::Given | Engine::Docker { .. }, _) => {
                let user = self.fresh_user(rights, database(&url)).await?;
                url.set_password(Some(&user)).map_err(|()| bad())?;
                user
            }
        };
        url.set_username(&user).map_err(|()| bad())?;
        Ok(url.into())
    }

    /// Creates a user whose password is their name.
    async fn fresh_user(&self, rights: Rights, database: &str) -> Result<String, EngineError> {
        let user = fresh_name();
        self.execute(&format!("CREATE USER {user} IDENTIFIED BY '{user}'")).await?;
        if rights == Rights::Read {
            self.execute(&format!("GRANT SELECT ON {database}.* TO {user}")).await?;
        }
        Ok(user)
    }

    /// Runs one statement in the database `default`. Fails when it does.
    pub async fn execute(&self, sql: &str) -> Result<(), EngineError> {
        self.query(sql).await.map(|_| ())
    }

    /// Runs one statement in the database `default` and returns the answer, values between tabs and a line for each
    /// row. Fails when the statement does.
    pub async fn query(&self, sql: &str) -> Result<String, EngineError> {
        ask(&self.url, sql).await
    }

    /// Kills the server as a crash would; it stays away until [`Self::start_again`]. Fails on a server that is not ours.
    pub async fn kill(&self) -> Result<(), EngineError> {
        self.ours()?.kill()
    }

    /// Starts a killed server on the same port and files, and returns when it answers. Fails on one that is not ours.
    pub async fn start_again(&self) -> Result<(), EngineError> {
        self.ours()?.start_again().await
    }

    /// Kills the server as a crash would, starts it again on the same port and files, and returns when it answers.
    ///
    /// Fails on a server that is not ours.
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

/// Runs one statement where a URL leads and returns the answer as text. Fails when it does, or takes two minutes.
pub(super) async fn ask(url: &Url, sql: &str) -> Result<String, EngineError> {
    // A client of its own, because the connections of one that is kept end with the runtime of the test that made them.
    let client = clickhouse::Client::default()
        .with_url(format!("http://{}:{}", url.host_str().unwrap_or_default(), port(url)))
        .with_user(decoded(url.username()))
        .with_password(decoded(url.password().unwrap_or_default()))
        .with_database(database(url));
    let answer = async { client.query_raw(sql).fetch_bytes("TabSeparated")?.collect().await };
    let start = sql.get(..200).unwrap_or(sql);
    match tokio::time::timeout(ANSWER_LIMIT, answer).await {
        Ok(Ok(bytes)) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Ok(Err(error)) => Err(EngineError::new(format!("ClickHouse fails at `{start}`: {error}"))),
        Err(_) => Err(EngineError::new(format!("ClickHouse has no answer to `{start}` within {ANSWER_LIMIT:?}"))),
    }
}

/// Reads a URL that somebody set, which may also begin with `http:`.
fn given_url(text: &str) -> Result<Url, EngineError> {
    let form = "`clickhouse://USER:PASSWORD@HOST:8123`, without TLS";
    let bad = || EngineError::new(format!("{CLICKHOUSE_URL_VARIABLE} has to be {form}"));
    let (scheme, rest) = text.trim().split_once("://").ok_or_else(bad)?;
    if !matches!(scheme, "clickhouse" | "http") {
        return Err(bad());
    }
    let mut url = Url::parse(&format!("clickhouse://{rest}")).map_err(|_| bad())?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err(bad());
    }
    if url.username().is_empty() {
        url.set_username("default").map_err(|()| bad())?;
    }
    let path = format!("/{}", database(&url));
    url.set_path(&path);
    Ok(url)
}

fn port(url: &Url) -> u16 {
    url.port().unwrap_or(8123)
}

fn database(url: &Url) -> &str {
    Some(url.path().trim_matches('/')).filter(|path| !path.is_empty()).unwrap_or("default")
}

fn fresh_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("ledger_test_{}_{next}_{}", std::process::id(), &uuid::Uuid::new_v4().simple().to_string()[..8])
}

/// Undoes what a URL does to the characters of a name or a password.
fn decoded(text: &str) -> String {
    // A form reads these two otherwise than a URL does.
    let form = format!("text={}", text.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(form.as_bytes()).next().map(|(_, text)| text.into_owned()).unwrap_or_default()
}

/// Prints a line once in the life of the process: many private servers are one engine.
fn announce(line: String) {
    static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if !said.contains(&line) {
        eprintln!("{line}");
        said.push(line);
    }
}

#[cfg(test)]
mod tests {
    use super::{decoded, given_url};

    #[test]
    fn a_url_that_somebody_set_is_read_with_its_defaults_or_refused() {
        let given = |text| given_url(text).map(String::from);
        assert_eq!(given("http://127.0.0.1:8123").unwrap(), "clickhouse://default@127.0.0.1:8123/default");
        assert_eq!(given("clickhouse://a:b@host/c").unwrap(), "clickhouse://a:b@host/c");
        for bad in ["", "host:8123", "https://host:8443", "postgres://host", "clickhouse://"] {
            assert!(given(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_comes_out_of_a_url_as_it_was() {
        assert_eq!(decoded("a%20b+c&d%3De%2541"), "a b+c&d=e%41");
    }
}
