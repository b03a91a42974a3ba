"""The whole life of an incident on GitHub, through the channel: undisturbed, and with a death at each request."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

pytest.importorskip("github")
pytest.importorskip("githubkit")

from facemon.alerting.channels import github_issue
from facemon.alerting.github import connection
from facemon.alerting.github.markers import tells_of_an_event
from facemon.clock import ManualClock, SystemClock
from facemon.errors import DeliveryFailed
from facemon.incident import EventKind, Silence
from facemon.model import State
from tests.github_server.life import TOKEN, Life, channel_of, evidence
from tests.github_server.server import GithubServer
from tests.github_server.state import Issue

pytestmark = pytest.mark.e2e

DOWN, DEGRADED, UNKNOWN, UP = State.DOWN, State.DEGRADED, State.UNKNOWN, State.UP
MINUTE = 60.0


@pytest.fixture
def clock() -> ManualClock:
    """Time moved by hand."""
    return ManualClock()


@pytest.fixture
def server(clock: ManualClock) -> Iterator[GithubServer]:
    """GitHub, on the loopback."""
    with GithubServer(TOKEN, clock.now) as started:
        yield started
        assert not started.violations


@pytest_asyncio.fixture
async def life(server: GithubServer, clock: ManualClock) -> AsyncIterator[Life]:
    """Incidents that are told to the server."""
    channel = channel_of(server.url, clock, assignees={"*": ["ada"]})
    yield Life(channel, clock)
    await channel.close()


async def test_the_whole_life(server: GithubServer, life: Life) -> None:
    """Open, repeat, escalate, ease, new evidence, acknowledge, maintenance, recover, reopen, recover, and another one:
    two issues at the end, each event told once, and nothing told of what happened in the window.
    """
    await life.see(DEGRADED, "moderated")
    issue = server.home.issues[0]
    assert await life.see(DEGRADED, "moderated") == []  # every run; nobody hears of it twice
    await life.see(DOWN, "timeout")
    await life.see(DEGRADED, "moderated")
    await life.see(DEGRADED, "moderated", evidence=evidence(error_types={"invalid_image": 3}))
    (name,) = life.incidents
    await life.tell(life.person(EventKind.ACKNOWLEDGED, name, by="ada"))
    assert [state_of(issue), len(issue.comments)] == [("open", "status:degraded"), 4]

    now = life.clock.now()
    life.silences.append(Silence("w", "*", now, now + timedelta(minutes=30), "planned", maintenance=True))
    assert await life.see(DOWN, "timeout") == []
    assert [state_of(issue), len(issue.comments)] == [("open", "status:degraded"), 4]
    life.clock.advance(40 * MINUTE)
    await life.see(DOWN, "timeout")
    assert [state_of(issue), len(issue.comments)] == [("open", "status:down"), 5]

    await life.see(UP)
    assert [state_of(issue), len(issue.comments)] == [("closed", "status:down"), 6]
    await life.see(UNKNOWN, "unauthorized")
    assert [state_of(issue), len(issue.comments)] == [("open", "status:unknown"), 7]
    assert issue.title == "❔ nobody can tell about availability again: unauthorized"
    await life.see(UP)
    assert [state_of(issue), len(issue.comments)] == [("closed", "status:unknown"), 8]

    life.clock.advance(25 * 3600)
    await life.see(DOWN, "server_error")
    assert [each.number for each in server.home.issues] == [1, 2]
    assert all(tells_of_an_event(text) for text in issue.texts)
    assert len(set(issue.texts)) == 8


def state_of(issue: Issue) -> tuple[str, str]:
    """Open or closed, and the label that tells the state."""
    (label,) = (label for label in issue.labels if label.startswith("status:"))
    return issue.state, label


@pytest.mark.slow
async def test_a_death_at_any_request_leaves_one_issue_and_one_comment_for_each_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At the first, second, … request the process is lost, before GitHub carried it out or after; a new one, which
    knows no receipt, begins with the message that was not acknowledged, or with all of them (the store's copy was lost
    too). The end is the same each time.
    """
    monkeypatch.setattr(
        github_issue, "SEND_LIMIT", 0.5
    )  # less than the first pause: no second try in one life
    wanted, requests = await play(fatal=0, done=False, forgets=False)
    assert requests > 15
    seen = 0
    for fatal, done, forgets in itertools.product(range(1, requests + 1), (False, True), (False, True)):
        found, _ = await play(fatal, done, forgets)
        assert found == wanted, (fatal, done, forgets)
        seen += 1
    assert seen == 4 * requests


async def play(fatal: int, done: bool, forgets: bool) -> tuple[object, int]:
    """What GitHub shows at the end of a life, and how many requests came."""
    clock = ManualClock()
    with GithubServer(TOKEN, clock.now) as server:
        life = Life(None, clock)
        for state, cause in (
            (DEGRADED, "moderated"),
            (DOWN, "timeout"),
            (UP, ""),
            (DOWN, "timeout"),
            (UP, ""),
        ):
            clock.advance(MINUTE)
            life.look(state, cause)
        pending = [notice for _, notice in life.messages]
        if fatal:
            count = itertools.count(1)
            whole = server._trouble

            def lethal(request: str):
                if next(count) == fatal:
                    server.trouble(".", 0, done=done)
                return whole(request)

            server._trouble = lethal
        at = 0
        while at < len(pending):
            channel = channel_of(server.url, clock)
            try:
                while at < len(pending):
                    life.receipts[pending[at].message.id] = await channel.send(
                        life.with_receipts(pending[at])
                    )
                    at += 1
            except DeliveryFailed:
                life.receipts.clear()
                at = 0 if forgets else at
            await channel.close()
        assert not server.violations
        shown = [(i.number, i.title, i.state, i.state_reason, i.labels, i.texts) for i in server.home.issues]
        return shown, len(server.requests)


@pytest.mark.parametrize("request_", ["GET .*/issues$", "POST .*/issues$", "PATCH"])
async def test_a_request_that_is_never_answered_ends_and_is_made_good(
    monkeypatch: pytest.MonkeyPatch, request_: str
) -> None:
    """The server keeps silent: the request is given up after its limit (here a second), and the next try finds what
    had been carried out.
    """
    monkeypatch.setattr(connection, "REQUEST_LIMIT", 1)
    with GithubServer(TOKEN) as server:
        channel = channel_of(server.url, SystemClock())
        life = Life(channel, ManualClock(SystemClock().now()))
        server.trouble(request_, -1, done=True)
        await life.see(DEGRADED, "moderated")
        await life.see(DOWN, "timeout")
        await channel.close()
        (issue,) = server.home.issues
        assert (issue.title, len(issue.comments)) == ("🛑 availability is down: timeout", 1)
        assert not server.violations


async def test_an_alert_that_comes_again_after_a_crash_is_one_issue(
    server: GithubServer, life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to the creation was lost and the process with it: the next one finds the marker."""
    monkeypatch.setattr(github_issue, "SEND_LIMIT", 0.5)
    notice = life.alert("the health check failed")
    server.trouble("POST", 0, done=True, times=None)
    with pytest.raises(DeliveryFailed):
        await life.tell([notice])
    server.troubles.clear()
    channel = channel_of(server.url, life.clock)
    assert await channel.send(replace(notice, receipts=())) == "team/app#1"
    await channel.close()
    assert len(server.home.issues) == 1
