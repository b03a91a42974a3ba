"""What is old enough to be forgotten. Incidents, events, messages, silences and looks are none of it: they stay."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, exists, inspect

from facemon.errors import StoreError
from facemon.store.engine import Database
from facemon.store.location import Location
from facemon.store.schema import attempts, records, runs, scores


def forget(path: Path, before: datetime) -> int:
    """Delete the generations of before a moment, with their attempts and scores, and the runs of before it that have
    none left, in one transaction; then give the room back. Returns how many generations they were.

    path: of a SQLite file that nobody else writes; one without our tables stays as it is. Raises StoreError.
    """
    database = Database(Location(str(path), path=path))
    try:
        with database.writing() as connection:
            gone = _deleted(connection, before)
    finally:
        database.close()
    if gone:
        _vacuum(path)
    return gone


def _deleted(connection: Connection, before: datetime) -> int:
    there = set(inspect(connection).get_table_names())
    if not {table.name for table in (runs, records, attempts, scores)} <= there:
        return 0
    # Attempts and scores go with their record: the foreign keys cascade.
    gone = connection.execute(delete(records).where(records.c.timestamp < before)).rowcount
    held = exists().where(records.c.run_id == runs.c.id)
    connection.execute(delete(runs).where(runs.c.started_at < before, ~held))
    return gone


def _vacuum(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("VACUUM")
    except sqlite3.Error as error:
        raise StoreError(f"the store {path} cannot be made smaller: {error}") from None
