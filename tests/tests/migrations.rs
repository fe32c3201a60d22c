//! Each way to change tables, on each engine, with data before and after; interrupted, at once, and under writers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use backends::{Rebuild, Step, Strategy, Tables, drop_kept_tables, kept_tables, migrate_with, migrations_with};
use futures::FutureExt;
use futures::future::BoxFuture;
use ledger_core::{Condition, Draft, Error, Ledger, LedgerExt, Query, Result};
use ledger_testkit::draft;
use ledger_testkit::engines::private_clickhouse;
use tests::places::UrlPlace;
use tests::sql::query;

/// What is read of the table before and after, in a form that any change of a value would change.
const CONTENT: &str = "SELECT \"offset\", id, kind, payload, created_at FROM events ORDER BY \"offset\"";

/// Views name the columns of a table, so who rebuilds it drops them first.
const DROP_VIEWS: [&str; 3] =
    ["DROP VIEW IF EXISTS operation_log", "DROP VIEW IF EXISTS lineage_edges", "DROP VIEW IF EXISTS runs"];

const SQLITE_STEPS: [Step; 3] = [
    Step::statements(
        3,
        "notes",
        &[
            DROP_VIEWS[0],
            DROP_VIEWS[1],
            DROP_VIEWS[2],
            "ALTER TABLE events ADD COLUMN note TEXT NOT NULL DEFAULT 'none'",
        ],
    ),
    Step {
        version: 4,
        name: "small",
        strategy: Strategy::Rebuild(Rebuild {
            table: "events",
            create: "CREATE TABLE {new} (\"offset\" INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, \
                     payload TEXT NOT NULL, created_at INTEGER NOT NULL, size INTEGER NOT NULL) STRICT",
            columns: SMALL,
            key: "\"offset\"",
            after: &["CREATE INDEX events_size ON events (size)"],
        }),
    },
    Step { version: 5, name: "sizes", strategy: Strategy::Code(sizes) },
];

const POSTGRES_STEPS: [Step; 3] = [
    Step::statements(
        3,
        "notes",
        &[
            DROP_VIEWS[0],
            DROP_VIEWS[1],
            DROP_VIEWS[2],
            "ALTER TABLE events ADD COLUMN note text NOT NULL DEFAULT 'none'",
        ],
    ),
    Step {
        version: 4,
        name: "small",
        strategy: Strategy::Rebuild(Rebuild {
            table: "events",
            create: "CREATE TABLE {new} (\"offset\" bigint PRIMARY KEY, id text COLLATE \"C\" NOT NULL UNIQUE, \
                     kind text NOT NULL, payload text NOT NULL, created_at bigint NOT NULL, size integer NOT NULL)",
            columns: SMALL,
            key: "\"offset\"",
            after: &["CREATE INDEX events_size ON events (size)"],
        }),
    },
    Step { version: 5, name: "sizes", strategy: Strategy::Code(sizes) },
];

const CLICKHOUSE_STEPS: [Step; 3] = [
    Step::statements(
        3,
        "notes",
        &[
            DROP_VIEWS[0],
            DROP_VIEWS[1],
            DROP_VIEWS[2],
            "ALTER TABLE events ADD COLUMN IF NOT EXISTS note String DEFAULT 'none'",
        ],
    ),
    Step {
        version: 4,
        name: "small",
        strategy: Strategy::Rebuild(Rebuild {
            table: "events",
            create: "CREATE TABLE IF NOT EXISTS {new} (offset UInt64, id String, kind LowCardinality(String), \
                     payload String CODEC(ZSTD(6)), created_at Int64, size UInt32) \
                     ENGINE = MergeTree ORDER BY offset SETTINGS non_replicated_deduplication_window = 10000",
            columns: SMALL,
            key: "offset",
            after: &[],
        }),
    },
    Step { version: 5, name: "sizes", strategy: Strategy::Code(sizes) },
];

const SMALL: &[(&str, &str)] = &[
    ("\"offset\"", "\"offset\""),
    ("id", "id"),
    ("kind", "kind"),
    ("payload", "payload"),
    ("created_at", "created_at"),
    ("size", "length(payload)"),
];

