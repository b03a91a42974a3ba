"""Incidents, events, messages and silences as rows, and rows as what they were."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from facemon.incident import CLOSING, Delivery, Event, EventKind, Evidence, Incident, Message, Silence
from facemon.model import State

Row = dict[str, Any]

_INCIDENT, _EVENT, _MESSAGE, _SILENCE = (
    tuple(field.name for field in fields(kind)) for kind in (Incident, Event, Message, Silence)
)
_EVIDENCE = tuple(field.name for field in fields(Evidence))


def _row(thing: object, names: Iterable[str]) -> Row:
    values = ((name, getattr(thing, name)) for name in names)
    return {name: value.value if isinstance(value, enum.Enum) else value for name, value in values}


def incident_row(incident: Incident) -> Row:
    """The row of `incidents`."""
    return _row(incident, _INCIDENT)


def event_row(event: Event, incident: Incident | None) -> Row:
    """The row of `events`. incident: as it was after the event."""
    return {
        **_row(event, _EVENT),
        "evidence": asdict(event.evidence),
        "incident": _as_json(incident) if incident is not None else None,
    }


def message_row(message: Message) -> Row:
    """The row of `messages`, without a lease."""
    return _row(message, _MESSAGE)


def silence_row(silence: Silence) -> Row:
    """The row of `silences`."""
    return _row(silence, _SILENCE)


def incident_from(row: Mapping[Any, Any]) -> Incident:
    """The incident again."""
    announced = row["announced"]
    values = {name: row[name] for name in _INCIDENT if name in row}  # an earlier version kept fewer
    values |= {"state": State(row["state"]), "announced": State(announced) if announced is not None else None}
    return Incident(**values)


def event_from(row: Mapping[Any, Any]) -> Event:
    """The event again."""
    values = {name: row[name] for name in _EVENT}
    values |= {"kind": EventKind(row["kind"]), "before": State(row["before"]), "after": State(row["after"])}
    return Event(**{**values, "evidence": _evidence(row["evidence"])})


def message_from(row: Mapping[Any, Any]) -> Message:
    """The message again."""
    return Message(**{**{name: row[name] for name in _MESSAGE}, "delivery": Delivery(row["delivery"])})


def silence_from(row: Mapping[Any, Any]) -> Silence:
    """The silence again."""
    return Silence(**{name: row[name] for name in _SILENCE})


def incident_after(row: Mapping[Any, Any]) -> Incident | None:
    """The incident as it was after the event of this row of `events`; None for an alert or a report."""
    data = row["incident"]
    if data is None:
        return None
    times = {name: datetime.fromisoformat(data[name]) for name in data if name.endswith("_at") and data[name]}
    return incident_from({**data, **times})


def after_each(incident: Incident, events: Iterable[Event]) -> Iterator[tuple[Event, Incident]]:
    """Each event (one or more) of a change with the incident as it was after it. incident: after the last of them."""
    *before, last = sorted(events, key=lambda event: event.number)
    for event in before:
        yield event, _as_it_was(incident, event)
    yield last, incident


def _as_it_was(incident: Incident, event: Event) -> Incident:
    return replace(
        incident,
        state=event.after,
        cause=event.cause,
        changed_at=event.at,
        closed_at=event.at if event.kind in CLOSING else None,
        events=event.number,
    )


def _as_json(incident: Incident) -> Row:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in incident_row(incident).items()
    }


def _evidence(data: Mapping[str, Any]) -> Evidence:
    # What another version of facemon knew more or less than this one costs nobody the event.
    values = {name: data[name] for name in _EVIDENCE if name in data}
    return Evidence(**{**values, "records": tuple(data.get("records", ()))})
