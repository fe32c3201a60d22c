"""An append-only ledger on SQLAlchemy as teams write it: an ORM class, the known ids in memory, a session for each append."""

import sqlite3
import threading
import time
from contextlib import nullcontext
from datetime import datetime, timezone

from sqlalchemy import JSON, BigInteger, DateTime, Integer, String, create_engine, event as hooks, func, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

POLL_SECONDS = 0.05


class Base(DeclarativeBase):
    pass


class Event(Base):
    """One row of the ledger."""

    __tablename__ = "events"

    offset: Mapped[int] = mapped_column(
        "event_offset", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    id: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(100), index=True)
    payload: Mapped[dict] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Ledger:
    """Opens by loading every id, answers appends of known ids from memory."""

    def __init__(self, place):
        postgres = place.startswith("postgres")
        if postgres:
            url = place.replace("postgresql://", "postgresql+psycopg://", 1)
            # A connection for each of the threads that append at once.
            self.engine = create_engine(url, pool_size=64, max_overflow=0)
        else:
            self.engine = create_engine(f"sqlite:///{place}", connect_args={"timeout": 30})
            hooks.listen(self.engine, "connect", durable)
        # SQLite has one writer at a time: threads that wait here do not have to be told `database is locked`.
        self.turn = nullcontext() if postgres else threading.Lock()
        Base.metadata.create_all(self.engine)
        with Session(self.engine) as session:
            self.known = set(session.scalars(select(Event.id)))

    def append(self, event):
        """One event, one insert, one transaction."""
        if event["id"] in self.known:
            return False
        with self.turn, Session(self.engine) as session:
            session.add(Event(**event))
            session.commit()
        self.known.add(event["id"])
        return True

    def append_batch(self, events):
        """One flush and one transaction for those that are new."""
        new = [event for event in events if event["id"] not in self.known]
        with self.turn, Session(self.engine) as session:
            session.add_all(Event(**event) for event in new)
            session.commit()
        self.known.update(event["id"] for event in new)
        return len(new)

    def all(self):
        with Session(self.engine) as session:
            return list(session.scalars(select(Event).order_by(Event.offset)))

    def after(self, offset):
        with Session(self.engine) as session:
            return list(session.scalars(select(Event).where(Event.offset > offset).order_by(Event.offset)))


def durable(connection, _record):
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def open(place, _variant):
    return Ledger(place)


def close(store):
    store.engine.dispose()


def event(known, payload):
    return {"id": str(known), "kind": "order.placed", "payload": payload, "created_at": datetime.now(timezone.utc)}


def append(store, event):
    store.append(event)


def append_batch(store, events):
    store.append_batch(events)


def head(store):
    with Session(store.engine) as session:
        return session.scalar(select(func.max(Event.offset)))


def tail(store):
    return sum(1 for event in store.all() if event.payload["customer"])


def follow(store, deliver, stop):
    """Polls for what is past the last offset seen, which is what code of this kind does."""
    last = 0
    while not stop.is_set():
        for event in store.after(last):
            deliver(event.offset, event.id)
            last = event.offset
        time.sleep(POLL_SECONDS)


def count(store):
    with Session(store.engine) as session:
        return session.scalar(select(func.count()).select_from(Event))


def stored(store):
    with store.engine.connect() as connection:
        return connection.execute(text("SELECT event_offset, id FROM events ORDER BY 1")).all()


def settings(store):
    with store.engine.connect() as connection:
        if store.engine.dialect.name == "postgresql":
            said = connection.scalar(text("SHOW synchronous_commit"))
            return {"synchronous_commit": said, "pool": store.engine.pool.size()}
        said = {name: connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")}
        return said | {"sqlite": sqlite3.sqlite_version, "pool": "one that appends at a time"}
