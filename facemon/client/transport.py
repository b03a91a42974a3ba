"""One HTTP exchange: sent, timed phase by phase, and every failure of httpx translated in one place."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import math
import socket
import ssl
import time
import traceback
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from facemon.calls import HttpCall, HttpReply
from facemon.client.exchange import shown
from facemon.config import is_loopback
from facemon.errors import (
    AttemptTimeout,
    ConnectionFailed,
    ConnectionReason,
    GenerationError,
    InvalidResponse,
)
from facemon.model import Exchange, Phases
from facemon.secret import Secret, redact

_LARGEST_BODY = 64 * 2**20  # bytes; the largest documented picture has about 4 MB
_ROUTE_ERRNOS = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN})
# With these nothing reached the service, so nothing can have been charged.
NOTHING_SENT = frozenset({"refused", "no dns", "no route", "tls"})
# The first kind found in an exception's chain names the reason.
_REASONS: tuple[tuple[type[BaseException], ConnectionReason, str], ...] = (
    (httpx.ProxyError, "no route", "our own proxy refused"),
    (socket.gaierror, "no dns", "the host name was not resolved"),
    (ssl.SSLError, "tls", "no secure connection"),
    (ConnectionRefusedError, "refused", "connection refused"),
    (ConnectionResetError, "reset", "connection reset by the service"),
    (BrokenPipeError, "reset", "connection reset by the service"),
    (httpx.RemoteProtocolError, "broken off", "connection broken off"),
    (httpx.ReadError, "reset", "connection reset by the service"),
    (httpx.WriteError, "reset", "connection reset by the service"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one exchange. `reply` is there when the whole reply came, `error` when it did not.

    duration: seconds from the first byte sent or the first packet of a new connection to the end.
    """

    reply: HttpReply | None
    error: GenerationError | None
    phases: Phases
    duration: float
    bytes_sent: int
    bytes_received: int
    exchange: Exchange
    traceback: str | None = None


