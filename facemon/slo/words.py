"""Judgements in words, for whatever shows them: the terminal, a report, an issue."""

from __future__ import annotations

import math

from facemon.slo.judging import Judgement, Verdict
from facemon.slo.metrics import PACE, SECONDS, SHARE, Kind, Metric

_MOST_DIGITS = 9


def percent(share: float, *, low_is_good: bool = False) -> str:
    """Cut, not rounded, and up where low is good: neither a bound nor a rate ever looks better than it is."""
    tenths = math.ceil(share * 1000 - 1e-9) if low_is_good else math.floor(share * 1000 + 1e-9)
    return f"{tenths / 10:.1f}%"


def amount(metric: Metric, value: float | None, limit: float | None = None) -> str:
    """A figure of a metric with its unit: `98.6%`, `2.31 s`, `a failure` for a percentile that lies among them.

    limit: what it is read beside; `3.004 s` where rounding would make it the limit that it is not.
    """
    if value is None:
        return "no data"
    if metric.unit is SHARE:
        return percent(value, low_is_good=metric.low_is_good) if math.isfinite(value) else "unbounded"
    if math.isinf(value):
        return ("a failure" if metric.unit is SECONDS else "unbounded") if value > 0 else "unbounded"
    spelling = next(iter(metric.unit.scales))
    digits = 4 if metric.unit is PACE else 3
    number = f"{value:.{digits}g}" if value < 1000 else f"{value:.0f}"
    while limit is not None and float(number) == limit != value and digits < _MOST_DIGITS:
        digits += 1
        number = f"{value:.{digits}g}"
    return f"{number}{spelling}" if metric.unit is PACE else f"{number} {spelling}".strip()


def figure(judgement: Judgement) -> str:
    """What was observed: `p95 2.31 s`; with the figure of the first attempts where retries mended it."""
    objective, metric = judgement.objective, judgement.objective.measure
    said = amount(metric, judgement.value, objective.limit)
    if judgement.value is not None and objective.statistic is not None:
        said = f"{objective.statistic} {said}"
    return said


def first_attempts(judgement: Judgement) -> str:
    """The figure of the first attempts alone; empty where it is the same."""
    if judgement.first is None or judgement.first == judgement.value:
        return ""
    return f"{amount(judgement.objective.measure, judgement.first)} at the first attempt"


def interval(judgement: Judgement) -> str:
    """Both one-sided bounds; empty without data or where nothing is uncertain."""
    if judgement.verdict is Verdict.UNSCORED or judgement.value is None:
        return ""
    whole_run = judgement.objective.measure.kind is Kind.RUN
    if whole_run and judgement.lower == judgement.upper == judgement.value:
        return "counted"
    metric, limit = judgement.objective.measure, judgement.objective.limit
    lower = amount(metric, max(judgement.lower, metric.lowest), limit)
    return f"{lower} to {'?' if math.isinf(judgement.upper) else amount(metric, judgement.upper, limit)}"


def needed(judgement: Judgement) -> str:
    """How much more it would take to decide; empty for what is decided, or where samples do not say."""
    if judgement.verdict not in (Verdict.INCONCLUSIVE, Verdict.UNSCORED):
        return ""
    if judgement.needed is None:
        silent = judgement.verdict is Verdict.UNSCORED or judgement.objective.measure.kind is Kind.RUN
        return "" if silent else "no affordable number of samples would decide"
    more = "sample" if judgement.needed == 1 else "samples"
    return f"{judgement.needed} more {more} would decide"
