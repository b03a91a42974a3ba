"""What a run's row keeps of its verdict, as JSON: for alerts, job summaries and badges, long after the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from facemon.plugin.outcomes import CheckOutcome
from facemon.slo.judging import Judgement
from facemon.slo.words import figure, interval

if TYPE_CHECKING:
    from facemon.plugin.verdict import RunVerdict


def summary(verdict: RunVerdict, checks: Mapping[str, CheckOutcome]) -> dict[str, Any]:
    """exit, state, cause · objectives: name → verdict, sentence, figure, interval, samples · checks: name → outcome,
    cause, cases · errors: error type → how often · generations, credits, unknown.
    """
    return {
        "exit": int(verdict.exit),
        "state": str(verdict.health.state),
        "cause": verdict.health.cause,
        "objectives": {name: _judged(item) for name, item in verdict.judged.named},
        "checks": {name: vars(outcome) for name, outcome in checks.items()},
        "errors": dict(verdict.figures.error_types),
        "generations": verdict.figures.count,
        "credits": verdict.spending.committed,
        "unknown": list(verdict.unknown),
    }


def _judged(item: Judgement) -> dict[str, Any]:
    return {
        "verdict": str(item.verdict),
        "sentence": item.text,
        "figure": figure(item),
        "interval": interval(item),
        "samples": item.samples,
        "note": item.note,
    }
