"""Who is measured, how each one's process is run, and where its ledgers are."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import postgres

HERE = Path(__file__).parent
STREAMS = ("single", "concurrent", "batch", "again", "tail", "open")


@dataclass(frozen=True)
class Peer:
    """One library on one engine."""

    name: str
    engine: str
    command: tuple
    # How positions are given; the rest of the guarantees is found out by asking.
    order: str
    # What its follower is, for the question about loss; nothing when there is none.
    follower: str = ""
    scenarios: tuple = STREAMS
    opens_at: tuple = field(default=())

    def __str__(self):
        return f"{self.name}/{self.engine}"


def python(module):
    return (sys.executable, str(HERE / "python" / "driver.py"), module)


def node(module):
    return ("node", str(HERE / "node" / "driver.mjs"), str(HERE / "node" / module))


def cargo(package, peer):
    """Returns how to run what `cargo build --release --manifest-path bench/peers/PACKAGE/Cargo.toml` has built."""
    targets = [Path(os.environ["CARGO_TARGET_DIR"])] if "CARGO_TARGET_DIR" in os.environ else []
    builds = [target / "release" / f"{package}-peers" for target in [*targets, HERE / package / "target"]]
    return (str(next((build for build in builds if build.is_file()), builds[-1])), peer)


MILLION = (1_000_000,)
# Whether an event's position says when it was committed, or only when its transaction came by the sequence: then a reader
# may see a position before a lower one is there.
COMMITS, SEQUENCE = "in commit order", "in the order of a sequence"
PEERS = [
    Peer("eventsourcing", "sqlite", python("eventsourcing_peer"), COMMITS),
    Peer("eventsourcing", "postgres", python("eventsourcing_peer"), COMMITS, "ApplicationSubscription"),
    Peer(
        "eventsourcing-functions",
        "postgres",
        python("eventsourcing_peer:functions"),
        SEQUENCE,
        "ApplicationSubscription",
        scenarios=("single", "concurrent", "batch"),
    ),
    Peer("sqlalchemy", "sqlite", python("sqlalchemy_peer"), COMMITS, opens_at=MILLION),
    Peer("sqlalchemy", "postgres", python("sqlalchemy_peer"), SEQUENCE, "polls past the last offset", opens_at=MILLION),
    Peer("emmett", "postgres", node("emmett_postgresql.mjs"), SEQUENCE, "consumer with a reactor"),
    Peer("umadb", "own", python("umadb_peer"), COMMITS, "subscribe"),
    Peer(
        "umadb-unchecked",
        "own",
        python("umadb_peer:unchecked"),
        COMMITS,
        scenarios=("single", "concurrent", "batch"),
    ),
    Peer("disintegrate", "postgres", cargo("rust", "disintegrate"), SEQUENCE, "PgEventListener"),
    Peer(
        "disintegrate-unchecked",
        "postgres",
        cargo("rust", "disintegrate:unchecked"),
        SEQUENCE,
        "PgEventListener",
        scenarios=("single", "concurrent"),
    ),
    Peer(
        "cqrs-es",
        "postgres",
        cargo("rust", "cqrs"),
        "in order for each aggregate alone",
        scenarios=("single", "concurrent", "batch", "again"),
    ),
    Peer("ledger", "sqlite", cargo("ledger", "ledger"), COMMITS, opens_at=MILLION),
    Peer("ledger", "postgres", cargo("ledger", "ledger"), COMMITS, "follow", opens_at=MILLION),
]


def missing(peer):
    """Says why a peer cannot be measured here, if it cannot."""
    program = peer.command[0]
    if program.endswith("-peers") and not Path(program).is_file():
        return f"not built: {build(program)}"
    if program == "node" and not (shutil.which("node") and (HERE / "node" / "node_modules").is_dir()):
        return "Node, or what the peer needs of it, is not installed"
    return None


def build(program):
    """Returns the command that builds a program, for whoever stands at the top of the repository."""
    package = Path(program).name.removesuffix("-peers")
    return f"cargo build --release --manifest-path bench/peers/{package}/Cargo.toml"


def stale(peer):
    """Says what to run when a peer's program is older than a file it is made of.

    cargo writes beside a program which files those are: its own, the lock file, and those of the crates in this repository.
    """
    program = Path(peer.command[0])
    if not program.name.endswith("-peers") or not program.is_file():
        return None
    try:
        made_of = program.with_name(f"{program.name}.d").read_text().strip().partition(": ")[2]
        built = program.stat().st_mtime
        # A space that belongs to a path has a backslash.
        files = [file.replace("\\ ", " ") for file in re.split(r"(?<!\\) ", made_of)]
        newer = next((file for file in files if Path(file).stat().st_mtime > built), None)
    except OSError as error:  # no such list, or what it was made of is gone
        newer = error.filename
    return newer and f"{program} is older than its sources ({newer}): {build(program)}"


class Failed(Exception):
    """A peer's process did not do what it was asked."""


def run(peer, scenario, place, options):
    """Runs one scenario in a process of its own and returns what it printed. Fails with the end of its errors."""
    command = [*peer.command, scenario, place, json.dumps(options)]
    limit = 300 + 4 * options.get("seconds", 0) + 2 * options.get("limit_seconds", 0)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as error:
        raise Failed(f"not done after {limit} s") from error
    if done.returncode != 0:
        raise Failed(last_words(done.stderr))
    return json.loads(done.stdout.strip().splitlines()[-1])


def last_words(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return " | ".join(lines[-3:])[-500:] or "no word of what went wrong"


class Places:
    """Hands out places where nothing is yet, all of them below one folder or on one server."""

    def __init__(self, folder, postgres_url):
        self.folder, self.server, self.made, self.servers = Path(folder), None, 0, {}
        # Of the two spellings, the one that all drivers know.
        self.given = postgres_url and postgres_url.replace("postgres://", "postgresql://", 1)

    def postgres(self):
        if self.server is None:
            self.server = postgres.Server(self.given) if self.given else postgres.start(self.folder)
        return self.server

    def fresh(self, engine):
        if engine == "postgres":
            return self.postgres().fresh()
        self.made += 1
        path = self.folder / f"{self.made}.db"
        return self.umadb(path) if engine == "own" else str(path)

    def umadb(self, path):
        """Starts a server of UmaDB with its defaults on a file of its own, and returns its URL."""
        port = postgres.free_port()
        command = [Path(sys.executable).parent / "umadb", "--listen", f"127.0.0.1:{port}", "--db-path", path]
        log = open(path.with_suffix(".log"), "w")
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        url = f"http://127.0.0.1:{port}"
        self.servers[url] = (server, path)
        for _ in range(500):
            if "is listening" in path.with_suffix(".log").read_text():
                return url
            time.sleep(0.02)
        raise Failed("UmaDB does not start")

    def drop(self, place):
        if place.startswith("postgres"):
            self.server.drop(place)
        elif place in self.servers:
            server, path = self.servers.pop(place)
            server.terminate()
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            path.unlink(missing_ok=True)
        else:
            for end in ("", "-wal", "-shm"):
                Path(place + end).unlink(missing_ok=True)

    def close(self):
        for place in list(self.servers):
            self.drop(place)
        if self.server:
            self.server.stop()
