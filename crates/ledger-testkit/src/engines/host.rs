//! What the engines need of this machine: programs, free ports, a place for downloads, and a user who is not root.

use std::ffi::OsStr;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::EngineError;

/// A user without rights of their own, for programs that refuse to run as root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unprivileged {
    /// The user's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
}

impl Unprivileged {
    /// Returns the user to drop to when this process is root (`postgres`, else `nobody`), and nothing when it is not.
    #[must_use]
    pub fn when_root() -> Option<Self> {
        let ours = std::fs::metadata("/proc/self").ok()?;
        if std::os::unix::fs::MetadataExt::uid(&ours) != 0 {
            return None;
        }
        let users = std::fs::read_to_string("/etc/passwd").ok()?;
        ["postgres", "nobody"].iter().find_map(|name| Self::named(&users, name))
    }

    fn named(users: &str, name: &str) -> Option<Self> {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2).map(|field| field.parse().ok());
        Some(Self { uid: numbers.next()??, gid: numbers.next()?? })
    }

    /// Makes a command run as this user.
    pub fn drop_to(user: Option<Self>, command: &mut Command) {
        if let Some(user) = user {
            command.uid(user.uid).gid(user.gid);
        }
    }
}

/// Finds a program on `PATH` and in the folders where daemons live.
pub(super) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from));
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Finds a Python of 3.9 or newer, not a script that stands for one. Fails with one line when there is none.
pub(super) fn python() -> Result<PathBuf, EngineError> {
    let ask = "import sys; print(sys.executable if sys.version_info >= (3, 9) else '')";
    let answers = ["python3", "python"].iter().filter_map(|name| run(Command::new(name).args(["-c", ask])).ok());
    let mut programs = answers.map(|answer| PathBuf::from(answer.trim())).filter(|program| program.is_file());
    programs.next().ok_or_else(|| EngineError::new("no Python of 3.9 or newer on PATH"))
}

/// Returns a port that nothing listens on now. Another process may take it first, so the caller tries again.
pub(super) fn free_port() -> Result<u16, EngineError> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    Ok(listener.map_err(|e| EngineError::new(format!("no free port on 127.0.0.1: {e}")))?.port())
}

/// Returns where downloads are kept: `target/test-engines`, beside the test program.
pub(super) fn downloads() -> Result<PathBuf, EngineError> {
    let program = std::env::current_exe().unwrap_or_default();
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    let folder = target.map_or_else(|| std::env::temp_dir().join("ledger-test-engines"), |t| t.join("test-engines"));
    std::fs::create_dir_all(&folder)
        .map_err(|e| EngineError::new(format!("cannot create `{}`: {e}", folder.display())))?;
    Ok(folder)
}

/// The folder within that of [`unpacked_debian`] where the files are.
pub(super) const UNPACKED: &str = "unpacked";

/// Fetches packages of Debian and unpacks them into a folder, which needs no root and installs nothing.
pub(super) fn unpacked_debian(packages: &[&str]) -> Result<tempfile::TempDir, EngineError> {
    let bad = |e: std::io::Error| EngineError::new(format!("cannot unpack {}: {e}", packages.join(", ")));
    let scratch = tempfile::Builder::new().prefix("debian-").tempdir_in(downloads()?).map_err(bad)?;
    let fetch = || run(Command::new("apt-get").arg("download").args(packages).current_dir(scratch.path()));
    if fetch().is_err() {
        // Fresh machines have no lists of packages yet.
        run(Command::new("apt-get").args(["update", "-q"]))?;
        fetch()?;
    }
    for entry in std::fs::read_dir(scratch.path()).map_err(bad)?.filter_map(Result::ok) {
        if entry.path().extension().is_some_and(|end| end == "deb") {
            run(Command::new("dpkg").arg("-x").arg(entry.path()).arg(scratch.path().join(UNPACKED)))?;
        }
    }
    Ok(scratch)
}

/// Fetches a package of Debian without installing it, and keeps one program of it.
pub(super) fn keep_debian(package: &str, program: &str, home: &Path) -> Result<(), EngineError> {
    let unpacked = unpacked_debian(&[package])?;
    let program = unpacked.path().join(UNPACKED).join(program);
    std::fs::rename(program, home).map_err(|e| EngineError::new(format!("cannot keep {package}: {e}")))
}

/// Creates a folder of its own for one server, which belongs to the user that will run it.
pub(super) fn run_folder(prefix: &str, user: Option<Unprivileged>) -> Result<tempfile::TempDir, EngineError> {
    let bad = |e: std::io::Error| EngineError::new(format!("cannot create a folder for a server: {e}"));
    let folder = tempfile::Builder::new().prefix(prefix).tempdir().map_err(bad)?;
    give(folder.path(), user).map_err(bad)?;
    Ok(folder)
}

/// Gives a file or folder to the user that will run the server.
pub(super) fn give(path: &Path, user: Option<Unprivileged>) -> std::io::Result<()> {
    match user {
        Some(user) => chown(path, Some(user.uid), Some(user.gid)),
        None => Ok(()),
    }
}

/// Says whether another user may enter all folders above a file: below `/root`, for one, they may not.
pub(super) fn reachable(file: &Path) -> bool {
    let enter = |folder: &Path| folder.metadata().is_ok_and(|meta| meta.permissions().mode() & 0o001 != 0);
    file.canonicalize().is_ok_and(|file| file.ancestors().skip(1).all(enter))
}

/// Copies a tree to where another user can reach it, and gives it to them, so that they can remove it.
pub(super) fn copy_tree(from: &Path, to: &Path, user: Option<Unprivileged>) -> Result<(), EngineError> {
    run(Command::new("cp").arg("-rL").arg(from).arg(to))?;
    let Some(user) = user else { return Ok(()) };
    run(Command::new("chown").arg("-R").arg(format!("{}:{}", user.uid, user.gid)).arg(to)).map(|_| ())
}

/// Runs a command to its end and returns what it printed. Fails with its last line of errors.
pub(super) fn run(command: &mut Command) -> Result<String, EngineError> {
    let name = Path::new(command.get_program()).file_name().unwrap_or(OsStr::new("?")).to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|e| EngineError::new(format!("`{name}` does not start: {e}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let last = errors.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it says nothing").trim();
    Err(EngineError::new(format!("`{name}` failed: {last}")))
}
