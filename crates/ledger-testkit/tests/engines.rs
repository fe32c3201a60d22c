//! The engines themselves: a server is found, gives fresh databases, survives a crash, and leaves nothing behind.

use ledger_testkit::engines::{
    Bouncer, Rights, clickhouse, clickhouse_query, postgres, private_clickhouse, private_postgres,
};
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

#[tokio::test]
async fn each_fresh_database_of_clickhouse_is_another_and_answers() {
    let server = clickhouse().await.unwrap_or_else(|e| panic!("{e}"));
    let (a, b) = (server.fresh_database().await.unwrap(), server.fresh_database().await.unwrap());
    assert_ne!(a, b);
    clickhouse_query(&a, "CREATE TABLE marks (mark String) ENGINE = MergeTree ORDER BY mark").await.unwrap();
    clickhouse_query(&a, "INSERT INTO marks VALUES ('what?')").await.unwrap();
    assert_eq!(clickhouse_query(&a, "SELECT mark, 1 FROM marks").await.unwrap(), "what?\t1\n");
    assert!(clickhouse_query(&b, "SELECT mark, 1 FROM marks").await.is_err());
}

#[tokio::test]
async fn a_private_clickhouse_answers_again_after_a_crash_and_keeps_what_was_inserted() {
    let server = private_clickhouse().await.unwrap_or_else(|e| panic!("{e}"));
    let url = server.fresh_database().await.unwrap();
    clickhouse_query(&url, "CREATE TABLE kept (seven UInt8) ENGINE = MergeTree ORDER BY seven").await.unwrap();
    clickhouse_query(&url, "INSERT INTO kept VALUES (7)").await.unwrap();
    server.kill().await.unwrap();
    assert!(clickhouse_query(&url, "SELECT 1").await.is_err());
    server.start_again().await.unwrap();
    assert_eq!(clickhouse_query(&url, "SELECT seven FROM kept").await.unwrap(), "7\n");
}

#[tokio::test]
async fn a_user_of_clickhouse_may_do_what_they_were_given_and_no_more() {
    let server = clickhouse().await.unwrap_or_else(|e| panic!("{e}"));
    let url = server.fresh_database().await.unwrap();
    clickhouse_query(&url, "CREATE TABLE marks (mark UInt8) ENGINE = MergeTree ORDER BY mark").await.unwrap();
    let stranger = server.url_as(Rights::Nothing, &url).await.unwrap();
    let reader = server.url_as(Rights::Read, &url).await.unwrap();
    assert_eq!(clickhouse_query(&stranger, "SELECT 1").await.unwrap(), "1\n");
    assert!(clickhouse_query(&stranger, "SELECT count() FROM marks").await.is_err());
    assert_eq!(clickhouse_query(&reader, "SELECT count() FROM marks").await.unwrap(), "0\n");
    assert!(clickhouse_query(&reader, "INSERT INTO marks VALUES (1)").await.is_err());
}
