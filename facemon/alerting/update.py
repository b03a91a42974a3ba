"""Look at what the store keeps, and write down what became of the incidents: the one step between runs and alerts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from facemon.alerting.config import AlertSettings
from facemon.alerting.decide import decide
from facemon.alerting.statuses import statuses
from facemon.alerting.subjects import subjects
from facemon.config import known_secrets
from facemon.incident import Silence
from facemon.secret import redact_all
from facemon.slo.objectives import Objective
from facemon.store import RecordStore, Run, new_id
from facemon.store.incidents import HORIZON, Changes, IncidentStore, Snapshot

HISTORY = HORIZON
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
    kept = await records.records(
        since=now - HISTORY, until=now, purpose="measure"
    )  # none of a clock that is ahead
    measured = [record for record in kept if record.run_id in mine and record.check != _GATES]
    ended = [run for run in runs if run.finished_at is not None and run.started_at >= now - HISTORY]
    watched = subjects(objectives, measured, ended)

    secrets = known_secrets()

    def judge(snapshot: Snapshot) -> Changes:
        whole = _of(target, snapshot, settings.maintenance)
        unseen = _unseen(whole.looked_at, ended)
        found = [
            replace(status, evidence=redact_all(status.evidence, secrets))
            for status in statuses(watched, measured, ended, whole, report, unseen=unseen, flap=settings.flap)
        ]
        return decide(whole, found, now, settings.names, lambda: new_id(now), settings.flap, target)

    return await incidents.change(judge, target=target)


def _unseen(looked_at: datetime | None, ended: Sequence[Run]) -> datetime | None:
    """From when on there is what the last look did not see: a run on another machine brings what is older than it."""
    if looked_at is None:
        return None
    later = (run.started_at for run in ended if run.finished_at is not None and run.finished_at > looked_at)
    return min([looked_at, *later])


def _watches(summary: object) -> bool:
    """Whether a run watched the service: those of a gate have a role in it."""
    return not (isinstance(summary, dict) and "role" in summary)


def _of(target: str, snapshot: Snapshot, windows: tuple[Silence, ...]) -> Snapshot:
    """The incidents of a target, and the project's own maintenance windows beside the silences of the store."""
    mine = tuple(incident for incident in snapshot.incidents if incident.target in (target, ""))
    return replace(snapshot, incidents=mine, silences=(*snapshot.silences, *windows))
