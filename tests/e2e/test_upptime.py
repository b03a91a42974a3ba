"""What a well-known monitor on GitHub gets wrong: nine defects, a test for each, over the whole program.

Records come from a real monitor, are kept in a real store, judged by the real rules, decided, put into the outbox,
dispatched, and told to a server that speaks GitHub's issues API. Time is moved by hand. Each test also runs with the
defect put back, and shows that its assertions fail then. U4 and U6, which are the channel's alone, stand in
tests/alerting/test_github_issue.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
import socket
import sqlite3
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

pytest.importorskip("github")
pytest.importorskip("githubkit")

from PIL import Image

from facemon.alerting import decide as deciding
from facemon.alerting import telling
from facemon.alerting.config import AlertSettings
from facemon.alerting.dispatcher import dispatch
from facemon.alerting.status import Status
from facemon.alerting.update import update
from facemon.batch import monitor_batch_generation
from facemon.client import FaceClient
from facemon.clock import ManualClock
from facemon.config import Settings
from facemon.errors import ConnectionFailed, DeliveryFailed
from facemon.incident import Delivery, EventKind, Silence
from facemon.ledger import Ledger
from facemon.model import FaceRequest, State
from facemon.monitor import Monitor
from facemon.secret import Secret
from facemon.slo.aggregates import aggregate
from facemon.slo.language import parse
from facemon.store import RecordStore, new_id
from facemon.store.incidents import IncidentStore
from facemon.store.runs import Run
from tests.github_server.life import TOKEN, channel_of, config
from tests.github_server.server import GithubServer
from tests.github_server.state import Issue

pytestmark = pytest.mark.e2e

FACE = FaceRequest(30, "female", 7)
OBJECTIVES = [parse("success_rate >= 99%")]
PACE = timedelta(minutes=10)
LOST = socket.gaierror(-2, "Name or service not known")


def picture() -> bytes:
    """A small PNG."""
    buffer = io.BytesIO()
    Image.effect_noise((32, 32), 60).save(buffer, "PNG")
    return buffer.getvalue()


PNG = picture()
GOOD = {"content-type": "image/png", "finish-reason": "SUCCESS", "seed": "7", "x-request-id": "r1"}


class Project:
    """A user's repository: scheduled runs, the store, the alerts, and GitHub. service: answers one request."""

    def __init__(self, path: Path, server: GithubServer, clock: ManualClock) -> None:
        self.path, self.server, self.clock = path, server, clock
        self.service: Callable[[httpx.Request], httpx.Response] = self.well
        self.silences: list[Silence] = []
        self.channel = channel_of(server.url, clock)
        self.senders = 0

    @staticmethod
    def well(_: httpx.Request) -> httpx.Response:
        """A picture."""
        return httpx.Response(200, headers=GOOD, content=PNG)

    @staticmethod
    def down(_: httpx.Request) -> httpx.Response:
        """A 500."""
        return httpx.Response(500, json={"name": "internal_error", "errors": ["x"]})

    @staticmethod
    def degraded(_: httpx.Request) -> httpx.Response:
        """Moderated."""
        return httpx.Response(403, json={"name": "content_moderation", "errors": ["flagged"]})

    @contextlib.asynccontextmanager
    async def monitor(self, run_id: str | None = None, **more: object) -> AsyncIterator[Monitor]:
        """As a run uses it, over the service."""
        settings = Settings.load(high={"api_key": Secret("sk-of-the-tests"), "rate_limit": "none", **more})
        ledger = Ledger(cap=None, rate=None)
        transport = httpx.MockTransport(lambda request: self.service(request))
        async with await RecordStore.open(self.path) as records:
            client = FaceClient(settings, ledger=ledger, clock=self.clock, transport=transport)
            async with Monitor(client, store=records, evaluators=(), run_id=run_id) as monitor:
                yield monitor
            await client.aclose()
        ledger.close()

    async def probe(self, times: int = 1) -> None:
        """So many scheduled runs of one generation each, ten minutes apart; after each, alerts are updated and sent."""
        for _ in range(times):
            self.clock.advance(PACE.total_seconds())
            run = Run(new_id(self.clock.now()), self.clock.now(), "live")
            async with await RecordStore.open(self.path) as records:
                await records.start_run(run)
                async with self.monitor(run.id) as monitor:
                    await monitor.generate(FACE)
                await records.finish_run(run.id, self.clock.now(), {"checks": {}})
            await self.look()
            await self.send()

    async def look(self) -> None:
        """`facemon alerts update`."""
        async with await RecordStore.open(self.path) as records, self.incidents() as incidents:
            settings = AlertSettings((config(self.server.url),), tuple(self.silences))
            await update(records, incidents, OBJECTIVES, settings, self.clock.now(), target="live")

    async def send(self) -> None:
        """`facemon alerts send`, without waiting."""
        self.senders += 1
        async with self.incidents() as incidents:
            channels = {"github_issue": self.channel}
            await dispatch(incidents, channels, self.clock, owner=f"run-{self.senders}")

    @contextlib.asynccontextmanager
    async def incidents(self) -> AsyncIterator[IncidentStore]:
        """The store of incidents."""
        async with await IncidentStore.open(self.path, clock=self.clock) as store:
            yield store

    async def kept(self) -> list[object]:
        """All records."""
        async with await RecordStore.open(self.path) as records:
            return list(await records.records())

    @property
    def issue(self) -> Issue:
        """The one there is."""
        assert len(self.server.home.issues) == 1, "not one issue"
        return self.server.home.issues[0]

    def maintain(self, minutes: float) -> None:
        """Planned work, from now on."""
        now = self.clock.now()
        ends = now + timedelta(minutes=minutes)
        self.silences.append(Silence("window", "*", now, ends, "planned", "ada", maintenance=True))


