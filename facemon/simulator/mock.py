"""The door without a socket: respx answers httpx from the same core, and breaks as a socket would."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import respx

from facemon.simulator.core import Simulator
from facemon.simulator.messages import Reply, Request


class ForgetfulRouter(respx.MockRouter):
    """A router that keeps no calls: they hold the Authorization header, and every picture that was served."""

    def record(
        self,
        request: httpx.Request,
        *,
        response: httpx.Response | None = None,
        route: respx.Route | None = None,
    ) -> None:
        """Keep nothing."""


def mock_router(simulator: Simulator, base_url: str) -> respx.MockRouter:
    """Every request below `base_url`, answered by the simulator.

    Use it as `httpx.AsyncClient(transport=httpx.MockTransport(router.async_handler))`. Waits that exceed the request's
    read time-out raise `httpx.ReadTimeout` at once; shorter ones sleep on the simulator's clock.
    """
    router = ForgetfulRouter(assert_all_called=False)
    prefix = httpx.URL(base_url).path.rstrip("/")

    async def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix(prefix)
        headers = tuple(request.headers.multi_items())
        reply = await simulator.respond(Request(request.method, path, headers, await request.aread()))
        return await _deliver(simulator, request, reply)

    router.route(url__startswith=base_url.rstrip("/") + "/").mock(side_effect=answer)
    return router


async def _deliver(simulator: Simulator, request: httpx.Request, reply: Reply) -> httpx.Response:
    if reply.refused:
        raise httpx.ConnectError("All connection attempts failed", request=request)
    if reply.hang:
        raise httpx.ReadTimeout("", request=request)
    await _wait(simulator, request, reply.wait_before_headers)
    if reply.reset:
        raise httpx.ReadError("", request=request)
    headers = [*reply.headers, ("content-length", str(len(reply.body)))]
    return httpx.Response(
        reply.status, headers=headers, stream=_Body(simulator, request, reply), request=request
    )


async def _wait(simulator: Simulator, request: httpx.Request, seconds: float) -> None:
    limit = request.extensions.get("timeout", {}).get("read")
    if limit is not None and seconds >= limit:
        raise httpx.ReadTimeout("", request=request)
    if seconds > 0:
        await simulator.clock.sleep(seconds)


class _Body(httpx.AsyncByteStream):
    """A body that pauses and breaks off where the reply says so."""

    def __init__(self, simulator: Simulator, request: httpx.Request, reply: Reply) -> None:
        self._simulator, self._request, self._reply = simulator, request, reply

    async def __aiter__(self) -> AsyncIterator[bytes]:
        reply = self._reply
        for piece, pause in reply.pieces():
            await _wait(self._simulator, self._request, pause)
            yield piece
        if reply.cut_after is not None:
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body "
                f"(received {reply.cut_after} bytes, expected {len(reply.body)})",
                request=self._request,
            )
