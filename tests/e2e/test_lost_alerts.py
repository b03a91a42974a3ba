"""Killed with SIGKILL at any point between a transition and its acknowledgement, a run loses no alert.

The run is a process of its own (`lost_alerts.py`); its receiver, here, recognises a repeat by its id as GitHub's hidden
markers, a mail's Message-ID and a webhook's id let theirs do.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lost_alerts
import pytest
from aiohttp import web
from alert_places import PLACES, Place, place_of, postgres
from killed_lives import kept_in_order, live

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@dataclass
class Receiver:
    """taken: message id → its body, in the order they were first taken · arrivals: the id of each request that was
    taken · moods: seeded trouble; None: it always answers · differences: repeats that were none ·
    victim: killed once a request of it has been taken.
    """

    moods: random.Random | None = None
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)
    arrivals: list[str] = field(default_factory=list)
    differences: list[Any] = field(default_factory=list)
    victim: asyncio.subprocess.Process | None = None
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        body = {**await request.json(), "channel": request.path}
        mood = self.moods.random() if self.moods else 1.0
        if mood < 0.3:
            return web.Response(status=503)
        self.arrivals.append(body["id"])
        # A repeat is the same in every word; a difference would be a second alert under the first one's name.
        if self.taken.setdefault(body["id"], body) != body:
            self.differences.append((self.taken[body["id"]], body))
        if self.victim is not None:
            self.victim.kill()
            self.victim = None
        if mood < 0.4 and request.transport is not None:
            request.transport.close()
        return web.json_response({"receipt": f"receipt of {body['id']}"})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    application = web.Application()
    application.router.add_post("/{channel}", receiver.take)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    receiver.url = f"http://127.0.0.1:{port}"
    yield receiver
    await runner.cleanup()


@pytest.fixture(scope="module")
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL server for this file."""
    yield from postgres()


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """By its name."""
    return place_of(request.param, tmp_path, request)


async def examine(place: Place, receiver: Receiver, told: set[str], channels: int = 2) -> None:
    """No alert is lost, none is told that is not kept, and each comes in the order of its incident."""
    incidents, messages = await kept_in_order(place, told, channels)
    assert not receiver.differences
    assert {message.id for message in messages} == set(receiver.taken)
    assert sum(incident.closed_at is None for incident in incidents) <= len(lost_alerts.COMPONENTS)
    kept, came = defaultdict[Any, list[str]](list), defaultdict[Any, list[str]](list)
    for message in messages:
        kept[f"/{message.channel}", message.incident_id].append(message.id)
    for body in receiver.taken.values():
        came[body["channel"], body["incident"]].append(body["id"])
    of_none = {stream for stream in kept if stream[1] is None}
    assert {s: ids for s, ids in came.items() if s not in of_none} == {
        s: ids for s, ids in kept.items() if s not in of_none
    }


@pytest.mark.parametrize("place", PLACES, indirect=True)
async def test_kills_at_random(
    place: Place, receiver: Receiver, long_run: bool, record_property: Any, request: pytest.FixtureRequest
) -> None:
    """Killed again and again, at random lines of ours and at random times, with a receiver that fails and breaks off:
    every alert arrives, in order, under one id. `--long`: 201 kills in the three places together, else 21.
    """
    chance = random.Random(request.node.name)
    receiver.moods = random.Random(1)
    whole = await live(place, receiver, 2, burst=3, count=True)
    assert whole.lines > 500
    lives, told = [whole], set(whole.told)
    while sum(life.killed for life in lives) < (67 if long_run else 7):
        if len(lives) % 2:
            life = await live(place, receiver, 2, burst=3, line=chance.randint(1, whole.lines))
        else:
            life = await live(place, receiver, 2, burst=3, seconds=chance.uniform(0.0, whole.seconds))
        lives.append(life)
        told |= set(life.told)
    last = await live(place, receiver)
    assert not last.killed
    await examine(place, receiver, told)
    repeats = len(receiver.arrivals) - len(receiver.taken)
    figures = {"lives": len(lives), "alerts": len(receiver.taken), "repeats": repeats, "lines": whole.lines}
    record_property("kills", figures)
    kills = sum(life.killed for life in lives)
    sys.stdout.write(f"\n{request.node.name}: {kills} kills, {figures}\n")


@pytest.mark.parametrize("point", lost_alerts.POINTS)
@pytest.mark.parametrize("place", PLACES, indirect=True)
async def test_kills_at_each_point(place: Place, receiver: Receiver, point: str) -> None:
    """Killed right after the transaction, after the claim, when the receiver has it and has not yet answered, when the
    answer has come and is not yet kept, and when it is: the next life sends what is not known to have arrived, and only
    that. A runner's disk is lost with it, so what it had not pushed is sent again, or never came to be.
    """
    first = await live(place, receiver, 1, point=point, channels=("mail",))
    assert first.killed
    sent_before = len(receiver.arrivals)
    last = await live(place, receiver, channels=("mail",))
    assert not last.killed
    await examine(place, receiver, set(first.told), 1)
    on_branch = bool(place.branch)
    before, after = {
        "transaction": (0, 0 if on_branch else 1),
        "claim": (0, 1),
        "received": (1, 1),
        "acknowledged": (1, 1),
        "marked": (1, 1 if on_branch else 0),
    }[point]
    assert (sent_before, len(receiver.arrivals) - sent_before) == (before, after)


@pytest.mark.parametrize("place", PLACES[:2], indirect=True)
async def test_kills_at_each_transaction(place: Place, receiver: Receiver) -> None:
    """Killed at the beginning and right before the commit of each transaction there is: what was to be written together
    is there together or not at all.
    """
    told: set[str] = set()
    for step in itertools.count(1):
        life = await live(place, receiver, 1, step=step, channels=("mail",))
        told |= set(life.told)
        if not life.killed:
            break
    assert step > 10
    await examine(place, receiver, told, 1)
