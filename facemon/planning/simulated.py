"""What no formula gives, by seeded simulation: splits, means, watches that share misses, long windows that fill.

Many services side by side, one step a run. A generation has two uniform numbers: below a watch's level the first one
misses a promise about answers, so that whoever misses the stricter misses the laxer too, and a failed one misses all of
them; the second one does the same for promises about pictures, of the generations that did not fail.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from facemon.planning.delay import Figure
from facemon.planning.exact import Service
from facemon.planning.watch import Watch
from facemon.planning.windows import Flags, window
from facemon.slo.intervals import rate_bounds

GENERATIONS = 8_000_000
_SEED = 4
_SERVICES, _CASES = 400, 5000
_FEW_SERVICES, _FEW_CASES, _FEW_RUNS = 100, 300, 100  # where a mean is looked at value by value
_Z = 2.5758  # of the normal distribution, 99 % two-sided


def alarms(watches: Sequence[Watch], good: Service, generations: int = GENERATIONS) -> Figure:
    """The chance that a run begins an alarm, from about so many simulated generations, with its 99 % interval."""
    rng = np.random.default_rng(_SEED)
    slow = any(each.of_a_mean for each in watches)
    services = _FEW_SERVICES if slow else _SERVICES
    crowd = _Crowd(watches, services, rng)
    for _ in range(max(each.runs for each in watches)):
        before = crowd.run(good)
    begun = np.zeros(services)
    steps = _FEW_RUNS if slow else max(20, generations // (services * watches[0].samples))
    for _ in range(steps):
        now = crowd.run(good)
        begun += now & ~before
        before = now
    total, runs = int(begun.sum()), steps * services
    # Alarms come in clusters, which a binomial interval does not know; and where none came, the spread says nothing.
    spread = _Z * float(begun.std(ddof=1)) / math.sqrt(services) / steps
    value, (low, high) = total / runs, rate_bounds(total, runs, 0.995)
    return Figure(value, max(0.0, min(low, value - spread)), max(high, value + spread))


def delays(
    watches: Sequence[Watch], good: Service, trouble: Service, every: float, most_runs: int
) -> list[float]:
    """Seconds from the start of trouble to the run that finds it, in simulated cases; infinite where none does."""
    rng = np.random.default_rng(_SEED)
    cases = _FEW_CASES if any(each.of_a_mean for each in watches) else _CASES
    crowd = _Crowd(watches, cases, rng)
    for _ in range(max(each.runs for each in watches) - 1):
        crowd.run(good)
    found: list[float] = []
    for step in range(most_runs):
        seen = crowd.run(trouble)
        found += list((step + rng.random(int(seen.sum()))) * every)
        if len(found) == cases:
            break
        crowd.keep(~seen)
    return found + [math.inf] * (cases - len(found))


class _Crowd:
    """Services side by side, each with its own watches."""

    def __init__(self, watches: Sequence[Watch], services: int, rng: np.random.Generator) -> None:
        self._rng, self._services = rng, services
        self._windows = [window(each, services) for each in watches]

    def run(self, state: Service) -> Flags:
        """One run of each: which of them fail a watch. shape (services,)."""
        shape = self._services, self._windows[0].watch.samples
        answers, pictures = self._rng.random(shape), self._rng.random(shape)
        came = answers >= state.failing
        failed = np.zeros(self._services, np.bool_)
        for each in self._windows:
            if each.watch.on_answers:
                missed = answers < max(state.failing, each.watch.level)
                failed |= each.add(missed, np.ones_like(came))
            else:
                missed = came & (pictures < max(state.faulty, each.watch.level))
                failed |= each.add(missed, came)
        return failed

    def keep(self, which: Flags) -> None:
        """Go on with these services only."""
        self._services = int(which.sum())
        for each in self._windows:
            each.keep(which)
