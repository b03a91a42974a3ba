"""The client against real sockets that misbehave: each failure is named, timed, counted and paid for rightly."""

import asyncio
import contextlib
import logging
import socket
import struct

import pytest
import pytest_asyncio

from facemon.clock import SystemClock
from facemon.errors import GenerationError
from facemon.model import ImageRequest
from facemon.retry import NO_RETRY
from tests.client.leaks import find_leaks, fragments_in
from tests.client.support import CANARY, RAW, make_client, picture

PATIENCE = 0.25  # seconds an attempt is given where the server stalls
HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\nfinish-reason: SUCCESS\r\nseed: 7\r\nx-request-id: r1\r\n"
)


def whole(data=None, extra=b""):
    """A complete reply."""
    data = picture() if data is None else data
    return HEAD + extra + b"content-length: %d\r\n\r\n" % len(data) + data


class Server:
    """An HTTP server of one behaviour; it counts connections and requests."""

    def __init__(self, behave):
        self.behave, self.connections, self.requests, self.tasks = behave, 0, [], set()

    async def connected(self, reader, writer):
        self.connections += 1
        self.tasks.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (
                        int(line.split(b":")[1])
                        for line in head.split(b"\r\n")
                        if line.lower().startswith(b"content-length")
                    ),
                    0,
                )
                self.requests.append(head + await reader.readexactly(length))
                if await self.behave(reader, writer) is not True:
                    break
        writer.close()
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await writer.wait_closed()


@pytest_asyncio.fixture
async def serve():
    """Starts servers on the loopback; gives (server, URL)."""
    started = []

    async def start(behave):
        server = Server(behave)
        listening = await asyncio.start_server(server.connected, "127.0.0.1", 0)
        started.append((server, listening))
        return server, f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"

    yield start
    for server, listening in started:
        listening.close()
        for task in server.tasks:
            task.cancel()
        await asyncio.gather(*server.tasks, return_exceptions=True)
        await listening.wait_closed()


@contextlib.asynccontextmanager
async def client_at(url, **options):
    """A client with real sockets and real time, a budget, and no retries."""
    options = {"retry": NO_RETRY, "cap": 100, "clock": SystemClock(), "attempt_timeout": 10} | options
    client = make_client(None, base_url=url, **options)
    try:
        yield client
    finally:
        await client.aclose()
        client.ledger.close()


async def failure(url, **options):
    """The error of one generation, and the credits that count as spent."""
    async with client_at(url, **options) as client:
        with pytest.raises(GenerationError) as caught:
            await client.generate(RAW)
        assert find_leaks(client, CANARY) == [] and find_leaks(caught.value, CANARY) == []
        return caught.value, client.ledger.spending().committed


def sending(data, *, then="close"):
    """A server that sends these bytes and closes, resets, stays open for the next request, or stalls."""

    async def behave(reader, writer):
        writer.write(data)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        if then == "keep":
            return True
        if then == "stall":
            await asyncio.Event().wait()
        if then == "reset":
            writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            writer.transport.abort()
        return False

    return behave


