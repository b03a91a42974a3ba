"""The door made of sockets: aiohttp's low-level server, which can truncate, stall and reset."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from facemon.clock import Clock
from facemon.simulator.config import SimulatorConfig
from facemon.simulator.core import Simulator
from facemon.simulator.messages import MAX_BODY, Reply, Request

_GRACE = 0.2  # seconds that replies under way get when the simulator stops

# Lets the guard and the listener have one port. On Linux SO_REUSEADDR does, and still refuses a port that another
# simulator listens on; elsewhere it takes SO_REUSEPORT.
_SHARE = socket.SO_REUSEADDR if sys.platform == "linux" else socket.SO_REUSEPORT

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Door:
    """One port. It can stop listening and keep its number: a second socket stays bound to it and never listens."""

    def __init__(self, host: str, port: int, handler: Handler) -> None:
        self._guard = _bind(host, port)
        self.host = host
        self.port: int = self._guard.getsockname()[1]
        # access_log is switched off: it would cost time, and there is nothing in it that /state does not say.
        self._web = web.Server(self._serve, access_log=None, handler_cancellation=True)
        self._handler = handler
        self._busy: set[object] = set()
        self._listener: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where clients find it, without a slash at the end."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    async def open(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        listener = _bind(self.host, self.port)
        self._listener = await loop.create_server(self._web, sock=listener, backlog=1024)

    def refuse(self) -> None:
        """Stop listening: whoever connects from now on is refused. Idle connections end, replies are finished."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for connection in self._web.connections:
            if connection in self._busy:
                connection.close()
            else:
                # close() alone would leave an idle connection open, with nobody to answer what comes on it.
                connection.force_close()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        self._busy.add(request.protocol)
        try:
            return await self._handler(request)
        finally:
            self._busy.discard(request.protocol)

    async def close(self) -> None:
        """End everything and give the port back."""
        self.refuse()
        await self._web.shutdown(_GRACE)
        self._guard.close()


def _bind(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, _SHARE, 1)
    try:
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise OSError(error.errno, f"cannot listen on {host} port {port}: {error.strerror}") from None
    return bound


class SimulatorServer:
    """A simulator behind its main door, with a control door beside it that stays open whatever happens."""

    def __init__(self, simulator: Simulator) -> None:
        config = simulator.config
        self.simulator = simulator
        self._main = Door(config.host, config.port, self._handle)
        self._control = Door("127.0.0.1", 0, self._tell)
        self._refusing = False
        self.url = self._main.url
        self.control_url = self._control.url

    async def start(self) -> None:
        """Open both doors, the main one unless a fault keeps it shut from the beginning."""
        await self._control.open()
        if self.simulator.refuses():
            self._refusing = True
        else:
            await self._main.open()

    async def stop(self) -> None:
        """Close both doors."""
        await self._main.close()
        await self._control.close()
        self.simulator.close()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        reply = await self.simulator.respond(await _read(request))
        if not self._refusing and not reply.refused and self.simulator.refuses():
            self._refusing = True
            self._main.refuse()
        return await self._deliver(request, reply)

    async def _deliver(self, request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
        clock = self.simulator.clock
        if reply.hang:
            await asyncio.get_running_loop().create_future()  # until the client goes away
        if reply.wait_before_headers > 0:
            await clock.sleep(reply.wait_before_headers)
        if reply.reset or reply.refused:
            _reset(request)
            return web.Response()
        response = web.StreamResponse(status=reply.status, headers=list(reply.headers))
        response.content_length = len(reply.body)
        if self._refusing or reply.cut_after is not None:
            response.force_close()
        await response.prepare(request)
        for piece, pause in reply.pieces():
            if pause > 0:
                await clock.sleep(pause)
            await response.write(piece)
        return response

    async def _tell(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path != "/state":
            return web.json_response({"error": "there is only /state"}, status=404)
        return web.json_response(text=json.dumps(self.simulator.state()))


async def _read(request: web.BaseRequest) -> Request:
    """The whole request. Of a body that is too large only enough is kept to know it."""
    kept = bytearray()
    async for chunk in request.content.iter_any():
        if len(kept) <= MAX_BODY:
            kept += chunk
    return Request(request.method, request.path, tuple(request.headers.items()), bytes(kept))


def _reset(request: web.BaseRequest) -> None:
    """End the connection with RST: nothing lingers, nothing is flushed (SO_LINGER of zero seconds)."""
    if request.transport is not None:
        raw: socket.socket = request.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()


@asynccontextmanager
async def serve(
    config: SimulatorConfig,
    clock: Clock | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    simulator: Simulator | None = None,
) -> AsyncIterator[SimulatorServer]:
    """Prepare, open the doors, and close them at the end. `on_progress(done, total)` is called while drawing."""
    simulator = simulator or Simulator(config, clock)
    if config.prepare:
        await asyncio.to_thread(simulator.prepare, on_progress)
    server = SimulatorServer(simulator)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
