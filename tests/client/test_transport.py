"""One exchange over a function instead of a network: translation of failures, phases, limits of a body."""

import asyncio
import errno
import gzip
import socket
import ssl

import httpx
import pytest

from facemon.calls import HttpCall
from facemon.client.transport import Transport, translate
from facemon.clock import ManualClock
from facemon.errors import AttemptTimeout, ConnectionFailed, GenerationError, InvalidResponse
from facemon.secret import Secret
from tests.client.support import CANARY, good, picture

CALL = HttpCall("POST", "/x", (("accept", "image/*"),), form=(("prompt", "a face"),))


def caused(raised, cause=None, context=None):
    """An exception with something behind it."""
    raised.__cause__, raised.__context__ = cause, context
    return raised


@pytest.mark.parametrize(
    ("raised", "reason", "state"),
    [
        (
            caused(httpx.ConnectError("x"), socket.gaierror(-2, "Name or service not known")),
            "no dns",
            "unknown",
        ),
        (
            caused(httpx.ConnectError("x"), None, caused(OSError("y"), socket.gaierror(-3, "again"))),
            "no dns",
            "unknown",
        ),
        (caused(httpx.ConnectError("x"), ssl.SSLCertVerificationError("bad certificate")), "tls", "down"),
        (caused(httpx.ConnectError("x"), ConnectionRefusedError(111, "refused")), "refused", "down"),
        (
            caused(httpx.ConnectError("x"), ExceptionGroup("g", [ConnectionRefusedError(111, "r")] * 2)),
            "refused",
            "down",
        ),
        (caused(httpx.ReadError("x"), ConnectionResetError(104, "reset")), "reset", "down"),
        (caused(httpx.WriteError("x"), BrokenPipeError(32, "pipe")), "reset", "down"),
        (httpx.ReadError("x"), "reset", "down"),
        (httpx.WriteError("x"), "reset", "down"),
        (httpx.RemoteProtocolError("Server disconnected"), "broken off", "down"),
        (caused(httpx.ConnectError("x"), OSError(errno.ENETUNREACH, "net")), "no route", "unknown"),
        (caused(httpx.ConnectError("x"), OSError(errno.EHOSTUNREACH, "host")), "no route", "unknown"),
        (caused(httpx.ConnectError("x"), OSError(errno.ENETDOWN, "down")), "no route", "unknown"),
        (httpx.ConnectError("something else"), "failed", "down"),
        (httpx.ProxyError("407 Proxy Authentication Required"), "no route", "unknown"),
        (caused(httpx.ProxyError("x"), ConnectionResetError(104, "reset")), "no route", "unknown"),
        (RuntimeError("unforeseen"), "own fault", "unknown"),
    ],
)
def test_connection_failures_are_named(raised, reason, state):
    """What stands behind a failure, however deep, names its reason; what is our own network's alone is unknown."""
    error = translate(raised, 30)
    assert (type(error), error.reason, error.state) == (ConnectionFailed, reason, state)
    assert type(raised).__name__ in str(error) and "\n" not in str(error)


@pytest.mark.parametrize(
    "raised",
    [
        TimeoutError(),
        httpx.ReadTimeout("t"),
        httpx.ConnectTimeout("t"),
        httpx.WriteTimeout("t"),
        httpx.PoolTimeout("t"),
    ],
)
def test_time_outs(raised):
    """Every kind of time-out is one, and says after how long."""
    error = translate(raised, 30)
    assert type(error) is AttemptTimeout and "no reply within 30 s" in str(error)


def test_a_circle_of_causes_ends():
    """Exceptions that are each other's causes are looked at once."""
    one, two = httpx.ConnectError("one"), OSError("two")
    one.__cause__, two.__cause__ = two, one
    assert translate(one, 30).reason == "failed"


def test_our_own_errors_stay_themselves():
    """An error of our tree is not translated again."""
    own = InvalidResponse("x")
    assert translate(own, 30) is own


@pytest.mark.parametrize(
    "raised",
    [
        kind
        for kind in vars(httpx).values()
        if isinstance(kind, type) and issubclass(kind, httpx.HTTPError) and kind is not httpx.HTTPStatusError
    ],
    ids=lambda kind: kind.__name__,
)
def test_no_error_of_httpx_is_left_untranslated(raised):
    """A walk over httpx's whole tree: each of its errors becomes one of ours."""
    assert isinstance(translate(raised("x"), 30), GenerationError)


def transport_of(handler, key=CANARY, clock=None):
    """A transport over a function."""
    return Transport(
        "http://127.0.0.1:9",
        Secret(key) if key else None,
        lambda text: f"Bearer {text}",
        connections=2,
        transport=httpx.MockTransport(handler),
        monotonic=(clock or ManualClock()).monotonic,
    )