@pytest_asyncio.fixture
async def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[], Project]]:
    """Makes projects, each with a GitHub of its own."""
    for name in ("STABILITY_API_KEY", "FACEMON_STORE"):
        monkeypatch.delenv(name, raising=False)
    made: list[Project] = []

    def one() -> Project:
        clock = ManualClock()
        server = GithubServer(TOKEN, clock.now)
        server.__enter__()
        made.append(Project(tmp_path / f"{len(made)}.db", server, clock))
        return made[-1]

    yield one
    for project in made:
        await project.channel.close()
        project.server.__exit__()
        assert not project.server.violations


def noticed(word: str) -> pytest.RaisesExc[AssertionError]:
    """The assertions of a test notice the defect, and for this reason."""
    return pytest.raises(AssertionError, match=word)


async def test_u1_an_outage_of_github_loses_no_outage(make: Callable[[], Project]) -> None:
    """U1: GitHub answers 502 for an hour while the service breaks; then one issue. Where errors are swallowed after
    the state was stored, there is none.
    """

    async def play(project: Project) -> None:
        await project.probe(20)
        project.service = project.down
        project.server.trouble(".", 502, times=None)
        await project.probe(6)
        assert project.server.home.issues == []
        project.server.troubles.clear()
        await project.probe(3)

    def assertions(project: Project) -> None:
        issue = project.issue
        assert issue.state == "open"
        assert issue.title == "🛑 availability is down: server_error"

    ours = make()
    await play(ours)
    assertions(ours)
    async with ours.incidents() as incidents:
        (message, *_) = await incidents.messages(delivery=Delivery.SENT)
        tries = await incidents.deliveries(message.id)
        assert [each.outcome for each in tries][-2:] == ["failed", "sent"]
        assert "502" in tries[0].error

    theirs = make()
    whole = theirs.channel.send

    async def swallowing(notice):
        try:
            return await whole(notice)
        except DeliveryFailed:
            return ""

    theirs.channel.send = swallowing
    await play(theirs)
    with noticed("not one issue"):
        assertions(theirs)


