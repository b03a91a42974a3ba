"""A store's threads: one that writes and one that reads, so that a question does not wait for a transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection

from facemon.errors import StoreError
from facemon.store.engine import Database

T = TypeVar("T")


class Workers:
    """Runs work on a database for callers of any event loop; what has begun ends, whether or not they wait."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._writer = ThreadPoolExecutor(1, thread_name_prefix=f"facemon-{name}-writer")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix=f"facemon-{name}-reader")

    async def read(self, question: Callable[[Connection], T]) -> T:
        """The answer, from one state of the database. Raises StoreError, and what the question raises."""

        def ask() -> T:
            with self._database.reading() as connection:
                return question(connection)

        return await self._in(self._reader, ask)

    async def write(self, change: Callable[[Connection], T]) -> T:
        """What the change returns, once it is on the disk. Raises StoreError, and what the change raises."""

        def do() -> T:
            with self._database.writing() as connection:
                return change(connection)

        return await self._in(self._writer, do)

    async def close(self) -> None:
        """End what waits, and close every connection. Closing twice is allowed."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.shutdown(wait=True)
        self._reader.shutdown(wait=True)
        self._database.close()

    async def _in(self, thread: ThreadPoolExecutor, job: Callable[[], T]) -> T:
        try:
            answer = thread.submit(job)
        except RuntimeError:
            raise StoreError(f"the store {self._database.location.label} is closed") from None
        return await asyncio.wrap_future(answer)
