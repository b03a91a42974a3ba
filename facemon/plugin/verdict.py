"""The verdict of a run: the records of all its workers, the objectives, the checks, and one exit code."""

from __future__ import annotations

import asyncio
import enum
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from facemon.client import queued_for
from facemon.clock import SystemClock
from facemon.errors import StoreError
from facemon.ledger import Ledger, Spending
from facemon.model import MonitoringData, State
from facemon.plugin.run import label
from facemon.slo.aggregates import Aggregates, aggregate
from facemon.slo.health import Health, health
from facemon.slo.objectives import Judgement, Verdict, default_objectives, judge
from facemon.store import RecordStore
from facemon.store.location import locate

if TYPE_CHECKING:
    from facemon.config import Settings
    from facemon.plugin.state import SessionState


class Exit(enum.IntEnum):
    """Beside pytest's own 2 to 5. Fail outranks unknown, unknown outranks inconclusive."""

    PASS = 0
    FAIL = 1
    INCONCLUSIVE = 10
    UNKNOWN = 11


@dataclass(frozen=True)
class RunVerdict:
    """Everything the terminal section says. `unknown`: what was not seen, in sentences."""

    exit: Exit
    target: str
    store: str
    run_id: str
    provider: str
    model: str
    health: Health
    figures: Aggregates
    judgements: tuple[Judgement, ...]
    spending: Spending
    spent: float | None
    unknown: tuple[str, ...]
    attempts: int
    on_the_way: dict[str, int]
    not_tried: dict[str, int]
    max_memory: int
    probes: int


def conclude(state: SessionState, settings: Settings) -> RunVerdict:
    """Read the run's records and judge them. Raises StoreError where they cannot be read."""
    context = state.shared_context()
    records = asyncio.run(_records(settings.store, context.run_id))
    ledger = Ledger(Path(context.ledger_path), cap=settings.max_credits, rate=settings.rate)
    spending = ledger.spending()
    ledger.close()
    measured = [record for record in records if record.purpose == "measure"]
    objectives = default_objectives(settings.response_time_limit) if state.samples else ()
    judgements = tuple(judge(objective, measured) for objective in objectives)
    condition = health(measured, judgements, failed_checks=len(state.counts.failed))
    unknown = tuple(_unknown(state, measured, judgements))
    if records and not measured and state.counts.passed and not state.counts.failed and not unknown:
        condition = Health(State.UP, "nothing was measured; the checks that ran passed")
    verdict = RunVerdict(
        exit=_exit(state, judgements, unknown, condition),
        target=label(settings),
        store=locate(settings.store).label,
        run_id=context.run_id,
        provider=settings.provider,
        model=_model(records, settings),
        health=condition,
        figures=aggregate(measured, _elapsed(measured)),
        judgements=judgements,
        spending=spending,
        spent=_charged(state),
        unknown=unknown,
        attempts=sum(len(record.attempts) for record in measured),
        on_the_way=_on_the_way(measured),
        not_tried={
            reason.removeprefix("Skipped: not tried: "): number
            for reason, number in state.counts.skipped.items()
            if "not tried" in reason
        },
        max_memory=max((record.resources.memory_bytes for record in records), default=0),
        probes=len(records) - len(measured),
    )
    asyncio.run(_finish(settings.store, verdict))
    return verdict


def _exit(
    state: SessionState, judgements: Sequence[Judgement], unknown: Sequence[str], condition: Health
) -> Exit:
    verdicts = {judgement.verdict for judgement in judgements}
    if state.counts.failed or state.counts.others_failed or Verdict.FAIL in verdicts:
        return Exit.FAIL
    if unknown or Verdict.UNSCORED in verdicts or not state.counts.passed or condition.state is State.UNKNOWN:
        return Exit.UNKNOWN
    return Exit.INCONCLUSIVE if Verdict.INCONCLUSIVE in verdicts else Exit.PASS


def _unknown(
    state: SessionState, measured: Sequence[MonitoringData], judgements: Sequence[Judgement]
) -> list[str]:
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
    said += [f"{item.text}: no data" for item in judgements if item.verdict is Verdict.UNSCORED]
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


def _never_fired(state: SessionState) -> list[str]:
    """Declared faults that struck in none of the simulators (workers may have one each)."""
    reports = [simulator.get("never_fired", ()) for simulator in state.simulator]
    return [spec for spec in reports[0] if all(spec in others for others in reports)] if reports else []


def _on_the_way(records: Sequence[MonitoringData]) -> dict[str, int]:
    """Error types of attempts that were tried again."""
    outcomes = [attempt.outcome for record in records for attempt in record.attempts[:-1]]
    return dict(Counter(outcomes).most_common())


def _in_words(cause: str) -> str:
    return {
        "budget_exceeded": "the credit budget ended the run; nothing was sent past it",
        "unauthorized": "the key was refused (401)",
        "payment_required": "the account at the vendor has no credits left (402)",
        "rate_limited": "the vendor's rate limit (429)",
    }.get(cause, cause)


def _charged(state: SessionState) -> float | None:
    """What the simulators themselves booked, to stand beside what we booked; None for a server that is not ours."""
    charges = [float(report["charged"]) for report in state.simulator]
    return sum(charges) if charges else None


def _elapsed(records: Sequence[MonitoringData]) -> float | None:
    if not records:
        return None
    started: datetime = records[0].timestamp
    ends = (
        record.timestamp.timestamp() + record.performance.response_time + queued_for(record.attempts)
        for record in records
    )
    return max(ends) - started.timestamp()


def _model(records: Sequence[MonitoringData], settings: Settings) -> str:
    return (
        next((r.request_params.model for r in records if r.request_params.model), None)
        or settings.model
        or ""
    )


async def _records(location: str, run_id: str) -> list[MonitoringData]:
    async with await RecordStore.open(location) as store:
        return await store.records(run_id=run_id)


async def _finish(location: str, verdict: RunVerdict) -> None:
    summary = {
        "exit": int(verdict.exit),
        "state": str(verdict.health.state),
        "cause": verdict.health.cause,
        "objectives": {item.text: str(item.verdict) for item in verdict.judgements},
    }
    try:
        async with await RecordStore.open(location) as store:
            await store.finish_run(verdict.run_id, SystemClock().now(), summary)
    except ValueError:
        # The run was never started: no check got as far as asking for a face.
        return


__all__ = ["Exit", "RunVerdict", "StoreError", "conclude"]
