"""Figures of a plan with their own uncertainty, and how long trouble lasts before a run finds it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facemon.planning.schedule import DAY
from facemon.slo.aggregates import percentile
from facemon.slo.intervals import percentile_bounds, rate_bounds

MEDIAN, LATE = 0.5, 0.9
_ONE_SIDE = 0.995  # both sides together 99 %


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, and the bounds of its 99 % interval; they are the figure itself where it was computed exactly."""

    value: float
    lower: float
    upper: float

    @property
    def exact(self) -> bool:
        """Whether it was computed, not simulated."""
        return self.lower == self.value == self.upper

    def times(self, factor: float) -> Figure:
        """In another unit."""
        return Figure(self.value * factor, self.lower * factor, self.upper * factor)


def exactly(value: float) -> Figure:
    """A figure without uncertainty."""
    return Figure(value, value, value)


@dataclass(frozen=True, slots=True)
class Delay:
    """From the start of trouble to the end of the run that finds it, in seconds; infinite where it is not found in the
    30 days that are followed.

    median: in one case of two · late: in nine of ten · within_day: the chance that it is found in 24 hours.
    """

    median: Figure
    late: Figure
    within_day: Figure

    @property
    def exact(self) -> bool:
        """Whether it was computed, not simulated."""
        return self.late.exact


def computed(survival: NDArray[np.float64], every: float) -> Delay:
    """From the chances that trouble is still open after k runs. It starts at any moment between two runs alike."""
    found = 1 - survival
    return Delay(
        exactly(_quantile(found, MEDIAN) * every),
        exactly(_quantile(found, LATE) * every),
        exactly(_found_by(found, DAY / every)),
    )


def observed(delays: Sequence[float]) -> Delay:
    """From simulated delays in seconds, infinite for what was not found."""
    ordered = sorted(map(float, delays))

    def quantile(share: float) -> Figure:
        value = percentile(ordered, share)
        assert value is not None
        return Figure(value, *percentile_bounds(ordered, share, _ONE_SIDE))

    soon = sum(delay <= DAY for delay in ordered)
    share = Figure(soon / len(ordered), *rate_bounds(soon, len(ordered), _ONE_SIDE))
    return Delay(quantile(MEDIAN), quantile(LATE), share)


def _found_by(found: NDArray[np.float64], intervals: float) -> float:
    """The chance to be found that many intervals after the start: the next run comes after a uniform part of one."""
    whole = math.floor(intervals)
    here, there = (float(found[min(k, len(found) - 1)]) for k in (whole, whole + 1))
    return here + (there - here) * (intervals - whole)


def _quantile(found: NDArray[np.float64], share: float) -> float:
    """Intervals after which it is found with that chance."""
    last = int(np.searchsorted(found, share))
    if last >= len(found):
        return math.inf
    return last - 1 + (share - float(found[last - 1])) / float(found[last] - found[last - 1])
