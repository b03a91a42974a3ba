"""Exact chances of an alarm: misses are binomial, runs are independent, and a window is the sum of its runs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facemon.planning.watch import Watch, least_misses
from facemon.slo.intervals import chance_of_as_many

Array = NDArray[np.float64]
_STATES = 200_000  # of a window's runs that are followed: a few milliseconds a step
_FOUND = 1e-6
_NEGLIGIBLE = 1e-15


@dataclass(frozen=True, slots=True)
class Service:
    """What a service does wrong: the share of generations that fail, and that of pictures with a fault among those that
    came.
    """

    failing: float
    faulty: float


def alarms(answers: Watch | None, pictures: Watch | None, good: Service) -> float:
    """The chance that a run begins an alarm: it fails one of the watches, and the run before failed none.

    The watches, plain ones, hold equally many runs. Two neighbouring windows share all runs but one each; given what
    the shared runs counted, the two others are independent.
    """
    one = answers or pictures
    assert one is not None
    quiet = _quiet(answers, pictures, one.judged, good)
    run = _pmf(one.samples, good, quiet.shape)
    shared = _pmf(one.judged - one.samples, good, quiet.shape)
    now = both = 0.0
    for failed, faulty in zip(*np.nonzero(shared > _NEGLIGIBLE), strict=True):
        rest = quiet[failed:, faulty:]
        chance = float((run[: rest.shape[0], : rest.shape[1]] * rest).sum())
        now += shared[failed, faulty] * chance
        both += shared[failed, faulty] * chance * chance
    return max(0.0, float(now - both))


def _quiet(answers: Watch | None, pictures: Watch | None, judged: int, good: Service) -> Array:
    """1 for the counts (failed, faulty) of a window that fail neither watch; negligible counts are left out."""
    most = _likely(judged, good.failing)
    if answers is not None and answers.misses is not None:
        most = min(most, answers.misses)
    if pictures is None:
        return np.ones((most, 1))
    quiet = np.zeros((most, _likely(judged, good.faulty)))
    for failed in range(most):
        limit = least_misses(pictures.objective, judged - failed)
        quiet[failed, : quiet.shape[1] if limit is None else limit] = 1.0
    return quiet


def _likely(trials: int, share: float) -> int:
    """How many counts, from 0 on, hold all but a negligible part of the chance."""
    mean = trials * share
    return min(trials, math.ceil(mean + 10 * math.sqrt(mean + 4) + 20)) + 1


def _pmf(trials: int, good: Service, shape: tuple[int, ...]) -> Array:
    """The chance of each count (failed, faulty) among so many generations: multinomial, cut to a shape."""
    found = np.zeros(shape)
    for failed, chance in enumerate(binomial(trials, good.failing, shape[0])):
        if failed <= trials:
            found[failed] = chance * binomial(trials - failed, good.faulty, shape[1])
    return found


def binomial(trials: int, share: float, size: int) -> Array:
    """The chances of 0, 1, … size - 1 hits."""
    hits = np.arange(size)
    if share <= 0 or share >= 1:
        return np.asarray(hits == (trials if share >= 1 else 0), np.float64)
    ways = np.array([_log_ways(trials, int(hit)) for hit in hits])
    chances: Array = np.exp(ways + hits * math.log(share) + (trials - hits) * math.log1p(-share))
    return chances


def _log_ways(trials: int, hits: int) -> float:
    if hits > trials:
        return -math.inf
    return math.lgamma(trials + 1) - math.lgamma(hits + 1) - math.lgamma(trials - hits + 1)


def survival(item: Watch, missing: float, most_runs: int) -> Array | None:
    """The chances that trouble is not found by its k-th run, k = 0, 1, … up to `most_runs`, or until it is found.

    missing: the share of generations that miss the promise from then on. None where only simulation can tell:
    a split, a mean, or a long window that fills step by step.
    """
    if not item.able:
        return np.ones(most_runs + 1)
    limit = item.misses
    if not item.plain or limit is None:
        return None
    if missing >= 1:
        return _outage(item, limit, most_runs)
    width = min(item.samples, limit) + 1
    return None if width**item.runs > _STATES else _followed(item, limit, missing, most_runs)


def _outage(item: Watch, limit: int, most_runs: int) -> Array:
    """Every run adds as many misses as it can, so that a window once failed stays so: no path needs following."""
    open_still = [1.0]
    for run in range(1, most_runs + 1):
        old = max(0, item.runs - run) * item.samples
        wanted = limit - min(run, item.runs) * item.samples
        open_still.append(
            0.0 if wanted <= 0 else 1 - chance_of_as_many(wanted, old, item.level) if wanted <= old else 1.0
        )
        if open_still[-1] < _FOUND:
            break
    return np.array(open_still)


def _followed(item: Watch, limit: int, missing: float, most_runs: int) -> Array:
    """The distribution of the window's counts, run by run; what fails is taken out.

    An axis a run, the oldest first; a count beyond the limit is kept as the limit, which fails all the same.
    """
    width = min(item.samples, limit) + 1
    before, trouble = _capped(item.samples, item.level, width), _capped(item.samples, missing, width)
    places = [
        np.arange(width).reshape([-1 if a == axis else 1 for a in range(item.runs)])
        for axis in range(item.runs)
    ]
    quiet = sum(places[1:], places[0]) < limit
    window = np.ones(())
    for _ in range(item.runs - 1):
        window = np.multiply.outer(window, before)
    open_still = [1.0]
    while len(open_still) <= most_runs and open_still[-1] >= _FOUND:
        seen = np.multiply.outer(window, trouble) * quiet
        open_still.append(float(seen.sum()))
        window = seen.sum(axis=0)
    return np.array(open_still)


def _capped(trials: int, share: float, width: int) -> Array:
    """Binomial chances of 0 … width - 2 hits, and of width - 1 or more."""
    chances = binomial(trials, share, width)
    chances[-1] = max(0.0, 1 - float(chances[:-1].sum()))
    return chances
