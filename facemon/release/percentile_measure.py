"""A percentile of a candidate's times against that of its baseline."""

from __future__ import annotations

import math

from facemon.release.looks import Pair
from facemon.release.margins import Margin
from facemon.release.measure import MOST_PAIRS, MetricComparison, more_pairs
from facemon.release.quantiles import (
    log_evidence_higher,
    log_evidence_lower,
    pairs_needed,
    pairs_needed_alike,
    pairs_needed_higher,
    ratio_bounds,
)
from facemon.slo.aggregates import percentile
from facemon.slo.judging import ALPHA, Verdict

LOOK_EVERY = 10
"""Pairs: percentiles are weighed anew this often, and when 2 % more are there; everything else after every pair."""
_GROWTH = 50


class PercentileMeasure:
    """A percentile of a time: that of the candidate against that of the baseline, stretched by the margin."""

    def __init__(self, margin: Margin, rank: float, alpha_fail: float) -> None:
        self._margin, self._rank = margin, rank
        self._alpha_fail = alpha_fail
        self._wanted, self._wanted_to_fail = -math.log(ALPHA), -math.log(alpha_fail)
        self._times: tuple[list[float], list[float]] = ([], [])
        self._stretched: list[float] = []
        self._passed = self._failed = self._within = False
        self._next = LOOK_EVERY

    def add(self, pair: Pair) -> bool:
        read = self._margin.measure.read
        before, after = read(pair.baseline), read(pair.candidate)
        if before is not None and after is not None:
            self._times[0].append(before)
            self._times[1].append(after)
            self._stretched.append(before * (1 + self._margin.amount))
            if len(self._stretched) >= self._next:
                self._look()
        return True

    def _look(self) -> None:
        after, pairs = self._times[1], len(self._stretched)
        self._next = pairs + max(LOOK_EVERY, pairs // _GROWTH)
        for_it = log_evidence_lower(after, self._stretched, self._rank)
        against = log_evidence_higher(after, self._stretched, self._rank)
        self._passed = self._passed or for_it >= self._wanted
        self._failed = self._failed or against >= self._wanted_to_fail
        figure, limit = (percentile(sorted(times), self._rank) for times in (after, self._stretched))
        assert figure is not None and limit is not None  # noqa: PT018  mypy
        self._within = figure <= limit

    def verdict(self) -> Verdict:
        if not self._stretched:
            return Verdict.UNSCORED
        # What was shown once stays shown, but not against the figure itself: see `MeanDifference`.
        if self._failed and not self._within:
            return Verdict.FAIL
        return Verdict.PASS if self._passed and self._within else Verdict.INCONCLUSIVE

    def told(self) -> MetricComparison:
        verdict, pairs = self.verdict(), len(self._stretched)
        if not pairs:
            return MetricComparison(self._margin, verdict)
        before, after = (percentile(sorted(times), self._rank) for times in self._times)
        assert before is not None and after is not None  # noqa: PT018  mypy
        # Each bound at the confidence of the verdict that it could give.
        alphas = (self._alpha_fail, ALPHA)
        lower, upper = ratio_bounds(self._times[1], self._times[0], self._rank, alphas)
        limit = 1 + self._margin.amount
        lower = max(lower, limit) if verdict is Verdict.FAIL else lower
        upper = min(upper, limit) if verdict is Verdict.PASS else upper
        known = math.isfinite(before) and math.isfinite(after)
        return MetricComparison(
            self._margin,
            verdict,
            before,
            after,
            after / before - 1 if known else None,
            lower - 1,
            upper - 1,
            pairs,
            needed=self._needed(),
        )

    def _needed(self) -> int | None:
        if self.verdict() is not Verdict.INCONCLUSIVE:
            return None
        pairs, after = len(self._stretched), self._times[1]
        most = MOST_PAIRS / pairs
        passing = pairs_needed(after, self._stretched, self._rank, self._wanted, most)
        failing = pairs_needed_higher(after, self._stretched, self._rank, self._wanted_to_fail, most)
        total = pairs * min(passing, failing)
        if math.isinf(total):
            stretch = 1 + self._margin.amount
            total = pairs_needed_alike(after, self._times[0], self._rank, stretch, self._wanted, MOST_PAIRS)
        return more_pairs(pairs, total, self._next - pairs)
