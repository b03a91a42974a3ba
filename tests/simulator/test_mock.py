from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from facemon.clock import ManualClock
from facemon.simulator import Reply, Request, Simulator, mock_router

Make = Callable[..., Simulator]
URL = "https://api.example.test"


def client(simulator: Simulator, **settings: Any) -> httpx.AsyncClient:
    router = mock_router(simulator, URL)
    return httpx.AsyncClient(transport=httpx.MockTransport(router.async_handler), base_url=URL, **settings)


async def send(http: httpx.AsyncClient, request: Request) -> httpx.Response:
    return await http.request(request.method, request.path, headers=request.headers, content=request.body)


async def test_a_reply_arrives_as_the_core_made_it(simulator: Make, api: Any) -> None:
    """Status, headers and body, with the length of the body."""
    faithful: Reply = await simulator().respond(api.v2beta())
    async with client(simulator()) as http:
        reply = await send(http, api.v2beta())
    assert (reply.status_code, reply.content) == (faithful.status, faithful.body)
    assert dict(faithful.headers) | {"content-length": str(len(faithful.body))} == dict(reply.headers)


BROKEN = {
    "connection_refused": httpx.ConnectError,
    "connection_reset": httpx.ReadError,
    "hang": httpx.ReadTimeout,
    "slow_headers:seconds=60": httpx.ReadTimeout,
    "slow_body:seconds=60": httpx.ReadTimeout,
    "truncated_body": httpx.RemoteProtocolError,
}


@pytest.mark.parametrize("spec", BROKEN)
async def test_a_broken_transport_raises_what_httpx_would(
    simulator: Make, api: Any, clock: ManualClock, spec: str
) -> None:
    """At once: a test that meets a hang waits for nothing."""
    async with client(simulator(faults=(spec,)), timeout=30) as http:
        with pytest.raises(BROKEN[spec]) as caught:
            await send(http, api.v2beta())
    assert type(caught.value) is BROKEN[spec]
    assert caught.value.request.url == f"{URL}/v2beta/stable-image/generate/core"
    assert clock.sleeps == []


async def test_headers_come_before_a_body_breaks(simulator: Make, api: Any) -> None:
    """As on a socket: the head and the first half arrive."""
    async with client(simulator(faults=("truncated_body",))) as http:
        request = api.v2beta()
        sent = http.build_request("POST", request.path, headers=request.headers, content=request.body)
        reply = await http.send(sent, stream=True)
        assert reply.status_code == 200
        chunks = reply.aiter_raw()
        assert len(await anext(chunks)) == int(reply.headers["content-length"]) // 2
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
            await anext(chunks)


async def test_short_waits_sleep_on_the_clock(simulator: Make, api: Any, clock: ManualClock) -> None:
    """What the time-out allows is waited for."""
    async with client(simulator(faults=("slow_headers:on=1", "slow_body:on=2")), timeout=30) as http:
        await send(http, api.v2beta())
        await send(http, api.v2beta())
    assert clock.sleeps == [4.0, 4.0]


async def test_no_time_out_waits_for_ever_but_a_hang_still_ends(
    simulator: Make, api: Any, clock: ManualClock
) -> None:
    """With timeout=None nothing is too slow; a hang has no end to wait for."""
    async with client(
        simulator(faults=("slow_headers:on=1,seconds=5000", "hang:on=2")), timeout=None
    ) as http:
        assert (await send(http, api.v2beta())).status_code == 200
        with pytest.raises(httpx.ReadTimeout):
            await send(http, api.v2beta())
    assert clock.sleeps == [5000]


async def test_the_router_remembers_nothing(simulator: Make, api: Any) -> None:
    """Recorded calls would hold the Authorization header, and megabytes."""
    router = mock_router(simulator(), URL)
    async with httpx.AsyncClient(transport=httpx.MockTransport(router.async_handler), base_url=URL) as http:
        await send(http, api.v2beta())
    assert len(router.calls) == 0
    assert all(len(route.calls) == 0 for route in router.routes)


async def test_a_base_url_may_have_a_path(simulator: Make, api: Any) -> None:
    """A proxy in front of the API changes nothing behind it."""
    router = mock_router(simulator(), f"{URL}/proxy/")
    transport = httpx.MockTransport(router.async_handler)
    async with httpx.AsyncClient(transport=transport, base_url=f"{URL}/proxy") as http:
        assert (await send(http, api.get("/v1/user/balance"))).status_code == 200
