"""Records and runs made by hand, ten minutes apart, for the tests of what is watched and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from facemon.incident import Event, EventKind, Incident
from facemon.model import (
    Attempt,
    Exchange,
    ImageMetadata,
    MonitoringData,
    Performance,
    Phases,
    Quality,
    RecordedError,
    RequestParams,
    ResourceUse,
    Score,
    ScoreVerdict,
    State,
)
from facemon.store.runs import Run

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
STEP = timedelta(minutes=10)
RUN = "0199c0de-bbbb-7000-8000-000000000999"
ERRORS = {
    "x": RecordedError("timeout", "no complete reply within 30 s", State.DOWN, "timeout"),
    "s": RecordedError("server_error", "HTTP 500: sorry", State.DOWN, "server_error", 500),
    "m": RecordedError("moderated", "flagged", State.DEGRADED, "moderated", 403),
    "?": RecordedError("connection", "no such host", State.UNKNOWN, "connection: no dns"),
}
EXCHANGE = Exchange(
    "POST",
    "https://api.stability.ai/v2beta/stable-image/generate/core",
    (("accept", "image/*"), ("authorization", "[redacted]")),
    "the form",
    (("content-type", "application/json"),),
    '{"errors":["sorry"]}',
    (("prompt", "a woman"), ("seed", "7")),
)
SOUND = Quality((Score("decodes", "1", ScoreVerdict.PASSED, 100.0),))
BLURRED = Quality((Score("sharpness", "1", ScoreVerdict.FAILED, 3.0, weight=1.0),))


def at(number: float) -> datetime:
    """Of the record or run of this number."""
    return START + number * STEP


def name(number: int) -> str:
    """Its id."""
    return f"0199c0de-aaaa-7000-8000-{number:012}"


def record(number: int, kind: str = ".", seconds: float = 1.0, **changes: Any) -> MonitoringData:
    """`.` a sound picture, `b` a blurred one, `r` one after a retry, else a failure: those of `ERRORS`."""
    moment, error = at(number), ERRORS.get(kind)
    outcome: Any = error.error_type if error else "success"
    image = ImageMetadata(
        *("stability_v2beta", "core", "a woman", "", "headshot", "1", 7, "SUCCESS", None, 8, 8, "png"),
        *("a" * 64, 9, 3.0, seconds, Phases()),
    )
    attempts = [Attempt(1, moment, seconds, Phases(), outcome, exchange=EXCHANGE if error else None)]
    if kind == "r":
        attempts.insert(0, replace(attempts[0], outcome="timeout", exchange=EXCHANGE))
    made = MonitoringData(
        name(number),
        moment,
        RequestParams(30, "female", 7, model="core"),
        Performance(seconds),
        Quality() if error else BLURRED if kind == "b" else SOUND,
        (error,) if error else (),
        tuple(attempts),
        ResourceUse(0.0, 1),
        None if error else image,
        RUN,
    )
    return replace(made, **changes)


def records(kinds: str, first: int = 0, **changes: Any) -> list[MonitoringData]:
    """One for each sign."""
    return [record(first + number, kind, **changes) for number, kind in enumerate(kinds)]


def run(number: int = 0, checks: Any = None, objectives: Any = None, **changes: Any) -> Run:
    """A run that took a minute. checks: name → outcome, or (outcome, cause)."""
    said = {
        name: {"outcome": each, "cause": ""}
        if isinstance(each, str)
        else {"outcome": each[0], "cause": each[1]}
        for name, each in (checks or {}).items()
    }
    made = Run(
        RUN if not number else f"0199c0de-bbbb-7000-8000-{number:012}",
        at(number),
        "live",
        finished_at=at(number + 0.1),
        summary={"checks": said, "objectives": objectives or {}},
    )
    return replace(made, **changes)


def incident(
    component: str, *turns: tuple[EventKind, float], **changes: Any
) -> tuple[Incident, tuple[Event, ...]]:
    """An incident and its events: what happened when."""
    closing = (EventKind.RECOVERED, EventKind.RESOLVED)
    events, state = [], State.UP
    for number, (kind, moment) in enumerate(turns, 1):
        after = State.UP if kind in closing else State.DOWN
        events.append(
            Event(f"{component}-{number}", kind, at(moment), state, after, "x", component, number, component)
        )
        state = after
    first, last = events[0], events[-1]
    closed = last.at if state is State.UP else None
    reopened = sum(event.kind is EventKind.REOPENED for event in events)
    made = Incident(component, component, state, "x", first.at, last.at, closed, state, reopened, len(events))
    return replace(made, **changes), tuple(events)
