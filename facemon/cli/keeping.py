"""Where `facemon generate` keeps its records. A store that fails must not cost the picture that was paid for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from facemon import MonitoringData, Score
from facemon.cli.trouble import CommandError, Exit
from facemon.errors import StoreError
from facemon.monitor import RecordSink


class Sink:
    """Hands records on to a store, if there is one, and remembers its first trouble instead of raising it."""

    def __init__(self, store: RecordSink | None) -> None:
        self._store = store
        self._trouble: StoreError | None = None

    async def add(self, record: MonitoringData) -> MonitoringData:
        """Keep a record, as well as that goes."""
        if self._store is None:
            return record
        try:
            return await self._store.add(record)
        except StoreError as error:
            self._trouble = self._trouble or error
            return record

    async def add_scores(self, record_id: str, scores: tuple[Score, ...]) -> None:
        """Append scores, unless the record itself could not be kept."""
        if self._store is None or self._trouble is not None:
            return
        try:
            await self._store.add_scores(record_id, scores)
        except StoreError as error:
            self._trouble = error

    def raise_trouble(self) -> None:
        """Say now, with the picture safe, what could not be kept."""
        if self._trouble is not None:
            raise CommandError(
                str(self._trouble),
                "the picture is saved, its record is not: name another --store",
                Exit.UNKNOWN,
            )


@asynccontextmanager
async def keeping(location: str, record: bool) -> AsyncIterator[Sink]:
    """A sink on the store, opened before anything is sent. Raises StoreError."""
    if not record:
        yield Sink(None)
        return
    from facemon.store import RecordStore

    async with await RecordStore.open(location) as store:
        yield Sink(store)