async def test_phases_of_a_function():
    """Without events of a connection, waiting and downloading are still told apart."""
    clock = ManualClock()

    class Slow(httpx.AsyncByteStream):
        async def __aiter__(self):
            clock.advance(3)
            yield picture()

    def answer(request):
        clock.advance(2)
        return httpx.Response(200, headers={"content-type": "image/png"}, stream=Slow())

    transport = transport_of(answer, clock=clock)
    outcome = await transport.exchange(CALL, timeout=30)
    assert (outcome.phases.wait, outcome.phases.download, outcome.duration) == (2, 3, 5)
    assert (outcome.phases.connect, outcome.phases.tls, outcome.phases.queue) == (None, None, None)
    await transport.aclose()


async def test_a_stalled_body_keeps_what_had_come():
    """A body that stops in the middle is a time-out of the rest; bytes and status so far are kept."""

    class Stalling(httpx.AsyncByteStream):
        async def __aiter__(self):
            yield b"x" * 100
            await asyncio.Event().wait()

    transport = transport_of(lambda request: httpx.Response(200, headers={"seed": "5"}, stream=Stalling()))
    outcome = await transport.exchange(CALL, timeout=0.02)
    assert type(outcome.error) is AttemptTimeout and "rest of the body" in str(outcome.error)
    assert outcome.reply is None and outcome.bytes_received > 100
    assert ("seed", "5") in outcome.exchange.response_headers
    await transport.aclose()


async def test_a_hang_ends_at_its_time():
    """A server that never answers is given up after the attempt's time, with nothing received."""

    async def hang(request):
        await asyncio.Event().wait()

    transport = transport_of(hang)
    outcome = await transport.exchange(CALL, timeout=0.02)
    assert type(outcome.error) is AttemptTimeout and "no reply within 0.02 s" in str(outcome.error)
    assert (outcome.bytes_received, outcome.phases.wait, outcome.phases.download) == (0, None, None)
    assert "Timeout" in outcome.traceback
    await transport.aclose()


async def test_compressed_replies():
    """A compressed body is read and its bytes counted as they travelled; a broken one is an invalid response."""

    def serve(body):
        headers = {"content-encoding": "gzip", "content-type": "image/png", "finish-reason": "SUCCESS"}
        return lambda request: httpx.Response(200, headers=headers, stream=httpx.ByteStream(body))

    packed = gzip.compress(b"a" * 100_000)
    transport = transport_of(serve(packed))
    outcome = await transport.exchange(CALL, timeout=5)
    assert outcome.reply.body == b"a" * 100_000 and len(packed) < outcome.bytes_received < len(packed) + 300
    await transport.aclose()
    broken = transport_of(serve(b"no gzip at all"))
    outcome = await broken.exchange(CALL, timeout=5)
    assert type(outcome.error) is InvalidResponse and "decompress" in str(outcome.error)
    await broken.aclose()


async def test_header_names_are_lower_case():
    """v1 writes `Finish-Reason`; providers read lower case."""
    transport = transport_of(lambda request: httpx.Response(200, headers={"Finish-Reason": "X"}, content=b""))
    assert (await transport.exchange(CALL, timeout=5)).reply.headers["finish-reason"] == "X"
    await transport.aclose()


async def test_proxies_of_the_environment_do_not_stand_before_this_machine(monkeypatch):
    """A proxy named in the environment is not asked for a server on the loopback, and is for one that is not."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    local = Transport("http://127.0.0.1:9", None, str, connections=1)
    remote = Transport("https://api.stability.ai", None, str, connections=1)
    assert not any(local._http._mounts.values()) and any(remote._http._mounts.values())
    await local.aclose()
    await remote.aclose()


async def test_cancellation_is_not_swallowed():
    """Who cancels an exchange is not told that the connection failed."""
    started = asyncio.Event()

    async def hang(request):
        started.set()
        await asyncio.Event().wait()

    transport = transport_of(hang)
    task = asyncio.ensure_future(transport.exchange(CALL, timeout=30))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await transport.aclose()


async def test_redirects_are_not_followed():
    """A key is not carried to wherever a redirect points."""
    seen = []

    def answer(request):
        seen.append(request.url.host)
        return httpx.Response(307, headers={"location": "https://elsewhere.example.org/"})

    transport = transport_of(answer)
    outcome = await transport.exchange(CALL, timeout=5)
    assert outcome.reply.status == 307 and seen == ["127.0.0.1"]
    await transport.aclose()


async def test_a_good_reply_is_complete():
    """Reply, no error, no traceback."""
    transport = transport_of(lambda request: good())
    outcome = await transport.exchange(CALL, timeout=5)
    assert outcome.reply.body == picture() and outcome.error is None and outcome.traceback is None
    await transport.aclose()