/// Moves data as SQL alone would not: it decides by what it reads. It may be run again.
fn sizes(tables: &dyn Tables) -> BoxFuture<'_, Result<()>> {
    async move {
        let engine = if tables
            .rows("SELECT version()")
            .await
            .is_ok_and(|rows| rows[0][0].as_ref().is_some_and(|v| v.starts_with("2")))
        {
            " ENGINE = MergeTree ORDER BY class"
        } else {
            ""
        };
        tables.execute(&format!("CREATE TABLE IF NOT EXISTS sizes (class INTEGER, held INTEGER){engine}")).await?;
        let largest = tables.rows("SELECT max(size) FROM events").await?;
        let largest: i64 = largest[0][0].as_ref().and_then(|text| text.parse().ok()).unwrap_or_default();
        for class in 0..=largest / 100 {
            if tables.rows(&format!("SELECT class FROM sizes WHERE class = {class}")).await?.is_empty() {
                let held =
                    format!("SELECT {class}, count(*) FROM events WHERE size >= {class}00 AND size < {}00", class + 1);
                tables.execute(&format!("INSERT INTO sizes (class, held) {held}")).await?;
            }
        }
        Ok(())
    }
    .boxed()
}

fn drafts(from: usize, to: usize) -> Vec<Draft> {
    let payload = |n: usize| serde_json::json!({"n": n, "text": "x".repeat(n % 250), "quote": "it's \\ \"so\"\n"});
    (from..to)
        .map(|n| Draft::new("thing.made", &payload(n)).and_then(|d| d.id(format!("m-{n}"))).expect("it is valid"))
        .collect()
}

