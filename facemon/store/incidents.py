"""The store of incidents: what became of them, who is to hear of it, and what became of that.

Incidents and events are never deleted. A change and its messages are one transaction, so that no death in between
leaves a change that nobody hears of.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection

from facemon.clock import Clock, SystemClock
from facemon.incident import Delivery, Event, Incident, Message, Notice, Silence
from facemon.store import incident_queries as queries
from facemon.store import outbox
from facemon.store.engine import Database
from facemon.store.location import locate
from facemon.store.opening import open_database
from facemon.store.workers import Workers

HORIZON = timedelta(days=30)
"""How long a closed incident or an ended silence is still shown to who decides: as far back as rules look."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a decision rests on. incidents: open, closed since `HORIZON`, or closed with nobody told, oldest first ·
    silences: to come, in force, or ended since then · events: those of each incident here by its id, oldest first ·
    now: read after everybody else had finished · looked_at: when this was decided of the same target before · heard:
    open incident → channels that have messages of it.
    """

    now: datetime
    incidents: tuple[Incident, ...] = ()
    silences: tuple[Silence, ...] = ()
    events: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)
    looked_at: datetime | None = None
    heard: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a decision writes. incidents, silences: inserted, or updated where their id is known · events, messages:
    inserted; messages of one incident go out in this order.
    """

    incidents: tuple[Incident, ...] = ()
    events: tuple[Event, ...] = ()
    messages: tuple[Message, ...] = ()
    silences: tuple[Silence, ...] = ()


@dataclass(frozen=True, slots=True)
class DeliveryAttempt:
    """One try to send a message. number: 1, 2, … · outcome: `sent`, `failed` or `refused` · error: of the last two."""

    message_id: str
    number: int
    at: datetime
    outcome: str
    error: str = ""


