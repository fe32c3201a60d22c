//! What is particular to ClickHouse: what a server and a table must be, merges, groups, polling, and a wire that is cut.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger_core::{Error, Ledger, LedgerExt, Query, verify};
use ledger_testkit::engines::{ClickHouseServer, Rights, clickhouse, private_clickhouse};
use ledger_testkit::{all, dense, draft};
use tests::places::UrlPlace;
use tests::wire::wire;
use tokio::task::JoinSet;

async fn server() -> &'static ClickHouseServer {
    clickhouse().await.unwrap_or_else(|error| panic!("{error}"))
}

/// Opens, and demands a refusal that does not show the password.
async fn refused(url: &str) -> Error {
    let error = match backends::open(url).await {
        Ok(ledger) => panic!("it was opened: {ledger:?}"),
        Err(error) => error,
    };
    let shown = format!("{error} {error:?} {:?}", std::error::Error::source(&error));
    assert!(!shown.contains(&server().await.password()), "the password is shown: {shown}");
    error
}

fn name(url: &str) -> &str {
    let path = url.rsplit('/').next().expect("a URL has a path");
    path.split('?').next().expect("a text has a first part")
}

#[tokio::test]
async fn a_login_a_database_or_a_port_that_is_wrong_is_refused_with_what_to_do() {
    let server = server().await;
    let url = server.fresh_database().await.unwrap();
    let error = refused(&url.replace(&server.password(), "wrong")).await;
    assert!(!error.is_unavailable() && error.to_string().contains("check user and password"), "{error}");
    let error = refused(&url.replace(name(&url), "no_such_database")).await;
    assert!(matches!(error, Error::NotFound { .. }) && error.to_string().contains("no_such_database"), "{error}");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = refused(&url.replace(&format!(":{}/", server.port()), &format!(":{closed}/"))).await;
    assert!(error.is_unavailable(), "{error}");
}

#[tokio::test]
async fn the_port_of_the_native_protocol_is_refused_with_the_one_to_give() {
    let server = private_clickhouse().await.unwrap_or_else(|error| panic!("{error}"));
    let native = format!(":{}/", server.native_port().unwrap());
    let error = backends::open(&server.url().replace(&format!(":{}/", server.port()), &native)).await.unwrap_err();
    assert!(!error.is_unavailable() && error.to_string().contains("mostly 8123"), "{error:?}");
}

#[tokio::test]
async fn who_may_not_create_is_told_and_who_may_only_read_reads() {
    let server = server().await;
    let url = server.fresh_database().await.unwrap();
    let error = refused(&server.url_as(Rights::Nothing, &url).await.unwrap()).await;
    assert!(!error.is_unavailable() && error.to_string().contains("no right"), "{error}");
    let error = refused(&server.url_as(Rights::Read, &url).await.unwrap()).await;
    assert!(!error.is_unavailable() && error.to_string().contains("no right"), "{error}");
    backends::open(&url).await.unwrap().append_one(draft("a")).await.unwrap();
    let reader = format!("{}?mode=ro", server.url_as(Rights::Read, &url).await.unwrap());
    let ledger = backends::open(&reader).await.unwrap();
    assert_eq!(all(&*ledger).await.unwrap().len(), 1);
    assert!(matches!(ledger.append_one(draft("b")).await, Err(Error::ReadOnly { .. })));
}

#[tokio::test]
async fn a_table_that_is_not_ours_is_refused_and_left_alone() {
    let server = server().await;
    let url = server.fresh_database().await.unwrap();
    let table = format!("{}.events", name(&url));
    server.execute(&format!("CREATE TABLE {table} (title String) ENGINE = MergeTree ORDER BY title")).await.unwrap();
    server.execute(&format!("INSERT INTO {table} VALUES ('party')")).await.unwrap();
    let error = refused(&url).await;
    assert!(matches!(&error, Error::NotALedger { why, .. } if why.contains("`events`")), "{error}");
    assert_eq!(server.query(&format!("SELECT * FROM {table}")).await.unwrap().trim(), "party");
}

