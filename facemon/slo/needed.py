"""How many more samples an open question takes, if they go on as those seen so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle, islice

from facemon.slo.objectives import Objective

_MOST_TO_REPEAT = 30_000  # values that are really looked at: beyond it the count is said to be unknown


def more_needed(
    objective: Objective, values: Sequence[float], decided: Callable[[Sequence[float]], bool]
) -> int | None:
    """The further samples after which `decided` says yes; None where no affordable number does.

    values: those seen, not empty; what is to come is taken to be more of the same, in the same proportions.
    """
    if len(values) >= _MOST_TO_REPEAT:
        return None
    total = fewest(lambda count: decided(_as_before(objective, values, count)), len(values))
    return None if total is None else total - len(values)


def _as_before(objective: Objective, values: Sequence[float], count: int) -> Sequence[float]:
    if objective.share is None:
        return list(islice(cycle(values), count))
    kept = [value for value in values if objective.kept(value)]
    missed = [value for value in values if not objective.kept(value)]
    misses = round(len(missed) / len(values) * count)
    # Only how many they are matters: any one of them stands for all.
    return missed[:1] * misses + kept[:1] * (count - misses)


def fewest(decided: Callable[[int], bool], start: int) -> int | None:
    """A number above `start` that decides where the one before it does not; None where no affordable one does."""
    low, high = start, min(max(1, start * 2), _MOST_TO_REPEAT)
    while not decided(high):
        if high == _MOST_TO_REPEAT:
            return None
        low, high = high, min(high * 2, _MOST_TO_REPEAT)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if decided(middle) else (middle, high)
    return high
