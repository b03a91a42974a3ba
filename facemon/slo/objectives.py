"""Objectives: promises over many records, judged with their uncertainty.

Each of today's objectives is a rate: the share of generations that kept the promise. `response_time.p95 <= 3s` says
that at least 95 % of generations are within 3 s, so its verdict is that of a rate too (exactly the order-statistic
interval of a percentile).
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from facemon.model import MonitoringData, State
from facemon.slo.aggregates import percentile, response_times
from facemon.slo.intervals import CONFIDENCE, rate_bounds

_MOST_SAMPLES = 1_000_000
_MOST_STEPS = 100


class Verdict(enum.StrEnum):
    """What the evidence says of a promise."""

    PASS = "pass"  # noqa: S105  a verdict
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    UNSCORED = "unscored"


@dataclass(frozen=True, slots=True)
class Objective:
    """A promise: at least `share` of the generations satisfy `kept` (None: this one cannot tell).

    text: as a person reads it aloud · figure: the observed figure in words.
    """

    text: str
    share: float
    kept: Callable[[MonitoringData], bool | None]
    figure: Callable[[Sequence[MonitoringData]], str] | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A promise judged. lower and upper: one-sided bounds of the share that kept it, each at 95 % confidence.

    needed: more generations until the evidence suffices, if it goes on as it did; None if that cannot be said.
    """

    text: str
    verdict: Verdict
    figure: str
    samples: int
    kept: int
    lower: float
    upper: float
    needed: int | None = None


def default_objectives(response_time_limit: float = 3.0) -> tuple[Objective, ...]:
    """The specification's promise on time, and what a picture service owes without saying so.

    95 % is the highest share that 59 generations can confirm at 95 % confidence.
    """
    limit = response_time_limit

    def in_time(record: MonitoringData) -> bool:
        return record.succeeded and record.performance.response_time <= limit

    def sound(record: MonitoringData) -> bool | None:
        if not record.succeeded:
            return None
        if record.quality.failed:
            return False
        blind = record.quality.pending or record.quality.unscored or not record.quality.scores
        return None if blind else True

    return (
        Objective("success_rate >= 95%", 0.95, lambda record: record.succeeded),
        Objective("first_attempt_success_rate >= 95%", 0.95, lambda record: record.first_attempt_succeeded),
        Objective(f"response_time.p95 <= {limit:g}s", 0.95, in_time, _p95),
        Objective("sound_picture_rate >= 95%", 0.95, sound),
    )


def judge(objective: Objective, records: Sequence[MonitoringData]) -> Judgement:
    """The verdict over the records that can tell; generations of unknown state cannot."""
    able = [(record, objective.kept(record)) for record in records if record.state is not State.UNKNOWN]
    telling = [(record, kept) for record, kept in able if kept is not None]
    trials, hits = len(telling), sum(kept for _, kept in telling)
    lower, upper = rate_bounds(hits, trials)
    if not trials:
        return Judgement(objective.text, Verdict.UNSCORED, "no data", 0, 0, lower, upper)
    figure = (
        objective.figure([record for record, _ in telling]) if objective.figure else percent(hits / trials)
    )
    verdict = _verdict(lower, upper, objective.share)
    needed = _needed(hits, trials, objective.share) if verdict is Verdict.INCONCLUSIVE else None
    return Judgement(objective.text, verdict, figure, trials, hits, lower, upper, needed)


def percent(share: float) -> str:
    """Cut, not rounded: neither a bound nor a rate ever looks better than it is."""
    return f"{math.floor(share * 1000 + 1e-9) / 10:.1f}%"


def _verdict(lower: float, upper: float, share: float) -> Verdict:
    if lower >= share:
        return Verdict.PASS
    return Verdict.FAIL if upper < share else Verdict.INCONCLUSIVE


def _needed(hits: int, trials: int, share: float) -> int | None:
    """How many more trials decide it, if the misses go on at the rate seen so far."""
    miss_rate = (trials - hits) / trials

    def decided(total: int) -> bool:
        misses = round(miss_rate * total)
        return _verdict(*rate_bounds(total - misses, total, CONFIDENCE), share) is not Verdict.INCONCLUSIVE

    low, high = trials, trials * 2
    while not decided(high):
        low, high = high, high * 2
        if high > _MOST_SAMPLES:
            return None
    high = _least(decided, low, high)
    # The misses are whole: just before the next one is due, fewer trials may decide than after it.
    first = round(miss_rate * trials)
    for misses in range(first, min(round(miss_rate * high), first + _MOST_STEPS)):
        last = int((misses + 0.5) / miss_rate)
        while round(miss_rate * last) > misses:
            last -= 1
        if trials < last < high and decided(last):
            return _least(decided, trials, last) - trials
    return high - trials


def _least(decided: Callable[[int], bool], low: int, high: int) -> int:
    """A number that decides, the one before it does not; `low` does not, `high` does."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if decided(middle) else (middle, high)
    return high


def _p95(records: Sequence[MonitoringData]) -> str:
    value = percentile(sorted(response_times(records)), 0.95)
    assert value is not None
    return "p95 a failure" if value == float("inf") else f"p95 {value:.3g} s"
