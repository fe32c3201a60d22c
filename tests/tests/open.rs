//! Opening what cannot be opened: each refusal says what to do, touches nothing, and never shows a password.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use ledger_core::{Condition, Error, Ledger, LedgerExt, Result};
use ledger_testkit::engines::{Unprivileged, postgres};
use ledger_testkit::{Place, all, draft};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tests::places::{UrlPlace, file_url};

const WORKER: &str = env!("CARGO_BIN_EXE_worker");

/// Opens, and demands a refusal that shows the password neither in its text nor in its causes.
async fn refused(url: &str, secret: &str) -> Error {
    let error = match backends::open(url).await {
        Ok(ledger) => panic!("it was opened: {ledger:?}"),
        Err(error) => error,
    };
    let mut shown = format!("{error} {error:?} {error:#?}");
    let mut cause = std::error::Error::source(&error);
    while let Some(next) = cause {
        shown.push_str(&format!(" {next} {next:?}"));
        cause = next.source();
    }
    assert!(!shown.contains(secret), "the password is shown: {shown}");
    assert!(!error.to_string().is_empty());
    error
}

async fn execute(url: &str, sql: &str) {
    let mut connection = PgConnection::connect(url).await.expect("the test's own set-up works");
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.expect("the test's own set-up works");
}

async fn database() -> String {
    let server = postgres().await.unwrap_or_else(|error| panic!("{error}"));
    server.fresh_database().await.expect("the test's own set-up works")
}

#[tokio::test]
async fn an_unknown_scheme_is_refused_by_its_name() {
    let error = refused("mysql://me:s3cret@host/db", "s3cret").await;
    assert!(matches!(&error, Error::UnknownScheme { scheme } if scheme == "mysql"), "{error:?}");
}

#[tokio::test]
async fn a_host_that_does_not_answer_is_unavailable_within_the_time_out() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let start = Instant::now();
    let error = refused(&format!("postgres://me:s3cret@127.0.0.1:{closed}/db?timeout_ms=2000"), "s3cret").await;
    assert!(error.is_unavailable(), "{error:?}");
    assert!(start.elapsed() < Duration::from_secs(6), "it took {:?}", start.elapsed());
}

#[tokio::test]
async fn a_host_that_accepts_and_says_nothing_is_unavailable_within_the_time_out() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let start = Instant::now();
    let error = refused(&format!("postgres://me:s3cret@127.0.0.1:{port}/db?timeout_ms=1500"), "s3cret").await;
    assert!(error.is_unavailable(), "{error:?}");
    assert!(start.elapsed() < Duration::from_secs(8), "it took {:?}", start.elapsed());
    drop(silent);
}

#[tokio::test]
async fn a_wrong_password_and_a_missing_database_are_refused_for_good() {
    let server = postgres().await.unwrap_or_else(|error| panic!("{error}"));
    let url = database().await;
    let wrong = url.replace(server.password(), "s3cret-and-wrong");
    let error = refused(&wrong, "s3cret").await;
    assert!(!error.is_unavailable(), "a wrong password is to be tried again for ever: {error:?}");
    let name = url.rsplit('/').next().unwrap();
    let error = refused(&url.replace(name, "no_such_database"), server.password()).await;
    assert!(!error.is_unavailable(), "{error:?}");
    assert!(error.to_string().contains("no_such_database"), "the message does not name the database: {error}");
}

#[tokio::test]
async fn what_is_no_ledger_file_is_refused_and_stays_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let error = refused(&file_url(folder.path()), "\0").await;
    assert!(matches!(error, Error::NotALedger { .. }), "a folder: {error:?}");
    let text = folder.path().join("notes.txt");
    let content = "not a database, ".repeat(500);
    std::fs::write(&text, &content).unwrap();
    let error = refused(&file_url(&text), "\0").await;
    assert!(matches!(error, Error::NotALedger { .. }), "a text file: {error:?}");
    assert_eq!(std::fs::read_to_string(&text).unwrap(), content);
    let error = refused(&file_url(&folder.path().join("missing/ledger.db")), "\0").await;
    assert!(error.to_string().contains("missing"), "{error:?}");
    let cut = folder.path().join("cut.db");
    std::fs::write(&cut, b"SQLite format 3\0 and then nothing more").unwrap();
    refused(&file_url(&cut), "\0").await;
}

