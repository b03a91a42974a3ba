"""Evidence about a rate that may be looked at after every sample.

The e-value of a mixture of likelihood ratios (Robbins 1970, "Statistical methods related to the law of the iterated
logarithm"): a bet on every rate on one side of the promise at once. While the rate lies on the other side it is a
non-negative supermartingale that starts at 1, so by Ville's inequality (1939) the chance that it *ever* reaches
1 / alpha is at most alpha, however often and whenever one looks. It depends on the counts alone, not on their order.
"""

from __future__ import annotations

import math

from facemon.slo.beta import log_beta, log_beta_cdf

_STEPS = 60  # halvings: to below the precision of a double


def log_evidence_above(hits: int, trials: int, share: float) -> float:
    """The logarithm of the e-value against `rate <= share`: large when the rate lies above. 0 < share < 1."""
    return _log_mixture(hits, trials, share)


def log_evidence_below(hits: int, trials: int, share: float) -> float:
    """The logarithm of the e-value against `rate >= share`: large when the rate lies below. 0 < share < 1."""
    return _log_mixture(trials - hits, trials, 1 - share)


def rate_sequence(hits: int, trials: int, alpha: float) -> tuple[float, float]:
    """One-sided lower and upper bounds of a rate, each of which holds at every look with probability 1 - alpha."""
    if not 0 <= hits <= trials:
        raise ValueError(f"{hits} hits in {trials} trials")
    return _lower(hits, trials, alpha), 1 - _lower(trials - hits, trials, alpha)


def _lower(hits: int, trials: int, alpha: float) -> float:
    if hits == 0:
        return 0.0
    wanted, low, high = -math.log(alpha), 0.0, hits / trials
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if 0 < middle < 1 and _log_mixture(hits, trials, middle) >= wanted:
            low = middle
        else:
            high = middle
    return low


def _log_mixture(hits: int, trials: int, share: float) -> float:
    # The uniform mixture of the rates above `share`: the tail of a beta integral over its length, over the likelihood
    # of `share` itself.
    tail = log_beta_cdf(1 - share, trials - hits + 1, hits + 1)
    likelihood = hits * math.log(share) + (trials - hits) * math.log1p(-share)
    return log_beta(hits + 1, trials - hits + 1) + tail - math.log1p(-share) - likelihood
