//! Servers that crash and come back, and connections that are cut, under load: nothing is lost or doubled.

use ledger_testkit::engines::{private_clickhouse, private_postgres};
use tests::load::Load;

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_crashes_under_load_loses_and_doubles_nothing() {
    let server = private_postgres().await.unwrap_or_else(|error| panic!("{error}"));
    let url = format!("{}?schema=ledger", server.fresh_database().await.unwrap());
    let handles = [backends::open(&url).await.unwrap(), backends::open(&url).await.unwrap()];
    let load = Load::start(&handles, 8);
    for _ in 0..4 {
        load.more(150).await;
        server.restart().await.unwrap();
    }
    load.more(150).await;
    let count = load.finish(&handles[0]).await.unwrap();
    println!("{count} events over 4 crashes");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_cut_under_load_lose_and_double_nothing() {
    let server = private_postgres().await.unwrap_or_else(|error| panic!("{error}"));
    let url = format!("{}?schema=ledger", server.fresh_database().await.unwrap());
    let handles = [backends::open(&url).await.unwrap(), backends::open(&url).await.unwrap()];
    let load = Load::start(&handles, 8);
    for _ in 0..15 {
        load.more(25).await;
        let cut = "select pg_terminate_backend(pid) from pg_stat_activity \
                   where backend_type = 'client backend' and pid <> pg_backend_pid()";
        server.execute(cut).await.unwrap();
    }
    load.more(50).await;
    let count = load.finish(&handles[0]).await.unwrap();
    println!("{count} events over 15 cuts");
}

/// Killed in mid-insert, the server may have spent a token on nothing, or written a block that nobody was told of.
#[tokio::test(flavor = "multi_thread")]
async fn a_clickhouse_that_is_killed_under_load_loses_and_doubles_nothing() {
    let server = private_clickhouse().await.unwrap_or_else(|error| panic!("{error}"));
    let url = server.fresh_database().await.unwrap();
    let handles = [backends::open(&url).await.unwrap(), backends::open(&url).await.unwrap()];
    let load = Load::start(&handles, 8);
    for _ in 0..8 {
        load.more(40).await;
        server.kill().await.unwrap();
        server.start_again().await.unwrap();
    }
    load.more(40).await;
    let count = load.finish(&handles[0]).await.unwrap();
    println!("{count} events over 8 kills");
}
