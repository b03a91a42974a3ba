"""What drivers raise becomes one sentence of ours."""

import sqlite3
import traceback

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from facemon.errors import InvalidInput, StoreError
from facemon.store.trouble import StoreUnavailable, translated


def raised(error: Exception) -> StoreError:
    with pytest.raises(StoreError) as caught, translated("x.db"):
        raise error
    return caught.value


def driver_error(message: str) -> OperationalError:
    return OperationalError(
        "SELECT 1", {"key": "hunter2"}, sqlite3.OperationalError(message), hide_parameters=True
    )


@pytest.mark.parametrize(
    ("message", "sentence", "whole"),
    [
        ("attempt to write a readonly database", "cannot be written: give this user the right", True),
        ("database or disk is full", "cannot grow, the disk is full: free some space", False),
        ("disk I/O error", "cannot be written, the disk is full or broken", False),
        ("database is locked", "has been locked by another process for 30 seconds: end that process", True),
        ("database table is locked", "has been locked by another process", True),
        ("unable to open database file", "cannot be opened: check that its folder exists", True),
        ("file is not a database", "is not a database: name another file", True),
        ("database disk image is malformed", "is damaged: move it away", True),
        (
            "password authentication failed for user",
            "refuses the user or the password: correct the URL",
            True,
        ),
        ("something new\nand its details", "could not do it: OperationalError: something new", False),
    ],
)
def test_sentences(message: str, sentence: str, whole: bool) -> None:
    """Each names the place and what to do; trouble with the whole store is told apart from trouble with a row."""
    error = raised(driver_error(message))
    assert str(error).startswith(f"the store x.db {sentence}")
    assert "\n" not in str(error)
    assert isinstance(error, StoreUnavailable) is whole


def test_traceback_is_ours() -> None:
    """The printed traceback ends with us: no statement, no parameter, no frame of SQLAlchemy's."""
    printed = "".join(traceback.format_exception(raised(driver_error("database is locked"))))
    assert "hunter2" not in printed
    assert "SELECT" not in printed


def test_values_that_do_not_fit() -> None:
    """What a driver raises bare about a value is translated too."""
    engine = create_engine("sqlite://")
    with pytest.raises(StoreError, match="OverflowError"), translated("x.db"), engine.connect() as connection:
        connection.execute(text("SELECT :n"), {"n": 2**70})
    engine.dispose()


def test_ours_pass() -> None:
    """Our own errors go through as they are."""
    with pytest.raises(InvalidInput), translated("x.db"):
        raise InvalidInput("limit", -1, "0 or more")
