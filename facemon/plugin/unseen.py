"""What a run did not see, in sentences: none of it counts for or against the service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from facemon.model import MonitoringData
from facemon.plugin.judged import Judged, cell_name
from facemon.slo.aggregates import aggregate
from facemon.slo.judging import Judgement, Verdict

if TYPE_CHECKING:
    from facemon.plugin.state import SessionState

_SHOWN = 4  # cells without data that a sentence names


def unseen(state: SessionState, measured: Sequence[MonitoringData], found: Judged) -> list[str]:
    """A sentence each: of the workers, the generations, the pictures, the checks, the faults and the objectives."""
    counts = state.counts
    said = [f"worker {name} died: what it was doing is unknown; its records are kept" for name in state.dead]
    for cause, number in aggregate(measured).causes_unknown.items():
        said.append(f"{number} generations: {_in_words(cause)}")
    said += _not_judged(measured)
    checks: dict[str, int] = {}
    for cause in counts.unknown.values():
        checks[cause] = checks.get(cause, 0) + 1
    said += [f"{number} checks could not be judged: {_in_words(cause)}" for cause, number in checks.items()]
    said += [f"the fault {spec} was declared and never fired" for spec in _never_fired(state)]
    said += [f"{name}: {_no_data(item)}" for name, item in found.named if item.verdict is Verdict.UNSCORED]
    if counts.gave_up:
        said.append("checks were not tried, because too much had failed before")
    if not counts.passed and not counts.failed and not counts.unknown:
        said.append("no check came to a result")
    if state.trouble:
        said.append(f"facemon itself: {state.trouble}")
    return said


def _not_judged(measured: Sequence[MonitoringData]) -> Iterator[str]:
    """A line a reason: a model that is missing leaves a dozen questions open, for the same one."""
    blind = Counter(
        (score.reason, score.evaluator)
        for record in measured
        if not record.quality.failed
        for score in record.quality.unscored
    )
    names: dict[tuple[str, int], list[str]] = {}
    for (reason, evaluator), number in blind.items():
        names.setdefault((reason, number), []).append(evaluator)
    for (reason, number), evaluators in names.items():
        yield f"{number} pictures were not judged by {', '.join(evaluators)}: {reason}"


def _no_data(item: Judgement) -> str:
    blind = [cell for cell in item.cells if cell.verdict is Verdict.UNSCORED]
    if not blind:
        return item.note or "no data"
    named = ", ".join(cell_name(cell) for cell in blind[:_SHOWN])
    more = f" and {len(blind) - _SHOWN} more" if len(blind) > _SHOWN else ""
    return f"no data for {named}{more}"


def _never_fired(state: SessionState) -> list[str]:
    """Declared faults that struck in none of the simulators (workers may have one each)."""
    reports = [simulator.get("never_fired", ()) for simulator in state.simulator]
    return [spec for spec in reports[0] if all(spec in others for others in reports)] if reports else []


def _in_words(cause: str) -> str:
    return {
        "budget_exceeded": "the credit budget ended the run; nothing was sent past it",
        "unauthorized": "the key was refused (401)",
        "payment_required": "the account at the vendor has no credits left (402)",
        "rate_limited": "the vendor's rate limit (429)",
    }.get(cause, cause)