def closed_port():
    """A port of the loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.asynccontextmanager
async def listening_with(connected):
    """The URL of a bare socket server."""
    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    listening.close()
    await listening.wait_closed()


# --- failures ---

MISBEHAVIOUR = {
    # name: (bytes sent, what then, error type, cause, part of the message, credits that count)
    "closed without a word": (b"", "close", "connection", "connection: broken off", "broken off", 3.0),
    "reset after the request": (b"", "reset", "connection", "connection: reset", "reset", 3.0),
    "reset within the headers": (HEAD[:40], "reset", "connection", "connection: reset", "reset", 3.0),
    "reset within the body": (whole()[:-50], "reset", "connection", "connection: reset", "reset", 3.0),
    "truncated by its length": (
        whole()[:-50],
        "close",
        "connection",
        "connection: broken off",
        "broken off",
        3.0,
    ),
    "truncated within a chunk": (
        HEAD + b"transfer-encoding: chunked\r\n\r\n1000\r\nabc",
        "close",
        "connection",
        "connection: broken off",
        "broken off",
        3.0,
    ),
    "truncated with a length that fits": (
        whole(picture()[:-50]),
        "close",
        "invalid_image",
        "invalid_image",
        "ends early",
        3.0,
    ),
    "truncated without a length": (
        HEAD + b"connection: close\r\n\r\n" + picture()[:-50],
        "close",
        "invalid_image",
        "invalid_image",
        "ends early",
        3.0,
    ),
    "stalls at once": (b"", "stall", "timeout", "timeout", "no reply within", 3.0),
    "stalls within the headers": (HEAD[:40], "stall", "timeout", "timeout", "no reply within", 3.0),
    "stalls within the body": (
        whole()[:-50],
        "stall",
        "timeout",
        "timeout",
        "no rest of the body within",
        3.0,
    ),
    "garbage": (
        b"\x00\x01\x02 what is this \xff\r\n\r\n",
        "close",
        "connection",
        "connection: broken off",
        "broken off",
        3.0,
    ),
    "another protocol": (
        b"SSH-2.0-OpenSSH_9.2\r\n",
        "close",
        "connection",
        "connection: broken off",
        "broken off",
        3.0,
    ),
    "headers without an end": (
        b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 200_000,
        "stall",
        "connection",
        "connection: broken off",
        "broken off",
        3.0,
    ),
    "two lengths": (
        HEAD + b"content-length: 5\r\ncontent-length: 6\r\n\r\nabcdef",
        "close",
        "connection",
        "connection: broken off",
        "broken off",
        3.0,
    ),
    "empty body": (whole(b""), "close", "invalid_image", "invalid_image", "empty", 3.0),
    "a gateway's page": (
        b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<html></html>",
        "close",
        "server_error",
        "server_error",
        "HTTP 502: <html></html>",
        3.0,  # behind the gateway a picture may have been made and charged
    ),
}


@pytest.mark.parametrize("name", MISBEHAVIOUR)
async def test_misbehaviour_is_named(serve, name):
    """Each way a connection can go wrong has its error type, cause and sentence, and counts as charged if it may be."""
    data, then, error_type, cause, said, spent = MISBEHAVIOUR[name]
    server, url = await serve(sending(data, then=then))
    error, committed = await failure(url, attempt_timeout=PATIENCE if then == "stall" else 10)
    assert (error.error_type, error.cause, committed) == (error_type, cause, spent), str(error)
    assert said in str(error) and error.state == "down"
    assert [one.outcome for one in error.attempts] == [error_type] and len(server.requests) == 1


async def test_refused_connection():
    """Nobody listens: refused, down, nothing sent, nothing spent."""
    error, committed = await failure(f"http://127.0.0.1:{closed_port()}")
    assert (error.cause, error.state, committed) == ("connection: refused", "down", 0.0)
    (attempt,) = error.attempts
    assert (attempt.status, attempt.bytes_received, attempt.bytes_sent) == (None, 0, 0)
    assert attempt.phases.connect is None and "ConnectError" in attempt.traceback


async def test_refused_on_every_address_of_a_name():
    """`localhost` has two addresses; refused on both is refused."""
    error, committed = await failure(f"http://localhost:{closed_port()}")
    assert (error.cause, committed) == ("connection: refused", 0.0)


async def test_tls_to_a_server_without_it():
    """https to a server that speaks http: no secure connection, nothing of the request sent, nothing spent."""
    seen = []

    async def connected(reader, writer):
        seen.append(await reader.read(65536))
        writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async with listening_with(connected) as url:
        error, committed = await failure(url.replace("http:", "https:"))
    assert (error.cause, committed) == ("connection: tls", 0.0)
    assert error.attempts[0].bytes_sent == 0 and not any(b"POST" in data for data in seen)


async def test_stalled_attempt_ends_on_time(serve):
    """An attempt's time is kept by the clock on the wall, not only by an argument."""
    _, url = await serve(sending(HEAD, then="stall"))
    error, _ = await failure(url, attempt_timeout=PATIENCE)
    (attempt,) = error.attempts
    assert PATIENCE <= attempt.duration < PATIENCE + 2


