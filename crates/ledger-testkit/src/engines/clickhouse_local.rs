//! Runs a ClickHouse server from programs or from a wheel, because the tests kill it and look at what it kept.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use url::Url;

use super::clickhouse::ask;
use super::guard::Guarded;
use super::host;
use super::{EngineError, wheel};

const USER: &str = "ledger";
const START_LIMIT: Duration = Duration::from_secs(60);
const TRIES: usize = 3;
/// The oldest server that the tests take: before it, parts of what the ledger relies on were missing or on trial.
const OLDEST: (u32, u32) = (25, 3);
const LAUNCHER: &str = include_str!("clickhouse_server.py");

/// What can run a server.
#[derive(Debug)]
pub(super) enum Program {
    /// ClickHouse's own program, with the words that make it a server.
    Installed { path: PathBuf, words: &'static [&'static str] },
    /// The folder of the package `chdb-core`, and the Python to load it with.
    Wheel { package: PathBuf, python: PathBuf },
}

/// A server of our own.
#[derive(Debug)]
pub(super) struct LocalServer {
    guarded: Guarded,
    pub(super) url: Url,
    /// Where the native protocol is spoken.
    pub(super) native_port: u16,
}

impl Program {
    /// Lists what is installed, whatever its age.
    pub(super) fn installed() -> Vec<Self> {
        let found = |(name, words)| Some(Self::Installed { path: host::program(name)?, words });
        let names: [(&str, &'static [&'static str]); 2] = [("clickhouse-server", &[]), ("clickhouse", &["server"])];
        names.into_iter().filter_map(found).collect()
    }

    /// Fetches the wheel, unless it is there. Fails when it cannot be had, or when no Python could run it.
    pub(super) fn from_wheel() -> Result<Self, EngineError> {
        let python = host::python()?;
        Ok(Self::Wheel { package: wheel::clickhouse()?, python })
    }

    fn command(&self, folder: &Path) -> Command {
        match self {
            Self::Installed { path, words } => {
                let mut command = Command::new(path);
                command.args(*words).arg("--config-file=config.xml").arg("--");
                command.arg(format!("--path={}/data/", folder.display()));
                // Its own guard would start the server that a test has just killed.
                command.env("CLICKHOUSE_WATCHDOG_ENABLE", "0");
                command
            }
            Self::Wheel { package, python } => {
                let mut command = Command::new(python);
                command.args(["-I", "clickhouse_server.py"]).arg(package).arg(folder.join("data"));
                command
            }
        }
    }

    /// Fails for a program that is too old, before it meets a configuration that it cannot read.
    fn check_age(&self) -> Result<(), EngineError> {
        let Self::Installed { path, words } = self else { return Ok(()) };
        let says = host::run(Command::new(path).args(*words).arg("--version"))?;
        check_version(&says, &format!("`{}`", path.display()))
    }
}

impl std::fmt::Display for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Installed { path, .. } => path.display().fmt(f),
            Self::Wheel { package, .. } => package.display().fmt(f),
        }
    }
}

impl LocalServer {
    /// Starts a fresh server. Fails when the program is too old, and else with the last line the server logged.
    pub(super) async fn start(program: &Program) -> Result<Self, EngineError> {
        program.check_age()?;
        let mut last = None;
        for _ in 0..TRIES {
            // Between finding a free port and listening on it another process may take it.
            match Self::try_start(program).await {
                Ok(server) => return Ok(server),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| EngineError::new("the server does not start")))
    }

    async fn try_start(program: &Program) -> Result<Self, EngineError> {
        // Unlike Postgres it runs as root too, and a user without rights could not read a wheel below `/root`.
        let folder = host::run_folder("ledger-clickhouse-", None)?;
        let password = format!("pw-{}", uuid::Uuid::new_v4().simple());
        let (port, native_port) = (host::free_port()?, host::free_port()?);
        configure(folder.path(), program, (port, native_port), &password)
            .map_err(|e| EngineError::new(format!("cannot configure ClickHouse: {e}")))?;
        let url = Url::parse(&format!("clickhouse://{USER}:{password}@127.0.0.1:{port}/default"));
        let url = url.map_err(|e| EngineError::new(format!("the server of our own has no URL: {e}")))?;
        let command = program.command(folder.path());
        let guarded = Guarded::start(folder, "KILL", None, &command)?;
        let server = Self { guarded, url, native_port };
        server.until_it_answers().await?;
        Ok(server)
    }

    /// Kills the server at once, as a crash would.
    pub(super) fn kill(&self) -> Result<(), EngineError> {
        self.guarded.halt()
    }

    /// Starts the server again on the same port and files, and returns when it answers.
    pub(super) async fn start_again(&self) -> Result<(), EngineError> {
        self.guarded.start_again()?;
        self.until_it_answers().await
    }