#[tokio::test]
async fn a_table_that_was_made_otherwise_is_refused() {
    let server = server().await;
    for (change, says) in [
        ("ALTER TABLE {events} DROP INDEX tags_bloom, DROP COLUMN tags", "no column `tags`"),
        ("ALTER TABLE {events} MODIFY SETTING non_replicated_deduplication_window = 0", "deduplication_window"),
        ("DROP TABLE {events} SYNC", "is gone"),
        (
            "CREATE OR REPLACE TABLE {events} ENGINE = ReplacingMergeTree ORDER BY offset AS SELECT * FROM {events}",
            "ReplacingMergeTree",
        ),
    ] {
        let url = server.fresh_database().await.unwrap();
        backends::open(&url).await.unwrap();
        server.execute(&change.replace("{events}", &format!("{}.events", name(&url)))).await.unwrap();
        let error = refused(&url).await;
        assert!(error.to_string().contains(says), "{change}: {error}");
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_what_to_do() {
    let server = server().await;
    let url = server.fresh_database().await.unwrap();
    backends::open(&url).await.unwrap();
    let newer = "(version, name, applied_at) VALUES (4000, 'from the future', 0)";
    server.execute(&format!("INSERT INTO {}.ledger_schema_version {newer}", name(&url))).await.unwrap();
    let error = refused(&url).await;
    assert!(matches!(error, Error::SchemaTooNew { found: 4000, .. }), "{error:?}");
}

/// A server that dies between its list of tokens and the block has spent the token of a place on nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_spent_on_nothing_holds_nobody_up() {
    let server = server().await;
    let url = server.fresh_database().await.unwrap();
    let handles = [backends::open(&url).await.unwrap(), backends::open(&url).await.unwrap()];
    handles[0].append_one(draft("first")).await.unwrap();
    for token in ["o2", "o2.1"] {
        let spend = format!(
            "INSERT INTO {}.events (offset, id) SETTINGS insert_deduplication_token = '{token}' VALUES (2, 'spent')",
            name(&url)
        );
        server.execute(&spend).await.unwrap();
        server.execute(&format!("DELETE FROM {}.events WHERE id = 'spent'", name(&url))).await.unwrap();
    }
    let (one, two) = tokio::join!(handles[0].append_one(draft("one")), handles[1].append_one(draft("two")));
    let mut offsets = [one.unwrap().offset.get(), two.unwrap().offset.get()];
    offsets.sort_unstable();
    assert_eq!(offsets, [2, 3]);
    dense(&all(&*handles[0]).await.unwrap());
}

/// A commit names every setting that it rests on, so that no profile of a user can take tokens or blocks apart.
#[tokio::test(flavor = "multi_thread")]
async fn a_careless_profile_neither_doubles_offsets_nor_tears_batches() {
    let server = private_clickhouse().await.unwrap_or_else(|error| panic!("{error}"));
    let url = server.url_as(Rights::Careless, &server.fresh_database().await.unwrap()).await.unwrap();
    let mut tasks = JoinSet::new();
    for writer in 0..4 {
        let ledger = backends::open(&url).await.unwrap();
        tasks.spawn(async move {
            for n in 0..8 {
                let drafts: Vec<_> = (0..20).map(|part| draft(&format!("{writer}-{n}-{part}"))).collect();
                ledger.append(&drafts, &ledger_core::Condition::None).await.unwrap();
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let ledger = backends::open(&url).await.unwrap();
    let events = all(&*ledger).await.unwrap();
    assert_eq!(events.len(), 640);
    dense(&events);
    let parts = format!("SELECT max(n) FROM (SELECT uniqExact(_part) AS n FROM {}.events GROUP BY commit)", name(&url));
    assert_eq!(server.query(&parts).await.unwrap().trim(), "1", "a batch lies in several parts");
}

/// Merges rewrite all rows beneath the readers; what was removed goes then, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn merges_in_the_background_change_nothing_that_is_read() {
    let server = server().await;
    let url = server.fresh_database().await.unwrap();
    let ledger = backends::open(&url).await.unwrap();
    for batch in 0..30 {
        let drafts: Vec<_> = (0..20).map(|n| draft(&format!("{batch}-{n}"))).collect();
        ledger.append(&drafts, &ledger_core::Condition::None).await.unwrap();
    }
    ledger.prune(&Query::after("100".parse().unwrap()).up_to("150".parse().unwrap())).await.unwrap();
    ledger.prune(&Query::after("590".parse().unwrap())).await.unwrap();
    let before = (all(&*ledger).await.unwrap(), verify(&*ledger, |_, _| ()).await.unwrap());
    let optimize = format!("OPTIMIZE TABLE {}.events FINAL", name(&url));
    let merges = tokio::spawn(async move { server.execute(&optimize).await });
    while !merges.is_finished() {
        assert_eq!(all(&*ledger).await.unwrap(), before.0, "a merge changed what is read");
    }
    merges.await.unwrap().unwrap();
    let parts = "SELECT count() FROM system.parts WHERE active AND table = 'events' AND database = ";
    assert_eq!(server.query(&format!("{parts}'{}'", name(&url))).await.unwrap().trim(), "1");
    assert_eq!((all(&*ledger).await.unwrap(), verify(&*ledger, |_, _| ()).await.unwrap()), before);
    assert_eq!((before.1.head.get(), before.1.gaps), (600, 60));
    assert_eq!(ledger.append_one(draft("next")).await.unwrap().offset.get(), 601);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_appenders_share_their_inserts() {
    let server = server().await;
    let url = server.fresh_database().await.unwrap();
    let ledger = backends::open(&url).await.unwrap();
    let mut tasks = JoinSet::new();
    for task in 0..64 {
        let ledger: Arc<dyn Ledger> = ledger.clone();
        tasks.spawn(async move {
            for n in 0..5 {
                ledger.append_one(draft(&format!("{task}-{n}"))).await.unwrap();
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    dense(&all(&*ledger).await.unwrap());
    let inserts = server.query(&format!("SELECT uniqExact(commit) FROM {}.events", name(&url))).await.unwrap();
    let inserts: u32 = inserts.trim().parse().unwrap();
    assert!(inserts < 80, "320 events took {inserts} inserts");
}

/// A follower that waits asks a few times a second; each look costs the server as much as a query.
#[tokio::test(flavor = "multi_thread")]
async fn a_follower_that_waits_asks_a_few_times_a_second() {
    let server = private_clickhouse().await.unwrap_or_else(|error| panic!("{error}"));
    let ledger = backends::open(&server.fresh_database().await.unwrap()).await.unwrap();
    let head = ledger.append_one(draft("a")).await.unwrap().offset;
    let waiter = tokio::spawn({
        let ledger = ledger.clone();
        async move { ledger.wait(head).await }
    });
    let asked = async || -> u64 {
        let sql = "SELECT value FROM system.events WHERE event = 'SelectQuery'";
        server.query(sql).await.unwrap().trim().parse().unwrap()
    };
    // The pauses grow to their longest within two seconds; what is counted begins after that.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (before, start) = (asked().await, Instant::now());
    tokio::time::sleep(Duration::from_secs(3)).await;
    let a_second = (asked().await - before) as f64 / start.elapsed().as_secs_f64();
    assert!(a_second < 5.0, "an idle follower asks {a_second:.1} times a second");
    ledger.append_one(draft("b")).await.unwrap();
    assert_eq!(waiter.await.unwrap().unwrap().get(), 2);
}

/// An append whose answer never comes may have been done or not. Trying again is right either way.
#[tokio::test(flavor = "multi_thread")]
async fn an_append_over_a_wire_that_falls_silent_ends_and_is_neither_lost_nor_doubled() {
    let server = server().await;
    for round in 0..3 {
        let place = UrlPlace::clickhouse().await;
        let (port, silent) = wire(("127.0.0.1".to_owned(), server.port())).await;
        let through = place.url.replace(&format!(":{}/", server.port()), &format!(":{port}/"));
        let ledger = backends::open(&format!("{through}&timeout_ms=300")).await.unwrap();
        ledger.append_one(draft("before")).await.unwrap();
        let during = tokio::spawn({
            let ledger = ledger.clone();
            async move { ledger.append_one(draft("during")).await }
        });
        // Cut at different moments of the insert: before it is sent, while it is written, after it is answered.
        tokio::time::sleep(Duration::from_millis(4 * round)).await;
        silent.send(true).unwrap();
        let outcome = during.await.unwrap();
        let direct = backends::open(&place.url).await.unwrap();
        let again = direct.append_one(draft("during")).await.unwrap();
        assert_eq!(again.offset.get(), 2);
        if let Ok(receipt) = outcome {
            assert_eq!(receipt.offset.get(), 2);
        }
        assert_eq!(all(&*direct).await.unwrap().len(), 2);
    }
}
