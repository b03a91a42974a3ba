"""How much worse a candidate may be, metric by metric: `success_rate=1%`, `response_time.p95=10%`."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from facemon.errors import InvalidInput
from facemon.slo.metrics import METRICS, PERCENTILE, Kind, Metric
from facemon.slo.objectives import quantile

OFF = "off"
_NUMBER = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(\S*)", re.ASCII)
_MOST_RATIO = 10.0  # ten times as much again; beyond it nothing is compared
# Metrics that a pair of generations cannot tell apart, or that say the same as another one.
_WITHOUT = frozenset(("error_rate",))
_OF_PICTURES = "diversity_score"  # one figure of a run, which blocks of pairs have one of each


@dataclass(frozen=True, slots=True)
class Margin:
    """How much worse than the baseline still is no regression.

    metric, statistic: as in an objective · amount: for a percentile and for credits a share of the baseline's figure,
    else in the metric's canonical unit (a share, points, a probability).
    Raises InvalidInput for one that nothing could confirm, and for one that nothing could exceed.
    """

    metric: str
    statistic: str | None
    amount: float

    def __post_init__(self) -> None:
        if not _comparable(self.metric, self.statistic):
            raise InvalidInput("margin", self.name, f"one of {', '.join(known())}{_near(self.name)}")
        high, unit = self.measure.highest - self.measure.lowest, self.measure.unit.name
        if self.relative:
            high, unit = _MOST_RATIO, "a share of the baseline's figure"
        lowest_is_nothing = self.counted and self.amount == 0
        if not math.isfinite(self.amount) or not (self.amount > 0 or lowest_is_nothing):
            reason = "more than 0 (no number of pairs could confirm that nothing at all is lost)"
            raise InvalidInput(f"margin of {self.name}", self.amount, f"{unit}, {reason}")
        if self.amount >= high:
            raise InvalidInput(f"margin of {self.name}", self.amount, f"{unit}, less than {high:g}")

    @property
    def name(self) -> str:
        """`response_time.p95`."""
        return self.metric if self.statistic is None else f"{self.metric}.{self.statistic}"

    @property
    def measure(self) -> Metric:
        """What it is about."""
        return METRICS[self.metric]

    @property
    def rank(self) -> float | None:
        """0.95 for p95; None for what is no percentile."""
        return quantile(self.statistic)

    @property
    def relative(self) -> bool:
        """Whether the amount is a share of the baseline's figure."""
        return self.rank is not None or self.metric == "credits"

    @property
    def counted(self) -> bool:
        """Whether the figure is known exactly: a price is no estimate."""
        return self.metric == "credits"

    @property
    def of_pictures(self) -> bool:
        """Whether it takes the pictures themselves: how alike people look is in no record."""
        return self.metric == _OF_PICTURES

    @property
    def share(self) -> float:
        """The amount as a share of what the metric's values can differ by; not of a relative one."""
        return self.amount / (self.measure.highest - self.measure.lowest)

    def __str__(self) -> str:
        return f"{self.name}={_spelt(self)}"


def margins_of(texts: Iterable[str], *, kept: bool = False) -> tuple[Margin, ...]:
    """The defaults, each replaced or taken out by what was said; what is new comes last.

    kept: the baseline is a kept run, which holds no pictures: a margin that takes them is refused where it was said,
    and stays among the defaults, for the gate to leave out and to say so. Raises InvalidInput.
    """
    chosen = {margin.name: margin for margin in DEFAULTS}
    said: set[str] = set()
    for text in texts:
        name, amount = _split(text)
        if name in said:
            raise InvalidInput("margin", text, f"one margin for {name}: it was given twice")
        said.add(name)
        if amount == OFF:
            if name not in chosen:
                raise InvalidInput("margin", text, f"{OFF} for one of {', '.join(chosen)}{_near(name)}")
            del chosen[name]
        else:
            chosen[name] = _parsed(name, amount)
            if kept and chosen[name].of_pictures:
                way = f"none for {name} with a kept run, which holds no pictures: ask both sides, or leave it out"
                raise InvalidInput("margin", text, way)
    if all(margin.counted or (kept and margin.of_pictures) for margin in chosen.values()):
        raise InvalidInput("margins", "all off", "at least one metric to compare")
    return tuple(chosen.values())


