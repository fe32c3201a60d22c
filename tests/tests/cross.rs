//! Copies between all backends, and snapshot files that stock tools open or that were never finished.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use ledger_core::{Condition, Draft, Error, Ledger, Query, Result, copy, first_difference, verify};
use ledger_testkit::{Backend, Place, all, draft, strategies};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use tests::places::{ClickHouse, Memory, Postgres, Sqlite, UrlPlace, file_url};
use tests::workers::Worker;

const WORKER: &str = env!("CARGO_BIN_EXE_worker");

async fn filled(place: &dyn Place) -> Result<Arc<dyn Ledger>> {
    let ledger = place.open().await?;
    let mut runner = TestRunner::deterministic();
    let random: Vec<Draft> = strategies::drafts(300).new_tree(&mut runner).expect("nothing is rejected").current();
    ledger.append(&random, &Condition::None).await?;
    let plain: Vec<_> = (0..1_500).map(|n| draft(&format!("e-{n}"))).collect();
    ledger.append(&plain, &Condition::None).await?;
    ledger.prune(&Query::after("500".parse()?).up_to("520".parse()?)).await?;
    ledger.prune(&Query::after("1795".parse()?)).await?;
    Ok(ledger)
}

async fn snapshot(source: &dyn Ledger, url: &str) -> Result<ledger_core::Copied> {
    backends::snapshot_to(source, url, &mut |_| ()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_backend_copies_into_every_other_with_the_same_digest() {
    let backends: [&dyn Backend; 4] = [&Memory, &Sqlite, &Postgres, &ClickHouse];
    for from in backends {
        let place = from.fresh().await;
        let source = filled(&*place).await.unwrap();
        let expected = verify(&source, |_, _| ()).await.unwrap();
        for to in backends {
            let home = to.fresh().await;
            let target = home.open().await.unwrap();
            let copied = copy(&source, &target, &mut |_| ()).await.unwrap();
            let found = verify(&target, |_, _| ()).await.unwrap();
            assert_eq!((found, copied.digest), (expected, expected.digest), "{} into {}", from.name(), to.name());
            assert_eq!(first_difference(&source, &target).await.unwrap(), None);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_to_a_url_has_the_same_digest_and_goes_on() {
    let backends: [&dyn Backend; 4] = [&Memory, &Sqlite, &Postgres, &ClickHouse];
    for from in backends {
        let home = from.fresh().await;
        let source = filled(&*home).await.unwrap();
        for target in [UrlPlace::sqlite(), UrlPlace::postgres().await, UrlPlace::clickhouse().await] {
            for round in 0..2 {
                let copied = snapshot(&source, &target.url).await.unwrap();
                let found = verify(&target.open().await.unwrap(), |_, _| ()).await.unwrap();
                assert_eq!(found, verify(&source, |_, _| ()).await.unwrap(), "{} round {round}", from.name());
                assert_eq!(copied.digest, found.digest);
                source.append(&[draft(&format!("{round}-{}", target.url.len()))], &Condition::None).await.unwrap();
            }
        }
    }
}

fn count_with_stock_tools(file: &Path) -> String {
    let sql = "select count(*) from events";
    let output = Command::new("sqlite3").arg(file).arg(sql).output().or_else(|_| {
        let script = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])";
        Command::new("python3").args(["-c", script]).arg(file).arg(sql).output()
    });
    let output = output.expect("sqlite3 or python3 is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_file_opens_in_stock_sqlite_and_is_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let source = filled(&*Memory.fresh().await).await.unwrap();
    let file = folder.path().join("copy.db");
    let copied = snapshot(&source, &file_url(&file)).await.unwrap();
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["copy.db"], "a snapshot is more than its one file");
    assert_eq!(count_with_stock_tools(&file), copied.count.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_onto_another_spelling_of_the_same_file_is_refused_and_touches_nothing() {
    let place = UrlPlace::sqlite();
    let source = filled(&place).await.unwrap();
    let before = all(&source).await.unwrap();
    let path = Path::new(place.url.trim_start_matches("sqlite://"));
    let folder = path.parent().unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    let (link, hard) = (folder.join("link.db"), folder.join("hard.db"));
    std::os::unix::fs::symlink(path, &link).unwrap();
    std::fs::hard_link(path, &hard).unwrap();
    let spellings = [
        place.url.clone(),
        path.display().to_string(),
        file_url(&link),
        file_url(&hard),
        format!("{}/./{name}", folder.display()),
        format!("{}/../{}/{name}", folder.display(), folder.file_name().unwrap().to_str().unwrap()),
        format!("sqlite:///{}", path.display()),
        place.url.replace("ledger", "%6Cedger"),
    ];
    for spelling in &spellings {
        let outcome = snapshot(&source, spelling).await;
        assert!(matches!(outcome, Err(Error::SameLedger)), "`{spelling}` was answered {outcome:?}");
    }
    assert_eq!(all(&source).await.unwrap(), before);
    let place = UrlPlace::postgres().await;
    let source = filled(&place).await.unwrap();
    for spelling in
        [place.url.clone(), place.url.replace("127.0.0.1", "localhost"), format!("{}&application_name=x", place.url)]
    {
        let outcome = snapshot(&source, &spelling).await;
        assert!(matches!(outcome, Err(Error::SameLedger)), "{outcome:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_onto_another_ledger_or_file_is_refused_and_touches_nothing() {
    let source = filled(&*Memory.fresh().await).await.unwrap();
    for place in [UrlPlace::sqlite(), UrlPlace::postgres().await, UrlPlace::clickhouse().await] {
        let target = place.open().await.unwrap();
        target.append(&[draft("its own")], &Condition::None).await.unwrap();
        let outcome = snapshot(&source, &place.url).await;
        assert!(matches!(outcome, Err(Error::NotEmpty { .. })), "{outcome:?}");
        assert_eq!(all(&target).await.unwrap().len(), 1);
    }
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "something else entirely").unwrap();
    let outcome = snapshot(&source, &file_url(&text)).await;
    assert!(matches!(outcome, Err(Error::NotALedger { .. })), "{outcome:?}");
    assert_eq!(std::fs::read_to_string(&text).unwrap(), "something else entirely");
}

async fn large() -> (UrlPlace, Arc<dyn Ledger>) {
    let place = UrlPlace::sqlite();
    let ledger = place.open().await.expect("the test's own set-up works");
    for part in 0..12 {
        let batch: Vec<_> = (0..10_000).map(|n| draft(&format!("e-{part}-{n}"))).collect();
        ledger.append(&batch, &Condition::None).await.expect("the test's own set-up works");
    }
    (place, ledger)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_is_interrupted_leaves_no_file_under_its_name_and_can_be_taken_again() {
    let (place, source) = large().await;
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("copy.db");
    let url = file_url(&target);
    for lines in [1, 4, 12] {
        let mut worker = Worker::start(WORKER, &["snapshot", &place.url, &url]);
        worker.until(lines, Duration::from_secs(30)).await;
        worker.kill().await;
        assert!(!target.exists(), "a killed snapshot left a file under its name after {lines} steps");
    }
    let started = Arc::new(tokio::sync::Notify::new());
    let aborted = tokio::spawn({
        let (source, url, started) = (source.clone(), url.clone(), started.clone());
        async move { backends::snapshot_to(&source, &url, &mut |_| started.notify_one()).await }
    });
    started.notified().await;
    aborted.abort();
    assert!(aborted.await.is_err_and(|error| error.is_cancelled()), "the snapshot was done before it was aborted");
    assert!(!target.exists(), "an aborted snapshot left a file under its name");
    let copied = snapshot(&source, &url).await.unwrap();
    assert_eq!(copied.count, 120_000);
    assert_eq!(count_with_stock_tools(&target), "120000");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["copy.db"], "what interrupted snapshots left behind was not cleaned up");
}

#[tokio::test]
async fn a_snapshot_is_refused_where_an_earlier_files_journal_would_be_replayed_over_it() {
    let source = filled(&*Memory.fresh().await).await.unwrap();
    for suffix in ["-wal", "-journal"] {
        let folder = tempfile::tempdir().unwrap();
        let helper = folder.path().join(format!("a.db{suffix}"));
        std::fs::write(&helper, "the only copy").unwrap();
        let outcome = snapshot(&source, &file_url(&folder.path().join("a.db"))).await;
        assert!(matches!(&outcome, Err(Error::NotEmpty { why, .. }) if why.contains(suffix)), "{outcome:?}");
        assert_eq!(std::fs::read_to_string(&helper).unwrap(), "the only copy");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "more than the earlier file is there");
    }
}

#[tokio::test]
async fn a_snapshot_into_a_missing_directory_says_to_create_it() {
    let folder = tempfile::tempdir().unwrap();
    let source = Memory.fresh().await.open().await.unwrap();
    let outcome = snapshot(&source, &file_url(&folder.path().join("none/a.db"))).await;
    assert!(
        matches!(&outcome, Err(Error::NotFound { remedy, .. }) if remedy.contains("create it first")),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_snapshot_destroys_no_file_whose_name_it_would_use_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let (target, partial) = (folder.path().join("a.db"), folder.path().join(".a.db.ledger-partial"));
    for name in ["a.db.partial", ".a.db.ledger-partial"] {
        let file = folder.path().join(name);
        let source = backends::open(&file_url(&file)).await.unwrap();
        source.append(&[draft("a")], &Condition::None).await.unwrap();
        let outcome = snapshot(&source, &file_url(&target)).await;
        match name {
            "a.db.partial" => assert_eq!(outcome.unwrap().count, 1),
            _ => assert!(matches!(outcome, Err(Error::SameLedger)), "{outcome:?}"),
        }
        assert_eq!(all(&source).await.unwrap().len(), 1);
        drop(source);
        drop(std::fs::remove_file(&target));
    }
    std::fs::remove_file(&partial).unwrap();
    let source = filled(&*Memory.fresh().await).await.unwrap();
    let notes = folder.path().join("notes.txt");
    std::fs::write(&notes, "my notes").unwrap();
    std::os::unix::fs::symlink(&notes, &partial).unwrap();
    let outcome = snapshot(&source, &file_url(&target)).await;
    assert!(matches!(outcome, Err(Error::NotALedger { .. })), "{outcome:?}");
    std::fs::remove_file(&partial).unwrap();
    std::fs::hard_link(&notes, &partial).unwrap();
    snapshot(&source, &file_url(&target)).await.unwrap();
    assert_eq!(std::fs::read_to_string(&notes).unwrap(), "my notes");
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_to_one_place_at_once_leave_a_whole_one() {
    let source = filled(&*Memory.fresh().await).await.unwrap();
    let expected = verify(&source, |_, _| ()).await.unwrap();
    for _ in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let url = file_url(&folder.path().join("a.db"));
        let outcomes = futures::future::join_all((0..6).map(|_| {
            let (source, url) = (source.clone(), url.clone());
            tokio::spawn(async move { snapshot(&source, &url).await })
        }));
        let outcomes: Vec<_> = outcomes.await.into_iter().map(|outcome| outcome.unwrap()).collect();
        assert!(outcomes.iter().any(Result::is_ok), "{outcomes:?}");
        let found = verify(&backends::open(&url).await.unwrap(), |_, _| ()).await.unwrap();
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn a_target_that_is_refused_keeps_every_byte() {
    let folder = tempfile::tempdir().unwrap();
    let source = filled(&*Memory.fresh().await).await.unwrap();
    let foreign = folder.path().join("foreign.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("create table songs (name)").unwrap();
    let (other, other_file) = (Memory.fresh().await.open().await.unwrap(), folder.path().join("other.db"));
    other.append(&[draft("its own")], &Condition::None).await.unwrap();
    snapshot(&other, &file_url(&other_file)).await.unwrap();
    for (file, is_ledger) in [(&foreign, false), (&other_file, true)] {
        let before = std::fs::read(file).unwrap();
        match snapshot(&source, &file_url(file)).await {
            Err(Error::NotALedger { .. }) if !is_ledger => {}
            Err(Error::NotEmpty { .. }) if is_ledger => {}
            outcome => panic!("{outcome:?}"),
        }
        assert!(std::fs::read(file).unwrap() == before, "`{}` was changed", file.display());
    }
    let itself = backends::open(&format!("{}?mode=ro", file_url(&other_file))).await.unwrap();
    let before = std::fs::read(&other_file).unwrap();
    let outcome = snapshot(&itself, &file_url(&other_file)).await;
    assert!(matches!(outcome, Err(Error::SameLedger)), "{outcome:?}");
    assert!(std::fs::read(&other_file).unwrap() == before, "the source was changed");
}

fn handles(file: &Path) -> usize {
    let open = std::fs::read_dir("/proc/self/fd").expect("this runs on Linux").flatten();
    open.filter(|entry| std::fs::read_link(entry.path()).is_ok_and(|at| at == file)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_nobody_waits_for_counts_until_it_ends_and_leaves_one_file() {
    let (place, source) = large().await;
    drop(source);
    let file = Path::new(place.url.trim_start_matches("sqlite://"));
    let ledger = backends::open(&format!("{}?pool=2", place.url)).await.unwrap();
    let slow = Query::all().kind("none.such").unwrap();
    for _ in 0..40 {
        drop(tokio::time::timeout(Duration::from_millis(1), ledger.read(&slow)).await);
        assert!(handles(file) <= 3, "{} handles for 2 readers and a writer", handles(file));
    }
    drop(ledger);
    let wal = file.with_file_name("ledger.db-wal");
    for _ in 0..1_000 {
        if !wal.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("a read that ended late left a second file");
}

#[tokio::test]
async fn a_new_ledger_that_is_only_read_is_one_file() {
    let place = UrlPlace::sqlite();
    let ledger = place.open().await.unwrap();
    assert_eq!(ledger.read(&Query::all()).await.unwrap().events, []);
    drop(ledger);
    let file = Path::new(place.url.trim_start_matches("sqlite://"));
    let names = std::fs::read_dir(file.parent().unwrap()).unwrap().flatten().map(|entry| entry.file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["ledger.db"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reads_that_end_late_at_the_same_time_leave_one_file() {
    let place = UrlPlace::sqlite();
    let ledger = place.open().await.unwrap();
    let batch: Vec<_> = (0..2_000).map(|n| draft(&format!("e-{n}"))).collect();
    ledger.append(&batch, &Condition::None).await.unwrap();
    drop(ledger);
    let wal = Path::new(place.url.trim_start_matches("sqlite://")).with_file_name("ledger.db-wal");
    let slow = Query::all().kind("none.such").unwrap();
    for round in 0..1_000 {
        let ledger = place.open().await.unwrap();
        for _ in 0..4 {
            drop(ledger.read(&slow).now_or_never());
        }
        drop(ledger);
        let deadline = std::time::Instant::now() + Duration::from_secs(30);
        while wal.exists() {
            assert!(std::time::Instant::now() < deadline, "the reads of round {round} left a second file");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_a_newer_program_made_while_this_one_waited_is_refused() {
    let place = UrlPlace::sqlite();
    let newer = rusqlite::Connection::open(place.url.trim_start_matches("sqlite://")).unwrap();
    newer.execute_batch("begin immediate").unwrap();
    let opening = tokio::spawn({
        let url = place.url.clone();
        async move { backends::open(&url).await.map(drop) }
    });
    // Nothing tells that it waits for the lock. If it came later it would find the newer schema at once: refused as well.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let tables = "create table ledger_schema_version (version integer primary key, name text, applied_at integer);
                  insert into ledger_schema_version values (4000, 'from the future', 0); commit";
    newer.execute_batch(tables).unwrap();
    let outcome = opening.await.unwrap();
    assert!(matches!(outcome, Err(Error::SchemaTooNew { found: 4000, .. })), "{outcome:?}");
}
