"""Group commit: what comes while a transaction is under way shares the next one."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, event

from facemon.errors import StoreError
from facemon.model import MonitoringData
from facemon.store import RecordNotSaved, RecordStore

Make = Callable[..., MonitoringData]


@pytest.fixture
async def store(sqlite: str) -> AsyncIterator[RecordStore]:
    async with await RecordStore.open(sqlite) as store:
        yield store


@pytest.fixture
def commits(store: RecordStore) -> Iterator[list[object]]:
    """Grows by one with each commit."""
    seen: list[object] = []
    listener = seen.append
    event.listen(Engine, "commit", listener)
    yield seen
    event.remove(Engine, "commit", listener)


@pytest.fixture
def other(sqlite: str, store: RecordStore) -> Iterator[sqlite3.Connection]:
    """Another process's connection, which holds the write lock until it is rolled back."""
    connection = sqlite3.connect(sqlite, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    yield connection
    connection.close()


async def queued(store: RecordStore, records: list[MonitoringData]) -> list[asyncio.Task[MonitoringData]]:
    tasks = [asyncio.ensure_future(store.add(record)) for record in records]
    await asyncio.sleep(0)  # each has put its record into the writer's queue
    return tasks


async def test_one_transaction_for_many(
    store: RecordStore, commits: list[object], other: sqlite3.Connection, make_record: Make
) -> None:
    """While the writer waits for its first transaction, the rest gathers: 40 records cost a few commits."""
    tasks = await queued(store, [make_record() for _ in range(40)])
    other.execute("ROLLBACK")
    await asyncio.gather(*tasks)
    assert len(commits) <= 3
    assert await store.count() == 40


async def test_bad_one_in_a_shared_transaction(
    store: RecordStore, other: sqlite3.Connection, make_record: Make
) -> None:
    """A shared transaction that fails is taken apart: all but the guilty are saved."""
    records = [make_record() for _ in range(10)]
    records[6] = replace(records[6], id=records[2].id)
    tasks = await queued(store, records)
    other.execute("ROLLBACK")
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [index for index, answer in enumerate(answers) if isinstance(answer, RecordNotSaved)] == [6]
    assert await store.count() == 9


async def test_not_before_the_commit(
    store: RecordStore, other: sqlite3.Connection, make_record: Make
) -> None:
    """Nobody is told that a record exists while its transaction is not on the disk."""
    (task,) = await queued(store, [make_record()])
    assert await store.count() == 0
    assert not task.done()
    other.execute("ROLLBACK")
    assert await store.count(run_id=(await task).run_id) == 1


async def test_cancelled_caller(store: RecordStore, other: sqlite3.Connection, make_record: Make) -> None:
    """A caller that is cancelled loses its answer, not its record."""
    records = [make_record() for _ in range(3)]
    tasks = await queued(store, records)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    other.execute("ROLLBACK")
    last = await store.add(make_record())
    assert await store.records() == [*records, last]


async def test_close_writes_what_waits(
    store: RecordStore, sqlite: str, other: sqlite3.Connection, make_record: Make
) -> None:
    """Closing waits for every record that was handed over."""
    tasks = await queued(store, [make_record() for _ in range(5)])
    closing = asyncio.ensure_future(store.close())
    await asyncio.sleep(0)
    other.execute("ROLLBACK")
    await closing
    assert len(await asyncio.gather(*tasks)) == 5


async def test_locked_for_too_long(sqlite: str, make_record: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that does not end is an error for each record that waits, heard once and not once a record."""
    monkeypatch.setattr("facemon.store.engine.BUSY_SECONDS", 0.05)
    async with await RecordStore.open(sqlite) as store:
        other = sqlite3.connect(sqlite, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        records = [make_record() for _ in range(20)]
        started = asyncio.get_running_loop().time()
        answers = await asyncio.gather(*map(store.add, records), return_exceptions=True)
        assert asyncio.get_running_loop().time() - started < 0.5
        other.close()
    for record, answer in zip(records, answers, strict=True):
        assert isinstance(answer, RecordNotSaved)
        assert answer.unsaved == (record,)
        assert "has been locked by another process for 30 seconds" in str(answer)


async def test_scores_ride_along(store: RecordStore, other: sqlite3.Connection, make_record: Make) -> None:
    """A record and its scores may share a transaction: the record comes first."""
    record = make_record()
    (adding,) = await queued(store, [make_record()])
    more = await queued(store, [record])
    scoring = asyncio.ensure_future(store.add_scores(record.id, ()))
    await asyncio.sleep(0)
    other.execute("ROLLBACK")
    await asyncio.gather(adding, *more, scoring)


async def test_closed(store: RecordStore) -> None:
    """A change that comes too late is refused, in our words."""
    await store.close()
    with pytest.raises(StoreError, match="is closed"):
        await store.add_scores("x", ())


async def test_taken_apart_is_logged_once(
    store: RecordStore, other: sqlite3.Connection, make_record: Make
) -> None:
    """A failed attempt has one entry in the error log, however often its transaction was tried."""
    records = [make_record(failed=True) for _ in range(5)]
    records[3] = replace(records[3], id=records[1].id)
    tasks = await queued(store, records)
    other.execute("ROLLBACK")
    await asyncio.gather(*tasks, return_exceptions=True)
    assert store.error_log is not None
    assert len(list(store.error_log._lines())) == 5
    assert await store.count() == 4


async def test_log_that_raises(
    store: RecordStore, make_record: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong in the writer, the caller hears of it."""
    assert store.error_log is not None
    monkeypatch.setattr(store.error_log, "write", lambda *_: 1 / 0)
    with pytest.raises(RecordNotSaved, match="division by zero"):
        await asyncio.wait_for(store.add(make_record(failed=True)), 10)
