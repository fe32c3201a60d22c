//! `ledger serve`: the ledger over HTTP.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use backends::{LedgerUrl, Mode, Place};
use ledger_core::{Ledger, Shown, Timestamp};
use ledger_server::tokens::TokenFile;
use ledger_server::{Auth, CopyTo, Hosts, Migration, Migrations, Options, Replica, Server, StoreSize};
use tokio::net::TcpListener;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::token;
use crate::cli::{Log, NamedUrl, Serve};
use crate::failure::{Failure, Result, shown};
use crate::output::{Colour, Out, counted, note};
use crate::place::{Target, is_inherited};
use crate::sample::{self, Sample, Traffic};
#[cfg(feature = "otlp")]
use crate::traces::Traces;

const TOKEN: &str = "LEDGER_API_TOKEN";

/// Serves a sample, in memory, until it is told to stop. Fails when the command line names a ledger.
pub(super) async fn demo(out: &mut Out, url: Option<&str>, asked: Serve) -> Result<()> {
    if url.is_some() {
        let why = "--demo serves a sample in memory, and --url names a ledger: leave out one of the two";
        return Err(Failure::Usage(why.to_owned()));
    }
    if is_inherited() {
        note("DATABASE_URL is set, and not used: --demo serves a sample in memory");
    }
    run(out, &Target::new("memory:".to_owned())?, asked).await
}

/// Serves until it is told to stop, and answers what was asked before then.
pub(super) async fn run(out: &mut Out, target: &Target, mut asked: Serve) -> Result<()> {
    let auth = auth(asked.tokens.take().or_else(token::file_of_environment))?;
    let is_open = auth.is_open();
    if is_open && !asked.listen.ip().is_loopback() && !asked.open {
        return Err(Failure::Usage(format!(
            "{} is reached from other machines, and there is no token: set {TOKEN}, or give --tokens FILE or --open",
            asked.listen
        )));
    }
    log(asked.log);
    raise_limit();
    #[cfg(feature = "otlp")]
    let traces = Traces::start(asked.otlp.as_deref())?;
    let replicas = replicas(&mut asked, target)?;
    let failed = |error| Failure::io(format!("cannot listen on {}", asked.listen), error);
    // Heard from now on: whoever reads that it serves may tell it to stop.
    let stop = told_to_stop();
    let listener = TcpListener::bind(asked.listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let ledger = target.open(Mode::Create).await?;
    let sample = if asked.demo { Some(filled(&*ledger).await?) } else { None };
    out.line(format!("serving {} at http://{address}", target.parsed))?;
    if let Some((events, _)) = &sample {
        out.line(format!("sample: a week of {events} that goes on; it is in memory, and gone when this ends"))?;
    }
    out.line(format!("auth: {}", said(&auth)))?;
    #[cfg(feature = "otlp")]
    if let Some(traces) = &traces {
        out.line(format!("traces: {}", traces.endpoint()))?;
    }
    out.flush()?;
    if is_open {
        warn(address);
    }
    #[cfg_attr(not(feature = "otlp"), allow(unused_mut, reason = "only traces change it"))]
    let mut options = options(auth, &asked, target);
    options.replicas = replicas;
    #[cfg(feature = "otlp")]
    {
        options.traced = traces.is_some();
    }
    let live = sample.map(|(_, traffic)| tokio::spawn(go_on(Arc::clone(&ledger), traffic)));
    let served = Server::new(ledger, options).serve(listener, stop).await.map_err(failed);
    if let Some(live) = live {
        live.abort();
    }
    #[cfg(feature = "otlp")]
    if let Some(traces) = traces {
        traces.end().await;
    }
    served?;
    out.line("stopped")
}

/// Fills a ledger with the sample. Returns how many events it has, and what goes on from there.
async fn filled(ledger: &dyn Ledger) -> Result<(String, Traffic)> {
    let Sample { events, traffic } = sample::sample(sample::SEED, Timestamp::now())?;
    sample::fill(ledger, &events).await?;
    Ok((counted(events.len() as u64, "event"), traffic))
}

/// Records what goes on in the sample, and says when that ends.
async fn go_on(ledger: Arc<dyn Ledger>, traffic: Traffic) {
    match sample::live(&*ledger, traffic).await {
        Ok(()) => note("the sample has grown enough: it stays as it is from now on"),
        Err(error) => note(&format!("the sample stays as it is from now on: {error}")),
    }
}

/// Warns of a server that anybody may use.
fn warn(address: SocketAddr) {
    let unused = if Path::new(token::DEFAULT_FILE).exists() {
        format!(" ({} is here, and is not used without it)", token::DEFAULT_FILE)
    } else {
        String::new()
    };
    note(&format!(
        "warning: everybody who can reach {address} may read, append and remove; \
         {TOKEN} or --tokens{unused} asks for a token"
    ));
}

/// Returns how the server treats its callers, and what it knows of where the ledger is kept.
fn options(auth: Auth, asked: &Serve, target: &Target) -> Options {
    let mut options = Options::with(auth);
    if asked.open {
        options.hosts = Hosts::Any;
    }
    options.copy_to = Some(CopyTo::new(|ledger, path, mut told| {
        Box::pin(async move {
            let path = path.display().to_string().replace('%', "%25").replace('?', "%3F");
            let url = format!("sqlite://{path}");
            backends::snapshot_to(&*ledger, &url, &mut *told).await.map(drop)
        })
    }));
    options.migrations = migrations_of(target);
    options.store_size = target.file().map(|file| size_of(file.to_owned()));
    options
}

/// Returns the replicas that are named, to be opened once they are asked. Fails when two have one name, or one is the ledger
/// itself.
fn replicas(asked: &mut Serve, target: &Target) -> Result<Vec<Replica>> {
    let mut names = HashSet::new();
    let replica = |NamedUrl { name, url }| {
        if !names.insert(name.clone()) {
            return Err(Failure::Usage(format!("two replicas are called {}: name them apart, NAME=URL", Shown(&name))));
        }
        if LedgerUrl::parse(&url)? == target.parsed {
            return Err(Failure::Usage(format!("the replica {} is the ledger itself", Shown(&name))));
        }
        let open = move || {
            let url = url.clone();
            Box::pin(async move { backends::open_as(&url, Mode::ReadOnly).await }) as _
        };
        Ok(Replica::new(name, open))
    };
    asked.replicas.drain(..).map(replica).collect()
}

/// Writes what the server tells of its requests to standard error. Drivers are not asked: they may tell of values.
fn log(form: Log) {
    let ours = ["ledger_server", "ledger::traces"].map(|target| (target, LevelFilter::INFO));
    let ours = Targets::new().with_targets(ours);
    let colour = Colour::of(&std::io::stderr()) == Colour::On;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    let registry = tracing_subscriber::registry();
    match form {
        Log::Text => registry.with(lines.with_ansi(colour).with_filter(ours)).init(),
        Log::Json => registry.with(lines.json().flatten_event(true).with_filter(ours)).init(),
        Log::Off => {}
    }
}

/// Takes up to 65,536 open files, if the system lets this process have so many: each who listens is one, and the usual limit
/// is for others.
fn raise_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        const ENOUGH: u64 = 1 << 16;
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let within = maximum.map_or(ENOUGH, |most| most.min(ENOUGH));
        if current.is_some_and(|now| now < within) {
            // It serves as many as it may, otherwise.
            let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(within), maximum });
        }
    }
}

