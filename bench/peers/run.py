#!/usr/bin/env python3
"""Runs the same scenarios for the ledger's peers, each with what it recommends and all with fsync on, and prints a table.

It makes a Python environment in `.venv`, installs what requirements.txt and package-lock.json pin, and starts a fresh
Postgres unless one is given.
"""

import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
TASKS, SIZE, BATCHES, OPENS = 64, 1_000, 20, 5
FILL_LIMIT_SECONDS = 120
APPENDS = ("single", "concurrent", "batch", "again")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="NAME", help="only cases whose PEER/ENGINE/SCENARIO contains this text")
    parser.add_argument("--seconds", metavar="N", type=int, default=5, help="how long appenders append (default 5)")
    parser.add_argument("--rounds", metavar="N", type=int, default=5, help="how often each case is measured (default 5)")
    parser.add_argument("--events", metavar="N", type=int, default=100_000, help="how many are read and opened")
    parser.add_argument("--postgres", metavar="URL", help="a durable server, whose user may create databases")
    parser.add_argument("--folder", metavar="DIR", help="where ledgers are; it decides what an fsync costs")
    parser.add_argument("--json", metavar="FILE", help="where to write everything that was measured")
    return parser.parse_args()


def install():
    """Makes the environment, and goes on in it. What is pinned is installed once."""
    pins = (HERE / "requirements.txt").read_bytes()
    mark, wanted = VENV / "installed", hashlib.sha256(pins).hexdigest()
    if not mark.is_file() or mark.read_text() != wanted:
        print("installs Python packages in .venv", file=sys.stderr)
        venv.create(VENV, with_pip=True, clear=True)
        pip = [VENV / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--no-deps", "-r", HERE / "requirements.txt"], check=True)
        mark.write_text(wanted)
    lock, modules = HERE / "node" / "package-lock.json", HERE / "node" / "node_modules"
    installed = modules / ".package-lock.json"
    if shutil.which("npm") and (not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime):
        print("installs Node packages in node/node_modules", file=sys.stderr)
        done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=HERE / "node")
        if done.returncode != 0:
            # Half an installation is none: its peers are then said to be skipped.
            shutil.rmtree(modules, ignore_errors=True)
    if Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(VENV / "bin" / "python", [str(VENV / "bin" / "python"), str(HERE / "run.py"), *sys.argv[1:]])


