"""Whether one percentile lies below another, looked at as often as one likes, whatever the distributions.

The percentile q of `low` lies above that of `high` exactly when at some threshold t less than a share q of `low`, but
at least a share q of `high` is within t. That says two things of two shares, and one bets against both at once: with
x = 1 where `low` is within t, and y = 1 where `high` is, one has 1 + a (x - q) + b (q - y) times as much after each
pair. At that t it is a non-negative supermartingale from 1, however x and y of a pair depend on each other, so that it
reaches 1 / alpha, ever, with a chance of at most alpha (Ville 1939). Which t it is nobody knows; but who has reached
1 / alpha at *every* t has reached it at that one too: an intersection-union test (Berger, "Multiparameter hypothesis
testing and acceptance sampling", Technometrics 24, 1982), which needs no correction and no interval for either arm.
The bets are fixed ones, as in `facemon.release.wealth`, where the sources stand.

Two intervals, one for each arm at 2.5 %, would take 3,000 pairs where this takes 1,800 (equal lognormal services, p95
1.8 times the median, a margin of 10 %; medians of 25 seeded runs).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from facemon.release.wealth import times_needed

# (size, weight). Far from the percentile one share alone decides, and there the largest stake does it: 59 values of 59
# within t say that t is at least the p95. Near it a difference of two shares counts, and smaller stakes lose less.
_BOTH = ((0.9, 0.12), (0.5, 0.12), (0.25, 0.11), (0.12, 0.07), (0.06, 0.04))
_LOW = ((0.99, 0.2), (0.5, 0.04), (0.25, 0.04), (0.12, 0.03), (0.06, 0.02))
_HIGH = ((0.99, 0.05), (0.5, 0.05), (0.25, 0.05), (0.12, 0.04), (0.06, 0.02))
_BETS = np.array(
    [(size, size, weight) for size, weight in _BOTH]
    + [(size, 0.0, weight) for size, weight in _LOW]
    + [(0.0, size, weight) for size, weight in _HIGH]
)
_LOG_WEIGHTS = np.log(_BETS[:, 2])
_STEPS = 24
_SLOWEST = 1e300
_WIDEST = 32.0  # times: ratios beyond it are said to be unbounded


def log_evidence_lower(low: Sequence[float], high: Sequence[float], share: float) -> float:
    """The logarithm of the evidence that the percentile `share` of `low` is at most that of `high`.

    low[i], high[i]: one pair, infinite where it cannot be said how large it is. 0 < share < 1.
    """
    return float(_logs(low, high, share, strict=False)[1].min())


def log_evidence_higher(low: Sequence[float], high: Sequence[float], share: float) -> float:
    """The logarithm of the evidence that the percentile `share` of `low` is above that of `high`."""
    return float(_logs(high, low, share, strict=True)[1].min())


def pairs_needed(
    low: Sequence[float], high: Sequence[float], share: float, wanted: float, most: float
) -> float:
    """How many times the pairs so far it takes until `log_evidence_lower` is `wanted`, if it goes on as it did."""
    return _times(_logs(low, high, share, strict=False)[0], wanted, most)


def pairs_needed_higher(
    low: Sequence[float], high: Sequence[float], share: float, wanted: float, most: float
) -> float:
    """The same until `log_evidence_higher` is `wanted`."""
    return _times(_logs(high, low, share, strict=True)[0], wanted, most)


def pairs_needed_alike(
    low: Sequence[float], high: Sequence[float], share: float, stretch: float, wanted: float, most: float
) -> float:
    """How many pairs it takes until `low` is shown to be at most `stretch` times `high`, if both are alike.

    That is, if each is drawn, by itself, from all the values there are.
    """
    values = np.minimum(np.sort(np.concatenate((low, high))), _SLOWEST)
    stretched = np.minimum(values * stretch, _SLOWEST)
    at = np.concatenate(([-math.inf], np.unique(np.concatenate((values, stretched)))))
    x, y = (np.searchsorted(each, at, "right") / len(values) for each in (values, stretched))
    chances = np.stack([x * y, x * (1 - y), (1 - x) * y, (1 - x) * (1 - y)], axis=1)
    return _times(chances @ _gains(share), wanted, most)


def ratio_bounds(
    candidate: Sequence[float], baseline: Sequence[float], share: float, alphas: tuple[float, float]
) -> tuple[float, float]:
    """One-sided lower and upper bounds of the ratio of the two percentiles, with probability 1 - alpha each.

    alphas: of the lower bound and of the upper one. They hold at every look. 0 and infinity where there is none yet.
    """
    wanted_below, wanted_above = (-math.log(alpha) for alpha in alphas)
    base = np.asarray(baseline, np.float64)

    def at_most(ratio: float) -> bool:
        return log_evidence_lower(candidate, (base * ratio).tolist(), share) >= wanted_above

    def above(ratio: float) -> bool:
        return log_evidence_higher(candidate, (base * ratio).tolist(), share) >= wanted_below

    upper = _edge(at_most, _WIDEST, 1 / _WIDEST)
    lower = _edge(above, 1 / _WIDEST, _WIDEST)
    return 0.0 if lower is None else lower, math.inf if upper is None else upper


def _edge(holds: Callable[[float], bool], safe: float, far: float) -> float | None:
    """The ratio nearest to `far` for which it holds, where it holds from `safe` up to it; None if not even there."""
    if not holds(safe):
        return None
    inner, outer = math.log(safe), math.log(far)
    for _ in range(_STEPS):
        middle = (inner + outer) / 2
        inner, outer = (middle, outer) if holds(math.exp(middle)) else (inner, middle)
    return math.exp(inner)


def _logs(
    low: Sequence[float], high: Sequence[float], share: float, *, strict: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """At each threshold, the logarithm of what each bet earned, and of all together: shapes (t, bets), (t,).

    strict: what equals a threshold is not within it, for `low`; so that a tie is no evidence for either side.
    """
    # A failure is slower than any time, and as slow as another failure: it has a place in the order like a time.
    x, y = (np.minimum(np.asarray(times, np.float64), _SLOWEST) for times in (low, high))
    # Between two neighbouring values nothing changes; below all of them no value is within.
    at = np.concatenate(([-math.inf], np.unique(np.concatenate((x, y)))))
    side: Literal["left", "right"] = "left" if strict else "right"
    x_within = np.sort(x).searchsorted(at, side)
    y_within = np.sort(y).searchsorted(at, "right")
    # Where x must lie strictly below, the next number up stands for x, so that one order serves both.
    joint = np.maximum(np.nextafter(x, math.inf) if strict else x, y)
    both = np.sort(joint).searchsorted(at, "right")
    counts = np.stack([both, x_within - both, y_within - both, len(x) - x_within - y_within + both], axis=1)
    logs = counts @ _gains(share)
    most = logs.max(axis=1, keepdims=True)
    total = most[:, 0] + np.log(np.exp(logs - most + _LOG_WEIGHTS).sum(axis=1))
    return logs, total


def _gains(share: float) -> NDArray[np.float64]:
    """The logarithm of each bet's factor where both are within, only x, only y, none: shape (4, bets)."""
    x, y = np.array([[1.0], [1.0], [0.0], [0.0]]), np.array([[1.0], [0.0], [1.0], [0.0]])
    return np.log1p(_BETS[:, 0] * (x - share) + _BETS[:, 1] * (share - y))


def _times(logs: NDArray[np.float64], wanted: float, most: float) -> float:
    def enough(times: float) -> bool:
        scaled = logs * times
        top = scaled.max(axis=1, keepdims=True)
        total = top[:, 0] + np.log(np.exp(scaled - top + _LOG_WEIGHTS).sum(axis=1))
        return bool(total.min() >= wanted)

    return times_needed(enough, most)
