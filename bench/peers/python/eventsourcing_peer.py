"""The library `eventsourcing`: one application whose aggregates have one event each, so that the aggregate's id is the event's."""

import sqlite3
import threading
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent
from eventsourcing.projection import ApplicationSubscription

PAGE = 1_000
# A connection for each of the threads that append at once, as all peers have; they are opened when they are needed.
KEPT, MORE = 5, 59


class OrderPlaced(DomainEvent):
    """The event `order.placed`."""

    customer: int
    items: list
    note: str


class Orders(Application):
    """Default settings; only the pages of the notification log are larger than its ten, and the pool than its fifteen."""

    log_section_size = PAGE


@dataclass
class Store:
    place: str
    app: Orders


def open(place, variant):
    """`functions` is the library's option to insert by a function in the database; it is off by default."""
    if not place.startswith("postgres"):
        return Store(place, Orders({"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": place}))
    url = urlsplit(place)
    return Store(
        place,
        Orders(
            {
                "PERSISTENCE_MODULE": "eventsourcing.postgres",
                "POSTGRES_HOST": url.hostname,
                "POSTGRES_PORT": str(url.port or 5432),
                "POSTGRES_USER": url.username,
                "POSTGRES_PASSWORD": unquote(url.password or ""),
                "POSTGRES_DBNAME": url.path.lstrip("/"),
                "POSTGRES_POOL_SIZE": str(KEPT),
                "POSTGRES_MAX_OVERFLOW": str(MORE),
                "POSTGRES_ENABLE_DB_FUNCTIONS": "y" if variant == "functions" else "n",
            }
        ),
    )


def close(store):
    store.app.close()


def event(known: UUID, payload):
    return OrderPlaced(
        originator_id=known, originator_version=1, timestamp=OrderPlaced.create_timestamp(), **payload
    )


def append(store, event):
    store.app.events.put([event])


def append_batch(store, events):
    store.app.events.put(events)


def head(store):
    return store.app.recorder.max_notification_id()


def tail(store):
    log, mapper, count, start = store.app.notification_log, store.app.mapper, 0, 1
    while notifications := log.select(start=start, limit=PAGE):
        for notification in notifications:
            mapper.to_domain_event(notification)
        count += len(notifications)
        start = notifications[-1].id + 1
    return count


def follow(store, deliver, stop):
    """By the application's subscription, which the documentation gives to those who project events."""
    with ApplicationSubscription(store.app, gt=0) as subscription:
        threading.Thread(target=lambda: (stop.wait(), subscription.stop()), daemon=True).start()
        for domain_event, tracking in subscription:
            deliver(tracking.notification_id, domain_event.originator_id)


def count(store):
    return rows(store, "SELECT count(*) FROM {table}")[0][0]


def stored(store):
    position = "notification_id" if store.place.startswith("postgres") else "rowid"
    return rows(store, f"SELECT {position}, originator_id FROM {{table}} ORDER BY 1")


def rows(store, sql):
    """Asks the table itself, past the library."""
    if store.place.startswith("postgres"):
        with psycopg.connect(store.place) as connection:
            return connection.execute(sql.format(table="orders_events")).fetchall()
    with sqlite3.connect(store.place) as connection:
        return connection.execute(sql.format(table="stored_events")).fetchall()


def settings(store):
    datastore = store.app.recorder.datastore
    with datastore.transaction(commit=False) as cursor:
        if store.place.startswith("postgres"):
            cursor.execute("SHOW synchronous_commit")
            return {"synchronous_commit": cursor.fetchone()["synchronous_commit"], "pool": datastore.pool.max_size}
        # The library has no setting for it on SQLite, where one writes at a time anyway.
        said = {"pool": datastore.pool.pool_size + datastore.pool.max_overflow}
        for pragma in ("journal_mode", "synchronous"):
            cursor.execute(f"PRAGMA {pragma}")
            said[pragma] = cursor.fetchone()[0]
        return said | {"sqlite": sqlite3.sqlite_version}