class Bench:
    """One run: who takes part, what was asked for, and what came of it."""

    def __init__(self, peers, options, places, folder):
        self.peers, self.options, self.places, self.folder = peers, options, places, folder
        self.guarantees, self.measured, self.trials, self.failures = {}, {}, {}, []

    def wants(self, peer, scenario):
        return self.options.only is None or self.options.only in f"{peer}/{scenario}"

    def wants_any(self, peer):
        return any(self.wants(peer, scenario) for scenario in (*peer.scenarios, "loss"))

    def in_turn(self, scenario, able, work):
        """Does the work for all who are able, round after round, and every other round backwards."""
        chosen = [peer for peer in self.peers if able(peer) and self.wants(peer, scenario)]
        for round in range(self.options.rounds):
            for peer in chosen if round % 2 == 0 else reversed(chosen):
                self.guard(peer, scenario, lambda: work(peer))

    def guard(self, peer, scenario, work):
        """A peer that fails is told of, and keeps nobody else from being measured."""
        try:
            return work()
        except (Failed, OSError, ValueError, subprocess.SubprocessError) as error:
            print(f"  {peer}/{scenario} failed: {error}", file=sys.stderr)
            self.failures.append({"peer": str(peer), "scenario": scenario, "error": str(error)[:500]})

    def measure(self, peer, scenario, name, place, **options):
        result = run(peer, scenario, place, options)
        self.measured.setdefault((name, str(peer)), []).append(result)
        print(f"  {peer}/{name}: {show(result['value'], result['unit'])}", file=sys.stderr)

    def in_fresh_place(self, peer, work):
        place = self.places.fresh(peer.engine)
        try:
            return work(place)
        finally:
            self.places.drop(place)

    def probe(self):
        for peer in self.peers:
            if self.wants_any(peer):
                ask = lambda: self.in_fresh_place(peer, lambda place: run(peer, "probe", place, {}))
                if (said := self.guard(peer, "probe", ask)) is not None:
                    self.guarantees[str(peer)] = said | {"order": peer.order}

    def appends(self):
        for scenario in APPENDS:
            options = {"seconds": self.options.seconds, "tasks": TASKS, "size": SIZE, "batches": BATCHES}
            once = lambda peer: self.in_fresh_place(
                peer, lambda place: self.measure(peer, scenario, scenario, place, **options)
            )
            self.in_turn(scenario, lambda peer: scenario in peer.scenarios, once)

    def reads(self):
        """Tails and opens what is filled once and then read in all rounds."""
        places = {}
        try:
            events = self.options.events
            self.fixtures(places, "tail", events, lambda peer: "tail" in peer.scenarios)
            here = lambda peer: (str(peer), events) in places
            tail = lambda peer: self.measure(peer, "tail", "tail", places[str(peer), events], events=events)
            self.in_turn("tail", here, tail)
            # A million only where opening depends on it, and not in a run that is meant to be short.
            for size in sorted({1_000, events, 1_000_000 if events >= 100_000 else 1_000}):
                able = lambda peer: "open" in peer.scenarios and (size <= events or size in peer.opens_at)
                self.fixtures(places, "open", size, able)
                opens = lambda peer: self.measure(peer, "open", f"open/{size}", places[str(peer), size], times=OPENS)
                self.in_turn("open", lambda peer: (str(peer), size) in places and able(peer), opens)
        finally:
            for place in places.values():
                self.places.drop(place)

    def fixtures(self, places, scenario, events, able):
        for peer in self.peers:
            if not able(peer) or not self.wants(peer, scenario) or (str(peer), events) in places:
                continue
            place = places[str(peer), events] = self.places.fresh(peer.engine)
            options = {"events": events, "size": SIZE, "limit_seconds": FILL_LIMIT_SECONDS}
            said = self.guard(peer, scenario, lambda: run(peer, "fill", place, options))
            if not (said and said["filled"]):
                if said:
                    self.failures.append({"peer": str(peer), "scenario": f"{scenario}/{events}", "error": "too slow to fill"})
                self.places.drop(places.pop((str(peer), events)))

    def losses(self):
        def once(peer):
            trial = self.in_fresh_place(
                peer, lambda place: loss.trial(peer, place, self.options.seconds, self.folder)
            )
            self.trials.setdefault(str(peer), []).append(trial)
            print(f"  {peer}/loss: {trial['skipped']} of {trial['stored']} skipped", file=sys.stderr)

        self.in_turn("loss", lambda peer: peer.follower, once)


def show(value, unit):
    if unit == "ms":
        return f"{value / 1e3:.2f} s" if value >= 1e3 else f"{value:.1f} ms"
    if value >= 1e6:
        return f"{value / 1e6:.2f} M/s"
    return f"{value / 1e3:.1f} k/s" if value >= 1e3 else f"{value:.0f} /s"


def promises(said):
    """Says in a few words what a peer promises, as far as asking it tells."""
    if said is None:
        return "not known"
    outcome, other = said["same_again"], said["other_content"]
    ids = "ids checked" if other.startswith("refused") else "ids not checked"
    if other == "answered":
        ids = "ids checked, content not"
    again = {"answered": "repeats answered", "stored twice": "repeats stored twice"}.get(outcome, "repeats refused")
    return f"{ids}; {again}; {said['order']}; {durability(said['settings'])}"


def durability(settings):
    if "synchronous" in settings:
        names = {0: "OFF, not durable", 1: "NORMAL, not durable", 2: "FULL", 3: "EXTRA"}
        return f"{settings['journal_mode']}, synchronous={names[settings['synchronous']]}"
    if "synchronous_commit" in settings:
        return f"fsync, synchronous_commit={settings['synchronous_commit']}"
    return settings.get("durability", "durability not asked")


