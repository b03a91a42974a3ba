"""Alerts arrive in a real mail server, encrypted and logged in; nothing arrives where that is not possible."""

from __future__ import annotations

import io
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mail_server import USER, MailServer, certificate
from PIL import Image

from facemon.alerting.channels import channel
from facemon.clock import ManualClock
from facemon.errors import DeliveryFailed, DeliveryRefused
from facemon.incident import EventKind, Picture

sys.path.append(str(Path(__file__).parents[1] / "alerting"))
from notices import config, notice

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


async def send(server: MailServer, told: Any, password: str = CANARY, **options: Any) -> str:
    """Through a channel of its own."""
    table = {"to": ["Ada <ada@example.com>", "bob@example.com"], "from": "facemon <facemon@example.com>"}
    table |= {"server": server.address, **options}
    secrets = {"FACEMON_SMTP_USER": USER, "FACEMON_SMTP_PASSWORD": password}
    made = channel(config("email", table, **secrets), ManualClock())
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
    """535 is for ever; the server repeats the password, and neither error, traceback, log nor output does."""
    caplog.set_level(logging.DEBUG)
    wrong = CANARY[::-1]
    with pytest.raises(DeliveryRefused, match="did not accept the login") as raised:
        await send(server, notice(), wrong)
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
    """STARTTLS is no wish: without it there is no login and no mail."""
    with pytest.raises(DeliveryRefused, match="STARTTLS extension not supported"):
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
    assert receipt.endswith("> not to bob@example.com (550 5.1.1 no such user)") and "bob@" in caplog.text
    assert server.mails[0][0] == ["ada@example.com"]


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
