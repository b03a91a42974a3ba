"""Processes that are killed and started again: how one life is led, and what must be left of them all."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol

import lost_alerts
from alert_places import Place

from facemon.incident import Delivery, Incident, Message
from facemon.store import IncidentStore

CHANNELS = ("mail", "issue")
# A lease is short here, so that the next life need not wait for long; what a try takes is shorter.
PATIENCE = {"send": 5.0, "lease": 0.25, "first": 0.01, "most": 0.1}


class Target(Protocol):
    """What lives talk to. victim: whom it kills at its moment."""

    url: str
    victim: asyncio.subprocess.Process | None


def kill(process: asyncio.subprocess.Process) -> None:
    """SIGKILL from any thread; it is dead when this returns, so that no answer sent from here on is read."""
    os.kill(process.pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):  # the event loop has seen its end already
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)


@dataclass
class Life:
    """How one life ended. told: the events it had told of as kept · lines: how many it went through ·
    seconds: from its being ready to its end.
    """

    killed: bool
    told: list[str]
    lines: int
    seconds: float


async def live(
    place: Place,
    target: Target,
    rounds: int = 0,
    *,
    point: str = "",
    seconds: float | None = None,
    channels: tuple[str, ...] = CHANNELS,
    environment: Mapping[str, str] | None = None,
    **more: Any,
) -> Life:
    """One life. seconds: killed from outside so long after it is ready · more: of its job, see `lost_alerts`."""
    job = {"location": place.location(), "branch": place.branch, "url": target.url, "rounds": rounds}
    job |= {"channels": channels, "point": point, "patience": PATIENCE, **more}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, lost_alerts.__file__, json.dumps(job)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **(environment or {})},
    )
    if point == "received":
        target.victim = process
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    ready = time.monotonic()
    if seconds is not None:
        await asyncio.sleep(seconds)
        if process.returncode is None:
            process.kill()
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    target.victim = None
    assert process.returncode in (0, -9), errors.decode()
    said = [words for words in map(str.split, output.decode().splitlines()) if len(words) == 2]
    told = [name for what, name in said if what == "told" and len(name) == 36]
    lines = next((int(n) for what, n in said if what == "lines"), 0)
    return Life(process.returncode != 0, told, lines, time.monotonic() - ready)


async def kept_in_order(place: Place, told: set[str], channels: int) -> tuple[list[Incident], list[Message]]:
    """No event is lost that was told of, each has its messages, and all were sent; returns what the store keeps."""
    async with await IncidentStore.open(place.kept) as store:
        messages, incidents = await store.messages(), await store.incidents()
        events = [event for i in incidents for event in await store.events(i.id)] + await store.events(None)
        for incident in incidents:
            assert [event.number for event in await store.events(incident.id)] == list(
                range(1, incident.events + 1)
            )
        for message in messages:
            tries = await store.deliveries(message.id)
            assert [one.outcome for one in tries] == ["failed"] * (message.attempts - 1) + ["sent"]
    assert told <= {event.id for event in events}
    assert Counter(message.event_id for message in messages) == {event.id: channels for event in events}
    assert {message.delivery for message in messages} <= {Delivery.SENT}
    if place.kept.endswith(".db"):
        with closing(sqlite3.connect(place.kept)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return incidents, messages
