"""UmaDB, a server with a store of its own: each event is tagged with its id, and appended on condition that no event has that tag.

The variant `unchecked` appends without the condition.
"""

import json
import threading
from dataclasses import dataclass, field

from umadb import AppendCondition, CancelledByUserError, Client, Event, Query, QueryItem


@dataclass
class Store:
    url: str
    checked: bool
    mine: threading.local = field(default_factory=threading.local)

    def client(self):
        """Each thread has a connection of its own, which is faster than one for all."""
        if not hasattr(self.mine, "client"):
            self.mine.client = Client(self.url)
        return self.mine.client


def open(place, variant):
    store = Store(place, variant != "unchecked")
    store.client()
    return store


def close(store):
    store.client().close()


def event(known, payload):
    return Event("order.placed", json.dumps(payload, separators=(",", ":")).encode(), [f"order:{known}"], known)


def append(store, event):
    append_batch(store, [event])


def append_batch(store, events):
    """One condition for all: a single event is looked for as each of a batch is."""
    new = AppendCondition(Query([QueryItem(tags=event.tags) for event in events])) if store.checked else None
    store.client().append(events, new)


def head(store):
    return store.client().head()


def tail(store):
    return sum(1 for found in store.client().read() if json.loads(found.event.data))


def follow(store, deliver, stop):
    subscription = store.client().subscribe()
    threading.Thread(target=lambda: (stop.wait(), subscription.cancel()), daemon=True).start()
    try:
        for found in subscription:
            deliver(found.position, found.event.uuid)
    except CancelledByUserError:  # which is us, when we were told to
        if not stop.is_set():
            raise


def count(store):
    return sum(1 for _ in store.client().read())


def stored(store):
    return ((found.position, found.event.uuid) for found in store.client().read())


def settings(_store):
    # The server has no setting for it: strace shows two calls of fdatasync for each append.
    return {"durability": "fdatasync", "pool": "a connection for each thread"}