/// Lists the history of a ledger's tables, unless these are another server's.
fn migrations_of(target: &Target) -> Option<Migrations> {
    if matches!(target.parsed.place, Place::Http(_)) {
        return None;
    }
    let url = target.url.clone();
    let shown = |step: backends::Migration| Migration {
        version: step.version,
        name: step.name.to_owned(),
        statements: step.statements,
        applied_at: step.applied_at,
        rows: step.size.map(|size| size.rows),
        bytes: step.size.map(|size| size.bytes),
    };
    Some(Migrations::new(move || {
        let url = url.clone();
        Box::pin(async move { Ok(backends::migrations(&url).await?.into_iter().map(shown).collect()) })
    }))
}

/// Measures a ledger in a file: the file, and beside it what was not carried into it yet.
fn size_of(file: PathBuf) -> StoreSize {
    let mut log = file.clone().into_os_string();
    log.push("-wal");
    let files = [file, log.into()];
    StoreSize::new(move || {
        let [file, log] = files.clone();
        // A disk that hangs holds up this one thread.
        let measured = tokio::task::spawn_blocking(move || {
            let log = log.metadata().map_or(0, |log| log.len());
            file.metadata().ok().map(|file| file.len() + log)
        });
        Box::pin(async move { measured.await.ok().flatten() })
    })
}

/// Says how callers show who they are.
fn said(auth: &Auth) -> String {
    let of = |file: &TokenFile| format!("{} of {}", counted(file.count() as u64, "token"), shown(file.path()));
    match auth {
        Auth::Open => "none".to_owned(),
        Auth::Token(_) => "bearer token".to_owned(),
        Auth::File(file) => of(file),
        Auth::Both(_, file) => format!("bearer token, and {}", of(file)),
    }
}

/// Reads the token of the environment, and the file of tokens: either lets in.
fn auth(file: Option<PathBuf>) -> Result<Auth> {
    let one = one_token()?;
    let Some(file) = file else { return Ok(one) };
    Ok(one.with_file(TokenFile::open(file).map_err(token::failed)?))
}

/// Reads the token of the environment. Refuses one that is too short to keep anybody out.
fn one_token() -> Result<Auth> {
    const SHORTEST: usize = 16;
    match std::env::var(TOKEN) {
        Ok(token) if token.trim().is_empty() => Ok(Auth::Open),
        Ok(token) if !token.trim().bytes().all(|byte| byte.is_ascii_graphic()) => {
            Err(Failure::Usage(format!("{TOKEN} has other characters than letters, digits and signs of ASCII")))
        }
        Ok(token) if token.trim().len() < SHORTEST => {
            Err(Failure::Usage(format!("{TOKEN} is shorter than {SHORTEST} characters: choose a longer one")))
        }
        Ok(token) => Ok(Auth::token(token.trim())),
        Err(std::env::VarError::NotPresent) => Ok(Auth::Open),
        Err(std::env::VarError::NotUnicode(_)) => Err(Failure::Usage(format!("{TOKEN} is not UTF-8"))),
    }
}

/// Resolves on Ctrl-C, and on SIGTERM where there is one, from when it is called.
fn told_to_stop() -> impl Future<Output = ()> + Send + 'static {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
        async move {
            let heard = signals.into_iter().flatten().map(|mut signal| Box::pin(async move { signal.recv().await }));
            let heard: Vec<_> = heard.collect();
            if heard.is_empty() {
                return std::future::pending().await;
            }
            drop(futures::future::select_all(heard).await);
        }
    }
    #[cfg(not(unix))]
    async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
