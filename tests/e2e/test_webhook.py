"""Webhooks over real sockets: the signature verifies with the library that receivers use; repeats are recognised."""

from __future__ import annotations

import base64
import json
import logging
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from facemon.alerting.channels import channel
from facemon.clock import ManualClock, SystemClock
from facemon.errors import DeliveryFailed, DeliveryRefused
from facemon.incident import EventKind, Notice

sys.path.append(str(Path(__file__).parents[1] / "alerting"))
from notices import EVENTS, config, notice

pytestmark = pytest.mark.e2e

CANARY = "Zq7Xw2Vr9Tk4Mn8Bp3Hd6Jf1"
SECRET = "whsec_" + base64.b64encode(CANARY.encode()).decode()


class Receiver:
    """Keeps what it gets. answers: what it says next in place of 204, a status and headers, None: hangs up · gone: a
    path that is answered with 410.
    """

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.paths: list[str] = []
        self.answers: list[tuple[int, dict[str, str]] | None] = []
        self.url = self.gone = ""

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.got.append((dict(request.headers), await request.read()))
        self.paths.append(request.path)
        status, headers = 410 if request.path == self.gone else 204, dict[str, str]()
        if self.answers:
            answer = self.answers.pop(0)
            if answer is None:
                assert request.transport is not None
                request.transport.close()
                return web.Response()
            status, headers = answer
        return web.Response(status=status, headers=headers)


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A server on this machine."""
    made = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield made
    await runner.cleanup()


async def send(
    receiver: Receiver, *notices: Any, clock: Any = None, kind: str = "webhook", **secrets: str
) -> None:
    """Through a channel of its own."""
    secrets = secrets or {"FACEMON_WEBHOOK_SECRET": SECRET}
    options = {"url": receiver.url} if kind == "webhook" else {}
    made = channel(config(kind, options, **secrets), clock or SystemClock())
    try:
        for told in notices:
            await made.send(told)
    finally:
        await made.close()


async def test_a_signature_verifies_with_the_receivers_library(receiver: Receiver) -> None:
    """Every kind of event; the body that is verified is the one that is read."""
    await send(receiver, *(notice(event.kind) for event in EVENTS))
    told = [Webhook(SECRET).verify(body, headers) for headers, body in receiver.got]
    assert [each["type"] for each in told] == [f"incident.{event.kind}" for event in EVENTS]
    assert told == [json.loads(body) for _, body in receiver.got]


async def test_what_was_changed_on_the_way_does_not_verify(receiver: Receiver) -> None:
    """Another body, another id, another moment, another secret."""
    await send(receiver, notice())
    ((headers, body),) = receiver.got
    lower = {name.lower(): value for name, value in headers.items()}
    forged = [
        (lower, body.replace(b"degraded", b"up")),
        ({**lower, "webhook-id": "another"}, body),
        ({**lower, "webhook-timestamp": str(int(lower["webhook-timestamp"]) + 1)}, body),
    ]
    for told, content in forged:
        with pytest.raises(WebhookVerificationError, match="No matching signature"):
            Webhook(SECRET).verify(content, told)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + base64.b64encode(b"x" * 24).decode()).verify(body, lower)


async def test_a_message_that_was_kept_for_an_hour_is_signed_anew(receiver: Receiver) -> None:
    """A receiver refuses what is older than five minutes: the moment is that of the try, the id that of the message."""
    now = datetime.now().astimezone()
    clock = ManualClock(now - timedelta(hours=1))
    receiver.answers = [(503, {"Retry-After": "3600"})]
    with pytest.raises(DeliveryFailed) as raised:
        await send(receiver, notice(), clock=clock)
    assert raised.value.retry_after == 3600
    clock.advance(3600)
    await send(receiver, notice(), clock=clock)
    first, second = receiver.got
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(SECRET).verify(first[1], first[0])
    Webhook(SECRET).verify(second[1], second[0])
    assert first[0]["webhook-id"] == second[0]["webhook-id"] and first[1] == second[1]


async def test_an_answer_that_was_lost_is_repeated_with_the_same_id(receiver: Receiver) -> None:
    """The receiver has it and the connection breaks: the next try is recognised."""
    receiver.answers = [None]
    with pytest.raises(DeliveryFailed, match=r"127\.0\.0\.1 cannot be reached"):
        await send(receiver, notice())
    await send(receiver, notice())
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1 < len(receiver.got)


async def test_no_redirect_is_followed(receiver: Receiver) -> None:
    """Neither the message nor its signature goes where the file does not say; it is told once the file is mended."""
    receiver.answers = [(307, {"Location": "/elsewhere"})]
    with pytest.raises(
        DeliveryFailed, match=r"answered 307 \(a redirect, which is not followed: see"
    ) as raised:
        await send(receiver, notice())
    assert receiver.paths == ["/hook"] and raised.value.retry_after == 900


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_receiver_that_is_being_moved_loses_no_alert(receiver: Receiver, status: int) -> None:
    """Not there, or with another secret, at the first try: the same message arrives at a later one."""
    receiver.answers = [(status, {})]
    with pytest.raises(DeliveryFailed):
        await send(receiver, notice())
    await send(receiver, notice())
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1 < len(receiver.got)


async def test_a_message_that_is_not_accepted_is_refused(receiver: Receiver) -> None:
    """422 is about the message: it would be the same next time."""
    receiver.answers = [(422, {})]
    with pytest.raises(DeliveryRefused, match="answered 422"):
        await send(receiver, notice())


async def test_a_receiver_that_is_down_is_tried_again() -> None:
    """Nobody listens on the port."""
    nobody = Receiver()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody.url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(DeliveryFailed, match="cannot be reached: ConnectError"):
            await send(nobody, notice())


async def test_apprise_with_a_dead_address_tells_the_good_one_once(receiver: Receiver) -> None:
    """The real package: one of two addresses answers 410. At the third try the message counts as sent."""
    host = receiver.url.removeprefix("http://").removesuffix("/hook")
    receiver.gone = "/dead"
    addresses = {"FACEMON_APPRISE_URLS": f"json://{host}/good json://{host}/dead"}
    made = channel(config("apprise", {}, **addresses), SystemClock())
    for attempts in range(2):
        with pytest.raises(DeliveryFailed, match="address 2 of"):
            await made.send(again(notice(), attempts))
    receipt = await made.send(again(notice(), 2))
    await made.close()
    assert "1 of 2 have it" in receipt
    assert sorted(receiver.paths) == ["/dead"] * 3 + ["/good"]


def again(told: Notice, attempts: int) -> Notice:
    """The same message after so many tries."""
    return replace(told, message=replace(told.message, attempts=attempts))


async def test_apprise_tells_and_its_address_is_in_no_log(
    receiver: Receiver, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """The real package, to an address with a password: it arrives, then is refused; nothing shows the password."""
    caplog.set_level(logging.DEBUG)
    host = receiver.url.removeprefix("http://").removesuffix("/hook")
    address = {"FACEMON_APPRISE_URLS": f"json://me:{CANARY}@{host}/{CANARY}"}
    await send(receiver, notice(EventKind.ESCALATED), kind="apprise", **address)
    ((_, body),) = receiver.got
    told = json.loads(body)
    assert told["title"] == "🛑 availability is down: timeout" and told["type"] == "failure"
    assert "message 0199c0de-2222-7000-8000-000000000002" in told["message"]
    assert receiver.paths == [f"/{CANARY}"]
    receiver.answers = [(500, {})]
    with pytest.raises(DeliveryFailed, match="address 1 of FACEMON_APPRISE_URLS") as raised:
        await send(receiver, notice(), kind="apprise", **address)
    ours = [record for record in caplog.records if record.name != "aiohttp.access"]  # that is the receiver's
    assert {"apprise", "urllib3.connectionpool"} <= {record.name for record in ours}
    seen = "\n".join([str(raised.value), *(record.getMessage() for record in ours), *capfd.readouterr()])
    assert [CANARY[i : i + 8] for i in range(len(CANARY) - 7) if CANARY[i : i + 8] in seen] == []