class _DecisionFailed(Exception):
    """Carries what a decision raised past the place where a database's errors are put into words."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class IncidentStore:
    """Incidents, events, messages and silences.

    Open it with `open`, use it from any event loop, close it (or use it as an async context manager). Every method
    raises StoreError where the database cannot do what was asked. location: the place as it may be shown.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self.location = database.location.label
        self._clock = clock
        self._workers = Workers(database, "incidents")

    @classmethod
    async def open(
        cls,
        location: str | Path,
        *,
        read_only: bool = False,
        must_exist: bool = False,
        clock: Clock | None = None,
    ) -> Self:
        """Open a store; location, read_only and must_exist are those of `RecordStore.open`. Raises StoreError."""
        opened = functools.partial(
            open_database, locate(location), read_only=read_only, must_exist=must_exist
        )
        return cls(await asyncio.to_thread(opened), clock or SystemClock())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Write what waits, and close every connection. Closing twice is allowed."""
        await self._workers.close()

    async def change(self, decide: Callable[[Snapshot], Changes], *, target: str | None = None) -> Changes:
        """Look, decide and write in one transaction that no other changer shares; returns what was written.

        decide: runs in a thread, and is called once; what it raises is raised here, and nothing is written · target:
        whose runs were looked at, which is written down with the moment; None: nobody looked at runs.
        Raises StoreError also for a second open incident of one component, or an event that is there already.
        """

        def work(connection: Connection) -> Changes:
            queries.exclude_others(connection)
            try:
                snapshot = _snapshot(connection, self._clock.now(), target)
                new = decide(snapshot)
            except Exception as error:
                raise _DecisionFailed(error) from None
            queries.write(connection, new.incidents, new.events, new.messages, new.silences)
            if target is not None:
                queries.write_look(connection, target, snapshot.now)
            return new

        try:
            return await self._workers.write(work)
        except _DecisionFailed as failed:
            raise failed.error from None

    async def incidents(self, *, open_only: bool = False, limit: int | None = None) -> list[Incident]:
        """Incidents, newest first."""
        return await self._workers.read(
            functools.partial(queries.find_incidents, open_only=open_only, limit=limit)
        )

    async def incident(self, name: str) -> Incident:
        """The incident of an id or of the beginning of just one id. Raises InvalidInput for none and for several."""
        return await self._workers.read(functools.partial(queries.find_incident, name=name))

    async def events(self, incident_id: str | None) -> list[Event]:
        """The events of an incident, or (None) the alerts and reports that are about none; oldest first."""
        return await self._workers.read(functools.partial(queries.find_events, incident_id=incident_id))

    async def silences(self) -> list[Silence]:
        """Silences to come, in force, or ended since `HORIZON`, in the order they start."""
        since = self._clock.now() - HORIZON
        return list(await self._workers.read(functools.partial(queries.current_silences, since=since)))

    async def messages(
        self, *, delivery: Delivery | None = None, channel: str | None = None
    ) -> list[Message]:
        """Messages, in the order they were made."""
        return await self._workers.read(
            functools.partial(outbox.find_messages, delivery=delivery, channel=channel)
        )

    async def unheard(self, channels: Collection[str]) -> list[Message]:
        """What these channels refused of incidents that are still open, and of which they heard nothing since."""
        return await self._workers.read(functools.partial(outbox.unheard, channels=tuple(channels)))

    async def renew(self, channels: Collection[str], now: datetime) -> list[Message]:
        """Let what is unheard wait again, to be sent now; returns it."""
        return await self._workers.write(functools.partial(outbox.renew, channels=tuple(channels), now=now))

    async def deliveries(self, message_id: str) -> list[DeliveryAttempt]:
        """The tries of a message that came to an end, oldest first."""
        rows = await self._workers.read(functools.partial(outbox.find_deliveries, message_id=message_id))
        return [DeliveryAttempt(**row) for row in rows]

    async def notice(self, message: Message) -> Notice:
        """A message with its event, the incident as it was after it, its history and earlier receipts."""
        return await self._workers.read(functools.partial(queries.notice, message=message))

    async def claim(
        self,
        owner: str,
        now: datetime,
        lease: float,
        channels: Collection[str],
        limit: int = 1,
        *,
        due_by: datetime | None = None,
    ) -> list[Message]:
        """Take up to `limit` messages of these channels to send, for `lease` seconds; in the order they were made.

        owner: a name that no other sender has, not even this one's former life. due_by: those due later wait (None:
        now). Of one incident on one channel only the earliest that is pending is handed out.
        """
        return await self._workers.write(
            functools.partial(
                outbox.claim,
                owner=owner,
                now=now,
                lease=lease,
                channels=tuple(channels),
                limit=limit,
                due_by=due_by or now,
            )
        )

    async def next_due(self, channels: Collection[str]) -> datetime | None:
        """When the next message of these channels can be claimed, which may be past; None where none is pending."""
        return await self._workers.read(functools.partial(outbox.next_due, channels=tuple(channels)))

    async def acknowledged(self, message_id: str, owner: str, now: datetime, receipt: str) -> bool:
        """Its receiver has it. False, and nothing is written, where the claim is no longer the owner's."""
        return await self._settle(
            message_id, owner, now, "sent", delivery=Delivery.SENT.value, sent_at=now, receipt=receipt
        )

    async def failed(self, message_id: str, owner: str, now: datetime, error: str, due_at: datetime) -> bool:
        """This try failed; the next not before `due_at`. False where the claim is no longer the owner's."""
        return await self._settle(message_id, owner, now, "failed", last_error=error, due_at=due_at)

    async def refused(self, message_id: str, owner: str, now: datetime, error: str) -> bool:
        """Its receiver will never take it. False where the claim is no longer the owner's."""
        return await self._settle(
            message_id, owner, now, "refused", delivery=Delivery.REFUSED.value, last_error=error
        )

    async def _settle(self, message_id: str, owner: str, now: datetime, outcome: str, **columns: Any) -> bool:
        return await self._workers.write(
            functools.partial(
                outbox.settle, message_id=message_id, owner=owner, now=now, outcome=outcome, **columns
            )
        )


def _snapshot(connection: Connection, now: datetime, target: str | None) -> Snapshot:
    since = now - HORIZON
    incidents = queries.current_incidents(connection, since)
    return Snapshot(
        now,
        incidents,
        queries.current_silences(connection, since),
        queries.events_of(connection, [incident.id for incident in incidents]),
        queries.last_look(connection, target) if target is not None else None,
        queries.heard(connection),
    )