    async fn until_it_answers(&self) -> Result<(), EngineError> {
        let answered = until_it_answers(&self.url, || self.guarded.ended()).await;
        answered.map_err(|e| EngineError::new(format!("{e}: {}", self.guarded.last_words())))
    }
}

/// Waits until a server lets its user in. Fails after a minute, and at once when `ended` says that it is gone.
pub(super) async fn until_it_answers(url: &Url, ended: impl Fn() -> bool) -> Result<(), EngineError> {
    const PAUSE: Duration = Duration::from_millis(20);
    let start = Instant::now();
    loop {
        // A server tells nobody when it is ready, so asking is all that is left.
        let Err(error) = ask(url, "SELECT 1").await else { return Ok(()) };
        if start.elapsed() > START_LIMIT || ended() {
            return Err(EngineError::new(format!("ClickHouse does not start ({error})")));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Refuses a server whose version, as it says it, is too old or none at all.
pub(super) fn check_version(says: &str, who: &str) -> Result<(), EngineError> {
    let words = says.split_whitespace();
    let mut versions = words.filter_map(|word| {
        let mut numbers = word.split('.').map_while(|number| number.parse().ok());
        Some((numbers.next()?, numbers.next()?))
    });
    let (oldest, minor) = OLDEST;
    match versions.next() {
        Some(version) if version >= OLDEST => Ok(()),
        Some((old, of)) => {
            Err(EngineError::new(format!("{who} is ClickHouse {old}.{of}, older than {oldest}.{minor}")))
        }
        None => Err(EngineError::new(format!("{who} does not say which ClickHouse it is"))),
    }
}

/// Writes what both kinds of program read. The users are here because a server from the wheel can create none.
fn configure(folder: &Path, program: &Program, (port, native_port): (u16, u16), password: &str) -> std::io::Result<()> {
    let logger = match program {
        Program::Installed { .. } => "<logger><level>error</level><console>1</console></logger>",
        // In the wheel a logger traces everything, whatever its level.
        Program::Wheel { .. } => "",
    };
    let config = format!(
        "<clickhouse>
  <http_port>{port}</http_port>
  <tcp_port>{native_port}</tcp_port>
  <listen_host>127.0.0.1</listen_host>
  <users_config>users.xml</users_config>
  {logger}
</clickhouse>
"
    );
    std::fs::write(folder.join("config.xml"), config)?;
    std::fs::write(folder.join("users.xml"), users(password))?;
    std::fs::write(folder.join("clickhouse_server.py"), LAUNCHER)
}

fn users(password: &str) -> String {
    let user_of = |profile: &str, name: &str, password: &str, rights: &str| {
        format!(
            "<{name}><password>{password}</password><profile>{profile}</profile><quota>default</quota>{rights}</{name}>"
        )
    };
    let user = |name: &str, password: &str, rights: &str| user_of("default", name, password, rights);
    let users = [
        user(USER, password, "<access_management>1</access_management>"),
        user_of("careless", "careless", password, "<grants><query>GRANT ALL ON *.*</query></grants>"),
        user("stranger", password, "<grants/>"),
        user("reader", password, "<grants><query>GRANT SELECT ON *.*</query></grants>"),
        // The wheel is this user when it starts to listen. Whoever comes without a name may do nothing else.
        user("default", "", "<grants><query>GRANT SYSTEM LISTEN ON *.*</query></grants>"),
    ]
    .join("\n    ");
    format!(
        "<clickhouse>
  <profiles>
    <default/>
    <careless>
      <insert_deduplicate>0</insert_deduplicate>
      <deduplicate_insert>disable</deduplicate_insert>
      <async_insert>1</async_insert>
      <wait_for_async_insert>0</wait_for_async_insert>
      <max_insert_block_size>1</max_insert_block_size>
      <min_insert_block_size_rows>1</min_insert_block_size_rows>
      <min_insert_block_size_bytes>1</min_insert_block_size_bytes>
      <max_block_size>1</max_block_size>
    </careless>
  </profiles>
  <quotas><default/></quotas>
  <users>
    {users}
  </users>
</clickhouse>
"
    )
}

#[cfg(test)]
mod tests {
    use super::check_version;

    #[test]
    fn a_server_from_2018_is_refused_and_one_from_2024_is_not() {
        assert!(check_version("ClickHouse server version 25.3.4.13 (official build).", "it").is_ok());
        assert!(check_version("26.9.2.1", "it").is_ok());
        let old = check_version("ClickHouse server version 18.16.1.", "it").unwrap_err();
        assert_eq!(old.to_string(), "it is ClickHouse 18.16, older than 25.3");
        assert!(check_version("ClickHouse client version unknown", "it").is_err());
    }
}
