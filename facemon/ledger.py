"""Credits and request rate, booked before each call and shared by every process of a run.

The book is a small SQLite file of its own. Booking is one transaction, so that two workers can never both spend
the last credit, and a worker that dies leaves its booking standing: what may have been charged counts as spent.
Amounts are kept in micro-credits, whole numbers, so that 0.9 ten times is 9.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from facemon.errors import BudgetExceeded, StoreError
from facemon.write_ahead import use_write_ahead_log

_MICRO = 1_000_000
# Seconds. A booking takes microseconds; a lock that is held longer means that something is broken.
_PATIENCE = 30.0
# A request is booked before it travels, and the service counts when it arrives: the way there takes its time.
_MARGIN = 0.1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS bookings (id INTEGER PRIMARY KEY, micro INTEGER NOT NULL, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS starts (at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS starts_at ON starts (at);
"""


@dataclass(frozen=True, slots=True)
class Booking:
    """Credits set aside for one call. Hand it back to `settle` or `release`; left alone it counts as spent."""

    id: int
    credits: float


@dataclass(frozen=True, slots=True)
class Spending:
    """What the book says, in credits. `committed` is spent or set aside; `cap` is None when there is none."""

    committed: float
    cap: float | None


class Ledger:
    """The book of one run.

    path: a file shared by the run's processes, or None for a book of this process alone · cap: credits, None for
    no cap · rate: (requests, seconds) over all processes, None for no limit · wall: seconds since the epoch, the
    one clock that processes share.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        cap: float | None = None,
        rate: tuple[int, float] | None = (150, 10.0),
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.cap, self.rate, self._wall = cap, rate, wall
        self._closed = False
        self._cap_micro = None if cap is None else round(cap * _MICRO)
        try:
            self._db = sqlite3.connect(
                path or ":memory:", timeout=_PATIENCE, isolation_level=None, check_same_thread=False
            )
            use_write_ahead_log(self._db, _PATIENCE)
            # The book outlives a killed process without fsync; a power cut ends the whole run anyway.
            self._db.execute("PRAGMA synchronous=OFF")
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as error:
            if hasattr(self, "_db"):
                self._db.close()
            raise StoreError(
                f"the credit ledger {path} cannot be opened ({error}): name another folder"
            ) from None

    def book(self, credits: float) -> Booking | float:  # noqa: A002  the word of the trade
        """Set credits aside and take a place in the rate limit, or say how many seconds to wait for a place.

        Raises BudgetExceeded when the cap would be passed; nothing is booked then.
        """
        micro = round(credits * _MICRO)
        with _told(), self._transaction():
            wait = self._seconds_until_free()
            if wait > 0:
                return wait
            self._check_cap(micro)
            if self.rate:
                self._db.execute("INSERT INTO starts VALUES (?)", (self._wall(),))
            row = self._db.execute("INSERT INTO bookings (micro, state) VALUES (?, 'booked')", (micro,))
            assert row.lastrowid is not None
            return Booking(row.lastrowid, credits)

    def settle(self, booking: Booking) -> None:
        """The call was charged."""
        self._set(booking, "charged")

    def release(self, booking: Booking) -> None:
        """The call was certainly not charged: its credits are free again."""
        self._set(booking, "released")

    def spending(self) -> Spending:
        """What has been spent or set aside so far."""
        with _told():
            return Spending(self._committed() / _MICRO, self.cap)

    def close(self) -> None:
        """Close the file; bookings stay in it, as they are."""
        self._closed = True
        self._db.close()

    def _committed(self) -> int:
        row = self._db.execute("SELECT COALESCE(SUM(micro), 0) FROM bookings WHERE state != 'released'")
        return int(row.fetchone()[0])

    def _check_cap(self, micro: int) -> None:
        if self._cap_micro is None:
            return
        total = self._committed()
        if total + micro > self._cap_micro:
            raise BudgetExceeded(
                f"the budget of {self.cap:g} credits would be passed: {total / _MICRO:g} are spent or set aside and "
                f"this call costs {micro / _MICRO:g}; nothing was sent"
            )

    def _seconds_until_free(self) -> float:
        if self.rate is None:
            return 0.0
        requests, seconds = self.rate[0], self.rate[1] * (1 + _MARGIN)
        now = self._wall()
        self._db.execute("DELETE FROM starts WHERE at <= ?", (now - seconds,))
        # After the clock was set back, what lies ahead of it counts as just now: it blocks for one window at most.
        self._db.execute("UPDATE starts SET at = ? WHERE at > ?", (now, now))
        oldest = self._db.execute(
            "SELECT at FROM starts ORDER BY at DESC LIMIT 1 OFFSET ?", (requests - 1,)
        ).fetchone()
        return 0.0 if oldest is None else min(seconds, max(0.001, oldest[0] + seconds - now))

    def _set(self, booking: Booking, state: str) -> None:
        if self._closed:
            return  # a call that outlived its client: what was booked counts as spent
        with _told():
            self._db.execute("UPDATE bookings SET state = ? WHERE id = ?", (state, booking.id))

    def _transaction(self) -> _Immediate:
        return _Immediate(self._db)


class _Immediate:
    """A transaction that takes the write lock at once, so that reading and booking are one step."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self._db.execute("COMMIT")
            return
        with suppress(sqlite3.Error):  # the connection may have rolled back by itself
            self._db.execute("ROLLBACK")


@contextmanager
def _told() -> Iterator[None]:
    """SQLite's complaints in our own words."""
    try:
        yield
    except (sqlite3.Error, OverflowError) as error:
        raise StoreError(
            f"the credit ledger cannot be used ({error}): is its disk full, or its folder gone?"
        ) from None
