"""The life of incidents told through one channel: decisions by `decide`, the outbox in memory, time by hand."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from facemon.alerting.channels.base import Channel, ChannelConfig
from facemon.alerting.channels.github_issue import GithubIssue
from facemon.alerting.decide import decide
from facemon.alerting.status import Status
from facemon.clock import ManualClock
from facemon.incident import Event, EventKind, Evidence, Incident, Message, Notice, Silence
from facemon.model import State

TOKEN = "ghs_Zq7Xw2Vr9Tk4Mn8Bp3Hd6Jf1Lc5Ys0Ga"
MINUTE, HOUR = 60.0, 3600.0


def config(url: str, repository: str = "team/app", **options: Any) -> ChannelConfig:
    """A table of the project's file with the environment of a workflow."""
    environment = {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": url, "GITHUB_REPOSITORY": repository}
    return ChannelConfig("github_issue", options, environment, "facemon.toml:3")


def evidence(**rest: Any) -> Evidence:
    """What a failing availability check leaves behind."""
    given: dict[str, Any] = {
        "rule": "3 failures in a row",
        "objectives": {"success_rate >= 99 %": "91.3 % (95 % interval 88.2 to 93.7)"},
        "checks": {"check_availability.py::check_up": "AttemptTimeout: no complete reply within 30 s"},
        "error_types": {"timeout": 12, "server_error": 2},
        "records": ("0193-aaaa", "0193-bbbb"),
        "request": "POST /v2beta/stable-image/generate/core\nauthorization: Bearer [redacted]",
        "response": "HTTP/1.1 504 Gateway Timeout",
        "repeat": "facemon check --target live --budget 3",
        "report": "https://team.example.io/app/allure/17/index.html",
        "run_id": "run-17",
        "target": "live",
    }
    return Evidence(**{**given, **rest})


class Life:
    """messages: all that were ever made · receipts: message id → what the channel returned. Time starts on a day when
    `clock` says so.
    """

    def __init__(self, channel: Channel | None, clock: ManualClock) -> None:
        self.channel, self.clock = channel, clock
        self.incidents: dict[str, Incident] = {}
        self.events: dict[str, list[Event]] = {}
        self.silences: list[Silence] = []
        self.messages: list[tuple[Message, Notice]] = []
        self.receipts: dict[str, str] = {}
        self._numbers = itertools.count(1)

    def new_id(self) -> str:
        """A name like those of the store."""
        return f"0193a7c4-0000-7000-8000-{next(self._numbers):012d}"

    def look(
        self, state: State, cause: str = "", component: str = "availability", **rest: Any
    ) -> list[Notice]:
        """An update: what the rules say of one component now, and the notices that follow."""
        given = {
            "recovered": state is State.UP,
            "evidence": evidence() if state is not State.UP else Evidence(),
        }
        status = Status(component, state, cause, **{**given, **rest})
        now = self.clock.now()
        snapshot: Any = SimpleNamespace(
            now=now,
            incidents=tuple(self.incidents.values()),
            silences=tuple(self.silences),
            events={name: tuple(events) for name, events in self.events.items()},
            heard={message.incident_id: frozenset({"github_issue"}) for message, _ in self.messages},
        )
        changes = decide(snapshot, [status], now, ["github_issue"], self.new_id)
        self.incidents |= {incident.id: incident for incident in changes.incidents}
        return self._notices(changes.events, changes.messages)

    def person(self, kind: EventKind, incident_id: str, by: str = "ada") -> list[Notice]:
        """A person acknowledges or resolves an incident."""
        incident, now = self.incidents[incident_id], self.clock.now()
        after = State.UP if kind is EventKind.RESOLVED else incident.state
        event = Event(
            self.new_id(), kind, now, incident.state, after, incident.cause, incident_id, incident.events + 1,
            incident.component,
        )  # fmt: skip
        changed = replace(
            incident, state=after, changed_at=now, events=event.number, acknowledged_at=now, acknowledged_by=by,
            closed_at=now if kind is EventKind.RESOLVED else None, announced=after,
        )  # fmt: skip
        self.incidents[incident_id] = changed
        message = Message(self.new_id(), event.id, "github_issue", now, incident_id)
        return self._notices([event], [message])

    def alert(self, text: str, **rest: Any) -> Notice:
        """Something to tell that is no incident's."""
        now = self.clock.now()
        event = Event(
            self.new_id(), rest.pop("kind", EventKind.ALERT), now, State.UP, State.UP, "", text=text, **rest
        )
        return self._notices([event], [Message(self.new_id(), event.id, "github_issue", now)])[0]

    def _notices(self, events: Any, messages: Any) -> list[Notice]:
        by_id = {event.id: event for event in events}
        for event in events:
            if event.incident_id:
                self.events.setdefault(event.incident_id, []).append(event)
        made = []
        for message in messages:
            event = by_id[message.event_id]
            known = self.events.get(event.incident_id or "", [])
            history = tuple(each for each in known if each.number <= event.number)
            incident = self.incidents[event.incident_id] if event.incident_id else None
            made.append(Notice(message, event, incident, history))
            self.messages.append((message, made[-1]))
        return made

    def with_receipts(self, notice: Notice) -> Notice:
        """As the store would hand it over now: with the receipts of the earlier messages of its incident."""
        earlier = [
            self.receipts[message.id]
            for message, _ in self.messages
            if message.incident_id == notice.message.incident_id
            and message.id in self.receipts
            and message.id < notice.message.id
        ]
        return replace(notice, receipts=tuple(receipt for receipt in earlier if receipt))

    async def tell(self, notices: list[Notice]) -> list[str]:
        """Send what there is, and keep the receipts; returns them."""
        assert self.channel is not None
        for notice in notices:
            self.receipts[notice.message.id] = await self.channel.send(self.with_receipts(notice))
        return [self.receipts[notice.message.id] for notice in notices]

    async def see(self, state: State, cause: str = "", **rest: Any) -> list[str]:
        """`look` and `tell`; a minute passes before."""
        self.clock.advance(MINUTE)
        return await self.tell(self.look(state, cause, **rest))


def channel_of(url: str, clock: ManualClock, **options: Any) -> GithubIssue:
    """The channel, talking to a server."""
    return GithubIssue(config(url, **options), clock)
