"""What an objective can be about: every metric of the specification, with its unit, its statistics and its range."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from dataclasses import dataclass

from facemon.model import MonitoringData

DEADLINE = 180.0  # seconds: the default of the setting `generation_timeout`
# What no run on one machine reaches: a limit beyond it could never fail, or never be confirmed.
_MOST_PACE, _MOST_MEMORY, _MOST_CORES = 1e6, 1e8, 1024.0


class Kind(enum.Enum):
    """How the figure comes about.

    RATE: the share of generations that did · VALUE: a number from each generation · RUN: one figure of a whole run,
    counted and not sampled.
    """

    RATE = "rate"
    VALUE = "value"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Unit:
    """How a limit is written. scales: spelling → how many canonical units it is; the first one is printed."""

    name: str
    scales: dict[str, float]


SECONDS = Unit("a duration", {"s": 1.0, "ms": 0.001, "min": 60.0})
SHARE = Unit("a share", {"%": 0.01, "": 1.0})
PROBABILITY = Unit("a probability from 0 to 1", {"": 1.0, "%": 0.01})
POINTS = Unit("points from 0 to 100", {"": 1.0, "points": 1.0})
COUNT = Unit("a number", {"": 1.0})
PACE = Unit("pictures in a time", {"/min": 1.0, "/s": 60.0, "/h": 1 / 60})
BYTES = Unit("an amount of memory", {"MB": 1.0, "GB": 1000.0, "kB": 0.001})
CREDITS = Unit("credits", {"credits": 1.0, "": 1.0})


@dataclass(frozen=True, slots=True)
class Metric:
    """name: as the specification has it · read: the number of one record, None where this record cannot tell.

    A RATE reads 1 or 0. lowest, highest: what a value can be, which the interval of a mean rests on; beyond it a value
    counts as that · low_is_good: whether a promise is an upper limit · summary: in the words of the documentation.
    """

    name: str
    kind: Kind
    unit: Unit
    low_is_good: bool
    summary: str
    statistics: tuple[str, ...] = ()
    read: Callable[[MonitoringData], float | None] = lambda _: None
    lowest: float = 0.0
    highest: float = 1.0


def _response_time(record: MonitoringData) -> float:
    # A failure is slower than any limit, and a mean needs a finite one: the deadline.
    return record.performance.response_time if record.succeeded else math.inf


def _first_time(record: MonitoringData) -> float | None:
    if not record.attempts:
        return _response_time(record)
    first = record.attempts[0]
    return first.duration if first.succeeded else math.inf


def _sound(record: MonitoringData) -> float | None:
    if not record.succeeded:
        return None
    if record.quality.failed:
        return 0.0
    blind = record.quality.pending or record.quality.unscored or not record.quality.scores
    return None if blind else 1.0


PERCENTILE = "pNN"
"""Stands for every percentile: p50, p95, p99, p99.9 …"""

_EACH = (
    Metric(
        "success_rate",
        Kind.RATE,
        SHARE,
        False,
        "requests that ended with a picture",
        read=lambda record: float(record.succeeded),
    ),
    Metric(
        "first_attempt_success_rate",
        Kind.RATE,
        SHARE,
        False,
        "requests that ended with a picture without a retry",
        read=lambda record: float(record.first_attempt_succeeded),
    ),
    Metric(
        "error_rate",
        Kind.RATE,
        SHARE,
        True,
        "requests that ended without a picture",
        read=lambda record: float(not record.succeeded),
    ),
    Metric(
        "sound_picture_rate",
        Kind.RATE,
        SHARE,
        False,
        "judged pictures in which no evaluator found a fault",
        read=_sound,
    ),
    Metric(
        "response_time",
        Kind.VALUE,
        SECONDS,
        True,
        "from the call until the picture was there; a failure is slower than any limit",
        (PERCENTILE, "mean"),
        _response_time,
        highest=DEADLINE,
    ),
    Metric(
        "first_attempt_time",
        Kind.VALUE,
        SECONDS,
        True,
        "the same of the first attempt alone",
        (PERCENTILE, "mean"),
        _first_time,
        highest=DEADLINE,
    ),
    Metric(
        "quality_score",
        Kind.VALUE,
        POINTS,
        False,
        "how good the pictures are as portraits",
        ("mean", PERCENTILE),
        lambda record: record.quality.quality_score,
        highest=100.0,
    ),
    Metric(
        "prompt_adherence",
        Kind.VALUE,
        PROBABILITY,
        False,
        "the probability that a picture shows the age and gender asked",
        ("mean", PERCENTILE),
        lambda record: record.quality.prompt_adherence,
    ),
    Metric(
        "retry_count",
        Kind.VALUE,
        COUNT,
        True,
        "attempts after the first, of one request",
        ("mean",),
        lambda record: float(record.retry_count),
        highest=3.0,
    ),
    Metric(
        "credits",
        Kind.VALUE,
        CREDITS,
        True,
        "what one picture cost",
        ("mean",),
        lambda record: record.image.credits if record.image else None,
        highest=100.0,
    ),
)
_RUN = (
    Metric(
        "diversity_score",
        Kind.RUN,
        POINTS,
        False,
        "how different the people on the run's portraits are",
        highest=100.0,
    ),
    Metric(
        "throughput",
        Kind.RUN,
        PACE,
        False,
        "pictures that came in the time of a run with `--facemon-rate`",
        highest=_MOST_PACE,
    ),
    Metric("memory", Kind.RUN, BYTES, True, "of one process of the run", ("max",), highest=_MOST_MEMORY),
    Metric(
        "cpu",
        Kind.RUN,
        SHARE,
        True,
        "of one core, all processes of the run with `--facemon-rate` together",
        ("mean",),
        highest=_MOST_CORES,
    ),
)
METRICS: dict[str, Metric] = {metric.name: metric for metric in (*_EACH, *_RUN)}
