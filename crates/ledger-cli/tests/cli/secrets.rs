//! Where the URL comes from, what an engine out of reach answers, and that a password is printed nowhere.

use crate::support::Shell;

/// Nothing listens there.
const AWAY: &str = "postgres://me:s3cret@127.0.0.1:1/db?timeout_ms=2000";
const CLICKHOUSE_AWAY: &str = "clickhouse://me:s3cret@127.0.0.1:1/db?timeout_ms=2000";

#[test]
fn the_url_comes_from_the_flag_then_the_environment_then_the_env_file_then_a_default() {
    let shell = Shell::new();
    shell.file(".env", "OTHER=x\nDATABASE_URL=sqlite:from-file.db\n");
    shell.append(&[]);
    assert!(shell.path("from-file.db").exists());
    let environment = Shell::on("sqlite:from-environment.db");
    environment.file(".env", "DATABASE_URL=sqlite:from-file.db\n");
    environment.append(&[]);
    assert!(environment.path("from-environment.db").exists() && !environment.path("from-file.db").exists());
    environment.append(&["--url", "from-flag.db"]);
    assert!(environment.path("from-flag.db").exists());
    let empty = Shell::on("");
    empty.append(&[]);
    assert!(empty.path("ledger.db").exists());
}

#[test]
fn a_broken_env_file_is_an_error_that_quotes_nothing_of_it() {
    let shell = Shell::new();
    shell.file(".env", "DATABASE_URL='postgres://me:s3cret@h/db\n");
    let done = shell.run(&["head", "--verbose"]).exits(2).says("`.env`");
    assert!(!done.stderr.contains("s3cret"), "{done:?}");
    shell.ok(&["migrate", "--url", "a.db"]);
}

#[test]
fn an_engine_out_of_reach_is_exit_code_4() {
    for (url, says) in [(AWAY, "postgres is unavailable"), (CLICKHOUSE_AWAY, "clickhouse is unavailable")] {
        let shell = Shell::on(url);
        for args in [&["head"][..], &["append", "--kind", "a.b"], &["tail"], &["verify"], &["migrate"]] {
            let done = shell.run(args).exits(4).says(says);
            assert!(!done.stderr.contains("s3cret"), "{done:?}");
        }
    }
}

#[test]
fn no_password_is_ever_printed() {
    let shell = Shell::on(AWAY);
    let option = "postgres://127.0.0.1:1/db?user=me&password=s3cret&timeout_ms=2000";
    let local = ["--url", "ledger.db"];
    shell.ok(&["migrate", "--url", "ledger.db"]);
    for args in [
        &["head"][..],
        &["append", "--kind", "a.b"],
        &["migrate", "status"],
        &["reset", "--yes"],
        &["tail", AWAY],
        &["tail", "--since", AWAY],
        &["show", AWAY, local[0], local[1]],
        &["import", AWAY, local[0], local[1]],
        &["verify", AWAY, local[0], local[1]],
        &["snapshot", AWAY, local[0], local[1]],
        &["demo", "--path", AWAY],
        &["head", "--url", option],
        &["head", "--url", CLICKHOUSE_AWAY],
        &["replicate", "--from", "ledger.db", "--to", CLICKHOUSE_AWAY],
        &["replicate", "--from", CLICKHOUSE_AWAY, "--to", "other.db"],
        &["head", "--url", "postgres://me:s3cret@h:99999/db"],
        &["head", "--url", "postgres://me:s3cret@h/db?nonsense=1"],
        &["head", "--url", "mysql://me:s3cret@h/db"],
    ] {
        let done = shell.run(&[args, &["--verbose"]].concat());
        assert!(done.code != 0 && !done.stderr.is_empty(), "{args:?}: {done:?}");
        assert!(!format!("{}{}", done.stdout, done.stderr).contains("s3cret"), "{args:?}: {done:?}");
    }
}

#[test]
fn a_bad_url_is_exit_code_2() {
    let shell = Shell::new();
    for (url, says) in
        [("mysql://h/db", "unknown scheme `mysql`"), ("", "it is empty"), ("a.db?mod=ro", "`mod` is not known")]
    {
        shell.run(&["head", "--url", url]).exits(2).says(says);
    }
}

#[test]
fn what_is_no_ledger_is_exit_code_1_and_stays_as_it_was() {
    let shell = Shell::new();
    shell.file("notes.txt", "not a ledger, and long enough to be mistaken for one by nobody at all");
    let before = std::fs::read(shell.path("notes.txt")).unwrap();
    for args in [&["head"][..], &["append", "--kind", "a.b"], &["migrate"]] {
        shell.run(&[args, &["--url", "notes.txt"]].concat()).exits(1).says("not a ledger");
    }
    assert_eq!(std::fs::read(shell.path("notes.txt")).unwrap(), before);
}

#[test]
fn verbose_adds_the_causes() {
    let shell = Shell::on(AWAY);
    let (short, long) = (shell.run(&["head"]), shell.run(&["head", "--verbose"]));
    assert!(!short.stderr.contains("caused by:") && long.stderr.contains("caused by:"), "{short:?} {long:?}");
}

#[test]
fn a_ledger_open_for_reading_only_refuses_to_append() {
    let shell = Shell::new();
    shell.append(&[]);
    shell.run(&["append", "--kind", "a.b", "--url", "ledger.db?mode=ro"]).exits(1).says("reading only");
    assert_eq!(shell.head(), 1);
}
