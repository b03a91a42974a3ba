"""Killed with SIGKILL at any point of its talk with GitHub, a run leaves one issue and one comment for each event."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("github")
pytest.importorskip("githubkit")
pytest.importorskip("aiosmtpd")

from alert_places import PLACES, Place, new_places, postgres
from killed_lives import Life, kept_in_order, live
from lethal_servers import LethalGithub
from lost_alerts import transition
from scripted_life import ALERT, SCRIPT

from facemon.clock import SystemClock
from facemon.incident import Incident
from facemon.store import IncidentStore
from tests.github_server.life import TOKEN
from tests.github_server.state import Issue

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

# Issue → title, state, why it is in it, labels, and the headings of its comments; what time passed is left out.
WANTED = {
    "speed": (
        *("✅ speed is up again after …", "closed", "completed", {"facemon", "speed", "status:degraded"}),
        [
            "🛑 speed is down: timeout",
            "🛑 speed is down: server_error",
            "⚠️ speed is degraded: response_time.p95",
            "✅ speed is up again after …",
        ],
    ),
    "pictures": (
        *("✅ pictures are up again after …", "closed", "completed"),
        {"facemon", "pictures", "status:degraded"},
        [
            "✅ pictures are up again after …",
            "⚠️ pictures are degraded again: quality_score",
            "✅ pictures are up again after …",
        ],
    ),
    "speed anew": ("🛑 speed is down: timeout", "open", None, {"facemon", "speed", "status:down"}, []),
    "alert": (ALERT, "open", None, {"facemon"}, []),
}
REQUESTS = 37
"""Of one whole life: so many moments there are to be killed at, before and after each."""
CREATION, CLOSING = 3, 35  # those of them that open the first issue, and close one after its last comment


@pytest.fixture(scope="module")
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL server for this file."""
    yield from postgres()


@pytest.fixture
def new_place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Place]:
    """Makes places of one kind."""
    return new_places(request.param, tmp_path, request)


