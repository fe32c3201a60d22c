//! Reaches a server: its connections, the token, and trying again for as long as the URL says.

use std::error::Error as StdError;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use hyper::http::response::Parts;
use hyper::{Request, Response};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client as HttpClient, Error as Lost};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use ledger_core::{Cause, Error, Result};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::problem::{self, Asked, Token as Shows};
use super::wire::{Again, Ask};
use crate::connector;
use crate::url::{HttpPlace, LedgerUrl, Token};

/// Where the server has its API.
const API: &str = "/api/v1";
/// Who asks.
const AGENT: &str = concat!("ledger/", env!("CARGO_PKG_VERSION"));
/// Where the token is when neither the URL nor a file has it.
const VARIABLE: &str = "LEDGER_API_TOKEN";
/// How long a connection is kept that nobody uses; a server that closes one a moment earlier costs another try.
const IDLE: Duration = Duration::from_secs(5);
/// The most bytes of an answer: a page, with every character of its texts written as an escape.
const LARGEST: usize = 128 << 20;
/// How long nothing of an answer may come once it has begun.
const SILENCE: Duration = Duration::from_secs(30);
/// How long to wait before the next try, at first …
pub(super) const SHORTEST: Duration = Duration::from_millis(20);
/// … and at most.
pub(super) const LONGEST: Duration = Duration::from_secs(2);

/// A server, and how it is reached.
#[derive(Clone)]
pub(super) struct Site {
    client: Client,
    /// Scheme, host, port and prefix.
    base: Arc<str>,
    authorization: Option<HeaderValue>,
    timeout: Duration,
    permits: Arc<Semaphore>,
}

/// Connections, encrypted or not.
#[derive(Clone)]
enum Client {
    Plain(HttpClient<HttpConnector, Full<Bytes>>),
    Secure(HttpClient<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

/// Why a try came to nothing.
pub(super) struct Refused {
    error: Error,
    reached: Reached,
    /// How long the server wants to be left alone.
    retry_after: Option<Duration>,
}

/// Whether the server can have heard what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reached {
    Never,
    Perhaps,
}

/// The token is in it, so it is not printed whole.
impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Site {
    pub(super) async fn new(url: &LedgerUrl, place: &HttpPlace) -> Result<Self> {
        let authorization = authorization(&place.token).await?;
        let tcp = connector::tcp(url.timeout);
        let mut http = HttpClient::builder(TokioExecutor::new());
        http.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).pool_max_idle_per_host(url.pool as usize);
        let client = if place.base.starts_with("https:") {
            Client::Secure(http.build(connector::tls(tcp, "http")?))
        } else {
            Client::Plain(http.build(tcp))
        };
        let permits = Arc::new(Semaphore::new(url.pool as usize));
        Ok(Self { client, base: Arc::from(place.base.as_str()), authorization, timeout: url.timeout, permits })
    }

