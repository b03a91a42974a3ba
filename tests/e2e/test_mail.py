"""Alerts arrive in a real mail server, encrypted and logged in; nothing arrives where that is not possible."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import re
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mail_server import USER, MailServer, certificate
from PIL import Image

from facemon.alerting.channels import channel, email
from facemon.alerting.channels.base import Channel
from facemon.alerting.channels.email import Email
from facemon.alerting.dispatcher import Dispatched, Patience, dispatch
from facemon.clock import Clock, ManualClock, SystemClock
from facemon.errors import DeliveryFailed, DeliveryRefused
from facemon.incident import EventKind, Message, Picture
from facemon.store import IncidentStore
from facemon.store.incidents import Changes

sys.path.append(str(Path(__file__).parents[1] / "alerting"))
from notices import alert, config, notice

pytestmark = pytest.mark.e2e

CANARY = "Zq7Xw2Vr9Tk4Mn8Bp3Hd6Jf1"


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A certificate's file, and a server's context with it."""
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def trusted(certified: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process trusts the certificate, as a user would have it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certified[0]))


@pytest.fixture
def server(certified: Any, request: pytest.FixtureRequest) -> Iterator[MailServer]:
    """With STARTTLS, unless a test asks for another."""
    with MailServer(getattr(request, "param", "starttls"), certified[1], CANARY) as running:
        yield running


def opened(server: Any, password: str = CANARY, clock: Clock | None = None, **options: Any) -> Channel:
    """A channel that mails to two people."""
    table = {"to": ["Ada <ada@example.com>", "bob@example.com"], "from": "facemon <facemon@example.com>"}
    table |= {"server": server.address, **options}
    secrets = {"FACEMON_SMTP_USER": USER, "FACEMON_SMTP_PASSWORD": password}
    return channel(config("email", table, **secrets), clock or ManualClock())


async def send(server: Any, told: Any, password: str = CANARY, **options: Any) -> str:
    """Through a channel of its own."""
    made = opened(server, password, **options)
    try:
        return await made.send(told)
    finally:
        await made.close()


def leaks(text: str) -> list[str]:
    """Pieces of eight characters of the password that a text shows."""
    return [piece for piece in (CANARY[i : i + 8] for i in range(len(CANARY) - 7)) if piece in text]


def png() -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(("server", "tls"), [("starttls", "starttls"), ("tls", "tls")], indirect=["server"])
async def test_a_mail_arrives_as_text_and_html_with_its_pictures(
    server: MailServer, tls: str, trusted: None
) -> None:
    """Encrypted, logged in, to everybody; every picture that the HTML shows is in the mail, and is a picture."""
    told = notice(EventKind.RECOVERED)
    receipt = await send(server, replace(told, pictures=(Picture("mean.png", png(), "a mean"),)), tls=tls)
    ((recipients, mail),) = server.mails
    assert server.offered == [CANARY]
    assert recipients == ["ada@example.com", "bob@example.com"] and mail["Message-ID"] == receipt
    assert mail["Subject"] == "✅ availability is up again after 2 hours 5 minutes"
    assert mail["From"] == "facemon <facemon@example.com>"
    assert mail.get_content_type() == "multipart/alternative"
    text, related = mail.iter_parts()
    assert text.get_content_type() == "text/plain" and related.get_content_type() == "multipart/related"
    assert "91.2% (86.0% to 94.9%, 9 of 102 failed)" in text.get_content()
    html, *pictures = related.iter_parts()
    shown = re.findall(r'src="cid:([^"]+)"', html.get_content())
    assert [f"<{cid}>" for cid in shown] == [part["Content-ID"] for part in pictures] and len(shown) == 2
    for part in pictures:
        assert part.get_content_type() == "image/png" and part.get_content_disposition() == "inline"
        Image.open(io.BytesIO(part.get_content())).verify()
    assert max(len(each) for each in server.raw[0].split(b"\r\n")) <= 998  # RFC 5322, 2.1.1
    assert server.raw[0].isascii()