def known() -> tuple[str, ...]:
    """The names that a margin can be about; pNN stands for any percentile."""
    names = []
    for metric in METRICS.values():
        if metric.kind is not Kind.VALUE and _comparable(metric.name, None):
            names.append(metric.name)
        if metric.kind is Kind.VALUE:
            pairs = ((metric.name, statistic) for statistic in metric.statistics)
            names += [f"{name}.{statistic}" for name, statistic in pairs if _comparable(name, statistic)]
    return tuple(names)


def _comparable(name: str, statistic: str | None) -> bool:
    metric = METRICS.get(name)
    if name == _OF_PICTURES:
        return statistic is None
    if metric is None or metric.kind is Kind.RUN or name in _WITHOUT:
        return False
    if metric.kind is Kind.RATE:
        return statistic is None
    timed = name in ("response_time", "first_attempt_time")
    if statistic == PERCENTILE:
        return timed
    rank = quantile(statistic)
    if rank is not None:
        return timed and 0 < rank < 1
    # A mean of times that run up to a deadline of minutes would take tens of thousands of pairs.
    return statistic == "mean" and "mean" in metric.statistics and not timed


def _split(text: str) -> tuple[str, str]:
    name, sign, amount = text.partition("=")
    if not sign or not name.strip() or not amount.strip():
        raise InvalidInput("margin", text, "METRIC=AMOUNT, such as response_time.p95=10%")
    name = name.strip()
    alone = METRICS.get(name)
    if alone is not None and alone.kind is Kind.VALUE and _comparable(name, "mean"):
        name = f"{name}.mean"  # the one statistic there is
    return name, amount.strip()


def _parsed(name: str, text: str) -> Margin:
    metric_name, _, statistic = name.partition(".")
    if not _comparable(metric_name, statistic or None):
        raise InvalidInput("margin", f"{name}={text}", f"one of {', '.join(known())}{_near(name)}")
    metric, found = METRICS[metric_name], _NUMBER.fullmatch(text)
    relative = metric_name == "credits" or quantile(statistic) is not None
    scales = {"%": 0.01} if relative else metric.unit.scales
    if metric.kind is Kind.RATE and not relative:
        scales = {"%": 0.01}  # 0.01 and 1 are too easily taken for each other
    if found is None or found[2] not in scales:
        spelt = " or ".join(f"{1 if scale < 1 else 2}{unit}" for unit, scale in scales.items())
        raise InvalidInput("margin", f"{name}={text}", f"a number with its unit, such as {spelt}, or {OFF}")
    return Margin(metric_name, statistic or None, round(float(found[1]) * scales[found[2]], 12))


def _near(name: str) -> str:
    near = difflib.get_close_matches(name, [each.replace(PERCENTILE, "p95") for each in known()], 1, 0.5)
    return f" (did you mean {near[0]}?)" if near else ""


def _spelt(margin: Margin) -> str:
    if margin.relative or margin.measure.kind is Kind.RATE:
        return f"{margin.amount * 100:.6g}%"
    return f"{margin.amount:.6g}"


# At the end, because a margin judges itself by the functions above.
DEFAULTS = (
    Margin("success_rate", None, 0.01),
    Margin("first_attempt_success_rate", None, 0.01),
    Margin("response_time", "p95", 0.10),
    Margin("sound_picture_rate", None, 0.01),
    Margin("quality_score", "mean", 2.0),
    Margin("prompt_adherence", "mean", 0.01),
    Margin("diversity_score", None, 10.0),
    Margin("credits", "mean", 0.0),
)
