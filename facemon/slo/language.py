"""The language of objectives: one sentence that a person reads aloud, to an Objective and back.

METRIC[.STATISTIC] <= | >= VALUE[UNIT] [by AXIS, AXIS] [over WINDOW] [from N samples]
"""

from __future__ import annotations

import difflib
import re

from facemon.errors import shorten
from facemon.slo.metrics import METRICS, PERCENTILE, Metric, Unit
from facemon.slo.objectives import AXES, Objective, ObjectiveError, quantile
from facemon.slo.spelling import OTHER_NAMES, nearest

EXAMPLE = "response_time.p95 <= 3s by age over 1h from 200 samples"
_WINDOWS = {"d": 86400.0, "h": 3600.0, "min": 60.0, "s": 1.0}
_HEAD = re.compile(r"\s*(?P<name>[^\s<>=!]+)\s*(?P<sign>[<>=!]+)\s*(?P<rest>.*)", re.DOTALL)
_LIMIT = re.compile(
    r"(?P<number>\S*?\d[\d_.,]*(?:[eE][+-]?\d+)?)\s*(?!(?:by|over|from)(?!\S))(?P<unit>[^\s\d.,]\S*)?(?P<rest>(?:\s.*)?)",
    re.DOTALL,
)
_CLAUSES = re.compile(r"\s+(by|over|from)(?!\S)(.*?)(?=\s+(?:by|over|from)(?!\S)|\s*$)", re.DOTALL)
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?", re.ASCII)


def parse(text: str) -> Objective:
    """The objective that a sentence states. Raises ObjectiveError with the sentence, the reason and what is valid."""
    if not isinstance(text, str):
        raise ObjectiveError(f"objective {shorten(text)}: it is no sentence: write it as {EXAMPLE!r}")
    try:
        return _parsed(text.replace("≤", "<=").replace("≥", ">="))
    except ObjectiveError as error:
        raise ObjectiveError(f"objective {_quoted(text)}: {error}") from None


def show(objective: Objective) -> str:
    """The sentence; `parse` of it gives the same objective."""
    metric = objective.measure
    name = metric.name if objective.statistic is None else f"{metric.name}.{objective.statistic}"
    words = [name, "<=" if metric.low_is_good else ">=", _amount(objective.limit, metric.unit)]
    if objective.by:
        words += ["by", ", ".join(objective.by)]
    if objective.window is not None:
        words += ["over", duration(objective.window)]
    if objective.samples is not None:
        words += ["from", str(objective.samples), "samples"]
    return " ".join(words)


def duration(seconds: float) -> str:
    """In the largest unit of which it is a whole number: `1h`, `90s`."""
    for unit, length in _WINDOWS.items():
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:.12g}{unit}"
    return f"{seconds:.12g}s"


