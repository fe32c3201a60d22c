"""The question about loss: do events that were committed reach whoever follows, while many append at once?"""

import json
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

from peers import Failed, last_words, run

PROCESSES = 4
WRITERS = 24
# A follower that has delivered nothing for so long, and still misses events, will not deliver them.
PATIENCE_SECONDS = 15
LIMIT_SECONDS = 600


def trial(peer, place, seconds, folder):
    """Lets writers append for some seconds beside a follower, waits until it has come to the end, and compares.

    Fails when the follower ends before it is told to: what it did not deliver then says nothing about skipping.
    """
    folder = Path(folder)
    # The tables are there before anybody follows, and the first events.
    run(peer, "fill", place, {"events": 100, "size": 100, "limit_seconds": 60})
    children = []
    watchdog = threading.Timer(LIMIT_SECONDS, lambda: [child.kill() for child in children])
    watchdog.start()
    try:
        follower = child(children, peer, "follow", place, {"file": str(folder / "delivered")}, folder)
        written = write(children, peer, place, seconds, folder)
        still_follows(follower)
        # Whoever is only late is woken once more, by events that come when nobody else appends.
        run(peer, "fill", place, {"events": 20, "size": 1, "limit_seconds": 60})
        run(peer, "stored", place, {"file": str(folder / "stored")})
        stored = read(folder / "stored")
        wait_for(stored[-1][1], folder / "delivered", follower)
        end(follower)
    finally:
        watchdog.cancel()
        for process in children:
            if process.poll() is None:
                process.kill()
                process.wait()
    return compare(stored, read(folder / "delivered"), written)


def child(children, peer, scenario, place, options, folder):
    """Starts a process that says when it is ready."""
    errors = folder / f"errors-{len(children)}"
    command = [*peer.command, scenario, place, json.dumps(options)]
    with open(errors, "w") as file:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file, text=True)
    process.errors = errors
    children.append(process)
    if process.stdout.readline().strip() != "ready":
        raise Failed(last_words(errors.read_text()))
    return process


def still_follows(follower):
    """Fails when the follower has ended, with its own word for why."""
    if follower.poll() is not None:
        raise Failed(why_ended(follower))


def end(follower):
    """Tells the follower to end. Fails when it does not end well."""
    still_follows(follower)
    follower.stdin.close()
    try:
        code = follower.wait(timeout=60)
    except subprocess.TimeoutExpired:
        return  # what it delivered is in the file all the same
    if code != 0:
        raise Failed(why_ended(follower))


def why_ended(follower):
    """Returns the driver's own word for it, or what is known of a driver that something else has ended."""
    text = follower.errors.read_text()
    said = [line for line in text.splitlines() if "the follower ended" in line]
    return said[-1] if said else f"the follower ended: exit code {follower.returncode}, {last_words(text)}"


def write(children, peer, place, seconds, folder):
    """Runs the writers, in several processes, as programs run that share a database."""
    writers = []
    for number in range(PROCESSES):
        options = {"seconds": seconds, "writers": WRITERS // PROCESSES, "file": str(folder / f"written-{number}")}
        writers.append(child(children, peer, "write", place, options, folder))
    for process in writers:
        process.stdin.write("go\n")
        process.stdin.flush()
    written = {"acknowledged": set(), "failed": 0, "first_error": None}
    for number, process in enumerate(writers):
        lines = process.stdout.read().strip().splitlines()
        if process.wait() != 0 or not lines:
            raise Failed(f"a writer ended early: {last_words(process.errors.read_text())}")
        said = json.loads(lines[-1])
        written["failed"] += said["failed"]
        written["first_error"] = written["first_error"] or said["first_error"]
        written["acknowledged"].update((folder / f"written-{number}").read_text().split())
    return written


def wait_for(last, path, follower):
    """Waits until the event `last` was delivered and nothing comes any more, or until nothing came for long."""
    seen, size, since = False, 0, time.monotonic()
    while True:
        time.sleep(0.5)
        still_follows(follower)
        grown = path.stat().st_size
        if grown != size:
            size, since = grown, time.monotonic()
            seen = seen or last in path.read_text().replace("-", "")
        quiet = time.monotonic() - since
        if quiet > (3 if seen else PATIENCE_SECONDS):
            return


def read(path):
    """Reads lines `position id`."""
    lines = (line.split() for line in path.read_text().splitlines())
    return [(int(position), known.replace("-", "")) for position, known in lines]


def compare(stored, delivered, written):
    """Counts what was skipped, doubled, and out of order, by the peer's own positions."""
    times = Counter(known for _, known in delivered)
    furthest = max((position for position, _ in delivered), default=0)
    absent = [position for position, known in stored if known not in times]
    highest, backwards, seen = 0, 0, set()
    for position, known in delivered:
        if known not in seen and position < highest:
            backwards += 1
        seen.add(known)
        highest = max(highest, position)
    acknowledged = {known.replace("-", "") for known in written["acknowledged"]}
    return {
        "stored": len(stored),
        "delivered": len(times),
        # Later events came, so these never will.
        "skipped": sum(position < furthest for position in absent),
        # The follower did not come so far.
        "not_reached": sum(position > furthest for position in absent),
        "doubled": sum(times.values()) - len(times),
        "out_of_order": backwards,
        "acknowledged": len(acknowledged),
        "acknowledged_but_not_stored": len(acknowledged - {known for _, known in stored}),
        "failed_appends": written["failed"],
        "first_error": written["first_error"],
    }
