"""What travels of a store: the last generations, in a size that GitHub takes."""

from __future__ import annotations

import asyncio
import gzip
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from facemon.errors import StoreError
from facemon.model import MonitoringData, Performance, Quality, RequestParams, ResourceUse
from facemon.scheduled import packing
from facemon.scheduled.packing import HISTORY, packed
from facemon.store import RecordStore, Run, new_id

NOW = datetime(2026, 3, 2, 12, 20, tzinfo=UTC)
DAYS = (1, 20, 40, 59, 61, 90)


@pytest.fixture
def store(alone: Path) -> Path:
    """A generation of so many days ago each, with a prompt that cannot be compressed."""
    path = alone / "facemon.db"

    async def write() -> None:
        async with await RecordStore.open(path) as records:
            for days in DAYS:
                moment = NOW - timedelta(days=days)
                await records.start_run(Run(f"run-{days}", moment, "live"))
                asked = RequestParams(prompt=os.urandom(20_000).hex())
                await records.add(
                    MonitoringData(
                        *(new_id(moment), moment, asked, Performance(1.0), Quality(), (), ()),
                        ResourceUse(0.0, 1),
                        run_id=f"run-{days}",
                    )
                )

    asyncio.run(write())
    return path


def days(path: Path) -> list[int]:
    """How many days ago the generations were."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT run_id FROM records").fetchall()
    return sorted(int(name.removeprefix("run-")) for (name,) in names)


def unpacked(content: bytes, folder: Path) -> list[int]:
    (folder / "copy.db").write_bytes(gzip.decompress(content))
    return days(folder / "copy.db")


def test_only_the_last_generations_travel(store: Path, alone: Path) -> None:
    """Sixty days unless another time is asked for; the store that is here keeps all of them."""
    found = packed(store, NOW)
    assert unpacked(found.files["facemon.db.gz"], alone) == [1, 20, 40, 59]
    assert (found.left_behind, found.keep) == (2, timedelta(days=60))
    longer = packed(store, NOW, timedelta(days=80))
    assert (longer.left_behind, unpacked(longer.files["facemon.db.gz"], alone)) == (1, [1, 20, 40, 59, 61])
    assert days(store) == sorted(DAYS)


def test_what_is_too_large_travels_with_less(
    store: Path, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the time, and half of that, until GitHub takes it: alerts must go on."""
    monkeypatch.setattr(packing, "_LIMIT", packed(store, NOW).size // 2)
    found = packed(store, NOW)
    assert found.size <= packing._LIMIT
    assert (found.keep, found.left_behind) == (timedelta(days=15), 5)
    assert unpacked(found.files["facemon.db.gz"], alone) == [1]
    assert days(store) == sorted(DAYS)


def test_when_not_even_a_day_fits_it_is_an_error(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the way out."""
    monkeypatch.setattr(packing, "_LIMIT", 100)
    with pytest.raises(StoreError, match=r"the last day of .*FACEMON_STORE=postgresql"):
        packed(store, NOW)


def test_a_history_that_is_too_large_keeps_no_alert_back(
    store: Path, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is about a page only: it stays out, and that is told."""
    size = packed(store, NOW).size
    (alone / HISTORY).write_bytes(os.urandom(size * 2))
    monkeypatch.setattr(packing, "_LIMIT", size)
    found = packed(store, NOW)
    assert ([*found.files], found.too_large) == (["facemon.db.gz"], (HISTORY,))


def test_a_database_that_is_none_of_ours_travels_whole(alone: Path) -> None:
    """And so does one of an older version, without the tables of today."""
    with closing(sqlite3.connect(alone / "x.db")) as connection, connection:
        connection.execute("CREATE TABLE t (x)")
        connection.execute("INSERT INTO t VALUES (1)")
    found = packed(alone / "x.db", NOW)
    (alone / "copy.db").write_bytes(gzip.decompress(found.files["x.db.gz"]))
    with closing(sqlite3.connect(alone / "copy.db")) as connection:
        assert connection.execute("SELECT x FROM t").fetchall() == [(1,)]
