"""A gate's verdict as a file: Markdown for people, JSON for machines."""

from __future__ import annotations

import json
import math
from typing import Any

from facemon.release.comparison import EXIT_CODES
from facemon.release.gate import GateReport
from facemon.release.measure import MetricComparison
from facemon.release.sides import Arm
from facemon.release.verdict_words import HEADINGS, bounds_of, pairs_in_words, row, sentence, side
from facemon.slo.intervals import CONFIDENCE
from facemon.slo.judging import Verdict

_WORDS = {Verdict.UNSCORED: "unknown"}
_PROMISE = (
    "A candidate that is worse than a margin allows passes in at most 5 of 100 gates, and one that is within all of "
    "them fails in at most 5 of 100, however often one looks."
)
_ICONS = {Verdict.PASS: "✅", Verdict.FAIL: "❌", Verdict.INCONCLUSIVE: "❔", Verdict.UNSCORED: "⚠️"}


def markdown(report: GateReport) -> str:
    """A page with the verdict, the table, and what was compared."""
    found = report.verdict
    lines = [
        f"# {_ICONS[found.verdict]} Gate: {_WORDS.get(found.verdict, found.verdict.value)}",
        "",
        _escaped(sentence(report)) + ".",
        "",
        "| " + " | ".join(HEADINGS) + " |",
        "|" + "---|" * len(HEADINGS),
        *("| " + " | ".join(map(_escaped, row(metric))) + " |" for metric in found.metrics),
        "",
        f"- candidate: {_escaped(side(report.candidate))}, run `{report.candidate.run_id}`",
        f"- baseline: {_escaped(side(report.baseline))}, run `{report.baseline.run_id}`",
        f"- {pairs_in_words(found.pairs)} compared in {report.seconds:.0f} s, {report.spent:g} credits"
        + ("" if report.cap is None else f" of {report.cap:g}")
        + f", {report.price:g} a pair; seed {report.plan.seed}; exit code {EXIT_CODES[found.verdict]}",
    ]
    lines += [f"- left out: {count} pairs ({_escaped(cause)})" for cause, count in found.left_out.items()]
    lines += [
        "",
        _PROMISE,
    ]
    return "\n".join(lines) + "\n"


def as_json(report: GateReport) -> str:
    """The verdict for machines: camelCase, seconds, shares, null where there is no bound."""
    found = report.verdict
    data: dict[str, Any] = {
        "verdict": _WORDS.get(found.verdict, found.verdict.value),
        "exitCode": EXIT_CODES[found.verdict],
        "sentence": sentence(report),
        "startedAt": report.started_at.isoformat(),
        "seconds": round(report.seconds, 3),
        "confidence": CONFIDENCE,
        "pairs": found.pairs,
        "leftOut": found.left_out,
        "notCompared": report.not_compared,
        "neededPairs": found.needed,
        "stopped": report.stopped,
        "seed": report.plan.seed,
        "maxPairs": report.plan.max_pairs,
        "credits": {"spent": report.spent, "cap": report.cap, "pricePerPair": report.price},
        "baseline": _arm_json(report.baseline),
        "candidate": _arm_json(report.candidate),
        "metrics": [_metric_json(metric) for metric in found.metrics],
    }
    return json.dumps(data, indent=2, allow_nan=False) + "\n"


def unfinished() -> tuple[str, str]:
    """Markdown and JSON that stand in a file until there is a verdict: an old one must not be taken for this one."""
    words = "unknown: this gate has not ended"
    data = {"verdict": "unknown", "exitCode": EXIT_CODES[Verdict.UNSCORED], "sentence": words}
    return f"# {_ICONS[Verdict.UNSCORED]} Gate: {words}\n", json.dumps(data, indent=2) + "\n"


def _arm_json(arm: Arm) -> dict[str, Any]:
    return {
        "runId": arm.run_id,
        "target": arm.target,
        "provider": arm.provider,
        "model": arm.model,
        "template": arm.template,
        "kept": arm.kept,
    }


def _metric_json(metric: MetricComparison) -> dict[str, Any]:
    margin, (lower, upper) = metric.margin, bounds_of(metric)
    return {
        "metric": margin.name,
        "verdict": metric.verdict.value,
        "baseline": _finite(metric.baseline),
        "candidate": _finite(metric.candidate),
        "difference": _finite(metric.difference),
        "lower": _finite(lower),
        "upper": _finite(upper),
        "margin": margin.amount,
        "relative": margin.relative,
        "lowIsGood": margin.measure.low_is_good,
        "pairs": metric.pairs,
        "unjudged": metric.unjudged,
        "neededPairs": metric.needed,
    }


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
