"""The sign of life: tried again, told when it fails, and its address shown to nobody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import httpx
import pytest

from facemon.clock import ManualClock
from facemon.errors import ConfigError, DeliveryFailed, DeliveryRefused
from facemon.scheduled import heartbeat
from facemon.scheduled.heartbeat import beat

URL = "https://hc.example/ping/3f2b-canary-9c1d?status=up"


def answers(*codes: int | Exception) -> tuple[httpx.MockTransport, list[httpx.Request]]:
    """A receiver that answers so, one after the other, and what it was asked."""
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        answer = codes[len(asked) - 1]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer, headers={"location": "https://elsewhere.example/"})

    return httpx.MockTransport(handle), asked


async def test_one_answer_of_2xx_is_enough() -> None:
    """GET, the whole address with its query, once."""
    transport, asked = answers(204)
    assert await beat(URL, ManualClock(), transport=transport) == 1
    assert [(request.method, str(request.url)) for request in asked] == [("GET", URL)]


@pytest.mark.parametrize("trouble", [503, 429, httpx.ConnectError("x"), httpx.ReadTimeout("x")])
async def test_what_passes_is_tried_again(trouble: int | Exception) -> None:
    """5xx, 429, no connection and no answer: after 2 s, then after 10 s."""
    clock = ManualClock()
    transport, asked = answers(trouble, trouble, 200)
    assert await beat(URL, clock, method="POST", transport=transport) == 3
    assert clock.sleeps == [2.0, 10.0]
    assert asked[0].method == "POST"


async def test_an_answer_that_drips_for_ever_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The receiver has it: its body is not awaited."""

    async def drops() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0)
            yield b"."

    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=drops()))
    assert await beat(URL, ManualClock(), transport=transport) == 1


async def test_headers_that_never_come_end_with_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is that of a try as a whole, whatever trickles in meanwhile."""

    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(heartbeat, "_TIMEOUT", 0.01)
    with pytest.raises(DeliveryFailed, match=r"no answer within 0\.01 s"):
        await beat(URL, ManualClock(), transport=httpx.MockTransport(never))


async def test_after_four_tries_it_is_told() -> None:
    """A receiver that stays away is an error of ours to hear, never a silent success."""
    transport, asked = answers(500, 502, 503, 504)
    with pytest.raises(DeliveryFailed, match="not acknowledged in 4 tries: HTTP 504"):
        await beat(URL, ManualClock(), transport=transport)
    assert len(asked) == 4


@pytest.mark.parametrize("code", [301, 302, 307, 404, 410, 401])
async def test_a_refusal_and_a_redirect_end_it(code: int) -> None:
    """Another try would get the same; and a redirect would carry the secret elsewhere."""
    transport, asked = answers(code, 200)
    with pytest.raises(DeliveryRefused, match=f"HTTP {code}"):
        await beat(URL, ManualClock(), transport=transport)
    assert len(asked) == 1


@pytest.mark.parametrize("codes", [(404,), (500,) * 4, (httpx.ConnectError(URL),) * 4, (200,)])
async def test_the_address_is_in_no_error_and_no_log(
    codes: tuple[int | Exception, ...], caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever knows it can beat in our stead; httpx would log it."""
    transport, _ = answers(*codes)
    said = ""
    with caplog.at_level(logging.DEBUG):
        try:
            await beat(URL, ManualClock(), transport=transport)
        except (DeliveryFailed, DeliveryRefused) as error:
            said = f"{error!r} {error}"
    assert "canary" not in said + caplog.text


@pytest.mark.parametrize(
    "url", ["http://hc.example/canary", "ftp://x/canary", "canary", "https://", "http://[::canary"]
)
def test_only_https_and_this_machine(url: str) -> None:
    """The error does not repeat what it refuses."""
    with pytest.raises(ConfigError, match="starts with https://") as caught:
        heartbeat.check_address(url)
    assert "canary" not in str(caught.value)


def test_the_loopback_may_be_plain() -> None:
    """For a receiver on this machine, and for tests."""
    heartbeat.check_address("http://127.0.0.1:8000/ping")
