"""What a candidate's pictures cost against those of its baseline."""

from __future__ import annotations

import math

from facemon.release.looks import Pair
from facemon.release.margins import Margin
from facemon.release.measure import MetricComparison
from facemon.slo.judging import Verdict

_CENT = 1e-9


class PriceMeasure:
    """What a picture costs: a price list, and no estimate."""

    def __init__(self, margin: Margin) -> None:
        self._margin = margin
        self._prices: tuple[list[float], list[float]] = ([], [])

    def add(self, pair: Pair) -> bool:
        for prices, record in zip(self._prices, (pair.baseline, pair.candidate), strict=True):
            price = self._margin.measure.read(record)
            if price is not None:
                prices.append(price)
        return True

    def verdict(self) -> Verdict:
        if not all(self._prices):
            return Verdict.UNSCORED
        before, after = (math.fsum(prices) / len(prices) for prices in self._prices)
        return Verdict.PASS if after <= before * (1 + self._margin.amount) + _CENT else Verdict.FAIL

    def told(self) -> MetricComparison:
        verdict = self.verdict()
        if verdict is Verdict.UNSCORED:
            return MetricComparison(self._margin, verdict)
        before, after = (math.fsum(prices) / len(prices) for prices in self._prices)
        more = after / before - 1 if before else (math.inf if after else 0.0)
        pairs = min(map(len, self._prices))
        return MetricComparison(self._margin, verdict, before, after, more, more, more, pairs)
