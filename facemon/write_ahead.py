"""SQLite's write-ahead log, switched on in a file that several processes may be opening at the same moment."""

from __future__ import annotations

import sqlite3
import time

_PAUSE = 0.005  # seconds between two tries


def use_write_ahead_log(connection: sqlite3.Connection, patience: float) -> None:
    """Let readers and a writer work side by side. It is a property of the file, and stays.

    patience: seconds to go on trying while others have the file. Raises sqlite3.Error.
    """
    deadline = time.monotonic() + patience
    while not _switch(connection):
        if time.monotonic() > deadline:
            raise sqlite3.OperationalError("database is locked")
        time.sleep(_PAUSE)


def _switch(connection: sqlite3.Connection) -> bool:
    # SQLite answers "locked" at once where two connections switch at the same time: its time-out does not apply.
    try:
        connection.execute("PRAGMA journal_mode=WAL").fetchall()
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
        return False
    return True