async fn each_strategy_keeps_the_data(place: &UrlPlace, steps: &[Step]) -> Result<()> {
    let ledger = place.open_url().await;
    ledger.append(&drafts(0, 500), &Condition::None).await?;
    let before = query(&place.url, CONTENT).await;
    let preview = migrations_with(&place.url, steps).await?;
    assert_eq!(
        preview.iter().filter(|step| step.applied_at.is_none()).map(|step| step.version).collect::<Vec<_>>(),
        [3, 4, 5]
    );
    let size = preview[3].size.expect("a rebuild says how much it copies");
    assert!(size.rows == 500 && size.bytes > 1_000, "{size:?}");
    assert!(
        preview[3].statements.iter().any(|sql| sql.contains("CREATE TABLE") && sql.contains("events_v4")),
        "{preview:?}"
    );
    assert_eq!(query(&place.url, CONTENT).await, before, "a preview changed something");

    let mut heard = Vec::new();
    let applied = migrate_with(&place.url, steps, &mut |step| heard.push((step.version, step.at, step.of))).await?;
    assert_eq!(applied.iter().map(|step| step.version).collect::<Vec<_>>(), [3, 4, 5]);
    assert_eq!(heard.last(), Some(&(4, 500, 500)));
    assert_eq!(query(&place.url, CONTENT).await, before, "the data changed");
    assert_eq!(
        query(&place.url, "SELECT count(*) FROM events WHERE size <> length(payload)")
            .await
            .trim_matches(|c: char| !c.is_ascii_digit()),
        "0"
    );
    let held = query(&place.url, "SELECT sum(held) FROM sizes").await;
    assert_eq!(held.trim_matches(|c: char| !c.is_ascii_digit()), "500");
    assert!(migrate_with(&place.url, steps, &mut |_| ()).await?.is_empty(), "steps were applied twice");

    let error = backends::open(&place.url).await.expect_err("a newer schema was opened");
    assert!(matches!(error, Error::SchemaTooNew { found: 5, known: 2 }), "{error:?}");
    let running = ledger.append(&drafts(500, 501), &Condition::None).await;
    assert!(running.is_err(), "a program that was running writes into tables it does not know: {running:?}");
    assert_eq!(query(&place.url, CONTENT).await, before, "half a row was written");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_strategy_keeps_the_data_in_sqlite() {
    each_strategy_keeps_the_data(&UrlPlace::sqlite(), &SQLITE_STEPS).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_strategy_keeps_the_data_in_postgres() {
    each_strategy_keeps_the_data(&UrlPlace::postgres().await, &POSTGRES_STEPS).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_strategy_keeps_the_data_in_clickhouse_and_the_old_table_until_it_is_confirmed() {
    let place = UrlPlace::clickhouse().await;
    each_strategy_keeps_the_data(&place, &CLICKHOUSE_STEPS).await.unwrap();
    assert_eq!(kept_tables(&place.url).await.unwrap(), ["events_before_v4"]);
    assert_eq!(query(&place.url, "SELECT count() FROM events_before_v4").await, "500");
    query(&place.url, "CREATE TABLE prices_before_v2 (n UInt8) ENGINE = Memory").await;
    let read_only = drop_kept_tables(&format!("{}&mode=ro", place.url)).await;
    assert!(matches!(read_only, Err(Error::ReadOnly { .. })), "{read_only:?}");
    assert_eq!(drop_kept_tables(&place.url).await.unwrap(), ["events_before_v4"]);
    assert!(kept_tables(&place.url).await.unwrap().is_empty());
    assert_eq!(query(&place.url, "SELECT count() FROM prices_before_v2").await, "0");
}

/// The new table cannot hold what the old one does: it is dropped, and writers of the old one go on.
#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_loses_something_is_refused_and_the_old_table_is_open_again() {
    const NARROW: Step = Step {
        version: 3,
        name: "narrow",
        strategy: Strategy::Rebuild(Rebuild {
            table: "events",
            create: "CREATE TABLE IF NOT EXISTS {new} (offset UInt64, size UInt8) ENGINE = MergeTree ORDER BY offset \
                     SETTINGS non_replicated_deduplication_window = 100",
            columns: &[("offset", "offset"), ("size", "length(payload)")],
            key: "offset",
            after: &[],
        }),
    };
    let place = UrlPlace::clickhouse().await;
    let ledger = place.open_url().await;
    ledger.append(&drafts(0, 300), &Condition::None).await.unwrap();
    for _ in 0..2 {
        let error = migrate_with(&place.url, &[NARROW], &mut |_| ()).await.unwrap_err();
        assert!(matches!(&error, Error::Corrupt { why } if why.contains("old one stays")), "{error:?}");
        assert_eq!(query(&place.url, "EXISTS TABLE events_v3").await, "0");
    }
    assert_eq!(ledger.append_one(draft("after")).await.unwrap().offset.get(), 301);
    assert_eq!(place.open_url().await.append_one(draft("again")).await.unwrap().offset.get(), 302);
    assert_eq!(ledger.prune(&Query::after("300".parse().unwrap())).await.unwrap(), 2);
}

/// A process that died after it had closed the old table, or after the exchange: the next one goes on from there.
#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_goes_on_wherever_a_process_died() {
    let [_, Step { strategy: Strategy::Rebuild(rebuild), .. }, _] = CLICKHOUSE_STEPS else {
        panic!("the second step rebuilds")
    };
    let create = rebuild.create.replace("{new}", "events_v4");
    let copy = |up_to: u32| {
        format!(
            "INSERT INTO events_v4 SELECT offset, id, kind, payload, created_at, length(payload) FROM events \
             WHERE offset <= {up_to} ORDER BY offset"
        )
    };
    let comment = "ALTER TABLE events_v4 MODIFY COMMENT 'made by step 4'";
    let close = "ALTER TABLE events ADD CONSTRAINT ledger_migrating CHECK 0";
    let announce = "INSERT INTO ledger_schema_version VALUES (4, '(under way)', 0)";
    let exchange = "EXCHANGE TABLES events AND events_v4";
    let rename = "RENAME TABLE events_v4 TO events_before_v4";
    let (half, whole) = (copy(200), copy(400));
    let died_after: [&[&str]; 7] = [
        &[&create],
        &[&create, comment],
        &[&create, comment, &half],
        &[&create, comment, &whole, close],
        &[&create, comment, &whole, close, announce],
        &[&create, comment, &whole, close, announce, exchange],
        &[&create, comment, &whole, close, announce, exchange, rename],
    ];
    for done in died_after {
        let place = UrlPlace::clickhouse().await;
        place.open_url().await.append(&drafts(0, 400), &Condition::None).await.unwrap();
        let before = query(&place.url, CONTENT).await;
        migrate_with(&place.url, &CLICKHOUSE_STEPS[..1], &mut |_| ()).await.unwrap();
        for sql in done {
            query(&place.url, sql).await;
        }
        migrate_with(&place.url, &CLICKHOUSE_STEPS, &mut |_| ()).await.unwrap();
        assert_eq!(query(&place.url, CONTENT).await, before, "after {}", done.last().unwrap());
        assert_eq!(query(&place.url, "SELECT count() FROM events_before_v4").await, "400");
        assert_eq!(query(&place.url, "SELECT max(size) > 0 FROM events").await, "1");
    }
}

/// What is pruned from a table that is being copied would come back with the new one.
#[tokio::test(flavor = "multi_thread")]
async fn a_prune_waits_for_a_rebuild_to_end() {
    let place = UrlPlace::clickhouse().await;
    let ledger = place.open_url().await;
    ledger.append(&drafts(0, 10), &Condition::None).await.unwrap();
    query(&place.url, "CREATE TABLE events_v3 AS events").await;
    let error = ledger.prune(&Query::all()).await.unwrap_err();
    assert!(error.is_unavailable() && error.to_string().contains("being migrated"), "{error:?}");
    query(&place.url, "DROP TABLE events_v3 SYNC").await;
    assert_eq!(ledger.prune(&Query::all()).await.unwrap(), 10);
}

/// Two that start at once: one migrates, the other waits and finds it done.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_start_at_once_one_migrates_and_one_waits() {
    for (place, steps) in [
        (UrlPlace::sqlite(), SQLITE_STEPS),
        (UrlPlace::postgres().await, POSTGRES_STEPS),
        (UrlPlace::clickhouse().await, CLICKHOUSE_STEPS),
    ] {
        place.open_url().await.append(&drafts(0, 200), &Condition::None).await.unwrap();
        let before = query(&place.url, CONTENT).await;
        let start = || {
            let url = place.url.clone();
            tokio::spawn(async move { migrate_with(&url, &steps, &mut |_| ()).await.map(|_| ()) })
        };
        let both = [start(), start()];
        for one in both {
            one.await.unwrap().unwrap();
        }
        assert_eq!(query(&place.url, CONTENT).await, before, "{}", place.url);
        let versions =
            query(&place.url, "SELECT version FROM ledger_schema_version WHERE name <> '(under way)' ORDER BY version")
                .await;
        assert_eq!(versions.lines().count(), 5, "{}: a step was recorded twice: {versions}", place.url);
    }
}

