"""Burn rates: how many times faster than affordable the error budget is used up, over a long and a short window.

Beyer et al., "The Site Reliability Workbook" (2018), chapter 5, "Multiwindow, Multi-Burn-Rate Alerts": the long window
says that it matters, the short one that it still goes on. Written for services with thousands of requests in a window;
at the pace of a monitor one failure of six would be a burn rate of 16. Hence a floor of evidence: at least three
failures in the long window, two in the short one where it can hold two probes.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from facemon.alerting.rules.outcomes import Finding, Outcome, named

_FLOOR_LONG, _FLOOR_SHORT = 3, 2
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Burn:
    """A burn rate of `times`, in both windows."""

    times: float
    long: timedelta
    short: timedelta


# 2 % of the budget of 30 days in an hour, 5 % of it in six: those for which the workbook wakes somebody.
BURNS = (
    Burn(14.4, timedelta(hours=1), timedelta(minutes=5)),
    Burn(6.0, timedelta(hours=6), timedelta(minutes=30)),
)


def why_not(burn: Burn, share: float, pace: float) -> str:
    """Why a burn rate can never fire for a promise; empty where it can.

    Nothing burns faster than when all fails, which is 1 / budget times: the objective must lie above 1 - 1 / times.
    """
    least = 1 - 1 / burn.times
    if share <= least + _ROUNDING:
        return (
            f"a burn rate of {burn.times:g} cannot be reached where {100 * share:.4g} % are promised, "
            f"only above {100 * least:.4g} %"
        )
    held = _capacity(burn.long, pace)
    if held < _FLOOR_LONG:
        return f"{_words(burn.long)} at {pace:g} probes an hour hold {held} probes, {_FLOOR_LONG} failures are needed"
    return ""


class BurnRate:
    """Fires at a failure where both windows that end with it burn as fast, on enough evidence. Urgent.

    Both windows end with the last outcome. The probe on the edge of a window is out of the long one and in the short
    one, be it late or early by up to half the time between two probes.
    share: promised, between 0 and 1 · pace: probes an hour. Raises ValueError for one that can never fire.
    """

    def __init__(self, burn: Burn, share: float, pace: float) -> None:
        reason = why_not(burn, share, pace)
        if reason:
            raise ValueError(reason)
        self.name = f"burn rate over {_words(burn.long)}"
        self._burn = burn
        self._limit = burn.times * (1 - share) - _ROUNDING
        self._floor = _FLOOR_SHORT if _capacity(burn.short, pace) >= _FLOOR_SHORT else 1
        margin = timedelta(hours=0.5 / pace)
        self._long, self._short = burn.long - margin, burn.short + margin
        self._good = True
        self._times: deque[datetime] = deque()
        self._failed: deque[Outcome] = deque()

    def add(self, outcome: Outcome) -> None:
        """A success fires nothing: it makes no promise more broken, even where older ones leave the window."""
        times, edge = self._times, outcome.at - self._long
        times.append(outcome.at)
        while times[0] <= edge:
            times.popleft()
        self._good = outcome.good
        if not outcome.good:
            failed = self._failed
            failed.append(outcome)
            while failed[0].at <= edge:
                failed.popleft()

    @property
    def firing(self) -> Finding | None:
        """Whether both windows that the last failure ends burn."""
        failed, seen, bad = self._failed, len(self._times), len(self._failed)
        if self._good or bad < _FLOOR_LONG or bad < self._limit * seen:
            return None
        now = failed[-1].at
        recent = now - self._short
        seen_now = sum(at > recent for at in self._times)
        bad_now = sum(each.at > recent for each in failed)
        if bad_now < self._floor or bad_now < self._limit * seen_now:
            return None
        since = failed[0].at
        return Finding(
            self.name,
            True,
            f"{bad} of {seen} failed within {_words(self._burn.long)}, {bad_now} of {seen_now} within "
            f"{_words(self._burn.short)}: at least {self._burn.times:g} times what the objective allows",
            since,
            now,
            sum(at >= since for at in self._times),
            bad,
            named(reversed(failed)),
        )


def _capacity(window: timedelta, pace: float) -> int:
    return math.floor(window / timedelta(hours=1) * pace + _ROUNDING)


def _words(window: timedelta) -> str:
    minutes = round(window / timedelta(minutes=1))
    number, unit = (minutes // 60, "hour") if minutes % 60 == 0 else (minutes, "minute")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
