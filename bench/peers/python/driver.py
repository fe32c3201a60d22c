"""Runs one scenario for one Python peer in a process of its own, and prints what came of it as one line of JSON.

    driver.py PEER SCENARIO PLACE OPTIONS

PEER is a module of this folder, perhaps with a variant (`eventsourcing_peer:functions`); PLACE is a path or a URL;
OPTIONS is a JSON object. A peer has these functions: `open(place, variant)`, `close(store)`, `event(id, payload)`,
`append(store, event)`, `append_batch(store, events)`, `head(store)`, `count(store)`, `tail(store)`,
`follow(store, deliver, stop)`, `stored(store)`, `settings(store)`.
"""

import gc
import importlib
import json
import os
import sys
import threading
import time
import uuid
from statistics import median

PAYLOAD = {"customer": 42, "items": ["apple", "pear"], "note": "x" * 120}
OTHER_PAYLOAD = {"customer": 43, "items": [], "note": "other"}
# More than any Python peer appends, so that ids can be made before the clock runs.
MOST_PER_SECOND = 20_000
WARM_UP = 20


def uuid7():
    """Returns an id that sorts by time, which is kinder to an index than a random one."""
    stamp, fraction = divmod(time.time_ns(), 1_000_000)
    high = (stamp << 16) | 0x7000 | (fraction * 4_096 // 1_000_000)
    low = 0x8000_0000_0000_0000 | int.from_bytes(os.urandom(8), "big") >> 2
    return uuid.UUID(int=high << 64 | low)


def make_ids(count):
    """Makes ids before the clock runs, because they are nobody's work; events are made while it runs."""
    return [uuid7() for _ in range(count)]


def make(peer, ids):
    """Makes an event of each id, in the peer's own form."""
    return [peer.event(known, PAYLOAD) for known in ids]


def settle():
    """Leaves the ids made so far out of every later garbage collection: no peer should pay for our fixtures."""
    gc.collect()
    gc.freeze()


def single(peer, store, options):
    """One after the other, each acknowledged before the next."""
    ids = make_ids(WARM_UP + options["seconds"] * MOST_PER_SECOND)
    for known in ids[:WARM_UP]:
        peer.append(store, peer.event(known, PAYLOAD))
    settle()
    done, start = 0, time.perf_counter()
    for known in ids[WARM_UP:]:
        peer.append(store, peer.event(known, PAYLOAD))
        done += 1
        if time.perf_counter() - start >= options["seconds"]:
            break
    elapsed = time.perf_counter() - start
    return appended(peer, store, done, elapsed, WARM_UP + done)


def concurrent(peer, store, options):
    """Many threads in one process, each of which appends singles."""
    tasks, seconds = options["tasks"], options["seconds"]
    piles = [make_ids(1 + seconds * MOST_PER_SECOND // tasks) for _ in range(tasks)]
    acknowledged, errors, lock = 0, [], threading.Lock()
    settle()
    barrier = threading.Barrier(tasks + 1)

    def append_all(pile):
        nonlocal acknowledged
        peer.append(store, peer.event(pile[0], PAYLOAD))  # connects, and warms up
        barrier.wait()
        done, until = 0, time.perf_counter() + seconds
        for known in pile[1:]:
            try:
                peer.append(store, peer.event(known, PAYLOAD))
                done += 1
            except Exception as error:  # counted, whatever it is
                errors.append(said(error))
            if time.perf_counter() >= until:
                break
        with lock:
            acknowledged += done

    threads = [threading.Thread(target=append_all, args=(pile,)) for pile in piles]
    for thread in threads:
        thread.start()
    barrier.wait()
    start = time.perf_counter()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - start
    result = appended(peer, store, acknowledged, elapsed, tasks + acknowledged)
    return result | {"failed": len(errors), "first_error": errors[0] if errors else None}


def batch(peer, store, options):
    """Batches one after the other, each acknowledged before the next."""
    size, count = options["size"], options["batches"]
    batches = [make_ids(size) for _ in range(1 + count)]
    peer.append_batch(store, make(peer, batches[0]))
    settle()
    start = time.perf_counter()
    for ids in batches[1:]:
        peer.append_batch(store, make(peer, ids))
    elapsed = time.perf_counter() - start
    return appended(peer, store, size * count, elapsed, size * (1 + count))


def again(peer, store, options):
    """Batches that are there already, and what the peer does about them."""
    size, count = options["size"], options["batches"]
    batches = [make_ids(size) for _ in range(count)]
    for ids in batches:
        peer.append_batch(store, make(peer, ids))
    settle()
    outcomes = set()
    start = time.perf_counter()
    for ids in batches:
        outcomes.add(attempt(lambda: peer.append_batch(store, make(peer, ids))))
    elapsed = time.perf_counter() - start
    stored = peer.count(store)
    outcome = " / ".join(sorted(outcomes))
    if stored != size * count:
        outcome = "stored twice" if stored == 2 * size * count else f"{stored} stored of {size * count}"
    return {"value": size * count / elapsed, "unit": "events/s", "outcome": outcome}


def tail(peer, store, options):
    """Everything from the first event to the last."""
    start = time.perf_counter()
    count = peer.tail(store)
    elapsed = time.perf_counter() - start
    if count != options["events"]:
        raise SystemExit(f"the tail had {count} events instead of {options['events']}")
    return {"value": count / elapsed, "unit": "events/s"}


def fill(peer, store, options):
    """Appends what `tail` and `opening` read, or gives up when that would take too long."""
    size, left = options["size"], options["events"]
    start = time.perf_counter()
    while left > 0:
        peer.append_batch(store, make(peer, make_ids(min(size, left))))
        left -= size
        if time.perf_counter() - start > options["limit_seconds"]:
            return {"filled": False}
    return {"filled": True}


def probe(peer, store, _options):
    """What the peer does about an id that it has, and what its connection says about durability."""
    known = uuid7()
    event = peer.event(known, PAYLOAD)
    peer.append(store, event)
    mixed = make(peer, [uuid7(), known])

    def outcome(action, new=0):
        most = peer.count(store) + new
        said_so = attempt(action)
        return said_so if peer.count(store) <= most else "stored twice"

    return {
        "same_again": outcome(lambda: peer.append(store, event)),
        "other_content": outcome(lambda: peer.append(store, peer.event(known, OTHER_PAYLOAD))),
        # The id that is there already comes behind a new one.
        "in_a_batch": outcome(lambda: peer.append_batch(store, mixed), new=1),
        "settings": peer.settings(store),
    }


def write(peer, store, options):
    """Some of the writers of the question about loss; what was acknowledged goes to a file."""
    acknowledged, errors, lock = [], [], threading.Lock()
    first = uuid7()
    peer.append(store, peer.event(first, PAYLOAD))  # connects, and warms up
    acknowledged.append(str(first))
    print("ready", flush=True)
    sys.stdin.readline()
    until = time.perf_counter() + options["seconds"]

    def append_some():
        mine = []
        while time.perf_counter() < until:
            known = uuid7()
            try:
                peer.append(store, peer.event(known, PAYLOAD))
                mine.append(str(known))
            except Exception as error:  # counted, whatever it is
                errors.append(said(error))
        with lock:
            acknowledged.extend(mine)

    threads = [threading.Thread(target=append_some) for _ in range(options["writers"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open(options["file"], "w") as file:
        file.writelines(f"{known}\n" for known in acknowledged)
    return {"acknowledged": len(acknowledged), "failed": len(errors), "first_error": errors[0] if errors else None}


def follow(peer, store, options):
    """The follower of the question about loss, until its input ends; each delivery is a line `position id`.

    A follower that ends by itself ends the process: the trial must not take what it missed for skipped.
    """
    stop, delivered = threading.Event(), 0
    with open(options["file"], "w", buffering=1) as file:

        def deliver(position, known):
            nonlocal delivered
            delivered += 1
            file.write(f"{position} {known}\n")

        def follow_until_told():
            why = "nobody told it to"
            try:
                peer.follow(store, deliver, stop)
                if stop.is_set():
                    return
            except BaseException as error:  # whatever it is, nobody follows any more
                why = said(error)
            print(f"the follower ended: {why}", file=sys.stderr, flush=True)
            # The main thread waits for its input and would not hear of it.
            os._exit(1)

        thread = threading.Thread(target=follow_until_told)
        thread.start()
        print("ready", flush=True)
        sys.stdin.read()
        stop.set()
        thread.join(timeout=20)
    return {"delivered": delivered}


def stored(peer, store, options):
    """All that is stored, as lines `position id`."""
    count = 0
    with open(options["file"], "w") as file:
        for position, known in peer.stored(store):
            file.write(f"{position} {known}\n")
            count += 1
    return {"stored": count}


def opening(peer, place, variant, options):
    """How long it takes until a ledger is open and has answered its first question."""
    times = []
    for _ in range(options["times"]):
        start = time.perf_counter()
        store = peer.open(place, variant)
        peer.head(store)
        times.append(time.perf_counter() - start)
        peer.close(store)
    return {"value": median(times) * 1e3, "unit": "ms"}


def attempt(action):
    """Names what came of an append."""
    try:
        action()
        return "answered"
    except Exception as error:  # the peer's own way to refuse
        return f"refused ({type(error).__name__})"


def appended(peer, store, done, elapsed, expected):
    """Makes a result, after a look whether what was acknowledged is there."""
    count = peer.count(store)
    if count != expected:
        raise SystemExit(f"{expected} events were acknowledged, {count} are stored")
    return {"value": done / elapsed, "unit": "events/s"}


def said(error):
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]


SCENARIOS = {run.__name__: run for run in (single, concurrent, batch, again, tail, fill, probe, write, follow, stored)}


def main():
    name, scenario, place, options = sys.argv[1:5]
    module, _, variant = name.partition(":")
    peer, options = importlib.import_module(module), json.loads(options)
    if scenario == "open":
        result = opening(peer, place, variant, options)
    else:
        store = peer.open(place, variant)
        result = SCENARIOS[scenario](peer, store, options)
        peer.close(store)
    print(json.dumps(result), flush=True)
    # Pools and subscriptions leave threads behind that nobody waits for.
    os._exit(0)


if __name__ == "__main__":
    main()
