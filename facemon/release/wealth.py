"""Evidence about the mean of a bounded measure that may be looked at after every value, by fixed bets on it.

Whoever puts a fixed share f of what he has on "the next value lies above m", at fair odds if the mean is m, has
(1 - f) + f * value / m times as much after it. While the mean is at most m, that is a non-negative supermartingale
that starts at 1: by Ville's inequality (1939) it reaches 1 / alpha, ever, with a chance of at most alpha. So does the
average over several shares, and nearly as fast as the best of them would alone: Waudby-Smith and Ramdas, "Estimating
means of bounded random variables by betting", Journal of the Royal Statistical Society B 86 (2024), "diversified Kelly
betting"; after Cover, "Universal portfolios", Mathematical Finance 1 (1991). It depends on the values alone, not on
their order, and is brought up to date value by value.

`facemon.slo.betting` sizes its bets by the spread seen so far instead. Of differences between pairs, which are 0 but
for a failure now and then, it sees none for a while and then bets too little for long: where 98 % succeed on both
sides, a margin of 1 % takes it 4,900 pairs and this 3,000 (medians of seeded runs).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Where differences are always 0 the stake on the largest share decides: 388 pairs for a margin of 0.01, where 300 are
# the least that is possible. Where failures are common the small shares do, the best of which is margin / variance.
SHARES = np.array([0.99, 0.7, 0.4, 0.22, 0.12, 0.06, 0.03])
WEIGHTS = np.array([0.35, 0.15, 0.12, 0.12, 0.1, 0.08, 0.08])
_LOG_WEIGHTS = np.log(WEIGHTS)
_STEPS = 40


class Wealth:
    """What bets against `mean <= limit` have earned so far. 0 < limit < 1."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self._logs = np.zeros(len(SHARES))
        self.best = 0.0

    def add(self, value: float) -> None:
        """Bet on one value more. value: 0 to 1."""
        self._logs += _gains(value / self.limit)
        self.best = max(self.best, self.log)

    @property
    def log(self) -> float:
        """The logarithm of what there is now, from a stake of 1; `best` is that of the most there ever was."""
        return log_sum(self._logs + _LOG_WEIGHTS)

    def needed(self, wanted: float, most: float) -> float:
        """How many times the values so far it takes to reach `wanted`, a logarithm, if it goes on as it did.

        Infinite where that is more than `most` times.
        """
        return times_needed(lambda times: log_sum(self._logs * times + _LOG_WEIGHTS) >= wanted, most)


def lower_bound(values: ArrayLike, alpha: float) -> float:
    """The largest mean that is excluded from below with probability 1 - alpha. values: shape (n,), 0 to 1.

    It holds at every look.
    """
    distinct, counts = np.unique(np.asarray(values, np.float64), return_counts=True)
    if len(distinct) == 0:
        return 0.0
    wanted, low, high = -math.log(alpha), 0.0, float(np.average(distinct, weights=counts))
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if middle > 0 and _log_wealth(distinct, counts, middle) >= wanted:
            low = middle
        else:
            high = middle
    return low


def log_sum(logs: NDArray[np.float64]) -> float:
    """The logarithm of the sum of exponentials, without overflow."""
    most = float(logs.max())
    return most + math.log(float(np.exp(logs - most).sum()))


def times_needed(enough: Callable[[float], bool], most: float) -> float:
    """The least factor from 1 to `most` for which `enough` says yes, to a thousandth of it; else infinity."""
    low, high = 1.0, 2.0
    while not enough(min(high, most)):
        if high >= most:
            return math.inf
        low, high = high, 2 * high
    high = min(high, most)
    while high - low > 0.001 * low:
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _gains(ratio: ArrayLike) -> NDArray[np.float64]:
    """The logarithm of the factor that each share earns, in the last axis, for values that are `ratio` of the mean."""
    return np.log1p(SHARES * (np.asarray(ratio, np.float64)[..., None] - 1))


def _log_wealth(distinct: NDArray[np.float64], counts: NDArray[np.intp], mean: float) -> float:
    return log_sum(counts @ _gains(distinct / mean) + _LOG_WEIGHTS)
