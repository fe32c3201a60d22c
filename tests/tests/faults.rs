//! What goes wrong beneath an open ledger: damaged rows, locks that are held, a network that falls silent.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger_core::{Error, Ledger, LedgerExt, Query, verify};
use ledger_testkit::{all, draft};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tests::places::UrlPlace;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const DAMAGE: &str = "UPDATE events SET payload = '{\"torn\":' WHERE \"offset\" = 2";

/// Payloads are not checked again when they are read, so what uses one has to notice.
async fn a_damaged_payload_is_noticed(ledger: &dyn Ledger) {
    let events = all(ledger).await.expect("damage does not keep the events around it from being read");
    assert_eq!(events.len(), 3, "the events around the damage cannot be read");
    assert!(matches!(events[1].payload_as::<serde_json::Value>(), Err(Error::Invalid { .. })));
    let mut line = b"kept".to_vec();
    let error = events[1].write_json(&mut line).expect_err("the damage was not noticed");
    assert!(matches!(error, Error::Corrupt { .. }) && error.to_string().contains("offset 2"), "{error}");
    assert_eq!(line, b"kept", "half a line was written");
    let error = verify(ledger, |_, _| ()).await.expect_err("the damage was not noticed");
    assert!(matches!(error, Error::Corrupt { .. }) && error.to_string().contains("{\"torn\":"), "{error}");
    let again = ledger.append_one(draft("1")).await.expect_err("the damage was not noticed");
    assert!(matches!(again, Error::IdConflict { .. }), "a damaged event passes for the one that was appended: {again}");
}

async fn three_events(place: &UrlPlace) -> Arc<dyn Ledger> {
    let ledger = backends::open(&place.url).await.expect("the test's own set-up works");
    for n in 0..3 {
        ledger.append_one(draft(&n.to_string())).await.expect("the test's own set-up works");
    }
    ledger
}

#[tokio::test]
async fn a_damaged_payload_in_a_file_is_noticed_by_all_that_use_it() {
    let place = UrlPlace::sqlite();
    let ledger = three_events(&place).await;
    let file = place.url.strip_prefix("sqlite://").unwrap();
    rusqlite::Connection::open(file).unwrap().execute_batch(DAMAGE).unwrap();
    a_damaged_payload_is_noticed(&*ledger).await;
}

#[tokio::test]
async fn a_damaged_payload_in_a_schema_is_noticed_by_all_that_use_it() {
    let place = UrlPlace::postgres().await;
    let ledger = three_events(&place).await;
    let mut session = direct(&place).await;
    sqlx::raw_sql("SET search_path TO ledger").execute(&mut session).await.unwrap();
    sqlx::raw_sql(DAMAGE).execute(&mut session).await.unwrap();
    a_damaged_payload_is_noticed(&*ledger).await;
}

/// Returns a session of its own, on the database that a place is in.
async fn direct(place: &UrlPlace) -> PgConnection {
    let (database, _) = place.url.split_once('?').expect("the test's own set-up works");
    PgConnection::connect(database).await.expect("the test's own set-up works")
}

#[tokio::test]
async fn an_append_waits_for_a_lock_as_long_as_it_was_told_and_goes_on_when_it_is_free() {
    let place = UrlPlace::postgres().await;
    drop(three_events(&place).await);
    let ledger = backends::open(&format!("{}&timeout_ms=200", place.url)).await.unwrap();
    let mut holder = direct(&place).await;
    sqlx::raw_sql("BEGIN; SELECT ledger.ledger_lock()").execute(&mut holder).await.unwrap();
    let start = Instant::now();
    let error = ledger.append_one(draft("late")).await.unwrap_err();
    assert!(error.is_unavailable() && error.to_string().contains("for too long"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(20), "it took {:?}", start.elapsed());
    assert_eq!(ledger.read(&Query::all()).await.unwrap().events.len(), 3, "the lock of a writer holds up a reader");
    sqlx::raw_sql("ROLLBACK").execute(&mut holder).await.unwrap();
    assert_eq!(ledger.append_one(draft("late")).await.unwrap().offset.get(), 4);
}

/// Carries bytes to a server until it is told to fall silent: connections stay open then, and nothing comes through.
async fn wire(to: (String, u16)) -> (u16, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("the test's own set-up works");
    let port = listener.local_addr().expect("the test's own set-up works").port();
    let (silent, silenced) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (to, mut silenced) = (to.clone(), silenced.clone());
            tokio::spawn(async move {
                let mut server = TcpStream::connect(to).await.expect("the test's own set-up works");
                let silence = silenced.wait_for(|&silent| silent);
                tokio::select! {
                    _ = silence => {}
                    _ = tokio::io::copy_bidirectional(&mut client, &mut server) => return,
                }
                std::future::pending::<()>().await;
            });
        }
    });
    (port, silent)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_over_a_wire_that_falls_silent_ends_and_what_it_did_is_found_again() {
    let place = UrlPlace::postgres().await;
    drop(three_events(&place).await);
    let (database, options) = place.url.split_once('?').unwrap();
    let server: PgConnectOptions = database.parse().unwrap();
    let (port, silent) = wire((server.get_host().to_owned(), server.get_port())).await;
    let through = server.port(port).host("127.0.0.1").to_url_lossy();
    let ledger = backends::open(&format!("{through}&{options}&timeout_ms=200")).await.unwrap();
    ledger.append_one(draft("before")).await.unwrap();
    silent.send(true).unwrap();
    let start = Instant::now();
    let error = ledger.append_one(draft("during")).await.unwrap_err();
    assert!(error.is_unavailable() && error.to_string().contains("no answer"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(20), "it took {:?}", start.elapsed());
    let direct = backends::open(&place.url).await.unwrap();
    assert_eq!(direct.append_one(draft("during")).await.unwrap().offset.get(), 5);
    assert_eq!(all(&*direct).await.unwrap().len(), 5);
}