class Transport:
    """Sends calls to one base URL with one key. `transport` replaces the network in tests and in the mock target."""

    def __init__(
        self,
        base_url: str,
        key: Secret | None,
        authorization: Callable[[str], str],
        *,
        connections: int,
        transport: httpx.AsyncBaseTransport | None = None,
        monotonic: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.base_url, self._key, self._monotonic = base_url, key, monotonic
        self._closed = False
        self._auth = _KeyAuth(key, authorization)
        self._http = httpx.AsyncClient(
            transport=transport,
            # A proxy named in the environment must not stand between us and a server on this machine.
            trust_env=not is_loopback(urlsplit(base_url).hostname),
            timeout=httpx.Timeout(None),  # the attempt's own deadline covers every phase
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            headers={"user-agent": "facemon"},
        )

    async def aclose(self) -> None:
        """Close the connections; what is under way then was broken off by us."""
        self._closed = True
        await self._http.aclose()

    async def exchange(self, call: HttpCall, *, timeout: float, key: Secret | None = None) -> Outcome:
        """Send one call and read its whole reply within `timeout` seconds. Never raises for what the network does.

        key: replaces the transport's own key for this one call (a check of refusals sends a wrong one).
        """
        watch = _PhaseWatch(self._monotonic)
        auth = self._auth if key is None else _KeyAuth(key, self._auth.authorization)
        request = self._request(call, watch, timeout)
        sent = _size_of(request)
        progress = _Progress()
        error, trace = None, None
        try:
            async with asyncio.timeout(timeout):
                await self._send(request, auth, progress)
        except Exception as raised:
            # Translated here and raised elsewhere: an error that leaves this room drags no frame of the HTTP
            # libraries with it, whose local variables hold the key.
            error = self._translated(raised, timeout, progress, key)
            trace = redact("".join(traceback.format_exception(raised)), self._secrets(key))
        ended = self._monotonic()
        reply = progress.reply if error is None else None
        headers = [item for item in request.headers.multi_items() if item[0] != "authorization"]
        if key or self._key:
            headers.append(("authorization", ""))
        return Outcome(
            reply=reply,
            error=error,
            phases=watch.phases(progress.headers_at(watch), ended),
            duration=ended - watch.started,
            bytes_sent=0 if isinstance(error, ConnectionFailed) and error.reason in NOTHING_SENT else sent,
            bytes_received=progress.received,
            exchange=shown(
                call,
                str(request.url),
                headers,
                request.content,
                progress.reply or progress.partial(),
                self._secrets(key),
                body_note=None if progress.reply else progress.note,
            ),
            traceback=trace,
        )

    def _translated(
        self, raised: Exception, timeout: float, progress: _Progress, key: Secret | None
    ) -> GenerationError:
        error = translate(raised, timeout, progress)
        if self._closed and isinstance(error, ConnectionFailed):
            error = ConnectionFailed("the client was closed while this was under way", "closed by us")
        return _bare(error, self._secrets(key))

    def _secrets(self, key: Secret | None) -> tuple[Secret | None, ...]:
        return (self._key, key)

    def _request(self, call: HttpCall, watch: _PhaseWatch, timeout: float) -> httpx.Request:
        files = [(name, (None, value)) for name, value in call.form] if call.form is not None else None
        request = self._http.build_request(
            call.method, self.base_url + call.path, headers=dict(call.headers), files=files, json=call.json
        )
        # The read time is told to mock transports, which have no clock of their own to run out.
        request.extensions = {"trace": watch, "timeout": {"read": timeout}}
        request.read()
        return request

    async def _send(self, request: httpx.Request, auth: httpx.Auth, progress: _Progress) -> None:
        async with _streamed(self._http, request, auth) as response:
            progress.response = response
            progress.seen_headers_at = self._monotonic()
            chunks, digest = [], hashlib.sha256()
            async for chunk in response.aiter_bytes():
                digest.update(chunk)  # while the rest is still on its way
                progress.body_length += len(chunk)
                if progress.body_length > _LARGEST_BODY:
                    raise InvalidResponse(
                        f"a body of more than {_LARGEST_BODY} bytes", status=response.status_code
                    )
                chunks.append(chunk)
        progress.reply = HttpReply(
            response.status_code, _lower(response.headers), b"".join(chunks), digest.hexdigest()
        )


@asynccontextmanager
async def _streamed(
    http: httpx.AsyncClient, request: httpx.Request, auth: httpx.Auth
) -> AsyncIterator[httpx.Response]:
    response = await http.send(request, stream=True, auth=auth)
    try:
        yield response
    finally:
        await response.aclose()


class _KeyAuth(httpx.Auth):
    """Adds the key at the last moment."""

    def __init__(self, key: Secret | None, authorization: Callable[[str], str]) -> None:
        self._key, self.authorization = key, authorization

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._key:
            request.headers["authorization"] = self.authorization(self._key.reveal())
        try:
            yield request
        finally:
            # The request outlives the exchange in exceptions and recorders; its key does not.
            request.headers.pop("authorization", None)


class _Progress:
    """How far an exchange got; filled while it runs, so that a failure still tells what had come."""

    def __init__(self) -> None:
        self.response: httpx.Response | None = None
        self.reply: HttpReply | None = None
        self.seen_headers_at: float | None = None
        self.body_length = 0

    @property
    def received(self) -> int:
        """Bytes of status line, headers and body."""
        if self.response is None:
            return 0
        headers = sum(len(name) + len(value) + 4 for name, value in self.response.headers.raw)
        # A mock transport's ready-made body is not counted as downloaded.
        return headers + 17 + (self.response.num_bytes_downloaded or self.body_length)

    def headers_at(self, watch: _PhaseWatch) -> float | None:
        """When the headers were complete; a mock transport tells no events."""
        return watch.marks.get("receive_response_headers.complete", self.seen_headers_at)

    def partial(self) -> HttpReply | None:
        """Status and headers of a reply whose body did not come whole."""
        if self.response is None:
            return None
        return HttpReply(self.response.status_code, _lower(self.response.headers), b"")

    @property
    def note(self) -> str:
        """What is shown in place of a body that did not come whole."""
        return f"<broken off after {self.body_length} bytes of the body>"


class _PhaseWatch:
    """Listens to httpcore's trace events and turns them into phases."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self.started = monotonic()
        self.marks: dict[str, float] = {}

    async def __call__(self, event: str, info: Mapping[str, object]) -> None:  # noqa: ARG002  httpcore's signature
        self.marks[event.partition(".")[2]] = self._monotonic()

    def phases(self, headers_at: float | None, ended: float) -> Phases:
        """Durations of what happened; None for what did not."""
        sent_at = self.marks.get("send_request_headers.started", self.started)
        return Phases(
            connect=self._between("connect_tcp"),
            tls=self._between("start_tls"),
            wait=None if headers_at is None else headers_at - sent_at,
            download=None if headers_at is None else ended - headers_at,
        )

    def _between(self, step: str) -> float | None:
        started = self.marks.get(f"{step}.started")
        complete = self.marks.get(f"{step}.complete")
        return None if started is None or complete is None else complete - started


def _bare(error: GenerationError, secrets: Iterable[Secret | None]) -> GenerationError:
    """The error without the key, which a library's complaint may quote, and without the frames that saw it."""
    error.args = (redact(str(error), secrets),)
    error.__context__ = error.__cause__ = None
    return error.with_traceback(None)


def translate(raised: Exception, timeout: float, progress: _Progress | None = None) -> GenerationError:
    """What a failure below HTTP means in our own tree. Anything unforeseen is a failed connection, named."""
    if isinstance(raised, GenerationError):
        return raised
    if isinstance(raised, TimeoutError | httpx.TimeoutException):
        where = "reply" if progress is None or progress.response is None else "rest of the body"
        limit = "its time" if math.isnan(timeout) else f"{timeout:g} s"
        return AttemptTimeout(f"no {where} within {limit}")
    if isinstance(raised, httpx.DecodingError):
        return InvalidResponse(f"a body that cannot be decompressed ({raised})")
    detail = f"{type(raised).__name__}: {raised}".rstrip(": ")
    chain = list(_chain(raised))
    for kind, reason, text in _REASONS:
        if any(isinstance(link, kind) for link in chain):
            return ConnectionFailed(f"{text} ({detail})", reason)
    if any(getattr(link, "errno", None) in _ROUTE_ERRNOS for link in chain):
        return ConnectionFailed(f"no route to the service ({detail})", "no route")
    if isinstance(raised, httpx.TransportError | OSError):
        return ConnectionFailed(f"the connection failed ({detail})")
    return ConnectionFailed(f"facemon or its caller broke it off ({detail})", "own fault")


def _chain(raised: BaseException) -> Iterator[BaseException]:
    """The exception, its causes and, for groups, their members."""
    seen: set[int] = set()
    waiting: list[BaseException] = [raised]
    while waiting:
        link = waiting.pop()
        if id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [next_link for next_link in (link.__cause__, link.__context__) if next_link is not None]
        if isinstance(link, BaseExceptionGroup):
            waiting += link.exceptions


def _lower(headers: httpx.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _size_of(request: httpx.Request) -> int:
    """Bytes of request line, headers and body, without the key's header, which is added later."""
    line = len(request.method) + len(request.url.raw_path) + 12
    return (
        line + sum(len(name) + len(value) + 4 for name, value in request.headers.raw) + len(request.content)
    )