def table(head, rows):
    rows = [head, *rows]
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(head))]
    return "\n".join("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def figures(bench):
    rows = []
    for (scenario, peer), results in bench.measured.items():
        values, unit = sorted(result["value"] for result in results), results[0]["unit"]
        spread = f"{show(values[0], unit)} to {show(values[-1], unit)}"
        remarks = {result["outcome"] for result in results if result.get("outcome")}
        failed = sum(result.get("failed", 0) for result in results)
        remarks |= {f"{failed} appends failed"} if failed else set()
        guarantees = promises(bench.guarantees.get(peer))
        rows.append((scenario, peer, show(median(values), unit), spread, ", ".join(sorted(remarks)), guarantees))
    return table(("scenario", "peer", "median", "spread", "remark", "guarantees"), rows)


def losses(bench):
    rows = []
    for peer in bench.peers:
        if trials := bench.trials.get(str(peer)):
            total = lambda name: sum(trial[name] for trial in trials)
            names = (
                "stored",
                "acknowledged_but_not_stored",
                "delivered",
                "skipped",
                "not_reached",
                "doubled",
                "out_of_order",
                "failed_appends",
            )
            rows.append((str(peer), peer.follower, len(trials), *(total(name) for name in names)))
    head = ("peer", "follows by", "trials", "stored", "lost", "delivered", "skipped", "not reached", "doubled", "out of order")
    return table((*head, "failed appends"), rows)


def everything(bench, facts, postgres, absent):
    """All of it, with each round's value, for whoever wants to calculate again."""
    results = []
    for (scenario, peer), rounds in bench.measured.items():
        values = [result["value"] for result in rounds]
        summary = {"median": median(values), "least": min(values), "most": max(values), "rounds": rounds}
        results.append({"scenario": scenario, "peer": peer, "unit": rounds[0]["unit"]} | summary)
    # Without the server's URL, which may hold a password.
    asked = {name: getattr(bench.options, name) for name in ("only", "seconds", "rounds", "events")}
    packages = (HERE / "requirements.txt").read_text().split()
    modules = json.loads((HERE / "node" / "package.json").read_text())["dependencies"]
    return {
        "machine": facts,
        "postgres": postgres,
        "packages": {"python": packages, "node": modules},
        "options": asked | {"tasks": TASKS, "size": SIZE, "batches": BATCHES, "writers": loss.WRITERS},
        "guarantees": bench.guarantees,
        "results": results,
        "loss": bench.trials,
        "failures": bench.failures,
        "not_measured": absent,
    }


def main():
    options = arguments()
    install()
    global loss, Failed, run
    import loss
    import machine
    from peers import PEERS, Failed, Places, missing, run

    # Whoever asks us to end finds nothing left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="ledger-peers-", dir=options.folder))
    folder.chmod(0o755)  # Postgres may run as another user
    places = Places(folder, options.postgres)
    bench = Bench([peer for peer in PEERS if not missing(peer)], options, places, folder)
    absent = {str(peer): missing(peer) for peer in PEERS if missing(peer) and bench.wants_any(peer)}
    try:
        facts = machine.facts(folder)
        start = time.monotonic()
        for part in (bench.probe, bench.appends, bench.reads, bench.losses):
            part()
        settings = places.server.settings() if places.server else None
    finally:
        places.close()
        shutil.rmtree(folder, ignore_errors=True)
    sync = facts["fsync_ms"]
    print(f"{facts['cores']} cores, {facts['filesystem']}, fsync {sync['median']} ms ({sync['p5']} to {sync['p95']})")
    if settings:
        print(", ".join(f"{name} {value}" for name, value in settings.items()))
    print(f"{options.rounds} rounds, {time.monotonic() - start:.0f} s\n")
    if bench.measured:
        print(f"{figures(bench)}\n")
    if bench.trials:
        print(f"{loss.WRITERS} writers in {loss.PROCESSES} processes for {options.seconds} s a trial:\n\n{losses(bench)}\n")
    for failure in bench.failures:
        print(f"failed: {failure['peer']}/{failure['scenario']}: {failure['error']}")
    for peer, why in absent.items():
        print(f"not measured: {peer}: {why}")
    if options.json:
        Path(options.json).write_text(json.dumps(everything(bench, facts, settings, absent), indent=1) + "\n")


if __name__ == "__main__":
    main()
