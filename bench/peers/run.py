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
from collections import Counter
from contextlib import ExitStack
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

    def __init__(self, options, places, folder):
        self.options, self.places, self.folder = options, places, folder
        self.peers = [peer for peer in PEERS if not missing(peer)]
        self.absent = {str(peer): missing(peer) for peer in PEERS if missing(peer) and self.wants_any(peer)}
        self.guarantees, self.measured, self.trials, self.failures = {}, {}, {}, []
        self.facts, self.start, self.whole = machine.facts(folder), time.monotonic(), False

    def wants(self, peer, scenario):
        return self.options.only is None or self.options.only in f"{peer}/{scenario}"

    def wants_any(self, peer):
        return any(self.wants(peer, scenario) for scenario in (*peer.scenarios, "loss"))

    def in_turn(self, name, able, work):
        """Does the work for all who are able, round after round, and every other round backwards."""
        chosen = [peer for peer in self.peers if able(peer) and self.wants(peer, name.partition("/")[0])]
        for round in range(self.options.rounds):
            for peer in chosen if round % 2 == 0 else reversed(chosen):
                self.guard(peer, name, lambda: work(peer))

    def guard(self, peer, name, work):
        """A peer that fails, however it does, is told of, and keeps nobody else from being measured."""
        try:
            return work()
        except Exception as error:
            said = str(error) if isinstance(error, Failed) else f"{type(error).__name__}: {error}"
            print(f"  {peer}/{name} failed: {said}", file=sys.stderr)
            self.failures.append({"peer": str(peer), "scenario": name, "error": said[:500]})
        finally:
            self.save()

    def save(self):
        """Writes what there is so far, so that whatever ends the run takes nothing along."""
        if self.options.json:
            file = Path(self.options.json)
            beside = file.with_name(f"{file.name}.part")
            beside.write_text(json.dumps(everything(self), indent=1) + "\n")
            beside.replace(file)

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
                name = f"open/{size}"
                opens = lambda peer: self.measure(peer, "open", name, places[str(peer), size], times=OPENS)
                self.in_turn(name, lambda peer: (str(peer), size) in places and able(peer), opens)
        finally:
            for (peer, _), place in places.items():
                self.guard(peer, "drop", lambda: self.places.drop(place))

    def fixtures(self, places, scenario, events, able):
        name = f"open/{events}" if scenario == "open" else scenario
        for peer in self.peers:
            if able(peer) and self.wants(peer, scenario) and (str(peer), events) not in places:
                if place := self.guard(peer, name, lambda: self.filled(peer, events)):
                    places[str(peer), events] = place

    def filled(self, peer, events):
        """Returns a place with so many events."""
        place = self.places.fresh(peer.engine)
        options = {"events": events, "size": SIZE, "limit_seconds": FILL_LIMIT_SECONDS}
        try:
            if run(peer, "fill", place, options)["filled"]:
                return place
            raise Failed(f"too slow to fill: {events} events take more than {FILL_LIMIT_SECONDS} s")
        except BaseException:
            self.places.drop(place)
            raise

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
    if ids != "ids not checked" and said["in_a_batch"] == "stored twice":
        ids += ", in batches neither" if other == "answered" else ", not in batches"
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
    if not rows:
        return ""
    rows = [head, *rows]
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(head))]
    return "\n".join("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def figures(bench):
    rows, broken = [], Counter((failure["scenario"], failure["peer"]) for failure in bench.failures)
    for (scenario, peer), results in bench.measured.items():
        values, unit = sorted(result["value"] for result in results), results[0]["unit"]
        spread = f"{show(values[0], unit)} to {show(values[-1], unit)}"
        remarks = {result["outcome"] for result in results if result.get("outcome")}
        failed = sum(result.get("failed", 0) for result in results)
        remarks |= {f"{failed} appends failed"} if failed else set()
        remarks |= {f"{broken[scenario, peer]} rounds failed"} if broken[scenario, peer] else set()
        guarantees = promises(bench.guarantees.get(peer))
        rows.append((scenario, peer, show(median(values), unit), spread, ", ".join(sorted(remarks)), guarantees))
    for scenario, peer in broken:
        if (scenario, peer) not in bench.measured and scenario != "loss":
            rows.append((scenario, peer, "failed", "", "", promises(bench.guarantees.get(peer))))
    return table(("scenario", "peer", "median", "spread", "remark", "guarantees"), rows)


def losses(bench):
    # What is counted in a trial, and the name of its column.
    counted = {
        "stored": "stored",
        "acknowledged_but_not_stored": "lost",
        "delivered": "delivered",
        "skipped": "skipped",
        "not_reached": "not reached",
        "doubled": "doubled",
        "out_of_order": "out of order",
        "failed_appends": "failed appends",
    }
    rows, broken = [], Counter(failure["peer"] for failure in bench.failures if failure["scenario"] == "loss")
    for peer in bench.peers:
        trials = bench.trials.get(str(peer), [])
        if trials or broken[str(peer)]:
            # A trial that failed counted nothing: no row of zeros may look like one in which nothing was lost.
            totals = [sum(trial[name] for trial in trials) if trials else "-" for name in counted]
            rows.append((str(peer), peer.follower, len(trials), broken[str(peer)], *totals))
    return table(("peer", "follows by", "trials", "failed trials", *counted.values()), rows)


def everything(bench):
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
        # Whether it came to its end.
        "whole": bench.whole,
        "machine": bench.facts,
        "postgres": bench.places.server and bench.places.server.said,
        "packages": {"python": packages, "node": modules},
        "options": asked | {"tasks": TASKS, "size": SIZE, "batches": BATCHES, "writers": loss.WRITERS},
        "guarantees": bench.guarantees,
        "results": results,
        "loss": bench.trials,
        "failures": bench.failures,
        "not_measured": bench.absent,
    }


