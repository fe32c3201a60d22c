//! Connections: accepted one by one, each with limits on how long its caller may dawdle, and ended well.

use std::io;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_io_timeout::TimeoutStream;

/// How long the head of a request may take to arrive; so long does an idle connection last, too.
const HEAD: Duration = Duration::from_secs(30);
/// How long a caller may take to read something of an answer before it is given up.
const UNREAD: Duration = Duration::from_secs(30);
/// How many bytes of a request's head, and of an answer that nobody reads yet, one connection holds.
const BUFFER: usize = 128 << 10;
/// How long answers that are on their way have when a server is told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How long to wait when no connection can be accepted: somebody else's may end.
const FULL: Duration = Duration::from_millis(100);

/// Serves until `stop` resolves; then says so, and waits for what is under way, though not for long.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
    stopping: &watch::Sender<bool>,
) -> io::Result<()> {
    let (mut stop, graceful) = (pin!(stop), GracefulShutdown::new());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, _)) => answer(stream, router.clone(), &graceful),
            // One that went away before it was looked at is no reason to stop; nor is it that too many are open.
            Err(_) => tokio::time::sleep(FULL).await,
        }
    }
    drop(listener);
    stopping.send_replace(true);
    tokio::select! {
        () = graceful.shutdown() => {}
        // Somebody reads no further, or sends no further.
        () = tokio::time::sleep(GRACE) => {}
    }
    Ok(())
}

/// Answers what comes over one connection.
fn answer(stream: TcpStream, router: Router, graceful: &GracefulShutdown) {
    // Answers are written whole; without it, a small one would wait for its predecessor to be acknowledged.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(UNREAD));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(router));
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // Whoever broke it knows.
        let _ = connection.await;
    });
}
