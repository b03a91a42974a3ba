"""A gate's figures in words: for the terminal, for Markdown."""

from __future__ import annotations

import math

from facemon.release.gate import GateReport
from facemon.release.margins import Margin
from facemon.release.measure import MetricComparison
from facemon.release.sides import Arm
from facemon.slo.judging import Verdict
from facemon.slo.metrics import SHARE
from facemon.slo.words import amount

HEADINGS = (
    "metric",
    "baseline",
    "candidate",
    "difference",
    "interval",
    "margin",
    "verdict",
    "pairs",
    "needed",
)


def sentence(report: GateReport) -> str:
    """What came out, what would bring more out, and what was not compared, in one sentence."""
    left_out = (f"{name} was not compared: {why}" for name, why in report.not_compared.items())
    return "; ".join((_outcome(report), *left_out))


def _outcome(report: GateReport) -> str:
    found, money = report.verdict, f"{report.spent:g} credits"
    seen = f"after {pairs_in_words(found.pairs)} and {money}"
    if found.verdict is Verdict.PASS:
        return f"pass: {seen} every metric is shown to be no worse than its margin allows"
    if found.verdict is Verdict.FAIL:
        worse = "; ".join(_worse(metric) for metric in found.metrics if metric.verdict is Verdict.FAIL)
        return f"fail: {seen} the candidate is worse than its margin allows: {worse}"
    if found.verdict is Verdict.INCONCLUSIVE:
        return f"inconclusive: {seen} ({report.stopped}) {_open(report)}"
    return f"unknown: {seen} nothing can be said: {_unknown(report)}"


def row(metric: MetricComparison) -> tuple[str, ...]:
    """One metric, in the order of `HEADINGS`."""
    margin, measure = metric.margin, metric.margin.measure
    needed = "" if metric.needed is None else str(metric.needed)
    if metric.verdict is Verdict.INCONCLUSIVE and metric.needed is None:
        needed = "no affordable number"
    return (
        margin.name,
        amount(measure, metric.baseline),
        amount(measure, metric.candidate),
        _change(metric, metric.difference),
        _interval(metric),
        allowed(margin),
        metric.verdict.value,
        str(metric.pairs) + (f" ({metric.unjudged} unjudged)" if metric.unjudged else ""),
        needed,
    )


def allowed(margin: Margin) -> str:
    """`1 point less`, `10 % more`."""
    direction = "more" if margin.measure.low_is_good else "less"
    if margin.relative:
        return f"{margin.amount * 100:.6g} % {direction}"
    if margin.measure.unit is SHARE:
        points = f"{margin.amount * 100:.6g}"
        return f"{points} point{'' if points == '1' else 's'} {direction}"
    return f"{margin.amount:.6g} {direction}"


def side(arm: Arm) -> str:
    """A side in a line: `core of stability_v2beta at sim, template headshot 1`."""
    words = f"{arm.model or '?'} of {arm.provider or '?'} at {arm.target}, template {arm.template or '?'}"
    return f"{words} (kept run {arm.run_id})" if arm.kept else words


def _change(metric: MetricComparison, change: float | None) -> str:
    """A difference with its sign and unit; percentage points for a share, per cent for what is relative."""
    if change is None:
        return ""
    if metric.margin.relative:
        return f"{change * 100:+.1f} %"
    if metric.margin.measure.unit is SHARE:
        return f"{change * 100:+.2f} points"
    return f"{change:+.3g}"


def _interval(metric: MetricComparison) -> str:
    if metric.margin.counted and metric.pairs:
        return "counted"
    if not metric.pairs:
        return ""
    low, high = (
        _change(metric, bound).removesuffix(" points").removesuffix(" %") for bound in bounds_of(metric)
    )
    return f"{low or '?'} to {high or '?'}"


def bounds_of(metric: MetricComparison) -> tuple[float | None, float | None]:
    """Lower and upper; None where there is no bound."""
    unbounded = metric.margin.relative and metric.lower <= -1
    return None if unbounded else metric.lower, metric.upper if math.isfinite(metric.upper) else None


def _worse(metric: MetricComparison) -> str:
    measure = metric.margin.measure
    least = _change(metric, metric.lower if measure.low_is_good else metric.upper)
    figures = (
        f"{amount(measure, metric.candidate)}, where the baseline has {amount(measure, metric.baseline)}"
    )
    surely = "" if metric.margin.counted else f", worse by {least.lstrip('+-')} at the least"
    return f"{metric.margin.name} is {figures}{surely} ({allowed(metric.margin)} is allowed)"


def _open(report: GateReport) -> str:
    names = [
        metric.margin.name for metric in report.verdict.metrics if metric.verdict is Verdict.INCONCLUSIVE
    ]
    more = report.verdict.needed
    open_ones = f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} not decided"
    if more is None:
        return f"{open_ones}, and no affordable number of samples would decide: widen the margin"
    money = f" ({more * report.price:g} credits)" if report.price else ""
    return f"{open_ones}; about {pairs_in_words(more)} more{money} would decide, if it goes on so or both are alike"


def _unknown(report: GateReport) -> str:
    found = report.verdict
    if found.blind:
        return found.blind
    if found.left_out:
        return ", ".join(f"{cause} ({count} times)" for cause, count in found.left_out.items())
    if not found.pairs:
        return report.stopped
    names = [metric.margin.name for metric in found.metrics if metric.verdict is Verdict.UNSCORED]
    return f"no data for {', '.join(names)}"


def pairs_in_words(count: int) -> str:
    """`1 pair`, `12 pairs`."""
    return "1 pair" if count == 1 else f"{count} pairs"