/// The server dies in the middle of a copy; the next start goes on, and writers that came in between lose nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_was_interrupted_goes_on_and_keeps_what_was_written_meanwhile() {
    let server = private_clickhouse().await.unwrap_or_else(|error| panic!("{error}"));
    let url = server.fresh_database().await.unwrap();
    let ledger: Arc<dyn Ledger> = backends::open(&url).await.unwrap();
    for batch in 0..25 {
        ledger.append(&drafts(batch * 10_000, (batch + 1) * 10_000), &Condition::None).await.unwrap();
    }
    let copying = Arc::new(AtomicBool::new(false));
    let first = tokio::spawn({
        let (url, copying) = (format!("{url}?timeout_ms=1000"), copying.clone());
        async move { migrate_with(&url, &CLICKHOUSE_STEPS, &mut |_| copying.store(true, Ordering::Relaxed)).await }
    });
    while !copying.load(Ordering::Relaxed) && !first.is_finished() {
        tokio::task::yield_now().await;
    }
    server.kill().await.unwrap();
    let outcome = first.await.unwrap();
    server.start_again().await.unwrap();
    if outcome.is_err() {
        // The step is not recorded, so the program that knows the old tables goes on as before, unless they are closed.
        match ledger.append_one(draft("meanwhile")).await {
            Ok(receipt) => assert_eq!(receipt.offset.get(), 250_001),
            Err(error) => assert!(matches!(error, Error::Unavailable { .. } | Error::SchemaTooNew { .. }), "{error:?}"),
        }
    }
    migrate_with(&url, &CLICKHOUSE_STEPS, &mut |_| ()).await.unwrap();
    let digest = |table: &str, size: &str| {
        format!(
            "SELECT count(), groupBitXor(sipHash64(toString(tuple(offset, id, kind, payload, created_at, {size})))) FROM {table}"
        )
    };
    let (old, new) = (digest("events_before_v4", "length(payload)"), digest("events", "size"));
    assert_eq!(query(&url, &new).await, query(&url, &old).await);
    let count: u64 = query(&url, "SELECT count() FROM events").await.parse().unwrap();
    assert!(count >= 250_000, "{count}");
    assert_eq!(query(&url, "SELECT max(offset), uniqExact(id) FROM events").await, format!("{count}\t{count}"));
}
