"""What becomes of the incidents, given what the rules say now: pure, and the only place that decides it.

A component that is not up has one open incident, which closes only on recovery. It is told what differs from what was
told last; in a silence nothing is told, and when it has ended the next look tells what is still true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from facemon.alerting.components import AVAILABILITY, MONITOR, explained
from facemon.alerting.rules.watch import FLAP
from facemon.alerting.status import Status
from facemon.alerting.telling import NewId, Telling
from facemon.incident import EventKind, Evidence, Incident
from facemon.model import State
from facemon.store.incidents import Changes, Snapshot


def decide(
    snapshot: Snapshot,
    statuses: Iterable[Status],
    now: datetime,
    channels: Sequence[str],
    new_id: NewId,
    flap: timedelta = FLAP,
    target: str = "",
) -> Changes:
    """The incidents, events and messages that follow. channels: whom to tell, by name · flap: what breaks again within
    it is the same incident, reopened · target: of a new incident.
    """
    told = Telling(snapshot.silences, now, tuple(channels), new_id)
    said = {status.component: status for status in statuses}
    latest = _latest(snapshot.incidents)
    broken = {name: incident.state for name, incident in latest.items() if incident.closed_at is None}
    blind = MONITOR in said and said[MONITOR].blind
    for name in sorted(said, key=_causes_first):
        status, incident = said[name], latest.get(name)
        known = snapshot.events.get(incident.id, ()) if incident is not None else ()
        opened = incident if incident is not None and incident.closed_at is None else None
        if opened is not None:
            if status.state is not State.UP:
                told.goes_on(opened, status, known)
            elif status.recovered:
                told.ends(opened, status)
        elif status.state is not State.UP and not explained(name, broken | told.broken, blind):
            again = told.breaks(incident, status, known, flap, target)
            if status.over is not None:
                told.ends(again, replace(status, evidence=Evidence()))
    for incident in snapshot.incidents:
        known = snapshot.events.get(incident.id, ())
        told.catch_up(incident, known)
        told.introduce(incident, known, snapshot.heard.get(incident.id, frozenset()))
    return told.changes()


def _causes_first(component: str) -> tuple[bool, bool, str]:
    """What explains the others is known before they are looked at."""
    return component != MONITOR, component != AVAILABILITY, component


ByHand = Callable[[Snapshot, Incident, str, datetime, Sequence[str], NewId], Changes]
"""What a person says of an incident: (snapshot, incident, who, now, channels, new id) → changes."""


def acknowledged(
    snapshot: Snapshot, incident: Incident, who: str, now: datetime, channels: Sequence[str], new_id: NewId
) -> Changes:
    """Somebody has it in hand; nothing where that was said before."""
    if incident.acknowledged_by == who:
        return Changes()
    told = Telling(snapshot.silences, now, tuple(channels), new_id)
    told.catch_up(incident, snapshot.events.get(incident.id, ()))  # nobody is told first that it is in hand
    told.by_hand(incident, EventKind.ACKNOWLEDGED, who, acknowledged_at=now, acknowledged_by=who)
    return told.changes()


def resolved(
    snapshot: Snapshot, incident: Incident, who: str, now: datetime, channels: Sequence[str], new_id: NewId
) -> Changes:
    """Somebody closed it; what is still wrong is found again by outcomes after this moment."""
    told = Telling(snapshot.silences, now, tuple(channels), new_id)
    told.by_hand(incident, EventKind.RESOLVED, who, closed_at=now)
    return told.changes()


def _latest(incidents: Iterable[Incident]) -> dict[str, Incident]:
    """Component → its open incident, else the one that closed last."""
    found: dict[str, Incident] = {}
    for incident in sorted(
        incidents, key=lambda each: (each.closed_at is None, each.closed_at or each.changed_at)
    ):
        found[incident.component] = incident
    return found
