//! Runs a server in a container, where a Docker engine answers; a machine that has only the client is passed by at once.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use testcontainers::core::{ContainerPort, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, ContainerRequest, GenericImage, ImageExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::EngineError;

const POSTGRES: (&str, &str) = ("postgres", "17-alpine");
const POSTGRES_PORT: u16 = 5432;
const CLICKHOUSE: (&str, &str) = ("clickhouse/clickhouse-server", "26.8");
const CLICKHOUSE_PORT: u16 = 8123;
const ANSWER_LIMIT: Duration = Duration::from_secs(2);
const START_LIMIT: Duration = Duration::from_secs(120);

/// A container that goes when this value goes, or when the whole process does.
#[derive(Debug)]
pub(super) struct DockerServer {
    _container: ContainerAsync<GenericImage>,
    _watchdog: Option<std::process::Child>,
    pub(super) url: String,
}

/// Says whether a Docker engine answers, within two seconds.
pub(super) async fn answers() -> bool {
    let host = std::env::var("DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned());
    tokio::time::timeout(ANSWER_LIMIT, ping(&host)).await.unwrap_or(false)
}

async fn ping(host: &str) -> bool {
    if let Some(path) = host.strip_prefix("unix://") {
        if !Path::new(path).exists() {
            return false;
        }
        let Ok(stream) = tokio::net::UnixStream::connect(path).await else { return false };
        return pong(stream).await;
    }
    let address = host.split_once("://").map_or(host, |(_, address)| address).trim_end_matches('/');
    let Ok(stream) = tokio::net::TcpStream::connect(address).await else { return false };
    // An engine behind TLS does not answer plain text; that it accepts is enough to try it.
    pong(stream).await || std::env::var_os("DOCKER_TLS_VERIFY").is_some()
}

async fn pong(mut stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin) -> bool {
    let asked = stream.write_all(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n").await;
    let mut answer = [0; 64];
    match (asked, stream.read(&mut answer).await) {
        (Ok(()), Ok(length)) => answer[..length].windows(4).any(|word| word == b" 200"),
        _ => false,
    }
}

impl DockerServer {
    /// Starts a fresh Postgres, fetching the image when it is not there. Fails when it cannot be had in two minutes.
    pub(super) async fn postgres() -> Result<Self, EngineError> {
        let password = fresh_password();
        let image = GenericImage::new(POSTGRES.0, POSTGRES.1)
            .with_exposed_port(ContainerPort::Tcp(POSTGRES_PORT))
            // The image starts once to set itself up and once for good; only the second start counts.
            .with_wait_for(WaitFor::message_on_stdout("PostgreSQL init process complete"))
            .with_wait_for(WaitFor::message_on_stderr("database system is ready to accept connections"))
            .with_env_var("POSTGRES_PASSWORD", &password)
            .with_cmd(["postgres", "-c", "max_connections=200", "-c", "shared_buffers=64MB"]);
        let (container, address) = start(image, POSTGRES, POSTGRES_PORT).await?;
        let url = format!("postgres://postgres:{password}@{address}/postgres");
        Ok(Self { _watchdog: watch(container.id()), _container: container, url })
    }

    /// Starts a fresh ClickHouse, which needs a moment to answer. Fails when the image cannot be had in two minutes.
    pub(super) async fn clickhouse() -> Result<Self, EngineError> {
        let password = fresh_password();
        let image = GenericImage::new(CLICKHOUSE.0, CLICKHOUSE.1)
            .with_exposed_port(ContainerPort::Tcp(CLICKHOUSE_PORT))
            .with_env_var("CLICKHOUSE_USER", "ledger")
            .with_env_var("CLICKHOUSE_PASSWORD", &password)
            // Lets it create the users that some tests need.
            .with_env_var("CLICKHOUSE_DEFAULT_ACCESS_MANAGEMENT", "1");
        let (container, address) = start(image, CLICKHOUSE, CLICKHOUSE_PORT).await?;
        let url = format!("clickhouse://ledger:{password}@{address}/default");
        Ok(Self { _watchdog: watch(container.id()), _container: container, url })
    }
}

/// Starts a container and returns it with the host and port that lead to a port of it.
async fn start(
    image: ContainerRequest<GenericImage>,
    (name, tag): (&str, &str),
    port: u16,
) -> Result<(ContainerAsync<GenericImage>, String), EngineError> {
    let bad = |why: String| EngineError::new(format!("Docker cannot run `{name}:{tag}`: {why}"));
    let started = tokio::time::timeout(START_LIMIT, image.start()).await;
    let container =
        started.map_err(|_| bad(format!("not up within {START_LIMIT:?}")))?.map_err(|e| bad(e.to_string()))?;
    let host = container.get_host().await.map_err(|e| bad(e.to_string()))?;
    let port = container.get_host_port_ipv4(port).await.map_err(|e| bad(e.to_string()))?;
    Ok((container, format!("{host}:{port}")))
}

fn fresh_password() -> String {
    format!("pw-{}", uuid::Uuid::new_v4().simple())
}

/// Removes the container when our end of a pipe closes: a killed test runs no destructor.
fn watch(id: &str) -> Option<std::process::Child> {
    let script = r#"trap : INT TERM HUP; while read -r _; do :; done; exec docker rm -f -v "$1""#;
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "watchdog", id]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    std::os::unix::process::CommandExt::process_group(&mut shell, 0).spawn().ok()
}