    /// Asks until there is an answer, or until it has tried for as long as the URL says, and twice at least.
    ///
    /// Whoever looks away for good gives up the connection. Whoever looks away for a while does not: it goes on in a task of its own,
    /// because a page that is asked for ahead would otherwise sit on a permit for as long as nobody comes for it.
    pub(super) async fn ask<T: DeserializeOwned + Send + 'static>(&self, ask: Ask) -> Result<T> {
        let site = self.clone();
        let mut asking = JoinSet::new();
        asking.spawn(async move { site.persistently(ask).await });
        match asking.join_next().await {
            Some(Ok(answer)) => answer,
            Some(Err(error)) => {
                let why = "a request was cut short".to_owned();
                Err(Error::Backend { backend: "http", why, source: Some(Arc::new(error)) })
            }
            None => Err(self.unexpected(None)),
        }
    }

    async fn persistently<T: DeserializeOwned>(&self, ask: Ask) -> Result<T> {
        let (mut until, mut pause, mut tries) = (None, SHORTEST, 0);
        loop {
            // Waited for without an end: each that is held is given back in time, but for what removes, which takes none.
            let permit = match ask.again {
                Again::Always => Some(self.permits.acquire().await.expect("the semaphore is never closed")),
                Again::Unsent => None,
            };
            let until = *until.get_or_insert_with(|| Instant::now() + self.timeout);
            tries += 1;
            let refused = match self.once(&ask).await {
                Ok(answer) => return Ok(answer),
                Err(refused) => refused,
            };
            drop(permit);
            let may = ask.again == Again::Always || refused.reached == Reached::Never;
            let rest = refused.retry_after.map_or(pause, |after| after.max(pause));
            let is_late = rest >= until.saturating_duration_since(Instant::now()) && (tries > 1 || rest > self.timeout);
            if !may || !refused.error.is_unavailable() || is_late {
                return Err(refused.error);
            }
            tokio::time::sleep(rest).await;
            pause = (pause * 2).min(LONGEST);
        }
    }

    /// Says that the server answered something else than its API does.
    pub(super) fn unexpected(&self, source: Option<Cause>) -> Error {
        let why = format!("the answer of `{}` is not understood: is the server newer than this program?", self.base);
        Error::Backend { backend: "http", why, source }
    }

    async fn once<T: DeserializeOwned>(&self, ask: &Ask) -> Result<T, Refused> {
        let answer = self.in_time(ask.within, self.send(ask)).await?;
        let (head, mut body) = answer.into_parts();
        let mut whole = BytesMut::new();
        while let Some(frame) = self.in_time(SILENCE, async { Ok(body.frame().await) }).await? {
            let frame = frame.map_err(|error| self.cut_off(error))?;
            whole.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
            if whole.len() > LARGEST {
                let why = format!("the answer of `{}` has more than {LARGEST} bytes", self.base);
                return Err(Refused::new(Error::Backend { backend: "http", why, source: None }, Reached::Perhaps));
            }
        }
        self.read(ask, &head, &whole)
    }

    /// Reads an answer.
    fn read<T: DeserializeOwned>(&self, ask: &Ask, head: &Parts, body: &[u8]) -> Result<T, Refused> {
        if !head.status.is_success() {
            let token = if self.authorization.is_some() { Shows::Shown } else { Shows::None };
            let error = problem::error(&Asked { place: &self.base, ask, token }, head, body);
            return Err(Refused { error, reached: Reached::Perhaps, retry_after: problem::retry_after(head) });
        }
        let error = if problem::header(head, CONTENT_TYPE).starts_with("application/json") {
            match serde_json::from_slice(body) {
                Ok(answer) => return Ok(answer),
                // Somebody on the way ends an answer by closing the connection, and closed it early.
                Err(error) if error.is_eof() => self.cut_off(error),
                Err(error) => Refused::new(self.unexpected(Some(Arc::new(error))), Reached::Perhaps),
            }
        } else {
            let why = format!("it answered {} and is no ledger server", head.status.as_u16());
            Refused::new(Error::NotALedger { at: self.base.to_string(), why }, Reached::Perhaps)
        };
        Err(error)
    }

    /// Waits for something of an answer, and not longer than it may take.
    async fn in_time<T>(&self, within: Duration, work: impl Future<Output = Result<T, Refused>>) -> Result<T, Refused> {
        tokio::time::timeout(within, work).await.unwrap_or_else(|_| {
            let why = format!("no answer from `{}` in {} ms", self.base, within.as_millis());
            Err(Refused::new(unavailable(why, None), Reached::Perhaps))
        })
    }

    /// Sends a request, and returns the answer when it begins.
    pub(super) async fn send(&self, ask: &Ask) -> Result<Response<Incoming>, Refused> {
        let mut request = Request::builder().method(ask.method.clone()).uri(format!("{}{API}{}", self.base, ask.path));
        request = request.header(USER_AGENT, AGENT);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        let mut body = Bytes::new();
        if let Some((kind, sent)) = &ask.body {
            request = request.header(CONTENT_TYPE, *kind);
            body = sent.clone();
        }
        let request = request.body(Full::new(body)).map_err(|error| {
            let why = format!("no request can be made to `{}`: {error}", self.base);
            Refused::new(Error::invalid("url", why), Reached::Never)
        })?;
        let sent = match &self.client {
            Client::Plain(client) => client.request(request),
            Client::Secure(client) => client.request(request),
        };
        sent.await.map_err(|error| self.lost(error))
    }

    /// Names the remedy for a connection that was not made, or broke.
    fn lost(&self, error: Lost) -> Refused {
        let base = &self.base;
        let reached = if error.is_connect() { Reached::Never } else { Reached::Perhaps };
        let is_insecure = reached == Reached::Never && beneath(&error).any(<dyn StdError>::is::<rustls::Error>);
        let is_gibberish =
            beneath(&error).any(|cause| cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse));
        let source = Some(Arc::new(error) as Cause);
        let error = if is_insecure {
            let why = format!("no secure connection to `{base}`: is its certificate valid, and does it speak TLS?");
            Error::Backend { backend: "http", why, source }
        } else if is_gibberish {
            let why = "what answers there does not speak HTTP: correct the port".to_owned();
            Error::NotALedger { at: base.to_string(), why }
        } else if reached == Reached::Never {
            unavailable(format!("cannot reach `{base}`"), source)
        } else {
            unavailable(format!("the connection to `{base}` broke before the answer"), source)
        };
        Refused::new(error, reached)
    }

    /// Says that an answer was not read to its end.
    fn cut_off(&self, error: impl StdError + Send + Sync + 'static) -> Refused {
        let why = format!("the connection to `{}` broke in the middle of the answer", self.base);
        Refused::new(unavailable(why, Some(Arc::new(error))), Reached::Perhaps)
    }
}

