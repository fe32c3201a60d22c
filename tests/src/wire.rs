//! A wire to a server that can be told to fall silent: connections stay open, and nothing comes through any more.

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Starts to carry bytes to a server, until `true` is sent. Returns the port to connect to.
pub async fn wire(to: (String, u16)) -> (u16, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("this machine has a port left");
    let port = listener.local_addr().expect("a bound socket has an address").port();
    let (silent, silenced) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(carry(client, to.clone(), silenced.clone()));
        }
    });
    (port, silent)
}

async fn carry(mut client: TcpStream, to: (String, u16), mut silenced: watch::Receiver<bool>) {
    let Ok(mut server) = TcpStream::connect(to).await else { return };
    tokio::select! {
        _ = silenced.wait_for(|&silent| silent) => {}
        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => return,
    }
    // Held open, so that nobody is told.
    std::future::pending::<()>().await;
}
