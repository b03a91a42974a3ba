"""What a sample says for and against a promise: two p-values and the bounds that go with them.

A share (a rate, or a percentile, which is one: `p95 <= 3s` says that 95 % are within 3 s) is judged exactly, by the
binomial distribution; the mean of a bounded measure by betting, which assumes no distribution. Looking again and again
takes other evidence: e-values, the reciprocals of which are p-values that hold at every look.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from facemon.slo.betting import log_capital_above, log_capital_below, mean_bounds
from facemon.slo.intervals import Chance, chance_of_as_few, chance_of_as_many, percentile_bounds, rate_bounds
from facemon.slo.metrics import Kind, Metric
from facemon.slo.objectives import Objective, quantile
from facemon.slo.sequential import log_evidence_above, log_evidence_below, rate_sequence


@dataclass(frozen=True, slots=True)
class Evidence:
    """in_favour: the p-value against a broken promise, small when it is kept · against: that against a kept one ·
    lower, upper: one-sided bounds of the figure in the metric's unit.
    """

    in_favour: float
    against: float
    lower: float
    upper: float


def look(
    objective: Objective, values: Sequence[float], alpha: float, *, sequential: bool, bounds: bool = True
) -> Evidence:
    """The evidence of some values, in the order of the requests; not one of a RUN metric. values: not empty.

    bounds: False saves the time that they take, and leaves them infinite.
    """
    if objective.share is None:
        return _mean(objective, values, alpha, sequential, bounds)
    few, many = (_few_at_any_time, _many_at_any_time) if sequential else (chance_of_as_few, chance_of_as_many)
    trials, hits = len(values), _hits(objective, values)
    lower, upper = -math.inf, math.inf
    if bounds:
        lower, upper = _bounds(objective, values, hits, alpha, (few, many), sequential)
    return Evidence(many(hits, trials, objective.share), few(hits, trials, objective.share), lower, upper)


def _hits(objective: Objective, values: Sequence[float]) -> int:
    # `Objective.kept` of each value, ten times as fast.
    x, measure = np.asarray(values, np.float64), objective.measure
    if measure.kind is Kind.RATE:
        return int(np.count_nonzero((x != 0) != measure.low_is_good))
    return int(np.count_nonzero(x <= objective.limit if measure.low_is_good else x >= objective.limit))


def _bounds(
    objective: Objective,
    values: Sequence[float],
    hits: int,
    alpha: float,
    chances: tuple[Chance, Chance],
    sequential: bool,
) -> tuple[float, float]:
    rank = quantile(objective.statistic)
    if rank is not None:
        few, many = chances
        return percentile_bounds(sorted(values), rank, 1 - alpha, few, many)
    trials = len(values)
    kept = rate_sequence(hits, trials, alpha) if sequential else rate_bounds(hits, trials, 1 - alpha)
    return (1 - kept[1], 1 - kept[0]) if objective.measure.low_is_good else kept


def _mean(
    objective: Objective, values: Sequence[float], alpha: float, sequential: bool, bounds: bool
) -> Evidence:
    metric, planned = objective.measure, None if sequential else len(values)
    shares, limit = unit_values(metric, values), _unit(metric, objective.limit)
    # Capital once won stays won, so that a service that got worse would pass with a mean beyond its limit. Evidence
    # that the mean itself contradicts is dropped; a p-value made larger still holds.
    mean = math.fsum(shares) / len(shares)
    above = math.exp(-log_capital_above(shares, limit, alpha, planned)) if mean > limit else 1.0
    below = math.exp(-log_capital_below(shares, limit, alpha, planned)) if mean < limit else 1.0
    lower, upper = -math.inf, math.inf
    if bounds:
        lower, upper = (_back(metric, bound) for bound in mean_bounds(shares, alpha, planned))
    if metric.low_is_good:
        return Evidence(below, above, lower, upper)
    return Evidence(above, below, lower, upper)


def unit_values(metric: Metric, values: Iterable[float]) -> list[float]:
    """The values as shares of the metric's range; what lies beyond it counts as its end."""
    assert metric.kind is Kind.VALUE
    x = np.asarray(list(values), np.float64)
    shares: list[float] = np.clip((x - metric.lowest) / (metric.highest - metric.lowest), 0.0, 1.0).tolist()
    return shares


def _unit(metric: Metric, value: float) -> float:
    return (value - metric.lowest) / (metric.highest - metric.lowest)


def _back(metric: Metric, share: float) -> float:
    return metric.lowest + share * (metric.highest - metric.lowest)


def _many_at_any_time(hits: int, trials: int, share: float) -> float:
    return min(1.0, math.exp(-log_evidence_above(hits, trials, share)))


def _few_at_any_time(hits: int, trials: int, share: float) -> float:
    return min(1.0, math.exp(-log_evidence_below(hits, trials, share)))
