"""Exact intervals for a rate and for a percentile, at a number of samples fixed before, without scipy.

Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial", Biometrika
26 (1934): the bounds are quantiles of beta distributions. A percentile's bounds are order statistics, the ranks of
which are binomial quantiles (David and Nagaraja, "Order Statistics", 3rd edition, 7.1): no distribution is assumed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from facemon.slo.beta import beta_cdf, beta_quantile

CONFIDENCE = 0.95
Chance = Callable[[int, int, float], float]
"""(hits, trials, share) → a p-value."""


def rate_bounds(hits: int, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """One-sided lower and upper confidence bounds of a rate, each at the stated confidence.

    hits of trials were counted, 0 <= hits <= trials. Without a trial the bounds are 0 and 1.
    """
    _check(hits, trials)
    tail = 1 - confidence
    lower = 0.0 if hits == 0 else beta_quantile(tail, hits, trials - hits + 1)
    upper = 1.0 if hits == trials else beta_quantile(1 - tail, hits + 1, trials - hits)
    return lower, upper


def chance_of_as_many(hits: int, trials: int, share: float) -> float:
    """The probability of at least so many hits if the rate is `share`: a p-value against a rate that low."""
    _check(hits, trials)
    return 1.0 if hits == 0 else beta_cdf(share, hits, trials - hits + 1)


def chance_of_as_few(hits: int, trials: int, share: float) -> float:
    """The probability of at most so many hits if the rate is `share`: a p-value against a rate that high."""
    _check(hits, trials)
    return 1.0 if hits == trials else beta_cdf(1 - share, trials - hits, hits + 1)


def percentile_bounds(
    ordered: Sequence[float],
    share: float,
    confidence: float = CONFIDENCE,
    few: Chance = chance_of_as_few,
    many: Chance = chance_of_as_many,
) -> tuple[float, float]:
    """One-sided lower and upper bounds of the percentile `share`, each at the stated confidence.

    ordered: the samples, ascending; infinite for one that is slower than can be said · few, many: the p-values by
    which ranks are excluded. Where the samples are too few for a bound it is minus or plus infinity.
    """
    count, tail = len(ordered), 1 - confidence
    # The most ranks that lie below the percentile for sure, and the fewest that reach beyond it.
    below = _most(lambda rank: few(rank - 1, count, share) <= tail, count)
    beyond = _most(lambda left: many(count - left, count, share) <= tail, count - 1, 0)
    return (
        ordered[below - 1] if below else -math.inf,
        ordered[count - beyond - 1] if beyond >= 0 else math.inf,
    )


def _most(holds: Callable[[int], bool], count: int, first: int = 1) -> int:
    """The largest number from `first` to `count` that holds, where all smaller ones hold too; `first` - 1 if none."""
    low, high = first - 1, count + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _check(hits: int, trials: int) -> None:
    if not 0 <= hits <= trials:
        raise ValueError(f"{hits} hits in {trials} trials")
