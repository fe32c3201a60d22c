//! The engines themselves: a server is found, gives fresh databases, survives a crash, and leaves nothing behind.

use ledger_testkit::engines::{Bouncer, postgres, private_postgres};
use sqlx::{Connection, PgConnection};

async fn one(url: &str) -> i32 {
    let mut connection = PgConnection::connect(url).await.expect("the server is up");
    sqlx::query_scalar("select 1").fetch_one(&mut connection).await.expect("it answers")
}

#[tokio::test]
async fn each_fresh_database_is_another_and_answers() {
    let server = postgres().await.unwrap_or_else(|e| panic!("{e}"));
    let (a, b) = (server.fresh_database().await.unwrap(), server.fresh_database().await.unwrap());
    assert_ne!(a, b);
    assert_eq!(one(&a).await + one(&b).await, 2);
}

#[tokio::test]
async fn a_private_server_answers_again_after_a_crash_and_keeps_what_was_committed() {
    let server = private_postgres().await.unwrap_or_else(|e| panic!("{e}"));
    server.execute("create table kept as select 7 as seven").await.unwrap();
    server.restart().await.unwrap();
    let mut connection = PgConnection::connect(server.url()).await.unwrap();
    let seven: i32 = sqlx::query_scalar("select seven from kept").fetch_one(&mut connection).await.unwrap();
    assert_eq!(seven, 7);
}

#[tokio::test]
async fn a_pooler_in_transaction_mode_stands_before_the_server() {
    let server = private_postgres().await.unwrap_or_else(|e| panic!("{e}"));
    let bouncer = Bouncer::start(&server, 2).await.unwrap_or_else(|e| panic!("{e}"));
    let url = bouncer.through(&server.fresh_database().await.unwrap()).unwrap();
    assert_eq!(one(&url).await, 1);
}
