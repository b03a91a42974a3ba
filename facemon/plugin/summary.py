"""What a run's row keeps of its verdict, as JSON: for alerts, job summaries and badges, long after the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from facemon.config import known_secrets
from facemon.errors import ConfigError
from facemon.plugin.outcomes import CheckOutcome
from facemon.scheduled.slots import slot
from facemon.secret import redact_all
from facemon.slo.judging import Judgement
from facemon.slo.words import figure, interval
from facemon.store.runs import Run

if TYPE_CHECKING:
    from facemon.plugin.verdict import RunVerdict


def summary(verdict: RunVerdict, checks: Mapping[str, CheckOutcome]) -> dict[str, Any]:
    """exit, state, cause · objectives: name → verdict, sentence, figure, interval, samples · checks: name → outcome,
    cause, cases · errors: error type → how often · generations, credits, unknown. What was said in words is redacted:
    an issue may be public.
    """
    hidden = known_secrets()
    return {
        "exit": int(verdict.exit),
        "state": str(verdict.health.state),
        "cause": redact_all(verdict.health.cause, hidden),
        "objectives": {name: _judged(item) for name, item in verdict.judged.named},
        "checks": {
            name: vars(outcome) | {"cause": redact_all(outcome.cause, hidden)}
            for name, outcome in checks.items()
        },
        "errors": dict(verdict.figures.error_types),
        "generations": verdict.figures.count,
        "credits": verdict.spending.committed,
        "unknown": redact_all(list(verdict.unknown), hidden),
    }


def slot_of(schedule: str, run_id: str, runs: Sequence[Run]) -> dict[str, Any]:
    """The planned slot of a scheduled run, how late it was, how many were skipped. runs: newest first, all."""
    begun = next((run.started_at for run in runs if run.id == run_id), None)
    if begun is None:
        return {}
    try:
        return slot(schedule, begun, (run.summary for run in runs if run.started_at < begun)).as_data()
    except ConfigError as error:  # a run that was made is kept, whatever its schedule is said to be
        return {"schedule": schedule, "error": str(error)}


def _judged(item: Judgement) -> dict[str, Any]:
    return {
        "verdict": str(item.verdict),
        "sentence": item.text,
        "figure": figure(item),
        "interval": interval(item),
        "samples": item.samples,
        "note": item.note,
    }
