"""Failures in a row: the first to notice an outage."""

from __future__ import annotations

from collections import deque

from facemon.alerting.rules.outcomes import SHOWN, Finding, Outcome, named

MONTH = 30 * 24  # hours
FEWEST, MOST = 3, 5
_FALSE = 0.01  # runs of failures a month by chance alone, with the whole budget used
_TOO_OFTEN = 0.1  # beyond it, five in a row say nothing


def in_a_row(share: float, pace: float) -> int:
    """How many failures in a row break a promise that so large a share of the generations succeeds.

    The fewest from 3 to 5 that a service which uses its whole budget shows less than once in a hundred months; 5 where
    none is as rare. share: between 0 and 1 · pace: probes an hour.
    """
    rare = (count for count in range(FEWEST, MOST + 1) if _by_chance(share, pace, count) <= _FALSE)
    return next(rare, MOST)


def why_not(share: float, pace: float) -> str:
    """Why failures in a row are no rule for a promise; empty where they are."""
    often = _by_chance(share, pace, MOST)
    if often <= _TOO_OFTEN:
        return ""
    return f"{MOST} failures in a row come by chance {often:.2g} times a month where {100 * share:.4g} % are promised"


def _by_chance(share: float, pace: float, count: int) -> float:
    return float((1 - share) ** count * pace * MONTH)


class Consecutive:
    """Fires at each failure from the `in_a_row`th on. Urgent."""

    name = "consecutive failures"

    def __init__(self, share: float, pace: float) -> None:
        self.count = in_a_row(share, pace)
        self._first: Outcome | None = None
        self._length = 0
        self._last: deque[Outcome] = deque(maxlen=SHOWN)

    def add(self, outcome: Outcome) -> None:
        """A success ends the row."""
        if outcome.good:
            self._first, self._length = None, 0
            return
        if self._first is None:
            self._first = outcome
            self._last.clear()
        self._length += 1
        self._last.append(outcome)

    @property
    def firing(self) -> Finding | None:
        """The row that the last outcome ends, if it is long enough."""
        if self._first is None or self._length < self.count:
            return None
        return Finding(
            self.name,
            True,
            f"{self._length} failures in a row",
            self._first.at,
            self._last[-1].at,
            self._length,
            self._length,
            named(reversed(self._last)),
        )
