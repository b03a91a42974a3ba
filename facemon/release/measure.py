"""What a comparison keeps and tells of one metric."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from facemon.release.looks import Pair
from facemon.release.margins import Margin
from facemon.slo.judging import Verdict

MOST_PAIRS = 1_000_000
"""Beyond it no number of pairs is said to be enough."""


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """A metric of both sides. baseline, candidate: the observed figures, in the metric's unit, None without data.

    difference: candidate less baseline; for a percentile and for credits as a share of the baseline's figure · lower,
    upper: its one-sided bounds at 95 %, which hold at every look · pairs: those that could tell; for a diversity those
    of full blocks · unjudged: those that a picture without a score kept from telling; they count as lost · needed: more
    pairs until it is decided, if it goes on as it did, or, where that would never decide, if both sides are alike; None
    where it is decided or no affordable number would do.
    """

    margin: Margin
    verdict: Verdict
    baseline: float | None = None
    candidate: float | None = None
    difference: float | None = None
    lower: float = -math.inf
    upper: float = math.inf
    pairs: int = 0
    unjudged: int = 0
    needed: int | None = None


class Measure(Protocol):
    """What a comparison needs of a metric."""

    def add(self, pair: Pair) -> bool:
        """Take one pair in; False where a picture came that has no score."""
        ...

    def verdict(self) -> Verdict:
        """As of now."""
        ...

    def told(self) -> MetricComparison:
        """All of it, bounds included, which take some milliseconds."""
        ...


def more_pairs(seen: int, total: float, least: int = 1) -> int | None:
    """The pairs that are missing to `total`, at least so many; None where no affordable number would do."""
    return None if math.isinf(total) else max(least, math.ceil(total) - seen)