def parse_duration(text: str) -> float:
    """Seconds. Raises ValueError that says what is accepted."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,12})?)\s*(d|h|min|s)", text.strip(), re.ASCII)
    if found is None:
        raise ValueError("a number and a unit, such as 90s, 30min, 1h, 7d")
    return float(found[1]) * _WINDOWS[found[2]]


def _amount(limit: float, unit: Unit) -> str:
    spelling, scale = next(iter(unit.scales.items()))
    return f"{limit / scale:.12g}{spelling}"


def _parsed(text: str) -> Objective:
    head = _HEAD.fullmatch(text)
    if head is None:
        left = re.split(r"[<>=!]", text)[0].strip()
        if not left or left == text.strip():
            raise ObjectiveError(f"it compares nothing: write it as {EXAMPLE!r}")
        raise ObjectiveError(f"there is no metric {shorten(left)}{nearest(left, METRICS)}")
    name, point, statistic = head["name"].partition(".")
    metric = METRICS.get(name)
    if metric is None:
        raise ObjectiveError(f"there is no metric {shorten(name)}{nearest(name, METRICS)}")
    if point and not statistic:
        raise ObjectiveError(f"after the point stands nothing: give {_choices(metric)}")
    _check_sign(metric, head["sign"])
    limit = _LIMIT.fullmatch(head["rest"])
    if limit is None:
        raise ObjectiveError(_no_limit(head["sign"], head["rest"]))
    value = _value(metric, limit["number"], limit["unit"] or "")
    by, window, samples = _clauses(limit["rest"])
    return Objective(name, _statistic(metric, statistic), value, by, window, samples)


def _no_limit(sign: str, rest: str) -> str:
    words = rest.split()
    return _no_number(words[0]) if words else f"after {sign} stands nothing: write it as {EXAMPLE!r}"


def _no_number(said: str) -> str:
    return f"{shorten(said)} is no number: give one such as 3, 0.9 or 99.5, without sign, blanks or commas"


def _check_sign(metric: Metric, sign: str) -> None:
    wanted, other = ("<=", ">=") if metric.low_is_good else (">=", "<=")
    if sign == wanted:
        return
    if sign == other:
        raise ObjectiveError(
            f"a {'low' if metric.low_is_good else 'high'} {metric.name} is a good one: write {wanted}, not {sign}"
        )
    raise ObjectiveError(f"{shorten(sign)} is no comparison of this language: write {wanted}")


def _value(metric: Metric, number: str, unit: str) -> float:
    if not _NUMBER.fullmatch(number):
        raise ObjectiveError(_no_number(number))
    scale = metric.unit.scales.get(unit)
    if scale is None:
        spelt = ", ".join(spelling or "no unit" for spelling in metric.unit.scales)
        given = f"{shorten(unit)} is no unit of it" if unit else "a number alone does not say how much"
        raise ObjectiveError(f"{metric.name} is {metric.unit.name}, and {given}: give {spelt}")
    if not unit and "%" in metric.unit.scales and 1 < float(number) <= 100:
        raise ObjectiveError(f"{metric.name} is {metric.unit.name}, of which 1 is all: write {number}%")
    return float(number) * scale


def _statistic(metric: Metric, statistic: str) -> str | None:
    if not statistic or statistic in metric.statistics or quantile(statistic) is not None:
        return statistic or None
    spelt = statistic.lower()
    near = OTHER_NAMES.get(spelt, spelt if quantile(spelt) is not None else f"p{spelt}")
    if PERCENTILE not in metric.statistics or (quantile(near) is None and near not in metric.statistics):
        near = next(iter(difflib.get_close_matches(spelt, metric.statistics, 1)), PERCENTILE)
    if near != PERCENTILE:
        raise ObjectiveError(
            f"{metric.name} has no statistic {shorten(statistic)}; did you mean {metric.name}.{near}?"
        )
    return statistic


def _choices(metric: Metric) -> str:
    return ", ".join(f"{metric.name}.{name}" for name in metric.statistics) or metric.name


def _clauses(rest: str) -> tuple[tuple[str, ...], float | None, int | None]:
    by: tuple[str, ...] = ()
    window = samples = None
    seen: list[str] = []
    place = 0
    while found := _CLAUSES.match(rest, place):
        place = found.end()
        word, said = found[1], found[2].strip()
        if not said:
            raise ObjectiveError(f"after {word!r} stands nothing: write it as {EXAMPLE!r}")
        if word in seen:
            raise ObjectiveError(f"{word!r} stands in it twice: say it once")
        seen.append(word)
        if word == "by":
            by = _axes(said)
        elif word == "over":
            window = _window(said)
        else:
            samples = _samples(said)
    left = rest[place:].strip()
    if left:
        near = nearest(left.split()[0], ("by", "over", "from"))
        raise ObjectiveError(f"{shorten(left)} is not understood{near}")
    return by, window, samples


def _axes(said: str) -> tuple[str, ...]:
    names = tuple(re.split(r"\s*,\s*|\s+and\s+", said))
    words = list(dict.fromkeys(re.findall(r"\w+", said)))
    for name in names:
        if name not in AXES and AXES.keys() >= set(words):
            raise ObjectiveError(f"{shorten(f'by {said}')} is not understood: write 'by {', '.join(words)}'")
        if name not in AXES:
            raise ObjectiveError(f"it cannot be split by {shorten(name)}{nearest(name, AXES)}")
    return names


def _window(said: str) -> float:
    try:
        return parse_duration(said)
    except ValueError as error:
        raise ObjectiveError(f"{shorten(said)} is no window: give {error}") from None


def _samples(said: str) -> int:
    found = re.fullmatch(r"(\d{1,9})\s+samples?", said, re.ASCII)
    if found is None:
        raise ObjectiveError(f"{shorten(f'from {said}')} is not understood: write it as 'from 200 samples'")
    return int(found[1])


def _quoted(text: str) -> str:
    one_line = " ".join(text.split())
    return repr(one_line if len(one_line) <= 100 else one_line[:99] + "…")
