"""The one writer of a process: what was asked while a transaction was under way shares the next (group commit).

A transaction on the disk costs an fsync however much it holds. So changes wait in a queue; the writer's thread takes
all that wait, writes them in one transaction, and tells each caller after the commit. When one of them fails, the
transaction is undone and each is tried in a transaction of its own: nobody fails for a stranger's record.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from sqlalchemy import Connection

from facemon.errors import StoreError
from facemon.model import MonitoringData
from facemon.store.engine import Database
from facemon.store.queries import insert_records
from facemon.store.trouble import RecordNotSaved, StoreUnavailable

_LARGEST_BATCH = 500

Change = Callable[[Connection], None]


@dataclass
class _Job:
    """A record to insert, or any other change; `done` is told after the commit."""

    record: MonitoringData | None = None
    change: Change | None = None
    done: Future[MonitoringData | None] = field(default_factory=Future)

    def fail(self, error: Exception) -> None:
        if self.record is not None:
            error = RecordNotSaved(f"{error} (record {self.record.id} is not saved)", (self.record,))
        self.done.set_exception(error)


class GroupWriter:
    """Writes to a database from a thread of its own. `log` sees each record before it is written, and returns it
    with its log entries' ids; it is asked again about a record it has answered for when a batch is taken apart.
    """

    def __init__(self, database: Database, log: Callable[[MonitoringData], MonitoringData]) -> None:
        self._database = database
        self._log = log
        self._waiting: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        # A pool of one: its thread starts with the first job, and the interpreter waits for its queue at exit.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="facemon-store-writer")

    def insert(self, record: MonitoringData) -> Future[MonitoringData | None]:
        """The record as it was stored, once it is on the disk; else RecordNotSaved."""
        return self._enqueue(_Job(record=record))

    def apply(self, change: Change) -> Future[MonitoringData | None]:
        """None, once the change is on the disk; else what the change raised, or StoreError."""
        return self._enqueue(_Job(change=change))

    def close(self) -> None:
        """Write what waits, and end."""
        self._thread.shutdown(wait=True)

    def _enqueue(self, job: _Job) -> Future[MonitoringData | None]:
        job.done.set_running_or_notify_cancel()  # from here on a caller's cancelling does not reach the job
        self._waiting.put(job)
        try:
            self._thread.submit(self._write_what_waits)
        except RuntimeError:
            job.fail(StoreError(f"the store {self._database.location.label} is closed"))
        return job.done

    def _write_what_waits(self) -> None:
        batch = self._take()
        if not batch:
            return
        error = self._commit(batch)
        if error is None or len(batch) == 1 or isinstance(error, StoreUnavailable):
            _tell(batch, error)
            return
        for job in batch:
            _tell([job], self._commit([job]))

    def _take(self) -> list[_Job]:
        batch: list[_Job] = []
        while len(batch) < _LARGEST_BATCH:
            try:
                batch.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return batch

    def _commit(self, batch: Sequence[_Job]) -> Exception | None:
        try:
            for job in batch:
                if job.record is not None:
                    job.record = self._log(job.record)  # what is logged already is not logged again
            kept = [job.record for job in batch if job.record is not None]
            with self._database.writing() as connection:
                if kept:
                    insert_records(connection, kept)
                for job in batch:
                    if job.change is not None:
                        job.change(connection)
        except (
            Exception
        ) as error:  # whatever it was, each caller must hear of it: an unanswered one waits for ever
            return error
        return None


def _tell(batch: Sequence[_Job], error: Exception | None) -> None:
    for job in batch:
        if error is None:
            job.done.set_result(job.record)
        else:
            job.fail(error)
