"""What is forgotten: old generations with all that hangs on them, and nothing of what was told."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from facemon.model import MonitoringData
from facemon.store import RecordStore, Run
from facemon.store.retention import forget
from facemon.store.schema import metadata

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD, NEW = START - timedelta(days=61), START - timedelta(days=59)
LIMIT = START - timedelta(days=60)


async def keep(path: Path, *stays: tuple[Run, list[MonitoringData]]) -> None:
    async with await RecordStore.open(path) as store:
        for run, records in stays:
            await store.start_run(run)
            for record in records:
                await store.add(record)


def ids(path: Path, table: str, column: str = "id") -> set[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute(f"SELECT {column} FROM {table}")}


def size(path: Path) -> int:
    return path.stat().st_size


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "facemon.db"


async def test_old_generations_go_with_what_hangs_on_them(
    path: Path, make_record: Callable[..., MonitoringData]
) -> None:
    """Attempts and scores too; a run goes when it is old and none of its generations is left."""
    old, late, new = (make_record(timestamp=moment, run_id=run) for moment, run in
                      ((OLD, "gone"), (NEW, "long"), (NEW, "new")))  # fmt: skip
    await keep(
        path,
        (Run("gone", OLD, "live"), [old]),
        (Run("long", OLD, "live"), [late]),
        (Run("new", NEW, "live"), [new]),
    )
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO scores (record_id, evaluator, version, verdict, reason) VALUES (?, 'x', '1', 'pass', '')",
            [(old.id,), (new.id,)],
        )
    assert forget(path, LIMIT) == 1
    assert ids(path, "runs") == {"long", "new"}
    assert ids(path, "records") == ids(path, "attempts", "record_id") == {late.id, new.id}
    assert ids(path, "scores", "record_id") == {new.id}


def row(connection: sqlite3.Connection, table: str) -> None:
    """A row of before the limit, whatever its columns: what they hold is no matter here."""
    columns = metadata.tables[table].columns
    values = [
        1 if column.type.python_type in (int, bool) else "2020-01-01 00:00:00.000000" for column in columns
    ]
    connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)


async def test_what_was_told_and_who_was_to_be_spared_stays(
    path: Path, make_record: Callable[..., MonitoringData]
) -> None:
    """An incident of last year may still be open; its mails must not be sent anew."""
    await keep(path, (Run("gone", OLD, "live"), [make_record(timestamp=OLD)]))
    stays = set(metadata.tables) - {"runs", "records", "attempts", "scores"}
    assert {"incidents", "events", "messages", "deliveries", "looks", "silences"} <= stays
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in stays:
            row(connection, table)
    assert forget(path, LIMIT) == 1
    with closing(sqlite3.connect(path)) as connection:
        assert all(connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,) for table in stays)


async def test_the_room_is_given_back(path: Path, make_record: Callable[..., MonitoringData]) -> None:
    """SQLite keeps the pages of what was deleted, and they would travel."""
    await keep(path, (Run("gone", OLD, "live"), [make_record(timestamp=OLD) for _ in range(60)]))
    before = size(path)
    assert forget(path, LIMIT) == 60
    assert size(path) < before / 1.5


async def test_nothing_old_is_nothing_deleted(path: Path, make_record: Callable[..., MonitoringData]) -> None:
    """The moment itself is not before it; and a database of something else stays as it is."""
    await keep(path, (Run("new", LIMIT, "live"), [make_record(timestamp=LIMIT)]))
    assert forget(path, LIMIT) == 0
    assert len(ids(path, "records")) == len(ids(path, "runs")) == 1
    other = path.with_name("other.db")
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("CREATE TABLE runs (id)")
    assert forget(other, LIMIT) == 0
