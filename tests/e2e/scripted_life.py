"""What a run makes happen where every kind of change is to be seen: two components in turn, an alert, and one anew.

The store tells how far it has come: whoever begins anew goes on from there.
"""

from __future__ import annotations

from dataclasses import replace

from facemon.incident import CLOSING, Event, EventKind, Incident, Message
from facemon.model import State
from facemon.store import new_id
from facemon.store.incidents import Changes, Snapshot

SCRIPT = (
    ("speed", EventKind.OPENED, State.DEGRADED, "response_time.p95"),
    ("pictures", EventKind.OPENED, State.DOWN, "invalid_image"),
    ("speed", EventKind.ESCALATED, State.DOWN, "timeout"),
    ("pictures", EventKind.RECOVERED, State.UP, "invalid_image"),
    ("speed", EventKind.EVIDENCE, State.DOWN, "server_error"),
    ("pictures", EventKind.REOPENED, State.DEGRADED, "quality_score"),
    ("speed", EventKind.EASED, State.DEGRADED, "response_time.p95"),
    ("pictures", EventKind.RECOVERED, State.UP, "quality_score"),
    ("speed", EventKind.RECOVERED, State.UP, "response_time.p95"),
    ("speed", EventKind.OPENED, State.DOWN, "timeout"),
)
# In one transaction with this step there is an alert about no incident.
ALERT, WITH_STEP = "the health check failed", 3


def next_step(snapshot: Snapshot, channels: list[str]) -> Changes:
    """The next step of the script; nothing after its end."""
    done = sum(map(len, snapshot.events.values()))
    if done >= len(SCRIPT):
        return Changes()
    component, kind, state, cause = SCRIPT[done]
    now = snapshot.now
    before = _current(snapshot, component, kind)
    number = before.events + 1
    event = Event(new_id(now), kind, now, before.state, state, cause, before.id, number, component)
    closed = now if kind in CLOSING else None
    after = replace(before, state=state, cause=cause, changed_at=now, closed_at=closed, events=number)
    events = [event]
    if done == WITH_STEP:
        events.append(Event(new_id(now), EventKind.ALERT, now, State.UP, State.UP, "", text=ALERT))
    messages = tuple(
        Message(new_id(now), each.id, channel, now, each.incident_id)
        for each in events
        for channel in channels
    )
    return Changes((after,), tuple(events), messages)


def _current(snapshot: Snapshot, component: str, kind: EventKind) -> Incident:
    """A new one, or the newest of the component."""
    now = snapshot.now
    if kind is EventKind.OPENED:
        return Incident(new_id(now), component, State.UP, "", now, now)
    return max((i for i in snapshot.incidents if i.component == component), key=lambda each: each.opened_at)