def report(bench):
    """Prints what there is, also when something ended the run, and saves it."""
    options, sync, server = bench.options, bench.facts["fsync_ms"], bench.places.server
    print(f"{bench.facts['cores']} cores, {bench.facts['filesystem']}, fsync {sync['median']} ms ({sync['p5']} to {sync['p95']})")
    if server:
        print(", ".join(f"{name} {value}" for name, value in server.said.items()))
    end = "" if bench.whole else ", ended before all was measured"
    print(f"{options.rounds} rounds, {time.monotonic() - bench.start:.0f} s{end}\n")
    if rows := figures(bench):
        print(f"{rows}\n")
    if rows := losses(bench):
        print(f"{loss.WRITERS} writers in {loss.PROCESSES} processes for {options.seconds} s a trial:\n\n{rows}\n")
    for failure in bench.failures:
        print(f"failed: {failure['peer']}/{failure['scenario']}: {failure['error']}")
    for peer, why in bench.absent.items():
        print(f"not measured: {peer}: {why}")
    bench.save()


def main():
    options = arguments()
    install()
    global loss, machine, PEERS, Failed, missing, run
    import loss
    import machine
    from peers import PEERS, Failed, Places, missing, run, stale

    # Whoever asks us to end finds nothing left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="ledger-peers-", dir=options.folder))
    # Whatever ends the run, in reverse: what was measured is shown, then servers end, then the folder goes.
    with ExitStack() as last:
        last.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)  # Postgres may run as another user
        places = Places(folder, options.postgres)
        last.callback(places.close)
        bench = Bench(options, places, folder)
        if old := {why for peer in bench.peers if bench.wants_any(peer) and (why := stale(peer))}:
            sys.exit("\n".join(sorted(old)))
        # Who cannot write the file hears of it now.
        bench.save()
        last.callback(report, bench)
        try:
            for part in (bench.probe, bench.appends, bench.reads, bench.losses):
                part()
            bench.whole = True
        except KeyboardInterrupt:
            sys.exit(130)
    sys.exit(1 if bench.failures else 0)


if __name__ == "__main__":
    main()
