"""Changes being collected: each step of an incident as an event, and the messages of what is not silenced. Pure."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from facemon.alerting.status import Status
from facemon.incident import CLOSING, Event, EventKind, Evidence, Incident, Message, Silence
from facemon.model import State
from facemon.store.incidents import Changes

_BADNESS = {State.UP: 0, State.UNKNOWN: 1, State.DEGRADED: 2, State.DOWN: 3}
NewId = Callable[[], str]


def silenced(component: str, silences: Iterable[Silence], now: datetime) -> bool:
    """Whether nobody is to be told of it now."""
    return any(
        fnmatch.fnmatchcase(component, silence.component) and silence.starts_at <= now < silence.ends_at
        for silence in silences
    )


class Telling:
    """Collects the changes, and the messages of what is not silenced."""

    def __init__(
        self, silences: Iterable[Silence], now: datetime, channels: tuple[str, ...], new_id: NewId
    ) -> None:
        self._silences, self._now, self._channels, self._new_id = tuple(silences), now, channels, new_id
        self._incidents: dict[str, Incident] = {}
        self._events: list[Event] = []
        self._messages: list[Message] = []
        self.broken: dict[str, State] = {}

    def changes(self) -> Changes:
        return Changes(tuple(self._incidents.values()), tuple(self._events), tuple(self._messages))

    def breaks(
        self,
        before: Incident | None,
        status: Status,
        known: Sequence[Event],
        flap: timedelta,
        target: str,
    ) -> Incident:
        """It is not up any more: a new incident, or the last one again."""
        self.broken[status.component] = status.state
        at = status.over.began if status.over is not None else self._now
        if before is not None and before.closed_at is not None and at - before.closed_at <= flap:
            again = replace(
                before,
                closed_at=None,
                reopened=before.reopened + 1,
                urgent=status.urgent,
                acknowledged_at=None,
                acknowledged_by="",
            )
            return self._step(again, EventKind.REOPENED, status, at)
        if before is not None:
            self.catch_up(before, known)  # that the last one is over is told before the next one is
        began = min(at, status.since or at)
        new = Incident(
            self._new_id(), status.component, State.UP, "", began, at, urgent=status.urgent, target=target
        )
        return self._step(new, EventKind.OPENED, status, at)

    def goes_on(self, incident: Incident, status: Status, known: Sequence[Event]) -> None:
        """It still is not up: worse, better, wrong in another way, or as it was, of which nobody hears again.

        Nothing where somebody who looked later than we did has said more.
        """
        if incident.changed_at > self._now:
            return
        worse = _BADNESS[status.state] - _BADNESS[incident.state]
        pressing = status.urgent and not incident.urgent
        changed = replace(incident, urgent=incident.urgent or status.urgent)
        if worse or pressing:
            self._step(changed, _turn(worse or 1), status)
        elif _is_new(status.evidence, known, self._is_quiet(status)):
            self._step(changed, EventKind.EVIDENCE, status)

    def ends(self, incident: Incident, status: Status) -> None:
        """It has recovered; unless somebody who looked later than we did found it broken."""
        at = status.over.ended if status.over is not None else self._now
        if incident.changed_at <= at:
            self._step(replace(incident, closed_at=at), EventKind.RECOVERED, status, at)

    def by_hand(self, incident: Incident, kind: EventKind, who: str, **changes: Any) -> None:
        """A person said so. changes: of the incident."""
        incident = replace(self._incidents.get(incident.id, incident), **changes)
        status = Status(incident.component, incident.state, incident.cause)
        self._step(incident, kind, status, text=f"by {who}")

    def catch_up(self, incident: Incident, known: Sequence[Event]) -> None:
        """After a silence: tell what is true and was not told; of what began and ended in it, nothing."""
        incident = self._incidents.get(incident.id, incident)
        if (
            not self._channels
            or not _owes(incident)
            or silenced(incident.component, self._silences, self._now)
        ):
            return
        newest = sorted(known, key=lambda event: event.number, reverse=True)
        evidence = next((event.evidence for event in newest if event.evidence != Evidence()), Evidence())
        status = Status(
            incident.component, incident.state, incident.cause, incident.urgent, evidence=evidence
        )
        kind = EventKind.OPENED if incident.closed_at is None else EventKind.RECOVERED
        self._step(incident, kind, status)

    def introduce(self, incident: Incident, known: Sequence[Event], heard: Collection[str]) -> None:
        """Tell a channel that is new what is open. heard: the channels that have a message of the incident."""
        if incident.closed_at is not None or incident.id in self._incidents or not heard:
            return
        if silenced(incident.component, self._silences, self._now):
            return
        loud = [event for event in known if not event.silent]
        new = [name for name in self._channels if name not in heard]
        if loud and new:
            newest = max(loud, key=lambda event: event.number)
            self._messages += messages_of(newest, new, self._now, self._new_id)

    def _step(
        self,
        incident: Incident,
        kind: EventKind,
        status: Status,
        at: datetime | None = None,
        text: str = "",
    ) -> Incident:
        """at: when it happened, if that is not now."""
        at = at or self._now
        after = State.UP if kind in CLOSING else status.state
        quiet = self._is_quiet(status)
        told = None if quiet else _as_told(incident, kind, after)
        silent = told is None or not self._channels
        kind, before = told or (kind, incident.state)
        event = Event(
            id=self._new_id(),
            kind=kind,
            at=at,
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
        changed = self._incidents[incident.id] = replace(
            incident,
            state=after,
            cause=event.cause,
            changed_at=at,
            events=event.number,
            announced=incident.announced if silent else after,
        )
        self._events.append(event)
        if not silent:
            self._messages += messages_of(event, self._channels, self._now, self._new_id)
        return changed

    def _is_quiet(self, status: Status) -> bool:
        """Whether nobody is to hear of it now; what is over was silenced if all of it lay in silence."""
        if silenced(status.component, self._silences, self._now):
            return True
        if status.over is None:
            return False
        return all(
            silenced(status.component, self._silences, at) for at in (status.over.began, status.over.ended)
        )


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


def messages_of(event: Event, channels: Iterable[str], now: datetime, new_id: NewId) -> list[Message]:
    """One for each channel, due at once, whatever the clock of who sends it says."""
    return [Message(new_id(), event.id, channel, now, incident_id=event.incident_id) for channel in channels]


def _is_new(evidence: Evidence, known: Sequence[Event], quiet: bool) -> bool:
    """Whether it names a check, an objective or an error type that no event of the incident has named; to whom it is
    told, none of which they heard.
    """
    return bool(_names(evidence) - _union(event for event in known if quiet or not event.silent))


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
