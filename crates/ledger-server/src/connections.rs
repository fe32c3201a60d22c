//! Connections: accepted one by one, each with limits on how long its caller may dawdle, and ended well.

use std::io::{self, ErrorKind};
use std::pin::pin;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;

use crate::Unpacked;

/// How many bytes the head of a request may have; and from how many of an answer on, which nobody reads, no more is asked for.
const BUFFER: usize = 128 << 10;
/// How long answers that are on their way have when a server is told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How long to wait when no connection can be accepted: somebody else's may end.
const FULL: Duration = Duration::from_millis(100);

/// Serves until `stop` resolves; then says so, and waits for what is under way, though not for long.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Unpacked,
    patience: Duration,
    stop: impl Future<Output = ()>,
    stopping: &watch::Sender<bool>,
) -> io::Result<()> {
    let (mut stop, graceful, mut connections) = (pin!(stop), GracefulShutdown::new(), JoinSet::new());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, _)) => drop(connections.spawn(answer(stream, router.clone(), patience, graceful.watcher()))),
            // One that went away before it was looked at is no reason to wait.
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) => {}
            Err(_) => tokio::time::sleep(FULL).await,
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    stopping.send_replace(true);
    tokio::select! {
        () = graceful.shutdown() => {}
        // Somebody reads no further, or sends no further.
        () = tokio::time::sleep(GRACE) => {}
    }
    connections.shutdown().await;
    Ok(())
}

/// Answers what comes over one connection.
async fn answer(stream: TcpStream, router: Unpacked, patience: Duration, graceful: Watcher) {
    // Answers are written whole; without it, a small one would wait for its predecessor to be acknowledged.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(patience));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(router));
    // Whoever broke it knows.
    let _ = graceful.watch(connection).await;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ledger_core::{Condition, Draft, Ledger};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::{Options, Server};

    /// Serves a ledger with little patience. Returns a connection, and what everybody who serves it holds.
    async fn served(ledger: &Arc<dyn Ledger>) -> (TcpStream, Arc<dyn Ledger>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let options = Options { patience: Duration::from_millis(100), ..Options::default() };
        let server = Server::new(Arc::clone(ledger), options);
        let held = Arc::clone(&server.desk.ledger);
        tokio::spawn(server.serve(listener, std::future::pending()));
        (TcpStream::connect(address).await.unwrap(), held)
    }

    #[tokio::test]
    async fn who_never_ends_the_head_of_a_request_is_let_go() {
        let ledger = backends::open("memory:").await.unwrap();
        let (mut slow, _) = served(&ledger).await;
        slow.write_all(b"GET /health HTTP/1.1\r\nhost: local").await.unwrap();
        let mut said = Vec::new();
        slow.read_to_end(&mut said).await.unwrap();
        assert!(said.is_empty() || said.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&said));
    }

    #[tokio::test]
    async fn who_reads_nothing_of_a_long_answer_is_let_go() {
        let ledger = backends::open("memory:").await.unwrap();
        let payload = "x".repeat(500_000);
        for _ in 0..5 {
            let drafts: Vec<_> = (0..10).map(|_| Draft::new("a.b", &payload).unwrap()).collect();
            ledger.append(&drafts, &Condition::None).await.unwrap();
        }
        let (mut deaf, held) = served(&ledger).await;
        deaf.write_all(b"GET /api/v1/events HTTP/1.1\r\nhost: localhost\r\naccept: application/x-ndjson\r\n\r\n")
            .await
            .unwrap();
        // The answer is begun, a task reads on ahead of it, and both end.
        let mut first = [0; 1];
        deaf.read_exact(&mut first).await.unwrap();
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        let before = Arc::strong_count(&held);
        while Arc::strong_count(&held) >= before {
            assert!(tokio::time::Instant::now() < deadline, "the answer is still held");
            tokio::task::yield_now().await;
        }
        let mut rest = Vec::new();
        // What it held is lost, and the end of it never came.
        let _ = deaf.read_to_end(&mut rest).await;
        assert!(!rest.ends_with(b"0\r\n\r\n") && rest.len() < 25_000_000, "{} bytes", rest.len());
    }
}
