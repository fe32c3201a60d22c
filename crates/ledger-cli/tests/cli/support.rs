//! A directory of its own for each test, and the binary run in it with nothing of the caller's environment that matters.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A line as `export` prints it, and the digest of a ledger that holds it alone.
pub(crate) const LINE: &str = concat!(
    r#"{"offset":3,"id":"e-3","run_id":"r-1","turn":2,"kind":"order.placed","actor":"shop","payload":{"b":1.50,"a":[]},"#,
    r#""created_at":"2026-01-31T12:00:00.000001Z","recorded_at":"2026-01-31T12:00:01.000000Z","schema_version":1,"#,
    r#""session_id":null,"model_profile":null,"model_id":null,"parents":["e-1"],"lamport":null,"tags":["customer:42"]}"#
);
pub(crate) const LINE_DIGEST: &str = "sha256:6fdac7aa4b499947004b6b50976b132a220329ded5b219b350ef0203a9d7922a";
pub(crate) const EMPTY_DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// How a run of the binary ended.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Done {
    /// Asserts the exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// Asserts that the errors say something, on a first line that starts with `error:`.
    #[track_caller]
    pub(crate) fn says(self, what: &str) -> Self {
        assert!(self.stderr.contains(what) && self.stderr.contains("error: "), "{what}: {self:?}");
        self
    }

    /// Returns the lines of the output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A directory to run the binary in; the default ledger is `ledger.db` there.
pub(crate) struct Shell {
    dir: TempDir,
    url: Option<String>,
}

impl Shell {
    pub(crate) fn new() -> Self {
        Self { dir: TempDir::new().unwrap(), url: None }
    }

    /// Works on the ledger at a URL unless the command says otherwise.
    pub(crate) fn on(url: impl Into<String>) -> Self {
        Self { url: Some(url.into()), ..Self::new() }
    }

    /// Returns the URL it works on. Panics when that is the default.
    pub(crate) fn url(&self) -> &str {
        self.url.as_deref().unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// Lists the names in the directory.
    pub(crate) fn names(&self) -> Vec<String> {
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<String> = std::fs::read_dir(self.dir.path()).unwrap().map(name).collect();
        names.sort();
        names
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ledger"));
        command.args(args).current_dir(self.dir.path()).stdin(Stdio::null());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("OTEL_")) {
            command.env_remove(name);
        }
        command
            .env_remove("NO_COLOR")
            .env_remove("DATABASE_URL")
            .env_remove("LEDGER_API_TOKEN")
            .env_remove("LEDGER_TOKEN_FILE")
            .env("TMPDIR", self.dir.path());
        if let Some(url) = &self.url {
            command.env("DATABASE_URL", url);
        }
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Done {
        self.command(args).output().unwrap().into()
    }

    /// Runs the binary, which must succeed, and returns what it printed.
    #[track_caller]
    pub(crate) fn ok(&self, args: &[&str]) -> String {
        self.run(args).exits(0).stdout
    }

    /// Runs the binary with an input.
    pub(crate) fn feed(&self, args: &[&str], input: impl AsRef<[u8]>) -> Done {
        let mut child = self.start(args);
        let mut stdin = child.stdin.take().unwrap();
        let input = input.as_ref().to_vec();
        // It may refuse the input half way, and then the rest has nowhere to go.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let done = child.wait_with_output().unwrap().into();
        writer.join().unwrap();
        done
    }

    /// Starts the binary with pipes on all sides.
    pub(crate) fn start(&self, args: &[&str]) -> Child {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Appends an event and returns its receipt.
    #[track_caller]
    pub(crate) fn append(&self, more: &[&str]) -> Value {
        let args = [&["append", "--json", "--kind", "a.b"], more].concat();
        self.run(&args).exits(0).json().remove(0)
    }

    /// Returns what `verify --json` says; it fails where offsets are missing.
    #[track_caller]
    pub(crate) fn verify(&self, url: &str) -> Value {
        self.run(&["verify", "--json", "--url", url]).json().remove(0)
    }

    #[track_caller]
    pub(crate) fn head(&self) -> u64 {
        self.ok(&["head"]).trim().parse().unwrap()
    }
}

/// Returns drafts as JSONL, numbered from `first`.
pub(crate) fn drafts(first: usize, count: usize) -> String {
    let line = |n| {
        format!("{{\"id\":\"e-{n}\",\"kind\":\"a.b\",\"payload\":{{\"n\":{n},\"pad\":\"{}\"}}}}\n", "x".repeat(200))
    };
    (first..first + count).map(line).collect()
}

/// Sends Ctrl-C.
pub(crate) fn interrupt(child: &Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Returns the lines that a child prints, as they come.
pub(crate) fn lines(child: &mut Child) -> std::io::Lines<BufReader<ChildStdout>> {
    BufReader::new(child.stdout.take().unwrap()).lines()
}

/// Returns a path as text.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
