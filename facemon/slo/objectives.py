"""Objectives: promises over many records. What one is, and which are no promises at all."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from facemon.errors import ConfigError, shorten
from facemon.model import AGES, GENDERS, MonitoringData
from facemon.slo.intervals import CONFIDENCE, chance_of_as_few
from facemon.slo.metrics import METRICS, PERCENTILE, SECONDS, Kind, Metric

# What a figure can be split by, and the values that a run owes where they are known before.
AXES: dict[str, Callable[[MonitoringData], object]] = {
    "age": lambda record: record.request_params.age,
    "gender": lambda record: record.request_params.gender,
    "model": lambda record: record.request_params.model,
    "template": lambda record: record.request_params.template,
    "check": lambda record: record.check and record.check.partition("[")[0],  # all its parameters together
}
KNOWN_VALUES: dict[str, tuple[object, ...]] = {"age": AGES, "gender": GENDERS}
SIGNIFICANT = 12  # digits of a limit: what a person wrote, and not what its halves add up to
_MOST_SAMPLES = 1_000_000
_RAREST = 0.0001 - 1e-12  # 29,956 samples tell a share as rare: what would take more is no promise
_SHORTEST_WINDOW = 60.0  # seconds
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,4})?)")


class ObjectiveError(ConfigError):
    """An objective that is none: with the value, the reason, and what is accepted."""


@dataclass(frozen=True, slots=True)
class Objective:
    """A promise such as `response_time.p95 <= 3s by age over 1h from 200 samples`.

    metric: a name of `METRICS` · statistic: `mean`, `max` or a percentile; None for a rate and a pace · limit: in the
    metric's canonical unit (seconds, a share, points, pictures a minute, MB) · by: `AXES` that split it · window:
    seconds back from the end of the run, None: the run itself · samples: fewer decide nothing. Limit and window keep
    12 significant digits.

    Raises ObjectiveError for one that can never fail, can never be confirmed, or would fail for one failure.
    """

    metric: str
    statistic: str | None
    limit: float
    by: tuple[str, ...] = ()
    window: float | None = None
    samples: int | None = None

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "limit", _round(self.limit + 0.0))
        except (TypeError, OverflowError):
            raise ObjectiveError(f"{shorten(self.limit)} is no limit: give a number") from None
        object.__setattr__(self, "by", tuple(self.by))
        if self.window is not None:
            object.__setattr__(self, "window", _round(self.window))
        _check_names(self)
        _check_limit(self)
        _check_clauses(self)

    def __str__(self) -> str:
        from facemon.slo.language import show

        return show(self)

    @property
    def measure(self) -> Metric:
        """What it is about."""
        return METRICS[self.metric]

    @property
    def share(self) -> float | None:
        """The share of generations that must keep the promise; None where the promise is not one about a share."""
        measure, rank = self.measure, quantile(self.statistic)
        if measure.kind is Kind.RATE:
            return _round(1 - self.limit) if measure.low_is_good else self.limit
        if rank is None:
            return None
        return rank if measure.low_is_good else _round(1 - rank)

    @property
    def fewest(self) -> int:
        """Samples below which nothing is decided: by default so many that one failure alone refutes nothing."""
        if self.samples is not None:
            return self.samples
        return 1 if self.share is None else _fewest_to_bear_one(self.share)

    def kept(self, value: float) -> bool:
        """Whether one generation keeps a promise about a share."""
        if self.measure.kind is Kind.RATE:
            return bool(value) is not self.measure.low_is_good
        return value <= self.limit if self.measure.low_is_good else value >= self.limit


def quantile(statistic: str | None) -> float | None:
    """0.95 for `p95`; None for what is no percentile."""
    found = _PERCENTILE.fullmatch(statistic or "")
    return _round(float(found[1]) / 100) if found else None


def fewest_to_confirm(share: float, confidence: float = CONFIDENCE) -> int:
    """How many samples without a miss confirm that at least `share` keep the promise: 59 for 95 %, 299 for 99 %."""
    return max(1, math.ceil(math.log(1 - confidence) / math.log(share) - 1e-9))


def default_objectives(response_time_limit: float = 3.0) -> tuple[Objective, ...]:
    """The specification's promises over one run of the checks.

    95 % is the highest share that 59 generations can confirm at 95 % confidence.
    """
    return (
        Objective("success_rate", None, 0.95),
        Objective("first_attempt_success_rate", None, 0.95),
        Objective("response_time", "p95", response_time_limit),
        Objective("sound_picture_rate", None, 0.95),
    )


def _check_names(promise: Objective) -> None:
    if promise.metric not in METRICS:
        raise ObjectiveError(f"there is no metric {promise.metric!r}: give {', '.join(METRICS)}")
    accepted = promise.measure.statistics
    if not accepted:
        if promise.statistic is not None:
            raise ObjectiveError(
                f"{promise.metric} is one figure and has no statistic: leave .{promise.statistic} out"
            )
        return
    named = PERCENTILE if quantile(promise.statistic) is not None else promise.statistic
    if named not in accepted:
        choices = ", ".join(f"{promise.metric}.{name}" for name in _spelt(accepted))
        given = "no statistic" if promise.statistic is None else f"no statistic {promise.statistic!r}"
        raise ObjectiveError(f"{promise.metric} has {given} to judge by: give {choices}")
    rank = quantile(promise.statistic)
    if rank is not None and not _RAREST <= rank <= 1 - _RAREST:
        raise ObjectiveError(
            f"{promise.statistic} is no percentile that samples can tell: give one from p0.01 to p99.99"
        )


def _spelt(statistics: tuple[str, ...]) -> list[str]:
    return ["p50, p95, p99 (any percentile)" if name == PERCENTILE else name for name in statistics]


def _check_limit(promise: Objective) -> None:
    measure, limit = promise.measure, promise.limit
    if not math.isfinite(limit) or limit < 0:
        raise ObjectiveError(f"{limit:g} is no limit for {promise.metric}: give {measure.unit.name} above 0")
    if measure.kind is Kind.RATE:
        _check_share(promise, promise.share or 0.0)
        return
    worst, best = (
        (measure.highest, measure.lowest) if measure.low_is_good else (measure.lowest, measure.highest)
    )
    if measure.unit is SECONDS and quantile(promise.statistic) is not None:
        worst = math.inf  # a failure is slower than any limit
    if (limit >= worst) if measure.low_is_good else (limit <= worst):
        raise ObjectiveError(
            f"it can never fail: {promise.metric} is never {'above' if measure.low_is_good else 'below'} {worst:g}"
        )
    if (limit <= best) if measure.low_is_good else (limit >= best):
        raise ObjectiveError(
            f"it can never be confirmed: {promise.metric} is never {'below' if measure.low_is_good else 'above'} "
            f"{best:g}"
        )


def _check_share(promise: Objective, share: float) -> None:
    if share > 1 or promise.limit > 1:
        raise ObjectiveError(f"{promise.limit * 100:g}% is more than all: give a share from 1% to 99.99%")
    if share == 1:
        raise ObjectiveError(
            "it would fail for one failure, and no number of samples could confirm it: give a share such as "
            f"{'1%' if promise.measure.low_is_good else '99%'}"
        )
    if share <= 0:
        raise ObjectiveError("it can never fail: any number of failures keeps it")
    if not _RAREST <= share <= 1 - _RAREST:
        never = "fail" if share < 0.5 else "be confirmed"
        raise ObjectiveError(
            f"it can hardly ever {never}: that takes more than 30000 samples; give a share from 0.01% to 99.99%"
        )


def _check_clauses(promise: Objective) -> None:
    for axis in promise.by:
        if axis not in AXES:
            raise ObjectiveError(f"it cannot be split by {axis!r}: give {', '.join(AXES)}")
    if len(set(promise.by)) < len(promise.by):
        raise ObjectiveError(f"it is split by {', '.join(promise.by)}: name each once")
    whole_run = promise.measure.kind is Kind.RUN
    if whole_run and (promise.by or promise.window is not None or promise.samples is not None):
        raise ObjectiveError(
            f"{promise.metric} is one figure of a whole run: leave `by`, `over` and `from` out"
        )
    if promise.window is not None and not _SHORTEST_WINDOW <= promise.window <= 366 * 86400:
        raise ObjectiveError(f"a window of {promise.window:.12g} s is not accepted: give 1min to 366d")
    if promise.samples is not None:
        _check_samples(promise, promise.samples)


def _check_samples(promise: Objective, samples: int) -> None:
    if not 1 <= samples <= _MOST_SAMPLES:
        raise ObjectiveError(f"{samples} samples are not accepted: give 1 to {_MOST_SAMPLES}")
    share = promise.share
    if share is not None and chance_of_as_few(samples - 1, samples, share) <= 1 - CONFIDENCE + 1e-12:
        raise ObjectiveError(
            f"it would fail for one failure in {samples}: give {_fewest_to_bear_one(share)} samples or more"
        )


def _fewest_to_bear_one(share: float) -> int:
    # One failure in n refutes the share where n chances of one are less than the error allowed.
    return math.floor(math.log(CONFIDENCE) / math.log(share) + 1e-9) + 1


def _round(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT}g}")
