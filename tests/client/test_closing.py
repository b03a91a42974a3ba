"""A client or a monitor that is closed while something is under way."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from PIL import Image

from facemon.client import FaceClient
from facemon.config import Settings
from facemon.errors import ConnectionFailed
from facemon.model import FaceRequest, MonitoringData, Score, State
from facemon.monitor import Monitor

FACE = FaceRequest(30, "female")


class Kept:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.records: list[MonitoringData] = []

    async def add(self, record: MonitoringData) -> MonitoringData:
        self.records.append(record)
        return record

    async def add_scores(self, record_id: str, scores: tuple[Score, ...]) -> None:
        """Nothing: no evaluator is asked."""


async def test_a_client_closed_by_us_is_not_the_services_failure() -> None:
    """What breaks because we closed the client is unknown, and the ledger that went with it complains of nothing."""
    started, ended = asyncio.Event(), asyncio.Event()

    async def never(request: httpx.Request) -> httpx.Response:
        started.set()
        await ended.wait()
        raise httpx.ReadError("closed", request=request)

    client = FaceClient(
        Settings.load(high={"base_url": "https://api.invalid"}), transport=httpx.MockTransport(never)
    )
    task = asyncio.create_task(client.generate_face(FACE))
    await started.wait()
    await client.aclose()
    ended.set()
    with pytest.raises(ConnectionFailed) as failed:
        await task
    assert (failed.value.state, failed.value.reason) == ("unknown", "closed by us")


async def test_a_monitor_waits_for_what_is_under_way() -> None:
    """Closing waits for a generation that its caller left behind; its record is kept."""
    go, kept = asyncio.Event(), Kept()

    async def slow(_: object) -> Image.Image:
        await go.wait()
        return Image.new("RGB", (8, 8))

    monitor = Monitor(store=kept, evaluators=())
    left_behind = asyncio.create_task(monitor.watch(slow, FACE))
    await asyncio.sleep(0)
    closing = asyncio.create_task(monitor.aclose())
    await asyncio.sleep(0)
    assert not closing.done()
    go.set()
    await closing
    assert [record.state for record in kept.records] == [State.UP]
    assert (await left_behind).image is not None


async def test_a_programming_error_is_our_own_fault() -> None:
    """Only what a network can do is told as the service's connection; a RuntimeError is ours: unknown."""

    def broken(_: httpx.Request) -> httpx.Response:
        raise RuntimeError("Event loop is closed")

    settings = Settings.load(high={"base_url": "https://api.invalid"})
    async with FaceClient(settings, transport=httpx.MockTransport(broken)) as client:
        with pytest.raises(ConnectionFailed) as failed:
            await client.generate_face(FACE)
    assert (failed.value.state, failed.value.reason) == ("unknown", "own fault")


async def test_a_foreign_functions_own_error_is_unknown() -> None:
    """A KeyError in the caller's own function says nothing of the service behind it."""

    async def buggy(_: object) -> None:
        raise KeyError("boom")

    kept = Kept()
    async with Monitor(store=kept, evaluators=()) as monitor:
        result = await monitor.watch(buggy, FACE)
    assert result.data.state is State.UNKNOWN
    assert result.errors[0].cause == "the monitored function's own error"
