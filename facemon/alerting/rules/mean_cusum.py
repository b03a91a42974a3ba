"""Cumulative bets that a mean, such as that of quality scores, has fallen below what is promised.

Values of a mean are neither good nor bad, and of their distribution only the range is known. So somebody bets on each
that it lies below the limit, a fixed stake of what he has, and starts again with 1 whenever he has less than that.
Shin, Ramdas and Rinaldo, "E-detectors: a nonparametric framework for sequential change detection", New England Journal
of Statistics in Data Science 2 (2024): that is an e-detector of the CUSUM kind, a weighted average of such is one too,
and one that stops at A gives a false alarm once in A outcomes at most, on average, while the mean is as promised. The
bets are those of `facemon.slo.betting`; several stakes at once stand for a small decline and for a large one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from facemon.alerting.rules.outcomes import SHOWN, Finding, MeanOutcome, named

_STAKES = (0.05, 0.1, 0.2, 0.4, 0.8)  # of the largest that cannot be lost in one bet
_OUTCOMES = 1e4


@dataclass(frozen=True, slots=True)
class MeanPromise:
    """A mean that is to be at least the limit, or at most where low is good. lowest, highest: what a value can be; one
    beyond counts as the end. Raises ValueError for a limit that does not lie between them.
    """

    limit: float
    lowest: float = 0.0
    highest: float = 1.0
    low_is_good: bool = False

    def __post_init__(self) -> None:
        if not self.lowest < self.limit < self.highest:
            raise ValueError(f"{self.limit:g} does not lie between {self.lowest:g} and {self.highest:g}")

    def unit(self, value: float) -> float:
        """0 (as bad as can be) to 1."""
        share = min(max((value - self.lowest) / (self.highest - self.lowest), 0.0), 1.0)
        return 1 - share if self.low_is_good else share

    def __str__(self) -> str:
        return f"{'at most' if self.low_is_good else 'at least'} {self.limit:g}"


class Gambler:
    """Bets the same stake again and again on "below `mean`", and starts anew when he has less than 1.

    mean: between 0 and 1 · stake: a share of the largest one. seen, bad, total: outcomes since the start, those below
    the mean, the sum of their values.
    """

    def __init__(self, mean: float, stake: float) -> None:
        self.capital = 1.0
        self.since: datetime | None = None
        self.seen = self.bad = 0
        self.total = 0.0
        self._mean, self._stake = mean, stake / (1 - mean)

    def bet(self, at: datetime, share: float, value: float) -> None:
        """share: the outcome, 0 to 1 · value: the same in its own unit."""
        if self.capital <= 1 or self.since is None:
            self.capital, self.since, self.seen, self.bad, self.total = 1.0, at, 0, 0, 0.0
        self.capital *= 1 + self._stake * (self._mean - share)
        self.seen += 1
        self.bad += share < self._mean
        self.total += value


class MeanCusum:
    """Fires at each outcome beyond the limit that leaves the average capital at 10,000 or above. Not urgent."""

    name = "mean"

    def __init__(self, promise: MeanPromise) -> None:
        self._promise, self._limit = promise, promise.unit(promise.limit)
        self._gamblers = [Gambler(self._limit, stake) for stake in _STAKES]
        self._good = True
        self._last: deque[MeanOutcome] = deque(maxlen=SHOWN)

    def add(self, outcome: MeanOutcome) -> None:
        """An outcome that keeps the limit fires nothing."""
        share = self._promise.unit(outcome.value)
        for gambler in self._gamblers:
            gambler.bet(outcome.at, share, outcome.value)
        self._good = share >= self._limit
        if not self._good:
            self._last.append(outcome)

    @property
    def firing(self) -> Finding | None:
        """The stretch of the bet that won most, if the last outcome lies beyond the limit and all won enough."""
        won = sum(gambler.capital for gambler in self._gamblers)
        if self._good or won < _OUTCOMES * len(_STAKES):
            return None
        richest = max(self._gamblers, key=lambda gambler: gambler.capital)
        assert richest.since is not None
        mean = richest.total / richest.seen
        text = (
            f"the mean of the last {richest.seen} is {mean:.4g}, promised is {self._promise}: "
            f"a bet against the promise has won {_OUTCOMES:,.0f} to 1"
        )
        refs = named(each for each in reversed(self._last) if each.at >= richest.since)
        return Finding(
            self.name, False, text, richest.since, self._last[-1].at, richest.seen, richest.bad, refs, mean
        )
