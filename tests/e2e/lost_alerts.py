"""A run that may die at any moment: it makes transitions, and sends what they have to say to a real receiver.

`python lost_alerts.py JOB`, a JSON object: location (of the store) · url (of the receiver) · channels · tables (name →
table in facemon.toml, of the channels that are the project's own) · rounds (how often it sends after having made
something) · burst (transitions in a round) · scripted (they are those of `scripted_life`) · branch (a file the store is
fetched from and pushed to, as a runner does) · patience · and where it kills itself: point (a name) · nth (1: when it
comes there first) · step (the number of a beginning or commit) · line (the number of a line of ours that is gone
through) · count (count the lines). All but location, url, channels and patience may be left out.

It prints `ready`, then `told ID` for each transition once it is kept, then `lines N`: how many lines it went through.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import scripted_life
from deaths import Lines, die, die_at

from facemon.alerting.dispatcher import Patience, dispatch
from facemon.clock import SystemClock
from facemon.errors import DeliveryFailed
from facemon.incident import Event, EventKind, Incident, Message, Notice
from facemon.model import State
from facemon.store import IncidentStore, new_id
from facemon.store.incidents import Changes, Snapshot

if TYPE_CHECKING:
    from facemon.alerting.channels.base import Channel

COMPONENTS = ("availability", "speed")
# The life of an incident here, again and again.
LIFE = (
    (EventKind.OPENED, State.DEGRADED),
    (EventKind.ESCALATED, State.DOWN),
    (EventKind.EVIDENCE, State.DOWN),
    (EventKind.RECOVERED, State.UP),
)
POINTS = ("transaction", "claim", "received", "acknowledged", "marked")


class WatchedStore(IncidentStore):
    """A store that may be its process's end right after it has done something."""

    point, left = "", 1

    def at(self, point: str) -> None:
        self.left -= point == self.point
        if self.left == 0:
            die()

    async def claim(self, *arguments: Any, **more: Any) -> list[Message]:
        claimed = await super().claim(*arguments, **more)
        if claimed:
            self.at("claim")
        return claimed

    async def acknowledged(self, *arguments: Any) -> bool:
        held = await super().acknowledged(*arguments)
        self.at("marked")
        return held


class Poster:
    """A channel that posts to the receiver."""

    def __init__(self, name: str, url: str, store: WatchedStore) -> None:
        self.name, self._url, self._store = name, url, store
        self._client = httpx.AsyncClient(trust_env=False)

    async def send(self, notice: Notice) -> str:
        assert notice.incident is None or notice.incident.state is notice.event.after
        body = {
            "id": notice.message.id,
            "event": notice.event.id,
            "incident": notice.event.incident_id,
            "number": notice.event.number,
            "history": len(notice.history),
            "receipts": notice.receipts,
        }
        try:
            reply = await self._client.post(f"{self._url}/{self.name}", json=body)
        except httpx.HTTPError as error:
            raise DeliveryFailed(type(error).__name__) from None
        if reply.status_code != 200:
            raise DeliveryFailed(f"HTTP {reply.status_code}")
        self._store.at("acknowledged")
        return str(reply.json()["receipt"])

    async def close(self) -> None:
        await self._client.aclose()


class Watched:
    """A channel of the project's own, which may be its process's end right after it has its answer."""

    def __init__(self, name: str, table: dict[str, Any], store: WatchedStore) -> None:
        from facemon.alerting.channels import CHANNELS  # late: it brings them all along
        from facemon.alerting.channels.base import ChannelConfig

        self.name, self._store = name, store
        self._inner: Channel = CHANNELS[name](ChannelConfig(name, table, os.environ), SystemClock())

    async def send(self, notice: Notice) -> str:
        receipt = await self._inner.send(notice)
        self._store.at("acknowledged")
        return receipt

    async def close(self) -> None:
        await self._inner.close()


def channel(name: str, job: dict[str, Any], store: WatchedStore) -> Channel:
    """One that posts to the receiver, unless the job has a table for it."""
    table = job.get("tables", {}).get(name)
    return Poster(name, job["url"], store) if table is None else Watched(name, table, store)


def next_transition(snapshot: Snapshot, channels: list[str]) -> Changes:
    """What happens next to one component, and (each fifth time) an alert about none."""
    done = sum(map(len, snapshot.events.values()))
    component = COMPONENTS[done % len(COMPONENTS)]
    current = next((i for i in snapshot.incidents if i.component == component and not i.closed_at), None)
    events = [_step(snapshot.now, component, current)]
    if done % 5 == 4:
        up = State.UP
        events.append((None, Event(new_id(snapshot.now), EventKind.ALERT, snapshot.now, up, up, "alert")))
    messages = tuple(
        Message(new_id(snapshot.now), event.id, channel, event.at, event.incident_id)
        for _, event in events
        for channel in channels
    )
    incidents = tuple(incident for incident, _ in events if incident is not None)
    return Changes(incidents, tuple(event for _, event in events), messages)


async def transition(store: IncidentStore, channels: list[str], *, scripted: bool) -> tuple[Event, ...]:
    """Make one, and its messages."""
    decide = scripted_life.next_step if scripted else next_transition
    return (await store.change(lambda snapshot: decide(snapshot, channels))).events


def _step(now: datetime, component: str, current: Incident | None) -> tuple[Incident | None, Event]:
    before = current or Incident(new_id(now), component, State.UP, "", now, now)
    kind, state = LIFE[before.events % len(LIFE)]
    number = before.events + 1
    event = Event(new_id(now), kind, now, before.state, state, "timeout", before.id, number, component)
    closed = now if kind is EventKind.RECOVERED else None
    after = replace(before, state=state, cause="timeout", changed_at=now, closed_at=closed, events=number)
    return after, event


def say(*lines: str) -> None:
    """To whoever started this life, at once."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def fetch(location: str, branch: str) -> None:
    """The store as it was last pushed, if it was."""
    if branch and Path(branch).exists():
        shutil.copyfile(branch, location)


def push(location: str, branch: str) -> None:
    """A whole copy of the store, put into place at once."""
    if not branch:
        return
    fresh = Path(f"{branch}.{os.getpid()}")
    with closing(sqlite3.connect(location)) as source, closing(sqlite3.connect(fresh)) as copy:
        source.backup(copy)
    fresh.replace(branch)


async def run(job: dict[str, Any]) -> None:
    """One life."""
    location, branch, burst = job["location"], job.get("branch", ""), job.get("burst", 1)
    scripted = job.get("scripted", False)
    fetch(location, branch)
    clock, owner, patience = SystemClock(), f"owner {os.getpid()}", Patience(**job["patience"])
    async with await WatchedStore.open(location) as store:
        store.point, store.left = job.get("point", ""), job.get("nth", 1)
        channels = {name: channel(name, job, store) for name in job["channels"]}
        for left in range(job.get("rounds", 0), -1, -1):  # the last round only sends
            made = [
                await transition(store, job["channels"], scripted=scripted)
                for _ in range(burst if left else 0)
            ]
            told = [events for events in made if events]
            if told:
                store.at("transaction")
                push(location, branch)
                say(*(f"told {event.id}" for events in told for event in events))
            await dispatch(store, channels, clock, owner=owner, wait=20, patience=patience)
            push(location, branch)
        for each in channels.values():
            await each.close()


def main() -> None:
    job = json.loads(sys.argv[1])
    lines = Lines(job.get("line", 0))
    if job.get("step"):
        die_at(job["step"])
    if job.get("line") or job.get("count"):
        lines.start()
    say("ready")
    asyncio.run(run(job))
    say(f"lines {lines.count}")


if __name__ == "__main__":
    main()
