"""The verdict of a run: the records of all its workers, the objectives, the checks, and one exit code."""

from __future__ import annotations

import asyncio
import enum
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from facemon.client import queued_for
from facemon.clock import SystemClock
from facemon.config import surroundings
from facemon.errors import StoreError
from facemon.ledger import Ledger, Spending
from facemon.model import MonitoringData, State
from facemon.plugin.judged import Judged, earlier_ones, judged, windowed
from facemon.plugin.outcomes import CheckOutcome
from facemon.plugin.promised import promised
from facemon.plugin.run import label
from facemon.plugin.summary import slot_of, summary
from facemon.plugin.unseen import unseen
from facemon.scheduled.slots import VARIABLE as SCHEDULE
from facemon.slo.aggregates import Aggregates, aggregate
from facemon.slo.health import Health, health
from facemon.slo.judging import Judgement, Verdict
from facemon.store import RecordStore
from facemon.store.location import locate

if TYPE_CHECKING:
    from facemon.config import Settings
    from facemon.plugin.state import SessionState

# Promises about the monitor: broken, they fail the run, and say nothing of the service.
_OUR_OWN = ("memory", "cpu")


class Exit(enum.IntEnum):
    """Beside pytest's own 2 to 5. Fail outranks unknown, unknown outranks inconclusive."""

    PASS = 0
    FAIL = 1
    INCONCLUSIVE = 10
    UNKNOWN = 11


@dataclass(frozen=True)
class RunVerdict:
    """Everything the terminal section says.

    unknown: what was not seen, in sentences · not_tried, not_needed: skipped checks by the reason.
    """

    exit: Exit
    target: str
    store: str
    run_id: str
    provider: str
    model: str
    health: Health
    figures: Aggregates
    judged: Judged
    spending: Spending
    spent: float | None
    unknown: tuple[str, ...]
    attempts: int
    on_the_way: dict[str, int]
    not_tried: dict[str, int]
    not_needed: dict[str, int]
    max_memory: int
    probes: int
    interrupted: bool = False

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """Of the run and of its checks."""
        return self.judged.all


def conclude(state: SessionState, settings: Settings) -> RunVerdict:
    """Read the run's records and judge them. Raises StoreError where they cannot be read."""
    context = state.shared_context()
    records = asyncio.run(_records(settings.store, context.run_id))
    ledger = Ledger(Path(context.ledger_path), cap=settings.max_credits, rate=settings.rate)
    spending = ledger.spending()
    ledger.close()
    measured = [record for record in records if record.purpose == "measure"]
    promises = promised(state, settings)
    earlier = asyncio.run(earlier_ones(settings, context.run_id, windowed(promises, state), measured))
    found = judged(state, settings, promises, records, earlier)
    of_service = [item for item in found.all if item.objective.metric not in _OUR_OWN]
    condition = health(measured, of_service, failed_checks=len(state.counts.failed))
    unknown = tuple(unseen(state, measured, found))
    if records and not measured and state.counts.passed and not state.counts.failed and not unknown:
        condition = Health(State.UP, "nothing was measured; the checks that ran passed")
    verdict = RunVerdict(
        exit=_exit(state, found.all, unknown, condition),
        target=label(settings),
        store=locate(settings.store).label,
        run_id=context.run_id,
        provider=settings.provider,
        model=_model(records, settings),
        health=condition,
        figures=aggregate(measured, _elapsed(measured)),
        judged=found,
        spending=spending,
        spent=_charged(state),
        unknown=unknown,
        attempts=sum(len(record.attempts) for record in measured),
        on_the_way=_on_the_way(measured),
        not_tried=_skipped(state, "not tried: "),
        not_needed=_skipped(state, "not needed: "),
        max_memory=max((record.resources.memory_bytes for record in records), default=0),
        probes=len(records) - len(measured),
        interrupted=state.interrupted,
    )
    asyncio.run(_finish(settings.store, verdict, state.counts.checks))
    return verdict


def _exit(
    state: SessionState, judgements: Sequence[Judgement], unknown: Sequence[str], condition: Health
) -> Exit:
    verdicts = {judgement.verdict for judgement in judgements}
    if state.counts.failed or state.counts.others_failed or Verdict.FAIL in verdicts:
        return Exit.FAIL
    if condition.state is State.DOWN:
        return Exit.FAIL  # also where nobody promised anything about it
    if unknown or Verdict.UNSCORED in verdicts or not state.counts.passed or condition.state is State.UNKNOWN:
        return Exit.UNKNOWN
    open_still = Verdict.INCONCLUSIVE in verdicts or condition.state is State.DEGRADED
    return Exit.INCONCLUSIVE if open_still else Exit.PASS


def _skipped(state: SessionState, beginning: str) -> dict[str, int]:
    """Checks that were skipped by us, by the reason without its beginning."""
    return {
        reason.removeprefix(f"Skipped: {beginning}"): number
        for reason, number in state.counts.skipped.items()
        if beginning in reason
    }


def _on_the_way(records: Sequence[MonitoringData]) -> dict[str, int]:
    """Error types of attempts that were tried again."""
    outcomes = [attempt.outcome for record in records for attempt in record.attempts[:-1]]
    return dict(Counter(outcomes).most_common())


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


async def _finish(location: str, verdict: RunVerdict, checks: Mapping[str, CheckOutcome]) -> None:
    try:
        async with await RecordStore.open(location) as store:
            kept = summary(verdict, checks)
            if schedule := surroundings().get(SCHEDULE):
                kept["slot"] = slot_of(schedule, verdict.run_id, await store.runs())
            await store.finish_run(verdict.run_id, SystemClock().now(), kept)
    except ValueError:
        # The run was never started: no check got as far as asking for a face.
        return


__all__ = ["Exit", "RunVerdict", "StoreError", "conclude"]