#[tokio::test]
async fn a_file_that_another_application_wrote_in_utf_16_knows_its_ids() {
    for encoding in ["UTF-16le", "UTF-16be"] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("app.db");
        let app = rusqlite::Connection::open(&file).unwrap();
        app.execute_batch(&format!("pragma encoding = '{encoding}'; create table notes (title text)")).unwrap();
        drop(app);
        let ledger = backends::open(&file_url(&file)).await.unwrap();
        // In UTF-8 the second of them is the greater one, and in UTF-16 the first.
        let (one, other) = ("\u{fffd}", "\u{10000}");
        ledger.append(&[draft(one)], &Condition::None).await.unwrap();
        let receipts = ledger.append(&[draft(one), draft(other)], &Condition::None).await;
        let offsets = receipts.map(|receipts| receipts.iter().map(|receipt| receipt.offset.get()).collect::<Vec<_>>());
        assert_eq!(offsets.unwrap_or_else(|error| panic!("{encoding}: {error}")), [1, 2]);
        let conflict = ledger.append(&[draft(&format!("{other}x")), draft(one).turn(7)], &Condition::None).await;
        assert!(matches!(conflict, Err(Error::IdConflict { .. })), "{encoding}: {conflict:?}");
        assert_eq!(all(&ledger).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn the_table_of_another_application_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.db");
    let app = rusqlite::Connection::open(&file).unwrap();
    app.execute_batch("create table events (title text); insert into events values ('party')").unwrap();
    let before = std::fs::read(&file).unwrap();
    let error = refused(&file_url(&file), "\0").await;
    assert!(matches!(&error, Error::NotALedger { why, .. } if why.contains("events")), "{error:?}");
    drop(app);
    assert_eq!(std::fs::read(&file).unwrap(), before, "the file of another application was touched");

    let url = database().await;
    execute(&url, "create table events (title text); insert into events values ('party')").await;
    let error = refused(&url, "\0").await;
    assert!(matches!(&error, Error::NotALedger { why, .. } if why.contains("events")), "{error:?}");
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let tables: i64 = sqlx::query_scalar("select count(*) from pg_tables where schemaname = 'public'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(tables, 1, "tables were made beside those of another application");
    let other = backends::open(&format!("{url}?schema=ledger")).await.unwrap();
    other.append_one(draft("a")).await.unwrap();
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_what_to_do() {
    let newer = "insert into ledger_schema_version (version, name, applied_at) values (4000, 'from the future', 0)";
    let place = UrlPlace::sqlite();
    drop(place.open().await.unwrap());
    rusqlite::Connection::open(place.url.trim_start_matches("sqlite://")).unwrap().execute_batch(newer).unwrap();
    let postgres = UrlPlace::postgres().await;
    drop(postgres.open().await.unwrap());
    let direct = postgres.url.split('?').next().unwrap();
    execute(direct, &newer.replace("ledger_schema_version", "ledger.ledger_schema_version")).await;
    for url in [&place.url, &postgres.url] {
        let error = refused(url, "\0").await;
        assert!(matches!(error, Error::SchemaTooNew { found: 4000, .. }), "{error:?}");
        assert!(error.to_string().contains("newer release"), "{error}");
    }
}

async fn modes_are_kept(place: &UrlPlace) -> Result<()> {
    let with = |mode: &str| format!("{}{}mode={mode}", place.url, if place.url.contains('?') { '&' } else { '?' });
    for mode in ["ro", "rw"] {
        let error = refused(&with(mode), "\0").await;
        assert!(matches!(error, Error::NotFound { .. }), "mode={mode} where nothing is: {error:?}");
    }
    let writer = place.open().await?;
    writer.append_one(draft("a")).await?;
    let reader = backends::open(&with("ro")).await?;
    assert_eq!(all(&reader).await?.len(), 1);
    for (what, outcome) in [
        ("append", reader.append(&[draft("b")], &Condition::None).await.map(|_| ())),
        ("prune", reader.prune(&ledger_core::Query::all()).await.map(|_| ())),
        ("restore", reader.restore(&[], "9".parse()?).await),
    ] {
        assert!(matches!(outcome, Err(Error::ReadOnly { .. })), "{what} with mode=ro: {outcome:?}");
    }
    let waiting = tokio::spawn({
        let reader = reader.clone();
        async move { reader.wait("1".parse()?).await }
    });
    backends::open(&with("rw")).await?.append_one(draft("c")).await?;
    let woken = tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("a reader is woken too");
    assert_eq!(woken.expect("wait does not panic")?.get(), 2);
    assert_eq!(all(&reader).await?.len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_never_writes_and_read_write_never_creates() {
    let sqlite = UrlPlace::sqlite();
    modes_are_kept(&sqlite).await.unwrap();
    modes_are_kept(&UrlPlace::postgres().await).await.unwrap();
    let missing = format!("{}-missing", sqlite.url);
    refused(&format!("{missing}?mode=ro"), "\0").await;
    refused(&format!("{missing}?mode=rw"), "\0").await;
    assert!(!Path::new(missing.trim_start_matches("sqlite://")).exists(), "a file was created");
}

/// Runs the worker as a user without rights, when this process has too many to be refused anything.
fn unprivileged(args: &[&str], folder: &Path) -> std::process::Output {
    // The build folder may lie where that user cannot go.
    let program = folder.join("worker");
    if !program.exists() {
        std::fs::copy(WORKER, &program).expect("the test's own set-up works");
    }
    let mut command = Command::new(program);
    command.args(args);
    Unprivileged::drop_to(Unprivileged::when_root(), &mut command);
    command.output().expect("the test's own set-up works")
}

#[tokio::test]
async fn a_ledger_on_a_disk_that_cannot_be_written_is_read_and_refuses_to_be_written() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let file = folder.path().join("ledger.db");
    let ledger = backends::open(&file_url(&file)).await.unwrap();
    ledger.append_one(draft("a")).await.unwrap();
    drop(ledger);
    unprivileged(&["none"], folder.path());
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o555)).unwrap();
    let reading = unprivileged(&["count", &format!("{}?mode=ro", file_url(&file))], folder.path());
    let words = |output: &std::process::Output| {
        let both = [output.stdout.as_slice(), &output.stderr].concat();
        String::from_utf8_lossy(&both).trim().to_owned()
    };
    assert_eq!(words(&reading), "1 .");
    let writing = unprivileged(&["append", &file_url(&file)], folder.path());
    assert_eq!(writing.status.code(), Some(1), "it neither wrote nor failed in order: {}", words(&writing));
    assert!(words(&writing).starts_with("error: "), "{}", words(&writing));
    let elsewhere = unprivileged(&["append", &file_url(&folder.path().join("new.db"))], folder.path());
    assert!(elsewhere.status.code() == Some(1) && words(&elsewhere).contains("new.db"), "{}", words(&elsewhere));
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs the worker with a small disk of its own, where its temporary files lie too.
fn on_a_small_disk(megabytes: u32, work: &str) {
    let folder = tempfile::tempdir().expect("the test's own set-up works");
    let script = r#"mount -t tmpfs -o size="$4" tmpfs "$1" && TMPDIR="$1" exec "$2" "$3" "$1""#;
    // In a namespace of its own the mount is nobody else's, and gone with the process.
    let own = if Unprivileged::when_root().is_some() { "-m" } else { "-Urm" };
    let mut command = Command::new("unshare");
    command.args([own, "sh", "-c", script, "sh"]).arg(folder.path()).args([WORKER, work]);
    let output = command.arg(format!("{megabytes}m")).output().expect("`unshare` of util-linux is installed");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("went on when there was room"));
}

#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged_and_the_ledger_goes_on_when_there_is_room() {
    on_a_small_disk(3, "fill-sqlite");
}

#[test]
fn a_full_disk_beneath_clickhouse_loses_nothing_that_was_acknowledged_and_it_goes_on_when_there_is_room() {
    on_a_small_disk(64, "fill-clickhouse");
}

#[test]
fn a_full_disk_beneath_a_recorder_loses_nothing_and_it_goes_on_when_there_is_room() {
    on_a_small_disk(8, "fill-spill");
}

/// An acknowledged append survives a crash, so a database that is set not to wait for the disk is made to.
#[tokio::test]
async fn an_append_waits_for_the_disk_where_the_database_would_not() {
    let url = database().await;
    let name = url.rsplit('/').next().and_then(|rest| rest.split('?').next()).unwrap().to_owned();
    execute(&url, &format!("ALTER DATABASE \"{name}\" SET synchronous_commit = off")).await;
    backends::open(&url).await.unwrap();
    let mut session = PgConnection::connect(&url).await.unwrap();
    let mut setting = async |sql: &'static str| {
        let row: (String,) = sqlx::query_as(sql).fetch_one(&mut session).await.unwrap();
        row.0
    };
    assert_eq!(setting("SELECT current_setting('synchronous_commit')").await, "off");
    let within = "SELECT current_setting('synchronous_commit') FROM (SELECT ledger_lock() OFFSET 0) AS locked";
    assert_eq!(setting(within).await, "on");
}

/// Offsets rest on seeing what was committed before the lock was granted; a stricter isolation would show older things.
#[tokio::test]
async fn appends_are_right_where_the_database_asks_for_another_isolation() {
    let url = database().await;
    let name = url.rsplit('/').next().and_then(|rest| rest.split('?').next()).unwrap().to_owned();
    execute(&url, &format!("ALTER DATABASE \"{name}\" SET default_transaction_isolation = 'repeatable read'")).await;
    let handles = [backends::open(&url).await.unwrap(), backends::open(&url).await.unwrap()];
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8 {
        let ledger = handles[task % 2].clone();
        tasks.spawn(async move {
            for n in 0..25 {
                ledger.append_one(draft(&format!("{task}-{n}"))).await.unwrap();
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let offsets: Vec<u64> = all(&handles[0]).await.unwrap().iter().map(|event| event.offset.get()).collect();
    assert_eq!(offsets, (1..=200).collect::<Vec<_>>());
}
