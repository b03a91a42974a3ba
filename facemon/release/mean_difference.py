"""A mean of a candidate against that of its baseline, both of numbers in the metric's range: bets on both sides."""

from __future__ import annotations

import math

from facemon.release.margins import Margin
from facemon.release.measure import MOST_PAIRS, MetricComparison, more_pairs
from facemon.release.wealth import Wealth, lower_bound
from facemon.slo.judging import ALPHA, Verdict


class MeanDifference:
    """The mean of independent differences, as a share of the metric's range.

    What could not be judged counts as the worst there can be when the question is whether to pass, and not at all
    when it is whether to fail.
    """

    def __init__(self, margin: Margin, alpha_fail: float) -> None:
        self._margin, metric = margin, margin.measure
        self._span = metric.highest - metric.lowest
        self._sign = -1.0 if metric.low_is_good else 1.0
        self._alpha_fail = alpha_fail
        self._wanted, self._wanted_to_fail = -math.log(ALPHA), -math.log(alpha_fail)
        # A difference d from -1 to 1 is bet on as (1 + d) / 2, or mirrored as (1 - d) / 2.
        self._good, self._bad = Wealth((1 - margin.share) / 2), Wealth((1 + margin.share) / 2)
        self._gained: list[float] = []
        self._gained_at_worst: list[float] = []
        self._total = self._total_at_worst = 0.0
        self._sums = [0.0, 0.0]

    @property
    def judged(self) -> int:
        """How many differences were seen."""
        return len(self._gained)

    @property
    def unjudged(self) -> int:
        """How many could not be."""
        return len(self._gained_at_worst) - len(self._gained)

    def add(self, before: float, after: float, at_worst: tuple[float, float] | None = None) -> None:
        """Take in one value of the baseline and one of the candidate.

        at_worst: what they may be, at the worst for the candidate, where a part of them could not be judged.
        """
        before, after = self._within(before), self._within(after)
        gained = self._gain(before, after)
        self._sums[0] += before
        self._sums[1] += after
        self._gained.append(gained)
        self._total += gained
        self._bad.add((1 - gained) / 2)
        self._count_for_pass(gained if at_worst is None else self._gain(*map(self._within, at_worst)))

    def add_unjudged(self) -> None:
        """Take in a difference that nobody saw."""
        self._count_for_pass(-1.0)

    def _count_for_pass(self, gained: float) -> None:
        self._gained_at_worst.append(gained)
        self._total_at_worst += gained
        self._good.add((1 + gained) / 2)

    def _gain(self, before: float, after: float) -> float:
        return self._sign * (after - before) / self._span

    def _within(self, value: float) -> float:
        return min(max(value, self._margin.measure.lowest), self._margin.measure.highest)

    def verdict(self) -> Verdict:
        """As of now."""
        if not self._gained:
            return Verdict.UNSCORED
        # Capital once won stays won, so that a candidate that got worse would pass with a difference beyond its margin.
        # Evidence that the figure itself contradicts is dropped; fewer verdicts are no more errors.
        margin = self._margin.share
        if self._bad.best >= self._wanted_to_fail and self._total < -margin * len(self._gained):
            return Verdict.FAIL
        within = self._total_at_worst > -margin * len(self._gained_at_worst)
        passes = self._good.best >= self._wanted and within
        return Verdict.PASS if passes else Verdict.INCONCLUSIVE

    def told(self) -> MetricComparison:
        """All of it; `pairs`, `unjudged` and `needed` count differences."""
        verdict, seen = self.verdict(), len(self._gained)
        if not seen:
            return MetricComparison(self._margin, verdict, unjudged=self.unjudged)
        lower = 2 * lower_bound([(1 + d) / 2 for d in self._gained_at_worst], ALPHA) - 1
        # Each bound at the confidence of the verdict that it could give.
        upper = 1 - 2 * lower_bound([(1 - d) / 2 for d in self._gained], self._alpha_fail)
        # What was excluded once stays so: the bounds hold at every look together.
        lower = max(lower, -self._margin.share) if verdict is Verdict.PASS else lower
        upper = min(upper, -self._margin.share) if verdict is Verdict.FAIL else upper
        low, high = sorted((self._sign * lower * self._span, self._sign * upper * self._span))
        before, after = (total / seen for total in self._sums)
        needed = self.needed() if verdict is Verdict.INCONCLUSIVE else None
        return MetricComparison(
            self._margin, verdict, before, after, after - before, low, high, seen, self.unjudged, needed
        )

    def needed(self) -> int | None:
        """How many more until it is decided; without any so far, if both are alike."""
        seen = len(self._gained_at_worst)
        most = MOST_PAIRS / max(1, seen)
        times = min(self._good.needed(self._wanted, most), self._bad.needed(self._wanted_to_fail, most))
        if math.isinf(times):
            times = self._alike().needed(self._wanted, most)
        return more_pairs(seen, max(1, seen) * times)

    def _alike(self) -> Wealth:
        """What bets on the same differences would have earned if they were nothing on average."""
        gains = self._gained or [0.0]
        found, mean = Wealth(self._good.limit), math.fsum(gains) / len(gains)
        for gained in gains:
            found.add((1 + min(max(gained - mean, -1.0), 1.0)) / 2)
        return found