def environment_of(server: LethalGithub) -> dict[str, str]:
    """Of a workflow in the repository."""
    return {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": server.url, "GITHUB_REPOSITORY": server.home.name}


async def lead(place: Place, server: LethalGithub, fatal: int = 0, done: bool = False, **more: Any) -> Life:
    """One life, through the whole script if nothing kills it. fatal, done: see `LethalGithub`."""
    server.begin(fatal, done)
    given = {"channels": ("github_issue",), "tables": {"github_issue": {}}, "scripted": True, "burst": 3}
    return await live(place, server, 4, environment=environment_of(server), **{**given, **more})


def marked(text: str, what: str) -> str:
    """The id of a hidden marker that has a line of its own; empty where there is none."""
    found = re.findall(rf"^<!-- facemon:{what}=(\S+) -->$", text, re.MULTILINE)
    return found[0] if len(found) == 1 else ""


def shown(issue: Issue) -> tuple[Any, ...]:
    """As in `WANTED`."""
    titles = [issue.title, *(text.splitlines()[0].strip("*").replace("\\", "") for text in issue.texts)]
    titles = [re.sub("(?<=after ).*", "…", title) for title in titles]
    return titles[0], issue.state, issue.state_reason, set(issue.labels), titles[1:]


async def examine(place: Place, server: LethalGithub, told: set[str]) -> None:
    """GitHub shows each incident once, with each of its events once and in order, as it should be at the end."""
    incidents, messages = await kept_in_order(place, told, 1)
    names = _names(incidents)
    issues = {
        names.get(marked(issue.body, "incident"), "alert" if marked(issue.body, "message") else ""): issue
        for issue in server.home.issues
    }
    assert len(server.home.issues) == len(issues)
    assert {name: shown(issue) for name, issue in issues.items()} == WANTED
    for name, issue in issues.items():
        sent = [message for message in messages if names.get(message.incident_id or "", "alert") == name]
        assert [marked(text, "event") for text in (issue.body, *issue.texts)] == [m.event_id for m in sent]
        assert {message.receipt for message in sent} == {f"team/app#{issue.number}"}
    assert not server.violations


def _names(incidents: list[Incident]) -> dict[str, str]:
    """Incident → its name in `WANTED`."""
    names: dict[str, str] = {}
    for incident in sorted(incidents, key=lambda each: each.opened_at):
        again = " anew" if incident.component in names.values() else ""
        names[incident.id] = incident.component + again
    return names


@pytest.fixture(scope="module")
async def whole(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """A life that nobody kills. GitHub shows what it should; its requests are those that the others are killed at."""
    place = Place(tmp_path_factory.mktemp("whole"))
    with LethalGithub(TOKEN) as server:
        life = await lead(place, server, count=True)
        await examine(place, server, set(life.told))
        assert len(server.requests) == REQUESTS
        writes = [server.requests[number - 1].operation for number in (CREATION, CLOSING - 1, CLOSING)]
        assert writes == ["create", "comment", "update"]
    return life


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("new_place", PLACES, indirect=True)
async def test_killed_at_each_request(
    new_place: Callable[[], Place], whole: Life, done: bool, long_run: bool
) -> None:
    """Killed at the first, second, … request, before GitHub carries it out or after that and before the answer: the
    next life makes good what is missing, and nothing is there twice. `--long`: at each, else where half a thing is
    left: an issue that nobody knows of, a comment on the recovery without the issue's end.
    """
    for fatal in range(1, REQUESTS + 1) if long_run else [CREATION if done else CLOSING]:
        place = new_place()
        with LethalGithub(TOKEN) as server:
            killed = await lead(place, server, fatal, done, point="received")
            assert killed.killed
            assert len(server.requests) == fatal
            last = await lead(place, server)
            assert not last.killed
            await examine(place, server, {*killed.told, *last.told})


@pytest.mark.parametrize("keeps_out", [False, True], ids=["open to us", "keeps us out"])
async def test_a_death_leaves_no_issue_unlocked(tmp_path: Path, keeps_out: bool, long_run: bool) -> None:
    """Where issues are to be locked: killed between an issue and its lock, or while a lock that keeps us out is open
    for a comment, the next life locks it. `--long`: at each request.
    """
    table = {"tables": {"github_issue": {"lock": True}}}
    for fatal in range(1, 66 if keeps_out else 45) if long_run else [12 if keeps_out else 4]:
        place = Place(tmp_path / str(fatal))
        place.folder.mkdir()
        with LethalGithub(TOKEN) as server:
            server.home.keeps_out = keeps_out
            killed = await lead(place, server, fatal, point="received", **table)
            last = await lead(place, server, **table)
            await examine(place, server, {*killed.told, *last.told})
            assert [issue.locked for issue in server.home.issues] == [True] * 4


@pytest.mark.parametrize("new_place", PLACES, indirect=True)
async def test_killed_again_and_again(
    new_place: Callable[[], Place], whole: Life, long_run: bool, request: pytest.FixtureRequest
) -> None:
    """Killed at random requests, lines of ours and times, until a life comes to its end, and the same with the next
    store: GitHub shows what it would have shown without. `--long`: 20 kills in each place, else 2.
    """
    chance, kills, stores = random.Random(request.node.name), 0, 0
    assert whole.lines > 2000
    while kills < (20 if long_run else 2):
        place, told, killed = new_place(), set[str](), True
        stores += 1
        with LethalGithub(TOKEN) as server:
            while killed:
                life = await lead(place, server, **_death(chance, whole))
                killed = life.killed
                kills += killed
                told |= set(life.told)
            await examine(place, server, told)
    sys.stdout.write(f"\n{request.node.name}: {kills} kills, {stores} stores\n")


def _death(chance: random.Random, whole: Life) -> dict[str, Any]:
    """How the next life ends, if it does not come to its end before."""
    return chance.choice(
        [
            {"point": "received", "fatal": chance.randint(1, REQUESTS), "done": chance.random() < 0.5},
            {"line": chance.randint(1, whole.lines)},
            {"seconds": chance.uniform(0.0, whole.seconds / 2)},
        ]
    )


@pytest.mark.parametrize(
    ("new_place", "done"),
    [("sqlite", True), pytest.param("postgres", False, marks=pytest.mark.postgres)],
    ids=["sqlite-after", "postgres-before"],
    indirect=["new_place"],
)
async def test_the_command_is_killed(
    new_place: Callable[[], Place], done: bool, long_run: bool, request: pytest.FixtureRequest
) -> None:
    """`facemon alerts send` is killed at a request, before or after GitHub carries it out. While its claim holds, the
    next one leaves that message alone and says that it waits; once the claim is over it is sent, and nothing is there
    twice. `--long`: at five requests, else at one.
    """
    for fatal in random.Random(request.node.name).sample(range(1, REQUESTS + 1), 5 if long_run else 1):
        place = new_place()
        async with await IncidentStore.open(place.kept) as store:
            for _ in SCRIPT:
                await transition(store, ["github_issue"], scripted=True)
        (place.folder / "facemon.toml").write_text("[alerts.channels.github_issue]\n")
        with LethalGithub(TOKEN) as server:
            server.begin(fatal, done)
            assert await command(place, server) == -signal.SIGKILL
            server.begin()
            assert await command(place, server) == 1
            await let_the_claim_end(place)
            assert await command(place, server) == 0
            await examine(place, server, set())


async def let_the_claim_end(place: Place) -> None:
    """Somebody comes ten minutes later, and his own claim is over at this moment."""
    async with await IncidentStore.open(place.kept) as store:
        later = SystemClock().now() + timedelta(minutes=10)
        assert await store.claim("somebody", later, -600.0, ["github_issue"], limit=10)


async def command(place: Place, server: LethalGithub) -> int:
    """`facemon alerts send`, as a person would run it; its exit code."""
    process = await asyncio.create_subprocess_exec(
        *(Path(sys.executable).with_name("facemon"), "alerts", "send", "--wait", "10s"),
        cwd=place.folder,
        env={**os.environ, **environment_of(server), "FACEMON_STORE": place.kept},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    server.victim = process
    _, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    assert process.returncode < 0 or b"still waiting" in errors, errors.decode()
    return process.returncode
