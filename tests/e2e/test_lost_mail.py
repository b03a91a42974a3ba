"""Killed with SIGKILL while a mail server takes a mail, or right after, a run sends it again under the same name."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("githubkit")
pytest.importorskip("aiosmtpd")

from alert_places import PLACES, Place, new_places, postgres
from killed_lives import Life, kept_in_order, live
from lethal_servers import LethalMail
from scripted_life import SCRIPT

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

MAILS = len(SCRIPT) + 1  # and one of the alert
_BOUNDARY = re.compile(rb"={15}\d+==")


@pytest.fixture(scope="module")
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL server for this file."""
    yield from postgres()


@pytest.fixture
def new_place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Place]:
    """Makes places of one kind."""
    return new_places(request.param, tmp_path, request)


async def lead(place: Place, server: LethalMail, fatal: int = 0, **more: Any) -> Life:
    """One life, through the whole script if nothing kills it. fatal: see `LethalMail`."""
    server.begin(fatal)
    table = {"to": ["a@example.com"], "from": "f@example.com", "server": server.address, "tls": "none"}
    given = {"channels": ("email",), "tables": {"email": table}, "scripted": True, "burst": 3}
    return await live(place, server, 4, **given, **more)


@pytest.mark.parametrize("answered", [False, True], ids=["taken", "answered"])
@pytest.mark.parametrize("new_place", PLACES, indirect=True)
async def test_a_mail_that_is_sent_again_is_the_same_mail(
    new_place: Callable[[], Place], answered: bool, long_run: bool, request: pytest.FixtureRequest
) -> None:
    """Killed when the server has taken the data and has not yet answered, or when its answer has come and is not yet
    kept: the next life sends the mail again, with the same Message-ID, date and words; none is lost, and each comes in
    the order of its incident. `--long`: at each mail, else at one.
    """
    chance = random.Random(request.node.name)
    for fatal in range(1, MAILS + 1) if long_run else [chance.randint(1, MAILS)]:
        place = new_place()
        with LethalMail() as server:
            death = (
                {"point": "acknowledged", "nth": fatal} if answered else {"point": "received", "fatal": fatal}
            )
            killed = await lead(place, server, **death)
            assert killed.killed
            assert len(server.mails) == fatal
            last = await lead(place, server)
            assert not last.killed
            fatal_id = str(server.mails[fatal - 1][1]["Message-ID"])
            assert fatal_id in [mail["Message-ID"] for _, mail in server.mails[fatal:]]
            await examine(place, server, {*killed.told, *last.told})


async def examine(place: Place, server: LethalMail, told: set[str]) -> None:
    """Each message is one mail, however often it came."""
    incidents, messages = await kept_in_order(place, told, 1)
    assert len(messages) == MAILS
    came, contents = list[str](), defaultdict[str, set[bytes]](set)
    for (_, mail), raw in zip(server.mails, server.raw, strict=True):
        name = str(mail["Message-ID"])
        came += [] if name in contents else [name]
        contents[name].add(_BOUNDARY.sub(b"boundary", raw))
    assert {name: len(different) for name, different in contents.items()} == dict.fromkeys(came, 1)
    for incident in (*(each.id for each in incidents), None):
        own = [f"<{message.id}@example.com>" for message in messages if message.incident_id == incident]
        assert [name for name in came if name in own] == own
    assert len(came) == MAILS
