"""From judged pictures to a calibration: every estimate is drawn towards what is published, the more the fewer.

Shrinkage with the weight of k pictures (a normal mean with a normal prior, whose variance is the spread's divided by
k; Gelman et al., Bayesian Data Analysis, section 2.5): estimate = (n · measured + k · expected) / (n + k).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facemon.evaluators.base import Threshold
from facemon.vision.calibration import DECADES, UNCALIBRATED, AgeError

PRIOR_PICTURES = 10  # what is expected beforehand weighs as much as so many pictures
# The lowest of 59 scores lies below all but 5 % of them with 95 % confidence (Wilks, Annals of Mathematical
# Statistics 12, 1941: 1 - 0.95^59 = 0.951). With fewer pictures a limit for 95 % cannot be had.
FEWEST_FOR_A_THRESHOLD = 59
MARGIN = 0.8  # a threshold stands a fifth below the good pictures: the service's are not the very same
_RESAMPLES = 2000
_FEWEST_FOR_AN_INTERVAL = 10  # below that the bootstrap's interval is much too narrow


def decade_of(age: float) -> int:
    """The decade of an age that the network says: 0, 10, … 80."""
    return min(int(age) // 10 * 10, DECADES[-1])


def fit_age(said: Sequence[float], true: Sequence[float], prior: AgeError = UNCALIBRATED.age) -> AgeError:
    """The age error from what the network said and the labels, both in years, one pair a picture: n = their number.

    overall = Σ(said - true) / (n + 10); bias of a decade = (Σ in it + 10 · overall) / (n in it + 10); spread² =
    (Σ(said - bias - true)² + 10 · published²) / (n + 10). Without a picture these are 0, 0 and the published spread.
    """
    errors = np.subtract(said, true)
    k, n = PRIOR_PICTURES, len(errors)
    overall = float(errors.sum()) / (n + k)
    decades = np.array([decade_of(age) for age in said])
    bias = {
        decade: float((errors[decades == decade].sum() + k * overall) / ((decades == decade).sum() + k))
        for decade in (DECADES if n else ())
    }
    shifted = AgeError(prior.spread, bias)
    rest = errors - np.array([shifted.bias_at(age) for age in said])
    return AgeError(float(np.sqrt((rest @ rest + k * prior.spread**2) / (n + k))), bias)


def fit_gender(mistaken: int, pictures: int, prior: float = UNCALIBRATED.gender_error) -> float:
    """The share of mistaken genders: (mistaken + 1) / (pictures with a labelled gender + 1 / published).

    As if so many pictures stood beside that one mistake is expected among them (37): never 0, and the published share
    where there is none.
    """
    return (mistaken + 1) / (pictures + 1 / prior)


def fit_threshold(scores: Sequence[float]) -> Threshold | None:
    """A fifth below the 1st percentile (the next lower score) of good pictures; None where that cannot be had.

    One score for each picture with one face that could be judged. Its label is not needed.

    It cannot be had from fewer than 59, where the pictures differ in nothing (an evaluator that answers yes or no, or
    all have full marks), and where one in a hundred good pictures has a score of 0.
    """
    n = len(scores)
    if n < FEWEST_FOR_A_THRESHOLD or set(scores) <= {0, 100}:
        return None
    lowest = float(np.percentile(scores, 1, method="lower"))
    if lowest <= 0:
        return None
    return Threshold(
        round(MARGIN * lowest, 1),
        f"calibrated on {n} good pictures with one face: a fifth below their 1st percentile",
    )


def mean_interval(values: Sequence[float], seed: int = 1) -> tuple[float, float] | None:
    """The 95 % interval of a mean by the percentile bootstrap (Efron and Tibshirani, 1993); None for fewer than 10."""
    if len(values) < _FEWEST_FOR_AN_INTERVAL:
        return None
    chance, drawn = np.random.default_rng(seed), np.asarray(values, float)
    means = [float(drawn[chance.integers(0, len(drawn), len(drawn))].mean()) for _ in range(_RESAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
