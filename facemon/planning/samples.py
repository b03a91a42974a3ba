"""How many samples each verdict takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from facemon.planning.watch import least_misses
from facemon.slo.evidence import look
from facemon.slo.intervals import chance_of_as_few, chance_of_as_many
from facemon.slo.judging import ALPHA, fewest_to_pass
from facemon.slo.objectives import Objective

POWER = 0.9
_MOST = 1_000_000
_MOST_OF_A_MEAN = 100_000


@dataclass(frozen=True, slots=True)
class Samples:
    """Of a verdict at a number of samples fixed before; None for a mean where the order of the samples decides.

    to_pass: the fewest that confirm, if none misses · to_bear_one: the fewest of which one failure refutes nothing;
    fewer are never judged · to_tell_good: with which a service that uses half its error budget is passed in nine cases
    of ten · to_tell_bad: with which one of which 30 % miss is failed in nine of ten; None where that keeps the promise,
    or takes more than a million.
    """

    to_pass: int | None
    to_bear_one: int | None
    to_tell_good: int | None
    to_tell_bad: int | None


def samples_for(objective: Objective, good: float, bad: float) -> Samples:
    """For an objective. good, bad: the shares of generations that miss it."""
    share = objective.share
    if share is None:
        return Samples(_to_pass_a_mean(objective), None, None, None)
    return Samples(
        fewest_to_pass(objective),
        objective.fewest,
        _to_tell_good(objective, share, good),
        _to_tell_bad(objective, bad) if bad > 1 - share + 1e-12 else None,
    )


def _to_pass_a_mean(objective: Objective) -> int | None:
    """As many of the best values as pass."""
    metric = objective.measure
    best = metric.lowest if metric.low_is_good else metric.highest

    def passes(samples: int) -> bool:
        return look(objective, [best] * samples, ALPHA, sequential=False, bounds=False).in_favour <= ALPHA

    return _fewest(passes, objective.fewest, _MOST_OF_A_MEAN)


def _to_tell_good(objective: Objective, share: float, missing: float) -> int | None:
    # With each further miss that is borne the fewest samples that still pass are the best there are for it.
    samples = objective.fewest
    for misses in range(_MOST):
        found = _fewest_to_bear(misses, share, samples)
        if found is None:
            return None
        samples = found
        if chance_of_as_few(misses, samples, missing) >= POWER:
            return samples
    return None


def _to_tell_bad(objective: Objective, missing: float) -> int | None:
    for samples in range(objective.fewest, _MOST):
        misses = least_misses(objective, samples)
        if misses is not None and chance_of_as_many(misses, samples, missing) >= POWER:
            return samples
    return None


def _fewest_to_bear(misses: int, share: float, start: int) -> int | None:
    """The fewest samples, from `start` on, that pass with so many misses."""

    def passes(samples: int) -> bool:
        return samples > misses and chance_of_as_many(samples - misses, samples, share) <= ALPHA

    return _fewest(passes, start, _MOST)


def _fewest(enough: Callable[[int], bool], start: int, most: int) -> int | None:
    """The least number from `start` on that is enough, where all larger ones are; None where `most` is not."""
    low, high = start - 1, start
    while not enough(high):
        low, high = high, high * 2
        if high > most:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