@pytest.mark.slow
async def test_u2_going_down_in_a_maintenance_window_resolves_nothing(
    make: Callable[[], Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    """U2: degraded, then down inside a window: the issue stays open, without a word; closed only on recovery. Where
    what is planned counts as well, it is closed.
    """

    async def play(project: Project) -> None:
        await project.probe(20)
        project.service = project.degraded
        await project.probe(4)
        project.maintain(minutes=70)
        project.service = project.down
        await project.probe(6)

    def assertions(project: Project) -> None:
        issue = project.issue
        assert issue.state == "open"
        assert issue.title.startswith("⚠️ availability is degraded")
        assert not [text for text in issue.texts if "up again" in text]

    ours = make()
    await play(ours)
    assertions(ours)
    async with ours.incidents() as incidents:
        (incident,) = await incidents.incidents()
        assert (incident.state, incident.closed_at) == (State.DOWN, None)
    ours.service = ours.well
    await ours.probe(40)
    assert ours.server.home.issues[0].state == "closed"

    def planned_is_well(snapshot, statuses, now, *rest):
        silent = [each for each in snapshot.silences if each.starts_at <= now < each.ends_at]
        well = [Status(each.component, State.UP, recovered=True) for each in statuses]
        loud = type(snapshot)(snapshot.now, snapshot.incidents, (), snapshot.events)
        return deciding.decide(loud, well if silent else statuses, now, *rest)

    monkeypatch.setattr("facemon.alerting.update.decide", planned_is_well)
    theirs = make()
    await play(theirs)
    with noticed("'closed' == 'open'"):
        assertions(theirs)


async def test_u3_an_outage_that_outlives_its_window_is_told(
    make: Callable[[], Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    """U3: down from inside the window on: nothing until it ends, then an issue. Where only changes are looked at,
    nobody hears of it.
    """

    async def play(project: Project) -> None:
        await project.probe(20)
        project.maintain(minutes=65)
        project.service = project.down
        await project.probe(6)
        assert project.server.home.issues == []
        await project.probe(3)

    def assertions(project: Project) -> None:
        issue = project.issue
        assert issue.state == "open"
        assert issue.title == "🛑 availability is down: server_error"

    ours = make()
    await play(ours)
    assertions(ours)
    is_new = telling._is_new
    monkeypatch.setattr(telling.Telling, "catch_up", lambda *_: None)
    monkeypatch.setattr(telling, "_is_new", lambda evidence, known, _: is_new(evidence, known, True))
    theirs = make()
    await play(theirs)
    with noticed("not one issue"):
        assertions(theirs)


async def test_u5_a_short_outage_is_kept(make: Callable[[], Project]) -> None:
    """U5: an incident that was reported, mended and closed stays with its events, its issue, and its failures in the
    rate. Where it is deleted because it was short, the figures are rosy.
    """

    async def play(project: Project) -> None:
        await project.probe(20)
        project.service = project.down
        await project.probe(3)
        project.service = project.well
        await project.probe(7)

    async def look(project: Project) -> Callable[[], None]:
        async with project.incidents() as store:
            kept = await store.incidents()
            events = [event.kind for each in kept for event in await store.events(each.id)]
        rate = aggregate(await project.kept()).success_rate

        def assertions() -> None:
            assert [event for event in events if event is not EventKind.EVIDENCE] == [
                EventKind.OPENED,
                EventKind.RECOVERED,
            ]
            issue = project.issue
            assert (issue.state, issue.deleted) == ("closed", False)
            assert rate == 27 / 30

        return assertions

    ours = make()
    await play(ours)
    (await look(ours))()
    with sqlite3.connect(ours.path) as database:  # the defect
        for table in ("deliveries", "messages", "events", "incidents", "attempts"):
            database.execute(f"DELETE FROM {table}")
        database.execute("DELETE FROM records WHERE state = 'down'")
    ours.server.home.issues[0].deleted = True
    deleted = await look(ours)
    with noticed(r"\[\] == "):
        deleted()


async def test_u7_response_times_come_from_records(make: Callable[[], Project]) -> None:
    """U7: of 99 fast pictures and 5 slow ones the percentiles tell the slow ones. What a mean in a commit message
    keeps of them does not.
    """
    project = make()
    slow = iter([number % 20 == 7 for number in range(104)])

    def service(request: httpx.Request) -> httpx.Response:
        project.clock.advance(12.0 if next(slow) else 1.0)
        return project.well(request)

    project.service = service
    async with project.monitor("run") as monitor:
        for _ in range(104):
            await monitor.generate(FACE)
    figures = aggregate(await project.kept())

    def assertions(p50: float, p99: float) -> None:
        assert p50 == pytest.approx(1.0)
        assert p99 == pytest.approx(12.0)

    assertions(figures.p50_response_time, figures.p99_response_time)
    message = f"🟩 faces is up (200 in {figures.average_response_time * 1000:.0f} ms) [skip ci]"
    mean = int(re.search(r"in (\d+) ms", message)[1]) / 1000
    with noticed("1.0"):
        assertions(mean, mean)


async def test_u8_generations_run_side_by_side(make: Callable[[], Project]) -> None:
    """U8: a service that answers none of six before all six have asked is served. One after another never is."""

    async def play(concurrency: int) -> Callable[[], None]:
        project, asked, all_there = make(), [], asyncio.Event()

        async def service(request: httpx.Request) -> httpx.Response:
            asked.append(request)
            if len(asked) == 6:
                all_there.set()
            for _ in range(2000):  # turns of the loop, not time
                if all_there.is_set():
                    return project.well(request)
                await asyncio.sleep(0)
            return project.down(request)

        project.service = service
        async with project.monitor("run", concurrency=concurrency) as monitor:
            result = await monitor_batch_generation(6, monitor=monitor, random_seed=1)

        def assertions() -> None:
            assert result.first_attempt_success_rate == 1.0

        return assertions

    (await play(6))()
    one_after_another = await play(1)
    with noticed(r"== 1\.0"):
        one_after_another()


async def test_u9_the_runners_own_dns_is_unknown(
    make: Callable[[], Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    """U9: no name is resolved: nothing is said of the service, the monitor itself is what cannot see, with the cause.
    Where it counts as down, an outage is made up.
    """

    def no_dns(_: httpx.Request) -> httpx.Response:
        try:
            raise LOST
        except OSError as cause:
            raise httpx.ConnectError("all attempts failed") from cause

    async def play(project: Project) -> float | None:
        await project.probe(20)
        project.service = no_dns
        await project.probe(5)
        return aggregate(await project.kept()).success_rate

    def assertions(project: Project, rate: float | None) -> None:
        assert rate == 1.0
        issue = project.issue
        assert issue.title == "❔ facemon cannot see the service: connection: no dns"
        assert "status:unknown" in issue.labels

    ours = make()
    rate = await play(ours)
    assertions(ours, rate)
    monkeypatch.setattr("facemon.errors._OUR_SIDE", frozenset())
    assert ConnectionFailed("x", "no dns").state == "down"
    theirs = make()
    rate = await play(theirs)
    with noticed(r"== 1\.0"):
        assertions(theirs, rate)
