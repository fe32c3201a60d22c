//! The page that the server has embedded: it is what its sources make, and does in a real browser what it should, on servers over
//! SQLite and Postgres. Needs Node 20 or newer with npm, and a Chromium.

#![expect(clippy::unwrap_used, reason = "what cannot be done in a test fails it")]

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use ledger_testkit::engines::postgres;
use tempfile::TempDir;

const LEDGER: &str = env!("CARGO_BIN_EXE_ledger");

fn ui() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ledger-server/ui").canonicalize().unwrap()
}

/// Runs a command to its end, and shows what it said when it fails.
#[track_caller]
fn done(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}\n{}{}", said(&output.stdout), said(&output.stderr));
    output
}

/// Starts a command of Node's in the folder of the page, whose packages are there: those of the lock file, fetched once.
#[track_caller]
fn node(script: &str) -> Command {
    static FETCHED: OnceLock<()> = OnceLock::new();
    FETCHED.get_or_init(|| {
        let version = Command::new("node").arg("--version").output();
        let version = version.expect("the tests of the page need Node: install Node 20 or newer, with npm");
        let version = String::from_utf8_lossy(&version.stdout).into_owned();
        let major =
            version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
        assert!(major >= Some(20), "the tests of the page need Node 20 or newer, and this is {version}");
        let lock = |file: &str| std::fs::read(ui().join(file)).ok();
        let fetched = ui().join("node_modules/.fetched");
        if std::fs::read(&fetched).ok() != lock("package-lock.json") {
            done(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(ui()));
            std::fs::write(fetched, lock("package-lock.json").unwrap()).unwrap();
        }
    });
    let mut command = Command::new("node");
    command.arg(script).current_dir(ui()).stdin(Stdio::null());
    command
}

/// Returns a Chromium: the one that `LEDGER_TEST_CHROMIUM` names, or one on `PATH`.
fn chromium() -> PathBuf {
    if let Some(named) = env::var_os("LEDGER_TEST_CHROMIUM") {
        return named.into();
    }
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let folders: Vec<_> = env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect();
    let found = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let found = found.into_iter().find(|file| file.is_file());
    found.expect("the tests of the page need a browser: install chromium, or set LEDGER_TEST_CHROMIUM to one")
}

/// Does in a browser what people do, on servers over the ledger at a URL. The pictures are kept for people to look at.
#[track_caller]
fn browse(url: &str, name: &str) {
    let shots = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page").join(name);
    std::fs::create_dir_all(&shots).unwrap();
    let folder = TempDir::new().unwrap();
    let mut command = node("--test");
    command.args(["--test-reporter=spec", "e2e/page.mjs"]);
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LEDGER_")) {
        command.env_remove(name);
    }
    command.env_remove("DATABASE_URL").env_remove("NODE_OPTIONS");
    command.env("LEDGER", LEDGER).env("PAGE_URL", url).env("PAGE_FOLDER", folder.path());
    done(command.env("PAGE_CHROMIUM", chromium()).env("PAGE_SHOTS", &shots));
}

#[test]
fn the_bundle_is_what_its_sources_make() {
    done(node("build.mjs").arg("--check"));
}

#[test]
fn the_types_are_those_of_the_servers_document() {
    let document = done(Command::new(LEDGER).args(["generate", "openapi"])).stdout;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("openapi.json");
    std::fs::write(&file, document).unwrap();
    done(node("types.mjs").arg("--check").stdin(std::fs::File::open(file).unwrap()));
}

#[test]
fn the_sources_are_well_typed() {
    done(&mut node("node_modules/typescript/bin/tsc"));
}

#[test]
fn what_branches_in_the_page_branches_right() {
    done(&mut node("test/run.mjs"));
}

#[test]
fn the_page_works_on_sqlite() {
    let folder = TempDir::new().unwrap();
    browse(&format!("sqlite:{}", folder.path().join("page.db").display()), "sqlite");
}

#[tokio::test]
async fn the_page_works_on_postgres() {
    let server = postgres().await.unwrap_or_else(|error| panic!("{error}"));
    let url = server.fresh_database().await.unwrap();
    tokio::task::spawn_blocking(move || browse(&url, "postgres")).await.unwrap();
}
