"""The store of records: what it returns from `add` is on the disk."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Literal, Self, TypedDict, TypeVar, Unpack

from sqlalchemy import Connection

from facemon.errors import ErrorType, InvalidInput, StoreError
from facemon.model import Attempt, MonitoringData, Purpose, Score, State
from facemon.store import queries
from facemon.store.engine import Database
from facemon.store.error_log import ErrorLog
from facemon.store.location import Location, locate
from facemon.store.opening import open_database
from facemon.store.runs import Run
from facemon.store.writer import GroupWriter

T = TypeVar("T")


class Filters(TypedDict, total=False):
    """What records can be narrowed by. since is included, until is not; both are timezone-aware."""

    run_id: str | None
    since: datetime | None
    until: datetime | None
    state: State | None
    error_type: ErrorType | None
    age: int | None
    gender: str | None
    purpose: Purpose | None


class RecordStore:
    """Records, their attempts and scores, and the runs they belong to.

    Open it with `open`, use it from any event loop, close it (or use it as an async context manager). Every method
    raises StoreError, in one sentence, where the database cannot do what was asked.

    location: the place as it may be shown (no password) · error_log: where failed attempts are written, or None.
    """

    def __init__(self, database: Database, error_log: ErrorLog | None) -> None:
        self.location = database.location.label
        self.error_log = error_log
        self._database = database
        self._writer = GroupWriter(database, self._log_failures)
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="facemon-store-reader")

    @classmethod
    async def open(
        cls,
        location: str | Path,
        *,
        read_only: bool = False,
        must_exist: bool = False,
        error_log: Path | Literal["beside"] | None = "beside",
    ) -> Self:
        """Open a store, making it or bringing it to this version's schema where that is needed.

        location: a path, `sqlite:///PATH`, `postgresql://USER@HOST/DATABASE`, or `:memory:`; a path's last folder is
        made if it is missing. read_only: nothing is made or changed. must_exist: a missing file is an error.
        error_log: a file for failed attempts; `beside`: `<stem>.errors.jsonl` beside a SQLite file, else none.
        Raises StoreError.
        """
        place = locate(location)
        log = _log_beside(place) if error_log == "beside" else error_log
        return await asyncio.to_thread(cls._open, place, read_only, must_exist, log)

    @classmethod
    def _open(cls, place: Location, read_only: bool, must_exist: bool, log: Path | None) -> Self:
        database = open_database(place, read_only=read_only, must_exist=must_exist)
        return cls(database, ErrorLog(log) if log else None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Write what waits, and close every connection. Closing twice is allowed."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.close()
        self._reader.shutdown(wait=True)
        self._database.close()

    async def start_run(self, run: Run) -> None:
        """Keep a run that begins."""
        await asyncio.wrap_future(self._writer.apply(functools.partial(queries.insert_run, run=run)))

    async def finish_run(self, run_id: str, finished_at: datetime, summary: Mapping[str, object]) -> None:
        """Keep what a run said at its end. Raises InvalidInput for a run that was not started here."""
        change = functools.partial(
            queries.close_run, run_id=run_id, finished_at=finished_at, summary=dict(summary)
        )
        await asyncio.wrap_future(self._writer.apply(change))

    async def add(self, record: MonitoringData) -> MonitoringData:
        """Keep a record; returns it as stored (failed attempts carry their `log_id`), after it is on the disk.

        Cancelling the caller does not undo the write. Raises RecordNotSaved, which carries the record.
        """
        stored = await asyncio.wrap_future(self._writer.insert(record))
        assert stored is not None
        return stored

    async def add_scores(self, record_id: str, scores: tuple[Score, ...]) -> None:
        """Append scores to a record (which is then no longer pending); of one evaluator the latest counts.

        Raises InvalidInput for a record that is not here.
        """
        change = functools.partial(queries.append_scores, record_id=record_id, new=tuple(scores))
        await asyncio.wrap_future(self._writer.apply(change))

    async def get(self, record_id: str) -> MonitoringData:
        """The record of an id or of the beginning of just one id. Raises InvalidInput for none and for several."""
        return await self._read(functools.partial(queries.find_record, name=record_id))

    async def records(
        self, *, newest_first: bool = False, limit: int | None = None, **filters: Unpack[Filters]
    ) -> list[MonitoringData]:
        """Whole records, with attempts and scores, in the order of time; the filters are those of `Filters`."""
        if limit is not None and limit < 0:
            raise InvalidInput("limit", limit, "0 or more, or none")
        find = functools.partial(
            queries.find_records,
            where=queries.conditions(**filters),
            newest_first=newest_first,
            limit=limit,
        )
        return await self._read(find)

    async def count(self, **filters: Unpack[Filters]) -> int:
        """How many records there are; the filters are those of `Filters`."""
        return await self._read(functools.partial(queries.count_records, where=queries.conditions(**filters)))

    async def runs(self, limit: int | None = None) -> list[Run]:
        """The runs, newest first."""
        return await self._read(functools.partial(queries.find_runs, limit=limit))

    async def latest_run(self) -> Run | None:
        """The run that was started last."""
        return next(iter(await self.runs(limit=1)), None)

    async def _read(self, question: Callable[[Connection], T]) -> T:
        def ask() -> T:
            with self._database.reading() as connection:
                return question(connection)

        try:
            answer = self._reader.submit(ask)
        except RuntimeError:
            raise StoreError(f"the store {self.location} is closed") from None
        return await asyncio.wrap_future(answer)

    def _log_failures(self, record: MonitoringData) -> MonitoringData:
        """The record, its failed attempts written to the error log. Runs in the writer's thread; never raises."""
        if self.error_log is None or all(attempt.succeeded or attempt.log_id for attempt in record.attempts):
            return record
        attempts = tuple(self._log_failure(record, attempt) for attempt in record.attempts)
        return replace(record, attempts=attempts)

    def _log_failure(self, record: MonitoringData, attempt: Attempt) -> Attempt:
        if self.error_log is None or attempt.succeeded or attempt.log_id:
            return attempt
        log_id = self.error_log.write(record.id, record.run_id, attempt)
        return replace(attempt, log_id=log_id)


def _log_beside(place: Location) -> Path | None:
    # A path without a name (`.`, `/`) is refused when the store is opened.
    return place.path.with_name(f"{place.path.stem}.errors.jsonl") if place.path and place.path.name else None