impl Refused {
    fn new(error: Error, reached: Reached) -> Self {
        Self { error, reached, retry_after: None }
    }
}

fn unavailable(why: String, source: Option<Cause>) -> Error {
    Error::Unavailable { backend: "http", why, source }
}

/// Lists an error and the causes beneath it.
fn beneath<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |cause| cause_of(*cause))
}

/// Returns the cause of an error; of one of input and output, what it holds, whose cause it names as its own.
fn cause_of<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e (dyn StdError + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(held) => Some(held),
        None => error.source(),
    }
}

/// Returns the header that shows the token, when there is one. No error shows it.
async fn authorization(token: &Token) -> Result<Option<HeaderValue>> {
    let token = match token {
        Token::Written(token) => Some(token.clone()),
        Token::File(path) => Some(in_file(path).await?),
        Token::Environment => in_environment()?,
    };
    let Some(token) = token else { return Ok(None) };
    let mut header = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| Error::invalid("token", "it has characters that a token has not: was it copied whole?"))?;
    header.set_sensitive(true);
    Ok(Some(header))
}

async fn in_file(path: &Path) -> Result<String> {
    let shown = path.display();
    let file = path.to_owned();
    // A file may be a pipe that somebody still has to write into.
    let text =
        tokio::task::spawn_blocking(move || read(file)).await.unwrap_or_else(|error| Err(io::Error::other(error)));
    let text = text.map_err(|error| {
        let why = format!("cannot read the token in `{shown}`");
        Error::Backend { backend: "http", why, source: Some(Arc::new(error)) }
    })?;
    match text.trim() {
        "" => Err(Error::invalid("token_file", format!("`{shown}` is empty"))),
        token => Ok(token.to_owned()),
    }
}

fn read(path: PathBuf) -> io::Result<String> {
    const LONGEST: u64 = 64 << 10;
    let mut text = String::new();
    std::fs::File::open(path)?.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

fn in_environment() -> Result<Option<String>> {
    match std::env::var(VARIABLE) {
        Ok(token) => Ok(Some(token.trim().to_owned()).filter(|token| !token.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Error::invalid(VARIABLE, "it is not UTF-8: set it to the token")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_token_is_taken_without_the_blanks_around_it_and_never_shown() {
        let header = authorization(&Token::Written("s3cret".to_owned())).await.unwrap().unwrap();
        assert_eq!(header.to_str().unwrap(), "Bearer s3cret");
        assert!(!format!("{header:?}").contains("s3cret"));
        let path = std::env::temp_dir().join(format!("ledger-token-{}", uuid::Uuid::new_v4()));
        std::fs::write(&path, " s3cret\n").unwrap();
        assert_eq!(authorization(&Token::File(path.clone())).await.unwrap().unwrap(), "Bearer s3cret");
        for (text, says) in [(" \n", "is empty"), ("s3cret\nand", "was it copied whole")] {
            std::fs::write(&path, text).unwrap();
            let error = authorization(&Token::File(path.clone())).await.unwrap_err();
            assert!(error.to_string().contains(says) && !format!("{error:?}").contains("s3cret"), "{error:?}");
        }
        std::fs::remove_file(&path).unwrap();
        let error = authorization(&Token::File(path)).await.unwrap_err();
        assert!(error.to_string().contains("ledger-token-"), "{error}");
    }
}
