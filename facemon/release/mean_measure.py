"""A rate or a mean of a candidate against that of its baseline."""

from __future__ import annotations

import math

from facemon.model import MonitoringData
from facemon.release.margins import Margin
from facemon.release.measure import MOST_PAIRS, MetricComparison, more_pairs
from facemon.release.wealth import Wealth, lower_bound
from facemon.slo.judging import ALPHA, Verdict


class MeanMeasure:
    """A rate or a mean: the mean difference of pairs, as a share of the metric's range, by betting on both sides.

    A picture that came and has no score counts as the worst candidate or the best baseline there can be when the
    question is whether to pass, and not at all when it is whether to fail.
    """

    def __init__(self, margin: Margin, alpha_fail: float) -> None:
        self._margin, metric = margin, margin.measure
        self._span = metric.highest - metric.lowest
        self._sign = -1.0 if metric.low_is_good else 1.0
        self._wanted, self._wanted_to_fail = -math.log(ALPHA), -math.log(alpha_fail)
        # A difference d from -1 to 1 is bet on as (1 + d) / 2, or mirrored as (1 - d) / 2.
        self._good, self._bad = Wealth((1 - margin.share) / 2), Wealth((1 + margin.share) / 2)
        self._gained: list[float] = []
        self._sums = [0.0, 0.0]
        self._unjudged = 0

    def add(self, baseline: MonitoringData, candidate: MonitoringData) -> bool:
        read = self._margin.measure.read
        before, after = read(baseline), read(candidate)
        if before is not None and after is not None:
            before, after = self._within(before), self._within(after)
            gained = self._sign * (after - before) / self._span
            self._sums[0] += before
            self._sums[1] += after
            self._gained.append(gained)
            self._good.add((1 + gained) / 2)
            self._bad.add((1 - gained) / 2)
            return True
        # Without a picture there is nothing to judge; whether pictures come is another metric's question.
        if baseline.succeeded and candidate.succeeded:
            self._unjudged += 1
            self._good.add(0.0)
            return False
        return True

    def _within(self, value: float) -> float:
        return min(max(value, self._margin.measure.lowest), self._margin.measure.highest)

    def verdict(self) -> Verdict:
        if not self._gained:
            return Verdict.UNSCORED
        if self._bad.best >= self._wanted_to_fail:
            return Verdict.FAIL
        return Verdict.PASS if self._good.best >= self._wanted else Verdict.INCONCLUSIVE

    def told(self) -> MetricComparison:
        verdict, pairs = self.verdict(), len(self._gained)
        if not pairs:
            return MetricComparison(self._margin, verdict, unjudged=self._unjudged)
        lower = 2 * lower_bound([0.0] * self._unjudged + [(1 + d) / 2 for d in self._gained], ALPHA) - 1
        upper = 1 - 2 * lower_bound([(1 - d) / 2 for d in self._gained], ALPHA)
        # What was excluded once stays so: the bounds hold at every look together.
        lower = max(lower, -self._margin.share) if verdict is Verdict.PASS else lower
        upper = min(upper, -self._margin.share) if verdict is Verdict.FAIL else upper
        low, high = sorted((self._sign * lower * self._span, self._sign * upper * self._span))
        before, after = (total / pairs for total in self._sums)
        return MetricComparison(
            self._margin,
            verdict,
            before,
            after,
            after - before,
            low,
            high,
            pairs,
            self._unjudged,
            self._needed(),
        )

    def _needed(self) -> int | None:
        if self.verdict() is not Verdict.INCONCLUSIVE:
            return None
        seen = len(self._gained) + self._unjudged
        most = MOST_PAIRS / seen
        times = min(self._good.needed(self._wanted, most), self._bad.needed(self._wanted_to_fail, most))
        if math.isinf(times):
            times = self._alike().needed(self._wanted, most)
        return more_pairs(seen, seen * times)

    def _alike(self) -> Wealth:
        """What bets on the same differences would have earned if they were nothing on average."""
        found, mean = Wealth(self._good.limit), math.fsum(self._gained) / len(self._gained)
        for gained in self._gained:
            found.add((1 + min(max(gained - mean, -1.0), 1.0)) / 2)
        return found