async def test_slow_drip_does_not_outlive_the_attempt(serve):
    """A body that comes byte by byte, never stalling, ends at the attempt's time all the same."""

    async def drip(reader, writer):
        writer.write(HEAD + b"content-length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    _, url = await serve(drip)
    error, _ = await failure(url, attempt_timeout=PATIENCE)
    (attempt,) = error.attempts
    assert error.error_type == "timeout" and "rest of the body" in str(error)
    assert attempt.bytes_received > len(HEAD) and attempt.duration < PATIENCE + 2


async def test_partial_reply_is_kept(serve):
    """What had come of a reply that broke off stands in the attempt: bytes, headers, and how far it got."""
    data = whole()
    _, url = await serve(sending(data[:-50]))
    error, _ = await failure(url)
    (attempt,) = error.attempts
    assert len(data) - 50 - 40 < attempt.bytes_received < len(data) + 40
    assert f"{len(picture()) - 50} bytes" in attempt.exchange.response_body
    assert dict(attempt.exchange.response_headers)["x-request-id"] == "r1"


# --- what works ---


async def test_phases_and_bytes_of_a_real_exchange(serve):
    """Connecting, waiting and downloading are measured; the parts fit in the whole; bytes are counted to the header."""

    async def slow(reader, writer):
        await asyncio.sleep(0.06)
        writer.write(whole()[:-50])
        await writer.drain()
        await asyncio.sleep(0.04)
        writer.write(whole()[-50:])
        await writer.drain()
        return True

    server, url = await serve(slow)
    async with client_at(url) as client:
        first, second = await client.generate(RAW), await client.generate(RAW)
    (one,), (two,) = first.attempts, second.attempts
    assert 0.05 < one.phases.wait < 2 and 0.03 < one.phases.download < 2 and 0 < one.phases.connect < 2
    assert one.phases.tls is None and 0 <= one.phases.queue < 1
    assert one.phases.connect + one.phases.wait + one.phases.download <= one.duration + 0.005
    assert two.phases.connect is None, "the connection was kept"
    assert server.connections == 1 and len(server.requests) == 2
    key_header = len(f"authorization: Bearer {CANARY}\r\n")
    assert abs(one.bytes_sent - (len(server.requests[0]) - key_header)) <= 8
    assert abs(one.bytes_received - len(whole())) <= 8


async def test_kept_connection_that_the_server_closed(serve):
    """A server that closes a kept connection between two requests is met with a new connection, not with a failure."""
    server, url = await serve(sending(whole()))
    async with client_at(url) as client:
        for _ in range(3):
            assert (await client.generate(RAW)).metadata.seed == 7
            await asyncio.sleep(0.02)
    assert server.connections == 3


async def test_connection_is_usable_after_a_failure(serve):
    """After a reset and after a time-out the next request of the same client succeeds."""
    behaviours = [sending(b"", then="reset"), sending(b"", then="stall"), sending(whole(), then="keep")]

    async def behave(reader, writer):
        return await behaviours.pop(0)(reader, writer)

    _, url = await serve(behave)
    async with client_at(url, attempt_timeout=PATIENCE, concurrency=1) as client:
        for expected in ("connection", "timeout"):
            with pytest.raises(GenerationError) as caught:
                await client.generate(RAW)
            assert caught.value.error_type == expected
        assert (await client.generate(RAW)).metadata.width == 24


async def test_chunked_and_lengthless_replies(serve):
    """A body in chunks, and one that ends with the connection, are whole pictures."""
    data = picture()
    chunked = HEAD + b"transfer-encoding: chunked\r\n\r\n" + b"%x\r\n" % len(data) + data + b"\r\n0\r\n\r\n"
    for reply in (chunked, HEAD + b"connection: close\r\n\r\n" + data):
        _, url = await serve(sending(reply))
        async with client_at(url) as client:
            assert (await client.generate(RAW)).data == data


async def test_early_refusal_is_heard():
    """A server that answers while the request is still being sent is heard: 413, and not a broken connection."""

    body = b'{"errors":["body: payloads cannot be larger"],"id":"a","name":"payload_too_large"}'
    reply = (
        b"HTTP/1.1 413 x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body
    )

    async def connected(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        await writer.drain()
        with contextlib.suppress(ConnectionError):
            while await reader.read(65536):
                pass
        writer.close()

    async with listening_with(connected) as url, client_at(url) as client:
        with pytest.raises(GenerationError) as caught:
            await client.generate(ImageRequest("x" * 5_000_000))
    assert (caught.value.error_type, caught.value.status) == ("invalid_request", 413)


async def test_many_at_once_share_the_limit(serve):
    """Eight connections at most are open for eighty pictures, all of which come whole."""
    server, url = await serve(sending(whole(), then="keep"))
    async with client_at(url, cap=1000, concurrency=8) as client:
        images = await asyncio.gather(*(client.generate(RAW) for _ in range(80)))
    assert len(images) == 80 and server.connections <= 8


async def test_an_unlucky_key_never_shows_in_debug_logs(serve, caplog):
    """With httpx and httpcore logging all they know over a real connection, no fragment of the key is logged."""
    body = b'{"id":"x","message":"Incorrect API key provided: %s","name":"unauthorized"}' % CANARY.encode()
    reply = (
        b"HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        % len(body)
        + body
    )
    server, url = await serve(sending(reply))
    with caplog.at_level(logging.DEBUG):
        for name in ("httpx", "httpcore", "httpcore.http11", "httpcore.connection"):
            caplog.set_level(logging.DEBUG, logger=name)
        error, spent = await failure(url, provider="stability_v1")
    assert caplog.records and not fragments_in(caplog.text, CANARY)
    assert error.error_type == "unauthorized" and CANARY.encode() in server.requests[0] and spent == 0.0
    assert not any(fragments_in(repr(record.__dict__), CANARY) for record in caplog.records)


async def test_an_endless_body_is_given_up(serve):
    """A body without an end is given up at 64 MB; its error holds nothing of the connection that carried the key."""

    async def flood(reader, writer):
        writer.write(HEAD + b"connection: close\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(bytes(2**20))
                await writer.drain()

    _, url = await serve(flood)
    error, _ = await failure(url)
    assert error.error_type == "invalid_response" and "more than" in str(error)
