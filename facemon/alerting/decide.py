"""What becomes of the incidents, given what the rules say now: pure, and the only place that decides it.

A component that is not up has one open incident, which closes only on recovery. It is told what differs from what was
told last; in a silence nothing is told, and when it has ended the next look tells what is still true.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from facemon.alerting.components import AVAILABILITY, MONITOR, explained
from facemon.incident import CLOSING, Event, EventKind, Evidence, Incident, Message, Silence
from facemon.model import State
from facemon.store.incidents import Changes, Snapshot

FLAP = timedelta(hours=1)
"""What breaks again within it is the same incident, reopened."""
_BADNESS = {State.UP: 0, State.UNKNOWN: 1, State.DEGRADED: 2, State.DOWN: 3}


@dataclass(frozen=True, slots=True)
class Status:
    """What the rules say of a component. state: up where nothing fires · recovered: it has shown that it is well, so
    that an open incident may close · urgent: somebody should be woken.
    """

    component: str
    state: State
    cause: str = ""
    urgent: bool = False
    recovered: bool = False
    evidence: Evidence = field(default_factory=Evidence)


NewId = Callable[[], str]


def decide(
    snapshot: Snapshot,
    statuses: Iterable[Status],
    now: datetime,
    channels: Sequence[str],
    new_id: NewId,
    flap: timedelta = FLAP,
) -> Changes:
    """The incidents, events and messages that follow. channels: whom to tell, by name."""
    told = _Telling(snapshot.silences, now, tuple(channels), new_id)
    said = {status.component: status for status in statuses}
    latest = _latest(snapshot.incidents)
    broken = {name for name, incident in latest.items() if incident.closed_at is None}
    for name in sorted(said, key=_causes_first):
        status, incident = said[name], latest.get(name)
        known = snapshot.events.get(incident.id, ()) if incident is not None else ()
        opened = incident if incident is not None and incident.closed_at is None else None
        if status.state is not State.UP:
            if opened is not None:
                told.goes_on(opened, status, known)
            elif not explained(name, broken | told.broken):
                told.breaks(incident, status, known, flap)
        elif opened is not None and status.recovered:
            told.ends(opened, status)
    for incident in snapshot.incidents:
        told.catch_up(incident, snapshot.events.get(incident.id, ()))
    return told.changes()


def _causes_first(component: str) -> tuple[bool, bool, str]:
    """What explains the others is known before they are looked at."""
    return component != MONITOR, component != AVAILABILITY, component


ByHand = Callable[[Snapshot, Incident, str, datetime, Sequence[str], NewId], Changes]
"""What a person says of an incident: (snapshot, incident, who, now, channels, new id) → changes."""


def acknowledged(
    snapshot: Snapshot, incident: Incident, who: str, now: datetime, channels: Sequence[str], new_id: NewId
) -> Changes:
    """Somebody has it in hand."""
    told = _Telling(snapshot.silences, now, tuple(channels), new_id)
    told.catch_up(incident, snapshot.events.get(incident.id, ()))  # nobody is told first that it is in hand
    told.by_hand(incident, EventKind.ACKNOWLEDGED, who, acknowledged_at=now, acknowledged_by=who)
    return told.changes()


def resolved(
    snapshot: Snapshot, incident: Incident, who: str, now: datetime, channels: Sequence[str], new_id: NewId
) -> Changes:
    """Somebody closed it; what is still wrong is found again by outcomes after this moment."""
    told = _Telling(snapshot.silences, now, tuple(channels), new_id)
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


def silenced(component: str, silences: Iterable[Silence], now: datetime) -> bool:
    """Whether nobody is to be told of it now."""
    return any(
        fnmatch.fnmatchcase(component, silence.component) and silence.starts_at <= now < silence.ends_at
        for silence in silences
    )


class _Telling:
    """Collects the changes, and the messages of what is not silenced."""

    def __init__(
        self, silences: Iterable[Silence], now: datetime, channels: tuple[str, ...], new_id: NewId
    ) -> None:
        self._silences, self._now, self._channels, self._new_id = tuple(silences), now, channels, new_id
        self._incidents: dict[str, Incident] = {}
        self._events: list[Event] = []
        self._messages: list[Message] = []
        self.broken: set[str] = set()

    def changes(self) -> Changes:
        return Changes(tuple(self._incidents.values()), tuple(self._events), tuple(self._messages))

    def breaks(
        self, before: Incident | None, status: Status, known: Sequence[Event], flap: timedelta
    ) -> None:
        """It is not up any more: a new incident, or the last one again."""
        self.broken.add(status.component)
        if before is not None and before.closed_at is not None and self._now - before.closed_at <= flap:
            again = replace(before, closed_at=None, reopened=before.reopened + 1, urgent=status.urgent)
            self._step(again, EventKind.REOPENED, status)
            return
        if before is not None:
            self.catch_up(before, known)  # that the last one is over is told before the next one is
        new = Incident(
            self._new_id(), status.component, State.UP, "", self._now, self._now, urgent=status.urgent
        )
        self._step(new, EventKind.OPENED, status)

    def goes_on(self, incident: Incident, status: Status, known: Sequence[Event]) -> None:
        """It still is not up: worse, better, wrong in another way, or as it was, of which nobody hears again."""
        worse = _BADNESS[status.state] - _BADNESS[incident.state]
        if worse:
            self._step(replace(incident, urgent=incident.urgent or status.urgent), _turn(worse), status)
        elif _is_new(status.evidence, known):
            self._step(incident, EventKind.EVIDENCE, status)

    def ends(self, incident: Incident, status: Status) -> None:
        """It has recovered; unless somebody who looked later than we did found it broken."""
        if incident.changed_at <= self._now:
            self._step(replace(incident, closed_at=self._now), EventKind.RECOVERED, status)

    def by_hand(self, incident: Incident, kind: EventKind, who: str, **changes: Any) -> None:
        """A person said so. changes: of the incident."""
        incident = replace(self._incidents.get(incident.id, incident), **changes)
        status = Status(incident.component, incident.state, incident.cause)
        self._step(incident, kind, status, text=f"by {who}")

    def catch_up(self, incident: Incident, known: Sequence[Event]) -> None:
        """After a silence: tell what is true and was not told; of what began and ended in it, nothing."""
        incident = self._incidents.get(incident.id, incident)
        if not _owes(incident) or silenced(incident.component, self._silences, self._now):
            return
        newest = sorted(known, key=lambda event: event.number, reverse=True)
        evidence = next((event.evidence for event in newest if event.evidence != Evidence()), Evidence())
        status = Status(
            incident.component, incident.state, incident.cause, incident.urgent, evidence=evidence
        )
        kind = EventKind.OPENED if incident.closed_at is None else EventKind.RECOVERED
        self._step(incident, kind, status)

    def _step(self, incident: Incident, kind: EventKind, status: Status, text: str = "") -> None:
        after = State.UP if kind in CLOSING else status.state
        quiet = silenced(incident.component, self._silences, self._now)
        told = None if quiet else _as_told(incident, kind, after)
        silent = told is None
        kind, before = told or (kind, incident.state)
        event = Event(
            id=self._new_id(),
            kind=kind,
            at=self._now,
            before=before,
            after=after,
            cause=status.cause or incident.cause,
            incident_id=incident.id,
            number=incident.events + 1,
            component=incident.component,
            urgent=status.urgent,
            silent=silent,
            evidence=status.evidence,
            text=text,
        )
        self._incidents[incident.id] = replace(
            incident,
            state=after,
            cause=event.cause,
            changed_at=self._now,
            events=event.number,
            announced=incident.announced if silent else after,
        )
        self._events.append(event)
        if not silent:
            self._messages += messages_of(event, self._channels, self._new_id)


def _owes(incident: Incident) -> bool:
    """Whether its state is another than the one that was told last."""
    return incident.state is not (incident.announced or State.UP)


def _as_told(incident: Incident, kind: EventKind, after: State) -> tuple[EventKind, State] | None:
    """Kind and state before of an event, for those who heard nothing in a silence that is over; None: no news."""
    told = incident.announced or State.UP
    if kind in CLOSING:
        return None if told is State.UP else (kind, told)  # an end is news to who knew of it
    if kind is EventKind.ACKNOWLEDGED or (incident.announced is not None and not _owes(incident)):
        return kind, told
    if incident.announced is None:
        return EventKind.OPENED, told
    if told is State.UP:
        return EventKind.REOPENED, told
    return None if after is told else (_turn(_BADNESS[after] - _BADNESS[told]), told)


def _turn(worse: int) -> EventKind:
    return EventKind.ESCALATED if worse > 0 else EventKind.EASED


def messages_of(event: Event, channels: Iterable[str], new_id: NewId) -> list[Message]:
    """One for each channel, due at once."""
    return [
        Message(new_id(), event.id, channel, event.at, incident_id=event.incident_id, due_at=event.at)
        for channel in channels
    ]


def _is_new(evidence: Evidence, known: Sequence[Event]) -> bool:
    """Whether it names a check, an objective or an error type that no event of the incident has named."""
    return bool(_names(evidence) - _union(known))


def _names(evidence: Evidence) -> set[tuple[str, str]]:
    kinds: Mapping[str, Iterable[str]] = {
        "check": evidence.checks,
        "objective": evidence.objectives,
        "error": evidence.error_types,
    }
    return {(kind, name) for kind, names in kinds.items() for name in names}


def _union(events: Iterable[Event]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for event in events:
        found |= _names(event.evidence)
    return found
