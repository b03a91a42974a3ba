"""A connection to the database, set up so that what is committed is on the disk.

Plain connections used from threads of ours, rather than SQLAlchemy's asyncio layer: that layer hands every
single statement to a thread and back, which costs three times the CPU (2.2 against 0.63 ms for a record with one
attempt, measured) and ties a store to one event loop.
"""

from __future__ import annotations

import json
import math
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, QueuePool, StaticPool, create_engine, event

from facemon.errors import StoreError
from facemon.store.location import Location
from facemon.store.trouble import BUSY_SECONDS, translated
from facemon.write_ahead import use_write_ahead_log

_WRITES = "facemon_writes"
_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))


class Database:
    """Transactions on one location. Safe to use from several threads; nothing is opened before the first one."""

    def __init__(self, location: Location, *, read_only: bool = False) -> None:
        self.location = location
        self.read_only = read_only
        self._engine = _postgres(location) if location.url is not None else _sqlite(location, read_only)
        in_memory = location.path is None and location.url is None
        # A database in memory has one connection, which two transactions must not share.
        self._turn: AbstractContextManager[Any] = threading.Lock() if in_memory else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        """Whether it is SQLite, on disk or in memory."""
        return self.location.url is None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that sees one state of the database. Raises StoreError."""
        with translated(self.location.label), self._turn, self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, on disk when the block has ended; rolled back when it raises. Raises StoreError.

        On SQLite it holds the write lock from its start, so that it cannot fail half-way for another writer.
        """
        if self.read_only:
            raise StoreError(f"the store {self.location.label} was opened for reading only")
        with (
            translated(self.location.label),
            self._turn,
            self._engine.connect() as connection,
            connection.execution_options(**{_WRITES: True}).begin(),
        ):
            yield connection

    def use_write_ahead_log(self) -> None:
        """Let readers and a writer work side by side. It is a property of the SQLite file, and stays."""
        with translated(self.location.label):
            connection = self._engine.raw_connection()
            try:
                driver: Any = connection.driver_connection
                use_write_ahead_log(driver, BUSY_SECONDS)
            finally:
                connection.close()

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _sqlite(location: Location, read_only: bool) -> Engine:
    def connect() -> sqlite3.Connection:
        name = ":memory:" if location.path is None else f"file:{quote(str(location.path.absolute()))}"
        if read_only and location.path is not None:
            name += "?mode=ro" + ("&immutable=1" if _is_frozen(location.path) else "")
        connection = sqlite3.connect(
            name, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=True
        )
        try:
            # FULL: a commit is on the disk before it returns, also through a loss of power.
            connection.execute("PRAGMA synchronous=FULL").close()
            connection.execute("PRAGMA foreign_keys=ON").close()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    pool = StaticPool if location.path is None else QueuePool
    engine = create_engine("sqlite://", creator=connect, poolclass=pool, **_OPTIONS)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _is_frozen(path: Path) -> bool:
    # To read beside a writer, SQLite needs a file of its own in the folder. Where it may not make one and no writer
    # has left its log, the file can be read as if it never changed.
    return not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()


def _postgres(location: Location) -> Engine:
    assert location.url is not None
    limits = {"connect_timeout": 10, "options": f"-c lock_timeout={BUSY_SECONDS:.0f}s", **location.url.query}
    try:
        return create_engine(location.url, connect_args=limits, pool_pre_ping=True, **_OPTIONS)
    except ImportError:
        message = f'the store {location.label} needs the PostgreSQL driver: pip install "facemon[postgres]"'
    raise StoreError(message)


def dumps(value: object) -> str:
    """JSON as every database takes it: ASCII, and null for what JSON has no number for."""
    try:
        return _ENCODER.encode(value)
    except ValueError:
        return _ENCODER.encode(_finite(value))


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value


_OPTIONS: dict[str, Any] = {"hide_parameters": True, "json_serializer": dumps}
