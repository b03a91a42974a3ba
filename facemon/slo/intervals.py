"""Exact intervals for a rate, without scipy.

Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial", Biometrika
26 (1934): the bounds are quantiles of beta distributions, here found by bisection on the regularised incomplete
beta function (continued fraction, NIST DLMF 8.17.22).
"""

from __future__ import annotations

import math

CONFIDENCE = 0.95
_TINY = 1e-300


def rate_bounds(hits: int, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """One-sided lower and upper confidence bounds of a rate, each at the stated confidence.

    hits of trials were counted, 0 <= hits <= trials. Without a trial the bounds are 0 and 1.
    """
    if not 0 <= hits <= trials:
        raise ValueError(f"{hits} hits in {trials} trials")
    tail = 1 - confidence
    lower = 0.0 if hits == 0 else _beta_quantile(tail, hits, trials - hits + 1)
    upper = 1.0 if hits == trials else _beta_quantile(1 - tail, hits + 1, trials - hits)
    return lower, upper


def _beta_quantile(p: float, a: float, b: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):  # halves the interval to below 1e-18, the precision of a double
        middle = (low + high) / 2
        if _beta_cdf(middle, a, b) < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _beta_cdf(x: float, a: float, b: float) -> float:
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    # The fraction converges fast only on this side of the mean; the other side is its mirror image.
    if x < (a + 1) / (a + b + 2):
        return front * _continued_fraction(x, a, b) / a
    return 1 - front * _continued_fraction(1 - x, b, a) / b


def _continued_fraction(x: float, a: float, b: float) -> float:
    """Lentz's algorithm."""
    c, d = 1.0, _away_from_zero(1 - (a + b) * x / (a + 1))
    d = 1 / d
    value = d
    for m in range(1, 500):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away_from_zero(1 + step * d)
            c = _away_from_zero(1 + step / c)
            value *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return value


def _away_from_zero(x: float) -> float:
    return x if abs(x) > _TINY else _TINY
