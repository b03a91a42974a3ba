"""The life of a failure, from its opening to its recovery, and the messages that tell of it.

An `Incident` is about one component of the service. Each change of it is an `Event`, kept for ever. Whoever is to hear
of an event gets a `Message` each, which is written in the same transaction and stays until its receiver acknowledged
it. What a channel is handed is a `Notice`: the message with all it needs to be put into words.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from facemon.model import State


class EventKind(enum.StrEnum):
    """What became of an incident; the last two are about none.

    opened: a component is not up any more · escalated, eased: its state got worse or better without being up ·
    evidence: something else is wrong with it now · recovered: it is up, the incident is closed · reopened: it broke
    again soon after · acknowledged: a person has it in hand · resolved: a person closed it · alert: `send_alert` or a
    health check that failed · report: something to read, such as a run's summary.
    """

    OPENED = "opened"
    ESCALATED = "escalated"
    EASED = "eased"
    EVIDENCE = "evidence"
    RECOVERED = "recovered"
    REOPENED = "reopened"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    ALERT = "alert"
    REPORT = "report"


CLOSING = (EventKind.RECOVERED, EventKind.RESOLVED)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an event rests on, redacted: it may be shown to anybody who may read the incident.

    rule: what fired, in words · objectives: sentence → figure with its interval · checks: failing check → what it said
    · error_types: counted · records: ids of the last records that show it, newest first · request, response: of the
    newest of them · repeat: a command that shows it again on one's own machine · report: address of the Allure report.
    """

    rule: str = ""
    objectives: dict[str, str] = field(default_factory=dict)
    checks: dict[str, str] = field(default_factory=dict)
    error_types: dict[str, int] = field(default_factory=dict)
    records: tuple[str, ...] = ()
    request: str = ""
    response: str = ""
    repeat: str = ""
    report: str = ""
    run_id: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """state: as it is now, `up` once it is closed · announced: the state that was told last, None: nobody was told ·
    reopened: how often it came back · events: how many it has · target: as its runs name it.
    """

    id: str
    component: str
    state: State
    cause: str
    opened_at: datetime
    changed_at: datetime
    closed_at: datetime | None = None
    announced: State | None = None
    reopened: int = 0
    events: int = 0
    urgent: bool = False
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One change, immutable. incident_id: None for an alert or a report · number: 1, 2, … within its incident ·
    silent: nobody was told, because of a silence or a maintenance window, or for want of a channel · text: what an
    alert or a report says, html: the same for a mail.
    """

    id: str
    kind: EventKind
    at: datetime
    before: State
    after: State
    cause: str
    incident_id: str | None = None
    number: int = 0
    component: str = ""
    urgent: bool = False
    silent: bool = False
    evidence: Evidence = Evidence()
    text: str = ""
    html: str = ""


class Delivery(enum.StrEnum):
    """pending: to be sent, or being sent · sent: its receiver acknowledged it · refused: it never will."""

    PENDING = "pending"
    SENT = "sent"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Message:
    """One event for one channel. id: the same at each try; a receiver recognises a repeat by it.

    attempts: tries so far · due_at: not before · last_error: of the last try that failed · receipt: how the receiver
    names it, such as an issue's number.
    """

    id: str
    event_id: str
    channel: str
    created_at: datetime
    incident_id: str | None = None
    delivery: Delivery = Delivery.PENDING
    attempts: int = 0
    due_at: datetime | None = None
    last_error: str = ""
    sent_at: datetime | None = None
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody is told of a component (a pattern as in `fnmatch`, `*`: of any) from one moment to another.

    maintenance: planned work rather than noise.
    """

    id: str
    component: str
    starts_at: datetime
    ends_at: datetime
    reason: str = ""
    by: str = ""
    maintenance: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG to be shown within a mail. name: such as `timeline.png`."""

    name: str
    data: bytes
    alt: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What a channel sends. incident: as it was after this event, None for an alert or a report · history: its events
    up to this one, oldest first · receipts: those of earlier messages of the incident on this channel, oldest first.
    """

    message: Message
    event: Event
    incident: Incident | None = None
    history: tuple[Event, ...] = ()
    receipts: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
