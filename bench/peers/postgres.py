"""Finds a Postgres and starts a fresh cluster of it, with durability as in production, for one run of the benches."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

USER = "postgres"
START_SECONDS = 60
# fsync and the others are what Postgres does unless told otherwise; said here so that nothing else is measured.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
}


class Server:
    """A server, ours or one that was given, on which each measurement has a database of its own."""

    def __init__(self, url, process=None):
        self.url, self.process, self.made, self.open = url, process, 0, []
        self.said = said = self.settings()
        if said["fsync"] != "on" or said["synchronous_commit"] != "on":
            raise SystemExit(f"this Postgres is not durable: {said}")

    def ask(self, sql):
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def settings(self):
        """Returns what the results depend on."""
        names = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers")
        return {name: self.ask(f"SHOW {name}")[0][0] for name in names}

    def fresh(self):
        """Creates an empty database and returns its URL."""
        self.made += 1
        name = f"ledger_peers_{os.getpid()}_{self.made}"
        self.ask(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        self.open.append(name)
        # What an earlier measurement left to be written is not paid for by the next one.
        self.ask("CHECKPOINT")
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def drop(self, url):
        name = urlsplit(url).path.lstrip("/")
        self.open.remove(name)
        self.ask(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def stop(self):
        """Drops what is left of our databases, and ends the server when it is ours."""
        if self.process is None:
            for name in list(self.open):
                self.drop(f"/{name}")
            return
        self.process.send_signal(signal.SIGINT)  # what Postgres calls a fast shutdown
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=30)


def start(folder):
    """Starts a cluster below `folder`. Fails with one line when there is no Postgres."""
    tried = []
    for bin in installed():
        try:
            return start_from(bin, Path(folder) / "postgres")
        except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
            tried.append(f"{bin}: {error}")
    found = "; ".join(tried) or "nothing found"
    raise SystemExit(f"no Postgres ({found}): install PostgreSQL 14 or newer, or give --postgres URL")


def installed():
    """Lists the folders that hold Postgres servers: what PATH has first, then Debian's, newest first."""
    on_path = shutil.which("initdb")
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=version, reverse=True)
    bins = ([Path(on_path).resolve().parent] if on_path else []) + versions
    return [bin for bin in bins if (bin / "initdb").is_file() and (bin / "postgres").is_file()]


def version(bin):
    name = bin.parent.name
    return int(name) if name.isdigit() else 0


def start_from(bin, folder):
    user = unprivileged()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    password = f"pw-{secrets.token_hex(16)}"
    (folder / "password").write_text(password)
    drop_to = {}
    if user:
        for path in (folder, folder / "password"):
            os.chown(path, user.pw_uid, user.pw_gid)
        drop_to = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    log = open(folder / "log", "ab")
    initdb = [bin / "initdb", "-D", folder / "cluster", "--username", USER, "--encoding=UTF8", "--locale=C"]
    initdb += ["--auth=scram-sha-256", "--pwfile", folder / "password", "--no-sync"]
    subprocess.run(initdb, cwd=folder, stdout=log, stderr=log, check=True, **drop_to)
    port = free_port()
    command = [bin / "postgres", "-D", folder / "cluster", "-c", f"port={port}"]
    for name, value in SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    # A session of its own: Ctrl-C is for us, who then stop the server in order.
    process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True, **drop_to)
    url = f"postgresql://{USER}:{password}@127.0.0.1:{port}/postgres"
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            return Server(url, process)
        except psycopg.OperationalError as error:
            # A server tells nobody when it is ready, so asking is all that is left.
            if process.poll() is not None or time.monotonic() > until:
                process.kill()
                raise RuntimeError(f"it does not answer ({error})") from error
            time.sleep(0.05)


def unprivileged():
    """Returns who runs the server when we are root, which Postgres refuses."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("Postgres does not run as root, and there is no user `postgres` or `nobody`")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
