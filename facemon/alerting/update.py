"""Look at what the store keeps, and write down what became of the incidents: the one step between runs and alerts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from facemon.alerting.config import AlertSettings
from facemon.alerting.decide import decide
from facemon.alerting.statuses import statuses
from facemon.alerting.subjects import subjects
from facemon.incident import Incident, Silence
from facemon.model import State
from facemon.slo.objectives import Objective
from facemon.store import RecordStore, new_id
from facemon.store.incidents import Changes, IncidentStore, Snapshot

HISTORY = timedelta(days=30)
"""What rules look back on at most."""
_GATES = "gate"


async def update(
    records: RecordStore,
    incidents: IncidentStore,
    objectives: Sequence[Objective],
    settings: AlertSettings,
    now: datetime,
    *,
    target: str,
    report: str = "",
) -> Changes:
    """Judge what was kept of this target, and write events with their messages in one transaction; returns them.

    Raises StoreError.
    """
    runs = [run for run in reversed(await records.runs()) if run.target == target and _watches(run.summary)]
    mine = {run.id for run in runs}
    kept = await records.records(since=now - HISTORY, purpose="measure")
    measured = [record for record in kept if record.run_id in mine and record.check != _GATES]
    ended = [run for run in runs if run.finished_at is not None and run.started_at >= now - HISTORY]
    watched = subjects(objectives, measured, ended)
    closed = [incident for incident in await incidents.incidents() if incident.closed_at is not None]

    def judge(snapshot: Snapshot) -> Changes:
        whole = _with(snapshot, closed, settings.maintenance)
        found = statuses(watched, measured, ended, whole, report)
        return decide(whole, found, now, settings.names, lambda: new_id(now), settings.flap)

    return await incidents.change(judge)


def _watches(summary: object) -> bool:
    """Whether a run watched the service: those of a gate have a role in it."""
    return not (isinstance(summary, dict) and "role" in summary)


def _with(snapshot: Snapshot, closed: Sequence[Incident], windows: tuple[Silence, ...]) -> Snapshot:
    """The project's own maintenance windows beside the silences of the store, and incidents that were closed long ago:
    rules look back on more than the store shows, and a silence may outlast it.
    """
    known = {incident.id for incident in snapshot.incidents}
    older = (
        incident
        for incident in reversed(closed)
        if incident.id not in known
        and (incident.announced not in (None, State.UP) or snapshot.now - incident.changed_at <= HISTORY)
    )
    return replace(
        snapshot,
        incidents=(*older, *snapshot.incidents),
        silences=(*snapshot.silences, *windows),
    )
