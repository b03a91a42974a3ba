"""Evidence about the mean of a bounded measure, whatever its distribution, by betting on it.

Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", Journal of the Royal Statistical
Society B 86 (2024), equations 26 to 28 (predictable plug-in), here for one-sided questions. Who bets a share of what he
has on "the next value lies above m" can get rich only if the mean does: while it is at most m, the capital is a
non-negative supermartingale that starts at 1, and by Ville's inequality (1939) it reaches 1 / alpha, ever, with a
chance of at most alpha. The bets are made before the value is seen, from the values before it, so that the order of
the values must not depend on them: that of the requests.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

_MOST = 0.75  # of what may be bet without going broke: the paper's truncation, between 1/2 and 3/4
_STEPS = 40


def log_capital_above(values: ArrayLike, mean: float, alpha: float, planned: int | None = None) -> float:
    """The logarithm of the largest capital reached against `mean of the values <= mean`.

    values: shape (n,), 0 to 1, in the order of the requests · mean: 0 to 1 · alpha: for which the bets are chosen ·
    planned: the number of values at which one will look, where that was fixed before; None: at every value.
    """
    x = np.asarray(values, np.float64)
    return _log_capital(x, mean, _bets(x, alpha, planned)) if len(x) else 0.0


def log_capital_below(values: ArrayLike, mean: float, alpha: float, planned: int | None = None) -> float:
    """The same against `mean of the values >= mean`."""
    return log_capital_above(1 - np.asarray(values, np.float64), 1 - mean, alpha, planned)


def mean_bounds(values: ArrayLike, alpha: float, planned: int | None = None) -> tuple[float, float]:
    """One-sided lower and upper bounds of the mean, each with probability 1 - alpha. values: shape (n,), 0 to 1."""
    x = np.asarray(values, np.float64)
    return _lower(x, alpha, planned), 1 - _lower(1 - x, alpha, planned)


def _lower(x: NDArray[np.float64], alpha: float, planned: int | None) -> float:
    if len(x) == 0:
        return 0.0
    wanted, low, high = -math.log(alpha), 0.0, float(x.mean())
    bets = _bets(x, alpha, planned)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _log_capital(x, middle, bets) >= wanted:
            low = middle
        else:
            high = middle
    return low


def _log_capital(x: NDArray[np.float64], mean: float, bets: NDArray[np.float64]) -> float:
    if mean >= 1:
        return 0.0
    most = _MOST / mean if mean > 0 else np.inf
    return float(max(0.0, np.cumsum(np.log1p(np.minimum(bets, most) * (x - mean))).max()))


def _bets(x: NDArray[np.float64], alpha: float, planned: int | None) -> NDArray[np.float64]:
    """What is bet on each value, from those before it alone."""
    count = np.arange(1, len(x) + 1)
    means = (0.5 + np.cumsum(x)) / (count + 1)
    spreads = (0.25 + np.cumsum((x - means) ** 2)) / (count + 1)
    before = np.concatenate(([0.25], spreads[:-1]))
    looks = float(planned) if planned else count * np.log(count + 1)
    bets: NDArray[np.float64] = np.sqrt(2 * math.log(1 / alpha) / (before * looks))
    return bets
