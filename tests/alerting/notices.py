"""Notices for the tests of words and channels: an incident of two hours and five minutes, and what belongs to none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from facemon.alerting.channels.base import ChannelConfig
from facemon.incident import CLOSING, Event, EventKind, Evidence, Incident, Message, Notice
from facemon.model import State

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EVIDENCE = Evidence(
    rule="3 failures in a row at 6 probes an hour",
    objectives={
        "success_rate >= 99%": "91.2% (86.0% to 94.9%, 9 of 102 failed)",
        "response_time.p95 <= 3s": "p95 4.71 s (3.9 s to 6.2 s)",
    },
    checks={
        "check_availability.py::check_faces_come": "9 of 102 requests ended without a picture",
        "check_response_time.py::check_p95": "p95 4.71 s is over 3 s",
    },
    error_types={"server_error": 2, "timeout": 7},
    records=("0199c0de-aaaa-7000-8000-000000000003", "0199c0de-aaaa-7000-8000-000000000002"),
    request="POST https://api.stability.ai/v2beta/stable-image/generate/core\nauthorization: [redacted]\n\nprompt=…",
    response='HTTP/1.1 503\ncontent-type: application/json\n\n{"errors": ["try again later"]}',
    repeat="facemon generate --age 40 --gender female --seed 7 --target live --max-credits 3",
    report="https://example.github.io/faces/report/index.html",
    run_id="0199c0de-bbbb-7000-8000-000000000001",
    target="live",
)
UP, DEGRADED, DOWN, UNKNOWN = State.UP, State.DEGRADED, State.DOWN, State.UNKNOWN
# What came of the incident: kind, minutes after its start, state before and after, cause.
LIFE = (
    (EventKind.OPENED, 0, UP, DEGRADED, "server_error"),
    (EventKind.ESCALATED, 40, DEGRADED, DOWN, "timeout"),
    (EventKind.EVIDENCE, 55, DOWN, DOWN, "response_time.p95"),
    (EventKind.ACKNOWLEDGED, 60, DOWN, DOWN, "timeout"),
    (EventKind.EASED, 90, DOWN, DEGRADED, "server_error"),
    (EventKind.RECOVERED, 125, DEGRADED, UP, "server_error"),
    (EventKind.REOPENED, 140, UP, DOWN, "timeout"),
    (EventKind.RESOLVED, 200, DOWN, UP, "timeout"),
)
EVENTS = tuple(
    Event(
        id=f"0199c0de-eeee-7000-8000-{number:012}",
        kind=kind,
        at=START + timedelta(minutes=minutes),
        before=before,
        after=after,
        cause=cause,
        incident_id="0199c0de-1111-7000-8000-000000000000",
        number=number,
        component="availability",
        urgent=after is DOWN,
        evidence=EVIDENCE,
    )
    for number, (kind, minutes, before, after, cause) in enumerate(LIFE, 1)
)


def message_id(number: int) -> str:
    """Of the message about the event of this number."""
    return f"0199c0de-2222-7000-8000-{number:012}"


def notice(kind: EventKind = EventKind.OPENED, **changes: Any) -> Notice:
    """Of the incident's event of this kind, after all that came before it. changes: of the event."""
    number = next(event.number for event in EVENTS if event.kind is kind)
    event = replace(EVENTS[number - 1], **changes)
    incident = Incident(
        id=str(event.incident_id),
        component=event.component,
        state=event.after,
        cause=event.cause,
        opened_at=START,
        changed_at=event.at,
        closed_at=event.at if kind in CLOSING else None,
        events=number,
        urgent=event.urgent,
        acknowledged_by="ada" if number > 3 else "",
    )
    message = Message(message_id(number), event.id, "test", event.at, event.incident_id)
    return Notice(message, event, incident, (*EVENTS[: number - 1], event))


def alert(text: str = "The picture shop is closed.\nCall Ada.", html: str = "") -> Notice:
    """What belongs to no incident."""
    event = Event(
        "0199c0de-eeee-7000-8000-00000000000a", EventKind.ALERT, START, UP, UP, "", text=text, html=html
    )
    return Notice(Message("0199c0de-2222-7000-8000-00000000000a", event.id, "test", START), event)


def config(kind: str, options: Mapping[str, Any] | None = None, **environment: str) -> ChannelConfig:
    """A channel's table, from the twelfth line of the project's file."""
    return ChannelConfig(f"my-{kind}", options or {}, environment, "facemon.toml:12", kind)
