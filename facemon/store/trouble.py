"""What can go wrong between us and a database, said in one sentence that names the place and what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from facemon.errors import FacemonError, StoreError
from facemon.model import MonitoringData

BUSY_SECONDS = 30.0
"""How long a writer waits for another process's transaction."""


class RecordNotSaved(StoreError):
    """A record that is not on disk. `unsaved` holds it, so that its caller may keep it elsewhere."""

    def __init__(self, message: str, unsaved: tuple[MonitoringData, ...]) -> None:
        super().__init__(message)
        self.unsaved = unsaved


class StoreUnavailable(StoreError):
    """Trouble with the whole store rather than with one row: trying the rows one by one would not help."""


# What the driver says (a part of it, lower case) → what we say, and whether the whole store is concerned.
_SENTENCES = (
    ("file is not a database", "is not a database: name another file, or move this one away", True),
    ("malformed", "is damaged: move it away, and restore it from a copy or start a new one", True),
    (
        "readonly database",
        "cannot be written: give this user the right to write the file and its folder",
        True,
    ),
    ("database or disk is full", "cannot grow, the disk is full: free some space", False),
    (
        "disk i/o error",
        "cannot be written, the disk is full or broken: look at its free space and limits",
        False,
    ),
    (
        "is locked",
        f"has been locked by another process for {BUSY_SECONDS:.0f} seconds: end that process, or use another file",
        True,
    ),
    ("lock timeout", "is locked by another session: end it, or try again", True),
    (
        "unable to open database file",
        "cannot be opened: check that its folder exists and may be written",
        True,
    ),
    ("connection timeout", "does not answer: check the host, the port and that the server is up", True),
    ("password authentication failed", "refuses the user or the password: correct the URL", True),
    ("connection failed", "cannot be reached: check the host, the port and that the server is up", True),
    ("no password supplied", "asks for a password: put it into the URL", True),
)


@contextmanager
def translated(label: str) -> Iterator[None]:
    """Within it, what a driver or SQLAlchemy raises becomes a StoreError about the place called `label`.

    The original is left out: its traceback holds connection settings.
    """
    try:
        yield
    except FacemonError:
        raise
    except (SQLAlchemyError, sqlite3.Error, ValueError, TypeError, ArithmeticError) as error:
        # SQLAlchemy wraps what a value's conversion raised; the drivers raise some of it bare.
        raise _explain(label, error) from None


def _explain(label: str, error: Exception) -> StoreError:
    cause = getattr(error, "orig", None) or error
    text = str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
    for said, sentence, whole in _SENTENCES:
        if said in str(cause).lower():
            return (StoreUnavailable if whole else StoreError)(f"the store {label} {sentence}")
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return StoreUnavailable(f"the store {label} broke the connection: check that the server is up")
    return StoreError(f"the store {label} could not do it: {type(cause).__name__}: {text}")