async def test_a_repeat_is_the_same_mail(server: MailServer, trusted: None) -> None:
    """The server says 451 after it has the mail, as one does that is asked again later: same id at the next try."""
    server.answers = ["451 4.3.0 try again", "250 OK", "250 OK"]
    with pytest.raises(DeliveryFailed, match=r"localhost:\d+ said 451"):
        await send(server, notice())
    receipts = [await send(server, notice()), await send(server, notice())]
    assert receipts[0] == receipts[1]
    assert [mail["Message-ID"] for _, mail in server.mails] == receipts
    assert "0199c0de-2222-7000-8000-000000000001" in receipts[0]


async def test_an_incident_is_one_thread(server: MailServer, trusted: None) -> None:
    """Opened, worse, up again: each replies to the one before."""
    receipts: tuple[str, ...] = ()
    for kind in (EventKind.OPENED, EventKind.ESCALATED, EventKind.RECOVERED):
        receipts += (await send(server, replace(notice(kind), receipts=receipts)),)
    assert [mail["In-Reply-To"] for _, mail in server.mails] == [None, *receipts[:2]]
    assert server.mails[2][1]["References"] == " ".join(receipts[:2])


async def test_a_wrong_password_is_refused_and_shown_nowhere(
    server: MailServer, trusted: None, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """535 may be mended, so that the message stays; the server repeats the password, and neither error, traceback, log
    nor output does.
    """
    caplog.set_level(logging.DEBUG)
    wrong = CANARY[::-1]
    with pytest.raises(DeliveryFailed, match="did not accept the login") as raised:
        await send(server, notice(), wrong)
    assert raised.value.retry_after == 900
    assert set(server.offered) == {wrong}  # smtplib tries each way of logging in
    logged = [
        record.getMessage() for record in caplog.records if record.name != "mail.log"
    ]  # the server's own
    seen, chain = [*logged, *capfd.readouterr()], [raised.value]
    while chain[-1].__context__ is not None:
        chain.append(chain[-1].__context__)  # type: ignore[arg-type]
    for error in chain:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if "facemon/" in frame.f_code.co_filename or "smtplib" in frame.f_code.co_filename:
                seen += [
                    repr(frame.f_locals),
                    *(repr(vars(v)) for v in frame.f_locals.values() if hasattr(v, "__dict__")),
                ]
    assert len(seen) > 3
    mirrored = [piece[::-1] for piece in leaks("\n".join(seen)[::-1])]
    assert mirrored == [] and server.mails == []


async def test_a_certificate_nobody_vouches_for_gets_no_password(server: MailServer) -> None:
    """Not trusted: nothing is sent, neither login nor mail; it may be mended, so that the message stays."""
    with pytest.raises(DeliveryFailed, match="SSLCertVerificationError: self-signed certificate"):
        await send(server, notice())
    assert server.offered == [] and server.mails == []


async def test_a_certificate_of_another_gets_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name in the certificate is that of the server that was asked for."""
    public, context = certificate(tmp_path, "elsewhere.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    mismatch = pytest.raises(DeliveryFailed, match="SSLCertVerificationError: Hostname mismatch")
    with MailServer("starttls", context, CANARY) as server, mismatch:
        await send(server, notice())
    assert server.offered == [] and server.mails == []


@pytest.mark.parametrize("server", ["none"], indirect=True)
async def test_a_server_that_cannot_encrypt_gets_nothing(server: MailServer, trusted: None) -> None:
    """STARTTLS is no wish: without it there is no login and no mail, until somebody has mended the server."""
    with pytest.raises(DeliveryFailed, match="STARTTLS extension not supported"):
        await send(server, notice())
    assert server.offered == [] and server.mails == []


@pytest.mark.parametrize("server", ["none"], indirect=True)
async def test_a_relay_on_this_machine_needs_neither(server: MailServer) -> None:
    """`tls = "none"` on the loopback, without a login."""
    await send(server, notice(), tls="none")
    assert len(server.mails) == 1 and server.offered == []


async def test_who_is_refused_is_said_and_the_others_get_it(
    server: MailServer, trusted: None, caplog: pytest.LogCaptureFixture
) -> None:
    """One address is unknown to the server: the other has the mail, and the receipt says who has not."""
    server.refused = {"bob@example.com": "550 5.1.1 no such user"}
    receipt = await send(server, notice())
    assert receipt.endswith("> to 1 of 2, not to bob@example.com (550 5.1.1 no such user)")
    assert "bob@" in caplog.text
    assert server.mails[0][0] == ["ada@example.com"]


async def test_who_is_refused_for_now_gets_it_at_the_next_try(server: MailServer, trusted: None) -> None:
    """Greylisted: the next try of this process goes to that one alone, and is the same mail."""
    server.refused = {"bob@example.com": "450 4.2.0 greylisted"}
    made = opened(server)
    with pytest.raises(DeliveryFailed, match="to 1 of 2, not to bob"):
        await made.send(notice())
    server.refused = {}
    receipt = await made.send(notice())
    await made.close()
    assert [recipients for recipients, _ in server.mails] == [["ada@example.com"], ["bob@example.com"]]
    assert [mail["Message-ID"] for _, mail in server.mails] == [receipt] * 2


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        (("550 5.1.1 no such user", "550 5.1.1 no such user"), DeliveryRefused),
        (("450 4.2.1 greylisted", "550 5.1.1 no such user"), DeliveryFailed),
    ],
)
async def test_refused_for_everybody(
    server: MailServer, trusted: None, answers: tuple[str, str], kind: type[Exception]
) -> None:
    """For ever only if every answer is for ever."""
    server.refused = dict(zip(("ada@example.com", "bob@example.com"), answers, strict=True))
    with pytest.raises(kind, match=r"takes mail for nobody: ada@example\.com"):
        await send(server, notice())
    assert server.mails == []


async def test_a_mail_that_is_refused_stays_refused(server: MailServer, trusted: None) -> None:
    """554 after DATA."""
    server.answers = ["554 5.7.1 looks like spam"]
    with pytest.raises(DeliveryRefused, match=r"said 554 5\.7\.1 looks like spam"):
        await send(server, notice())


async def test_a_server_that_is_down_is_tried_again(certified: Any, trusted: None) -> None:
    """Nobody listens: DeliveryFailed; once somebody does, the mail arrives."""
    server = MailServer("starttls", certified[1], CANARY)
    with pytest.raises(DeliveryFailed, match="cannot be reached: ConnectionRefusedError"):
        await send(server, notice())
    with server:
        await send(server, notice())
    assert len(server.mails) == 1


# --- servers that take their time ---


class SlowServer:
    """Speaks as much SMTP as is needed. before: called with a command, such as `RCPT` or, once a mail has come, `.`,
    before it is answered; a text is the answer, None the usual one · heard: commands · over: a session has ended.
    """

    def __init__(self, before: Callable[[str], str | None]) -> None:
        self.before, self.heard, self.delivered = before, list[str](), 0
        self.over = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> SlowServer:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            gone = contextlib.suppress(OSError, ValueError)  # whoever has left reads no answer
            with gone, connection, connection.makefile("rwb") as stream:
                self._talk(stream)
            self.over.set()

    def _talk(self, stream: Any) -> None:
        def say(answer: str) -> None:
            stream.write(f"{answer}\r\n".encode())
            stream.flush()

        say(self.before("") or "220 ready")
        for line in iter(stream.readline, b""):
            verb = line[:4].strip().upper().decode()
            self.heard.append(verb)
            say(self.before(verb) or {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 OK"))
            if verb == "DATA":
                while (part := stream.readline()) != b".\r\n":
                    if not part:
                        return
                answer = self.before(".")
                self.delivered += 1
                say(answer or "250 OK")


LOCAL = {"tls": "none", "login": False}


@pytest.mark.parametrize(("seconds", "delivered"), [(44, 1), (46, 0)])
async def test_no_mail_is_handed_over_when_less_than_half_of_the_time_is_left(
    seconds: float, delivered: int
) -> None:
    """Of 90 seconds 44 went by before it: the mail arrives. After 46 it is not even begun, so that no server delivers
    what is then sent again.
    """
    clock = ManualClock()

    def before(verb: str) -> None:
        if verb == "MAIL":
            clock.advance(seconds)

    with SlowServer(before) as server:
        made = opened(server, clock=clock, **LOCAL)
        if delivered:
            await made.send(notice())
        else:
            with pytest.raises(DeliveryFailed, match=r"is too slow: too little time was left"):
                await made.send(notice())
        server.over.wait(10)
    assert server.delivered == delivered and ("DATA" in server.heard) is bool(delivered)


async def test_a_try_that_was_given_up_delivers_nothing() -> None:
    """The dispatcher has turned away while a recipient was being looked at: once the server answers, the session ends
    instead of handing the mail over.
    """
    reached, go_on = threading.Event(), threading.Event()

    def before(verb: str) -> None:
        if verb == "RCPT":
            reached.set()
            go_on.wait(10)

    with SlowServer(before) as server:
        task = asyncio.create_task(opened(server, **LOCAL).send(notice()))
        await asyncio.to_thread(reached.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()
        assert await asyncio.to_thread(server.over.wait, 10)
    assert server.heard[-1] == "RCPT" and server.delivered == 0


async def test_a_mail_that_was_acknowledged_after_the_try_was_given_up_is_not_sent_again() -> None:
    """The server has it and says so too late: this process knows, and the next try asks nobody."""
    reached, go_on = threading.Event(), threading.Event()

    def before(verb: str) -> None:
        if verb == ".":
            reached.set()
            go_on.wait(10)

    with SlowServer(before) as server:
        made = opened(server, **LOCAL)
        task = asyncio.create_task(made.send(notice()))
        await asyncio.to_thread(reached.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()
        assert await asyncio.to_thread(server.over.wait, 10)
        assert "0199c0de-2222-7000-8000-000000000001" in await made.send(notice())
    assert server.delivered == 1


@pytest.mark.parametrize("answer", ["421 too busy to say good-bye", "500 what?", None])
async def test_a_farewell_that_goes_wrong_is_no_failure(answer: str | None) -> None:
    """The mail was taken: whatever the server says of QUIT, or if it hangs up, it is not sent again."""

    def before(verb: str) -> str | None:
        if verb == "QUIT" and answer is None:
            raise ConnectionError
        return answer if verb == "QUIT" else None

    with SlowServer(before) as server:
        await send(server, notice(), **LOCAL)
    assert server.delivered == 1


async def dispatched(server: SlowServer, folder: Path, patience: Patience) -> tuple[Dispatched, str]:
    """One message to the server by the dispatcher, once; what became of it, and of what it complains."""
    clock, event = SystemClock(), alert().event
    message = Message("0199c0de-2222-7000-8000-00000000000a", event.id, "mail", clock.now())
    async with await IncidentStore.open(folder / "facemon.db") as store:
        await store.change(lambda _: Changes(events=(event,), messages=(message,)))
        channels = {"mail": opened(server, clock=clock, **LOCAL)}
        ended = await dispatch(store, channels, clock, owner="me", patience=patience)
        return ended, (await store.messages())[0].last_error


async def test_a_slow_server_gets_a_mail_once(tmp_path: Path) -> None:
    """It takes longer than the dispatcher waits for other channels: mail is waited for, and counts as sent."""
    everybody_else = 0.01
    pause = threading.Event()

    def before(verb: str) -> None:
        pause.wait(3 * everybody_else)

    with SlowServer(before) as server:
        ended, error = await dispatched(server, tmp_path, Patience(send=everybody_else))
    assert (ended, error, server.delivered) == (Dispatched(1, 0, 0), "", 1)


async def test_a_server_that_never_answers_ends_the_session_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With half a second for the session instead of ninety: it ends before the dispatcher turns away, so that no thread
    goes on behind its back.
    """
    monkeypatch.setattr(Email, "patience", 5.0)
    monkeypatch.setattr(email, "_OF_PATIENCE", 0.1)
    never = threading.Event()

    def before(verb: str) -> None:
        if verb == "RCPT":
            never.wait(10)

    with SlowServer(before) as server:
        try:
            ended, error = await dispatched(server, tmp_path, Patience())
        finally:
            never.set()
    assert ended == Dispatched(0, 0, 1) and "cannot be reached: SMTPServerDisconnected" in error
    assert server.delivered == 0
