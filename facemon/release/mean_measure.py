"""A rate or a mean of a candidate against that of its baseline."""

from __future__ import annotations

from facemon.release.looks import Pair
from facemon.release.margins import Margin
from facemon.release.mean_difference import MeanDifference
from facemon.release.measure import MetricComparison
from facemon.slo.judging import Verdict


class MeanMeasure:
    """A rate or a mean: the mean difference of pairs."""

    def __init__(self, margin: Margin, alpha_fail: float) -> None:
        self._read = margin.measure.read
        self._difference = MeanDifference(margin, alpha_fail)

    def add(self, pair: Pair) -> bool:
        before, after = self._read(pair.baseline), self._read(pair.candidate)
        if before is not None and after is not None:
            self._difference.add(before, after)
            return True
        # Without a picture there is nothing to judge; whether pictures come is another metric's question.
        if pair.baseline.succeeded and pair.candidate.succeeded:
            self._difference.add_unjudged()
            return False
        return True

    def verdict(self) -> Verdict:
        return self._difference.verdict()

    def told(self) -> MetricComparison:
        return self._difference.told()
