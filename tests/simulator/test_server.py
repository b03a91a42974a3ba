"""The door of sockets, over the loopback, with the system's own clock: whatever waits here waits milliseconds."""

from __future__ import annotations

import asyncio
import io
import logging
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from PIL import Image

from facemon.clock import SystemClock
from facemon.simulator import FAULTS, Request, Simulator, mock_router, serve

Make = Callable[..., Simulator]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever happens to a connection, the server has nothing to complain about."""
    yield
    assert [record for record in caplog.get_records("call") if record.levelno >= logging.WARNING] == []


async def send(http: httpx.AsyncClient, request: Request) -> httpx.Response:
    return await http.request(request.method, request.path, headers=request.headers, content=request.body)


def running(simulator: Make, **settings: Any) -> Any:
    one = simulator(SystemClock(), **settings)
    return serve(one.config, simulator=one)


async def test_a_picture_comes_over_a_real_connection(simulator: Make, api: Any) -> None:
    """Whole, typed, and with its length."""
    async with running(simulator) as server, httpx.AsyncClient(base_url=server.url) as http:
        reply = await send(http, api.v2beta())
        assert reply.status_code == 200
        assert reply.headers["content-length"] == str(len(reply.content))
        Image.open(io.BytesIO(reply.content)).load()
        assert (await send(http, api.get("/v1/user/balance"))).json() == {"credits": 997}


SAME = [
    "",
    *(
        name
        for name, kind in FAULTS.items()
        if kind.reach != "connection" and not name.startswith(("hang", "slow"))
    ),
    "slow_headers:seconds=0.02",
    "slow_body:seconds=0.02",
]


@pytest.mark.parametrize("spec", SAME)
async def test_both_doors_say_the_same(simulator: Make, api: Any, spec: str) -> None:
    """Status, headers and body, or the exception, are equal behind a socket and behind respx, in every form."""
    settings = {"faults": (spec,) if spec else ()}
    requests = [
        api.v2beta("ultra"),
        api.v2beta("sd3", accept="application/json"),
        api.v1(),
        api.v1(accept="image/png"),
        api.v2beta(prompt=""),
        api.get("/v1/engines/list"),
        api.get("/nowhere"),
    ]
    mocked = simulator(SystemClock(), **settings)
    router = mock_router(mocked, "http://sim.test")
    transport = httpx.MockTransport(router.async_handler)
    async with running(simulator, **settings) as server:
        async with httpx.AsyncClient(base_url=server.url) as http:
            seen = [await outcome(http, request) for request in requests]
        async with httpx.AsyncClient(transport=transport, base_url="http://sim.test") as http:
            for request, expected in zip(requests, seen, strict=True):
                assert await outcome(http, request) == expected
        assert server.simulator.state() == mocked.state()


async def outcome(http: httpx.AsyncClient, request: Request) -> object:
    """Everything about a reply but what the connection itself adds."""
    try:
        reply = await send(http, request)
    except httpx.TransportError as error:
        return type(error)
    headers = {
        name: value for name, value in reply.headers.items() if name not in ("date", "server", "connection")
    }
    return reply.status_code, headers, reply.content


async def test_a_cut_body_promises_more_than_it_sends(simulator: Make, api: Any) -> None:
    """The connection closes before the content-length is reached."""
    async with running(simulator, faults=("truncated_body",)) as server, httpx.AsyncClient() as http:
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
            await http.post(
                server.url + api.v2beta().path, headers=api.v2beta().headers, content=api.v2beta().body
            )


async def test_a_reset_is_a_reset(simulator: Make, api: Any) -> None:
    """RST, after the charge: the kernel says so, and the ledger."""
    async with running(simulator, faults=("connection_reset",)) as server:
        request = api.v2beta()
        head = "".join(f"{name}: {value}\r\n" for name, value in request.headers)
        text = f"POST {request.path} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(request.body)}\r\n{head}\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
        writer.write(text.encode() + request.body)
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()
        assert server.simulator.state()["charged"] == 3


async def test_a_hang_lasts_until_the_client_gives_up(simulator: Make, api: Any) -> None:
    """No byte comes, and the server goes on serving others."""
    async with (
        running(simulator, faults=("hang:on=1",)) as server,
        httpx.AsyncClient(base_url=server.url) as http,
    ):
        request = api.v2beta()
        with pytest.raises(httpx.ReadTimeout):
            await http.post(
                request.path,
                headers=request.headers,
                content=request.body,
                timeout=httpx.Timeout(10, read=0.1),
            )
        assert (await send(http, api.v2beta())).status_code == 200


async def test_a_stalled_body_begins_in_time(simulator: Make, api: Any) -> None:
    """Head and half of the picture come at once, the rest after the pause."""
    async with (
        running(simulator, faults=("slow_body:seconds=0.5",)) as server,
        httpx.AsyncClient(base_url=server.url) as http,
    ):
        request = api.v2beta("ultra")
        start = time.perf_counter()
        async with http.stream("POST", request.path, headers=request.headers, content=request.body) as reply:
            begun = time.perf_counter() - start
            await reply.aread()
        assert begun < 0.4
        assert time.perf_counter() - start >= 0.5


async def test_a_refused_port_is_refused_and_stays_reserved(simulator: Make, api: Any) -> None:
    """From the start: ConnectError, counted, and nobody else gets the port; the control door answers."""
    async with running(simulator, faults=("connection_refused",)) as server, httpx.AsyncClient() as http:
        with pytest.raises(httpx.ConnectError):
            await http.get(f"{server.url}/v1/user/balance")
        with socket.socket() as thief, pytest.raises(OSError):
            thief.bind(("127.0.0.1", int(server.url.rpartition(":")[2])))
        state = (await http.get(f"{server.control_url}/state")).json()
        assert state["fired"] == {"connection_refused": 1}
        assert state["never_fired"] == []


async def test_refusal_can_begin_later(simulator: Make, api: Any) -> None:
    """on=3-: two generations, then a refused connection even for a client that kept its own."""
    async with (
        running(simulator, faults=("connection_refused:on=3-",)) as server,
        httpx.AsyncClient(base_url=server.url) as http,
    ):
        await send(http, api.v2beta())
        assert server.simulator.plan.never_fired == ["connection_refused:on=3-"]
        await send(http, api.v2beta())
        for _ in range(2):
            with pytest.raises(httpx.ConnectError):
                await send(http, api.v2beta())
        state = (await http.get(f"{server.control_url}/state")).json()
        assert state["fired"] == {"connection_refused:on=3-": 1}


async def test_refusal_ends_idle_connections_of_others(simulator: Make, api: Any) -> None:
    """Who kept a connection open is refused as well, and not served on it."""
    async with (
        running(simulator, faults=("connection_refused:on=2-",)) as server,
        httpx.AsyncClient(base_url=server.url) as idle,
        httpx.AsyncClient(base_url=server.url) as http,
    ):
        await send(idle, api.get("/v1/user/balance"))
        await send(http, api.v2beta())
        await asyncio.sleep(0)
        with pytest.raises(httpx.ConnectError):
            await send(idle, api.get("/v1/user/balance"))


async def test_a_client_that_leaves_in_the_middle_is_let_go(simulator: Make, api: Any) -> None:
    """It closes on half a picture, and on none: others are served, and nothing is logged."""
    async with running(simulator, faults=("slow_body:on=1,seconds=0.05",)) as server:
        request = api.v2beta()
        for _ in range(2):
            async with httpx.AsyncClient(base_url=server.url) as http:
                sent = http.build_request("POST", request.path, headers=request.headers, content=request.body)
                await http.send(sent, stream=True)
        async with httpx.AsyncClient(base_url=server.url) as http:
            await asyncio.sleep(0.1)
            assert (await send(http, request)).status_code == 200


async def test_a_taken_port_is_told(simulator: Make) -> None:
    """Two simulators do not share a port in silence."""
    async with running(simulator) as server:
        with pytest.raises(OSError, match=r"cannot listen on 127\.0\.0\.1 port"):
            async with running(simulator, port=int(server.url.rpartition(":")[2])):
                pass


async def test_the_control_door_has_one_room(simulator: Make, api: Any) -> None:
    """/state and nothing else; no key in it."""
    async with running(simulator, key="sk-canary") as server, httpx.AsyncClient() as http:
        await http.post(server.url + api.v2beta().path, headers={"authorization": "Bearer sk-canary"})
        reply = await http.get(f"{server.control_url}/state")
        assert reply.json()["statuses"] == {"400": 1}
        assert "canary" not in reply.text
        assert (await http.get(f"{server.control_url}/")).status_code == 404
        assert server.control_url.startswith("http://127.0.0.1:")


async def test_too_large_a_request_is_read_and_refused(simulator: Make, api: Any) -> None:
    """413 reaches the client: its request is read to the end first."""
    async with running(simulator) as server, httpx.AsyncClient(base_url=server.url) as http:
        request = api.v2beta()
        reply = await http.post(request.path, headers=request.headers, content=bytes(12 * 1024 * 1024))
        assert reply.status_code == 413
        assert (await send(http, request)).status_code == 200


async def test_many_clients_at_once(simulator: Make, api: Any) -> None:
    """Sixty requests over twenty connections all get their picture, and the ledger agrees."""
    limits = httpx.Limits(max_connections=20)
    async with running(simulator) as server, httpx.AsyncClient(base_url=server.url, limits=limits) as http:
        replies = await asyncio.gather(*(send(http, api.v1(accept="image/png")) for _ in range(60)))
        assert {reply.status_code for reply in replies} == {200}
        assert server.simulator.state()["charged"] == pytest.approx(54)
