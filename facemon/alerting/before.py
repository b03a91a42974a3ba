"""What the rules begin with: how each component was left by its last incidents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from facemon.alerting.components import AVAILABILITY, follows
from facemon.incident import CLOSING, Event, Incident
from facemon.model import State
from facemon.store.incidents import Snapshot


@dataclass(frozen=True, slots=True)
class Before:
    """Of a component's incidents. recovered_at: of the last one that was closed · reopened: how often that one had been
    by then · opened: the open one · since: up to when nothing counts.
    """

    recovered_at: datetime | None = None
    reopened: int = 0
    opened: Incident | None = None
    since: datetime | None = None


def left(snapshot: Snapshot, component: str) -> Before:
    """How a component was left.

    What it showed in an outage that is over says nothing, unless its own incident was open by then: that was told.
    """
    mine = _alone(snapshot, component)
    outage = _alone(snapshot, AVAILABILITY).recovered_at if follows(component) else None
    if outage is None or (mine.opened is not None and mine.opened.opened_at < outage):
        return mine
    return replace(mine, since=outage)


def _alone(snapshot: Snapshot, component: str) -> Before:
    found = Before()
    for incident in snapshot.incidents:
        if incident.component != component:
            continue
        closings = _closings(incident, snapshot.events.get(incident.id, ()))
        if closings and (found.recovered_at is None or closings[-1] >= found.recovered_at):
            found = replace(found, recovered_at=closings[-1], reopened=len(closings) - 1)
        if incident.closed_at is None:
            found = replace(found, opened=incident)
    return found


def _closings(incident: Incident, events: Sequence[Event]) -> list[datetime]:
    """When it was closed, oldest first; that it was told later, after a silence, is no second closing."""
    closings, state = [], State.UP
    for event in events:
        if event.kind in CLOSING and state is not State.UP:
            closings.append(event.at)
        state = event.after
    return closings or ([incident.closed_at] if incident.closed_at is not None else [])
